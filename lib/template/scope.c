/* Names: the template's own frames, then the scope of the caller, then what the engine brings. */
#include "template/evaluation.h"

struct frame *
frame_new(struct evaluation *run, struct frame *outer)
{
	struct frame *frame = arena_new(run->session->into, struct frame);

	frame->outer = outer;
	return frame;
}

void
frame_set(struct evaluation *run, struct frame *frame, struct view name, const struct value *value)
{
	struct value *names;

	if (!frame->names)
		frame->names = value_map(run->session->into);
	names = (struct value *)(uintptr_t)frame->names;
	value_set_key(run->session->into, names,
		value_borrow(run->session->into, name.data, name.length), value);
}

static bool
loop_check(struct session *session, struct view name)
{
	for (const struct resolving *each = session->resolving; each; each = each->outer)
		if (view_equals(each->name, name)) {
			fail(session->err, ERR_LIMIT, "recursive loop detected in template string");
			return error_why(session->err, "variable '%.*s' is defined by itself",
				(int)name.length, name.data);
		}
	return true;
}

/* A variable whose own template fails on something undefined is itself undefined, as with ansible:
 * default() and `is defined` see it so. */
static bool
nested_undefined(struct session *session, const struct value *raw, const struct value **out)
{
	if (session->err->kind != ERR_UNDEFINED)
		return false;
	if (value_is_string(raw))
		*out = undefined_new(session->into, "%s: %s", raw->string.data, session->err->what);
	else
		*out = undefined_new(session->into, "%s", session->err->what);
	error_clear(session->err);
	return true;
}

static bool
scope_find(struct session *session, struct view name, const struct value **out)
{
	struct resolving resolving = { .name = name, .outer = session->resolving };
	const struct value *raw = NULL;
	bool ok;

	*out = value_get_view(session->known, name);
	if (*out || !session->scope || !session->scope->find)
		return true;
	if (!session->scope->find(session->scope->context, session->into, name, &raw, session->err))
		return false;
	if (!raw)
		return true;
	*out = raw;
	if (value_has_template(raw)) {
		if (!loop_check(session, name))
			return false;
		session->resolving = &resolving;
		session->depth += 8;
		ok = session_evaluate(session, raw, out);
		session->depth -= 8;
		session->resolving = resolving.outer;
		if (!ok)
			return nested_undefined(session, raw, out);
	}
	if (session->may_mutate && ((*out)->type == VALUE_LIST || (*out)->type == VALUE_MAP))
		*out = value_dup(session->into, *out);
	value_set_key(session->into, session->known, value_view(session->into, name), *out);
	return true;
}

bool
name_find(struct evaluation *run, struct view name, const struct value **out)
{
	const struct function *global;

	for (const struct frame *frame = run->frame; frame; frame = frame->outer)
		if (frame->names && (*out = value_get_view(frame->names, name)))
			return true;
	*out = NULL;
	if (!run->is_alone && !scope_find(run->session, name, out))
		return false;
	if (*out)
		return true;
	if (view_is(name, "omit")) {
		*out = &template_omit;
		return true;
	}
	if (view_is(name, "self") && run->blocks) {
		*out = blocks_reference_new(run);
		return true;
	}
	global = global_find(name);
	if (global)
		*out = method_new(run, global, NULL);
	return true;
}
