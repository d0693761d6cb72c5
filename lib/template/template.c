/* The way in: sessions, names of the scope, the cache of compiled templates, conditions and files.
 */
#include "template/template.h"

#include "template/evaluation.h"
#include "template/literal.h"
#include "vault/vault.h"

struct template_env *
template_env_new(void)
{
	struct template_env *env = memory_get(sizeof(*env));

	arena_init(&env->arena);
	map_init(&env->compiled);
	return env;
}

void
template_env_free(struct template_env *env)
{
	if (!env)
		return;
	map_release(&env->compiled);
	arena_release(&env->arena);
	free(env);
}

void
template_env_set_vault(struct template_env *env, struct vault *vault)
{
	env->vault = vault;
}

void
template_env_set_native(struct template_env *env, bool is_native)
{
	env->is_native = is_native;
}

bool
template_is_present(struct view text)
{
	for (size_t i = 0; i + 1 < text.length; i++)
		if (text.data[i] == '{' && (text.data[i + 1] == '{' || text.data[i + 1] == '%' ||
						   text.data[i + 1] == '#'))
			return true;
	return false;
}

/* ---- strings and what contains them ---- */

/* Nothing but a name and blanks between the braces; a newline may follow. */
static bool
is_bare(struct view text, struct view name)
{
	if (view_ends(text, "\n"))
		text.length--;
	if (text.length < 4 || !view_starts(text, "{{") || !view_ends(text, "}}"))
		return false;
	return view_equals(view_trim((struct view){ text.data + 2, text.length - 4 }), name);
}

/* "{{ name }}" alone: a raw number, boolean or null keeps its type; all else goes through text. */
static bool
bare_name(struct session *session, const struct template *template, struct view text,
	const struct value **out)
{
	const struct node *single = template->single;
	const struct value *raw = NULL;

	*out = NULL;
	if (single->kind != NODE_NAME || !is_bare(text, single->name) || !session->scope ||
		!session->scope->find)
		return true;
	if (!session->scope->find(
		    session->scope->context, session->into, single->name, &raw, session->err))
		return false;
	if (raw && (raw->type == VALUE_INT || raw->type == VALUE_FLOAT || raw->type == VALUE_BOOL ||
			   raw->type == VALUE_NONE))
		*out = raw;
	return true;
}

static const struct value *
text_of(struct session *session, const struct value *value)
{
	struct str text;
	const struct value *result;

	str_init(&text);
	value_add_text(value, &text);
	result = native_convert(session->into, str_view(&text));
	str_release(&text);
	return result;
}

/* One expression and nothing else. Lists and dicts need not become text and be read again, as
 * ansible does. */
static bool
single_evaluate(struct evaluation *run, const struct value **out)
{
	const struct value *value;

	if (!evaluate(run, run->template->single, &value))
		return false;
	if (template_is_omit(value) || value->type == VALUE_BOOL) {
		*out = value;
		return true;
	}
	if (value->type == VALUE_NONE || undefined_is_lenient(value)) {
		*out = &value_empty_string;
		return true;
	}
	if (value->type == VALUE_OBJECT && run->session->resolving) {
		*out = value; /* hostvars[x] under a name of its own: as lazy as itself */
		return true;
	}
	if (!value_plain(run, value, &value))
		return run_where(run, run->template->single);
	if (native_is_plain(value))
		*out = value;
	else if (value_is_string(value) && (value->flags & VALUE_KEPT))
		*out = value;
	else if (value_is_string(value)) {
		*out = native_convert(run->session->into, value_string_view(value));
		if (value_is_string(*out))
			*out = value;
	} else
		*out = text_of(run->session, value);
	return true;
}

static bool
body_evaluate(struct evaluation *run, const struct value **out)
{
	const struct template *template = run->template;
	struct output output;
	bool ok;

	output_init(&output);
	run->out = &output;
	ok = render(run, template);
	if (ok) {
		*out = output_concat(run, &output);
		if (value_is_string(*out) && template->newlines)
			*out = newlines_restored(run->session->into, template, *out);
	}
	run->out = NULL;
	output_release(&output);
	return ok;
}

static bool
string_evaluate(struct session *session, const struct value *source, const struct value **out)
{
	struct evaluation *run;
	struct template *template;
	bool may_mutate = session->may_mutate, ok;

	if (!template_is_present(value_string_view(source))) {
		*out = value_view(session->into, value_string_view(source));
		return true;
	}
	if (!string_compile(session->env, MODE_STRING, source, value_string_view(source), &template,
		    session->err))
		return false;
	run = arena_new(session->into, struct evaluation);
	run->session = session;
	run->template = template;
	run->place = source->place;
	run->frame = run->top = frame_new(run, NULL);
	session->may_mutate |= template->may_mutate;
	*out = NULL;
	ok = run_step(run) && (!template->single || template->newlines > 1 ||
				      bare_name(session, template, value_string_view(source), out));
	if (ok && !*out)
		ok = template->single && !template->newlines && !session->env->is_native
			     ? single_evaluate(run, out)
			     : body_evaluate(run, out);
	session->may_mutate = may_mutate;
	return ok;
}

static bool
vault_evaluate(struct session *session, const struct value *source, const struct value **out)
{
	struct vault *vault = session->env->vault;
	struct value *value;
	struct view plain;

	if (!vault_open(vault, value_string_view(source), NULL, &plain, session->err)) {
		if (!session->err->where[0])
			error_at(session->err, source);
		return false;
	}
	vault_tell(vault, plain);
	value = value_borrow(session->into, plain.data, plain.length);
	value->flags = VALUE_SECRET | VALUE_VAULT;
	value->place = source->place;
	*out = value;
	return true;
}

static bool
list_evaluate(struct session *session, const struct value *source, const struct value **out)
{
	struct value *list = value_list(session->into);
	const struct value *item;

	list->place = source->place;
	list->flags = source->flags & (VALUE_TUPLE | VALUE_SECRET);
	VALUE_EACH (each, source) {
		if (!session_evaluate(session, each, &item))
			return false;
		if (!template_is_omit(item))
			value_add(session->into, list, item);
	}
	*out = list;
	return true;
}

static bool
map_evaluate(struct session *session, const struct value *source, const struct value **out)
{
	struct value *map = value_map(session->into);
	const struct value *item;

	map->place = source->place;
	map->flags = source->flags & VALUE_SECRET;
	VALUE_PAIRS (pair, source) {
		if (!session_evaluate(session, pair->value, &item))
			return false;
		if (!template_is_omit(item))
			value_set_key(session->into, map, pair->key, item);
	}
	*out = map;
	return true;
}

bool
session_evaluate(struct session *session, const struct value *source, const struct value **out)
{
	bool ok = true;

	*out = source;
	if (++session->depth > DEPTH_MOST)
		return fail(session->err, ERR_LIMIT,
			"value nested too deep (variables that define each other?)");
	if (source->type == VALUE_STRING && (source->flags & VALUE_TEMPLATE) &&
		(source->flags & VALUE_VAULT))
		ok = vault_evaluate(session, source, out);
	else if (source->type == VALUE_STRING && (source->flags & VALUE_TEMPLATE))
		ok = string_evaluate(session, source, out);
	else if (source->type == VALUE_LIST && (source->flags & VALUE_DEEP))
		ok = list_evaluate(session, source, out);
	else if (source->type == VALUE_MAP && (source->flags & VALUE_DEEP))
		ok = map_evaluate(session, source, out);
	session->depth--;
	return ok;
}

/* ---- sessions ---- */

bool
session_begin(struct session *session, struct template_env *env, const struct template_scope *scope,
	struct arena *into, struct error *err)
{
	*session = (struct session){
		.env = env, .scope = scope, .into = into, .err = err ? err : &session->unheard
	};
	session->used_before = into->used;
	session->known = value_map(into);
	error_clear(err);
	if (++env->depth > SESSIONS_MOST)
		return fail(err, ERR_LIMIT, "recursive loop detected in template string");
	return true;
}

bool
session_end(struct session *session, bool ok, struct error *err)
{
	session->env->depth--;
	if (!ok && err && err != session->err)
		*err = *session->err;
	return ok;
}

bool
template_evaluate(struct template_env *env, const struct template_scope *scope, struct arena *into,
	const struct value *source, const struct value **out, struct error *err)
{
	struct session session;
	struct error own;
	const struct value *result;
	bool ok;

	if (!value_has_template(source)) {
		*out = source;
		return true;
	}
	ok = session_begin(&session, env, scope, into, &own) &&
	     session_evaluate(&session, source, &result);
	if (ok)
		*out = result;
	return session_end(&session, ok, err);
}

struct evaluation *
session_run(struct session *session, const struct template *template)
{
	struct evaluation *run = arena_new(session->into, struct evaluation);

	run->session = session;
	run->template = template;
	run->frame = run->top = frame_new(run, NULL);
	session->may_mutate |= template->may_mutate;
	return run;
}
