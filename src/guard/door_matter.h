/*
 * What matters and registers bring to the door: grants that count with a
 * decision, the instruction that a correction or an erasure needs, and what
 * keeps records from being erased.
 */
#ifndef GUARD_DOOR_MATTER_H
#define GUARD_DOOR_MATTER_H

#include "guard/door_authority.h"
#include "guard/door_people.h"

/*
 * door_commit() with a grant (its id the commit's subject), or with the end
 * of the grant of that id. It counts once the change is stored, and not
 * before; what a crash leaves of it is never in force. ERR_CONFLICT: another
 * is about to do so.
 */
bool door_commit_grant(struct door *d, struct visitor *v,
    const struct door_commit *c, const struct door_grant *ask,
    struct put *ret, struct err *err) MUST_CHECK;
bool door_commit_end(struct door *d, struct visitor *v,
    const struct door_commit *c, struct put *ret, struct err *err) MUST_CHECK;

/*
 * Where the pack names an article for it, a record is corrected or erased
 * only by the person whom a matter instructs, with the matter's number as the
 * case reference. In a transaction of the caller's.
 */
enum { INSTRUCTION_NUMBER_MAX_BYTES = 40 };

struct door_instruction {
	uint64_t body;
	uint64_t matter;
	struct slice number; /* R8-0147 */
	enum act act;        /* ACT_CORRECT, ACT_ERASE */
	uint64_t holding;
	uint64_t record; /* 0: any of the holding */
	uint64_t person; /* who carries it out */
	uint64_t made_by;
	instant at;
};

bool door_instruct(struct store_tx *tx, const struct door_instruction *i,
    struct err *err) MUST_CHECK;

/* All of the matter's. */
bool door_instruct_end(struct store_tx *tx, uint64_t body, uint64_t matter,
    struct err *err) MUST_CHECK;

/* Nothing of it is erased while it stands. In a caller's transaction. */
struct door_hold {
	uint64_t body;
	uint64_t id; /* of the register's row */
	struct slice reg;
	uint64_t holding;
	uint64_t record; /* 0: the whole holding */
	uint64_t set_by;
	instant at;
};

bool door_hold_put(struct store_tx *tx, const struct door_hold *h,
    struct err *err) MUST_CHECK;
bool door_hold_end(struct store_tx *tx, uint64_t body, uint64_t id,
    struct err *err) MUST_CHECK;

/* The oldest that holds the record; false: none. */
bool door_held(struct door *d, const struct visitor *v, uint64_t holding,
    uint64_t record, struct door_hold *ret, bool *ret_is,
    struct err *err) MUST_CHECK;

#endif
