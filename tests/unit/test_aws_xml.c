/*
 * Answers of AWS against what they mean: cases of our own, and all answers of the public vectors
 * as botocore reads them (scripts/aws_shapes.py --cases; needs botocore, ansible-core and the
 * vectors, and says so when one is absent).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "inventory/aws/shapes.h"
#include "inventory/aws/xml_mend.h"
#include "inventory/aws/xml_time.h"
#include "json/json.h"

#include <cmocka.h> /* last: its fail() is not ours */

enum { LARGEST = 64 * 1024 * 1024 };

/* In pieces of `piece` bytes; 0: whole. */
static bool
read_pieces(const struct shape *shape, struct view text, size_t piece, struct arena *into,
	const struct value **out, struct error *err)
{
	struct xml_reader *reader = xml_reader_new(shape, into, LARGEST);
	bool ok = true;

	error_clear(err);
	if (!piece)
		piece = MAX(text.length, (size_t)1);
	for (size_t at = 0; at < text.length && ok; at += piece)
		ok = xml_reader_add(
			reader, (struct view){ text.data + at, MIN(piece, text.length - at) }, err);
	ok = ok && xml_reader_end(reader, out, err);
	xml_reader_free(reader);
	return ok;
}

static const char *
shown(struct arena *into, const struct value *value)
{
	const struct json_style style = { .sort_keys = true };
	struct str text = STR_INIT;
	const char *copy;

	json_add(value, &style, &text);
	copy = arena_text(into, text.data);
	str_release(&text);
	return copy;
}

/* ---- our own ---- */

static const struct shape numbers = { .kind = SHAPE_LIST, .is_flat = true, .of = &shape_int };
static const struct shape entries = {
	.kind = SHAPE_MAP, .key = "k", .value = "v", .of = &shape_text
};
static const struct shape flat_entries = {
	.kind = SHAPE_MAP, .is_flat = true, .key = "k", .value = "v", .of = &shape_text
};
static const struct shape texts = { .kind = SHAPE_LIST, .of = &shape_text };
static const struct shape_member inner_members[] = { { "a", "a", &shape_text },
	{ "b", "b", &shape_int }, { NULL } };
static const struct shape inner = { .kind = SHAPE_STRUCT, .members = inner_members };
static const struct shape inners = { .kind = SHAPE_LIST, .of = &inner };
static const struct shape_member outer_members[] = {
	{ "bool", "a_bool", &shape_bool },
	{ "flatMap", "flat_map", &flat_entries },
	{ "float", "a_float", &shape_float },
	{ "inner", "inner", &inner },
	{ "inners", "inners", &inners },
	{ "int", "an_int", &shape_int },
	{ "map", "a_map", &entries },
	{ "n", "numbers", &numbers },
	{ "text", "a_text", &shape_text },
	{ "texts", "texts", &texts },
	{ "time", "a_time", &shape_time },
	{ NULL },
};
static const struct shape outer = { .kind = SHAPE_STRUCT, .members = outer_members };

static const struct {
	const char *xml, *json; /* json: NULL: an error, whose cause is `why` */
	const char *why;
} own[] = {
	{ "<r/>", "{}" },
	{ "\n \n<?xml version=\"1.0\"?>\n<r><text>a &lt;&amp;&#228; b</text></r>\n",
		"{\"a_text\": \"a <&\\u00e4 b\"}" },
	{ "<r><text/><texts/><inner/><inners/><map/></r>",
		"{\"a_map\": {}, \"a_text\": \"\", \"inner\": {}, \"inners\": [], \"texts\": []}" },
	{ "<r><text><![CDATA[<x>]]></text><unknown><text>no</text></unknown></r>",
		"{\"a_text\": \"<x>\"}" },
	{ "<r><bool>true</bool><int> -7 </int><float>1.5</float></r>",
		"{\"a_bool\": true, \"a_float\": 1.5, \"an_int\": -7}" },
	{ "<r><float>-Infinity</float></r>", "{\"a_float\": -Infinity}" },
	{ "<r><float>NaN</float></r>", "{\"a_float\": NaN}" },
	{ "<r><bool>True</bool><int/><float></float><time/></r>", "{\"a_bool\": false}" },
	{ "<r><n>1</n><text>x</text><n>2</n><n/></r>", "{\"a_text\": \"x\", \"numbers\": [1, 2]}" },
	{ "<r><map><entry><k>x</k><v>1</v></entry><entry><v>2</v><k>y</k></entry>"
	  "<entry><k>x</k><v>3</v></entry><entry><v>lost</v></entry></map></r>",
		"{\"a_map\": {\"x\": \"3\", \"y\": \"2\"}}" },
	{ "<r><flatMap><k>x</k><v>1</v></flatMap><flatMap><k>y</k></flatMap></r>",
		"{\"flat_map\": {\"x\": \"1\", \"y\": null}}" },
	{ "<r><inners><item><a>1</a><b>2</b></item><member><a>1</a><b>2</b></member><item/>"
	  "</inners></r>",
		"{\"inners\": [{\"a\": \"1\", \"b\": 2}, {\"a\": \"1\", \"b\": 2}, {}]}" },
	{ "<DoResponse><DoResult><text>in</text></DoResult><ResponseMetadata><RequestId>1"
	  "</RequestId></ResponseMetadata></DoResponse>",
		"{\"a_text\": \"in\"}" },
	{ "<p:r xmlns:p='urn:x'><p:text>a</p:text><p:map><p:e><p:k>b</p:k><p:v>c</p:v></p:e>"
	  "</p:map></p:r>",
		"{\"a_map\": {\"b\": \"c\"}, \"a_text\": \"a\"}" },
	{ "<r><text>first</text><text>last</text></r>", "{\"a_text\": \"last\"}" },
	{ "<r><time>2026-01-02T03:04:05.000Z</time></r>",
		"{\"a_time\": \"2026-01-02T03:04:05+00:00\"}" },
	{ "<r><time>tomorrow</time></r>", "{\"a_time\": \"tomorrow\"}" },
	{ "", NULL, "there is none" },
	{ "<r><text>a", NULL, "it ends before it is complete" },
	{ "<r><text>a</te", NULL, "it ends before it is complete" },
	{ "<r><text>a</r></text>", NULL, "mismatched tag" },
	{ "<r/><r/>", NULL, "junk after document element" },
	{ "<r><int>many</int></r>", NULL, "'many' of <int> is no number" },
	{ "<r><int>99999999999999999999</int></r>", NULL, "is no number" },
	{ "<r><float>1.5x</float></r>", NULL, "'1.5x' of <float> is no number" },
	{ "<r><text>a & b</text></r>", NULL, "not well-formed" },
	{ "<r><text>\xff</text></r>", NULL, "not well-formed" },
	{ "<r><text>&lol;</text></r>", NULL, "undefined entity" },
	{ "<!DOCTYPE r [<!ENTITY lol 'lol'>]><r><text>&lol;</text></r>", NULL,
		"declares a document type" },
	{ "<!DOCTYPE html><html/>", NULL, "declares a document type" },
	{ "{\"not\": \"xml\"}", NULL, "not well-formed" },
	{ "<ErrorResponse><Error><Code>Throttling</Code><Message>Slow\n down</Message></Error>"
	  "</ErrorResponse>",
		NULL, "Slow down" },
	{ "<ErrorResponse/>", NULL, "without saying which" },
};

static void
test_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		for (size_t piece = 0; piece < 4; piece++) {
			const struct value *value = NULL;
			struct error err;
			struct arena arena;
			bool ok;

			arena_init(&arena);
			ok = read_pieces(&outer, view_of(own[i].xml), piece, &arena, &value, &err);
			if (ok != !!own[i].json)
				fail_msg("%s: %s: %s", own[i].xml, err.what, err.why);
			if (ok)
				assert_string_equal(shown(&arena, value), own[i].json);
			else if (!strstr(err.why, own[i].why))
				fail_msg("%s: '%s' instead of '%s'", own[i].xml, err.why,
					own[i].why);
			else
				assert_null(value);
			arena_release(&arena);
		}
}

static void
test_position(void **state)
{
	const struct value *value;
	struct error err;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_false(
		read_pieces(&outer, VIEW("<r>\n  <text>a</texts>\n</r>"), 0, &arena, &value, &err));
	assert_int_equal(err.kind, ERR_PARSE);
	assert_string_equal(err.where, "line 2, column 12 of the answer");
	arena_release(&arena);
}

static void
test_limits(void **state)
{
	const struct value *value;
	struct xml_reader *reader;
	struct str deep = STR_INIT;
	struct error err;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (int i = 0; i < 100000; i++)
		str_add(&deep, "<x>");
	assert_false(read_pieces(&outer, str_view(&deep), 0, &arena, &value, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	str_release(&deep);
	reader = xml_reader_new(&outer, &arena, 10);
	assert_true(xml_reader_add(reader, VIEW("<r></r>"), &err));
	assert_false(xml_reader_add(reader, VIEW("<!-- -->"), &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	/* What failed stays failed. */
	assert_false(xml_reader_add(reader, VIEW(" "), &err));
	assert_false(xml_reader_end(reader, &value, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	xml_reader_free(reader);
	arena_release(&arena);
}

/* 1,200 equal things cost what one costs, and a pointer. */
static void
test_shared(void **state)
{
	const struct value *value, *list;
	struct str text = STR_INIT;
	struct error err;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	str_add(&text, "<r><inners>");
	for (int i = 0; i < 1200; i++)
		str_add(&text, "<item><a>m1.small</a><b>4711</b></item>");
	str_add(&text, "</inners></r>");
	assert_true(read_pieces(&outer, str_view(&text), 0, &arena, &value, &err));
	list = value_get(value, "inners");
	assert_int_equal(list->list.count, 1200);
	assert_ptr_equal(list->list.items[0], list->list.items[1199]);
	assert_true(arena.used < 1200 * sizeof(void *) + 1024);
	str_release(&text);
	arena_release(&arena);
}

static const struct {
	const char *in, *out;
} mended[] = {
	{ "<r>R&D</r>", "<r>R&amp;D</r>" },
	{ "<r>&amp;&lt;&gt;&quot;&apos;&#228;&#xe4;</r>",
		"<r>&amp;&lt;&gt;&quot;&apos;&#228;&#xe4;</r>" },
	{ "<r>a < b <3 && c</r>", "<r>a &lt; b &lt;3 &amp;&amp; c</r>" },
	{ "<r>&am &;&#; &#x; &#12a; &#xzz; &#1234567890123;</r>",
		"<r>&amp;am &amp;;&amp;#; &amp;#x; &amp;#12a; &amp;#xzz; "
		"&amp;#1234567890123;</r>" },
	{ "<r>&&amp;<</r>", "<r>&amp;&amp;&lt;</r>" },
	{ "<?xml version='1.0'?><!-- & --><_r a='&'/>",
		"<?xml version='1.0'?><!-- &amp; --><_r a='&amp;'/>" },
	{ "<r/>&", "<r/>&amp;" },
};

static void
test_mended(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mended); i++)
		for (size_t piece = 1; piece < 9; piece++) {
			struct view text = view_of(mended[i].in);
			struct xml_mender mender;
			struct str out = STR_INIT;

			xml_mender_init(&mender);
			for (size_t at = 0; at < text.length; at += piece)
				str_add_view(&out,
					xml_mend(&mender, (struct view){ text.data + at,
								  MIN(piece, text.length - at) }));
			str_add_view(&out, xml_mend_end(&mender));
			assert_string_equal(out.data, mended[i].out);
			xml_mender_release(&mender);
			str_release(&out);
		}
}

static const struct {
	const char *in, *out; /* out: NULL: no time */
} times[] = {
	{ "2012-10-16T20:00:13.000Z", "2012-10-16T20:00:13+00:00" },
	{ "2012-10-16T20:00:13.5Z", "2012-10-16T20:00:13.500000+00:00" },
	{ "2012-10-16T20:00:13.1234567Z", "2012-10-16T20:00:13.123456+00:00" },
	{ "2019-12-16T22:48:18-01:00", "2019-12-16T22:48:18-01:00" },
	{ "2019-12-16T22:48:18+0530", "2019-12-16T22:48:18+05:30" },
	{ "2019-12-16 22:48:18", "2019-12-16T22:48:18" },
	{ "2016-02-29", "2016-02-29T00:00:00" },
	{ "1398796238", "2014-04-29T18:30:38+00:00" },
	{ "1398796238.25", "2014-04-29T18:30:38.250000+00:00" },
	{ "0", "1970-01-01T00:00:00+00:00" },
	{ "Tue, 29 Apr 2014 18:30:38 GMT", "2014-04-29T18:30:38+00:00" },
	{ "2015-02-29", NULL },
	{ "2015-13-01T00:00:00Z", NULL },
	{ "2015-12-01T24:00:00Z", NULL },
	{ "2015-12-01T00:00:00ZZ", NULL },
	{ "YYYY-MM-DDTHH:MM:SS.000Z", NULL },
	{ "1e300", NULL },
	{ "nan", NULL },
	{ "", NULL },
	{ ",", NULL },
};

static void
test_times(void **state)
{
	char out[XML_TIME_ROOM];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		if (xml_time_format(view_of(times[i].in), out) != !!times[i].out)
			fail_msg("'%s' gives '%s'", times[i].in, out);
		if (times[i].out)
			assert_string_equal(out, times[i].out);
	}
}

static const struct {
	const char *xml, *code, *message, *request_id;
} faults[] = {
	{ "<Response><Errors><Error><Code>A</Code><Message>b</Message></Error></Errors>"
	  "<RequestID>c</RequestID></Response>",
		"A", "b", "c" },
	/* econe-server: an empty id, lines of Ruby, and what it quotes is not escaped. */
	{ "\n  <Response>\n <RequestId/>\n<Errors><Error>\n<Code>AuthFailure</Code>\n<Message>a\n\n"
	  "   \tb \033[31m c</Message></Error></Errors></Response>\n",
		"AuthFailure", "a b", NULL },
	{ "<Response><Errors><Error><Code>AuthFailure</Code>"
	  "<Message>a\n\n   \tb  \302\233c \n</Message></Error></Errors></Response>",
		"AuthFailure", "a b   c", NULL },
	{ "<Response><Errors><Error><Code>A</Code><Message>b <c & d</Message></Error>", "A", "b",
		NULL },
	{ "<Error><Code>NoSuchKey</Code><Message>m</Message><RequestId>i</RequestId></Error>",
		"NoSuchKey", "m", "i" },
	{ "<AccessDeniedException><Message>no</Message></AccessDeniedException>",
		"AccessDeniedException", "no", NULL },
	{ "<ErrorResponse xmlns='x'><Error><Code>1</Code></Error><Error><Code>2</Code></Error>"
	  "</ErrorResponse>",
		"1", NULL, NULL },
	{ "<Response><Errors/></Response>" },
	{ "<DescribeInstancesResponse><Code>16</Code></DescribeInstancesResponse>" },
	{ "<!DOCTYPE html><html><Code>1</Code></html>" },
	{ "<!DOCTYPE Error [<!ENTITY a 'b'>]><Error><Code>&a;</Code></Error>" },
	{ "" },
	{ "{\"Code\": 1}" },
};

static void
assert_same(const char *xml, const char *actual, const char *expected)
{
	if (!text_equals(actual, expected))
		fail_msg("%s: '%s' instead of '%s'", xml, actual ? actual : "(none)",
			expected ? expected : "(none)");
}

static void
test_faults(void **state)
{
	struct xml_fault fault;
	struct str large = STR_INIT;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		bool is_fault = xml_fault_read(&arena, view_of(faults[i].xml), &fault);

		if (is_fault != !!faults[i].code)
			fail_msg("%s: %s", faults[i].xml, is_fault ? "a fault" : "no fault");
		if (!is_fault)
			continue;
		assert_same(faults[i].xml, fault.code, faults[i].code);
		assert_same(faults[i].xml, fault.message, faults[i].message);
		assert_same(faults[i].xml, fault.request_id, faults[i].request_id);
	}
	str_add(&large, "<Error><Code>A</Code><Message>");
	str_add_times(&large, 'x', 100000);
	str_add(&large, "</Message></Error>");
	assert_true(xml_fault_read(&arena, str_view(&large), &fault));
	assert_int_equal(strlen(fault.message), 303);
	str_release(&large);
	arena_release(&arena);
}

/* ---- the vectors ---- */

/* Shapes as scripts/aws_shapes.py writes them: a list of rows that name each other by number. */
static const struct shape *
shapes_read(struct arena *into, const struct value *rows, int64_t wanted)
{
	static const char *const kinds[] = { [SHAPE_STRUCT] = "struct",
		[SHAPE_LIST] = "list",
		[SHAPE_MAP] = "map",
		[SHAPE_TEXT] = "text",
		[SHAPE_INT] = "int",
		[SHAPE_FLOAT] = "float",
		[SHAPE_BOOL] = "bool",
		[SHAPE_TIME] = "time" };
	struct shape *shapes = arena_array(into, rows->list.count, struct shape);

	for (uint32_t i = 0; i < rows->list.count; i++) {
		const struct value *row = rows->list.items[i], *members = value_get(row, "members"),
				   *of = value_get(row, "of");
		struct shape *shape = &shapes[i];

		while (strcmp(kinds[shape->kind], value_string(value_get(row, "kind"))))
			shape->kind++;
		shape->is_flat = value_get(row, "flat") && value_is_true(value_get(row, "flat"));
		shape->key = value_string(value_get(row, "key"));
		shape->value = value_string(value_get(row, "value"));
		shape->of = of ? &shapes[of->integer] : NULL;
		if (members) {
			struct shape_member *out =
				arena_array(into, members->list.count + 1, struct shape_member);

			shape->members = out;
			VALUE_EACH (member, members)
				*out++ = (struct shape_member){ value_string(member->list.items[0]),
					value_string(member->list.items[1]),
					&shapes[member->list.items[2]->integer] };
		}
	}
	return &shapes[wanted];
}

static bool
case_fault(struct arena *into, const struct value *row)
{
	const struct value *message = value_get(row, "message"), *id = value_get(row, "request_id");
	struct xml_fault fault;

	return xml_fault_read(into, value_string_view(value_get(row, "xml")), &fault) &&
	       text_equals(fault.code, value_string(value_get(row, "fault"))) &&
	       (!message || text_equals(fault.message, value_string(message))) &&
	       (!id || text_equals(fault.request_id, value_string(id)));
}

static bool
case_read(struct arena *into, const struct value *row, const struct shape *shape)
{
	const struct value *value, *expected = value_get(row, "expected");
	struct error err;

	for (size_t piece = 0; piece < 8; piece += 7) {
		if (!read_pieces(shape, value_string_view(value_get(row, "xml")), piece, into,
			    &value, &err)) {
			print_error("%s: %s: %s\n", value_string(value_get(row, "name")), err.what,
				err.why);
			return false;
		}
		if (!value_equals(value, expected)) {
			print_error("%s\n  is: %s\nnot: %s\n", value_string(value_get(row, "name")),
				shown(into, value), shown(into, expected));
			return false;
		}
	}
	return true;
}

static bool
case_run(struct arena *into, const struct value *row, size_t *in_table)
{
	const struct value *service = value_get(row, "service");
	const struct shape *shape;

	if (value_get(row, "fault")) {
		bool ok = case_fault(into, row);

		if (!ok)
			print_error("%s: not read as a fault, or another\n",
				value_string(value_get(row, "name")));
		return ok;
	}
	shape = shapes_read(into, value_get(row, "shapes"), value_get(row, "shape")->integer);
	if (!case_read(into, row, shape))
		return false;
	shape = service ? shape_find(value_string(service), value_string(value_get(row, "action")))
			: NULL;
	*in_table += !!shape;
	return !shape || case_read(into, row, shape);
}

static bool
cases_load(struct arena *into, const struct value **out)
{
	const char *vectors = getenv("ERTC_VECTORS");
	const char *command =
		arena_format(into, "scripts/aws_shapes.py --cases '%s/aws/botocore' 2>/dev/null",
			vectors ? vectors : "../shared/vectors");
	struct str text = STR_INIT;
	struct error err;
	char piece[65536];
	size_t got;
	bool ok;
	FILE *pipe = popen(command, "r");

	assert_non_null(pipe);
	while ((got = fread(piece, 1, sizeof(piece), pipe)) > 0)
		str_add_bytes(&text, piece, got);
	ok = pclose(pipe) == 0 && json_parse(into, str_view(&text), out, &err) &&
	     (*out)->list.count;
	str_release(&text);
	return ok;
}

static void
test_vectors(void **state)
{
	const struct value *cases;
	size_t good = 0, bad = 0, in_table = 0;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	if (!cases_load(&arena, &cases)) {
		printf("skip the public vectors of service answers: not there, or no botocore\n");
		arena_release(&arena);
		return;
	}
	VALUE_EACH (row, cases) {
		const char *reason = value_string(value_get(row, "skip"));

		if (reason)
			print_message("%s: %s\n", value_string(value_get(row, "name")), reason);
		else if (case_run(&arena, row, &in_table))
			good++;
		else
			bad++;
	}
	print_message("%zu answers and faults as botocore reads them (%zu by the table)\n", good,
		in_table);
	arena_release(&arena);
	assert_int_equal(bad, 0);
	assert_true(in_table >= 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_mended),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests_name("aws_xml", tests, NULL, NULL);
}
