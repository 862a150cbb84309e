/* What stands in a file that people filled in, made values of a register. */
#include "register_take.h"

#include <stdlib.h>

#include "base/num.h"
#include "pack_field.h"

enum { HEAD_ROWS_MAX = 20 };

/* What a column of the file is. */
enum column_kind { COLUMN_NONE, COLUMN_ID, COLUMN_SECTION, COLUMN_END,
	COLUMN_FIELD };

struct column {
	enum column_kind kind;
	size_t field;
};

/* Something that may be chosen, by what it is called. */
struct named {
	struct slice key; /* the label without spaces */
	struct slice value;
};

struct reader {
	struct taking *t;
	struct column columns[GRID_COLUMNS_MAX];
	size_t at[PACK_FIELDS_MAX]; /* column of a field; GRID_COLUMNS_MAX */
	size_t head; /* which row of the grid */
	struct {
		struct named *list;
		size_t n;
	} names[PACK_FIELDS_MAX];
	struct slice *keys; /* of the rows taken */
};

static void
tell(struct taking *t, uint32_t row, size_t column, struct slice text)
{
	if (t->n_problems < TAKE_PROBLEMS_MAX)
		t->problems[t->n_problems] = (struct take_problem){.row = row,
		    .text = text, .column = column == GRID_COLUMNS_MAX
		        ? SLICE("")
		        : grid_column_name(column, t->call->arena)};
	t->n_problems++;
}

/* ---- the heads ---- */

static struct column
column_of(const struct taking *t, struct slice label)
{
	struct call *call = t->call;
	label = slice_trim(label);
	for (size_t i = 0; i < t->r->n_fields; i++) {
		const struct pack_field *f = &t->r->fields[i];
		if (slice_is_equal(label, f->label.ja) ||
		    slice_is_equal(label, f->label.en) ||
		    slice_is_equal(label, f->id))
			return (struct column){COLUMN_FIELD, i};
	}
	if (slice_is_equal(label, call_word(call, WORD_REGISTER_ID)))
		return (struct column){.kind = COLUMN_ID};
	if (slice_is_equal(label, call_word(call, WORD_FIELD_SECTION)))
		return (struct column){.kind = COLUMN_SECTION};
	if (slice_is_equal(label, call_word(call, WORD_REGISTER_ENDED_ON)))
		return (struct column){.kind = COLUMN_END};
	return (struct column){.kind = COLUMN_NONE};
}

/* The row with the most heads that the register knows. */
static bool
find_head(struct reader *x)
{
	const struct grid *g = x->t->grid;
	size_t most = 0;
	for (size_t i = 0; i < g->n && i < HEAD_ROWS_MAX; i++) {
		size_t known = 0;
		for (size_t j = 0; j < g->rows[i].n; j++)
			known += column_of(x->t, g->rows[i].cells[j].text)
			    .kind == COLUMN_FIELD;
		if (known > most) {
			most = known;
			x->head = i;
		}
	}
	return most > 0;
}

static void
read_head(struct reader *x)
{
	struct taking *t = x->t;
	const struct grid_row *head = &t->grid->rows[x->head];
	for (size_t i = 0; i < t->r->n_fields; i++)
		x->at[i] = GRID_COLUMNS_MAX;
	for (size_t j = 0; j < head->n; j++) {
		struct slice label = head->cells[j].text;
		struct column c = column_of(t, label);
		x->columns[j] = c;
		if (c.kind == COLUMN_NONE && label.n > 0)
			tell(t, head->number, j, call_word(t->call,
			    WORD_TAKE_UNKNOWN_COLUMN, label));
		if (c.kind != COLUMN_FIELD)
			continue;
		if (x->at[c.field] != GRID_COLUMNS_MAX)
			tell(t, head->number, j, call_word(t->call,
			    WORD_TAKE_COLUMN_TWICE, label));
		x->at[c.field] = j;
	}
	for (size_t i = 0; i < t->r->n_fields; i++)
		if (t->r->fields[i].is_required &&
		    x->at[i] == GRID_COLUMNS_MAX)
			tell(t, head->number, GRID_COLUMNS_MAX,
			    call_word(t->call, WORD_TAKE_NO_COLUMN,
			        pack_word(t->call, &t->r->fields[i].label)));
}

/* ---- names ---- */

/* "山田　太郎", "山田 太郎" and "山田太郎" are the same to those who type. */
static struct slice
without_spaces(struct call *call, struct slice s)
{
	struct buf to = buf_of(GRID_CELL_MAX_BYTES + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (slice_has_prefix(slice_from(s, i), SLICE("　")))
			i += 2;
		else if (s.p[i] != ' ')
			buf_add_byte(&to, (uint8_t)s.p[i]);
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static int
compare_names(const void *a, const void *b)
{
	return slice_compare(((const struct named *)a)->key,
	    ((const struct named *)b)->key);
}

static bool
read_names(struct reader *x, size_t field, struct err *err)
{
	struct call *call = x->t->call;
	struct out *item = out_root(call->arena);
	if (!field_put_options(call, item, &x->t->r->fields[field],
	    SLICE(""), err))
		return false;
	const struct out *list = out_member(item, "options");
	size_t n = 0;
	for (const struct out *o = list->first; o != NULL; o = o->next)
		n++;
	struct named *names = arena_array(call->arena, n, sizeof(*names));
	if (names == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	n = 0;
	for (const struct out *o = list->first; o != NULL; o = o->next)
		names[n++] = (struct named){
		    .key = without_spaces(call,
		        out_member(o, "label")->text),
		    .value = out_member(o, "value")->text};
	qsort(names, n, sizeof(*names), compare_names);
	x->names[field].list = names;
	x->names[field].n = n;
	return true;
}

static bool
is_chosen(const struct pack_field *f)
{
	return f->type == PACK_FIELD_CHOICE || f->type >= PACK_FIELD_PERSON;
}

static bool
read_all_names(struct reader *x, struct err *err)
{
	for (size_t i = 0; i < x->t->r->n_fields; i++)
		if (is_chosen(&x->t->r->fields[i]) &&
		    x->at[i] != GRID_COLUMNS_MAX && !read_names(x, i, err))
			return false;
	return true;
}

/* The value that a name stands for; several: *ret_many. */
static struct slice
value_named(struct reader *x, size_t field, struct slice text, bool *ret_many)
{
	const struct named *list = x->names[field].list;
	size_t n = x->names[field].n, low = 0, high = n;
	struct slice key = without_spaces(x->t->call, text);
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (slice_compare(list[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	bool is_found = low < n && slice_is_equal(list[low].key, key);
	*ret_many = is_found && low + 1 < n &&
	    slice_is_equal(list[low + 1].key, key);
	if (is_found)
		return list[low].value;
	for (size_t i = 0; i < n; i++) /* by the pack's own word, or the id */
		if (slice_is_equal(list[i].value, text))
			return text;
	return SLICE_NONE;
}

/* ---- one cell ---- */

/* "1,234円" */
static struct slice
plain_digits(struct call *call, struct slice s)
{
	struct buf to = buf_of(GRID_CELL_MAX_BYTES + 1);
	for (size_t i = 0; i < s.n; i++) {
		struct slice rest = slice_from(s, i);
		if (slice_has_prefix(rest, SLICE("円")) ||
		    slice_has_prefix(rest, SLICE("，")))
			i += 2;
		else if (s.p[i] != ',')
			buf_add_byte(&to, (uint8_t)s.p[i]);
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

/* What was typed, as register_value_read() takes it; NULL: nothing wrong. */
static struct slice
typed(struct reader *x, size_t field, struct slice text, enum word *ret_wrong)
{
	struct call *call = x->t->call;
	const struct pack_field *f = &x->t->r->fields[field];
	bool is_many = false;
	*ret_wrong = WORD_NONE;
	text = slice_trim(text);
	if (text.n == 0)
		return SLICE("");
	if (f->type == PACK_FIELD_NUMBER || f->type == PACK_FIELD_MONEY)
		return plain_digits(call, text);
	if (f->type == PACK_FIELD_FLAG)
		return slice_is_equal(text, call_word(call,
		    WORD_REGISTER_YES)) ? SLICE("1") : text;
	if (!is_chosen(f))
		return text;
	struct slice value = value_named(x, field, text, &is_many);
	if (is_many)
		*ret_wrong = WORD_TAKE_MANY_OF_NAME;
	else if (value.n == 0)
		*ret_wrong = WORD_TAKE_NONE_OF_NAME;
	return value;
}

static const enum word cell_words[] = {
    [CELL_FORMULA] = WORD_TAKE_FORMULA, [CELL_ERROR] = WORD_TAKE_ERROR,
    [CELL_TOO_LONG] = WORD_TAKE_TOO_LONG,
};

/* The cell's value, or its problem. */
static void
read_cell(struct reader *x, const struct grid_row *row, size_t field,
    struct slice *ret)
{
	struct taking *t = x->t;
	struct call *call = t->call;
	const struct pack_field *f = &t->r->fields[field];
	size_t at = x->at[field];
	struct grid_cell cell = at < row->n ? row->cells[at]
	    : (struct grid_cell){.text = SLICE("")};
	enum word wrong;
	*ret = SLICE_NONE;
	if (cell.flaw != CELL_FINE) {
		tell(t, row->number, at, call_word(call,
		    cell_words[cell.flaw], pack_word(call, &f->label)));
		return;
	}
	struct slice text = typed(x, field, cell.text, &wrong);
	if (wrong != WORD_NONE) {
		tell(t, row->number, at, call_word(call, wrong,
		    pack_word(call, &f->label), slice_trim(cell.text)));
		return;
	}
	enum value_flaw flaw = register_value_read(f, text, call->arena, ret);
	if (flaw != VALUE_GOOD)
		tell(t, row->number, at, field_flaw_text(call, f, flaw));
	else if (field_is_ahead(call, t->r->fact.id, f, *ret))
		tell(t, row->number, at, call_word(call,
		    WORD_MISTAKE_REGISTER_AHEAD, pack_word(call, &f->label),
		    SLICE("")));
}

/* ---- one row ---- */

static struct slice
text_at(const struct grid_row *row, size_t column)
{
	return column < row->n ? slice_trim(row->cells[column].text)
	                       : SLICE("");
}

/* The row that is named by its id, which the visitor keeps and which stands. */
static bool
find_there(struct reader *x, const struct grid_row *row, size_t column,
    struct register_row *ret)
{
	struct taking *t = x->t;
	struct register_source from = register_source_of(t->call, t->r);
	struct slice text = text_at(row, column);
	uint64_t id = 0;
	if (!num_read_hex(text, &id) || id == 0 ||
	    !register_get(&from, id, ret, NULL) || ret->ended_at != 0) {
		tell(t, row->number, column,
		    call_word(t->call, WORD_TAKE_NO_ROW, text));
		return false;
	}
	if (!register_may_keep(t->call, t->r, ret->section)) {
		tell(t, row->number, column, call_word(t->call,
		    WORD_ERROR_REGISTER_KEEP,
		    pack_word(t->call, &t->r->title)));
		return false;
	}
	return true;
}

/* What stands in the columns that are no fields. */
static bool
read_frame(struct reader *x, const struct grid_row *row,
    struct register_row *ret)
{
	struct taking *t = x->t;
	struct call *call = t->call;
	size_t before = t->n_problems;
	*ret = (struct register_row){
	    .section = t->r->scope == PACK_REGISTER_SECTION
	        ? call->visitor->section : 0};
	for (size_t j = 0; j < row->n; j++)
		if (x->columns[j].kind == COLUMN_ID && text_at(row, j).n > 0)
			(void)find_there(x, row, j, ret);
	for (size_t j = 0; j < row->n; j++) {
		struct slice text = text_at(row, j);
		if (text.n == 0)
			continue;
		if (x->columns[j].kind == COLUMN_SECTION &&
		    !slice_is_equal(without_spaces(call, text),
		        without_spaces(call,
		            section_path(call, ret->section))))
			tell(t, row->number, j, call_word(call,
			    WORD_TAKE_OTHER_SECTION, text));
		else if (x->columns[j].kind == COLUMN_END)
			tell(t, row->number, j,
			    call_word(call, WORD_TAKE_ENDED));
		else if (x->columns[j].kind == COLUMN_NONE &&
		    (j >= t->grid->rows[x->head].n ||
		        t->grid->rows[x->head].cells[j].text.n == 0))
			tell(t, row->number, j,
			    call_word(call, WORD_TAKE_NO_HEAD));
	}
	return t->n_problems == before;
}

static bool
is_same(const struct register_row *there, const struct slice *values)
{
	for (size_t i = 0; i < there->n; i++)
		if (!slice_is_equal(there->values[i], values[i]))
			return false;
	return true;
}

static struct slice
key_of(const struct taking *t, const struct slice *values)
{
	struct buf to = buf_of(PACK_KEY_FIELDS_MAX *
	    (PACK_FIELD_MAX_BYTES + 1));
	for (size_t i = 0; i < t->r->n_key; i++) {
		size_t at = pack_register_field(t->r, t->r->key[i].id);
		buf_add(&to, values[at]);
		buf_add_byte(&to, 0x1f);
	}
	struct slice copy = arena_copy(t->call->arena,
	    slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

/* No other row has its key, neither in the file nor in the register. */
static bool
check_key(struct reader *x, const struct grid_row *row,
    const struct register_row *r, struct err *err)
{
	struct taking *t = x->t;
	struct register_source from = register_source_of(t->call, t->r);
	uint64_t id = 0;
	if (t->r->n_key == 0)
		return true;
	size_t first = pack_register_field(t->r, t->r->key[0].id);
	struct slice label = pack_word(t->call, &t->r->fields[first].label);
	struct slice key = x->keys[t->n] = key_of(t, r->values);
	for (size_t i = 0; i < t->n; i++)
		if (slice_is_equal(x->keys[i], key)) {
			tell(t, row->number, x->at[first], call_word(t->call,
			    WORD_TAKE_KEY_TWICE, label, arena_printf(
			        t->call->arena, "%u", t->numbers[i])));
			return true;
		}
	if (!register_find_key(&from, r->values, &id, err))
		return false;
	if (id != 0 && id != r->id)
		tell(t, row->number, x->at[first], call_word(t->call,
		    WORD_MISTAKE_REGISTER_SAME, label, SLICE("")));
	return true;
}

static bool
read_row(struct reader *x, const struct grid_row *row, struct err *err)
{
	struct taking *t = x->t;
	struct register_row there;
	size_t before = t->n_problems;
	if (!read_frame(x, row, &there))
		return true;
	struct slice *values = arena_array(t->call->arena, t->r->n_fields,
	    sizeof(*values));
	if (values == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	for (size_t i = 0; i < t->r->n_fields; i++)
		if (x->at[i] != GRID_COLUMNS_MAX)
			read_cell(x, row, i, &values[i]);
		else
			values[i] = there.id == 0 ? SLICE_NONE
			                          : there.values[i];
	if (t->n_problems > before)
		return true;
	if (there.id != 0 && is_same(&there, values)) {
		t->n_same++;
		return true;
	}
	there.values = values;
	there.n = t->r->n_fields;
	there.name = register_row_name(t->call, t->r, values);
	if (!check_key(x, row, &there, err))
		return false;
	t->n_new += there.id == 0;
	t->numbers[t->n] = row->number;
	t->rows[t->n++] = there;
	return true;
}

bool
take_rows(struct taking *t, struct err *err)
{
	struct arena *a = t->call->arena;
	struct reader *x = arena_alloc(a, sizeof(*x));
	t->rows = arena_array(a, REGISTER_IMPORT_MAX, sizeof(*t->rows));
	t->numbers = arena_array(a, REGISTER_IMPORT_MAX,
	    sizeof(*t->numbers));
	struct slice *keys = arena_array(a, REGISTER_IMPORT_MAX,
	    sizeof(*keys));
	if (x == NULL || t->rows == NULL || t->numbers == NULL ||
	    keys == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	x->t = t;
	x->keys = keys;
	if (!find_head(x)) {
		tell(t, 0, GRID_COLUMNS_MAX,
		    call_word(t->call, WORD_TAKE_NO_HEADS));
		return true;
	}
	read_head(x);
	if (t->grid->n - x->head - 1 > REGISTER_IMPORT_MAX) {
		tell(t, 0, GRID_COLUMNS_MAX, call_word(t->call,
		    WORD_TAKE_TOO_MANY, arena_printf(a, "%d",
		        REGISTER_IMPORT_MAX)));
		return true;
	}
	if (t->grid->n == x->head + 1)
		tell(t, 0, GRID_COLUMNS_MAX,
		    call_word(t->call, WORD_TAKE_NO_ROWS));
	if (t->n_problems > 0) /* the heads first */
		return true;
	if (!read_all_names(x, err))
		return false;
	for (size_t i = x->head + 1; i < t->grid->n; i++)
		if (!read_row(x, &t->grid->rows[i], err))
			return false;
	return !arena_is_failed(a) || ERR(err, ERR_LIMIT, "no memory");
}
