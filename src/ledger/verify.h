/*
 * Checks a log without any secret key: every bundle against every leaf hash,
 * every tile, the write-ahead file's frames, and the checkpoint's signature.
 * Works on a ledger's folder and on a plain tlog-tiles tree, and changes
 * neither. The log must not be written to meanwhile.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "ledger/file.h"
#include "ledger/note.h"

struct verified {
	char origin[NOTE_NAME_MAX_BYTES + 1];
	uint64_t entries;          /* all that are durable */
	uint8_t root[HASH_BYTES];  /* of them */
	bool is_signed;            /* there is a checkpoint, and it verifies */
	uint64_t signed_entries;
	uint8_t signed_root[HASH_BYTES];
	instant signed_at;         /* 0: the log states no time */
	bool is_plain;             /* no write-ahead file */
	uint64_t torn_bytes;       /* at the very end; opening puts it aside */
	uint64_t files;            /* tiles and bundles read */
};

/*
 * key: the log's verifier key, or NULL to believe the folder's own `vkey`
 * (which proves nothing about whose log it is). ERR_CORRUPT says what does
 * not verify; ERR_NOT_FOUND: this is not a log.
 */
bool verify_log(const struct file_layer *files, const char *dir,
    const struct note_key *key, struct verified *ret,
    struct err *err) MUST_CHECK;

/* The same, and shows each entry in its turn; false ends it. */
typedef bool verify_visit(void *ctx, uint64_t index, struct slice entry,
    struct err *err);
bool verify_entries(const struct file_layer *files, const char *dir,
    const struct note_key *key, verify_visit *visit, void *ctx,
    struct verified *ret, struct err *err) MUST_CHECK;

/*
 * The same, and writes the entries that the checkpoint covers as a plain
 * tree (tile/, checkpoint, vkey) into the folder `out`, which is made.
 * ERR_NOT_FOUND: nothing was signed yet.
 */
bool ledger_export(const struct file_layer *files, const char *dir,
    const struct note_key *key, const char *out, struct verified *ret,
    struct err *err) MUST_CHECK;

#endif
