/*
 * What the ways to records share: a holding, a question about it, and the
 * keeper's opening of rows.
 */
#ifndef GUARD_OPEN_H
#define GUARD_OPEN_H

#include "guard/inside.h"

struct opening {
	struct door *door;
	struct visitor *visitor;
	struct decision *refusal; /* where a refusal goes; may be NULL */
	bool needs_all;           /* a mask is not enough */
	/* from open_begin() to open_end() */
	const struct door_intent *intent;
	struct shelf *shelf;
	const struct holding *holding;
	struct question question;
	struct decision decision;
};

bool open_begin(struct opening *o, const struct door_intent *intent,
    enum act act, struct err *err) MUST_CHECK;
void open_end(struct opening *o);

/* Decides the question; a refusal is entered. record 0: none yet. */
bool
open_decide(struct opening *o, uint64_t record, struct err *err) MUST_CHECK;

/* The row, and the decision again where it is 秘匿 or erased. */
bool open_fetch(struct opening *o, uint64_t record, uint32_t version,
    struct record_row *ret, struct err *err) MUST_CHECK;

/* One message to the keeper; n shown records, masked by the decision. */
bool open_rows(struct opening *o, const struct record_row *rows, size_t n,
    struct shown_record *ret, struct err *err) MUST_CHECK;

/* Tokens of terms, against an entry. ret has room for n. */
bool
open_tokens(struct opening *o, enum act act, const struct token_term *terms,
    size_t n, struct token *ret, struct err *err) MUST_CHECK;

#endif
