/* Processors, memory, and what the firmware says of the machine. */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "modules/facts/facts.h"

struct processors {
	int64_t count, sockets, cores, siblings;
	bool seen[1024]; /* socket numbers */
};

static int64_t
number_of(struct view text, int64_t fallback)
{
	int64_t number;

	return number_parse(view_trim(text), &number) ? number : fallback;
}

static void
read_line(struct facts *facts, struct value *list, struct processors *found, struct view key,
	struct view text)
{
	int64_t socket;

	if (view_is(key, "processor")) {
		found->count++;
		value_add(facts->arena, list, value_view(facts->arena, text));
	} else if (view_is(key, "vendor_id") || view_is(key, "model name") ||
		   view_is(key, "Processor")) {
		value_add(facts->arena, list, value_view(facts->arena, text));
	} else if (view_is(key, "physical id")) {
		socket = number_of(text, 0);
		if (socket >= 0 && socket < (int64_t)ARRAY_SIZE(found->seen) &&
			!found->seen[socket]) {
			found->seen[socket] = true;
			found->sockets++;
		}
	} else if (view_is(key, "cpu cores")) {
		found->cores = number_of(text, 1);
	} else if (view_is(key, "siblings")) {
		found->siblings = number_of(text, 1);
	}
}

void
facts_processor(struct facts *facts)
{
	struct value *list = value_list(facts->arena);
	struct processors *found = arena_new(facts->arena, struct processors);
	const char *text = file_text(facts->arena, "/proc/cpuinfo");
	struct view rest = view_of(text), line, key;
	int64_t cores, threads, sockets;
	cpu_set_t allowed;

	while (view_cut(&rest, '\n', &line))
		if (view_cut(&line, ':', &key) && line.data)
			read_line(facts, list, found, view_trim(key), view_trim(line));
	sockets = found->sockets ? found->sockets : found->count;
	cores = MAX(found->cores, (int64_t)1);
	threads = MAX(found->siblings / cores, (int64_t)1);
	facts_set(facts, "processor", list);
	facts_int(facts, "processor_count", sockets);
	facts_int(facts, "processor_cores", cores);
	facts_int(facts, "processor_threads_per_core", threads);
	facts_int(facts, "processor_vcpus", threads * cores * sockets);
	CPU_ZERO(&allowed);
	facts_int(facts, "processor_nproc",
		sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed)
								     : found->count);
}

static int64_t
megabytes(struct facts *facts, const char *text, const char *name)
{
	const char *field = proc_field(facts->arena, text, name);
	int64_t number;

	if (!field || !number_parse((struct view){ field, strcspn(field, " ") }, &number))
		return 0;
	return number / 1024;
}

static void
set_load(struct facts *facts)
{
	struct value *map = value_map(facts->arena);
	double load[3];

	if (getloadavg(load, 3) != 3)
		return;
	value_set(facts->arena, map, "1m", value_float(facts->arena, load[0]));
	value_set(facts->arena, map, "5m", value_float(facts->arena, load[1]));
	value_set(facts->arena, map, "15m", value_float(facts->arena, load[2]));
	facts_set(facts, "loadavg", map);
}

void
facts_memory(struct facts *facts)
{
	const char *text = file_text(facts->arena, "/proc/meminfo"), *uptime;
	int64_t total = megabytes(facts, text, "MemTotal"),
		free_mb = megabytes(facts, text, "MemFree");
	int64_t cached = megabytes(facts, text, "Cached") + megabytes(facts, text, "Buffers");
	int64_t swap = megabytes(facts, text, "SwapTotal"),
		swap_free = megabytes(facts, text, "SwapFree");
	struct value *map = value_map(facts->arena), *part;
	int64_t seconds;

	facts_int(facts, "memtotal_mb", total);
	facts_int(facts, "memfree_mb", free_mb);
	facts_int(facts, "swaptotal_mb", swap);
	facts_int(facts, "swapfree_mb", swap_free);
	part = value_map(facts->arena);
	set_int(facts, part, "total", total);
	set_int(facts, part, "used", total - free_mb);
	set_int(facts, part, "free", free_mb);
	value_set(facts->arena, map, "real", part);
	part = value_map(facts->arena);
	set_int(facts, part, "free", free_mb + cached);
	set_int(facts, part, "used", total - free_mb - cached);
	value_set(facts->arena, map, "nocache", part);
	part = value_map(facts->arena);
	set_int(facts, part, "total", swap);
	set_int(facts, part, "free", swap_free);
	set_int(facts, part, "used", swap - swap_free);
	set_int(facts, part, "cached", megabytes(facts, text, "SwapCached"));
	value_set(facts->arena, map, "swap", part);
	facts_set(facts, "memory_mb", map);
	set_load(facts);
	uptime = file_first_line(facts->arena, "/proc/uptime");
	if (uptime && number_parse((struct view){ uptime, strcspn(uptime, ".") }, &seconds))
		facts_int(facts, "uptime_seconds", seconds);
}

static const char *const form_factors[] = { "Unknown", "Other", "Unknown", "Desktop",
	"Low Profile Desktop", "Pizza Box", "Mini Tower", "Tower", "Portable", "Laptop", "Notebook",
	"Hand Held", "Docking Station", "All In One", "Sub Notebook", "Space-saving", "Lunch Box",
	"Main Server Chassis", "Expansion Chassis", "Sub Chassis", "Bus Expansion Chassis",
	"Peripheral Chassis", "RAID Chassis", "Rack Mount Chassis", "Sealed-case PC",
	"Multi-system", "CompactPCI", "AdvancedTCA", "Blade", "Blade Enclosure", "Tablet",
	"Convertible", "Detachable", "IoT Gateway", "Embedded PC", "Mini PC", "Stick PC" };

void
facts_dmi(struct facts *facts)
{
	static const struct {
		const char *file, *name;
	} fields[] = {
		{ "bios_date", "bios_date" },
		{ "bios_vendor", "bios_vendor" },
		{ "bios_version", "bios_version" },
		{ "board_asset_tag", "board_asset_tag" },
		{ "board_name", "board_name" },
		{ "board_serial", "board_serial" },
		{ "board_vendor", "board_vendor" },
		{ "board_version", "board_version" },
		{ "chassis_asset_tag", "chassis_asset_tag" },
		{ "chassis_serial", "chassis_serial" },
		{ "chassis_vendor", "chassis_vendor" },
		{ "chassis_version", "chassis_version" },
		{ "product_name", "product_name" },
		{ "product_serial", "product_serial" },
		{ "product_uuid", "product_uuid" },
		{ "product_version", "product_version" },
		{ "sys_vendor", "system_vendor" },
	};
	const char *line;
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		line = file_first_line(
			facts->arena, arena_format(facts->arena, "/sys/devices/virtual/dmi/id/%s",
					      fields[i].file));
		facts_text(facts, fields[i].name, line ? line : "NA");
	}
	line = file_first_line(facts->arena, "/sys/devices/virtual/dmi/id/chassis_type");
	if (line && number_parse(view_of(line), &number) && number >= 0 &&
		number < (int64_t)ARRAY_SIZE(form_factors))
		facts_text(facts, "form_factor", form_factors[number]);
	else
		facts_text(facts, "form_factor", line ? line : "NA");
}
