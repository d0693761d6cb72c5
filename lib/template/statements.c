/* Statements: what stands between {% and %}, and the body of a template. */
#include "template/syntax.h"

enum { DEEPEST = 80 };

static bool
block_end_expect(struct parser *parser)
{
	char found[80];

	if (parser_token(parser)->kind == TOKEN_BLOCK_END) {
		parser_next(parser);
		return true;
	}
	if (parser_token(parser)->kind == TOKEN_END)
		return parser_fail(
			parser, "unexpected end of template, expected 'end of statement block'");
	return parser_fail(parser, "expected token 'end of statement block', got '%s'",
		token_describe(parser_token(parser), found, sizeof(found)));
}

/* "%} body {% end", with the end tag's name current. */
static bool
inner_parse(struct parser *parser, const char *const *ends, struct node **out)
{
	return block_end_expect(parser) && parse_body(parser, ends, out);
}

/* The same with a single closing word, which is consumed. */
static bool
inner_until(struct parser *parser, const char *end, struct node **out)
{
	const char *const ends[] = { end, NULL };

	if (!inner_parse(parser, ends, out))
		return false;
	parser_next(parser);
	return true;
}

static bool
if_parse(struct parser *parser, struct node **out)
{
	static const char *const ends[] = { "elif", "else", "endif", NULL };
	struct node *first = NULL, **place = &first, *node;

	do {
		node = syntax_new(parser, NODE_IF);
		parser_next(parser);
		*place = node;
		place = &node->other;
		if (!parse_tuple(parser, TUPLE_NO_CONDITION, &node->left) ||
			!inner_parse(parser, ends, &node->right))
			return false;
	} while (parser_is_name(parser, "elif"));
	*out = first;
	if (parser_skip_name(parser, "else"))
		return inner_until(parser, "endif", place);
	parser_next(parser);
	return true;
}

static bool
for_parse(struct parser *parser, struct node **out)
{
	static const char *const ends[] = { "endfor", "else", NULL };
	struct node *node = syntax_new(parser, NODE_FOR), *parts[5] = { NULL };

	parser_next(parser);
	if (!parse_target(parser, false, &parts[0]))
		return false;
	if (!parser_skip_name(parser, "in"))
		return parser_fail(parser, "expected token 'in' in a for statement");
	if (!parse_tuple(parser, TUPLE_NO_CONDITION, &parts[1]))
		return false;
	if (parser_skip_name(parser, "if") && !parse_expression(parser, &parts[2]))
		return false;
	node->is_set = parser_skip_name(parser, "recursive");
	parser->loops++;
	if (!inner_parse(parser, ends, &parts[3]))
		return false;
	parser->loops--;
	if (view_is(parser_next(parser)->text, "else") && !inner_until(parser, "endfor", &parts[4]))
		return false;
	for (int i = 0; i < 5; i++)
		node_add(parser, node, parts[i]);
	*out = node;
	return true;
}

static bool
set_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_SET), *placeholder;

	parser_next(parser);
	if (!parse_target(parser, true, &node->left))
		return false;
	*out = node;
	if (parser_skip_operator(parser, "="))
		return parse_tuple(parser, 0, &node->right);
	node->kind = NODE_SET_BLOCK;
	placeholder = syntax_new(parser, NODE_TEXT);
	if (parser_is_operator(parser, "|")) {
		if (!parse_filters(parser, placeholder, false, &node->other))
			return false;
	}
	return inner_until(parser, "endset", &node->right);
}

/* "(a, b=1)" as NODE_KEYWORDs of the macro. */
static bool
signature_parse(struct parser *parser, struct node *macro)
{
	if (!parser_expect_operator(parser, "("))
		return false;
	while (!parser_is_operator(parser, ")")) {
		struct node *item, *name;

		if (macro->count && !parser_expect_operator(parser, ","))
			return false;
		if (parser_is_operator(parser, ")"))
			break;
		item = syntax_new(parser, NODE_KEYWORD);
		if (!parse_name(parser, &name))
			return false;
		item->name = name->name;
		if (parser_skip_operator(parser, "=") && !parse_expression(parser, &item->left))
			return false;
		node_add(parser, macro, item);
	}
	return parser_expect_operator(parser, ")");
}

/* The body of a macro; which of the special names it asks for decides what it may be called with.
 */
static bool
macro_body_parse(struct parser *parser, const char *end, struct node *macro)
{
	unsigned before = parser->macro_uses;
	bool ok;

	parser->macro_uses = 0;
	ok = inner_until(parser, end, &macro->right);
	macro->macro_uses = (uint8_t)parser->macro_uses;
	parser->macro_uses |= before;
	return ok;
}

static bool
macro_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_MACRO), *name;
	int loops = parser->loops;
	bool ok;

	parser_next(parser);
	if (!parse_name(parser, &name))
		return false;
	node->name = name->name;
	*out = node;
	parser->loops = 0;
	ok = signature_parse(parser, node) && macro_body_parse(parser, "endmacro", node);
	parser->loops = loops;
	return ok;
}

static bool
call_block_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_CALL_BLOCK);
	struct node *body = syntax_new(parser, NODE_MACRO);

	parser_next(parser);
	body->name = VIEW("caller");
	node->right = body;
	*out = node;
	if (parser_is_operator(parser, "(") && !signature_parse(parser, body))
		return false;
	if (!parse_expression(parser, &node->left))
		return false;
	if (node->left->kind != NODE_CALL)
		return parser_fail(parser, "expected call");
	return macro_body_parse(parser, "endcall", body);
}

static bool
filter_block_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_FILTER_BLOCK);

	parser_next(parser);
	*out = node;
	return parse_filters(parser, syntax_new(parser, NODE_TEXT), true, &node->left) &&
	       inner_until(parser, "endfilter", &node->right);
}

static bool
with_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_WITH), *target, *item;

	parser_next(parser);
	*out = node;
	while (parser_token(parser)->kind != TOKEN_BLOCK_END) {
		if (node->count && !parser_expect_operator(parser, ","))
			return false;
		if (!parse_name(parser, &target) || !parser_expect_operator(parser, "=") ||
			!parse_expression(parser, &item))
			return false;
		node_add(parser, node, target);
		node_add(parser, node, item);
	}
	return inner_until(parser, "endwith", &node->right);
}

static bool
block_find(const struct parser *parser, struct view name)
{
	for (uint32_t i = 0; i < parser->template->block_count; i++)
		if (view_equals(parser->template->blocks[i]->name, name))
			return true;
	return false;
}

static bool
block_parse(struct parser *parser, struct node **out)
{
	struct template *template = parser->template;
	struct node *node = syntax_new(parser, NODE_BLOCK), *name;
	int loops = parser->loops;

	parser_next(parser);
	if (!parse_name(parser, &name))
		return false;
	node->name = name->name;
	if (block_find(parser, node->name))
		return parser_fail(parser, "block '%.*s' defined twice", (int)node->name.length,
			node->name.data);
	template->blocks = arena_grow(parser->syntax->arena, template->blocks,
		template->block_count, template->block_count + 1, sizeof(struct node *));
	template->blocks[template->block_count++] = node;
	node->is_set = parser_skip_name(parser, "scoped");
	parser_skip_name(parser, "required");
	parser->loops = 0;
	if (!inner_until(parser, "endblock", &node->right))
		return false;
	parser->loops = loops;
	if (parser_is_name(parser, "endblock"))
		parser_next(parser);
	if (parser_token(parser)->kind == TOKEN_NAME &&
		view_equals(parser_token(parser)->text, node->name))
		parser_next(parser);
	*out = node;
	return true;
}

/* "with context" or "without context", if it stands there. */
static void
context_parse(struct parser *parser, struct node *node)
{
	const struct token *token = parser_token(parser);
	bool is_with = parser_is_name(parser, "with");

	if ((is_with || parser_is_name(parser, "without")) && token[1].kind == TOKEN_NAME &&
		view_is(token[1].text, "context")) {
		parser->at += 2;
		node->has_context = is_with;
	}
}

static bool
include_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_INCLUDE);

	parser_next(parser);
	node->has_context = true;
	*out = node;
	if (!parse_expression(parser, &node->left))
		return false;
	if (parser_is_name(parser, "ignore")) {
		parser_next(parser);
		if (!parser_skip_name(parser, "missing"))
			return parser_fail(parser, "expected 'missing' after 'ignore'");
		node->is_set = true;
	}
	context_parse(parser, node);
	return true;
}

static bool
import_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_IMPORT), *name;

	parser_next(parser);
	*out = node;
	if (!parse_expression(parser, &node->left))
		return false;
	if (!parser_skip_name(parser, "as"))
		return parser_fail(parser, "expected 'as' in an import statement");
	if (!parse_name(parser, &name))
		return false;
	node->name = name->name;
	context_parse(parser, node);
	return true;
}

static bool
from_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_FROM), *item, *name;

	parser_next(parser);
	*out = node;
	if (!parse_expression(parser, &node->left))
		return false;
	if (!parser_skip_name(parser, "import"))
		return parser_fail(parser, "expected 'import' in a from statement");
	do {
		if (parser_token(parser)->kind == TOKEN_BLOCK_END)
			break;
		item = syntax_new(parser, NODE_KEYWORD);
		if (!parse_name(parser, &name))
			return false;
		item->name = name->name;
		item->right = name;
		if (parser_skip_name(parser, "as") && !parse_name(parser, &item->right))
			return false;
		node_add(parser, node, item);
		context_parse(parser, node);
	} while (parser_skip_operator(parser, ","));
	return true;
}

static bool
extends_parse(struct parser *parser, struct node **out)
{
	*out = syntax_new(parser, NODE_EXTENDS);
	parser_next(parser);
	return parse_expression(parser, &(*out)->left);
}

static bool
do_parse(struct parser *parser, struct node **out)
{
	*out = syntax_new(parser, NODE_DO);
	parser_next(parser);
	return parse_tuple(parser, 0, &(*out)->left);
}

static bool
print_parse(struct parser *parser, struct node **out)
{
	struct node *body = syntax_new(parser, NODE_BODY), *item;

	parser_next(parser);
	*out = body;
	while (parser_token(parser)->kind != TOKEN_BLOCK_END) {
		if (body->count && !parser_expect_operator(parser, ","))
			return false;
		item = syntax_new(parser, NODE_OUTPUT);
		if (!parse_expression(parser, &item->left))
			return false;
		node_add(parser, body, item);
	}
	return true;
}

static bool
autoescape_parse(struct parser *parser, struct node **out)
{
	struct node *ignored;

	parser_next(parser);
	return parse_expression(parser, &ignored) && inner_until(parser, "endautoescape", out);
}

static bool
jump_parse(struct parser *parser, struct node **out)
{
	bool is_break = parser_is_name(parser, "break");

	*out = syntax_new(parser, is_break ? NODE_BREAK : NODE_CONTINUE);
	if (!parser->loops)
		return parser_fail(
			parser, "'%s' outside of a loop", is_break ? "break" : "continue");
	parser_next(parser);
	return true;
}

static const struct statement {
	const char *name;
	bool (*parse)(struct parser *parser, struct node **out);
} statements[] = {
	{ "if", if_parse },
	{ "for", for_parse },
	{ "set", set_parse },
	{ "macro", macro_parse },
	{ "call", call_block_parse },
	{ "filter", filter_block_parse },
	{ "with", with_parse },
	{ "block", block_parse },
	{ "include", include_parse },
	{ "import", import_parse },
	{ "from", from_parse },
	{ "extends", extends_parse },
	{ "do", do_parse },
	{ "print", print_parse },
	{ "autoescape", autoescape_parse },
	{ "break", jump_parse },
	{ "continue", jump_parse },
};

static bool
statement_parse(struct parser *parser, struct node **out)
{
	const struct token *token = parser_token(parser);
	char found[80];

	if (token->kind != TOKEN_NAME)
		return parser_fail(parser, "tag name expected");
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		if (view_is(token->text, statements[i].name))
			return statements[i].parse(parser, out) && block_end_expect(parser);
	return parser_fail(parser, "Encountered unknown tag '%s'.",
		token_describe(token, found, sizeof(found)));
}

static bool
is_end_tag(const struct parser *parser, const char *const *ends)
{
	for (; ends && *ends; ends++)
		if (parser_is_name(parser, *ends))
			return true;
	return false;
}

static bool
output_parse(struct parser *parser, struct node **out)
{
	struct node *node = syntax_new(parser, NODE_OUTPUT);
	char found[80];

	parser_next(parser);
	if (!parse_tuple(parser, 0, &node->left))
		return false;
	*out = node;
	if (parser_token(parser)->kind == TOKEN_VARIABLE_END) {
		parser_next(parser);
		return true;
	}
	if (parser_token(parser)->kind == TOKEN_END)
		return parser_fail(
			parser, "unexpected end of template, expected 'end of print statement'");
	return parser_fail(parser, "expected token 'end of print statement', got '%s'",
		token_describe(parser_token(parser), found, sizeof(found)));
}

/* One piece of a body; *out stays NULL at the end tag. */
static bool
piece_parse(struct parser *parser, const char *const *ends, struct node **out)
{
	const struct token *token = parser_token(parser);

	*out = NULL;
	if (token->kind == TOKEN_TEXT) {
		*out = syntax_new(parser, NODE_TEXT);
		(*out)->name = parser_next(parser)->text;
		return true;
	}
	if (token->kind == TOKEN_VARIABLE_BEGIN)
		return output_parse(parser, out);
	parser_next(parser); /* block begin */
	if (is_end_tag(parser, ends))
		return true;
	return statement_parse(parser, out);
}

static bool
body_end(struct parser *parser, const char *const *ends)
{
	if (!ends)
		return true;
	return parser_fail(parser,
		"Unexpected end of template. Jinja was looking for the tag '%s'.",
		text_equals(ends[0], "elif") ? "endif" : ends[0]);
}

bool
parse_body(struct parser *parser, const char *const *ends, struct node **out)
{
	struct node *body = syntax_new(parser, NODE_BODY), *piece;

	if (++parser->depth > DEEPEST)
		return parser_fail(parser, "statements nested too deep");
	while (parser_token(parser)->kind != TOKEN_END) {
		if (!piece_parse(parser, ends, &piece))
			return false;
		if (!piece) {
			parser->depth--;
			*out = body;
			return true;
		}
		node_add(parser, body, piece);
	}
	parser->depth--;
	*out = body;
	return body_end(parser, ends);
}

static size_t
newlines_at_end(struct view text)
{
	size_t count = 0;

	while (count < text.length && text.data[text.length - 1 - count] == '\n')
		count++;
	return count;
}

static bool
expression_only(struct parser *parser, struct node **out)
{
	char found[80];

	if (!(parser->syntax->mode == MODE_CONDITION ? parse_tuple(parser, TUPLE_NO_CONDITION, out)
						     : parse_expression(parser, out)))
		return false;
	if (parser_token(parser)->kind == TOKEN_END)
		return true;
	return parser_fail(parser, "expected the end of the expression, got '%s'",
		token_describe(parser_token(parser), found, sizeof(found)));
}

bool
template_parse(struct syntax *syntax, struct view text, const char *name, struct template **out)
{
	struct template *template = arena_new(syntax->arena, struct template);
	struct parser parser = { .syntax = syntax, .template = template };

	template->mode = syntax->mode;
	template->options = *syntax->options;
	template->name = arena_text(syntax->arena, name);
	template->newlines = newlines_at_end(text);
	template->text = (struct view){ arena_view(syntax->arena, text), text.length };
	if (!lexer_run(syntax, text, &parser.tokens))
		return false;
	if (syntax->mode == MODE_EXPRESSION || syntax->mode == MODE_CONDITION) {
		if (!expression_only(&parser, &template->single))
			return false;
	} else {
		if (!parse_body(&parser, NULL, &template->body))
			return false;
		if (template->body->count == 1 && template->body->items[0]->kind == NODE_OUTPUT)
			template->single = template->body->items[0]->left;
	}
	*out = template;
	return true;
}
