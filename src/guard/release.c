/*
 * Outputs of 秘匿 records: asked for, and confirmed by another person. The
 * keeper sees to it that none goes without; here is what asks and shows.
 */
#include "base/must.h"
#include "guard/open.h"
#include "people/people.h"

static bool
put_release(struct opening *o, const struct door_release *ask,
    const struct record_row *row, struct put *ret, struct err *err)
{
	struct visitor *v = o->visitor;
	instant now = door_now(o->door);
	uint64_t hours =
	    door_parameter(o->door, v->body, "secret.release.hours", 1);
	struct row_put p = {
	    .ask = {.capacity = v->capacity,
		.reference = ask->intent.reference},
	    .row = {.head = {.kind = AUTHORITY_RELEASE,
			.id = people_new_id(),
			.from = now,
			.until = now + (instant)hours * HOUR_US},
		.release = {.person = v->person,
		    .holding = ask->intent.holding,
		    .record = ask->record,
		    .version = row->name.version,
		    .act = (uint8_t)ask->act}}};
	const struct reasoned why = {.verb = "release.reason",
	    .holding = ask->intent.holding,
	    .text = ask->reason};
	if (!o->question.is_secret)
		return ERR(err, ERR_CONFLICT, "the record is not 秘匿");
	return (authority_text_set(
		    &p.row.release.purpose, ask->intent.purpose) ||
		   ERR(err, ERR_INPUT, "the purpose's key is too long")) &&
	       door_put_reasoned(o->door, v, &p, &why, ret, err);
}

bool
door_put_release(struct door *d, struct visitor *v,
    const struct door_release *ask, struct put *ret, struct decision *refusal,
    struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	struct record_row row;
	if (!act_is_output(ask->act) || ask->reason.n == 0)
		return ERR(err, ERR_INPUT,
		    "an output has its act and its reason");
	if (!open_begin(&o, &ask->intent, ask->act, err))
		return false;
	bool ok = open_decide(&o, ask->record, err) &&
		  open_fetch(&o, ask->record, 0, &row, err) &&
		  put_release(&o, ask, &row, ret, err);
	open_end(&o);
	return ok;
}

static bool
is_own(const struct authority_row *row, const struct visitor *v,
    uint64_t holding, uint64_t record, instant now)
{
	return row->head.kind == AUTHORITY_RELEASE &&
	       row->head.body == v->body && row->head.until > now &&
	       row->release.person == v->person &&
	       row->release.holding == holding &&
	       row->release.record == record;
}

bool
door_releases(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t record, struct shown_release **ret, size_t *ret_n,
    struct err *err)
{
	struct guard *g = d->guard;
	size_t n, kept = 0;
	struct shown_release *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	must(pthread_mutex_lock(&g->lock) == 0);
	const struct authority_row *const *all = rows_all(g->rows, &n);
	for (size_t i = 0; i < n && kept < DOOR_PAGE_MAX; i++) {
		const struct authority_head *h = &all[i]->head;
		if (is_own(all[i], v, holding, record, door_now(d)))
			out[kept++] = (struct shown_release){.id = h->id,
			    .act = (enum act)all[i]->release.act,
			    .is_pending = (h->flags & AUTHORITY_PENDING) != 0,
			    .until = h->until};
	}
	must(pthread_mutex_unlock(&g->lock) == 0);
	*ret = out;
	*ret_n = kept;
	return true;
}
