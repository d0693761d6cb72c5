#ifndef LIB_BASE_BASE64_H
#define LIB_BASE_BASE64_H
/* Base64 (RFC 4648) with padding and without line breaks. */
#include "base/str.h"

void base64_add(struct str *out, struct view bytes);

#endif
