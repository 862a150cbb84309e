/*
 * Commands as data. One row says a command's name, operands, options and what
 * it does; the reading of the command line, `--help`, `fumikura help` and the
 * manual page all come from it, so they cannot differ.
 *
 * Exit codes: 0 done, 1 it did not work, 2 called wrongly, 3 no server, 4 the
 * keeper ended under the server.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "action/action.h"
#include "base/attr.h"
#include "base/err.h"

enum {
	CLI_OPTIONS_MAX = 256, /* given at once */
	CLI_OPERANDS_MAX = 256,
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NO_SERVER = 3,
	CLI_LOST = 4
};

struct cli_option {
	const char *name;     /* "key-file"; NULL ends a list */
	const char *argument; /* "FILE"; NULL: it takes none */
	enum word what;
	bool many;            /* may stand several times */
};

struct cli_call;

struct cli_command {
	const char *name;     /* "serve", "ledger verify" */
	const char *operands; /* "DATA" */
	size_t min_operands, max_operands;
	enum word what;
	const struct cli_option *options[4]; /* lists; NULL: no more */
	int (*run)(const struct cli_call *call);
};

/* One command line, read. */
struct cli_call {
	const struct cli_command *command;
	enum lang lang;
	size_t n_given;
	struct {
		const struct cli_option *option;
		const char *value;
	} given[CLI_OPTIONS_MAX];
	size_t n_operands;
	char *operands[CLI_OPERANDS_MAX];
};

/* The name must be an option of the command. NULL: not given. */
const char *cli_value(const struct cli_call *call, const char *name);
const char *cli_nth(const struct cli_call *call, const char *name, size_t nth);
bool cli_has(const struct cli_call *call, const char *name);

/* A decimal option, `otherwise` when not given; false: complained. */
bool cli_number(const struct cli_call *call, const char *name, uint64_t max,
    uint64_t otherwise, uint64_t *ret) MUST_CHECK;

/* A line of the catalogue, {0} to {3} filled; the arguments end with NULL. */
void cli_say(FILE *to, enum lang lang, enum word word, ...);

/* The same without the line's end: an answer follows it. */
void cli_ask(FILE *to, enum lang lang, enum word word, ...);

/* Says what went wrong and what to do; CLI_FAILED. */
int cli_complain(const struct cli_call *call, const struct err *err);

/* Says that it was called wrongly, and where that is told; CLI_USAGE. */
int cli_misused(const struct cli_call *call, enum word word, const char *arg);

/*
 * The whole program: finds the command (or action), reads its options, runs
 * it. `locale` is the environment's language; --lang overrides.
 */
int cli_main(const struct cli_command *const *commands, size_t n, int argc,
    char **argv, const char *locale);

/* ---- help, from the rows ---- */

struct cli_commands {
	const struct cli_command *const *list;
	size_t n;
	enum lang lang;
};

void cli_help(const struct cli_commands *c, FILE *to);
void cli_help_command(const struct cli_command *c, enum lang lang, FILE *to);
bool cli_help_action(const char *name, enum lang lang, FILE *to);
void cli_manual(const struct cli_commands *c, FILE *to);

/* The rows of this folder. */
extern const struct cli_command cli_ledger_verify, cli_ledger_export,
    cli_pack_check_row, cli_pack_coverage_row;

#endif
