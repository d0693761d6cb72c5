/* Hops. */
#include "orchestrator/transport/proxy.h"

#include <ctype.h>
#include <strings.h>

#include "orchestrator/transport/ssh_args.h"

#define MAX_HOPS 10

/* The chain being resolved, from the target to the hop at hand. */
struct chain {
	const struct target *target;
	const struct chain *behind;
	int length;
};

/* What may reach a command line or a shell. */

bool
host_name_is_safe(const char *host)
{
	if (!host[0] || host[0] == '-' || strlen(host) > 1024)
		return false;
	for (const unsigned char *at = (const unsigned char *)host; *at; at++)
		if (*at <= ' ' || *at == 127 || strchr("'`\"$\\;&<>|(){}!*?~#", *at))
			return false;
	return true;
}

bool
user_name_is_safe(const char *user)
{
	if (!user[0] || user[0] == '-' || strlen(user) > 1024)
		return false;
	for (const unsigned char *at = (const unsigned char *)user; *at; at++)
		if (*at < ' ' || *at == 127 || strchr("'`\";&<>|(){}$", *at) ||
			(*at == '\\' && !at[1]))
			return false;
	return true;
}

static bool
names_check(const char *host, const char *user, struct error *err)
{
	if (!host_name_is_safe(host))
		return fail(err, ERR_OPTIONS, "'%s' is not a host name", host);
	if (user && !user_name_is_safe(user))
		return fail(err, ERR_OPTIONS, "'%s' is not a user name", user);
	return true;
}

/* ProxyJump. */

static bool
port_parse(struct view text, int *out)
{
	int64_t number;

	if (!number_parse(text, &number) || number < 1 || number > 65535)
		return false;
	*out = (int)number;
	return true;
}

static struct view
view_from(struct view text, size_t start)
{
	return (struct view){ text.data + start, text.length - start };
}

/* Behind the user: "host", "host:port", "[v6]", "[v6]:port"; a bare v6 address has no port. */
static bool
host_parse(struct view text, struct view *host, int *port)
{
	const char *end, *colon;

	if (!text.data || !text.length)
		return false;
	if (text.data[0] == '[') {
		end = memchr(text.data, ']', text.length);
		if (!end)
			return false;
		*host = (struct view){ text.data + 1, (size_t)(end - text.data) - 1 };
		text = view_from(text, (size_t)(end - text.data) + 1);
		return !text.length ||
		       (text.data[0] == ':' && port_parse(view_from(text, 1), port));
	}
	colon = memrchr(text.data, ':', text.length);
	*host = text;
	if (!colon || memchr(text.data, ':', (size_t)(colon - text.data)))
		return true;
	host->length = (size_t)(colon - text.data);
	return port_parse(view_from(text, host->length + 1), port);
}

bool
jump_parse(struct view text, struct arena *into, struct jump *out, struct error *err)
{
	struct view whole = text = view_trim(text), host;
	const char *at;

	if (!text.data || !text.length)
		return fail(err, ERR_OPTIONS, "a jump host is empty");

	*out = (struct jump){ 0 };
	if (text.length > 6 && !strncasecmp(text.data, "ssh://", 6)) {
		text = view_from(text, 6);
		if (text.length && text.data[text.length - 1] == '/')
			text.length--;
	}
	at = memrchr(text.data, '@', text.length);
	if (at) {
		out->user = arena_bytes(into, text.data, (size_t)(at - text.data));
		text = view_from(text, (size_t)(at - text.data) + 1);
	}
	if (!host_parse(text, &host, &out->port) || !host.length)
		return fail(err, ERR_OPTIONS, "'%.*s' is not a jump host",
			(int)MIN(whole.length, 200u), whole.data);
	out->host = arena_view(into, host);
	return names_check(out->host, out->user, err);
}

/* ProxyCommand as a jump. */

static bool
is_ssh(const char *word)
{
	const char *slash = strrchr(word, '/');

	return text_equals(slash ? slash + 1 : word, "ssh");
}

/* Only what a hop of ours would do as well: no shell at work, one host, a forward to the target. */
bool
proxy_command_is_jump(struct ssh_config *config, const char *command, struct arena *into,
	struct jump *out, struct ssh_given *given)
{
	struct ssh_list words, rest = { 0 }, arguments;
	struct error err;
	bool forwards = false;

	if (strpbrk(command, "|&;<>()$`\n") || !shell_words(command, into, &words, &err))
		return false;
	if (words.count < 2)
		return false;
	arguments = (struct ssh_list){ words.items + 1, words.count - 1 };
	if (text_equals(words.items[0], "exec"))
		arguments = (struct ssh_list){ words.items + 2, words.count - 2 };
	if (!is_ssh(arguments.items[-1]))
		return false;
	for (size_t i = 0; i < arguments.count; i++) {
		const char *word = arguments.items[i], *value = word + 2;

		if (word[0] != '-' || word[1] != 'W')
			continue;
		if (!*value && i + 1 < arguments.count)
			value = arguments.items[++i];
		forwards = text_equals(value, "%h:%p") || text_equals(value, "[%h]:%p");
	}
	if (!forwards || !ssh_args_read(config, &arguments, into, given, &rest, &err) ||
		rest.count != 1 || strchr(rest.items[0], '%'))
		return false;
	return jump_parse(view_of(rest.items[0]), into, out, &err);
}

/* Resolving. */

static struct target *chain_resolve(struct transport *transport, const char *name,
	const struct ssh_given *given, const struct chain *behind, int timeout_ms,
	struct error *err);

/* The chain in words: "web-1 by a by b by a". */
static const char *
chain_text(const struct chain *chain, struct str *out)
{
	if (chain->behind) {
		chain_text(chain->behind, out);
		str_add(out, " by ");
	}
	str_add(out, chain->target->options.name);
	return out->data;
}

static bool
chain_check(const struct chain *chain, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct ssh_options *own = &chain->target->options;

	if (chain->length > MAX_HOPS + 1)
		return fail(err, ERR_LIMIT, "more than %d jump hosts: %.300s", MAX_HOPS,
			chain_text(chain, &text));
	for (const struct chain *at = chain->behind; at; at = at->behind) {
		const struct ssh_options *other = &at->target->options;

		if (text_equals(own->host, other->host) && own->port == other->port &&
			text_equals(own->user, other->user))
			return fail(err, ERR_OPTIONS, "the jump hosts go in a circle: %.300s",
				chain_text(chain, &text));
	}
	return true;
}

static void
given_jump(struct ssh_given *given, struct arena *into, const struct jump *jump)
{
	if (jump->user)
		ssh_given_add(given, into, "User", jump->user);
	if (jump->port)
		ssh_given_add(given, into, "Port", arena_format(into, "%d", jump->port));
}

/* "a,b,c" is a, then b, then c: the last one opens the way to the target, and has the others in
 * front of it. */
static bool
resolve_jumps(struct transport *transport, struct target *target, const struct chain *chain,
	struct error *err)
{
	const char *list = target->options.proxy_jump;
	const char *comma = strrchr(list, ',');
	struct ssh_given given = { .config_file = target->options.config_file };
	struct arena *into = &target->arena;
	struct jump jump;

	if (!jump_parse(view_of(comma ? comma + 1 : list), into, &jump, err))
		return error_context(err, "ProxyJump of '%s'", target->options.name);
	given_jump(&given, into, &jump);
	if (comma)
		ssh_given_add(
			&given, into, "ProxyJump", arena_bytes(into, list, (size_t)(comma - list)));
	target->via = chain_resolve(transport, jump.host, &given, chain, target->timeout_ms, err);
	return target->via != NULL;
}

static bool
resolve_command(struct transport *transport, struct target *target, const struct chain *chain,
	struct error *err)
{
	struct ssh_options *options = &target->options;
	struct ssh_given given = { 0 };
	struct jump jump;

	if (proxy_command_is_jump(
		    transport->config, options->proxy_command, &target->arena, &jump, &given)) {
		given_jump(&given, &target->arena, &jump);
		target->via =
			chain_resolve(transport, jump.host, &given, chain, target->timeout_ms, err);
		return target->via != NULL;
	}
	return ssh_options_expand(transport->config, options, options->proxy_command, "%hnpr",
		&target->arena, &target->proxy_command, err);
}

static void
key_add_list(struct str *key, const struct ssh_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		str_add_format(key, "%s\n", list->items[i]);
	str_add(key, "\t\n");
}

/* Hops with the same key are the same connection: all that decides how it is made stands in it. */
static void
target_name(struct target *target)
{
	const struct ssh_options *options = &target->options;
	_cleanup_str_ struct str key = STR_INIT;

	target->label = strchr(options->host, ':')
				? arena_format(&target->arena, "%s@[%s]:%d", options->user,
					  options->host, options->port)
				: arena_format(&target->arena, "%s@%s:%d", options->user,
					  options->host, options->port);
	str_add_format(&key, "%s\n%s\n%d\n%d\n%s\n%s\n%s\n", target->label,
		options->host_key_alias ? options->host_key_alias : "", (int)options->policy,
		options->identities_only, options->identity_agent ? options->identity_agent : "",
		target->proxy_command ? target->proxy_command : "",
		options->bind_address ? options->bind_address : "");
	key_add_list(&key, &options->identity_files);
	key_add_list(&key, &options->certificate_files);
	key_add_list(&key, &options->user_known_hosts);
	key_add_list(&key, &options->global_known_hosts);
	if (target->via)
		str_add(&key, target->via->key);
	target->key = arena_bytes(&target->arena, key.data, key.length);
}

static bool
target_fill(struct transport *transport, struct target *target, const char *name,
	const struct ssh_given *given, const struct chain *behind, struct error *err)
{
	const struct chain chain = { target, behind, behind ? behind->length + 1 : 1 };
	struct ssh_options *options = &target->options;

	if (!ssh_config_resolve(transport->config, name, given, &target->arena, options, err) ||
		!names_check(options->host, options->user, err) || !chain_check(&chain, err))
		return false;
	if (options->forward_agent && !target->is_hop)
		ssh_config_warn(
			transport->config, "ForwardAgent is not honoured by the built-in ssh");
	if (options->proxy_jump && !resolve_jumps(transport, target, &chain, err))
		return false;
	if (options->proxy_command && !resolve_command(transport, target, &chain, err))
		return false;
	target_name(target);
	return true;
}

static struct target *
chain_resolve(struct transport *transport, const char *name, const struct ssh_given *given,
	const struct chain *behind, int timeout_ms, struct error *err)
{
	struct target *target = target_new();

	target->is_hop = behind != NULL;
	target->timeout_ms = timeout_ms;
	if (names_check(name, NULL, err) &&
		target_fill(transport, target, name, given, behind, err)) {
		if (target->options.connect_timeout_s > 0)
			target->timeout_ms = target->options.connect_timeout_s * 1000;
		return target;
	}
	target_unref(target);
	return NULL;
}

/* What the inventory says comes first, then the arguments, in Ansible's order. */
static bool
given_from_settings(struct transport *transport, const struct link_settings *settings,
	struct arena *into, struct ssh_given *given, struct error *err)
{
	static const struct {
		const char *name, *value;
	} policies[] = { { "yes", "yes" }, { "accept-new", "accept-new" }, { "ask", "ask" },
		{ "off", "no" } };
	const char *arguments[] = { settings->ssh_common_args, settings->ssh_extra_args };
	struct ssh_list words;

	if (settings->port)
		ssh_given_add(given, into, "Port", arena_format(into, "%d", settings->port));
	if (settings->user)
		ssh_given_add(given, into, "User", settings->user);
	if (settings->private_key_file)
		ssh_given_add(given, into, "IdentityFile",
			arena_format(into, "\"%s\"", settings->private_key_file));
	for (size_t i = 0; settings->host_key_checking && i < ARRAY_SIZE(policies); i++)
		if (text_equals(settings->host_key_checking, policies[i].name))
			ssh_given_add(given, into, "StrictHostKeyChecking", policies[i].value);
	if (settings->timeout_s)
		ssh_given_add(given, into, "ConnectTimeout",
			arena_format(into, "%d", settings->timeout_s));
	for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
		if (!shell_words(arguments[i], into, &words, err) ||
			!ssh_args_read(transport->config, &words, into, given, NULL, err))
			return error_context(err, "%s", i ? "ssh_extra_args" : "ssh_common_args");
	return true;
}

struct target *
target_resolve(struct transport *transport, const struct link_settings *settings, struct error *err)
{
	const char *host = settings->host ? settings->host : settings->name;
	struct ssh_given given = { 0 };
	struct target *target = NULL;
	struct arena arena;

	arena_init(&arena);
	if (given_from_settings(transport, settings, &arena, &given, err))
		target = chain_resolve(transport, host, &given, NULL, 10000, err);
	arena_release(&arena);
	if (target && settings->password)
		target->password = arena_text(&target->arena, settings->password);
	return target;
}
