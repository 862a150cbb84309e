/*
 * The decision: allow, deny, mask, or ask by a procedure; always with the
 * reason that the pack binds to an article. Pure and free of allocation.
 *
 * Grants of one capacity only: of the person acting in it, or of whoever
 * holds that office. Never the union of capacities.
 */
#ifndef GUARD_DECIDE_H
#define GUARD_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/slice.h"
#include "keeper/message.h"

enum verdict { VERDICT_ALLOW, VERDICT_MASK, VERDICT_ASK, VERDICT_DENY };

/* Why; the order of enum pack_decision (regulation/pack.h). */
enum reason {
	REASON_NO_GRANT,
	REASON_BEYOND_GRANT,
	REASON_PURPOSE,
	REASON_SECOND_FACTOR,
	REASON_TERMINAL,
	REASON_BULK,
	REASON_SECRET,
	REASON_ERASED,
	REASON_OPERATOR,
	REASON_MY_NUMBER,
	REASON_AUDIT_SELF,
	REASON_NONE, /* nothing stands against it */
	REASONS_END
};

/* By what way it can be had, if any. */
enum procedure {
	PROCEDURE_NONE,
	PROCEDURE_GRANT,     /* ask the owning section's manager for a grant */
	PROCEDURE_PERMIT,    /* ask for a permit past the limit */
	PROCEDURE_STEP_UP,   /* give a one-time code */
	PROCEDURES_END
};

#define ITEMS_ALL UINT64_MAX

struct question {
	uint64_t body;
	uint64_t person;
	uint64_t capacity;   /* appointment row */
	uint64_t holding;
	enum act act;
	uint64_t items;      /* asked for; ITEMS_ALL: whatever there is */
	enum record_class class;
	uint64_t terminal;   /* terminal row; 0: not registered */
	uint8_t level;       /* of the session: 1 or 2 */
	bool has_purpose;    /* named, and one of the holding's */
	instant now;
};

struct decision {
	enum verdict verdict;
	enum reason reason;
	enum procedure procedure;
	uint64_t items;      /* ALLOW and MASK: those that may be seen */
	uint64_t holding;
	uint64_t section;    /* that owns it: whom to ask */
	uint64_t grant;      /* row that allows; 0 */
};

/* All authority rows of all bodies, compiled; never changes. */
struct snapshot;

struct decision guard_decide(const struct snapshot *s,
    const struct question *q);

#endif
