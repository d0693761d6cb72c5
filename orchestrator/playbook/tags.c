/* Which tasks --tags and --skip-tags choose. */
#include "orchestrator/playbook/playbook.h"

static void
tags_add(struct arena *into, struct value *tags, const struct value *given)
{
	struct view rest, piece;

	if (value_is_list(given)) {
		VALUE_EACH (item, given)
			tags_add(into, tags, item);
		return;
	}
	rest = view_of(value_to_text(into, given));
	while (view_cut(&rest, ',', &piece)) {
		struct value *tag = value_view(into, view_trim(piece));

		tag->flags = value_is_string(given) ? given->flags : 0;
		if (tag->string.length)
			value_add(into, tags, tag);
	}
}

const struct value *
node_tags(const struct node *node, struct arena *into)
{
	const struct value *found[32];
	size_t count = keyword_collect(node, KEYWORD_TAGS, found, ARRAY_SIZE(found));
	struct value *tags = value_list(into);

	for (size_t i = 0; i < count; i++)
		tags_add(into, tags, found[i]);
	return tags;
}

static bool
tags_have(const struct value *tags, const char *name)
{
	VALUE_EACH (tag, tags)
		if (text_equals(value_string(tag), name))
			return true;
	return false;
}

static bool
tags_meet(const struct value *tags, const struct value *others)
{
	VALUE_EACH (tag, tags)
		if (value_is_string(tag) && tags_have(others, tag->string.data))
			return true;
	return false;
}

static bool
is_chosen(const struct value *tags, const struct value *only)
{
	bool is_never = tags_have(tags, "never");

	if (tags_have(tags, "always") && !is_never)
		return true;
	if (!only->list.count)
		return !is_never;
	if (tags_have(only, "all") && !is_never)
		return true;
	if (tags_meet(tags, only))
		return true;
	if (tags_have(only, "tagged") && tags->list.count && !is_never)
		return true;
	return tags_have(only, "untagged") && !tags->list.count;
}

static bool
is_skipped(const struct value *tags, const struct value *skip)
{
	if (tags_have(skip, "all") && !(tags_have(tags, "always") && !tags_have(skip, "always")))
		return true;
	if (tags_meet(tags, skip))
		return true;
	if (tags_have(skip, "tagged") && tags->list.count)
		return true;
	return tags_have(skip, "untagged") && !tags->list.count;
}

bool
tags_choose(const struct value *tags, const struct value *only, const struct value *skip)
{
	return is_chosen(tags, only) && !(skip->list.count && is_skipped(tags, skip));
}
