/*
 * What the door keeps closed to who may see the rest, 秘匿, and what opens it
 * to who may not: emergencies, each reviewed by somebody else.
 */
#ifndef GUARD_DOOR_SECRET_H
#define GUARD_DOOR_SECRET_H

#include "guard/door.h"

/*
 * 秘匿. Marking closes the record with a row of the keeper's before anything
 * else, then seals every version again; neither its wraps nor its dates open
 * it any more. The end of its period, or a renewal that was missed, changes
 * nothing: somebody renews it or takes the mark off. Versions that were 秘匿
 * stay so when the mark is taken off.
 */
struct door_secret {
	struct door_intent intent;
	uint64_t record;
	bool is_secret; /* mark, or unmark */
	instant until;  /* end of the period; when marking */
};

bool
door_secret(struct door *d, struct visitor *v, const struct door_secret *ask,
    struct written *ret, struct decision *refusal, struct err *err) MUST_CHECK;

struct door_renewal {
	struct door_intent intent;
	uint64_t record;
	instant until;
	struct slice reason; /* sealed in the ledger */
};

bool
door_renew_secret(struct door *d, struct visitor *v,
    const struct door_renewal *ask, struct put *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

struct shown_renewal {
	uint64_t holding;
	uint64_t record;
	instant renew_by;
	instant until;
	bool is_overdue; /* renew_by has passed; the record stays closed */
	bool may_renew;
};

/*
 * Marks to be renewed by `by`, the earliest first, of holdings that the
 * visitor oversees or may mark in; at most DOOR_PAGE_MAX after `after`, the
 * last one seen (NULL: from the first).
 */
bool door_renewals(struct door *d, struct visitor *v, instant by,
    const struct shown_renewal *after, struct shown_renewal **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/*
 * An output of a 秘匿 record waits for another person: asked for by who will
 * put it out, confirmed (door_confirm()) by who oversees the holding, good
 * for this version, this act and this purpose, once, for the pack's hours.
 */
struct door_release {
	struct door_intent intent; /* with a case reference */
	uint64_t record;
	enum act act;
	struct slice reason; /* to whom, what for; sealed in the ledger */
};

bool door_put_release(struct door *d, struct visitor *v,
    const struct door_release *ask, struct put *ret, struct decision *refusal,
    struct err *err) MUST_CHECK;

struct shown_release {
	uint64_t id;
	enum act act;
	bool is_pending;
	instant until;
};

/* The visitor's own of a record that may still be used or confirmed. */
bool door_releases(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t record, struct shown_release **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* ---- emergencies ---- */

struct door_emergency {
	uint64_t holding;
	instant until;          /* at most the body's emergency hours */
	struct slice reference; /* the case; required */
	struct slice reason;    /* sealed in the ledger */
};

/* A grant to oneself, to look only; to be reviewed: door_openings(). */
bool door_emergency(struct door *d, struct visitor *v,
    const struct door_emergency *ask, struct put *ret,
    struct err *err) MUST_CHECK;

struct shown_reason {
	struct slice text;
	struct slice reference; /* the case; may be empty */
};

/*
 * The reason of an EMERGENCY or RELEASE row, the remarks of a REVIEW: for who
 * judges it, against an entry. ERR_NOT_FOUND: none was given.
 */
bool door_reason(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct shown_reason *ret, struct err *err) MUST_CHECK;

struct shown_opening {
	uint64_t id;
	uint64_t holding;
	uint64_t person;
	struct slice person_name;
	struct slice post;
	instant from, until;
	instant due; /* to be reviewed by then */
	bool is_overdue;
	bool may_review;
	bool is_reviewed;
	enum review_verdict verdict;
	struct slice reviewed_by;
	instant reviewed_at;
};

/*
 * Emergency openings that began before `before` (0: all), the newest first,
 * at most DOOR_PAGE_MAX: of holdings that the visitor oversees; all of the
 * body for rights emergency and audit.
 */
bool door_openings(struct door *d, struct visitor *v, instant before,
    struct shown_opening **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/* One of them; ERR_NOT_FOUND. */
bool door_opening(struct door *d, struct visitor *v, uint64_t id,
    struct shown_opening *ret, struct err *err) MUST_CHECK;

/*
 * Openings that wait for this visitor's review. The head of protection
 * (right emergency over the whole body) has those that are overdue, and those
 * by who would have to review them in the section.
 */
struct openings_waiting {
	size_t n;
	size_t n_overdue;
};

struct openings_waiting
door_openings_waiting(struct door *d, const struct visitor *v);

struct door_review {
	uint64_t id; /* the opening's */
	enum review_verdict verdict;
	struct slice remarks; /* sealed in the ledger; may be empty */
};

/* Once, and it stands: ERR_CONFLICT. Never one's own: ERR_DENIED. */
bool door_review(struct door *d, struct visitor *v,
    const struct door_review *ask, struct put *ret, struct err *err) MUST_CHECK;

#endif
