/* The objects templates themselves make: macros, loop, namespaces, bound methods, modules, blocks.
 */
#include "template/evaluation.h"
#include "template/literal.h"

static bool
key_is(const struct value *key, const char *name)
{
	return value_is_string(key) && view_is(value_string_view(key), name);
}

/* ---- macros ---- */

struct macro {
	struct evaluation *home;
	const struct template *template;
	const struct node *node;
	struct frame *frame; /* where it was defined */
};

static bool
macro_bind_one(struct macro *macro, const struct node *param, const struct call_args *args,
	size_t index, struct frame *frame)
{
	struct evaluation *run = macro->home;
	const struct value *value = NULL;
	struct frame *before = run->frame;
	bool ok = true;

	if (index < args->positional_count)
		value = args->positional[index];
	else if (args->named)
		value = value_get_view(args->named, param->name);
	if (!value && param->left) {
		run->frame = frame;
		ok = evaluate(run, param->left, &value);
		run->frame = before;
	} else if (!value) {
		value = undefined_new(run->session->into, "parameter '%.*s' was not provided",
			(int)param->name.length, param->name.data);
	}
	if (ok)
		frame_set(run, frame, param->name, value);
	return ok;
}

/* What no parameter took goes into varargs and kwargs; it is an error if the macro asks for
 * neither.
 */
static bool
macro_bind_rest(struct macro *macro, const struct call_args *args, struct frame *frame)
{
	struct arena *into = macro->home->session->into;
	struct value *rest = value_list(into), *named = value_map(into);

	rest->flags |= VALUE_TUPLE;
	for (size_t i = macro->node->count; i < args->positional_count; i++)
		value_add(into, rest, args->positional[i]);
	if (args->named)
		VALUE_PAIRS (pair, args->named) {
			bool is_param = key_is(pair->key, "caller");

			for (uint32_t i = 0; i < macro->node->count; i++)
				is_param |= view_equals(
					macro->node->items[i]->name, value_string_view(pair->key));
			if (!is_param)
				value_set_key(into, named, pair->key, pair->value);
		}
	frame_set(macro->home, frame, VIEW("varargs"), rest);
	frame_set(macro->home, frame, VIEW("kwargs"), named);
	if (rest->list.count && !(macro->node->macro_uses & MACRO_VARARGS))
		return run_fail(macro->home, ERR_TYPE,
			"macro '%.*s' takes not more than %u argument(s)",
			(int)macro->node->name.length, macro->node->name.data, macro->node->count);
	if (macro->node->macro_uses & MACRO_KWARGS)
		return true;
	if (named->map.count)
		return run_fail(macro->home, ERR_TYPE,
			"macro '%.*s' takes no keyword argument '%s'",
			(int)macro->node->name.length, macro->node->name.data,
			value_to_text(into, named->map.pairs[0].key));
	if (args->named && value_get(args->named, "caller") &&
		!(macro->node->macro_uses & MACRO_CALLER))
		return run_fail(macro->home, ERR_TYPE,
			"macro '%.*s' was invoked with a caller, but does not call it",
			(int)macro->node->name.length, macro->node->name.data);
	return true;
}

static bool
macro_call(void *self, struct arena *into UNUSED, const struct call_args *args,
	const struct value **out, struct error *err UNUSED)
{
	struct macro *macro = self;
	struct evaluation *run = macro->home;
	struct frame *frame = frame_new(run, macro->frame);
	const struct template *before = run->template;
	const struct value *caller = args->named ? value_get(args->named, "caller") : NULL;
	enum jump jump = run->jump;
	bool ok = run_step(run);

	run->template = macro->template;
	ok = ok && macro_bind_rest(macro, args, frame);
	frame_set(run, frame, VIEW("caller"),
		caller ? caller : undefined_new(run->session->into, "No caller defined"));
	for (uint32_t i = 0; ok && i < macro->node->count; i++)
		ok = macro_bind_one(macro, macro->node->items[i], args, i, frame);
	run->session->depth +=
		4; /* each level of macros takes more of the C stack than one of expressions */
	ok = ok && capture(run, macro->node->right, frame, out);
	run->session->depth -= 4;
	run->template = before;
	run->jump = jump;
	return ok;
}

static bool
macro_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	const struct macro *macro = self;

	if (key_is(key, "name"))
		*out = value_view(into, macro->node->name);
	if (key_is(key, "arguments")) {
		struct value *names = value_list(into);

		names->flags |= VALUE_TUPLE;
		for (uint32_t i = 0; i < macro->node->count; i++)
			value_add(into, names, value_view(into, macro->node->items[i]->name));
		*out = names;
	}
	return true;
}

static const struct object_class macro_class = {
	.type_name = "Macro",
	.get = macro_get,
	.call = macro_call,
	.is_callable = true,
};

const struct value *
macro_new(struct evaluation *run, const struct node *node)
{
	struct macro *macro = arena_new(run->session->into, struct macro);

	macro->home = run;
	macro->template = run->template;
	macro->node = node;
	macro->frame = run->frame;
	return value_object(run->session->into, &macro_class, macro);
}

bool
macro_call_with(struct evaluation *run, const struct value *callee, const struct call_args *args,
	const struct value *caller, const struct value **out)
{
	struct value *named = args->named ? value_map_copy(run->session->into, args->named)
					  : value_map(run->session->into);
	struct call_args with = *args;

	value_set(run->session->into, named, "caller", caller);
	with.named = named;
	return value_call(run, callee, &with, out);
}

/* ---- bound methods ---- */

struct method {
	struct evaluation *run;
	const struct function *function;
	const struct value *self;
};

static bool
method_call_bound(void *self, struct arena *into UNUSED, const struct call_args *args,
	const struct value **out, struct error *err UNUSED)
{
	struct method *method = self;

	return function_call(method->run, method->function, method->self, args, out);
}

static const struct object_class method_class = {
	.type_name = "builtin_function_or_method",
	.call = method_call_bound,
	.is_callable = true,
};

const struct value *
method_new(struct evaluation *run, const struct function *function, const struct value *self)
{
	struct method *method = arena_new(run->session->into, struct method);

	method->run = run;
	method->function = function;
	method->self = self;
	return value_object(run->session->into, &method_class, method);
}

/* ---- modules: what {% import %} gives ---- */

struct module {
	struct frame *top;
	const struct value *text;
};

static bool
module_get(void *self, struct arena *into UNUSED, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	const struct module *module = self;

	if (value_is_string(key) && key->string.data[0] != '_')
		*out = value_get_key(module->top->names, key);
	return true;
}

static bool
module_plain(
	void *self, struct arena *into UNUSED, const struct value **out, struct error *err UNUSED)
{
	*out = ((struct module *)self)->text;
	return true;
}

static const struct object_class module_class = {
	.type_name = "TemplateModule",
	.get = module_get,
	.plain = module_plain,
};

const struct value *
module_new(struct evaluation *run, struct frame *top, const struct value *text)
{
	struct module *module = arena_new(run->session->into, struct module);

	module->top = top;
	module->text = text;
	return value_object(run->session->into, &module_class, module);
}

/* ---- namespaces ---- */

static bool
namespace_get(void *self, struct arena *into UNUSED, const struct value *key,
	const struct value **out, struct error *err UNUSED)
{
	*out = value_get_key(self, key);
	return true;
}

static const struct object_class namespace_class = { .type_name = "Namespace",
	.get = namespace_get };

const struct value *
namespace_new(struct evaluation *run, const struct value *names)
{
	return value_object(
		run->session->into, &namespace_class, value_map_copy(run->session->into, names));
}

struct value *
namespace_names(const struct value *value)
{
	return value_is(value, VALUE_OBJECT) && value->object.class == &namespace_class
		       ? value->object.self
		       : NULL;
}

/* ---- blocks ---- */

const struct object_class block_level_class = { .type_name = "Block" };

struct block_reference {
	struct evaluation *run;
	struct block_level *level;
};

bool
block_run(struct evaluation *run, struct block_level *level, struct frame *around)
{
	struct frame *frame = frame_new(run, around), *frame_before = run->frame;
	const struct template *before = run->template, *extends = run->extends;
	bool ok;

	frame_set(run, frame, VIEW("super"),
		level->parent ? block_reference_new(run, level->parent)
			      : undefined_new(run->session->into,
					"there is no parent block called '%.*s'.",
					(int)level->block->name.length, level->block->name.data));
	run->template = level->template;
	run->frame = frame;
	run->session->depth += 4;
	ok = run_step(run) && execute(run, level->block->right);
	run->session->depth -= 4;
	run->template = before;
	run->frame = frame_before;
	run->extends = extends;
	return ok;
}

static bool
block_call(void *self, struct arena *into UNUSED, const struct call_args *args UNUSED,
	const struct value **out, struct error *err UNUSED)
{
	struct block_reference *block = self;
	struct evaluation *run = block->run;
	struct output *before = run->out, output;
	bool ok;

	output_init(&output);
	output.is_strict = true; /* Jinja2 joins these with str.join() */
	run->out = &output;
	ok = block_run(run, block->level, run->top);
	run->out = before;
	if (ok)
		*out = value_view(run->session->into, str_view(&output.text));
	output_release(&output);
	return ok;
}

static const struct object_class block_class = {
	.type_name = "BlockReference",
	.call = block_call,
	.is_callable = true,
};

static bool
blocks_get(void *self, struct arena *into UNUSED, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	struct evaluation *run = self;
	const struct value *known = value_get_key(run->blocks, key);

	if (known)
		*out = block_reference_new(run, known->object.self);
	return true;
}

/* `self`: its attributes are the blocks. */
static const struct object_class blocks_class = { .type_name = "TemplateReference",
	.get = blocks_get };

const struct value *
blocks_reference_new(struct evaluation *run)
{
	return value_object(run->session->into, &blocks_class, run);
}

const struct value *
block_reference_new(struct evaluation *run, struct block_level *level)
{
	struct block_reference *block = arena_new(run->session->into, struct block_reference);

	block->run = run;
	block->level = level;
	return value_object(run->session->into, &block_class, block);
}

/* ---- loop ---- */

struct loop {
	struct evaluation *run;
	const struct node *node;
	const struct value *items;
	struct frame *outer;
	const struct value *changed; /* what loop.changed() saw last */
	uint32_t index;
	int depth;
};

struct loop_helper {
	struct loop *loop;
	bool is_cycle;
};

static bool
loop_helper_call(void *self, struct arena *into, const struct call_args *args,
	const struct value **out, struct error *err UNUSED)
{
	struct loop_helper *helper = self;
	struct loop *loop = helper->loop;
	struct value *seen;

	if (helper->is_cycle) {
		if (!args->positional_count)
			return run_fail(loop->run, ERR_TYPE, "no items for cycling given");
		*out = args->positional[loop->index % args->positional_count];
		return true;
	}
	seen = value_list(into);
	for (size_t i = 0; i < args->positional_count; i++)
		value_add(into, seen, args->positional[i]);
	*out = loop->changed && value_equals(seen, loop->changed) ? &value_false : &value_true;
	loop->changed = seen;
	return true;
}

static const struct object_class loop_helper_class = {
	.type_name = "method",
	.call = loop_helper_call,
	.is_callable = true,
};

static const struct value *
loop_helper_new(struct arena *into, struct loop *loop, bool is_cycle)
{
	struct loop_helper *helper = arena_new(into, struct loop_helper);

	helper->loop = loop;
	helper->is_cycle = is_cycle;
	return value_object(into, &loop_helper_class, helper);
}

static const struct value *
loop_neighbour(struct arena *into, const struct loop *loop, bool is_next)
{
	if (is_next && loop->index + 1 < loop->items->list.count)
		return loop->items->list.items[loop->index + 1];
	if (!is_next && loop->index)
		return loop->items->list.items[loop->index - 1];
	return undefined_new(into, "there is no %s item", is_next ? "next" : "previous");
}

static bool
loop_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	struct loop *loop = self;
	uint32_t count = loop->items->list.count, index = loop->index;
	const struct {
		const char *name;
		int64_t number;
	} numbers[] = { { "index", index + 1 }, { "index0", index }, { "revindex", count - index },
		{ "revindex0", count - index - 1 }, { "length", count },
		{ "depth", loop->depth + 1 }, { "depth0", loop->depth } };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (key_is(key, numbers[i].name))
			*out = value_int(into, numbers[i].number);
	if (key_is(key, "first"))
		*out = index ? &value_false : &value_true;
	else if (key_is(key, "last"))
		*out = index + 1 == count ? &value_true : &value_false;
	else if (key_is(key, "previtem") || key_is(key, "nextitem"))
		*out = loop_neighbour(into, loop, key_is(key, "nextitem"));
	else if (key_is(key, "cycle") || key_is(key, "changed"))
		*out = loop_helper_new(into, loop, key_is(key, "cycle"));
	return true;
}

/* loop(items) of a recursive loop. */
static bool
loop_call(void *self, struct arena *into UNUSED, const struct call_args *args,
	const struct value **out, struct error *err UNUSED)
{
	struct loop *loop = self;
	struct evaluation *run = loop->run;
	struct frame *before = run->frame;
	struct output *out_before = run->out, output;
	bool ok;

	if (!loop->node->is_set)
		return run_fail(run, ERR_TYPE,
			"The loop must have the 'recursive' marker to be called recursively.");
	if (args->positional_count != 1)
		return run_fail(run, ERR_TYPE, "loop() takes one argument");
	output_init(&output);
	run->out = &output;
	run->frame = loop->outer;
	run->session->depth += 4;
	ok = run_step(run) && for_run(run, loop->node, args->positional[0], loop->depth + 1);
	run->session->depth -= 4;
	run->out = out_before;
	run->frame = before;
	if (ok)
		*out = output_concat(run, &output);
	output_release(&output);
	return ok;
}

static const struct object_class loop_class = {
	.type_name = "LoopContext",
	.get = loop_get,
	.call = loop_call,
	.is_callable = true,
};

struct loop *
loop_object_new(
	struct evaluation *run, const struct node *node, const struct value *items, int depth)
{
	struct loop *loop = arena_new(run->session->into, struct loop);

	loop->run = run;
	loop->node = node;
	loop->items = items;
	loop->outer = run->frame;
	loop->depth = depth;
	return loop;
}

const struct value *
loop_value(struct evaluation *run, struct loop *loop)
{
	return value_object(run->session->into, &loop_class, loop);
}

void
loop_set(struct loop *loop, uint32_t index)
{
	loop->index = index;
}
