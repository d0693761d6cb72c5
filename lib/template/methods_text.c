/* Methods of strings. */
#include <ctype.h>

#include "template/evaluation.h"
#include "template/literal.h"
#include "template/text.h"
#include "template/unicode.h"

static struct view
self_of(const struct call *call)
{
	return value_string_view(call->input);
}

static bool
is_among(struct view set, uint32_t code)
{
	uint32_t each;

	for (size_t at = 0; at < set.length;) {
		at += utf8_take(set, at, &each);
		if (each == code)
			return true;
	}
	return false;
}

static struct view
strip(struct view text, struct view set, bool at_left, bool at_right)
{
	uint32_t code;

	while (at_left && text.length) {
		size_t length = utf8_take(text, 0, &code);

		if (!is_among(set, code))
			break;
		text.data += length;
		text.length -= length;
	}
	while (at_right && text.length) {
		size_t from = text.length - 1;

		while (from && ((unsigned char)text.data[from] & 0xc0) == 0x80)
			from--;
		utf8_take(text, from, &code);
		if (!is_among(set, code))
			break;
		text.length = from;
	}
	return text;
}

static bool
strip_call(struct call *call, const struct value **out)
{
	char kind = call->function->name[0];
	struct view set;

	if (!call_text(
		    call, value_is_none(call->args[0]) ? NULL : call->args[0], " \t\n\r\v\f", &set))
		return false;
	*out = value_view(call_arena(call), strip(self_of(call), set, kind != 'r', kind != 'l'));
	return true;
}

static bool
case_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	enum unicode_case kind = text_equals(name, "lower")   ? CASE_LOWER
				 : text_equals(name, "upper") ? CASE_UPPER
							      : CASE_FOLD;
	struct str text;

	str_init(&text);
	text_add_case(&text, self_of(call), kind);
	return call_give(call, &text, out);
}

/* capitalize: the first letter; title: each behind what has no case; swapcase: all the other way.
 */
static bool
letters_call(struct call *call, const struct value **out)
{
	struct view self = self_of(call);
	char kind = call->function->name[0];
	bool is_start = true;
	struct str text;
	uint32_t code;

	str_init(&text);
	for (size_t at = 0, length; at < self.length; at += length) {
		unsigned flags;

		length = utf8_take(self, at, &code);
		flags = unicode_flags(code);
		if (kind == 's' && code == 0x3a3)
			utf8_add(&text, sigma_is_final(self, at, length) ? 0x3c2 : 0x3c3);
		else if (kind == 's' && (flags & (UNICODE_UPPER | UNICODE_LOWER)))
			unicode_add_case(
				&text, code, flags & UNICODE_UPPER ? CASE_LOWER : CASE_UPPER);
		else if (kind == 's')
			utf8_add(&text, code);
		else if (is_start)
			unicode_add_case(&text, code, CASE_TITLE);
		else if (code == 0x3a3)
			utf8_add(&text, sigma_is_final(self, at, length) ? 0x3c2 : 0x3c3);
		else
			unicode_add_case(&text, code, CASE_LOWER);
		is_start = kind == 't' ? !(flags & UNICODE_CASED) : false;
	}
	return call_give(call, &text, out);
}

static void
list_add(struct call *call, struct value *list, const char *from, const char *to)
{
	value_add(call_arena(call), list, value_bytes(call_arena(call), from, (size_t)(to - from)));
}

static void
split_blank(struct call *call, struct view text, int64_t most, struct value *list)
{
	const char *at = text.data, *end = text.data + text.length, *from;

	for (;;) {
		while (at < end && isspace((unsigned char)*at))
			at++;
		if (at == end)
			return;
		from = at;
		if (most == 0) {
			list_add(call, list, from, end);
			return;
		}
		while (at < end && !isspace((unsigned char)*at))
			at++;
		list_add(call, list, from, at);
		most--;
	}
}

static void
split_on(struct call *call, struct view text, struct view separator, int64_t most,
	struct value *list)
{
	const char *at = text.data, *end = text.data + text.length, *found;

	while (most-- != 0 &&
		(found = memmem(at, (size_t)(end - at), separator.data, separator.length))) {
		list_add(call, list, at, found);
		at = found + separator.length;
	}
	list_add(call, list, at, end);
}

static void
list_reverse(struct value *list)
{
	for (uint32_t i = 0; i < list->list.count / 2; i++) {
		const struct value *item = list->list.items[i];

		list->list.items[i] = list->list.items[list->list.count - 1 - i];
		list->list.items[list->list.count - 1 - i] = item;
	}
}

static void
split_right(struct call *call, struct view text, struct view separator, int64_t most,
	struct value *list)
{
	size_t end = text.length;

	for (size_t at = end; most != 0 && at >= separator.length; at--) {
		if (memcmp(text.data + at - separator.length, separator.data, separator.length))
			continue;
		list_add(call, list, text.data + at, text.data + end);
		end = at - separator.length;
		at = end + 1;
		most--;
		if (end < separator.length)
			break;
	}
	list_add(call, list, text.data, text.data + end);
	list_reverse(list);
}

static void
split_blank_right(struct call *call, struct view text, int64_t most, struct value *list)
{
	const char *start = text.data, *at = text.data + text.length, *end;

	for (;;) {
		while (at > start && isspace((unsigned char)at[-1]))
			at--;
		if (at == start)
			break;
		end = at;
		if (most-- == 0) {
			list_add(call, list, start, end);
			break;
		}
		while (at > start && !isspace((unsigned char)at[-1]))
			at--;
		list_add(call, list, at, end);
	}
	list_reverse(list);
}

static bool
split_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	bool is_right = call->function->name[0] == 'r';
	struct view separator;
	int64_t most;

	if (!call_int(call, 1, -1, &most))
		return false;
	*out = list;
	if (value_is_none(call->args[0])) {
		if (is_right)
			split_blank_right(call, self_of(call), most, list);
		else
			split_blank(call, self_of(call), most, list);
		return true;
	}
	if (!call_text(call, call->args[0], "", &separator))
		return false;
	if (!separator.length)
		return call_fail(call, ERR_TYPE, "empty separator");
	if (is_right)
		split_right(call, self_of(call), separator, most, list);
	else
		split_on(call, self_of(call), separator, most, list);
	return true;
}

static bool
splitlines_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	struct view text = self_of(call);
	const char *at = text.data, *end = at + text.length;
	bool keep = call_flag(call, 0, false);

	while (at < end) {
		const char *from = at;
		size_t width = 0;

		while (at < end && *at != '\n' && *at != '\r')
			at++;
		if (at < end)
			width = *at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
		list_add(call, list, from, keep ? at + width : at);
		at += width;
	}
	*out = list;
	return true;
}

static bool
part_call(struct call *call, const struct value **out)
{
	struct value *tuple = value_list(call_arena(call));
	bool is_right = call->function->name[0] == 'r';
	struct view text = self_of(call), separator;
	const char *end = text.data + text.length, *found = NULL, *at = text.data;

	if (!call_text(call, call->args[0], "", &separator))
		return false;
	if (!separator.length)
		return call_fail(call, ERR_TYPE, "empty separator");
	while ((at = memmem(at, (size_t)(end - at), separator.data, separator.length))) {
		found = at++;
		if (!is_right)
			break;
	}
	tuple->flags |= VALUE_TUPLE;
	if (found) {
		list_add(call, tuple, text.data, found);
		value_add(call_arena(call), tuple, value_view(call_arena(call), separator));
		list_add(call, tuple, found + separator.length, end);
	} else {
		value_add(call_arena(call), tuple, is_right ? &value_empty_string : call->input);
		value_add(call_arena(call), tuple, &value_empty_string);
		value_add(call_arena(call), tuple, is_right ? call->input : &value_empty_string);
	}
	*out = tuple;
	return true;
}

/* startswith and endswith take a text or a tuple of texts. */
static bool
ends_call(struct call *call, const struct value **out)
{
	bool is_start = call->function->name[0] == 's', is_found = false;
	const struct value *list = call->args[0];
	struct value *one = value_list(call_arena(call));
	struct view self = self_of(call);
	int64_t length = (int64_t)utf8_count(self), from, to;

	if (value_is_string(list)) {
		value_add(call_arena(call), one, list);
		list = one;
	}
	if (!value_is_list(list) || (list != one && !(list->flags & VALUE_TUPLE)))
		return call_fail(call, ERR_TYPE,
			"%s first arg must be str or a tuple of str, not %s", call->function->name,
			value_type_name(list));
	if (!call_int(call, 1, 0, &from) || !call_int(call, 2, length, &to))
		return false;
	if (from > length)
		return give_bool(false, out);
	from = from < 0 ? MAX(from + length, 0) : from;
	to = to < 0 ? MAX(to + length, 0) : MIN(to, length);
	self = (struct view){ self.data + utf8_offset(self, (size_t)from),
		from < to ? utf8_offset(self, (size_t)to) - utf8_offset(self, (size_t)from) : 0 };
	VALUE_EACH (item, list) {
		if (!value_is_string(item))
			return call_fail(call, ERR_TYPE,
				"tuple for %s must only contain str, not %s", call->function->name,
				value_type_name(item));
		is_found |= from <= to && (is_start ? view_starts(self, value_string(item))
						    : view_ends(self, value_string(item)));
	}
	return give_bool(is_found, out);
}

static bool
find_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name, *found = NULL, *at, *end;
	struct view text = self_of(call), what;
	int64_t start, stop, count = 0;
	int64_t length = (int64_t)utf8_count(text);

	if (!call_text(call, call->args[0], "", &what) || !call_int(call, 1, 0, &start) ||
		!call_int(call, 2, length, &stop))
		return false;
	start = start < 0 ? MAX(start + length, 0) : MIN(start, length);
	stop = stop < 0 ? MAX(stop + length, 0) : MIN(stop, length);
	at = text.data + utf8_offset(text, (size_t)start);
	end = text.data + utf8_offset(text, (size_t)stop);
	while (at <= end && (at = memmem(at, (size_t)(end - at), what.data, what.length))) {
		count++;
		found = at;
		if (name[0] == 'f' || name[0] == 'i')
			break;
		at += name[0] == 'c' && what.length ? what.length : 1;
	}
	if (name[0] == 'c') {
		*out = value_int(call_arena(call), count);
		return true;
	}
	if (!found && text_ends(name, "index"))
		return call_fail(call, ERR_TYPE, "substring not found");
	*out = value_int(call_arena(call),
		found ? (int64_t)utf8_count((struct view){ text.data, (size_t)(found - text.data) })
		      : -1);
	return true;
}

bool
text_replace(struct call *call, struct view text, struct view from, struct view to, int64_t most,
	const struct value **out)
{
	const char *at = text.data, *end = at + text.length, *found;
	struct str result;
	uint32_t code;

	str_init_max(&result, OUTPUT_MOST);
	if (!from.length) {
		for (; most != 0; most--) {
			size_t length =
				at < end ? utf8_take(text, (size_t)(at - text.data), &code) : 0;

			str_add_view(&result, to);
			str_add_bytes(&result, at, length);
			at += length;
			if (!length)
				break;
		}
		str_add_bytes(&result, at, (size_t)(end - at));
		return call_give(call, &result, out);
	}
	while (most-- != 0 && (found = memmem(at, (size_t)(end - at), from.data, from.length))) {
		str_add_bytes(&result, at, (size_t)(found - at));
		str_add_view(&result, to);
		at = found + from.length;
	}
	str_add_bytes(&result, at, (size_t)(end - at));
	return call_give(call, &result, out);
}

static bool
replace_call(struct call *call, const struct value **out)
{
	struct view from, to;
	int64_t most;

	return call_text(call, call->args[0], "", &from) &&
	       call_text(call, call->args[1], "", &to) && call_int(call, 2, -1, &most) &&
	       text_replace(call, self_of(call), from, to, most, out);
}

static bool
join_call(struct call *call, const struct value **out)
{
	const struct value *items;
	struct str text;

	if (!call_items(call, call->args[0], &items))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	for (uint32_t i = 0; i < items->list.count; i++) {
		if (!value_is_string(items->list.items[i])) {
			str_release(&text);
			return call_fail(call, ERR_TYPE,
				"sequence item %u: expected str instance, %s found", i,
				value_type_name(items->list.items[i]));
		}
		if (i)
			str_add_view(&text, self_of(call));
		str_add_view(&text, value_string_view(items->list.items[i]));
	}
	return call_give(call, &text, out);
}

static bool
just_call(struct call *call, const struct value **out)
{
	char kind = call->function->name[0];
	struct view self = self_of(call), fill;
	int64_t width, count = (int64_t)utf8_count(self), pad, left;
	struct str text;

	if (!call_int(call, 0, 0, &width) ||
		!call_text(call, call->args[1], kind == 'z' ? "0" : " ", &fill))
		return false;
	if (width > RANGE_MOST)
		return call_fail(call, ERR_LIMIT, "width is too large");
	pad = width > count ? width - count : 0;
	left = kind == 'l' ? 0 : kind == 'c' ? pad / 2 + (pad & width & 1) : pad;
	str_init(&text);
	if (kind == 'z' && self.length && strchr("+-", self.data[0])) {
		str_add_char(&text, self.data[0]);
		self = (struct view){ self.data + 1, self.length - 1 };
	}
	for (int64_t i = 0; i < left; i++)
		str_add_view(&text, fill);
	str_add_view(&text, self);
	for (int64_t i = left; i < pad; i++)
		str_add_view(&text, fill);
	return call_give(call, &text, out);
}

static bool
format_call(struct call *call, const struct value **out)
{
	struct str text;

	str_init_max(&text, OUTPUT_MOST);
	if (format_braces(call, self_of(call), &text))
		return call_give(call, &text, out);
	str_release(&text);
	return false;
}

/* Every character has one of the flags. */
static bool
kinds_call(struct call *call, const struct value **out)
{
	static const struct {
		const char *name;
		unsigned flags;
		bool may_be_empty;
	} kinds[] = { { "isalpha", UNICODE_ALPHA, false }, { "isdecimal", UNICODE_DECIMAL, false },
		{ "isdigit", UNICODE_DIGIT, false }, { "isnumeric", UNICODE_NUMERIC, false },
		{ "isalnum", UNICODE_ALPHA | UNICODE_DECIMAL | UNICODE_DIGIT | UNICODE_NUMERIC,
			false },
		{ "isspace", UNICODE_SPACE, false }, { "isprintable", UNICODE_PRINTABLE, true },
		{ "isidentifier", UNICODE_ID_CONTINUE, false } };
	struct view text = self_of(call);
	uint32_t code;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		bool is_true = text.length || kinds[i].may_be_empty;

		if (!text_equals(kinds[i].name, call->function->name))
			continue;
		for (size_t at = 0; is_true && at < text.length;) {
			bool is_first = !at && kinds[i].flags == UNICODE_ID_CONTINUE;

			at += utf8_take(text, at, &code);
			is_true = unicode_flags(code) &
				  (is_first ? (unsigned)UNICODE_ID_START : kinds[i].flags);
		}
		return give_bool(is_true, out);
	}
	return give_bool(false, out);
}

static bool
is_ascii_call(struct call *call, const struct value **out)
{
	struct view text = self_of(call);
	bool is_true = true;

	for (size_t i = 0; i < text.length; i++)
		is_true &= (unsigned char)text.data[i] < 0x80;
	return give_bool(is_true, out);
}

/* islower and isupper: no letter of the other kind, and one of this; istitle: capitals begin words
 * and stand nowhere else. */
static bool
is_case_call(struct call *call, const struct value **out)
{
	char kind = call->function->name[2];
	struct view text = self_of(call);
	bool is_true = true, has_cased = false, was_cased = false;
	uint32_t code;

	for (size_t at = 0; is_true && at < text.length;) {
		unsigned flags;

		at += utf8_take(text, at, &code);
		flags = unicode_flags(code);
		has_cased |= (flags & UNICODE_CASED) != 0;
		if (kind == 'l')
			is_true = !(flags & (UNICODE_UPPER | UNICODE_TITLE));
		else if (kind == 'u')
			is_true = !(flags & (UNICODE_LOWER | UNICODE_TITLE));
		else if (flags & UNICODE_CASED)
			is_true = was_cased == ((flags & UNICODE_LOWER) != 0);
		was_cased = (flags & UNICODE_CASED) != 0;
	}
	return give_bool(is_true && has_cased, out);
}

static bool
expandtabs_call(struct call *call, const struct value **out)
{
	struct view text = self_of(call);
	int64_t size, column = 0;
	struct str result;
	uint32_t code;

	if (!call_int(call, 0, 8, &size))
		return false;
	if (size > RANGE_MOST)
		return call_fail(call, ERR_LIMIT, "tabsize is too large");
	str_init_max(&result, OUTPUT_MOST);
	for (size_t at = 0; at < text.length;) {
		at += utf8_take(text, at, &code);
		if (code == '\t') {
			int64_t blanks = size > 0 ? size - column % size : 0;

			str_add_times(&result, ' ', (size_t)blanks);
			column += blanks;
			continue;
		}
		utf8_add(&result, code);
		column = code == '\n' || code == '\r' ? 0 : column + 1;
	}
	return call_give(call, &result, out);
}

static bool
fix_call(struct call *call, const struct value **out)
{
	bool is_prefix = text_equals(call->function->name, "removeprefix");
	struct view text = self_of(call), what;

	if (!call_text(call, call->args[0], "", &what))
		return false;
	if (is_prefix && text.length >= what.length && !memcmp(text.data, what.data, what.length))
		text = (struct view){ text.data + what.length, text.length - what.length };
	else if (!is_prefix && view_ends(text, what.data))
		text.length -= what.length;
	*out = value_view(call_arena(call), text);
	return true;
}

static bool
encode_call(struct call *call, const struct value **out)
{
	*out = call->input;
	return true;
}

const struct function methods_text[] = { { "strip", "chars=None", strip_call,
						 "Without blanks (or chars) at both ends." },
	{ "lstrip", "chars=None", strip_call, "Without blanks (or chars) at the left." },
	{ "rstrip", "chars=None", strip_call, "Without blanks (or chars) at the right." },
	{ "lower", "", case_call, "In small letters." },
	{ "casefold", "", case_call, "In small letters." },
	{ "upper", "", case_call, "In capitals." },
	{ "capitalize", "", letters_call, "First letter a capital, the rest small." },
	{ "title", "", letters_call, "Each word with a capital." },
	{ "swapcase", "", letters_call, "Small letters and capitals exchanged." },
	{ "split", "sep=None maxsplit=-1", split_call, "The parts between separators." },
	{ "rsplit", "sep=None maxsplit=-1", split_call, "As split, counted from the right." },
	{ "splitlines", "keepends=False", splitlines_call, "The lines." },
	{ "partition", "sep", part_call, "Before, separator and after, at the first." },
	{ "rpartition", "sep", part_call, "Before, separator and after, at the last." },
	{ "startswith", "prefix start=0 end=None", ends_call, "Does it begin so?" },
	{ "endswith", "suffix start=0 end=None", ends_call, "Does it end so?" },
	{ "find", "sub start=0 end=None", find_call, "Where it first occurs, or -1." },
	{ "rfind", "sub start=0 end=None", find_call, "Where it last occurs, or -1." },
	{ "index", "sub start=0 end=None", find_call,
		"Where it first occurs; an error if nowhere." },
	{ "rindex", "sub start=0 end=None", find_call,
		"Where it last occurs; an error if nowhere." },
	{ "count", "sub start=0 end=None", find_call, "How often it occurs." },
	{ "replace", "old new count=-1", replace_call, "With each old made new." },
	{ "join", "items", join_call, "The items with this text between them." },
	{ "ljust", "width fill=' '", just_call, "Padded at the right." },
	{ "rjust", "width fill=' '", just_call, "Padded at the left." },
	{ "center", "width fill=' '", just_call, "Padded at both ends." },
	{ "zfill", "width", just_call, "Padded with zeros." },
	{ "format", "* **", format_call, "The arguments put into the braces." },
	{ "isdigit", "", kinds_call, "Only digits?" },
	{ "isdecimal", "", kinds_call, "Only decimal digits?" },
	{ "isnumeric", "", kinds_call, "Only what counts?" },
	{ "isalpha", "", kinds_call, "Only letters?" },
	{ "isalnum", "", kinds_call, "Only letters and digits?" },
	{ "isspace", "", kinds_call, "Only blanks?" },
	{ "isprintable", "", kinds_call, "Nothing that repr() would escape?" },
	{ "isidentifier", "", kinds_call, "May a variable be called so?" },
	{ "isascii", "", is_ascii_call, "Only ASCII?" },
	{ "islower", "", is_case_call, "No capitals?" },
	{ "isupper", "", is_case_call, "Only capitals?" },
	{ "istitle", "", is_case_call, "Do capitals begin words only?" },
	{ "expandtabs", "tabsize=8", expandtabs_call, "Blanks for tabs." },
	{ "removeprefix", "prefix", fix_call, "Without the prefix." },
	{ "removesuffix", "suffix", fix_call, "Without the suffix." },
	{ "encode", "encoding='utf-8' errors=''", encode_call, "Itself: text is UTF-8 already." },
	{ "decode", "encoding='utf-8' errors=''", encode_call, "Itself: text is UTF-8 already." },
	{ NULL } };
