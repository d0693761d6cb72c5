/* The parser's tools, and what expressions are made of: literals, names and what may follow them.
 */
#include "template/evaluation.h"
#include "template/syntax.h"

#include <stdarg.h>

#include "template/functions.h"
#include "template/literal.h"

struct node *
syntax_new(struct parser *parser, enum node_kind kind)
{
	struct node *node = arena_new(parser->syntax->arena, struct node);
	const struct token *token = parser_token(parser);

	node->kind = kind;
	node->line = token->line;
	node->column = token->column;
	return node;
}

/* Room is always a power of two, so it need not be kept. */
void
node_add(struct parser *parser, struct node *node, struct node *item)
{
	uint32_t count = node->count;

	if (!(count & (count - 1)))
		node->items = arena_grow(parser->syntax->arena, node->items, count,
			count ? count * 2 : 1, sizeof(struct node *));
	node->items[node->count++] = item;
}

const struct token *
parser_token(const struct parser *parser)
{
	return &parser->tokens.items[parser->at];
}

const struct token *
parser_next(struct parser *parser)
{
	const struct token *token = parser_token(parser);

	if (token->kind != TOKEN_END)
		parser->at++;
	return token;
}

bool
token_is(const struct token *token, enum token_kind kind, const char *text)
{
	return token->kind == kind && view_is(token->text, text);
}

bool
parser_is_operator(const struct parser *parser, const char *text)
{
	return token_is(parser_token(parser), TOKEN_OPERATOR, text);
}

bool
parser_is_name(const struct parser *parser, const char *text)
{
	return token_is(parser_token(parser), TOKEN_NAME, text);
}

bool
parser_skip_operator(struct parser *parser, const char *text)
{
	if (!parser_is_operator(parser, text))
		return false;
	parser_next(parser);
	return true;
}

bool
parser_skip_name(struct parser *parser, const char *text)
{
	if (!parser_is_name(parser, text))
		return false;
	parser_next(parser);
	return true;
}

bool
parser_fail(struct parser *parser, const char *format, ...)
{
	const struct token *token = parser_token(parser);
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return syntax_fail(parser->syntax, token->line, token->column, "%s", text);
}

bool
parser_expect_operator(struct parser *parser, const char *text)
{
	char found[80];

	if (parser_skip_operator(parser, text))
		return true;
	if (parser_token(parser)->kind == TOKEN_END)
		return parser_fail(parser, "unexpected end of template, expected '%s'", text);
	return parser_fail(parser, "expected token '%s', got '%s'", text,
		token_describe(parser_token(parser), found, sizeof(found)));
}

/* ---- what an expression begins with ---- */

static bool
string_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_CONST);
	struct str text;
	bool ok = true;

	str_init(&text);
	while (ok && parser_token(parser)->kind == TOKEN_STRING) {
		const struct token *token = parser_next(parser);

		if (token->is_raw)
			literal_unescape_quotes(token->text, &text);
		else
			ok = literal_unescape(token->text, &text);
	}
	node->constant = value_view(parser->syntax->arena, str_view(&text));
	if (template_is_present(str_view(&text)))
		node->constant =
			value_with_flags(parser->syntax->arena, node->constant, VALUE_LITERAL);
	str_release(&text);
	if (!ok)
		return parser_fail(parser, "wrong escape sequence in a string");
	*out = node;
	return true;
}

static bool
number_parse_token(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_CONST);
	const struct token *token = parser_token(parser);

	node->constant = literal_number(parser->syntax->arena, token->text);
	if (!node->constant)
		return parser_fail(parser, "number out of range");
	parser_next(parser);
	*out = node;
	return true;
}

static bool
list_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_LIST), *item;

	parser_next(parser);
	while (!parser_is_operator(parser, "]")) {
		if (node->count && !parser_expect_operator(parser, ","))
			return false;
		if (parser_is_operator(parser, "]"))
			break;
		if (!parse_expression(parser, &item))
			return false;
		node_add(parser, node, item);
	}
	*out = node;
	return parser_expect_operator(parser, "]");
}

static bool
dict_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_DICT), *key, *item;

	parser_next(parser);
	while (!parser_is_operator(parser, "}")) {
		if (node->count && !parser_expect_operator(parser, ","))
			return false;
		if (parser_is_operator(parser, "}"))
			break;
		if (!parse_expression(parser, &key) || !parser_expect_operator(parser, ":") ||
			!parse_expression(parser, &item))
			return false;
		node_add(parser, node, key);
		node_add(parser, node, item);
	}
	*out = node;
	return parser_expect_operator(parser, "}");
}

bool
parse_name(struct parser *parser, struct node **out)
{
	char found[80];

	if (parser_token(parser)->kind != TOKEN_NAME)
		return parser_fail(parser, "expected token 'name', got '%s'",
			token_describe(parser_token(parser), found, sizeof(found)));
	*out = syntax_new(parser, NODE_NAME);
	(*out)->name = parser_next(parser)->text;
	parser->macro_uses |= view_is((*out)->name, "caller")	 ? MACRO_CALLER
			      : view_is((*out)->name, "kwargs")	 ? MACRO_KWARGS
			      : view_is((*out)->name, "varargs") ? MACRO_VARARGS
								 : 0u;
	return true;
}

static bool
word_parse(struct parser *parser, struct node **out)
{
	static const struct {
		const char *word;
		const struct value *value;
	} constants[] = { { "true", &value_true }, { "True", &value_true },
		{ "false", &value_false }, { "False", &value_false }, { "none", &value_none },
		{ "None", &value_none } };

	if (!parse_name(parser, out))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++)
		if (view_is((*out)->name, constants[i].word)) {
			(*out)->kind = NODE_CONST;
			(*out)->constant = constants[i].value;
		}
	return true;
}

static bool
primary_parse(struct parser *parser, struct node **out)
{
	const struct token *token = parser_token(parser);
	char found[80];

	switch (token->kind) {
	case TOKEN_NAME:
		return word_parse(parser, out);
	case TOKEN_STRING:
		return string_parse(parser, out);
	case TOKEN_INTEGER:
	case TOKEN_FLOAT:
		return number_parse_token(parser, out);
	default:
		break;
	}
	if (parser_is_operator(parser, "[") || parser_is_operator(parser, "{")) {
		bool ok;

		if (++parser->depth > EXPRESSION_DEEPEST)
			return parser_fail(parser, "too many brackets inside each other");
		ok = parser_is_operator(parser, "[") ? list_parse(parser, out)
						     : dict_parse(parser, out);
		parser->depth--;
		return ok;
	}
	if (parser_skip_operator(parser, "("))
		return parse_tuple(parser, TUPLE_PARENTHESES, out) &&
		       parser_expect_operator(parser, ")");
	if (token->kind == TOKEN_END)
		return parser_fail(parser, "unexpected end of template, expected an expression");
	return parser_fail(parser, "expected an expression, got '%s'",
		token_describe(token, found, sizeof(found)));
}

/* ---- what may follow: .name [item] (call) |filter is test ---- */

static bool
argument_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_SPREAD);

	*out = node;
	if (parser_skip_operator(parser, "*"))
		return parse_expression(parser, &node->left);
	if (parser_skip_operator(parser, "**")) {
		node->kind = NODE_SPREAD_MAP;
		return parse_expression(parser, &node->left);
	}
	if (parser_token(parser)->kind == TOKEN_NAME &&
		token_is(parser_token(parser) + 1, TOKEN_OPERATOR, "=")) {
		node->kind = NODE_KEYWORD;
		node->name = parser_next(parser)->text;
		parser_next(parser);
		return parse_expression(parser, &node->left);
	}
	return parse_expression(parser, out);
}

/* "(a, b=c, *d, **e)" into the items of `node`; the "(" is current. */
static bool
arguments_parse(struct parser *parser, struct node *node)
{
	struct node *item;
	bool is_first = true;

	parser_next(parser);
	while (!parser_is_operator(parser, ")")) {
		if (!is_first && !parser_expect_operator(parser, ","))
			return false;
		is_first = false;
		if (parser_is_operator(parser, ")"))
			break;
		if (!argument_parse(parser, &item))
			return false;
		node_add(parser, node, item);
	}
	return parser_expect_operator(parser, ")");
}

static bool
slice_part(struct parser *parser, struct node **out)
{
	*out = NULL;
	if (parser_is_operator(parser, ":") || parser_is_operator(parser, "]") ||
		parser_is_operator(parser, ","))
		return true;
	return parse_expression(parser, out);
}

static bool
subscript_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_SLICE), *part;

	if (!slice_part(parser, &part))
		return false;
	if (!parser_is_operator(parser, ":")) {
		*out = part;
		return part || parser_fail(parser, "expected subscript expression");
	}
	node_add(parser, node, part);
	while (node->count < 3) {
		part = NULL;
		if (parser_skip_operator(parser, ":") && !slice_part(parser, &part))
			return false;
		node_add(parser, node, part);
	}
	*out = node;
	return true;
}

bool
parse_dot(struct parser *parser, struct node *left, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_ATTRIBUTE);
	char found[80];

	node->left = left;
	*out = node;
	if (parser_token(parser)->kind == TOKEN_INTEGER) {
		node->kind = NODE_ITEM;
		return number_parse_token(parser, &node->right);
	}
	if (parser_token(parser)->kind != TOKEN_NAME)
		return parser_fail(parser, "expected name or number, got '%s'",
			token_describe(parser_token(parser), found, sizeof(found)));
	node->name = parser_next(parser)->text;
	return true;
}

static bool
item_parse(struct parser *parser, struct node *left, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_ITEM), *next, *tuple = NULL;

	node->left = left;
	if (!subscript_parse(parser, &node->right))
		return false;
	while (parser_skip_operator(parser, ",")) {
		if (!tuple) {
			tuple = syntax_new(parser, NODE_TUPLE);
			node_add(parser, tuple, node->right);
			node->right = tuple;
		}
		if (parser_is_operator(parser, "]"))
			break;
		if (!subscript_parse(parser, &next))
			return false;
		node_add(parser, tuple, next);
	}
	*out = node;
	return parser_expect_operator(parser, "]");
}

static bool
call_parse(struct parser *parser, struct node *left, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_CALL);

	node->left = left;
	*out = node;
	if (left->kind == NODE_ATTRIBUTE && method_mutates(left->name))
		parser->template->may_mutate = true;
	return arguments_parse(parser, node);
}

bool
parse_postfix(struct parser *parser, struct node *left, struct node **out)
{
	int links = 0;

	for (;; links++) {
		bool ok;

		if (links > EXPRESSION_DEEPEST)
			return parser_fail(parser, "expression too long");
		if (parser_skip_operator(parser, "."))
			ok = parse_dot(parser, left, &left);
		else if (parser_skip_operator(parser, "["))
			ok = item_parse(parser, left, &left);
		else if (parser_is_operator(parser, "("))
			ok = call_parse(parser, left, &left);
		else
			break;
		if (!ok)
			return false;
	}
	*out = left;
	return true;
}

/* "a.b.c" as one name; the last word of a known collection's filter is what counts. */
static bool
dotted_name(struct parser *parser, struct node *node)
{
	struct node *name;
	struct str text;
	bool ok;

	str_init(&text);
	ok = parse_name(parser, &name);
	if (ok)
		str_add_view(&text, name->name);
	while (ok && parser_skip_operator(parser, ".")) {
		ok = parse_name(parser, &name);
		str_add_char(&text, '.');
		if (ok)
			str_add_view(&text, name->name);
	}
	node->name.length = text.length;
	node->name.data = arena_view(parser->syntax->arena, str_view(&text));
	str_release(&text);
	return ok;
}

static bool
function_missing(struct parser *parser, struct node *node, const char *kind, const char *nearest)
{
	char where[40];

	snprintf(where, sizeof(where), "%u:%u", node->line, node->column);
	fail(parser->syntax->err, ERR_MISSING, "no %s named '%.*s'", kind, (int)node->name.length,
		node->name.data);
	if (nearest && !view_is(node->name, nearest))
		error_hint(parser->syntax->err, "did you mean '%s'?", nearest);
	return error_where(parser->syntax->err, "%s", where);
}

static bool
filter_parse(struct parser *parser, struct node *left, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_FILTER);

	node->left = left;
	if (!dotted_name(parser, node))
		return false;
	node->function = filter_find(node->name);
	if (!node->function)
		return function_missing(parser, node, "filter", filter_nearest(node->name.data));
	if (parser_is_operator(parser, "(") && !arguments_parse(parser, node))
		return false;
	*out = node;
	return true;
}

bool
parse_filters(struct parser *parser, struct node *left, bool is_start, struct node **out)
{
	int links = 0;

	while (is_start || parser_skip_operator(parser, "|")) {
		is_start = false;
		if (links++ > EXPRESSION_DEEPEST)
			return parser_fail(parser, "expression too long");
		if (!filter_parse(parser, left, &left))
			return false;
	}
	*out = left;
	return true;
}

/* May a test's only argument start here, without parentheses (`is divisibleby 3`)? Any name may,
 * even `if`: «a if b is c if d else e» is an error to Jinja2 as well. */
static bool
is_bare_argument(const struct parser *parser)
{
	static const char *const words[] = { "else", "or", "and", "is", NULL };
	const struct token *token = parser_token(parser);

	if (token->kind == TOKEN_NAME) {
		for (int i = 0; words[i]; i++)
			if (view_is(token->text, words[i]))
				return false;
		return true;
	}
	return token->kind == TOKEN_STRING || token->kind == TOKEN_INTEGER ||
	       token->kind == TOKEN_FLOAT || parser_is_operator(parser, "[") ||
	       parser_is_operator(parser, "{");
}

static bool
test_parse(struct parser *parser, struct node *left, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_TEST), *item;

	node->left = left;
	node->is_set = parser_skip_name(parser, "not");
	if (!dotted_name(parser, node))
		return false;
	node->function = test_find(node->name);
	if (!node->function)
		return function_missing(parser, node, "test", test_nearest(node->name.data));
	if (parser_is_operator(parser, "(")) {
		if (!arguments_parse(parser, node))
			return false;
	} else if (is_bare_argument(parser)) {
		if (!primary_parse(parser, &item) || !parse_postfix(parser, item, &item))
			return false;
		node_add(parser, node, item);
	}
	*out = node;
	return true;
}

static bool
filters_and_tests_parse(struct parser *parser, struct node *left, struct node **out)
{
	int links = 0;

	for (;; links++) {
		bool ok;

		if (links > EXPRESSION_DEEPEST)
			return parser_fail(parser, "expression too long");
		if (parser_skip_operator(parser, "|"))
			ok = filter_parse(parser, left, &left);
		else if (parser_skip_name(parser, "is"))
			ok = test_parse(parser, left, &left);
		else if (parser_is_operator(parser, "("))
			ok = call_parse(parser, left, &left);
		else
			break;
		if (!ok)
			return false;
	}
	*out = left;
	return true;
}

bool
parse_unary(struct parser *parser, bool with_filters, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_NEGATE);
	bool is_plus = parser_is_operator(parser, "+");

	if (++parser->depth > EXPRESSION_DEEPEST)
		return parser_fail(parser, "expression nested too deep");
	if (is_plus || parser_is_operator(parser, "-")) {
		parser_next(parser);
		node->kind = is_plus ? NODE_PLUS : NODE_NEGATE;
		if (!parse_unary(parser, false, &node->left))
			return false;
	} else if (!primary_parse(parser, &node)) {
		return false;
	}
	parser->depth--;
	if (!parse_postfix(parser, node, &node))
		return false;
	*out = node;
	return !with_filters || filters_and_tests_parse(parser, node, out);
}
