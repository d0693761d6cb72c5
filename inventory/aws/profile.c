/*
 * A reader line by line: a section, a setting, or what continues the setting before it. Sections of
 * one file are collected first and then laid over those of the file before, because [profile
 * default] of the config file takes the place of its [default], wherever the two stand.
 */
#include "inventory/aws/profile.h"

#include <ctype.h>
#include <strings.h>

#include "base/log.h"

struct section {
	struct section *next;
	enum profile_kind kind;
	const char *name;
	struct value *settings;
	bool is_prefixed; /* [profile default], not [default] */
};

struct reader {
	struct arena *into;
	const char *file;
	uint32_t line;
	bool is_credentials;
	struct section *sections, **last;
	struct section *section; /* NULL: none yet, or one that is left out */
	bool has_section;	 /* some section began, if only one that is left out */
	bool has_setting;	 /* some setting began in it */
	const char *key;	 /* NULL: the setting is left out */
	struct str value;	 /* of the setting so far */
	uint32_t value_line;
	bool has_nested; /* the setting was empty: what follows are settings below it */
};

static bool
reader_failed(const struct reader *reader, struct error *err, const char *what, const char *why)
{
	fail(err, ERR_PARSE, "cannot read the AWS %s file: %s",
		reader->is_credentials ? "credentials" : "config", what);
	error_where(err, "%s:%u", reader->file, reader->line);
	return error_why(err, "%s", why);
}

/* ---- names ---- */

static bool
name_is_valid(struct view name)
{
	for (size_t i = 0; i < name.length; i++)
		if (!isalnum((unsigned char)name.data[i]) &&
			(!name.data[i] || !strchr("-/.%@_:+", name.data[i])))
			return false;
	return name.length > 0;
}

/* "profile x" and the like: takes the word and the white space behind it off the front. */
static bool
prefix_take(struct view *name, const char *prefix)
{
	size_t length = strlen(prefix);

	if (!view_starts(*name, prefix) || name->length == length ||
		!isspace((unsigned char)name->data[length]))
		return false;
	*name = view_trim((struct view){ name->data + length, name->length - length });
	return true;
}

/* What the words in the brackets mean; false: nothing we know. */
static bool
section_kind(
	const struct reader *reader, struct view *name, enum profile_kind *kind, bool *prefixed)
{
	static const struct {
		const char *prefix;
		enum profile_kind kind;
	} prefixes[] = {
		{ "profile", PROFILE_PLAIN },
		{ "sso-session", PROFILE_SSO_SESSION },
		{ "services", PROFILE_SERVICES },
	};

	*kind = PROFILE_PLAIN;
	*prefixed = false;
	if (!reader->is_credentials) {
		for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
			if (prefix_take(name, prefixes[i].prefix)) {
				*kind = prefixes[i].kind;
				*prefixed = *kind == PROFILE_PLAIN;
				return name_is_valid(*name);
			}
		return view_is(*name, "default");
	}
	return name_is_valid(*name);
}

/* ---- sections ---- */

static struct section *
section_find(struct reader *reader, enum profile_kind kind, struct view name, bool is_prefixed)
{
	struct section *section;

	for (section = reader->sections; section; section = section->next)
		if (section->kind == kind && section->is_prefixed == is_prefixed &&
			view_is(name, section->name))
			return section;
	section = arena_new(reader->into, struct section);
	*section = (struct section){ .kind = kind,
		.name = arena_view(reader->into, name),
		.settings = value_map(reader->into),
		.is_prefixed = is_prefixed };
	section->settings->place = (struct place){ reader->file, reader->line, 0 };
	*reader->last = section;
	reader->last = &section->next;
	return section;
}

static void
setting_end(struct reader *reader)
{
	struct value *value;

	if (reader->section && reader->key) {
		value = value_view(reader->into, str_view(&reader->value));
		value->place = (struct place){ reader->file, reader->value_line, 0 };
		value_set(reader->into, reader->section->settings, reader->key, value);
	}
	memory_wipe(reader->value.data, reader->value.length);
	str_clear(&reader->value);
	reader->key = NULL;
	reader->has_setting = false;
}

static bool
section_begin(struct reader *reader, struct view line, struct error *err)
{
	enum profile_kind kind;
	bool is_prefixed;
	size_t length = 0;

	setting_end(reader);
	while (length < line.length && line.data[length] != '#' && line.data[length] != ';')
		length++;
	line = view_trim((struct view){ line.data, length });
	if (!view_ends(line, "]"))
		return reader_failed(reader, err, "a section does not end with ']'",
			"a section is written as [profile NAME], [sso-session NAME], [services "
			"NAME] or [default]");
	line = view_trim((struct view){ line.data + 1, line.length - 2 });
	reader->has_section = true;
	reader->section = NULL;
	if (section_kind(reader, &line, &kind, &is_prefixed))
		reader->section = section_find(reader, kind, line, is_prefixed);
	else
		log_info("aws: %s:%u: section [%.*s] is left out", reader->file, reader->line,
			(int)MIN(line.length, 100), line.data);
	return true;
}

/* ---- settings ---- */

/* A comment begins behind white space only: secrets may hold these characters. */
static struct view
comment_cut(struct view line)
{
	for (size_t i = 1; i < line.length; i++)
		if ((line.data[i] == '#' || line.data[i] == ';') &&
			isspace((unsigned char)line.data[i - 1]))
			return (struct view){ line.data, i };
	return line;
}

static bool
setting_begin(struct reader *reader, struct view line, struct error *err)
{
	struct view rest, key;
	char *name;

	setting_end(reader);
	if (!reader->has_section)
		return reader_failed(reader, err, "a setting outside of any section",
			"the first line that says something must be a section in brackets");
	rest = comment_cut(line);
	if (!memchr(rest.data, '=', rest.length))
		return reader_failed(
			reader, err, "no '=' in a setting", "a setting is written as NAME = VALUE");
	(void)!view_cut(&rest, '=', &key);
	key = view_trim(key);
	rest = view_trim(rest);
	if (!key.length)
		return reader_failed(reader, err, "a setting without a name",
			"nothing stands in front of the '='");
	reader->has_setting = true;
	reader->value_line = reader->line;
	reader->has_nested = !rest.length;
	str_add_view(&reader->value, rest);
	if (!name_is_valid(key)) {
		log_info("aws: %s:%u: a setting with a strange name is left out", reader->file,
			reader->line);
		return true;
	}
	name = arena_view(reader->into, key);
	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	reader->key = name;
	return true;
}

static bool
setting_continue(struct reader *reader, struct view line, struct error *err)
{
	const char *sign;

	if (!reader->has_section)
		return reader_failed(reader, err, "an indented line outside of any section",
			"the first line that says something must be a section in brackets");
	if (!reader->has_setting)
		return reader_failed(reader, err, "an indented line without a setting before it",
			"what is indented continues the setting before it");
	line = view_trim(line);
	if (reader->has_nested) {
		sign = memchr(line.data, '=', line.length);
		if (!sign)
			return reader_failed(reader, err, "no '=' in an indented setting",
				"below a setting that is empty stand settings, NAME = VALUE");
		if (sign == line.data)
			return reader_failed(reader, err, "an indented setting without a name",
				"nothing stands in front of the '='");
	}
	str_add_char(&reader->value, '\n');
	str_add_view(&reader->value, line);
	return true;
}

static bool
line_read(struct reader *reader, struct view line, struct error *err)
{
	if (!view_trim(line).length || line.data[0] == '#' || line.data[0] == ';')
		return true;
	if (line.data[0] == '[')
		return section_begin(reader, line, err);
	if (isspace((unsigned char)line.data[0]))
		return setting_continue(reader, line, err);
	return setting_begin(reader, line, err);
}

/* ---- all of it ---- */

static bool
section_is_beaten(const struct reader *reader, const struct section *section)
{
	if (section->kind != PROFILE_PLAIN || section->is_prefixed)
		return false;
	for (const struct section *other = reader->sections; other; other = other->next)
		if (other->is_prefixed && !strcmp(other->name, section->name))
			return true;
	return false;
}

static void
sections_lay_over(const struct reader *reader, struct profiles *profiles)
{
	for (const struct section *section = reader->sections; section; section = section->next) {
		struct value *all = profiles->sections[section->kind];
		const struct value *before = value_get(all, section->name);
		struct value *settings = section->settings;

		if (section_is_beaten(reader, section))
			continue;
		if (before) {
			settings = value_map_copy(reader->into, before);
			VALUE_PAIRS (pair, section->settings)
				value_set_key(reader->into, settings, pair->key, pair->value);
		}
		value_set(reader->into, all, section->name, settings);
	}
}

struct profiles *
profiles_new(struct arena *into)
{
	struct profiles *profiles = arena_new(into, struct profiles);

	for (size_t i = 0; i < PROFILE_KINDS; i++)
		profiles->sections[i] = value_map(into);
	return profiles;
}

bool
profiles_add(struct profiles *profiles, struct arena *into, const char *file, struct view text,
	bool is_credentials, struct error *err)
{
	struct reader reader = { .into = into, .file = file, .is_credentials = is_credentials };
	struct view line;
	bool ok = true;

	reader.last = &reader.sections;
	str_init(&reader.value);
	while (ok && view_cut(&text, '\n', &line)) {
		reader.line++;
		ok = line_read(&reader, line, err);
	}
	setting_end(&reader);
	str_release(&reader.value);
	if (ok)
		sections_lay_over(&reader, profiles);
	return ok;
}

const struct value *
profiles_section(const struct profiles *profiles, enum profile_kind kind, const char *name)
{
	return value_get(profiles->sections[kind], name);
}

const char *
profile_nested(struct arena *into, const struct value *setting, const char *name)
{
	struct view rest = value_string_view(setting), line, key;

	while (view_cut(&rest, '\n', &line)) {
		if (!memchr(line.data, '=', line.length))
			continue;
		(void)!view_cut(&line, '=', &key);
		key = view_trim(key);
		if (key.length == strlen(name) && !strncasecmp(key.data, name, key.length))
			return arena_view(into, view_trim(line));
	}
	return NULL;
}

void
profiles_wipe(struct profiles *profiles)
{
	static const char *const secrets[] = { "aws_secret_access_key", "aws_session_token" };

	VALUE_PAIRS (section, profiles->sections[PROFILE_PLAIN])
		for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
			struct view text = value_string_view(value_get(section->value, secrets[i]));

			if (text.length)
				memory_wipe((void *)(uintptr_t)text.data, text.length);
		}
}
