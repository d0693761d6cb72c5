/* Kinds and forms of characters, from the tables. */
#include "template/unicode.h"

#include "template/literal.h"

enum { SIGMA = 0x3a3, SIGMA_SMALL = 0x3c3, SIGMA_FINAL = 0x3c2 };

unsigned
unicode_flags(uint32_t code)
{
	size_t low = 0, high = unicode_run_count;
	const struct unicode_run *run;
	unsigned flags;

	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (unicode_runs[middle].from <= code)
			low = middle;
		else
			high = middle;
	}
	run = &unicode_runs[low];
	flags = run->flags;
	if ((flags & UNICODE_ALTERNATES) && ((code - run->from) & 1))
		flags ^= UNICODE_LOWER | UNICODE_UPPER;
	return flags & ~(unsigned)UNICODE_ALTERNATES;
}

static uint32_t
shifted(const struct unicode_shift *rows, size_t count, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct unicode_shift *row = &rows[middle];

		if (code < row->first)
			high = middle;
		else if (code > row->last)
			low = middle + 1;
		else
			return (code - row->first) % row->step
				       ? code
				       : (uint32_t)((int32_t)code + row->delta);
	}
	return code;
}

void
unicode_add_case(struct str *out, uint32_t code, enum unicode_case kind)
{
	const struct {
		const struct unicode_shift *rows;
		size_t count;
	} tables[] = { { unicode_lower, unicode_lower_count },
		{ unicode_upper, unicode_upper_count }, { unicode_title, unicode_title_count },
		{ unicode_fold, unicode_fold_count } };

	if (code >= 0x80)
		for (size_t i = 0; i < unicode_special_count; i++) {
			const struct unicode_special *special = &unicode_specials[i];

			if (special->code != code || special->kind != (uint8_t)kind)
				continue;
			for (int j = 0; j < 3 && special->result[j]; j++)
				utf8_add(out, special->result[j]);
			return;
		}
	utf8_add(out, shifted(tables[kind].rows, tables[kind].count, code));
}

bool
sigma_is_final(struct view text, size_t at, size_t length)
{
	uint32_t code;
	bool is_behind = false;

	for (size_t before = at; before && !is_behind;) {
		do
			before--;
		while (before && ((unsigned char)text.data[before] & 0xc0) == 0x80);
		utf8_take(text, before, &code);
		if (unicode_flags(code) & UNICODE_CASED)
			is_behind = true;
		else if (code != '\'' && code != '.' && code != ':' && code != 0xad)
			return false;
	}
	for (size_t after = at + length; after < text.length;) {
		after += utf8_take(text, after, &code);
		if (unicode_flags(code) & UNICODE_CASED)
			return false;
		if (code != '\'' && code != '.' && code != ':' && code != 0xad)
			break;
	}
	return is_behind;
}

void
text_add_case(struct str *out, struct view text, enum unicode_case kind)
{
	uint32_t code;

	for (size_t at = 0, length; at < text.length; at += length) {
		length = utf8_take(text, at, &code);
		if (code < 0x80 && kind != CASE_UPPER && kind != CASE_TITLE)
			str_add_char(
				out, code >= 'A' && code <= 'Z' ? (char)(code + 32) : (char)code);
		else if (code < 0x80)
			str_add_char(
				out, code >= 'a' && code <= 'z' ? (char)(code - 32) : (char)code);
		else if (code == SIGMA && kind == CASE_LOWER)
			utf8_add(out, sigma_is_final(text, at, length) ? SIGMA_FINAL : SIGMA_SMALL);
		else
			unicode_add_case(out, code, kind);
	}
}
