/* `ertc doc`: what the tables of modules and roles say of them. */
#include "module/module.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/options.h"
#include "roles/role.h"

static const char *const type_names[] = { [PARAM_TYPE_STRING] = "str",
	[PARAM_TYPE_PATH] = "path",
	[PARAM_TYPE_FLAG] = "bool",
	[PARAM_TYPE_SWITCH] = "bool",
	[PARAM_TYPE_INT] = "int",
	[PARAM_TYPE_FLOAT] = "float",
	[PARAM_TYPE_MODE] = "mode",
	[PARAM_TYPE_TEXTS] = "list",
	[PARAM_TYPE_MAP] = "dict",
	[PARAM_TYPE_LIST] = "list",
	[PARAM_TYPE_VALUE] = "any" };

static void
print_names(const char *word, const char *const *names)
{
	if (!names || !*names)
		return;
	printf("        %s:", word);
	for (; *names; names++)
		printf(" %s", *names);
	putchar('\n');
}

static void
print_module(const struct module *module)
{
	printf("%s: %s\n\nPARAMETERS (= is mandatory):\n", module->name, module->summary);
	for (const struct param *param = module->params; param && param->name; param++) {
		if (param->is_internal)
			continue;
		printf("%c %s (%s)", param->required ? '=' : '-', param->name,
			type_names[param->type]);
		printf("%s%s%s\n", param->fallback ? " [default: " : "",
			param->fallback ? param->fallback : "", param->fallback ? "]" : "");
		if (param->doc)
			printf("        %s\n", param->doc);
		print_names("choices", param->choices);
		print_names("aliases", param->aliases);
	}
	if (module->returns && module->returns->name)
		printf("\nRETURNS:\n");
	for (const struct module_return *row = module->returns; row && row->name; row++)
		printf("- %s (%s)\n        %s\n", row->name, row->type, row->doc);
	if (module->examples)
		printf("\nEXAMPLES:\n%s\n", module->examples);
}

static void
print_role(const struct role_table *role)
{
	printf("role %s: %s\n", role->name, role->summary);
	print_names("also called", role->aliases);
	printf("\nVARIABLES (= is mandatory):\n");
	for (const struct role_variable *row = role->variables; row && row->name; row++) {
		printf("%c %s", row->required ? '=' : '-', row->name);
		printf("%s%s%s\n", row->fallback ? " [default: " : "",
			row->fallback ? row->fallback : "", row->fallback ? "]" : "");
		printf("        %s\n", row->doc);
		print_names("choices", row->choices);
		if (row->also)
			printf("        also taken from: %s\n", row->also);
	}
}

int
command_doc(int argc, char **argv)
{
	if (argc < 2 || !strcmp(argv[1], "--help")) {
		printf("usage: ertc doc -l | ertc doc MODULE-OR-ROLE...\n");
		return argc < 2 ? 5 : 0;
	}
	if (!strcmp(argv[1], "-l") || !strcmp(argv[1], "--list")) {
		for (size_t i = 0; module_table[i]; i++)
			printf("%-20s %s\n", module_table[i]->name, module_table[i]->summary);
		for (size_t i = 0; role_tables[i]; i++)
			printf("role %-15s %s\n", role_tables[i]->name, role_tables[i]->summary);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		const struct module *module = module_named(argv[i]);

		const struct role_table *role = module ? NULL : role_table_find(argv[i]);

		if (!module && !role) {
			fprintf(stderr, "ertc doc: there is no module or role '%s'\n", argv[i]);
			return 1;
		}
		if (module)
			print_module(module);
		else
			print_role(role);
	}
	return 0;
}
