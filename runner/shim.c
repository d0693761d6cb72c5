/*
 * What Debian's libpcre2-8.a wants and we do not give it. It is compiled against glibc with
 * fortified functions, which musl does not have. And its just-in-time compiler, 240 KB that we
 * never call, stays out if the few names by which the rest refers to it are here. So do the tables
 * of Unicode, 114 KB: our patterns are bytes, and lib/module/regex.c refuses what would ask them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t count, size_t room);
void *__memmove_chk(void *to, const void *from, size_t count, size_t room);
void *__memset_chk(void *to, int byte, size_t count, size_t room);

void *
__memcpy_chk(void *to, const void *from, size_t count, size_t room)
{
	if (count > room)
		abort();
	return memcpy(to, from, count);
}

void *
__memmove_chk(void *to, const void *from, size_t count, size_t room)
{
	if (count > room)
		abort();
	return memmove(to, from, count);
}

void *
__memset_chk(void *to, int byte, size_t count, size_t room)
{
	if (count > room)
		abort();
	return memset(to, byte, count);
}

void _pcre2_jit_free_8(void *code, void *memory);
int _pcre2_jit_check_exec_8(void);
size_t _pcre2_jit_get_size_8(void *code);
const char *_pcre2_jit_get_target_8(void);
int pcre2_jit_match_8(const void *code, const void *subject, size_t length, size_t start,
	unsigned options, void *data, void *context);

void
_pcre2_jit_free_8(void *code, void *memory)
{
	(void)code;
	(void)memory;
}

int
_pcre2_jit_check_exec_8(void)
{
	return 0;
}

size_t
_pcre2_jit_get_size_8(void *code)
{
	(void)code;
	return 0;
}

const char *
_pcre2_jit_get_target_8(void)
{
	return "none";
}

/* Only patterns that were given to pcre2_jit_compile come here: none. */
int
pcre2_jit_match_8(const void *code, const void *subject, size_t length, size_t start,
	unsigned options, void *data, void *context)
{
	(void)code;
	(void)subject;
	(void)length;
	(void)start;
	(void)options;
	(void)data;
	(void)context;
	abort();
}

/* Enough for the code points below 256, which is all that a byte can be. */
extern const uint16_t _pcre2_ucd_stage1_8[2], _pcre2_ucd_stage2_8[128];
extern const uint32_t _pcre2_ucd_records_8[3], _pcre2_ucd_caseless_sets_8[1];
extern const uint32_t _pcre2_ucd_digit_sets_8[1], _pcre2_ucd_script_sets_8[4];
extern const uint32_t _pcre2_ucd_boolprop_sets_8[4];

const uint16_t _pcre2_ucd_stage1_8[2], _pcre2_ucd_stage2_8[128];
const uint32_t _pcre2_ucd_records_8[3], _pcre2_ucd_caseless_sets_8[1];
const uint32_t _pcre2_ucd_digit_sets_8[1], _pcre2_ucd_script_sets_8[4];
const uint32_t _pcre2_ucd_boolprop_sets_8[4];
