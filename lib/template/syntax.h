#ifndef LIB_TEMPLATE_SYNTAX_H
#define LIB_TEMPLATE_SYNTAX_H
/*
 * From text to tree: tokens, nodes and compiled templates. Everything lives in the arena of the
 * template_env. Lines and columns count from 1 inside the template's own text; the place of the
 * text itself is added when an error is reported, so equal texts at different places share one
 * tree.
 */
#include "template/template.h"

enum token_kind {
	TOKEN_END,
	TOKEN_TEXT,
	TOKEN_VARIABLE_BEGIN,
	TOKEN_VARIABLE_END,
	TOKEN_BLOCK_BEGIN,
	TOKEN_BLOCK_END,
	TOKEN_NAME,
	TOKEN_STRING, /* text holds it without quotes, escapes still in it */
	TOKEN_INTEGER,
	TOKEN_FLOAT,
	TOKEN_OPERATOR,
};

struct token {
	enum token_kind kind;
	struct view text;
	uint32_t line, column;
	bool is_raw; /* a string whose backslashes stay: inside {{ }} of playbook strings */
};

struct token_list {
	struct token *items;
	size_t count, room;
};

enum node_kind {
	/* expressions */
	NODE_CONST,
	NODE_NAME,
	NODE_LIST,
	NODE_TUPLE,
	NODE_DICT,	/* items: key, value, key, value … */
	NODE_ATTRIBUTE, /* left.name */
	NODE_ITEM,	/* left[right] */
	NODE_SLICE,	/* items: start, stop, step; each may be NULL */
	NODE_CALL,	/* left(items) */
	NODE_FILTER,	/* left | name(items); left is NULL in a filter block */
	NODE_TEST,	/* left is name(items); is_set: negated */
	NODE_NEGATE,
	NODE_PLUS,
	NODE_NOT,
	NODE_BINARY, /* name is the operator */
	NODE_AND,
	NODE_OR,
	NODE_COMPARE,	/* left, items: NODE_COMPARE_PART */
	NODE_CONCAT,	/* items */
	NODE_CONDITION, /* left if right else other (NULL: none) */
	NODE_EXPRESSIONS_END,
	/* parts of expressions */
	NODE_COMPARE_PART, /* name is the operator, left the operand */
	NODE_KEYWORD,	   /* name=left */
	NODE_SPREAD,	   /* *left */
	NODE_SPREAD_MAP,   /* **left */
	/* statements */
	NODE_TEXT,
	NODE_OUTPUT, /* {{ left }} */
	NODE_BODY,   /* items */
	NODE_IF,     /* left: condition, right: body, other: else (a body or another NODE_IF) */
	NODE_FOR, /* items: target, iterable, filter or NULL, body, else or NULL; is_set: recursive
		   */
	NODE_SET, /* left: target, right: value */
	NODE_SET_BLOCK,	   /* left: target, right: body, other: filters or NULL */
	NODE_MACRO,	   /* name, items: NODE_KEYWORD (left: default or NULL), right: body */
	NODE_CALL_BLOCK,   /* left: the call, right: the body as NODE_MACRO */
	NODE_FILTER_BLOCK, /* left: filters, right: body */
	NODE_WITH,	   /* items: target, value, target, value …; right: body */
	NODE_BLOCK,	   /* name, right: body; is_set: scoped */
	NODE_EXTENDS,	   /* left */
	NODE_INCLUDE,	   /* left; is_set: ignore missing; has_context */
	NODE_IMPORT,	   /* left, name: as; has_context */
	NODE_FROM, /* left, items: NODE_KEYWORD (name: imported, right->name: as); has_context */
	NODE_DO,   /* left */
	NODE_BREAK,
	NODE_CONTINUE,
};

enum macro_use { MACRO_CALLER = 1, MACRO_KWARGS = 2, MACRO_VARARGS = 4 };

struct function;

struct node {
	enum node_kind kind;
	uint32_t line, column;
	bool is_set, has_context;
	uint8_t macro_uses; /* enum macro_use: names the body of a macro asks for */
	struct view name;
	struct node *left, *right, *other;
	struct node **items;
	uint32_t count;
	const struct value *constant;
	const struct function *function; /* of filters and tests */
};

enum template_mode {
	MODE_STRING,	 /* a string of a playbook: text with {{ }} */
	MODE_EXPRESSION, /* the whole text is one expression */
	MODE_CONDITION,	 /* likewise, as {% if %} takes it */
	MODE_FILE,	 /* a template file */
};

struct template
{
	enum template_mode mode;
	const char *name; /* of files; NULL for strings */
	struct view text; /* with newlines as \n: for excerpts in errors */
	struct node *body;
	struct node *single; /* the expression, if the text is one {{ … }} and nothing else */
	struct node **blocks;
	uint32_t block_count;
	size_t newlines; /* how many the text ends with */
	bool may_mutate; /* calls append(), update() … somewhere */
	struct template_options options;
};

struct syntax {
	struct arena *arena;
	const struct template_options *options;
	enum template_mode mode;
	struct error *err;
};

/* Sets "line:column" as where; the caller puts the file in front. */
bool syntax_fail(struct syntax *syntax, uint32_t line, uint32_t column, const char *format, ...)
	FORMAT(4, 5);

/* The whole text as tokens, white space control applied. */
bool lexer_run(struct syntax *syntax, struct view text, struct token_list *out) MUST_CHECK;
/* How a message calls a token: "end of print statement", "name 'x'". */
const char *token_describe(const struct token *token, char *buffer, size_t size);

struct parser {
	struct syntax *syntax;
	struct token_list tokens;
	size_t at;
	struct template *template;
	int depth;
	int loops;
	unsigned macro_uses; /* of the macro being read */
};

struct node *syntax_new(struct parser *parser, enum node_kind kind);
void node_add(struct parser *parser, struct node *node, struct node *item);
const struct token *parser_token(const struct parser *parser);
const struct token *parser_next(struct parser *parser);
bool parser_is_operator(const struct parser *parser, const char *text);
bool parser_is_name(const struct parser *parser, const char *text);
bool parser_skip_operator(struct parser *parser, const char *text);
bool parser_skip_name(struct parser *parser, const char *text);
bool parser_expect_operator(struct parser *parser, const char *text) MUST_CHECK;
/* Returns false; the message names what was found. */
bool parser_fail(struct parser *parser, const char *format, ...) FORMAT(2, 3);

bool token_is(const struct token *token, enum token_kind kind, const char *text);

enum { EXPRESSION_DEEPEST = 180 };
enum { TUPLE_NO_CONDITION = 1, TUPLE_PARENTHESES = 2 };
bool parse_expression(struct parser *parser, struct node **out) MUST_CHECK;
/* A sign, a primary, what follows it, and (with_filters) filters and tests. */
bool parse_unary(struct parser *parser, bool with_filters, struct node **out) MUST_CHECK;
bool parse_tuple(struct parser *parser, int how, struct node **out) MUST_CHECK;
bool parse_target(struct parser *parser, bool may_be_attribute, struct node **out) MUST_CHECK;
bool parse_filters(
	struct parser *parser, struct node *left, bool is_start, struct node **out) MUST_CHECK;
bool parse_postfix(struct parser *parser, struct node *left, struct node **out) MUST_CHECK;
/* The name or number behind a dot. */
bool parse_dot(struct parser *parser, struct node *left, struct node **out) MUST_CHECK;
bool parse_name(struct parser *parser, struct node **out) MUST_CHECK;
/* Statements up to {% one of `ends` %}; the name token of the end is current afterwards. NULL: up
 * to the end. */
bool parse_body(struct parser *parser, const char *const *ends, struct node **out) MUST_CHECK;

/* Parses text into a new template. */
bool template_parse(struct syntax *syntax, struct view text, const char *name,
	struct template **out) MUST_CHECK;

#endif
