/*
 * fumikura ledger verify DIR [--key VKEY]
 * fumikura ledger export DIR OUT [--key VKEY]
 *
 * Offline, without any secret key. argv[0] is "ledger". Exit codes: 0 it
 * verifies, 1 it does not, 2 called wrongly.
 */
#ifndef CLI_LEDGER_H
#define CLI_LEDGER_H

int cli_ledger(int argc, char **argv);

#endif
