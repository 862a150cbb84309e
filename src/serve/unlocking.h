/*
 * The keys on the command line: how to unlock, as options that several
 * commands share, and the commands that change the ways.
 */
#ifndef SERVE_UNLOCKING_H
#define SERVE_UNLOCKING_H

#include "cli/command.h"
#include "keeper/launch.h"

/* --key-file, --token and what belongs to it, --passphrase-file, --shares. */
extern const struct cli_option unlocking_options[];

/*
 * As the options say; without any, DATA/demo.key where there is one, else the
 * passphrase from standard input. False: complained of. *room holds what the
 * result points to.
 */
struct unlocking_room {
	const char *prompts[UNLOCK_PROMPTS];
	char demo_key[512];
};
bool unlocking_read(const struct cli_call *call, const char *dir,
    struct unlocking_room *room, struct unlock *ret) MUST_CHECK;

/* The questions in the caller's language. */
const char *const *unlocking_prompts(const struct cli_call *call,
    struct unlocking_room *room);

/* Closes a file that unlocking_read() opened. */
void unlocking_close(struct unlock *u);

/* Recovery shares as `init` and `unlock --new-shares` print them, once. */
void unlocking_print_shares(const struct cli_call *call,
    const struct buf *shares);

extern const struct cli_command command_passphrase, command_recover,
    command_unlock, command_rotate;

#endif
