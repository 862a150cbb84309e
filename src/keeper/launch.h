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
	KEEPER_SHARE_MAX_BYTES = 128
};

enum unlock_way {
	UNLOCK_PASSPHRASE, /* one or two lines (two persons) */
	UNLOCK_KEY_FILE,   /* 32 raw bytes, or 64 hexadecimal digits */
	UNLOCK_TOKEN,      /* PKCS#11: an AES key that wraps */
	UNLOCK_SHARES,     /* two of three recovery shares */
	UNLOCK_WAYS
};

/*
 * How to unlock. Nothing secret stands here: the helper reads passphrases,
 * PINs and shares from input_fd, a line each.
 */
struct unlock {
	enum unlock_way way;
	int input_fd;           /* PASSPHRASE, TOKEN (PIN), SHARES */
	bool is_prompting;      /* input_fd is a terminal: ask, without echo */
	bool needs_two_persons; /* PASSPHRASE, when made */
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

/* Adds another way to unlock (or replaces the same one); `by` must work. */
bool keeper_unlock_add(const char *dir, const struct unlock *by,
    const struct unlock *added, enum password_cost cost,
    struct err *err) MUST_CHECK;

/*
 * Forks helper and keeper, and waits until the keeper has its keys and has
 * verified its ledger (it is LOADING or REFUSING then: ask STATUS).
 * ERR_DENIED when the key does not open, ERR_BUSY when another keeper has
 * the folder, ERR_CORRUPT when its files do not verify.
 */
bool keeper_launch(const struct keeper_options *options,
    struct keeper_process *ret, struct err *err) MUST_CHECK;

/* Closes the channels that were not taken over and waits for its end. */
void keeper_stop(struct keeper_process *p);

#endif
