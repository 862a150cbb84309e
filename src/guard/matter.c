/* Instructions that corrections and erasures need, and what holds records. */
#include "guard.sql.h"
#include "guard/door_matter.h"
#include "guard/open.h"

bool
door_instruct(
    struct store_tx *tx, const struct door_instruction *i, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)i->body),
	    STORE_INT((int64_t)i->matter), STORE_INT((int64_t)i->act),
	    STORE_TEXT(i->number), STORE_INT((int64_t)i->holding),
	    STORE_INT((int64_t)i->record), STORE_INT((int64_t)i->person),
	    STORE_INT((int64_t)i->made_by), STORE_INT(i->at)};
	return store_run(
	    tx, GUARD_INSTRUCTION_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
door_instruct_end(
    struct store_tx *tx, uint64_t body, uint64_t matter, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)matter)};
	return store_run(
	    tx, GUARD_INSTRUCTION_DROP, p, STORE_COUNT(p), NULL, err);
}

bool
door_hold_put(struct store_tx *tx, const struct door_hold *h, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)h->id), STORE_TEXT(h->reg),
	    STORE_INT((int64_t)h->holding), STORE_INT((int64_t)h->record),
	    STORE_INT((int64_t)h->set_by), STORE_INT(h->at)};
	return store_run(tx, GUARD_HOLD_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
door_hold_end(
    struct store_tx *tx, uint64_t body, uint64_t id, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	return store_run(tx, GUARD_HOLD_DROP, p, STORE_COUNT(p), NULL, err);
}

bool
door_held(struct door *d, const struct visitor *v, uint64_t holding,
    uint64_t record, struct door_hold *ret, bool *ret_is, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT((int64_t)holding), STORE_INT((int64_t)record)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(
		d->reader, GUARD_HOLD_FIND, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret_is = store_next(&rows);
	if (*ret_is)
		*ret = (struct door_hold){.body = v->body,
		    .id = (uint64_t)store_int(&rows, GUARD_HOLD_FIND__ID),
		    .reg = arena_copy(v->arena,
			store_text(&rows, GUARD_HOLD_FIND__REGISTER)),
		    .holding = holding,
		    .record = record,
		    .set_by = (uint64_t)store_int(
			&rows, GUARD_HOLD_FIND__SET_BY)};
	return store_finish(&rows, err);
}

static const struct pack_article *
article_of(const struct opening *o, enum pack_decision key)
{
	const struct guard_config *c = &o->door->guard->config;
	const struct pack *pack =
	    c->pack == NULL ? NULL : c->pack(c->ctx, o->visitor->body);
	return pack == NULL ? NULL : pack_decision(pack, key);
}

static bool
is_instructed(
    const struct opening *o, uint64_t record, bool *ret, struct err *err)
{
	const struct visitor *v = o->visitor;
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_TEXT(o->intent->reference.n > 0 ? o->intent->reference
						  : SLICE("")),
	    STORE_INT((int64_t)o->question.act),
	    STORE_INT((int64_t)o->intent->holding), STORE_INT((int64_t)record),
	    STORE_INT((int64_t)v->person)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query(o->door->reader, GUARD_INSTRUCTION_FIND, p,
		STORE_COUNT(p), &rows, err))
		return false;
	*ret = store_next(&rows);
	return store_finish(&rows, err);
}

/* As for a holding without a grant, so that it says whom to ask. */
static bool
refuse(struct opening *o, uint64_t record, enum pack_decision key,
    const char *procedure, struct err *err)
{
	struct question nobody = o->question;
	nobody.act = ACT_ERASE;
	nobody.items = 0;
	nobody.capacity = 0;
	o->decision = guard_decide(door_pin(o->door), &nobody);
	o->decision.key = key;
	o->decision.besides = NULL;
	o->decision.procedure = procedure;
	o->decision.verdict = VERDICT_ASK;
	return door_refuse(o->door, o->visitor, &o->question, record,
	    o->intent->reference, &o->decision, o->refusal, err);
}

bool
open_instructed(struct opening *o, uint64_t record, struct err *err)
{
	bool is_erasing = o->question.act == ACT_ERASE;
	bool is_told = false;
	enum pack_decision key = is_erasing ? PACK_DECISION_DISPOSAL
					    : PACK_DECISION_INSTRUCTION;
	if (article_of(o, key) == NULL)
		return true;
	return is_instructed(o, record, &is_told, err) &&
	       (is_told || refuse(o, record, key,
			       is_erasing ? "disposal" : "correction", err));
}

bool
open_unheld(struct opening *o, uint64_t record, struct err *err)
{
	struct door_hold hold;
	bool is_held = false;
	if (!door_held(o->door, o->visitor, o->intent->holding, record, &hold,
		&is_held, err))
		return false;
	return !is_held ||
	       refuse(o, record, PACK_DECISION_HOLD, NULL, err);
}
