#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "report/grid_inside.h"

/* What our own CSV put a ' before, so that no spreadsheet runs it. */
static struct slice
unguarded(struct slice s)
{
	return s.n > 1 && s.p[0] == '\'' &&
	        (memchr("=+-@\t\r", s.p[1], 6) != NULL ||
	            slice_has_prefix(slice_from(s, 1), SLICE("＝")) ||
	            slice_has_prefix(slice_from(s, 1), SLICE("＋")) ||
	            slice_has_prefix(slice_from(s, 1), SLICE("－")) ||
	            slice_has_prefix(slice_from(s, 1), SLICE("＠")))
	    ? slice_from(s, 1) : s;
}

static bool
read_rows(struct csv_reader *r, struct slice text, struct grid_maker *m)
{
	struct csv_row row;
	enum csv_step step;
	while ((step = csv_next(r, &text, true, &row, NULL)) == CSV_ROW) {
		for (size_t i = 0; i < row.n; i++)
			if (!grid_add_cell(m, i, unguarded(row.fields[i]),
			    CELL_FINE))
				return false;
		if (!grid_end_row(m, (uint32_t)row.number))
			return false;
	}
	if (step == CSV_BAD)
		m->grid->flaw = GRID_BROKEN;
	return step == CSV_END;
}

bool
grid_read_csv(struct slice file, struct arena *a, struct grid *ret,
    struct err *err)
{
	struct buf text = buf_of(3 * GRID_FILE_MAX_BYTES);
	enum text_encoding encoding;
	if (memchr(file.n == 0 ? "" : file.p, '\0', file.n) != NULL ||
	    !text_decode(file, &text, &encoding, NULL)) {
		buf_close(&text);
		return grid_refuse(ret, GRID_NO_WORKBOOK, err);
	}
	struct csv_reader *r = csv_open(err);
	if (r == NULL) {
		buf_close(&text);
		return false;
	}
	struct grid_maker m = grid_maker_of(a, ret);
	(void)read_rows(r, slice_bytes(text.p, text.n), &m);
	csv_close(r);
	buf_close(&text);
	return grid_finish(&m, err);
}
