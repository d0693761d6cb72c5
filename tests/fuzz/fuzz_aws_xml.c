/* libFuzzer: answers of a hostile or broken cloud. Nothing may crash, leak or run for ever; what is
 * read whole and what is read in pieces is the same, and so are their faults. */
#include "inventory/aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool
answer_read(const struct shape *shape, struct view text, size_t piece, bool mends,
	struct arena *into, const struct value **out)
{
	struct xml_reader *reader = xml_reader_new(shape, into, 1024 * 1024);
	struct error err = { 0 };
	bool ok = true;

	if (mends)
		xml_reader_mend(reader);

	for (size_t at = 0; at < text.length && ok; at += piece)
		ok = xml_reader_add(reader,
			(struct view){ text.data + at, MIN(piece, text.length - at) }, &err);
	ok = ok && xml_reader_end(reader, out, &err);
	if (!ok && err.kind == ERR_NONE)
		BUG("a failure without an error");
	xml_reader_free(reader);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct {
		const char *service, *action;
	} asked[] = { { "ec2", "DescribeInstances" }, { "cloudformation", "DescribeStacks" },
		{ "route53", "ListResourceRecordSets" }, { "elbv2", "DescribeListeners" } };
	const struct value *whole = NULL, *pieces = NULL;
	struct xml_fault fault;
	struct arena arena;
	struct view text;

	if (!length)
		return 0;
	/* The first byte says what was asked. */
	text = (struct view){ (const char *)bytes + 1, length - 1 };
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		const struct shape *shape = shape_find(asked[i].service, asked[i].action);
		bool ok, mends = bytes[0] & 4;

		if (bytes[0] % ARRAY_SIZE(asked) != i)
			continue;
		arena_init(&arena);
		ok = answer_read(shape, text, MAX(text.length, (size_t)1), mends, &arena, &whole);
		if (answer_read(shape, text, 1 + bytes[0] / 8, mends, &arena, &pieces) != ok)
			BUG("an answer in pieces is another");
		/* As text: NaN is not equal to itself. */
		if (ok && strcmp(value_to_text(&arena, whole), value_to_text(&arena, pieces)))
			BUG("an answer in pieces gives other values");
		(void)xml_fault_read(&arena, text, &fault);
		arena_release(&arena);
	}
	return 0;
}
