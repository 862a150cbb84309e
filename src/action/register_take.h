/*
 * Inside of action: rows of a register out of a file that people filled in.
 * Nothing is written here; what is wrong is told with row and column.
 */
#ifndef ACTION_REGISTER_TAKE_H
#define ACTION_REGISTER_TAKE_H

#include "register.h"
#include "report/grid.h"

enum { TAKE_PROBLEMS_MAX = 200 };

struct take_problem {
	uint32_t row;       /* as the spreadsheet shows it; 0: the file */
	struct slice column; /* "C"; empty: the whole row */
	struct slice text;
};

struct taking {
	struct call *call;
	const struct pack_register *r;
	const struct grid *grid;
	struct take_problem problems[TAKE_PROBLEMS_MAX];
	size_t n_problems; /* all of them, told or not */
	/* Rows to write, and where each stood. */
	struct register_row *rows;
	uint32_t *numbers;
	size_t n, n_new, n_same; /* n_same: as they are already */
};

/*
 * Reads the grid against the register; false only for what is no problem of
 * the file. call->arena holds all of it.
 */
bool take_rows(struct taking *t, struct err *err) MUST_CHECK;

#endif
