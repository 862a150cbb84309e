/*
 * fumikura: composition and choice of process.
 *
 * One binary: the server with its pages and API, the keeper that it forks,
 * the commands that maintain, and the command line that speaks to a server.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/ledger.h"
#include "cli/pack.h"
#include "serve/command.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", command_serve},
    {"demo", command_demo},
    {"init", command_init},
    {"ledger", cli_ledger},
    {"pack", cli_pack},
};

static int
help(int argc, char **argv)
{
	if (argc > 1 && cli_help_action(argv[1], stdout))
		return 0;
	cli_help(stdout);
	return argc > 1;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		cli_help(stderr);
		return 2;
	}
	argc--;
	argv++;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(argc, argv);
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0)
		return help(argc, argv);
	if (strcmp(argv[0], "--man") == 0) {
		cli_manual(stdout);
		return 0;
	}
	if (cli_is_action(argv[0]))
		return cli_client(argc, argv);
	fprintf(stderr, "fumikura: there is no command %s; fumikura --help "
	    "lists them\n", argv[0]);
	return 2;
}
