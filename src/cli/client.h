/*
 * The command line as a face of the action table: `fumikura record.view
 * --holding ... --server URL`. Speaks to a running server over its API.
 *
 * The session stands in FUMIKURA_SESSION, or in --session; session.logon
 * prints a new one. Secrets are read from standard input when their option
 * is given as "-". Exit codes: 0 done, 1 refused, 2 called wrongly, 3 no
 * server.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

#include "action/action.h"

/* argv[0] is the action's name. */
int cli_client(enum lang lang, int argc, char **argv);

bool cli_is_action(const char *name);

#endif
