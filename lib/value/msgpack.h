#ifndef LIB_VALUE_MSGPACK_H
#define LIB_VALUE_MSGPACK_H
/*
 * MessagePack, as docs/PROTOCOL.md §2 uses it. Writing appends to a str. Reading trusts nothing:
 * nesting and counts are bounded, a claimed count must fit in the bytes that are left, and all text
 * is copied into the arena. What was read never holds VALUE_TEMPLATE.
 */
#include "value/value.h"

enum { MSGPACK_DEPTH = 64, MSGPACK_ITEMS = 500 * 1000 };

/* Objects are written as their plain data. Fails on undefined values, and on what goes deeper than
 * MSGPACK_DEPTH. */
bool msgpack_write(const struct value *value, struct str *out, struct error *err) MUST_CHECK;

/* The pieces, for bodies that are written by hand. */
void msgpack_add_none(struct str *out);
void msgpack_add_bool(struct str *out, bool boolean);
void msgpack_add_int(struct str *out, int64_t integer);
void msgpack_add_float(struct str *out, double real);
void msgpack_add_view(struct str *out, struct view text);
void msgpack_add_text(struct str *out, const char *text); /* NULL: nil */
void msgpack_add_list(struct str *out, size_t count);	  /* `count` values follow */
void msgpack_add_map(struct str *out, size_t count);	  /* `count` keys and values follow */

/* The whole of `bytes` is one value. */
bool msgpack_read(struct arena *into, struct view bytes, const struct value **out,
	struct error *err) MUST_CHECK;

#endif
