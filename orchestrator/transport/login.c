/*
 * The login as a list of steps, each of which libssh answers with yes, no, or later. After a no
 * comes the next one.
 */
#include "orchestrator/transport/login.h"

#include <strings.h>

#include "orchestrator/transport/identity.h"

#define MAX_ROUNDS 8 /* of questions in keyboard-interactive */

enum login_stage { STAGE_KEYS, STAGE_PASSWORD, STAGE_KEYBOARD, STAGE_END };

struct login {
	struct transport *transport;
	struct target *target;
	ssh_session ssh;
	struct credentials credentials;
	enum login_stage stage;
	size_t next;	       /* credential */
	bool is_asking;        /* libssh waits for the answer whether it would */
	bool is_accepted;      /* the server would take this locked key */
	bool is_agent_offered; /* agent keys from here on are on the socket */
	bool was_waiting;
	bool has_begun; /* a request was made: the server's methods are known */
	int rounds;
	struct str tried;
};

struct login *
login_new(struct transport *transport, struct target *target, ssh_session ssh)
{
	struct login *login = memory_get(sizeof(*login));

	*login = (struct login){ .transport = transport, .target = target, .ssh = ssh };
	str_init_max(&login->tried, 600);
	identities_choose(transport, &target->options, &login->credentials);
	return login;
}

void
login_free(struct login *login)
{
	if (!login)
		return;
	str_release(&login->tried);
	free(login);
}

bool
login_was_waiting(struct login *login)
{
	bool was_waiting = login->was_waiting;

	login->was_waiting = false;
	return was_waiting;
}

static void
login_note(struct login *login, const char *what, const char *name)
{
	str_add_format(&login->tried, "%s%s%s%s", login->tried.length ? ", " : "", what,
		name ? " " : "", name ? name : "");
}

/* What the server takes, as far as it said; before the first request, anything. */
static bool
method_is_offered(const struct login *login, int method)
{
	return !login->has_begun || (ssh_userauth_list(login->ssh, NULL) & method);
}

static bool
method_is_preferred(const struct login *login, const char *name)
{
	struct view list = view_of(login->target->options.preferred_authentications), piece;

	if (!login->target->options.preferred_authentications)
		return true;
	while (view_cut(&list, ',', &piece))
		if (view_is(view_trim(piece), name))
			return true;
	return false;
}

/* Steps. Each returns what libssh says: SSH_AUTH_… */

/* All agent keys in a row: libssh tries them one by one on the socket it is given. */
static int
step_agent(struct login *login)
{
	const struct agent_key *keys[MAX_KEY_TRIES];
	struct credentials *credentials = &login->credentials;
	size_t count = 0;
	int result;

	if (!login->is_agent_offered) {
		for (size_t i = login->next; i < credentials->count; i++)
			if (credentials->items[i].kind == CREDENTIAL_AGENT)
				keys[count++] = credentials->items[i].agent_key;
		result = agent_offer(credentials->agent_path, keys, count);
		if (result < 0 || ssh_set_agent_socket(login->ssh, result) != SSH_OK)
			return SSH_AUTH_DENIED;
		for (size_t i = 0; i < count; i++)
			login_note(login, "agent key",
				keys[i]->comment[0] ? keys[i]->comment : keys[i]->type);
		login->is_agent_offered = true;
	}
	result = ssh_userauth_agent(login->ssh, NULL);
	if (result != SSH_AUTH_AGAIN)
		while (login->next + 1 < credentials->count &&
			credentials->items[login->next + 1].kind == CREDENTIAL_AGENT)
			login->next++;
	return result;
}

/* Whether the server would take this key. Once begun it is always ended: libssh has one request at a
 * time, and would take the answer to this one for the answer to the next.
 */
static int
step_ask(struct login *login, const struct identity *identity)
{
	int result = ssh_userauth_try_publickey(login->ssh, NULL, identity->public_key);

	login->is_asking = result == SSH_AUTH_AGAIN;
	login->is_accepted = result == SSH_AUTH_SUCCESS;
	return result;
}

/* An encrypted key: the one case where the server is asked first, so that nobody types for nothing.
 */
static int
step_locked(struct login *login, struct identity *identity)
{
	int result;

	if (login->is_asking && (result = step_ask(login, identity)) != SSH_AUTH_SUCCESS)
		return result;
	switch (identity->state) {
	case IDENTITY_READY:
		if (login->is_accepted || !identity->public_key)
			return ssh_userauth_publickey(login->ssh, NULL, identity->key);
		return SSH_AUTH_DENIED;
	case IDENTITY_OPENING:
		login->was_waiting = true;
		return SSH_AUTH_AGAIN;
	case IDENTITY_BROKEN:
	case IDENTITY_LOCKED:
		break;
	default:
		login->credentials.broken = identity;
		return SSH_AUTH_DENIED;
	}
	if (identity->public_key && !login->is_accepted) {
		result = step_ask(login, identity);
		if (result != SSH_AUTH_SUCCESS)
			return result;
	}
	identity_unlock(login->transport, identity);
	if (identity->state == IDENTITY_OPENING) {
		login->was_waiting = true;
		return SSH_AUTH_AGAIN;
	}
	login->credentials.broken = identity;
	return SSH_AUTH_DENIED;
}

/* A key that was locked when the list was made may be open by now, by way of another host. */
static int
step_key(struct login *login)
{
	struct credential *credential = &login->credentials.items[login->next];
	int result;

	switch (credential->kind) {
	case CREDENTIAL_AGENT:
		return step_agent(login);
	case CREDENTIAL_LOCKED:
		if (credential->identity->state == IDENTITY_READY && !login->is_asking &&
			!login->is_accepted) {
			credential->kind = CREDENTIAL_KEY;
			credential->key = credential->identity->key;
			break;
		}
		result = step_locked(login, credential->identity);
		if (result == SSH_AUTH_DENIED)
			login_note(login, "encrypted key", credential->identity->path);
		return result;
	case CREDENTIAL_KEY:
		break;
	}
	result = ssh_userauth_publickey(login->ssh, NULL, credential->key);
	if (result != SSH_AUTH_AGAIN)
		login_note(login,
			credential->key == credential->identity->certified ? "certificate of"
									   : "key",
			credential->identity->path);
	return result;
}

static int
step_password(struct login *login)
{
	int result = ssh_userauth_password(login->ssh, NULL, login->target->password);

	if (result != SSH_AUTH_AGAIN)
		login_note(login, "the password", NULL);
	return result;
}

/* Every hidden question gets the password; a second round of them means that it was wrong. */
static int
step_keyboard(struct login *login)
{
	int result = ssh_userauth_kbdint(login->ssh, NULL, NULL);

	while (result == SSH_AUTH_INFO) {
		int count = ssh_userauth_kbdint_getnprompts(login->ssh);

		if (login->rounds++ > MAX_ROUNDS || (count > 0 && login->rounds > 2))
			return SSH_AUTH_DENIED;
		for (int i = 0; i < count; i++) {
			char echo = 0;

			ssh_userauth_kbdint_getprompt(login->ssh, (unsigned)i, &echo);
			ssh_userauth_kbdint_setanswer(
				login->ssh, (unsigned)i, echo ? "" : login->target->password);
		}
		result = ssh_userauth_kbdint(login->ssh, NULL, NULL);
	}
	if (result != SSH_AUTH_AGAIN)
		login_note(login, "keyboard-interactive", NULL);
	return result;
}

/* Whether the stage at hand has something to do. */
static bool
stage_is_useful(const struct login *login)
{
	const struct ssh_options *options = &login->target->options;

	switch (login->stage) {
	case STAGE_KEYS:
		return login->next < login->credentials.count &&
		       method_is_offered(login, SSH_AUTH_METHOD_PUBLICKEY) &&
		       method_is_preferred(login, "publickey");
	case STAGE_PASSWORD:
		return login->target->password && !options->no_password &&
		       method_is_offered(login, SSH_AUTH_METHOD_PASSWORD) &&
		       method_is_preferred(login, "password");
	case STAGE_KEYBOARD:
		return login->target->password && !options->no_keyboard_interactive &&
		       method_is_offered(login, SSH_AUTH_METHOD_INTERACTIVE) &&
		       method_is_preferred(login, "keyboard-interactive");
	case STAGE_END:
		break;
	}
	return false;
}

static int
stage_step(struct login *login)
{
	if (login->stage == STAGE_KEYS)
		return step_key(login);
	return login->stage == STAGE_PASSWORD ? step_password(login) : step_keyboard(login);
}

static void
methods_add(const struct login *login, struct str *out)
{
	static const struct {
		int method;
		const char *name;
	} names[] = { { SSH_AUTH_METHOD_PUBLICKEY, "publickey" },
		{ SSH_AUTH_METHOD_PASSWORD, "password" },
		{ SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive" },
		{ SSH_AUTH_METHOD_HOSTBASED, "hostbased" },
		{ SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic" } };
	int offered = login->has_begun ? ssh_userauth_list(login->ssh, NULL) : 0;
	bool is_first = true;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (offered & names[i].method) {
			str_add_format(out, "%s%s", is_first ? " (it takes " : ", ", names[i].name);
			is_first = false;
		}
	if (!is_first)
		str_add(out, ")");
}

static void
login_hint(const struct login *login, struct error *err)
{
	const struct identity *broken = login->credentials.broken;

	if (broken)
		error_hint(err, "the key '%s' could not be used: %s; ssh-add it, or name another",
			broken->path, broken->why);
	else if (login->credentials.left_out)
		error_hint(err,
			"%zu more keys were not tried, since servers close after six; name the "
			"right one with "
			"ansible_ssh_private_key_file or IdentityFile and IdentitiesOnly",
			login->credentials.left_out);
	else if (!login->target->password)
		error_hint(err,
			"check the user '%s' and the key (ansible_user, "
			"ansible_ssh_private_key_file)",
			login->target->options.user);
}

static enum login_result
login_fail(const struct login *login, struct error *err)
{
	_cleanup_str_ struct str why = STR_INIT;

	fail(err, ERR_DENIED, "cannot log in to '%s'", login->target->label);
	if (login->tried.length) {
		str_add(&why, "permission denied");
		methods_add(login, &why);
		str_add_format(&why, "; tried %s", login->tried.data);
	} else {
		str_add(&why, "there is no key and no password to log in with");
		methods_add(login, &why);
	}
	error_why(err, "%s", why.data);
	login_hint(login, err);
	return LOGIN_FAILED;
}

static enum login_result
login_lost(const struct login *login, struct error *err)
{
	const char *said = ssh_get_error(login->ssh);

	if (!said || !strstr(said, "Too many authentication failures"))
		return LOGIN_LOST;
	fail(err, ERR_DENIED, "cannot log in to '%s'", login->target->label);
	error_why(err,
		"too many authentication failures: the server's MaxAuthTries was reached; tried %s",
		login->tried.data);
	error_hint(err,
		"name the right key with ansible_ssh_private_key_file, and set IdentitiesOnly");
	return LOGIN_FAILED;
}

enum login_result
login_step(struct login *login, struct error *err)
{
	while (login->stage != STAGE_END) {
		int result;

		if (!stage_is_useful(login)) {
			login->stage++;
			continue;
		}
		result = stage_step(login);
		if (result == SSH_AUTH_AGAIN)
			return LOGIN_AGAIN;
		if (result == SSH_AUTH_SUCCESS)
			return LOGIN_DONE;
		if (result == SSH_AUTH_ERROR && !ssh_is_connected(login->ssh))
			return login_lost(login, err);
		/* No, or a first factor of several: the next. An error that left the connection up
		 * is a no. */
		login->has_begun =
			login->has_begun || result == SSH_AUTH_DENIED || result == SSH_AUTH_PARTIAL;
		login->is_asking = false;
		login->is_accepted = false;
		if (login->stage == STAGE_KEYS)
			login->next++;
		else
			login->stage++;
	}
	return login_fail(login, err);
}
