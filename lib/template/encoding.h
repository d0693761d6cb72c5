/* Texts in other encodings than UTF-8, by the names that Python has for them ("utf-16-le", "latin-1"). */
#ifndef LIB_TEMPLATE_ENCODING_H
#define LIB_TEMPLATE_ENCODING_H

#include "base/error.h"
#include "base/str.h"

/* Both add to `out`. They fail for an encoding that is not known (`unknown encoding: x`), and for
 * what cannot be said in it. */
bool encoding_encode(
	struct view text, const char *encoding, struct str *out, struct error *err) MUST_CHECK;
bool encoding_decode(
	struct view bytes, const char *encoding, struct str *out, struct error *err) MUST_CHECK;

#endif
