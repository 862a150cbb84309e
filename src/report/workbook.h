/*
 * A paper as a workbook (XLSX), and the template by which rows are taken in.
 *
 * Every cell is written as a string, whatever it begins with: a spreadsheet
 * runs none of them as a formula. What is written is kept in memory alone.
 * Not on a thread that serves. Any thread may call it.
 */
#ifndef REPORT_WORKBOOK_H
#define REPORT_WORKBOOK_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "report/paper.h"

/* ERR_LIMIT: more bytes than `to` takes, or than a cell; ERR_SYSTEM. */
bool workbook_write(const struct paper *paper, struct buf *to,
    struct err *err) MUST_CHECK;

/* One column to be filled in. */
struct template_column {
	struct slice label;
	struct slice hint;  /* shown when the cell is entered; may be empty */
	bool is_required;
	bool is_wide;
	const struct slice *choices; /* what may be chosen, by name */
	size_t n_choices;
};

struct template {
	struct slice title;
	struct slice guide;         /* how to fill it in */
	struct slice sheet;         /* its name */
	struct slice choices_sheet; /* that of the choices */
	const struct template_column *columns;
	size_t n_columns;
	unsigned rows; /* how many may be filled in */
};

bool template_write(const struct template *t, struct buf *to,
    struct err *err) MUST_CHECK;

#endif
