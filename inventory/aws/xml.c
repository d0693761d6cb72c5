/*
 * The reader of answers. A stack of frames follows the elements that the shape knows; what the
 * others hold is skipped. What a frame has collected stands in one vector of pairs, at its end that
 * of the innermost, so that a map is made at its end, with room for what it has and no more.
 */
#include "inventory/aws/xml.h"

#include <expat.h>

#include "inventory/aws/xml_mend.h"
#include "value/share.h"
#include "inventory/aws/xml_time.h"

enum {
	DEEPEST = 64,
	LONGEST_SHARED = 128, /* texts that are longer do not repeat */
	WIDEST_SHARED = 32,   /* pairs of a map, items of a list */
	SHARED = 4096,	      /* a power of two */
	HEAD_KEPT = 64 * 1024,
	PIECE = 1024 * 1024,
};

/* A shape as this reader uses it. */
struct bound {
	const struct shape *shape;
	size_t count; /* of members */
	struct slot {
		const struct value *key; /* made when it is first seen; the same for all maps */
		struct bound *of;
		size_t next; /* the member that followed last time: mostly it does again */
	} * slots;
	struct bound *of; /* an item's, a value's */
};

enum frame_kind {
	FRAME_STRUCT,
	FRAME_LIST,
	FRAME_MAP,
	FRAME_ENTRY,	 /* of a map */
	FRAME_ENTRY_KEY, /* its key: a text */
	FRAME_LEAF,
};

struct frame {
	enum frame_kind kind;
	struct bound *bound;		 /* ENTRY: the map's */
	size_t base;			 /* its first pair in the vector */
	size_t member;			 /* STRUCT: the one that is open, or was last */
	bool is_flat;			 /* an item or entry that stands in the structure itself */
	const struct value *key, *value; /* ENTRY */
};

struct xml_reader {
	struct arena *into;
	struct arena own; /* bound shapes */
	struct value_share share;
	XML_Parser parser;
	struct bound *root;
	size_t maximum, given;
	struct frame frames[DEEPEST];
	size_t depth;	 /* frames in use */
	size_t skipping; /* open elements that mean nothing here */
	bool has_root, is_fault, is_failed, is_done;
	bool is_inside_result; /* <ActionResult> below the document */
	struct value_pair *pairs;
	size_t pair_count, pair_room;
	struct str text; /* of the open leaf */
	bool mends;
	struct xml_mender mender;
	struct str head;       /* until the document is known to be no fault */
	struct bound **bounds; /* all, to find that of a shape */
	size_t bound_count;
	const struct value *result;
	struct error err;
};

/* ---- shapes ---- */

static struct bound *
bound_get(struct xml_reader *reader, const struct shape *shape)
{
	struct bound *bound;

	for (size_t i = 0; i < reader->bound_count; i++)
		if (reader->bounds[i]->shape == shape)
			return reader->bounds[i];
	bound = arena_new(&reader->own, struct bound);
	bound->shape = shape;
	if (shape->kind == SHAPE_STRUCT) {
		while (shape->members[bound->count].element)
			bound->count++;
		bound->slots = arena_array(&reader->own, bound->count + 1, struct slot);
	}
	/* Powers of two, so that the old rows left in the arena stay few. */
	if ((reader->bound_count & (reader->bound_count - 1)) == 0)
		reader->bounds = arena_grow(&reader->own, reader->bounds, reader->bound_count,
			MAX(reader->bound_count * 2, (size_t)8), sizeof(*reader->bounds));
	reader->bounds[reader->bound_count++] = bound;
	return bound;
}

static struct bound *
bound_of(struct xml_reader *reader, struct bound *bound)
{
	if (!bound->of)
		bound->of = bound_get(reader, bound->shape->of);
	return bound->of;
}

static struct bound *
bound_of_member(struct xml_reader *reader, struct bound *bound, size_t member)
{
	struct slot *slot = &bound->slots[member];

	if (!slot->of) {
		slot->of = bound_get(reader, bound->shape->members[member].shape);
		slot->key = value_text(reader->into, bound->shape->members[member].name);
	}
	return slot->of;
}

static bool
member_search(const struct bound *bound, const char *name, size_t *out)
{
	size_t low = 0, high = bound->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, bound->shape->members[middle].element);

		if (order == 0) {
			*out = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool
member_find(struct frame *frame, const char *name, size_t *out)
{
	struct bound *bound = frame->bound;
	size_t guess;
	const char *colon;

	if (!bound->count)
		return false;
	guess = bound->slots[frame->member].next;
	if (!strcmp(bound->shape->members[guess].element, name)) {
		*out = guess;
		return true;
	}
	colon = strrchr(name, ':');
	if (!member_search(bound, name, out) && !(colon && member_search(bound, colon + 1, out)))
		return false;
	bound->slots[frame->member].next = *out;
	return true;
}

/* Keys of a map come from outside: the last of equal ones counts. */
static const struct value *
entries_make(struct xml_reader *reader, const struct value_pair *pairs, size_t count)
{
	struct value *map;

	if (!count)
		return &value_empty_map;
	map = value_map(reader->into);
	for (size_t i = 0; i < count; i++)
		value_set_key(reader->into, map, pairs[i].key, pairs[i].value);
	return map;
}

/* ---- failures ---- */

static void
stop(struct xml_reader *reader)
{
	if (!reader->is_failed)
		error_where(&reader->err, "line %lu, column %lu of the answer",
			XML_GetCurrentLineNumber(reader->parser),
			XML_GetCurrentColumnNumber(reader->parser) + 1);
	reader->is_failed = true;
	XML_StopParser(reader->parser, XML_FALSE);
}

static void
stop_malformed(struct xml_reader *reader, const char *kind, const char *name)
{
	fail(&reader->err, ERR_PARSE, "cannot read the XML answer");
	error_why(&reader->err, "'%.80s' of <%.80s> is no %s", reader->text.data, name, kind);
	stop(reader);
}

/* ---- leaves ---- */

/* NULL without a failure: it is left out. */
static const struct value *
leaf_make(struct xml_reader *reader, enum shape_kind kind, const char *name)
{
	struct view text = str_view(&reader->text), bare = view_trim(text);
	char moment[XML_TIME_ROOM], *end;
	int64_t number;
	double real;

	switch (kind) {
	case SHAPE_BOOL:
		return view_is(bare, "true") ? &value_true : &value_false;
	case SHAPE_INT:
		if (bare.length && !number_parse(bare, &number))
			stop_malformed(reader, "number", name);
		return bare.length && !reader->is_failed
			       ? value_share_number(&reader->share, number)
			       : NULL;
	case SHAPE_FLOAT:
		real = strtod(reader->text.data, &end);
		if (bare.length && (view_trim(view_of(end)).length || end == reader->text.data))
			stop_malformed(reader, "number", name);
		return bare.length ? value_float(reader->into, real) : NULL;
	case SHAPE_TIME:
		if (!bare.length)
			return NULL;
		if (xml_time_format(bare, moment))
			text = view_of(moment);
		return value_share_text(&reader->share, text);
	default:
		return value_share_text(&reader->share, text);
	}
}

/* ---- frames ---- */

static struct frame *
frame_push(struct xml_reader *reader, enum frame_kind kind, struct bound *bound)
{
	struct frame *frame = &reader->frames[reader->depth++];

	*frame = (struct frame){ .kind = kind, .bound = bound, .base = reader->pair_count };
	str_clear(&reader->text);
	return frame;
}

static struct frame *
frame_push_shape(struct xml_reader *reader, struct bound *bound)
{
	static const enum frame_kind kinds[] = {
		[SHAPE_STRUCT] = FRAME_STRUCT,
		[SHAPE_LIST] = FRAME_LIST,
		[SHAPE_MAP] = FRAME_MAP,
		[SHAPE_TEXT] = FRAME_LEAF,
		[SHAPE_INT] = FRAME_LEAF,
		[SHAPE_FLOAT] = FRAME_LEAF,
		[SHAPE_BOOL] = FRAME_LEAF,
		[SHAPE_TIME] = FRAME_LEAF,
	};

	return frame_push(reader, kinds[bound->shape->kind], bound);
}

static void
pair_push(struct xml_reader *reader, const struct value *key, const struct value *value)
{
	if (reader->pair_count == reader->pair_room) {
		reader->pair_room = MAX(reader->pair_room * 2, (size_t)256);
		reader->pairs =
			memory_resize(reader->pairs, reader->pair_room * sizeof(*reader->pairs));
	}
	reader->pairs[reader->pair_count++] = (struct value_pair){ key, value };
}

static struct value_pair *
pair_of_key(struct xml_reader *reader, const struct frame *frame, const struct value *key)
{
	for (size_t i = frame->base; i < reader->pair_count; i++)
		if (reader->pairs[i].key == key)
			return &reader->pairs[i];
	return NULL;
}

static bool
is_name(const char *name, const char *wanted)
{
	const char *colon = strrchr(name, ':');

	return !strcmp(colon ? colon + 1 : name, wanted);
}

static bool
member_open(struct xml_reader *reader, struct frame *frame, const char *name)
{
	struct bound *of;
	size_t member;

	if (!member_find(frame, name, &member)) {
		if (reader->depth != 1 || reader->is_inside_result || !text_ends(name, "Result"))
			return false;
		reader->is_inside_result = true;
		return true;
	}
	of = bound_of_member(reader, frame->bound, member);
	frame->member = member;
	if (!of->shape->is_flat)
		frame_push_shape(reader, of);
	else if (of->shape->kind == SHAPE_LIST)
		frame_push_shape(reader, bound_of(reader, of))->is_flat = true;
	else
		frame_push(reader, FRAME_ENTRY, of)->is_flat = true;
	return true;
}

/* False: it means nothing. */
static bool
element_open(struct xml_reader *reader, struct frame *frame, const char *name)
{
	switch (frame->kind) {
	case FRAME_STRUCT:
		return member_open(reader, frame, name);
	case FRAME_LIST:
		frame_push_shape(reader, bound_of(reader, frame->bound));
		return true;
	case FRAME_MAP:
		frame_push(reader, FRAME_ENTRY, frame->bound);
		return true;
	case FRAME_ENTRY:
		if (is_name(name, frame->bound->shape->key)) {
			frame_push(reader, FRAME_ENTRY_KEY, NULL);
			return true;
		}
		if (!is_name(name, frame->bound->shape->value))
			return false;
		frame_push_shape(reader, bound_of(reader, frame->bound));
		return true;
	default:
		return false;
	}
}

static const struct value *
frame_value(struct xml_reader *reader, const struct frame *frame, const char *name)
{
	/* There are none yet before the first. */
	const struct value_pair *pairs = reader->pairs ? reader->pairs + frame->base : NULL;
	size_t count = reader->pair_count - frame->base;

	switch (frame->kind) {
	case FRAME_STRUCT:
		return value_share_map(&reader->share, pairs, count);
	case FRAME_LIST:
		return value_share_list(&reader->share, pairs, count);
	case FRAME_MAP:
		return entries_make(reader, pairs, count);
	case FRAME_ENTRY_KEY:
		return value_share_text(&reader->share, str_view(&reader->text));
	case FRAME_LEAF:
		return leaf_make(reader, frame->bound->shape->kind, name);
	default:
		return NULL;
	}
}

/* One more of a list or map that stands in its structure without an element around. */
static void
flat_add(struct xml_reader *reader, const struct frame *parent, const struct frame *closed,
	const struct value *value)
{
	const struct value *key = parent->bound->slots[parent->member].key;
	struct value_pair *pair = pair_of_key(reader, parent, key);
	struct value *whole, *const *there;

	if (!pair) {
		whole = closed->kind == FRAME_ENTRY ? value_map(reader->into)
						    : value_list(reader->into);
		pair_push(reader, key, whole);
	} else {
		/* Nobody else has it yet: it was made here. */
		there = (struct value *const *)(const void *)&pair->value;
		whole = *there;
	}
	if (closed->kind != FRAME_ENTRY)
		value_add(reader->into, whole, value);
	else if (closed->key)
		value_set_key(reader->into, whole, closed->key,
			closed->value ? closed->value : &value_none);
}

static void
deliver(struct xml_reader *reader, const struct frame *closed, const struct value *value)
{
	struct frame *parent = &reader->frames[reader->depth - 1];
	const struct value *key;
	struct value_pair *pair;

	if (closed->is_flat) {
		if (value || closed->kind == FRAME_ENTRY)
			flat_add(reader, parent, closed, value);
		return;
	}
	switch (parent->kind) {
	case FRAME_STRUCT:
		key = parent->bound->slots[parent->member].key;
		pair = pair_of_key(reader, parent, key);
		if (pair && value)
			pair->value = value;
		else if (value)
			pair_push(reader, key, value);
		break;
	case FRAME_LIST:
		if (value)
			pair_push(reader, NULL, value);
		break;
	case FRAME_MAP:
		if (closed->key)
			pair_push(reader, closed->key, closed->value ? closed->value : &value_none);
		break;
	default:
		if (closed->kind == FRAME_ENTRY_KEY)
			parent->key = value;
		else
			parent->value = value;
		break;
	}
}

/* ---- what expat tells ---- */

static void
root_open(struct xml_reader *reader, const char *name)
{
	reader->has_root = true;
	reader->is_fault = is_name(name, "ErrorResponse") || is_name(name, "Response") ||
			   is_name(name, "Error") || text_ends(name, "Exception");
	if (reader->is_fault) {
		reader->skipping = 1;
		return;
	}
	str_release(&reader->head);
	str_init(&reader->head);
	frame_push_shape(reader, reader->root);
}

static void XMLCALL
element_start(void *context, const char *name, const char **attributes)
{
	struct xml_reader *reader = context;

	(void)attributes;
	if (reader->is_failed)
		return;
	if (reader->depth + reader->skipping >= DEEPEST) {
		fail(&reader->err, ERR_LIMIT, "cannot read the XML answer");
		error_why(&reader->err, "elements are nested deeper than %d", DEEPEST);
		stop(reader);
	} else if (!reader->has_root) {
		root_open(reader, name);
	} else if (reader->skipping) {
		reader->skipping++;
	} else if (!element_open(reader, &reader->frames[reader->depth - 1], name)) {
		reader->skipping = 1;
	}
}

static void XMLCALL
element_end(void *context, const char *name)
{
	struct xml_reader *reader = context;
	const struct value *value;
	struct frame closed;

	if (reader->is_failed)
		return;
	if (reader->skipping) {
		reader->skipping--;
		return;
	}
	if (reader->depth == 1 && reader->is_inside_result) {
		reader->is_inside_result = false;
		return;
	}
	closed = reader->frames[reader->depth - 1];
	value = frame_value(reader, &closed, name);
	if (reader->is_failed)
		return;
	reader->pair_count = closed.base;
	reader->depth--;
	if (reader->depth)
		deliver(reader, &closed, value);
	else
		reader->result = value ? value : &value_none;
}

static void XMLCALL
characters(void *context, const char *text, int length)
{
	struct xml_reader *reader = context;
	const struct frame *frame;

	if (reader->skipping || !reader->depth)
		return;
	frame = &reader->frames[reader->depth - 1];
	if (frame->kind == FRAME_LEAF || frame->kind == FRAME_ENTRY_KEY)
		str_add_bytes(&reader->text, text, (size_t)length);
}

static void XMLCALL
doctype(void *context, const char *name, const char *system, const char *public, int has_subset)
{
	struct xml_reader *reader = context;

	(void)name, (void)system, (void)public, (void)has_subset;
	fail(&reader->err, ERR_PARSE, "cannot read the XML answer");
	error_why(&reader->err, "it declares a document type, which answers never do");
	stop(reader);
}

/* ---- the reader ---- */

struct xml_reader *
xml_reader_new(const struct shape *shape, struct arena *into, size_t maximum)
{
	static const XML_Memory_Handling_Suite memory = { memory_get, memory_resize, free };
	struct xml_reader *reader = memory_get(sizeof(*reader));

	reader->into = into;
	reader->maximum = maximum;
	arena_init(&reader->own);
	reader->root = bound_get(reader, shape);
	value_share_init(&reader->share, into);
	str_init(&reader->text);
	str_init(&reader->head);
	xml_mender_init(&reader->mender);
	reader->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, element_start, element_end);
	XML_SetCharacterDataHandler(reader->parser, characters);
	XML_SetStartDoctypeDeclHandler(reader->parser, doctype);
	return reader;
}

void
xml_reader_free(struct xml_reader *reader)
{
	if (!reader)
		return;
	XML_ParserFree(reader->parser);
	free(reader->pairs);
	value_share_release(&reader->share);
	str_release(&reader->text);
	str_release(&reader->head);
	xml_mender_release(&reader->mender);
	arena_release(&reader->own);
	free(reader);
}

static bool
failed(const struct xml_reader *reader, struct error *err)
{
	if (err)
		*err = reader->err;
	return false;
}

static void
tell_malformed(struct xml_reader *reader)
{
	enum XML_Error code = XML_GetErrorCode(reader->parser);

	fail(&reader->err, ERR_PARSE, "cannot read the XML answer");
	if (reader->is_done &&
		(code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
			code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION))
		error_why(&reader->err,
			reader->has_root ? "it ends before it is complete" : "there is none");
	else
		error_why(&reader->err, "%s", XML_ErrorString(code));
	stop(reader);
}

static bool
parse(struct xml_reader *reader, struct view bytes, bool is_last, struct error *err)
{
	do {
		size_t length = MIN(bytes.length, (size_t)PIECE);
		bool is_end = is_last && length == bytes.length;

		if (XML_Parse(reader->parser, bytes.data, (int)length, is_end) != XML_STATUS_OK) {
			if (!reader->is_failed)
				tell_malformed(reader);
			return failed(reader, err);
		}
		bytes = (struct view){ bytes.data + length, bytes.length - length };
	} while (bytes.length);
	return true;
}

void
xml_reader_mend(struct xml_reader *reader)
{
	reader->mends = true;
}

static bool add(struct xml_reader *reader, struct view bytes, struct error *err) MUST_CHECK;

bool
xml_reader_add(struct xml_reader *reader, struct view bytes, struct error *err)
{
	return add(reader, reader->mends ? xml_mend(&reader->mender, bytes) : bytes, err);
}

static bool
add(struct xml_reader *reader, struct view bytes, struct error *err)
{
	if (reader->is_failed)
		return failed(reader, err);
	/* A declaration must come first; some servers write a blank line before it. */
	while (!reader->given && bytes.length && strchr(" \t\r\n", bytes.data[0]) && bytes.data[0])
		bytes = (struct view){ bytes.data + 1, bytes.length - 1 };
	if (!bytes.length)
		return true;
	if (bytes.length > reader->maximum - reader->given) {
		reader->is_failed = true;
		fail(&reader->err, ERR_LIMIT, "cannot read the XML answer");
		error_why(&reader->err, "it is larger than %zu MiB", reader->maximum >> 20);
		return failed(reader, err);
	}
	reader->given += bytes.length;
	if (!reader->has_root || reader->is_fault)
		str_add_bytes(&reader->head, bytes.data,
			MIN(bytes.length, HEAD_KEPT - MIN(reader->head.length, HEAD_KEPT)));
	return parse(reader, bytes, false, err);
}

bool
xml_reader_fault(struct xml_reader *reader, struct arena *into, struct xml_fault *out)
{
	return reader->is_fault && xml_fault_read(into, str_view(&reader->head), out);
}

bool
xml_reader_end(struct xml_reader *reader, const struct value **out, struct error *err)
{
	struct xml_fault fault;

	if (reader->is_done)
		BUG("a reader was ended twice");
	reader->is_done = true;
	if (xml_reader_fault(reader, reader->into, &fault)) {
		fail(err, ERR_TASK, "%s", fault.code ? fault.code : fault.message);
		return fault.code && fault.message ? error_why(err, "%s", fault.message) : false;
	}
	if (reader->is_failed)
		return failed(reader, err);
	if (!parse(reader, xml_mend_end(&reader->mender), true, err))
		return false;
	if (reader->is_fault) {
		fail(err, ERR_PARSE, "cannot read the XML answer");
		return error_why(err, "it tells of an error without saying which");
	}
	*out = reader->result;
	return true;
}
