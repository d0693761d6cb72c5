/* `ertc inventory`: who the hosts are, as ansible-inventory shows it. */
#include "inventory/hosts/inventory.h"

#include "json/json.h"
#include "orchestrator/cli/cli.h"

static void
warn(void *context, const char *text)
{
	(void)context;
	fprintf(stderr, "[WARNING]: %s\n", text);
}

static void
print_graph(const struct inventory_group *group, int depth)
{
	for (int i = 0; i < depth; i++)
		fputs(i + 1 == depth ? "  |--" : "  |", stdout);
	printf("@%s:\n", group->name);
	for (size_t i = 0; i < group->child_count && depth < 32; i++)
		print_graph(group->children[i], depth + 1);
	for (size_t i = 0; i < group->host_count; i++) {
		for (int j = 0; j <= depth; j++)
			fputs(j == depth ? "  |--" : "  |", stdout);
		printf("%s\n", group->hosts[i]->name);
	}
}

static void
print_json(const struct value *value)
{
	struct json_style style = { 0 };
	struct str out = STR_INIT;

	style.indent = 4;
	style.sort_keys = true;
	json_add(value, &style, &out);
	puts(out.data);
	str_release(&out);
}

static int
show(struct inventory *inventory, const char *verb, const char *name)
{
	struct arena arena;
	int code = 0;

	arena_init(&arena);
	if (!strcmp(verb, "--graph")) {
		const struct inventory_group *group =
			name ? inventory_group_find(inventory, name) : inventory->all;

		if (group)
			print_graph(group, 0);
		code = group ? 0 : 1;
	} else if (!strcmp(verb, "--host")) {
		const struct inventory_host *host =
			name ? inventory_host_find_or_local(inventory, name) : NULL;

		if (host)
			print_json(host->merged);
		code = host ? 0 : 1;
	} else {
		print_json(inventory_as_value(inventory, &arena));
	}
	if (code)
		fprintf(stderr, "ertc inventory: there is no '%s' in this inventory\n",
			name ? name : "");
	arena_release(&arena);
	return code;
}

int
command_inventory(int argc, char **argv)
{
	struct inventory *inventory = inventory_new();
	const char *verb = NULL, *name = NULL;
	struct error err;
	char line[1600];
	int code = 0;

	inventory->warn = warn;
	for (int i = 1; i < argc && !code; i++) {
		if ((!strcmp(argv[i], "-i") || !strcmp(argv[i], "--inventory")) && i + 1 < argc) {
			if (!inventory_add_source(inventory, argv[++i], &err)) {
				fprintf(stderr, "ertc inventory: %s\n",
					error_line(&err, line, sizeof(line)));
				code = 1;
			}
		} else if (!strcmp(argv[i], "--list") || !strcmp(argv[i], "--graph") ||
			   !strcmp(argv[i], "--host")) {
			verb = argv[i];
		} else if (argv[i][0] != '-') {
			name = argv[i];
		} else {
			code = 5;
		}
	}
	if (!code && !verb)
		code = 5;
	if (code == 5)
		fprintf(stderr, "usage: ertc inventory -i SOURCE (--list | --graph [GROUP] | "
				"--host HOST)\n");
	if (!code && !inventory_finish(inventory, NULL, &err)) {
		fprintf(stderr, "ertc inventory: %s\n", error_line(&err, line, sizeof(line)));
		code = 1;
	}
	if (!code)
		code = show(inventory, verb, name);
	inventory_free(inventory);
	return code;
}
