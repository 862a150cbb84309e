/*
 * How much a person opened within the body's window, over all accounts,
 * sessions and holdings. A window is 16 parts and the running one, so it is
 * never shorter than the pack says. Comes back from the ledger at start.
 * One thread.
 */
#ifndef KEEPER_LIMIT_H
#define KEEPER_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"

enum {
	LIMIT_PARTS = 16,
	LIMIT_LOOKUPS_PER_RECORD = 16, /* search tokens looked up */
	LIMIT_TOKENS_PER_RECORD = 64   /* stored, for each record written */
};

enum limit_what {
	LIMIT_OPENED,  /* records */
	LIMIT_LOOKUPS, /* tokens to search by */
	LIMIT_WRITTEN, /* records made or corrected */
	LIMIT_STORED,  /* tokens to store */
	LIMITS
};

struct limits;

struct limits *limits_open(void) MUST_CHECK;
void limits_close(struct limits *l);

/* The sum in the window that ends at `now`. */
uint64_t limit_count(const struct limits *l, uint64_t body, uint64_t person,
    enum limit_what what, instant now, instant window);

/* False without memory: then nothing may be given. */
bool limit_add(struct limits *l, uint64_t body, uint64_t person,
    enum limit_what what, instant at, instant window,
    uint64_t n) MUST_CHECK;

/* What a permit has been used for; permits are rows. */
uint64_t permit_used(const struct limits *l, uint64_t body, uint64_t permit);
bool permit_use(struct limits *l, uint64_t body, uint64_t permit,
    uint64_t n) MUST_CHECK;

#endif
