/* Long because: each kind's rule is read beside the others', in one place. */
/* Long because: every check that the table of rules names stands beside it. */
/*
 * Authority rows: PUT, and the one table that says who may put which row.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/totp.h"
#include "keeper/state.h"

/* One PUT under way. */
struct put {
	const struct put_ask *ask;
	const struct job *job;        /* what the worker found; may be NULL */
	struct authority_row row;     /* as asked, then as it will stand */
	struct session *session;      /* NULL: maintenance */
	const struct authority_appointment *capacity; /* NULL: none named */
	const struct roll_node *node; /* of the row's id; NULL: new */
	const struct authority_row *now;     /* that stands; NULL */
	const struct authority_row *pending; /* that waits; NULL */
	bool needs_second;
};

static bool
has_right(const struct put *p, enum right right)
{
	return p->capacity != NULL &&
	    (p->capacity->rights & RIGHT_BIT(right)) != 0;
}

static bool
covers(const struct put *p, uint64_t section)
{
	return p->capacity->section == 0 || p->capacity->section == section;
}

/* The right, and over this section. */
static enum answer
need(const struct put *p, enum right right, uint64_t section)
{
	return has_right(p, right) && covers(p, section) ? ANSWER_OK
							 : ANSWER_NO_RIGHT;
}

static enum answer
check_body(struct keeper *k, struct put *p)
{
	(void)k;
	return p->session == NULL ? ANSWER_OK : ANSWER_NO_RIGHT;
}

static enum answer
check_holding(struct keeper *k, struct put *p)
{
	(void)k;
	enum answer a = need(p, RIGHT_HOLDING, p->row.holding.section);
	/* It moves only by whoever may act for both sections. */
	if (a == ANSWER_OK && p->now != NULL)
		a = need(p, RIGHT_HOLDING, p->now->holding.section);
	return a;
}

/* Grants hang on it: another person, office or section is another row. */
static bool
is_same_post(const struct put *p)
{
	const struct authority_appointment *a = &p->row.appointment;
	const struct authority_appointment *b = &p->now->appointment;
	return a->person == b->person && a->section == b->section &&
	    a->organ == b->organ &&
	    slice_is_equal(authority_text_slice(&a->office),
		authority_text_slice(&b->office));
}

static enum answer
check_appointment(struct keeper *k, struct put *p)
{
	(void)k;
	if (p->now != NULL && !is_same_post(p))
		return ANSWER_BAD_ROW;
	if (p->session == NULL)
		return ANSWER_OK;
	if (!has_right(p, RIGHT_APPOINT))
		return ANSWER_NO_RIGHT;
	return p->row.appointment.person == p->session->person
	    ? ANSWER_SAME_PERSON
	    : ANSWER_OK;
}

/* What a grant is about never changes: another one is another row. */
static bool
is_same_grant(const struct put *p)
{
	const struct authority_grant *a = &p->row.grant;
	const struct authority_grant *b = &p->now->grant;
	return a->person == b->person && a->capacity == b->capacity &&
	    a->holding == b->holding && a->section == b->section &&
	    slice_is_equal(authority_text_slice(&a->office),
		authority_text_slice(&b->office));
}

/* By office; or to an appointment that is this person's. */
static bool
has_subject(const struct keeper *k, const struct put *p)
{
	const struct authority_grant *g = &p->row.grant;
	const struct authority_row *c = roll_find(k->roll,
	    AUTHORITY_APPOINTMENT, p->row.head.body, g->capacity);
	return g->person == 0 ||
	    (c != NULL && c->appointment.person == g->person);
}

static enum answer
check_grant(struct keeper *k, struct put *p)
{
	const struct authority_row *h = roll_find(k->roll, AUTHORITY_HOLDING,
	    p->row.head.body, p->row.grant.holding);
	if (h == NULL || !has_subject(k, p) ||
	    (p->now != NULL && !is_same_grant(p)))
		return ANSWER_BAD_ROW;
	return need(p, RIGHT_GRANT, h->holding.section);
}

/* For oneself as one acts, for a case, for a short time, to look only. */
static enum answer
check_emergency(struct keeper *k, struct put *p)
{
	const struct authority_grant *g = &p->row.grant;
	const struct authority_body *b = keeper_body(k, p->row.head.body);
	const uint32_t acts =
	    ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST) | ACT_BIT(ACT_VIEW);
	if (p->capacity == NULL)
		return ANSWER_NO_CAPACITY;
	if (p->now != NULL && !is_same_grant(p))
		return ANSWER_BAD_ROW;
	if (g->person != p->session->person ||
	    g->capacity != p->ask->capacity)
		return ANSWER_NO_RIGHT;
	if ((g->acts & ~acts) != 0 || p->ask->reference.n == 0 ||
	    roll_find(k->roll, AUTHORITY_HOLDING, p->row.head.body,
		g->holding) == NULL ||
	    p->row.head.until >
		k->now + (instant)b->emergency_hours * HOUR_US)
		return ANSWER_BAD_ROW;
	return ANSWER_OK;
}

/* Nothing is changed but that it ends sooner. */
static bool
is_only_ending(const struct put *p)
{
	return p->ask->password.n == 0 && p->ask->code_secret.n == 0 &&
	    p->row.head.from == p->now->head.from &&
	    p->row.head.until < p->now->head.until;
}

static size_t
characters(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool
is_new_password(const struct keeper *k, const struct put *p)
{
	return characters(p->ask->password) >=
	    keeper_body(k, p->row.head.body)->password_min;
}

/* A new code secret must be proved, and an old one is replaced by level 2. */
static enum answer
check_code(const struct keeper *k, const struct put *p)
{
	uint64_t step;
	if (p->ask->code_secret.n == 0)
		return ANSWER_OK;
	if (p->ask->code_secret.n != TOTP_SECRET_BYTES)
		return ANSWER_BAD_ROW;
	if (p->session != NULL && p->session->has_code &&
	    p->session->stepped_at == 0)
		return ANSWER_NEEDS_FACTOR;
	return totp_is_valid((const uint8_t *)p->ask->code_secret.p,
		   p->ask->code, k->now, &step)
	    ? ANSWER_OK
	    : ANSWER_BAD_PROOF;
}

static bool
is_own_credential(const struct put *p)
{
	return p->session != NULL && p->ask->capacity == 0;
}

static enum answer
check_own_credential(struct keeper *k, struct put *p)
{
	if (p->now == NULL || p->row.head.id != p->session->account ||
	    p->row.head.from != p->now->head.from ||
	    p->row.head.until != p->now->head.until)
		return ANSWER_NO_RIGHT;
	if (p->job == NULL || !p->job->has_check || !p->job->is_right)
		return ANSWER_BAD_PROOF;
	if (p->ask->password.n > 0 && !is_new_password(k, p))
		return ANSWER_BAD_ROW;
	if (p->session->must_change && p->ask->password.n == 0)
		return ANSWER_MUST_CHANGE;
	return check_code(k, p);
}

static enum answer
check_credential(struct keeper *k, struct put *p)
{
	if (p->now != NULL &&
	    p->now->credential.person != p->row.credential.person)
		return ANSWER_BAD_ROW;
	if (is_own_credential(p))
		return check_own_credential(k, p);
	if (p->session != NULL && !has_right(p, RIGHT_ACCOUNT))
		return ANSWER_NO_RIGHT;
	if (p->session != NULL && p->now != NULL && is_only_ending(p)) {
		/* what the server holds may be one that waits */
		p->row.credential.flags = p->now->credential.flags;
		return ANSWER_OK;
	}
	p->needs_second = true;
	if (p->ask->is_confirming)
		return ANSWER_OK;
	if (!is_new_password(k, p) || p->ask->code_secret.n != 0)
		return ANSWER_BAD_ROW;
	return ANSWER_OK;
}

static enum answer
check_permit(struct keeper *k, struct put *p)
{
	const struct authority_row *c = roll_find(k->roll,
	    AUTHORITY_CREDENTIAL, p->row.head.body, p->row.permit.account);
	if (c == NULL || (p->now != NULL &&
			     (p->now->permit.account != p->row.permit.account ||
				 p->now->permit.holding !=
				     p->row.permit.holding)))
		return ANSWER_BAD_ROW;
	if (!has_right(p, RIGHT_PERMIT))
		return ANSWER_NO_RIGHT;
	if (c->credential.person == p->session->person)
		return ANSWER_SAME_PERSON;
	p->needs_second =
	    keeper_body(k, p->row.head.body)->permits_needed == 2;
	if (!p->ask->is_confirming)
		return ANSWER_OK;
	/* The second person acts in another office. */
	const struct authority_row *first = roll_find(k->roll,
	    AUTHORITY_APPOINTMENT, p->row.head.body, p->row.head.made_in);
	return first != NULL &&
		!slice_is_equal(
		    authority_text_slice(&first->appointment.office),
		    authority_text_slice(&p->capacity->office))
	    ? ANSWER_OK
	    : ANSWER_SAME_PERSON;
}

static enum answer
check_terminal(struct keeper *k, struct put *p)
{
	(void)k;
	return has_right(p, RIGHT_OPERATE) ? ANSWER_OK : ANSWER_NO_RIGHT;
}

/* Whoever may correct 秘匿 records of the holding; a period lies ahead. */
static enum answer
check_secret(struct keeper *k, struct put *p)
{
	const struct authority_secret *s = &p->row.secret;
	const struct message_intent in = {
	    .session = p->ask->session,
	    .capacity = p->ask->capacity,
	    .holding = s->holding,
	    .act = ACT_CORRECT,
	};
	if ((p->now != NULL && p->now->secret.holding != s->holding) ||
	    (s->is_secret && s->until <= k->now))
		return ANSWER_BAD_ROW;
	return keeper_may(k, &in, true);
}

/* Oversight of the holding: its managers, those above them. */
static enum answer
need_oversight(struct keeper *k, const struct put *p, uint64_t holding)
{
	const struct authority_row *h = roll_find(k->roll, AUTHORITY_HOLDING,
	    p->row.head.body, holding);
	if (h == NULL)
		return ANSWER_BAD_ROW;
	enum answer a = need(p, RIGHT_GRANT, h->holding.section);
	return a == ANSWER_OK ? a
			      : need(p, RIGHT_OVERSEE, h->holding.section);
}

/* Asked for by whoever may put it out; confirmed by who oversees. */
static enum answer
check_release(struct keeper *k, struct put *p)
{
	const struct authority_release *r = &p->row.release;
	const struct message_intent in = {
	    .session = p->ask->session,
	    .capacity = p->ask->capacity,
	    .holding = r->holding,
	    .act = (enum act)r->act,
	};
	p->needs_second = true;
	if (p->now != NULL || p->row.head.until <= k->now ||
	    p->row.head.until > k->now + KEEPER_RELEASE_MAX_HOURS * HOUR_US)
		return ANSWER_BAD_ROW;
	if (p->ask->is_confirming)
		return need_oversight(k, p, r->holding);
	if (r->person != p->session->person)
		return ANSWER_NO_RIGHT;
	return keeper_may(k, &in, true);
}

/* Never one's own opening; once, and it stands. */
static enum answer
check_review(struct keeper *k, struct put *p)
{
	const struct authority_row *e = roll_find(k->roll,
	    AUTHORITY_EMERGENCY, p->row.head.body, p->row.head.id);
	if (p->capacity == NULL)
		return ANSWER_NO_CAPACITY;
	if (p->now != NULL || e == NULL ||
	    e->grant.holding != p->row.review.holding)
		return ANSWER_BAD_ROW;
	if (e->grant.person == p->session->person)
		return ANSWER_SAME_PERSON;
	if (need(p, RIGHT_EMERGENCY, 0) == ANSWER_OK)
		return ANSWER_OK;
	return need_oversight(k, p, e->grant.holding);
}

/*
 * Who may put which row. `check` looks at the right and the row, and says
 * whether a second person is needed.
 */
static const struct put_rule {
	enum answer (*check)(struct keeper *k, struct put *p);
	bool in_maintenance; /* also without a session, then */
} rules[] = {
    [AUTHORITY_BODY] = {check_body, true},
    [AUTHORITY_HOLDING] = {check_holding, false},
    [AUTHORITY_APPOINTMENT] = {check_appointment, true},
    [AUTHORITY_GRANT] = {check_grant, false},
    [AUTHORITY_EMERGENCY] = {check_emergency, false},
    [AUTHORITY_CREDENTIAL] = {check_credential, true},
    [AUTHORITY_PERMIT] = {check_permit, false},
    [AUTHORITY_TERMINAL] = {check_terminal, false},
    [AUTHORITY_SECRET] = {check_secret, false},
    [AUTHORITY_RELEASE] = {check_release, false},
    [AUTHORITY_REVIEW] = {check_review, false},
};
_Static_assert(sizeof(rules) / sizeof(rules[0]) == AUTHORITY_KINDS_END,
    "each kind has its rule");

/* Session and capacity; the same for every kind. */
static enum answer
find_who(struct keeper *k, struct put *p)
{
	const struct put_rule *rule = &rules[p->row.head.kind];
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
			memcpy(secret.hash, p->job->made, sizeof(secret.hash));
	}
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
	else if (is_own_credential(p))
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

/* Frame, entry, set: all three or none. */
static enum answer
make_row(struct keeper *k, const struct put *p, struct buf *out)
{
	uint8_t set[HASH_BYTES];
	uint64_t count, index;
	struct err err;
	struct put_answer to = {0};
	if (!roll_stage(k->roll, &p->row, ledger_next(k->ledger), set, &count,
		&err))
		return err.code == ERR_FULL ? ANSWER_FULL : ANSWER_BUSY;
	buf_reset(&k->scratch);
	authority_row_write(&k->scratch, &p->row);
	must(buf_finish(&k->scratch, &to.stored.row, NULL));
	struct entry e = {
	    .body = p->row.head.body,
	    .at = k->now,
	    .verb = p->ask->is_confirming ? SLICE("authority.confirm")
					  : SLICE("authority.put"),
	    .session = p->session,
	    .capacity = p->ask->capacity,
	    .reference = p->ask->reference,
	    .kind = authority_kind_name(p->row.head.kind),
	    .row_id = p->row.head.id,
	    .row_version = p->row.head.version,
	    .is_pending = (p->row.head.flags & AUTHORITY_PENDING) != 0,
	    .is_maintenance = p->session == NULL,
	    .set = set,
	    .set_count = count,
	};
	/* A credential's bytes stay out of what is kept for years. */
	if (p->row.head.kind != AUTHORITY_CREDENTIAL)
		e.row = to.stored.row;
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

static enum answer
finish(struct keeper *k, struct put *p, struct buf *out)
{
	const struct authority_head *h = &p->row.head;
	enum answer a = find_who(k, p);
	p->node = roll_node(k->roll, h->kind, h->body, h->id);
	if (p->node != NULL && p->node->now != NULL)
		p->now = &p->node->now->row;
	if (p->node != NULL && p->node->pending != NULL)
		p->pending = &p->node->pending->row;
	if (a == ANSWER_OK)
		a = rules[h->kind].check(k, p);
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
