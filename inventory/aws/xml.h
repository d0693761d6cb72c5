#ifndef INVENTORY_AWS_XML_H
#define INVENTORY_AWS_XML_H
/*
 * An XML answer becomes values while it arrives: expat reads, a shape says what the elements mean
 * (their names in the result, which are lists, numbers, times). Elements that the shape does not
 * know are skipped. Namespaces are not looked at. No document type, no entities but the five of
 * XML, a bound on depth; what is larger than the bound of the reader ends with ERR_LIMIT. What is
 * equal mostly is one value, maps and lists too: fleets repeat themselves.
 *
 * An empty number or time is left out of the result; a text that is no number is malformed; one
 * that is no time stays as it is.
 */
#include "value/value.h"

enum shape_kind {
	SHAPE_STRUCT,
	SHAPE_LIST, /* of items inside an element of its own, or of repeated elements (is_flat) */
	SHAPE_MAP,  /* <entry><key/><value/></entry> */
	SHAPE_TEXT,
	SHAPE_INT,
	SHAPE_FLOAT,
	SHAPE_BOOL,
	SHAPE_TIME, /* a text as Python's datetime.isoformat() gives it: 2026-01-02T03:04:05+00:00
		     */
};

struct shape;
struct shape_member {
	const char *element; /* in the XML */
	const char *name;    /* in the result: as Ansible shows it, private_ip_address */
	const struct shape *shape;
};

struct shape {
	enum shape_kind kind;
	bool is_flat;
	const char *item;		    /* LIST: the element of an item; MAP: of an entry; NULL:
					       any */
	const char *key, *value;	    /* MAP: their elements */
	const struct shape *of;		    /* LIST: an item; MAP: a value */
	const struct shape_member *members; /* STRUCT: sorted by element, ended by a NULL element */
};

/* What the answer to an action looks like: "ec2", "DescribeInstances". NULL: not in the table. Of
 * Query services (sts, autoscaling, elasticloadbalancing, cloudformation, iam) it is what stands
 * inside <ActionResult>. */
const struct shape *shape_find(const char *service, const char *action);

struct xml_reader;
/* The result lives in `into`. `maximum`: bytes of XML. */
struct xml_reader *xml_reader_new(const struct shape *shape, struct arena *into, size_t maximum);
/* For servers that do not escape texts: an ampersand that begins no entity, and a less-than sign
 * that begins no tag, stand for themselves. Before the first bytes. */
void xml_reader_mend(struct xml_reader *reader);
bool xml_reader_add(struct xml_reader *reader, struct view bytes, struct error *err) MUST_CHECK;
/* The whole answer was there; else ERR_PARSE, and nothing of it is given. */
bool xml_reader_end(
	struct xml_reader *reader, const struct value **out, struct error *err) MUST_CHECK;
void xml_reader_free(struct xml_reader *reader);

/* <ErrorResponse><Error><Code>…, <Response><Errors><Error><Code>…: a fault in any of the forms that
 * AWS, OpenNebula and moto answer, also with status 200. False: it is none. Texts are in the arena,
 * cut to a few hundred bytes, without control characters. */
struct xml_fault {
	const char *code, *message, *request_id; /* NULL where there is none, or an empty one */
};
bool xml_fault_read(struct arena *into, struct view text, struct xml_fault *out);

/* The same of a reader that was given such an answer instead of what its shape says;
 * xml_reader_end then fails with the fault as ERR_TASK. */
bool xml_reader_fault(struct xml_reader *reader, struct arena *into, struct xml_fault *out);

#endif
