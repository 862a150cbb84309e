/* Changes of rows: row, history, filters and key in one transaction. */
#include "register/register.h"

#include "base/must.h"
#include "base/num.h"
#include "base/text.h"
#include "guard/door_matter.h"
#include "people/people.h"
#include "register.sql.h"
#include "register/value.h"
#include "regulation/values.h"

enum {
	FOLDED_MAX_BYTES = 512 * 1024,
	SORT_CHARACTERS = 60,
	KEY_MAX_BYTES = 4 * 1024
};

/* What is written, made before the writer's thread has it. */
struct register_job {
	const struct register_write *w;
	uint64_t body;
	uint64_t person, capacity;
	struct slice content, folded, sort, key;
	uint64_t same;
	bool is_new, is_end;
};

/* Unit separators keep two fields' texts apart. */
static void
write_folded(const struct register_write *w, struct buf *to)
{
	register_value_fold(
	    &(struct pack_field){.type = PACK_FIELD_TEXT}, w->row->name, to);
	for (size_t i = 0; i < w->row->n; i++) {
		if (w->row->values[i].n == 0)
			continue;
		buf_add_byte(to, 0x1f);
		register_value_fold(
		    &w->reg->fields[i], w->row->values[i], to);
	}
}

static void
write_key(const struct register_write *w, struct buf *to)
{
	for (size_t i = 0; i < w->reg->n_key; i++) {
		size_t at = pack_register_field(w->reg, w->reg->key[i].id);
		must(at < w->row->n);
		if (i > 0)
			buf_add_byte(to, 0x1f);
		buf_add(to, w->row->values[at]);
	}
}

/* Names of rows, persons and the like sort by what they are called. */
static void
write_sort(const struct register_write *w, struct buf *to)
{
	size_t at = pack_register_field(w->reg, w->reg->sort.id);
	must(at < w->row->n);
	const struct pack_field *f = &w->reg->fields[at];
	struct slice value = w->row->values[at];
	if (f->type == PACK_FIELD_NUMBER || f->type == PACK_FIELD_MONEY)
		for (size_t i = value.n; i < 20; i++)
			buf_add_byte(to, '0');
	if (f->type >= PACK_FIELD_PERSON && f->type <= PACK_FIELD_ROW)
		value = w->row->name;
	register_value_fold(f, value, to);
}

static bool
make_content(struct register_job *x, struct arena *a, struct err *err)
{
	return pack_values_write(x->w->reg->fields, x->w->row->n,
	    x->w->row->values, a, &x->content, err);
}

/* One of the texts above, in the arena. */
static bool
make(const struct register_write *w,
    void (*write)(const struct register_write *, struct buf *), size_t most,
    struct arena *a, struct slice *ret, struct err *err)
{
	struct buf to = buf_of(most);
	write(w, &to);
	bool is_fine = buf_finish(&to, ret, err);
	if (is_fine)
		*ret = arena_copy(a, *ret);
	buf_close(&to);
	return is_fine;
}

static uint32_t
fact_of(const struct register_write *w)
{
	size_t at = pack_register_field(w->reg, w->reg->fact.id);
	uint64_t y = 0, m = 0, d = 0;
	if (at >= w->row->n || w->row->values[at].n != 10)
		return 0;
	const char *p = w->row->values[at].p; /* 2026-11-25 */
	return num_read_u64(slice_bytes(p, 4), 9999, &y) &&
		num_read_u64(slice_bytes(p + 5, 2), 12, &m) &&
		num_read_u64(slice_bytes(p + 8, 2), 31, &d)
	    ? (uint32_t)(y * 10000 + m * 100 + d)
	    : 0;
}

static bool
drop_derived(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)x->w->row->id)};
	return store_run(tx, REGISTER_VALUE_DROP, p, 3, NULL, err) &&
	    store_run(tx, REGISTER_KEY_DROP, p, 3, NULL, err);
}

static bool
add_key(struct store_tx *tx, struct register_job *x, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_TEXT(x->key),
	    STORE_INT((int64_t)x->w->row->id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (x->w->reg->n_key == 0)
		return true;
	if (!store_tx_query(tx, REGISTER_KEY_GET, p, 3, &rows, err))
		return false;
	if (store_next(&rows))
		x->same = (uint64_t)store_int(&rows, REGISTER_KEY_GET__ID);
	if (!store_finish(&rows, err))
		return false;
	if (x->same != 0)
		return ERR(err, ERR_CONFLICT, "another row has the same key");
	return store_run(tx, REGISTER_KEY_ADD, p, STORE_COUNT(p), NULL, err);
}

static bool
add_values(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct register_row *row = x->w->row;
	for (size_t i = 0; i < row->n; i++) {
		const struct pack_field *f = &x->w->reg->fields[i];
		const struct store_value p[] = {STORE_INT((int64_t)x->body),
		    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)row->id),
		    STORE_TEXT(f->id), STORE_TEXT(row->values[i])};
		if (row->values[i].n > 0 && register_value_is_filter(f) &&
		    !store_run(tx, REGISTER_VALUE_ADD, p, STORE_COUNT(p), NULL,
			err))
			return false;
	}
	return true;
}

static bool
add_version(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct register_row *row = x->w->row;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)row->id),
	    STORE_INT(row->version + 1), STORE_INT((int64_t)row->section),
	    STORE_TEXT(x->content),
	    STORE_BLOB(slice_bytes(x->w->pack_hash, PACK_HASH_BYTES)),
	    STORE_INT(x->w->now), STORE_INT((int64_t)x->person),
	    STORE_INT((int64_t)x->capacity), STORE_TEXT(x->w->reason),
	    STORE_INT(x->is_end)};
	return store_run(tx, REGISTER_VERSION_ADD, p, STORE_COUNT(p), NULL,
		   err) &&
	    store_run(tx, REGISTER_CHANGE_RAISE, p, 2, NULL, err);
}

static bool
add_row(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct register_row *row = x->w->row;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)row->id),
	    STORE_INT(1), STORE_INT((int64_t)row->section),
	    STORE_TEXT(row->name), STORE_TEXT(x->sort), STORE_TEXT(x->folded),
	    STORE_TEXT(x->content), STORE_INT(fact_of(x->w)),
	    STORE_INT(x->w->now)};
	return store_run(tx, REGISTER_ROW_ADD, p, STORE_COUNT(p), NULL, err);
}

static bool
is_changed(int64_t changed, struct err *err)
{
	return changed == 1 ||
	    ERR(err, ERR_CONFLICT,
		"the row was changed by somebody else meanwhile");
}

static bool
change_row(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct register_row *row = x->w->row;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)row->id),
	    STORE_INT(row->version), STORE_INT((int64_t)row->section),
	    STORE_TEXT(row->name), STORE_TEXT(x->sort), STORE_TEXT(x->folded),
	    STORE_TEXT(x->content), STORE_INT(fact_of(x->w)),
	    STORE_INT(x->w->now)};
	int64_t changed = 0;
	return store_run(tx, REGISTER_ROW_CHANGE, p, STORE_COUNT(p), &changed,
		   err) &&
	    is_changed(changed, err);
}

/* What the row keeps from being erased, from now on or no longer. */
static bool
hold(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct pack_register *r = x->w->reg;
	const struct register_row *row = x->w->row;
	size_t at = pack_register_field(r, r->hold.holding.id);
	size_t which = pack_register_field(r, r->hold.record.id);
	struct door_hold h = {.body = x->body,
	    .id = row->id,
	    .reg = r->id,
	    .set_by = x->person,
	    .at = x->w->now};
	if (!r->has_hold)
		return true;
	if (x->is_end)
		return door_hold_end(tx, x->body, row->id, err);
	if (which < row->n && row->values[which].n > 0 &&
	    !num_read_hex(row->values[which], &h.record))
		return ERR(err, ERR_INPUT, "the record is no number");
	return (num_read_hex(row->values[at], &h.holding) ||
		   ERR(err, ERR_INPUT, "the holding is no number")) &&
	    door_hold_put(tx, &h, err);
}

static bool
run_put(struct store_tx *tx, struct register_job *x, struct err *err)
{
	return (x->is_new ? add_row(tx, x, err) : change_row(tx, x, err)) &&
	    drop_derived(tx, x, err) && add_key(tx, x, err) &&
	    add_values(tx, x, err) && add_version(tx, x, err) &&
	    hold(tx, x, err);
}

static bool
run_end(struct store_tx *tx, const struct register_job *x, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->reg->id), STORE_INT((int64_t)x->w->row->id),
	    STORE_INT(x->w->row->version), STORE_INT(x->w->now)};
	int64_t changed = 0;
	return store_run(
		   tx, REGISTER_ROW_END, p, STORE_COUNT(p), &changed, err) &&
	    is_changed(changed, err) && drop_derived(tx, x, err) &&
	    add_version(tx, x, err) && hold(tx, x, err);
}

static struct register_job
writing_of(const struct visitor *v, const struct register_write *w)
{
	must(w->row->n == w->reg->n_fields);
	return (struct register_job){.w = w,
	    .body = v->body,
	    .person = v->person,
	    .capacity = v->capacity};
}

/* All that is stored of it, made before the writer's thread has it. */
static bool
prepare(struct register_job *x, struct arena *a, struct err *err)
{
	const struct register_write *w = x->w;
	x->is_new = w->row->id == 0;
	if (!make_content(x, a, err) ||
	    !make(w, write_folded, FOLDED_MAX_BYTES, a, &x->folded, err) ||
	    !make(w, write_key, KEY_MAX_BYTES, a, &x->key, err) ||
	    !make(w, write_sort, FOLDED_MAX_BYTES, a, &x->sort, err))
		return false;
	x->sort = text_cut(x->sort, SORT_CHARACTERS);
	if (x->is_new)
		*w->row = (struct register_row){.id = people_new_id(),
		    .section = w->row->section,
		    .name = w->row->name,
		    .n = w->row->n,
		    .values = w->row->values};
	return true;
}

bool
register_ready(const struct visitor *v, const struct register_write *w,
    struct register_job **ret, struct err *err)
{
	struct register_job *x = arena_alloc(v->arena, sizeof(*x));
	if (x == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*x = writing_of(v, w);
	*ret = x;
	return prepare(x, v->arena, err);
}

bool
register_ready_end(const struct visitor *v, const struct register_write *w,
    struct register_job **ret, struct err *err)
{
	struct register_job *x = arena_alloc(v->arena, sizeof(*x));
	if (x == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*x = writing_of(v, w);
	x->is_end = true;
	*ret = x;
	return make_content(x, v->arena, err);
}

bool
register_run(struct store_tx *tx, struct register_job *x, struct err *err)
{
	return x->is_end ? run_end(tx, x, err) : run_put(tx, x, err);
}

uint64_t
register_job_same(const struct register_job *job)
{
	return job->same;
}

static bool
run_job(struct store_tx *tx, void *arg, struct err *err)
{
	return register_run(tx, arg, err);
}

bool
register_put(struct door *d, struct visitor *v, const struct register_write *w,
    uint64_t *ret_same, struct err *err)
{
	struct register_job *x;
	bool is_new = w->row->id == 0;
	*ret_same = 0;
	if (!register_ready(v, w, &x, err))
		return false;
	const struct door_commit commit = {.run = run_job,
	    .arg = x,
	    .verb = "register.put",
	    .subject = w->row->id};
	if (!door_commit(d, v, &commit, err)) {
		*ret_same = x->same;
		if (is_new)
			w->row->id = 0;
		return false;
	}
	w->row->version++;
	return true;
}

/* ---- many at once ---- */

struct writings {
	struct register_job *list;
	size_t n;
	size_t at; /* the one that failed */
};

static bool
run_put_all(struct store_tx *tx, void *arg, struct err *err)
{
	struct writings *x = arg;
	for (x->at = 0; x->at < x->n; x->at++)
		if (!run_put(tx, &x->list[x->at], err))
			return false;
	return true;
}

bool
register_put_all(struct door *d, struct visitor *v,
    const struct register_write *list, size_t n, uint64_t import,
    struct arena *a, size_t *ret_at, struct err *err)
{
	struct writings x = {.n = n,
	    .list = arena_array(a, n, sizeof(*x.list))};
	must(n <= REGISTER_IMPORT_MAX);
	*ret_at = n;
	if (x.list == NULL)
		return ERR(err, ERR_LIMIT, "no room for so many rows");
	for (size_t i = 0; i < n; i++) {
		x.list[i] = writing_of(v, &list[i]);
		if (!prepare(&x.list[i], a, err))
			return false;
	}
	const struct door_commit commit = {.run = run_put_all,
	    .arg = &x,
	    .verb = "register.import",
	    .subject = import};
	if (door_commit(d, v, &commit, err))
		return true;
	*ret_at = x.at;
	return false;
}

bool
register_find_key(const struct register_source *from,
    const struct slice *values, uint64_t *ret_id, struct err *err)
{
	struct register_row row = {.n = from->reg->n_fields,
	    .values = values};
	const struct register_write w = {.reg = from->reg, .row = &row};
	struct slice key;
	*ret_id = 0;
	if (from->reg->n_key == 0)
		return true;
	if (!make(&w, write_key, KEY_MAX_BYTES, from->arena, &key, err))
		return false;
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_TEXT(key)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(from->reader, REGISTER_KEY_GET, p, STORE_COUNT(p),
		&rows, err))
		return false;
	if (store_next(&rows))
		*ret_id = (uint64_t)store_int(&rows, REGISTER_KEY_GET__ID);
	return store_finish(&rows, err);
}

bool
register_end(struct door *d, struct visitor *v, const struct register_write *w,
    struct err *err)
{
	struct register_job *x;
	if (!register_ready_end(v, w, &x, err))
		return false;
	const struct door_commit commit = {.run = run_job,
	    .arg = x,
	    .verb = "register.end",
	    .subject = w->row->id};
	if (!door_commit(d, v, &commit, err))
		return false;
	w->row->version++;
	w->row->ended_at = w->now;
	return true;
}
