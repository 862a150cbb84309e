/*
 * A change of many appointments (人事異動): a part of it that a confirmed
 * CHANGE row names, whole or not at all, with an entry for each row.
 */
#include <string.h>

#include "base/num.h"
#include "keeper/put.h"

/* The part is the one that was decided on. */
static bool
is_part(const struct change_ask *ask, const struct authority_change *c)
{
	uint8_t digest[HASH_BYTES];
	struct slice texts[2 * CHANGE_ROWS_MAX];
	uint8_t lengths[CHANGE_ROWS_MAX][2];
	hash_bytes(ask->parts, ask->n_parts * sizeof(ask->parts[0]), digest);
	if (memcmp(digest, c->digest, sizeof(digest)) != 0)
		return false;
	for (size_t i = 0; i < ask->n; i++) {
		num_put_be16(lengths[i], (uint16_t)ask->rows[i].n);
		texts[2 * i] = slice_bytes(lengths[i], 2);
		texts[2 * i + 1] = ask->rows[i];
	}
	hash_parts(texts, 2 * ask->n, digest);
	return memcmp(digest, ask->parts[ask->part], sizeof(digest)) == 0;
}

/* Session, capacity, and a change that stands and holds this part. */
static enum answer
find_change(struct keeper *k, struct put *p)
{
	const struct change_ask *ask = &k->change;
	p->session = keeper_session(k, &ask->session);
	if (p->session == NULL)
		return ANSWER_NO_SESSION;
	if (p->session->must_change)
		return ANSWER_MUST_CHANGE;
	p->capacity = keeper_capacity(k, p->session, ask->capacity);
	if (p->capacity == NULL)
		return ANSWER_NO_CAPACITY;
	p->change = roll_find(k->roll, AUTHORITY_CHANGE, p->session->body,
	    ask->change);
	if (p->change == NULL || !authority_is_in_force(p->change, k->now))
		return ANSWER_NOT_FOUND;
	return is_part(ask, &p->change->change) ? ANSWER_OK : ANSWER_STALE;
}

static bool
is_twice(const struct keeper *k, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (k->change_rows[j].head.id == k->change_rows[i].head.id)
			return true;
	return false;
}

/* One row, as it will stand. */
static enum answer
check_row(struct keeper *k, const struct put *whole, size_t i)
{
	struct put p = *whole;
	const struct authority_head *of = &p.change->head;
	struct authority_head *h = &p.row.head;
	if (!authority_row_read(k->change.rows[i], &p.row) ||
	    h->kind != AUTHORITY_APPOINTMENT || h->body != p.session->body)
		return ANSWER_BAD_ROW;
	put_find_node(k, &p);
	enum answer a = put_rules[h->kind].check(k, &p);
	if (a != ANSWER_OK)
		return a;
	if (h->version != (p.now == NULL ? 1 : p.now->head.version + 1))
		return ANSWER_STALE;
	h->made_by = of->made_by;
	h->made_in = of->made_in;
	h->confirmed_by = of->confirmed_by;
	h->confirmed_in = of->confirmed_in;
	h->flags = 0;
	k->change_rows[i] = p.row;
	return is_twice(k, i) ? ANSWER_BAD_ROW : ANSWER_OK;
}

static enum answer
enter_rows(struct keeper *k, const struct put *p)
{
	const struct change_ask *ask = &k->change;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < ask->n; i++) {
		uint64_t index;
		struct slice text;
		buf_reset(&k->scratch);
		authority_row_write(&k->scratch, &k->change_rows[i]);
		if (!buf_finish(&k->scratch, &text, &err))
			return ANSWER_BUSY;
		struct entry e = put_entry(k, &k->change_rows[i], text,
		    &k->change_sets[i]);
		e.verb = SLICE("authority.put");
		e.session = p->session;
		e.capacity = ask->capacity;
		e.reference = ask->reference;
		e.n_subjects = 1;
		e.subjects = &ask->change;
		if (!entry_add(k->entries, &e, &index, &err))
			return err.code == ERR_FULL ? ANSWER_FULL
						    : ANSWER_BUSY;
	}
	return ANSWER_OK;
}

/*
 * What the round collected before is made durable first, so that these
 * entries are a batch of their own: all of them, or none.
 */
static enum answer
make_rows(struct keeper *k, const struct put *p)
{
	struct err err = ERR_INIT;
	struct ledger_state state;
	ledger_state(k->ledger, &state);
	if (state.added > 0 && !keeper_settle(k))
		return ANSWER_FULL;
	if (!roll_stage_all(k->roll, k->change_rows, k->change.n,
		logs_next(k->logs), k->change_sets, &err))
		return err.code == ERR_FULL ? ANSWER_FULL : ANSWER_BUSY;
	enum answer a = enter_rows(k, p);
	if (a != ANSWER_OK) {
		ledger_drop(k->ledger);
		roll_reject(k->roll);
		k->is_full = k->is_full || a == ANSWER_FULL;
	}
	return a;
}

static void
answer_rows(struct keeper *k, struct buf *out)
{
	const struct roll_row *const *made = roll_accept_all(k->roll);
	struct authority_rows to = {.n = k->change.n, .rows = k->rows};
	k->has_put = true;
	for (size_t i = 0; i < to.n; i++) {
		struct buf text = {
		    .p = (char *)k->row_bytes + i * AUTHORITY_ROW_MAX_BYTES,
		    .size = AUTHORITY_ROW_MAX_BYTES,
		    .max = AUTHORITY_ROW_MAX_BYTES};
		authority_row_write(&text, &made[i]->row);
		to.rows[i].row = slice_bytes(text.p, text.n);
		to.rows[i].entry = made[i]->entry;
		memcpy(to.rows[i].mac, made[i]->mac, AUTHORITY_MAC_BYTES);
	}
	authority_rows_write(out, &to);
}

unsigned
keeper_change(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct put p = {0};
	if (!change_ask_read(rq->content, &k->change) ||
	    !keeper_is_reference(k->change.reference))
		return ANSWER_BAD_MESSAGE;
	enum answer a = find_change(k, &p);
	for (size_t i = 0; a == ANSWER_OK && i < k->change.n; i++)
		a = check_row(k, &p, i);
	if (a != ANSWER_OK)
		return keeper_refuse(k, p.session, NULL, k->change.capacity,
		    a);
	a = make_rows(k, &p);
	if (a == ANSWER_OK)
		answer_rows(k, out);
	return a;
}
