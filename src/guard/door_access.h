/*
 * What happened: who opened what and why, the ledger's state, and an entry
 * with its proof for outsiders.
 */
#ifndef GUARD_DOOR_ACCESS_H
#define GUARD_DOOR_ACCESS_H

#include "guard/door.h"

struct door_accesses {
	uint64_t holding;      /* 0: any that the visitor may oversee */
	uint64_t record;       /* with holding; 0: any */
	uint64_t person;       /* who did it; 0: anybody */
	instant before;        /* cursor: time, 0: now */
	uint64_t before_entry; /* and entry and record of the last one seen */
	uint64_t before_record;
};

struct shown_access {
	instant at;
	uint64_t entry;
	uint64_t record;
	uint64_t holding;
	uint64_t person;
	struct slice person_name;
	uint64_t capacity;
	struct slice post; /* "市民課 職員" */
	struct slice act;
	struct slice purpose;
	struct slice reference; /* of the case; may be empty */
	struct slice result;    /* "done", "over", "refused", or the reason */
};

/*
 * Who opened what and why, newest first, at most DOOR_PAGE_MAX. Right oversee:
 * holdings of one's own section; right audit: all. One's own: everybody.
 */
bool door_accesses(struct door *d, struct visitor *v,
    const struct door_accesses *ask, struct shown_access **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Says every few seconds that this server is on the database: call about once
 * a second on one thread. *ret_is_taken: another is, since this one was not
 * seen for too long; nothing may be given out any more.
 */
bool door_stay(struct door *d, struct fiber *fiber, bool *ret_is_taken,
    struct err *err) MUST_CHECK;

/*
 * Feeds the index that door_accesses() reads from the ledger: call about once
 * a second on one thread. *ret_more: call again soon.
 */
bool door_follow(struct door *d, struct fiber *fiber, bool *ret_more,
    struct err *err) MUST_CHECK;

struct shown_ledger {
	enum keeper_state state;
	bool is_maintenance;
	bool is_full;
	instant now;
	uint64_t entries;
	uint64_t records;
	uint64_t rows;
	uint32_t sessions;
	struct slice key;    /* the log's verifier key */
	struct slice reason; /* why it refuses */
	struct slice note;   /* the newest signed checkpoint; may be empty */
};

bool door_ledger_state(struct door *d, struct visitor *v,
    struct shown_ledger *ret, struct err *err) MUST_CHECK;

/*
 * One entry for outsiders: a tar of the leaf, its readable form, what opens
 * it, the proof (c2sp.org/tlog-proof), the log's key and a README with the
 * commands that verify it. Right audit; showing it is an entry too.
 */
bool door_entry_bundle(struct door *d, struct visitor *v, uint64_t index,
    struct slice reference, struct buf *to, struct err *err) MUST_CHECK;

/*
 * The ledger for another machine, while it is served: one person asks, another
 * confirms, and for an hour both may fetch it, in parts. Right operate or audit
 * over the whole body; each step and each part is an entry. ERR_CONFLICT: asked
 * already; ERR_NOT_FOUND: nothing waits.
 */
struct shown_export {
	bool is_asked, is_confirmed;
	bool is_own; /* the visitor asked */
	struct slice asker, confirmer;
	instant until;
	uint64_t entries, parts;
};
bool door_export(struct door *d, struct visitor *v, enum export_step step,
    struct slice reference, struct shown_export *ret,
    struct err *err) MUST_CHECK;

/* A part (from 0) as a tar: unpacked into one folder, all of them are the
 * plain tree. */
bool door_export_part(struct door *d, struct visitor *v, uint64_t part,
    struct slice reference, struct buf *to, struct err *err) MUST_CHECK;

/* Enters an act of the server that opens nothing: "report.print" ... */
struct door_note {
	struct slice verb;
	struct slice reference;
	size_t n_subjects;
	uint64_t subjects[MESSAGE_SUBJECTS_MAX];
	struct slice detail; /* canonical JSON object, or empty */
};

bool door_enter(struct door *d, struct visitor *v, const struct door_note *note,
    uint64_t *ret_entry, struct err *err) MUST_CHECK;

#endif
