/* Statements: runs bodies, writes to run->out. */
#include "template/evaluation.h"
#include "template/literal.h"

static bool
text_execute(struct evaluation *run, const struct node *node)
{
	return output_add_text(run, node->name);
}

/* None prints as nothing: Ansible finalizes every output so. */
static bool
output_execute(struct evaluation *run, const struct node *node)
{
	const struct value *value;

	if (!evaluate(run, node->left, &value))
		return false;
	if (value->type == VALUE_NONE && (run->is_text || !run->session->env->is_native))
		value = &value_empty_string;
	return output_add_value(run, value) || run_where(run, node->left);
}

static bool
if_execute(struct evaluation *run, const struct node *node)
{
	bool is_true;

	for (; node && node->kind == NODE_IF; node = node->other) {
		if (!evaluate_truth(run, node->left, &is_true))
			return false;
		if (is_true)
			return execute(run, node->right);
	}
	return !node || execute(run, node);
}

/* ---- assignment ---- */

static bool
tuple_assign(struct evaluation *run, const struct node *target, const struct value *value)
{
	if (!value_defined(run, value) || !value_iterate(run, value, &value))
		return false;
	if (value->list.count > target->count)
		return run_fail(
			run, ERR_TYPE, "too many values to unpack (expected %u)", target->count);
	if (value->list.count < target->count)
		return run_fail(run, ERR_TYPE, "not enough values to unpack (expected %u, got %u)",
			target->count, value->list.count);
	for (uint32_t i = 0; i < target->count; i++)
		if (!assign(run, target->items[i], value->list.items[i]))
			return false;
	return true;
}

static bool
attribute_assign(struct evaluation *run, const struct node *target, const struct value *value)
{
	const struct value *object;
	struct value *names;

	if (!evaluate(run, target->left, &object))
		return false;
	names = namespace_names(object);
	if (!names || target->kind != NODE_ATTRIBUTE)
		return run_fail(run, ERR_TYPE, "cannot assign attribute on non-namespace object");
	value_set_key(
		run->session->into, names, value_view(run->session->into, target->name), value);
	return true;
}

bool
assign(struct evaluation *run, const struct node *target, const struct value *value)
{
	bool ok = true;

	if (target->kind == NODE_TUPLE)
		ok = tuple_assign(run, target, value);
	else if (target->kind == NODE_NAME)
		frame_set(run, run->frame, target->name, value);
	else
		ok = attribute_assign(run, target, value);
	return ok || run_where(run, target);
}

static bool
set_execute(struct evaluation *run, const struct node *node)
{
	const struct value *value;

	return evaluate(run, node->right, &value) && assign(run, node->left, value);
}

bool
capture(struct evaluation *run, const struct node *body, struct frame *frame,
	const struct value **out)
{
	struct frame *frame_before = run->frame;
	struct output *out_before = run->out, output;
	bool ok;

	output_init(&output);
	run->out = &output;
	run->frame = frame;
	ok = execute(run, body);
	run->frame = frame_before;
	run->out = out_before;
	if (ok)
		*out = output_concat(run, &output);
	output_release(&output);
	return ok;
}

/* The text goes into the filters under a name no template can write. */
static bool
filtered(struct evaluation *run, const struct node *filters, const struct value *text,
	const struct value **out)
{
	struct frame *before = run->frame;
	bool ok;

	*out = text;
	if (!filters)
		return true;
	run->frame = frame_new(run, before);
	frame_set(run, run->frame, VIEW(" text"), text);
	ok = evaluate(run, filters, out);
	run->frame = before;
	return ok;
}

static bool
set_block_execute(struct evaluation *run, const struct node *node)
{
	const struct value *text;

	return capture(run, node->right, frame_new(run, run->frame), &text) &&
	       filtered(run, node->other, text, &text) && assign(run, node->left, text);
}

static bool
filter_block_execute(struct evaluation *run, const struct node *node)
{
	const struct value *text;

	return capture(run, node->right, frame_new(run, run->frame), &text) &&
	       filtered(run, node->left, text, &text) && output_add_value(run, text);
}

static bool
with_execute(struct evaluation *run, const struct node *node)
{
	struct frame *before = run->frame, *inner = frame_new(run, before);
	const struct value *value;
	bool ok = true;

	for (uint32_t i = 0; ok && i < node->count; i += 2) {
		ok = evaluate(run, node->items[i + 1], &value);
		if (ok)
			frame_set(run, inner, node->items[i]->name, value);
	}
	run->frame = inner;
	ok = ok && execute(run, node->right);
	run->frame = before;
	return ok;
}

/* ---- for ---- */

enum { FOR_TARGET, FOR_ITEMS, FOR_FILTER, FOR_BODY, FOR_ELSE };

/* The items that pass `for … if`; the test sees the loop's target, not the loop. */
static bool
items_select(struct evaluation *run, const struct node *node, const struct value **items)
{
	struct value *kept = value_list(run->session->into);
	struct frame *before = run->frame;
	bool ok = true, is_true;

	VALUE_EACH (item, *items) {
		if (!ok)
			break;
		run->frame = frame_new(run, before);
		ok = assign(run, node->items[FOR_TARGET], item) &&
		     evaluate_truth(run, node->items[FOR_FILTER], &is_true);
		if (ok && is_true)
			value_add(run->session->into, kept, item);
	}
	run->frame = before;
	*items = kept;
	return ok;
}

static bool
round_run(struct evaluation *run, const struct node *node, struct frame *outer,
	const struct value *item, const struct value *loop)
{
	run->frame = frame_new(run, outer);
	frame_set(run, run->frame, VIEW("loop"), loop);
	return run_step(run) && assign(run, node->items[FOR_TARGET], item) &&
	       execute(run, node->items[FOR_BODY]);
}

bool
for_run(struct evaluation *run, const struct node *node, const struct value *items, int depth)
{
	struct frame *outer = run->frame;
	const struct value *shown;
	struct loop *loop;
	bool ok = true;

	if (!value_defined(run, items) || !value_iterate(run, items, &items) ||
		(node->items[FOR_FILTER] && !items_select(run, node, &items)))
		return false;
	loop = loop_object_new(run, node, items, depth);
	shown = loop_value(run, loop);
	for (uint32_t i = 0; ok && i < items->list.count; i++) {
		loop_set(loop, i);
		ok = round_run(run, node, outer, items->list.items[i], shown);
		if (run->jump == JUMP_BREAK)
			break;
		run->jump = JUMP_NONE;
	}
	run->jump = JUMP_NONE;
	run->frame = outer;
	if (ok && !items->list.count && node->items[FOR_ELSE])
		ok = execute(run, node->items[FOR_ELSE]);
	return ok;
}

static bool
for_execute(struct evaluation *run, const struct node *node)
{
	const struct value *items;

	return evaluate(run, node->items[FOR_ITEMS], &items) &&
	       (for_run(run, node, items, 0) || run_where(run, node->items[FOR_ITEMS]));
}

/* ---- macros, blocks, other templates ---- */

static bool
macro_execute(struct evaluation *run, const struct node *node)
{
	frame_set(run, run->frame, node->name, macro_new(run, node));
	return true;
}

static bool
call_block_execute(struct evaluation *run, const struct node *node)
{
	const struct value *callee, *result;
	struct call_args args;

	return evaluate(run, node->left->left, &callee) &&
	       evaluate_arguments(run, node->left, &args) &&
	       (macro_call_with(run, callee, &args, macro_new(run, node->right), &result) ||
		       run_where(run, node->left)) &&
	       output_add_value(run, result);
}

static bool
block_execute(struct evaluation *run, const struct node *node)
{
	const struct value *known = value_get_view(run->blocks, node->name);

	if (run->extends && run->frame == run->top)
		return true; /* the parent places it */
	if (!known)
		BUG("block '%.*s' is not listed", (int)node->name.length, node->name.data);
	/* A scoped one sees the names around it, the others only those of the template. */
	/* cppcheck-suppress nullPointerRedundantCheck ; BUG() does not return */
	return block_run(run, known->object.self, node->is_set ? run->frame : run->top);
}

static bool
extends_execute(struct evaluation *run, const struct node *node)
{
	const struct value *name;

	if (run->extends)
		return run_fail(run, ERR_PARSE, "extended multiple times");
	if (!evaluate(run, node->left, &name) || !value_defined(run, name))
		return false;
	return template_load(run, value_to_text(run->session->into, name), &run->extends) ||
	       run_where(run, node);
}

/* A template of its own within this session; `frame` is what it sees of ours. */
static struct evaluation *
inner_new(struct evaluation *run, const struct template *template, struct frame *frame,
	bool has_context)
{
	struct evaluation *inner = arena_new(run->session->into, struct evaluation);

	inner->session = run->session;
	inner->template = template;
	inner->out = run->out;
	inner->is_text = run->is_text;
	inner->is_alone = !has_context || run->is_alone;
	inner->frame = inner->top = frame_new(inner, has_context ? frame : NULL);
	return inner;
}

static bool
load_first(struct evaluation *run, const struct node *node, const struct template **out)
{
	const struct value *names;
	struct value *list;

	if (!evaluate(run, node->left, &names) || !value_defined(run, names))
		return false;
	if (names->type != VALUE_LIST) {
		list = value_list(run->session->into);
		value_add(run->session->into, list, names);
		names = list;
	}
	if (!names->list.count)
		return run_fail(run, ERR_MISSING, "no template named to include");
	VALUE_EACH (name, names) {
		if (template_load(run, value_to_text(run->session->into, name), out))
			return true;
		if (run->session->err->kind != ERR_MISSING)
			return false;
	}
	return false;
}

static bool
include_execute(struct evaluation *run, const struct node *node)
{
	const struct template *template;

	if (!load_first(run, node, &template)) {
		if (!node->is_set || run->session->err->kind != ERR_MISSING)
			return run_where(run, node);
		error_clear(run->session->err);
		return true;
	}
	return render(inner_new(run, template, run->frame, node->has_context), template);
}

/* Runs the template for its names; its text is what str(module) gives. */
static bool
module_load(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct template *template;
	struct evaluation *inner;
	struct output output;
	bool ok;

	if (!load_first(run, node, &template))
		return run_where(run, node);
	inner = inner_new(run, template, run->frame, node->has_context);
	output_init(&output);
	inner->out = &output;
	ok = render(inner, template);
	if (ok)
		*out = module_new(
			run, inner->top, value_view(run->session->into, str_view(&output.text)));
	output_release(&output);
	inner->out = NULL;
	return ok;
}

static bool
import_execute(struct evaluation *run, const struct node *node)
{
	const struct value *module;

	if (!module_load(run, node, &module))
		return false;
	frame_set(run, run->frame, node->name, module);
	return true;
}

static bool
from_execute(struct evaluation *run, const struct node *node)
{
	const struct value *module, *value;

	if (!module_load(run, node, &module))
		return false;
	for (uint32_t i = 0; i < node->count; i++) {
		const struct node *item = node->items[i];

		if (!attribute_get(run, module, item->name, &value))
			return false;
		if (value->type == VALUE_UNDEFINED)
			value = undefined_new(run->session->into,
				"the imported template does not export the requested name '%.*s'",
				(int)item->name.length, item->name.data);
		frame_set(run, run->frame, item->right->name, value);
	}
	return true;
}

static bool
do_execute(struct evaluation *run, const struct node *node)
{
	const struct value *ignored;

	return evaluate(run, node->left, &ignored);
}

static bool
jump_execute(struct evaluation *run, const struct node *node)
{
	run->jump = node->kind == NODE_BREAK ? JUMP_BREAK : JUMP_CONTINUE;
	return true;
}

typedef bool execute_function(struct evaluation *run, const struct node *node);

static execute_function *const kinds[] = {
	[NODE_TEXT] = text_execute,
	[NODE_OUTPUT] = output_execute,
	[NODE_BODY] = execute,
	[NODE_IF] = if_execute,
	[NODE_FOR] = for_execute,
	[NODE_SET] = set_execute,
	[NODE_SET_BLOCK] = set_block_execute,
	[NODE_MACRO] = macro_execute,
	[NODE_CALL_BLOCK] = call_block_execute,
	[NODE_FILTER_BLOCK] = filter_block_execute,
	[NODE_WITH] = with_execute,
	[NODE_BLOCK] = block_execute,
	[NODE_EXTENDS] = extends_execute,
	[NODE_INCLUDE] = include_execute,
	[NODE_IMPORT] = import_execute,
	[NODE_FROM] = from_execute,
	[NODE_DO] = do_execute,
	[NODE_BREAK] = jump_execute,
	[NODE_CONTINUE] = jump_execute,
};

/* Behind {% extends %} what stands outside of blocks is run, for its set and macro, but not
 * written. */
static bool
is_silent(const struct evaluation *run, const struct node *node)
{
	return run->extends && run->frame == run->top &&
	       (node->kind == NODE_TEXT || node->kind == NODE_OUTPUT);
}

bool
execute(struct evaluation *run, const struct node *body)
{
	bool ok = true;

	if (body->kind != NODE_BODY)
		return kinds[body->kind](run, body);
	run->session->depth++;
	ok = run_step(run);
	for (uint32_t i = 0; ok && i < body->count && run->jump == JUMP_NONE; i++)
		if (!is_silent(run, body->items[i]))
			ok = kinds[body->items[i]->kind](run, body->items[i]) ||
			     run_where(run, body->items[i]);
	run->session->depth--;
	return ok;
}

/* The child's blocks were entered first; those of the parents become what super() gives. */
static void
blocks_enter(struct evaluation *run, const struct template *template)
{
	for (uint32_t i = 0; i < template->block_count; i++) {
		const struct node *block = template->blocks[i];
		struct block_level *level = arena_new(run->session->into, struct block_level),
				   *last;
		const struct value *known = value_get_view(run->blocks, block->name);

		level->block = block;
		level->template = template;
		if (!known) {
			value_set_key(run->session->into, run->blocks,
				value_view(run->session->into, block->name),
				value_object(run->session->into, &block_level_class, level));
			continue;
		}
		for (last = known->object.self; last->parent; last = last->parent)
			;
		last->parent = level;
	}
}

bool
render(struct evaluation *run, const struct template *template)
{
	int parents = 0;

	if (!run->blocks)
		run->blocks = value_map(run->session->into);
	while (template) {
		if (parents++ > 50)
			return run_fail(
				run, ERR_LIMIT, "templates extend each other without an end");
		run->template = template;
		run->extends = NULL;
		blocks_enter(run, template);
		if (!execute(run, template->body))
			return false;
		template = run->extends;
	}
	return true;
}
