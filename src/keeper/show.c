/*
 * The ledger from outside: APPEND, ENTRY, FEED, CHECKPOINT, RETIRE; STATUS
 * and CLOCK.
 */
#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "keeper/canon.h"
#include "keeper/state.h"

unsigned
keeper_status(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct status_ask ask;
	struct ledger_state l;
	if (!status_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	struct status_answer to = {
	    .state = k->state,
	    .is_maintenance = k->is_maintenance,
	    .is_full = k->is_full,
	    .now = k->now,
	    .key = slice_of(k->log_key),
	    .reason = slice_of(k->reason.text),
	};
	/* A keeper that refuses may have come to none of these. */
	if (k->ledger != NULL) {
		ledger_state(k->ledger, &l);
		to.entries = l.size + l.added;
		to.key_before = slice_of(logs_key_before(k->logs));
		to.is_full = to.is_full || l.is_reserve_spent;
	}
	if (k->roll != NULL)
		to.rows = roll_count(k->roll);
	if (k->slots != NULL)
		to.records = slots_count(k->slots);
	if (k->sessions != NULL)
		to.sessions = (uint32_t)sessions_count(k->sessions);
	status_answer_write(out, &to);
	return ANSWER_OK;
}

/* Only the keeper itself writes these. */
static bool
is_own_verb(struct slice verb)
{
	static const struct slice own[] = {{"record.", 7}, {"document.", 9},
	    {"token.", 6}, {"session.", 8}, {"authority.", 10}, {"entry.", 6},
	    {"keeper.", 7}, {"refused", 7}};
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (slice_has_prefix(verb, own[i]))
			return true;
	return false;
}

unsigned
keeper_append(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct append_ask ask;
	struct entry_answer to;
	struct session *s = NULL;
	if (!append_ask_read(rq->content, &ask) ||
	    !keeper_is_verb(ask.verb) || is_own_verb(ask.verb) ||
	    !keeper_is_reference(ask.reference) || ask.retention > 15 ||
	    (ask.detail.n > 0 && !canon_is_object(ask.detail)))
		return ANSWER_BAD_MESSAGE;
	if (!session_id_is_none(&ask.session)) {
		s = keeper_session(k, &ask.session);
		if (s == NULL)
			return ANSWER_NO_SESSION;
		if (ask.body != 0 && ask.body != s->body)
			return ANSWER_NO_RIGHT;
		ask.body = s->body;
		if (ask.capacity != 0 &&
		    keeper_capacity(k, s, ask.capacity) == NULL)
			return ANSWER_NO_CAPACITY;
	} else if (ask.body != 0 && !keys_has_body(k->keys, ask.body)) {
		return ANSWER_NOT_FOUND;
	}
	if (ask.outbox == 0 ||
	    !outbox_find(k->outbox, ask.body, ask.outbox, &to.entry)) {
		struct entry e = {
		    .body = ask.body,
		    .retention = ask.retention,
		    .at = k->now,
		    .verb = ask.verb,
		    .session = s,
		    .capacity = ask.capacity,
		    .reference = ask.reference,
		    .outbox = ask.outbox,
		    .detail = ask.detail,
		    .n_subjects = ask.n_subjects,
		    .subjects = ask.subjects,
		};
		enum answer a = keeper_enter(k, &e, &to.entry);
		if (a != ANSWER_OK)
			return a;
		/* Entered already: forgetting it would enter it twice. */
		if (ask.outbox != 0)
			must(outbox_add(k->outbox, ask.body, ask.outbox,
			    to.entry));
	}
	entry_answer_write(out, &to);
	return ANSWER_OK;
}

static bool
is_right(const struct keeper *k, const struct session *s, uint64_t capacity,
    enum right right)
{
	const struct authority_appointment *c =
	    keeper_capacity(k, s, capacity);
	return c != NULL && (c->rights & RIGHT_BIT(right)) != 0;
}

/*
 * What somebody gave as a reason ("emergency.reason", "release.reason") is
 * read by who has to judge it: whoever oversees the holding that it names
 * first, and for emergencies the head of protection.
 */
static bool
judges(const struct keeper *k, const struct session *s, uint64_t capacity,
    struct slice readable)
{
	const struct authority_appointment *c =
	    keeper_capacity(k, s, capacity);
	const uint32_t over = RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE);
	struct slice verb, subjects;
	uint64_t holding;
	if (c == NULL || !canon_get(readable, "verb", &verb) ||
	    !canon_get(readable, "subjects", &subjects) || subjects.n < 20 ||
	    !num_read_hex((struct slice){subjects.p + 2, 16}, &holding))
		return false;
	bool is_emergency = slice_is(verb, "emergency.reason") ||
	    slice_is(verb, "emergency.remarks");
	if (!is_emergency && !slice_is(verb, "release.reason"))
		return false;
	if (is_emergency && c->section == 0 &&
	    (c->rights & RIGHT_BIT(RIGHT_EMERGENCY)) != 0)
		return true;
	const struct authority_row *h =
	    roll_find(k->roll, AUTHORITY_HOLDING, s->body, holding);
	return h != NULL && (c->rights & over) != 0 &&
	    (c->section == 0 || c->section == h->holding.section);
}

/* An auditor reads the entries of the body, and the system's. */
unsigned
keeper_entry(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct entry_ask ask;
	struct entry_read r;
	struct tree_proof proof;
	struct ledger_state state;
	struct proof_answer to = {0};
	const char *log_key;
	struct err err;
	if (!entry_ask_read(rq->content, &ask) ||
	    !keeper_is_reference(ask.reference))
		return ANSWER_BAD_MESSAGE;
	struct session *s = keeper_session(k, &ask.session);
	if (s == NULL)
		return ANSWER_NO_SESSION;
	if (s->must_change)
		return ANSWER_MUST_CHANGE;
	bool is_auditor = is_right(k, s, ask.capacity, RIGHT_AUDIT);
	if (!is_auditor &&
	    (!entry_read(k->entries, ask.index, &r, &err) ||
		r.body != s->body ||
		!judges(k, s, ask.capacity, r.readable)))
		return keeper_refuse(k, s, NULL, ask.capacity,
		    ANSWER_NO_RIGHT);
	struct ledger *log = logs_find(k->logs, ask.index, &to.index,
	    &log_key);
	if (log == NULL)
		return ANSWER_NOT_FOUND;
	ledger_state(log, &state);
	/* what an earlier log's end left unsigned nobody signs any more */
	if (to.index >= state.signed_size &&
	    (log != k->ledger || !keeper_sign(k)))
		return log == k->ledger ? ANSWER_FULL : ANSWER_NOT_FOUND;
	ledger_state(log, &state);
	to.entry = logs_next(k->logs);
	to.checkpoint = ledger_signed(log);
	to.log_key = slice_of(log_key);
	if (!ledger_prove_inclusion(log, to.index, state.signed_size,
		&proof, &err) ||
	    !entry_read(k->entries, ask.index, &r, &err))
		return err.code == ERR_NOT_FOUND ? ANSWER_NOT_FOUND
						 : ANSWER_FORGED;
	if (r.body != 0 && r.body != s->body)
		return ANSWER_NOT_FOUND;
	/* Written out before the next entry takes the room of this one. */
	to.size = state.signed_size;
	to.leaf = r.leaf;
	to.key = slice_bytes(r.key, sizeof(r.key));
	to.salt = r.salt;
	to.readable = r.readable;
	to.n = proof.n <= MESSAGE_PROOF_MAX ? proof.n : MESSAGE_PROOF_MAX;
	memcpy(to.proof, proof.hash, to.n * sizeof(to.proof[0]));
	size_t before = out->n;
	proof_answer_write(out, &to);
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = SLICE("entry.show"),
	    .session = s,
	    .capacity = ask.capacity,
	    .reference = ask.reference,
	    .shown = ask.index + 1,
	};
	uint64_t index;
	enum answer a = keeper_enter(k, &e, &index);
	must(a != ANSWER_OK || index == to.entry);
	if (a != ANSWER_OK && !out->failed)
		out->n = before;
	return a;
}

/* Everything but detail, in order. */
static void
redact(struct slice readable, struct buf *to)
{
	struct slice key, value;
	bool is_first = true;
	buf_add_byte(to, '{');
	while (canon_next(&readable, &key, &value)) {
		if (slice_is(key, "detail"))
			continue;
		buf_add_str(to, is_first ? "\"" : ",\"");
		buf_add(to, key);
		buf_add_str(to, "\":");
		buf_add(to, value);
		is_first = false;
	}
	buf_add_byte(to, '}');
}

unsigned
keeper_feed(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct feed_ask ask;
	struct feed_answer to;
	struct err err;
	size_t ends[MESSAGE_FEED_MAX];
	if (!feed_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	uint64_t end = logs_end(k->logs);
	to.n = 0;
	to.next = ask.from < end ? logs_skip(k->logs, ask.from) : ask.from;
	buf_reset(&k->scratch);
	while (to.n < ask.max && to.next < end) {
		struct entry_read r;
		if (entry_read(k->entries, to.next, &r, &err)) {
			if (k->scratch.n + r.readable.n + to.n * 16 >
			    MESSAGE_MAX_BYTES - 1024)
				break;
			redact(r.readable, &k->scratch);
		} else if (err.code != ERR_NOT_FOUND) {
			return ANSWER_FORGED;
		}
		to.rows[to.n].index = to.next;
		to.next = logs_skip(k->logs, to.next + 1);
		ends[to.n++] = k->scratch.n;
	}
	if (k->scratch.failed)
		return ANSWER_BUSY;
	for (size_t i = 0; i < to.n; i++) {
		size_t from = i == 0 ? 0 : ends[i - 1];
		to.rows[i].readable = (struct slice){
		    k->scratch.p == NULL ? NULL : k->scratch.p + from,
		    ends[i] - from};
	}
	feed_answer_write(out, &to);
	return ANSWER_OK;
}

unsigned
keeper_checkpoint(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct checkpoint_ask ask;
	struct checkpoint_answer to;
	if (!checkpoint_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	if (!keeper_sign(k))
		return ANSWER_FULL;
	to.note = ledger_signed(k->ledger);
	checkpoint_answer_write(out, &to);
	return ANSWER_OK;
}

/*
 * The entry first, then the key: a crash between leaves an entry that says
 * what may be asked for again.
 */
unsigned
keeper_retire(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct retire_ask ask;
	struct entry_answer to;
	struct err err;
	if (!retire_ask_read(rq->content, &ask) ||
	    !keeper_is_reference(ask.reference) ||
	    ask.month >= entry_month(k->now))
		return ANSWER_BAD_MESSAGE;
	struct session *s = keeper_session(k, &ask.session);
	if (s == NULL)
		return ANSWER_NO_SESSION;
	const struct authority_appointment *c =
	    keeper_capacity(k, s, ask.capacity);
	if (s->must_change || c == NULL || c->section != 0 ||
	    (c->rights & RIGHT_BIT(RIGHT_OPERATE)) == 0)
		return keeper_refuse(k, s, NULL, ask.capacity,
		    ANSWER_NO_RIGHT);
	if (keys_epoch(k->keys, s->body, ask.retention, ask.month, true,
		&err) == NULL)
		return ANSWER_NOT_FOUND;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = SLICE("entry.retire"),
	    .session = s,
	    .capacity = ask.capacity,
	    .reference = ask.reference,
	    .count = (uint64_t)ask.retention + 1,
	    .month = (uint64_t)ask.month + 1,
	};
	enum answer a = keeper_enter(k, &e, &to.entry);
	if (a != ANSWER_OK)
		return a;
	if (!keeper_settle(k))
		return ANSWER_FULL;
	if (!keys_forget_epoch(k->keys, s->body, ask.retention, ask.month,
		&err))
		return err.code == ERR_FULL ? ANSWER_FULL : ANSWER_BUSY;
	entry_answer_write(out, &to);
	return ANSWER_OK;
}

unsigned
keeper_clock(struct keeper *k, const struct request *rq, struct buf *out)
{
	static const struct none_answer to;
	struct clock_ask ask;
	if (!k->is_scripted || !clock_ask_read(rq->content, &ask) ||
	    ask.at <= 0)
		return ANSWER_BAD_MESSAGE;
	clock_set(&k->clock, ask.at);
	k->now = clock_now(&k->clock);
	none_answer_write(out, &to);
	return ANSWER_OK;
}
