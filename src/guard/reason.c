/*
 * Reasons that people give for a row: an entry of the ledger holds them, the
 * database only says which.
 */
#include "base/json.h"
#include "base/num.h"
#include "guard.sql.h"
#include "guard/inside.h"

static bool
enter_reason(struct door *d, struct visitor *v, const struct reasoned *why,
    struct slice reference, uint64_t row, uint64_t *ret, struct err *err)
{
	struct buf detail = buf_of(MESSAGE_DETAIL_MAX_BYTES);
	struct json_writer w = json_writer_canonical(&detail);
	struct door_note note = {.verb = slice_of(why->verb),
	    .reference = reference,
	    .n_subjects = 2,
	    .subjects = {why->holding, row}};
	json_begin_object(&w);
	json_add_string(&w, "reason", why->text);
	json_end_object(&w);
	bool ok = json_finish(&w, &note.detail, err) &&
		  door_enter(d, v, &note, ret, err);
	buf_close(&detail);
	return ok;
}

/* Where the reason stands, in the transaction that stores the row. */
struct pointing {
	const struct row_put *put;
	bool (*also)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
	uint64_t entry;
};

static bool
run_pointing(struct store_tx *tx, void *arg, struct err *err)
{
	const struct pointing *p = arg;
	const struct authority_head *h = &p->put->row.head;
	const struct store_value v[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)h->kind), STORE_INT((int64_t)h->id),
	    STORE_INT((int64_t)p->entry)};
	return (p->also == NULL || p->also(tx, p->arg, err)) &&
	       store_run(tx, GUARD_REASON_PUT, v, STORE_COUNT(v), NULL, err);
}

bool
door_put_reasoned(struct door *d, struct visitor *v, struct row_put *p,
    const struct reasoned *why, struct put *ret, struct err *err)
{
	struct pointing to = {.put = p, .also = p->also, .arg = p->arg};
	if (why->text.n == 0)
		return door_put_row(d, v, p, ret, err);
	if (!enter_reason(d, v, why, p->ask.reference, p->row.head.id,
		&to.entry, err))
		return false;
	p->also = run_pointing;
	p->arg = &to;
	bool ok = door_put_row(d, v, p, ret, err);
	p->also = to.also;
	p->arg = to.arg;
	return ok;
}

/* ---- reading ---- */

static bool
find_entry(struct door *d, const struct visitor *v, enum authority_kind kind,
    uint64_t id, uint64_t *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT((int64_t)kind), STORE_INT((int64_t)id)};
	if (!store_query_one(
		d->reader, GUARD_REASON_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = (uint64_t)store_int(&rows, GUARD_REASON_GET__ENTRY);
	return store_finish(&rows, err);
}

/* The entry names the row, or somebody pointed elsewhere. */
static bool
is_about(const struct json *entry, uint64_t id)
{
	struct slice s;
	uint64_t subject;
	return json_as_string(
		   json_item(json_member(entry, "subjects"), 1), &s) &&
	       num_read_hex(s, &subject) && subject == id;
}

static bool
read_reason(struct slice readable, uint64_t id, struct arena *a,
    struct shown_reason *ret, struct err *err)
{
	struct slice text, reference = SLICE("");
	struct json *entry = json_open(readable, MESSAGE_ENTRY_MAX_BYTES, err);
	if (entry == NULL)
		return false;
	bool ok = (is_about(entry, id) &&
		      json_as_string(json_member(json_member(entry, "detail"),
					 "reason"),
			  &text)) ||
		  ERR(err, ERR_CORRUPT,
		      "the entry is not the one of this reason");
	(void)!json_as_string(json_member(entry, "case"), &reference);
	if (ok)
		*ret = (struct shown_reason){.text = arena_copy(a, text),
		    .reference = arena_copy(a, reference)};
	json_close(entry);
	return ok;
}

bool
door_reason(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct shown_reason *ret, struct err *err)
{
	struct entry_ask ask = {.session = v->session, .capacity = v->capacity};
	struct proof_answer *answer = arena_alloc(v->arena, sizeof(*answer));
	if (answer == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_ENTRY,
	    .ask = &ask,
	    .answer = answer};
	return find_entry(d, v, kind, id, &ask.index, err) &&
	       guard_ask(&a, NULL, err) &&
	       read_reason(answer->readable, id, v->arena, ret, err);
}
