/*
 * Cuts the text of a template into tokens. White space control happens here: the minus and plus
 * signs at the delimiters, trim_blocks, lstrip_blocks and the newline at the very end, which the
 * renderer puts back.
 */
#include "template/syntax.h"

#include <ctype.h>
#include <stdarg.h>

#include "template/literal.h"
#include "template/unicode.h"

struct lexer {
	struct syntax *syntax;
	const struct template_options *options;
	const char *start, *at, *end;
	struct token_list *out;
	const char *line_start; /* of the line last located */
	const char *located;
	uint32_t line;
};

bool
syntax_fail(struct syntax *syntax, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;

	fail(syntax->err, ERR_PARSE, "template syntax error");
	if (!syntax->err)
		return false;
	va_start(args, format);
	vsnprintf(syntax->err->why, sizeof(syntax->err->why), format, args);
	va_end(args);
	return error_where(syntax->err, "%u:%u", line, column);
}

/* Moves forwards only, so that locating all tokens costs one pass. */
static void
locate(struct lexer *lexer, const char *at, uint32_t *line, uint32_t *column)
{
	for (; lexer->located < at; lexer->located++)
		if (*lexer->located == '\n') {
			lexer->line++;
			lexer->line_start = lexer->located + 1;
		}
	*line = lexer->line;
	*column = (uint32_t)(at - lexer->line_start) + 1;
}

static bool
lexer_fail(struct lexer *lexer, const char *at, const char *what)
{
	uint32_t line, column;

	locate(lexer, at, &line, &column);
	return syntax_fail(lexer->syntax, line, column, "%s", what);
}

static struct token *
token_add(struct lexer *lexer, enum token_kind kind, const char *at, size_t length)
{
	struct token_list *list = lexer->out;
	struct token *token;

	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 32;

		list->items = arena_grow(
			lexer->syntax->arena, list->items, list->count, room, sizeof(*list->items));
		list->room = room;
	}
	token = &list->items[list->count++];
	*token = (struct token){ .kind = kind, .text = { at, length } };
	locate(lexer, at, &token->line, &token->column);
	return token;
}

static bool
is_at(const struct lexer *lexer, const char *at, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(lexer->end - at) >= length && !memcmp(at, text, length);
}

enum opening { OPEN_NONE, OPEN_VARIABLE, OPEN_BLOCK, OPEN_COMMENT };

/* The longest delimiter wins where several fit. */
static enum opening
opening_at(const struct lexer *lexer, const char *at, size_t *length)
{
	const struct template_options *options = lexer->options;
	const char *const texts[] = { options->variable_start, options->block_start,
		options->comment_start };
	enum opening best = OPEN_NONE;

	*length = 0;
	for (int i = 0; i < 3; i++)
		if (strlen(texts[i]) > *length && is_at(lexer, at, texts[i])) {
			*length = strlen(texts[i]);
			best = (enum opening)(OPEN_VARIABLE + i);
		}
	return best;
}

/* White space as Python knows it: the bytes of one character that is, else 0. */
static size_t
space_length(const char *at, const char *end)
{
	struct view rest = { at, (size_t)(end - at) };
	uint32_t code;
	size_t length;

	if (at == end)
		return 0;
	length = utf8_take(rest, 0, &code);
	return unicode_flags(code) & UNICODE_SPACE ? length : 0;
}

static const char *
space_skip(const char *at, const char *end)
{
	for (size_t length; (length = space_length(at, end));)
		at += length;
	return at;
}

/* Where the white space in front of `at` begins, not before `from`; with `stops_at_lines`, on the
 * same line. */
static const char *
space_before(const char *from, const char *at, bool stops_at_lines)
{
	while (at > from) {
		const char *before = at - 1;

		while (before > from && ((unsigned char)*before & 0xc0) == 0x80)
			before--;
		if ((stops_at_lines && *before == '\n') ||
			space_length(before, at) != (size_t)(at - before))
			break;
		at = before;
	}
	return at;
}

/* Text of the template gets the newlines that were asked for; what expressions give does not. */
static void
newlines_set(struct lexer *lexer, struct token *token)
{
	const char *sequence = lexer->options->newline_sequence;
	struct view rest = token->text, line;
	struct str text;

	if (!sequence || text_equals(sequence, "\n"))
		return;
	str_init(&text);
	while (view_cut(&rest, '\n', &line)) {
		str_add_view(&text, line);
		if (rest.data)
			str_add(&text, sequence);
	}
	token->text =
		(struct view){ arena_view(lexer->syntax->arena, str_view(&text)), text.length };
	str_release(&text);
}

/* The text in front of a delimiter, stripped as the sign behind the delimiter says. */
static void
text_add(struct lexer *lexer, const char *from, const char *to, char sign, bool may_lstrip)
{
	bool at_line_start = from == lexer->start || from[-1] == '\n';

	if (sign == '-') {
		to = space_before(from, to, false);
	} else if (sign != '+' && may_lstrip && lexer->options->lstrip_blocks) {
		const char *line = space_before(from, to, true);

		if (line > from ? line[-1] == '\n' : at_line_start)
			to = line;
	}
	if (to > from)
		newlines_set(lexer, token_add(lexer, TOKEN_TEXT, from, (size_t)(to - from)));
}

/* Behind a closing delimiter: "-" strips all white space, trim_blocks one newline. */
static const char *
after_close(struct lexer *lexer, const char *at, char sign, bool is_block)
{
	if (sign == '-')
		return space_skip(at, lexer->end);
	if (sign != '+' && is_block && lexer->options->trim_blocks && at < lexer->end &&
		*at == '\n')
		return at + 1;
	return at;
}

static char
sign_at(const struct lexer *lexer, const char *at)
{
	return at < lexer->end && (*at == '-' || *at == '+') ? *at : '\0';
}

static const char *
find(const struct lexer *lexer, const char *at, const char *text)
{
	return memmem(at, (size_t)(lexer->end - at), text, strlen(text));
}

static bool
comment_skip(struct lexer *lexer, const char *from)
{
	const char *close = find(lexer, from, lexer->options->comment_end);
	char sign;

	if (!close && from == lexer->end) { /* Jinja2 forgives when nothing follows */
		lexer->at = from;
		return true;
	}
	if (!close)
		return lexer_fail(lexer, from, "Missing end of comment tag");
	sign = close > from ? close[-1] : '\0';
	lexer->at = after_close(lexer, close + strlen(lexer->options->comment_end),
		sign == '-' || sign == '+' ? sign : 0, true);
	return true;
}

/* "{% word %}" at a block start? Gives what stands behind it. */
static const char *
plain_tag(const struct lexer *lexer, const char *open, const char *word, char *close_sign)
{
	const char *at = open + strlen(lexer->options->block_start);

	at += sign_at(lexer, at) != 0;
	at = space_skip(at, lexer->end);
	if (!is_at(lexer, at, word))
		return NULL;
	at = space_skip(at + strlen(word), lexer->end);
	*close_sign = sign_at(lexer, at);
	at += *close_sign != 0;
	if (!is_at(lexer, at, lexer->options->block_end))
		return NULL;
	return at + strlen(lexer->options->block_end);
}

static bool
raw_take(struct lexer *lexer, const char *content, char sign)
{
	const char *open = content, *rest = NULL;

	if (sign == '-')
		content = open = space_skip(content, lexer->end);
	for (; (open = find(lexer, open, lexer->options->block_start)); open++) {
		rest = plain_tag(lexer, open, "endraw", &sign);
		if (rest)
			break;
	}
	if (!open && content == lexer->end) {
		lexer->at = content;
		return true;
	}
	if (!open)
		return lexer_fail(lexer, content, "Missing end of raw directive");
	text_add(lexer, content, open, sign_at(lexer, open + strlen(lexer->options->block_start)),
		true);
	lexer->at = after_close(lexer, rest, sign, true);
	return true;
}

static size_t
digits_span(const char *at, const char *end, const char *set)
{
	const char *from = at;

	while (at < end && *at &&
		(strchr(set, *at) ||
			(*at == '_' && at > from && at + 1 < end && at[1] && strchr(set, at[1]))))
		at++;
	return (size_t)(at - from);
}

static size_t
exponent_span(const char *at, const char *end)
{
	size_t sign, digits;

	if (at >= end || (*at != 'e' && *at != 'E'))
		return 0;
	sign = at + 1 < end && (at[1] == '+' || at[1] == '-');
	digits = digits_span(at + 1 + sign, end, "0123456789");
	return digits ? 1 + sign + digits : 0;
}

static void
number_take(struct lexer *lexer)
{
	static const char digits[] = "0123456789";
	const char *from = lexer->at, *end = lexer->end;
	bool after_dot = from > lexer->start && from[-1] == '.';
	char kind = *from == '0' && from + 1 < end ? (char)tolower((unsigned char)from[1]) : '\0';
	const char *set = kind == 'x' ? "0123456789abcdefABCDEF" : kind == 'o' ? "01234567" : "01";
	size_t length, more;

	if ((kind == 'x' || kind == 'o' || kind == 'b') &&
		(length = digits_span(from + 2, end, set))) {
		lexer->at = from + 2 + length;
		token_add(lexer, TOKEN_INTEGER, from, length + 2);
		return;
	}
	length = *from == '0' ? digits_span(from, end, "0") : digits_span(from, end, digits);
	if (!after_dot) {
		size_t whole = digits_span(from, end, digits), real = whole;

		if (from + whole + 1 < end && from[whole] == '.' &&
			(more = digits_span(from + whole + 1, end, digits)))
			real += 1 + more;
		real += exponent_span(from + real, end);
		if (real > whole) {
			lexer->at = from + real;
			token_add(lexer, TOKEN_FLOAT, from, real);
			return;
		}
	}
	lexer->at = from + length;
	token_add(lexer, TOKEN_INTEGER, from, length);
}

static bool
string_take(struct lexer *lexer, bool is_raw)
{
	const char *from = lexer->at++;
	struct token *token;

	/* The string must have an end as it is written. Then, where backslashes are doubled before
	 * all else, none can save a quote. */
	for (const char *at = lexer->at; is_raw; at += *at == '\\' ? 2 : 1) {
		if (at >= lexer->end)
			return lexer_fail(lexer, from, "string without an end");
		if (*at == *from)
			break;
	}
	while (lexer->at < lexer->end && *lexer->at != *from)
		lexer->at += *lexer->at == '\\' && !is_raw ? 2 : 1;
	if (lexer->at >= lexer->end)
		return lexer_fail(lexer, from, "string without an end");
	token = token_add(lexer, TOKEN_STRING, from, 1);
	token->text = (struct view){ from + 1, (size_t)(lexer->at - from - 1) };
	token->is_raw = is_raw;
	lexer->at++;
	return true;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' ||
	       ((unsigned char)c >= 0x80 && (unsigned char)c != 0xc2);
}

static bool
operator_take(struct lexer *lexer, char *stack, int *depth, int room)
{
	static const char *const pairs[] = { "//", "**", "==", "!=", ">=", "<=", NULL };
	const char *at = lexer->at;
	char text[48];

	for (int i = 0; pairs[i]; i++)
		if (is_at(lexer, at, pairs[i])) {
			token_add(lexer, TOKEN_OPERATOR, at, 2);
			lexer->at += 2;
			return true;
		}
	if (!*at || !strchr("+-/*%~[](){}><=.:|,;", *at)) {
		snprintf(text, sizeof(text), "unexpected char '%c'", *at);
		return lexer_fail(lexer, at, text);
	}
	if (strchr("([{", *at)) {
		if (*depth == room)
			return lexer_fail(lexer, at, "too many brackets inside each other");
		stack[(*depth)++] = *at == '(' ? ')' : *at == '[' ? ']' : '}';
	} else if (strchr(")]}", *at)) {
		if (!*depth || stack[*depth - 1] != *at) {
			snprintf(text, sizeof(text), "unexpected '%c'", *at);
			return lexer_fail(lexer, at, text);
		}
		(*depth)--;
	}
	token_add(lexer, TOKEN_OPERATOR, at, 1);
	lexer->at++;
	return true;
}

/* One token of an expression. */
static bool
inner_take(struct lexer *lexer, bool is_raw, char *stack, int *depth, int room)
{
	const char *from = lexer->at;

	if (isdigit((unsigned char)*from)) {
		number_take(lexer);
		return true;
	}
	if (*from == '\'' || *from == '"')
		return string_take(lexer, is_raw);
	if (!is_name_char(*from))
		return operator_take(lexer, stack, depth, room);
	while (lexer->at < lexer->end && is_name_char(*lexer->at))
		lexer->at++;
	token_add(lexer, TOKEN_NAME, from, (size_t)(lexer->at - from));
	return true;
}

/* The tokens up to the closing delimiter; inside brackets it does not close (`{{ {'a': {}} }}`). */
static bool
inside_take(struct lexer *lexer, const char *close, enum token_kind end_kind, bool is_block)
{
	enum { ROOM = 200 };
	char stack[ROOM];
	int depth = 0;
	bool is_raw = lexer->syntax->mode == MODE_STRING && !is_block;

	for (;;) {
		lexer->at = space_skip(lexer->at, lexer->end);
		if (lexer->at >= lexer->end)
			return true; /* the parser says what is missing */
		if (!depth) {
			char sign = sign_at(lexer, lexer->at);
			const char *from =
				lexer->at + (sign && is_at(lexer, lexer->at + 1, close) &&
						    (sign == '-' || is_block));

			if (is_at(lexer, from, close)) {
				token_add(lexer, end_kind, lexer->at, strlen(close));
				sign = from > lexer->at ? sign : '\0';
				lexer->at =
					after_close(lexer, from + strlen(close), sign, is_block);
				return true;
			}
		}
		if (!inner_take(lexer, is_raw, stack, &depth, ROOM))
			return false;
	}
}

static bool
opening_take(
	struct lexer *lexer, const char *text, const char *open, enum opening kind, size_t length)
{
	char sign = sign_at(lexer, open + length), close_sign;
	const char *raw = kind == OPEN_BLOCK ? plain_tag(lexer, open, "raw", &close_sign) : NULL;
	bool is_block = kind == OPEN_BLOCK;

	text_add(lexer, text, open, sign, kind != OPEN_VARIABLE);
	if (raw)
		return raw_take(lexer, raw, close_sign);
	if (kind == OPEN_COMMENT)
		return comment_skip(lexer, open + length);
	token_add(lexer, is_block ? TOKEN_BLOCK_BEGIN : TOKEN_VARIABLE_BEGIN, open, length);
	lexer->at = open + length + (sign == '-' || (sign == '+' && is_block));
	if (is_block)
		return inside_take(lexer, lexer->options->block_end, TOKEN_BLOCK_END, true);
	return inside_take(lexer, lexer->options->variable_end, TOKEN_VARIABLE_END, false);
}

static bool
text_and_opening_take(struct lexer *lexer)
{
	const char *text = lexer->at;

	for (const char *at = text; at < lexer->end; at++) {
		size_t length;
		enum opening kind = opening_at(lexer, at, &length);

		if (kind != OPEN_NONE)
			return opening_take(lexer, text, at, kind, length);
	}
	text_add(lexer, text, lexer->end, '\0', false);
	lexer->at = lexer->end;
	return true;
}

/* All newlines become \n, and one at the end goes. */
static struct view
text_prepare(struct syntax *syntax, struct view text)
{
	char *copy = arena_alloc(syntax->arena, text.length + 1);
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\r') {
			if (i + 1 < text.length && text.data[i + 1] == '\n')
				continue;
			copy[length++] = '\n';
		} else {
			copy[length++] = text.data[i];
		}
	}
	if (syntax->mode != MODE_EXPRESSION && syntax->mode != MODE_CONDITION && length &&
		copy[length - 1] == '\n')
		length--;
	copy[length] = '\0';
	return (struct view){ copy, length };
}

bool
lexer_run(struct syntax *syntax, struct view text, struct token_list *out)
{
	struct lexer lexer = {
		.syntax = syntax, .options = syntax->options, .out = out, .line = 1
	};

	*out = (struct token_list){ 0 };
	text = text_prepare(syntax, text);
	lexer.start = lexer.at = lexer.located = lexer.line_start = text.data;
	lexer.end = text.data + text.length;
	if (syntax->mode == MODE_EXPRESSION || syntax->mode == MODE_CONDITION) {
		if (!inside_take(&lexer, "\n%}", TOKEN_BLOCK_END, true))
			return false;
	}
	while (lexer.at < lexer.end)
		if (!text_and_opening_take(&lexer))
			return false;
	token_add(&lexer, TOKEN_END, lexer.end, 0);
	return true;
}

const char *
token_describe(const struct token *token, char *buffer, size_t size)
{
	static const char *const names[] = { "end of template", "template data / text",
		"begin of print statement", "end of print statement", "begin of statement block",
		"end of statement block", NULL, "string", "integer", "float" };

	if (token->kind == TOKEN_NAME || token->kind == TOKEN_OPERATOR)
		snprintf(buffer, size, "%.*s", (int)MIN(token->text.length, 60), token->text.data);
	else
		snprintf(buffer, size, "%s", names[token->kind]);
	return buffer;
}
