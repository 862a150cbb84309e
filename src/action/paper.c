#include "paper.h"

#include "base/csv.h"
#include "report/pdf.h"
#include "report/workbook.h"

enum {
	ARENA_MAX_BYTES = 96 * 1024 * 1024,
	FILE_MAX_BYTES = 32 * 1024 * 1024,
	FIRST_CELLS = 256
};

const char *const paper_formats[] = {"pdf", "xlsx", NULL};
const char *const list_formats[] = {"pdf", "xlsx", "csv", NULL};

static const struct {
	const char *end, *type;
} kinds[] = {
    [PAPER_PDF] = {"pdf", "application/pdf"},
    [PAPER_XLSX] = {"xlsx", TYPE_XLSX},
    [PAPER_CSV] = {"csv", "text/csv; charset=utf-8"},
};

static struct slice
written(const struct call *call, instant at, bool has_time)
{
	struct buf to = buf_of(64);
	enum date_style style = call->lang == LANG_JA ? DATE_ERA
	                                              : DATE_ENGLISH;
	if (has_time)
		instant_format(at, style, &to);
	else
		date_format(date_of_instant(at), style, &to);
	struct slice copy = arena_copy(call->arena,
	    slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

struct slice
paper_day(const struct call *call, instant at)
{
	return written(call, at, false);
}

struct slice
paper_time(const struct call *call, instant at)
{
	return written(call, at, true);
}

/* Whose paper it is, and at the foot who took it out and when. */
static void
put_origin(struct papering *p)
{
	struct call *call = p->call;
	const struct visitor *v = call->visitor;
	const struct house_body *body = house_body(call->house, v->body);
	struct slice section = section_path(call, v->section);
	p->paper.from = body == NULL ? SLICE("")
	    : arena_copy(call->arena, body->name);
	p->paper.mark = call_word(call, WORD_PAPER_MARK,
	    person_name(call, v->person), section.n > 0 ? section
	    : p->paper.from, paper_time(call, call->now));
}

struct papering *
paper_begin(struct call *call, struct slice title, struct err *err)
{
	struct arena *own = arena_open(ARENA_MAX_BYTES);
	struct papering *p = own == NULL ? NULL
	    : arena_alloc(own, sizeof(*p));
	if (p == NULL) {
		arena_close(own);
		(void)ERR(err, ERR_SYSTEM, "no memory");
		return NULL;
	}
	p->call = call;
	p->was = call->arena;
	call->arena = call->visitor->arena = own;
	for (size_t i = 0; list_formats[i] != NULL; i++)
		if (slice_is(call_text(call, "format"), list_formats[i]))
			p->format = (enum paper_format)i;
	p->paper.title = p->paper.sheet = arena_copy(own, title);
	p->paper.blocks = p->blocks;
	put_origin(p);
	return p;
}

void
paper_end(struct papering *p)
{
	if (p == NULL)
		return;
	struct arena *own = p->call->arena;
	p->call->arena = p->call->visitor->arena = p->was;
	arena_close(own);
}

struct paper_block *
paper_block(struct papering *p, enum paper_kind kind)
{
	if (p->paper.n_blocks < PAPER_BLOCKS_MAX)
		p->paper.n_blocks++;
	else
		p->is_full = true;
	struct paper_block *b = &p->blocks[p->paper.n_blocks - 1];
	*b = (struct paper_block){.kind = kind};
	return b;
}

/* ---- tables ---- */

static bool
begin_table(struct papering *p, struct paper_block *b, struct paper_table *t,
    struct err *err)
{
	*t = (struct paper_table){.block = b, .size = FIRST_CELLS,
	    .cells = arena_array(p->call->arena, FIRST_CELLS,
	        sizeof(struct slice))};
	return t->cells != NULL || ERR(err, ERR_LIMIT, "no memory");
}

bool
paper_table(struct papering *p, const struct paper_column *columns, size_t n,
    struct paper_table *ret, struct err *err)
{
	struct paper_block *b = paper_block(p, PAPER_TABLE);
	b->columns = columns;
	b->n_columns = n;
	b->text = call_word(p->call, WORD_PAPER_NO_ROWS);
	return begin_table(p, b, ret, err);
}

bool
paper_headed(struct papering *p, const enum word *heads, size_t n,
    struct paper_table *ret, struct err *err)
{
	struct paper_column *columns = arena_array(p->call->arena, n,
	    sizeof(*columns));
	if (columns == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	for (size_t i = 0; i < n; i++)
		columns[i].label = call_word(p->call, heads[i]);
	return paper_table(p, columns, n, ret, err);
}

bool
paper_facts(struct papering *p, struct paper_table *ret, struct err *err)
{
	return begin_table(p, paper_block(p, PAPER_FACTS), ret, err);
}

static size_t
width_of(const struct paper_block *b)
{
	return b->kind == PAPER_FACTS ? 2 : b->n_columns;
}

void
paper_cell(struct papering *p, struct paper_table *t, struct slice text)
{
	p->is_full |= t->n == PAPER_ROWS_MAX * width_of(t->block);
	if (p->is_full)
		return;
	if (t->n == t->size) {
		struct slice *more = arena_array(p->call->arena, 2 * t->size,
		    sizeof(*more));
		p->is_full = more == NULL;
		if (p->is_full)
			return;
		memcpy(more, t->cells, t->n * sizeof(*more));
		t->cells = more;
		t->size *= 2;
	}
	t->cells[t->n++] = text.n == 0 ? SLICE("") : text;
	t->block->cells = t->cells;
	t->block->n_rows = t->n / width_of(t->block);
}

void
paper_fact(struct papering *p, struct paper_table *t, struct slice label,
    struct slice text)
{
	paper_cell(p, t, label);
	paper_cell(p, t, text);
}

/* ---- written ---- */

struct writing {
	const struct papering *p;
	struct buf to;
};

static bool
write_csv(const struct paper *p, struct buf *to, struct err *err)
{
	struct csv_writer csv = csv_writer_of(to, true);
	buf_add_str(to, "\xef\xbb\xbf"); /* for spreadsheets */
	for (size_t i = 0; i < p->n_blocks; i++) {
		const struct paper_block *b = &p->blocks[i];
		if (b->kind != PAPER_TABLE)
			continue;
		for (size_t j = 0; j < b->n_columns; j++)
			csv_put_field(&csv, b->columns[j].label);
		csv_end_row(&csv);
		for (size_t j = 0; j < b->n_rows * b->n_columns; j++) {
			csv_put_field(&csv, b->cells[j]);
			if ((j + 1) % b->n_columns == 0)
				csv_end_row(&csv);
		}
	}
	return !to->failed || ERR(err, ERR_LIMIT, "too many bytes");
}

static bool
write_paper(void *arg, struct err *err)
{
	struct writing *w = arg;
	const struct papering *p = w->p;
	switch (p->format) {
	case PAPER_PDF:
		return pdf_write(&p->paper, &w->to, err);
	case PAPER_XLSX:
		return workbook_write(&p->paper, &w->to, err);
	case PAPER_CSV:
		break;
	}
	return write_csv(&p->paper, &w->to, err);
}

bool
house_aside(struct call *call, house_work work, void *arg, struct err *err)
{
	return call->house->aside(call->house->aside_ctx, call, work, arg,
	    err);
}

bool
paper_give(struct papering *p, struct slice name, struct err *err)
{
	struct call *call = p->call;
	struct writing w = {.p = p, .to = buf_of(FILE_MAX_BYTES)};
	enum paper_format format = p->format;
	bool is_full = p->is_full || arena_is_failed(call->arena);
	struct err inner = ERR_INIT;
	bool worked = !is_full && house_aside(call, write_paper, &w, &inner);
	name = arena_printf(p->was, "%.*s.%s", SLICE_FMT(name),
	    kinds[format].end);
	paper_end(p);
	if (worked) {
		call->content = w.to;
		call->content_type = kinds[format].type;
		call->attachment = name;
		return true;
	}
	buf_close(&w.to);
	if (is_full || inner.code == ERR_LIMIT)
		return call_fail(call, err, ERR_LIMIT, WORD_ERROR_PAPER_FULL,
		    arena_printf(call->arena, "%d", PAPER_ROWS_MAX));
	if (err != NULL)
		*err = inner;
	return false;
}
