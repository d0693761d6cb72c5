/*
 * Unified diffs with three lines of context, as `ansible-playbook --diff` prints them. Myers'
 * greedy algorithm over lines; what is larger than its bounds is shown as replaced whole.
 */
#include "orchestrator/report/diff.h"

#include "json/json.h"

enum { CONTEXT = 3, MOST_EDITS = 2000 };

struct lines {
	struct view *items;
	size_t count;
};

static struct lines
lines_split(struct arena *arena, struct view text)
{
	struct lines lines = { 0 };
	size_t room = 1;

	for (size_t i = 0; i < text.length; i++)
		room += text.data[i] == '\n';
	lines.items = arena_array(arena, room, struct view);
	while (text.length) {
		const char *end = memchr(text.data, '\n', text.length);
		size_t length = end ? (size_t)(end - text.data) + 1 : text.length;

		lines.items[lines.count++] = (struct view){ text.data, length };
		text = (struct view){ text.data + length, text.length - length };
	}
	return lines;
}

enum edit_kind { EDIT_SAME, EDIT_GONE, EDIT_NEW };
struct edit {
	enum edit_kind kind;
	size_t before, after; /* line numbers, from 0 */
};
struct edits {
	struct edit *items;
	size_t count;
};

static void
edits_whole(struct edits *edits, size_t before, size_t after)
{
	for (size_t i = 0; i < before; i++)
		edits->items[edits->count++] = (struct edit){ EDIT_GONE, i, 0 };
	for (size_t i = 0; i < after; i++)
		edits->items[edits->count++] = (struct edit){ EDIT_NEW, before, i };
}

/* Walks the trace back from the end; edits come out in reverse. */
static void
edits_walk_back(struct edits *edits, int *const *trace, int depth, int x, int y)
{
	size_t from = edits->count;

	for (int d = depth; d > 0; d--) {
		const int *v = trace[d - 1] + d;
		int k = x - y, previous_k, previous_x, previous_y;

		previous_k = k == -d || (k != d && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
		previous_x = v[previous_k];
		previous_y = previous_x - previous_k;
		while (x > previous_x && y > previous_y) {
			x--;
			y--;
			edits->items[edits->count++] =
				(struct edit){ EDIT_SAME, (size_t)x, (size_t)y };
		}
		if (x == previous_x)
			edits->items[edits->count++] =
				(struct edit){ EDIT_NEW, (size_t)x, (size_t)--y };
		else
			edits->items[edits->count++] =
				(struct edit){ EDIT_GONE, (size_t)--x, (size_t)y };
	}
	while (x > 0 && y > 0) {
		x--;
		y--;
		edits->items[edits->count++] = (struct edit){ EDIT_SAME, (size_t)x, (size_t)y };
	}
	for (size_t i = from, j = edits->count; i + 1 < j; i++) {
		struct edit swap = edits->items[i];

		edits->items[i] = edits->items[--j];
		edits->items[j] = swap;
	}
}

static struct edits
edits_find(struct arena *arena, const struct lines *before, const struct lines *after)
{
	int n = (int)before->count, m = (int)after->count, most = MIN(n + m, MOST_EDITS);
	struct edits edits = { .items = arena_array(
				       arena, before->count + after->count + 1, struct edit) };
	int **trace = arena_array(arena, (size_t)most + 1, int *);
	int *v = arena_array(arena, (size_t)most * 2 + 3, int);

	v += most + 1;
	for (int d = 0; d <= most; d++) {
		for (int k = -d; k <= d; k += 2) {
			int x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1]
									   : v[k - 1] + 1,
			    y = x - k;

			while (x < n && y < m && view_equals(before->items[x], after->items[y])) {
				x++;
				y++;
			}
			v[k] = x;
			if (x >= n && y >= m) {
				edits_walk_back(&edits, trace, d, n, m);
				return edits;
			}
		}
		trace[d] = arena_array(arena, (size_t)d * 2 + 3, int);
		memcpy(trace[d], v - d - 1, ((size_t)d * 2 + 3) * sizeof(int));
	}
	edits_whole(&edits, before->count, after->count);
	return edits;
}

static void
add_line(struct str *out, char sign, struct view line, bool is_colored)
{
	const char *color = !is_colored	  ? NULL
			    : sign == '-' ? "\033[0;31m"
			    : sign == '+' ? "\033[0;32m"
					  : NULL;
	bool has_end = view_ends(line, "\n");

	if (color)
		str_add(out, color);
	str_add_char(out, sign);
	str_add_bytes(out, line.data, line.length - has_end);
	if (color)
		str_add(out, "\033[0m");
	str_add_char(out, '\n');
	if (!has_end)
		str_add(out, "\\ No newline at end of file\n");
}

static void
add_span(struct str *out, size_t start, size_t count)
{
	if (count == 1)
		str_add_format(out, "%zu", start + 1);
	else
		str_add_format(out, "%zu,%zu", count ? start + 1 : start, count);
}

/* One hunk: edits[from..to). */
static void
add_hunk(struct str *out, const struct edits *edits, size_t from, size_t to,
	const struct lines *before, const struct lines *after, bool is_colored)
{
	size_t gone = 0, new = 0;

	for (size_t i = from; i < to; i++) {
		gone += edits->items[i].kind != EDIT_NEW;
		new += edits->items[i].kind != EDIT_GONE;
	}
	if (is_colored)
		str_add(out, "\033[0;36m");
	str_add(out, "@@ -");
	add_span(out, edits->items[from].before, gone);
	str_add(out, " +");
	add_span(out, edits->items[from].after, new);
	str_add(out, is_colored ? " @@\033[0m\n" : " @@\n");
	for (size_t i = from; i < to; i++) {
		const struct edit *edit = &edits->items[i];

		if (edit->kind == EDIT_NEW)
			add_line(out, '+', after->items[edit->after], is_colored);
		else
			add_line(out, edit->kind == EDIT_GONE ? '-' : ' ',
				before->items[edit->before], is_colored);
	}
}

static void
add_hunks(struct str *out, const struct edits *edits, const struct lines *before,
	const struct lines *after, bool is_colored)
{
	size_t i = 0;

	while (i < edits->count) {
		size_t from, to, last;

		while (i < edits->count && edits->items[i].kind == EDIT_SAME)
			i++;
		if (i == edits->count)
			return;
		from = i > CONTEXT ? i - CONTEXT : 0;
		for (last = i; i < edits->count && i - last <= 2 * CONTEXT; i++)
			if (edits->items[i].kind != EDIT_SAME)
				last = i;
		to = MIN(last + 1 + CONTEXT, edits->count);
		add_hunk(out, edits, from, to, before, after, is_colored);
		i = to;
	}
}

/* A side that is no text (file's state, mode …) is shown as JSON. */
static struct view
side_text(struct arena *arena, const struct value *side)
{
	struct json_style style = { 0 };
	struct str text = STR_INIT;
	struct view view;

	if (!side || value_is_none(side))
		return VIEW("");
	if (value_is_string(side))
		return value_string_view(side);
	style.indent = 4;
	style.sort_keys = true;
	json_add(side, &style, &text);
	str_add_char(&text, '\n');
	view = (struct view){ arena_view(arena, str_view(&text)), text.length };
	str_release(&text);
	return view;
}

static void
add_header(struct str *out, const char *sign, const char *word, const struct value *header,
	bool is_colored)
{
	str_add_format(out, "%s%s %s",
		is_colored ? (*sign == '-' ? "\033[0;31m" : "\033[0;32m") : "", sign, word);
	if (value_is_string(header))
		str_add_format(out, ": %s", value_string(header));
	str_add(out, is_colored ? "\033[0m\n" : "\n");
}

static void
diff_add_one(const struct value *diff, size_t largest, bool is_colored, struct str *out)
{
	const struct value *prepared = value_get(diff, "prepared");
	struct arena arena;
	struct view before, after;
	struct lines old, new;
	struct edits edits;

	if (value_is_string(prepared)) {
		str_add_view(out, value_string_view(prepared));
		return;
	}
	if (!value_get(diff, "before") && !value_get(diff, "after"))
		return;
	arena_init(&arena);
	before = side_text(&arena, value_get(diff, "before"));
	after = side_text(&arena, value_get(diff, "after"));
	if (before.length > largest || after.length > largest) {
		str_add_format(
			out, "diff skipped: destination file size is greater than %zu\n", largest);
	} else if (!view_equals(before, after)) {
		old = lines_split(&arena, before);
		new = lines_split(&arena, after);
		edits = edits_find(&arena, &old, &new);
		add_header(out, "---", "before", value_get(diff, "before_header"), is_colored);
		add_header(out, "+++", "after", value_get(diff, "after_header"), is_colored);
		add_hunks(out, &edits, &old, &new, is_colored);
	}
	arena_release(&arena);
}

void
diff_add(const struct value *diff, size_t largest, bool is_colored, struct str *out)
{
	if (value_is_list(diff)) {
		VALUE_EACH (item, diff)
			if (value_is_map(item))
				diff_add_one(item, largest, is_colored, out);
	} else if (value_is_map(diff)) {
		diff_add_one(diff, largest, is_colored, out);
	}
}
