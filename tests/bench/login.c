/*
 * login: the bare cost of libssh: logs in to N hosts one after another with a key that is already read, and no more.
 * Host i is the address with its last number raised by i. Prints wall and CPU seconds for all, and how many were good.
 * usage: login FIRST_ADDRESS N PORT USER KEY
 */
#include <libssh/libssh.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double
wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int
log_in(const char *host, int port, const char *user, ssh_key key)
{
	int off = 0, on = 1, is_good;
	ssh_session session = ssh_new();

	ssh_options_set(session, SSH_OPTIONS_HOST, host);
	ssh_options_set(session, SSH_OPTIONS_PORT, &port);
	ssh_options_set(session, SSH_OPTIONS_USER, user);
	ssh_options_set(session, SSH_OPTIONS_NODELAY, &on);
	ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &off);
	ssh_options_set(session, SSH_OPTIONS_KEY_EXCHANGE, "curve25519-sha256");
	is_good = ssh_connect(session) == SSH_OK && ssh_userauth_publickey(session, NULL, key) == SSH_AUTH_SUCCESS;
	if (!is_good)
		fprintf(stderr, "%s: %s\n", host, ssh_get_error(session));
	ssh_disconnect(session);
	ssh_free(session);
	return is_good;
}

int
main(int argc, char **argv)
{
	unsigned octets[4];
	int count, port, good = 0;
	double start, used;
	ssh_key key;

	if (argc != 6 || sscanf(argv[1], "%u.%u.%u.%u", &octets[0], &octets[1], &octets[2], &octets[3]) != 4)
		return 2;
	count = (int)strtol(argv[2], NULL, 10);
	port = (int)strtol(argv[3], NULL, 10);
	ssh_init();
	if (ssh_pki_import_privkey_file(argv[5], NULL, NULL, NULL, &key) != SSH_OK)
		return 1;
	start = wall();
	used = cpu();
	for (int i = 0; i < count; i++) {
		char host[64];

		snprintf(host, sizeof(host), "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3] + (unsigned)i);
		good += log_in(host, port, argv[4], key);
	}
	printf("%.6f %.6f %d\n", wall() - start, cpu() - used, good);
	ssh_key_free(key);
	return good != count;
}
