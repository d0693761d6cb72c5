#ifndef INVENTORY_AWS_XML_MEND_H
#define INVENTORY_AWS_XML_MEND_H
/*
 * XML whose texts were not escaped, made well-formed while it arrives: an ampersand that begins no
 * entity of XML, and a less-than sign that begins no tag, are escaped. What already looks like a
 * tag is one. Not for answers with CDATA sections.
 */
#include "base/str.h"

struct xml_mender {
	char held[12]; /* what began with & or <, until it is known what it is */
	size_t count;
	struct str out;
};

void xml_mender_init(struct xml_mender *mender);
void xml_mender_release(struct xml_mender *mender);
/* What can be said of the bytes so far; good until the next call. */
struct view xml_mend(struct xml_mender *mender, struct view bytes);
/* What was held to the end. */
struct view xml_mend_end(struct xml_mender *mender);

#endif
