#ifndef LIB_TEMPLATE_TIMES_H
#define LIB_TEMPLATE_TIMES_H
/* Dates and times as templates see them: strftime() and datetime objects. */
#include <time.h>

#include "template/functions.h"

/* Prints as "2024-01-02 03:04:05.000006"; has year … second, strftime(), timestamp(), isoformat().
 */
const struct value *datetime_new(struct arena *into, time_t seconds, int microseconds, bool is_utc);
/* datetime - datetime, datetime ± timedelta; NULL: these are none of them. */
const struct value *times_binary(struct arena *into, struct view symbol, const struct value *left,
	const struct value *right);
/* As datetime.strftime() does. */
bool datetime_format(struct call *call, struct view format, const struct timespec *when,
	bool is_utc, const struct value **out) MUST_CHECK;

#endif
