/* Faults of services. They are read with less care than answers: what came before the place where
 * one is broken (some servers do not escape what they quote) is taken. */
#include "inventory/aws/xml.h"

#include <expat.h>

enum { LONGEST = 300, LARGEST = 256 * 1024, DEEPEST = 16 };

struct reading {
	XML_Parser parser;
	unsigned depth;
	bool is_fault;
	struct str code, message, request_id, *text; /* text: that of the open element, or NULL */
	unsigned text_depth;
};

static const char *
bare(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

/* <AccessDeniedException><Message>: the name of the document is the code. */
static bool
root_is_fault(struct reading *at, const char *name)
{
	if (text_ends(name, "Exception")) {
		str_add(&at->code, name);
		return true;
	}
	return !strcmp(name, "ErrorResponse") || !strcmp(name, "Response") ||
	       !strcmp(name, "Error") || !strcmp(name, "Errors");
}

static void XMLCALL
start(void *context, const char *name, const char **attributes)
{
	struct reading *at = context;

	(void)attributes;
	name = bare(name);
	if (at->depth++ == 0)
		at->is_fault = root_is_fault(at, name);
	if (!at->is_fault || at->depth > DEEPEST) {
		XML_StopParser(at->parser, XML_FALSE);
		return;
	}
	if (at->text)
		return;
	if (!strcmp(name, "Code"))
		at->text = &at->code;
	else if (!strcmp(name, "Message") || !strcmp(name, "message"))
		at->text = &at->message;
	else if (!strcmp(name, "RequestId") || !strcmp(name, "RequestID") ||
		 !strcmp(name, "requestId"))
		at->text = &at->request_id;
	/* The first error is the one that is told. */
	if (at->text && at->text->length)
		at->text = NULL;
	at->text_depth = at->depth;
}

static void XMLCALL
end(void *context, const char *name)
{
	struct reading *at = context;

	(void)name;
	if (at->text && at->depth == at->text_depth)
		at->text = NULL;
	at->depth--;
}

static void XMLCALL
characters(void *context, const char *text, int length)
{
	struct reading *at = context;

	if (at->text && length > 0)
		str_add_bytes(at->text, text,
			MIN((size_t)length, LONGEST * 4 - MIN(at->text->length, LONGEST * 4)));
}

static void XMLCALL
refuse(void *context, const char *name, const char *system, const char *public, int has_subset)
{
	struct reading *at = context;

	(void)name, (void)system, (void)public, (void)has_subset;
	XML_StopParser(at->parser, XML_FALSE);
}

/* One line without control characters, cut at the start of a character. */
static const char *
fault_text(struct arena *into, const struct str *text)
{
	char *out = arena_alloc(into, LONGEST + 4);
	size_t used = 0;
	bool is_after_control = true; /* what follows a line's end is its indentation */

	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->data[i];
		bool is_control = c < ' ' || c == 0x7f;

		/* U+0080 to U+009F are controls too, that terminals know. */
		if (c == 0xc2 && i + 1 < text->length && (unsigned char)text->data[i + 1] < 0xa0) {
			is_control = true;
			i++;
		}
		if (is_after_control && (is_control || c == ' '))
			continue;
		if (used >= LONGEST && (c & 0xc0) != 0x80) {
			used += (size_t)snprintf(out + used, 4, "...");
			break;
		}
		if (used >= LONGEST + 3)
			break;
		out[used++] = is_control ? ' ' : (char)c;
		is_after_control = is_control;
	}
	while (used && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
	return used ? out : NULL;
}

bool
xml_fault_read(struct arena *into, struct view text, struct xml_fault *out)
{
	static const XML_Memory_Handling_Suite memory = { memory_get, memory_resize, free };
	struct reading at = { 0 };

	text = view_trim(text);
	if (!text.length || text.data[0] != '<')
		return false;
	str_init(&at.code);
	str_init(&at.message);
	str_init(&at.request_id);
	at.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	XML_SetUserData(at.parser, &at);
	XML_SetElementHandler(at.parser, start, end);
	XML_SetCharacterDataHandler(at.parser, characters);
	XML_SetStartDoctypeDeclHandler(at.parser, refuse);
	(void)XML_Parse(at.parser, text.data, (int)MIN(text.length, (size_t)LARGEST), 1);
	XML_ParserFree(at.parser);
	at.is_fault &= at.code.length || at.message.length;
	if (at.is_fault)
		*out = (struct xml_fault){ .code = fault_text(into, &at.code),
			.message = fault_text(into, &at.message),
			.request_id = fault_text(into, &at.request_id) };
	str_release(&at.code);
	str_release(&at.message);
	str_release(&at.request_id);
	return at.is_fault;
}
