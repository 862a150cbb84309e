/*
 * Commands on a data directory.
 */
#ifndef SERVE_COMMAND_H
#define SERVE_COMMAND_H

#include "cli/command.h"
#include "serve/household.h"
#include "serve/unlocking.h"

extern const struct cli_command command_init, command_demo, command_serve;

/* In found_command.c */
extern const struct cli_command command_found, command_account_recover,
    command_limits;

/* In backup.c */
extern const struct cli_command command_backup, command_restore;

/* --store and --packs, of whatever opens an installation. */
extern const struct cli_option place_options[];

/* What they and the unlocking options say; false: complained of. */
struct place_room {
	char packs[512];
	struct unlocking_room unlocking;
};
bool place_read(const struct cli_call *call, struct place_room *room,
    struct household_options *ret) MUST_CHECK;

#endif
