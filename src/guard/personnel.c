/* Personnel changes: proposed, confirmed, applied part by part. */
#include "guard/door_personnel.h"

#include <string.h>

#include "base/num.h"
#include "crypto/hash.h"
#include "guard/inside.h"
#include "people/change.h"
#include "people/people.h"

static const char *const states[PERSONNEL_STATES] = {
    "waiting", "standing", "applied", "over"};

const char *
personnel_state_name(enum personnel_state state)
{
	return states[state];
}

/* ---- rows ---- */

static bool
fill_row(struct door *d, const struct visitor *v,
    const struct door_appointment *ask, struct authority_row *row,
    struct err *err)
{
	struct authority_appointment *a = &row->appointment;
	if (ask->id != 0) {
		if (!guard_row(d->guard, AUTHORITY_APPOINTMENT, v->body,
			ask->id, row))
			return ERR(err, ERR_NOT_FOUND,
			    "there is no such appointment");
		row->head.version++;
	} else {
		*row = (struct authority_row){
		    .head = {.kind = AUTHORITY_APPOINTMENT,
			.body = v->body,
			.id = people_new_id(),
			.version = 1},
		    .appointment = {.person = ask->person,
			.section = ask->section,
			.organ = ask->organ}};
		if (!authority_text_set(&a->office, ask->office))
			return ERR(
			    err, ERR_INPUT, "the office's key is too long");
		if (!door_rights_of(d, v, ask, &a->rights, err))
			return false;
	}
	row->head.from = ask->from;
	row->head.until = ask->until;
	return true;
}

bool
personnel_pack(struct door *d, const struct visitor *v,
    const struct door_appointment *list, size_t n, struct buf *to,
    struct err *err)
{
	struct buf one = buf_of(AUTHORITY_ROW_MAX_BYTES);
	bool worked = n > 0 && n <= PERSONNEL_ROWS_MAX;
	if (!worked)
		return ERR(err, ERR_LIMIT, "a change has 1 to %d rows",
		    PERSONNEL_ROWS_MAX);
	for (size_t i = 0; worked && i < n; i++) {
		struct authority_row row;
		struct slice text;
		buf_reset(&one);
		worked = fill_row(d, v, &list[i], &row, err);
		if (worked)
			authority_row_write(&one, &row);
		worked = worked && buf_finish(&one, &text, err);
		if (worked) {
			buf_add_u16(to, (uint16_t)text.n);
			buf_add(to, text);
		}
	}
	buf_close(&one);
	return worked;
}

bool
personnel_next_row(struct slice *rest, struct slice *ret,
    struct authority_row *row)
{
	size_t n = rest->n < 2 ? 0 : num_be16(rest->p);
	if (n == 0 || n > rest->n - 2)
		return false;
	*ret = slice_bytes(rest->p + 2, n);
	*rest = slice_from(*rest, 2 + n);
	return authority_row_read(*ret, row) &&
	       row->head.kind == AUTHORITY_APPOINTMENT;
}

/* The parts as the keeper takes them. */
struct parts {
	size_t n_rows, n;
	size_t begins[CHANGE_PARTS_MAX + 1]; /* in the text */
	uint8_t digests[CHANGE_PARTS_MAX][AUTHORITY_DIGEST_BYTES];
	uint8_t digest[AUTHORITY_DIGEST_BYTES];
};

static bool
make_parts(struct slice text, struct parts *ret, struct err *err)
{
	struct slice rest = text, one;
	struct authority_row row;
	*ret = (struct parts){0};
	while (personnel_next_row(&rest, &one, &row)) {
		if (ret->n_rows == PERSONNEL_ROWS_MAX)
			return ERR(err, ERR_LIMIT, "too many rows");
		if (ret->n_rows++ % CHANGE_ROWS_MAX == 0)
			ret->begins[ret->n++] =
			    (size_t)(one.p - text.p) - 2;
	}
	if (rest.n != 0 || ret->n == 0)
		return ERR(err, ERR_CORRUPT, "the rows cannot be read");
	ret->begins[ret->n] = text.n;
	for (size_t i = 0; i < ret->n; i++)
		hash_bytes(text.p + ret->begins[i],
		    ret->begins[i + 1] - ret->begins[i], ret->digests[i]);
	hash_bytes(ret->digests, ret->n * AUTHORITY_DIGEST_BYTES,
	    ret->digest);
	return true;
}

/* ---- proposing ---- */

struct proposed {
	uint64_t body;
	const struct people_change *change;
};

static bool
run_proposed(struct store_tx *tx, void *arg, struct err *err)
{
	const struct proposed *p = arg;
	return people_put_change(tx, p->body, p->change, err);
}

bool
personnel_propose(struct door *d, struct visitor *v, struct people_change *c,
    struct slice reference, struct put *ret, struct err *err)
{
	struct parts *parts = arena_alloc(v->arena, sizeof(*parts));
	struct proposed p = {.body = v->body, .change = c};
	instant now = door_now(d);
	c->id = people_new_id();
	c->made_at = now;
	struct row_put put = {
	    .ask = {.capacity = v->capacity, .reference = reference},
	    .also = run_proposed,
	    .arg = &p,
	    .row = {.head = {.kind = AUTHORITY_CHANGE,
			.id = c->id,
			.from = now,
			.until = (c->effect_at > now ? c->effect_at : now) +
			    PERSONNEL_DAYS_MAX * DAY_US}}};
	if (parts == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!make_parts(c->rows, parts, err))
		return false;
	put.row.change.rows = (uint32_t)parts->n_rows;
	memcpy(put.row.change.digest, parts->digest, sizeof(parts->digest));
	return door_put_row(d, v, &put, ret, err);
}

bool
personnel_show(struct door *d, struct visitor *v,
    const struct people_change *c, struct shown_personnel *ret,
    struct err *err)
{
	struct authority_row row;
	struct parts *parts = arena_alloc(v->arena, sizeof(*parts));
	instant now = door_now(d);
	bool has_right = (v->rights & RIGHT_BIT(RIGHT_APPOINT)) != 0;
	if (parts == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!guard_row(d->guard, AUTHORITY_CHANGE, v->body, c->id, &row))
		return ERR(err, ERR_NOT_FOUND, "there is no such change");
	bool is_waiting = (row.head.flags & AUTHORITY_PENDING) != 0;
	*ret = (struct shown_personnel){.until = row.head.until,
	    .made_by = row.head.made_by,
	    .confirmed_by = row.head.confirmed_by};
	ret->state = c->applied_at != 0    ? PERSONNEL_APPLIED
		     : now >= row.head.until ? PERSONNEL_OVER
		     : is_waiting            ? PERSONNEL_WAITING
					     : PERSONNEL_STANDING;
	ret->may_confirm = has_right && ret->state == PERSONNEL_WAITING &&
			   row.head.made_by != v->person;
	ret->may_apply = has_right && ret->state == PERSONNEL_STANDING;
	ret->may_withdraw = has_right && (ret->state == PERSONNEL_STANDING ||
					     ret->state == PERSONNEL_WAITING);
	ret->is_whole = c->rows.n > 0 && make_parts(c->rows, parts, NULL) &&
			memcmp(parts->digest, row.change.digest,
			    sizeof(parts->digest)) == 0;
	return true;
}

/* ---- applying ---- */

struct applied {
	uint64_t body, id;
	instant at;
};

static bool
run_applied(struct store_tx *tx, void *arg, struct err *err)
{
	const struct applied *a = arg;
	return people_change_applied(tx, a->body, a->id, a->at, err);
}

/* Made by an earlier try that was cut off: a part is whole or not there. */
static bool
is_made(struct door *d, const struct authority_row *first)
{
	struct authority_row now;
	return guard_row(d->guard, AUTHORITY_APPOINTMENT, first->head.body,
		   first->head.id, &now) &&
	       now.head.version >= first->head.version &&
	       now.head.from == first->head.from &&
	       now.head.until == first->head.until;
}

static bool
apply_part(struct door *d, struct visitor *v, const struct people_change *c,
    struct change_ask *ask, struct applied *last, struct err *err)
{
	struct authority_row row, first = {0};
	struct slice rest = c->rows, one;
	size_t at = 0;
	ask->n = 0;
	while (ask->n < CHANGE_ROWS_MAX &&
	       personnel_next_row(&rest, &one, &row)) {
		if (at++ / CHANGE_ROWS_MAX != ask->part)
			continue;
		if (ask->n == 0)
			first = row;
		ask->rows[ask->n++] = one;
	}
	bool is_last = ask->part + 1u == ask->n_parts;
	if (is_made(d, &first))
		return !is_last ||
		       door_change(d, v->fiber, run_applied, last, err);
	return door_put_rows(d, v, ask, is_last ? run_applied : NULL, last,
	    err);
}

bool
personnel_apply(struct door *d, struct visitor *v,
    const struct people_change *c, struct slice reference, struct err *err)
{
	struct parts *parts = arena_alloc(v->arena, sizeof(*parts));
	struct change_ask *ask = arena_alloc(v->arena, sizeof(*ask));
	struct applied last = {
	    .body = v->body, .id = c->id, .at = door_now(d)};
	struct authority_row row;
	struct put put;
	if (parts == NULL || ask == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!make_parts(c->rows, parts, err))
		return false;
	if (!guard_row(d->guard, AUTHORITY_CHANGE, v->body, c->id, &row))
		return ERR(err, ERR_NOT_FOUND, "there is no such change");
	if ((row.head.flags & AUTHORITY_PENDING) != 0 &&
	    !door_confirm(d, v, AUTHORITY_CHANGE, c->id, &put, err))
		return false;
	*ask = (struct change_ask){.session = v->session,
	    .capacity = v->capacity,
	    .change = c->id,
	    .n_parts = parts->n,
	    .reference = reference};
	memcpy(ask->parts, parts->digests, sizeof(ask->parts));
	for (; ask->part < parts->n; ask->part++)
		if (!apply_part(d, v, c, ask, &last, err))
			return false;
	return true;
}

bool
personnel_withdraw(struct door *d, struct visitor *v, uint64_t id,
    struct slice reference, struct err *err)
{
	struct put put;
	const struct door_end end = {.kind = AUTHORITY_CHANGE,
	    .id = id,
	    .reference = reference};
	return door_end(d, v, &end, &put, err);
}
