/* template: a file made from a Jinja2 template. Rendering is the controller's; the target sees
 * finished text. */
#include <string.h>

#include "module/prepare.h"
#include "module/put.h"

struct template_args {
	const char *src, *dest, *validate, *newline_sequence, *output_encoding, *_name;
	const char *block_start_string, *block_end_string, *variable_start_string,
		*variable_end_string;
	const char *comment_start_string, *comment_end_string;
	const struct value *_content;
	bool backup, force, follow, trim_blocks, lstrip_blocks;
	int64_t _source_mode;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { PARAM_STRING(struct template_args, src, .required = true,
					       .doc = "The template, on the controller."),
	PARAM_PATH(struct template_args, dest, .required = true,
		.doc = "The file to write on the target."),
	PARAM_FLAG(struct template_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	PARAM_FLAG(struct template_args, force, .fallback = "true",
		.doc = "Replace what differs; else only write what is not there."),
	PARAM_FLAG(struct template_args, follow, .fallback = "false",
		.doc = "Write through a link at dest."),
	PARAM_STRING(struct template_args, validate,
		.doc = "A command that checks the new file (%s) before it is put in place."),
	PARAM_STRING(struct template_args, newline_sequence, .fallback = "\n",
		.choices = TEXTS("\n", "\r", "\r\n", "\\n", "\\r", "\\r\\n"),
		.doc = "How lines end."),
	PARAM_FLAG(struct template_args, trim_blocks, .fallback = "true",
		.doc = "Drop the newline behind a block."),
	PARAM_FLAG(struct template_args, lstrip_blocks, .fallback = "false",
		.doc = "Drop white space in front of a block."),
	PARAM_STRING(struct template_args, block_start_string, .doc = "Instead of {%."),
	PARAM_STRING(struct template_args, block_end_string, .doc = "Instead of %}."),
	PARAM_STRING(struct template_args, variable_start_string, .doc = "Instead of {{."),
	PARAM_STRING(struct template_args, variable_end_string, .doc = "Instead of }}."),
	PARAM_STRING(struct template_args, comment_start_string, .doc = "Instead of {#."),
	PARAM_STRING(struct template_args, comment_end_string, .doc = "Instead of #}."),
	PARAM_STRING(struct template_args, output_encoding, .fallback = "utf-8",
		.doc = "What the file is written in."),
	PARAM_MAP(struct template_args, _content, .is_internal = true,
		.doc = "The rendered text, set by the controller."),
	PARAM_STRING(struct template_args, _name, .is_internal = true,
		.doc = "Name of the file, set by the controller."),
	PARAM_INT(struct template_args, _source_mode, .is_internal = true,
		.doc = "Mode of the file, set by the controller."),
	ATTRIBUTE_PARAMS(struct template_args), PARAMS_END };

static const struct module_return returns[] = { { "dest", "str", "Where it stands." },
	{ "checksum", "str", "sha1 of the text." },
	{ "md5sum", "str", "md5 of the text, if it was written." },
	{ "backup_file", "str", "Name of the backup." }, { NULL, NULL, NULL } };

#ifndef ERTC_RUNNER
static const char *const render_options[] = { "newline_sequence", "output_encoding", "trim_blocks",
	"lstrip_blocks", "block_start_string", "block_end_string", "variable_start_string",
	"variable_end_string", "comment_start_string", "comment_end_string" };

/* The options go to the renderer, and not over the wire. */
static const struct value *
take_options(struct prepare *prepare)
{
	struct value *options = value_map(prepare->arena);

	for (size_t i = 0; i < ARRAY_SIZE(render_options); i++) {
		const struct value *value = value_get(prepare->args, render_options[i]);

		if (value_is_none(value))
			continue;
		value_set(prepare->arena, options, render_options[i], value);
		value_remove(prepare->args, render_options[i]);
	}
	return options;
}

/* '\\n' in single quotes is taken for the newline that it means. */
static void
take_newline(struct prepare *prepare)
{
	static const char *const escaped[] = { "\\n", "\\r", "\\r\\n" }, *const meant[] = { "\n",
		"\r", "\r\n" };
	const char *given = value_string(value_get(prepare->args, "newline_sequence"));

	for (size_t i = 0; i < ARRAY_SIZE(escaped); i++)
		if (text_equals(given, escaped[i]))
			value_set(prepare->arena, prepare->args, "newline_sequence",
				value_text(prepare->arena, meant[i]));
}

static bool
template_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *src = value_get(prepare->args, "src"), *map;
	_cleanup_str_ struct str text = STR_INIT;
	const char *path;
	struct stat info;

	if (value_is_none(src) || value_is_none(value_get(prepare->args, "dest")))
		return fail(err, ERR_OPTIONS, "src and dest are required");
	take_newline(prepare);
	if (!prepare->find_file(
		    prepare, "templates", value_to_text(prepare->arena, src), &path, err) ||
		!prepare->render(prepare, path, take_options(prepare), &text, err) ||
		!prepare->attach_bytes(prepare, text.data, text.length, &map, err))
		return false;
	value_set(prepare->arena, prepare->args, "_content", map);
	value_set(prepare->arena, prepare->args, "_name",
		value_text(prepare->arena, path_name(path)));
	if (stat(path, &info) == 0)
		value_set(prepare->arena, prepare->args, "_source_mode",
			value_int(prepare->arena, info.st_mode & 07777));
	value_set(prepare->arena, prepare->args, "src", value_text(prepare->arena, path));
	return true;
}
#endif

static bool
template_inspect(struct module_call *call, struct error *err)
{
	const struct template_args *args = call->args;
	bool keeps_mode = text_equals(args->mode, "preserve");
	struct put_settings settings = {
		.dest = args->dest,
		.name = args->_name,
		.source = args->src,
		.content = args->_content,
		.validate = args->validate,
		.backup = args->backup,
		.force = args->force,
		.follow = args->follow,
		.unsafe_writes = args->unsafe_writes,
		.mode_of_source = keeps_mode && args->_source_mode >= 0 ? args->_source_mode : -1,
		.attributes = ATTRIBUTES_OF(args),
	};
	struct put *put;

	if (!args->_content)
		return fail(err, ERR_OPTIONS, "the template was not rendered by the controller");
	if (!put_inspect(call, &settings, &put, err))
		return false;
	call->state = put;
	return true;
}

static bool
template_apply(struct module_call *call, struct error *err)
{
	return put_apply(call, call->state, err);
}

const struct module module_template = {
	.name = "template",
	.summary = DOC("Write a file that is made from a Jinja2 template"),
	.missing = DOC("src and dest are required"),
	.params = params,
	.params_size = sizeof(struct template_args),
	.returns = DOC(returns),
	.examples = DOC("- name: The site\n"
			"  template:\n"
			"    src: site.conf.j2\n"
			"    dest: /etc/nginx/sites-available/site\n"
			"    mode: \"0644\"\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.prepare = PREPARE(template_prepare),
	.inspect = template_inspect,
	.apply = template_apply,
};
