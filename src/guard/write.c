/*
 * Records made, corrected and ended; whole files taken in.
 *
 * The keeper's entry comes first and is durable; then one transaction writes
 * record and tokens. What the transaction cannot write leaves a key that
 * opens nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "guard/write.h"
#include "people/people.h"
#include "vault/import.h"
#include "vault/value.h"

static int
order_tokens(const void *x, const void *y)
{
	const struct token_row *a = x;
	const struct token_row *b = y;
	if (a->item != b->item)
		return (int)a->item - (int)b->item;
	return memcmp(a->token, b->token, sizeof(a->token));
}

static bool
run_writing(struct store_tx *tx, void *arg, struct err *err)
{
	const struct writing *w = arg;
	const struct record_name *name = &w->row.name;
	if (w->is_new ? !record_insert(tx, &w->row, err)
		      : !record_replace(tx, &w->row, err))
		return false;
	if (w->along != NULL && !w->along->run(tx, w->along->arg, err))
		return false;
	for (size_t i = 0; i < w->n_older; i++)
		if (!record_reseal(tx, &w->older[i], err))
			return false;
	if (!w->is_new &&
	    !token_delete(tx, name->body, name->holding, name->id, err))
		return false;
	return token_list_put(tx, name->body, name->holding, name->id,
		   w->tokens, w->n_tokens, err) &&
	       token_insert(
		   tx, name->body, name->holding, w->tokens, w->n_tokens, err);
}

/* Version and class of `to`, from the key of `old` (NULL: a new record). */
static struct create_item
item_of(const struct record_row *old, const struct record_row *to)
{
	struct create_item item = {.id = to->name.id,
	    .version = to->name.version,
	    .class = to->class == RECORD_CLASS_SECRET ? RECORD_SECRET
						      : RECORD_ORDINARY};
	if (old != NULL)
		open_name(old, &item.old);
	return item;
}

/* Keys for n items, one entry; act CREATE or CORRECT. */
static bool
make_keys(struct opening *o, enum act act, struct create_item *items, size_t n,
    struct create_made *ret, uint64_t *ret_entry, struct err *err)
{
	struct create_ask ask = {.n = n,
	    .items = items,
	    .intent = door_message(o->visitor, o->intent, act)};
	struct create_answer answer = {.made = ret};
	enum answer code;
	const struct keeper_asking a = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_CREATE,
	    .ask = &ask,
	    .answer = &answer};
	if (!guard_ask(&a, &code, err)) {
		door_keeper_refused(o->door, &o->question, code, o->refusal);
		return false;
	}
	if (answer.n != n)
		return ERR(
		    err, ERR_CORRUPT, "the keeper answered with other keys");
	*ret_entry = answer.entry;
	return true;
}

/*
 * Who a 秘匿 record's person is may be looked for; where they live may not:
 * an address or a telephone number finds no such record.
 */
static size_t
leave_out_places(const struct holding *h, struct term *terms, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		enum pack_item_type type = h->items[terms[i].item].type;
		if (type != PACK_ITEM_ADDRESS && type != PACK_ITEM_PHONE)
			terms[kept++] = terms[i];
	}
	return kept;
}

static bool
make_tokens(struct opening *o, enum act act, const struct slice *values,
    struct writing *w, struct err *err)
{
	struct arena *a = o->visitor->arena;
	struct term terms[TERM_OF_RECORD_MAX];
	struct token_term asked[TERM_OF_RECORD_MAX];
	struct token tokens[TERM_OF_RECORD_MAX];
	size_t n = terms_of_record(o->holding, values, a, terms);
	if (arena_is_failed(a))
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (w->row.class == RECORD_CLASS_SECRET)
		n = leave_out_places(o->holding, terms, n);
	w->n_tokens = 0;
	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		asked[i] = (struct token_term){
		    .item = terms[i].item, .text = terms[i].text};
	if (!open_tokens(o, act, asked, n, tokens, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		w->tokens[i] = (struct token_row){
		    .item = terms[i].item, .record = w->row.name.id};
		memcpy(w->tokens[i].token, tokens[i].p,
		    sizeof(w->tokens[i].token));
	}
	w->n_tokens = n;
	qsort(w->tokens, n, sizeof(w->tokens[0]), order_tokens);
	return true;
}

/* Seals under the key, and writes. */
static bool
seal_and_write(struct opening *o, struct writing *w,
    const uint8_t key[RECORD_KEY_BYTES], const struct slice *values,
    struct err *err)
{
	struct buf sealed = buf_of(RECORD_SEALED_MAX_BYTES);
	record_seal(o->door->aead, key, &w->row.name, values,
	    o->holding->n_items, &sealed);
	w->row.changed_at = door_now(o->door);
	bool ok = buf_finish(&sealed, &w->row.sealed, err) &&
		  door_change(o->door, o->visitor->fiber, run_writing, w, err);
	buf_close(&sealed);
	return ok;
}

struct writing *
writing_of(
    struct opening *o, uint64_t record, uint32_t version, struct err *err)
{
	struct writing *w = arena_alloc(o->visitor->arena, sizeof(*w));
	if (w == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for this request");
		return NULL;
	}
	w->row.name = (struct record_name){.body = o->visitor->body,
	    .holding = o->holding->id,
	    .id = record,
	    .version = version};
	return w;
}

/* Values of the items given, each as its type demands. */
static bool
check_values(const struct opening *o, const struct door_write *ask,
    uint64_t items, struct written *ret, struct err *err)
{
	if (ask->n != o->holding->n_items)
		return ERR(err, ERR_INPUT,
		    "%zu values for a holding of %zu items", ask->n,
		    o->holding->n_items);
	for (size_t i = 0; i < ask->n; i++) {
		if ((items & ITEM_BIT(i)) == 0)
			continue;
		enum value_fault fault =
		    value_check(&o->holding->items[i], ask->values[i]);
		if (fault == VALUE_IS_FINE)
			continue;
		ret->faults[ret->n_faults].item = (unsigned)i;
		ret->faults[ret->n_faults++].fault = value_fault_name(fault);
	}
	return ret->n_faults == 0 ||
	       ERR(err, ERR_INPUT, "%zu values are wrong", ret->n_faults);
}

/* Those that have a value. */
static uint64_t
items_of(const struct door_write *ask)
{
	uint64_t items = 0;
	for (size_t i = 0; i < ask->n && i < HOLDING_ITEMS_MAX; i++)
		if (ask->values[i].n > 0)
			items |= ITEM_BIT(i);
	return items;
}

/* What is on paper is not copied here. */
static bool
has_records(const struct holding *h, struct err *err)
{
	return !h->reg.is_manual ||
	       ERR(err, ERR_CONFLICT, "a holding on paper has no records");
}

static bool
create(struct opening *o, const struct door_write *ask, struct written *ret,
    struct err *err)
{
	struct create_made made;
	struct writing *w = writing_of(o, people_new_id(), 1, err);
	o->question.items = items_of(ask);
	if (w == NULL || !open_decide(o, 0, err) ||
	    !has_records(o->holding, err) ||
	    !check_values(o, ask, ITEMS_ALL, ret, err))
		return false;
	if (o->question.items == 0)
		return ERR(err, ERR_INPUT, "a record without any value");
	w->is_new = true;
	struct create_item item = item_of(NULL, &w->row);
	if (!make_keys(o, ACT_CREATE, &item, 1, &made, &ret->entry, err))
		return false;
	memcpy(w->row.wrap, made.wrap, sizeof(made.wrap));
	w->row.entry = ret->entry;
	bool ok = make_tokens(o, ACT_CREATE, ask->values, w, err) &&
		  seal_and_write(o, w, made.key, ask->values, err);
	mem_wipe(&made, sizeof(made));
	ret->record = w->row.name.id;
	ret->version = 1;
	return ok;
}

bool
door_create(struct door *d, struct visitor *v, const struct door_write *ask,
    struct written *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	*ret = (struct written){0};
	if (!open_begin(&o, &ask->intent, ACT_CREATE, err))
		return false;
	bool ok = create(&o, ask, ret, err);
	open_end(&o);
	return ok;
}

/*
 * The values that stand, opened to be written anew. The decision masks
 * nothing here: what is not changed is not shown, only sealed again.
 */
static bool
open_old(struct opening *o, const struct record_row *row,
    struct shown_record *ret, struct err *err)
{
	uint64_t items = o->decision.items;
	o->decision.items = ITEMS_ALL;
	o->keeps_values = true;
	bool ok = open_rows(o, row, 1, ret, err);
	o->keeps_values = false;
	o->decision.items = items;
	return ok;
}

/* An older version under the key that was made for it as 秘匿. */
static bool
seal_older(struct opening *o, struct record_row *row,
    const struct create_made *made, struct err *err)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct shown_record shown;
	struct buf sealed = buf_of(RECORD_SEALED_MAX_BYTES);
	struct slice bytes;
	if (!open_old(o, row, &shown, err))
		return false;
	for (size_t i = 0; i < o->holding->n_items; i++)
		values[i] = shown.values[i].text;
	record_seal(o->door->aead, made->key, &row->name, values,
	    o->holding->n_items, &sealed);
	bool ok = buf_finish(&sealed, &bytes, err);
	if (ok) {
		row->sealed = arena_copy(o->visitor->arena, bytes);
		row->class = RECORD_CLASS_SECRET;
		memcpy(row->wrap, made->wrap, sizeof(row->wrap));
		ok = row->sealed.p != NULL ||
		     ERR(err, ERR_LIMIT, "no memory for this request");
	}
	buf_close(&sealed);
	return ok;
}

/* Keys of the next version and of the older ones that become 秘匿. */
static bool
make_next_keys(struct opening *o, const struct record_row *old,
    const struct writing *w, struct create_made *made, uint64_t *ret_entry,
    struct err *err)
{
	struct create_item *items =
	    arena_array(o->visitor->arena, 1 + w->n_older, sizeof(*items));
	if (items == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	items[0] = item_of(old, &w->row);
	for (size_t i = 0; i < w->n_older; i++) {
		items[1 + i] = item_of(&w->older[i], &w->older[i]);
		items[1 + i].class = RECORD_SECRET;
	}
	return make_keys(
	    o, ACT_CORRECT, items, 1 + w->n_older, made, ret_entry, err);
}

bool
write_next(struct opening *o, const struct record_row *old, struct writing *w,
    const struct door_write *changes, uint64_t *ret_entry, struct err *err)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct shown_record shown;
	size_t n = o->holding->n_items;
	bool is_other = changes == NULL;
	struct create_made *made =
	    arena_array(o->visitor->arena, 1 + w->n_older, sizeof(*made));
	if (made == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!open_old(o, old, &shown, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool is_given =
		    changes != NULL && (changes->items & ITEM_BIT(i)) != 0;
		values[i] =
		    is_given ? changes->values[i] : shown.values[i].text;
		is_other |=
		    !slice_is_equal(values[i], shown.values[i].text);
	}
	if (!is_other)
		return ERR(err, ERR_INPUT, "nothing is corrected");
	if (!make_next_keys(o, old, w, made, ret_entry, err))
		return false;
	memcpy(w->row.wrap, made[0].wrap, sizeof(made[0].wrap));
	w->row.entry = *ret_entry;
	bool ok = make_tokens(o, ACT_CORRECT, values, w, err);
	for (size_t i = 0; ok && i < w->n_older; i++)
		ok = seal_older(o, &w->older[i], &made[1 + i], err);
	ok = ok && seal_and_write(o, w, made[0].key, values, err);
	mem_wipe(made, (1 + w->n_older) * sizeof(*made));
	return ok;
}

bool
open_correct(struct opening *o, const struct record_row *old,
    const struct door_write *ask, const struct open_along *along,
    struct written *ret, struct err *err)
{
	struct writing *w =
	    writing_of(o, ask->record, old->name.version + 1, err);
	if (w == NULL)
		return false;
	w->row.class = o->question.is_secret ? RECORD_CLASS_SECRET
					     : RECORD_CLASS_ORDINARY;
	w->row.secret_until = old->secret_until;
	w->row.secret_renew_by = old->secret_renew_by;
	w->along = along;
	ret->record = ask->record;
	ret->version = w->row.name.version;
	return write_next(o, old, w, ask, &ret->entry, err);
}

static bool
correct(struct opening *o, const struct door_write *ask, struct written *ret,
    struct err *err)
{
	struct record_row old;
	o->question.items =
	    ask->items &
	    (o->holding->n_items >= 64 ? ITEMS_ALL
				       : ITEM_BIT(o->holding->n_items) - 1);
	if (o->question.items == 0)
		return ERR(err, ERR_INPUT, "nothing is corrected");
	if (!open_decide(o, ask->record, err) ||
	    !open_instructed(o, ask->record, err) ||
	    !check_values(o, ask, o->question.items, ret, err) ||
	    !open_fetch(o, ask->record, 0, &old, err))
		return false;
	if (old.name.version != ask->version)
		return ERR(err, ERR_CONFLICT,
		    "the record was corrected by somebody else meanwhile");
	return open_correct(o, &old, ask, NULL, ret, err);
}

bool
door_correct(struct door *d, struct visitor *v, const struct door_write *ask,
    struct written *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	*ret = (struct written){0};
	if (!open_begin(&o, &ask->intent, ACT_CORRECT, err))
		return false;
	bool ok = correct(&o, ask, ret, err);
	open_end(&o);
	return ok;
}

/* ---- erasure ---- */

struct ending {
	struct record_name name;
	instant now;
};

static bool
run_ending(struct store_tx *tx, void *arg, struct err *err)
{
	const struct ending *e = arg;
	return record_erase(
	    tx, e->name.body, e->name.holding, e->name.id, e->now, err);
}

static bool
erase(struct opening *o, const struct door_erase *ask, struct written *ret,
    struct err *err)
{
	struct record_row row;
	struct message_record ends[1 + DOOR_DOCUMENTS_MAX];
	size_t n = 0;
	o->question.items = 0;
	if (!open_decide(o, ask->record, err) ||
	    !open_unheld(o, ask->record, err) ||
	    !open_instructed(o, ask->record, err) ||
	    !open_fetch(o, ask->record, 0, &row, err) ||
	    !open_documents(o, ask->record, ends + 1, &n, err))
		return false;
	open_name(&row, &ends[0]);
	if (!open_erase(o, ends, 1 + n, &ret->entry, err))
		return false;
	ret->record = ask->record;
	ret->version = row.name.version;
	struct ending e = {.name = row.name, .now = door_now(o->door)};
	return door_change(o->door, o->visitor->fiber, run_ending, &e, err);
}

bool
door_erase(struct door *d, struct visitor *v, const struct door_erase *ask,
    struct written *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	*ret = (struct written){0};
	if (!open_begin(&o, &ask->intent, ACT_ERASE, err))
		return false;
	bool ok = erase(&o, ask, ret, err);
	open_end(&o);
	return ok;
}

/* ---- import ---- */

static bool
ring_create(void *ctx, const uint64_t *ids, size_t n,
    uint8_t (*ret_keys)[AEAD_KEY_BYTES],
    uint8_t (*ret_wraps)[RECORD_WRAP_BYTES], uint64_t *ret_entry,
    struct err *err)
{
	struct opening *o = ctx;
	must(n <= MESSAGE_CREATE_MAX);
	struct create_item *items = mem_alloc(n, sizeof(*items));
	struct create_made *made = mem_alloc(n, sizeof(*made));
	bool ok = (items != NULL && made != NULL) ||
		  ERR(err, ERR_BUSY, "no memory for an import");
	for (size_t i = 0; ok && i < n; i++)
		items[i] = (struct create_item){.id = ids[i], .version = 1};
	struct create_ask ask = {.n = n,
	    .items = items,
	    .intent = door_message(o->visitor, o->intent, ACT_CREATE)};
	struct create_answer answer = {.made = made};
	const struct keeper_asking a = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_CREATE,
	    .ask = &ask,
	    .answer = &answer};
	ok = ok && guard_ask(&a, NULL, err) &&
	     (answer.n == n ||
		 ERR(err, ERR_CORRUPT, "the keeper answered with other keys"));
	for (size_t i = 0; ok && i < n; i++) {
		memcpy(ret_keys[i], made[i].key, sizeof(made[i].key));
		memcpy(ret_wraps[i], made[i].wrap, sizeof(made[i].wrap));
	}
	*ret_entry = answer.entry;
	if (made != NULL)
		mem_wipe(made, n * sizeof(*made));
	mem_free(items);
	mem_free(made);
	return ok;
}

static bool
ring_tokens(void *ctx, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	struct opening *o = ctx;
	struct token_term *asked = mem_alloc(n, sizeof(*asked));
	bool ok =
	    asked != NULL || ERR(err, ERR_BUSY, "no memory for an import");
	for (size_t i = 0; ok && i < n; i++)
		asked[i] = (struct token_term){
		    .item = terms[i].item, .text = terms[i].text};
	/* struct token is those bytes and nothing else. */
	_Static_assert(sizeof(struct token) == TERM_TOKEN_BYTES, "");
	ok = ok && open_tokens(o, ACT_CREATE, asked, n,
		       (struct token *)(void *)ret, err);
	mem_free(asked);
	return ok;
}

static bool
give_report(const struct import_report *r, const struct holding *h,
    struct arena *a, struct imported *ret, struct err *err)
{
	ret->rows = r->rows;
	ret->n_problems = r->n_problems;
	ret->has_more = r->has_more;
	ret->problems = arena_array(a, r->n_problems, sizeof(*ret->problems));
	if (ret->problems == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < r->n_problems; i++) {
		const struct problem *p = &r->problems[i];
		ret->problems[i] = (struct shown_problem){.row = p->row,
		    .column = p->column,
		    .item = p->item < h->n_items
				? arena_copy(a, h->items[p->item].name)
				: SLICE(""),
		    .fault = value_fault_name(p->fault)};
	}
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

struct heading_rows {
	const struct holding *holding;
	const struct slice *headings;
};

static bool
keep_headings(struct store_tx *tx, void *arg, struct err *err)
{
	const struct heading_rows *k = arg;
	return import_keep_headings(tx, k->holding->body, k->holding->id,
	    k->headings, k->holding->n_items, err);
}

bool
door_headings(struct door *d, struct visitor *v, uint64_t holding,
    struct slice *ret, size_t n, struct err *err)
{
	return import_headings(
	    d->reader, v->body, holding, v->arena, ret, n, err);
}

bool
door_import(struct door *d, struct visitor *v, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	struct import_report report = {0};
	struct err none = ERR_INIT;
	*ret = (struct imported){0};
	if (!open_begin(&o, &ask->intent, ACT_CREATE, err))
		return false;
	const struct keyring ring = {
	    .ctx = &o, .create = ring_create, .tokens = ring_tokens};
	const struct import_job job = {.store = d->guard->config.store,
	    .holding = o.holding,
	    .csv = ask->csv,
	    .is_dry = ask->is_dry,
	    .headings = ask->headings,
	    .passes_rest = ask->passes_rest,
	    .now = door_now(d),
	    .keyring = &ring,
	    .progress = ask->progress};
	bool ok = open_decide(&o, 0, err) && has_records(o.holding, err);
	if (ok) {
		ok = import_run(&job, v->arena, &report, err);
		ok =
		    give_report(&report, o.holding, v->arena, ret,
			ok ? err : &none) && ok;
	}
	struct heading_rows keep = {o.holding, ask->headings};
	if (ok && !ask->is_dry && ask->headings != NULL)
		ok = door_change(d, v->fiber, keep_headings, &keep, err);
	open_end(&o);
	return ok;
}
