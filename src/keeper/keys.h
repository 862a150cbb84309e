/*
 * The key file: every key the keeper has, each sealed under the one above.
 *
 *	master (from the helper, wiped after use)
 *	  root ............ what is derived by name: authority, set, ...
 *	    log seed
 *	    body key
 *	      holding key . wraps and search tokens, derived by name
 *	      epoch key ... entries of one (retention class, month)
 *	    epoch key ..... of body 0: the system's own entries
 *
 * The file is written whole: new file, synced, renamed; a file that held a
 * destroyed key is overwritten before it is let go. An HMAC under root stands
 * at its end. Keys live in locked memory. One thread.
 */
#ifndef KEEPER_KEYS_H
#define KEEPER_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "ledger/file.h"

enum { KEY_BYTES = 32 };

struct keys;

/* A new key file with root and log seed; its folder exists. */
bool keys_create(struct files *files, const char *dir,
    const uint8_t master[KEY_BYTES], struct err *err) MUST_CHECK;

/* ERR_DENIED: another master key. ERR_CORRUPT: the file was changed. */
struct keys *keys_open(struct files *files, const char *dir,
    const uint8_t master[KEY_BYTES], struct err *err) MUST_CHECK;
void keys_close(struct keys *k);

/*
 * Seals everything under another master key. The file `rotation` says, before
 * `keys` is replaced, what it will be (its SHA-256); the old one is
 * overwritten.
 */
bool keys_reseal(struct keys *k, const uint8_t master[KEY_BYTES],
    struct err *err) MUST_CHECK;

/* A key for one use, from root. */
void keys_derive(const struct keys *k, const char *use,
    uint8_t ret[KEY_BYTES]);

const uint8_t *keys_log_seed(const struct keys *k);

bool keys_has_body(const struct keys *k, uint64_t body);

/* Made unless there. */
bool keys_make_body(struct keys *k, uint64_t body, struct err *err) MUST_CHECK;
bool keys_make_holding(struct keys *k, uint64_t body, uint64_t holding,
    struct err *err) MUST_CHECK;

/* NULL when there is no such holding. Live as long as k. */
struct holding_keys {
	struct mac *wrap;
	struct mac *token;
};
const struct holding_keys *keys_holding(const struct keys *k, uint64_t body,
    uint64_t holding);

/*
 * The MAC from which entries' keys are derived; made at first use unless
 * is_reading, and with it those of the months to come, so that a copy of the
 * file reads the ledger that was written for a year after it was taken. NULL:
 * no space, or (reading) destroyed.
 */
enum { KEYS_MONTHS_AHEAD = 12 };
const struct mac *keys_epoch(struct keys *k, uint64_t body, uint8_t retention,
    uint16_t month, bool is_reading, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND when there is none (any more). */
bool keys_forget_epoch(struct keys *k, uint64_t body, uint8_t retention,
    uint16_t month, struct err *err) MUST_CHECK;

#endif
