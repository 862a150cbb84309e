/*
 * The keeper's logs: the one that is written to, and those that a restore
 * ended and left as evidence. Entries are numbered through all of them: each
 * log has the number of its first entry, and between two there is a gap, so
 * that a number that was given once names one entry for ever.
 *
 * The file `origin` names them, the present one first, a line each: origin,
 * and behind a space the number of the first entry (none: 0). The log that
 * came first lies in `ledger`, the second in `ledger.2`, and so on. That
 * file's replacement is what makes a restore so. One thread.
 */
#ifndef KEEPER_LOGS_H
#define KEEPER_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "ledger/ledger.h"

enum {
	LOGS_MAX = 8,        /* of one installation */
	LOGS_STEP = 1000000, /* first entries are multiples of this */
	LOGS_KEY_BYTES = LEDGER_ORIGIN_MAX_BYTES + 128 /* signed-note vkey */
};

struct logs_names {
	size_t n;
	struct log_name {
		char origin[LEDGER_ORIGIN_MAX_BYTES + 1];
		uint64_t first;
	} log[LOGS_MAX]; /* [0] is the oldest, [n - 1] the present one */
};

bool logs_read_names(const char *dir, struct logs_names *ret,
    struct err *err) MUST_CHECK;
bool logs_write_names(struct files *files, const char *dir,
    const struct logs_names *names, struct err *err) MUST_CHECK;

/* "ledger", "ledger.2" below dir, of the i-th log. */
bool logs_path(char ret[FILE_PATH_MAX], const char *dir, size_t i,
    struct err *err) MUST_CHECK;

/* A log's verifier key as a signed note has it. */
bool logs_name_key(const char *origin, const uint8_t pub[SIGN_PUBLIC_BYTES],
    char ret[LOGS_KEY_BYTES], struct err *err) MUST_CHECK;

/* Ends in "/scripted": the clock of such a log is not the world's. */
bool logs_is_scripted(const char *origin);

struct logs;

/* What all logs of an installation have in common. */
struct logs_config {
	struct files *files;
	const char *dir; /* DATA/keeper */
	uint8_t public_key[SIGN_PUBLIC_BYTES];
	size_t wal_bytes;
	size_t reserve_bytes; /* of the present one */
};

struct logs *logs_open(const struct logs_config *c,
    const struct logs_names *names, struct err *err) MUST_CHECK;
void logs_close(struct logs *l);

/* The one that is written to. */
struct ledger *logs_present(const struct logs *l);
uint64_t logs_first(const struct logs *l); /* number of its first entry */

/* The number behind the newest durable entry; the one that is given next. */
uint64_t logs_end(const struct logs *l);
uint64_t logs_next(const struct logs *l);

/* The log that holds an entry, and where in it; NULL: there is none. */
struct ledger *logs_find(const struct logs *l, uint64_t number,
    uint64_t *ret_index, const char **ret_key);

/* The first entry there is from `number` on; logs_end() when none is. */
uint64_t logs_skip(const struct logs *l, uint64_t number);

/* Entries below `number` end here: `number`, or where a gap before it begins.
 */
uint64_t logs_back(const struct logs *l, uint64_t number);

/* As ledger_read(), by the number. */
bool logs_read(struct logs *l, uint64_t number, struct slice *ret,
    struct err *err) MUST_CHECK;

/* The verifier key of the log before the present one; empty: there is none. */
const char *logs_key_before(const struct logs *l);

#endif
