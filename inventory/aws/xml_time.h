#ifndef INVENTORY_AWS_XML_TIME_H
#define INVENTORY_AWS_XML_TIME_H
/* Times as services write them (ISO 8601, RFC 822, seconds since 1970), as Python's
 * datetime.isoformat() shows them. */
#include "base/str.h"

enum { XML_TIME_ROOM = 48 };

/* False: it is none. A time without a zone stays without. */
bool xml_time_format(struct view text, char out[XML_TIME_ROOM]) MUST_CHECK;

#endif
