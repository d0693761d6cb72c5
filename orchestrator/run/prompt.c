/* Questions at the terminal: passwords, --step, and vars_prompt. */
#include "orchestrator/run/prompt.h"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>

enum { LONGEST_ANSWER = 4096 };

/* ---- one question ---- */

static volatile sig_atomic_t signal_seen;

static void
note_signal(int number)
{
	signal_seen = number;
}

struct held_signals {
	struct sigaction interrupt, end;
	sigset_t mask;
};

/* A run has these signals blocked and reads them from a descriptor: nobody does while we ask. */
static void
signals_hold(struct held_signals *held)
{
	struct sigaction noted = { .sa_handler = note_signal };
	sigset_t open;

	signal_seen = 0;
	sigemptyset(&open);
	sigaddset(&open, SIGINT);
	sigaddset(&open, SIGTERM);
	sigaction(SIGINT, &noted, &held->interrupt);
	sigaction(SIGTERM, &noted, &held->end);
	sigprocmask(SIG_UNBLOCK, &open, &held->mask);
}

/* Sent again, the signal does what it would have done before. */
static bool
signals_give_back(const struct held_signals *held)
{
	sigprocmask(SIG_SETMASK, &held->mask, NULL);
	sigaction(SIGINT, &held->interrupt, NULL);
	sigaction(SIGTERM, &held->end, NULL);
	if (signal_seen)
		kill(getpid(), signal_seen);
	return !signal_seen;
}

static void
read_line(int fd, char *answer, size_t size)
{
	size_t length = 0;
	char key;

	while (!signal_seen && read(fd, &key, 1) == 1 && key != '\n')
		if (length + 1 < size)
			answer[length++] = key;
	answer[length] = '\0';
}

bool
prompt_ask(const char *prompt, bool is_secret, char *answer, size_t size)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, quiet;
	struct held_signals held;

	if (fd < 0)
		return false;
	dprintf(fd, "%s", prompt);
	signals_hold(&held);
	if (is_secret && tcgetattr(fd, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSAFLUSH, &quiet);
	} else {
		is_secret = false;
	}
	read_line(fd, answer, size);
	if (is_secret)
		tcsetattr(fd, TCSAFLUSH, &before);
	if (is_secret || signal_seen)
		dprintf(fd, "\n");
	if (signal_seen)
		memory_wipe(answer, size);
	return signals_give_back(&held);
}

/* ---- vars_prompt ---- */

struct question {
	const char *name, *text, *fallback; /* NULL: without a default */
	const char *scheme;		    /* encrypt: NULL: as it is */
	const struct value *salt, *salt_size;
	bool is_private, is_confirmed, is_unsafe;
};

/* What passlib calls the hashes, and what the filter password_hash does. */
static const struct {
	const char *name, *filter;
} schemes[] = { { "md5_crypt", "md5" }, { "sha256_crypt", "sha256" }, { "sha512_crypt", "sha512" },
	{ "bcrypt", "blowfish" } };

static bool
row_flag(const struct value *row, const char *key, bool fallback)
{
	bool flag;

	return value_get(row, key) && value_to_bool(value_get(row, key), &flag) ? flag : fallback;
}

static const char *
row_text(struct arena *arena, const struct value *row, const char *key)
{
	const struct value *value = value_get(row, key);

	return value && !value_is_none(value) ? value_to_text(arena, value) : NULL;
}

static bool
question_scheme(
	const struct value *row, const char *name, struct question *question, struct error *err)
{
	if (!name)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (!strcmp(schemes[i].name, name))
			question->scheme = schemes[i].filter;
	if (question->scheme)
		return true;
	fail(err, ERR_OPTIONS, "passlib does not support '%s' algorithm", name);
	error_at(err, row);
	return error_hint(err, "use md5_crypt, sha256_crypt, sha512_crypt or bcrypt");
}

static bool
question_read(struct arena *arena, const struct value *row, struct question *out, struct error *err)
{
	static const char *const known[] = { "name", "prompt", "default", "private", "confirm",
		"encrypt", "salt_size", "salt", "unsafe" };

	memset(out, 0, sizeof(*out));
	if (!value_get(row, "name")) {
		fail(err, ERR_PARSE, "Invalid vars_prompt data structure, missing 'name' key");
		return error_at(err, row);
	}
	VALUE_PAIRS (pair, row) {
		bool is_known = false;

		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			is_known |= view_is(value_string_view(pair->key), known[i]);
		if (is_known)
			continue;
		fail(err, ERR_PARSE,
			"Invalid vars_prompt data structure, found unsupported key '%s'",
			value_to_text(arena, pair->key));
		return error_at(err, row);
	}
	out->name = row_text(arena, row, "name");
	out->text = row_text(arena, row, "prompt");
	if (!out->text)
		out->text = out->name;
	out->fallback = row_text(arena, row, "default");
	out->salt = value_get(row, "salt");
	out->salt_size = value_get(row, "salt_size");
	out->is_private = row_flag(row, "private", true);
	out->is_confirmed = row_flag(row, "confirm", false);
	out->is_unsafe = row_flag(row, "unsafe", false);
	return question_scheme(row, row_text(arena, row, "encrypt"), out, err);
}

static bool
interrupted(struct error *err)
{
	return fail(err, ERR_INTERRUPTED, "User interrupted execution");
}

/* Twice, until both answers are the same. */
static bool
question_ask(
	struct play_run *play, const struct question *question, char *answer, struct error *err)
{
	struct arena *arena = &play->arena;
	const char *asked = question->fallback ? arena_format(arena, "%s [%s]: ", question->text,
							 question->fallback)
					       : arena_format(arena, "%s: ", question->text);
	char again[LONGEST_ANSWER];
	bool is_same;

	for (;;) {
		if (!prompt_ask(asked, question->is_private, answer, LONGEST_ANSWER))
			return interrupted(err);
		if (!question->is_confirmed)
			return true;
		if (!prompt_ask(arena_format(arena, "confirm %s", asked), question->is_private,
			    again, sizeof(again)))
			return interrupted(err);
		is_same = !strcmp(answer, again);
		memory_wipe(again, sizeof(again));
		if (is_same)
			return true;
		report_text(play->run->report, "***** VALUES ENTERED DO NOT MATCH ****");
	}
}

static bool
hash(struct play_run *play, const struct question *question, const char *secret,
	const struct value **out, struct error *err)
{
	struct arena *arena = &play->run->arena;
	struct value *locals = value_map(arena);

	value_set(arena, locals, "text", value_text(arena, secret));
	value_set(arena, locals, "scheme", value_text(arena, question->scheme));
	value_set(arena, locals, "salt", question->salt ? question->salt : &value_none);
	value_set(arena, locals, "size", question->salt_size ? question->salt_size : &value_none);
	return template_expression_over(play->run->templates, arena,
		"text | password_hash(scheme, salt, salt_size=size)", locals, out, err);
}

/* Without a terminal the default counts, or, as in Ansible, the text None. What is typed may hold
 * templates, as -e may: who types starts the run. */
static bool
question_settle(struct play_run *play, const struct question *question, struct value *answers,
	struct error *err)
{
	struct arena *arena = &play->run->arena;
	const struct value *value;
	struct value *text;
	char answer[LONGEST_ANSWER] = "";
	bool has_terminal = play->run->settings->can_ask;

	if (has_terminal && !question_ask(play, question, answer, err))
		return false;
	if (!has_terminal)
		report_warning(
			play->run->report, "Not prompting as we are not in interactive mode");
	if (question->is_private)
		report_secret(play->run->report, view_of(answer));
	if (!has_terminal && !question->fallback && question->scheme)
		return fail(err, ERR_OPTIONS, "there is nothing to hash for '%s'", question->name);
	text = value_text(arena, *answer	      ? answer
				 : question->fallback ? question->fallback
				 : has_terminal	      ? ""
						      : "None");
	memory_wipe(answer, sizeof(answer));
	value = text;
	if (question->scheme) {
		if (!hash(play, question, text->string.data, &value, err))
			return false;
	} else if (!question->is_unsafe) {
		text->flags |= VALUE_TEMPLATE;
		text->place = (struct place){ "<prompt>", 1, 1 };
	}
	value_set(arena, answers, question->name, value);
	return true;
}

bool
prompts_ask(struct play_run *play, const struct value *rows, struct error *err)
{
	struct value *answers = value_map(&play->run->arena), *list = value_list(&play->arena);
	struct question question;

	play->prompted = answers;
	if (!rows || value_is_none(rows))
		return true;
	if (value_is_list(rows))
		list = value_list_copy(&play->arena, rows);
	else
		value_add(&play->arena, list, rows);
	VALUE_EACH (row, list) {
		if (!question_read(&play->arena, row, &question, err))
			return false;
		if (value_get(play->run->settings->extra_vars, question.name))
			continue;
		if (!question_settle(play, &question, answers, err))
			return false;
	}
	return true;
}
