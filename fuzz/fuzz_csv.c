/*
 * CSV: the rows are the same however the text is cut into pieces, and rows
 * that were read are written so that they read back. The first byte is the
 * length of the pieces.
 */
#include "base/csv.h"
#include "base/must.h"
#include "target.h"

enum { OUT_MAX = 16 * 1024 * 1024 };

/* Writes the rows, or what is wrong behind those before it. */
static bool
rewrite(struct slice text, size_t piece_bytes, struct buf *to)
{
	struct err err = ERR_INIT;
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(&err);
	struct csv_writer w = csv_writer_of(to, false);
	struct slice piece = {text.p, 0};
	must(r != NULL);
	for (;;) {
		struct csv_row row;
		size_t left = text.n - (size_t)(piece.p - text.p) - piece.n;
		enum csv_step step = csv_next(r, &piece, left == 0, &row, &err);
		if (step == CSV_MORE) {
			must(piece.n == 0 && left > 0);
			piece.n = left < piece_bytes ? left : piece_bytes;
			continue;
		}
		if (step != CSV_ROW) {
			if (step == CSV_BAD)
				csv_put_str(&w, err.text);
			return step == CSV_END;
		}
		must(row.n >= 1 && row.n <= CSV_COLUMNS_MAX);
		for (size_t i = 0; i < row.n; i++)
			csv_put_field(&w, row.fields[i]);
		csv_end_row(&w);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice text = slice_bytes(data + 1, size - 1);
	struct buf whole SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf pieces SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf again SCOPED(buf_close) = buf_of(OUT_MAX);
	bool is_good = rewrite(text, text.n, &whole);
	must(rewrite(text, data[0] + 1U, &pieces) == is_good);
	must(slice_is_equal((struct slice){whole.p, whole.n},
	    (struct slice){pieces.p, pieces.n}));
	if (!is_good)
		return 0;
	struct slice written = {whole.p == NULL ? "" : whole.p, whole.n};
	must(rewrite(written, written.n, &again));
	must(slice_is_equal(written, (struct slice){again.p, again.n}));
	return 0;
}
