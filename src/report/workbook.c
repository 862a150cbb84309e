#include "report/workbook.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/must.h"
#include "base/text.h"
#include "report/width.h"

/* On Linux a file system of memory: no part touches a disk. */
#define PARTS_DIR "/dev/shm"

enum { SHEET_NAME_MAX = 31, FOOTER_MAX_BYTES = 250, HINT_MAX_CHARACTERS = 250 };

#define FONT "IPAmj明朝"

struct book {
	int fd;
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_row_t row; /* the next */
	lxw_format *title, *plain, *heading, *head, *cell, *number, *right;
	lxw_error first; /* what went wrong first */
	struct buf text; /* a slice with its NUL */
};

static void
note(struct book *b, lxw_error e)
{
	if (b->first == LXW_NO_ERROR)
		b->first = e;
}

static const char *
c_string(struct book *b, struct slice s)
{
	buf_reset(&b->text);
	for (size_t i = 0; i < s.n; i++) {
		/* _x0041_ would be read as the character of that number */
		if (s.p[i] == '_' && i + 1 < s.n && s.p[i + 1] == 'x')
			buf_add_str(&b->text, "_x005F");
		buf_add_byte(&b->text, (uint8_t)s.p[i]);
	}
	buf_add_byte(&b->text, '\0');
	if (!b->text.failed)
		return b->text.p;
	note(b, LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED);
	return "";
}

static lxw_format *
format_of(lxw_workbook *book, double size, bool has_border)
{
	lxw_format *f = workbook_add_format(book);
	format_set_font_name(f, FONT);
	format_set_font_size(f, size);
	format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
	if (has_border) {
		format_set_border(f, LXW_BORDER_THIN);
		format_set_text_wrap(f);
		format_set_num_format(f, "@"); /* stays text when typed over */
	}
	return f;
}

static bool
open_book(struct book *b, struct err *err)
{
	char path[64];
	*b = (struct book){.fd = memfd_create("workbook", MFD_CLOEXEC),
	    .text = buf_of(4 * PAPER_TEXT_MAX_BYTES)};
	if (b->fd < 0)
		return ERR_ERRNO(err, errno, "memory for a workbook");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", b->fd);
	char parts[] = PARTS_DIR;
	lxw_workbook_options options = {.tmpdir = parts};
	b->book = workbook_new_opt(path, &options);
	if (b->book == NULL) {
		(void)close(b->fd);
		return ERR(err, ERR_SYSTEM, "memory for a workbook");
	}
	b->title = format_of(b->book, 14, false);
	b->plain = format_of(b->book, 10, false);
	b->heading = format_of(b->book, 11, false);
	b->head = format_of(b->book, 10, true);
	b->cell = format_of(b->book, 10, true);
	b->number = format_of(b->book, 10, true);
	b->right = format_of(b->book, 10, false);
	format_set_bold(b->title);
	format_set_bold(b->heading);
	format_set_bold(b->head);
	format_set_bg_color(b->head, 0xEDEDED);
	format_set_align(b->number, LXW_ALIGN_RIGHT);
	format_set_align(b->right, LXW_ALIGN_RIGHT);
	return true;
}

/* Into the memory that the book's file is. */
static bool
take_file(struct book *b, struct buf *to, struct err *err)
{
	char part[16 * 1024];
	ssize_t n;
	off_t at = 0;
	while ((n = pread(b->fd, part, sizeof(part), at)) > 0 && !to->failed) {
		buf_add_bytes(to, part, (size_t)n);
		at += n;
	}
	if (n < 0)
		return ERR_ERRNO(err, errno, "memory of a workbook");
	return !to->failed ||
	    ERR(err, ERR_LIMIT, "the workbook takes too many bytes");
}

static bool
close_book(struct book *b, struct buf *to, struct err *err)
{
	note(b, workbook_close(b->book));
	bool worked = b->first == LXW_NO_ERROR ||
	    ERR(err, b->first == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED
	        ? ERR_LIMIT : ERR_SYSTEM, "workbook: %s",
	        lxw_strerror(b->first));
	worked = worked && take_file(b, to, err);
	(void)close(b->fd);
	buf_close(&b->text);
	return worked;
}

/* What a spreadsheet allows as the name of a sheet. */
static void
add_sheet(struct book *b, struct slice name)
{
	char safe[SHEET_NAME_MAX * 4 + 1];
	struct slice cut = text_cut(name, SHEET_NAME_MAX);
	size_t n = 0;
	for (size_t i = 0; i < cut.n && n + 1 < sizeof(safe); i++)
		safe[n++] = strchr("[]:*?/\\'", cut.p[i]) != NULL ? '_'
		                                                  : cut.p[i];
	safe[n] = '\0';
	b->sheet = workbook_add_worksheet(b->book, n == 0 ? NULL : safe);
	must(b->sheet != NULL);
	b->row = 0;
}

static void
put_string(struct book *b, lxw_row_t row, size_t column, struct slice text,
    lxw_format *format)
{
	note(b, worksheet_write_string(b->sheet, row, (lxw_col_t)column,
	    c_string(b, text), format));
}

static void
put_line(struct book *b, struct slice text, lxw_format *format)
{
	if (text.n > 0)
		put_string(b, b->row++, 0, text, format);
}

/* ---- a paper ---- */

static size_t
columns_of(const struct paper *p)
{
	size_t most = 2;
	for (size_t i = 0; i < p->n_blocks; i++) {
		const struct paper_block *b = &p->blocks[i];
		if (b->kind == PAPER_TABLE && b->n_columns > most)
			most = b->n_columns;
		if (b->kind == PAPER_STAMPS && b->n_stamps > most)
			most = b->n_stamps;
	}
	return most;
}

/* As wide as the widest table wants it, in characters. */
static void
set_widths(struct book *b, const struct paper *p)
{
	double widths[PAPER_COLUMNS_MAX] = {0};
	size_t n = columns_of(p);
	for (size_t i = 0; i < p->n_blocks; i++) {
		const struct paper_block *x = &p->blocks[i];
		double wide[PAPER_COLUMNS_MAX];
		width_of_columns(x, wide);
		for (size_t j = 0; j < x->n_columns; j++)
			if (wide[j] > widths[j])
				widths[j] = wide[j];
		if (x->kind == PAPER_FACTS && widths[0] < 24)
			widths[0] = 24;
		if (x->kind == PAPER_FACTS && widths[1] < 40)
			widths[1] = 40;
	}
	for (size_t j = 0; j < n; j++)
		note(b, worksheet_set_column(b->sheet, (lxw_col_t)j,
		    (lxw_col_t)j, widths[j] == 0 ? 16 : widths[j], NULL));
}

static void
put_table(struct book *b, const struct paper *p, const struct paper_block *x)
{
	lxw_row_t head = b->row;
	for (size_t j = 0; j < x->n_columns; j++)
		put_string(b, head, j, x->columns[j].label, b->head);
	b->row++;
	size_t rows = x->n_rows > x->least_rows ? x->n_rows : x->least_rows;
	for (size_t i = 0; i < rows; i++, b->row++)
		for (size_t j = 0; j < x->n_columns; j++)
			put_string(b, b->row, j, i < x->n_rows
			    ? x->cells[i * x->n_columns + j] : SLICE(""),
			    x->columns[j].is_right ? b->number : b->cell);
	if (rows == 0)
		put_line(b, x->text, b->plain);
	if (!p->is_list)
		return;
	worksheet_freeze_panes(b->sheet, head + 1, 0);
	note(b, worksheet_repeat_rows(b->sheet, head, head));
	if (rows > 0)
		note(b, worksheet_autofilter(b->sheet, head, 0, b->row - 1,
		    (lxw_col_t)(x->n_columns - 1)));
}

static void
put_stamps(struct book *b, const struct paper_block *x)
{
	for (size_t i = 0; i < x->n_stamps; i++) {
		const struct paper_stamp *s = &x->stamps[i];
		put_string(b, b->row, i, s->title, b->head);
		put_string(b, b->row + 1, i, s->name, b->cell);
		put_string(b, b->row + 2, i, s->mark, b->cell);
		put_string(b, b->row + 3, i, s->day, b->cell);
	}
	b->row += 4;
}

static void
put_block(struct book *b, const struct paper *p, const struct paper_block *x)
{
	b->row++;
	put_line(b, x->heading, b->heading);
	switch (x->kind) {
	case PAPER_TEXT:
		put_line(b, x->text, b->plain);
		break;
	case PAPER_FACTS:
		for (size_t i = 0; i < x->n_rows; i++, b->row++) {
			put_string(b, b->row, 0, x->cells[2 * i], b->head);
			put_string(b, b->row, 1, x->cells[2 * i + 1],
			    b->cell);
		}
		break;
	case PAPER_TABLE:
		put_table(b, p, x);
		break;
	case PAPER_STAMPS:
		put_stamps(b, x);
		break;
	case PAPER_BREAK:
		break;
	}
}

/* "&" begins a command there. */
static void
set_footer(struct book *b, struct slice mark)
{
	struct buf to = buf_of(1024);
	struct slice cut = mark;
	buf_add_str(&to, "&L&8");
	while (cut.n > FOOTER_MAX_BYTES - 20)
		cut = text_cut(cut, cut.n / 4);
	for (size_t i = 0; i < cut.n; i++) {
		/* a digit right behind the size would be part of it */
		if (i == 0 && cut.p[0] >= '0' && cut.p[0] <= '9')
			buf_add_byte(&to, ' ');
		if (cut.p[i] == '&')
			buf_add_byte(&to, '&');
		buf_add_byte(&to, (uint8_t)cut.p[i]);
	}
	buf_add_str(&to, "&R&8&P / &N");
	buf_add_byte(&to, '\0');
	if (!to.failed)
		note(b, worksheet_set_footer(b->sheet, to.p));
	buf_close(&to);
}

static void
set_print(struct book *b, bool is_landscape)
{
	worksheet_set_paper(b->sheet, 9); /* A4 */
	if (is_landscape)
		worksheet_set_landscape(b->sheet);
	worksheet_set_margins(b->sheet, 0.6, 0.6, 0.7, 0.7);
	worksheet_fit_to_pages(b->sheet, 1, 0); /* as long as it gets */
}

bool
workbook_write(const struct paper *p, struct buf *to, struct err *err)
{
	struct book b;
	must(p->n_blocks <= PAPER_BLOCKS_MAX);
	if (!open_book(&b, err))
		return false;
	add_sheet(&b, p->sheet);
	set_print(&b, p->is_landscape);
	set_widths(&b, p);
	put_line(&b, p->number, b.plain);
	put_line(&b, p->title, b.title);
	put_line(&b, p->day, b.plain);
	put_line(&b, p->from, b.plain);
	for (size_t i = 0; i < p->n_blocks; i++)
		put_block(&b, p, &p->blocks[i]);
	set_footer(&b, p->mark);
	return close_book(&b, to, err);
}

/* ---- a template ---- */

enum { GUIDE_ROW = 1, HEAD_ROW = 3 };

/* The choices of a column, below one another; where the rule finds them. */
static void
put_choices(struct book *b, const struct template *t, size_t column,
    char *ret_formula, size_t size)
{
	const struct template_column *c = &t->columns[column];
	char name[16], sheet[SHEET_NAME_MAX * 4 + 1];
	struct slice cut = text_cut(t->choices_sheet, SHEET_NAME_MAX);
	put_string(b, 0, column, c->label, b->head);
	for (size_t i = 0; i < c->n_choices; i++)
		put_string(b, (lxw_row_t)i + 1, column, c->choices[i],
		    b->cell);
	lxw_col_to_name(name, (lxw_col_t)column, true);
	(void)snprintf(sheet, sizeof(sheet), "%.*s", SLICE_FMT(cut));
	(void)snprintf(ret_formula, size, "='%s'!%s$2:%s$%zu", sheet, name,
	    name, c->n_choices + 1);
}

static void
set_rule(struct book *b, const struct template *t, size_t column,
    char *formula)
{
	const struct template_column *c = &t->columns[column];
	char hint[HINT_MAX_CHARACTERS * 4 + 1];
	struct slice cut = text_cut(c->hint, HINT_MAX_CHARACTERS);
	bool is_list = c->n_choices > 0;
	if (!is_list && c->hint.n == 0)
		return;
	(void)snprintf(hint, sizeof(hint), "%.*s", SLICE_FMT(cut));
	lxw_data_validation rule = {
	    .validate = is_list ? LXW_VALIDATION_TYPE_LIST_FORMULA
	                        : LXW_VALIDATION_TYPE_ANY,
	    .value_formula = is_list ? formula : NULL,
	    .ignore_blank = LXW_VALIDATION_ON,
	    .input_message = cut.n > 0 ? hint : NULL,
	    .error_type = LXW_VALIDATION_ERROR_TYPE_STOP};
	note(b, worksheet_data_validation_range(b->sheet, HEAD_ROW + 1,
	    (lxw_col_t)column, HEAD_ROW + t->rows, (lxw_col_t)column, &rule));
}

bool
template_write(const struct template *t, struct buf *to, struct err *err)
{
	struct book b;
	char formulas[PAPER_COLUMNS_MAX][SHEET_NAME_MAX * 4 + 64];
	bool has_choices = false;
	must(t->n_columns <= PAPER_COLUMNS_MAX);
	if (!open_book(&b, err))
		return false;
	lxw_format *typed = format_of(b.book, 10, false);
	format_set_num_format(typed, "@");
	add_sheet(&b, t->sheet);
	lxw_worksheet *first = b.sheet;
	for (size_t i = 0; i < t->n_columns; i++)
		has_choices |= t->columns[i].n_choices > 0;
	if (has_choices) {
		add_sheet(&b, t->choices_sheet);
		for (size_t i = 0; i < t->n_columns; i++)
			if (t->columns[i].n_choices > 0)
				put_choices(&b, t, i, formulas[i],
				    sizeof(formulas[i]));
	}
	b.sheet = first;
	set_print(&b, true);
	put_string(&b, 0, 0, t->title, b.title);
	put_string(&b, GUIDE_ROW, 0, t->guide, b.plain);
	for (size_t i = 0; i < t->n_columns; i++) {
		note(&b, worksheet_set_column(b.sheet, (lxw_col_t)i,
		    (lxw_col_t)i, t->columns[i].is_wide ? 36 : 20, typed));
		put_string(&b, HEAD_ROW, i, t->columns[i].label, b.head);
		set_rule(&b, t, i, formulas[i]);
	}
	worksheet_freeze_panes(b.sheet, HEAD_ROW + 1, 0);
	note(&b, worksheet_repeat_rows(b.sheet, HEAD_ROW, HEAD_ROW));
	return close_book(&b, to, err);
}
