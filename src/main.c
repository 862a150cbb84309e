/*
 * fumikura: composition and choice of process.
 *
 * One binary: the server with its pages and API, the keeper that it forks,
 * the commands that maintain, and the command line that speaks to a server.
 */
#include <stdlib.h>

#include "cli/command.h"
#include "serve/command.h"

static const struct cli_command *const commands[] = {
    &command_init,
    &command_found,
    &command_serve,
    &command_passphrase,
    &command_recover,
    &command_unlock,
    &command_rotate,
    &command_backup,
    &command_restore,
    &command_account_recover,
    &command_limits,
    &command_demo,
    &cli_ledger_verify,
    &cli_ledger_export,
    &cli_pack_check_row,
    &cli_pack_coverage_row,
};

/* POSIX: the first that is set and not empty. */
static const char *
locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && *value != '\0')
			return value;
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	return cli_main(commands, sizeof(commands) / sizeof(commands[0]), argc,
	    argv, locale());
}
