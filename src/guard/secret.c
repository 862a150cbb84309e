/*
 * 秘匿 (支援措置): marking a record, its yearly renewal, taking the mark off.
 *
 * The keeper's row comes first when a record is marked and last when the mark
 * is taken off, so a crash between leaves it closed.
 */
#include "base/calendar.h"
#include "guard/write.h"

const struct authority_secret *
door_mark(const struct door *d, uint64_t body, uint64_t holding,
    uint64_t record)
{
	const struct authority_row *row =
	    snapshot_row(door_pin(d), AUTHORITY_SECRET, body, record);
	return row != NULL && row->secret.is_secret &&
		       row->secret.holding == holding
		   ? &row->secret
		   : NULL;
}

uint64_t
door_parameter(
    const struct door *d, uint64_t body, const char *id, uint64_t otherwise)
{
	const struct pack *pack = door_pack(d, body);
	uint64_t value;
	return pack != NULL && pack_parameter(pack, slice_of(id), &value)
		   ? value
		   : otherwise;
}

bool
door_oversees(const struct door *d, const struct visitor *v, uint64_t holding)
{
	const uint32_t over = RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE);
	const struct authority_row *h =
	    snapshot_row(door_pin(d), AUTHORITY_HOLDING, v->body, holding);
	return h != NULL && (v->rights & over) != 0 &&
	       (v->section == 0 || v->section == h->holding.section);
}

/* To be asked for again after the pack's months, at the latest by the end. */
static instant
renew_by(struct door *d, uint64_t body, instant until)
{
	uint64_t months = door_parameter(d, body, "secret.renewal.months", 0);
	if (months == 0 || months > 1200)
		return until;
	instant by = date_end(date_add_months(date_of_instant(door_now(d)),
			 (int32_t)months)) +
		     1;
	return by < until ? by : until;
}

/* What the record's row will say: until when, 0 for no longer 秘匿. */
static struct row_put
put_of(const struct opening *o, uint64_t record, instant until)
{
	struct visitor *v = o->visitor;
	return (struct row_put){
	    .ask = {.capacity = v->capacity,
		.reference = o->intent->reference},
	    .row = {.head = {.kind = AUTHORITY_SECRET,
			.id = record,
			.from = door_now(o->door),
			.until = INT64_MAX},
		.secret = {.holding = o->holding->id,
		    .is_secret = until != 0,
		    .until = until,
		    .renew_by = until == 0
				    ? 0
				    : renew_by(o->door, v->body, until)}}};
}

/* All versions there are, the newest too: each becomes 秘匿. */
static bool
list_older(struct opening *o, struct writing *w, struct err *err)
{
	struct arena *a = o->visitor->arena;
	struct record_version *list;
	const struct record_name *name = &w->row.name;
	size_t n;
	if (!record_versions(o->door->reader, name->body, name->holding,
		name->id, a, &list, &n, err))
		return false;
	if (n >= MESSAGE_CREATE_MAX)
		return ERR(err, ERR_LIMIT, "a record of %zu versions", n);
	w->older = arena_array(a, n, sizeof(*w->older));
	if (w->older == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < n; i++) {
		struct record_row *row = &w->older[w->n_older];
		bool ok =
		    list[i].ended_at == 0
			? record_fetch(o->door->reader, name->body,
			      name->holding, name->id, a, row, err)
			: record_fetch_version(o->door->reader, name->body,
			      name->holding, name->id, list[i].version, a, row,
			      err);
		if (!ok)
			return false;
		w->n_older += row->class != RECORD_CLASS_SECRET;
	}
	return true;
}

/* The next version of the class that is wanted, with the same values. */
static bool
change_class(struct opening *o, const struct record_row *old,
    const struct authority_secret *to, struct written *ret, struct err *err)
{
	struct writing *w =
	    writing_of(o, old->name.id, old->name.version + 1, err);
	if (w == NULL)
		return false;
	w->row.class =
	    to->is_secret ? RECORD_CLASS_SECRET : RECORD_CLASS_ORDINARY;
	w->row.secret_until = to->until;
	w->row.secret_renew_by = to->renew_by;
	ret->version = w->row.name.version;
	return (!to->is_secret || list_older(o, w, err)) &&
	       write_next(o, old, w, NULL, &ret->entry, err);
}

/* The columns by which renewals are found. */
struct dating {
	struct record_name name;
	struct authority_secret to;
};

static bool
run_dating(struct store_tx *tx, void *arg, struct err *err)
{
	const struct dating *g = arg;
	return record_renew(tx, &g->name, g->to.until, g->to.renew_by, err);
}

static bool
mark(struct opening *o, const struct record_row *old, instant until,
    const struct reasoned *why, struct put *put, struct written *ret,
    struct err *err)
{
	struct row_put p = put_of(o, old->name.id, until);
	struct dating dates = {.name = old->name, .to = p.row.secret};
	if (old->class == RECORD_CLASS_SECRET) {
		p.also = run_dating;
		p.arg = &dates;
	}
	return door_put_reasoned(o->door, o->visitor, &p, why, put, err) &&
	       (old->class == RECORD_CLASS_SECRET ||
		   change_class(o, old, &dates.to, ret, err));
}

static bool
unmark(struct opening *o, const struct record_row *old, struct written *ret,
    struct err *err)
{
	struct row_put p = put_of(o, old->name.id, 0);
	struct put put;
	if (!o->question.is_secret)
		return ERR(err, ERR_CONFLICT, "the record is not 秘匿");
	return change_class(o, old, &p.row.secret, ret, err) &&
	       door_put_row(o->door, o->visitor, &p, &put, err);
}

/* Decided as for a record that is 秘匿: the act needs a grant that says so. */
static bool
begin(struct opening *o, const struct door_intent *intent, uint64_t record,
    struct record_row *ret, struct err *err)
{
	if (!open_begin(o, intent, ACT_CORRECT, err))
		return false;
	o->question.items = 0; /* the class changes, no item */
	o->question.is_secret = true;
	return open_decide(o, record, err) &&
	       open_fetch(o, record, 0, ret, err);
}

bool
door_secret(struct door *d, struct visitor *v, const struct door_secret *ask,
    struct written *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	struct record_row old;
	struct put put;
	const struct reasoned none = {0};
	*ret = (struct written){.record = ask->record};
	if (ask->is_secret && ask->until <= door_now(d))
		return ERR(err, ERR_INPUT, "the period has to end later");
	bool ok = begin(&o, &ask->intent, ask->record, &old, err);
	ret->version = ok ? old.name.version : 0;
	ok = ok &&
	     (ask->is_secret
		     ? mark(&o, &old, ask->until, &none, &put, ret, err)
		     : unmark(&o, &old, ret, err));
	open_end(&o);
	return ok;
}

bool
door_renew_secret(struct door *d, struct visitor *v,
    const struct door_renewal *ask, struct put *ret, struct decision *refusal,
    struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	struct record_row old;
	struct written written;
	const struct reasoned why = {.verb = "secret.reason",
	    .holding = ask->intent.holding,
	    .text = ask->reason};
	if (ask->until <= door_now(d) || ask->reason.n == 0)
		return ERR(err, ERR_INPUT,
		    "a renewal has a reason and a period that ends later");
	bool ok = begin(&o, &ask->intent, ask->record, &old, err) &&
		  (o.question.is_secret ||
		      ERR(err, ERR_CONFLICT, "the record is not 秘匿")) &&
		  mark(&o, &old, ask->until, &why, ret, &written, err);
	open_end(&o);
	return ok;
}

/* ---- what has to be renewed ---- */

static struct shown_renewal
show_renewal(
    struct door *d, const struct visitor *v, const struct record_renewal *r)
{
	const struct holding none = {.id = r->holding};
	const struct holding *h = &none;
	struct shelf *shelf = NULL;
	if (!door_shelf(d, v->body, r->holding, &shelf, &h, NULL))
		h = &none;
	struct question q = door_question(d, v, h, NULL, ACT_CORRECT);
	shelf_drop(shelf);
	q.is_secret = true;
	q.items = 0;
	struct shown_renewal to = {.holding = r->holding,
	    .record = r->id,
	    .renew_by = r->renew_by,
	    .until = r->until,
	    .is_overdue = r->renew_by <= q.now};
	/* A missing code or terminal is told when it is tried. */
	struct decision may = guard_decide(door_pin(d), &q);
	to.may_renew = may.verdict == VERDICT_ALLOW ||
		       may.verdict == VERDICT_MASK ||
		       may.key == PACK_DECISION_SECOND_FACTOR;
	return to;
}

bool
door_renewals(struct door *d, struct visitor *v, instant by,
    const struct shown_renewal *after, struct shown_renewal **ret,
    size_t *ret_n, struct err *err)
{
	struct record_renewal page[RECORD_RENEWALS_MAX];
	struct record_renewal last = {0};
	struct shown_renewal *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	size_t n, kept = 0;
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (after != NULL)
		last = (struct record_renewal){.renew_by = after->renew_by,
		    .holding = after->holding,
		    .id = after->record};
	door_renew(d);
	bool has_last = after != NULL;
	do {
		if (!record_renewals(d->reader, v->body, by,
			has_last ? &last : NULL, page, &n, err))
			return false;
		for (size_t i = 0; i < n && kept < DOOR_PAGE_MAX; i++) {
			struct shown_renewal r = show_renewal(d, v, &page[i]);
			if (r.may_renew || door_oversees(d, v, r.holding))
				out[kept++] = r;
		}
		has_last = n > 0;
		if (has_last)
			last = page[n - 1];
	} while (n == RECORD_RENEWALS_MAX && kept < DOOR_PAGE_MAX);
	*ret = out;
	*ret_n = kept;
	return true;
}
