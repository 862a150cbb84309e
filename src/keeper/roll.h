/*
 * The roll: the set of authority rows that the keeper believes. It is held
 * in memory and in the keeper's own file `authority`; what the server loads
 * from its database is compared with it, never taken over.
 *
 * The file: frames of u32 length and a sealed u8 type, u64 entry and, for a
 * row, its encoding; for rows of one change, each with its u16 length before
 * it, the first one's entry. A frame whose entry never became durable is
 * dropped when the file is opened, so a row and its entry exist together or
 * not at all.
 *
 * Each row's id has at most two rows: the one that stands, and a newer one
 * that waits for a second person. One thread.
 */
#ifndef KEEPER_ROLL_H
#define KEEPER_ROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/hash.h"
#include "keeper/authority.h"
#include "keeper/keys.h"
#include "keeper/message.h"
#include "ledger/file.h"

struct roll_row {
	struct authority_row row;
	uint64_t entry;
	uint8_t mac[AUTHORITY_MAC_BYTES];
	bool is_acked;  /* the server said that it is stored */
	bool is_loaded; /* the server showed it since the start */
};

struct roll_node {
	struct roll_row *now;     /* NULL: none stands yet */
	struct roll_row *pending; /* NULL: none waits */
	struct roll_node *next;   /* of the same group */
};

struct roll;

/* Nothing is in the file yet. */
bool roll_create(struct files *files, const char *dir,
    struct err *err) MUST_CHECK;

/* `entries`: durable ones in the ledger. ERR_CORRUPT: the file was changed. */
struct roll *roll_open(struct files *files, const char *dir,
    const struct keys *keys, uint64_t entries, struct err *err) MUST_CHECK;
void roll_close(struct roll *r);

const struct roll_node *roll_node(const struct roll *r,
    enum authority_kind kind, uint64_t body, uint64_t id);

/* The row that stands, in force or not; NULL. */
const struct authority_row *roll_find(const struct roll *r,
    enum authority_kind kind, uint64_t body, uint64_t id);

/* Grants and emergency grants of a person (0: by office) on a holding. */
const struct roll_node *roll_grants(const struct roll *r, uint64_t body,
    uint64_t holding, uint64_t person);
/* Permits of an account. */
const struct roll_node *roll_permits(const struct roll *r, uint64_t body,
    uint64_t account);

/* Outputs of 秘匿 records that a person asked for. */
const struct roll_node *roll_releases(const struct roll *r, uint64_t body,
    uint64_t person);

/* Every node, in no order; NULL at the end. */
const struct roll_node *roll_next(const struct roll *r, size_t *at);

/* Sum modulo 2^256 of the rows' HMACs, and how many there are. */
void roll_digest(const struct roll *r, uint8_t ret[HASH_BYTES]);
uint64_t roll_count(const struct roll *r);

/*
 * Putting a row has two halves, so that the entry can name the set that
 * results. roll_stage() writes and syncs the row's frame (ERR_FULL: nothing
 * happened); then the entry is added; then roll_accept(), or roll_reject()
 * when adding failed.
 */
bool roll_stage(struct roll *r, const struct authority_row *row,
    uint64_t entry, uint8_t ret_digest[HASH_BYTES], uint64_t *ret_count,
    struct err *err) MUST_CHECK;
const struct roll_row *roll_accept(struct roll *r);
void roll_reject(struct roll *r);

/*
 * The same for 1..CHANGE_ROWS_MAX rows of as many ids, in one frame with one
 * sync; their entries are `entry` and those that follow it. Each one's set is
 * the one after it. What roll_accept() gave one of, [i] is here.
 */
struct roll_set {
	uint8_t digest[HASH_BYTES];
	uint64_t count;
};
bool roll_stage_all(struct roll *r, const struct authority_row *rows, size_t n,
    uint64_t entry, struct roll_set *ret, struct err *err) MUST_CHECK;
const struct roll_row *const *roll_accept_all(struct roll *r);

/* ANSWER_OK, _FORGED or _STALE; marks what was shown. */
enum answer roll_compare(struct roll *r, const struct authority_stored *s);

/* The server showed a row newer than any here: we are the older copy. */
bool roll_is_behind(const struct roll *r);

/* A row that the server had acknowledged was not shown. */
bool roll_is_incomplete(const struct roll *r);

/* Rows made but neither shown nor acknowledged: start with *at = 0. */
const struct roll_row *roll_next_unstored(const struct roll *r, size_t *at);

/* The server stored the row of this entry. Lost on a crash, harmlessly. */
void roll_ack(struct roll *r, uint64_t entry);

/* Everything shown counts as acknowledged from now on. */
void roll_ack_loaded(struct roll *r);

#endif
