/*
 * streamer: the private backend. ffmpeg publishes media files to the frontend's RTMP, each as a
 * systemd unit that comes back by itself; key frames fall on the borders of HLS fragments.
 */
#include "roles/role.h"

static const struct role_variable variables[] = {
	{ "streamer_source", ROLE_STRING, "''",
		.doc = "A media file on the controller, a path on the host (file:/…), an URL, or "
		       "testsrc for a test picture." },
	{ "streamer_media_dir", ROLE_PATH, "/media", .doc = "Where media files are kept." },
	{ "streamer_target", ROLE_STRING, "''", .also = "nginx_host",
		.doc = "Host of the frontend." },
	{ "streamer_port", ROLE_PORT, "1935", .doc = "Its RTMP port." },
	{ "streamer_app", ROLE_NAME, "hls", .doc = "The RTMP application." },
	{ "streamer_name", ROLE_NAME, "my-video", .doc = "The stream's name." },
	{ "streamer_stream_key", ROLE_STRING, "''",
		.doc = "Secret for on_publish; appended as ?key=…" },
	{ "streamer_streams", ROLE_LIST, "[]",
		.doc = "Several streams: name, source, and any of app, target, port, stream_key, "
		       "loop, copy." },
	{ "streamer_loop", ROLE_BOOL, "true", .doc = "Begin again at the end of the file." },
	{ "streamer_fps", ROLE_INT, "25", .doc = "Frames a second." },
	{ "streamer_hls_fragment", ROLE_INT, "\"{{ nginx_rtmp_hls_fragment | default(5) }}\"",
		.doc = "Seconds of the frontend's fragments: a key frame stands at the beginning "
		       "of each." },
	{ "streamer_video", ROLE_MAP,
		"{codec: libx264, preset: veryfast, tune: zerolatency, bitrate: 1500k}",
		.doc = "codec, preset, tune, bitrate, maxrate, bufsize." },
	{ "streamer_audio", ROLE_MAP, "{codec: aac, bitrate: 128k, rate: 48000}",
		.doc = "codec, bitrate, rate." },
	{ "streamer_copy", ROLE_BOOL, "false",
		.doc = "The file is H.264 and AAC already: send it as it is." },
	{ "streamer_user", ROLE_NAME, "streamer", .doc = "System user that ffmpeg runs as." },
	{ "streamer_nice", ROLE_INT, "5", .doc = "Niceness." },
	{ "streamer_cpu_quota", ROLE_STRING, "''",
		.doc = "CPUQuota of systemd, for example 150%." },
	{ "streamer_verify", ROLE_BOOL, "true",
		.doc = "Prove at the end that ffmpeg keeps publishing." },
	{ NULL },
};

/* One stream or several: a list of maps with all their keys, and where each file is on the host. */
static bool
list_streams(struct role_run *run, struct error *err)
{
	static const char *const keys[] = { "name", "source", "app", "target", "port", "stream_key",
		"loop", "copy" };
	const struct value *given, *media;
	struct value *streams = value_list(run->arena), *single;

	if (!run->get(run, "streamer_streams", &given, err) ||
		!run->get(run, "streamer_media_dir", &media, err))
		return false;
	if (!value_is_list(given) || !given->list.count) {
		single = value_list(run->arena);
		value_add(run->arena, single, value_map(run->arena));
		given = single;
	}
	VALUE_EACH (one, given) {
		struct value *stream = value_map(run->arena);
		const char *source, *target, *name;

		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			const struct value *value = value_get(one, keys[i]);

			if (!value &&
				!run->get(run, arena_format(run->arena, "streamer_%s", keys[i]),
					&value, err))
				return false;
			value_set(run->arena, stream, keys[i], value ? value : &value_empty_string);
		}
		source = value_to_text(run->arena, value_get(stream, "source"));
		target = value_to_text(run->arena, value_get(stream, "target"));
		if (!*source || !*target) {
			fail(err, ERR_TASK, "%s is required",
				*source ? "streamer_target" : "streamer_source");
			return error_hint(
				err, "set it for this host, or per stream in streamer_streams");
		}
		name = strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
		if (text_starts(source, "file:"))
			value_set(run->arena, stream, "input", value_text(run->arena, source + 5));
		else if (strstr(source, "://") || !strcmp(source, "testsrc"))
			value_set(run->arena, stream, "input", value_text(run->arena, source));
		else {
			value_set(run->arena, stream, "copy_from", value_text(run->arena, source));
			value_set(run->arena, stream, "input",
				value_format(run->arena, "%s/%s", value_to_text(run->arena, media),
					name));
		}
		value_add(run->arena, streams, stream);
	}
	run->set(run, "streamer_list", streams);
	run->message = arena_format(run->arena, "%u stream%s", streams->list.count,
		streams->list.count == 1 ? "" : "s");
	return true;
}

#define EACH "{{ streamer_list }}"

static const struct role_row tasks[] = {
	TASK("Look at the host", setup, ARGS({ "gather_subset", "!all,!min,distribution" }),
		.when = "ansible_facts.os_family is not defined", .tags = "streamer,always"),
	STEP("List the streams", list_streams, .tags = "streamer,always"),
	TASK("Only where ffmpeg is packaged", fail,
		ARGS({ "msg", "ffmpeg is not in the repositories of {{ ansible_facts.distribution "
			      "}}; install a static build as "
			      "/usr/bin/ffmpeg first" }),
		.when = "ansible_facts.os_family != 'Debian'", .tags = "streamer,always"),
	TASK("Install ffmpeg", package, INSTALL("ffmpeg"), .tags = "streamer,install"),
	TASK("User of the streamer", user,
		ARGS({ "name", "{{ streamer_user }}" }, { "system", "true" },
			{ "create_home", "false" }, { "shell", "/usr/sbin/nologin" }),
		.tags = "streamer,install"),
	TASK("Folder of the media", file,
		ARGS({ "path", "{{ streamer_media_dir }}" }, { "state", "directory" },
			{ "mode", "0755" }),
		.tags = "streamer,config"),
	TASK("Copy the media", copy,
		ARGS({ "src", "{{ item.copy_from }}" }, { "dest", "{{ item.input }}" },
			{ "mode", "0644" }),
		.loop = EACH, .label = "{{ item.name }}", .when = "item.copy_from is defined",
		.notify = "restart streams", .tags = "streamer,config"),
	TASK("Folder of stream keys", file,
		ARGS({ "path", "/etc/ertc-streamer" }, { "state", "directory" },
			{ "mode", "0700" }),
		.tags = "streamer,config"),
	TASK("Settings of each stream", template,
		ARGS({ "src", "stream.env.j2" },
			{ "dest", "/etc/ertc-streamer/{{ item.name }}.env" }, { "mode", "0600" }),
		.loop = EACH, .label = "{{ item.name }}", .notify = "restart streams",
		.no_log = "true", .tags = "streamer,config"),
	TASK("Unit of the streams", template,
		ARGS({ "src", "ertc-streamer@.service.j2" },
			{ "dest", "/etc/systemd/system/ertc-streamer@.service" },
			{ "mode", "0644" }),
		.notify = "restart streams", .tags = "streamer,config"),
	TASK("Start each stream", systemd,
		ARGS({ "name", "ertc-streamer@{{ item.name }}.service" }, { "state", "started" },
			{ "enabled", "true" }, { "daemon_reload", "true" }),
		.loop = EACH, .label = "{{ item.name }}", .tags = "streamer,service"),
	TASK("Handlers now", meta, ARGS({ "free_form", "flush_handlers" }), .tags = "streamer"),
	TASK("Verify: each stream goes on", shell,
		ARGS({ "cmd", "a=$(systemctl show -p NRestarts --value ertc-streamer@{{ item.name "
			      "}}); sleep 3; systemctl "
			      "is-active ertc-streamer@{{ item.name }} && [ \"$a\" = \"$(systemctl "
			      "show -p NRestarts --value "
			      "ertc-streamer@{{ item.name }})\" ]" }),
		.loop = EACH, .label = "{{ item.name }}", .register_as = "streamer_alive",
		.changed_when = "false", .until = "streamer_alive.rc == 0", .retries = 5,
		.delay = 3, .when = "streamer_verify | bool and not ansible_check_mode",
		.tags = "streamer,verify"),
	TASKS_END,
};

static const struct role_row handlers[] = {
	TASK("restart streams", systemd,
		ARGS({ "name", "ertc-streamer@{{ item.name }}.service" }, { "state", "restarted" },
			{ "daemon_reload", "true" }),
		.loop = EACH, .label = "{{ item.name }}"),
	TASKS_END,
};

const struct role_table role_streamer = {
	.name = "streamer",
	.summary = "Publish media to an RTMP frontend with ffmpeg, as systemd units",
	.variables = variables,
	.tasks = tasks,
	.handlers = handlers,
};
