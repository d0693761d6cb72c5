/*
 * The variables of roles in C, checked before any connection is made: required ones are there, and
 * each has the type and choice its table asks for. What depends on facts is left to the role's own
 * steps.
 */
#include <arpa/inet.h>

#include "orchestrator/run/internal.h"
#include "roles/role.h"

static bool
is_cidr(const char *text)
{
	char address[64];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	unsigned char bytes[16];
	int64_t bits;
	bool is_4;

	if (!length || length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	is_4 = inet_pton(AF_INET, address, bytes) == 1;
	if (!is_4 && inet_pton(AF_INET6, address, bytes) != 1)
		return false;
	return !slash ||
	       (number_parse(view_of(slash + 1), &bits) && bits >= 0 && bits <= (is_4 ? 32 : 128));
}

static bool
is_name(const char *text)
{
	return *text &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@") ==
		       strlen(text);
}

static bool
is_cidr_value(const struct value *value)
{
	if (value_is_string(value))
		return is_cidr(value_string(value));
	if (!value_is_list(value) || !value->list.count)
		return false;
	VALUE_EACH (item, value)
		if (!value_is_string(item) || !is_cidr(value_string(item)))
			return false;
	return true;
}

/* NULL: it fits; else what it should be. */
static const char *
misfit(const struct role_variable *variable, const struct value *value, const char *text)
{
	int64_t number;
	bool flag;

	switch (variable->type) {
	case ROLE_STRING:
		return value_is_list(value) || value_is_map(value) ? "text" : NULL;
	case ROLE_INT:
		return value_to_int(value, &number) ? NULL : "a whole number";
	case ROLE_BOOL:
		return value_to_bool(value, &flag) ? NULL : "true or false";
	case ROLE_LIST:
		return value_is_list(value) ? NULL : "a list";
	case ROLE_MAP:
		return value_is_map(value) ? NULL : "a mapping";
	case ROLE_CIDR:
		return value_is_string(value) && is_cidr(text) ? NULL : "a network, as 10.0.1.0/24";
	case ROLE_CIDRS:
		return is_cidr_value(value) ? NULL : "a network (10.0.1.0/24), or a list of them";
	case ROLE_PORT:
		return value_to_int(value, &number) && number > 0 && number < 65536
			       ? NULL
			       : "a port (1 to 65535)";
	case ROLE_PATH:
		return value_is_string(value) && text[0] == '/' ? NULL : "an absolute path";
	case ROLE_NAME:
		return is_name(text) ? NULL : "a name of letters, digits and . _ - @";
	case ROLE_ANY:
		return NULL;
	}
	return NULL;
}

static bool
is_choice(const char *const *choices, const char *text)
{
	for (; *choices; choices++)
		if (!strcmp(*choices, text))
			return true;
	return false;
}

static void
add_problem(struct str *problems, const struct role_variable *variable, const char *format,
	const char *what)
{
	str_add_format(problems, "%s%s ", problems->length ? "; " : "", variable->name);
	str_add(problems, format);
	str_add(problems, what);
}

static void
check_one(struct task_scope *scope, const struct role_variable *variable, struct arena *scratch,
	struct str *problems)
{
	const struct value *raw, *value;
	const char *text, *wanted;
	struct error err;

	if (!scope_find(&scope->scope, scratch, view_of(variable->name), &raw, &err))
		return;
	if (value_is_none(raw)) {
		if (variable->required)
			add_problem(problems, variable, "is required: ", variable->doc);
		return;
	}
	if (!evaluate_value(scope, scratch, raw, &value, &err))
		return; /* it needs facts, or is reported by the task that uses it */
	text = value_to_text(scratch, value);
	wanted = misfit(variable, value, text);
	if (wanted)
		add_problem(problems, variable, "must be ", wanted);
	else if (variable->choices && !is_choice(variable->choices, text)) {
		add_problem(problems, variable, "must be one of", "");
		for (const char *const *choice = variable->choices; *choice; choice++)
			str_add_format(problems, "%s %s", choice == variable->choices ? ":" : ",",
				*choice);
	}
	if (wanted || (variable->choices && !is_choice(variable->choices, text)))
		str_add_format(problems, ", not '%.60s'", text);
}

static bool
check_host(struct run_host *host, const struct role *role, struct str *problems)
{
	struct task_scope scope;
	struct arena scratch;

	arena_init(&scratch);
	task_scope_init(&scope, host, role->node, NULL, 0, NULL);
	for (const struct role_variable *variable = role->table->variables;
		variable && variable->name; variable++)
		check_one(&scope, variable, &scratch, problems);
	arena_release(&scratch);
	return !problems->length;
}

static void
report_problems(struct run_host *host, const struct role *role, const struct report_task *task,
	const struct str *problems)
{
	struct arena arena;
	struct value *result;
	struct report_result event = { .task = task, .host = host->name, .status = REPORT_FAILED };

	arena_init(&arena);
	result = value_map(&arena);
	value_set(&arena, result, "msg",
		value_format(&arena, "the variables of role '%s' are not right: %s", role->name,
			problems->data));
	event.result = result;
	report_result(host->run->report, &event);
	arena_release(&arena);
}

void
roles_check(struct play_run *play)
{
	for (size_t i = 0; i < play->node->role_count; i++) {
		const struct role *role = play->node->roles[i];
		struct report_task task = { .id = role, .kind = "TASK", .action = "validate", .path = "" };
		bool has_banner = false;

		if (!role->table)
			continue;
		for (size_t j = 0; j < play->count; j++) {
			struct run_host *host = play->hosts[j];
			struct str problems = STR_INIT;

			if (!host->is_failed && !check_host(host, role, &problems)) {
				task.title = arena_format(
					&play->arena, "%s : Validate the variables", role->name);
				if (!has_banner)
					report_task(play->run->report, &task);
				has_banner = true;
				report_problems(host, role, &task, &problems);
				host->stats.failed++;
				host->is_failed = host->is_done = true;
				play->run->has_failed = true;
			}
			str_release(&problems);
		}
	}
}
