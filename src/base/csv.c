#include "base/csv.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"

enum csv_state {
	AT_FIELD,  /* before its first byte */
	IN_PLAIN,  /* in an unquoted field */
	IN_QUOTED, /* behind the opening quote */
	AT_QUOTE,  /* behind a quote that may close the field */
	AT_CR,	   /* behind CR: LF must come */
};

struct csv_reader {
	struct buf text; /* the fields of the row, one behind the other */
	size_t field_at; /* where the field being read begins in text */
	size_t ends[CSV_COLUMNS_MAX];
	struct slice fields[CSV_COLUMNS_MAX];
	size_t n;
	uint64_t row;
	enum csv_state state;
	bool is_begun; /* some byte of the row was read */
	struct err why; /* set once it is bad */
};

struct csv_reader *
csv_open(struct err *err)
{
	struct csv_reader *r = mem_alloc(1, sizeof(*r));
	if (r == NULL) {
		ERR(err, ERR_SYSTEM, "no memory for a CSV reader");
		return NULL;
	}
	r->text = buf_of(CSV_ROW_BYTES_MAX);
	r->row = 1;
	return r;
}

void
csv_close(struct csv_reader *r)
{
	if (r == NULL)
		return;
	buf_close(&r->text);
	mem_free(r);
}

static bool
refuse(struct csv_reader *r, enum err_code code, const char *what)
{
	return ERR(&r->why, code, "row %llu, column %zu: %s",
	    (unsigned long long)r->row, r->n + 1, what);
}

static bool
add(struct csv_reader *r, const char *p, size_t n)
{
	if (n > CSV_FIELD_BYTES_MAX - (r->text.n - r->field_at))
		return refuse(r, ERR_LIMIT, "a field of more than 64 KiB");
	if (n > CSV_ROW_BYTES_MAX - r->text.n)
		return refuse(r, ERR_LIMIT, "a row of more than 1 MiB");
	buf_add_bytes(&r->text, p, n);
	return !r->text.failed || refuse(r, ERR_SYSTEM, "no memory");
}

static bool
end_field(struct csv_reader *r)
{
	if (r->n == CSV_COLUMNS_MAX)
		return refuse(r, ERR_LIMIT, "more than 200 columns");
	struct slice field = slice_from((struct slice){r->text.p, r->text.n},
	    r->field_at);
	if (!text_is_utf8(field))
		return refuse(r, ERR_INPUT, "not UTF-8");
	r->ends[r->n++] = r->text.n;
	r->field_at = r->text.n;
	r->state = AT_FIELD;
	return true;
}

static void
begin_row(struct csv_reader *r)
{
	buf_reset(&r->text);
	r->field_at = 0;
	r->n = 0;
	r->state = AT_FIELD;
	r->is_begun = false;
}

/* The text does not move any more, so the fields can point into it. */
static void
give_row(struct csv_reader *r, struct csv_row *ret)
{
	size_t from = 0;
	for (size_t i = 0; i < r->n; i++) {
		/* an empty field has a pointer too */
		const char *p = r->text.p == NULL ? "" : r->text.p + from;
		r->fields[i] = (struct slice){p, r->ends[i] - from};
		from = r->ends[i];
	}
	*ret = (struct csv_row){r->row, r->n, r->fields};
	r->row++;
	r->is_begun = false;
}

/* Bytes that are plain text in this state. */
static size_t
plain_run(enum csv_state state, struct slice s)
{
	size_t n = 0;
	if (state == IN_QUOTED)
		return slice_find(s, '"');
	while (n < s.n && s.p[n] != ',' && s.p[n] != '"' && s.p[n] != '\r' &&
	    s.p[n] != '\n')
		n++;
	return n;
}

/* Behind a field's text: what may end it. *ret_row at the row's end. */
static bool
take_end(struct csv_reader *r, char c, bool *ret_row)
{
	if (c == '\r') {
		r->state = AT_CR;
		return true;
	}
	*ret_row = c == '\n';
	return end_field(r);
}

/* One byte that is not plain text in the state. */
static bool
take_mark(struct csv_reader *r, char c, bool *ret_row)
{
	switch (r->state) {
	case AT_FIELD:
		if (c == '"') {
			r->state = IN_QUOTED;
			return true;
		}
		return take_end(r, c, ret_row);
	case IN_PLAIN:
		if (c == '"')
			return refuse(r, ERR_INPUT,
			    "a quote inside a field without quotes");
		return take_end(r, c, ret_row);
	case IN_QUOTED:
		r->state = AT_QUOTE;
		return true;
	case AT_QUOTE:
		if (c == '"') {
			r->state = IN_QUOTED;
			return add(r, "\"", 1);
		}
		if (c != ',' && c != '\r' && c != '\n')
			return refuse(r, ERR_INPUT,
			    "text behind the closing quote");
		return take_end(r, c, ret_row);
	case AT_CR:
		if (c != '\n')
			return refuse(r, ERR_INPUT, "CR without LF");
		return take_end(r, c, ret_row);
	}
	return false;
}

/* Reads on to the end of a row or of the piece. */
static bool
read_piece(struct csv_reader *r, struct slice *piece, bool *ret_row)
{
	*ret_row = false;
	while (piece->n > 0 && !*ret_row) {
		r->is_begun = true;
		size_t run = 0;
		if (r->state <= IN_QUOTED)
			run = plain_run(r->state, *piece);
		if (run > 0) {
			if (r->state == AT_FIELD)
				r->state = IN_PLAIN;
			if (!add(r, piece->p, run))
				return false;
		} else {
			run = 1;
			if (!take_mark(r, piece->p[0], ret_row))
				return false;
		}
		*piece = slice_from(*piece, run);
	}
	return true;
}

static enum csv_step
finish(struct csv_reader *r, struct csv_row *ret)
{
	if (r->state == IN_QUOTED)
		refuse(r, ERR_INPUT, "a quote that is not closed");
	else if (r->state == AT_CR)
		refuse(r, ERR_INPUT, "CR without LF");
	else if (!r->is_begun)
		return CSV_END;
	else if (end_field(r)) {
		give_row(r, ret);
		return CSV_ROW;
	}
	return CSV_BAD;
}

enum csv_step
csv_next(struct csv_reader *r, struct slice *piece, bool is_last,
    struct csv_row *ret_row, struct err *err)
{
	enum csv_step step = CSV_MORE;
	bool has_row = false;
	if (r->why.code == ERR_NONE) {
		if (!r->is_begun)
			begin_row(r);
		if (!read_piece(r, piece, &has_row)) {
			step = CSV_BAD;
		} else if (has_row) {
			give_row(r, ret_row);
			step = CSV_ROW;
		} else if (is_last) {
			step = finish(r, ret_row);
		}
	}
	if (r->why.code == ERR_NONE)
		return step;
	if (err != NULL)
		*err = r->why;
	return CSV_BAD;
}

/*
 * Writer
 */

struct csv_writer
csv_writer_of(struct buf *to, bool is_guarded)
{
	return (struct csv_writer){.to = to, .is_guarded = is_guarded};
}

/* A spreadsheet would run it. */
static bool
is_formula(struct slice s)
{
	static const char starts[][4] = {"=", "+", "-", "@", "\t", "\r", "＝",
	    "＋", "－", "＠"};
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_has_prefix(s, slice_of(starts[i])))
			return true;
	return false;
}

static bool
needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == ',' || c == '"' || c == '\r' || c == '\n')
			return true;
	}
	return s.n > 0 && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

void
csv_put_field(struct csv_writer *w, struct slice s)
{
	if (w->has_fields)
		buf_add_byte(w->to, ',');
	w->has_fields = true;
	bool is_quoted = needs_quotes(s);
	if (is_quoted)
		buf_add_byte(w->to, '"');
	if (w->is_guarded && is_formula(s))
		buf_add_byte(w->to, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_add_byte(w->to, '"');
		buf_add_byte(w->to, (uint8_t)s.p[i]);
	}
	if (is_quoted)
		buf_add_byte(w->to, '"');
}

void
csv_put_str(struct csv_writer *w, const char *s)
{
	csv_put_field(w, slice_of(s));
}

void
csv_put_u64(struct csv_writer *w, uint64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	csv_put_field(w, slice_bytes(digits, (size_t)n));
}

void
csv_end_row(struct csv_writer *w)
{
	buf_add_str(w->to, "\r\n");
	w->has_fields = false;
}
