/* Forms. */
#include "module/webform.h"

#include <string.h>

#include "base/base64.h"
#include "os/clock.h"

enum { PART_MAX = 16 * 1024 * 1024 };

static void
add_encoded(struct view text, struct str *out)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == ' ')
			str_add_char(out, '+');
		else if (c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789_.-~",
				      c))
			str_add_char(out, c);
		else
			str_add_format(out, "%%%02X", (unsigned char)c);
	}
}

static void
add_pair(struct module_call *call, const struct value *key, const struct value *value,
	struct str *out)
{
	if (out->length)
		str_add_char(out, '&');
	add_encoded(view_of(value_to_text(call->arena, key)), out);
	str_add_char(out, '=');
	add_encoded(view_of(value_to_text(call->arena, value)), out);
}

static void
add_pairs(struct module_call *call, const struct value *key, const struct value *value,
	struct str *out)
{
	if (!value_is_list(value)) {
		add_pair(call, key, value, out);
		return;
	}
	VALUE_EACH (item, value)
		add_pair(call, key, item, out);
}

bool
form_urlencode(
	struct module_call *call, const struct value *body, struct str *out, struct error *err)
{
	if (value_is_map(body)) {
		VALUE_PAIRS (pair, body)
			add_pairs(call, pair->key, pair->value, out);
		return true;
	}
	VALUE_EACH (item, body) {
		size_t count = value_length(item);

		if (count != 2)
			return fail(err, ERR_TYPE, "failed to parse body as form_urlencoded: %s",
				count > 2 ? "too many values to unpack (expected 2)"
					  : "not enough values to unpack (expected 2, got 1)");
		if (!value_is_list(item))
			return fail(err, ERR_TYPE,
				"failed to parse body as form_urlencoded: not a list of pairs");
		add_pairs(call, item->list.items[0], item->list.items[1], out);
	}
	return true;
}

struct part {
	const char *name, *filename, *type;
	struct str bytes;
	bool is_file; /* of unknown content: base64 */
};

static const char *
type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".txt", "text/plain" },
		{ ".html", "text/html" },
		{ ".json", "application/json" },
		{ ".xml", "text/xml" },
		{ ".css", "text/css" },
		{ ".csv", "text/csv" },
		{ ".js", "application/javascript" },
		{ ".png", "image/png" },
		{ ".jpg", "image/jpeg" },
		{ ".gif", "image/gif" },
		{ ".pdf", "application/pdf" },
		{ ".zip", "application/zip" },
		{ ".tar", "application/x-tar" },
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(types); i++)
		if (text_ends(name, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

static bool
read_part(struct module_call *call, const struct value *value, struct part *part, struct error *err)
{
	const struct value *content = value_get(value, "content"),
			   *sent = value_get(value, "_content");
	struct content described;

	part->filename = value_string(value_get(value, "filename"));
	part->type = value_string(value_get(value, "mime_type"));
	if (!value_is_none(content)) {
		str_add(&part->bytes, value_to_text(call->arena, content));
	} else if (sent) {
		part->is_file = true;
		if (!content_read(sent, &described, err) ||
			!content_text(call, &described, PART_MAX, &part->bytes))
			return err->kind != ERR_NONE
				       ? false
				       : fail(err, ERR_LIMIT, "'%s' is too large to be sent",
						 part->filename);
	} else if (part->filename) {
		part->is_file = true;
		if (!file_read(part->filename, PART_MAX, &part->bytes, err))
			return false;
	} else {
		return fail(err, ERR_TYPE,
			"failed to parse body as form-multipart: at least one of filename or "
			"content must be provided");
	}
	if (!part->type)
		part->type = type_of(part->filename);
	return true;
}

/* As e-mail has it: lines of 76. */
static void
add_base64_lines(struct view bytes, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;

	base64_add(&text, bytes);
	for (size_t i = 0; i < text.length; i += 76)
		str_add_format(out, "%.76s\r\n", text.data + i);
}

static bool
add_part(struct module_call *call, const struct value_pair *pair, const char *boundary,
	struct str *out, struct error *err)
{
	struct part part = { .name = value_to_text(call->arena, pair->key), .type = "text/plain" };
	bool is_well = true;

	str_init(&part.bytes);
	if (value_is_string(pair->value))
		str_add_view(&part.bytes, value_string_view(pair->value));
	else if (!value_is_map(pair->value))
		is_well = fail(err, ERR_TYPE,
			"failed to parse body as form-multipart: value must be a string, or "
			"mapping, cannot be type %s",
			value_type_name(pair->value));
	else
		is_well = read_part(call, pair->value, &part, err);
	if (is_well) {
		str_add_format(out, "--%s\r\n%sContent-Type: %s\r\n", boundary,
			part.is_file ? "Content-Transfer-Encoding: base64\r\n" : "", part.type);
		str_add_format(out, "Content-Disposition: form-data; name=\"%s\"", part.name);
		if (part.filename)
			str_add_format(out, "; filename=\"%s\"", path_name(part.filename));
		str_add(out, "\r\n\r\n");
		if (part.is_file)
			add_base64_lines(str_view(&part.bytes), out);
		else
			str_add_view(out, str_view(&part.bytes));
		str_add(out, "\r\n");
	}
	str_release(&part.bytes);
	return is_well;
}

bool
form_multipart(struct module_call *call, const struct value *body, struct str *out,
	const char **type, struct error *err)
{
	const char *boundary = arena_format(call->arena,
		"===============%016llx%08x==", (unsigned long long)monotonic_us(),
		(unsigned)getpid());

	if (!value_is_map(body))
		return fail(err, ERR_TYPE,
			"failed to parse body as form-multipart: Mapping is required, cannot be "
			"type %s",
			value_type_name(body));
	VALUE_PAIRS (pair, body)
		if (!add_part(call, pair, boundary, out, err))
			return false;
	str_add_format(out, "--%s--\r\n", boundary);
	*type = arena_format(call->arena, "multipart/form-data; boundary=\"%s\"", boundary);
	return true;
}
