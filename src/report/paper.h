/*
 * A paper: what is printed or given as a workbook, said once. pdf.h and
 * workbook.h make an A4 page and a sheet of it. Plain data: texts belong to
 * whoever makes it and must outlive the call that writes it.
 */
#ifndef REPORT_PAPER_H
#define REPORT_PAPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
	PAPER_COLUMNS_MAX = 50,
	PAPER_ROWS_MAX = 5000, /* of one table */
	PAPER_BLOCKS_MAX = 1200 /* two for each of 500 holdings, and some */,
	PAPER_STAMPS_MAX = 24,
	PAPER_TEXT_MAX_BYTES = 64 * 1024 /* of one text or cell */
};

struct paper_column {
	struct slice label;
	unsigned width; /* in half-width characters; 0: by what it holds */
	bool is_right;  /* numbers */
};

/* One box of the row of stamps (決裁欄). */
struct paper_stamp {
	struct slice title; /* 課長 */
	struct slice name;  /* who decided; empty: not yet */
	struct slice day;
	struct slice mark;  /* 代決, 後閲 */
};

enum paper_kind {
	PAPER_TEXT,   /* a paragraph */
	PAPER_FACTS,  /* label and text, side by side: two cells a row */
	PAPER_TABLE,
	PAPER_STAMPS,
	PAPER_BREAK   /* what follows begins a page; on a sheet, a free line */
};

struct paper_block {
	enum paper_kind kind;
	struct slice heading; /* above it; may be empty */
	struct slice text;    /* PAPER_TEXT; of a table without rows: says so */
	const struct paper_column *columns; /* PAPER_TABLE */
	size_t n_columns;
	const struct slice *cells; /* n_rows times n_columns, by rows */
	size_t n_rows;
	size_t least_rows; /* empty ones make it up to this many */
	const struct paper_stamp *stamps; /* PAPER_STAMPS */
	size_t n_stamps;
};

struct paper {
	struct slice number;  /* 様式第1号（第8条関係）; may be empty */
	struct slice title;
	struct slice day;     /* right above the title; may be empty */
	struct slice from;    /* whose paper it is: body and section */
	struct slice mark;    /* at the foot of each page: who, when */
	struct slice sheet;   /* the name of the sheet; at most 31 characters */
	bool is_landscape;
	bool is_list; /* as a sheet: a table that can be taken in again */
	const struct paper_block *blocks;
	size_t n_blocks;
};

#endif
