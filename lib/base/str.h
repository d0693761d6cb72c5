#ifndef LIB_BASE_STR_H
#define LIB_BASE_STR_H
/*
 * Text. `struct str` grows on the heap and is always NUL-terminated; it ends with str_release, or
 * with str_take by whom the text is given. `struct view` is a span of somebody else's text. What
 * grows from outside input is given its maximum at birth (str_init_max): past it, adding does
 * nothing and `is_full` says so.
 */
#include <stdarg.h>

#include "base/base.h"

struct view {
	const char *data;
	size_t length;
};

struct str {
	char *data; /* never NULL after str_init */
	size_t length;
	size_t room;
	size_t maximum; /* 0: none */
	bool is_full;	/* something did not fit in `maximum` and was left out */
};

void str_init(struct str *str);
void str_init_max(struct str *str, size_t maximum);
void str_release(struct str *str); /* harmless on a zeroed struct */
#define _cleanup_str_ __attribute__((cleanup(str_release)))
#define STR_INIT ((struct str){ .data = (char[]){ "" } })

/* The caller owns the text (free). The str is empty afterwards. */
char *str_take(struct str *str) MUST_CHECK;

void str_clear(struct str *str);
void str_add(struct str *str, const char *text);
void str_add_char(struct str *str, char c);
void str_add_bytes(struct str *str, const void *bytes, size_t length);
void str_add_view(struct str *str, struct view view);
void str_add_format(struct str *str, const char *format, ...) FORMAT(2, 3);
void str_add_arguments(struct str *str, const char *format, va_list args) FORMAT(2, 0);
void str_add_times(struct str *str, char c, size_t count);
void str_cut(struct str *str, size_t length); /* to at most `length` bytes */
void str_drop_front(struct str *str, size_t count);
/* Room for `count` more bytes at data + length; add to `length` what was written. NULL past the
 * maximum. */
char *str_reserve(struct str *str, size_t count);

#define VIEW(literal) ((struct view){ literal, sizeof(literal) - 1 })
static inline struct view
view_of(const char *text)
{
	return (struct view){ text ? text : "", text ? strlen(text) : 0 };
}
static inline struct view
str_view(const struct str *str)
{
	return (struct view){ str->data, str->length };
}
bool view_equals(struct view a, struct view b);
bool view_is(struct view view, const char *text);
bool view_starts(struct view view, const char *prefix);
bool view_ends(struct view view, const char *suffix);
struct view view_trim(struct view view); /* white space at both ends */
/* Cuts at the first `separator`: returns what stands before it, leaves the rest in *rest; false at
 * the end. */
bool view_cut(struct view *rest, char separator, struct view *piece);

bool text_equals(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
bool text_is_one_of(const char *text, const char *const *names); /* ended by NULL */

/* Whole texts only ("12", "-3"); false when it is no number or does not fit. */
bool number_parse(struct view text, int64_t *out) MUST_CHECK;
bool number_parse_base(struct view text, int base, int64_t *out) MUST_CHECK;

/* How many edits apart; for «did you mean». The nearest of `names` (NULL-terminated) within reach,
 * or NULL. */
const char *text_nearest(const char *text, const char *const *names);

#endif
