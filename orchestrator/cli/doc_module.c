/* `ertc doc`: what the tables say of modules, as values. */
#include "orchestrator/cli/doc.h"

#include <string.h>

/* The names that specifications of arguments have for types. */
static const char *const type_names[] = { [PARAM_TYPE_STRING] = "str",
	[PARAM_TYPE_PATH] = "path",
	[PARAM_TYPE_FLAG] = "bool",
	[PARAM_TYPE_SWITCH] = "bool",
	[PARAM_TYPE_INT] = "int",
	[PARAM_TYPE_FLOAT] = "float",
	[PARAM_TYPE_MODE] = "raw",
	[PARAM_TYPE_TEXTS] = "list",
	[PARAM_TYPE_MAP] = "dict",
	[PARAM_TYPE_LIST] = "list",
	[PARAM_TYPE_VALUE] = "raw" };

/* It is what a module of a library/ becomes; nobody writes it. */
static bool
is_hidden(const struct module *module)
{
	return !strcmp(module->name, "library_module");
}

const struct module *
doc_module_find(const char *name)
{
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.", NULL };
	const struct module *module = module_named(name);

	if (module)
		return is_hidden(module) ? NULL : module;
	for (const char *const *prefix = prefixes; *prefix; prefix++)
		if (text_starts(name, *prefix))
			name += strlen(*prefix);
	for (module = doc_actions; module->name; module++)
		if (!strcmp(module->name, name))
			return module;
	return NULL;
}

const struct value *
doc_list_modules(struct doc *doc)
{
	struct value *map = value_map(&doc->arena);

	for (size_t i = 0; module_table[i]; i++)
		if (!is_hidden(module_table[i]))
			value_set(&doc->arena, map, module_table[i]->name,
				value_text(&doc->arena, module_table[i]->summary));
	for (const struct module *action = doc_actions; action->name; action++)
		value_set(&doc->arena, map, action->name, value_text(&doc->arena, action->summary));
	return map;
}

static const struct value *
texts(struct arena *arena, const char *const *names)
{
	struct value *list = value_list(arena);

	for (; *names; names++)
		value_add(arena, list, value_text(arena, *names));
	return list;
}

/* Defaults are texts in the table; what they are read as is shown. */
static const struct value *
fallback_of(struct arena *arena, const struct param *param)
{
	const struct value *text = value_text(arena, param->fallback);
	int64_t number;
	bool flag;

	if ((param->type == PARAM_TYPE_FLAG || param->type == PARAM_TYPE_SWITCH) &&
		value_to_bool(text, &flag))
		return value_bool(arena, flag);
	if (param->type == PARAM_TYPE_INT && number_parse(view_of(param->fallback), &number))
		return value_int(arena, number);
	return text;
}

static const struct value *
option_of(struct arena *arena, const struct param *param)
{
	struct value *option = value_map(arena), *description = value_list(arena);

	if (param->doc)
		value_add(arena, description, value_text(arena, param->doc));
	value_set(arena, option, "description", description);
	value_set(arena, option, "type", value_text(arena, type_names[param->type]));
	if (param->type == PARAM_TYPE_TEXTS)
		value_set(arena, option, "elements", value_text(arena, "str"));
	if (param->required)
		value_set(arena, option, "required", &value_true);
	if (param->fallback)
		value_set(arena, option, "default", fallback_of(arena, param));
	if (param->choices)
		value_set(arena, option, "choices", texts(arena, param->choices));
	if (param->aliases)
		value_set(arena, option, "aliases", texts(arena, param->aliases));
	return option;
}

static const struct value *
support(struct arena *arena, enum module_support kind, const char *description)
{
	static const char *const words[] = {
		[SUPPORT_NONE] = "none", [SUPPORT_PARTIAL] = "partial", [SUPPORT_FULL] = "full"
	};
	struct value *map = value_map(arena);

	value_set(arena, map, "description", value_text(arena, description));
	value_set(arena, map, "support", value_text(arena, words[kind]));
	return map;
}

static const struct value *
attributes_of(struct arena *arena, const struct module *module)
{
	struct value *map = value_map(arena);

	value_set(arena, map, "check_mode",
		support(arena, module->check, "Says what it would change, and changes nothing"));
	value_set(arena, map, "diff_mode",
		support(arena, module->diff, "Shows what changes, with --diff"));
	return map;
}

static const struct value *
returns_of(struct arena *arena, const struct module *module)
{
	struct value *map = value_map(arena);

	for (const struct module_return *row = module->returns; row && row->name; row++) {
		struct value *one = value_map(arena);

		value_set(arena, one, "description", value_text(arena, row->doc));
		value_set(arena, one, "type", value_text(arena, row->type));
		value_set(arena, map, row->name, one);
	}
	return map;
}

bool
doc_describe_module(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	const struct module *module = doc_module_find(name);
	struct arena *arena = &doc->arena;
	struct value *about = value_map(arena), *options = value_map(arena),
		     *map = value_map(arena);

	(void)err;
	*out = NULL;
	if (!module)
		return true;
	for (const struct param *param = module->params; param && param->name; param++)
		if (!param->is_internal)
			value_set(arena, options, param->name, option_of(arena, param));
	value_set(arena, about, "module", value_text(arena, module->name));
	value_set(arena, about, "short_description", value_text(arena, module->summary));
	if (module->aliases)
		value_set(arena, about, "aliases", texts(arena, module->aliases));
	if (module->free_form)
		value_set(arena, about, "free_form", value_text(arena, module->free_form));
	if (module->takes_any)
		value_set(arena, about, "notes",
			value_text(arena, "Further names and values are taken as they are."));
	value_set(arena, about, "options", options);
	if (module_named(module->name))
		value_set(arena, about, "attributes", attributes_of(arena, module));
	value_set(arena, map, "doc", about);
	value_set(arena, map, "examples", value_text(arena, module->examples));
	value_set(arena, map, "metadata", &value_none);
	value_set(arena, map, "return", returns_of(arena, module));
	*out = map;
	return true;
}
