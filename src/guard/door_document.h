/*
 * Documents through the door: files of a record, each the value of an item;
 * and records by the file, from a CSV.
 */
#ifndef GUARD_DOOR_DOCUMENT_H
#define GUARD_DOOR_DOCUMENT_H

#include "guard/door.h"

/*
 * Takes both acts CREATE and CORRECT: it makes a document and a new version
 * of the record, whose versions before keep theirs. Nothing of it shows until
 * all of it is there. ERR_INPUT: no item of type file, or no plain name.
 * ERR_LIMIT, with no refusal: the record has DOOR_DOCUMENTS_MAX already.
 */
struct door_attach {
	struct door_intent intent;
	uint64_t record;
	unsigned item;      /* its number */
	struct slice name;  /* as sent; folders before it are left out */
	struct slice type;  /* application/pdf */
	struct slice bytes; /* 1 .. DOOR_DOCUMENT_MAX_BYTES */
};

struct attached {
	uint64_t document;
	uint32_t version; /* of the record */
	uint64_t entry;
};

bool
door_attach(struct door *d, struct visitor *v, const struct door_attach *ask,
    struct attached *ret, struct decision *refusal, struct err *err) MUST_CHECK;

struct door_document {
	struct door_intent intent;
	uint64_t record;
	uint64_t document;
	uint32_t version; /* of the record that holds it; 0: the present one */
};

struct opened_document {
	struct shown_document document;
	uint64_t entry;
	bool is_over;
};

/*
 * Act VIEW; of a 秘匿 record COPY, which another person confirms. Its bytes
 * are appended to `to`.
 */
bool door_open_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct opened_document *ret,
    struct buf *to, struct decision *refusal, struct err *err) MUST_CHECK;

/* Ends its key, as door_erase() does a record's; the record stays. */
bool door_erase_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct written *ret,
    struct decision *refusal, struct err *err) MUST_CHECK;

/*
 * A whole CSV (UTF-8 or CP932), all rows or none; a dry run only checks. It
 * takes seconds: call it with a door of its own on a thread of its own, and
 * visitor->fiber NULL. ERR_INPUT with problems, by row and column.
 */
struct door_import {
	struct door_intent intent;
	struct slice csv;
	bool is_dry;
	/* Under which heading each of the holding's items stands; empty: its
	 * id or name. NULL: all do. Kept once it is taken in. */
	const struct slice *headings;
	bool passes_rest; /* columns of no item are passed over */
	_Atomic(unsigned) *progress; /* rows done; may be NULL */
};

struct shown_problem {
	uint32_t row, column; /* from 1; column 0: the whole row */
	struct slice item;    /* its name; empty: none */
	const char *fault;    /* "no_date": the key of the face's words */
};

struct imported {
	uint32_t rows;
	size_t n_problems;
	bool has_more; /* problems than those */
	struct shown_problem *problems;
};

/* The headings that were said last, one for each of the n items. */
bool door_headings(struct door *d, struct visitor *v, uint64_t holding,
    struct slice *ret, size_t n, struct err *err) MUST_CHECK;

bool
door_import(struct door *d, struct visitor *v, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err) MUST_CHECK;

#endif
