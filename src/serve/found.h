/*
 * Founding: a new installation, and bodies in it.
 *
 * A body is founded in maintenance: its plain rows, its limits, and the first
 * appointments with their accounts. Everything after that is done by those
 * people, in sessions, as in every other installation.
 */
#ifndef SERVE_FOUND_H
#define SERVE_FOUND_H

#include <stdio.h>

#include "serve/household.h"

/* DATA with keeper keys, a key file and recovery shares (printed to `to`). */
bool found_installation(const char *dir, const char *origin,
    const struct unlock *unlock, enum password_cost cost, FILE *to,
    struct err *err) MUST_CHECK;

/* What a demonstration is made of. */
struct demo_options {
	const char *dir;
	const char *packs;
	const char *store;  /* NULL: sqlite in DATA */
	uint64_t residents; /* of each body */
	uint64_t seed;
	bool has_no_sandbox;
};

/* Five bodies, one for each pack, with invented people; tells what it did. */
bool found_demo(const struct demo_options *options, FILE *to,
    struct err *err) MUST_CHECK;

#endif
