/* Who we are, when it is, and in what surroundings. */
#include <string.h>
#include <time.h>

#include "modules/facts/facts.h"
#include "os/users.h"

static void
set_environment(struct facts *facts)
{
	struct value *map = value_map(facts->arena);

	for (char **entry = environ; *entry; entry++) {
		const char *mark = strchr(*entry, '=');

		if (mark)
			value_set(facts->arena, map,
				arena_bytes(facts->arena, *entry, (size_t)(mark - *entry)),
				value_text(facts->arena, mark + 1));
	}
	if (facts->call->environment) {
		VALUE_PAIRS (pair, facts->call->environment)
			value_set_key(facts->arena, map, pair->key, pair->value);
	}
	facts_set(facts, "env", map);
}

void
facts_user(struct facts *facts)
{
	struct user user;

	facts_int(facts, "real_user_id", getuid());
	facts_int(facts, "effective_user_id", geteuid());
	facts_int(facts, "real_group_id", getgid());
	facts_int(facts, "effective_group_id", getegid());
	set_environment(facts);
	if (!user_by_id(facts->arena, getuid(), &user))
		return;
	facts_text(facts, "user_id", user.name);
	facts_int(facts, "user_uid", user.uid);
	facts_int(facts, "user_gid", user.gid);
	facts_text(facts, "user_gecos", user.gecos);
	facts_text(facts, "user_dir", user.home);
	facts_text(facts, "user_shell", user.shell);
}

/* All of them in one go, a line each: the format stays a literal, which the compiler checks. */
static void
add_times(struct facts *facts, struct value *map, const struct tm *local)
{
	static const char *const keys[] = { "year", "month", "weekday", "weekday_number",
		"weeknumber", "day", "hour", "minute", "second", "date", "time",
		"iso8601_basic_short", "tz", "tz_offset" };
	char text[512];
	struct view rest, line;
	size_t length = strftime(text, sizeof(text),
		"%Y\n%m\n%A\n%w\n%W\n%d\n%H\n%M\n%S\n%Y-%m-%d\n%H:%M:%S\n%Y%m%dT%H%M%S\n%Z\n%z",
		local);

	rest = (struct view){ text, length };
	for (size_t i = 0; i < ARRAY_SIZE(keys) && view_cut(&rest, '\n', &line); i++)
		value_set(facts->arena, map, keys[i], value_view(facts->arena, line));
}

void
facts_date_time(struct facts *facts)
{
	struct value *map = value_map(facts->arena);
	struct timespec now;
	struct tm local, utc;
	char text[64];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	gmtime_r(&now.tv_sec, &utc);
	add_times(facts, map, &local);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	set_text(facts, map, "iso8601", text);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &local);
	value_set(facts->arena, map, "iso8601_basic",
		value_format(facts->arena, "%s%06ld", text, now.tv_nsec / 1000));
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	value_set(facts->arena, map, "iso8601_micro",
		value_format(facts->arena, "%s.%06ldZ", text, now.tv_nsec / 1000));
	value_set(facts->arena, map, "epoch",
		value_format(facts->arena, "%lld", (long long)now.tv_sec));
	value_set(facts->arena, map, "epoch_int",
		value_format(facts->arena, "%lld", (long long)now.tv_sec));
	set_text(facts, map, "tz_dst", tzname[1][0] ? tzname[1] : tzname[0]);
	facts_set(facts, "date_time", map);
}
