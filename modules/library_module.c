/*
 * library_module: runs a module of a repository's own library/, as the program it is. One in Python
 * comes inside modules/python/compat.py and gets its arguments on stdin; any other gets the name of
 * a file with them: JSON if it says WANT_JSON, else key=value. The program itself knows check mode,
 * so all is done while inspecting. Tasks do not name this module; the loader does.
 */
#include <string.h>

#include "module/host.h"
#include "module/jsontext.h"

#ifndef ERTC_RUNNER
#include "json/json.h"
#include "module/prepare.h"
#include "modules/python/compat.h"
#endif

enum { OUTPUT_MAX = 16 * 1024 * 1024 };

static const struct param params[] = { PARAMS_END };

static const struct module_return returns[] = {
	{ "module_stdout", "str", "What it printed, when that was no JSON." }, { NULL, NULL, NULL }
};

/* ---- on the controller: the program and its arguments ---- */

#ifndef ERTC_RUNNER
static bool
is_python(struct view text)
{
	struct view first;

	view_cut(&text, '\n', &first);
	return !view_starts(first, "#!") || memmem(first.data, first.length, "python", 6);
}

static bool
says(struct view text, const char *word)
{
	return memmem(text.data, text.length, word, strlen(word)) != NULL;
}

static void
add_literal(const char *text, size_t length, struct str *out)
{
	const struct value value = { .type = VALUE_STRING,
		.string = { .data = text, .length = length } };
	const struct json_style style = { 0 };

	json_add(&value, &style, out);
}

/* "a/b.py" below a module_utils/ folder is imported as ansible.module_utils.a.b. */
static bool
add_utils(struct prepare *prepare, const struct value *folders, struct str *out, struct error *err)
{
	const struct json_style style = { 0 };
	struct value *sources = value_map(prepare->arena);

	if (value_is_list(folders))
		VALUE_EACH (folder, folders) {
			const char *directory = value_string(folder);
			const char *const *names = directory_names(prepare->arena, directory, err);

			for (; names && *names; names++) {
				_cleanup_str_ struct str text = STR_INIT;

				if (!text_ends(*names, ".py") || !strcmp(*names, "__init__.py"))
					continue;
				if (!file_read(path_join(prepare->arena, directory, *names),
					    OUTPUT_MAX, &text, err))
					return false;
				value_set(prepare->arena, sources,
					arena_bytes(prepare->arena, *names, strlen(*names) - 3),
					value_view(prepare->arena, str_view(&text)));
			}
		}
	json_add(sources, &style, out);
	return true;
}

static bool
attach_program(struct prepare *prepare, struct view text, bool python, struct error *err)
{
	_cleanup_str_ struct str program = STR_INIT;
	const struct value *map;

	if (!python) {
		str_add_view(&program, text);
	} else {
		str_add_bytes(&program, python_compat, python_compat_size);
		str_add(&program, "_run(");
		add_literal(text.data, text.length, &program);
		str_add(&program, ", ");
		if (!add_utils(prepare, value_get(prepare->args, "_utils"), &program, err))
			return false;
		str_add(&program, ")\n");
	}
	if (!prepare->attach_bytes(prepare, program.data, program.length, &map, err))
		return false;
	value_set(prepare->arena, prepare->args, "_program", map);
	return true;
}

static bool
library_prepare(struct prepare *prepare, struct error *err)
{
	const char *path = value_string(value_get(prepare->args, "_path"));
	_cleanup_str_ struct str text = STR_INIT;
	bool python;

	if (!path)
		return fail(err, ERR_OPTIONS,
			"library_module is for the modules of a library/ folder only");
	if (!file_read(path, OUTPUT_MAX, &text, err))
		return false;
	python = is_python(str_view(&text)) && text_ends(path, ".py");
	value_set(prepare->arena, prepare->args, "_kind",
		value_text(prepare->arena, python && !says(str_view(&text), "WANT_JSON") ? "python"
					   : says(str_view(&text), "WANT_JSON")		 ? "json"
										: "pairs"));
	python = python && !says(str_view(&text), "WANT_JSON");
	return attach_program(prepare, str_view(&text), python, err);
}
#endif

/* ---- on the target ---- */

static const char *
given_text(const struct module_call *call, const char *key)
{
	return value_string(value_get(call->given, key));
}

static bool
find_python(struct module_call *call, const char **out, struct error *err)
{
	static const char *const names[] = { "python3", "/usr/libexec/platform-python",
		"python3.13", "python3.12", "python3.11", "python3.9", "python3.8", "python3.6" };
	const char *wanted = given_text(call, "_interpreter");

	*out = NULL;
	if (wanted && wanted[0] == '/' && file_exists(wanted))
		*out = wanted;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !*out; i++)
		*out = names[i][0] == '/' ? (file_exists(names[i]) ? names[i] : NULL)
					  : program_find(call->arena, names[i]);
	if (*out)
		return true;
	fail(err, ERR_MISSING, "the module '%s' is written in Python, and this host has none",
		given_text(call, "_name"));
	return error_hint(
		err, "install python3 on the host, or write the task with ertc's modules");
}

static void
add_pair(const struct value *key, const struct value *value, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;

	value_add_text(value, &text);
	value_add_text(key, out);
	str_add(out, "='");
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\'')
			str_add(out, "'\\''");
		else
			str_add_char(out, text.data[i]);
	}
	str_add(out, "' ");
}

/* What a program that is not ours expects to find among its arguments. */
static const struct value *
arguments_with_run(struct module_call *call)
{
	struct value *all = value_map_copy(call->arena, value_get(call->given, "args"));
	static const char *const names[] = { "_ansible_check_mode", "_ansible_diff",
		"_ansible_verbosity", "_ansible_no_log" };
	static const char *const keys[] = { "check_mode", "diff", "verbosity", "no_log" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (value_get(call->given, keys[i]))
			value_set(call->arena, all, names[i], value_get(call->given, keys[i]));
	value_set(call->arena, all, "_ansible_module_name",
		value_text(call->arena, given_text(call, "_name")));
	return all;
}

static bool
write_arguments(struct module_call *call, const char *path, bool as_json, struct error *err)
{
	static const struct file_place place = { .has_mode = true, .mode = 0600 };
	_cleanup_str_ struct str text = STR_INIT;

	if (as_json)
		jsontext_add(arguments_with_run(call), &text);
	else
		VALUE_PAIRS (pair, arguments_with_run(call))
			add_pair(pair->key, pair->value, &text);
	return file_replace(path, str_view(&text), &place, err);
}

static bool
write_program(struct module_call *call, const char *path, struct error *err)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	const struct file_place place = { .has_mode = true, .mode = 0700 };
	struct content content;

	return content_read(value_get(call->given, "_program"), &content, err) &&
	       file_new_open(&file, path, err) && content_write(call, &content, &file, err) &&
	       file_new_commit(&file, &place, err);
}

/* The module's JSON: from the first line that begins with a brace, as Ansible takes it. */
static const struct value *
answer_of(struct module_call *call, struct view text)
{
	struct view rest = text, line;
	const struct value *found = NULL;

	while (!value_is_map(found) && rest.length) {
		const char *start = rest.data;

		view_cut(&rest, '\n', &line);
		if (view_starts(view_trim(line), "{"))
			found = jsontext_read(
				call->arena, view_trim((struct view){ start,
						     (size_t)(text.data + text.length - start) }));
	}
	return value_is_map(found) ? found : NULL;
}

static bool
take_answer(struct module_call *call, const struct process_result *said, struct error *err)
{
	const struct value *answer = answer_of(call, str_view(&said->out));
	const char *msg;

	if (!answer) {
		result_text(call, "module_stdout", said->out.data);
		result_text(call, "module_stderr", said->err.data);
		result_int(call, "rc", said->status);
		return fail(err, ERR_TASK, "MODULE FAILURE\nSee stdout/stderr for the exact error");
	}
	VALUE_PAIRS (pair, answer) {
		const char *key = value_string(pair->key);

		if (key && strcmp(key, "changed") != 0 && strcmp(key, "failed") != 0)
			value_set_key(call->arena, call->out->result, pair->key, pair->value);
	}
	call->out->change =
		value_is_true(value_get(answer, "changed")) ? CHANGE_WANTED : CHANGE_NONE;
	if (!value_is_true(value_get(answer, "failed")))
		return true;
	call->out->is_changed = call->out->fails_changed = call->out->change == CHANGE_WANTED;
	msg = value_string(value_get(answer, "msg"));
	return fail(err, ERR_TASK, "%s", msg ? msg : "the module failed");
}

static bool
run_python(struct module_call *call, const char *program, struct process_result *said,
	struct error *err)
{
	static const char *const passed[] = { "args", "check_mode", "diff", "verbosity" };
	struct value *input = value_map(call->arena);
	_cleanup_str_ struct str text = STR_INIT;
	const char *python;

	if (!find_python(call, &python, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		value_set(call->arena, input, passed[i], value_get(call->given, passed[i]));
	value_set(call->arena, input, "name", value_text(call->arena, given_text(call, "_name")));
	jsontext_add(input, &text);
	const struct module_command command = {
		.argv = TEXTS(python, program), .input = str_view(&text), .maximum = OUTPUT_MAX
	};
	return module_run(call, &command, said, err);
}

static bool
run_program(struct module_call *call, const char *place, const char *program,
	struct process_result *said, struct error *err)
{
	const char *arguments = path_join(call->arena, place, "args");
	const struct module_command command = { .argv = TEXTS(program, arguments),
		.maximum = OUTPUT_MAX };

	return write_arguments(call, arguments, !strcmp(given_text(call, "_kind"), "json"), err) &&
	       module_run(call, &command, said, err);
}

static bool
run_in(struct module_call *call, const char *place, struct error *err)
{
	const char *program = path_join(call->arena, place, given_text(call, "_name"));
	struct process_result said = { 0 };
	bool ok;

	if (!write_program(call, program, err))
		return false;
	ok = !strcmp(given_text(call, "_kind"), "python")
		     ? run_python(call, program, &said, err)
		     : run_program(call, place, program, &said, err);
	ok = ok && take_answer(call, &said, err);
	process_result_release(&said);
	return ok;
}

static bool
library_inspect(struct module_call *call, struct error *err)
{
	const char *place;
	bool ok;

	if (!given_text(call, "_name") || strchr(given_text(call, "_name"), '/') ||
		!given_text(call, "_kind") || !value_is_map(value_get(call->given, "args")))
		return fail(err, ERR_OPTIONS,
			"library_module is for the modules of a library/ folder only");
	if (!module_workplace(call, true, &place, err))
		return false;
	ok = run_in(call, place, err);
	return tree_remove(place, ok ? err : NULL) && ok;
}

const struct module module_library_module = {
	.name = "library_module",
	.summary = "What runs the modules of a library/ folder; no task names it",
	.params = params,
	.params_size = 1,
	.returns = returns,
	.examples = "",
	.takes_any = true,
	.check = SUPPORT_PARTIAL,
	.prepare = PREPARE(library_prepare),
	.inspect = library_inspect,
};
