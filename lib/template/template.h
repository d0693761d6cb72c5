#ifndef LIB_TEMPLATE_TEMPLATE_H
#define LIB_TEMPLATE_TEMPLATE_H
/*
 * The Jinja2 engine, with the settings of ansible-core 2.14: trim_blocks, keep_trailing_newline,
 * undefined is an error that names the variable, `{{ x }}` alone keeps the type of x, and the text
 * of a larger lone expression is turned back into a list, dict or boolean where ansible-core does
 * so.
 *
 * Evaluation has no side effects and may be repeated. A name whose value has not arrived yet makes
 * the scope answer ERR_PENDING, which comes back from here unchanged.
 *
 * Results may hold constants of the template, which live as long as the env.
 *
 * Rule R1: only strings with VALUE_TEMPLATE (and the text of template files) are parsed; results
 * never are.
 */
#include "value/value.h"

struct template_env;
struct vault;

/* Where names come from. `find` leaves *out NULL when there is no such name. What it gives may
 * itself hold templates (VALUE_TEMPLATE, VALUE_DEEP): the engine evaluates them in the same scope,
 * and refuses loops of variables. */
struct template_scope {
	bool (*find)(void *context, struct arena *into, struct view name, const struct value **out,
		struct error *err);
	/* All names, for `vars` and the varnames lookup; may be NULL. */
	bool (*names)(
		void *context, struct arena *into, const struct value **out, struct error *err);
	/* lookup('name', …) and query(…): always a list, or NULL when it failed and errors= says
	 * that this is no error. A NULL member: lookups are refused. The template
	 * lookup and the first_found, file, env … lookups live with the caller, who knows where
	 * files are searched. */
	bool (*lookup)(void *context, struct arena *into, const char *name,
		const struct value *terms, const struct value *options, const struct value **out,
		struct error *err);
	/* Opens what {% include %}, {% import %} and {% extends %} name. NULL: refused. */
	bool (*load)(void *context, struct arena *into, const char *name, struct view *text,
		const char **path, struct error *err);
	void *context;
};

/* Holds compiled templates; one per run. */
struct template_env *template_env_new(void);
void template_env_free(struct template_env *env);
/* As the setting jinja2_native: results are what Python's types make of them. Off at birth. */
void template_env_set_native(struct template_env *env, bool is_native);

/* Called for each condition whose result is neither true nor false, which later Ansible refuses. */
void template_env_watch_conditions(struct template_env *env,
	void (*odd)(void *context, const struct value *condition, const struct value *result),
	void *context);

/* What opens encrypted values (VALUE_VAULT), each when it is used; NULL: they are errors. What
 * comes out is plain text, never a template. Borrowed. */
void template_env_set_vault(struct template_env *env, struct vault *vault);

/* Is there anything to evaluate ({{, {% or {#)? */
bool template_is_present(struct view text);

/* The value with every template in it evaluated, deep; keys of maps stay. A value without any is
 * returned as it is. `omit` placeholders (see template_omit) are dropped from maps and lists below
 * the top. */
bool template_evaluate(struct template_env *env, const struct template_scope *scope,
	struct arena *into, const struct value *source, const struct value **out,
	struct error *err) MUST_CHECK;

/* A bare expression, as `when`, `until`, `changed_when`, `that` hold: no {{ }} needed (and read as
 * the value of what is inside if there). The caller vouches that the text is the user's own:
 * strings are evaluated here with or without VALUE_TEMPLATE. A None result is value_none. */
bool template_expression(struct template_env *env, const struct template_scope *scope,
	struct arena *into, const struct value *source, const struct value **out,
	struct error *err) MUST_CHECK;
/* An expression of our own over the names of a map: what a filter or test does, asked from outside.
 */
bool template_expression_over(struct template_env *env, struct arena *into, const char *expression,
	const struct value *names, const struct value **out, struct error *err) MUST_CHECK;
/* The same, as a condition of ansible-core 2.14: a list of conditions is their conjunction, a
 * string result is read as an expression's result would be ("" is false …). */
bool template_condition(struct template_env *env, const struct template_scope *scope,
	struct arena *into, const struct value *source, bool *out, struct error *err) MUST_CHECK;

/* A template file. `name` is for messages. A first line `#jinja2: key:value, …` overrides the
 * options. */
struct template_options {
	bool trim_blocks;	      /* default true */
	bool lstrip_blocks;	      /* default false */
	const char *newline_sequence; /* NULL: "\n" */
	const char *variable_start, *variable_end, *block_start, *block_end, *comment_start,
		*comment_end;			   /* NULL: the usual ones */
	const char *line_statement, *line_comment; /* prefixes; NULL: there are none */
};
extern const struct template_options template_options_default;
bool template_render(struct template_env *env, const struct template_scope *scope, struct view text,
	const char *name, const struct template_options *options, struct str *out,
	struct error *err) MUST_CHECK;

/* The same, with the result turned back into a list, dict or boolean (natively: any type) if
 * `converts`, else as text. In a native environment without `is_native` it is text that stays
 * text. */
bool template_render_value(struct template_env *env, const struct template_scope *scope,
	struct arena *into, struct view text, const char *name,
	const struct template_options *options, bool converts, bool is_native,
	const struct value **out, struct error *err) MUST_CHECK;

/* The value of the magic variable `omit`. */
extern const struct value template_omit;
bool template_is_omit(const struct value *value);

/* Syntax only: compiles every template in the value, deep (for --syntax-check and load time).
 * `is_expression`: strings are bare expressions. */
bool template_check(struct template_env *env, const struct value *source, bool is_expression,
	struct error *err) MUST_CHECK;

#endif
