/* Authority rows: PUT, from who asks to the row that stands. */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "keeper/put.h"

/* Session and capacity; the same for every kind. */
static enum answer
find_who(struct keeper *k, struct put *p)
{
	const struct put_rule *rule = &put_rules[p->row.head.kind];
	if (session_id_is_none(&p->ask->session))
		return k->is_maintenance && rule->in_maintenance
		    ? ANSWER_OK
		    : ANSWER_NO_SESSION;
	p->session = keeper_session(k, &p->ask->session);
	if (p->session == NULL)
		return ANSWER_NO_SESSION;
	if (p->session->body != p->row.head.body)
		return ANSWER_NO_RIGHT;
	if (p->session->must_change &&
	    (p->row.head.kind != AUTHORITY_CREDENTIAL ||
		p->ask->capacity != 0))
		return ANSWER_MUST_CHANGE;
	if (p->ask->capacity == 0)
		return p->row.head.kind == AUTHORITY_CREDENTIAL
		    ? ANSWER_OK
		    : ANSWER_NO_CAPACITY;
	p->capacity = keeper_capacity(k, p->session, p->ask->capacity);
	return p->capacity != NULL ? ANSWER_OK : ANSWER_NO_CAPACITY;
}

/* The first putting makes the next version; the second keeps it. */
static enum answer
check_version(struct keeper *k, const struct put *p)
{
	uint32_t version = p->row.head.version;
	if (!p->ask->is_confirming)
		return version == (p->now == NULL ? 1
						  : p->now->head.version + 1)
		    ? ANSWER_OK
		    : ANSWER_STALE;
	if (p->pending == NULL || version != p->pending->head.version)
		return ANSWER_STALE;
	struct slice s;
	buf_reset(&k->scratch);
	authority_row_write(&k->scratch, p->pending);
	must(buf_finish(&k->scratch, &s, NULL));
	return slice_is_equal(s, p->ask->row) ? ANSWER_OK : ANSWER_STALE;
}

static enum answer
find_second(const struct put *p)
{
	if (!p->ask->is_confirming)
		return ANSWER_OK;
	if (!p->needs_second || p->session == NULL)
		return ANSWER_BAD_ROW;
	return p->pending->head.made_by == p->session->person
	    ? ANSWER_SAME_PERSON
	    : ANSWER_OK;
}

/* The one that stood is remembered; one that was handed out is not. */
static void
replace_password(struct credential_secret *secret, const struct put *p)
{
	if (p->now != NULL && (p->now->credential.flags &
				  CREDENTIAL_MUST_CHANGE) == 0) {
		memmove(secret->past[1], secret->past[0],
		    (CREDENTIAL_PAST_MAX - 1) * PASSWORD_HASH_BYTES);
		memcpy(secret->past[0], secret->hash, sizeof(secret->hash));
		if (secret->n_past < CREDENTIAL_PAST_MAX)
			secret->n_past++;
	}
	memcpy(secret->hash, p->job->made, sizeof(secret->hash));
}

/* Password hash and code secret: new where given, else as they stand. */
static enum answer
fill_credential(struct keeper *k, struct put *p)
{
	struct credential_secret secret = {0};
	struct authority_credential *c = &p->row.credential;
	enum answer a = ANSWER_OK;
	if (p->ask->is_confirming)
		return ANSWER_OK;
	if (p->now != NULL &&
	    !credential_unseal(k, &p->now->credential, p->row.head.body,
		&secret))
		a = ANSWER_FORGED;
	if (p->ask->password.n > 0) {
		if (p->job == NULL || !p->job->is_made)
			a = ANSWER_BUSY;
		else
			replace_password(&secret, p);
	}
	c->set_at = p->ask->password.n > 0 || p->now == NULL
	    ? k->now : p->now->credential.set_at;
	/* A password reset by others ends the code too: it may be lost. */
	if (p->needs_second || (p->session == NULL &&
				   (c->flags & CREDENTIAL_HAS_CODE) == 0))
		secret.has_code = false;
	if (p->ask->code_secret.n == sizeof(secret.code)) {
		memcpy(secret.code, p->ask->code_secret.p,
		    sizeof(secret.code));
		secret.has_code = true;
	}
	if (p->needs_second)
		c->flags = CREDENTIAL_MUST_CHANGE;
	else if (put_is_own_credential(p))
		c->flags = 0;
	c->flags &= (uint16_t)~CREDENTIAL_HAS_CODE;
	if (secret.has_code)
		c->flags |= CREDENTIAL_HAS_CODE;
	if (a == ANSWER_OK)
		credential_seal(k, &secret, p->row.head.body, c);
	mem_wipe(&secret, sizeof(secret));
	return a;
}

static void
fill_head(struct put *p)
{
	struct authority_head *h = &p->row.head;
	if (p->ask->is_confirming) {
		h->confirmed_by = p->session->person;
		h->confirmed_in = p->ask->capacity;
		h->flags &= (uint16_t)~AUTHORITY_PENDING;
		return;
	}
	h->made_by = p->session == NULL ? 0 : p->session->person;
	h->made_in = p->session == NULL ? 0 : p->ask->capacity;
	h->confirmed_by = 0;
	h->confirmed_in = 0;
	h->flags = p->session == NULL ? AUTHORITY_MAINTENANCE
	    : p->needs_second         ? AUTHORITY_PENDING
				      : 0;
}

/* Keys exist before the row does; one too many harms nobody. */
static enum answer
make_keys(struct keeper *k, const struct put *p)
{
	struct err err;
	uint64_t body = p->row.head.body;
	bool ok = true;
	if (p->row.head.kind == AUTHORITY_BODY)
		ok = keys_make_body(k->keys, body, &err);
	else if (!keys_has_body(k->keys, body))
		return ANSWER_BAD_ROW;
	else if (p->row.head.kind == AUTHORITY_HOLDING)
		ok = keys_make_holding(k->keys, body, p->row.head.id, &err);
	return ok                     ? ANSWER_OK
	    : err.code == ERR_FULL ? ANSWER_FULL
				   : ANSWER_BUSY;
}

struct entry
put_entry(struct keeper *k, const struct authority_row *row,
    struct slice encoded, const struct roll_set *set)
{
	return (struct entry){
	    .body = row->head.body,
	    .at = k->now,
	    .kind = authority_kind_name(row->head.kind),
	    .row_id = row->head.id,
	    .row_version = row->head.version,
	    .row = encoded,
	    .is_pending = (row->head.flags & AUTHORITY_PENDING) != 0,
	    .set = set->digest,
	    .set_count = set->count,
	};
}

/* Frame, entry, set: all three or none. */
static enum answer
make_row(struct keeper *k, const struct put *p, struct buf *out)
{
	struct roll_set set;
	uint64_t index;
	struct err err;
	struct put_answer to = {0};
	if (!roll_stage(k->roll, &p->row, logs_next(k->logs), set.digest,
		&set.count, &err))
		return err.code == ERR_FULL ? ANSWER_FULL : ANSWER_BUSY;
	buf_reset(&k->scratch);
	authority_row_write(&k->scratch, &p->row);
	must(buf_finish(&k->scratch, &to.stored.row, NULL));
	struct entry e = put_entry(k, &p->row, to.stored.row, &set);
	e.verb = p->ask->is_confirming ? SLICE("authority.confirm")
				       : SLICE("authority.put");
	e.session = p->session;
	e.capacity = p->ask->capacity;
	e.reference = p->ask->reference;
	e.is_maintenance = p->session == NULL;
	if (p->row.head.kind == AUTHORITY_GRANT)
		e.ground = authority_text_slice(&p->row.grant.ground);
	/* A credential's bytes stay out of what is kept for years. */
	if (p->row.head.kind == AUTHORITY_CREDENTIAL)
		e.row = SLICE_NONE;
	enum answer a = keeper_enter(k, &e, &index);
	if (a != ANSWER_OK) {
		roll_reject(k->roll);
		return a;
	}
	const struct roll_row *row = roll_accept(k->roll);
	must(row->entry == index);
	k->has_put = true;
	to.stored.entry = index;
	memcpy(to.stored.mac, row->mac, sizeof(to.stored.mac));
	to.is_pending = e.is_pending;
	put_answer_write(out, &to);
	return ANSWER_OK;
}

/* Other sessions were begun with the old proof. */
static void
end_old_proofs(struct keeper *k, const struct put *p)
{
	uint64_t body = p->row.head.body, account = p->row.head.id;
	if (p->session == NULL || p->session->account != account) {
		session_end_account(k->sessions, body, account, NULL);
		return;
	}
	session_end_account(k->sessions, body, account, p->session);
	p->session->must_change = false;
	p->session->has_code =
	    (p->row.credential.flags & CREDENTIAL_HAS_CODE) != 0;
}

void
put_find_node(const struct keeper *k, struct put *p)
{
	const struct authority_head *h = &p->row.head;
	p->node = roll_node(k->roll, h->kind, h->body, h->id);
	if (p->node != NULL && p->node->now != NULL)
		p->now = &p->node->now->row;
	if (p->node != NULL && p->node->pending != NULL)
		p->pending = &p->node->pending->row;
}

static enum answer
finish(struct keeper *k, struct put *p, struct buf *out)
{
	const struct authority_head *h = &p->row.head;
	enum answer a = find_who(k, p);
	put_find_node(k, p);
	if (a == ANSWER_OK)
		a = put_rules[h->kind].check(k, p);
	if (p->session == NULL)
		p->needs_second = false;
	if (a == ANSWER_OK)
		a = check_version(k, p);
	if (a == ANSWER_OK)
		a = find_second(p);
	if (a == ANSWER_OK && h->kind == AUTHORITY_CREDENTIAL)
		a = fill_credential(k, p);
	if (a == ANSWER_OK)
		a = make_keys(k, p);
	if (a != ANSWER_OK)
		return keeper_refuse(k, p->session, NULL, p->ask->capacity, a);
	fill_head(p);
	bool is_standing = (h->flags & AUTHORITY_PENDING) == 0;
	a = make_row(k, p, out);
	if (a != ANSWER_OK || !is_standing)
		return a;
	if (h->kind == AUTHORITY_CREDENTIAL)
		end_old_proofs(k, p);
	/* As when it is stolen: whoever sits there is out. */
	if (h->kind == AUTHORITY_TERMINAL)
		session_end_terminal(k->sessions, h->body, h->id);
	return a;
}

_Static_assert((int)WORKER_PAST_MAX == CREDENTIAL_PAST_MAX + 1,
    "the present password, and all that a row remembers");

/* One's own new password is none of those that the body refuses again. */
static void
ask_past(struct keeper *k, const struct authority_row *now, uint64_t body,
    struct job *j)
{
	struct credential_secret secret = {0};
	const size_t most = keeper_body(k, body)->password_reuse;
	if (most > 0 && now != NULL &&
	    credential_unseal(k, &now->credential, body, &secret)) {
		memcpy(j->past[j->n_past++], secret.hash, sizeof(secret.hash));
		for (size_t i = 0; i < secret.n_past && i < most; i++)
			memcpy(j->past[j->n_past++], secret.past[i],
			    sizeof(secret.past[i]));
	}
	mem_wipe(&secret, sizeof(secret));
}

/* Passwords go to the worker first; everything is checked after it. */
static unsigned
send_to_worker(struct keeper *k, const struct request *rq,
    const struct put *p)
{
	const struct put_ask *ask = p->ask;
	struct credential_secret secret = {0};
	const struct authority_row *now = roll_find(k->roll,
	    AUTHORITY_CREDENTIAL, p->row.head.body, p->row.head.id);
	if (session_id_is_none(&ask->session)) {
		if (!k->is_maintenance)
			return ANSWER_NO_SESSION;
	} else {
		struct session *s = keeper_session(k, &ask->session);
		if (s == NULL)
			return ANSWER_NO_SESSION;
		const struct authority_body *b = keeper_body(k, s->body);
		/* nobody tries out another's password here */
		if (ask->old_password.n > 0 &&
		    (p->row.head.id != s->account ||
			p->row.head.body != s->body))
			return keeper_refuse(k, s, NULL, ask->capacity,
			    ANSWER_NO_RIGHT);
		if (ask->old_password.n > 0 &&
		    failures_must_wait(k->sessions, s->account, s->source,
			k->now, b->logon_failures,
			(instant)b->logon_delay_min * MINUTE_US))
			return ANSWER_SLOW_DOWN;
		if (ask->old_password.n > 0)
			failures_charge(k->sessions, s->account, s->source,
			    k->now);
	}
	struct job *j = worker_take(k->worker);
	if (j == NULL)
		return ANSWER_BUSY;
	j->channel = rq->channel;
	j->generation = rq->generation;
	j->type = rq->type;
	j->number = rq->number;
	memcpy(j->content, rq->content.p, rq->content.n);
	j->content_n = rq->content.n;
	j->has_check = ask->old_password.n > 0;
	if (j->has_check) {
		bool is_known = now != NULL &&
		    credential_unseal(k, &now->credential, p->row.head.body,
			&secret);
		memcpy(j->check_hash, is_known ? secret.hash : k->dummy_hash,
		    sizeof(j->check_hash));
		mem_wipe(&secret, sizeof(secret));
		j->check_at = (size_t)(ask->old_password.p - rq->content.p);
		j->check_n = ask->old_password.n;
	}
	j->has_make = ask->password.n > 0;
	if (j->has_make && j->has_check)
		ask_past(k, now, p->row.head.body, j);
	if (j->has_make) {
		j->make_at = (size_t)(ask->password.p - rq->content.p);
		j->make_n = ask->password.n;
	}
	worker_submit(k->worker, j);
	return ANSWER_LATER;
}

/* The hash that was checked must still be the one that stands. */
static bool
is_job_current(struct keeper *k, const struct put *p)
{
	struct credential_secret secret = {0};
	if (!p->job->has_check)
		return true;
	const struct authority_row *now = roll_find(k->roll,
	    AUTHORITY_CREDENTIAL, p->row.head.body, p->row.head.id);
	bool ok = now != NULL &&
	    credential_unseal(k, &now->credential, p->row.head.body,
		&secret) &&
	    memcmp(secret.hash, p->job->check_hash, sizeof(secret.hash)) == 0;
	mem_wipe(&secret, sizeof(secret));
	return ok;
}

unsigned
keeper_put(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct put_ask ask;
	struct put p = {.ask = &ask, .job = rq->job};
	if (!put_ask_read(rq->content, &ask) ||
	    !keeper_is_reference(ask.reference) ||
	    rq->content.n > WORKER_CONTENT_MAX)
		return ANSWER_BAD_MESSAGE;
	if (!authority_row_read(ask.row, &p.row))
		return ANSWER_BAD_ROW;
	if (rq->job == NULL && p.row.head.kind == AUTHORITY_CREDENTIAL &&
	    (ask.password.n > 0 || ask.old_password.n > 0))
		return send_to_worker(k, rq, &p);
	if (rq->job != NULL && !is_job_current(k, &p))
		return ANSWER_BAD_PROOF;
	unsigned a = finish(k, &p, out);
	if (a == ANSWER_OK && p.job != NULL && p.job->has_check &&
	    p.session != NULL)
		failures_clear(k->sessions, p.session->account,
		    p.session->source);
	return a;
}
