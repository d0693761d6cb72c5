/* locale_gen: locales of Debian and Ubuntu. */
#include <ctype.h>
#include <string.h>

#include "module/lines.h"
#include "module/steps.h"

struct locale_args {
	const char *const *name;
	const char *state;
};

static const struct param params[] = { PARAM_TEXTS(struct locale_args, name, .required = true,
					       .doc = "Locales: de_DE.UTF-8."),
	PARAM_STRING(struct locale_args, state, .fallback = "present",
		.choices = TEXTS("absent", "present"), .doc = "Whether they are to be there."),
	PARAMS_END };

/* "de_DE.utf8" and "de_DE.UTF-8" are one. */
static const char *
plain(struct arena *arena, struct view name)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] != '-')
			str_add_char(&out, (char)tolower((unsigned char)name.data[i]));
	return arena_view(arena, str_view(&out));
}

static bool
is_generated(struct arena *arena, const char *list, const char *name)
{
	struct view rest = view_of(list), line;

	while (view_cut(&rest, '\n', &line))
		if (text_equals(plain(arena, view_trim(line)), plain(arena, view_of(name))))
			return true;
	return false;
}

/* The line "# de_DE.UTF-8 UTF-8" loses its mark, or gets it again. */
static bool
edit_line(struct module_call *call, struct lines *lines, const char *name, bool wants)
{
	const char *charset = strchr(name, '.') ? strchr(name, '.') + 1 : "ISO-8859-1";
	size_t length = strlen(name);

	for (size_t i = 0; i < lines->count; i++) {
		struct view line = line_text(lines->items[i]);

		while (line.length && strchr("# ", *line.data))
			line = (struct view){ line.data + 1, line.length - 1 };
		if (!view_starts(line, name) || (line.length > length && line.data[length] != ' '))
			continue;
		lines->items[i] = view_of(arena_format(
			call->arena, "%s%.*s\n", wants ? "" : "# ", (int)line.length, line.data));
		return true;
	}
	if (wants)
		lines_insert(call->arena, lines, lines->count,
			view_of(arena_format(call->arena, "%s %s\n", name, charset)));
	return wants;
}

static bool
locale_gen_inspect(struct module_call *call, struct error *err)
{
	const struct locale_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	bool wants = text_equals(args->state, "present");
	const char *list;
	struct lines lines;

	call->state = edit;
	if (!program_need(call, "locale-gen", err) ||
		!module_run_well(call, TEXTS("locale", "-a"), &list, err) ||
		!edit_load(
			call, "/etc/locale.gen", &edit->path, &edit->before, &edit->was_there, err))
		return false;
	lines_cut(call->arena, edit->before, &lines);
	for (size_t i = 0; args->name[i]; i++)
		if (is_generated(call->arena, list, args->name[i]) != wants) {
			call->out->change = CHANGE_WANTED;
			edit_line(call, &lines, args->name[i], wants);
		}
	edit->after = lines_join(call->arena, &lines);
	return true;
}

static bool
locale_gen_apply(struct module_call *call, struct error *err)
{
	return text_edit_apply(call, call->state, err) &&
	       module_run_well(call, TEXTS("locale-gen"), NULL, err);
}

const struct module module_locale_gen = {
	.name = "locale_gen",
	.summary = DOC("Make locales"),
	.params = params,
	.params_size = sizeof(struct locale_args),
	.examples = DOC("- locale_gen:\n"
			"    name: de_CH.UTF-8\n"),
	.check = SUPPORT_FULL,
	.inspect = locale_gen_inspect,
	.apply = locale_gen_apply,
};
