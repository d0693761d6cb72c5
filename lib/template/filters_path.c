/* Filters of paths and URLs. They work on text; realpath and expanduser look at the controller. */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <sys/stat.h>

#include "template/evaluation.h"
#include "template/unicode.h"

static bool
give_view(struct call *call, struct view text, const struct value **out)
{
	*out = value_view(call_arena(call), text);
	return true;
}

static struct view
directory_of(struct view path)
{
	size_t length = path.length;

	while (length && path.data[length - 1] != '/')
		length--;
	path.length = length;
	while (length && path.data[length - 1] == '/')
		length--;
	if (length)
		path.length = length;
	return path;
}

static struct view
base_of(struct view path)
{
	size_t start = path.length;

	while (start && path.data[start - 1] != '/')
		start--;
	return (struct view){ path.data + start, path.length - start };
}

static bool
part_call(struct call *call, const struct value **out)
{
	struct view path;

	if (!call_text(call, call->input, "", &path))
		return false;
	return give_view(
		call, call->function->name[0] == 'b' ? base_of(path) : directory_of(path), out);
}

static bool
splitext_call(struct call *call, const struct value **out)
{
	struct value *tuple = value_list(call_arena(call));
	struct view path, base;
	size_t dot, first = 0;

	if (!call_text(call, call->input, "", &path))
		return false;
	base = base_of(path);
	while (first < base.length && base.data[first] == '.')
		first++;
	for (dot = base.length; dot > first && base.data[dot - 1] != '.'; dot--)
		;
	dot = dot > first ? path.length - base.length + dot - 1 : path.length;
	tuple->flags |= VALUE_TUPLE;
	value_add(call_arena(call), tuple, value_bytes(call_arena(call), path.data, dot));
	value_add(call_arena(call), tuple,
		value_bytes(call_arena(call), path.data + dot, path.length - dot));
	*out = tuple;
	return true;
}

static void
normal_add(struct view path, struct str *out)
{
	bool is_absolute = view_starts(path, "/");
	size_t root, keep = 0;
	struct view piece;

	str_add(out, !is_absolute					    ? ""
		     : view_starts(path, "//") && !view_starts(path, "///") ? "//"
									    : "/");
	root = out->length;
	while (view_cut(&path, '/', &piece)) {
		if (!piece.length || view_is(piece, "."))
			continue;
		if (view_is(piece, "..") && (out->length > root + keep || is_absolute)) {
			while (out->length > root + keep && out->data[out->length - 1] != '/')
				str_cut(out, out->length - 1);
			if (out->length > root)
				str_cut(out, out->length - 1);
			continue;
		}
		if (out->length > root)
			str_add_char(out, '/');
		str_add_view(out, piece);
		if (view_is(piece, ".."))
			keep = out->length - root;
	}
	if (!out->length)
		str_add(out, ".");
}

static bool
normpath_call(struct call *call, const struct value **out)
{
	struct view path;
	struct str text;

	if (!call_text(call, call->input, "", &path))
		return false;
	str_init(&text);
	normal_add(path, &text);
	return call_give(call, &text, out);
}

static bool
realpath_call(struct call *call, const struct value **out)
{
	char *resolved, directory[PATH_MAX];
	struct view path;
	struct str text;

	if (!call_text(call, call->input, "", &path))
		return false;
	resolved = realpath(path.length ? path.data : ".", NULL);
	if (resolved) {
		*out = value_text(call_arena(call), resolved);
		free(resolved);
		return true;
	}
	str_init(&text);
	if (!view_starts(path, "/") && getcwd(directory, sizeof(directory))) {
		const char *whole = arena_format(call_arena(call), "%s/%s", directory, path.data);

		normal_add(view_of(whole), &text);
	} else {
		normal_add(path, &text);
	}
	return call_give(call, &text, out);
}

static bool
relpath_call(struct call *call, const struct value **out)
{
	struct view path, start;
	struct str a, b, text;
	char here[PATH_MAX];
	size_t common = 0;

	if (!call_text(call, call->input, "", &path) ||
		!call_text(call, call->args[0], ".", &start))
		return false;
	if (!path.length)
		return call_fail(call, ERR_TYPE, "no path specified");
	if (view_starts(path, "/") != view_starts(start, "/") && getcwd(here, sizeof(here))) {
		struct view *relative = view_starts(path, "/") ? &start : &path;

		*relative = view_of(arena_format(call_arena(call), "%s/%s", here, relative->data));
	}
	str_init(&a);
	str_init(&b);
	str_init(&text);
	normal_add(path, &a);
	normal_add(start, &b);
	if (text_equals(a.data, "."))
		str_clear(&a);
	if (text_equals(b.data, ".") || text_equals(b.data, "/"))
		str_clear(&b);
	for (size_t i = 0; i <= MIN(a.length, b.length) && (!i || a.data[i - 1] == b.data[i - 1]);
		i++)
		if ((i == a.length || a.data[i] == '/') && (i == b.length || b.data[i] == '/'))
			common = i;
	for (const char *at = b.data + common; *at; at++)
		if (*at == '/' || (at == b.data && *at))
			str_add(&text, text.length ? "/.." : "..");
	if (a.length > common) {
		size_t from = common + (a.data[common] == '/');

		str_add(&text, text.length && a.length > from ? "/" : "");
		str_add_bytes(&text, a.data + from, a.length - from);
	}
	if (!text.length)
		str_add(&text, ".");
	str_release(&a);
	str_release(&b);
	return call_give(call, &text, out);
}

static bool
expanduser_call(struct call *call, const struct value **out)
{
	const char *home = getenv("HOME");
	struct view path;

	if (!call_text(call, call->input, "", &path))
		return false;
	if (!home || !view_starts(path, "~") || (path.length > 1 && path.data[1] != '/'))
		return give_view(call, path, out);
	*out = value_format(call_arena(call), "%s%s", home, path.data + 1);
	return true;
}

static bool
expandvars_call(struct call *call, const struct value **out)
{
	struct view path;
	struct str text;

	if (!call_text(call, call->input, "", &path))
		return false;
	str_init(&text);
	for (size_t i = 0; i < path.length; i++) {
		bool in_braces =
			path.data[i] == '$' && i + 1 < path.length && path.data[i + 1] == '{';
		size_t from = i + 1 + in_braces, to = from;
		const char *value;

		while (path.data[i] == '$' && to < path.length &&
			(isalnum((unsigned char)path.data[to]) || path.data[to] == '_'))
			to++;
		if (to == from || (in_braces && (to == path.length || path.data[to] != '}'))) {
			str_add_char(&text, path.data[i]);
			continue;
		}
		value = getenv(arena_bytes(call_arena(call), path.data + from, to - from));
		if (value)
			str_add(&text, value);
		else
			str_add_bytes(&text, path.data + i, to + in_braces - i);
		i = to + in_braces - 1;
	}
	return call_give(call, &text, out);
}

static bool
path_join_call(struct call *call, const struct value **out)
{
	const struct value *items = call->input;
	struct view piece;
	struct str text;

	if (value_is_string(items))
		return give_view(call, value_string_view(items), out);
	if (!value_is_list(items))
		return call_fail(call, ERR_TYPE,
			"|path_join expects string or sequence, got <class '%s'> instead.",
			value_type_name(items));
	if (!items->list.count)
		return call_fail(call, ERR_TYPE, "path_join: there is nothing to join");
	str_init(&text);
	VALUE_EACH (item, items) {
		if (!value_is_string(item)) {
			str_release(&text);
			return call_fail(call, ERR_TYPE,
				"path_join: expected str, bytes or os.PathLike object, not %s",
				value_type_name(item));
		}
		piece = value_string_view(item);
		if (view_starts(piece, "/"))
			str_clear(&text);
		else if (text.length && text.data[text.length - 1] != '/')
			str_add_char(&text, '/');
		str_add_view(&text, piece);
	}
	return call_give(call, &text, out);
}

/* ---- Windows paths ---- */

static bool
win_part_call(struct call *call, const struct value **out)
{
	struct view path;
	size_t at, drive;

	if (!call_text(call, call->input, "", &path))
		return false;
	drive = path.length > 1 && path.data[1] == ':' ? 2 : 0;
	if (text_equals(call->function->name, "win_splitdrive")) {
		struct value *tuple = value_list(call_arena(call));

		tuple->flags |= VALUE_TUPLE;
		value_add(call_arena(call), tuple, value_bytes(call_arena(call), path.data, drive));
		value_add(call_arena(call), tuple,
			value_bytes(call_arena(call), path.data + drive, path.length - drive));
		*out = tuple;
		return true;
	}
	for (at = path.length; at > drive && !strchr("/\\", path.data[at - 1]); at--)
		;
	if (text_equals(call->function->name, "win_basename"))
		return give_view(call, (struct view){ path.data + at, path.length - at }, out);
	path.length = at;
	while (at > drive && strchr("/\\", path.data[at - 1]))
		at--;
	if (at > drive)
		path.length = at;
	return give_view(call, path, out);
}

/* ---- what is there ---- */

/* The files that a shell pattern matches. */
static bool
fileglob_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	struct stat info;
	glob_t found;

	*out = list;
	if (glob(value_string(call->input), 0, NULL, &found) != 0)
		return true;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (stat(found.gl_pathv[i], &info) == 0 && S_ISREG(info.st_mode))
			value_add(call_arena(call), list,
				value_text(call_arena(call), found.gl_pathv[i]));
	globfree(&found);
	return true;
}

/* ---- URLs ---- */

static void
cut_at(struct view *rest, const char *set, struct view *piece)
{
	size_t at = 0;

	while (at < rest->length && !(rest->data[at] && strchr(set, rest->data[at])))
		at++;
	*piece = (struct view){ rest->data, at };
	*rest = (struct view){ rest->data + at, rest->length - at };
}

static void
set_view(struct call *call, struct value *map, const char *name, struct view text)
{
	value_set(call_arena(call), map, name,
		text.data ? value_view(call_arena(call), text) : &value_none);
}

static void
authority_read(struct call *call, struct value *map, struct view authority)
{
	struct view user = { NULL, 0 }, password = { NULL, 0 }, port = { NULL, 0 },
		    host = authority;
	const char *at = authority.length ? memrchr(authority.data, '@', authority.length) : NULL,
		   *colon;
	int64_t number;
	struct str lower;

	if (at) {
		user = (struct view){ authority.data, (size_t)(at - authority.data) };
		host = (struct view){ at + 1, authority.length - user.length - 1 };
		colon = user.length ? memchr(user.data, ':', user.length) : NULL;
		if (colon) {
			password = (struct view){ colon + 1,
				user.length - (size_t)(colon - user.data) - 1 };
			user.length = (size_t)(colon - user.data);
		}
	}
	colon = host.length ? memrchr(host.data, ':', host.length) : NULL;
	if (colon && !memchr(colon, ']', host.length - (size_t)(colon - host.data))) {
		port = (struct view){ colon + 1, host.length - (size_t)(colon - host.data) - 1 };
		host.length = (size_t)(colon - host.data);
	}
	if (host.length > 1 && host.data[0] == '[')
		host = (struct view){ host.data + 1, host.length - 2 };
	str_init(&lower);
	for (size_t i = 0; i < host.length; i++)
		str_add_char(&lower, (char)tolower((unsigned char)host.data[i]));
	set_view(call, map, "hostname", host.length ? str_view(&lower) : (struct view){ NULL, 0 });
	str_release(&lower);
	set_view(call, map, "username", user);
	set_view(call, map, "password", password);
	value_set(call_arena(call), map, "port",
		port.length && number_parse(port, &number) ? value_int(call_arena(call), number)
							   : &value_none);
}

static const char *const url_parts[] = { "fragment", "hostname", "netloc", "password", "path",
	"port", "query", "scheme", "username" };

static bool
urlsplit_call(struct call *call, const struct value **out)
{
	struct value *map = value_map(call_arena(call));
	struct view rest, scheme = VIEW(""), authority = VIEW(""), path, query = VIEW(""),
			  fragment = VIEW("");
	struct view name;
	struct str clean;
	size_t colon = 0;

	if (!call_text(call, call->input, "", &rest) || !call_text(call, call->args[0], "", &name))
		return false;
	str_init(&clean); /* line ends and tabs do not count */
	for (size_t i = 0; i < rest.length; i++)
		if (!strchr("\r\n\t", rest.data[i]) || !rest.data[i])
			str_add_char(&clean, rest.data[i]);
	rest = value_string_view(call_take(call, &clean));
	while (colon < rest.length &&
		(isalnum((unsigned char)rest.data[colon]) || strchr("+-.", rest.data[colon])))
		colon++;
	if (colon && colon < rest.length && rest.data[colon] == ':' &&
		isalpha((unsigned char)rest.data[0])) {
		str_init(&clean);
		text_add_case(&clean, (struct view){ rest.data, colon }, CASE_LOWER);
		scheme = value_string_view(call_take(call, &clean));
		rest = (struct view){ rest.data + colon + 1, rest.length - colon - 1 };
	}
	if (view_starts(rest, "//")) {
		rest = (struct view){ rest.data + 2, rest.length - 2 };
		cut_at(&rest, "/?#", &authority);
	}
	cut_at(&rest, "?#", &path);
	if (view_starts(rest, "?")) {
		rest = (struct view){ rest.data + 1, rest.length - 1 };
		cut_at(&rest, "#", &query);
	}
	if (view_starts(rest, "#"))
		fragment = (struct view){ rest.data + 1, rest.length - 1 };
	for (size_t i = 0; i < ARRAY_SIZE(url_parts); i++) /* in the order of their names */
		value_set(call_arena(call), map, url_parts[i], &value_none);
	set_view(call, map, "fragment", fragment);
	authority_read(call, map, authority);
	set_view(call, map, "netloc", authority);
	set_view(call, map, "path", path);
	set_view(call, map, "query", query);
	set_view(call, map, "scheme", scheme);
	*out = map;
	if (!name.length)
		return true;
	*out = value_get_view(map, name);
	return *out ? true
		    : call_fail(call, ERR_TYPE, "urlsplit: unknown URL component: %s", name.data);
}

const struct function filters_path[] = {
	{ "basename", "", part_call, "What stands behind the last slash.", NEEDS_TEXT },
	{ "dirname", "", part_call, "What stands in front of the last slash.", NEEDS_TEXT },
	{ "splitext", "", splitext_call, "Path and extension.", NEEDS_TEXT },
	{ "normpath", "", normpath_call, "Without . and .. and double slashes." },
	{ "realpath", "", realpath_call, "With symbolic links resolved.", NEEDS_TEXT },
	{ "fileglob", "", fileglob_call, "The files that a pattern matches.", NEEDS_TEXT },
	{ "relpath", "start='.'", relpath_call, "As seen from another directory.", NEEDS_TEXT },
	{ "expanduser", "", expanduser_call, "With ~ as the home directory.", NEEDS_TEXT },
	{ "expandvars", "", expandvars_call, "With variables of the environment." },
	{ "path_join", "", path_join_call, "Parts joined by slashes." },
	{ "win_basename", "", win_part_call, "The last part of a Windows path.", NEEDS_TEXT },
	{ "win_dirname", "", win_part_call, "The directory of a Windows path.", NEEDS_TEXT },
	{ "win_splitdrive", "", win_part_call, "Drive and path.", NEEDS_TEXT },
	{ "urlsplit", "component=''", urlsplit_call, "The parts of a URL.", NEEDS_TEXT }, { NULL }
};
