#include "sheet.h"

#include <string.h>

#include "base/csv.h"
#include "base/must.h"
#include "base/text.h"

enum { PROBLEMS_SHOWN_MAX = 200 };

static void
add_problem(struct sheet *s, const struct sheet_problem *p)
{
	if (s->n_problems < SHEET_PROBLEMS_MAX)
		s->problems[s->n_problems++] = *p;
}

void
sheet_fault(struct sheet *s, size_t row, size_t column, const char *fault)
{
	struct sheet_problem p = {.row = s->numbers[row], .fault = fault};
	if (column < s->n_columns) {
		p.column = s->at[column];
		p.item = slice_of(word_text(s->columns[column].label,
		    s->call->lang));
	}
	add_problem(s, &p);
}

/* ---- the first row ---- */

static size_t
column_of(const struct sheet *s, struct slice head)
{
	for (size_t i = 0; i < s->n_columns; i++) {
		const struct sheet_column *c = &s->columns[i];
		if (slice_is(head, c->id) ||
		    slice_is(head, word_text(c->label, LANG_JA)) ||
		    slice_is(head, word_text(c->label, LANG_EN)))
			return i;
	}
	return s->n_columns;
}

static void
read_head(struct sheet *s, const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		struct slice head = slice_trim(row->fields[i]);
		size_t c = column_of(s, head);
		struct sheet_problem p = {.row = row->number,
		    .column = (uint32_t)i + 1,
		    .item = arena_copy(s->call->arena, head)};
		if (c < s->n_columns && s->at[c] == 0) {
			s->at[c] = (uint32_t)i + 1;
			continue;
		}
		p.fault = c < s->n_columns ? "column_twice"
					   : "column_not_asked";
		add_problem(s, &p);
	}
	for (size_t c = 0; c < s->n_columns; c++)
		if (s->columns[c].is_required && s->at[c] == 0)
			add_problem(s, &(struct sheet_problem){
			    .row = row->number,
			    .item = slice_of(word_text(s->columns[c].label,
			        s->call->lang)),
			    .fault = "column_missing"});
}

/* ---- the others ---- */

struct reading {
	struct sheet *sheet;
	struct slice *cells;
	uint64_t *numbers;
	size_t room, width;
	bool is_full;
};

static bool
make_room(struct reading *r)
{
	struct sheet *s = r->sheet;
	struct arena *a = s->call->arena;
	size_t room = r->room == 0 ? 64 : r->room * 2;
	struct slice *cells = arena_array(a, room * s->n_columns,
	    sizeof(*cells));
	uint64_t *numbers = arena_array(a, room, sizeof(*numbers));
	if (cells == NULL || numbers == NULL)
		return false;
	if (s->n_rows > 0) {
		memcpy(cells, r->cells,
		    s->n_rows * s->n_columns * sizeof(*cells));
		memcpy(numbers, r->numbers, s->n_rows * sizeof(*numbers));
	}
	s->cells = r->cells = cells;
	s->numbers = r->numbers = numbers;
	r->room = room;
	return true;
}

static void
read_cells(struct reading *r, const struct csv_row *row)
{
	struct sheet *s = r->sheet;
	size_t at = s->n_rows++;
	r->numbers[at] = row->number;
	for (size_t c = 0; c < s->n_columns; c++) {
		struct slice *to = &r->cells[at * s->n_columns + c];
		*to = s->at[c] == 0 ? SLICE("")
		    : slice_trim(row->fields[s->at[c] - 1]);
		if (to->n > SHEET_CELL_MAX_BYTES) {
			sheet_fault(s, at, c, "too_long");
			*to = SLICE("");
		} else if (to->n > 0) {
			*to = arena_copy(s->call->arena, *to);
			if (!text_is_clean(*to, false))
				sheet_fault(s, at, c, "no_text");
		} else if (s->columns[c].is_required && s->at[c] != 0) {
			sheet_fault(s, at, c, "empty");
		}
	}
}

static bool
is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (slice_trim(row->fields[i]).n > 0)
			return false;
	return true;
}

static bool
read_row(struct reading *r, const struct csv_row *row, struct err *err)
{
	struct sheet *s = r->sheet;
	if (r->width == 0) {
		r->width = row->n;
		read_head(s, row);
		return true;
	}
	if (is_blank(row))
		return true;
	if (row->n != r->width) {
		add_problem(s, &(struct sheet_problem){.row = row->number,
		    .fault = "row_length"});
		return true;
	}
	if (s->n_rows == SHEET_ROWS_MAX) {
		if (!r->is_full)
			add_problem(s, &(struct sheet_problem){
			    .row = row->number, .fault = "too_many_rows"});
		r->is_full = true;
		return true;
	}
	if (s->n_rows == r->room && !make_room(r))
		return ERR(err, ERR_LIMIT, "no memory for this table");
	read_cells(r, row);
	return true;
}

static bool
read_text(struct reading *r, struct slice text, struct err *err)
{
	struct csv_reader *csv SCOPED(csv_close_scoped) = csv_open(err);
	struct csv_row row = {.number = 0};
	struct err bad = ERR_INIT;
	enum csv_step step = CSV_ROW;
	if (csv == NULL)
		return false;
	while ((step = csv_next(csv, &text, true, &row, &bad)) == CSV_ROW)
		if (!read_row(r, &row, err))
			return false;
	if (step == CSV_BAD)
		add_problem(r->sheet, &(struct sheet_problem){
		    .row = row.number + 1, .fault = "row_broken"});
	else if (r->sheet->n_rows == 0 && r->sheet->n_problems == 0)
		add_problem(r->sheet, &(struct sheet_problem){
		    .fault = "no_lines"});
	return true;
}

bool
sheet_read(struct call *call, struct slice bytes,
    const struct sheet_column *columns, size_t n, struct sheet *ret,
    struct err *err)
{
	struct reading r = {.sheet = ret};
	struct buf text = buf_of(2 * SHEET_MAX_BYTES);
	enum text_encoding encoding;
	must(n <= SHEET_COLUMNS_MAX);
	*ret = (struct sheet){.call = call, .columns = columns,
	    .n_columns = n};
	ret->problems = arena_array(call->arena, SHEET_PROBLEMS_MAX,
	    sizeof(*ret->problems));
	if (ret->problems == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this table");
	bool worked = true;
	if (text_decode(bytes, &text, &encoding, NULL))
		worked = read_text(&r, slice_bytes(text.p, text.n), err);
	else
		add_problem(ret, &(struct sheet_problem){
		    .fault = "bad_bytes"});
	buf_close(&text);
	if (worked && arena_is_failed(call->arena))
		worked = ERR(err, ERR_LIMIT, "no memory for this table");
	return worked && (ret->n_problems == 0 ||
	    ERR(err, ERR_INPUT, "the table has problems"));
}

void
sheet_put_problems(const struct sheet *s)
{
	struct call *call = s->call;
	struct arena *a = call->arena;
	out_number(a, call->out, "problem_count", (int64_t)s->n_problems);
	out_flag(a, call->out, "more", s->n_problems > PROBLEMS_SHOWN_MAX);
	struct out *list = out_list(a, call->out, "problems");
	for (size_t i = 0; i < s->n_problems && i < PROBLEMS_SHOWN_MAX; i++) {
		const struct sheet_problem *p = &s->problems[i];
		struct out *o = out_item(a, list);
		out_number(a, o, "row", (int64_t)p->row);
		out_number(a, o, "column", p->column);
		out_text(a, o, "item", p->item.n == 0 ? SLICE("") : p->item);
		out_str(a, o, "fault", p->fault);
		out_text(a, o, "text", fault_text(call, p->item, p->fault));
	}
}

void
sheet_template(struct call *call, const struct sheet_column *columns, size_t n,
    struct buf *to)
{
	struct csv_writer csv = csv_writer_of(to, false);
	for (size_t i = 0; i < n; i++)
		csv_put_field(&csv, slice_of(word_text(columns[i].label,
		    call->lang)));
	csv_end_row(&csv);
}
