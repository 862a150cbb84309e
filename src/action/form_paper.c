#include "form_paper.h"

#include <stdlib.h>

#include "base/num.h"
#include "pack_field.h"

void
put_forms(struct call *call, enum pack_form_of of, struct slice name,
    bool is_done)
{
	struct arena *a = call->arena;
	struct out *out = out_list(a, call->out, "forms");
	for (size_t i = 0; i < call->pack->n_forms; i++) {
		const struct pack_form *f = &call->pack->forms[i];
		if (f->of != of || !slice_is_equal(f->name.id, name) ||
		    (f->is_final && !is_done))
			continue;
		struct out *o = out_item(a, out);
		out_text(a, o, "id", f->id);
		out_text(a, o, "title", f->number.ja.n > 0
		    ? pack_word(call, &f->number) : pack_word(call, &f->title));
	}
}

bool
form_find(struct call *call, enum pack_form_of of, struct slice name,
    const struct pack_form **ret, struct err *err)
{
	*ret = NULL;
	if (!call_has(call, "form"))
		return true;
	*ret = pack_form(call->pack, call_text(call, "form"));
	return (*ret != NULL && (*ret)->of == of &&
	        slice_is_equal((*ret)->name.id, name)) ||
	    call_fail(call, err, ERR_NOT_FOUND, WORD_ERROR_NO_FORM);
}

/* {year} is the fiscal year of today. */
static struct slice
with_year(struct call *call, struct slice text)
{
	const struct slice mark = SLICE("{year}");
	struct buf to = buf_of(PAPER_TEXT_MAX_BYTES);
	for (size_t i = 0; i < text.n; i++) {
		if (slice_has_prefix(slice_from(text, i), mark)) {
			fiscal_year_format(fiscal_year(
			    date_of_instant(call->now)), &to);
			i += mark.n - 1;
		} else {
			buf_add_byte(&to, (uint8_t)text.p[i]);
		}
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static void
put_text(struct papering *p, const struct pack_words *w)
{
	if (w->ja.n > 0)
		paper_block(p, PAPER_TEXT)->text =
		    with_year(p->call, pack_word(p->call, w));
}

void
form_begin(struct papering *p, const struct pack_form *f)
{
	struct call *call = p->call;
	p->paper.title = p->paper.sheet =
	    with_year(call, pack_word(call, &f->title));
	p->paper.number = f->number.ja.n > 0 ? pack_word(call, &f->number)
	                                     : SLICE("");
	p->paper.day = f->has_day ? paper_day(call, call->now) : SLICE("");
	if (f->has_from && call->visitor->section != 0)
		p->paper.from = section_path(call, call->visitor->section);
	p->paper.is_landscape = f->is_landscape;
	p->paper.is_list = false;
	put_text(p, &f->text);
}

/* ---- lines ---- */

static bool
is_table(const struct pack_form *f)
{
	return f->of == PACK_FORM_ROWS || f->of == PACK_FORM_MATTERS;
}

/* The field that a column names; pack checking saw to it that it is there. */
static size_t
field_at(const struct pack_field *fields, size_t n, struct slice id)
{
	size_t at = 0;
	while (at < n && !slice_is_equal(fields[at].id, id))
		at++;
	return at;
}

static struct slice
label_of(struct call *call, const struct pack_form *f,
    const struct pack_form_column *c)
{
	size_t n;
	const struct pack_field *fields = pack_form_fields(call->pack, f, &n);
	if (c->label.ja.n > 0)
		return pack_word(call, &c->label);
	size_t at = field_at(fields, n, c->field.id);
	return at == n ? SLICE("") : pack_word(call, &fields[at].label);
}

bool
form_table(struct papering *p, const struct pack_form *f,
    struct paper_table *ret, struct err *err)
{
	struct call *call = p->call;
	struct paper_column *columns = arena_array(call->arena, f->n_columns,
	    sizeof(*columns));
	if (columns == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	if (!is_table(f))
		return paper_facts(p, ret, err);
	for (size_t i = 0; i < f->n_columns; i++)
		columns[i] = (struct paper_column){
		    .label = label_of(call, f, &f->columns[i]),
		    .width = (unsigned)f->columns[i].width};
	if (!paper_table(p, columns, f->n_columns, ret, err))
		return false;
	ret->block->least_rows = f->least_rows;
	return true;
}

/* "市民部 市民課": what is before the last space, or behind it. */
static struct slice
part_of_path(struct slice path, bool is_last)
{
	size_t end = path.n;
	while (end > 0 && path.p[end - 1] != ' ')
		end--;
	if (is_last)
		return slice_from(path, end);
	return slice_bytes(path.p, end > 0 ? end - 1 : 0);
}

static struct slice
shown(struct papering *p, const struct pack_form_column *c,
    const struct form_line *line, size_t count)
{
	struct call *call = p->call;
	size_t at = field_at(line->fields, line->n_fields, c->field.id);
	struct slice value = at == line->n_fields ||
	        line->values[at].n == 0 ? SLICE("") : line->values[at];
	uint64_t person = 0;
	switch (c->show) {
	case PACK_SHOW_FIELD:
		return value.n == 0 ? value
		    : field_shown(call, &line->fields[at], value);
	case PACK_SHOW_NUMBER:
		return line->number.n > 0 ? line->number
		    : arena_printf(call->arena, "%zu", count);
	case PACK_SHOW_DIVISION:
		return part_of_path(section_path(call, line->section), false);
	case PACK_SHOW_SECTION:
		return part_of_path(section_path(call, line->section), true);
	case PACK_SHOW_POST:
		return num_read_hex(value, &person)
		    ? person_posts(call, person) : SLICE("");
	case PACK_SHOW_ASKER:
		return person_name(call, line->asker);
	case PACK_SHOW_DAY:
		return paper_day(call, line->day);
	case PACK_SHOW_STATE:
		return line->state;
	case PACK_SHOW_BLANK:
		break;
	}
	return SLICE("");
}

/* An earlier line reads the same, but for its number. */
static bool
is_there(const struct pack_form *f, const struct paper_table *t,
    const struct slice *cells)
{
	for (size_t i = 0; i < t->block->n_rows; i++) {
		const struct slice *row = &t->cells[i * f->n_columns];
		size_t j = 0;
		while (j < f->n_columns &&
		    (f->columns[j].show == PACK_SHOW_NUMBER ||
		        slice_is_equal(row[j], cells[j])))
			j++;
		if (j == f->n_columns)
			return true;
	}
	return false;
}

void
form_put(struct papering *p, const struct pack_form *f, struct paper_table *t,
    const struct form_line *line)
{
	struct slice cells[PACK_FORM_COLUMNS_MAX];
	size_t count = is_table(f) ? t->block->n_rows + 1 : 1;
	for (size_t i = 0; i < f->n_columns; i++)
		cells[i] = shown(p, &f->columns[i], line, count);
	if (f->is_distinct && is_there(f, t, cells))
		return;
	for (size_t i = 0; i < f->n_columns; i++) {
		if (!is_table(f))
			paper_cell(p, t, label_of(p->call, f,
			    &f->columns[i]));
		paper_cell(p, t, cells[i]);
	}
}

/* ---- their order ---- */

/* Numbers by what they count, all else by its bytes. */
static int
compare_cells(struct slice a, struct slice b)
{
	uint64_t x, y;
	if (num_read_u64(a, UINT64_MAX, &x) && num_read_u64(b, UINT64_MAX, &y))
		return x < y ? -1 : x > y;
	return slice_compare(a, b);
}

static int
compare_lines(const void *a, const void *b, void *form)
{
	const struct pack_form *f = form;
	const struct slice *x = a, *y = b;
	int order = 0;
	for (size_t i = 0; i < f->n_columns && order == 0; i++)
		if (f->columns[i].show != PACK_SHOW_NUMBER)
			order = compare_cells(x[i], y[i]);
	return order;
}

void
form_end(struct papering *p, const struct pack_form *f,
    struct paper_table *t)
{
	size_t size = f->n_columns * sizeof(struct slice);
	if (f->is_sorted)
		qsort_r(t->cells, t->block->n_rows, size, compare_lines,
		    (void *)(uintptr_t)f);
	/* counted in the order in which they stand now */
	for (size_t i = 0; f->is_sorted && f->of == PACK_FORM_ROWS &&
	     i < t->block->n_rows * f->n_columns; i++)
		if (f->columns[i % f->n_columns].show == PACK_SHOW_NUMBER)
			t->cells[i] = arena_printf(p->call->arena, "%zu",
			    i / f->n_columns + 1);
	put_text(p, &f->note);
}
