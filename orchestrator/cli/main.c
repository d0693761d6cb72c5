/* One program under two names: `ertc VERB …`, and `ertc-play …` for `ertc play …`. */
#include "base/base.h"
#include "base/str.h"
#include "orchestrator/cli/cli.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
} verbs[] = {
	{ "play", command_play, "run playbooks (ertc-play)" },
	{ "run", command_run, "run one task on the hosts of a pattern" },
	{ "inventory", command_inventory, "show who the hosts are: --list, --graph, --host" },
	{ "ssh", command_ssh, "a shell or a command on one host, on the road a play takes" },
	{ "vault", command_vault, "encrypt, decrypt, view, edit, rekey, create, encrypt_string" },
	{ "vars", command_vars, "show a host's variables, and where they come from (--why)" },
	{ "lint", command_lint, "find what is wrong in playbooks, without a connection" },
	{ "config", command_config, "show the settings and where they come from: dump, list, view" },
	{ "doc", command_doc, "describe a module, or list them with -l" },
	{ "template-eval", command_template_eval, "evaluate templates, for tests: JSON lines in and out" },
};

static void
usage(FILE *file)
{
	fprintf(file, "usage: ertc VERB [options]\n\nverbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(file, "  %-12s %s\n", verbs[i].name, verbs[i].doc);
	fprintf(file, "\n`ertc VERB --help` says more; `ertc --version` which version this is.\n");
}

int
main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;
	const char *names[ARRAY_SIZE(verbs) + 1] = { NULL }, *nearest;

	name = name ? name + 1 : argc ? argv[0] : "ertc";
	if (!strcmp(name, "ertc-play"))
		return command_play(argc, argv);
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 5 : 0;
	}
	if (!strcmp(argv[1], "--version")) {
		version_print("ertc");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i].name, argv[1]))
			return verbs[i].run(argc - 1, argv + 1);
		names[i] = verbs[i].name;
	}
	nearest = text_nearest(argv[1], names);
	fprintf(stderr, "ertc: there is no verb '%s'%s%s%s\n", argv[1],
		nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	usage(stderr);
	return 5;
}
