/* Collects hosts while a source is read, and asks inventory/reach when all variables are merged. */
#include "inventory/sources/reached.h"

#include "inventory/reach/reach.h"

struct reached_host {
	struct inventory_host *host;
	const struct value *facts;
	const char *console;
};

struct reached {
	struct inventory *inventory;
	const struct value *config;
	const char *path;
	struct reach_place place;
	struct reach *options; /* for questions only */
	struct reached_host *hosts;
	size_t count;
};

static void
hosts_see(const struct reached *reached, struct reach *reach)
{
	for (size_t i = 0; i < reached->count; i++) {
		const struct reached_host *one = &reached->hosts[i];

		reach_add(reach, &(struct reach_given){ .name = one->host->name,
					 .facts = one->facts,
					 .set = one->host->merged,
					 .groups = inventory_group_names(
						 one->host, &reached->inventory->arena),
					 .console = one->console });
	}
}

static bool
reached_assume(void *context, struct inventory *inventory, struct error *err)
{
	const struct reached *reached = context;
	struct reach *reach;
	bool ok;

	if (!reach_new(&inventory->arena, reached->config, &reached->place, &reach, err))
		return false;
	hosts_see(reached, reach);
	ok = reach_settle(reach, err);
	for (size_t i = 0; i < reached->count && ok; i++)
		inventory_host_assume(inventory, reached->hosts[i].host,
			reach_vars(reach, reached->hosts[i].host->name), reached->path);
	VALUE_EACH (note, reach_notes(reach))
		inventory_warn(inventory, "%s: %s", reached->path, value_string(note));
	reach_free(reach);
	return ok || error_context(err, "%s", reached->path);
}

/* ".prod.aws_ec2.yml.known_hosts" beside the file; names with a dot are no inventories. */
static const char *
known_hosts_path(struct arena *into, const char *directory, const char *path)
{
	const char *slash = strrchr(path, '/');

	return arena_format(into, "%s/.%s.known_hosts", directory, slash ? slash + 1 : path);
}

bool
reached_begin(const struct source *source, const struct value *config, struct reached **out,
	struct error *err)
{
	struct arena *arena = &source->inventory->arena;
	const char *slash = strrchr(source->path, '/');
	struct reached *reached;

	*out = NULL;
	if (!reach_is_asked(config))
		return true;
	reached = arena_new(arena, struct reached);
	*reached = (struct reached){ .inventory = source->inventory,
		.config = config,
		.path = arena_text(arena, source->path),
		.place = { .home = getenv("HOME") } };
	reached->place.directory =
		!slash ? "."
		       : arena_bytes(arena, source->path, MAX((size_t)(slash - source->path), 1u));
	reached->place.known_hosts =
		known_hosts_path(arena, reached->place.directory, source->path);
	if (!reach_new(arena, config, &reached->place, &reached->options, err))
		return error_context(err, "%s", source->path);
	inventory_assume_later(source->inventory, reached_assume, reached);
	*out = reached;
	return true;
}

bool
reached_wants_console(const struct reached *reached, const struct value *facts)
{
	return reached && reach_wants_console(reached->options, facts);
}

void
reached_add(struct reached *reached, struct inventory_host *host, const struct value *facts,
	const char *console)
{
	if (!reached)
		return;
	if ((reached->count & (reached->count - 1)) == 0)
		reached->hosts =
			arena_grow(&reached->inventory->arena, reached->hosts, reached->count,
				reached->count ? reached->count * 2 : 1, sizeof(*reached->hosts));
	reached->hosts[reached->count++] = (struct reached_host){ host, facts, console };
}
