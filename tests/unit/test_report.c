/*
 * Papers and grids. Goal: what is written as a workbook reads back as it was,
 * none of it a formula; what comes in from outside is refused, or read, within
 * its limits; pages are never more than said, and none of them is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/mem.h"
#include "report/grid.h"
#include "report/pdf.h"
#include "report/workbook.h"

#define NS "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define LINKS                                                                  \
	"<Relationships><Relationship Id=\"r1\" "                              \
	"Target=\"worksheets/sheet1.xml\"/></Relationships>"
#define BOOK(sheets)                                                           \
	"<workbook " NS " xmlns:r=\"x\"><sheets>" sheets "</sheets></workbook>"
#define ONE_SHEET BOOK("<sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/>")
#define SHEET(rows)                                                            \
	"<worksheet " NS "><sheetData>" rows "</sheetData></worksheet>"

struct entry {
	const char *name;
	const char *text;
	size_t n; /* 0: all of the text */
};

/* A ZIP of these entries, the last one without a name. */
static struct buf
zip_of(const struct entry *entries)
{
	struct buf to = buf_of(GRID_FILE_MAX_BYTES);
	size_t used = 0;
	char *bytes = buf_grow(&to, GRID_FILE_MAX_BYTES - 1);
	struct archive *zip = archive_write_new();
	assert_int_equal(archive_write_set_format_zip(zip), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(zip, bytes,
	    GRID_FILE_MAX_BYTES - 1, &used), ARCHIVE_OK);
	for (; entries->name != NULL; entries++) {
		size_t n = entries->n != 0 ? entries->n
		                           : strlen(entries->text);
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, entries->name);
		archive_entry_set_size(e, (la_int64_t)n);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		assert_int_equal(archive_write_header(zip, e), ARCHIVE_OK);
		assert_int_equal(archive_write_data(zip, entries->text, n), n);
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_close(zip), ARCHIVE_OK);
	assert_int_equal(archive_write_free(zip), ARCHIVE_OK);
	to.n = used;
	return to;
}

struct read {
	struct arena *arena;
	struct grid grid;
	struct err err;
	bool worked;
};

static struct read
read_bytes(struct slice file)
{
	struct read r = {.arena = arena_open(GRID_ARENA_BYTES),
	    .err = ERR_INIT};
	r.worked = grid_read(file, r.arena, &r.grid, &r.err);
	return r;
}

static struct read
read_zip(const struct entry *entries)
{
	struct buf zip = zip_of(entries);
	struct read r = read_bytes(slice_bytes(zip.p, zip.n));
	buf_close(&zip);
	return r;
}

static struct read
read_sheet(const char *sheet)
{
	const struct entry entries[] = {{"xl/workbook.xml", ONE_SHEET, 0},
	    {"xl/_rels/workbook.xml.rels", LINKS, 0},
	    {"xl/worksheets/sheet1.xml", sheet, 0}, {NULL, NULL, 0}};
	return read_zip(entries);
}

static void
assert_cell(const struct read *r, size_t row, size_t column, const char *text)
{
	assert_true(r->worked);
	assert_true(row < r->grid.n && column < r->grid.rows[row].n);
	const struct grid_cell *c = &r->grid.rows[row].cells[column];
	if (!slice_is(c->text, text))
		fail_msg("%.*s is not %s", SLICE_FMT(c->text), text);
	assert_int_equal(c->flaw, CELL_FINE);
}

static void
assert_refused(struct read r, enum grid_flaw flaw)
{
	assert_false(r.worked);
	assert_string_equal(grid_flaw_name(r.grid.flaw),
	    grid_flaw_name(flaw));
	assert_true(r.err.code == ERR_INPUT || r.err.code == ERR_LIMIT);
	arena_close(r.arena);
}

/* ---- out and in again ---- */

static const struct slice odd[] = {
    {"=1+1", 4}, {"+81", 3}, {"-1", 2}, {"@SUM(A1)", 8}, {"a,\"b\"\nc", 7},
    {"髙﨑𠮷", 10}, {"葛\U000E0100城", 10}, {"_x0041_", 7}, {"<&>", 3},
};

enum { ODD = sizeof(odd) / sizeof(odd[0]) };

static struct paper
list_of(struct paper_block *block, struct paper_column *column,
    const struct slice *cells, size_t n)
{
	*column = (struct paper_column){.label = SLICE("名称")};
	*block = (struct paper_block){.kind = PAPER_TABLE, .columns = column,
	    .n_columns = 1, .cells = cells, .n_rows = n,
	    .text = SLICE("ありません")};
	return (struct paper){.title = SLICE("台帳"), .sheet = SLICE("台/帳"),
	    .mark = SLICE("5 & 6"), .is_list = true, .blocks = block,
	    .n_blocks = 1};
}

static void
out_and_in_again(void **state)
{
	struct paper_block block;
	struct paper_column column;
	struct paper p = list_of(&block, &column, odd, ODD);
	struct buf to = buf_of(GRID_FILE_MAX_BYTES);
	struct err err = ERR_INIT;
	(void)state;
	assert_true(workbook_write(&p, &to, &err));
	struct read r = read_bytes(slice_bytes(to.p, to.n));
	assert_cell(&r, 0, 0, "台帳");
	assert_cell(&r, 1, 0, "名称");
	for (size_t i = 0; i < ODD; i++) {
		char text[64];
		(void)snprintf(text, sizeof(text), "%.*s", SLICE_FMT(odd[i]));
		assert_cell(&r, 2 + i, 0, text);
	}
	assert_int_equal(r.grid.rows[2].number, 4);
	arena_close(r.arena);
	buf_close(&to);
}

/* Goal: what our CSV guards comes back without its guard. */
static void
csv_and_in_again(void **state)
{
	struct buf to = buf_of(64 * 1024);
	struct csv_writer csv = csv_writer_of(&to, true);
	(void)state;
	for (size_t i = 0; i < ODD; i++) {
		csv_put_field(&csv, odd[i]);
		csv_end_row(&csv);
	}
	csv_put_str(&csv, "'quoted'");
	csv_end_row(&csv);
	assert_null(memmem(to.p, to.n, "\r\n=", 3));
	struct read r = read_bytes(slice_bytes(to.p, to.n));
	for (size_t i = 0; i < ODD; i++) {
		char text[64];
		(void)snprintf(text, sizeof(text), "%.*s", SLICE_FMT(odd[i]));
		assert_cell(&r, i, 0, text);
	}
	assert_cell(&r, ODD, 0, "'quoted'");
	arena_close(r.arena);
	buf_close(&to);
}

static void
template_reads_back(void **state)
{
	static const struct slice kinds[] = {{"USBメモリ", 12}, {"紙", 3}};
	const struct template_column columns[] = {
	    {.label = SLICE("管理番号"), .is_required = true},
	    {.label = SLICE("種類"), .hint = SLICE("選ぶ"), .choices = kinds,
	        .n_choices = 2}};
	const struct template t = {.title = SLICE("媒体管理簿"),
	    .guide = SLICE("4行目から"), .sheet = SLICE("記入"),
	    .choices_sheet = SLICE("選択肢"), .columns = columns,
	    .n_columns = 2, .rows = 100};
	struct buf to = buf_of(GRID_FILE_MAX_BYTES);
	struct err err = ERR_INIT;
	(void)state;
	assert_true(template_write(&t, &to, &err));
	struct read r = read_bytes(slice_bytes(to.p, to.n));
	assert_cell(&r, 2, 1, "種類");
	assert_int_equal(r.grid.n_left_out, 1);
	assert_true(slice_is(r.grid.left_out[0], "選択肢"));
	arena_close(r.arena);
	buf_close(&to);
}

/* ---- what people's spreadsheets write ---- */

static void
cells_of_all_kinds(void **state)
{
	const struct entry entries[] = {{"xl/workbook.xml", ONE_SHEET, 0},
	    {"xl/_rels/workbook.xml.rels", LINKS, 0},
	    {"xl/sharedStrings.xml", "<sst " NS "><si><t>山田</t><rPh sb=\"0\" "
	        "eb=\"2\"><t>ヤマダ</t></rPh></si><si><r><t>二</t></r><r><t>つ"
	        "</t></r></si></sst>", 0},
	    {"xl/styles.xml", "<styleSheet " NS "><numFmts><numFmt numFmtId="
	        "\"200\" formatCode=\"[$-411]ggge&quot;年&quot;m&quot;月&quot;"
	        "\"/><numFmt numFmtId=\"201\" formatCode=\"0&quot;day&quot;\"/>"
	        "</numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>"
	        "<xf numFmtId=\"200\"/><xf numFmtId=\"201\"/></cellXfs>"
	        "</styleSheet>", 0},
	    {"xl/worksheets/sheet1.xml", SHEET("<row r=\"3\">"
	        "<c r=\"B3\" t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>"
	        "<c r=\"E3\" t=\"inlineStr\"><is><t>中</t></is></c>"
	        "<c r=\"F3\" s=\"1\"><v>46351</v></c>"
	        "<c r=\"G3\" s=\"2\"><v>46351.5</v></c>"
	        "<c r=\"H3\" s=\"3\"><v>12</v></c>"
	        "<c r=\"I3\"><v>9.012345678E9</v></c>"
	        "<c r=\"J3\"><v>1.25</v></c></row>"
	        "<row r=\"9\"><c r=\"A9\"><f>1+1</f><v>2</v></c>"
	        "<c r=\"B9\" t=\"e\"><v>#REF!</v></c></row>"), 0},
	    {NULL, NULL, 0}};
	struct read r = read_zip(entries);
	(void)state;
	assert_cell(&r, 0, 0, "");
	assert_cell(&r, 0, 1, "山田");
	assert_cell(&r, 0, 2, "二つ");
	assert_cell(&r, 0, 4, "中");
	assert_cell(&r, 0, 5, "2026-11-25");
	assert_cell(&r, 0, 6, "2026-11-25");
	assert_cell(&r, 0, 7, "12");
	assert_cell(&r, 0, 8, "9012345678");
	assert_cell(&r, 0, 9, "1.25");
	assert_int_equal(r.grid.rows[0].number, 3);
	assert_int_equal(r.grid.n, 2);
	assert_int_equal(r.grid.rows[1].number, 9);
	assert_int_equal(r.grid.rows[1].cells[0].flaw, CELL_FORMULA);
	assert_int_equal(r.grid.rows[1].cells[1].flaw, CELL_ERROR);
	arena_close(r.arena);
}

/* ---- what is refused ---- */

static void
refused_whole(void **state)
{
	const struct entry macros[] = {{"xl/workbook.xml", ONE_SHEET, 0},
	    {"xl/vbaProject.bin", "x", 0}, {NULL, NULL, 0}};
	const struct entry hidden[] = {{"xl/workbook.xml",
	    BOOK("<sheet name=\"A\" r:id=\"r1\"/><sheet name=\"隠\" "
	        "state=\"veryHidden\" r:id=\"r2\"/>"), 0},
	    {"xl/_rels/workbook.xml.rels", LINKS, 0}, {NULL, NULL, 0}};
	const struct entry entity[] = {{"xl/workbook.xml", "<!DOCTYPE x [<!"
	    "ENTITY a SYSTEM \"file:///etc/passwd\">]>" ONE_SHEET, 0},
	    {"xl/_rels/workbook.xml.rels", LINKS, 0}, {NULL, NULL, 0}};
	const struct entry other[] = {{"word/document.xml", "<x/>", 0},
	    {NULL, NULL, 0}};
	const struct entry twice[] = {{"xl/workbook.xml", ONE_SHEET, 0},
	    {"xl/workbook.xml", ONE_SHEET, 0}, {NULL, NULL, 0}};
	(void)state;
	assert_refused(read_zip(macros), GRID_MACROS);
	struct read r = read_zip(hidden);
	assert_true(slice_is(r.grid.where, "隠"));
	assert_refused(r, GRID_HIDDEN);
	assert_refused(read_zip(entity), GRID_BROKEN);
	assert_refused(read_zip(other), GRID_NO_WORKBOOK);
	assert_refused(read_zip(twice), GRID_BROKEN);
	assert_refused(read_bytes(SLICE("\xd0\xcf\x11\xe0\xa1\xb1")),
	    GRID_LOCKED);
	assert_refused(read_bytes(SLICE("PK\x03\x04 and no more")),
	    GRID_BROKEN);
	assert_refused(read_bytes(SLICE("\x89PNG\0\0")), GRID_NO_WORKBOOK);
	assert_refused(read_bytes(SLICE("a,\"b\nc")), GRID_BROKEN);
	assert_refused(read_sheet(SHEET("<row r=\"2\"/><row r=\"1\"/>")),
	    GRID_BROKEN);
	assert_refused(read_sheet(SHEET("<row><c r=\"A1\" t=\"s\"><v>7</v></c>"
	    "</row>")), GRID_BROKEN);
	assert_refused(read_sheet("<worksheet><sheetData><row>"), GRID_BROKEN);
	assert_refused(read_sheet(SHEET("<row><c r=\"CW1\"><v>1</v></c>"
	    "</row>")), GRID_TOO_LARGE);
}

/* Goal: a bomb of some thousand bytes ends at the part's limit. */
static void
bomb(void **state)
{
	enum { BYTES = 48 * 1024 * 1024 };
	struct buf much = buf_of(BYTES);
	memset(buf_grow(&much, BYTES - 1), ' ', BYTES - 1);
	const struct entry entries[] = {{"xl/workbook.xml", ONE_SHEET, 0},
	    {"xl/_rels/workbook.xml.rels", LINKS, 0},
	    {"xl/worksheets/sheet1.xml", much.p, much.n}, {NULL, NULL, 0}};
	(void)state;
	assert_refused(read_zip(entries), GRID_TOO_LARGE);
	buf_close(&much);
}

static struct read
read_rows(size_t n)
{
	struct buf text = buf_of(GRID_FILE_MAX_BYTES);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, "a\r\n");
	struct read r = read_bytes(slice_bytes(text.p, text.n));
	buf_close(&text);
	return r;
}

static void
rows_at_the_limit(void **state)
{
	(void)state;
	struct read r = read_rows(GRID_ROWS_MAX);
	assert_true(r.worked);
	assert_int_equal(r.grid.n, GRID_ROWS_MAX);
	arena_close(r.arena);
	assert_refused(read_rows(GRID_ROWS_MAX + 1), GRID_TOO_LARGE);
}

/* ---- pages ---- */

static size_t
pages_of(const struct buf *pdf)
{
	size_t n = 0;
	const char *at = pdf->p, *end = pdf->p + pdf->n;
	while ((at = memmem(at, (size_t)(end - at), "/Type /Page", 11)) !=
	    NULL) {
		at += 11;
		n += *at != 's';
	}
	return n;
}

static size_t
pages_with_rows(const struct slice *cells, size_t n)
{
	struct paper_block block;
	struct paper_column column;
	struct paper p = list_of(&block, &column, cells, n);
	struct buf to = buf_of(64 * 1024 * 1024);
	struct err err = ERR_INIT;
	if (!pdf_write(&p, &to, &err))
		fail_msg("%s", err.text);
	assert_memory_equal(to.p, "%PDF-", 5);
	size_t pages = pages_of(&to);
	buf_close(&to);
	return pages;
}

static void
pages(void **state)
{
	struct slice cells[400];
	struct buf text = buf_of(PAPER_TEXT_MAX_BYTES);
	(void)state;
	for (size_t i = 0; i < 400; i++)
		cells[i] = odd[i % ODD];
	for (size_t i = 0; i < 4000; i++)
		buf_add_str(&text, "長い文章");
	assert_int_equal(pages_with_rows(cells, 0), 1);
	assert_int_equal(pages_with_rows(cells, 1), 1);
	assert_in_range(pages_with_rows(cells, 400), 10, 14);
	/* a row that no page can hold goes on overleaf */
	cells[0] = slice_bytes(text.p, text.n);
	assert_in_range(pages_with_rows(cells, 1), 7, 11);
	buf_close(&text);
}

/* Goal: what does not fit is told, not cut. */
static void
too_much_to_write(void **state)
{
	struct paper_block block;
	struct paper_column column;
	struct paper p = list_of(&block, &column, odd, ODD);
	struct buf to = buf_of(100);
	struct err err = ERR_INIT;
	(void)state;
	assert_false(pdf_write(&p, &to, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_reset(&to);
	assert_false(workbook_write(&p, &to, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_close(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(out_and_in_again),
	    cmocka_unit_test(csv_and_in_again),
	    cmocka_unit_test(template_reads_back),
	    cmocka_unit_test(cells_of_all_kinds),
	    cmocka_unit_test(refused_whole),
	    cmocka_unit_test(bomb),
	    cmocka_unit_test(rows_at_the_limit),
	    cmocka_unit_test(pages),
	    cmocka_unit_test(too_much_to_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
