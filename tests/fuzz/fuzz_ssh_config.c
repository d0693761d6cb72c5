/* libFuzzer: ssh_config files, ssh arguments and jumps. No input may crash, hang or read outside.
 */
#include "orchestrator/transport/proxy.h"
#include "orchestrator/transport/ssh_args.h"
#include "orchestrator/transport/ssh_keywords.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_file file;
	struct ssh_given given = { 0 };
	struct ssh_list words, rest = { 0 };
	struct ssh_config *config;
	struct arena arena;
	struct jump jump;
	char *text;

	arena_init(&arena);
	config = ssh_config_new("/home/me", "me", NULL, NULL);
	(void)!config_file_parse(
		"fuzz", (struct view){ (const char *)data, size }, &arena, &file, NULL);
	text = arena_bytes(&arena, data, size);
	(void)!jump_parse((struct view){ text, size }, &arena, &jump, NULL);
	if (shell_words(text, &arena, &words, NULL))
		(void)!ssh_args_read(config, &words, &arena, &given, &rest, NULL);
	(void)!proxy_command_is_jump(config, text, &arena, &jump, &given);
	ssh_config_free(config);
	arena_release(&arena);
	return 0;
}
