/*
 * The layouts of all messages: each function both writes and reads.
 */
#include "keeper/message.h"
#include "keeper/wire.h"

/* STATUS */

static void
none(struct wire *w, uint8_t *v)
{
	wire_u8(w, v);
}

static void
layout_status_ask(struct wire *w, struct status_ask *a)
{
	none(w, &a->none);
}

static void
layout_ready_ask(struct wire *w, struct ready_ask *a)
{
	none(w, &a->none);
}

static void
layout_checkpoint_ask(struct wire *w, struct checkpoint_ask *a)
{
	none(w, &a->none);
}

static void
layout_none_answer(struct wire *w, struct none_answer *a)
{
	none(w, &a->none);
}

static void
layout_status_answer(struct wire *w, struct status_answer *a)
{
	WIRE_ENUM(w, &a->state, KEEPER_REFUSING + 1);
	wire_bool(w, &a->is_maintenance);
	wire_bool(w, &a->is_full);
	wire_i64(w, &a->now);
	wire_u64(w, &a->entries);
	wire_u64(w, &a->rows);
	wire_u64(w, &a->records);
	wire_u32(w, &a->sessions);
	wire_text(w, &a->key, MESSAGE_NOTE_MAX_BYTES);
	wire_text(w, &a->key_before, MESSAGE_NOTE_MAX_BYTES);
	wire_text(w, &a->reason, sizeof(((struct err *)0)->text));
}

/* Sessions */

static void
session_id(struct wire *w, struct session_id *id)
{
	wire_bytes(w, id->p, sizeof(id->p));
}

static void
layout_logon_ask(struct wire *w, struct logon_ask *a)
{
	wire_u64(w, &a->body);
	wire_u64(w, &a->account);
	wire_u64(w, &a->source);
	wire_u64(w, &a->terminal);
	wire_text(w, &a->password, MESSAGE_PASSWORD_MAX_BYTES);
	wire_text(w, &a->code, MESSAGE_CODE_BYTES);
}

static void
layout_session_answer(struct wire *w, struct session_answer *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->body);
	wire_u64(w, &a->account);
	wire_u64(w, &a->person);
	wire_u64(w, &a->terminal);
	wire_u8(w, &a->level);
	wire_bool(w, &a->has_code);
	wire_bool(w, &a->must_change);
	wire_i64(w, &a->idle_until);
	wire_i64(w, &a->ends_at);
}

static void
layout_step_up_ask(struct wire *w, struct step_up_ask *a)
{
	session_id(w, &a->session);
	wire_text(w, &a->code, MESSAGE_CODE_BYTES);
}

static void
layout_touch_ask(struct wire *w, struct touch_ask *a)
{
	session_id(w, &a->session);
}

/* Records */

static void
intent(struct wire *w, struct message_intent *i)
{
	session_id(w, &i->session);
	wire_u64(w, &i->capacity);
	wire_u64(w, &i->holding);
	WIRE_ENUM(w, &i->act, ACTS_END);
	wire_text(w, &i->purpose, MESSAGE_PURPOSE_MAX_BYTES);
	wire_text(w, &i->reference, MESSAGE_CASE_MAX_BYTES);
}

static void
class_of(struct wire *w, enum record_class *class, uint64_t *of)
{
	WIRE_ENUM(w, class, RECORD_CLASSES);
	if (*class == RECORD_DOCUMENT)
		wire_u64(w, of);
	else if (wire_is_reading(w))
		*of = 0;
}

static void
record(struct wire *w, struct message_record *r)
{
	wire_u64(w, &r->id);
	wire_u32(w, &r->version);
	class_of(w, &r->class, &r->of);
	wire_bytes(w, r->wrap, sizeof(r->wrap));
}

static void
records(struct wire *w, size_t *n, struct message_record *r)
{
	size_t count = wire_count(w, n, MESSAGE_RECORDS_MAX);
	if (count == 0)
		w->is_bad = true;
	for (size_t i = 0; i < count; i++)
		record(w, &r[i]);
}

static void
layout_open_ask(struct wire *w, struct open_ask *a)
{
	intent(w, &a->intent);
	records(w, &a->n, a->records);
}

static void
layout_open_answer(struct wire *w, struct open_answer *a)
{
	wire_u64(w, &a->entry);
	wire_bool(w, &a->is_over);
	size_t n = wire_count(w, &a->n, MESSAGE_RECORDS_MAX);
	for (size_t i = 0; i < n; i++)
		wire_bytes(w, a->keys[i], RECORD_KEY_BYTES);
}

static void
layout_erase_ask(struct wire *w, struct erase_ask *a)
{
	intent(w, &a->intent);
	records(w, &a->n, a->records);
}

static void
layout_entry_answer(struct wire *w, struct entry_answer *a)
{
	wire_u64(w, &a->entry);
}

static void
layout_create_ask(struct wire *w, struct create_ask *a)
{
	intent(w, &a->intent);
	size_t n = wire_count(w, &a->n, MESSAGE_CREATE_MAX);
	if (n == 0)
		w->is_bad = true;
	for (size_t i = 0; i < n; i++) {
		wire_u64(w, &a->items[i].id);
		wire_u32(w, &a->items[i].version);
		class_of(w, &a->items[i].class, &a->items[i].of);
		if (a->intent.act == ACT_CORRECT)
			record(w, &a->items[i].old);
	}
}

static void
layout_create_answer(struct wire *w, struct create_answer *a)
{
	wire_u64(w, &a->entry);
	size_t n = wire_count(w, &a->n, MESSAGE_CREATE_MAX);
	for (size_t i = 0; i < n; i++) {
		wire_bytes(w, a->made[i].key, RECORD_KEY_BYTES);
		wire_bytes(w, a->made[i].wrap, WRAP_BYTES);
	}
}

static void
layout_tokens_ask(struct wire *w, struct tokens_ask *a)
{
	intent(w, &a->intent);
	size_t n = wire_count(w, &a->n, MESSAGE_TOKENS_MAX);
	if (n == 0)
		w->is_bad = true;
	for (size_t i = 0; i < n && !w->is_bad; i++) {
		wire_u16(w, &a->terms[i].item);
		wire_text(w, &a->terms[i].text, MESSAGE_TERM_MAX_BYTES);
	}
}

static void
layout_tokens_answer(struct wire *w, struct tokens_answer *a)
{
	wire_u64(w, &a->entry);
	wire_bool(w, &a->is_over);
	size_t n = wire_count(w, &a->n, MESSAGE_TOKENS_MAX);
	for (size_t i = 0; i < n && !w->is_bad; i++)
		wire_bytes(w, a->tokens[i].p, TOKEN_BYTES);
}

/* Other acts */

static void
layout_append_ask(struct wire *w, struct append_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->body);
	wire_u64(w, &a->capacity);
	wire_u64(w, &a->outbox);
	wire_text(w, &a->verb, MESSAGE_VERB_MAX_BYTES);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
	wire_u8(w, &a->retention);
	size_t n = wire_count(w, &a->n_subjects, MESSAGE_SUBJECTS_MAX);
	for (size_t i = 0; i < n; i++)
		wire_u64(w, &a->subjects[i]);
	wire_text(w, &a->detail, MESSAGE_DETAIL_MAX_BYTES);
}

/* Authority */

static void
stored(struct wire *w, struct authority_stored *s)
{
	wire_text(w, &s->row, AUTHORITY_ROW_MAX_BYTES);
	wire_u64(w, &s->entry);
	wire_bytes(w, s->mac, sizeof(s->mac));
}

static void
layout_authority_rows(struct wire *w, struct authority_rows *a)
{
	wire_bool(w, &a->has_more);
	size_t n = wire_count(w, &a->n, MESSAGE_ROWS_MAX);
	for (size_t i = 0; i < n && !w->is_bad; i++)
		stored(w, &a->rows[i]);
}

static void
layout_load_answer(struct wire *w, struct load_answer *a)
{
	size_t n = wire_count(w, &a->n, MESSAGE_ROWS_MAX);
	wire_bytes(w, a->verdicts, n);
}

static void
layout_ready_answer(struct wire *w, struct ready_answer *a)
{
	WIRE_ENUM(w, &a->state, KEEPER_REFUSING + 1);
	layout_authority_rows(w, &a->unstored);
}

static void
layout_put_ask(struct wire *w, struct put_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	wire_bool(w, &a->is_confirming);
	wire_text(w, &a->row, AUTHORITY_ROW_MAX_BYTES);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
	wire_text(w, &a->old_password, MESSAGE_PASSWORD_MAX_BYTES);
	wire_text(w, &a->password, MESSAGE_PASSWORD_MAX_BYTES);
	wire_text(w, &a->code_secret, 20);
	wire_text(w, &a->code, MESSAGE_CODE_BYTES);
}

static void
layout_put_answer(struct wire *w, struct put_answer *a)
{
	stored(w, &a->stored);
	wire_bool(w, &a->is_pending);
}

static void
layout_ack_ask(struct wire *w, struct ack_ask *a)
{
	size_t n = wire_count(w, &a->n, MESSAGE_ROWS_MAX);
	for (size_t i = 0; i < n; i++)
		wire_u64(w, &a->entries[i]);
}

static void
layout_change_ask(struct wire *w, struct change_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	wire_u64(w, &a->change);
	size_t n = wire_count(w, &a->n_parts, CHANGE_PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		wire_bytes(w, a->parts[i], sizeof(a->parts[i]));
	wire_u16(w, &a->part);
	if (n == 0 || a->part >= n)
		w->is_bad = true;
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
	n = wire_count(w, &a->n, CHANGE_ROWS_MAX);
	if (n == 0)
		w->is_bad = true;
	for (size_t i = 0; i < n && !w->is_bad; i++)
		wire_text(w, &a->rows[i], AUTHORITY_ROW_MAX_BYTES);
}

/* The ledger */

static void
layout_entry_ask(struct wire *w, struct entry_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	wire_u64(w, &a->index);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
}

static void
layout_proof_answer(struct wire *w, struct proof_answer *a)
{
	wire_u64(w, &a->entry);
	wire_u64(w, &a->index);
	wire_u64(w, &a->size);
	wire_text(w, &a->leaf, MESSAGE_ENTRY_MAX_BYTES + 256);
	wire_text(w, &a->key, 64);
	wire_text(w, &a->salt, 64);
	wire_text(w, &a->readable, MESSAGE_ENTRY_MAX_BYTES);
	size_t n = wire_count(w, &a->n, MESSAGE_PROOF_MAX);
	for (size_t i = 0; i < n; i++)
		wire_bytes(w, a->proof[i], sizeof(a->proof[i]));
	wire_text(w, &a->checkpoint, MESSAGE_NOTE_MAX_BYTES);
	wire_text(w, &a->log_key, MESSAGE_NOTE_MAX_BYTES);
}

static void
layout_feed_ask(struct wire *w, struct feed_ask *a)
{
	wire_u64(w, &a->from);
	wire_u16(w, &a->max);
	if (a->max == 0 || a->max > MESSAGE_FEED_MAX)
		w->is_bad = true;
}

static void
layout_feed_answer(struct wire *w, struct feed_answer *a)
{
	wire_u64(w, &a->next);
	size_t n = wire_count(w, &a->n, MESSAGE_FEED_MAX);
	for (size_t i = 0; i < n && !w->is_bad; i++) {
		wire_u64(w, &a->rows[i].index);
		wire_text(w, &a->rows[i].readable, MESSAGE_ENTRY_MAX_BYTES);
	}
}

static void
layout_checkpoint_answer(struct wire *w, struct checkpoint_answer *a)
{
	wire_text(w, &a->note, MESSAGE_NOTE_MAX_BYTES);
}

static void
layout_retire_ask(struct wire *w, struct retire_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	wire_u8(w, &a->retention);
	wire_u16(w, &a->month);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
}

static void
layout_export_ask(struct wire *w, struct export_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	WIRE_ENUM(w, &a->step, EXPORT_STEPS_END);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
}

static void
layout_export_answer(struct wire *w, struct export_answer *a)
{
	wire_u64(w, &a->entry);
	wire_u64(w, &a->asker);
	wire_u64(w, &a->confirmer);
	wire_i64(w, &a->until);
	wire_u64(w, &a->entries);
	wire_u64(w, &a->parts);
}

static void
layout_export_part_ask(struct wire *w, struct export_part_ask *a)
{
	session_id(w, &a->session);
	wire_u64(w, &a->capacity);
	wire_u64(w, &a->part);
	wire_u64(w, &a->item);
	wire_u64(w, &a->offset);
	wire_text(w, &a->reference, MESSAGE_CASE_MAX_BYTES);
}

static void
layout_export_part_answer(struct wire *w, struct export_part_answer *a)
{
	wire_text(w, &a->name, 64);
	wire_text(w, &a->bytes, UINT16_MAX);
	wire_bool(w, &a->is_whole);
	wire_bool(w, &a->has_more);
}

static void
layout_clock_ask(struct wire *w, struct clock_ask *a)
{
	wire_i64(w, &a->at);
}

/* The wire assigns nothing while it writes, so const may be cast away. */
#define LAYOUT(name)                                                           \
	void name##_write(struct buf *to, const struct name *a)                \
	{                                                                      \
		struct wire w = wire_writer(to);                               \
		layout_##name(&w, (struct name *)(uintptr_t)a);                \
		if (w.is_bad)                                                  \
			to->failed = true;                                     \
	}                                                                      \
	bool name##_read(struct slice s, struct name *ret)                     \
	{                                                                      \
		struct wire w = wire_reader(s);                                \
		layout_##name(&w, ret);                                        \
		return wire_is_done(&w);                                       \
	}                                                                      \
	_Static_assert(sizeof(struct name) > 0, "")

LAYOUT(status_ask);
LAYOUT(status_answer);
LAYOUT(logon_ask);
LAYOUT(session_answer);
LAYOUT(step_up_ask);
LAYOUT(touch_ask);
LAYOUT(open_ask);
LAYOUT(open_answer);
LAYOUT(erase_ask);
LAYOUT(entry_answer);
LAYOUT(create_ask);
LAYOUT(create_answer);
LAYOUT(tokens_ask);
LAYOUT(tokens_answer);
LAYOUT(append_ask);
LAYOUT(authority_rows);
LAYOUT(load_answer);
LAYOUT(ready_ask);
LAYOUT(ready_answer);
LAYOUT(put_ask);
LAYOUT(put_answer);
LAYOUT(ack_ask);
LAYOUT(change_ask);
LAYOUT(none_answer);
LAYOUT(entry_ask);
LAYOUT(proof_answer);
LAYOUT(feed_ask);
LAYOUT(feed_answer);
LAYOUT(checkpoint_ask);
LAYOUT(checkpoint_answer);
LAYOUT(retire_ask);
LAYOUT(clock_ask);
LAYOUT(export_ask);
LAYOUT(export_answer);
LAYOUT(export_part_ask);
LAYOUT(export_part_answer);
