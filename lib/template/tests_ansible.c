/* Ansible's tests: results of tasks, versions, regular expressions, sets, files. */
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <sys/stat.h>

#include "template/evaluation.h"
#include "template/text.h"

static bool
result_flag(const struct value *result, const char *name)
{
	const struct value *flag = value_get(result, name);
	bool is_true = false;

	return flag && (value_to_bool(flag, &is_true) ? is_true : value_is_true(flag));
}

/* A loop's result has changed, or was skipped, as its items were; the controller writes both at the
 * top as well. */
static bool
is_changed(const struct value *result)
{
	const struct value *results = value_get(result, "results");

	if (value_get(result, "changed") || !value_is_list(results))
		return result_flag(result, "changed");
	VALUE_EACH (item, results)
		if (value_is_map(item) && result_flag(item, "changed"))
			return true;
	return false;
}

static bool
result_call(struct call *call, const struct value **out)
{
	static const struct {
		const char *name, *flag;
		bool is_wanted;
	} names[] = { { "failed", "failed", true }, { "failure", "failed", true },
		{ "success", "failed", false }, { "succeeded", "failed", false },
		{ "successful", "failed", false }, { "changed", NULL, true },
		{ "change", NULL, true }, { "skipped", "skipped", true },
		{ "skip", "skipped", true }, { "unreachable", "unreachable", true },
		{ "reachable", "unreachable", false }, { "timedout", "timedout", true } };
	const char *name = call->function->name;
	const struct value *result;

	if (!value_plain(call->run, call->input, &result))
		return false;
	if (!value_is_map(result))
		return call_fail(call, ERR_TYPE, "The '%s' test expects a dictionary", name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equals(name, names[i].name))
			return give_bool((names[i].flag ? result_flag(result, names[i].flag)
							: is_changed(result)) == names[i].is_wanted,
				out);
	return give_bool(false, out);
}

/* started and finished belong to async jobs; what is no job counts as both. */
static bool
job_call(struct call *call, const struct value **out)
{
	const struct value *flag;

	if (!value_is_map(call->input))
		return call_fail(call, ERR_TYPE, "The 'async' test expects a dictionary");
	flag = value_get(call->input, call->function->name);
	return give_bool(flag ? value_is_true(flag) : true, out);
}

/* ---- regular expressions ---- */

static bool
regex_test(struct call *call, enum regex_anchor anchor, unsigned flags, const struct value **out)
{
	struct view text, pattern;
	struct regex *regex;
	bool ok, is_found = false;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "", &pattern) ||
		!template_regex_compile(call, pattern, flags, &regex))
		return false;
	ok = regex_find(call, regex, text, anchor, &is_found);
	template_regex_free(regex);
	return ok && give_bool(is_found, out);
}

static bool
search_call(struct call *call, const struct value **out)
{
	unsigned flags = (call_flag(call, 1, false) ? REGEX_IGNORECASE : 0u) |
			 (call_flag(call, 2, false) ? REGEX_MULTILINE : 0u);
	const char *type = call->args[3] ? value_string(call->args[3]) : NULL;
	enum regex_anchor anchor = call->function->name[0] == 'm' || text_equals(type, "match")
					   ? REGEX_MATCH
				   : text_equals(type, "fullmatch") ? REGEX_FULLMATCH
								    : REGEX_SEARCH;

	return regex_test(call, anchor, flags, out);
}

/* ---- versions, as distutils' LooseVersion and StrictVersion compare them ---- */

static size_t
piece_length(struct view text)
{
	size_t length = 1;
	bool is_digit = text.length && isdigit((unsigned char)text.data[0]);

	if (!is_digit && !isalpha((unsigned char)text.data[0]))
		return 1;
	while (length < text.length && (is_digit ? isdigit((unsigned char)text.data[length]) != 0
						 : isalpha((unsigned char)text.data[length]) != 0))
		length++;
	return length;
}

/* The next run of digits, run of letters, or single sign; dots only part. */
static bool
piece_next(struct view *text, struct view *piece)
{
	while (text->length && text->data[0] == '.') {
		text->data++;
		text->length--;
	}
	if (!text->length)
		return false;
	piece->data = text->data;
	piece->length = piece_length(*text);
	text->data += piece->length;
	text->length -= piece->length;
	return true;
}

static struct view
zeros_skip(struct view digits)
{
	while (digits.length > 1 && digits.data[0] == '0') {
		digits.data++;
		digits.length--;
	}
	return digits;
}

static int
bytes_compare(struct view a, struct view b)
{
	int order = memcmp(a.data, b.data, MIN(a.length, b.length));

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int
pieces_compare(struct view a, struct view b, bool *is_comparable)
{
	bool a_is_number = isdigit((unsigned char)a.data[0]),
	     b_is_number = isdigit((unsigned char)b.data[0]);

	*is_comparable = a_is_number == b_is_number;
	if (!a_is_number || !b_is_number)
		return bytes_compare(a, b);
	a = zeros_skip(a);
	b = zeros_skip(b);
	return a.length != b.length ? (a.length > b.length) - (a.length < b.length)
				    : bytes_compare(a, b);
}

static int
loose_compare(struct view a, struct view b, bool *is_comparable)
{
	struct view x, y;
	bool has_x, has_y;

	*is_comparable = true;
	for (;;) {
		int order;

		has_x = piece_next(&a, &x);
		has_y = piece_next(&b, &y);
		if (!has_x || !has_y)
			return has_x - has_y;
		order = pieces_compare(x, y, is_comparable);
		if (order || !*is_comparable)
			return order;
	}
}

/* "1.2", "1.2.3", "1.2a1", "1.2.3-rc.1+build": numbers, then a release in front of which its betas
 * come. */
static int
strict_compare(struct view a, struct view b)
{
	struct view x, y;

	for (int i = 0; i < 3; i++) {
		int64_t left = 0, right = 0;
		size_t n = 0, m = 0;

		while (n < a.length && isdigit((unsigned char)a.data[n]))
			n++;
		while (m < b.length && isdigit((unsigned char)b.data[m]))
			m++;
		if ((n && !number_parse((struct view){ a.data, n }, &left)) ||
			(m && !number_parse((struct view){ b.data, m }, &right)))
			return 0;
		if (left != right)
			return left > right ? 1 : -1;
		n += n < a.length && a.data[n] == '.' && i < 2;
		m += m < b.length && b.data[m] == '.' && i < 2;
		a = (struct view){ a.data + n, a.length - n };
		b = (struct view){ b.data + m, b.length - m };
	}
	while (view_cut(&a, '+', &x) && a.data)
		a = (struct view){ NULL, 0 };
	while (view_cut(&b, '+', &y) && b.data)
		b = (struct view){ NULL, 0 };
	if (!x.length || !y.length)
		return (y.length > 0) - (x.length > 0);
	return loose_compare(x, y, &(bool){ true });
}

/* Does it read as a version of this type does? */
static bool
version_is_valid(struct call *call, struct view version, bool is_semantic, bool *out)
{
	const struct value *text = value_view(call_arena(call), version);
	struct regex *regex;
	bool ok;

	if (!template_regex_compile(call,
		    is_semantic ? VIEW("\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?")
				: VIEW("\\d+\\.\\d+(\\.\\d+)?([ab]\\d+)?"),
		    0, &regex))
		return false;
	ok = regex_find(call, regex, value_string_view(text), REGEX_FULLMATCH, out);
	template_regex_free(regex);
	return ok;
}

static bool
versions_check(struct call *call, struct view version, struct view other, struct view type)
{
	bool is_semantic = view_is(type, "semver") || view_is(type, "semantic"), is_valid;
	struct view both[] = { version, other };

	if (view_is(type, "pep440"))
		return true;
	for (int i = 0; i < 2; i++) {
		if (!version_is_valid(call, both[i], is_semantic, &is_valid))
			return false;
		if (!is_valid)
			return call_fail(call, ERR_TYPE,
				"Version comparison failed: invalid version number '%s'",
				both[i].data);
	}
	return true;
}

static bool
operator_holds(struct view symbol, int order, bool *out)
{
	static const struct {
		const char *names[4];
		bool less, equal, greater;
	} operators[] = { { { "==", "=", "eq", NULL }, false, true, false },
		{ { "<", "lt", NULL }, true, false, false },
		{ { "<=", "le", NULL }, true, true, false },
		{ { ">", "gt", NULL }, false, false, true },
		{ { ">=", "ge", NULL }, false, true, true },
		{ { "!=", "<>", "ne", NULL }, true, false, true } };

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		for (int j = 0; j < 4 && operators[i].names[j]; j++)
			if (view_is(symbol, operators[i].names[j])) {
				*out = order < 0   ? operators[i].less
				       : order > 0 ? operators[i].greater
						   : operators[i].equal;
				return true;
			}
	return false;
}

static bool
version_call(struct call *call, const struct value **out)
{
	bool is_strict =
		call->args[2] && !value_is_none(call->args[2]) && value_is_true(call->args[2]);
	bool is_comparable = true, is_true;
	struct view version, other, symbol, type;
	int order;

	if (!call_text(call, call->input, "", &version) ||
		!call_text(call, call->args[0], "", &other) ||
		!call_text(call, call->args[1], "eq", &symbol) ||
		!call_text(
			call, value_is_none(call->args[3]) ? NULL : call->args[3], "loose", &type))
		return false;
	if (!value_is_none(call->args[2]) && !value_is_none(call->args[3]))
		return call_fail(call, ERR_TYPE, "Cannot specify both 'strict' and 'version_type'");
	if (!version.length || !value_is_true(call->input))
		return call_fail(call, ERR_TYPE, "Input version value cannot be empty");
	if (!other.length || !value_is_true(call->args[0]))
		return call_fail(
			call, ERR_TYPE, "Version parameter to compare against cannot be empty");
	if (!view_is(type, "loose") && !view_is(type, "strict") && !view_is(type, "semver") &&
		!view_is(type, "semantic") && !view_is(type, "pep440"))
		return call_fail(call, ERR_TYPE,
			"Invalid version type (%s). Must be one of loose, strict, semver, "
			"semantic, "
			"pep440",
			type.data);
	is_strict |= !view_is(type, "loose");
	if (is_strict && !versions_check(call, version, other,
				 view_is(type, "loose") ? VIEW("strict") : type))
		return false;
	order = is_strict ? strict_compare(version, other)
			  : loose_compare(version, other, &is_comparable);
	if (!is_comparable)
		return call_fail(call, ERR_TYPE,
			"Version comparison failed: cannot compare '%s' with '%s'", version.data,
			other.data);
	if (!operator_holds(symbol, order, &is_true))
		return call_fail(call, ERR_TYPE,
			"Invalid operator type (%s). Must be one of ==, =, eq, !=, <>, ne, <, lt, "
			"<=, le, >, gt, >=, ge",
			symbol.data);
	return give_bool(is_true, out);
}

/* ---- sets and truth ---- */

static bool
hashable_all(struct call *call, const struct value *items)
{
	VALUE_EACH (item, items)
		if (item->type == VALUE_MAP ||
			(item->type == VALUE_LIST && !(item->flags & VALUE_TUPLE)))
			return call_fail(
				call, ERR_TYPE, "unhashable type: '%s'", value_type_name(item));
	return true;
}

static bool
subset_call(struct call *call, const struct value **out)
{
	bool is_super = strstr(call->function->name, "super") != NULL, is_in;
	const struct value *small, *large;

	if (!call_items(call, is_super ? call->args[0] : call->input, &small) ||
		!call_items(call, is_super ? call->input : call->args[0], &large) ||
		!hashable_all(call, small) || !hashable_all(call, large))
		return false;
	VALUE_EACH (item, small) {
		if (!value_contains(call->run, large, item, &is_in))
			return false;
		if (!is_in)
			return give_bool(false, out);
	}
	return give_bool(true, out);
}

static bool
contains_call(struct call *call, const struct value **out)
{
	bool is_in;

	return value_contains(call->run, call->input, call->args[0], &is_in) &&
	       give_bool(is_in, out);
}

static bool
any_call(struct call *call, const struct value **out)
{
	bool is_any = call->function->name[1] == 'n', is_true;
	const struct value *items;

	if (!call_items(call, call->input, &items))
		return false;
	VALUE_EACH (item, items) {
		if (!value_truth(call->run, item, &is_true))
			return false;
		if (is_true == is_any)
			return give_bool(is_any, out);
	}
	return give_bool(!is_any, out);
}

static bool
truthy_call(struct call *call, const struct value **out)
{
	bool is_true;

	if (!value_truth(call->run, call->input, &is_true))
		return false;
	if (call_flag(call, 0, false) && value_is_string(call->input) &&
		!value_to_bool(call->input, &is_true))
		is_true = value_is_true(call->input);
	return give_bool(is_true == (call->function->name[0] == 't'), out);
}

/* ---- files of the controller ---- */

/* A path, or for the tests that Python gives to stat() the number of an open file. */
static bool
path_of(struct call *call, const struct value *value, bool may_be_number, struct view *path,
	int *fd)
{
	*fd = -1;
	*path = value_string_view(value);
	if (value_is_string(value))
		return true;
	if (!may_be_number || (value->type != VALUE_INT && value->type != VALUE_BOOL))
		return call_fail(call, ERR_TYPE,
			"%s: path should be string, bytes or os.PathLike, not %s",
			call->function->name, value_type_name(value));
	if (value->type == VALUE_INT && (value->integer > INT_MAX || value->integer < INT_MIN))
		return call_fail(call, ERR_TYPE, "fd is greater than maximum");
	*fd = value->type == VALUE_BOOL ? value->boolean : (int)value->integer;
	return true;
}

static bool
mount_is(struct call *call, struct view path, const struct stat *info)
{
	struct stat parent;

	return !S_ISLNK(info->st_mode) &&
	       !stat(arena_format(call_arena(call), "%s/..", path.data), &parent) &&
	       (info->st_dev != parent.st_dev || info->st_ino == parent.st_ino);
}

static bool
file_call(struct call *call, const struct value **out)
{
	const char *kind = call->function->name;
	bool is_lstat = text_ends(kind, "link") || text_ends(kind, "mount") ||
			text_ends(kind, "link_exists");
	struct view path;
	struct stat info;
	bool is_true;
	int fd;

	if (!path_of(call, call->input, !is_lstat, &path, &fd))
		return false;
	is_true = !(fd >= 0	     ? fstat(fd, &info)
			  : is_lstat ? lstat(path.data, &info)
				     : stat(path.data, &info)) &&
		  path.length == (path.data ? strlen(path.data) : 0);
	if (text_ends(kind, "mount"))
		is_true = is_true && mount_is(call, path, &info);
	else if (text_ends(kind, "link"))
		is_true = is_true && S_ISLNK(info.st_mode);
	else if (text_ends(kind, "directory") || text_ends(kind, "dir"))
		is_true = is_true && S_ISDIR(info.st_mode);
	else if (text_ends(kind, "file"))
		is_true = is_true && S_ISREG(info.st_mode);
	return give_bool(is_true, out);
}

static bool
same_file_call(struct call *call, const struct value **out)
{
	struct view paths[2];
	struct stat info[2];
	int fds[2];

	if (!path_of(call, call->input, true, &paths[0], &fds[0]) ||
		!path_of(call, call->args[0], true, &paths[1], &fds[1]))
		return false;
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0 ? fstat(fds[i], &info[i]) : stat(paths[i].data, &info[i]))
			return call_fail(call, ERR_MISSING, "No such file or directory: '%s'",
				paths[i].data);
	return give_bool(info[0].st_dev == info[1].st_dev && info[0].st_ino == info[1].st_ino, out);
}

static bool
absolute_call(struct call *call, const struct value **out)
{
	struct view path;
	int fd;

	return path_of(call, call->input, false, &path, &fd) &&
	       give_bool(view_starts(path, "/"), out);
}

static bool
vault_call(struct call *call, const struct value **out)
{
	return give_bool(call->input->flags & VALUE_VAULT, out);
}

/* uri: any text, of a scheme if some are given; urn: of that scheme; url: says where as well. What
 * is no text counts as the empty text while it is false, as Python's urlparse has it. */
static bool
url_call(struct call *call, const struct value **out)
{
	const char *kind = call->function->name;
	struct view text = value_string_view(call->input), scheme = VIEW("");
	const struct value *schemes = call->args[0];
	const char *colon;
	bool is_true = true, is_in;

	if (call->input->type == VALUE_UNDEFINED ||
		(!value_is_string(call->input) && value_is_true(call->input)))
		return give_bool(false, out);
	colon = text.length ? memchr(text.data, ':', text.length) : NULL;
	if (colon && isalpha((unsigned char)text.data[0]) &&
		strspn(text.data,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") ==
			(size_t)(colon - text.data))
		scheme = (struct view){ text.data, (size_t)(colon - text.data) };
	if (text_equals(kind, "urn"))
		return give_bool(view_is(scheme, "urn"), out);
	if (schemes && value_is_true(schemes)) {
		if (!value_contains(
			    call->run, schemes, value_view(call_arena(call), scheme), &is_in))
			return false;
		is_true = is_in;
	}
	if (text_equals(kind, "url")) {
		const char *rest = text.data + (scheme.length ? scheme.length + 1 : 0);

		is_true = is_true && text.length &&
			  (view_is(scheme, "file") || (rest[0] == '/' && rest[1] == '/' &&
							      rest[2] && !strchr("/?#", rest[2])));
	}
	return give_bool(is_true, out);
}

static bool
nan_call(struct call *call, const struct value **out)
{
	return give_bool(call->input->type == VALUE_FLOAT && isnan(call->input->real), out);
}

#define SEARCH_PARAMS "pattern='' ignorecase=False multiline=False match_type='search'"

const struct function tests_ansible[] = { { "failed", "", result_call, "Did the task fail?" },
	{ "failure", "", result_call, "Did the task fail?" },
	{ "success", "", result_call, "Did the task not fail?" },
	{ "succeeded", "", result_call, "Did the task not fail?" },
	{ "successful", "", result_call, "Did the task not fail?" },
	{ "changed", "", result_call, "Did the task change something?" },
	{ "change", "", result_call, "Did the task change something?" },
	{ "skipped", "", result_call, "Was the task skipped?" },
	{ "skip", "", result_call, "Was the task skipped?" },
	{ "unreachable", "", result_call, "Was the host not reached?" },
	{ "reachable", "", result_call, "Was the host reached?" },
	{ "timedout", "", result_call, "Did the task time out?" },
	{ "started", "", job_call, "Has the job begun?" },
	{ "finished", "", job_call, "Has the job ended?" },
	{ "match", "pattern='' ignorecase=False multiline=False", search_call,
		"Does it begin with a match?" },
	{ "search", "pattern='' ignorecase=False multiline=False", search_call,
		"Is there a match?" },
	{ "regex", SEARCH_PARAMS, search_call, "Is there a match?" },
	{ "version", "version operator='eq' strict=None version_type=None", version_call,
		"Compares versions." },
	{ "version_compare", "version operator='eq' strict=None version_type=None", version_call,
		"Compares versions." },
	{ "subset", "other", subset_call, "Are all in the other list?" },
	{ "issubset", "other", subset_call, "Are all in the other list?" },
	{ "superset", "other", subset_call, "Are all of the other list here?" },
	{ "issuperset", "other", subset_call, "Are all of the other list here?" },
	{ "contains", "item", contains_call, "Is it in here?" },
	{ "any", "", any_call, "Is one true?" }, { "all", "", any_call, "Are all true?" },
	{ "truthy", "convert_bool=False", truthy_call, "Is it true?" },
	{ "falsy", "convert_bool=False", truthy_call, "Is it false?" },
	{ "file", "", file_call, "Is it a file?" }, { "is_file", "", file_call, "Is it a file?" },
	{ "directory", "", file_call, "Is it a directory?" },
	{ "is_dir", "", file_call, "Is it a directory?" },
	{ "link", "", file_call, "Is it a symbolic link?" },
	{ "is_link", "", file_call, "Is it a symbolic link?" },
	{ "exists", "", file_call, "Does it exist?" },
	{ "link_exists", "", file_call, "Does it exist?" },
	{ "mount", "", file_call, "Is it a mount point?" },
	{ "is_mount", "", file_call, "Is it a mount point?" },
	{ "same_file", "other", same_file_call, "Are both the same file?" },
	{ "is_same_file", "other", same_file_call, "Are both the same file?" },
	{ "abs", "", absolute_call, "Is the path absolute?" },
	{ "is_abs", "", absolute_call, "Is the path absolute?" },
	{ "vault_encrypted", "", vault_call, "Is it encrypted?" },
	{ "url", "schemes=None", url_call, "Is it a URL?", TAKES_UNDEFINED },
	{ "uri", "schemes=None", url_call, "Is it a URI?", TAKES_UNDEFINED },
	{ "urn", "", url_call, "Is it a URN?", TAKES_UNDEFINED },
	{ "nan", "", nan_call, "Is it not a number?" },
	{ "isnan", "", nan_call, "Is it not a number?" }, { NULL } };
