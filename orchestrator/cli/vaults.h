#ifndef ORCHESTRATOR_CLI_VAULTS_H
#define ORCHESTRATOR_CLI_VAULTS_H
/* The vault options of a command line, the environment and ansible.cfg become a ring of passwords.
 */
#include "orchestrator/cli/options.h"
#include "vault/vault.h"

struct vaults_asking {
	bool always; /* ask where no option names a password */
	bool is_new; /* what is asked for is to encrypt with: asked twice */
	void (*warn)(void *context, const char *text);
	void *context;
};

/* A ring with what the sources give; empty where there are none. A source that fails is a warning
 * as long as another one works. The caller frees *out, also after a failure. */
bool vaults_read(struct options *options, const struct vaults_asking *asking, struct vault **out,
	struct error *err) MUST_CHECK;

/* Asks at the terminal, or where there is none takes a line of stdin. False: end of input. */
bool vaults_ask(void *context, const char *prompt, char *answer, size_t size);

#endif
