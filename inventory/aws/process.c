/*
 * credential_process: a program of the user's prints keys as JSON. No shell reads the line; it is
 * cut into words here. While the program runs nothing else is done: it may well ask its user.
 */
#include <ctype.h>

#include "inventory/aws/login.h"
#include "json/json.h"
#include "os/clock.h"
#include "os/process.h"

enum { DEADLINE_MS = 60000, MOST_WORDS = 256, LONGEST_COMPLAINT = 200 };

static enum login_choice
process_choose(struct aws_login *login, struct error *err)
{
	if (login_own_setting(login, "credential_process"))
		return LOGIN_THIS;
	fail(err, ERR_MISSING, "no credential_process in profile '%s'", login->profile);
	return LOGIN_NOT_THIS;
}

/* ---- words ---- */

/* One word with its quotes and backslashes taken off; false: a quote is not closed. */
static bool
word_read(const char **at, struct str *word)
{
	char quote = '\0';

	for (; **at && (quote || !isspace((unsigned char)**at)); (*at)++) {
		char c = **at;

		if (quote && c == quote)
			quote = '\0';
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && (*at)[1] &&
			 (!quote || (quote == '"' && strchr("\"\\", (*at)[1]))))
			str_add_char(word, *++(*at));
		else
			str_add_char(word, c);
	}
	return !quote;
}

static const char *const *
words_read(struct arena *into, const char *line, struct error *err)
{
	const char **words = arena_array(into, MOST_WORDS + 1, const char *);
	_cleanup_str_ struct str word = STR_INIT;
	size_t count = 0;

	for (;;) {
		while (isspace((unsigned char)*line))
			line++;
		if (!*line)
			break;
		str_clear(&word);
		if (!word_read(&line, &word)) {
			fail(err, ERR_OPTIONS, "a quote is not closed in credential_process");
			return NULL;
		}
		if (count == MOST_WORDS) {
			fail(err, ERR_LIMIT, "credential_process has too many words");
			return NULL;
		}
		words[count++] = arena_view(into, str_view(&word));
	}
	return words;
}

/* ---- running it ---- */

/* The last line that it complained with: that one is meant for people. */
static const char *
complaint(struct arena *into, const struct process_result *result)
{
	struct view rest = view_trim(str_view(&result->err)), line, last = { "", 0 };
	char *text;

	while (view_cut(&rest, '\n', &line))
		last = line;
	last.length = MIN(last.length, (size_t)LONGEST_COMPLAINT);
	text = arena_view(into, last);
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	return text;
}

static bool
process_failed(const struct aws_login *login, struct arena *scratch,
	const struct process_result *result, struct error *err)
{
	const char *words = complaint(scratch, result);

	fail(err, ERR_DENIED, "credential_process of AWS profile '%s' failed", login->profile);
	if (result->status < 0)
		return error_why(err, "it was ended by signal %d%s%s", -result->status,
			*words ? ": " : "", words);
	return error_why(err, "it ended with %d%s%s", result->status, *words ? ": " : "", words);
}

static bool
output_read(struct aws_login *login, struct arena *scratch, const struct str *text,
	struct aws_keys *out, struct error *err)
{
	const char *what = arena_format(
		scratch, "what credential_process of AWS profile '%s' printed", login->profile);
	const struct value *map, *version;
	bool ok;

	/* The parser's own words might quote what was printed. */
	if (!json_parse(scratch, str_view(text), &map, NULL) || !value_is_map(map)) {
		fail(err, ERR_PROTOCOL, "%s makes no sense", what);
		return error_why(err, "it is not a JSON object");
	}
	version = value_get(map, "Version");
	if (!value_is(version, VALUE_INT) || version->integer != 1) {
		ok = fail(err, ERR_PROTOCOL, "%s makes no sense", what);
		error_why(err, "its Version is not 1");
	} else {
		ok = login_keys_read(login, map, &login_names_process, what, out, err);
	}
	value_wipe(map);
	return ok;
}

static bool
result_read(struct aws_login *login, struct arena *scratch, const struct process_result *result,
	struct aws_keys *out, struct error *err)
{
	if (result->status)
		return process_failed(login, scratch, result, err);
	if (!output_read(login, scratch, &result->out, out, err))
		return false;
	if (!out->account)
		out->account = login_own_setting(login, "aws_account_id");
	if (out->expires && out->expires <= login_now(login)) {
		fail(err, ERR_DENIED,
			"credential_process of AWS profile '%s' gave keys that have "
			"expired",
			login->profile);
		return error_hint(err, "log in again with the program that it calls");
	}
	out->from = arena_format(
		aws_arena(login->aws), "credential_process of profile '%s'", login->profile);
	return true;
}

static bool
process_ask(struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err)
{
	const struct value *environment = aws_world(login->aws)->environment;
	struct process_options options = { .deadline_ms = monotonic_ms() + DEADLINE_MS };
	struct process_result result = { 0 };
	struct error problem = { 0 };
	struct arena scratch;
	bool ok = false;

	arena_init(&scratch);
	options.argv =
		words_read(&scratch, login_own_setting(login, "credential_process"), &problem);
	if (environment)
		options.environment = environment_merge(&scratch, NULL, environment);
	if (options.argv && *options.argv && process_run(&options, &result, &problem))
		ok = result_read(login, &scratch, &result, out, &problem);
	else if (options.argv && problem.kind == ERR_TIMEOUT)
		fail(&problem, ERR_TIMEOUT,
			"credential_process of AWS profile '%s' did not end within %d s",
			login->profile, DEADLINE_MS / 1000);
	else if (options.argv)
		error_context(&problem, "credential_process of AWS profile '%s'", login->profile);
	memory_wipe(result.out.data, result.out.length);
	process_result_release(&result);
	arena_release(&scratch);
	if (!ok && err)
		*err = problem;
	return ok;
}

static bool
process_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(out, "process %s", login_own_setting(login, "credential_process"));
	return true;
}

const struct login_provider provider_process = { LOGIN_PROCESS, "credential_process",
	process_choose, process_ask, process_identify };
