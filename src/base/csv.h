/*
 * CSV (RFC 4180): a reader that takes the text in pieces, and a writer.
 * Text is UTF-8; decode with text_decode() before.
 *
 * Rows end with CRLF or LF; a quoted field may hold either, and "" for one
 * quote. A bare CR, a quote inside an unquoted field, anything but a comma or
 * the row's end behind a closing quote, and invalid UTF-8 are errors, told
 * with row and column (both from 1; rows are records, not lines).
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	CSV_COLUMNS_MAX = 200,
	CSV_FIELD_BYTES_MAX = 64 * 1024, /* after unquoting */
	CSV_ROW_BYTES_MAX = 1024 * 1024, /* sum of its fields */
};

struct csv_row {
	uint64_t number; /* from 1 */
	size_t n;	 /* fields */
	const struct slice *fields;
};

enum csv_step {
	CSV_ROW,  /* *ret_row is set, valid until the next call */
	CSV_MORE, /* the piece is used up: bring the next */
	CSV_END,  /* there are no more rows */
	CSV_BAD,  /* *err is set; every later call says so again */
};

/* One thread at a time. */
struct csv_reader;

/* NULL and ERR_SYSTEM without memory. */
struct csv_reader *csv_open(struct err *err) MUST_CHECK;

/* Wipes and frees. NULL is fine. */
void csv_close(struct csv_reader *r);

static inline void
csv_close_scoped(struct csv_reader **r)
{
	csv_close(*r);
}

/*
 * The next row. *piece moves past what was read; is_last says that no piece
 * follows, so that a last row without its line end is given too. An empty
 * line is a row with one empty field.
 *
 *	while ((step = csv_next(r, &text, true, &row, err)) == CSV_ROW)
 *		...
 */
enum csv_step csv_next(struct csv_reader *r, struct slice *piece,
    bool is_last, struct csv_row *ret_row, struct err *err) MUST_CHECK;

/* Plain so that it can live on the stack; its insides are csv.c's. */
struct csv_writer {
	struct buf *to;
	bool is_guarded;
	bool has_fields;
};

/*
 * Appends rows to `to`, each ended with CRLF. Guarded: a field that a
 * spreadsheet would run as a formula (it begins with = + - @ TAB CR, or their
 * full-width forms) gets a ' in front. Guarded text does not read back as it
 * was, so only ask for it where people open the file in a spreadsheet.
 */
struct csv_writer csv_writer_of(struct buf *to, bool is_guarded);

/* Quoted where it holds a comma, quote, CR, LF, or a space at an end. */
void csv_put_field(struct csv_writer *w, struct slice s);
void csv_put_str(struct csv_writer *w, const char *s);
void csv_put_u64(struct csv_writer *w, uint64_t v);
void csv_end_row(struct csv_writer *w);

#endif
