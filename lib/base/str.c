/* Growing text and spans of text. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

static char empty_text[1];

void
str_init(struct str *str)
{
	*str = (struct str){ .data = empty_text };
}

void
str_init_max(struct str *str, size_t maximum)
{
	*str = (struct str){ .data = empty_text, .maximum = maximum };
}

void
str_release(struct str *str)
{
	/* It does not follow str_init_max. */
	/* cppcheck-suppress ctuuninitvar */
	if (str->room)
		free(str->data);
	str_init(str);
}

char *
str_take(struct str *str)
{
	char *text = str->room ? str->data : memory_get(1);

	str_init(str);
	return text;
}

void
str_clear(struct str *str)
{
	str->length = 0;
	if (str->room)
		str->data[0] = '\0';
	str->is_full = false;
}

char *
str_reserve(struct str *str, size_t count)
{
	size_t want = str->length + count + 1;

	if (want < count)
		BUG("str_reserve of %zu bytes", count);
	if (str->maximum && want > str->maximum + 1) {
		str->is_full = true;
		return NULL;
	}
	if (want > str->room) {
		size_t room = MAX(str->room + str->room / 2, MAX(want, 32));

		str->data = memory_resize(str->room ? str->data : NULL, room);
		str->room = room;
		str->data[str->length] = '\0';
	}
	return str->data + str->length;
}

void
str_add_bytes(struct str *str, const void *bytes, size_t length)
{
	char *end;

	if (!length)
		return;
	end = str_reserve(str, length);
	if (!end)
		return;
	memcpy(end, bytes, length);
	end[length] = '\0';
	str->length += length;
}

void
str_add(struct str *str, const char *text)
{
	str_add_bytes(str, text, strlen(text));
}

void
str_add_char(struct str *str, char c)
{
	str_add_bytes(str, &c, 1);
}

void
str_add_view(struct str *str, struct view view)
{
	str_add_bytes(str, view.data, view.length);
}

void
str_add_times(struct str *str, char c, size_t count)
{
	char *end = count ? str_reserve(str, count) : NULL;

	if (!end)
		return;
	memset(end, c, count);
	end[count] = '\0';
	str->length += count;
}

void
str_add_arguments(struct str *str, const char *format, va_list args)
{
	va_list again;
	int length;
	char *end;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length <= 0)
		return;
	end = str_reserve(str, (size_t)length);
	if (!end)
		return;
	vsnprintf(end, (size_t)length + 1, format, args);
	str->length += (size_t)length;
}

void
str_add_format(struct str *str, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	str_add_arguments(str, format, args);
	va_end(args);
}

void
str_cut(struct str *str, size_t length)
{
	if (length >= str->length)
		return;
	str->length = length;
	str->data[length] = '\0';
}

void
str_drop_front(struct str *str, size_t count)
{
	if (!count)
		return;
	if (count >= str->length) {
		str_clear(str);
		return;
	}
	memmove(str->data, str->data + count, str->length - count + 1);
	str->length -= count;
}

bool
view_equals(struct view a, struct view b)
{
	return a.length == b.length && (!a.length || !memcmp(a.data, b.data, a.length));
}

bool
view_is(struct view view, const char *text)
{
	return view_equals(view, view_of(text));
}

bool
view_starts(struct view view, const char *prefix)
{
	size_t length = strlen(prefix);

	return view.length >= length && !memcmp(view.data, prefix, length);
}

bool
view_ends(struct view view, const char *suffix)
{
	size_t length = strlen(suffix);

	return view.length >= length && !memcmp(view.data + view.length - length, suffix, length);
}

struct view
view_trim(struct view view)
{
	while (view.length && isspace((unsigned char)view.data[0])) {
		view.data++;
		view.length--;
	}
	while (view.length && isspace((unsigned char)view.data[view.length - 1]))
		view.length--;
	return view;
}

bool
view_cut(struct view *rest, char separator, struct view *piece)
{
	const char *end;

	if (!rest->data)
		return false;
	end = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
	piece->data = rest->data;
	piece->length = end ? (size_t)(end - rest->data) : rest->length;
	if (end) {
		rest->length -= piece->length + 1;
		rest->data = end + 1;
	} else {
		*rest = (struct view){ NULL, 0 };
	}
	return true;
}

bool
text_equals(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool
text_starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool
text_ends(const char *text, const char *suffix)
{
	return view_ends(view_of(text), suffix);
}

bool
text_is_one_of(const char *text, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(text, *names))
			return true;
	return false;
}

bool
number_parse_base(struct view text, int base, int64_t *out)
{
	char copy[72], *end;
	long long number;

	if (!text.length || text.length >= sizeof(copy) || isspace((unsigned char)text.data[0]))
		return false;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	errno = 0;
	number = strtoll(copy, &end, base);
	if (errno || end == copy || *end)
		return false;
	*out = number;
	return true;
}

bool
number_parse(struct view text, int64_t *out)
{
	return number_parse_base(text, 10, out);
}

static size_t
edit_distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	size_t la = strlen(a), lb = strlen(b), row[LONGEST + 1];

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t above = row[j], change = diagonal + (a[i - 1] != b[j - 1]);

			row[j] = MIN(change, MIN(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[lb];
}

const char *
text_nearest(const char *text, const char *const *names)
{
	size_t best = strlen(text) / 3 + 2;
	const char *nearest = NULL;

	for (; *names; names++) {
		size_t distance = edit_distance(text, *names);

		if (distance < best) {
			best = distance;
			nearest = *names;
		}
	}
	return nearest;
}
