#ifndef ORCHESTRATOR_DELIVERY_LINK_H
#define ORCHESTRATOR_DELIVERY_LINK_H
/*
 * A link is a runner at work on a host and the bytes to and from it: the road (ssh with its hops,
 * the user's own ssh, or a local child) and the bootstrap that finds or pushes the runner. What
 * travels on it are the frames of docs/PROTOCOL.md; the link neither reads nor writes them.
 */
#include "base/error.h"
#include "os/loop.h"

struct transport; /* all connections of a run: shared bastions, keys, known hosts, ssh_config */
struct link;

/* How to reach a host. Texts are borrowed until link_open returns. NULL or 0: not given. */
struct link_settings {
	const char *name;	/* the inventory's name, for messages */
	const char *connection; /* "ssh" (also "smart", "paramiko"), "ssh-cli", "local" */
	const char *host;	/* ansible_host, else the name */
	int port;
	const char *user;
	const char *password; /* ansible_password / -k; secret */
	const char *private_key_file;
	const char *ssh_common_args; /* as given to ssh: -J, -o …, -i, -F … */
	const char *ssh_extra_args;
	const char *ssh_executable;    /* ssh-cli only */
	const char *host_key_checking; /* "yes", "accept-new", "ask", "off"; NULL: ssh_config's,
					  else accept-new */
	const char *remote_dir; /* ertc_remote_dir: where the runner is cached, before the usual
				   places */
	int timeout_s;		/* each connect phase; 0: 10 */
};

struct link_info {
	const char *architecture; /* "x86_64", "aarch64" */
	bool was_pushed;	  /* the runner had to be sent first */
	const char *road;	  /* for -vvv: "ssh admin@10.77.2.31:22 by root@203.0.113.21" */
};

struct link_handler {
	/* The runner is up: frames may be sent. */
	void (*ready)(void *context, const struct link_info *info);
	void (*received)(void *context, const void *bytes, size_t length);
	/* What was queued has left this process (see link_queued). */
	void (*drained)(void *context);
	/* For the live line: "connecting", "login", "pushing the runner (214 KB)" …; may be NULL.
	 */
	void (*progress)(void *context, const char *what);
	/* The last call, unless link_close was called first: err says why (ERR_UNREACHABLE,
	 * ERR_DENIED, ERR_TIMEOUT); `was_ready` false: nothing was done on the host. NULL err: the
	 * runner ended in order. */
	void (*closed)(void *context, const struct error *err, bool was_ready);
};

struct transport_settings {
	struct loop *loop;
	int connects_at_once; /* logins under way at the same time; 0: 50 */
	int retries;	      /* of connection attempts where nothing was done yet */
	bool can_ask;	      /* a terminal is there for passphrases and host keys */
	/* Asks the person (blocking is allowed); false: no answer. `is_secret`: no echo. NULL:
	 * nobody to ask. */
	bool (*ask)(void *context, const char *prompt, bool is_secret, char *answer, size_t size);
	/* A warning for the person. */
	void (*warn)(void *context, const char *text);
	void *context;
};

struct transport *transport_new(const struct transport_settings *settings);
void transport_free(struct transport *transport); /* closes what is still open */

/* Never NULL: what fails is reported through `closed`, from the loop, not from within this call. */
struct link *link_open(struct transport *transport, const struct link_settings *settings,
	const struct link_handler *handler, void *context);
void link_send(struct link *link, const void *bytes, size_t length); /* copies */
size_t link_queued(const struct link *link); /* bytes not yet given to the road */
void link_close(struct link *link);	     /* at once; no further calls; frees it */

/* For tests and --version: logins made so far per address, as "user@host:port" lines. */
size_t transport_login_count(const struct transport *transport);

#endif
