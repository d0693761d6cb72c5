/* Facts of the machine's owner: *.fact in /etc/ansible/facts.d, JSON, INI, or programs that print
 * one of them. */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "module/jsontext.h"
#include "modules/facts/facts.h"
#include "os/clock.h"

enum { PROGRAM_MS = 10000 };

static const struct value *
read_ini(struct facts *facts, const char *text)
{
	struct value *map = value_map(facts->arena), *section = NULL;
	struct view rest = view_of(text), line, key;

	while (view_cut(&rest, '\n', &line)) {
		const char *mark;

		line = view_trim(line);
		if (!line.length || strchr("#;", *line.data))
			continue;
		if (*line.data == '[' && line.data[line.length - 1] == ']') {
			section = value_map(facts->arena);
			value_set(facts->arena, map,
				arena_view(facts->arena,
					(struct view){ line.data + 1, line.length - 2 }),
				section);
			continue;
		}
		mark = memchr(line.data, '=', line.length);
		if (!mark)
			mark = memchr(line.data, ':', line.length);
		if (!mark || !section)
			return NULL;
		key = view_trim((struct view){ line.data, (size_t)(mark - line.data) });
		line.length -= (size_t)(mark + 1 - line.data);
		line.data = mark + 1;
		value_set(facts->arena, section, arena_view(facts->arena, key),
			value_view(facts->arena, view_trim(line)));
	}
	return map;
}

static const char *
run_program(struct facts *facts, const char *path, const char **failure)
{
	const char *argv[] = { path, NULL };
	struct process_options options = {
		.argv = argv,
		.deadline_ms = monotonic_ms() + PROGRAM_MS,
		.watch = facts->call->host ? facts->call->host->watch : NULL,
	};
	struct process_result result;
	const char *text = NULL;

	if (process_run(&options, &result, NULL) && result.status == 0)
		text = arena_view(facts->arena, str_view(&result.out));
	else
		*failure = arena_format(facts->arena,
			"Failure executing fact script (%s), rc: %d, err: %s", path, result.status,
			result.err.data);
	process_result_release(&result);
	return text;
}

static const struct value *
read_fact(struct facts *facts, const char *path)
{
	const char *failure = NULL, *text;
	const struct value *value;
	struct stat info;

	if (stat(path, &info) < 0)
		return value_format(
			facts->arena, "Could not stat fact (%s): %s", path, strerror(errno));
	text = access(path, X_OK) == 0 && (info.st_mode & 0111) ? run_program(facts, path, &failure)
								: file_text(facts->arena, path);
	if (failure)
		return value_text(facts->arena, failure);
	value = jsontext_read(facts->arena, view_of(text));
	if (!value)
		value = read_ini(facts, text ? text : "");
	if (!value)
		value = value_format(facts->arena,
			"error loading facts as JSON or ini - please check content: %s", path);
	return value;
}

void
facts_local(struct facts *facts)
{
	struct value *map = value_map(facts->arena);
	glob_t found = { 0 };

	if (glob(arena_format(facts->arena, "%s/*.fact", facts->fact_path), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *name = path_name(found.gl_pathv[i]);

			value_set(facts->arena, map,
				arena_view(facts->arena,
					(struct view){ name, strlen(name) - strlen(".fact") }),
				read_fact(facts, found.gl_pathv[i]));
		}
	globfree(&found);
	facts_set(facts, "local", map);
}
