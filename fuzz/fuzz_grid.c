/*
 * Grids: any bytes are read or refused, and what is read keeps to its limits.
 * The first byte says what the rest is: one of the parts of a workbook, which
 * is put into a ZIP with sound other parts, or the file itself.
 */
#include <archive.h>
#include <archive_entry.h>

#include "base/buf.h"
#include "base/must.h"
#include "report/grid.h"
#include "target.h"

enum { PARTS = 5, ZIP_MAX_BYTES = 4 * 1024 * 1024 };

static const struct {
	char mark;
	const char *name, *sound;
} parts[PARTS] = {
    {'B', "xl/workbook.xml", "<workbook xmlns:r=\"r\"><sheets><sheet name=\"A\""
        " r:id=\"r1\"/></sheets></workbook>"},
    {'L', "xl/_rels/workbook.xml.rels", "<Relationships><Relationship "
        "Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>"},
    {'T', "xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>"},
    {'Y', "xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId=\"14\"/>"
        "</cellXfs></styleSheet>"},
    {'S', "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r=\"1\">"
        "<c r=\"A1\" t=\"s\"><v>0</v></c><c s=\"0\"><v>46351</v></c></row>"
        "</sheetData></worksheet>"},
};

static void
add(struct archive *zip, const char *name, struct slice text)
{
	struct archive_entry *e = archive_entry_new();
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)text.n);
	archive_entry_set_filetype(e, AE_IFREG);
	must(archive_write_header(zip, e) == ARCHIVE_OK);
	must(archive_write_data(zip, text.p, text.n) == (la_ssize_t)text.n);
	archive_entry_free(e);
}

static void
make_zip(char mark, struct slice text, struct buf *to)
{
	size_t used = 0;
	char *bytes = buf_grow(to, ZIP_MAX_BYTES);
	struct archive *zip = archive_write_new();
	must(archive_write_set_format_zip(zip) == ARCHIVE_OK);
	must(archive_write_open_memory(zip, bytes, ZIP_MAX_BYTES, &used) ==
	    ARCHIVE_OK);
	for (size_t i = 0; i < PARTS; i++)
		add(zip, parts[i].name, parts[i].mark == mark ? text
		    : slice_of(parts[i].sound));
	must(archive_write_close(zip) == ARCHIVE_OK);
	must(archive_write_free(zip) == ARCHIVE_OK);
	to->n = used;
}

static void
read_file(struct slice file)
{
	struct arena *a SCOPED(arena_close_scoped) =
	    arena_open(GRID_ARENA_BYTES);
	struct err err = ERR_INIT;
	struct grid g;
	must(a != NULL);
	if (!grid_read(file, a, &g, &err)) {
		must(g.flaw != GRID_FINE && err.code != ERR_NONE);
		return;
	}
	must(g.flaw == GRID_FINE && g.n <= GRID_ROWS_MAX);
	for (size_t i = 0; i < g.n; i++) {
		must(g.rows[i].n > 0 && g.rows[i].n <= GRID_COLUMNS_MAX);
		must(i == 0 || g.rows[i].number > g.rows[i - 1].number);
		for (size_t j = 0; j < g.rows[i].n; j++)
			must(g.rows[i].cells[j].text.n <= GRID_CELL_MAX_BYTES);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > ZIP_MAX_BYTES / 4)
		return 0;
	struct slice text = slice_bytes(data + 1, size - 1);
	for (size_t i = 0; i < PARTS; i++)
		if ((char)data[0] == parts[i].mark) {
			struct buf zip SCOPED(buf_close) =
			    buf_of(ZIP_MAX_BYTES + 1);
			make_zip(parts[i].mark, text, &zip);
			read_file(slice_bytes(zip.p, zip.n));
			return 0;
		}
	read_file(text);
	return 0;
}
