/*
 * The decision: may this person, in this capacity, do this act with these
 * items of this holding, from here, now? Pure: a snapshot and a question in,
 * an answer out; no allocation, no clock, no wait.
 *
 * A question names one capacity, and only grants of that capacity count:
 * those to its office (and section), and those to its person in it. Never the
 * union of capacities.
 */
#ifndef GUARD_DECIDE_H
#define GUARD_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/slice.h"
#include "keeper/message.h"
#include "regulation/pack.h"

struct snapshot;

/* All items of a holding, whatever their number. */
#define ITEMS_ALL UINT64_MAX
#define ITEM_BIT(number) (UINT64_C(1) << (number))

struct question {
	uint64_t body;
	uint64_t person;
	uint64_t capacity; /* appointment */
	uint64_t holding;
	uint64_t terminal; /* row of a registered terminal; 0: none */
	uint64_t items;    /* asked for; ITEM_BIT() */
	instant now;
	struct slice label; /* the record's, in the clear; empty: none */
	enum act act;
	uint8_t level;  /* of the session: 1, or 2 with a second factor */
	bool is_secret; /* 秘匿 */
	bool is_erased;
	bool has_purpose; /* given, and one that the holding has */
	bool is_handler;  /* the pack lets the office handle My Number */
};

/*
 * ALLOW: all that was asked for. MASK: the items in `items`, the others
 * masked. ASK: refused, but `procedure` may allow it. DENY: refused.
 */
enum verdict { VERDICT_DENY, VERDICT_ASK, VERDICT_MASK, VERDICT_ALLOW };

enum { DECISION_PERSONS_MAX = 4 };

struct decision {
	enum verdict verdict;
	uint64_t items; /* allowed, of those asked for; 0 when refused */
	uint64_t grant; /* the first that allows; 0: none */
	/* Of a refusal, and of what was masked (BEYOND_GRANT): */
	enum pack_decision key; /* the pack names the article */
	const char *procedure;  /* "grant.request"; NULL: none. A literal */
	const char *besides;    /* another way: "emergency.open" or NULL */
	/* Whom to ask: offices with right grant over the owning section. */
	struct authority_text ask_office; /* "manager"; n == 0: nobody */
	uint64_t ask_section;             /* 0: of the whole body */
	size_t n_persons;
	uint64_t persons[DECISION_PERSONS_MAX]; /* who hold it now */
};

struct decision
guard_decide(const struct snapshot *s, const struct question *q);

/* A grant's rows, beyond what the keeper knows: bits of rows_kind. */
enum rows_kind {
	ROWS_ALL = 0,
	ROWS_LABEL = 1, /* the record's label is the text */
	ROWS_KINDS = 2
};

#endif
