#include "vault/import.h"

#include <assert.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/text.h"
#include "vault.sql.h"
#include "vault/clear.h"
#include "vault/intake.h"

enum { NO_COLUMN = 0xff };

struct importer {
	const struct import_job *job;
	struct arena *arena;
	struct import_report *report;
	uint8_t column_of[HOLDING_ITEMS_MAX]; /* of each item, or NO_COLUMN */
	size_t columns;                       /* of the first row */
	uint64_t empties; /* empty lines that nothing has followed so far */
	struct slice csv; /* as UTF-8, without BOM */
	struct buf text;  /* csv, when it had to be decoded */
};

static_assert((int)CSV_COLUMNS_MAX < (int)NO_COLUMN, "a column fits a byte");

/* ---- looking ---- */

/* item: its position, n_items for none. column 0: the whole row. */
static void
add_problem(struct importer *im, uint64_t row, size_t column, size_t item,
    enum value_fault fault)
{
	struct import_report *r = im->report;
	if (r->n_problems == IMPORT_PROBLEMS_MAX) {
		r->has_more = true;
		return;
	}
	r->problems[r->n_problems++] = (struct problem){.row = (uint32_t)row,
	    .column = (uint32_t)column,
	    .item = item,
	    .fault = fault};
}

static void
take_column(struct importer *im, size_t item, size_t column)
{
	if (im->column_of[item] != NO_COLUMN)
		add_problem(im, 1, column + 1, item, VALUE_COLUMN_TWICE);
	else
		im->column_of[item] = (uint8_t)column;
}

static void
read_map(struct importer *im, const struct csv_row *row)
{
	const struct import_map *map = im->job->map;
	size_t none = im->job->holding->n_items;
	if (map->n != row->n) {
		add_problem(im, 1, 0, none, VALUE_ROW_LENGTH);
		return;
	}
	for (size_t c = 0; c < map->n; c++)
		if (map->items[c] < none)
			take_column(im, map->items[c], c);
		else if (map->items[c] != IMPORT_PASS)
			add_problem(im, 1, c + 1, none, VALUE_COLUMN_UNKNOWN);
}

static bool
has_heading(const struct csv_row *row, struct slice heading)
{
	for (size_t c = 0; c < row->n; c++)
		if (slice_is_equal(slice_trim(row->fields[c]), heading))
			return true;
	return false;
}

/*
 * What was said of the heading counts before names. Where a heading that was
 * said is not there, the item's own name does.
 */
static size_t
item_under(const struct importer *im, const struct csv_row *row,
    struct slice heading)
{
	const struct holding *h = im->job->holding;
	const struct slice *said = im->job->headings;
	for (size_t i = 0; said != NULL && i < h->n_items; i++)
		if (said[i].n > 0 && slice_is_equal(said[i], heading))
			return i;
	size_t item = holding_item(h, heading);
	return item < h->n_items && said != NULL && said[item].n > 0 &&
		       has_heading(row, said[item])
		   ? h->n_items
		   : item;
}

static void
read_header(struct importer *im, const struct csv_row *row)
{
	const struct holding *h = im->job->holding;
	im->columns = row->n;
	for (size_t i = 0; i < h->n_items; i++)
		im->column_of[i] = NO_COLUMN;
	if (im->job->map != NULL) {
		read_map(im, row);
		return;
	}
	for (size_t c = 0; c < row->n; c++) {
		size_t item = item_under(im, row, slice_trim(row->fields[c]));
		if (item < h->n_items)
			take_column(im, item, c);
		else if (!im->job->passes_rest)
			add_problem(im, 1, c + 1, item, VALUE_COLUMN_UNKNOWN);
	}
	for (size_t i = 0; im->job->headings != NULL && i < h->n_items; i++)
		if (im->job->headings[i].n > 0 &&
		    im->column_of[i] == NO_COLUMN)
			add_problem(im, 1, 0, i, VALUE_COLUMN_LACKS);
}

static bool
is_empty_line(const struct csv_row *row)
{
	return row->n == 1 && row->fields[0].n == 0;
}

static void
check_row(struct importer *im, const struct csv_row *row)
{
	const struct holding *h = im->job->holding;
	bool is_empty = true;
	if (row->n != im->columns) {
		add_problem(im, row->number, 0, h->n_items, VALUE_ROW_LENGTH);
		return;
	}
	for (size_t i = 0; i < h->n_items; i++) {
		size_t c = im->column_of[i];
		if (c == NO_COLUMN)
			continue;
		is_empty &= row->fields[c].n == 0;
		enum value_fault fault =
		    value_check(&h->items[i], row->fields[c]);
		if (fault != VALUE_IS_FINE)
			add_problem(im, row->number, c + 1, i, fault);
	}
	if (is_empty)
		add_problem(im, row->number, 0, h->n_items, VALUE_ROW_EMPTY);
}

/* Empty lines count only when a row follows: files end with some. */
static void
look_at(struct importer *im, const struct csv_row *row)
{
	size_t none = im->job->holding->n_items;
	if (is_empty_line(row)) {
		im->empties++;
		return;
	}
	for (; im->empties > 0; im->empties--)
		add_problem(
		    im, row->number - im->empties, 0, none, VALUE_ROW_EMPTY);
	im->report->rows++;
	check_row(im, row);
}

static bool
look(struct importer *im, struct err *err)
{
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(err);
	struct slice rest = im->csv;
	struct csv_row row = {.number = 0};
	uint64_t read = 0;
	size_t none = im->job->holding->n_items;
	enum csv_step step;
	if (r == NULL)
		return false;
	while ((step = csv_next(r, &rest, true, &row, err)) == CSV_ROW) {
		read = row.number;
		if (row.number == 1)
			read_header(im, &row);
		else
			look_at(im, &row);
		if (im->report->rows > IMPORT_ROWS_MAX)
			return ERR(err, ERR_LIMIT, "more than %d rows",
			    IMPORT_ROWS_MAX);
	}
	if (step == CSV_BAD)
		add_problem(im, read + 1, 0, none, VALUE_ROW_BROKEN);
	else if (im->report->rows == 0)
		add_problem(im, 1, 0, none, VALUE_NO_ROWS);
	return im->report->n_problems == 0 ||
	       ERR(err, ERR_INPUT, "%zu%s problems", im->report->n_problems,
		   im->report->has_more ? " and more" : "");
}

/* ---- decoding ---- */

static bool
refuse_bytes(struct importer *im, size_t bad_at, struct err *err)
{
	uint64_t row = 1;
	for (size_t i = 0; i < bad_at && i < im->job->csv.n; i++)
		row += im->job->csv.p[i] == '\n';
	add_problem(im, row, 0, im->job->holding->n_items, VALUE_BAD_BYTES);
	return ERR(err, ERR_INPUT, "neither UTF-8 nor CP932");
}

static bool
decode(struct importer *im, struct err *err)
{
	static const struct slice bom = {"\xef\xbb\xbf", 3};
	struct slice csv = im->job->csv;
	size_t bad_at = 0;
	if (csv.n > IMPORT_MAX_BYTES)
		return ERR(err, ERR_LIMIT, "more than %d MiB",
		    IMPORT_MAX_BYTES / 1024 / 1024);
	if (text_is_utf8(csv)) {
		im->csv =
		    slice_has_prefix(csv, bom) ? slice_from(csv, bom.n) : csv;
		return true;
	}
	if (slice_has_prefix(csv, bom))
		return refuse_bytes(im, text_valid_to(csv), err);
	struct err why = ERR_INIT;
	if (!text_from_cp932(csv, &im->text, &bad_at, &why))
		return refuse_bytes(im, bad_at, err);
	im->report->is_cp932 = true;
	return buf_finish(&im->text, &im->csv, err);
}

/* ---- taking in ---- */

/* Values of one batch; their bytes live in the arena until it is sealed. */
struct batch {
	struct arena *arena;
	struct slice *values;
	size_t n;
};

static bool
flush_batch(struct batch *b, struct intake *in, struct err *err)
{
	if (arena_is_failed(b->arena))
		return ERR(err, ERR_LIMIT, "rows too large");
	bool worked = intake_add(in, b->values, b->n, err);
	arena_reset(b->arena);
	b->n = 0;
	return worked;
}

static bool
take_rows(
    struct importer *im, struct batch *b, struct intake *in, struct err *err)
{
	struct csv_reader *r SCOPED(csv_close_scoped) = csv_open(err);
	const struct holding *h = im->job->holding;
	struct slice rest = im->csv;
	struct csv_row row;
	enum csv_step step;
	if (r == NULL)
		return false;
	while ((step = csv_next(r, &rest, true, &row, err)) == CSV_ROW) {
		if (row.number == 1 || is_empty_line(&row))
			continue;
		struct slice *to = b->values + b->n * h->n_items;
		for (size_t i = 0; i < h->n_items; i++) {
			size_t c = im->column_of[i];
			to[i] = c == NO_COLUMN || row.fields[c].n == 0
				    ? SLICE_NONE
				    : arena_copy(b->arena, row.fields[c]);
		}
		if (++b->n == INTAKE_BATCH && !flush_batch(b, in, err))
			return false;
	}
	return step == CSV_END && flush_batch(b, in, err);
}

static bool
take_in(struct importer *im, struct err *err)
{
	struct intake *in = NULL;
	struct batch b = {.arena = arena_open((size_t)INTAKE_BATCH *
					      RECORD_SEALED_MAX_BYTES * 2),
	    .values =
		mem_alloc((size_t)INTAKE_BATCH * im->job->holding->n_items,
		    sizeof(*b.values))};
	bool worked = b.arena != NULL && b.values != NULL
			  ? intake_open(im->job, &in, err) &&
				take_rows(im, &b, in, err) &&
				intake_finish(in, err)
			  : ERR(err, ERR_SYSTEM, "no memory");
	if (worked) {
		im->report->import = intake_id(in);
		im->report->first = intake_first(in);
	}
	intake_close(in);
	arena_close(b.arena);
	mem_free(b.values);
	return worked;
}

bool
import_run(const struct import_job *job, struct arena *a,
    struct import_report *ret, struct err *err)
{
	struct importer im = {.job = job,
	    .arena = a,
	    .report = ret,
	    .text = buf_of((size_t)IMPORT_MAX_BYTES * 3 + 16)};
	*ret = (struct import_report){
	    .problems =
		arena_array(a, IMPORT_PROBLEMS_MAX, sizeof(*ret->problems))};
	if (ret->problems == NULL)
		return ERR(err, ERR_LIMIT, "no room for the report");
	bool worked = decode(&im, err) && look(&im, err) &&
		      (job->is_dry || take_in(&im, err));
	buf_close(&im.text);
	return worked;
}

/* ---- headings ---- */

bool
import_headings(struct store_reader *r, uint64_t body, uint64_t holding,
    struct arena *a, struct slice *ret, size_t n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)holding)};
	for (size_t i = 0; i < n; i++)
		ret[i] = SLICE("");
	if (!store_query(r, VAULT_HEADING_LIST, v, STORE_COUNT(v), &rows, err))
		return false;
	while (store_next(&rows)) {
		size_t item =
		    (size_t)store_int(&rows, VAULT_HEADING_LIST__ITEM);
		if (item < n)
			ret[item] = arena_copy(a,
			    store_text(&rows, VAULT_HEADING_LIST__HEADING));
	}
	return store_finish(&rows, err);
}

bool
import_keep_headings(struct store_tx *tx, uint64_t body, uint64_t holding,
    const struct slice *headings, size_t n, struct err *err)
{
	struct store_value v[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)holding), STORE_INT(0), STORE_TEXT(SLICE(""))};
	if (!store_run(tx, VAULT_HEADING_DELETE, v, 2, NULL, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (headings[i].n == 0)
			continue;
		v[2] = STORE_INT((int64_t)i);
		v[3] = STORE_TEXT(headings[i]);
		if (!store_run(
			tx, VAULT_HEADING_PUT, v, STORE_COUNT(v), NULL, err))
			return false;
	}
	return true;
}

/* ---- after a crash ---- */

static bool
read_running(struct store_reader *r, struct cleared *ret, bool *ret_is_there,
    struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(r, VAULT_IMPORT_RUNNING, NULL, 0, &rows, err))
		return false;
	*ret_is_there = store_next(&rows);
	if (*ret_is_there)
		*ret = (struct cleared){.body = (uint64_t)store_int(
					    &rows, VAULT_IMPORT_RUNNING__BODY),
		    .id = (uint64_t)store_int(&rows, VAULT_IMPORT_RUNNING__ID),
		    .holding = (uint64_t)store_int(
			&rows, VAULT_IMPORT_RUNNING__HOLDING),
		    .first = (uint64_t)store_int(
			&rows, VAULT_IMPORT_RUNNING__FIRST_RECORD)};
	return store_finish(&rows, err);
}

bool
import_clear(struct store *store, struct store_reader *r, struct err *err)
{
	struct cleared what;
	bool is_there = true;
	while (is_there) {
		if (!read_running(r, &what, &is_there, err) ||
		    (is_there && !clear_import(store, r, &what, err)))
			return false;
	}
	return true;
}
