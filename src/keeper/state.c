#include "keeper/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "keeper/table.h"

const struct authority_body *
keeper_body(const struct keeper *k, uint64_t body)
{
	static const struct authority_body strictest = {
	    .bulk_records = 1,
	    .bulk_window_min = 24 * 60,
	    .bulk_stop = true,
	    .permits_needed = 2,
	    .appointers_needed = 2,
	    .idle_min = 1,
	    .idle_high_min = 1,
	    .session_max_hours = 1,
	    .logon_failures = 1,
	    .logon_delay_min = 60,
	    .password_min = 64,
	};
	const struct authority_row *row =
	    roll_find(k->roll, AUTHORITY_BODY, body, body);
	return row == NULL ? &strictest : &row->body;
}

struct session *
keeper_session(struct keeper *k, const struct session_id *id)
{
	/* The longest any body may set; the session's own follows. */
	struct session *s = session_find(k->sessions, id, k->now, DAY_US);
	if (s == NULL)
		return NULL;
	const struct authority_body *b = keeper_body(k, s->body);
	if (k->now - s->seen_at >= (instant)b->idle_min * MINUTE_US) {
		session_end(k->sessions, s);
		return NULL;
	}
	if (k->now - s->seen_at >= (instant)b->idle_high_min * MINUTE_US)
		s->stepped_at = 0;
	s->seen_at = k->now;
	return s;
}

const struct authority_appointment *
keeper_capacity(const struct keeper *k, const struct session *s,
    uint64_t capacity)
{
	const struct authority_row *row =
	    roll_find(k->roll, AUTHORITY_APPOINTMENT, s->body, capacity);
	return row != NULL && row->appointment.person == s->person &&
		authority_is_in_force(row, k->now)
	    ? &row->appointment
	    : NULL;
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
keeper_is_reference(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!is_digit(c) && !is_lower(c) && !(c >= 'A' && c <= 'Z') &&
		    c != '/' && c != '.' && c != '-')
			return false;
	}
	return s.n <= MESSAGE_CASE_MAX_BYTES;
}

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!is_lower(c) && !is_digit(c) && c != '.' && c != '_' &&
		    c != '-')
			return false;
	}
	return s.n > 0;
}

bool
keeper_is_purpose(struct slice s)
{
	return is_name(s) && s.n <= MESSAGE_PURPOSE_MAX_BYTES;
}

bool
keeper_is_verb(struct slice s)
{
	return is_name(s) && is_lower(s.p[0]) &&
	    slice_find(s, '-') == s.n && s.n <= MESSAGE_VERB_MAX_BYTES;
}

enum answer
keeper_enter(struct keeper *k, const struct entry *e, uint64_t *ret_index)
{
	struct err err;
	if (entry_add(k->entries, e, ret_index, &err))
		return ANSWER_OK;
	/* The batch is full: a commit makes room. */
	if (err.code == ERR_BUSY && keeper_settle(k) &&
	    entry_add(k->entries, e, ret_index, &err))
		return ANSWER_OK;
	if (err.code == ERR_FULL) {
		k->is_full = true;
		return ANSWER_FULL;
	}
	return ANSWER_BUSY;
}

bool
keeper_settle(struct keeper *k)
{
	struct err err;
	/* The slots of new records, before their wraps go out. */
	slots_sync(k->slots);
	if (!ledger_commit(k->ledger, &err)) {
		k->has_lost = true;
		k->is_full = true;
		k->n_doomed = 0;
		outbox_drop(k->outbox, logs_end(k->logs));
		/*
		 * The roll holds a row whose entry is lost. The next start
		 * drops it; nothing was answered.
		 */
		if (k->has_put)
			abort();
		return false;
	}
	k->has_put = false;
	for (size_t i = 0; i < k->n_doomed; i++)
		slots_erase(k->slots, k->doomed[i]);
	k->n_doomed = 0;
	slots_sync(k->slots);
	return true;
}

enum answer
keeper_refuse(struct keeper *k, struct session *s,
    const struct message_intent *intent, uint64_t capacity, enum answer a)
{
	uint64_t index;
	if (s == NULL || a == ANSWER_FULL || a == ANSWER_BUSY ||
	    (s->refused_at != 0 && k->now - s->refused_at < SECOND_US))
		return a;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = SLICE("refused"),
	    .session = s,
	    .intent = intent,
	    .capacity = capacity,
	    .reason = slice_of(answer_name(a)),
	};
	if (keeper_enter(k, &e, &index) == ANSWER_OK)
		s->refused_at = k->now;
	return a;
}

/*
 * Credentials: sealed under a key of their own, bound to the account, so
 * that a row of the database tells nothing that could be guessed at.
 */
static struct slice
credential_ad(uint8_t ad[16], uint64_t body, uint64_t account)
{
	num_put_be64(ad, body);
	num_put_be64(ad + 8, account);
	return slice_bytes(ad, 16);
}

enum {
	CREDENTIAL_PAST_AT = PASSWORD_HASH_BYTES + 1 + 20,
	CREDENTIAL_PLAIN_BYTES = CREDENTIAL_PAST_AT + 1 +
	    PASSWORD_HASH_BYTES * CREDENTIAL_PAST_MAX
};
_Static_assert(CREDENTIAL_PLAIN_BYTES + AEAD_OVERHEAD ==
	CREDENTIAL_SEALED_BYTES,
    "a credential fits its place");

void
credential_seal(struct keeper *k, const struct credential_secret *c,
    uint64_t body, struct authority_credential *row)
{
	uint8_t ad[16], plain[CREDENTIAL_PLAIN_BYTES];
	memcpy(plain, c->hash, PASSWORD_HASH_BYTES);
	plain[PASSWORD_HASH_BYTES] = c->has_code ? 1 : 0;
	memcpy(plain + PASSWORD_HASH_BYTES + 1, c->code, sizeof(c->code));
	plain[CREDENTIAL_PAST_AT] = c->n_past;
	memcpy(plain + CREDENTIAL_PAST_AT + 1, c->past, sizeof(c->past));
	aead_seal(k->aead, k->credential_key,
	    credential_ad(ad, body, row->account),
	    slice_bytes(plain, sizeof(plain)), row->sealed);
	mem_wipe(plain, sizeof(plain));
}

bool
credential_unseal(struct keeper *k, const struct authority_credential *row,
    uint64_t body, struct credential_secret *ret)
{
	uint8_t ad[16], plain[CREDENTIAL_PLAIN_BYTES];
	struct err err;
	if (!aead_unseal(k->aead, k->credential_key,
		credential_ad(ad, body, row->account),
		slice_bytes(row->sealed, sizeof(row->sealed)), plain, &err))
		return false;
	memcpy(ret->hash, plain, PASSWORD_HASH_BYTES);
	ret->hash[PASSWORD_HASH_BYTES - 1] = '\0';
	ret->has_code = plain[PASSWORD_HASH_BYTES] == 1;
	memcpy(ret->code, plain + PASSWORD_HASH_BYTES + 1, sizeof(ret->code));
	ret->n_past = plain[CREDENTIAL_PAST_AT] < CREDENTIAL_PAST_MAX
	    ? plain[CREDENTIAL_PAST_AT] : CREDENTIAL_PAST_MAX;
	memcpy(ret->past, plain + CREDENTIAL_PAST_AT + 1, sizeof(ret->past));
	for (size_t i = 0; i < CREDENTIAL_PAST_MAX; i++)
		ret->past[i][PASSWORD_HASH_BYTES - 1] = '\0';
	mem_wipe(plain, sizeof(plain));
	return true;
}

/* The oldest makes room for the newest. */
struct outbox {
	struct table *rows;
	struct outbox_row {
		uint64_t body, row, entry;
		bool is_used;
	} ring[KEEPER_OUTBOX_MAX];
	size_t at;
	size_t recalled;
};

struct outbox *
outbox_open(void)
{
	struct outbox *o = mem_alloc(1, sizeof(*o));
	if (o == NULL)
		return NULL;
	o->rows = table_open();
	if (o->rows != NULL)
		return o;
	mem_free(o);
	return NULL;
}

void
outbox_close(struct outbox *o)
{
	if (o == NULL)
		return;
	table_close(o->rows);
	mem_free(o);
}

static struct table_key
outbox_key(uint64_t body, uint64_t row)
{
	return (struct table_key){body, row, 0};
}

bool
outbox_find(const struct outbox *o, uint64_t body, uint64_t row,
    uint64_t *ret_entry)
{
	const struct outbox_row *r =
	    table_find(o->rows, outbox_key(body, row));
	if (r != NULL)
		*ret_entry = r->entry;
	return r != NULL;
}

static void
outbox_forget(struct outbox *o, struct outbox_row *r)
{
	if (r->is_used)
		(void)table_remove(o->rows, outbox_key(r->body, r->row));
	*r = (struct outbox_row){0};
}

bool
outbox_add(struct outbox *o, uint64_t body, uint64_t row, uint64_t entry)
{
	struct outbox_row *r = &o->ring[o->at];
	outbox_forget(o, r);
	*r = (struct outbox_row){body, row, entry, true};
	if (!table_put(o->rows, outbox_key(body, row), r)) {
		r->is_used = false;
		return false;
	}
	o->at = (o->at + 1) % KEEPER_OUTBOX_MAX;
	return true;
}

/* From the far end of the ring, which comes round last. */
bool
outbox_recall(struct outbox *o, uint64_t body, uint64_t row, uint64_t entry)
{
	if (o->recalled == KEEPER_OUTBOX_MAX)
		return true;
	struct outbox_row *r = &o->ring[KEEPER_OUTBOX_MAX - ++o->recalled];
	*r = (struct outbox_row){body, row, entry, true};
	return table_put(o->rows, outbox_key(body, row), r);
}

void
outbox_drop(struct outbox *o, uint64_t size)
{
	for (size_t i = 0; i < KEEPER_OUTBOX_MAX; i++)
		if (o->ring[i].is_used && o->ring[i].entry >= size)
			outbox_forget(o, &o->ring[i]);
}

bool
keeper_note_set(struct keeper *k, const char *verb)
{
	uint8_t set[HASH_BYTES];
	uint64_t index;
	roll_digest(k->roll, set);
	struct entry e = {
	    .at = k->now,
	    .verb = slice_of(verb),
	    .set = set,
	    .set_count = roll_count(k->roll),
	    .is_maintenance = k->is_maintenance,
	};
	return keeper_enter(k, &e, &index) == ANSWER_OK;
}

bool
keeper_sign(struct keeper *k)
{
	struct ledger_state s;
	struct err err;
	ledger_state(k->ledger, &s);
	if (s.is_signed && s.signed_size == s.size)
		return true;
	if (ledger_checkpoint(k->ledger, k->signer, k->now, &err))
		return true;
	k->is_full = k->is_full || err.code == ERR_FULL;
	return false;
}
