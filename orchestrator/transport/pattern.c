/* Wildcards as ssh means them. */
#include "orchestrator/transport/pattern.h"

#include <ctype.h>

static bool
same_letter(char a, char b, bool ignore_case)
{
	if (ignore_case)
		return tolower((unsigned char)a) == tolower((unsigned char)b);
	return a == b;
}

/* Only the last `*` is ever tried again: an earlier one cannot do better, and hostile patterns
 * cannot cost more. */
bool
pattern_matches(struct view pattern, const char *text, bool ignore_case)
{
	size_t at = 0, star = SIZE_MAX;
	const char *resume = NULL;

	while (*text) {
		if (at < pattern.length && pattern.data[at] == '*') {
			star = at++;
			resume = text;
		} else if (at < pattern.length &&
			   (pattern.data[at] == '?' ||
				   same_letter(pattern.data[at], *text, ignore_case))) {
			at++;
			text++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (at < pattern.length && pattern.data[at] == '*')
		at++;
	return at == pattern.length;
}

int
pattern_list_verdict(struct view list, char separator, const char *text, bool ignore_case)
{
	struct view piece;
	int verdict = 0;

	while (view_cut(&list, separator, &piece)) {
		bool excludes = piece.length && piece.data[0] == '!';

		piece.data += excludes;
		piece.length -= excludes;
		if (!piece.length || !pattern_matches(piece, text, ignore_case))
			continue;
		if (excludes)
			return -1;
		verdict = 1;
	}
	return verdict;
}

bool
pattern_list_matches(struct view list, char separator, const char *text, bool ignore_case)
{
	return pattern_list_verdict(list, separator, text, ignore_case) > 0;
}
