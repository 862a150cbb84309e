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

/* DATA with keeper keys; three recovery shares, a line each (NULL: none). */
bool found_installation(const char *dir, const char *origin,
    const struct unlock *unlock, enum password_cost cost,
    struct buf *ret_shares, struct err *err) MUST_CHECK;

/* ---- a body ---- */

enum {
	FIRST_PERSONS_MAX = 40,
	FIRST_SECTIONS_MAX = 200,
	FIRST_YEARS = 3 /* appointed until the fiscal year's end after these */
};

/* One of the first people: an office of the pack, an account. */
struct first_person {
	struct slice office; /* the pack's key */
	struct slice logon, name, kana;
	struct slice section; /* by name; empty: of the whole body */
};

struct new_body {
	struct slice pack;       /* its folder below options.packs */
	struct slice name, kana; /* empty: as the pack has them */
	bool has_sections;       /* the pack's whole tree; else organs alone */
	size_t n_sections;       /* more, of the first organ */
	struct slice sections[FIRST_SECTIONS_MAX];
	size_t n_persons;
	struct first_person persons[FIRST_PERSONS_MAX];
};

/*
 * What is wrong with it, before anything is asked for or done: an office or
 * a section that is not there, a log-on name twice, and fewer people than the
 * body needs to go on by itself (somebody who appoints, two with accounts).
 */
bool found_body_check(const struct pack *pack, const struct new_body *body,
    struct err *err) MUST_CHECK;

/* Told of each person as soon as the account is there; once. */
typedef void found_told(void *ctx, struct slice office, struct slice name,
    struct slice logon, const char *password);

/* ERR_CONFLICT: there is a body of that name. */
bool found_body(const struct household_options *options,
    const struct new_body *body, found_told *told, void *ctx,
    struct err *err) MUST_CHECK;

/* Nobody is left who could reset it: a new password, to be changed at once. */
struct lost_account {
	struct slice body;   /* name */
	struct slice logon;
	struct slice office; /* appointed to it anew; empty: not */
};
bool found_account_again(const struct household_options *options,
    const struct lost_account *lost, found_told *told, void *ctx,
    struct err *err) MUST_CHECK;

/*
 * The limits of every body as its pack has them now; told(ctx, body's name) for
 * each. In maintenance, so by two persons where the passphrase is theirs.
 */
typedef void limits_told(void *ctx, struct slice body);
bool found_limits(const struct household_options *options, limits_told *told,
    void *ctx, struct err *err) MUST_CHECK;

/* ---- the demonstration ---- */

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

/* Who may log on to it, with what: told each time one is made or served. */
void found_demo_accounts(FILE *to);

#endif
