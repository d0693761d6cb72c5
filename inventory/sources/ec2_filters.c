/* Filters, evaluated here: all of a map must hold, one of a list of values is enough. */
#include "inventory/sources/ec2_filters.h"

#include <ctype.h>

#include "inventory/sources/ec2_names.h"

static bool
is_same_in_any_case(struct view a, struct view b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (tolower((unsigned char)a.data[i]) != tolower((unsigned char)b.data[i]))
			return false;
	return true;
}

const struct value *
ec2_tag_find(const struct value *instance, struct view name, const char **key)
{
	const struct value *tags = value_get(instance, "tags");

	if (!value_is_map(tags))
		return NULL;
	VALUE_PAIRS (pair, tags)
		if (view_equals(value_string_view(pair->key), name)) {
			*key = value_string(pair->key);
			return pair->value;
		}
	VALUE_PAIRS (pair, tags)
		if (is_same_in_any_case(value_string_view(pair->key), name)) {
			*key = value_string(pair->key);
			return pair->value;
		}
	return NULL;
}

/* * and ?, and a backslash before what stands for itself. Goes back to the last star only, which
 * is enough, so that no pattern takes long. */
static bool
glob_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		bool is_literal = *pattern == '\\' && pattern[1];

		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if ((is_literal && pattern[1] == *text) ||
			   (!is_literal && *pattern && (*pattern == '?' || *pattern == *text))) {
			pattern += is_literal ? 2 : 1;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* Booleans are true and false in filters. */
static const char *
text_of(struct arena *scratch, const struct value *value)
{
	if (value->type == VALUE_BOOL)
		return value->boolean ? "true" : "false";
	return value_to_text(scratch, value);
}

static bool
one_matches(struct arena *scratch, const struct value *value, const struct value *wanted)
{
	if (value_is_list(value)) {
		VALUE_EACH (item, value)
			if (one_matches(scratch, item, wanted))
				return true;
		return false;
	}
	if (value_is_none(value) || value_is_map(value))
		return false;
	if (!value_is_list(wanted))
		return glob_matches(text_of(scratch, wanted), text_of(scratch, value));
	VALUE_EACH (item, wanted)
		if (glob_matches(text_of(scratch, item), text_of(scratch, value)))
			return true;
	return false;
}

static bool
any_tag_matches(struct arena *scratch, const struct value *instance, bool of_keys,
	const struct value *wanted)
{
	const struct value *tags = value_get(instance, "tags");

	if (value_is_map(tags))
		VALUE_PAIRS (pair, tags)
			if (one_matches(scratch, of_keys ? pair->key : pair->value, wanted))
				return true;
	return false;
}

static bool
filter_matches(const struct value *instance, const char *name, const struct value *wanted,
	struct arena *scratch, bool *out, struct error *err)
{
	const struct value *value;
	const char *key;

	if (text_starts(name, "tag:")) {
		value = ec2_tag_find(instance, view_of(name + strlen("tag:")), &key);
		*out = one_matches(scratch, value, wanted);
	} else if (!strcmp(name, "tag-key") || !strcmp(name, "tag-value")) {
		*out = any_tag_matches(scratch, instance, !strcmp(name, "tag-key"), wanted);
	} else if (ec2_filter_value(instance, name, scratch, &value)) {
		*out = one_matches(scratch, value, wanted);
	} else {
		fail(err, ERR_OPTIONS, "there is no filter '%s'", name);
		error_hint(err, "those of DescribeInstances are: tag:NAME, instance-state-name, "
				"instance-type …");
		return error_at(err, wanted);
	}
	return true;
}

bool
ec2_filters_match(const struct value *instance, const struct value *filters, struct arena *scratch,
	bool *out, struct error *err)
{
	*out = true;
	VALUE_PAIRS (pair, filters) {
		if (!filter_matches(instance, value_to_text(scratch, pair->key), pair->value,
			    scratch, out, err))
			return false;
		if (!*out)
			return true;
	}
	return true;
}
