/*
 * What correcting a record and marking it as 秘匿 share: the next version,
 * and with a marking all the older ones sealed again.
 */
#ifndef GUARD_WRITE_H
#define GUARD_WRITE_H

#include "guard/open.h"
#include "vault/term.h"

/* One new version on its way into the database. */
struct writing {
	struct record_row row;
	bool is_new;
	size_t n_tokens;
	struct token_row tokens[TERM_OF_RECORD_MAX];
	/* Versions before it that become 秘匿 in the same transaction. */
	size_t n_older;
	struct record_row *older;
	const struct open_along *along; /* may be NULL */
};

/* Of the opening's holding; NULL without memory. */
struct writing *writing_of(
    struct opening *o, uint64_t record, uint32_t version, struct err *err);

/*
 * The version after `old`, with other values or of another class (w->row
 * says which), the older versions of w sealed again, and the tokens.
 */
bool write_next(struct opening *o, const struct record_row *old,
    struct writing *w, const struct door_write *changes, uint64_t *ret_entry,
    struct err *err) MUST_CHECK;

#endif
