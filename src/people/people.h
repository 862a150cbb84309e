/*
 * Bodies and their people as plain rows: organs, the tree of sections,
 * persons, accounts, posts, terminals. None of it lets anybody do anything:
 * that is an authority row (people/authority.h), which the keeper makes.
 *
 * Reading functions copy into the caller's arena. Lists go by a cursor: give
 * the id (or kana and id) of the last row seen, at first 0, and at most
 * PEOPLE_PAGE_MAX as `max`. Writing functions run inside a store job.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

enum {
	PEOPLE_PAGE_MAX = 1000,
	PEOPLE_NAME_MAX_BYTES = 300,
	PEOPLE_LOGON_MAX_BYTES = 64,
	PEOPLE_DEPTH_MAX = 16 /* of the tree of sections */
};

struct people_body {
	uint64_t id;
	struct slice pack;      /* the pack's id */
	struct slice pack_hash; /* 32 bytes or empty */
	struct slice name;
	struct slice kana;
	struct slice code; /* empty: none (contractors) */
	instant created;
};

/* 実施機関 */
struct people_organ {
	uint64_t id;
	struct slice name;
	struct slice head_title;
	uint32_t adopted_on;    /* YYYYMMDD, 0: none */
	struct slice ordinance; /* of one outside the Act; else empty */
	uint32_t position;      /* in lists of all of them */
};

/* The regulation binds it on that day, YYYYMMDD. */
bool people_organ_is_bound(const struct people_organ *o, uint32_t day);

/* 部, 課等, 出先機関, 施設 */
struct people_section {
	uint64_t id;
	uint64_t organ;
	uint64_t parent; /* 0: at the top */
	struct slice name;
	struct slice unit; /* the pack's word: division, section ... */
	bool counts;       /* a 課等 in the regulation's sense */
};

enum people_kind {
	PEOPLE_STAFF,
	PEOPLE_DISPATCHED,
	PEOPLE_CONTRACTOR,
	PEOPLE_KINDS
};

struct people_person {
	uint64_t id;
	struct slice name;
	struct slice kana;
	enum people_kind kind;
	struct slice email; /* empty: none */
};

enum people_state {
	PEOPLE_NEW,
	PEOPLE_ACTIVE,
	PEOPLE_LOCKED,
	PEOPLE_ENDED,
	PEOPLE_STATES
};

struct people_account {
	uint64_t id;
	uint64_t person;
	struct slice logon;
	enum people_state state;
};

/* A post that exists; who holds it is an appointment. */
struct people_office {
	uint64_t id;
	struct slice office; /* the pack's key */
	uint64_t section;    /* 0: of the whole body */
};

struct people_terminal {
	uint64_t id;
	struct slice name;
	uint8_t fingerprint[32];
	uint64_t section;
};

/* A new id, of 63 random bits, never 0. */
uint64_t people_new_id(void);

const char *people_kind_name(enum people_kind kind);
bool people_kind_read(struct slice s, enum people_kind *ret) MUST_CHECK;
const char *people_state_name(enum people_state state);

/* ---- reading ---- */

bool people_bodies(struct store_reader *r, uint64_t after, size_t max,
    struct arena *a, struct people_body **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;
bool people_body_get(struct store_reader *r, uint64_t body, struct arena *a,
    struct people_body *ret, struct err *err) MUST_CHECK;

struct people_page {
	struct store_reader *reader;
	struct arena *arena;
	uint64_t body;
	uint64_t after;          /* id of the last one seen */
	struct slice after_kana; /* of persons, with it */
	size_t max;
};

bool people_organs(const struct people_page *page, struct people_organ **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND when there is none. */
bool people_organ_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_organ *ret, struct err *err) MUST_CHECK;
bool people_sections(const struct people_page *page,
    struct people_section **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool people_persons(const struct people_page *page, struct people_person **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;
bool people_accounts(const struct people_page *page,
    struct people_account **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool people_accounts_of(const struct people_page *page, uint64_t person,
    struct people_account **ret, size_t *ret_n, struct err *err) MUST_CHECK;
bool people_offices(const struct people_page *page, struct people_office **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;
bool people_terminals(const struct people_page *page,
    struct people_terminal **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND when there is none. */
bool people_section_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_section *ret, struct err *err) MUST_CHECK;
bool people_person_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_person *ret, struct err *err) MUST_CHECK;
bool people_account_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_account *ret, struct err *err) MUST_CHECK;
bool people_account_by_logon(struct store_reader *r, uint64_t body,
    struct slice logon, struct arena *a, struct people_account *ret,
    struct err *err) MUST_CHECK;

/*
 * "市民部 市民課", from the top down. Empty for section 0 and where the tree
 * is deeper than PEOPLE_DEPTH_MAX.
 */
bool
people_section_path(struct store_reader *r, uint64_t body, uint64_t section,
    struct arena *a, struct slice *ret, struct err *err) MUST_CHECK;

/* ---- writing: inside a store job. ERR_INPUT: a text empty or too long ---- */

bool people_put_body(struct store_tx *tx, const struct people_body *row,
    struct err *err) MUST_CHECK;
bool people_put_organ(struct store_tx *tx, uint64_t body,
    const struct people_organ *row, struct err *err) MUST_CHECK;
bool people_put_section(struct store_tx *tx, uint64_t body,
    const struct people_section *row, struct err *err) MUST_CHECK;
bool people_put_person(struct store_tx *tx, uint64_t body,
    const struct people_person *row, struct err *err) MUST_CHECK;
bool people_put_account(struct store_tx *tx, uint64_t body,
    const struct people_account *row, struct err *err) MUST_CHECK;
bool people_put_office(struct store_tx *tx, uint64_t body,
    const struct people_office *row, struct err *err) MUST_CHECK;
bool people_put_terminal(struct store_tx *tx, uint64_t body,
    const struct people_terminal *row, struct err *err) MUST_CHECK;

#endif
