/*
 * Documents: files of a record. The record's own state decides, and the item
 * whose value a document is.
 *
 * Attaching: the keeper enters it and makes the document's key; the chunks
 * are stored, each in a transaction of its own; then one transaction ends
 * them and stores the record's new version, which alone says how to open
 * them. What breaks off before leaves bytes under keys that nobody has.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "guard/open.h"
#include "people/people.h"
#include "vault/document.h"

_Static_assert((int64_t)DOOR_DOCUMENT_MAX_BYTES <=
	(int64_t)DOCUMENT_CHUNKS_MAX * DOCUMENT_CHUNK_BYTES,
    "what the door lets through fits");
_Static_assert((int)DOOR_DOCUMENTS_MAX < (int)DOCUMENT_PAGE_MAX &&
	(int)DOOR_DOCUMENTS_MAX < (int)MESSAGE_RECORDS_MAX,
    "one page, and one message with their record");

/* Between two of them other requests have their turn: about 1 ms. */
enum { CHUNKS_AT_ONCE = 4 };

static bool
is_file_item(const struct opening *o, uint64_t item)
{
	return item < o->holding->n_items &&
	       o->holding->items[item].type == PACK_ITEM_FILE;
}

static uint64_t
file_items(const struct opening *o)
{
	uint64_t items = 0;
	for (size_t i = 0; i < o->holding->n_items; i++)
		if (is_file_item(o, i))
			items |= ITEM_BIT(i);
	return items;
}

static void
name_document(const struct document_row *row, struct message_record *to)
{
	*to = (struct message_record){.id = row->name.id,
	    .version = row->name.version,
	    .class = RECORD_DOCUMENT,
	    .of = row->record};
	memcpy(to->wrap, row->wrap, sizeof(to->wrap));
}

/* ---- the documents of a record ---- */

static bool
list(struct opening *o, uint64_t record,
    struct document_row ret[DOCUMENT_PAGE_MAX], size_t *ret_n, struct err *err)
{
	return document_list(o->door->reader, o->visitor->body, o->holding->id,
	    record, 0, ret, ret_n, err);
}

bool
open_documents(struct opening *o, uint64_t record,
    struct message_record ret[DOOR_DOCUMENTS_MAX], size_t *ret_n,
    struct err *err)
{
	struct document_row rows[DOCUMENT_PAGE_MAX];
	if (!list(o, record, rows, ret_n, err))
		return false;
	if (*ret_n > DOOR_DOCUMENTS_MAX)
		return ERR(err, ERR_CORRUPT, "a record of too many documents");
	for (size_t i = 0; i < *ret_n; i++)
		name_document(&rows[i], &ret[i]);
	return true;
}

bool
open_mark_erased(
    struct opening *o, struct shown_record *shown, struct err *err)
{
	struct document_row rows[DOCUMENT_PAGE_MAX];
	size_t n = 0;
	if (file_items(o) == 0)
		return true;
	if (!list(o, shown->id, rows, &n, err))
		return false;
	for (size_t i = 0; i < shown->n; i++) {
		struct shown_document *d = shown->values[i].document;
		if (d == NULL)
			continue;
		d->is_erased = true;
		for (size_t j = 0; j < n; j++)
			if (rows[j].name.id == d->id)
				d->is_erased = false;
	}
	return true;
}

/* ---- attaching ---- */

struct attaching {
	struct opening *o;
	struct record_row old;
	struct document_row row;
	struct document document;
	uint32_t chunks;
};

/* Both acts, since a document is made and the record corrected. */
static bool
decide_attach(struct attaching *a, const struct door_attach *ask,
    struct err *err)
{
	struct opening *o = a->o;
	if (!is_file_item(o, ask->item) ||
	    o->holding->items[ask->item].is_retired)
		return ERR(err, ERR_INPUT, "the item is none for files");
	o->question.items = ITEM_BIT(ask->item);
	if (!open_decide(o, ask->record, err) ||
	    !open_fetch(o, ask->record, 0, &a->old, err))
		return false;
	o->question.act = ACT_CORRECT; /* 秘匿 or not is known by now */
	return open_decide(o, ask->record, err);
}

static bool
check_file(struct attaching *a, const struct door_attach *ask, struct err *err)
{
	struct document_row rows[DOCUMENT_PAGE_MAX];
	size_t n = 0;
	if (!document_name(ask->name, &a->document.name, err))
		return false;
	if (ask->bytes.n == 0 || ask->bytes.n > DOOR_DOCUMENT_MAX_BYTES)
		return ERR(err, ERR_INPUT, "a file of 1 to %d bytes",
		    DOOR_DOCUMENT_MAX_BYTES);
	if (!list(a->o, ask->record, rows, &n, err))
		return false;
	return n < DOOR_DOCUMENTS_MAX ||
	       ERR(err, ERR_LIMIT, "the record has %d documents",
		   DOOR_DOCUMENTS_MAX);
}

/* The keeper's half of the key; the entry is durable then. */
static bool
make_document(struct attaching *a, uint8_t ret_key[RECORD_KEY_BYTES],
    uint64_t *ret_entry, struct err *err)
{
	struct opening *o = a->o;
	struct create_item item = {.id = a->row.name.id,
	    .version = a->row.name.version,
	    .class = RECORD_DOCUMENT,
	    .of = a->row.record};
	struct create_made made;
	struct create_ask ask = {.n = 1,
	    .items = &item,
	    .intent = door_message(o->visitor, o->intent, ACT_CREATE)};
	struct create_answer answer = {.made = &made};
	const struct keeper_asking asking = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_CREATE,
	    .ask = &ask,
	    .answer = &answer};
	enum answer code;
	if (!guard_ask(&asking, &code, err)) {
		door_keeper_refused(o->door, &o->question, code, o->refusal);
		return false;
	}
	if (answer.n != 1)
		return ERR(
		    err, ERR_CORRUPT, "the keeper answered with other keys");
	memcpy(ret_key, made.key, sizeof(made.key));
	memcpy(a->row.wrap, made.wrap, sizeof(made.wrap));
	mem_wipe(&made, sizeof(made));
	*ret_entry = answer.entry;
	return true;
}

static bool
run_job(void *ctx,
    bool (*job)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	struct opening *o = ctx;
	return door_change(o->door, o->visitor->fiber, job, arg, err);
}

static bool
run_end(struct store_tx *tx, void *arg, struct err *err)
{
	const struct attaching *a = arg;
	return document_end(
	    tx, &a->row.name, a->document.bytes, a->chunks, err);
}

static bool
run_delete(struct store_tx *tx, void *arg, struct err *err)
{
	const struct record_name *name = arg;
	return document_delete(tx, name, err);
}

/* The record's new version, together with the end of the document. */
static bool
refer(struct attaching *a, unsigned item, struct written *ret, struct err *err)
{
	struct opening *o = a->o;
	struct slice values[HOLDING_ITEMS_MAX] = {{0}};
	struct buf value = buf_of(DOCUMENT_VALUE_MAX_BYTES);
	const struct open_along along = {.run = run_end, .arg = a};
	const struct door_write write = {.record = a->row.record,
	    .n = o->holding->n_items,
	    .values = values,
	    .items = ITEM_BIT(item)};
	document_write(&value, &a->document);
	bool ok = buf_finish(&value, &values[item], err) &&
		  open_correct(o, &a->old, &write, &along, ret, err);
	buf_close(&value);
	if (!ok) {
		struct err none = ERR_INIT;
		/* nothing refers to it: nobody opens what may stay */
		(void)!run_job(o, run_delete, &a->row.name, &none);
	}
	return ok;
}

static bool
attach(struct attaching *a, const struct door_attach *ask, struct attached *ret,
    struct err *err)
{
	struct opening *o = a->o;
	const struct document_writer writer = {.ctx = o, .run = run_job};
	struct written written = {0};
	uint8_t keeper[RECORD_KEY_BYTES], key[AEAD_KEY_BYTES];
	if (!decide_attach(a, ask, err) || !check_file(a, ask, err))
		return false;
	a->row = (struct document_row){.name = {.body = o->visitor->body,
					   .holding = o->holding->id,
					   .id = people_new_id(),
					   .version = 1},
	    .record = ask->record,
	    .item = ask->item,
	    .made_at = door_now(o->door)};
	a->document.id = ret->document = a->row.name.id;
	a->document.bytes = ask->bytes.n;
	a->document.type = ask->type;
	if (!make_document(a, keeper, &ret->entry, err))
		return false;
	random_fill(a->document.key, sizeof(a->document.key));
	document_key(keeper, a->document.key, key);
	mem_wipe(keeper, sizeof(keeper));
	bool ok = document_store(&writer, o->door->aead, key, &a->row,
	    ask->bytes, &a->chunks, err);
	mem_wipe(key, sizeof(key));
	ok = ok && refer(a, ask->item, &written, err);
	ret->version = written.version;
	return ok;
}

bool
door_attach(struct door *d, struct visitor *v, const struct door_attach *ask,
    struct attached *ret, struct decision *refusal, struct err *err)
{
	struct opening o = {
	    .door = d, .visitor = v, .refusal = refusal, .needs_all = true};
	struct attaching a = {.o = &o};
	*ret = (struct attached){0};
	if (!open_begin(&o, &ask->intent, ACT_CREATE, err))
		return false;
	bool ok = attach(&a, ask, ret, err);
	mem_wipe(&a.document, sizeof(a.document));
	open_end(&o);
	return ok;
}

/* ---- one document ---- */

/*
 * Row and record, decided for the item that it is the value of. Whether there
 * is such a document is told only to whom some document of the holding opens.
 */
static bool
find(struct opening *o, const struct door_document *ask,
    struct document_row *ret, struct record_row *ret_record, struct err *err)
{
	o->question.items = file_items(o);
	if (!open_decide(o, ask->record, err) ||
	    !document_fetch(o->door->reader, o->visitor->body, o->holding->id,
		ask->document, ret, err))
		return false;
	if (ret->record != ask->record || !is_file_item(o, ret->item))
		return ERR(err, ERR_NOT_FOUND, "no such document");
	o->question.items = ITEM_BIT(ret->item);
	return open_decide(o, ask->record, err) &&
	       open_fetch(o, ask->record, ask->version, ret_record, err);
}

/* The version of the record says what it is called and opens it. */
static bool
read_reference(struct opening *o, const struct document_row *row,
    const struct record_row *record, const uint8_t key[RECORD_KEY_BYTES],
    struct document *ret, struct err *err)
{
	struct slice values[HOLDING_ITEMS_MAX];
	if (!record_unseal(o->door->aead, key, &record->name, record->sealed,
		o->visitor->arena, values, o->holding->n_items, err))
		return false;
	struct slice value = values[row->item];
	if (value.n > 0 && !document_read(value, ret, err))
		return false;
	return (value.n > 0 && ret->id == row->name.id &&
		   ret->bytes == row->bytes) ||
	       ERR(err, ERR_NOT_FOUND, "the record does not hold it");
}

static bool
read_chunks(struct opening *o, const struct document_row *row,
    const uint8_t key[AEAD_KEY_BYTES], struct buf *to, struct err *err)
{
	size_t before = to->n;
	struct document_row now;
	for (uint32_t i = 0; i < row->chunks; i++) {
		if (i % CHUNKS_AT_ONCE == CHUNKS_AT_ONCE - 1)
			door_pause(o->door, o->visitor->fiber);
		if (document_chunk_open(
			o->door->reader, o->door->aead, key, row, i, to, err))
			continue;
		to->n = before;
		/* erased while it was read: the row is gone too */
		struct err gone = ERR_INIT;
		if (!document_fetch(o->door->reader, row->name.body,
			row->name.holding, row->name.id, &now, &gone) &&
		    err != NULL)
			*err = gone;
		return false;
	}
	return to->n - before == row->bytes ||
	       ERR(err, ERR_CORRUPT, "a document of another length");
}

static bool
open_document(struct opening *o, const struct door_document *ask,
    struct opened_document *ret, struct buf *to, struct err *err)
{
	struct document_row row;
	struct record_row record;
	struct document d;
	struct open_ask keys;
	struct open_answer answer;
	uint8_t key[AEAD_KEY_BYTES];
	if (!find(o, ask, &row, &record, err))
		return false;
	/* What is handed out leaves the screen: of a 秘匿 record, an output. */
	if (o->question.is_secret) {
		o->question.act = ACT_COPY;
		if (!open_decide(o, ask->record, err))
			return false;
	}
	keys.intent = door_message(o->visitor, o->intent, o->question.act);
	keys.n = 2;
	name_document(&row, &keys.records[0]);
	open_name(&record, &keys.records[1]);
	if (!open_keys(o, &keys, &answer, err))
		return false;
	bool ok =
	    read_reference(o, &row, &record, answer.keys[1], &d, err);
	if (ok) {
		document_key(answer.keys[0], d.key, key);
		ok = read_chunks(o, &row, key, to, err);
		mem_wipe(key, sizeof(key));
		mem_wipe(d.key, sizeof(d.key));
	}
	mem_wipe(answer.keys, 2 * sizeof(answer.keys[0]));
	if (!ok)
		return false;
	*ret = (struct opened_document){.document = {.id = d.id,
					    .bytes = d.bytes,
					    .type = d.type,
					    .name = d.name},
	    .entry = answer.entry,
	    .is_over = answer.is_over};
	return true;
}

bool
door_open_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct opened_document *ret,
    struct buf *to, struct decision *refusal, struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	if (!open_begin(&o, &ask->intent, ACT_VIEW, err))
		return false;
	bool ok = open_document(&o, ask, ret, to, err);
	open_end(&o);
	return ok;
}

/* ---- ending ---- */

bool
open_erase(struct opening *o, const struct message_record *records, size_t n,
    uint64_t *ret_entry, struct err *err)
{
	struct erase_ask ask;
	struct entry_answer answer;
	enum answer code;
	must(n > 0 && n <= MESSAGE_RECORDS_MAX);
	ask.intent = door_message(o->visitor, o->intent, ACT_ERASE);
	ask.n = n;
	memcpy(ask.records, records, n * sizeof(ask.records[0]));
	const struct keeper_asking a = {.channel = o->door->channel,
	    .fiber = o->visitor->fiber,
	    .type = MESSAGE_ERASE,
	    .ask = &ask,
	    .answer = &answer};
	*ret_entry = 0;
	if (guard_ask(&a, &code, err)) {
		*ret_entry = answer.entry;
		return true;
	}
	if (code != ANSWER_ERASED) {
		door_keeper_refused(o->door, &o->question, code, o->refusal);
		return false;
	}
	/* Erased there and not here: a crash in between. It ends now. */
	if (n == 1)
		return true;
	bool ok = true;
	for (size_t i = n; ok && i-- > 0;) {
		uint64_t entry;
		ok = open_erase(o, &records[i], 1, &entry, err);
		if (entry != 0)
			*ret_entry = entry;
	}
	return ok;
}

static bool
erase_document(struct opening *o, const struct door_document *ask,
    struct written *ret, struct err *err)
{
	struct document_row row;
	struct record_row record;
	struct message_record ends;
	if (!find(o, ask, &row, &record, err))
		return false;
	name_document(&row, &ends);
	ret->record = ask->record;
	ret->version = record.name.version;
	return open_erase(o, &ends, 1, &ret->entry, err) &&
	       run_job(o, run_delete, &row.name, err);
}

bool
door_erase_document(struct door *d, struct visitor *v,
    const struct door_document *ask, struct written *ret,
    struct decision *refusal, struct err *err)
{
	struct opening o = {.door = d, .visitor = v, .refusal = refusal};
	*ret = (struct written){0};
	if (!open_begin(&o, &ask->intent, ACT_ERASE, err))
		return false;
	bool ok = erase_document(&o, ask, ret, err);
	open_end(&o);
	return ok;
}
