#ifndef LIB_MODULE_JSON_TEXT_H
#define LIB_MODULE_JSON_TEXT_H
/*
 * JSON for what runs on the target, where no library is: local facts, results of background jobs.
 * The controller has json/json.h.
 */
#include "value/value.h"

/* NULL: it is not JSON (or nested deeper than 32 levels). Strings carry no template flag. */
const struct value *json_text_read(struct arena *arena, struct view text);
/* On one line. Strings are taken for UTF-8 and written as they are. */
void json_text_add(const struct value *value, struct str *out);

#endif
