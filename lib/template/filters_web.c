/* urlize and urldecode; pprint, which wraps what does not fit a line. */
#include <ctype.h>

#include "template/evaluation.h"
#include "template/literal.h"
#include "template/text.h"

/* ---- urldecode ---- */

static bool
urldecode_call(struct call *call, const struct value **out)
{
	struct view text = value_string_view(call->input);
	struct str result;
	int64_t byte;

	str_init(&result);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == '%' && i + 2 < text.length && isxdigit((unsigned char)text.data[i + 1]) &&
			isxdigit((unsigned char)text.data[i + 2]) &&
			number_parse_base((struct view){ text.data + i + 1, 2 }, 16, &byte)) {
			str_add_char(&result, (char)byte);
			i += 2;
		} else {
			str_add_char(&result, c == '+' ? ' ' : c);
		}
	}
	return call_give(call, &result, out);
}

/* ---- urlize ---- */

static const char url_pattern[] =
	"((https?://|www\\.)(([\\w%-]+\\.)+)?([a-z]{2,63}|xn--[\\w%]{2,59})|"
	"([\\w%-]{2,63}\\.)+(com|net|int|edu|gov|org|info|mil)|"
	"(https?://)((\\d{1,3}(\\.\\d{1,3}){3})|(\\[([\\da-f]{0,4}:){2}([\\da-f]{0,4}:?){1,6}\\])))"
	"(?::\\d{1,5})?(?:[/?#]\\S*)?";
static const char mail_pattern[] = "\\S+@\\w[\\w.-]*\\.\\w+";

struct urlizing {
	struct call *call;
	struct regex *url, *mail;
	int64_t limit; /* of what is shown; -1: none */
	const char *attributes;
};

static bool
is_whole(struct urlizing *urlizing, struct regex *regex, struct view text, bool *out)
{
	const struct value *copy = value_view(call_arena(urlizing->call), text);

	return regex_find(urlizing->call, regex, value_string_view(copy), REGEX_FULLMATCH, out);
}

static size_t
view_count(struct view text, const char *what)
{
	size_t count = 0, length = strlen(what);
	const char *at = text.data, *end = text.data + text.length;

	while ((at = memmem(at, (size_t)(end - at), what, length))) {
		count++;
		at += length;
	}
	return count;
}

/* Brackets and stops around a word are not part of its address, unless they balance. */
static void
word_cut(struct view word, struct view *head, struct view *middle, struct view *tail)
{
	static const char *const pairs[][2] = { { "(", ")" }, { "<", ">" }, { "&lt;", "&gt;" } };
	size_t start = 0, end = word.length;

	for (;;) {
		struct view rest = { word.data + start, word.length - start };

		if (view_starts(rest, "(") || view_starts(rest, "<"))
			start++;
		else if (view_starts(rest, "&lt;"))
			start += 4;
		else
			break;
	}
	for (;;) {
		struct view rest = { word.data + start, end - start };

		if (rest.length && strchr(")>.,\n", rest.data[rest.length - 1]))
			end--;
		else if (view_ends(rest, "&gt;"))
			end -= 4;
		else
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct view body = { word.data + start, end - start };
		size_t opened = view_count(body, pairs[i][0]);

		if (opened <= view_count(body, pairs[i][1]))
			continue;
		for (size_t j = 0; j < opened; j++) {
			const char *found = memmem(word.data + end, word.length - end, pairs[i][1],
				strlen(pairs[i][1]));

			if (!found)
				break;
			end = (size_t)(found - word.data) + strlen(pairs[i][1]);
		}
	}
	*head = (struct view){ word.data, start };
	*middle = (struct view){ word.data + start, end - start };
	*tail = (struct view){ word.data + end, word.length - end };
}

static void
shown_add(const struct urlizing *urlizing, struct view text, struct str *out)
{
	bool is_long = urlizing->limit >= 0 && (int64_t)utf8_count(text) > urlizing->limit;

	str_add_bytes(
		out, text.data, is_long ? utf8_offset(text, (size_t)urlizing->limit) : text.length);
	str_add(out, is_long ? "..." : "");
}

static bool
word_add(struct urlizing *urlizing, struct view word, struct str *out)
{
	struct view head, middle, tail, mail;
	bool is_url, is_mail;

	word_cut(word, &head, &middle, &tail);
	mail = view_starts(middle, "mailto:") ? (struct view){ middle.data + 7, middle.length - 7 }
					      : middle;
	if (!is_whole(urlizing, urlizing->url, middle, &is_url) ||
		!is_whole(urlizing, urlizing->mail, mail, &is_mail))
		return false;
	if (is_url) {
		str_add_view(out, head);
		str_add_format(out, "<a href=\"%s%.*s\"%s>",
			view_starts(middle, "https://") || view_starts(middle, "http://")
				? ""
				: "https://",
			(int)middle.length, middle.data, urlizing->attributes);
		shown_add(urlizing, middle, out);
		str_add(out, "</a>");
		str_add_view(out, tail);
	} else if (is_mail && (mail.data != middle.data ||
				      (!view_starts(middle, "www.") &&
					      !memchr(middle.data, ':', middle.length)))) {
		str_add_view(out, head);
		str_add_format(out, "<a href=\"mailto:%.*s\">%.*s</a>", (int)mail.length, mail.data,
			(int)mail.length, mail.data);
		str_add_view(out, tail);
	} else {
		str_add_view(out, word);
	}
	return true;
}

static bool
words_add(struct urlizing *urlizing, struct view text, struct str *out)
{
	for (size_t at = 0, end; at < text.length; at = end) {
		bool is_blank = isspace((unsigned char)text.data[at]);

		for (end = at; end < text.length &&
			       (isspace((unsigned char)text.data[end]) != 0) == is_blank;
			end++)
			;
		if (is_blank)
			str_add_bytes(out, text.data + at, end - at);
		else if (!word_add(urlizing, (struct view){ text.data + at, end - at }, out))
			return false;
	}
	return true;
}

static bool
urlize_call(struct call *call, const struct value **out)
{
	struct urlizing urlizing = { .call = call };
	const struct value *escaped;
	struct view rel, target;
	struct str result;
	bool ok;

	if (!filter_call(call->run, VIEW("escape"), call->input, NULL, &escaped) ||
		!call_int(call, 0, -1, &urlizing.limit) ||
		!call_text(call, value_is_none(call->args[3]) ? NULL : call->args[3], "", &rel) ||
		!call_text(call, value_is_none(call->args[2]) ? NULL : call->args[2], "", &target))
		return false;
	urlizing.attributes = arena_format(call_arena(call), " rel=\"%s%s%s%s\"%s%s%s", rel.data,
		rel.length ? " " : "", call_flag(call, 1, false) ? "nofollow " : "", "noopener",
		target.length ? " target=\"" : "", target.data, target.length ? "\"" : "");
	if (!template_regex_compile(call, VIEW(url_pattern), REGEX_IGNORECASE, &urlizing.url))
		return false;
	if (!template_regex_compile(call, VIEW(mail_pattern), 0, &urlizing.mail)) {
		template_regex_free(urlizing.url);
		return false;
	}
	str_init_max(&result, OUTPUT_MOST);
	ok = words_add(&urlizing, value_string_view(escaped), &result);
	template_regex_free(urlizing.url);
	template_regex_free(urlizing.mail);
	return (ok && call_give(call, &result, out)) || (str_release(&result), false);
}

/* ---- pprint ---- */

enum { PAGE = 80, PRINT_DEEPEST = 100 };

struct printing {
	struct call *call;
	struct str *out;
};

static void repr_sorted(struct printing *printing, const struct value *value, struct str *out);

static int
keys_order(const void *a, const void *b)
{
	const struct value *x = ((const struct value_pair *)a)->key,
			   *y = ((const struct value_pair *)b)->key;
	int order;

	if (value_compare(x, y, &order))
		return order;
	return strcmp(value_type_name(x), value_type_name(y));
}

static const struct value_pair *
pairs_sorted(struct printing *printing, const struct value *map)
{
	struct value_pair *pairs =
		arena_array(call_arena(printing->call), map->map.count, struct value_pair);

	if (map->map.count) {
		memcpy(pairs, map->map.pairs, map->map.count * sizeof(*pairs));
		qsort(pairs, map->map.count, sizeof(*pairs), keys_order);
	}
	return pairs;
}

static void
repr_sorted(struct printing *printing, const struct value *value, struct str *out)
{
	bool is_tuple = value->flags & VALUE_TUPLE;

	if (value_is_list(value)) {
		str_add_char(out, is_tuple ? '(' : '[');
		for (uint32_t i = 0; i < value->list.count; i++) {
			str_add(out, i ? ", " : "");
			repr_sorted(printing, value->list.items[i], out);
		}
		str_add(out, is_tuple && value->list.count == 1 ? "," : "");
		str_add_char(out, is_tuple ? ')' : ']');
	} else if (value_is_map(value)) {
		const struct value_pair *pairs = pairs_sorted(printing, value);

		str_add_char(out, '{');
		for (uint32_t i = 0; i < value->map.count; i++) {
			str_add(out, i ? ", " : "");
			repr_sorted(printing, pairs[i].key, out);
			str_add(out, ": ");
			repr_sorted(printing, pairs[i].value, out);
		}
		str_add_char(out, '}');
	} else {
		value_add_repr(value, out);
	}
}

static size_t
repr_length(const struct value *value)
{
	struct str text;
	size_t length;

	str_init(&text);
	value_add_repr(value, &text);
	length = utf8_count(str_view(&text));
	str_release(&text);
	return length;
}

static void
break_add(struct printing *printing, size_t indent)
{
	str_add_char(printing->out, '\n');
	str_add_times(printing->out, ' ', indent);
}

/* The pieces of a line that fit: words with the blanks behind them. */
static void
line_pieces(struct printing *printing, struct view line, size_t width, size_t last_width,
	struct value *pieces)
{
	struct arena *into = call_arena(printing->call);
	size_t from = 0, at = 0;

	while (at < line.length) {
		size_t end = at;
		const struct value *candidate;

		while (end < line.length && !isspace((unsigned char)line.data[end]))
			end++;
		while (end < line.length && isspace((unsigned char)line.data[end]))
			end++;
		candidate = value_bytes(into, line.data + from, end - from);
		if (repr_length(candidate) > (end == line.length ? last_width : width)) {
			if (at > from)
				value_add(into, pieces,
					value_bytes(into, line.data + from, at - from));
			from = at;
		}
		at = end;
	}
	if (from < line.length)
		value_add(into, pieces, value_bytes(into, line.data + from, line.length - from));
}

static void
text_print(struct printing *printing, const struct value *value, size_t indent, size_t allowance,
	int level)
{
	struct arena *into = call_arena(printing->call);
	struct value *pieces = value_list(into);
	struct view text = value_string_view(value);
	size_t width;

	indent += level == 1;
	allowance += level == 1;
	width = indent < PAGE ? PAGE - indent : 0;
	for (size_t at = 0, end; at < text.length; at = end) {
		const char *newline = memchr(text.data + at, '\n', text.length - at);
		const struct value *line;
		size_t last;

		end = newline ? (size_t)(newline - text.data) + 1 : text.length;
		last = end == text.length ? width - MIN(allowance, width) : width;
		line = value_bytes(into, text.data + at, end - at);
		if (repr_length(line) <= last)
			value_add(into, pieces, line);
		else
			line_pieces(printing, value_string_view(line), width, last, pieces);
	}
	if (pieces->list.count == 1) {
		value_add_repr(value, printing->out);
		return;
	}
	str_add(printing->out, level == 1 ? "(" : "");
	for (uint32_t i = 0; i < pieces->list.count; i++) {
		if (i)
			break_add(printing, indent);
		value_add_repr(pieces->list.items[i], printing->out);
	}
	str_add(printing->out, level == 1 ? ")" : "");
}

/* `allowance` is how much must still fit behind the value on its last line. */
static void
value_print(struct printing *printing, const struct value *value, size_t indent, size_t allowance,
	int level)
{
	bool is_tuple = value->flags & VALUE_TUPLE;
	struct str whole;
	bool fits;

	str_init(&whole);
	repr_sorted(printing, value, &whole);
	fits = utf8_count(str_view(&whole)) + indent + allowance <= PAGE || level > PRINT_DEEPEST;
	if (fits || !value_length(value)) {
		str_add_view(printing->out, str_view(&whole));
	} else if (value_is_list(value)) {
		size_t closing = is_tuple && value->list.count == 1 ? 2 : 1;

		str_add_char(printing->out, is_tuple ? '(' : '[');
		for (uint32_t i = 0; i < value->list.count; i++) {
			if (i) {
				str_add_char(printing->out, ',');
				break_add(printing, indent + 1);
			}
			value_print(printing, value->list.items[i], indent + 1,
				i + 1 == value->list.count ? allowance + closing : 1, level + 1);
		}
		str_add(printing->out, !is_tuple ? "]" : closing == 2 ? ",)" : ")");
	} else if (value_is_map(value)) {
		const struct value_pair *pairs = pairs_sorted(printing, value);

		str_add_char(printing->out, '{');
		for (uint32_t i = 0; i < value->map.count; i++) {
			size_t key = repr_length(pairs[i].key) + 2;

			if (i) {
				str_add_char(printing->out, ',');
				break_add(printing, indent + 1);
			}
			value_add_repr(pairs[i].key, printing->out);
			str_add(printing->out, ": ");
			value_print(printing, pairs[i].value, indent + 1 + key,
				i + 1 == value->map.count ? allowance + 1 : 1, level + 1);
		}
		str_add_char(printing->out, '}');
	} else if (value_is_string(value)) {
		text_print(printing, value, indent, allowance, level);
	} else {
		str_add_view(printing->out, str_view(&whole));
	}
	str_release(&whole);
}

static bool
pprint_call(struct call *call, const struct value **out)
{
	const struct value *plain;
	struct str text;
	struct printing printing = { call, &text };

	if (!value_plain(call->run, call->input, &plain))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	value_print(&printing, plain, 0, 0, 1);
	return call_give(call, &text, out);
}

const struct function filters_web[] = { { "urldecode", "", urldecode_call,
						"Without the escapes of a URL.", NEEDS_TEXT },
	{ "urlize", "trim_url_limit=None nofollow=False target=None rel=None extra_schemes=None",
		urlize_call, "Addresses as links of HTML." },
	{ "pprint", "", pprint_call, "As Python shows it, over lines where one is too short." },
	{ NULL } };
