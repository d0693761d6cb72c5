/* replace: all matches of an expression in a file. */
#include <string.h>

#include "module/lines.h"
#include "module/regex.h"

struct replace_args {
	const char *path, *regexp, *replace, *after, *before, *validate, *encoding;
	bool backup;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { PARAM_PATH(struct replace_args, path, .required = true,
					       .aliases = TEXTS("dest", "destfile", "name"),
					       .doc = "The file."),
	PARAM_STRING(struct replace_args, regexp, .required = true,
		.doc = "What is replaced; ^ and $ match at every line, a dot matches no newline."),
	PARAM_STRING(struct replace_args, replace, .fallback = "",
		.doc = "With what; may hold \\1 and \\g<name>."),
	PARAM_STRING(struct replace_args, after,
		.doc = "Only behind the first match of this; a dot matches newlines."),
	PARAM_STRING(
		struct replace_args, before, .doc = "Only in front of the first match of this."),
	PARAM_FLAG(struct replace_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	PARAM_STRING(
		struct replace_args, validate, .doc = "A command that checks the new file (%s)."),
	PARAM_STRING(struct replace_args, encoding, .fallback = "utf-8",
		.doc = "Accepted; bytes are bytes."),
	ATTRIBUTE_PARAMS(struct replace_args), PARAMS_END };

static const struct module_return returns[] = {
	{ "msg", "str", "How many replacements were made." }, { NULL, NULL, NULL }
};

/* The part of the text between `after` and `before`. False without an error: they do not match. */
static bool
find_section(const struct replace_args *args, struct view text, struct view *out, bool *is_found,
	struct error *err)
{
	_cleanup_str_ struct str pattern = STR_INIT;
	_cleanup_regex_ struct regex *regex = NULL;
	struct regex_match match, named;
	_cleanup_str_ struct str section = STR_INIT;

	*out = text;
	*is_found = true;
	if (!args->after && !args->before)
		return true;
	str_add(&pattern, args->after ? args->after : "");
	str_add(&pattern,
		args->before && args->after ? "(?P<subsection>.*?)" : "(?P<subsection>.*)");
	str_add(&pattern, args->before ? args->before : "");
	if (!regex_compile(pattern.data, REGEX_DOTALL, &regex, err))
		return false;
	*is_found = regex_search(regex, text, 0, &match);
	if (!*is_found)
		return true;
	/* Which group is it? The expressions may have groups of their own. */
	for (size_t i = 1; i < match.group_count; i++) {
		named = (struct regex_match){ .group_count = match.group_count };
		named.groups[i] = VIEW("x");
		str_clear(&section);
		if (!regex_expand(regex, &named, "\\g<subsection>", &section, err))
			return false;
		if (section.length)
			*out = match.groups[i];
	}
	return true;
}

static bool
replace_inspect(struct module_call *call, struct error *err)
{
	const struct replace_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	_cleanup_str_ struct str after = STR_INIT;
	_cleanup_regex_ struct regex *regex = NULL;
	struct view section;
	size_t count, start;
	bool is_found;

	call->state = edit;
	*edit = (struct text_edit){
		.validate = args->validate,
		.backup = args->backup,
		.unsafe_writes = args->unsafe_writes,
		.attributes = ATTRIBUTES_OF(args),
	};
	if (!edit_load(call, args->path, &edit->path, &edit->before, &edit->was_there, err))
		return false;
	if (!edit->was_there) {
		result_int(call, "rc", 257);
		return fail(err, ERR_MISSING, "Path %s does not exist !", args->path);
	}
	result_int(call, "rc", 0);
	if (!regex_compile(args->regexp, REGEX_MULTILINE, &regex, err) ||
		!find_section(args, edit->before, &section, &is_found, err))
		return false;
	edit->after = edit->before;
	if (!is_found) {
		result_set(call, "msg",
			value_format(call->arena,
				"Pattern for before/after params did not match the given file: "
				"%s%s",
				args->after ? args->after : "", args->before ? args->before : ""));
		return true;
	}
	start = (size_t)(section.data - edit->before.data);
	str_add_bytes(&after, edit->before.data, start);
	if (!regex_replace(regex, section, args->replace, &after, &count, err))
		return false;
	str_add_bytes(&after, section.data + section.length,
		edit->before.length - start - section.length);
	edit->after = (struct view){ arena_view(call->arena, str_view(&after)), after.length };
	result_set(call, "msg",
		count ? value_format(call->arena, "%zu replacements made", count)
		      : &value_empty_string);
	return text_edit_inspect(call, edit, err);
}

static bool
replace_apply(struct module_call *call, struct error *err)
{
	return text_edit_apply(call, call->state, err);
}

const struct module module_replace = {
	.name = "replace",
	.summary = DOC("Replace all matches of an expression in a file"),
	.params = params,
	.params_size = sizeof(struct replace_args),
	.returns = DOC(returns),
	.examples = DOC("- replace:\n"
			"    path: /etc/hosts\n"
			"    regexp: '(\\s+)old\\.host\\.name(\\s+.*)?$'\n"
			"    replace: '\\1new.host.name\\2'\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = replace_inspect,
	.apply = replace_apply,
};
