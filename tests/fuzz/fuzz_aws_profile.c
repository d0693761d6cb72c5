/* libFuzzer: the config and credentials files of the AWS tools. No input may crash, hang or read
 * outside. */
#include "inventory/aws/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct profiles *profiles;
	struct view text = { (const char *)data, size }, config;

	arena_init(&arena);
	profiles = profiles_new(&arena);
	/* What stands before a byte 1 is the config file, the rest the credentials file. */
	if (size && view_cut(&text, '\1', &config)) {
		(void)!profiles_add(profiles, &arena, "config", config, false, NULL);
		if (text.data)
			(void)!profiles_add(profiles, &arena, "credentials", text, true, NULL);
	}
	for (size_t kind = 0; kind < PROFILE_KINDS; kind++)
		VALUE_PAIRS (section, profiles->sections[kind])
			VALUE_PAIRS (setting, section->value)
				(void)profile_nested(&arena, setting->value, "endpoint_url");
	profiles_wipe(profiles);
	arena_release(&arena);
	return 0;
}
