#ifndef LIB_TEMPLATE_UNICODE_H
#define LIB_TEMPLATE_UNICODE_H
/*
 * What Python knows about characters: their kinds, and small, capital, title and folded forms. The
 * tables (unicode_table.c) are written by tests/template/unicode.py.
 */
#include "base/str.h"

enum unicode_flag {
	UNICODE_ALPHA = 1 << 0,
	UNICODE_DECIMAL = 1 << 1,
	UNICODE_DIGIT = 1 << 2,
	UNICODE_NUMERIC = 1 << 3,
	UNICODE_LOWER = 1 << 4,
	UNICODE_UPPER = 1 << 5,
	UNICODE_TITLE = 1 << 6,
	UNICODE_SPACE = 1 << 7,
	UNICODE_PRINTABLE = 1 << 8,
	UNICODE_ID_START = 1 << 9,
	UNICODE_ID_CONTINUE = 1 << 10,
	UNICODE_ALTERNATES = 1 << 11, /* small and capital letters in turn; of runs only */
	UNICODE_CASED = UNICODE_LOWER | UNICODE_UPPER | UNICODE_TITLE,
};

enum unicode_case { CASE_LOWER, CASE_UPPER, CASE_TITLE, CASE_FOLD };

struct unicode_run {
	uint32_t from; /* up to the next run */
	uint16_t flags;
};
struct unicode_shift {
	uint32_t first, last;
	uint32_t step;
	int32_t delta;
};
struct unicode_special {
	uint32_t code;
	uint8_t kind;
	uint32_t result[3];
};

extern const struct unicode_run unicode_runs[];
extern const size_t unicode_run_count;
extern const struct unicode_shift unicode_lower[], unicode_upper[], unicode_title[], unicode_fold[];
extern const size_t unicode_lower_count, unicode_upper_count, unicode_title_count,
	unicode_fold_count;
extern const struct unicode_special unicode_specials[];
extern const size_t unicode_special_count;

unsigned unicode_flags(uint32_t code);
/* Adds the other form of one character, which may be several. */
void unicode_add_case(struct str *out, uint32_t code, enum unicode_case kind);
/* Of a whole text; knows that a capital sigma at the end of a word becomes a final one. */
void text_add_case(struct str *out, struct view text, enum unicode_case kind);
/* Where CASE_LOWER of the sigma at `at` (whose length is `length`) stands at the end of a word. */
bool sigma_is_final(struct view text, size_t at, size_t length);

#endif
