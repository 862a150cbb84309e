/* Inside of report: how a grid is put together and where it comes from. */
#ifndef REPORT_GRID_INSIDE_H
#define REPORT_GRID_INSIDE_H

#include "base/buf.h"
#include "report/grid.h"

/* A grid that grows: rows in order, cells within a row in order. */
struct grid_maker {
	struct arena *arena;
	struct grid *grid;
	struct buf rows;  /* struct grid_row */
	struct grid_cell cells[GRID_COLUMNS_MAX];
	size_t n; /* cells up to the last with something in it */
};

struct grid_maker grid_maker_of(struct arena *a, struct grid *grid);

/* A cell of the row that is being made; false: refused, grid->flaw says so. */
bool grid_add_cell(struct grid_maker *m, size_t column, struct slice text,
    enum cell_flaw flaw) MUST_CHECK;
bool grid_end_row(struct grid_maker *m, uint32_t number) MUST_CHECK;
bool grid_finish(struct grid_maker *m, struct err *err) MUST_CHECK;

/* Sets the flaw, and the error that goes with it. */
bool grid_refuse(struct grid *g, enum grid_flaw flaw, struct err *err);

/* grid_csv.c */
bool grid_read_csv(struct slice file, struct arena *a, struct grid *ret,
    struct err *err) MUST_CHECK;

/* grid_workbook.c */
bool grid_read_workbook(struct slice file, struct arena *a, struct grid *ret,
    struct err *err) MUST_CHECK;

/* ---- the ZIP ---- */

/* workbook_parts.c: one part by its name, at most `max` bytes unpacked. */
struct part {
	const char *name; /* "xl/workbook.xml" */
	struct buf bytes; /* of the limit that it may have */
	bool is_there;
};

/* Those that are there; `forbidden` found: GRID_MACROS. */
bool parts_read(struct slice file, struct part *parts, size_t n,
    struct grid *g, struct err *err) MUST_CHECK;

#endif
