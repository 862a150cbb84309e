/*
 * Starting a keeper: the server calls keeper_launch() before it opens a
 * socket or a thread. A helper process unlocks the master key and ends; the
 * keeper then holds the keys, and the server the channels to it.
 *
 * DATA/keeper/unlock says in which ways the master key can be had; each way
 * is the master key sealed under a key that only that way gives.
 */
#ifndef KEEPER_LAUNCH_H
#define KEEPER_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/password.h"

struct file_layer;

enum {
	KEEPER_CHANNELS_MAX = 16,
	KEEPER_SHARES = 3,       /* recovery shares made, two are needed */
	KEEPER_SHARE_MAX_BYTES = 128,
	UNLOCK_WAIT_SECONDS = 300,
	UNLOCK_PASSPHRASE_MIN = 12, /* characters, of each person */
	MAINTENANCE_MINUTES = 60 /* then such a keeper ends by itself */
};

enum unlock_way {
	UNLOCK_PASSPHRASE, /* one or two lines (two persons) */
	UNLOCK_KEY_FILE,   /* 32 raw bytes, or 64 hexadecimal digits */
	UNLOCK_TOKEN,      /* PKCS#11: an AES key that wraps */
	UNLOCK_SHARES,     /* two of three recovery shares */
	UNLOCK_WAYS
};

/* What is asked on a terminal. */
enum unlock_prompt {
	PROMPT_PASSPHRASE, /* of the first person, or of the only one */
	PROMPT_SECOND_PASSPHRASE,
	PROMPT_NEW,        /* when one is made: each typed twice */
	PROMPT_SECOND_NEW,
	PROMPT_AGAIN,
	PROMPT_PIN,
	PROMPT_SHARE,
	PROMPT_SECOND_SHARE,
	UNLOCK_PROMPTS
};

/*
 * How to unlock. Nothing secret stands here: the helper reads passphrases,
 * PINs and shares from input_fd, a line each. What is typed on a terminal is
 * not shown; nothing typed for UNLOCK_WAIT_SECONDS ends it, and so does ^C.
 */
struct unlock {
	enum unlock_way way;
	int input_fd;           /* PASSPHRASE, TOKEN (PIN), SHARES */
	bool is_prompting;      /* input_fd is a terminal */
	const char *const *prompts; /* by enum unlock_prompt, when prompting */
	bool needs_two_persons; /* PASSPHRASE, when made; never taken back */
	bool makes_key;         /* TOKEN, when made: a key if it has none */
	const char *key_file;   /* KEY_FILE: path, systemd credential too */
	const char *module;     /* TOKEN: path of the PKCS#11 module */
	const char *token;      /* TOKEN: label of the token */
	const char *key_label;  /* TOKEN: label of the AES key in it */
};

struct keeper_options {
	const char *dir;         /* DATA/keeper */
	struct unlock unlock;
	unsigned channels;       /* 1..KEEPER_CHANNELS_MAX */
	bool is_maintenance;     /* see docs/keeper.md */
	bool has_no_sandbox;     /* for sanitizers and debuggers only */
	enum password_cost cost;
	instant script;          /* > 0: scripted clock that begins here */
	size_t wal_bytes;        /* of a write-ahead segment; 0: the default */
	/* What is done to the ways to unlock, entered first; NULL: nothing */
	const char *deed;
	/* Of the keeper's process; NULL: the system's. Fault tests fail it. */
	const struct file_layer *files;
};

struct keeper_process {
	pid_t pid;
	unsigned n;
	int fds[KEEPER_CHANNELS_MAX]; /* for channel_open() */
};

/*
 * A new installation: makes dir (0700), a random master key, the keys and an
 * empty ledger named `origin` (a host-like name, such as
 * "fumikura.example.lg.jp/log"; ending in "/scripted" for a log whose clock
 * is a script: only such a log can be started with one). ERR_CONFLICT when
 * there is one already. Writes KEEPER_SHARES recovery shares to ret_shares,
 * a line each, unless it is NULL: print them for three persons and wipe the
 * buf.
 */
bool keeper_init(const char *dir, const char *origin,
    const struct unlock *unlock, enum password_cost cost,
    struct buf *ret_shares, struct err *err) MUST_CHECK;

/*
 * Where a passphrase of two persons was made, whatever is maintenance takes
 * two persons: both passphrases, or two recovery shares. A key file or a
 * token goes on starting the server, and does nothing else (ERR_DENIED).
 */

/* The ways there are; needs no secret. */
struct unlock_known {
	enum unlock_way way;
	bool needs_two_persons;
};
bool keeper_unlock_list(const char *dir,
    struct unlock_known ret[UNLOCK_WAYS], size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Adds a way to unlock, or replaces the same one, or takes one away: entered
 * in the ledger first (verb keeper.unlock). o->unlock must work, and no
 * keeper may run. New shares make the old ones worthless; they go to
 * ret_shares as with keeper_init(). The last way besides the shares stays.
 */
bool keeper_unlock_set(const struct keeper_options *o,
    const struct unlock *added, struct buf *ret_shares,
    struct err *err) MUST_CHECK;
bool keeper_unlock_remove(const struct keeper_options *o, enum unlock_way way,
    struct err *err) MUST_CHECK;

/*
 * A folder that was put back from a backup: opens a new log whose first entry
 * (verb keeper.restore) cites the last known checkpoint of the old one, which
 * stays as evidence. o->unlock must be of two persons, always. `newer`: a
 * ledger's folder or an exported tree of the same log from after the backup
 * (NULL: there is none); what it says was erased is erased again. `origin`:
 * the new log's name (NULL: made from the first one's). No keeper may run.
 */
struct keeper_restored {
	char origin[256];       /* of the new log */
	uint64_t first;         /* number of its first entry */
	uint64_t entries;       /* of the old log, in the backup */
	uint64_t known;         /* in the newest copy of it */
	instant signed_at;      /* of its last known checkpoint */
	uint8_t root[32];       /* that it states */
	bool has_newer;
	uint64_t erased;        /* slots that were alive in the backup */
	uint64_t rows;          /* rights changed since: not in force */
	uint64_t unread;        /* since, of a month whose key is not here */
};
bool keeper_restore(const struct keeper_options *o, const char *newer,
    const char *origin, struct keeper_restored *ret,
    struct err *err) MUST_CHECK;

/*
 * A new master key, sealed in these ways and in new shares (to ret_shares, as
 * with keeper_init()); every way that was there before opens nothing any more.
 * Entered first (verb keeper.rotate). o->unlock must be of two persons, always,
 * and where two made the passphrase, two make the new one. Killed at any
 * moment, either the old ways open or the new ones. No keeper may run.
 */
bool keeper_rotate(const struct keeper_options *o, const struct unlock *ways,
    size_t n, struct buf *ret_shares, struct err *err) MUST_CHECK;

/*
 * Whoever copies, restores or changes the folder holds it meanwhile: a
 * descriptor to close, or -1. ERR_BUSY: a keeper has it.
 */
int keeper_lock(const char *dir, struct err *err) MUST_CHECK;

/*
 * Forks helper and keeper, and waits until the keeper has its keys and has
 * verified its ledger (it is LOADING or REFUSING then: ask STATUS).
 * ERR_DENIED when the key does not open, ERR_BUSY when another keeper has
 * the folder, ERR_CORRUPT when its files do not verify, ERR_INPUT when it is
 * a backup's copy that has yet to be restored.
 */
bool keeper_launch(const struct keeper_options *options,
    struct keeper_process *ret, struct err *err) MUST_CHECK;

/* Closes the channels that were not taken over and waits for its end. */
void keeper_stop(struct keeper_process *p);

#endif
