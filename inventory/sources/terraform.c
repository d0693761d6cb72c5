/*
 * terraform: hosts from what Terraform or OpenTofu keeps of them. A state file is read as it is, by
 * its name or its look (kind `tfstate`); a YAML file with `plugin: terraform` says more.
 */
#include "inventory/sources/terraform.h"

#include "inventory/aws/aws.h"
#include "inventory/aws/credentials.h"
#include "inventory/aws/sign.h"
#include "inventory/sources/cloud_config.h"
#include "os/files.h"
#include "vault/vault.h"

enum { LARGEST = 64 * 1024 * 1024 };

const struct cloud_option terraform_options[] = {
	CLOUD_PLUGIN_OPTION,
	{ "access_key", true, { "aws_access_key", "aws_access_key_id" }, "An access key for S3." },
	{ "assume_role_arn", true, { "iam_role_arn" }, "A role to assume for S3." },
	{ "backend_config", true, { NULL }, "The backend's settings: bucket, key, region, path." },
	{ "backend_type", false, { NULL }, "local or s3." },
	{ "default_groups", false, { NULL }, "Groups by type, name, module and tag." },
	{ "endpoint_url", true, { "aws_endpoint_url", "endpoint" },
		"Where S3 is, in place of AWS." },
	{ "external_id", true, { NULL }, "The ExternalId that the role asks for." },
	{ "output", false, { "outputs" }, "Which outputs name hosts." },
	{ "profile", true, { "aws_profile" }, "A profile of the AWS configuration." },
	{ "project_path", true, { NULL }, "Folders of configurations whose local state is read." },
	{ "region", true, { NULL }, "The bucket's region." },
	{ "search_child_modules", false, { NULL }, "Hosts of modules as well." },
	{ "secret_key", true, { "aws_secret_key", "aws_secret_access_key" },
		"The secret of the access key." },
	{ "session_token", true, { "aws_session_token" }, "The token of a session." },
	{ "state", true, { NULL }, "A file, or s3://bucket/key." },
	{ "state_file", true, { NULL }, "The same." },
	{ "types", false, { NULL }, "Further types of resources that are hosts." },
	{ "workspace", true, { NULL }, "The workspace whose state it is." },
	CLOUD_NAME_OPTIONS,
	CLOUD_CONSTRUCTED_OPTIONS,
	CLOUD_REACH_OPTIONS,
	CLOUD_OPTIONS_END,
};

/* ---- options ---- */

static const char *
option_text(const struct value *config, const char *name, const char *fallback)
{
	const char *text = value_string(value_get(config, name));

	return text ? text : fallback;
}

/* `source` gets the options under their own names as its configuration. */
static bool
options_read(struct source *source, struct terraform_options *out, struct error *err)
{
	const struct value *config = &value_empty_map;
	const char *plugin = option_text(source->config, "plugin", "terraform");
	/* The names of others: what cloud.terraform makes of a file that was written for it. */
	bool is_theirs = strstr(plugin, "terraform_state") || strstr(plugin, "terraform_provider");

	if (source->config && !cloud_config_read(source, terraform_options, &config, err))
		return false;
	source->config = config;
	*out = (struct terraform_options){ .config = config,
		.types = value_get(config, "types"),
		.has_groups = cloud_flag(config, "default_groups", !is_theirs),
		.has_machines = !strstr(plugin, "terraform_provider"),
		.searches_children = cloud_flag(
			config, "search_child_modules", !strstr(plugin, "terraform_state")),
		.prefix = option_text(config, "hostvars_prefix", ""),
		.suffix = option_text(config, "hostvars_suffix", "") };
	if (!cloud_list(&source->inventory->arena, config, "hostnames", &out->hostnames, err) ||
		!cloud_list(&source->inventory->arena, config, "output", &out->outputs, err))
		return error_context(err, "%s", source->path);
	if (!reached_begin_plain(source, config, &out->reached, err))
		return false;
	if (is_theirs && !out->hostnames)
		out->hostnames = &value_empty_list;
	return true;
}

/* ---- where a state is ---- */

static bool
state_take(const struct source *source, const struct terraform_options *options, struct view text,
	const char *path, struct error *err)
{
	struct terraform_state state;
	bool is_any;

	if (!terraform_state_read(&source->inventory->arena, text, path, &state, err) ||
		!terraform_add_hosts(source->inventory, options, &state, err) ||
		!terraform_add_outputs(source->inventory, options, &state, path, &is_any, err))
		return false;
	if (is_any || !state.has_only_outputs)
		return true;
	fail(err, ERR_PARSE, "no output of '%s' names hosts", path);
	return error_why(err, "none is called `ansible_inventory`, and no file with `plugin: "
			      "terraform` names one by its option `output`");
}

static bool
file_take(const struct source *source, const struct terraform_options *options, const char *path,
	struct error *err)
{
	struct str text;
	bool ok;

	str_init(&text);
	ok = file_read(path, LARGEST, &text, err) &&
	     state_take(source, options, str_view(&text), path, err);
	str_wipe(&text);
	return ok;
}

static const char *
from_config(const struct source *source, const char *name)
{
	const char *text = option_text(source->config, name, NULL);

	return text ? text : option_text(value_get(source->config, "backend_config"), name, NULL);
}

static bool
s3_fetch(const struct source *source, struct aws *aws, const char *url, struct str *text,
	struct error *err)
{
	const struct value *role =
		value_get(value_get(source->config, "backend_config"), "assume_role");
	const struct aws_login_options login = { .profile = from_config(source, "profile"),
		.access_key = from_config(source, "access_key"),
		.secret_key = from_config(source, "secret_key"),
		.session_token = option_text(source->config, "session_token",
			option_text(value_get(source->config, "backend_config"), "token", NULL)),
		.region = from_config(source, "region"),
		.role_arn = option_text(source->config, "assume_role_arn",
			option_text(role, "role_arn",
				option_text(value_get(source->config, "backend_config"), "role_arn",
					NULL))),
		.external_id = option_text(
			source->config, "external_id", option_text(role, "external_id", NULL)),
		.session_name = option_text(role, "session_name", NULL) };
	struct aws_call call = { .service = "s3",
		.action = "GetObject",
		.endpoint = option_text(source->config, "endpoint_url",
			option_text(
				value_get(source->config, "backend_config"), "endpoint", NULL)) };
	struct str path = STR_INIT;
	bool ok;

	/* The bucket stands in the path: names with dots have no certificate. */
	str_add_char(&path, '/');
	escape_add(&path, view_of(url + strlen("s3://")), true);
	call.path = path.data;
	ok = aws_login_new(aws, &login, &call.login, err) && aws_fetch(aws, &call, text, NULL, err);
	str_release(&path);
	return ok;
}

static bool
s3_take(const struct source *source, const struct terraform_options *options, const char *url,
	struct error *err)
{
	const struct inventory *inventory = source->inventory;
	const struct aws_world world = { .secret = inventory->secret,
		.ask = inventory->ask,
		.context = inventory->warn_context };
	const char *slash = strchr(url + strlen("s3://"), '/');
	struct aws *aws;
	struct str text;
	bool ok;

	if (!slash || slash == url + strlen("s3://") || !slash[1]) {
		fail(err, ERR_PARSE, "'%s' names no object", url);
		return error_why(err, "it should be s3://BUCKET/KEY");
	}
	aws = aws_new(&world);
	str_init_max(&text, LARGEST);
	ok = s3_fetch(source, aws, url, &text, err) &&
	     state_take(source, options, str_view(&text), url, err);
	str_wipe(&text);
	aws_free(aws);
	return ok || error_context(err, "%s", url);
}

/* ---- the backend of a project ---- */

/* s3://bucket/env:/WORKSPACE/key, as the S3 backend has it. */
static bool
backend_s3(const struct source *source, const char **out, struct error *err)
{
	const struct value *backend = value_get(source->config, "backend_config");
	const char *bucket = option_text(backend, "bucket", NULL),
		   *key = option_text(backend, "key", NULL),
		   *workspace = option_text(source->config, "workspace", NULL);

	if (!bucket || !key)
		return fail(err, ERR_PARSE, "backend_config of s3 needs 'bucket' and 'key'");
	*out = workspace && strcmp(workspace, "default") != 0
		       ? arena_format(&source->inventory->arena, "s3://%s/%s/%s/%s", bucket,
				 option_text(backend, "workspace_key_prefix", "env:"), workspace,
				 key)
		       : arena_format(&source->inventory->arena, "s3://%s/%s", bucket, key);
	return true;
}

static bool
backend_local(const struct source *source, const char **out, struct error *err)
{
	struct arena *arena = &source->inventory->arena;
	const struct value *backend = value_get(source->config, "backend_config");
	const char *project = option_text(source->config, "project_path", "."),
		   *workspace = option_text(source->config, "workspace", NULL),
		   *path = option_text(source->config, "state_file",
			   option_text(backend, "path", "terraform.tfstate"));

	(void)err;
	if (workspace && strcmp(workspace, "default") != 0)
		path = arena_format(arena, "%s/%s/terraform.tfstate",
			option_text(backend, "workspace_dir", "terraform.tfstate.d"), workspace);
	*out = path_join(arena, project, path);
	return true;
}

static const struct {
	const char *name;
	bool (*locate)(const struct source *source, const char **out, struct error *err);
} backends[] = {
	{ "local", backend_local },
	{ "s3", backend_s3 },
};

static bool
backend_find(const struct source *source, const char **out, struct error *err)
{
	const char *name = option_text(source->config, "backend_type", "local");

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		if (!strcmp(backends[i].name, name))
			return backends[i].locate(source, out, err);
	fail(err, ERR_UNSUPPORTED, "the backend '%s' is not read", name);
	return error_why(err, "local and s3 are; of others, save `terraform show -json` and name "
			      "the file by `state`");
}

/* ---- the way in ---- */

static bool
place_take(const struct source *source, const struct terraform_options *options, const char *place,
	struct error *err)
{
	struct arena *arena = &source->inventory->arena;

	if (text_starts(place, "s3://"))
		return s3_take(source, options, place, err);
	return file_take(
		source, options, path_join(arena, path_parent(arena, source->path), place), err);
}

bool
source_terraform(const struct source *given, struct error *err)
{
	struct source with = *given, *source = &with;
	struct terraform_options options;
	const struct value *states;
	const char *place;

	if (!options_read(source, &options, err) ||
		!cloud_list(&source->inventory->arena, source->config, "state", &states, err))
		return false;
	if (!states)
		return backend_find(source, &place, err) &&
		       place_take(source, &options, place, err);
	VALUE_EACH (state, states) {
		if (!value_is_string(state)) {
			fail(err, ERR_PARSE, "the option 'state' holds paths");
			return error_at(err, state);
		}
		if (!place_take(source, &options, value_string(state), err))
			return false;
	}
	return true;
}

bool
source_tfstate(const struct source *given, struct error *err)
{
	struct source with = *given, *source = &with;
	struct terraform_options options;

	return options_read(source, &options, err) &&
	       state_take(source, &options, source->text, source->path, err);
}
