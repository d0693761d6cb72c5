/* Unescaped texts, told apart from markup by what follows the character. */
#include "inventory/aws/xml_mend.h"

#include <ctype.h>

enum held { HELD_MORE, HELD_MARKUP, HELD_TEXT };

void
xml_mender_init(struct xml_mender *mender)
{
	*mender = (struct xml_mender){ .count = 0 };
	str_init(&mender->out);
}

void
xml_mender_release(struct xml_mender *mender)
{
	str_release(&mender->out);
}

/* &#228; and &#xe4; */
static enum held
number_judge(const struct xml_mender *mender)
{
	bool is_hex = mender->count > 2 && mender->held[2] == 'x';
	size_t first = is_hex ? 3 : 2, at = first;

	while (at < mender->count && (is_hex ? isxdigit((unsigned char)mender->held[at])
					     : isdigit((unsigned char)mender->held[at])))
		at++;
	if (at == mender->count)
		return at < sizeof(mender->held) ? HELD_MORE : HELD_TEXT;
	return mender->held[at] == ';' && at > first ? HELD_MARKUP : HELD_TEXT;
}

static enum held
held_judge(const struct xml_mender *mender)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	unsigned char second = (unsigned char)mender->held[1];

	if (mender->count < 2)
		return HELD_MORE;
	if (mender->held[0] == '<')
		return isalpha(second) || (second && strchr("/!?_", second)) ? HELD_MARKUP
									     : HELD_TEXT;
	for (size_t i = 0; i < ARRAY_SIZE(entities); i++)
		if (!strncmp(entities[i], mender->held, mender->count))
			return entities[i][mender->count] ? HELD_MORE : HELD_MARKUP;
	return second == '#' ? number_judge(mender) : HELD_TEXT;
}

static void
held_release(struct xml_mender *mender, enum held what)
{
	size_t from = what == HELD_TEXT ? 1 : 0;

	if (from)
		str_add(&mender->out, mender->held[0] == '<' ? "&lt;" : "&amp;");
	str_add_bytes(&mender->out, mender->held + from, mender->count - from);
	mender->count = 0;
}

struct view
xml_mend(struct xml_mender *mender, struct view bytes)
{
	str_clear(&mender->out);
	for (size_t i = 0; i < bytes.length; i++) {
		char c = bytes.data[i];
		enum held what;

		/* The next one may begin before it is known what this one was. */
		if (mender->count && (c == '<' || c == '&'))
			held_release(mender, HELD_TEXT);
		if (!mender->count && c != '<' && c != '&') {
			str_add_char(&mender->out, c);
			continue;
		}
		mender->held[mender->count++] = c;
		what = held_judge(mender);
		if (what != HELD_MORE)
			held_release(mender, what);
	}
	return str_view(&mender->out);
}

struct view
xml_mend_end(struct xml_mender *mender)
{
	str_clear(&mender->out);
	if (mender->count)
		held_release(mender, HELD_TEXT);
	return str_view(&mender->out);
}
