/* Looking a name up through the layers of precedence. */
#include "orchestrator/vars/scope.h"

#include "roles/role.h"

static void
layer_add(struct scope *scope, struct scope_layer layer)
{
	if (!value_is_map(layer.map))
		return;
	if (!layer.map->map.count && !layer.is_registered && !layer.is_facts && !layer.c_role)
		return;
	if (scope->count == SCOPE_LAYERS)
		return;
	scope->layers[scope->count++] = layer;
}

void
scope_add(struct scope *scope, const struct value *map, const char *what)
{
	layer_add(scope, (struct scope_layer){ .map = map, .what = what });
}

/* `vars:` may be a map, or a list of maps. */
static void
add_vars(struct scope *scope, const struct value *vars, const char *what)
{
	if (value_is_list(vars)) {
		for (uint32_t i = vars->list.count; i > 0; i--)
			add_vars(scope, vars->list.items[i - 1], what);
		return;
	}
	scope_add(scope, vars, what);
}

void
scope_add_task_vars(struct scope *scope, const struct node *node)
{
	for (; node && node->kind != NODE_PLAY; node = node->parent) {
		if (node->include_args)
			scope_add(scope, node->include_args, "include arguments");
		if (node->keywords[KEYWORD_VARS] && !node->is_include)
			add_vars(scope, node->keywords[KEYWORD_VARS],
				node->kind == NODE_TASK ? "task vars" : "block vars");
	}
}

void
scope_add_include_vars(struct scope *scope, const struct node *node)
{
	for (; node && node->kind != NODE_PLAY; node = node->parent)
		if (node->keywords[KEYWORD_VARS] && node->is_include)
			add_vars(scope, node->keywords[KEYWORD_VARS], "include params");
}

void
scope_add_play_vars(struct scope *scope, const struct node *play)
{
	if (play && play->keywords[KEYWORD_VARS])
		add_vars(scope, play->keywords[KEYWORD_VARS], "play vars");
}

void
scope_add_role_params(struct scope *scope, const struct node *node)
{
	for (const struct role *role = node->role; role; role = role->parent)
		scope_add(scope, role->params, "role params");
}

/* `vars` of an entry of roles:, or of an import_role, belong to the role, and so to the play. */
static void
add_role_vars(struct scope *scope, const struct role *role)
{
	scope_add(scope, role->vars, "role vars");
	if (role->use_vars)
		add_vars(scope, role->use_vars, "role vars");
}

/* The task's own roles first, then those of the play: the later ones win, as in Ansible. */
void
scope_add_role_vars(struct scope *scope, const struct node *node)
{
	for (const struct role *role = node->role; role; role = role->parent)
		scope_add(scope, role->vars, "role vars");
	for (size_t i = node->play ? node->play->role_count : 0; i > 0; i--)
		add_role_vars(scope, node->play->roles[i - 1]);
}

static void
add_defaults(struct scope *scope, const struct role *role)
{
	layer_add(scope,
		(struct scope_layer){ .map = role->defaults,
			.what = "role defaults",
			.c_role = role->table ? role : NULL });
}

void
scope_add_role_defaults(struct scope *scope, const struct node *node)
{
	for (const struct role *role = node->role; role; role = role->parent)
		add_defaults(scope, role);
	for (size_t i = node->play ? node->play->role_count : 0; i > 0; i--)
		add_defaults(scope, node->play->roles[i - 1]);
}

static const char *
older_name(const struct role *role, struct view name)
{
	for (const struct role_variable *variable = role->table->variables;
		variable && variable->name; variable++)
		if (variable->also && view_is(name, variable->name))
			return variable->also;
	return NULL;
}

static bool
fail_pending(struct view name, struct error *err)
{
	return fail(err, ERR_PENDING, "'%.*s' is still on its way", (int)MIN(name.length, 100),
		name.data);
}

static bool
is_fact_name(struct view name)
{
	return view_starts(name, "ansible_");
}

/* hash_behaviour: merge. Dictionaries of lower layers shine through, at every depth. */
static const struct value *
merged(struct arena *into, const struct value *high, const struct value *low)
{
	struct value *map;

	if (!value_is_map(high) || !value_is_map(low))
		return high;
	map = value_map_copy(into, low);
	VALUE_PAIRS (pair, high) {
		const struct value *below = value_get_key(low, pair->key);

		value_set_key(into, map, pair->key,
			below ? merged(into, pair->value, below) : pair->value);
	}
	map->flags = high->flags | low->flags;
	map->place = high->place;
	return map;
}

static const struct value *
merged_with_lower(const struct scope *scope, size_t layer, struct arena *into, struct view name,
	const struct value *found)
{
	for (layer++; value_is_map(found) && layer < scope->count; layer++) {
		const struct value *low = value_get_view(scope->layers[layer].map, name);

		if (low && !value_is_map(low))
			break;
		if (low)
			found = merged(into, found, low);
	}
	return found;
}

static bool
find_in_layers(struct scope *scope, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct scope_layer *layer = &scope->layers[i];
		const char *older;

		if (scope->is_pending && layer->is_registered &&
			scope->is_pending(scope->context, name, false))
			return fail_pending(name, err);
		if (scope->is_pending && layer->is_facts && is_fact_name(name) &&
			scope->is_pending(scope->context, name, true))
			return fail_pending(name, err);
		if (layer->c_role && (older = older_name(layer->c_role, name))) {
			if (!find_in_layers(scope, into, view_of(older), out, err))
				return false;
			if (*out && !value_is_none(*out))
				return true;
		}
		*out = value_get_view(layer->map, name);
		if (*out && scope->merges_hashes)
			*out = merged_with_lower(scope, i, into, name, *out);
		if (*out)
			return true;
	}
	*out = NULL;
	return true;
}

bool
scope_find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct scope *scope = context;

	*out = NULL;
	if (scope->count && (*out = value_get_view(scope->layers[0].map, name)))
		return true; /* locals: loop variables, the result being judged */
	if (scope->magic && !scope->magic(scope->context, into, name, out, err))
		return false;
	if (*out)
		return true;
	return find_in_layers(scope, into, name, out, err);
}

bool
scope_names(void *context, struct arena *into, const struct value **out, struct error *err)
{
	const struct scope *scope = context;
	struct value *seen = value_map(into), *names = value_list(into);

	(void)err;
	for (size_t i = 0; i < scope->count; i++) {
		VALUE_PAIRS (pair, scope->layers[i].map) {
			if (value_get_key(seen, pair->key))
				continue;
			value_set_key(into, seen, pair->key, &value_true);
			value_add(into, names, pair->key);
		}
	}
	*out = names;
	return true;
}
