#ifndef LIB_BASE_BASE64_H
#define LIB_BASE_BASE64_H
/* Base64 (RFC 4648). */
#include "base/str.h"

/* With padding and without line breaks. */
void base64_add(struct str *out, struct view bytes);
/* The bytes of a text; what is no letter, such as line breaks and padding, is passed over. */
void base64_add_decoded(struct str *out, struct view text);

#endif
