#ifndef LIB_TEMPLATE_EVALUATION_H
#define LIB_TEMPLATE_EVALUATION_H
/*
 * The state of one evaluation. A session is one call from outside, with its arena, its bounds and
 * what each name of the scope has evaluated to; an evaluation is one template within it. Frames
 * hold the names that the template itself sets.
 */
#include "base/map.h"
#include "template/functions.h"
#include "template/syntax.h"

struct frame {
	struct frame *outer;
	const struct value *names; /* a map, NULL while empty */
	bool is_loop;
};

struct resolving {
	struct view name;
	const struct resolving *outer;
};

struct session {
	struct template_env *env;
	const struct template_scope *scope;
	struct arena *into;
	struct error *err;
	struct error unheard; /* where failures go that nobody wants to hear of */
	struct value *known;  /* name to value: each name of the scope is evaluated once */
	const struct resolving *resolving;
	size_t used_before; /* of the arena */
	uint64_t steps;
	int depth;
	bool may_mutate;   /* what the scope gives is copied first */
	bool is_condition; /* bare text is read as {% if %} reads it */
};

/* What a template writes, piece by piece. A lone piece keeps its value: Ansible's way to join
 * pieces looks at it. */
struct output {
	struct str text;
	const struct value *only; /* the first piece */
	uint32_t count;		  /* of pieces */
	bool is_strict;		  /* pieces that are no text are an error */
};

enum jump { JUMP_NONE, JUMP_BREAK, JUMP_CONTINUE };

struct block_level {
	const struct node *block;
	struct block_level *parent; /* what super() gives */
	const struct template *template;
};

struct evaluation {
	struct session *session;
	const struct template *template;
	struct place place; /* of the text; file NULL: unknown */
	struct frame *frame, *top;
	struct output *out;
	enum jump jump;
	struct value *blocks;		/* name to object: struct block_level */
	const struct template *extends; /* set by {% extends %} */
	bool is_text;			/* pieces are joined as text: template files */
	bool is_alone;			/* an import without context: no names of the scope */
};

struct template_env {
	struct arena arena;
	struct map compiled; /* mode, options and text to struct template */
	int depth;	     /* sessions inside each other, as hostvars cause */
	struct vault *vault;
	bool is_native; /* jinja2_native */
	void (*odd_condition)(
		void *context, const struct value *condition, const struct value *result);
	void *odd_context;
};

enum {
	OUTPUT_MOST = 64 * 1024 * 1024,
	RANGE_MOST = 1000 * 1000,
	DEPTH_MOST = 900,
	SESSIONS_MOST = 40,
};
#define STEPS_MOST 100000000ull
#define MEMORY_MOST ((size_t)1 << 30)

bool run_fail(struct evaluation *run, enum error_kind kind, const char *format, ...) FORMAT(3, 4);
/* Puts the node's place into the error, unless a deeper one did. */
bool run_where(struct evaluation *run, const struct node *node);
/* Counts a step; fails at the bounds. */
bool run_step(struct evaluation *run) MUST_CHECK;
void output_init(struct output *out);
void output_release(struct output *out);
bool output_add_text(struct evaluation *run, struct view text) MUST_CHECK;
bool output_add_value(struct evaluation *run, const struct value *value) MUST_CHECK;
/* The pieces as one value: what spells a list, dict or boolean (natively: any literal) becomes it.
 */
const struct value *output_concat(struct evaluation *run, const struct output *out);

/* Marks texts that native_convert leaves alone. Travels with the very value only. */
#define VALUE_KEPT (1u << 7)
/* A list that is one of groupby()'s pairs: has .grouper and .list. */
#define VALUE_GROUP (1u << 6)
/* A string that stands literally in a template, the user's own: lookups evaluate what it holds. */
#define VALUE_LITERAL (1u << 6)
/* A string that a lookup gave; type_debug tells it from others. */
#define VALUE_UNSAFE (1u << 5)
/* A list that keys(), values() or items() gave: a view without positions in Python. */
#define VALUE_ROLLED (1u << 5)

/* Names. */
void frame_set(
	struct evaluation *run, struct frame *frame, struct view name, const struct value *value);
struct frame *frame_new(struct evaluation *run, struct frame *outer);
bool name_find(struct evaluation *run, struct view name,
	const struct value **out) MUST_CHECK; /* NULL: none */

/* Expressions. The result may be undefined. */
bool evaluate(struct evaluation *run, const struct node *node, const struct value **out) MUST_CHECK;
bool evaluate_arguments(
	struct evaluation *run, const struct node *node, struct call_args *out) MUST_CHECK;
bool evaluate_truth(struct evaluation *run, const struct node *node, bool *out) MUST_CHECK;
bool value_call(struct evaluation *run, const struct value *callee, const struct call_args *args,
	const struct value **out) MUST_CHECK;
/* Fails if the value is undefined. */
bool value_defined(struct evaluation *run, const struct value *value) MUST_CHECK;
const struct value *undefined_new(struct arena *into, const char *format, ...) FORMAT(2, 3);
bool undefined_is_lenient(const struct value *value);

/* obj.name and obj[key]; *out may be undefined. */
bool attribute_get(struct evaluation *run, const struct value *value, struct view name,
	const struct value **out) MUST_CHECK;
bool item_get(struct evaluation *run, const struct value *value, const struct value *key,
	const struct value **out) MUST_CHECK;
/* "a.b.0", as the attribute= of filters names it. */
bool path_get(struct evaluation *run, const struct value *value, const struct value *path,
	const struct value **out) MUST_CHECK;
/* A list of what iteration gives. */
bool value_iterate(
	struct evaluation *run, const struct value *value, const struct value **out) MUST_CHECK;
/* Objects inside become plain data; undefined values inside are errors. */
bool value_plain(
	struct evaluation *run, const struct value *value, const struct value **out) MUST_CHECK;
bool value_text_add(struct evaluation *run, const struct value *value, struct str *out) MUST_CHECK;
bool value_truth(struct evaluation *run, const struct value *value, bool *out) MUST_CHECK;
bool slice_get(struct evaluation *run, const struct value *value,
	const struct value *const bounds[3], const struct value **out) MUST_CHECK;

/* Operators. */
bool operator_binary(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, const struct value **out) MUST_CHECK;
bool operator_compare(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, bool *out) MUST_CHECK;
bool value_contains(struct evaluation *run, const struct value *container, const struct value *item,
	bool *out) MUST_CHECK;
bool format_percent(struct evaluation *run, struct view format, const struct value *args,
	struct str *out) MUST_CHECK;
bool format_braces(struct call *call, struct view format, struct str *out) MUST_CHECK;

/* Statements. */
bool execute(struct evaluation *run, const struct node *body) MUST_CHECK;
bool assign(
	struct evaluation *run, const struct node *target, const struct value *value) MUST_CHECK;
/* Renders a body into a value of its own. */
bool capture(struct evaluation *run, const struct node *body, struct frame *frame,
	const struct value **out) MUST_CHECK;
/* A whole template, with inheritance. */
bool render(struct evaluation *run, const struct template *template) MUST_CHECK;
bool template_load(
	struct evaluation *run, const char *name, const struct template **out) MUST_CHECK;

/* Objects of the engine. */
const struct value *macro_new(struct evaluation *run, const struct node *node);
bool macro_call_with(struct evaluation *run, const struct value *callee,
	const struct call_args *args, const struct value *caller,
	const struct value **out) MUST_CHECK;
const struct value *method_new(
	struct evaluation *run, const struct function *function, const struct value *self);
const struct value *module_new(struct evaluation *run, struct frame *top, const struct value *text);
const struct value *block_reference_new(struct evaluation *run, struct block_level *level);
const struct value *blocks_reference_new(struct evaluation *run);
const struct value *namespace_new(struct evaluation *run, const struct value *names);
/* NULL: not a namespace. */
struct value *namespace_names(const struct value *value);
/* Writes the block; `around` is what it sees. */
bool block_run(struct evaluation *run, struct block_level *level, struct frame *around) MUST_CHECK;
extern const struct object_class block_level_class;

struct loop;
struct loop *loop_object_new(
	struct evaluation *run, const struct node *node, const struct value *items, int depth);
const struct value *loop_value(struct evaluation *run, struct loop *loop);
void loop_set(struct loop *loop, uint32_t index);
bool for_run(struct evaluation *run, const struct node *node, const struct value *items,
	int depth) MUST_CHECK;

/* Compiled templates. An error's where is "line:column" inside the text until place_widen puts the
 * place in front. */
bool template_compile(struct template_env *env, enum template_mode mode, struct view text,
	const char *name, const struct template_options *options, struct template **out,
	struct error *err) MUST_CHECK;
bool string_compile(struct template_env *env, enum template_mode mode, const struct value *source,
	struct view text, struct template **out, struct error *err) MUST_CHECK;
bool place_widen(struct error *err, const char *name, const struct place *place);
/* Takes a first line `#jinja2: …` off the text and into the options. */
bool header_read(struct arena *arena, struct view *text, const char *name,
	struct template_options *options, struct error *err) MUST_CHECK;
void newlines_restore(const struct template *template, struct str *text);
const struct value *newlines_restored(
	struct arena *into, const struct template *template, const struct value *text);

/* Sessions: `err` is the session's own; session_end copies it to the caller's, which may be NULL.
 */
bool session_begin(struct session *session, struct template_env *env,
	const struct template_scope *scope, struct arena *into, struct error *err);
bool session_end(struct session *session, bool ok, struct error *err);
struct evaluation *session_run(struct session *session, const struct template *template);

/* Strings with templates, inside the same session. */
bool session_evaluate(
	struct session *session, const struct value *source, const struct value **out) MUST_CHECK;

#endif
