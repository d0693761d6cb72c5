/* Times of answers: three forms in, one out. */
#include "inventory/aws/xml_time.h"

#include <ctype.h>
#include <math.h>
#include <time.h>

struct moment {
	int year, month, day, hour, minute, second, microsecond;
	bool has_zone;
	int zone; /* minutes east */
};

/* `count` digits; false leaves *rest where it was. */
static bool
digits(struct view *rest, size_t count, int *out)
{
	int number = 0;

	if (rest->length < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!isdigit((unsigned char)rest->data[i]))
			return false;
		number = number * 10 + (rest->data[i] - '0');
	}
	*rest = (struct view){ rest->data + count, rest->length - count };
	*out = number;
	return true;
}

static bool
one_of(struct view *rest, const char *characters)
{
	if (!rest->length || !strchr(characters, rest->data[0]) || !rest->data[0])
		return false;
	*rest = (struct view){ rest->data + 1, rest->length - 1 };
	return true;
}

static void
fraction(struct view *rest, struct moment *at)
{
	int scale = 100000, digit;

	while (digits(rest, 1, &digit)) {
		at->microsecond += digit * scale;
		scale /= 10;
	}
}

/* Z, GMT, UTC, +09:00, -0330, +02; nothing is no zone. */
static bool
zone(struct view *rest, struct moment *at)
{
	int hours, minutes = 0, sign;

	*rest = view_trim(*rest);
	if (!rest->length)
		return true;
	at->has_zone = true;
	if (view_is(*rest, "Z") || view_is(*rest, "GMT") || view_is(*rest, "UTC"))
		return true;
	sign = rest->data[0] == '-' ? -1 : 1;
	if (!one_of(rest, "+-") || !digits(rest, 2, &hours))
		return false;
	if (rest->length) {
		one_of(rest, ":");
		if (!digits(rest, 2, &minutes))
			return false;
	}
	at->zone = sign * (hours * 60 + minutes);
	return !rest->length && hours < 24 && minutes < 60;
}

static bool
clock_read(struct view *rest, struct moment *at)
{
	if (!digits(rest, 2, &at->hour) || !one_of(rest, ":") || !digits(rest, 2, &at->minute))
		return false;
	if (one_of(rest, ":")) {
		if (!digits(rest, 2, &at->second))
			return false;
		if (one_of(rest, ".,"))
			fraction(rest, at);
	}
	return at->hour < 24 && at->minute < 60 && at->second < 60 && zone(rest, at);
}

static bool
is_day(const struct moment *at)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leaps = at->year % 4 == 0 && (at->year % 100 != 0 || at->year % 400 == 0);

	return at->year > 0 && at->month >= 1 && at->month <= 12 && at->day >= 1 &&
	       at->day <= days[at->month - 1] + (leaps && at->month == 2);
}

/* 2026-01-02T03:04:05.678Z, or the day alone. */
static bool
iso_read(struct view text, struct moment *at)
{
	if (!digits(&text, 4, &at->year) || !one_of(&text, "-") || !digits(&text, 2, &at->month) ||
		!one_of(&text, "-") || !digits(&text, 2, &at->day) || !is_day(at))
		return false;
	return !text.length || (one_of(&text, "T ") && clock_read(&text, at));
}

/* Fri, 02 Jan 2026 03:04:05 GMT */
static bool
mail_read(struct view text, struct moment *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct view piece;

	if (memchr(text.data, ',', text.length) && !view_cut(&text, ',', &piece))
		return false;
	text = view_trim(text);
	if (!digits(&text, 2, &at->day) && !digits(&text, 1, &at->day))
		return false;
	if (!one_of(&text, " -") || text.length < 4)
		return false;
	for (int month = 0; month < 12; month++)
		if (!strncmp(text.data, months + month * 3, 3))
			at->month = month + 1;
	text = (struct view){ text.data + 3, text.length - 3 };
	return one_of(&text, " -") && digits(&text, 4, &at->year) && is_day(at) &&
	       one_of(&text, " ") && clock_read(&text, at);
}

static bool
seconds_read(struct view text, struct moment *at)
{
	char number[32], *end;
	double seconds, whole;
	time_t moment;
	struct tm tm;

	if (!text.length || text.length >= sizeof(number))
		return false;
	memcpy(number, text.data, text.length);
	number[text.length] = '\0';
	seconds = strtod(number, &end);
	if (*end || !isfinite(seconds) || fabs(seconds) > 2e11)
		return false;
	whole = floor(seconds);
	moment = (time_t)whole;
	at->microsecond = (int)((seconds - whole) * 1e6 + 0.5);
	if (at->microsecond == 1000000) {
		at->microsecond = 0;
		moment++;
	}
	if (!gmtime_r(&moment, &tm))
		return false;
	at->year = tm.tm_year + 1900;
	at->month = tm.tm_mon + 1;
	at->day = tm.tm_mday;
	at->hour = tm.tm_hour;
	at->minute = tm.tm_min;
	at->second = tm.tm_sec;
	at->has_zone = true;
	return at->year > 0 && at->year < 10000;
}

bool
xml_time_format(struct view text, char out[XML_TIME_ROOM])
{
	static bool (*const forms[])(
		struct view text, struct moment * at) = { iso_read, seconds_read, mail_read };

	text = view_trim(text);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct moment at = { 0 };
		size_t used;

		if (!forms[i](text, &at))
			continue;
		used = (size_t)snprintf(out, XML_TIME_ROOM, "%04d-%02d-%02dT%02d:%02d:%02d",
			at.year, at.month, at.day, at.hour, at.minute, at.second);
		if (at.microsecond)
			used += (size_t)snprintf(
				out + used, XML_TIME_ROOM - used, ".%06d", at.microsecond);
		if (at.has_zone)
			snprintf(out + used, XML_TIME_ROOM - used, "%c%02d:%02d",
				at.zone < 0 ? '-' : '+', abs(at.zone) / 60, abs(at.zone) % 60);
		return true;
	}
	return false;
}
