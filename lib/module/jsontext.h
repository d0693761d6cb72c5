#ifndef LIB_MODULE_JSONTEXT_H
#define LIB_MODULE_JSONTEXT_H
/*
 * JSON where modules meet it (facts.d, answers of servers, bodies of requests): the runner has no
 * JSON library. What is read is what Python's json.loads takes, with a limit on its depth.
 */
#include "value/value.h"

/* NULL: it is no JSON. */
const struct value *jsontext_read(struct arena *arena, struct view text);
/* As json.dumps writes: ", " and ": " between, everything beyond ASCII as \uXXXX. */
void jsontext_add(const struct value *value, struct str *out);

#endif
