/* yum_repository: a section of a file in /etc/yum.repos.d. */
#include <string.h>

#include "module/lines.h"

struct repository_args {
	const char *name, *file, *state, *reposdir;
	const void *option; /* the options are read from the map as given */
	ATTRIBUTE_FIELDS;
};

/* An option is a row and no field: its kind says how it is written. */
#define OPTION(option_name, kind, ...)                                            \
	{                                                                         \
		.name = option_name, .type = kind, .offset = offsetof(A, option), \
		__VA_ARGS__ PARAM_OVERRIDES                                       \
	}
#define TEXT_OPTION(option_name, ...) \
	OPTION(option_name, PARAM_TYPE_STRING, .doc = "As yum.conf(5) has it.", ##__VA_ARGS__)
#define FLAG_OPTION(option_name, ...) \
	OPTION(option_name, PARAM_TYPE_FLAG, .doc = "As yum.conf(5) has it.", ##__VA_ARGS__)
#define LIST_OPTION(option_name, ...) \
	OPTION(option_name, PARAM_TYPE_TEXTS, .doc = "As yum.conf(5) has it.", ##__VA_ARGS__)

#define A struct repository_args
static const struct param params[] = {
	PARAM_STRING(A, name, .required = true, .doc = "The repository's id."),
	PARAM_STRING(A, file, .doc = "Name of the file, without .repo. Default: name."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAM_PATH(A, reposdir, .fallback = "/etc/yum.repos.d", .doc = "The directory."),
	ATTRIBUTE_PARAMS(A), FLAG_OPTION("async"), TEXT_OPTION("bandwidth"), LIST_OPTION("baseurl"),
	TEXT_OPTION("cost"), TEXT_OPTION("deltarpm_metadata_percentage"),
	TEXT_OPTION("deltarpm_percentage"), TEXT_OPTION("description"), FLAG_OPTION("enabled"),
	FLAG_OPTION("enablegroups"), LIST_OPTION("exclude"),
	TEXT_OPTION("failovermethod", .choices = TEXTS("roundrobin", "priority")),
	TEXT_OPTION("gpgcakey"), FLAG_OPTION("gpgcheck"), LIST_OPTION("gpgkey"),
	TEXT_OPTION("http_caching", .choices = TEXTS("all", "packages", "none")),
	TEXT_OPTION("include"), LIST_OPTION("includepkgs"),
	TEXT_OPTION("ip_resolve", .choices = TEXTS("4", "6", "IPv4", "IPv6", "whatever")),
	FLAG_OPTION("keepalive"), TEXT_OPTION("keepcache", .choices = TEXTS("0", "1")),
	TEXT_OPTION("metadata_expire"),
	TEXT_OPTION("metadata_expire_filter", .choices = TEXTS("never", "read-only:past",
						      "read-only:present", "read-only:future")),
	TEXT_OPTION("metalink"), TEXT_OPTION("mirrorlist"), TEXT_OPTION("mirrorlist_expire"),
	FLAG_OPTION("module_hotfixes"), TEXT_OPTION("password", .is_secret = true),
	TEXT_OPTION("priority"), FLAG_OPTION("protect"), TEXT_OPTION("proxy"),
	TEXT_OPTION("proxy_password", .is_secret = true), TEXT_OPTION("proxy_username"),
	FLAG_OPTION("repo_gpgcheck"), TEXT_OPTION("retries"), FLAG_OPTION("s3_enabled"),
	FLAG_OPTION("skip_if_unavailable"), FLAG_OPTION("ssl_check_cert_permissions"),
	TEXT_OPTION("sslcacert", .aliases = TEXTS("ca_cert")),
	TEXT_OPTION("sslclientcert", .aliases = TEXTS("client_cert")),
	TEXT_OPTION("sslclientkey", .aliases = TEXTS("client_key")),
	FLAG_OPTION("sslverify", .aliases = TEXTS("validate_certs")), TEXT_OPTION("throttle"),
	TEXT_OPTION("timeout"), TEXT_OPTION("ui_repoid_vars"), TEXT_OPTION("username"), PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "repo", "str", "The repository's id." },
	{ "state", "str", "As given." }, { NULL, NULL, NULL } };

/* How the option is written; lists of URLs go over several lines. */
static const char *
option_text(struct module_call *call, const struct param *param, const struct value *value)
{
	bool is_many = text_equals(param->name, "baseurl") || text_equals(param->name, "gpgkey");
	_cleanup_str_ struct str out = STR_INIT;
	bool flag;

	if (param->type == PARAM_TYPE_FLAG)
		return value_to_bool(value, &flag) && flag ? "1" : "0";
	if (!value_is_list(value))
		return value_to_text(call->arena, value);
	VALUE_EACH (item, value)
		str_add_format(&out, "%s%s", out.length ? is_many ? "\n\t" : " " : "",
			value_to_text(call->arena, item));
	return arena_view(call->arena, str_view(&out));
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
section_text(struct module_call *call)
{
	const struct repository_args *args = call->args;
	const char **lines = arena_array(call->arena, call->given->map.count + 1, const char *);
	_cleanup_str_ struct str out = STR_INIT;
	size_t count = 0;

	VALUE_PAIRS (pair, call->given) {
		const struct param *param = params_find(params, value_string(pair->key));

		if (!param || param->offset != offsetof(struct repository_args, option) ||
			value_is_none(pair->value))
			continue;
		lines[count++] = arena_format(call->arena, "%s = %s\n",
			text_equals(param->name, "description") ? "name" : param->name,
			option_text(call, param, pair->value));
	}
	qsort(lines, count, sizeof(*lines), compare_lines);
	str_add_format(&out, "[%s]\n", args->name);
	for (size_t i = 0; i < count; i++)
		str_add(&out, lines[i]);
	str_add_char(&out, '\n');
	return arena_view(call->arena, str_view(&out));
}

/* The file with the section as it is to be, or without it. */
static void
edit_section(struct module_call *call, struct text_edit *edit, const char *text)
{
	const struct repository_args *args = call->args;
	const char *head = arena_format(call->arena, "[%s]", args->name);
	struct lines lines;
	size_t at, end;

	lines_cut(call->arena, edit->before, &lines);
	for (at = 0; at < lines.count; at++)
		if (view_is(line_text(lines.items[at]), head))
			break;
	for (end = MIN(at + 1, lines.count); end < lines.count && *lines.items[end].data != '[';
		end++)
		continue;
	if (at < lines.count)
		lines_remove(&lines, at, end - at);
	if (text)
		lines_insert(call->arena, &lines, at, view_of(text));
	edit->after = lines_join(call->arena, &lines);
}

static bool
repository_inspect(struct module_call *call, struct error *err)
{
	const struct repository_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	bool wants = text_equals(args->state, "present");

	call->state = edit;
	if (wants && !value_get(call->given, "baseurl") && !value_get(call->given, "metalink") &&
		!value_get(call->given, "mirrorlist"))
		return fail(err, ERR_OPTIONS,
			"Parameter 'baseurl', 'metalink' or 'mirrorlist' is required.");
	if (wants && !value_get(call->given, "description"))
		return fail(err, ERR_OPTIONS, "Parameter 'description' is required.");
	if (!file_exists(args->reposdir) && !call->may_come)
		return fail(
			err, ERR_MISSING, "Repo directory '%s' does not exist.", args->reposdir);
	if (!edit_load(call,
		    arena_format(call->arena, "%s/%s.repo", args->reposdir,
			    args->file ? args->file : args->name),
		    &edit->path, &edit->before, &edit->was_there, err))
		return false;
	edit->attributes = ATTRIBUTES_OF(args);
	edit_section(call, edit, wants ? section_text(call) : NULL);
	result_text(call, "repo", args->name);
	result_text(call, "state", args->state);
	return (!wants && !edit->was_there) || text_edit_inspect(call, edit, err);
}

static bool
repository_apply(struct module_call *call, struct error *err)
{
	const struct text_edit *edit = call->state;

	/* A file without a section is none. */
	if (!edit->after.length)
		return tree_remove(edit->path, err);
	return text_edit_apply(call, edit, err);
}

const struct module module_yum_repository = {
	.name = "yum_repository",
	.summary = DOC("Add and remove repositories of yum and dnf"),
	.params = params,
	.params_size = sizeof(struct repository_args),
	.returns = DOC(returns),
	.examples = DOC("- yum_repository:\n"
			"    name: epel\n"
			"    description: EPEL\n"
			"    baseurl: https://example.net/epel/$releasever/$basearch/\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = repository_inspect,
	.apply = repository_apply,
};
