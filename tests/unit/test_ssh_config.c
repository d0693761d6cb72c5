/*
 * The ssh_config reader against the real one: each case is a configuration and a host; what we
 * resolve must be what `ssh -G` prints. Then the cases where we differ on purpose, and the readers
 * of arguments and jumps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <strings.h>

#include "base/str.h"
#include "orchestrator/transport/proxy.h"
#include "orchestrator/transport/ssh_args.h"
#include "orchestrator/transport/ssh_config.h"
#include "orchestrator/transport/transport.h"

#include <cmocka.h> /* last: its fail() is not ours */

static char directory[] = "/tmp/ertc-ssh-config-XXXXXX";
static struct str warnings;
static struct ssh_config *last_config; /* its texts are still looked at */

static void
warn(void *context UNUSED, const char *text)
{
	str_add_format(&warnings, "%s\n", text);
}

static void
file_write(const char *name, const char *text, size_t length)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_fclose_ FILE *file = NULL;

	str_add_format(&path, "%s/%s", directory, name);
	file = fopen(path.data, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
}

static const struct {
	const char *label, *host, *config;
} cases[] = {
	/* ^ is the directory of the test */
	{ "plain", "web", "Host web\n HostName 10.0.0.1\n User admin\n Port 2222\n" },
	{ "first wins", "web", "Host web\n User one\nHost *\n User two\n Port 7\n" },
	{ "host as typed, not as HostName", "alias",
		"Host alias\n HostName 10.1.1.1\nHost 10.*\n User wrong\n" },
	{ "a later block for the alias", "alias",
		"Host alias\n HostName 10.1.1.1\nHost alias\n User right\n" },
	{ "match host sees HostName", "alias",
		"Host alias\n HostName 10.1.1.1\nMatch host 10.*\n User right\n" },
	{ "match originalhost", "alias",
		"Host alias\n HostName x.example\nMatch originalhost alias\n User right\n" },
	{ "match with comma and negation", "b",
		"Match host a,b,c !user root\n Port 9\nMatch host *,!b\n Port 10\n" },
	{ "match user", "h", "Host h\n User deploy\nMatch user deploy\n Port 99\n" },
	{ "match localuser root", "h", "Match localuser root\n Port 77\n" },
	{ "match all", "h", "Match all\n Port 78\n" },
	{ "match exec", "h", "Match exec \"test %h = h\"\n Port 79\nMatch exec false\n Port 80\n" },
	{ "match exec negated", "h", "Match !exec false\n Port 81\n" },
	{ "match final", "h", "Match final\n User fin\nHost *\n User later\n" },
	{ "match final sees it all", "h",
		"Match final host h.example\n User fin\nHost h\n HostName %h.example\n" },
	{ "canonical is not final", "h", "Match canonical\n User canon\nHost *\n User plain\n" },
	{ "negated host", "b.example",
		"Host *.example !b.example\n User wrong\nHost b.*\n User right\n" },
	{ "question mark", "web1", "Host web?\n User right\n" },
	{ "case of keywords", "h", "HOST h\n uSeR right\n" },
	{ "equals signs", "h", "Host=h\n User=right\n Port = 22022\n" },
	{ "quotes", "h", "Host \"h\"\n User \"a b\"\n IdentityFile \"/tmp/a b\"\n" },
	{ "comments and blanks", "h", "# first\n\n  Host h # here\n\tUser right # and there\n" },
	{ "CRLF", "h", "Host h\r\n User right\r\n Port 5\r\n" },
	{ "no final newline", "h", "Host h\n User right" },
	{ "tokens in HostName", "h", "Host h\n HostName %h.example.net\n" },
	{ "identity files add up", "h",
		"Host h\n IdentityFile ~/a\n IdentityFile /b/%r-%h\nHost *\n IdentityFile /c\n" },
	{ "jump", "h", "Host h\n ProxyJump u1@first:222,u2@second:33\n" },
	{ "jump none wins", "h", "Host h\n ProxyJump none\nHost *\n ProxyJump bastion\n" },
	{ "jump before command", "h", "Host h\n ProxyJump b\nHost *\n ProxyCommand nc %h %p\n" },
	{ "command before jump", "h", "Host h\n ProxyCommand nc %h %p\nHost *\n ProxyJump b\n" },
	{ "command keeps its text", "h", "Host h\n ProxyCommand ssh -W %h:%p \"a b\" # x\n" },
	{ "include list", "h", "Include ^/one ^/two\nHost *\n User last\n" },
	{ "include glob", "h", "Include ^/conf.d/*.conf\n" },
	{ "include in a block", "h",
		"Host other\n Include ^/one\nHost h\n Include ^/two\n User last\n" },
	{ "include that is not there", "h", "Include ^/nothing/*\nHost h\n User right\n" },
	{ "yes and no", "h",
		"IdentitiesOnly yes\nHashKnownHosts yes\nPasswordAuthentication no\n" },
	{ "times", "h", "ServerAliveInterval 1m30s\nConnectTimeout 7\nServerAliveCountMax 9\n" },
	{ "checking", "h",
		"StrictHostKeyChecking accept-new\nUserKnownHostsFile /a /b\nGlobalKnownHostsFile "
		"/c\n" },
	{ "family", "h", "AddressFamily inet6\nBindAddress 127.0.0.1\nHostKeyAlias other\n" },
	{ "certificates", "h", "CertificateFile /x-cert.pub\nIdentityAgent /run/agent\n" },
};

/* What `ssh -G` says for a keyword; lines of the same keyword joined by a blank. */
static void
real_value(const char *output, const char *keyword, struct str *out)
{
	struct view rest = view_of(output), line;
	size_t length = strlen(keyword);

	str_clear(out);
	while (view_cut(&rest, '\n', &line))
		if (line.length > length && !strncmp(line.data, keyword, length) &&
			line.data[length] == ' ')
			str_add_format(out, "%s%.*s", out->length ? " " : "",
				(int)(line.length - length - 1), line.data + length + 1);
}

static void
real_run(const char *host, struct str *out)
{
	_cleanup_str_ struct str command = STR_INIT;
	FILE *pipe;
	size_t count;

	str_add_format(&command, "ssh -G -F %s/config %s 2>&1", directory, host);
	pipe = popen(command.data, "re");
	assert_non_null(pipe);
	while ((count = fread(str_reserve(out, 4096), 1, 4096, pipe)) > 0)
		out->length += count;
	str_reserve(out, 1)[0] = '\0';
	pclose(pipe);
}

static void
list_text(const struct ssh_list *list, struct str *out)
{
	str_clear(out);
	for (size_t i = 0; i < list->count; i++)
		str_add_format(out, "%s%s", i ? " " : "", list->items[i]);
}

static void
same(const char *label, const char *output, const char *keyword, const char *ours)
{
	_cleanup_str_ struct str real = STR_INIT;

	real_value(output, keyword, &real);
	if (strcmp(real.data, ours) != 0)
		fail_msg("%s: %s: ssh says '%s', we say '%s'", label, keyword, real.data, ours);
}

static void
same_number(const char *label, const char *output, const char *keyword, int ours)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", ours);
	same(label, output, keyword, text);
}

static void
compare(const char *label, const char *real, const struct ssh_options *options)
{
	static const char *const policies[] = { "ask", "true", "accept-new", "ask", "false" };

	same(label, real, "hostname", options->host);
	same(label, real, "user", options->user);
	same_number(label, real, "port", options->port);
	same(label, real, "proxyjump", options->proxy_jump ? options->proxy_jump : "");
	same(label, real, "proxycommand", options->proxy_command ? options->proxy_command : "");
	same(label, real, "identitiesonly", options->identities_only ? "yes" : "no");
	same(label, real, "hashknownhosts", options->hash_known_hosts ? "yes" : "no");
	same(label, real, "passwordauthentication", options->no_password ? "no" : "yes");
	same(label, real, "stricthostkeychecking", policies[options->policy]);
	same(label, real, "hostkeyalias", options->host_key_alias ? options->host_key_alias : "");
	same(label, real, "bindaddress", options->bind_address ? options->bind_address : "");
	same_number(label, real, "serveraliveinterval", MAX(options->alive_interval_s, 0));
	same_number(label, real, "serveralivecountmax", options->alive_count);
	if (options->connect_timeout_s)
		same_number(label, real, "connecttimeout", options->connect_timeout_s);
	if (options->identity_agent)
		same(label, real, "identityagent", options->identity_agent);
}

/* `ssh -G` leaves ~ and tokens in paths as they are: only their number is the same. */
static void
compare_files(const char *label, const char *real, const struct ssh_options *options)
{
	_cleanup_str_ struct str theirs = STR_INIT, ours = STR_INIT;

	if (options->identity_files.count) {
		real_value(real, "identityfile", &theirs);
		list_text(&options->identity_files, &ours);
		if (!strpbrk(theirs.data, "~%"))
			assert_string_equal(theirs.data, ours.data);
	}
	list_text(&options->certificate_files, &ours);
	same(label, real, "certificatefile", ours.data);
	list_text(&options->global_known_hosts, &ours);
	same(label, real, "globalknownhostsfile", ours.data);
}

static void
test_as_ssh_does(void **state UNUSED)
{
	struct ssh_given given = { .config_file = NULL };
	_cleanup_str_ struct str path = STR_INIT;

	str_add_format(&path, "%s/config", directory);
	given.config_file = path.data;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ssh_config *config = ssh_config_new(NULL, NULL, warn, NULL);
		_cleanup_str_ struct str real = STR_INIT, text = STR_INIT;
		struct ssh_options options;
		struct error err = { 0 };
		struct arena arena;

		for (const char *at = cases[i].config; *at; at++)
			if (*at == '^')
				str_add(&text, directory);
			else
				str_add_char(&text, *at);
		file_write("config", text.data, text.length);
		arena_init(&arena);
		if (!ssh_config_resolve(config, cases[i].host, &given, &arena, &options, &err))
			fail_msg("%s: %s %s", cases[i].label, err.what, err.where);
		real_run(cases[i].host, &real);
		compare(cases[i].label, real.data, &options);
		compare_files(cases[i].label, real.data, &options);
		arena_release(&arena);
		ssh_config_free(config);
	}
}

static bool
resolve(const char *text, size_t length, const char *host, struct arena *arena,
	struct ssh_options *options, struct error *err)
{
	_cleanup_str_ struct str path = STR_INIT;
	struct ssh_given given = { 0 };

	ssh_config_free(last_config);
	last_config = ssh_config_new("/home/me", "me", warn, NULL);
	str_add_format(&path, "%s/config", directory);
	given.config_file = path.data;
	file_write("config", text, length);
	return ssh_config_resolve(last_config, host, &given, arena, options, err);
}

static void
test_unknown_things_warn(void **state UNUSED)
{
	static const char text[] = "Frobnicate yes\nMatch flavour vanilla\n User wrong\nMatch "
				   "tagged prod\n User wrong\n"
				   "Match localnetwork 127.0.0.0/8\n Port 21\nHost *\n "
				   "PKCS11Provider /lib/x.so\n User right\n";
	struct ssh_options options;
	struct error err = { 0 };
	struct arena arena;

	str_clear(&warnings);
	arena_init(&arena);
	assert_true(resolve(text, sizeof(text) - 1, "h", &arena, &options, &err));
	assert_string_equal(options.user, "right");
	assert_int_equal(options.port, 21);
	assert_non_null(strstr(warnings.data, "Frobnicate"));
	assert_non_null(strstr(warnings.data, "flavour"));
	assert_non_null(strstr(warnings.data, "PKCS11Provider"));
	arena_release(&arena);
}

static void
test_tag(void **state UNUSED)
{
	static const char text[] = "Host h\n Tag prod\nMatch tagged prod\n User right\n";
	struct ssh_options options;
	struct error err = { 0 };
	struct arena arena;

	arena_init(&arena);
	assert_true(resolve(text, sizeof(text) - 1, "h", &arena, &options, &err));
	assert_string_equal(options.user, "right");
	arena_release(&arena);
}

static void
test_long_lines_and_bad_ones(void **state UNUSED)
{
	static const char *const bad[] = { "Port abc\n", "Port 70000\n", "User\n", "User \"open\n",
		"Match\n", "Match host\n", "StrictHostKeyChecking perhaps\n",
		"AddressFamily inet5\n", "HostName %z\n", "IdentitiesOnly maybe\n",
		"ConnectTimeout 5q\n" };
	_cleanup_str_ struct str text = STR_INIT;
	struct ssh_options options;
	struct arena arena;

	arena_init(&arena);
	str_add(&text, "Host");
	for (int i = 0; i < 1000; i++)
		str_add_format(&text, " host%d.example.com", i);
	str_add(&text, "\n User right\n");
	assert_true(resolve(text.data, text.length, "host999.example.com", &arena, &options, NULL));
	assert_string_equal(options.user, "right");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = { 0 };

		if (resolve(bad[i], strlen(bad[i]), "h", &arena, &options, &err))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.kind, ERR_PARSE);
		if (!strstr(err.where, "config:1"))
			fail_msg("'%s' has no place: %s", bad[i], err.where);
	}
	arena_release(&arena);
}

static void
test_include_of_itself_ends(void **state UNUSED)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct ssh_options options;
	struct error err = { 0 };
	struct arena arena;

	arena_init(&arena);
	str_add_format(&text, "Include %s/config\n", directory);
	assert_false(resolve(text.data, text.length, "h", &arena, &options, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	arena_release(&arena);
}

static void
test_paths_and_tokens(void **state UNUSED)
{
	static const char text[] =
		"IdentityFile ~/.ssh/%n_%r\nUserKnownHostsFile ${ERTC_TEST}/kh %d/x\nUser u\n";
	struct ssh_options options;
	struct arena arena;

	arena_init(&arena);
	setenv("ERTC_TEST", "/env", 1);
	assert_true(resolve(text, sizeof(text) - 1, "h", &arena, &options, NULL));
	assert_string_equal(options.identity_files.items[0], "/home/me/.ssh/h_u");
	assert_string_equal(options.user_known_hosts.items[0], "/env/kh");
	assert_string_equal(options.user_known_hosts.items[1], "/home/me/x");
	arena_release(&arena);
}

/* Arguments. */

static void
test_arguments(void **state UNUSED)
{
	struct ssh_config *config = ssh_config_new("/home/me", "me", warn, NULL);
	struct ssh_given given = { 0 };
	struct ssh_options options;
	struct ssh_list words;
	struct arena arena;

	arena_init(&arena);
	assert_true(shell_words("-C -vvTJ bastion -o 'ServerAliveInterval 5' -oPort=7 -o "
				"\"IdentityFile=/a b\" -F none "
				"-i /c\\ d -l me -o Port=8",
		&arena, &words, NULL));
	assert_true(ssh_args_read(config, &words, &arena, &given, NULL, NULL));
	assert_true(ssh_config_resolve(config, "h", &given, &arena, &options, NULL));
	assert_string_equal(options.proxy_jump, "bastion");
	assert_int_equal(options.alive_interval_s, 5);
	assert_int_equal(options.port, 7);
	assert_string_equal(options.user, "me");
	assert_int_equal(options.identity_files.count, 2);
	assert_false(shell_words("'open", &arena, &words, NULL));
	assert_true(shell_words("stray", &arena, &words, NULL));
	assert_false(ssh_args_read(config, &words, &arena, &given, NULL, NULL));
	assert_true(shell_words("-J", &arena, &words, NULL));
	assert_false(ssh_args_read(config, &words, &arena, &given, NULL, NULL));
	arena_release(&arena);
	ssh_config_free(config);
}

/* Jumps. */

static void
test_jumps(void **state UNUSED)
{
	static const struct {
		const char *text, *user, *host;
		int port;
	} good[] = { { "h", NULL, "h", 0 }, { "u@h:22", "u", "h", 22 },
		{ "ssh://u@h:2223", "u", "h", 2223 }, { "ssh://h/", NULL, "h", 0 },
		{ "u@[2001:db8::1]:22", "u", "2001:db8::1", 22 }, { "[::1]", NULL, "::1", 0 },
		{ "2001:db8::1", NULL, "2001:db8::1", 0 }, { " u@x@h ", "u@x", "h", 0 } };
	static const char *const bad[] = { "", "u@", "h:", "h:0", "h:99999", "[::1", "[::1]x",
		"-oProxyCommand=x", "a b", "$(id)", "u;x@h", "ssh://", "-u@h",
		"h\nx" };
	struct arena arena;
	struct jump jump;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (!jump_parse(view_of(good[i].text), &arena, &jump, NULL))
			fail_msg("'%s' was refused", good[i].text);
		assert_true(text_equals(jump.user, good[i].user));
		assert_string_equal(jump.host, good[i].host);
		assert_int_equal(jump.port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (jump_parse(view_of(bad[i]), &arena, &jump, NULL))
			fail_msg("'%s' was taken", bad[i]);
	arena_release(&arena);
}

static void
test_proxy_commands(void **state UNUSED)
{
	static const char *const jumps[] = { "ssh -W %h:%p bastion", "ssh -q bastion -W %h:%p",
		"ssh bastion -W [%h]:%p",
		"/usr/bin/ssh -i ~/.ssh/k -p 2222 -l u -W %h:%p -q bastion",
		"ssh -W%h:%p -o User=u u@bastion", "exec ssh -F /x -W %h:%p bastion",
		"ssh -o StrictHostKeyChecking=no -W '%h:%p' -q u@bastion" };
	static const char *const others[] = { "nc %h %p", "ssh bastion nc %h %p",
		"ssh -W %h:22 bastion", "ssh -W %h:%p bastion 2>/dev/null", "ssh -W %h:%p",
		"ssh -W %h:%p %r@bastion", "ssh", "", "aws ssm start-session --target %h",
		"ssh -W %h:%p a b", "ssh -W %h:%p $(x)" };
	struct ssh_config *config = ssh_config_new("/home/me", "me", warn, NULL);
	struct arena arena;
	struct jump jump;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(jumps); i++) {
		struct ssh_given given = { 0 };

		if (!proxy_command_is_jump(config, jumps[i], &arena, &jump, &given))
			fail_msg("'%s' is no jump", jumps[i]);
		assert_string_equal(jump.host, "bastion");
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct ssh_given given = { 0 };

		if (proxy_command_is_jump(config, others[i], &arena, &jump, &given))
			fail_msg("'%s' is a jump", others[i]);
	}
	arena_release(&arena);
	ssh_config_free(config);
}

static int
setup(void **state UNUSED)
{
	_cleanup_str_ struct str command = STR_INIT;

	str_init(&warnings);
	assert_non_null(mkdtemp(directory));
	str_add_format(&command, "mkdir %s/conf.d", directory);
	assert_int_equal(system(command.data), 0);
	file_write("one", "Host h\n Port 1001\n", 18);
	file_write("two", "Host h\n User two\n", 17);
	file_write("conf.d/1.conf", "Host h\n User first\n", 19);
	file_write("conf.d/2.conf", "Host h\n User second\n Port 2\n", 28);
	return 0;
}

static int
teardown(void **state UNUSED)
{
	_cleanup_str_ struct str command = STR_INIT;

	str_release(&warnings);
	ssh_config_free(last_config);
	str_add_format(&command, "rm -rf %s", directory);
	return system(command.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_ssh_does),
		cmocka_unit_test(test_unknown_things_warn),
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_long_lines_and_bad_ones),
		cmocka_unit_test(test_include_of_itself_ends),
		cmocka_unit_test(test_paths_and_tokens),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_proxy_commands),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
