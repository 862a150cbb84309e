/*
 * What the ways to records and documents share: a holding, a question about
 * it, and the keeper's opening and ending of rows.
 */
#ifndef GUARD_OPEN_H
#define GUARD_OPEN_H

#include "guard/inside.h"

struct opening {
	struct door *door;
	struct visitor *visitor;
	struct decision *refusal; /* where a refusal goes; may be NULL */
	bool needs_all;           /* a mask is not enough */
	bool keeps_values;        /* to be sealed again, not shown */
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

/*
 * Whether it is 秘匿: the keeper's row says so, or its class. Dates are put in
 * from the row, which SQL cannot change.
 */
bool open_is_secret(const struct opening *o, struct record_row *row);

/* The row, and the decision again where it is 秘匿 or erased. */
bool open_fetch(struct opening *o, uint64_t record, uint32_t version,
    struct record_row *ret, struct err *err) MUST_CHECK;

/* One message to the keeper; n shown records, masked by the decision. */
bool open_rows(struct opening *o, const struct record_row *rows, size_t n,
    struct shown_record *ret, struct err *err) MUST_CHECK;

/*
 * Correcting and erasing: where the pack demands it, the matter whose number
 * is the case reference tells this person to. A refusal is entered.
 */
bool open_instructed(struct opening *o, uint64_t record,
    struct err *err) MUST_CHECK;

/* Erasing: nothing holds the record. A refusal is entered. */
bool open_unheld(struct opening *o, uint64_t record,
    struct err *err) MUST_CHECK;

/* What the keeper is told of a record. */
void open_name(const struct record_row *row, struct message_record *to);

/* One message to the keeper; wipe answer->keys afterwards. */
bool open_keys(struct opening *o, const struct open_ask *ask,
    struct open_answer *ret, struct err *err) MUST_CHECK;

/* Which of the record's documents are not there any more. */
bool open_mark_erased(struct opening *o, struct shown_record *shown,
    struct err *err) MUST_CHECK;

/*
 * Has the keeper end keys, the first of what the act is about; one that has
 * ended already is no fault. *ret_entry: 0 if all had.
 */
bool open_erase(struct opening *o, const struct message_record *records,
    size_t n, uint64_t *ret_entry, struct err *err) MUST_CHECK;

/* The record's documents as the keeper knows them, finished or not. */
bool open_documents(struct opening *o, uint64_t record,
    struct message_record ret[DOOR_DOCUMENTS_MAX], size_t *ret_n,
    struct err *err) MUST_CHECK;

/* A job of the same transaction. */
struct open_along {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
};

/* `old` with other values, as its next version; all is decided already. */
bool open_correct(struct opening *o, const struct record_row *old,
    const struct door_write *ask, const struct open_along *along,
    struct written *ret, struct err *err) MUST_CHECK;

/* Tokens of terms, against an entry. ret has room for n. */
bool
open_tokens(struct opening *o, enum act act, const struct token_term *terms,
    size_t n, struct token *ret, struct err *err) MUST_CHECK;

#endif
