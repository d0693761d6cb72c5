/* JMESPath: from text to a tree, and the tree applied to data. */
#include "template/jmespath.h"

#include <ctype.h>

#include "json/json.h"
#include "template/evaluation.h"

enum { QUERY_DEEPEST = 200 };

/* ---- tokens ---- */

enum query_token {
	Q_END,
	Q_NAME,
	Q_QUOTED,
	Q_LITERAL,
	Q_NUMBER,
	Q_DOT,
	Q_STAR,
	Q_PIPE,
	Q_OR,
	Q_AND,
	Q_COMPARE,
	Q_NOT,
	Q_FLATTEN,
	Q_FILTER,
	Q_OPEN_BRACKET,
	Q_CLOSE_BRACKET,
	Q_OPEN_PAREN,
	Q_CLOSE_PAREN,
	Q_OPEN_BRACE,
	Q_CLOSE_BRACE,
	Q_COMMA,
	Q_COLON,
	Q_CURRENT,
	Q_REFERENCE,
};

static const int powers[] = { [Q_PIPE] = 1,
	[Q_OR] = 2,
	[Q_AND] = 3,
	[Q_COMPARE] = 5,
	[Q_FLATTEN] = 9,
	[Q_STAR] = 20,
	[Q_FILTER] = 21,
	[Q_DOT] = 40,
	[Q_NOT] = 45,
	[Q_OPEN_BRACE] = 50,
	[Q_OPEN_BRACKET] = 55,
	[Q_OPEN_PAREN] = 60,
	[Q_REFERENCE] = 0 };
enum { PROJECTION_STOP = 10 };

struct query_word {
	enum query_token kind;
	struct view text;
	const struct value *literal;
	int64_t number;
};

struct query_parser {
	struct call *call;
	struct view text;
	size_t at; /* behind `next` */
	struct query_word word, next;
	int depth;
};

static bool
parse_fail(struct query_parser *parser)
{
	return call_fail(parser->call, ERR_PARSE, "json_query: cannot read the expression '%.*s'",
		(int)MIN(parser->text.length, 300), parser->text.data);
}

static const struct value *
json_or_null(struct query_parser *parser, const char *text)
{
	const struct value *value;

	return json_parse(call_arena(parser->call), view_of(text), &value, NULL) ? value : NULL;
}

/* The text between quotes, which a backslash can hold open. */
static bool
quoted_take(struct query_parser *parser, struct view *out)
{
	char quote = parser->text.data[parser->at];
	size_t from = ++parser->at;

	while (parser->at < parser->text.length && parser->text.data[parser->at] != quote)
		parser->at += parser->text.data[parser->at] == '\\' ? 2 : 1;
	if (parser->at >= parser->text.length)
		return parse_fail(parser);
	*out = (struct view){ parser->text.data + from, parser->at - from };
	parser->at++;
	return true;
}

static const char *
without_escape(struct query_parser *parser, struct view text, char quote)
{
	struct str out;
	const char *copy;

	str_init(&out);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\\' && i + 1 < text.length && text.data[i + 1] == quote)
			i++;
		str_add_char(&out, text.data[i]);
	}
	copy = arena_view(call_arena(parser->call), str_view(&out));
	str_release(&out);
	return copy;
}

/* `…` holds JSON; what is none is taken as text without its quotes, as older queries write it. */
static bool
literal_take(struct query_parser *parser, struct query_word *word)
{
	char quote = parser->text.data[parser->at];
	struct view text;
	const char *plain;

	if (!quoted_take(parser, &text))
		return false;
	if (quote == '"') {
		word->kind = Q_QUOTED;
		word->literal =
			json_or_null(parser, arena_format(call_arena(parser->call), "\"%.*s\"",
						     (int)text.length, text.data));
		if (!word->literal)
			return parse_fail(parser);
		word->text = value_string_view(word->literal);
		return true;
	}
	plain = without_escape(parser, text, quote);
	word->kind = Q_LITERAL;
	if (quote == '\'') {
		word->literal = value_text(call_arena(parser->call), plain);
		return true;
	}
	word->literal = json_or_null(parser, plain);
	if (!word->literal)
		word->literal = json_or_null(parser, arena_format(call_arena(parser->call),
							     "\"%s\"", plain + strspn(plain, " ")));
	return word->literal ? true : parse_fail(parser);
}

static bool
number_take(struct query_parser *parser, struct query_word *word)
{
	size_t from = parser->at++;

	while (parser->at < parser->text.length &&
		isdigit((unsigned char)parser->text.data[parser->at]))
		parser->at++;
	word->kind = Q_NUMBER;
	return number_parse((struct view){ parser->text.data + from, parser->at - from },
		       &word->number) ||
	       parse_fail(parser);
}

static bool
sign_take(struct query_parser *parser, struct query_word *word)
{
	static const struct {
		const char *text;
		enum query_token kind;
	} signs[] = { { "||", Q_OR }, { "&&", Q_AND }, { "==", Q_COMPARE }, { "!=", Q_COMPARE },
		{ "<=", Q_COMPARE }, { ">=", Q_COMPARE }, { "[]", Q_FLATTEN }, { "[?", Q_FILTER },
		{ "<", Q_COMPARE }, { ">", Q_COMPARE }, { "|", Q_PIPE }, { "&", Q_REFERENCE },
		{ "!", Q_NOT }, { ".", Q_DOT }, { "*", Q_STAR }, { "[", Q_OPEN_BRACKET },
		{ "]", Q_CLOSE_BRACKET }, { "(", Q_OPEN_PAREN }, { ")", Q_CLOSE_PAREN },
		{ "{", Q_OPEN_BRACE }, { "}", Q_CLOSE_BRACE }, { ",", Q_COMMA }, { ":", Q_COLON },
		{ "@", Q_CURRENT } };
	struct view rest = { parser->text.data + parser->at, parser->text.length - parser->at };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (view_starts(rest, signs[i].text)) {
			word->kind = signs[i].kind;
			word->text = view_of(signs[i].text);
			parser->at += word->text.length;
			return true;
		}
	return parse_fail(parser);
}

static bool
word_take(struct query_parser *parser, struct query_word *word)
{
	const char *data = parser->text.data;
	char c;

	*word = (struct query_word){ .kind = Q_END };
	while (parser->at < parser->text.length && isspace((unsigned char)data[parser->at]))
		parser->at++;
	if (parser->at == parser->text.length)
		return true;
	c = data[parser->at];
	if (isalpha((unsigned char)c) || c == '_') {
		size_t from = parser->at;

		while (parser->at < parser->text.length &&
			(isalnum((unsigned char)data[parser->at]) || data[parser->at] == '_'))
			parser->at++;
		word->kind = Q_NAME;
		word->text = (struct view){ data + from, parser->at - from };
		return true;
	}
	if (c == '"' || c == '\'' || c == '`')
		return literal_take(parser, word);
	if (isdigit((unsigned char)c) || (c == '-' && isdigit((unsigned char)data[parser->at + 1])))
		return number_take(parser, word);
	return sign_take(parser, word);
}

static bool
advance(struct query_parser *parser)
{
	parser->word = parser->next;
	return word_take(parser, &parser->next);
}

static bool
match(struct query_parser *parser, enum query_token kind)
{
	return parser->word.kind == kind ? advance(parser) : parse_fail(parser);
}

/* ---- the tree ---- */

static struct query *
node_new(struct query_parser *parser, enum query_kind kind, struct query *left, struct query *right)
{
	struct query *query = arena_new(call_arena(parser->call), struct query);

	query->kind = kind;
	query->left = left;
	query->right = right;
	return query;
}

static void
item_add(struct query_parser *parser, struct query *query, struct view key, struct query *item)
{
	struct arena *into = call_arena(parser->call);

	query->items = arena_grow(
		into, query->items, query->count, query->count + 1, sizeof(*query->items));
	query->keys =
		arena_grow(into, query->keys, query->count, query->count + 1, sizeof(*query->keys));
	query->keys[query->count] = key;
	query->items[query->count++] = item;
}

static bool expression(struct query_parser *parser, int power, struct query **out);

static bool
list_parse(struct query_parser *parser, struct query **out)
{
	struct query *list = node_new(parser, QUERY_LIST, NULL, NULL), *item;

	for (;;) {
		if (!expression(parser, 0, &item))
			return false;
		item_add(parser, list, VIEW(""), item);
		if (parser->word.kind == Q_CLOSE_BRACKET)
			break;
		if (!match(parser, Q_COMMA))
			return false;
	}
	*out = list;
	return advance(parser);
}

static bool
hash_parse(struct query_parser *parser, struct query **out)
{
	struct query *hash = node_new(parser, QUERY_HASH, NULL, NULL), *item;

	for (;;) {
		struct view key = parser->word.text;

		if (parser->word.kind != Q_NAME && parser->word.kind != Q_QUOTED)
			return parse_fail(parser);
		if (!advance(parser) || !match(parser, Q_COLON) || !expression(parser, 0, &item))
			return false;
		item_add(parser, hash, key, item);
		if (parser->word.kind == Q_CLOSE_BRACE)
			break;
		if (!match(parser, Q_COMMA))
			return false;
	}
	*out = hash;
	return advance(parser);
}

static bool
dot_parse(struct query_parser *parser, int power, struct query **out)
{
	switch (parser->word.kind) {
	case Q_NAME:
	case Q_QUOTED:
	case Q_STAR:
		return expression(parser, power, out);
	case Q_OPEN_BRACKET:
		return advance(parser) && list_parse(parser, out);
	case Q_OPEN_BRACE:
		return advance(parser) && hash_parse(parser, out);
	default:
		return parse_fail(parser);
	}
}

/* What is applied to each item of a projection. */
static bool
rest_parse(struct query_parser *parser, int power, struct query **out)
{
	if (powers[parser->word.kind] < PROJECTION_STOP) {
		*out = node_new(parser, QUERY_IDENTITY, NULL, NULL);
		return true;
	}
	if (parser->word.kind == Q_OPEN_BRACKET || parser->word.kind == Q_FILTER)
		return expression(parser, power, out);
	return match(parser, Q_DOT) && dot_parse(parser, power, out);
}

static bool
slice_parse(struct query_parser *parser, struct query **out)
{
	struct query *slice = node_new(parser, QUERY_SLICE, NULL, NULL);
	int at = 0;

	while (parser->word.kind != Q_CLOSE_BRACKET) {
		if (parser->word.kind == Q_COLON && at < 2)
			at++;
		else if (parser->word.kind == Q_NUMBER)
			slice->bounds[at] =
				value_int(call_arena(parser->call), parser->word.number);
		else
			return parse_fail(parser);
		if (!advance(parser))
			return false;
	}
	*out = slice;
	return advance(parser);
}

/* [0], [1:2] behind `left`; a slice goes on as a projection. */
static bool
index_parse(struct query_parser *parser, struct query *left, struct query **out)
{
	struct query *index, *rest;

	if (parser->word.kind == Q_NUMBER && parser->next.kind != Q_COLON) {
		index = node_new(parser, QUERY_INDEX, NULL, NULL);
		index->number = parser->word.number;
		*out = node_new(parser, QUERY_SUBEXPRESSION, left, index);
		return advance(parser) && match(parser, Q_CLOSE_BRACKET);
	}
	if (!slice_parse(parser, &index) || !rest_parse(parser, powers[Q_STAR], &rest))
		return false;
	*out = node_new(
		parser, QUERY_PROJECTION, node_new(parser, QUERY_SUBEXPRESSION, left, index), rest);
	return true;
}

static bool
flatten_parse(struct query_parser *parser, struct query *left, struct query **out)
{
	struct query *rest;

	if (!rest_parse(parser, powers[Q_FLATTEN], &rest))
		return false;
	*out = node_new(
		parser, QUERY_PROJECTION, node_new(parser, QUERY_FLATTEN, left, NULL), rest);
	return true;
}

static bool
filter_parse(struct query_parser *parser, struct query *left, struct query **out)
{
	struct query *condition, *rest;

	if (!expression(parser, 0, &condition) || !match(parser, Q_CLOSE_BRACKET))
		return false;
	if (parser->word.kind == Q_FLATTEN)
		rest = node_new(parser, QUERY_IDENTITY, NULL, NULL);
	else if (!rest_parse(parser, powers[Q_FILTER], &rest))
		return false;
	*out = node_new(parser, QUERY_FILTER, left, rest);
	(*out)->condition = condition;
	return true;
}

static bool
star_parse(struct query_parser *parser, enum query_kind kind, struct query *left, int power,
	struct query **out)
{
	struct query *rest;

	if (!rest_parse(parser, power, &rest))
		return false;
	*out = node_new(parser, kind, left, rest);
	return true;
}

static bool
bracket_parse(struct query_parser *parser, struct query *left, bool is_first, struct query **out)
{
	if (parser->word.kind == Q_NUMBER || parser->word.kind == Q_COLON)
		return index_parse(parser, left, out);
	if (parser->word.kind == Q_STAR && parser->next.kind == Q_CLOSE_BRACKET) {
		if (!advance(parser))
			return false;
		return advance(parser) &&
		       star_parse(parser, QUERY_PROJECTION, left, powers[Q_STAR], out);
	}
	return is_first ? list_parse(parser, out) : parse_fail(parser);
}

/* What may begin an expression. */
static bool
prefix_parse(struct query_parser *parser, struct query **out)
{
	struct query_word word = parser->word;
	struct query *identity = node_new(parser, QUERY_IDENTITY, NULL, NULL);

	if (word.kind == Q_END || !advance(parser))
		return word.kind == Q_END ? parse_fail(parser) : false;
	switch (word.kind) {
	case Q_LITERAL:
		*out = node_new(parser, QUERY_LITERAL, NULL, NULL);
		(*out)->literal = word.literal;
		return true;
	case Q_NAME:
	case Q_QUOTED:
		*out = node_new(parser, QUERY_FIELD, NULL, NULL);
		(*out)->text = word.text;
		return word.kind == Q_NAME || parser->word.kind != Q_OPEN_PAREN
			       ? true
			       : parse_fail(parser);
	case Q_STAR:
		if (parser->word.kind == Q_CLOSE_BRACKET) {
			*out = node_new(parser, QUERY_VALUES, identity, identity);
			return true;
		}
		return star_parse(parser, QUERY_VALUES, identity, powers[Q_STAR], out);
	case Q_FILTER:
		return filter_parse(parser, identity, out);
	case Q_OPEN_BRACE:
		return hash_parse(parser, out);
	case Q_OPEN_PAREN:
		return expression(parser, 0, out) && match(parser, Q_CLOSE_PAREN);
	case Q_FLATTEN:
		return flatten_parse(parser, identity, out);
	case Q_NOT:
		*out = node_new(parser, QUERY_NOT, NULL, NULL);
		return expression(parser, powers[Q_NOT], &(*out)->left);
	case Q_OPEN_BRACKET:
		return bracket_parse(parser, identity, true, out);
	case Q_CURRENT:
		*out = identity;
		return true;
	case Q_REFERENCE:
		*out = node_new(parser, QUERY_REFERENCE, NULL, NULL);
		return expression(parser, powers[Q_REFERENCE], &(*out)->left);
	default:
		return parse_fail(parser);
	}
}

static bool
call_parse(struct query_parser *parser, struct query *left, struct query **out)
{
	struct query *call = node_new(parser, QUERY_CALL, NULL, NULL), *item;

	if (left->kind != QUERY_FIELD)
		return parse_fail(parser);
	call->text = left->text;
	while (parser->word.kind != Q_CLOSE_PAREN) {
		if (!expression(parser, 0, &item))
			return false;
		item_add(parser, call, VIEW(""), item);
		if (parser->word.kind == Q_COMMA && !advance(parser))
			return false;
	}
	*out = call;
	return advance(parser);
}

static bool
pair_parse(
	struct query_parser *parser, struct query_word word, struct query *left, struct query **out)
{
	static const enum query_kind kinds[] = { [Q_PIPE] = QUERY_SUBEXPRESSION,
		[Q_OR] = QUERY_OR,
		[Q_AND] = QUERY_AND,
		[Q_COMPARE] = QUERY_COMPARE };
	struct query *right;

	if (!expression(parser, powers[word.kind], &right))
		return false;
	*out = node_new(parser, kinds[word.kind], left, right);
	(*out)->text = word.text;
	return true;
}

/* What may follow one. */
static bool
suffix_parse(struct query_parser *parser, struct query *left, struct query **out)
{
	struct query_word word = parser->word;
	struct query *right;

	if (!advance(parser))
		return false;
	switch (word.kind) {
	case Q_DOT:
		if (parser->word.kind == Q_STAR)
			return advance(parser) &&
			       star_parse(parser, QUERY_VALUES, left, powers[Q_DOT], out);
		if (!dot_parse(parser, powers[Q_DOT], &right))
			return false;
		*out = node_new(parser, QUERY_SUBEXPRESSION, left, right);
		return true;
	case Q_PIPE:
	case Q_OR:
	case Q_AND:
	case Q_COMPARE:
		return pair_parse(parser, word, left, out);
	case Q_OPEN_PAREN:
		return call_parse(parser, left, out);
	case Q_FILTER:
		return filter_parse(parser, left, out);
	case Q_FLATTEN:
		return flatten_parse(parser, left, out);
	case Q_OPEN_BRACKET:
		return bracket_parse(parser, left, false, out);
	default:
		return parse_fail(parser);
	}
}

static bool
expression(struct query_parser *parser, int power, struct query **out)
{
	bool ok;

	if (++parser->depth > QUERY_DEEPEST)
		return call_fail(parser->call, ERR_LIMIT, "json_query: nested too deep");
	ok = prefix_parse(parser, out);
	while (ok && power < powers[parser->word.kind])
		ok = suffix_parse(parser, *out, out);
	parser->depth--;
	return ok;
}

static bool
query_parse(struct call *call, struct view text, struct query **out)
{
	struct query_parser parser = { .call = call, .text = text };

	return word_take(&parser, &parser.next) && advance(&parser) &&
	       expression(&parser, 0, out) &&
	       (parser.word.kind == Q_END ? true : parse_fail(&parser));
}

/* ---- evaluation ---- */

static bool
query_is_false(const struct value *value)
{
	return value->type == VALUE_NONE || (value->type == VALUE_BOOL && !value->boolean) ||
	       ((value_is_string(value) || value_is_list(value) || value_is_map(value)) &&
		       !value_length(value));
}

static bool
compare(const struct query *query, const struct value *left, const struct value *right,
	const struct value **out)
{
	bool is_equal, has_equal = query->text.length == 2;
	int order;

	if (view_is(query->text, "==") || view_is(query->text, "!=")) {
		is_equal = value_equals(left, right) &&
			   (left->type == VALUE_BOOL) == (right->type == VALUE_BOOL);
		return give_bool(is_equal == (query->text.data[0] == '='), out);
	}
	*out = &value_none;
	if (left->type == VALUE_BOOL || right->type == VALUE_BOOL || value_is_list(left) ||
		!value_compare(left, right, &order))
		return true;
	return give_bool(query->text.data[0] == '<' ? order < has_equal : order > -has_equal, out);
}

/* `right` on each item, those without a value left out. */
static bool
project(struct query_run *run, const struct query *query, const struct value *items,
	const struct value **out)
{
	struct value *list = value_list(call_arena(run->call));
	const struct value *item;

	VALUE_EACH (each, items) {
		if (query->condition) {
			if (!query_evaluate(run, query->condition, each, &item))
				return false;
			if (query_is_false(item))
				continue;
		}
		if (!query_evaluate(run, query->right, each, &item))
			return false;
		if (item->type != VALUE_NONE)
			value_add(call_arena(run->call), list, item);
	}
	*out = list;
	return true;
}

static bool
projection_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	const struct value *base;

	if (!query_evaluate(run, query->left, value, &base))
		return false;
	*out = &value_none;
	if (query->kind == QUERY_VALUES) {
		struct value *list = value_list(call_arena(run->call));

		if (!value_is_map(base))
			return true;
		VALUE_PAIRS (pair, base)
			value_add(call_arena(run->call), list, pair->value);
		base = list;
	}
	return !value_is_list(base) || project(run, query, base, out);
}

static bool
flatten_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	struct value *list = value_list(call_arena(run->call));
	const struct value *base;

	if (!query_evaluate(run, query->left, value, &base))
		return false;
	*out = value_is_list(base) ? list : &value_none;
	if (value_is_list(base))
		VALUE_EACH (item, base) {
			if (!value_is_list(item))
				value_add(call_arena(run->call), list, item);
			else
				VALUE_EACH (inner, item)
					value_add(call_arena(run->call), list, inner);
		}
	return true;
}

static bool
several_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	struct arena *into = call_arena(run->call);
	struct value *result = query->kind == QUERY_LIST ? value_list(into) : value_map(into);
	const struct value *item;

	*out = result;
	if (value->type == VALUE_NONE)
		*out = &value_none;
	for (uint32_t i = 0; i < query->count && *out == result; i++) {
		if (!query_evaluate(run, query->items[i], value, &item))
			return false;
		if (query->kind == QUERY_LIST)
			value_add(into, result, item);
		else
			value_set_key(into, result, value_view(into, query->keys[i]), item);
	}
	return true;
}

static bool
logic_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	const struct value *right;

	if (!query_evaluate(run, query->left, value, out))
		return false;
	if (query->kind == QUERY_NOT)
		return give_bool(query_is_false(*out), out);
	if (query->kind == QUERY_COMPARE)
		return query_evaluate(run, query->right, value, &right) &&
		       compare(query, *out, right, out);
	return query_is_false(*out) == (query->kind == QUERY_AND) ||
	       query_evaluate(run, query->right, value, out);
}

static const struct value *
index_of(const struct query *query, const struct value *value)
{
	int64_t at = query->number;

	if (!value_is_list(value))
		return &value_none;
	at += at < 0 ? value->list.count : 0;
	return at >= 0 && at < value->list.count ? value->list.items[at] : &value_none;
}

static bool
node_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	const struct value *found;

	*out = &value_none;
	switch (query->kind) {
	case QUERY_IDENTITY:
	case QUERY_REFERENCE:
		*out = value;
		return true;
	case QUERY_FIELD:
		found = value_is_map(value) ? value_get_view(value, query->text) : NULL;
		*out = found ? found : &value_none;
		return true;
	case QUERY_LITERAL:
		*out = query->literal;
		return true;
	case QUERY_INDEX:
		*out = index_of(query, value);
		return true;
	case QUERY_SLICE:
		return !value_is_list(value) ||
		       slice_get(run->call->run, value, query->bounds, out);
	case QUERY_SUBEXPRESSION:
		return query_evaluate(run, query->left, value, out) &&
		       query_evaluate(run, query->right, *out, out);
	case QUERY_PROJECTION:
	case QUERY_VALUES:
	case QUERY_FILTER:
		return projection_evaluate(run, query, value, out);
	case QUERY_FLATTEN:
		return flatten_evaluate(run, query, value, out);
	case QUERY_LIST:
	case QUERY_HASH:
		return several_evaluate(run, query, value, out);
	case QUERY_CALL:
		return query_call(run, query, value, out);
	case QUERY_OR:
	case QUERY_AND:
	case QUERY_NOT:
	case QUERY_COMPARE:
		return logic_evaluate(run, query, value, out);
	}
	BUG("a query of kind %d", query->kind);
}

bool
query_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	bool ok;

	if (++run->depth > 4 * QUERY_DEEPEST)
		return call_fail(run->call, ERR_LIMIT, "json_query: nested too deep");
	ok = run_step(run->call->run) && node_evaluate(run, query, value, out);
	run->depth--;
	return ok;
}

static bool
json_query_call(struct call *call, const struct value **out)
{
	struct query_run run = { .call = call };
	struct query *query;
	const struct value *data;
	struct view text;

	return value_plain(call->run, call->input, &data) &&
	       call_text(call, call->args[0], "", &text) && query_parse(call, text, &query) &&
	       query_evaluate(&run, query, data, out);
}

const struct function filters_query[] = {
	{ "json_query", "expr", json_query_call, "What a JMESPath expression finds." }, { NULL }
};
