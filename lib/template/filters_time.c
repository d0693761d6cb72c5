/* Dates and times: strftime, to_datetime, and datetime objects. */
#include "template/evaluation.h"
#include "template/times.h"

struct datetime {
	time_t seconds; /* of the clock shown: no time zone */
	int microseconds;
};

static bool
tm_format(struct call *call, struct view format, const struct tm *tm, const struct value **out)
{
	const char *text = arena_format(call_arena(call), "%.*s ", (int)format.length, format.data);
	size_t room = format.length * 20 + 256;
	char *buffer = arena_alloc(call_arena(call), room);
	size_t length;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	length = strftime(buffer, room, text, tm); /* the format is the user's own */
#pragma GCC diagnostic pop
	*out = value_bytes(call_arena(call), buffer, length ? length - 1 : 0);
	return true;
}

/* What C does not know of Python's datetime: %f, and that %z and %Z are nothing without a time
 * zone. */
static struct view
datetime_pattern(struct arena *into, struct view format, int microseconds)
{
	_cleanup_str_ struct str text = STR_INIT;

	for (size_t i = 0; i < format.length; i++) {
		char next = i + 1 < format.length ? format.data[i + 1] : '\0';

		if (format.data[i] != '%' || !next) {
			str_add_char(&text, format.data[i]);
			continue;
		}
		i++;
		if (next == 'f')
			str_add_format(&text, "%06d", microseconds);
		else if (next != 'z' && next != 'Z')
			str_add_format(&text, "%%%c", next);
	}
	return (struct view){ arena_view(into, str_view(&text)), text.length };
}

static bool
time_format(struct call *call, struct view format, time_t seconds, bool is_utc,
	const struct value **out)
{
	struct tm tm;

	if (is_utc)
		gmtime_r(&seconds, &tm);
	else
		localtime_r(&seconds, &tm);
	return tm_format(call, format, &tm, out);
}

bool
datetime_format(struct call *call, struct view format, const struct timespec *when, bool is_utc,
	const struct value **out)
{
	format = datetime_pattern(call_arena(call), format, (int)(when->tv_nsec / 1000));
	return time_format(call, format, when->tv_sec, is_utc, out);
}

static bool
strftime_call(struct call *call, const struct value **out)
{
	int64_t seconds = time(NULL);
	double real;
	struct view format;

	if (!call_text(call, call->input, "", &format))
		return false;
	if (!value_is_none(call->args[0])) {
		const struct value *second = call->args[0];

		if (value_is(second, VALUE_FLOAT) && second->real > -1e15 && second->real < 1e15)
			seconds = (int64_t)second->real;
		else if (!value_to_int(second, &seconds)) {
			char *end;

			real = strtod(value_to_text(call_arena(call), second), &end);
			if (*end || !(real > -1e15 && real < 1e15))
				return call_fail(call, ERR_TYPE,
					"Invalid value for epoch value (%s)",
					value_to_text(call_arena(call), second));
			seconds = (int64_t)real;
		}
	}
	if (seconds > 100000000000000 || seconds < -100000000000000)
		return call_fail(call, ERR_TYPE, "strftime: time out of range");
	return time_format(call, format, seconds, call_flag(call, 1, false), out);
}

/* ---- datetime objects ---- */

static void
datetime_tm(const struct datetime *self, struct tm *tm)
{
	gmtime_r(&self->seconds, tm);
}

static bool
datetime_plain(void *object, struct arena *into, const struct value **out, struct error *err UNUSED)
{
	const struct datetime *self = object;
	struct tm tm;
	char text[40], fraction[16] = "";

	datetime_tm(self, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	if (self->microseconds)
		snprintf(fraction, sizeof(fraction), ".%06d", self->microseconds % 1000000);
	*out = value_format(into, "%s%s", text, fraction);
	return true;
}

struct datetime_method {
	const struct datetime *self;
	const char *name;
};

static const struct value *
strftime_value(struct arena *into, const char *format, const struct tm *tm)
{
	char text[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return value_bytes(into, text, strftime(text, sizeof(text), format, tm));
#pragma GCC diagnostic pop
}

static bool
datetime_method_call(void *object, struct arena *into, const struct call_args *args,
	const struct value **out, struct error *err)
{
	static const struct {
		const char *name, *format;
	} formats[] = { { "date", "%Y-%m-%d" }, { "time", "%H:%M:%S" },
		{ "ctime", "%a %b %e %H:%M:%S %Y" } };
	const struct datetime_method *method = object;
	const char *name = method->name;
	const char *format = args->positional_count ? value_string(args->positional[0]) : NULL;
	struct tm tm;

	datetime_tm(method->self, &tm);
	if (text_equals(name, "timestamp")) {
		tm.tm_isdst = -1;
		*out = value_float(into, (double)mktime(&tm) + method->self->microseconds / 1e6);
		return true;
	}
	if (text_equals(name, "weekday") || text_equals(name, "isoweekday")) {
		*out = value_int(into, (tm.tm_wday + 6) % 7 + (name[0] == 'i'));
		return true;
	}
	if (text_equals(name, "isoformat")) {
		*out = strftime_value(into, "%Y-%m-%dT%H:%M:%S", &tm);
		if (method->self->microseconds)
			*out = value_format(
				into, "%s.%06d", value_string(*out), method->self->microseconds);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (text_equals(name, formats[i].name))
			format = formats[i].format;
	if (!format)
		return fail(err, ERR_TYPE, "strftime() wants a format");
	*out = strftime_value(into,
		datetime_pattern(into, view_of(format), method->self->microseconds).data, &tm);
	return true;
}

static const struct object_class datetime_method_class = { .type_name = "method",
	.call = datetime_method_call };

static bool
datetime_get(void *object, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	static const char *const methods[] = { "strftime", "timestamp", "isoformat", "weekday",
		"isoweekday", "date", "time", "ctime" };
	const char *name = value_string(key);
	struct datetime_method *method;
	struct tm tm;

	datetime_tm(object, &tm);
	if (!name)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (text_equals(name, methods[i])) {
			method = arena_new(into, struct datetime_method);
			method->self = object;
			method->name = methods[i];
			*out = value_object(into, &datetime_method_class, method);
			return true;
		}
	{
		const struct {
			const char *name;
			int number;
		} parts[] = { { "year", tm.tm_year + 1900 }, { "month", tm.tm_mon + 1 },
			{ "day", tm.tm_mday }, { "hour", tm.tm_hour }, { "minute", tm.tm_min },
			{ "second", tm.tm_sec },
			{ "microsecond", ((struct datetime *)object)->microseconds } };

		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			if (text_equals(name, parts[i].name))
				*out = value_int(into, parts[i].number);
	}
	return true;
}

static const struct object_class datetime_class = {
	.type_name = "datetime",
	.get = datetime_get,
	.plain = datetime_plain,
};

const struct value *
datetime_new(struct arena *into, time_t seconds, int microseconds, bool is_utc)
{
	struct datetime *self = arena_new(into, struct datetime);
	struct tm tm;

	if (!is_utc) {
		localtime_r(&seconds, &tm);
		seconds = timegm(&tm);
	}
	self->seconds = seconds;
	self->microseconds = microseconds;
	return value_object(into, &datetime_class, self);
}

/* ---- timedelta: what lies between two of them ---- */

struct timedelta {
	int64_t seconds;
	int microseconds; /* 0 … 999999 */
};

static int64_t
delta_days(const struct timedelta *self)
{
	return self->seconds / 86400 - (self->seconds % 86400 < 0);
}

static bool
timedelta_plain(
	void *object, struct arena *into, const struct value **out, struct error *err UNUSED)
{
	const struct timedelta *self = object;
	int64_t days = delta_days(self), rest = self->seconds - days * 86400;
	char text[80] = "", fraction[16] = "";

	if (days)
		snprintf(text, sizeof(text), "%lld day%s, ", (long long)days,
			days == 1 || days == -1 ? "" : "s");
	if (self->microseconds)
		snprintf(fraction, sizeof(fraction), ".%06d", self->microseconds);
	*out = value_format(into, "%s%d:%02d:%02d%s", text, (int)(rest / 3600),
		(int)(rest / 60 % 60), (int)(rest % 60), fraction);
	return true;
}

static bool
total_seconds_call(void *object, struct arena *into, const struct call_args *args UNUSED,
	const struct value **out, struct error *err UNUSED)
{
	const struct timedelta *self = object;

	*out = value_float(into, (double)self->seconds + self->microseconds / 1e6);
	return true;
}

static const struct object_class total_seconds_class = { .type_name = "method",
	.call = total_seconds_call };

static bool
timedelta_get(void *object, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	const struct timedelta *self = object;
	const char *name = value_string(key);
	int64_t days = delta_days(self);

	if (text_equals(name, "days"))
		*out = value_int(into, days);
	else if (text_equals(name, "seconds"))
		*out = value_int(into, self->seconds - days * 86400);
	else if (text_equals(name, "microseconds"))
		*out = value_int(into, self->microseconds);
	else if (text_equals(name, "total_seconds"))
		*out = value_object(into, &total_seconds_class, object);
	return true;
}

static const struct object_class timedelta_class = {
	.type_name = "timedelta",
	.get = timedelta_get,
	.plain = timedelta_plain,
};

static bool
is_of(const struct value *value, const struct object_class *class)
{
	return value_is(value, VALUE_OBJECT) && value->object.class == class;
}

const struct value *
times_binary(
	struct arena *into, struct view symbol, const struct value *left, const struct value *right)
{
	bool is_minus = view_is(symbol, "-"), is_plus = view_is(symbol, "+");
	int sign = is_minus ? -1 : 1;

	if (!is_minus && !is_plus)
		return NULL;
	if (is_minus && is_of(left, &datetime_class) && is_of(right, &datetime_class)) {
		const struct datetime *a = left->object.self, *b = right->object.self;
		struct timedelta *delta = arena_new(into, struct timedelta);

		delta->seconds = a->seconds - b->seconds - (a->microseconds < b->microseconds);
		delta->microseconds = (a->microseconds - b->microseconds + 1000000) % 1000000;
		return value_object(into, &timedelta_class, delta);
	}
	if (is_of(left, &datetime_class) && is_of(right, &timedelta_class)) {
		const struct datetime *a = left->object.self;
		const struct timedelta *b = right->object.self;
		struct datetime *moved = arena_new(into, struct datetime);
		int micros = a->microseconds + sign * b->microseconds;

		moved->seconds =
			a->seconds + sign * b->seconds + (micros < 0 ? -1 : micros / 1000000);
		moved->microseconds = (micros + 1000000) % 1000000;
		return value_object(into, &datetime_class, moved);
	}
	return NULL;
}

static bool
to_datetime_call(struct call *call, const struct value **out)
{
	struct view text, format;
	struct tm tm = { 0 };
	const char *end;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "%Y-%m-%d %H:%M:%S", &format))
		return false;
	tm.tm_mday = 1;
	end = strptime(text.data, format.data, &tm);
	if (!end || *end)
		return call_fail(call, ERR_TYPE, "time data '%s' does not match format '%s'",
			text.data, format.data);
	*out = datetime_new(call_arena(call), timegm(&tm), 0, true);
	return true;
}

const struct function filters_time[] = { { "strftime", "second=None utc=False", strftime_call,
						 "A time in this format." },
	{ "to_datetime", "format='%Y-%m-%d %H:%M:%S'", to_datetime_call, "Text read as a time." },
	{ NULL } };
