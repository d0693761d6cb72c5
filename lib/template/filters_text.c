/* Filters of text. */
#include <ctype.h>

#include "template/evaluation.h"
#include "template/unicode.h"
#include "template/literal.h"
#include "template/text.h"

/* The filter is the method of strings of the same name, on str(input). */
static bool
method_call(struct call *call, const struct value **out)
{
	const struct function *method =
		method_find(&value_empty_string, view_of(call->function->name));
	struct call inner = *call;
	struct view text;

	if (!call_text(call, call->input, "", &text))
		return false;
	inner.input = value_view(call_arena(call), text);
	inner.function = method;
	return method->call(&inner, out);
}

static bool
trim_call(struct call *call, const struct value **out)
{
	struct call inner = *call;
	struct view text;

	if (!call_text(call, call->input, "", &text))
		return false;
	inner.input = value_view(call_arena(call), text);
	inner.function = method_find(inner.input, VIEW("strip"));
	return inner.function->call(&inner, out);
}

static bool
string_call(struct call *call, const struct value **out)
{
	struct view text;

	if (value_is_string(call->input)) {
		*out = call->input;
		return true;
	}
	if (!call_text(call, call->input, "", &text))
		return false;
	*out = value_view(call_arena(call), text);
	return true;
}

/* Words begin after blanks, hyphens and opening brackets, unlike str.title(). */
static bool
title_call(struct call *call, const struct value **out)
{
	struct view text, word;
	struct str result;
	uint32_t code;
	bool is_start = true;

	if (!call_text(call, call->input, "", &text))
		return false;
	str_init(&result);
	for (size_t at = 0; at < text.length;) {
		size_t from = at;

		at += utf8_take(text, at, &code);
		if (is_start) {
			text_add_case(
				&result, (struct view){ text.data + from, at - from }, CASE_UPPER);
			from = at;
		}
		is_start = (unicode_flags(code) & UNICODE_SPACE) ||
			   (code < 0x80 && strchr("-({[<", (int)code));
		while (!is_start && at < text.length) {
			at += utf8_take(text, at, &code);
			is_start = (unicode_flags(code) & UNICODE_SPACE) ||
				   (code < 0x80 && strchr("-({[<", (int)code));
		}
		word = (struct view){ text.data + from, at - from };
		text_add_case(&result, word, CASE_LOWER);
	}
	return call_give(call, &result, out);
}

static bool
replace_call(struct call *call, const struct value **out)
{
	struct view text, from, to;
	int64_t most;

	return call_text(call, call->input, "", &text) &&
	       call_text(call, call->args[0], "", &from) &&
	       call_text(call, call->args[1], "", &to) && call_int(call, 2, -1, &most) &&
	       text_replace(call, text, from, to, most, out);
}

static bool
indent_call(struct call *call, const struct value **out)
{
	struct view text, fill, line;
	struct str blanks, result;
	bool is_first = true, with_first = call_flag(call, 1, false),
	     with_blank = call_flag(call, 2, false);
	int64_t width = 4;

	str_init(&blanks);
	if (value_is_string(call->args[0])) {
		str_add_view(&blanks, value_string_view(call->args[0]));
	} else {
		if (!call_int(call, 0, 4, &width))
			return false;
		str_add_times(&blanks, ' ', (size_t)MAX(MIN(width, 10000), 0));
	}
	fill = value_string_view(call_take(call, &blanks));
	if (!call_text(call, call->input, "", &text))
		return false;
	str_init_max(&result, OUTPUT_MOST);
	while (view_cut(&text, '\n', &line)) {
		if (text.data && view_ends(line, "\r"))
			line.length--;
		if (!is_first)
			str_add_char(&result, '\n');
		if ((is_first && with_first) || (!is_first && (line.length || with_blank)))
			str_add_view(&result, fill);
		str_add_view(&result, line);
		is_first = false;
	}
	return call_give(call, &result, out);
}

static bool
center_call(struct call *call, const struct value **out)
{
	static const struct function *center;
	struct call inner = *call;
	struct view text;

	center = method_find(&value_empty_string, VIEW("center"));
	if (!call_text(call, call->input, "", &text))
		return false;
	inner.input = value_view(call_arena(call), text);
	inner.function = center;
	if (!inner.args[0])
		inner.args[0] = value_int(call_arena(call), 80);
	return center->call(&inner, out);
}

static bool
is_word(uint32_t code)
{
	return code == '_' || (unicode_flags(code) & (UNICODE_ALPHA | UNICODE_DECIMAL |
							     UNICODE_DIGIT | UNICODE_NUMERIC));
}

static bool
wordcount_call(struct call *call, const struct value **out)
{
	struct view text;
	int64_t count = 0;
	bool was_word = false;
	uint32_t code;

	if (!call_text(call, call->input, "", &text))
		return false;
	for (size_t at = 0; at < text.length;) {
		at += utf8_take(text, at, &code);
		count += is_word(code) && !was_word;
		was_word = is_word(code);
	}
	*out = value_int(call_arena(call), count);
	return true;
}

static bool
is_letter(struct view text, size_t at)
{
	return at < text.length &&
	       (isalpha((unsigned char)text.data[at]) || (unsigned char)text.data[at] >= 0x80);
}

/* May a line end behind the hyphen at `at`? Letters stand on both sides of it. */
static bool
is_break(struct view text, size_t at)
{
	bool is_behind = (at >= 2 && is_letter(text, at - 1) && is_letter(text, at - 2)) ||
			 (at >= 3 && text.data[at - 2] == '-' && is_letter(text, at - 3) &&
				 is_letter(text, at - 1));
	size_t next = at + 2 + (at + 2 < text.length && text.data[at + 2] == '-');

	return is_behind && is_letter(text, at + 1) && is_letter(text, next);
}

/* The next run of blanks, or word, or part of one up to a hyphen. */
static struct view
chunk_next(struct view *rest, bool breaks_hyphens)
{
	bool is_blank = isspace((unsigned char)rest->data[0]) != 0;
	size_t at = 0;
	struct view chunk;

	while (at < rest->length && (isspace((unsigned char)rest->data[at]) != 0) == is_blank) {
		at++;
		if (breaks_hyphens && rest->data[at - 1] == '-' && is_break(*rest, at - 1))
			break;
	}
	chunk = (struct view){ rest->data, at };
	*rest = (struct view){ rest->data + at, rest->length - at };
	return chunk;
}

/* How much of a word that is too long goes on this line. */
static size_t
piece_length(struct view chunk, size_t room, bool breaks_hyphens)
{
	size_t length = utf8_offset(chunk, room);

	for (size_t at = length; breaks_hyphens && at-- > 1;)
		if (chunk.data[at] == '-')
			return at + 1;
	return length;
}

/* Breaks one paragraph at blanks, and words that are too long if asked for. Blanks at the end of a
 * line go, and at the beginning of all but the first. */
static void
paragraph_wrap(struct view text, size_t width, bool cuts_words, bool breaks_hyphens,
	struct view between, struct str *out)
{
	size_t column = 0, kept = out->length; /* kept: without the blanks at the end */
	bool is_first = true;

	while (text.length) {
		struct view before = text, chunk = chunk_next(&text, breaks_hyphens);
		bool is_blank = isspace((unsigned char)chunk.data[0]) != 0;
		size_t length = utf8_count(chunk);

		if (is_blank && !column && !is_first)
			continue;
		if (column + length > width && (column || length > width)) {
			if (length > width && (cuts_words || !column)) {
				size_t piece = cuts_words ? piece_length(chunk, width - column,
								    breaks_hyphens)
							  : chunk.length;

				piece = piece || column ? piece : utf8_offset(chunk, 1);
				str_add_bytes(out, chunk.data, piece);
				if (piece && !is_blank)
					kept = out->length;
				text = (struct view){ before.data + piece, before.length - piece };
			} else {
				text = before;
			}
			if (text.length) {
				str_cut(out, kept);
				str_add_view(out, between);
				kept = out->length;
				column = 0;
				is_first = false;
			}
			continue;
		}
		str_add_view(out, chunk);
		column += length;
		if (!is_blank)
			kept = out->length;
	}
	str_cut(out, kept);
}

static bool
wordwrap_call(struct call *call, const struct value **out)
{
	struct view text, between, line;
	bool cut = call_flag(call, 1, true), is_first = true;
	struct str result;
	int64_t width;

	if (!call_text(call, call->input, "", &text) || !call_int(call, 0, 79, &width) ||
		!call_text(
			call, value_is_none(call->args[2]) ? NULL : call->args[2], "\n", &between))
		return false;
	if (width < 1)
		return call_fail(
			call, ERR_TYPE, "invalid width %lld (must be > 0)", (long long)width);
	str_init_max(&result, OUTPUT_MOST);
	if (view_ends(text, "\n"))
		text.length--;
	while (text.length && view_cut(&text, '\n', &line)) {
		if (view_ends(line, "\r"))
			line.length--;
		if (!is_first)
			str_add_view(&result, between);
		paragraph_wrap(
			line, (size_t)width, cut, call_flag(call, 3, true), between, &result);
		is_first = false;
		if (!text.data)
			break;
	}
	return call_give(call, &result, out);
}

static bool
truncate_call(struct call *call, const struct value **out)
{
	struct view text, end;
	bool kill_words = call_flag(call, 1, false);
	int64_t length, leeway, keep;
	struct str result;

	if (!call_int(call, 0, 255, &length) || !call_int(call, 3, 5, &leeway))
		return false;
	if ((value_is_list(call->input) || value_is_map(call->input)) &&
		(int64_t)value_length(call->input) <= length + leeway) {
		*out = call->input;
		return true;
	}
	if (!value_is_string(call->input))
		return call_fail(call, ERR_TYPE, "truncate: a string is needed, not '%s'",
			value_type_name(call->input));
	if (!call_text(call, call->input, "", &text) || !call_int(call, 0, 255, &length) ||
		!call_text(call, call->args[2], "...", &end) || !call_int(call, 3, 5, &leeway))
		return false;
	*out = value_view(call_arena(call), text);
	if ((int64_t)utf8_count(text) <= length + leeway)
		return true;
	keep = length - (int64_t)utf8_count(end);
	if (keep < 0)
		return call_fail(call, ERR_TYPE, "expected length >= %zu, got %lld",
			utf8_count(end), (long long)length);
	text.length = utf8_offset(text, (size_t)keep);
	for (size_t at = text.length; !kill_words && at > 0; at--)
		if (text.data[at - 1] == ' ') {
			text.length = at - 1;
			break;
		}
	str_init(&result);
	str_add_view(&result, text);
	str_add_view(&result, end);
	return call_give(call, &result, out);
}

/* "%s and %s" | format(a, b) */
static bool
format_call(struct call *call, const struct value **out)
{
	struct value *tuple = value_list(call_arena(call));
	const struct value *args = call->named ? call->named : tuple;
	struct view text;
	struct str result;
	bool ok;

	tuple->flags |= VALUE_TUPLE;
	for (size_t i = 0; i < call->rest_count; i++)
		value_add(call_arena(call), tuple, call->rest[i]);
	if (!call_text(call, call->input, "", &text))
		return false;
	str_init_max(&result, OUTPUT_MOST);
	ok = format_percent(call->run, text, args, &result);
	return (ok && call_give(call, &result, out)) || (str_release(&result), false);
}

static bool
escape_call(struct call *call, const struct value **out)
{
	struct view text;
	struct str result;

	if (!call_text(call, call->input, "", &text))
		return false;
	str_init_max(&result, OUTPUT_MOST);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == '&')
			str_add(&result, "&amp;");
		else if (c == '<')
			str_add(&result, "&lt;");
		else if (c == '>')
			str_add(&result, "&gt;");
		else if (c == '"')
			str_add(&result, "&#34;");
		else if (c == '\'')
			str_add(&result, "&#39;");
		else
			str_add_char(&result, c);
	}
	return call_give(call, &result, out);
}

static bool
same_call(struct call *call, const struct value **out)
{
	return string_call(call, out);
}

/* Tags and comments go, blanks shrink to one. */
static bool
striptags_call(struct call *call, const struct value **out)
{
	struct view text;
	struct str result;
	bool in_tag = false, was_blank = true;

	if (!call_text(call, call->input, "", &text))
		return false;
	str_init(&result);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (!in_tag && c == '<' && memchr(text.data + i, '>', text.length - i))
			in_tag = true;
		else if (in_tag)
			in_tag = c != '>';
		else if (isspace((unsigned char)c)) {
			if (!was_blank)
				str_add_char(&result, ' ');
			was_blank = true;
		} else {
			str_add_char(&result, c);
			was_blank = false;
		}
	}
	if (result.length && was_blank)
		str_cut(&result, result.length - 1);
	return call_give(call, &result, out);
}

/* A query writes blanks as plus signs; a path leaves its slashes. */
static void
url_add(struct view text, bool is_query, struct str *out)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x80 && (isalnum(c) || (c && strchr("_.-~", c)) || (c == '/' && !is_query)))
			str_add_char(out, (char)c);
		else if (c == ' ' && is_query)
			str_add_char(out, '+');
		else
			str_add_format(out, "%%%02X", c);
	}
}

static bool
urlencode_pairs(struct call *call, const struct value *items, struct str *out)
{
	const struct value *pair;
	struct view text;

	for (uint32_t i = 0; i < items->list.count; i++) {
		if (!call_items(call, items->list.items[i], &pair) || pair->list.count != 2)
			return call_fail(call, ERR_TYPE, "urlencode: pairs wanted");
		if (i)
			str_add_char(out, '&');
		if (!call_text(call, pair->list.items[0], "", &text))
			return false;
		url_add(text, true, out);
		str_add_char(out, '=');
		if (!call_text(call, pair->list.items[1], "", &text))
			return false;
		url_add(text, true, out);
	}
	return true;
}

static bool
urlencode_call(struct call *call, const struct value **out)
{
	const struct value *items = call->input;
	struct view text;
	struct str result;
	bool ok = true;

	str_init_max(&result, OUTPUT_MOST);
	if (items->type == VALUE_MAP || items->type == VALUE_LIST) {
		if (items->type == VALUE_MAP)
			ok = filter_call(call->run, VIEW("items"), items, NULL, &items);
		ok = ok && urlencode_pairs(call, items, &result);
	} else {
		ok = call_text(call, items, "", &text);
		if (ok)
			url_add(text, false, &result);
	}
	return (ok && call_give(call, &result, out)) || (str_release(&result), false);
}

static bool
items_call(struct call *call, const struct value **out)
{
	struct call inner = *call;

	inner.function = method_find(&value_empty_map, VIEW("items"));
	if (inner.input->type == VALUE_UNDEFINED) {
		*out = &value_empty_list;
		return true;
	}
	if (!value_is_map(inner.input) && !value_is(inner.input, VALUE_OBJECT))
		return call_fail(call, ERR_TYPE, "Can only get item pairs from a mapping.");
	return inner.function->call(&inner, out);
}

static bool
xmlattr_call(struct call *call, const struct value **out)
{
	struct str result;
	struct call inner = *call;
	const struct value *text;

	if (!value_is_map(call->input))
		return call_fail(call, ERR_TYPE, "xmlattr wants a mapping");
	str_init(&result);
	VALUE_PAIRS (pair, call->input) {
		if (value_is_none(pair->value) || pair->value->type == VALUE_UNDEFINED)
			continue;
		inner.input = pair->value;
		if (!escape_call(&inner, &text)) {
			str_release(&result);
			return false;
		}
		if (result.length || call_flag(call, 0, true))
			str_add_char(&result, ' ');
		str_add_format(&result, "%s=\"%s\"", value_to_text(call_arena(call), pair->key),
			text->string.data);
	}
	return call_give(call, &result, out);
}

/* shlex.quote */
static bool
quote_call(struct call *call, const struct value **out)
{
	struct view text;
	struct str result;
	bool is_safe = true;

	if (!call_text(call, value_is_none(call->input) ? &value_empty_string : call->input, "",
		    &text))
		return false;
	for (size_t i = 0; i < text.length; i++)
		is_safe &= isalnum((unsigned char)text.data[i]) ||
			   (text.data[i] && strchr("_@%+=:,./-", text.data[i]));
	str_init(&result);
	if (is_safe && text.length) {
		str_add_view(&result, text);
		return call_give(call, &result, out);
	}
	str_add_char(&result, '\'');
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\'')
			str_add(&result, "'\"'\"'");
		else
			str_add_char(&result, text.data[i]);
	str_add_char(&result, '\'');
	return call_give(call, &result, out);
}

/* ---- comment ---- */

struct comment_style {
	const char *name, *begin, *decoration, *end;
};

static const struct comment_style comment_styles[] = {
	{ "plain", "", "# ", "" },
	{ "erlang", "", "% ", "" },
	{ "c", "", "// ", "" },
	{ "cblock", "/*", " * ", " */" },
	{ "xml", "<!--", " - ", "-->" },
};

static bool
comment_option(struct call *call, const char *name, const char *fallback, struct view *out)
{
	const struct value *value = call->named ? value_get(call->named, name) : NULL;

	return call_text(call, value, fallback, out);
}

/* `count` lines of nothing but a decoration, as the prefix is. */
static void
rows_add(struct view row, int64_t count, struct view newline, struct str *out)
{
	for (int64_t i = 0; row.length && i < count; i++) {
		str_add_view(out, row);
		str_add_view(out, newline);
	}
}

static bool
comment_count(struct call *call, const char *name, int64_t *out)
{
	const struct value *value = call->named ? value_get(call->named, name) : NULL;

	*out = 1;
	if (value && (!value_to_int(value, out) || *out < 0 || *out > 1000))
		return call_fail(call, ERR_TYPE, "comment: %s wants a small number", name);
	return true;
}

static struct view
right_trimmed(struct view text)
{
	while (text.length && isspace((unsigned char)text.data[text.length - 1]))
		text.length--;
	return text;
}

struct comment_parts {
	struct view begin, prefix, decoration, postfix, end, newline;
	int64_t prefix_count, postfix_count;
};

static bool
comment_parts_read(
	struct call *call, const struct comment_style *style, struct comment_parts *parts)
{
	struct view decoration;

	if (!comment_option(call, "decoration", style->decoration, &decoration))
		return false;
	parts->decoration = decoration;
	decoration = right_trimmed(decoration);
	return comment_option(call, "beginning", style->begin, &parts->begin) &&
	       comment_option(
		       call, "prefix", arena_view(call_arena(call), decoration), &parts->prefix) &&
	       comment_option(call, "postfix", arena_view(call_arena(call), decoration),
		       &parts->postfix) &&
	       comment_option(call, "end", style->end, &parts->end) &&
	       comment_option(call, "newline", "\n", &parts->newline) &&
	       comment_count(call, "prefix_count", &parts->prefix_count) &&
	       comment_count(call, "postfix_count", &parts->postfix_count);
}

static void
comment_lines_add(const struct comment_parts *parts, struct view text, struct str *out)
{
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		struct str row;

		str_init(&row);
		str_add_view(&row, parts->decoration);
		str_add_view(&row, line);
		str_add_view(out,
			line.length || !text.data ? str_view(&row) : right_trimmed(str_view(&row)));
		str_add_view(out, parts->newline);
		str_release(&row);
	}
}

static bool
comment_call(struct call *call, const struct value **out)
{
	const struct comment_style *style = NULL;
	struct comment_parts parts;
	struct view text, name;
	struct str result;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "plain", &name))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(comment_styles); i++)
		if (view_is(name, comment_styles[i].name))
			style = &comment_styles[i];
	if (!style)
		return call_fail(
			call, ERR_TYPE, "Invalid style '%.*s'.", (int)name.length, name.data);
	if (!comment_parts_read(call, style, &parts))
		return false;
	str_init_max(&result, OUTPUT_MOST);
	if (parts.begin.length)
		rows_add(parts.begin, 1, parts.newline, &result);
	rows_add(parts.prefix, parts.prefix_count,
		view_equals(parts.prefix, parts.newline) ? (struct view){ "", 0 } : parts.newline,
		&result);
	comment_lines_add(&parts, text, &result);
	str_cut(&result, result.length - parts.newline.length);
	for (int64_t i = 0; i < parts.postfix_count; i++) {
		str_add_view(&result, parts.newline);
		str_add_view(&result, parts.postfix);
	}
	if (parts.end.length) {
		str_add_view(&result, parts.newline);
		str_add_view(&result, parts.end);
	}
	return call_give(call, &result, out);
}

const struct function filters_text[] = { { "string", "", string_call, "As text.", KEEPS_TEXT },
	{ "lower", "", method_call, "In small letters." },
	{ "upper", "", method_call, "In capitals." },
	{ "capitalize", "", method_call, "First letter a capital, the rest small." },
	{ "title", "", title_call, "Each word with a capital." },
	{ "trim", "chars=None", trim_call, "Without blanks (or chars) at both ends." },
	{ "split", "sep=None maxsplit=-1", method_call, "The parts between separators.",
		NEEDS_TEXT },
	{ "replace", "old new count=None", replace_call, "With each old made new." },
	{ "indent", "width=4 first=False blank=False", indent_call,
		"Lines moved in, but the first.", NEEDS_TEXT },
	{ "center", "width=80", center_call, "Padded at both ends." },
	{ "wordcount", "", wordcount_call, "How many words." },
	{ "wordwrap", "width=79 break_long_words=True wrapstring=None break_on_hyphens=True",
		wordwrap_call, "Broken into lines.", NEEDS_TEXT },
	{ "truncate", "length=255 killwords=False end='...' leeway=5", truncate_call,
		"Cut to a length." },
	{ "format", "* **", format_call, "The arguments put where % stands.",
		TAKES_UNDEFINED_ARGS },
	{ "escape", "", escape_call, "Safe for HTML." }, { "e", "", escape_call, "Safe for HTML." },
	{ "forceescape", "", escape_call, "Safe for HTML." }, { "safe", "", same_call, "Itself." },
	{ "striptags", "", striptags_call, "Without tags of HTML." },
	{ "urlencode", "", urlencode_call, "Safe for a URL." },
	{ "items", "", items_call, "Pairs of key and value.", TAKES_UNDEFINED },
	{ "xmlattr", "autospace=True", xmlattr_call, "A dict as attributes of XML." },
	{ "quote", "", quote_call, "Safe for a shell." },
	{ "comment", "style='plain' **", comment_call, "As a comment.", NEEDS_TEXT }, { NULL } };
