/* Inventories in TOML are known, but not read. */
#include "inventory/sources/source.h"

bool
source_toml(const struct source *source, struct error *err)
{
	fail(err, ERR_UNSUPPORTED, "the TOML inventory '%s' is not supported", source->path);
	return error_hint(err, "write it as YAML: the keys are the same");
}
