#ifndef ORCHESTRATOR_CLI_CLI_H
#define ORCHESTRATOR_CLI_CLI_H
/* The verbs of `ertc`. Each gets its own argv (argv[0] is the verb) and returns the exit code. */

int command_play(int argc, char **argv);
int command_inventory(int argc, char **argv);
int command_run(int argc, char **argv);
int command_ssh(int argc, char **argv);
int command_vault(int argc, char **argv);
int command_vars(int argc, char **argv);
int command_lint(int argc, char **argv);
int command_config(int argc, char **argv);
int command_doc(int argc, char **argv);
int command_template_eval(int argc, char **argv);

void version_print(const char *program);

#endif
