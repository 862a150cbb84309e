/*
 * Sessions, failed log-ons and used one-time codes; in memory only. After a
 * restart the failures and codes of the last hours come back from the ledger
 * (keeper/recall.h); sessions do not. One thread.
 */
#ifndef KEEPER_SESSION_H
#define KEEPER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "keeper/message.h"

enum {
	SESSIONS_MAX = 65536,
	SESSIONS_OF_ACCOUNT_MAX = 16, /* the oldest ends for a new one */
	SESSION_TAG_BYTES = 8
};

struct session {
	struct session_id id;
	uint8_t tag[SESSION_TAG_BYTES]; /* of its SHA-256, for entries */
	uint64_t body, account, person;
	uint64_t terminal;  /* a row in force at log-on, or 0 */
	uint64_t source;    /* where it logged on from */
	bool has_code;
	bool must_change;
	instant stepped_at; /* last one-time code; 0: none */
	instant seen_at;
	instant ends_at;
	instant refused_at; /* last refusal that was entered */
};

struct sessions;

struct sessions *sessions_open(void) MUST_CHECK;
void sessions_close(struct sessions *s);

/*
 * A new session; body, account, person, terminal, has_code, must_change and
 * ends_at are the caller's to set in *like. NULL: too many at once.
 */
struct session *session_begin(struct sessions *s, const struct session *like,
    instant now) MUST_CHECK;

/* NULL: unknown, or past its idle time (it is ended then). */
struct session *session_find(struct sessions *s, const struct session_id *id,
    instant now, instant idle);

void session_end(struct sessions *s, struct session *session);

/* Every session of an account, but `except` (may be NULL). */
void session_end_account(struct sessions *s, uint64_t body, uint64_t account,
    const struct session *except);

/* Every session that was begun at a terminal. */
void session_end_terminal(struct sessions *s, uint64_t body,
    uint64_t terminal);

/* Ends what is past ends_at or was not seen for `idle`. */
void sessions_sweep(struct sessions *s, instant now, instant idle);

size_t sessions_count(const struct sessions *s);

/*
 * Failures of a pair (account, source). Charge before checking the proof,
 * clear when it was right: so no burst passes. Full table: the oldest goes.
 */
bool failures_must_wait(const struct sessions *s, uint64_t account,
    uint64_t source, instant now, uint32_t allowed, instant delay);
void failures_charge(struct sessions *s, uint64_t account, uint64_t source,
    instant now);
void failures_clear(struct sessions *s, uint64_t account, uint64_t source);

/* A one-time code's step may be used once, and none before it. */
bool code_is_fresh(const struct sessions *s, uint64_t account, uint64_t step);
bool code_use(struct sessions *s, uint64_t account,
    uint64_t step) MUST_CHECK; /* false without memory */

#endif
