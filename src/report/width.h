/* How broad the columns of a table want to be. */
#ifndef REPORT_WIDTH_H
#define REPORT_WIDTH_H

#include "report/paper.h"

/*
 * In half-width characters, by what the column holds, and by its label; one
 * whose width is given has that. PAPER_COLUMNS_MAX doubles at most.
 */
void width_of_columns(const struct paper_block *table, double *ret);

#endif
