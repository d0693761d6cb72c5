#ifndef LIB_MODULE_WEBFORM_H
#define LIB_MODULE_WEBFORM_H
/* Bodies of requests: form-urlencoded and form-multipart, from the values a playbook gives. */
#include "module/host.h"

bool form_urlencode(struct module_call *call, const struct value *body, struct str *out,
	struct error *err) MUST_CHECK;
/* `*type` is the Content-Type with the boundary. A part's file is `_content` (from the controller)
 * or `filename` on the target. */
bool form_multipart(struct module_call *call, const struct value *body, struct str *out,
	const char **type, struct error *err) MUST_CHECK;

#endif
