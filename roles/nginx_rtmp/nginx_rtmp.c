/*
 * nginx_rtmp: the frontend. nginx takes RTMP from the private side and serves HLS, a player page
 * and /stat. The whole configuration is written beside the live one first and checked by `nginx
 * -t`; only then does it replace it.
 */
#include "roles/role.h"

static const struct role_variable variables[] = {
	{ "nginx_rtmp_domain", ROLE_NAME, "default_domain", .also = "domain",
		.doc = "Server name and folder of the page." },
	{ "nginx_rtmp_server_names", ROLE_LIST, "['{{ nginx_rtmp_domain }}']",
		.doc = "All server_names." },
	{ "nginx_rtmp_main_server", ROLE_BOOL, "true", .also = "main_server",
		.doc = "Adds default_server." },
	{ "nginx_rtmp_contexts", ROLE_LIST, "[http, rtmp]", .also = "servers",
		.doc = "Top-level contexts to write: http, rtmp, stream, mail." },
	{ "nginx_rtmp_http_port", ROLE_PORT, "80", .also = "http_port", .doc = "HTTP port." },
	{ "nginx_rtmp_https_port", ROLE_PORT, "443",
		.doc = "HTTPS port, where a certificate is given." },
	{ "nginx_rtmp_listen_ipv6", ROLE_BOOL, "true",
		.doc = "Listen on IPv6 too, where the host has it." },
	{ "nginx_rtmp_port", ROLE_PORT, "1935", .also = "rtmp_port", .doc = "RTMP port." },
	{ "nginx_rtmp_listen_address", ROLE_STRING, "''",
		.doc = "Address for RTMP; empty: the host's first private one, else any." },
	{ "nginx_rtmp_chunk_size", ROLE_INT, "4096", .doc = "RTMP chunk size." },
	{ "nginx_rtmp_applications", ROLE_LIST,
		"[{name: hls, live: true, record: 'off', hls: true}]",
		.doc = "RTMP applications: name, live, record, record_path, hls, hls_path, "
		       "hls_fragment, "
		       "hls_playlist_length, hls_nested, hls_cleanup, allow_publish, deny_publish, "
		       "allow_play, deny_play, "
		       "on_publish, on_play, on_publish_done, on_record_done, on_update, "
		       "notify_method, push, pull, "
		       "exec_push, drop_idle_publisher, max_connections, extra." },
	{ "nginx_rtmp_allow_publish", ROLE_LIST,
		"\"{{ (([private_cidr_block] | flatten) if private_cidr_block is defined else []) "
		"+ ['127.0.0.1'] }}\"",
		.doc = "Who may publish: addresses and networks, or [all]." },
	{ "nginx_rtmp_hls_path", ROLE_PATH, "/var/lib/nginx-rtmp/hls",
		.doc = "Where HLS fragments are written." },
	{ "nginx_rtmp_hls_tmpfs", ROLE_BOOL, "false", .doc = "Keep the fragments in memory." },
	{ "nginx_rtmp_hls_tmpfs_size", ROLE_STRING, "256m", .doc = "Its size." },
	{ "nginx_rtmp_hls_fragment", ROLE_INT, "5", .doc = "Seconds of a fragment." },
	{ "nginx_rtmp_hls_playlist", ROLE_INT, "30", .doc = "Seconds of the playlist." },
	{ "nginx_rtmp_cors_origin", ROLE_STRING, "'*'",
		.doc = "Access-Control-Allow-Origin on /hls; empty: none." },
	{ "nginx_rtmp_page", ROLE_STRING, "''",
		.doc = "Template of the page; empty: the built-in player." },
	{ "nginx_rtmp_player_url", ROLE_STRING, "''",
		.doc = "URL of an HLS player script for browsers without HLS of their own; empty: "
		       "none." },
	{ "nginx_rtmp_stream_name", ROLE_NAME, "my-video",
		.doc = "The stream that the page plays." },
	{ "nginx_rtmp_stat", ROLE_BOOL, "true", .doc = "Serve /stat." },
	{ "nginx_rtmp_stat_allow", ROLE_LIST, "[127.0.0.1]", .doc = "Who may see /stat." },
	{ "nginx_rtmp_control", ROLE_BOOL, "false", .doc = "Serve /control, on loopback only." },
	{ "nginx_rtmp_workers", ROLE_STRING,
		"\"{{ 1 if 'rtmp' in nginx_rtmp_contexts else 'auto' }}\"",
		.doc = "Worker processes: with RTMP one, else HLS is seen on the publishing worker "
		       "only." },
	{ "nginx_rtmp_auto_push", ROLE_BOOL, "\"{{ nginx_rtmp_workers | string != '1' }}\"",
		.doc = "Push streams between workers." },
	{ "nginx_rtmp_packages", ROLE_LIST,
		"\"{{ ['nginx'] + ((dependencies | default([]) | list) or ['libnginx-mod-rtmp'] if "
		"'rtmp' in "
		"nginx_rtmp_contexts else []) }}\"",
		.doc = "What is installed." },
	{ "nginx_rtmp_module", ROLE_PATH, "/usr/lib/nginx/modules/ngx_rtmp_module.so",
		.doc = "The RTMP module, loaded here unless modules-enabled does." },
	{ "nginx_rtmp_extra_conf_options", ROLE_STRING, "''",
		.doc = "More lines at the top of nginx.conf." },
	{ "nginx_rtmp_extra_http_options", ROLE_STRING, "''", .doc = "More lines in http { }." },
	{ "nginx_rtmp_vhosts", ROLE_LIST, "[]", .doc = "More server blocks, as text." },
	{ "nginx_rtmp_upstreams", ROLE_LIST, "[]", .doc = "upstream blocks, as text." },
	{ "nginx_rtmp_ssl_cert", ROLE_STRING, "''",
		.doc = "Certificate chain (PEM) on the host; empty: no TLS." },
	{ "nginx_rtmp_ssl_key", ROLE_STRING, "''", .doc = "Its key." },
	{ "nginx_rtmp_verify", ROLE_BOOL, "true",
		.doc = "Prove at the end that RTMP and HTTP answer." },
	{ NULL },
};

/* ---- steps ---- */

static bool
is_context(const char *name)
{
	static const char *const contexts[] = { "http", "rtmp", "stream", "mail" };

	for (size_t i = 0; name && i < ARRAY_SIZE(contexts); i++)
		if (!strcmp(name, contexts[i]))
			return true;
	return false;
}

/* What templates cannot refuse: unknown contexts, an application without a name, TLS with half of
 * its files. */
static bool
check_variables(struct role_run *run, struct error *err)
{
	const struct value *contexts, *applications, *certificate, *key, *publishers;

	if (!run->get(run, "nginx_rtmp_contexts", &contexts, err) ||
		!run->get(run, "nginx_rtmp_applications", &applications, err) ||
		!run->get(run, "nginx_rtmp_ssl_cert", &certificate, err) ||
		!run->get(run, "nginx_rtmp_ssl_key", &key, err) ||
		!run->get(run, "nginx_rtmp_allow_publish", &publishers, err))
		return false;
	VALUE_EACH (context, contexts)
		if (!is_context(value_string(context))) {
			fail(err, ERR_TASK, "nginx_rtmp_contexts: '%s' is no context of nginx",
				value_to_text(run->arena, context));
			return error_hint(err, "use http, rtmp, stream or mail");
		}
	VALUE_EACH (application, applications)
		if (!value_is_string(value_get(application, "name"))) {
			fail(err, ERR_TASK, "nginx_rtmp_applications: an application has no name");
			return error_hint(err, "write [{name: hls, live: true, hls: true}]");
		}
	if (value_is_true(certificate) != value_is_true(key)) {
		fail(err, ERR_TASK, "nginx_rtmp_ssl_cert and nginx_rtmp_ssl_key go together");
		return false;
	}
	if (value_is_list(publishers)) {
		VALUE_EACH (publisher, publishers)
			if (text_equals(value_string(publisher), "all"))
				run->warn(run, "nginx_rtmp_allow_publish holds 'all': anybody who "
					       "reaches the RTMP port "
					       "can publish");
	}
	return true;
}

static bool
is_private(const char *address)
{
	int64_t second;
	struct view rest = view_of(address), piece;

	if (text_starts(address, "10.") || text_starts(address, "192.168."))
		return true;
	if (!text_starts(address, "172.") || !view_cut(&rest, '.', &piece) ||
		!view_cut(&rest, '.', &piece))
		return false;
	return number_parse(piece, &second) && second >= 16 && second <= 31;
}

/* RTMP is bound to the private side when there is one. */
static bool
choose_address(struct role_run *run, struct error *err)
{
	const struct value *wanted, *addresses, *first;
	const char *address = NULL;

	if (!run->get(run, "nginx_rtmp_listen_address", &wanted, err) ||
		!run->get(run, "ansible_facts.all_ipv4_addresses | default([])", &addresses, err) ||
		!run->get(run, "ansible_facts.default_ipv4.address | default('')", &first, err))
		return false;
	if (value_is_true(wanted))
		address = value_to_text(run->arena, wanted);
	else if (value_string(first) && is_private(value_string(first)))
		address = value_string(first);
	if (!address && value_is_list(addresses)) {
		VALUE_EACH (candidate, addresses)
			if (!address && value_string(candidate) &&
				is_private(value_string(candidate)))
				address = value_string(candidate);
	}
	run->set(run, "nginx_rtmp_bind", value_text(run->arena, address ? address : ""));
	run->message =
		arena_format(run->arena, "RTMP listens on %s", address ? address : "all addresses");
	return true;
}

/* The module may be loaded by the package's own file; loading it twice is an error of nginx. */
static bool
choose_module(struct role_run *run, struct error *err)
{
	const struct value *enabled, *wants, *directory;
	bool includes;

	if (!run->get(run, "nginx_rtmp_enabled_files.stdout | default('')", &enabled, err) ||
		!run->get(run, "'rtmp' in nginx_rtmp_contexts", &wants, err) ||
		!run->get(run, "nginx_rtmp_enabled_dir.stat.exists | default(false)", &directory,
			err))
		return false;
	includes = value_is_true(directory) || run->check_mode;
	run->set(run, "nginx_rtmp_include_modules", value_bool(run->arena, includes));
	run->set(run, "nginx_rtmp_load_module",
		value_bool(run->arena, value_is_true(wants) && !includes));
	run->message = includes ? "modules are loaded by modules-enabled"
				: "the module is loaded by nginx.conf";
	return true;
}

/* ---- tasks ---- */

#define CONFIG "nginx_rtmp,config"
#define VERIFY_WHEN "nginx_rtmp_verify | bool and not ansible_check_mode"
#define SITES "{{ nginx_rtmp_contexts }}"

static const struct role_row tasks[] = {
	TASK("Look at the host", setup, ARGS({ "gather_subset", "!all,!min,network,distribution" }),
		.when = "ansible_facts.default_ipv4 is not defined or ansible_facts.os_family is "
			"not defined",
		.tags = "nginx_rtmp,always"),
	STEP("Check the variables", check_variables, .tags = "nginx_rtmp,always"),
	TASK("Only where the RTMP module is packaged", fail,
		ARGS({ "msg", "the RTMP module is not packaged for {{ ansible_facts.distribution "
			      "}}; install it and set "
			      "nginx_rtmp_packages: [nginx] and nginx_rtmp_module to its path" }),
		.when = "ansible_facts.os_family != 'Debian' and 'libnginx-mod-rtmp' in "
			"nginx_rtmp_packages",
		.tags = "nginx_rtmp,always"),
	STEP("Choose where RTMP listens", choose_address, .tags = "nginx_rtmp,always"),

	TASK("Install nginx", package, INSTALL("{{ nginx_rtmp_packages }}"),
		.tags = "nginx_rtmp,install"),

	TASK("Are modules enabled by files?", stat, ARGS({ "path", "/etc/nginx/modules-enabled" }),
		.register_as = "nginx_rtmp_enabled_dir", .tags = CONFIG),
	STEP("Choose who loads the module", choose_module, .tags = CONFIG),
	TASK("Folder of the page", file,
		ARGS({ "path", "/var/www/{{ nginx_rtmp_domain }}" }, { "state", "directory" },
			{ "mode", "0755" }),
		.when = "'http' in nginx_rtmp_contexts", .tags = CONFIG),
	TASK("Folder of the fragments", file,
		ARGS({ "path", "{{ item }}" }, { "state", "directory" }, { "owner", "www-data" },
			{ "mode", "0755" }),
		.loop = "{{ ([nginx_rtmp_hls_path] + (nginx_rtmp_applications | "
			"selectattr('hls_path', 'defined') | "
			"map(attribute='hls_path') | list)) | unique }}",
		.when = "'rtmp' in nginx_rtmp_contexts", .tags = CONFIG),
	TASK("Folders of recordings", file,
		ARGS({ "path", "{{ item }}" }, { "state", "directory" }, { "owner", "www-data" },
			{ "mode", "0750" }),
		.loop = "{{ nginx_rtmp_applications | selectattr('record_path', 'defined') | "
			"map(attribute='record_path') "
			"| unique | list }}",
		.tags = CONFIG),
	TASK("Fragments in memory", template,
		ARGS({ "src", "hls.mount.j2" },
			{ "dest", "/etc/systemd/system/{{ nginx_rtmp_hls_path[1:] | replace('-', "
				  "'\\\\x2d') | "
				  "replace('/', '-') }}.mount" },
			{ "mode", "0644" }),
		.when = "nginx_rtmp_hls_tmpfs | bool", .notify = "mount fragments", .tags = CONFIG),
	TASK("Folder to check the configuration in", file,
		ARGS({ "path", "/etc/nginx/ertc-staged" }, { "state", "directory" },
			{ "mode", "0755" }),
		.tags = CONFIG),
	TASK("Style of /stat", copy,
		ARGS({ "src", "stat.xsl" }, { "dest", "/var/www/{{ nginx_rtmp_domain }}/stat.xsl" },
			{ "mode", "0644" }),
		.when = "nginx_rtmp_stat | bool and 'http' in nginx_rtmp_contexts", .tags = CONFIG),
	TASK("Stage the sites", template,
		ARGS({ "src", "{{ item }}.j2" }, { "dest", "/etc/nginx/ertc-staged/{{ item }}" },
			{ "mode", "0644" }),
		.loop = SITES, .register_as = "nginx_rtmp_staged_sites", .tags = CONFIG),
	TASK("Stage nginx.conf", template,
		ARGS({ "src", "nginx.conf.j2" }, { "dest", "/etc/nginx/ertc-staged/nginx.conf" },
			{ "mode", "0644" }),
		.vars = "nginx_rtmp_sites: /etc/nginx/ertc-staged",
		.register_as = "nginx_rtmp_staged", .tags = CONFIG),
	TASK("nginx accepts the configuration", command,
		ARGS({ "cmd", "nginx -t -q -c /etc/nginx/ertc-staged/nginx.conf" }),
		.changed_when = "false",
		.when = "(nginx_rtmp_staged is changed or nginx_rtmp_staged_sites is changed) and "
			"not ansible_check_mode",
		.tags = CONFIG),
	TASK("Write the sites", template,
		ARGS({ "src", "{{ item }}.j2" },
			{ "dest", "/etc/nginx/sites-available/{{ item }}" }, { "mode", "0644" }),
		.loop = SITES, .notify = "reload nginx", .tags = CONFIG),
	TASK("Enable the sites", file,
		ARGS({ "src", "/etc/nginx/sites-available/{{ item }}" },
			{ "dest", "/etc/nginx/sites-enabled/{{ item }}" }, { "state", "link" },
			{ "force", "{{ ansible_check_mode }}" }),
		.loop = SITES, .notify = "reload nginx", .tags = CONFIG),
	TASK("Disable the default site", file,
		ARGS({ "path", "/etc/nginx/sites-enabled/default" }, { "state", "absent" }),
		.notify = "reload nginx", .tags = CONFIG),
	TASK("Write nginx.conf", template,
		ARGS({ "src", "nginx.conf.j2" }, { "dest", "/etc/nginx/nginx.conf" },
			{ "mode", "0644" }),
		.vars = "nginx_rtmp_sites: /etc/nginx/sites-enabled", .notify = "reload nginx",
		.tags = CONFIG),
	TASK("Write the page", template,
		ARGS({ "src", "{{ nginx_rtmp_page or 'index.html.j2' }}" },
			{ "dest", "/var/www/{{ nginx_rtmp_domain }}/index.html" },
			{ "mode", "0644" }),
		.when = "'http' in nginx_rtmp_contexts", .tags = CONFIG),

	TASK("Start nginx", service,
		ARGS({ "name", "nginx" }, { "state", "started" }, { "enabled", "true" }),
		.tags = "nginx_rtmp,service"),
	TASK("Handlers now", meta, ARGS({ "free_form", "flush_handlers" }), .tags = "nginx_rtmp"),

	TASK("Verify: RTMP answers", wait_for,
		ARGS({ "host", "{{ nginx_rtmp_bind or '127.0.0.1' }}" },
			{ "port", "{{ nginx_rtmp_port }}" }, { "timeout", "10" }),
		.when = VERIFY_WHEN " and 'rtmp' in nginx_rtmp_contexts",
		.tags = "nginx_rtmp,verify"),
	TASK("Verify: the RTMP handshake", shell,
		ARGS({ "executable", "/bin/bash" },
			{ "cmd", "exec 3<>/dev/tcp/{{ nginx_rtmp_bind or '127.0.0.1' }}/{{ "
				 "nginx_rtmp_port }}; { printf '\\003'; "
				 "head -c 1536 /dev/zero; } >&3; timeout 5 head -c 3073 <&3 | od "
				 "-An -tu1 -v | awk "
				 "'NR == 1 { version = $1 } { bytes += NF } END { print version, "
				 "bytes }'" }),
		.register_as = "nginx_rtmp_handshake", .changed_when = "false",
		.failed_when = "nginx_rtmp_handshake.stdout != '3 3073'",
		.when = VERIFY_WHEN " and 'rtmp' in nginx_rtmp_contexts",
		.tags = "nginx_rtmp,verify"),
	TASK("Verify: the page is served", shell,
		ARGS({ "executable", "/bin/bash" },
			{ "cmd",
				"exec 3<>/dev/tcp/127.0.0.1/{{ nginx_rtmp_http_port }}; printf "
				"'GET / HTTP/1.0\\r\\nHost: {{ "
				"nginx_rtmp_domain }}\\r\\n\\r\\n' >&3; timeout 5 head -n 1 <&3" }),
		.register_as = "nginx_rtmp_home", .changed_when = "false", .retries = 5, .delay = 1,
		.until = "nginx_rtmp_home.stdout is search(' (200|301|302|308)')",
		.when = VERIFY_WHEN " and 'http' in nginx_rtmp_contexts",
		.tags = "nginx_rtmp,verify"),
	TASK("Verify: /stat knows the applications", shell,
		ARGS({ "executable", "/bin/bash" },
			{ "cmd", "exec 3<>/dev/tcp/127.0.0.1/{{ nginx_rtmp_http_port }}; printf "
				 "'GET /stat HTTP/1.0\\r\\nHost: {{ "
				 "nginx_rtmp_domain }}\\r\\n\\r\\n' >&3; timeout 5 cat <&3" }),
		.register_as = "nginx_rtmp_stat_page", .changed_when = "false", .retries = 10, .delay = 1,
		.until = "nginx_rtmp_stat_page.stdout is search('<rtmp>') and "
			 "nginx_rtmp_applications[0].name in nginx_rtmp_stat_page.stdout",
		.when = VERIFY_WHEN
		" and nginx_rtmp_stat | bool and 'rtmp' in nginx_rtmp_contexts and 'http' in "
		"nginx_rtmp_contexts",
		.tags = "nginx_rtmp,verify"),
	TASKS_END,
};

static const struct role_row handlers[] = {
	TASK("mount fragments", systemd,
		ARGS({ "name", "{{ nginx_rtmp_hls_path[1:] | replace('-', '\\\\x2d') | "
			       "replace('/', '-') }}.mount" },
			{ "state", "restarted" }, { "enabled", "true" },
			{ "daemon_reload", "true" })),
	TASK("reload nginx", service, ARGS({ "name", "nginx" }, { "state", "reloaded" })),
	TASK("restart nginx", service, ARGS({ "name", "nginx" }, { "state", "restarted" })),
	TASKS_END,
};

static const struct role_port ports[] = {
	{ "tcp", "{{ nginx_rtmp_http_port }}", "{{ 'http' in nginx_rtmp_contexts }}", "HTTP" },
	{ "tcp", "{{ nginx_rtmp_https_port }}",
		"{{ 'http' in nginx_rtmp_contexts and nginx_rtmp_ssl_cert | default('') != '' }}",
		"HTTPS" },
	{ "tcp", "{{ nginx_rtmp_port }}", "{{ 'rtmp' in nginx_rtmp_contexts }}", "RTMP" },
	{ NULL },
};

const struct role_table role_nginx_rtmp = {
	.name = "nginx_rtmp",
	.aliases = (const char *const[]){ "gara2000.nginx", NULL },
	.summary = "nginx with the RTMP module: takes RTMP, serves HLS and a player page",
	.variables = variables,
	.tasks = tasks,
	.handlers = handlers,
	.ports = ports,
};
