#include "report/width.h"

enum { LEAST = 6, SHORT = 24, MOST = 44, LOOKED_AT_MAX = 1000 };

/* Half-width characters of the longest line. */
static double
breadth(struct slice s)
{
	double most = 0, n = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		if (c == '\n')
			n = 0;
		else if ((c & 0xc0) != 0x80)
			n += c < 0x80 ? 1.25 : 2; /* letters are broad */
		if (n > most)
			most = n;
	}
	return most;
}

void
width_of_columns(const struct paper_block *b, double *ret)
{
	size_t rows = b->n_rows < LOOKED_AT_MAX ? b->n_rows : LOOKED_AT_MAX;
	for (size_t j = 0; j < b->n_columns; j++) {
		double sum = 0, most = 0;
		if (b->columns[j].width > 0) {
			ret[j] = b->columns[j].width;
			continue;
		}
		for (size_t i = 0; i < rows; i++) {
			double w = breadth(b->cells[i * b->n_columns + j]);
			sum += w;
			most = w > most ? w : most;
		}
		double mean = rows == 0 ? 0 : sum / (double)rows;
		double label = breadth(b->columns[j].label);
		/* short ones stay on one line, a few long ones need not */
		ret[j] = mean + (most - mean) / 4;
		ret[j] = ret[j] < SHORT ? (most < SHORT ? most : SHORT)
		                        : ret[j];
		label = label > SHORT / 2 ? label / 2 : label;
		ret[j] = ret[j] < label ? label : ret[j];
		ret[j] = ret[j] < LEAST ? LEAST : ret[j] > MOST ? MOST
		                                                : ret[j];
		ret[j] += 4; /* the edges */
	}
}
