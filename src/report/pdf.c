#include "report/pdf.h"

#include <pango/pangocairo.h>
#include <cairo-pdf.h>

#include "base/must.h"
#include "report/width.h"

/* Points, 1/72 inch. */
#define MM (72.0 / 25.4)
#define FONT "IPAmjMincho"

static const double short_side = 210 * MM, long_side = 297 * MM,
    margin = 15 * MM, foot = 10 * MM, pad = 1.2 * MM, gap = 4 * MM,
    stamp_width = 26 * MM, stamp_height = 24 * MM, label_width = 42 * MM,
    least_row = 6.5 * MM;

enum { BODY_SIZE = 10, TABLE_SIZE = 9, SMALL_SIZE = 8, TITLE_SIZE = 15 };

/*
 * The flow runs twice: once to count the pages, once to draw them. Both times
 * everything is laid out alike.
 */
struct flow {
	const struct paper *paper;
	cairo_t *cr;
	PangoContext *context;
	bool is_drawn;
	unsigned page, pages; /* pages: known when it draws */
	double x, y, width, bottom;
	/* The table that is being drawn: its head is drawn on each page. */
	const struct paper_block *table;
	const double *widths;
};

static double
page_width(const struct flow *f)
{
	return f->paper->is_landscape ? long_side : short_side;
}

static double
page_height(const struct flow *f)
{
	return f->paper->is_landscape ? short_side : long_side;
}

static PangoLayout *
layout_of(const struct flow *f, struct slice text, double width, int size,
    PangoAlignment align)
{
	PangoLayout *l = pango_layout_new(f->context);
	PangoFontDescription *font = pango_font_description_new();
	pango_font_description_set_family_static(font, FONT);
	pango_font_description_set_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(l, align);
	pango_layout_set_spacing(l, size * PANGO_SCALE / 4);
	pango_layout_set_text(l, text.n == 0 ? "" : text.p, (int)text.n);
	return l;
}

static double
height_of(PangoLayout *l)
{
	PangoRectangle box;
	pango_layout_get_extents(l, NULL, &box);
	return (double)box.height / PANGO_SCALE;
}

/* In one piece, wherever it comes to stand; *ret_height may be NULL. */
static void
put_text(const struct flow *f, struct slice text, double x, double y,
    double width, int size, PangoAlignment align, double *ret_height)
{
	PangoLayout *l = layout_of(f, text, width, size, align);
	if (f->is_drawn) {
		cairo_move_to(f->cr, x, y);
		pango_cairo_show_layout(f->cr, l);
	}
	if (ret_height != NULL)
		*ret_height = height_of(l);
	g_object_unref(l);
}

static void
put_box(const struct flow *f, double x, double y, double width,
    double height, bool is_shaded)
{
	if (!f->is_drawn)
		return;
	cairo_rectangle(f->cr, x, y, width, height);
	if (is_shaded) {
		cairo_set_source_rgb(f->cr, 0.93, 0.93, 0.93);
		cairo_fill_preserve(f->cr);
	}
	cairo_set_source_rgb(f->cr, 0, 0, 0);
	cairo_set_line_width(f->cr, 0.5);
	cairo_stroke(f->cr);
}

/* ---- pages ---- */

static void
put_foot(struct flow *f)
{
	char text[64];
	double y = page_height(f) - margin + foot / 3;
	double wide = f->width * 0.8;
	int n = snprintf(text, sizeof(text), "%u / %u", f->page, f->pages);
	put_text(f, f->paper->mark, f->x, y, wide, SMALL_SIZE,
	    PANGO_ALIGN_LEFT, NULL);
	put_text(f, slice_bytes(text, (size_t)n), f->x + wide, y,
	    f->width - wide, SMALL_SIZE, PANGO_ALIGN_RIGHT, NULL);
}

static void
begin_page(struct flow *f)
{
	f->page++;
	f->y = margin;
	put_foot(f);
}

static void put_head(struct flow *f);

static void
turn_page(struct flow *f)
{
	if (f->is_drawn)
		cairo_show_page(f->cr);
	begin_page(f);
	if (f->table != NULL)
		put_head(f);
}

/* ---- rows ---- */

struct cell {
	PangoLayout *layout;
	double x, width;
	int line; /* the next to draw */
};

struct row {
	struct cell cells[PAPER_COLUMNS_MAX];
	size_t n;
	bool is_head;
	bool shades_first; /* a label */
};

static double
line_height(PangoLayout *l, int line)
{
	PangoRectangle box;
	pango_layout_line_get_extents(pango_layout_get_line_readonly(l, line),
	    NULL, &box);
	return (double)(box.height + pango_layout_get_spacing(l)) /
	    PANGO_SCALE;
}

/* Lines of a cell from its next on, as many as `room` takes. */
static int
lines_within(const struct cell *c, double room, double *ret_height)
{
	int n = 0, all = pango_layout_get_line_count(c->layout);
	double height = 0;
	while (c->line + n < all) {
		double more = line_height(c->layout, c->line + n);
		if (height + more > room)
			break;
		height += more;
		n++;
	}
	*ret_height = height;
	return n;
}

static void
draw_lines(const struct flow *f, const struct cell *c, int n)
{
	double y = f->y + pad;
	for (int i = 0; i < n; i++) {
		PangoRectangle box;
		PangoLayoutLine *line =
		    pango_layout_get_line_readonly(c->layout, c->line + i);
		pango_layout_line_get_extents(line, NULL, &box);
		double x = c->x + pad, free_width =
		    c->width - 2 * pad - (double)box.width / PANGO_SCALE;
		if (pango_layout_get_alignment(c->layout) == PANGO_ALIGN_RIGHT)
			x += free_width;
		else if (pango_layout_get_alignment(c->layout) ==
		    PANGO_ALIGN_CENTER)
			x += free_width / 2;
		if (f->is_drawn) {
			cairo_move_to(f->cr, x,
			    y - (double)box.y / PANGO_SCALE);
			pango_cairo_show_layout_line(f->cr, line);
		}
		y += line_height(c->layout, c->line + i);
	}
}

static double
row_height(const struct row *r)
{
	double height = least_row;
	for (size_t i = 0; i < r->n; i++) {
		double text;
		(void)lines_within(&r->cells[i], 1e9, &text);
		if (text + 2 * pad > height)
			height = text + 2 * pad;
	}
	return height;
}

/* What fits in `room`; true when nothing is left. */
static bool
draw_part(struct flow *f, struct row *r, double room)
{
	double height = least_row;
	int fit[PAPER_COLUMNS_MAX];
	bool is_done = true;
	for (size_t i = 0; i < r->n; i++) {
		double text;
		fit[i] = lines_within(&r->cells[i], room - 2 * pad, &text);
		if (text + 2 * pad > height)
			height = text + 2 * pad;
	}
	for (size_t i = 0; i < r->n; i++) {
		struct cell *c = &r->cells[i];
		put_box(f, c->x, f->y, c->width, height,
		    r->is_head || (i == 0 && r->shades_first));
		draw_lines(f, c, fit[i]);
		c->line += fit[i];
		is_done &= c->line >= pango_layout_get_line_count(c->layout);
	}
	f->y += height;
	return is_done;
}

/* A row stays whole where a page can hold it; a longer one goes on. */
static void
put_row(struct flow *f, struct row *r)
{
	double height = row_height(r);
	double page = f->bottom - margin -
	    (f->table == NULL ? 0 : 3 * least_row);
	double room = f->bottom - f->y;
	if (!r->is_head && height > room &&
	    (height <= page || room < 2 * least_row))
		turn_page(f);
	while (!draw_part(f, r, f->bottom - f->y) &&
	    f->page <= PDF_PAGES_MAX)
		turn_page(f);
	for (size_t i = 0; i < r->n; i++)
		g_object_unref(r->cells[i].layout);
}

static void
add_cell(const struct flow *f, struct row *r, struct slice text, double width,
    PangoAlignment align)
{
	must(r->n < PAPER_COLUMNS_MAX);
	double x = r->n == 0 ? f->x
	    : r->cells[r->n - 1].x + r->cells[r->n - 1].width;
	r->cells[r->n++] = (struct cell){.x = x, .width = width,
	    .layout = layout_of(f, text, width - 2 * pad, TABLE_SIZE, align)};
}

/* ---- blocks ---- */

static void
put_head(struct flow *f)
{
	const struct paper_block *b = f->table;
	struct row r = {.is_head = true};
	f->table = NULL; /* a head has no head of its own */
	for (size_t i = 0; i < b->n_columns; i++)
		add_cell(f, &r, b->columns[i].label, f->widths[i],
		    PANGO_ALIGN_CENTER);
	put_row(f, &r);
	f->table = b;
}

static void
share_out(const struct flow *f, const struct paper_block *b, double *ret)
{
	double sum = 0;
	width_of_columns(b, ret);
	for (size_t i = 0; i < b->n_columns; i++)
		sum += ret[i];
	for (size_t i = 0; i < b->n_columns; i++)
		ret[i] *= f->width / sum;
}

static void
put_table(struct flow *f, const struct paper_block *b)
{
	double widths[PAPER_COLUMNS_MAX];
	share_out(f, b, widths);
	f->widths = widths;
	f->table = b;
	if (f->y + 4 * least_row > f->bottom)
		turn_page(f);
	else
		put_head(f);
	size_t rows = b->n_rows > b->least_rows ? b->n_rows : b->least_rows;
	for (size_t i = 0; i < rows && f->page <= PDF_PAGES_MAX; i++) {
		struct row r = {0};
		for (size_t j = 0; j < b->n_columns; j++)
			add_cell(f, &r, i < b->n_rows
			    ? b->cells[i * b->n_columns + j] : SLICE(""),
			    widths[j], b->columns[j].is_right
			    ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
		put_row(f, &r);
	}
	if (rows == 0) {
		struct row r = {0};
		add_cell(f, &r, b->text, f->width, PANGO_ALIGN_LEFT);
		put_row(f, &r);
	}
	f->table = NULL;
	f->widths = NULL;
}

static void
put_facts(struct flow *f, const struct paper_block *b)
{
	for (size_t i = 0; i < b->n_rows && f->page <= PDF_PAGES_MAX; i++) {
		struct row r = {.shades_first = true};
		add_cell(f, &r, b->cells[2 * i], label_width,
		    PANGO_ALIGN_LEFT);
		add_cell(f, &r, b->cells[2 * i + 1], f->width - label_width,
		    PANGO_ALIGN_LEFT);
		put_row(f, &r);
	}
}

/* Line by line, so that a long paragraph goes on overleaf. */
static void
put_paragraph(struct flow *f, struct slice text, int size,
    PangoAlignment align)
{
	struct cell c = {.x = f->x - pad, .width = f->width + 2 * pad,
	    .layout = layout_of(f, text, f->width, size, align)};
	int all = pango_layout_get_line_count(c.layout);
	while (c.line < all && f->page <= PDF_PAGES_MAX) {
		double height = line_height(c.layout, c.line);
		if (f->y + height > f->bottom)
			turn_page(f);
		f->y -= pad;
		draw_lines(f, &c, 1);
		f->y += pad + height;
		c.line++;
	}
	g_object_unref(c.layout);
}

/*
 * A text that must not leave its box: smaller, until it fits. What does not
 * fit at the smallest is cut by the box's edge, which its height rules out for
 * names of any length that the product takes.
 */
static void
put_within(const struct flow *f, struct slice text, double x, double y,
    double width, double height)
{
	int size = TABLE_SIZE;
	PangoLayout *l = layout_of(f, text, width, size, PANGO_ALIGN_CENTER);
	while (size > 3 && height_of(l) > height) {
		g_object_unref(l);
		l = layout_of(f, text, width, --size, PANGO_ALIGN_CENTER);
	}
	if (f->is_drawn) {
		double left = height - height_of(l);
		cairo_save(f->cr);
		cairo_rectangle(f->cr, x, y, width, height);
		cairo_clip(f->cr);
		cairo_move_to(f->cr, x, y + (left > 0 ? left / 2 : 0));
		pango_cairo_show_layout(f->cr, l);
		cairo_restore(f->cr);
	}
	g_object_unref(l);
}

static void
put_stamp(const struct flow *f, const struct paper_stamp *s, double x)
{
	const double title = 7 * MM, day = 5 * MM, mark = 4 * MM;
	double width = stamp_width - 2 * pad, y = f->y;
	put_box(f, x, y, stamp_width, title, true);
	put_box(f, x, y + title, stamp_width, stamp_height - title, false);
	put_within(f, s->title, x + pad, y + 0.3 * MM, width,
	    title - 0.6 * MM);
	put_within(f, s->name, x + pad, y + title, width,
	    stamp_height - title - day - mark);
	put_within(f, s->mark, x + pad, y + stamp_height - day - mark, width,
	    mark);
	put_within(f, s->day, x + pad, y + stamp_height - day, width, day);
}

static void
put_stamps(struct flow *f, const struct paper_block *b)
{
	size_t a_line = (size_t)(f->width / stamp_width);
	for (size_t i = 0; i < b->n_stamps; i += a_line) {
		size_t n = b->n_stamps - i < a_line ? b->n_stamps - i : a_line;
		if (f->y + stamp_height > f->bottom)
			turn_page(f);
		/* to the right, as on the paper forms */
		double x = f->x + f->width - (double)n * stamp_width;
		for (size_t j = 0; j < n; j++)
			put_stamp(f, &b->stamps[i + j],
			    x + (double)j * stamp_width);
		f->y += stamp_height;
	}
}

static void
put_block(struct flow *f, const struct paper_block *b)
{
	if (b->kind == PAPER_BREAK) {
		turn_page(f);
		return;
	}
	f->y += gap;
	if (b->heading.n > 0) {
		if (f->y + 4 * least_row > f->bottom)
			turn_page(f);
		put_paragraph(f, b->heading, BODY_SIZE, PANGO_ALIGN_LEFT);
		f->y += 1 * MM;
	}
	switch (b->kind) {
	case PAPER_TEXT:
		put_paragraph(f, b->text, BODY_SIZE, PANGO_ALIGN_LEFT);
		break;
	case PAPER_FACTS:
		put_facts(f, b);
		break;
	case PAPER_TABLE:
		put_table(f, b);
		break;
	case PAPER_STAMPS:
		put_stamps(f, b);
		break;
	case PAPER_BREAK:
		break;
	}
}

static void
put_paper(struct flow *f)
{
	const struct paper *p = f->paper;
	f->page = 0;
	begin_page(f);
	if (p->number.n > 0)
		put_paragraph(f, p->number, BODY_SIZE, PANGO_ALIGN_LEFT);
	if (p->day.n > 0)
		put_paragraph(f, p->day, BODY_SIZE, PANGO_ALIGN_RIGHT);
	if (p->from.n > 0)
		put_paragraph(f, p->from, BODY_SIZE, PANGO_ALIGN_RIGHT);
	f->y += gap / 2;
	put_paragraph(f, p->title, TITLE_SIZE, PANGO_ALIGN_CENTER);
	for (size_t i = 0; i < p->n_blocks && f->page <= PDF_PAGES_MAX; i++)
		put_block(f, &p->blocks[i]);
	if (f->is_drawn)
		cairo_show_page(f->cr);
}

/* ---- the file ---- */

static cairo_status_t
take_bytes(void *to, const unsigned char *bytes, unsigned int n)
{
	struct buf *b = to;
	buf_add_bytes(b, bytes, n);
	return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static bool
has_font(PangoContext *context)
{
	PangoFontFamily *family = pango_font_map_get_family(
	    pango_context_get_font_map(context), FONT);
	return family != NULL;
}

static bool
flow_twice(struct flow *f, struct buf *to, struct err *err)
{
	if (!has_font(f->context))
		return ERR(err, ERR_SYSTEM, "the font " FONT " is not "
		    "installed; nothing can be printed without it");
	put_paper(f);
	if (f->page > PDF_PAGES_MAX)
		return ERR(err, ERR_LIMIT, "more than %d pages",
		    PDF_PAGES_MAX);
	f->pages = f->page;
	f->is_drawn = true;
	put_paper(f);
	must(f->page == f->pages);
	cairo_surface_t *surface = cairo_get_target(f->cr);
	cairo_surface_finish(surface);
	if (to->failed)
		return ERR(err, ERR_LIMIT, "the pages take too many bytes");
	cairo_status_t status = cairo_surface_status(surface);
	return status == CAIRO_STATUS_SUCCESS || ERR(err, ERR_SYSTEM,
	    "pages: %s", cairo_status_to_string(status));
}

bool
pdf_write(const struct paper *paper, struct buf *to, struct err *err)
{
	struct flow f = {.paper = paper, .x = margin};
	must(paper->n_blocks <= PAPER_BLOCKS_MAX);
	f.width = page_width(&f) - 2 * margin;
	f.bottom = page_height(&f) - margin;
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
	    take_bytes, to, page_width(&f), page_height(&f));
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR,
	    "Fumikura");
	f.cr = cairo_create(surface);
	f.context = pango_cairo_create_context(f.cr);
	pango_context_set_language(f.context,
	    pango_language_from_string("ja"));
	bool worked = flow_twice(&f, to, err);
	g_object_unref(f.context);
	cairo_destroy(f.cr);
	cairo_surface_destroy(surface);
	return worked;
}
