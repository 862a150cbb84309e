/*
 * One record: decide, fetch, have the keeper enter and open it, unseal, mask.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "guard/open.h"
#include "vault/document.h"

bool
open_begin(struct opening *o, const struct door_intent *intent, enum act act,
    struct err *err)
{
	struct door *d = o->door;
	if (!door_shelf(d, o->visitor->body, intent->holding, &o->shelf,
		&o->holding, err))
		return false;
	o->intent = intent;
	o->question = door_question(d, o->visitor, o->holding, intent, act);
	return true;
}

void
open_end(struct opening *o)
{
	shelf_drop(o->shelf);
	o->shelf = NULL;
}

bool
open_decide(struct opening *o, uint64_t record, struct err *err)
{
	o->decision = guard_decide(door_pin(o->door), &o->question);
	if (o->decision.verdict == VERDICT_ALLOW ||
	    (o->decision.verdict == VERDICT_MASK && !o->needs_all))
		return true;
	if (o->decision.verdict == VERDICT_MASK) {
		/* Some items are not enough: say whom to ask for the rest. */
		o->question.items &= ~o->decision.items;
		o->decision = guard_decide(door_pin(o->door), &o->question);
	}
	return door_refuse(o->door, o->visitor, &o->question, record,
	    o->intent->reference, &o->decision, o->refusal, err);
}

bool
open_is_secret(const struct opening *o, struct record_row *row)
{
	const struct authority_secret *mark = door_mark(
	    o->door, row->name.body, row->name.holding, row->name.id);
	if (mark == NULL)
		return row->class == RECORD_CLASS_SECRET;
	row->secret_until = mark->until;
	row->secret_renew_by = mark->renew_by;
	return true;
}

bool
open_fetch(struct opening *o, uint64_t record, uint32_t version,
    struct record_row *ret, struct err *err)
{
	struct store_reader *r = o->door->reader;
	struct arena *a = o->visitor->arena;
	uint64_t body = o->visitor->body;
	uint64_t holding = o->holding->id;
	if (!record_fetch(r, body, holding, record, a, ret, err))
		return false;
	/* The record's present state judges its older versions too. */
	o->question.is_secret = open_is_secret(o, ret);
	o->question.is_erased = ret->is_erased;
	if ((o->question.is_secret || o->question.is_erased) &&
	    !open_decide(o, record, err))
		return false;
	if (version == 0 || version == ret->name.version)
		return true;
	struct record_row now = *ret;
	if (!record_fetch_version(
		r, body, holding, record, version, a, ret, err))
		return false;
	ret->secret_until = now.secret_until;
	ret->secret_renew_by = now.secret_renew_by;
	/* One that was 秘匿 stays so, though the newest is no longer. */
	if (ret->class != RECORD_CLASS_SECRET || o->question.is_secret)
		return true;
	o->question.is_secret = true;
	return open_decide(o, record, err);
}

void
open_name(const struct record_row *row, struct message_record *to)
{
	to->id = row->name.id;
	to->version = row->name.version;
	to->class =
	    row->class == RECORD_CLASS_SECRET ? RECORD_SECRET : RECORD_ORDINARY;
	memcpy(to->wrap, row->wrap, sizeof(to->wrap));
}

/* A document is shown by its name: what opens it stays here. */
static bool
show_document(
    const struct opening *o, struct shown_value *value, struct err *err)
{
	struct document d;
	struct shown_document *to =
	    arena_alloc(o->visitor->arena, sizeof(*to));
	if (to == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!document_read(value->text, &d, err))
		return false;
	*to = (struct shown_document){
	    .id = d.id, .bytes = d.bytes, .type = d.type, .name = d.name};
	mem_wipe(d.key, sizeof(d.key));
	*value = (struct shown_value){.text = to->name, .document = to};
	return true;
}

/* Positions of the decision's items stay; the others are masked. */
static bool
show(const struct opening *o, const struct record_row *row,
    struct shown_record *to, struct err *err)
{
	size_t n = o->holding->n_items;
	for (size_t i = 0; i < n; i++) {
		if ((o->decision.items & ITEM_BIT(i)) == 0)
			to->values[i] = (struct shown_value){.is_masked = true};
		else if (o->holding->items[i].type == PACK_ITEM_FILE &&
			 to->values[i].text.n > 0 && !o->keeps_values &&
			 !show_document(o, &to->values[i], err))
			return false;
	}
	to->id = row->name.id;
	to->version = row->name.version;
	to->is_secret = o->question.is_secret;
	to->secret_until = row->secret_until;
	to->secret_renew_by = row->secret_renew_by;
	to->changed_at = row->changed_at;
	to->n = n;
	to->decision = o->decision;
	return true;
}

static bool
unseal(const struct opening *o, const struct record_row *row,
    const uint8_t key[RECORD_KEY_BYTES], struct shown_record *to,
    struct err *err)
{
	struct slice values[HOLDING_ITEMS_MAX];
	size_t n = o->holding->n_items;
	struct arena *a = o->visitor->arena;
	must(n <= HOLDING_ITEMS_MAX);
	to->values = arena_array(a, n, sizeof(*to->values));
	if (to->values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!record_unseal(
		o->door->aead, key, &row->name, row->sealed, a, values, n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		to->values[i].text = values[i];
	return show(o, row, to, err);
}

bool
open_keys(struct opening *o, const struct open_ask *ask,
    struct open_answer *ret, struct err *err)
{
	enum answer code;
	const struct keeper_asking a = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_OPEN,
	    .ask = ask,
	    .answer = ret};
	if (!guard_ask(&a, &code, err)) {
		door_keeper_refused(o->door, &o->question, code, o->refusal);
		return false;
	}
	if (ret->n == ask->n)
		return true;
	mem_wipe(ret->keys, sizeof(ret->keys));
	return ERR(err, ERR_CORRUPT, "the keeper answered with other keys");
}

bool
open_rows(struct opening *o, const struct record_row *rows, size_t n,
    struct shown_record *ret, struct err *err)
{
	struct open_ask ask; /* 6 KiB: what is not used is not touched */
	struct open_answer answer;
	must(n > 0 && n <= MESSAGE_RECORDS_MAX);
	ask.intent = door_message(o->visitor, o->intent, o->question.act);
	ask.n = n;
	for (size_t i = 0; i < n; i++)
		open_name(&rows[i], &ask.records[i]);
	bool ok = open_keys(o, &ask, &answer, err);
	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++) {
		ok = unseal(o, &rows[i], answer.keys[i], &ret[i], err);
		ret[i].entry = answer.entry;
		ret[i].is_over = answer.is_over;
	}
	mem_wipe(answer.keys, n * sizeof(answer.keys[0]));
	return ok;
}

/* Acts that look at a record. */
static bool
is_looking(enum act act)
{
	return act == ACT_VIEW || act == ACT_PRINT || act == ACT_COPY ||
	       act == ACT_SEND || act == ACT_POST || act == ACT_CARRY ||
	       act == ACT_PROVIDE;
}

bool
door_view(struct door *d, struct visitor *v, const struct door_view *ask,
    struct shown_record *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	struct record_row row;
	enum act act = ask->act == ACT_SEARCH ? ACT_VIEW : ask->act;
	if (!is_looking(act))
		return ERR(err, ERR_INPUT, "%s does not look at a record",
		    act_name(act));
	*ret = (struct shown_record){0};
	if (!open_begin(&o, &ask->intent, act, err))
		return false;
	bool ok = open_decide(&o, ask->record, err) &&
		  open_fetch(&o, ask->record, ask->version, &row, err) &&
		  open_rows(&o, &row, 1, ret, err) &&
		  open_mark_erased(&o, ret, err);
	open_end(&o);
	return ok;
}
