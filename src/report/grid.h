/*
 * What people filled in, as cells: of a workbook (XLSX) or of a CSV. Only
 * texts come out of it; formulas are told, never computed, and macros, hidden
 * sheets, encryption, or more than fits are refused whole with their reason.
 *
 * A workbook is a ZIP of XML from outside: only the parts that are needed are
 * unpacked, each to its own limit, so that a bomb ends at once; no DTD, no
 * entity, no other file is read. Up to some 100 MB of memory while it reads,
 * and a second: not on a thread that serves.
 */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	GRID_FILE_MAX_BYTES = 8 * 1024 * 1024,
	GRID_ROWS_MAX = 5000,  /* with something in them */
	GRID_COLUMNS_MAX = 100,
	GRID_CELL_MAX_BYTES = 16 * 1024,
	GRID_SHEETS_MAX = 50,
	GRID_ARENA_BYTES = 64 * 1024 * 1024 /* what a grid takes at most */
};

/* Why a whole file is refused. */
enum grid_flaw {
	GRID_FINE,
	GRID_NO_WORKBOOK, /* neither a workbook nor text */
	GRID_LOCKED,      /* with a password, or of the old form (.xls) */
	GRID_MACROS,
	GRID_HIDDEN,      /* a hidden sheet; its name is told */
	GRID_TOO_LARGE,   /* past a limit above, or of a part */
	GRID_BROKEN,
	GRID_FLAWS
};

/* "hidden" */
const char *grid_flaw_name(enum grid_flaw flaw);

enum cell_flaw { CELL_FINE, CELL_FORMULA, CELL_ERROR, CELL_TOO_LONG };

struct grid_cell {
	struct slice text;
	enum cell_flaw flaw;
};

struct grid_row {
	uint32_t number; /* as the spreadsheet shows it, from 1 */
	size_t n;
	const struct grid_cell *cells;
};

struct grid {
	size_t n; /* rows with something in them */
	const struct grid_row *rows;
	/* Further sheets that are not read: nothing of them is taken. */
	size_t n_left_out;
	struct slice left_out[GRID_SHEETS_MAX];
	enum grid_flaw flaw;
	struct slice where; /* GRID_HIDDEN: the sheet */
};

/*
 * Which of the two it is shows in its bytes. In the arena. ERR_INPUT or
 * ERR_LIMIT: ret->flaw says why; ERR_SYSTEM.
 */
bool grid_read(struct slice file, struct arena *a, struct grid *ret,
    struct err *err) MUST_CHECK;

/* A, B, ... Z, AA: the column as a spreadsheet shows it, from 0. */
struct slice grid_column_name(size_t column, struct arena *a);

#endif
