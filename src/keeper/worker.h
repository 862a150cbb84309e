/*
 * The one thread that computes Argon2id, so that log-ons do not hold up the
 * rest: a bounded queue in, a bounded queue out, and a descriptor that tells
 * of results. Jobs live in locked memory and are wiped.
 */
#ifndef KEEPER_WORKER_H
#define KEEPER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "crypto/password.h"

enum {
	WORKER_JOBS_MAX = 64,
	WORKER_CONTENT_MAX = 2048,
	WORKER_PAST_MAX = 5 /* the present password and those before it */
};

struct job {
	/* whom to answer */
	unsigned channel;
	uint32_t generation;
	unsigned type;
	uint64_t number;
	uint8_t content[WORKER_CONTENT_MAX]; /* the request's */
	size_t content_n;
	/* what to do */
	bool has_check;
	size_t check_at, check_n; /* the password within content */
	char check_hash[PASSWORD_HASH_BYTES];
	bool has_make;
	size_t make_at, make_n;
	size_t n_past; /* passwords that it must not be again */
	char past[WORKER_PAST_MAX][PASSWORD_HASH_BYTES];
	/* results */
	bool is_right;
	bool is_reused; /* then nothing is made */
	bool is_made;
	char made[PASSWORD_HASH_BYTES];
};

struct worker;

struct worker *worker_open(enum password_cost cost,
    struct err *err) MUST_CHECK;
/* Waits for the job under way. NULL is fine. */
void worker_close(struct worker *w);

/* Readable when there are results. */
int worker_fd(const struct worker *w);

/* A job to fill in and submit, or NULL: too many at once. */
struct job *worker_take(struct worker *w);
void worker_submit(struct worker *w, struct job *j);

/* A finished job, or NULL; give it back. */
struct job *worker_result(struct worker *w);
void worker_give_back(struct worker *w, struct job *j);

#endif
