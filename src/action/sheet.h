/*
 * Inside of action: a table that somebody uploads as CSV (UTF-8 or CP932), its
 * columns found by what stands in its first row. All that is wrong is
 * gathered, with row and column.
 */
#ifndef ACTION_SHEET_H
#define ACTION_SHEET_H

#include "rows.h"

enum {
	SHEET_MAX_BYTES = 1024 * 1024,
	SHEET_ROWS_MAX = 5000,
	SHEET_COLUMNS_MAX = 40,
	SHEET_CELL_MAX_BYTES = 4000,
	SHEET_PROBLEMS_MAX = 1000
};

/* Its head is `id`, or `label` in either language. */
struct sheet_column {
	const char *id;
	enum word label;
	bool is_required; /* the column is there, and no cell of it empty */
};

/* row and column are those of the file, from 1; column 0: the whole row. */
struct sheet_problem {
	uint64_t row;
	uint32_t column;
	struct slice item;
	const char *fault; /* "no_person": the word fault.no_person */
};

struct sheet {
	struct call *call;
	const struct sheet_column *columns;
	size_t n_columns;
	uint32_t at[SHEET_COLUMNS_MAX]; /* the column's place; 0: not there */
	size_t n_rows;
	const struct slice *cells; /* n_rows times n_columns, trimmed */
	const uint64_t *numbers;   /* of the rows */
	size_t n_problems;
	struct sheet_problem *problems;
};

/* ERR_INPUT where it has problems: sheet_put_problems() shows them. */
bool sheet_read(struct call *call, struct slice bytes,
    const struct sheet_column *columns, size_t n, struct sheet *ret,
    struct err *err) MUST_CHECK;

/* A cell; empty where it is, or where its column is not there. */
static inline struct slice
sheet_cell(const struct sheet *s, size_t row, size_t column)
{
	return s->cells[row * s->n_columns + column];
}

/* What is wrong with a cell; columns past the last: with its row. */
void sheet_fault(struct sheet *s, size_t row, size_t column,
    const char *fault);

#define RESULTS_OF_PROBLEMS                                                    \
	{"problem_count", OUT_NUMBER}, {"more", OUT_FLAG},                     \
	    {"problems", OUT_LIST}, {"problems.row", OUT_NUMBER},              \
	    {"problems.column", OUT_NUMBER}, {"problems.item", OUT_TEXT},      \
	    {"problems.fault", OUT_TEXT}, {"problems.text", OUT_TEXT}
void sheet_put_problems(const struct sheet *s);

/* The first row of such a table, to be filled. */
void sheet_template(struct call *call, const struct sheet_column *columns,
    size_t n, struct buf *to);

#endif
