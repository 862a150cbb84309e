/* Cells of a workbook's first sheet: SpreadsheetML (ECMA-376) as far as
 * values go. */
#include <libxml/xmlreader.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "report/grid_inside.h"

enum {
	SMALL_PART_MAX_BYTES = 1024 * 1024,
	STYLES_MAX_BYTES = 4 * 1024 * 1024,
	STRINGS_MAX_BYTES = 24 * 1024 * 1024,
	SHEET_MAX_BYTES = 32 * 1024 * 1024,
	STRINGS_MAX = 200 * 1000,
	STYLES_MAX = 10 * 1000,
	FORMATS_MAX = 1000,
	SHEET_ROWS_MAX = 1048576 /* of the format */
};

struct book {
	struct arena *arena;
	struct grid *grid;
	struct slice *strings; /* the shared ones */
	size_t n_strings;
	bool *is_date; /* by the number of a style */
	size_t n_styles;
	bool is_1904;
	char first[128]; /* r:id of the first sheet, then its part */
};

/* ---- XML ---- */

static bool
broken(struct grid *g)
{
	if (g->flaw == GRID_FINE)
		g->flaw = GRID_BROKEN;
	return false;
}

static xmlTextReaderPtr
open_xml(const struct part *p)
{
	return xmlReaderForMemory(p->bytes.p, (int)p->bytes.n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
	        XML_PARSE_NOCDATA);
}

/* The next node; false at the end and at what is broken. */
static bool
next(xmlTextReaderPtr x, struct grid *g)
{
	int rc = xmlTextReaderRead(x);
	if (rc < 0 || (rc == 1 && xmlTextReaderNodeType(x) ==
	    XML_READER_TYPE_DOCUMENT_TYPE))
		return broken(g);
	return rc == 1;
}

static bool
is_start(xmlTextReaderPtr x, const char *name)
{
	return xmlTextReaderNodeType(x) == XML_READER_TYPE_ELEMENT &&
	    strcmp((const char *)xmlTextReaderConstLocalName(x), name) == 0;
}

static bool
is_end(xmlTextReaderPtr x, const char *name)
{
	return xmlTextReaderNodeType(x) == XML_READER_TYPE_END_ELEMENT &&
	    strcmp((const char *)xmlTextReaderConstLocalName(x), name) == 0;
}

/* An attribute by its local name; false when it is not there or too long. */
static bool
attribute(xmlTextReaderPtr x, const char *name, char *to, size_t size)
{
	bool is_found = false;
	if (xmlTextReaderMoveToFirstAttribute(x) != 1)
		return false;
	do {
		const char *local =
		    (const char *)xmlTextReaderConstLocalName(x);
		const char *value = (const char *)xmlTextReaderConstValue(x);
		if (strcmp(local, name) != 0 || value == NULL ||
		    strlen(value) >= size)
			continue;
		(void)snprintf(to, size, "%s", value);
		is_found = true;
	} while (!is_found && xmlTextReaderMoveToNextAttribute(x) == 1);
	(void)xmlTextReaderMoveToElement(x);
	return is_found;
}

static uint64_t
number_of(const char *s, uint64_t most, uint64_t otherwise)
{
	uint64_t v;
	return num_read_u64(slice_of(s), most, &v) ? v : otherwise;
}

/* Four digits, of either case. */
static bool
read_point(const char *s, uint32_t *ret)
{
	char *end, digits[5];
	(void)snprintf(digits, sizeof(digits), "%.4s", s);
	*ret = (uint32_t)strtoul(digits, &end, 16);
	return end == digits + 4 && strspn(digits, " +-xX") == 0;
}

/* _x000D_ stands for the character of that number. */
static void
add_unescaped(struct buf *to, const char *s)
{
	for (; *s != '\0'; s++) {
		uint32_t point;
		if (s[0] == '_' && s[1] == 'x' && strnlen(s, 7) == 7 &&
		    s[6] == '_' && read_point(s + 2, &point)) {
			if (point != 0 && (point < 0xd800 || point > 0xdfff))
				text_add_point(to, point);
			s += 6;
		} else {
			buf_add_byte(to, (uint8_t)*s);
		}
	}
}

/*
 * The text inside an element up to its end, readings (rPh) left out: those
 * are the furigana that an input method leaves behind.
 */
static bool
read_text(xmlTextReaderPtr x, const char *end, struct buf *to, struct grid *g)
{
	bool is_reading = false;
	if (xmlTextReaderIsEmptyElement(x))
		return true;
	while (next(x, g)) {
		int type = xmlTextReaderNodeType(x);
		if (is_end(x, end))
			return true;
		if (is_start(x, "rPh"))
			is_reading = xmlTextReaderIsEmptyElement(x) == 0;
		else if (is_end(x, "rPh"))
			is_reading = false;
		else if (!is_reading && (type == XML_READER_TYPE_TEXT ||
		    type == XML_READER_TYPE_CDATA ||
		    type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE))
			add_unescaped(to,
			    (const char *)xmlTextReaderConstValue(x));
	}
	return broken(g);
}

/* ---- the book ---- */

static struct slice
keep(struct book *b, const char *s)
{
	return arena_copy(b->arena, slice_of(s));
}

static bool
read_sheets(struct book *b, xmlTextReaderPtr x)
{
	struct grid *g = b->grid;
	char name[256], state[16], flag[8];
	size_t n = 0;
	while (next(x, g)) {
		if (is_start(x, "workbookPr") &&
		    attribute(x, "date1904", flag, sizeof(flag)))
			b->is_1904 = strcmp(flag, "1") == 0 ||
			    strcmp(flag, "true") == 0;
		if (!is_start(x, "sheet"))
			continue;
		if (!attribute(x, "name", name, sizeof(name)))
			name[0] = '\0';
		if (attribute(x, "state", state, sizeof(state)) &&
		    strcmp(state, "visible") != 0) {
			g->flaw = GRID_HIDDEN;
			g->where = keep(b, name);
			return false;
		}
		if (n++ == 0) {
			if (!attribute(x, "id", b->first, sizeof(b->first)))
				return broken(g);
		} else if (g->n_left_out < GRID_SHEETS_MAX) {
			g->left_out[g->n_left_out++] = keep(b, name);
		} else {
			g->flaw = GRID_TOO_LARGE;
			return false;
		}
	}
	return g->flaw == GRID_FINE && (n > 0 || broken(g));
}

/* From r:id to the part, beside xl/ or from the root. */
static bool
find_sheet(struct book *b, xmlTextReaderPtr x)
{
	char id[128], target[100];
	while (next(x, b->grid)) {
		if (!is_start(x, "Relationship") ||
		    !attribute(x, "Id", id, sizeof(id)) ||
		    strcmp(id, b->first) != 0 ||
		    !attribute(x, "Target", target, sizeof(target)))
			continue;
		(void)snprintf(b->first, sizeof(b->first), "%s%s",
		    target[0] == '/' ? "" : "xl/",
		    target[0] == '/' ? target + 1 : target);
		return true;
	}
	return broken(b->grid);
}

static bool
read_strings(struct book *b, xmlTextReaderPtr x)
{
	struct buf list = buf_of(STRINGS_MAX * sizeof(struct slice));
	struct buf text = buf_of(2 * GRID_CELL_MAX_BYTES);
	bool is_fine = true;
	while (is_fine && next(x, b->grid)) {
		if (!is_start(x, "si"))
			continue;
		buf_reset(&text);
		is_fine = read_text(x, "si", &text, b->grid);
		/* too long for a cell: stays so when it is used */
		struct slice s = text.failed
		    ? (struct slice){"", GRID_CELL_MAX_BYTES + 1}
		    : arena_copy(b->arena, slice_bytes(text.p, text.n));
		buf_add_bytes(&list, &s, sizeof(s));
		if (list.failed || arena_is_failed(b->arena)) {
			b->grid->flaw = GRID_TOO_LARGE;
			is_fine = false;
		}
	}
	is_fine = is_fine && b->grid->flaw == GRID_FINE;
	if (is_fine) {
		b->n_strings = list.n / sizeof(struct slice);
		b->strings = arena_array(b->arena, b->n_strings,
		    sizeof(struct slice));
		if (b->strings != NULL && list.n > 0)
			memcpy(b->strings, list.p, list.n);
	}
	buf_close(&text);
	buf_close(&list);
	return is_fine;
}

/* ---- styles: only whether a number is a day ---- */

static bool
is_built_in_date(uint64_t format)
{
	return (format >= 14 && format <= 17) || format == 22 ||
	    (format >= 27 && format <= 36) || (format >= 50 && format <= 58);
}

/* A code with a year, month or day outside quotes, [..] and \x. */
static bool
is_date_code(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"')
			for (s++; *s != '\0' && *s != '"';)
				s++;
		else if (*s == '[')
			for (s++; *s != '\0' && *s != ']';)
				s++;
		else if (*s == '\\' && s[1] != '\0')
			s++;
		else if (strchr("ydgYDG", *s) != NULL &&
		    strncmp(s, "General", 7) != 0)
			return true;
		else if (strncmp(s, "General", 7) == 0)
			s += 6;
		if (*s == '\0')
			break;
	}
	return false;
}

static bool
read_styles(struct book *b, xmlTextReaderPtr x)
{
	uint64_t dates[FORMATS_MAX];
	size_t n_dates = 0;
	char id[16], code[256];
	bool is_inside = false;
	b->is_date = arena_array(b->arena, STYLES_MAX, sizeof(*b->is_date));
	if (b->is_date == NULL)
		return broken(b->grid);
	while (next(x, b->grid)) {
		if (is_start(x, "numFmt") && n_dates < FORMATS_MAX &&
		    attribute(x, "numFmtId", id, sizeof(id)) &&
		    attribute(x, "formatCode", code, sizeof(code)) &&
		    is_date_code(code))
			dates[n_dates++] = number_of(id, INT32_MAX, 0);
		if (is_start(x, "cellXfs"))
			is_inside = true;
		else if (is_end(x, "cellXfs"))
			is_inside = false;
		if (!is_inside || !is_start(x, "xf") ||
		    b->n_styles == STYLES_MAX)
			continue;
		uint64_t format = attribute(x, "numFmtId", id, sizeof(id))
		    ? number_of(id, INT32_MAX, 0) : 0;
		bool is_date = is_built_in_date(format);
		for (size_t i = 0; i < n_dates; i++)
			is_date |= dates[i] == format;
		b->is_date[b->n_styles++] = is_date;
	}
	return b->grid->flaw == GRID_FINE;
}

/* ---- cells ---- */

/* Days since 1899-12-30, or since 1904-01-01. */
static bool
write_day(const struct book *b, double serial, struct buf *to)
{
	static const struct date begin_1900 = {1899, 12, 30},
	    begin_1904 = {1904, 1, 1};
	if (!(serial >= 1 && serial < 2958466))
		return false;
	struct date d = date_add_days(b->is_1904 ? begin_1904 : begin_1900,
	    (int32_t)serial);
	date_format(d, DATE_ISO, to);
	return true;
}

/* A number as people see it: no exponent where it is a whole one. */
static void
write_number(const struct book *b, const char *digits, size_t style,
    struct buf *to)
{
	char *end;
	char text[32];
	double v = strtod(digits, &end);
	bool is_number = end != digits && *end == '\0';
	if (is_number && style < b->n_styles && b->is_date[style] &&
	    write_day(b, v, to))
		return;
	if (is_number && v == floor(v) && fabs(v) < 1e15) {
		(void)snprintf(text, sizeof(text), "%.0f", v);
		buf_add_str(to, text);
	} else {
		buf_add_str(to, digits);
	}
}

/* "AB12": column 27 (from 0); false for anything else. */
static bool
read_place(const char *s, size_t *ret_column)
{
	size_t column = 0, letters = 0;
	for (; *s >= 'A' && *s <= 'Z' && letters < 4; s++, letters++)
		column = column * 26 + (size_t)(*s - 'A') + 1;
	*ret_column = column - 1;
	return letters > 0 && letters < 4 && *s >= '1' && *s <= '9';
}

/* What a <c> holds, until its end. */
struct found {
	struct buf text;
	bool has_formula;
};

static bool
read_inside(struct book *b, xmlTextReaderPtr x, struct found *f)
{
	if (xmlTextReaderIsEmptyElement(x))
		return true;
	while (next(x, b->grid)) {
		if (is_end(x, "c"))
			return true;
		if (is_start(x, "f"))
			f->has_formula = true;
		else if (is_start(x, "v") &&
		    !read_text(x, "v", &f->text, b->grid))
			return false;
		else if (is_start(x, "is") &&
		    !read_text(x, "is", &f->text, b->grid))
			return false;
	}
	return broken(b->grid);
}

static bool
put_cell(struct book *b, struct grid_maker *m, size_t column,
    const char *type, size_t style, struct found *f)
{
	struct slice raw = slice_bytes(f->text.p, f->text.n);
	uint64_t at;
	if (f->has_formula)
		return grid_add_cell(m, column, SLICE(""), CELL_FORMULA);
	if (strcmp(type, "e") == 0)
		return grid_add_cell(m, column, SLICE(""), CELL_ERROR);
	if (f->text.failed)
		return grid_add_cell(m, column, SLICE(""), CELL_TOO_LONG);
	if (strcmp(type, "s") == 0) {
		if (!num_read_u64(raw, STRINGS_MAX, &at) ||
		    at >= b->n_strings)
			return broken(b->grid);
		return grid_add_cell(m, column, b->strings[at], CELL_FINE);
	}
	if (strcmp(type, "n") != 0 || raw.n == 0)
		return grid_add_cell(m, column, raw, CELL_FINE);
	struct buf digits = buf_of(64), shown = buf_of(64);
	buf_add(&digits, raw);
	buf_add_byte(&digits, '\0');
	bool is_fine = !digits.failed || broken(b->grid);
	if (is_fine) {
		write_number(b, digits.p, style, &shown);
		is_fine = grid_add_cell(m, column,
		    slice_bytes(shown.p, shown.n), CELL_FINE);
	}
	buf_close(&digits);
	buf_close(&shown);
	return is_fine;
}

static bool
read_cell(struct book *b, xmlTextReaderPtr x, struct grid_maker *m,
    size_t *column)
{
	char place[16], type[16], style[16];
	struct found f = {.text = buf_of(2 * GRID_CELL_MAX_BYTES)};
	if (attribute(x, "r", place, sizeof(place)) &&
	    !read_place(place, column))
		return broken(b->grid);
	if (!attribute(x, "t", type, sizeof(type)))
		(void)snprintf(type, sizeof(type), "n");
	size_t s = attribute(x, "s", style, sizeof(style))
	    ? number_of(style, STYLES_MAX, STYLES_MAX) : 0;
	bool is_fine = read_inside(b, x, &f) &&
	    put_cell(b, m, *column, type, s, &f);
	buf_close(&f.text);
	(*column)++;
	return is_fine;
}

static bool
read_rows(struct book *b, xmlTextReaderPtr x, struct grid_maker *m)
{
	uint32_t row = 0;
	size_t column = 0;
	char number[16];
	while (next(x, b->grid)) {
		if (is_start(x, "row")) {
			uint64_t n = attribute(x, "r", number, sizeof(number))
			    ? number_of(number, SHEET_ROWS_MAX, 0) : row + 1;
			if (n <= row) /* out of order: which is which? */
				return broken(b->grid);
			row = (uint32_t)n;
			column = 0;
		} else if (is_end(x, "row")) {
			if (!grid_end_row(m, row))
				return false;
		} else if (is_start(x, "c")) {
			if (!read_cell(b, x, m, &column))
				return false;
		}
	}
	return b->grid->flaw == GRID_FINE;
}

/* ---- all of it ---- */

static bool
with_xml(struct book *b, const struct part *p,
    bool (*read)(struct book *, xmlTextReaderPtr))
{
	xmlTextReaderPtr x = open_xml(p);
	if (x == NULL)
		return broken(b->grid);
	bool worked = read(b, x);
	xmlFreeTextReader(x);
	return worked;
}

static bool
read_sheet(struct book *b, const struct part *p, struct err *err)
{
	xmlTextReaderPtr x = open_xml(p);
	struct grid_maker m = grid_maker_of(b->arena, b->grid);
	if (x == NULL)
		(void)broken(b->grid);
	else
		(void)read_rows(b, x, &m);
	xmlFreeTextReader(x);
	return grid_finish(&m, err);
}

enum { BOOK, LINKS, STRINGS, STYLES, PARTS };

static bool
read_book(struct book *b, struct slice file, struct part *parts,
    struct err *err)
{
	if (!parts_read(file, parts, PARTS, b->grid, err))
		return false;
	if (!parts[BOOK].is_there || !parts[LINKS].is_there)
		return grid_refuse(b->grid, GRID_NO_WORKBOOK, err);
	bool worked = with_xml(b, &parts[BOOK], read_sheets) &&
	    with_xml(b, &parts[LINKS], find_sheet) &&
	    (!parts[STRINGS].is_there ||
	        with_xml(b, &parts[STRINGS], read_strings)) &&
	    (!parts[STYLES].is_there ||
	        with_xml(b, &parts[STYLES], read_styles));
	return worked || grid_refuse(b->grid, b->grid->flaw, err);
}

bool
grid_read_workbook(struct slice file, struct arena *a, struct grid *ret,
    struct err *err)
{
	struct book b = {.arena = a, .grid = ret};
	struct part parts[PARTS] = {
	    [BOOK] = {.name = "xl/workbook.xml",
	        .bytes = buf_of(SMALL_PART_MAX_BYTES)},
	    [LINKS] = {.name = "xl/_rels/workbook.xml.rels",
	        .bytes = buf_of(SMALL_PART_MAX_BYTES)},
	    [STRINGS] = {.name = "xl/sharedStrings.xml",
	        .bytes = buf_of(STRINGS_MAX_BYTES)},
	    [STYLES] = {.name = "xl/styles.xml",
	        .bytes = buf_of(STYLES_MAX_BYTES)}};
	struct part sheet = {.name = b.first,
	    .bytes = buf_of(SHEET_MAX_BYTES)};
	bool worked = read_book(&b, file, parts, err) &&
	    parts_read(file, &sheet, 1, ret, err) &&
	    (sheet.is_there || grid_refuse(ret, GRID_BROKEN, err)) &&
	    read_sheet(&b, &sheet, err);
	for (size_t i = 0; i < PARTS; i++)
		buf_close(&parts[i].bytes);
	buf_close(&sheet.bytes);
	return worked;
}
