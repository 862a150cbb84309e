#include "report/grid.h"

#include <string.h>

#include "report/grid_inside.h"

static const char *const flaw_names[GRID_FLAWS] = {
    [GRID_FINE] = "fine", [GRID_NO_WORKBOOK] = "no_workbook",
    [GRID_LOCKED] = "locked", [GRID_MACROS] = "macros",
    [GRID_HIDDEN] = "hidden", [GRID_TOO_LARGE] = "too_large",
    [GRID_BROKEN] = "broken",
};

const char *
grid_flaw_name(enum grid_flaw flaw)
{
	return flaw_names[flaw];
}

bool
grid_refuse(struct grid *g, enum grid_flaw flaw, struct err *err)
{
	g->flaw = flaw;
	return ERR(err, flaw == GRID_TOO_LARGE ? ERR_LIMIT : ERR_INPUT,
	    "the file cannot be taken in: %s", grid_flaw_name(flaw));
}

struct grid_maker
grid_maker_of(struct arena *a, struct grid *grid)
{
	return (struct grid_maker){.arena = a, .grid = grid,
	    .rows = buf_of(GRID_ROWS_MAX * sizeof(struct grid_row))};
}

bool
grid_add_cell(struct grid_maker *m, size_t column, struct slice text,
    enum cell_flaw flaw)
{
	if (text.n == 0 && flaw == CELL_FINE)
		return true;
	if (column >= GRID_COLUMNS_MAX) {
		m->grid->flaw = GRID_TOO_LARGE;
		return false;
	}
	for (; m->n <= column; m->n++)
		m->cells[m->n] = (struct grid_cell){.text = SLICE("")};
	if (text.n > GRID_CELL_MAX_BYTES) {
		text = SLICE("");
		flaw = CELL_TOO_LONG;
	}
	m->cells[column] = (struct grid_cell){arena_copy(m->arena, text),
	    flaw};
	return true;
}

bool
grid_end_row(struct grid_maker *m, uint32_t number)
{
	struct grid_row row = {.number = number, .n = m->n};
	m->n = 0;
	if (row.n == 0)
		return true;
	struct grid_cell *cells =
	    arena_array(m->arena, row.n, sizeof(*cells));
	if (cells != NULL)
		memcpy(cells, m->cells, row.n * sizeof(*cells));
	row.cells = cells;
	buf_add_bytes(&m->rows, &row, sizeof(row));
	if (!m->rows.failed && !arena_is_failed(m->arena))
		return true;
	m->grid->flaw = GRID_TOO_LARGE;
	return false;
}

bool
grid_finish(struct grid_maker *m, struct err *err)
{
	struct grid *g = m->grid;
	if (g->flaw == GRID_FINE) {
		g->n = m->rows.n / sizeof(struct grid_row);
		g->rows = (const void *)arena_copy(m->arena,
		    slice_bytes(m->rows.p, m->rows.n)).p;
		if (arena_is_failed(m->arena))
			g->flaw = GRID_TOO_LARGE;
	}
	buf_close(&m->rows);
	return g->flaw == GRID_FINE || grid_refuse(g, g->flaw, err);
}

struct slice
grid_column_name(size_t column, struct arena *a)
{
	if (column < 26)
		return arena_printf(a, "%c", (char)('A' + column));
	return arena_printf(a, "%c%c", (char)('A' + column / 26 - 1),
	    (char)('A' + column % 26));
}

bool
grid_read(struct slice file, struct arena *a, struct grid *ret,
    struct err *err)
{
	*ret = (struct grid){.flaw = GRID_FINE, .where = SLICE("")};
	if (file.n > GRID_FILE_MAX_BYTES)
		return grid_refuse(ret, GRID_TOO_LARGE, err);
	/* an OLE file: an old workbook, or an encrypted one */
	if (slice_has_prefix(file, SLICE("\xd0\xcf\x11\xe0")))
		return grid_refuse(ret, GRID_LOCKED, err);
	if (slice_has_prefix(file, SLICE("PK\x03\x04")))
		return grid_read_workbook(file, a, ret, err);
	return grid_read_csv(file, a, ret, err);
}
