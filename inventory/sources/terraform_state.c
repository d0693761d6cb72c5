/*
 * Three JSON texts become one list of resources. Of each, only what may be seen is copied: the
 * marks of both forms (paths in a state file, a tree of `true` in `show -json`) and names that tell
 * a secret take their values out.
 */
#include "inventory/sources/terraform.h"

#include <ctype.h>

#include "json/json.h"

enum { DEEPEST = 64 };

/* ---- what must not be seen ---- */

/* Providers do not mark all of these, and what cloud-init is given mostly holds keys. A dash counts
 * as an underscore. */
static const char *const secret_words[] = { "password", "passwd", "passphrase", "secret",
	"private_key", "privatekey", "user_data", "userdata", "custom_data", "credential",
	"cloud_init", "startup_script", "connection_string", NULL };
static const char *const secret_endings[] = { "token", NULL }; /* http_tokens is none */

/* Below these, names are the user's own words. */
static const char *const plain_maps[] = { "tags", "tags_all", "labels", "freeform_tags", NULL };

static bool
is_secret_name(const char *name)
{
	char plain[128];
	size_t length = MIN(strlen(name), sizeof(plain) - 1);

	for (size_t i = 0; i < length; i++)
		plain[i] = name[i] == '-' ? '_' : (char)tolower((unsigned char)name[i]);
	plain[length] = '\0';
	for (const char *const *word = secret_words; *word; word++)
		if (strstr(plain, *word))
			return true;
	for (const char *const *ending = secret_endings; *ending; ending++)
		if (text_ends(plain, *ending))
			return true;
	return false;
}

/* One mark: the steps from here to what is sensitive. */
struct mark {
	const struct value *steps; /* list */
	uint32_t at;
};

struct marks {
	const struct mark *marks;
	size_t count;
	const struct value *tree; /* of show -json; NULL: none */
};

/* {"type": "get_attr", "value": "password"} or {"type": "index", "value": {"value": 0, …}}; also a
 * bare name. */
static const struct value *
step_key(const struct value *one)
{
	const struct value *key = value_is_map(one) ? value_get(one, "value") : one;

	return value_is_map(key) ? value_get(key, "value") : key;
}

/* A tree that is no map and no list leaves nothing to be seen, unless it says so. */
static bool
tree_hides(const struct value *tree)
{
	return tree && !value_is_map(tree) && !value_is_list(tree) && !value_is_none(tree) &&
	       !(tree->type == VALUE_BOOL && !tree->boolean);
}

static const struct value *
tree_below(const struct value *tree, const struct value *key)
{
	if (value_is_map(tree) && value_is_string(key))
		return value_get_key(tree, key);
	if (value_is_list(tree) && value_is(key, VALUE_INT) && key->integer >= 0 &&
		key->integer < tree->list.count)
		return tree->list.items[key->integer];
	return NULL;
}

/* The marks that go on below a key; false: the value there is itself marked. What is marked in a
 * way that is not understood is hidden. */
static bool
marks_below(struct arena *scratch, const struct marks *marks, const struct value *key,
	struct marks *out)
{
	struct mark *below = arena_array(scratch, marks->count, struct mark);
	size_t count = 0;

	for (size_t i = 0; i < marks->count; i++) {
		const struct mark *mark = &marks->marks[i];
		const struct value *wanted = step_key(mark->steps->list.items[mark->at]);

		if (value_is_none(wanted))
			return false;
		if (!value_equals(wanted, key))
			continue;
		if (mark->at + 1 >= mark->steps->list.count)
			return false;
		below[count++] = (struct mark){ mark->steps, mark->at + 1 };
	}
	*out = (struct marks){ below, count, tree_below(marks->tree, key) };
	return !tree_hides(out->tree);
}

/* A copy without what is marked; NULL: nothing is left. Items of lists keep their places. */
static const struct value *
copy_seen(struct arena *into, struct arena *scratch, const struct value *value,
	const struct marks *marks, bool is_plain, int depth)
{
	struct marks below;
	struct value *copy;

	if (depth > DEEPEST)
		return NULL;
	if (value_is_map(value)) {
		copy = value_map(into);
		VALUE_PAIRS (pair, value) {
			const char *name = value_string(pair->key);
			const struct value *seen;

			if (!name || (!is_plain && is_secret_name(name)) ||
				!marks_below(scratch, marks, pair->key, &below))
				continue;
			seen = copy_seen(into, scratch, pair->value, &below,
				is_plain || text_is_one_of(name, plain_maps), depth + 1);
			if (seen)
				value_set_key(into, copy, value_dup(into, pair->key), seen);
		}
		return copy;
	}
	if (value_is_list(value)) {
		copy = value_list(into);
		VALUE_EACH (item, value) {
			const struct value index = { .type = VALUE_INT,
				.integer = copy->list.count };
			const struct value *seen = marks_below(scratch, marks, &index, &below)
							   ? copy_seen(into, scratch, item, &below,
								     is_plain, depth + 1)
							   : NULL;

			value_add(into, copy, seen ? seen : &value_none);
		}
		return copy;
	}
	return value_dup(into, value);
}

/* ---- resources ---- */

static struct terraform_resource *
resource_add(struct arena *into, struct terraform_state *state)
{
	if (state->count == state->room) {
		size_t room = state->room ? state->room * 2 : 16;

		state->resources = arena_grow(
			into, state->resources, state->count, room, sizeof(*state->resources));
		state->room = room;
	}
	return &state->resources[state->count++];
}

struct reading {
	struct arena *into;
	struct arena scratch; /* the text as values */
	struct terraform_state *state;
	const char *path;
};

static const char *
text_of(const struct reading *at, const struct value *map, const char *key)
{
	return arena_text(at->into, value_string(value_get(map, key)));
}

static bool
malformed(const struct reading *at, const char *what, struct error *err)
{
	fail(err, ERR_PARSE, "cannot read the Terraform state '%s'", at->path);
	return error_why(err, "%s", what);
}

static bool
is_true(const struct value *map, const char *key)
{
	const struct value *value = value_get(map, key);

	return value && value_is_true(value);
}

static bool
outputs_read(const struct reading *at, const struct value *outputs, struct error *err)
{
	at->state->outputs = value_map(at->into);
	if (value_is_none(outputs))
		return true;
	if (!value_is_map(outputs))
		return malformed(at, "outputs are no map", err);
	VALUE_PAIRS (pair, outputs) {
		const struct value *sensitive = value_get(pair->value, "sensitive");

		/* Left out only if it says that it is not sensitive, or says nothing. */
		if (!value_is_map(pair->value) || !value_get(pair->value, "value") ||
			(sensitive && !(sensitive->type == VALUE_BOOL && !sensitive->boolean)))
			continue;
		value_set_key(at->into, at->state->outputs, value_dup(at->into, pair->key),
			value_dup(at->into, value_get(pair->value, "value")));
	}
	return true;
}

/* ---- a state file ---- */

static bool
instance_read(struct reading *at, const struct value *resource, const struct value *instance,
	struct error *err)
{
	const struct value *attributes = value_get(instance, "attributes"),
			   *paths = value_get(instance, "sensitive_attributes"),
			   *index = value_get(instance, "index_key");
	struct mark *list = NULL;
	struct marks marks = { 0 };
	struct terraform_resource *out;

	/* Of what is being replaced, the old one. */
	if (!value_is_none(value_get(instance, "deposed")))
		return true;
	if (!value_is_map(attributes))
		return malformed(at, "an instance has no attributes", err);
	if (!value_is_none(paths)) {
		if (!value_is_list(paths))
			return malformed(at, "sensitive_attributes is no list", err);
		list = arena_array(&at->scratch, paths->list.count, struct mark);
		VALUE_EACH (path, paths) {
			if (!value_is_list(path) || !path->list.count)
				return malformed(
					at, "sensitive_attributes has no list of steps", err);
			list[marks.count++] = (struct mark){ path, 0 };
		}
		marks.marks = list;
	}
	out = resource_add(at->into, at->state);
	*out = (struct terraform_resource){ .module = text_of(at, resource, "module"),
		.type = text_of(at, resource, "type"),
		.name = text_of(at, resource, "name"),
		.index = value_is_none(index) ? NULL : value_dup(at->into, index),
		.is_tainted = text_equals(value_string(value_get(instance, "status")), "tainted"),
		.attributes = copy_seen(at->into, &at->scratch, attributes, &marks, false, 0) };
	return true;
}

static bool
state_read(struct reading *at, const struct value *root, struct error *err)
{
	const struct value *resources = value_get(root, "resources");

	if (!outputs_read(at, value_get(root, "outputs"), err))
		return false;
	if (value_is_none(resources))
		return true;
	if (!value_is_list(resources))
		return malformed(at, "resources is no list", err);
	VALUE_EACH (resource, resources) {
		const struct value *instances = value_get(resource, "instances");

		if (!value_is_map(resource) || !value_is_string(value_get(resource, "type")) ||
			!value_is_string(value_get(resource, "name")))
			return malformed(at, "a resource has no type and name", err);
		if (!text_equals(value_string(value_get(resource, "mode")), "managed") ||
			value_is_none(instances))
			continue;
		if (!value_is_list(instances))
			return malformed(at, "instances of a resource are no list", err);
		VALUE_EACH (instance, instances)
			if (!instance_read(at, resource, instance, err))
				return false;
	}
	return true;
}

/* ---- show -json ---- */

static bool
shown_resource(
	struct reading *at, const struct value *resource, const char *module, struct error *err)
{
	const struct value *values = value_get(resource, "values"),
			   *index = value_get(resource, "index");
	const struct marks marks = { .tree = value_get(resource, "sensitive_values") };
	struct terraform_resource *out;

	if (!value_is_string(value_get(resource, "type")) ||
		!value_is_string(value_get(resource, "name")))
		return malformed(at, "a resource has no type and name", err);
	if (!text_equals(value_string(value_get(resource, "mode")), "managed") ||
		!value_is_none(value_get(resource, "deposed_key")) || !value_is_map(values))
		return true;
	out = resource_add(at->into, at->state);
	*out = (struct terraform_resource){ .module = module,
		.type = text_of(at, resource, "type"),
		.name = text_of(at, resource, "name"),
		.index = value_is_none(index) ? NULL : value_dup(at->into, index),
		.is_tainted = is_true(resource, "tainted"),
		.attributes = tree_hides(marks.tree) ? value_map(at->into)
						     : copy_seen(at->into, &at->scratch, values,
							       &marks, false, 0) };
	return true;
}

static bool
shown_module(struct reading *at, const struct value *module, int depth, struct error *err)
{
	const struct value *resources = value_get(module, "resources"),
			   *children = value_get(module, "child_modules");
	const char *address = text_of(at, module, "address");

	if (depth > DEEPEST)
		return malformed(at, "modules are nested too deep", err);
	if (value_is_list(resources))
		VALUE_EACH (resource, resources)
			if (!shown_resource(at, resource, address, err))
				return false;
	if (value_is_list(children))
		VALUE_EACH (child, children)
			if (!shown_module(at, child, depth + 1, err))
				return false;
	return true;
}

static bool
shown_read(struct reading *at, const struct value *root, struct error *err)
{
	const struct value *values = value_get(root, "values");

	/* An empty state has none. */
	return outputs_read(at, value_get(values, "outputs"), err) &&
	       shown_module(at, value_get(values, "root_module"), 0, err);
}

/* ---- the three forms ---- */

static bool
is_outputs(const struct value *root)
{
	VALUE_PAIRS (pair, root)
		if (!value_is_map(pair->value) || !value_get(pair->value, "value") ||
			!value_is(value_get(pair->value, "sensitive"), VALUE_BOOL))
			return false;
	return root->map.count > 0;
}

static bool
form_read(struct reading *at, const struct value *root, struct error *err)
{
	const struct value *version = value_get(root, "version");

	if (!value_is_map(root))
		return malformed(at, "it is no JSON object", err);
	if (value_get(root, "encrypted_data")) {
		return malformed(
			at, "it is encrypted; give what `tofu show -json` prints instead", err);
	}
	if (value_get(root, "format_version") && value_get(root, "planned_values")) {
		return malformed(at,
			"it is a plan, not a state; give what `terraform show -json` prints "
			"without a plan",
			err);
	}
	if (value_get(root, "format_version"))
		return shown_read(at, root, err);
	if (value_is(version, VALUE_INT) && version->integer == 4)
		return state_read(at, root, err);
	if (value_is(version, VALUE_INT)) {
		fail(err, ERR_UNSUPPORTED, "cannot read the Terraform state '%s'", at->path);
		return error_why(err,
			"its version is %lld; Terraform 0.12 and later write version 4",
			(long long)version->integer);
	}
	if (!is_outputs(root))
		return malformed(at, "it is no state, no `show -json` and no `output -json`", err);
	at->state->has_only_outputs = true;
	return outputs_read(at, root, err);
}

bool
terraform_suits(struct view text)
{
	const struct value *root;
	struct arena arena;
	bool suits;

	text = view_trim(text);
	if (!view_starts(text, "{"))
		return false;
	/* Of a state that is cut off, too, this is the place to tell it. */
	if (memmem(text.data, text.length, "\"terraform_version\"", 19))
		return true;
	if (!memmem(text.data, text.length, "\"sensitive\"", 11))
		return false;
	arena_init(&arena);
	suits = json_parse(&arena, text, &root, NULL) && value_is_map(root) && is_outputs(root);
	arena_release(&arena);
	return suits;
}

bool
terraform_state_read(struct arena *into, struct view text, const char *path,
	struct terraform_state *out, struct error *err)
{
	struct reading at = { .into = into, .state = out, .path = path };
	const struct value *root;
	bool ok;

	*out = (struct terraform_state){ .outputs = value_map(into) };
	arena_init(&at.scratch);
	ok = json_parse(&at.scratch, text, &root, err) && form_read(&at, root, err);
	if (!ok && !strstr(err->what, path)) {
		char reason[512];

		error_line(err, reason, sizeof(reason));
		fail(err, ERR_PARSE, "cannot read the Terraform state '%s'", path);
		error_why(err, "%s", reason);
	}
	arena_release(&at.scratch);
	return ok;
}
