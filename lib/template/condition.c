/* Bare expressions and conditions: when, until, changed_when, that. */
#include <ctype.h>

#include "template/evaluation.h"
#include "template/literal.h"

/* Copies a quoted string; {{ x }} inside becomes a concatenation: "a{{ x }}" is ("a" ~ (x) ~ "").
 */
static size_t
quoted_rewrite(struct view text, size_t at, struct str *out)
{
	char quote = text.data[at];
	size_t start = out->length;
	bool is_open = false, is_mixed = false;

	str_add_char(out, quote);
	for (at++; at < text.length && (is_open || text.data[at] != quote); at++) {
		const char *next = text.data + at;
		bool is_pair = at + 1 < text.length && next[0] == next[1];

		if (is_pair && !is_open && *next == '{') {
			is_open = is_mixed = true;
			str_add_format(out, "%c ~ (", quote);
			at++;
		} else if (is_pair && is_open && *next == '}') {
			is_open = false;
			str_add_format(out, ") ~ %c", quote);
			at++;
		} else {
			str_add_char(out, *next);
			if (*next == '\\' && at + 1 < text.length)
				str_add_char(out, text.data[++at]);
		}
	}
	if (at < text.length)
		str_add_char(out, quote);
	if (is_mixed) {
		char *inside = memory_text(out->data + start);

		str_cut(out, start);
		str_add_format(out, "(%s)", inside);
		free(inside);
	}
	return at + 1;
}

/*
 * Ansible renders {{ }} inside a condition first and evaluates the resulting text again, which
 * would make data into code (rule R1). Here {{ x }} is the value of x, read as a literal where it
 * spells one.
 */
static void
braces_rewrite(struct view text, struct str *out)
{
	size_t open = 0;

	for (size_t at = 0; at < text.length;) {
		const char *next = text.data + at;
		bool is_pair = at + 1 < text.length && next[0] == next[1];

		if (*next == '\'' || *next == '"') {
			at = quoted_rewrite(text, at, out);
		} else if (is_pair && *next == '{') {
			str_add(out, "((");
			open++;
			at += 2;
		} else if (is_pair && open && *next == '}') {
			str_add(out, ") | _literal)");
			open--;
			at += 2;
		} else {
			str_add_char(out, *next);
			at++;
		}
	}
}

static bool
has(struct view text, const char *what)
{
	return memmem(text.data, text.length, what, strlen(what)) != NULL;
}

static bool
text_expression(struct session *session, const struct value *source, struct view text,
	const struct value **out)
{
	struct template *template;
	struct evaluation *run;

	if (!string_compile(session->env,
		    session->is_condition && source->string.data == text.data ? MODE_CONDITION
									      : MODE_EXPRESSION,
		    source, text, &template, session->err))
		return false;
	run = session_run(session, template);
	run->place = source->place;
	return run_step(run) && evaluate(run, template->single, out);
}

/* "{{ name }}" alone, where the variable is the user's own text: a condition kept in a variable. */
static bool
named_condition(struct session *session, struct view text, const struct value **out)
{
	const struct value *raw = NULL;
	struct view name = view_trim(text);

	*out = NULL;
	if (name.length < 5 || !view_starts(name, "{{") || !view_ends(name, "}}") ||
		!session->scope || !session->scope->find)
		return true;
	name = view_trim((struct view){ name.data + 2, name.length - 4 });
	for (size_t i = 0; i < name.length; i++)
		if (!isalnum((unsigned char)name.data[i]) && name.data[i] != '_')
			return true;
	if (!session->scope->find(session->scope->context, session->into, name, &raw, session->err))
		return false;
	if (value_is_string(raw) && (raw->flags & VALUE_TEMPLATE) && raw->string.length &&
		!template_is_present(value_string_view(raw)) &&
		value_is_string(native_convert(session->into, value_string_view(raw))))
		*out = raw;
	return true;
}

static bool
expression_session(struct session *session, const struct value *source, const struct value **out)
{
	struct view text = value_string_view(source);
	const struct value *named;
	struct str rewritten;
	bool ok;

	if (has(text, "{%")) {
		source = value_with_flags(session->into, source, source->flags | VALUE_TEMPLATE);
		if (!session_evaluate(session, source, out))
			return false;
		if (value_is_string(*out)) {
			const struct value *literal = literal_parse(
				session->into, view_trim(value_string_view(*out)), true);

			*out = literal ? literal : *out;
		}
		return true;
	}
	if (!has(text, "{{"))
		return text_expression(session, source, text, out);
	if (!named_condition(session, text, &named))
		return false;
	if (named)
		return text_expression(session, named, value_string_view(named), out);
	str_init(&rewritten);
	braces_rewrite(text, &rewritten);
	ok = text_expression(session, source, str_view(&rewritten), out);
	str_release(&rewritten);
	return ok;
}

static bool
expression_evaluate(struct template_env *env, const struct template_scope *scope, bool is_condition,
	struct arena *into, const struct value *source, const struct value **out, struct error *err)
{
	struct session session;
	struct error own;
	struct evaluation *run;
	const struct value *result;
	bool ok;

	if (!value_is_string(source))
		return template_evaluate(env, scope, into, source, out, err);
	ok = session_begin(&session, env, scope, into, &own);
	session.is_condition = is_condition;
	ok = ok && expression_session(&session, source, &result);
	if (ok) {
		run = arena_new(into, struct evaluation);
		run->session = &session;
		/* The truth of a list does not ask what is in it. */
		ok = template_is_omit(result) || undefined_is_lenient(result) ||
		     (is_condition && result->type != VALUE_OBJECT) ||
		     value_plain(run, result, &result);
	}
	if (!ok)
		error_at(own.where[0] || own.kind == ERR_PENDING ? NULL : &own, source);
	else
		*out = undefined_is_lenient(result) ? &value_none : result;
	return session_end(&session, ok, err);
}

bool
template_expression(struct template_env *env, const struct template_scope *scope,
	struct arena *into, const struct value *source, const struct value **out, struct error *err)
{
	return expression_evaluate(env, scope, false, into, source, out, err);
}

static bool
find_in_map(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	(void)into;
	(void)err;
	*out = value_get_view(context, name);
	return true;
}

bool
template_expression_over(struct template_env *env, struct arena *into, const char *expression,
	const struct value *names, const struct value **out, struct error *err)
{
	const struct template_scope scope = { .find = find_in_map,
		.context = (void *)(uintptr_t)names };

	return template_expression(env, &scope, into, value_text(into, expression), out, err);
}

static bool
truth(struct template_env *env, const struct template_scope *scope, struct arena *into,
	const struct value *value, bool *out, struct error *err)
{
	struct session session;
	struct evaluation run = { .session = &session };
	struct error own;
	bool ok;

	ok = session_begin(&session, env, scope, into, &own) && value_truth(&run, value, out);
	return session_end(&session, ok, err);
}

bool
template_condition(struct template_env *env, const struct template_scope *scope, struct arena *into,
	const struct value *source, bool *out, struct error *err)
{
	const struct value *value;
	bool is_true = true;

	if (value_is_list(source)) {
		VALUE_EACH (each, source)
			if (is_true && !template_condition(env, scope, into, each, &is_true, err))
				return false;
		*out = is_true;
		return true;
	}
	if (value_is_none(source) || (value_is_string(source) && !source->string.length)) {
		*out = true;
		return true;
	}
	if (!expression_evaluate(env, scope, true, into, source, &value, err) ||
		!truth(env, scope, into, value, out, err))
		return false;
	if (env->odd_condition && value->type != VALUE_BOOL)
		env->odd_condition(env->odd_context, source, value);
	return true;
}

void
template_env_watch_conditions(struct template_env *env,
	void (*odd)(void *context, const struct value *condition, const struct value *result),
	void *context)
{
	env->odd_condition = odd;
	env->odd_context = context;
}

static bool
check_string(
	struct template_env *env, const struct value *source, bool is_expression, struct error *err)
{
	struct view text = value_string_view(source);
	struct template *template;
	struct str rewritten;
	bool ok;

	if (!is_expression || has(text, "{%"))
		return !template_is_present(text) ||
		       string_compile(env, MODE_STRING, source, text, &template, err);
	if (!text.length)
		return true;
	if (!has(text, "{{"))
		return string_compile(env, MODE_EXPRESSION, source, text, &template, err);
	str_init(&rewritten);
	braces_rewrite(text, &rewritten);
	ok = string_compile(env, MODE_EXPRESSION, source, str_view(&rewritten), &template, err);
	str_release(&rewritten);
	return ok;
}

bool
template_check(
	struct template_env *env, const struct value *source, bool is_expression, struct error *err)
{
	if (value_is_string(source))
		return (source->flags & VALUE_VAULT) ||
		       (!is_expression && !(source->flags & VALUE_TEMPLATE)) ||
		       check_string(env, source, is_expression, err);
	if (value_is_list(source))
		VALUE_EACH (item, source)
			if (!template_check(env, item, is_expression, err))
				return false;
	if (value_is_map(source))
		VALUE_PAIRS (pair, source)
			if (!template_check(env, pair->key, false, err) ||
				!template_check(env, pair->value, is_expression, err))
				return false;
	return true;
}
