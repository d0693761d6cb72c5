/* Filters that turn data into text and back: JSON, YAML, base64. */
#include "json/json.h"
#include "json/yaml_text.h"
#include "template/encoding.h"
#include "template/evaluation.h"

static bool
named(const struct call *call, const char *name, const struct value **out)
{
	*out = call->named ? value_get(call->named, name) : NULL;
	return *out && !value_is_none(*out);
}

static bool
style_read(const struct call *call, struct json_style *style)
{
	const struct value *option;
	int64_t indent;

	if (named(call, "indent", &option) && value_to_int(option, &indent) && indent >= 0 &&
		indent < 100)
		style->indent = (int)indent;
	if (call->args[0] && value_to_int(call->args[0], &indent) && indent >= 0 && indent < 100)
		style->indent = (int)indent;
	if (named(call, "sort_keys", &option))
		style->sort_keys = value_is_true(option);
	if (named(call, "ensure_ascii", &option))
		style->keep_utf8 = !value_is_true(option);
	if (named(call, "separators", &option) && value_is_list(option) && option->list.count == 2)
		style->is_compact = text_equals(value_string(option->list.items[0]), ",");
	return true;
}

static bool
to_json_call(struct call *call, const struct value **out)
{
	bool is_nice = strstr(call->function->name, "nice") != NULL;
	struct json_style style = { .indent = is_nice ? 4 : 0, .sort_keys = is_nice };
	const struct value *plain;
	struct str text;

	if (!style_read(call, &style) || !value_plain(call->run, call->input, &plain))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	json_add(plain, &style, &text);
	return call_give(call, &text, out);
}

/* Jinja2's own: sorted, and safe inside a script element. */
static bool
tojson_call(struct call *call, const struct value **out)
{
	struct json_style style = { .sort_keys = true };
	const struct value *plain;
	struct str text, safe;

	if (!style_read(call, &style) || !value_plain(call->run, call->input, &plain))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	str_init_max(&safe, OUTPUT_MOST);
	json_add(plain, &style, &text);
	for (size_t i = 0; i < text.length; i++)
		if (strchr("<>&'", text.data[i]))
			str_add_format(&safe, "\\u%04x", (unsigned)text.data[i]);
		else
			str_add_char(&safe, text.data[i]);
	str_release(&text);
	return call_give(call, &safe, out);
}

static bool
from_json_call(struct call *call, const struct value **out)
{
	struct error *err = call->run->session->err;
	struct view text;

	if (!call_text(call, call->input, "", &text))
		return false;
	if (json_parse(call_arena(call), text, out, err))
		return true;
	error_context(err, "in the text given to from_json");
	err->where[0] = '\0';
	return false;
}

static bool
to_yaml_call(struct call *call, const struct value **out)
{
	bool is_nice = strstr(call->function->name, "nice") != NULL;
	struct yaml_style style = {
		.indent = is_nice ? 4 : 2, .sort_keys = true, .is_block = is_nice
	};
	const struct value *plain, *option;
	struct str text;
	int64_t number;

	if (named(call, "indent", &option) && value_to_int(option, &number))
		style.indent = (int)MAX(MIN(number, 100), 1);
	if (call->args[0] && value_to_int(call->args[0], &number))
		style.indent = (int)MAX(MIN(number, 100), 1);
	if (named(call, "width", &option) && value_to_int(option, &number))
		style.width = (int)MAX(MIN(number, 1 << 30), 1);
	if (named(call, "sort_keys", &option))
		style.sort_keys = value_is_true(option);
	if (call->named && (option = value_get(call->named, "default_flow_style"))) {
		style.is_block = !value_is_none(option) && !value_is_true(option);
		style.is_flow = value_is_true(option);
	}
	if (named(call, "explicit_start", &option))
		style.explicit_start = value_is_true(option);
	if (!value_plain(call->run, call->input, &plain))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	yaml_add(plain, &style, &text);
	return call_give(call, &text, out);
}

static bool
from_yaml_call(struct call *call, const struct value **out)
{
	bool is_all = text_ends(call->function->name, "all");
	struct error *err = call->run->session->err;
	const struct value *documents;

	*out = call->input;
	if (!value_is_string(call->input))
		return true;
	if (!yaml_parse(call_arena(call), value_string_view(call->input), &documents, err)) {
		err->where[0] = '\0';
		return false;
	}
	if (is_all)
		*out = documents;
	else
		*out = documents->list.count ? documents->list.items[0] : &value_none;
	return true;
}

static const char base64_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool
b64encode_call(struct call *call, const struct value **out)
{
	_cleanup_str_ struct str encoded = STR_INIT;
	struct view text, encoding;
	struct str result;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "utf-8", &encoding))
		return false;
	if (!encoding_encode(text, encoding.data, &encoded, call->run->session->err))
		return false;
	text = str_view(&encoded);
	str_init_max(&result, OUTPUT_MOST);
	for (size_t i = 0; i < text.length; i += 3) {
		size_t left = MIN(text.length - i, 3);
		uint32_t bits = (uint32_t)(unsigned char)text.data[i] << 16;

		bits |= left > 1 ? (uint32_t)(unsigned char)text.data[i + 1] << 8 : 0;
		bits |= left > 2 ? (uint32_t)(unsigned char)text.data[i + 2] : 0;
		for (size_t j = 0; j < 4; j++)
			str_add_char(&result,
				j <= left ? base64_letters[bits >> (18 - 6 * j) & 63] : '=');
	}
	return call_give(call, &result, out);
}

/* As Python: what is no letter of base64 is passed over, what comes behind enough padding too. */
static bool
b64decode_call(struct call *call, const struct value **out)
{
	uint32_t bits = 0, count = 0, pads = 0;
	struct view text, encoding;
	struct str result, decoded = STR_INIT;
	bool is_well;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "utf-8", &encoding))
		return false;
	str_init_max(&result, OUTPUT_MOST);
	for (size_t i = 0; i < text.length; i++) {
		const char *letter = memchr(base64_letters, text.data[i], 64);

		if (text.data[i] == '=' && count >= 2 && count + ++pads >= 4) {
			count = 0;
			break;
		}
		if (!letter)
			continue;
		pads = 0;
		bits = bits << 6 | (uint32_t)(letter - base64_letters);
		count = (count + 1) % 4;
		if (count == 2)
			str_add_char(&result, (char)(bits >> 4));
		else if (count == 3)
			str_add_char(&result, (char)(bits >> 2));
		else if (count == 0)
			str_add_char(&result, (char)bits);
	}
	if (!count) {
		is_well = encoding_decode(
			str_view(&result), encoding.data, &decoded, call->run->session->err);
		str_release(&result);
		if (is_well)
			return call_give(call, &decoded, out);
		str_release(&decoded);
		return false;
	}
	str_release(&result);
	return call_fail(call, ERR_TYPE, "%s",
		count == 1 ? "Invalid base64-encoded string" : "Incorrect padding");
}

const struct function filters_data[] = { { "to_json", "indent=None * **", to_json_call, "As JSON.",
						 KEEPS_TEXT },
	{ "to_nice_json", "indent=4 * **", to_json_call, "As JSON over lines.", KEEPS_TEXT },
	{ "tojson", "indent=None", tojson_call, "As JSON, safe in HTML." },
	{ "from_json", "", from_json_call, "JSON read.", NEEDS_TEXT },
	{ "to_yaml", "indent=2 * **", to_yaml_call, "As YAML.", KEEPS_TEXT },
	{ "to_nice_yaml", "indent=4 * **", to_yaml_call, "As YAML in block style.", KEEPS_TEXT },
	{ "from_yaml", "", from_yaml_call, "YAML read." },
	{ "from_yaml_all", "", from_yaml_call, "All documents of YAML read." },
	{ "b64encode", "encoding='utf-8'", b64encode_call, "As base64." },
	{ "b64decode", "encoding='utf-8'", b64decode_call, "Base64 read." }, { NULL } };
