/* Operators, tuples and targets: recursive descent with Jinja2's precedences. */
#include "template/syntax.h"

/* ---- binary operators, weakest last ---- */

static const struct level {
	const char *operators[5];
} levels[] = { { { "+", "-", NULL } }, { { "~", NULL } }, { { "*", "/", "//", "%", NULL } },
	{ { "**", NULL } } };

static const char *
operator_at(const struct parser *parser, const struct level *level)
{
	for (int i = 0; level->operators[i]; i++)
		if (parser_is_operator(parser, level->operators[i]))
			return level->operators[i];
	return NULL;
}

/* a + b + c … makes a tree as deep as it is long, so its length is bounded as nesting is. */
static bool
binary_parse(struct parser *parser, size_t level, struct node **out)
{
	struct node *left;
	const char *symbol;
	int links = 0;

	if (level == ARRAY_SIZE(levels))
		return parse_unary(parser, true, out);
	if (!binary_parse(parser, level + 1, &left))
		return false;
	while ((symbol = operator_at(parser, &levels[level]))) {
		struct node *node = syntax_new(parser, *symbol == '~' ? NODE_CONCAT : NODE_BINARY);

		if (links++ > 400)
			return parser_fail(parser, "expression too long");
		node->name = view_of(symbol);
		parser_next(parser);
		if (*symbol == '~' && left->kind == NODE_CONCAT)
			node = left;
		else
			node->left = left;
		if (!binary_parse(parser, level + 1, &node->right))
			return false;
		if (*symbol == '~') {
			if (!node->count)
				node_add(parser, node, left);
			node_add(parser, node, node->right);
		}
		left = node;
	}
	*out = left;
	return true;
}

static const char *
comparison_at(struct parser *parser)
{
	static const char *const operators[] = { "==", "!=", "<", "<=", ">", ">=", NULL };

	for (int i = 0; operators[i]; i++)
		if (parser_skip_operator(parser, operators[i]))
			return operators[i];
	if (parser_skip_name(parser, "in"))
		return "in";
	if (parser_is_name(parser, "not") && token_is(parser_token(parser) + 1, TOKEN_NAME, "in")) {
		parser->at += 2;
		return "not in";
	}
	return NULL;
}

static bool
compare_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_COMPARE), *part;
	const char *symbol;

	if (!binary_parse(parser, 0, &node->left))
		return false;
	while ((symbol = comparison_at(parser))) {
		part = syntax_new(parser, NODE_COMPARE_PART);
		part->name = view_of(symbol);
		if (!binary_parse(parser, 0, &part->left))
			return false;
		node_add(parser, node, part);
	}
	*out = node->count ? node : node->left;
	return true;
}

static bool
not_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_NOT);
	bool ok;

	if (!parser_skip_name(parser, "not"))
		return compare_parse(parser, out);
	if (++parser->depth > EXPRESSION_DEEPEST)
		return parser_fail(parser, "expression nested too deep");
	ok = not_parse(parser, &node->left);
	parser->depth--;
	*out = node;
	return ok;
}

static bool
logic_parse(struct parser *parser, enum node_kind kind, struct node **out)
{
	const char *word = kind == NODE_AND ? "and" : "or";
	struct node *left;
	int links = 0;

	if (!(kind == NODE_AND ? not_parse(parser, &left) : logic_parse(parser, NODE_AND, &left)))
		return false;
	while (parser_skip_name(parser, word)) {
		struct node *node = syntax_new(parser, kind);

		if (links++ > 400)
			return parser_fail(parser, "expression too long");
		node->left = left;
		if (!(kind == NODE_AND ? not_parse(parser, &node->right)
				       : logic_parse(parser, NODE_AND, &node->right)))
			return false;
		left = node;
	}
	*out = left;
	return true;
}

static bool
condition_parse(struct parser *parser, struct node **out)
{
	struct node *left;
	int links = 0;

	if (!logic_parse(parser, NODE_OR, &left))
		return false;
	while (parser_skip_name(parser, "if")) {
		struct node *node = syntax_new(parser, NODE_CONDITION);

		node->left = left;
		if (links++ > EXPRESSION_DEEPEST || !logic_parse(parser, NODE_OR, &node->right))
			return links <= EXPRESSION_DEEPEST
				       ? false
				       : parser_fail(parser, "expression too long");
		if (parser_skip_name(parser, "else") && !parse_expression(parser, &node->other))
			return false;
		left = node;
	}
	*out = left;
	return true;
}

bool
parse_expression(struct parser *parser, struct node **out)
{
	bool ok;

	if (++parser->depth > EXPRESSION_DEEPEST)
		return parser_fail(parser, "expression nested too deep");
	ok = condition_parse(parser, out);
	parser->depth--;
	return ok;
}

static bool
is_tuple_end(const struct parser *parser)
{
	enum token_kind kind = parser_token(parser)->kind;

	return kind == TOKEN_VARIABLE_END || kind == TOKEN_BLOCK_END || kind == TOKEN_END ||
	       parser_is_operator(parser, ")") || parser_is_name(parser, "recursive");
}

bool
parse_tuple(struct parser *parser, int how, struct node **out)
{
	struct node *tuple = syntax_new(parser, NODE_TUPLE), *item;
	bool has_comma = false;

	if (++parser->depth > EXPRESSION_DEEPEST)
		return parser_fail(parser, "expression nested too deep");
	while (!is_tuple_end(parser)) {
		bool ok = how & TUPLE_NO_CONDITION ? logic_parse(parser, NODE_OR, &item)
						   : parse_expression(parser, &item);

		if (!ok)
			return false;
		node_add(parser, tuple, item);
		if (!parser_skip_operator(parser, ","))
			break;
		has_comma = true;
	}
	parser->depth--;
	*out = tuple->count == 1 && !has_comma ? tuple->items[0] : tuple;
	if (!tuple->count && !(how & TUPLE_PARENTHESES)) {
		char found[80];

		return parser_fail(parser, "expected an expression, got '%s'",
			token_describe(parser_token(parser), found, sizeof(found)));
	}
	return true;
}

static bool
target_item(struct parser *parser, bool may_be_attribute, struct node **out)
{
	struct node *node;

	if (parser_skip_operator(parser, "(")) {
		if (++parser->depth > EXPRESSION_DEEPEST)
			return parser_fail(parser, "expression nested too deep");
		if (!parse_target(parser, may_be_attribute, out))
			return false;
		parser->depth--;
		return parser_expect_operator(parser, ")");
	}
	if (!parse_name(parser, &node))
		return false;
	*out = node;
	if (!may_be_attribute || !parser_skip_operator(parser, "."))
		return true;
	return parse_dot(parser, node, out);
}

bool
parse_target(struct parser *parser, bool may_be_attribute, struct node **out)
{
	struct node *tuple = syntax_new(parser, NODE_TUPLE), *item;
	bool has_comma = false;

	do {
		if (tuple->count && parser_token(parser)->kind != TOKEN_NAME &&
			!parser_is_operator(parser, "("))
			break;
		if (tuple->count && parser_is_name(parser, "in"))
			break;
		if (!target_item(parser, may_be_attribute, &item))
			return false;
		node_add(parser, tuple, item);
		has_comma = parser_is_operator(parser, ",") || tuple->count > 1;
	} while (parser_skip_operator(parser, ","));
	*out = has_comma ? tuple : tuple->items[0];
	return true;
}
