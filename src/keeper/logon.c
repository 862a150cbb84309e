/*
 * Sessions: LOGON, STEP_UP, TOUCH, LOGOFF.
 */
#include <string.h>

#include "base/mem.h"
#include "crypto/totp.h"
#include "keeper/state.h"

static const struct authority_row *
find_credential(const struct keeper *k, uint64_t body, uint64_t account)
{
	const struct authority_row *row =
	    roll_find(k->roll, AUTHORITY_CREDENTIAL, body, account);
	return row != NULL && authority_is_in_force(row, k->now) ? row : NULL;
}

static instant
delay_of(const struct authority_body *b)
{
	return (instant)b->logon_delay_min * MINUTE_US;
}

static void
answer_session(const struct keeper *k, const struct session *s,
    struct buf *out)
{
	const struct authority_body *b = keeper_body(k, s->body);
	struct session_answer to = {
	    .session = s->id,
	    .body = s->body,
	    .account = s->account,
	    .person = s->person,
	    .terminal = s->terminal,
	    .level = s->stepped_at != 0 ? 2 : 1,
	    .has_code = s->has_code,
	    .must_change = s->must_change,
	    .idle_until = s->seen_at + (instant)b->idle_min * MINUTE_US,
	    .ends_at = s->ends_at,
	};
	session_answer_write(out, &to);
}

/* Failures of log-ons are few (Argon2id is slow), so each is entered. */
static void
enter_failure(struct keeper *k, const struct logon_ask *ask, enum answer why)
{
	uint64_t index;
	struct entry e = {
	    .body = keys_has_body(k->keys, ask->body) ? ask->body : 0,
	    .at = k->now,
	    .verb = SLICE("session.refused"),
	    .account = ask->account,
	    .source = ask->source,
	    .reason = slice_of(answer_name(why)),
	};
	(void)keeper_enter(k, &e, &index);
}

/*
 * The failure is charged before the proof is looked at, so that no burst of
 * attempts passes while the first is being computed.
 */
static unsigned
begin(struct keeper *k, const struct request *rq, const struct logon_ask *ask)
{
	const struct authority_body *b = keeper_body(k, ask->body);
	struct credential_secret secret = {0};
	if (failures_must_wait(k->sessions, ask->account, ask->source, k->now,
		b->logon_failures, delay_of(b)))
		return ANSWER_SLOW_DOWN;
	struct job *j = worker_take(k->worker);
	if (j == NULL)
		return ANSWER_BUSY;
	failures_charge(k->sessions, ask->account, ask->source, k->now);
	const struct authority_row *row =
	    find_credential(k, ask->body, ask->account);
	/* An unknown account takes as long as a known one. */
	bool is_known = row != NULL &&
	    credential_unseal(k, &row->credential, ask->body, &secret);
	memcpy(j->check_hash, is_known ? secret.hash : k->dummy_hash,
	    sizeof(j->check_hash));
	mem_wipe(&secret, sizeof(secret));
	j->channel = rq->channel;
	j->generation = rq->generation;
	j->type = rq->type;
	j->number = rq->number;
	memcpy(j->content, rq->content.p, rq->content.n);
	j->content_n = rq->content.n;
	j->has_check = true;
	j->check_at = (size_t)(ask->password.p - rq->content.p);
	j->check_n = ask->password.n;
	worker_submit(k->worker, j);
	return ANSWER_LATER;
}

/*
 * A right code that was not used before; 0 otherwise. Whoever guesses codes
 * knows the password already, so these failures count for the account from
 * wherever they come.
 */
static uint64_t
use_code(struct keeper *k, const struct credential_secret *secret,
    uint64_t body, uint64_t account, struct slice code)
{
	enum { CODE_FAILURES_MAX = 20 };
	static const uint64_t anywhere = UINT64_MAX;
	uint64_t step = 0;
	if (failures_must_wait(k->sessions, account, anywhere, k->now,
		CODE_FAILURES_MAX, delay_of(keeper_body(k, body))))
		return 0;
	if (secret->has_code &&
	    totp_is_valid(secret->code, code, k->now, &step) &&
	    code_is_fresh(k->sessions, account, step) &&
	    code_use(k->sessions, account, step)) {
		failures_clear(k->sessions, account, anywhere);
		return step;
	}
	failures_charge(k->sessions, account, anywhere, k->now);
	return 0;
}

/* Past its days a password serves only to set another. */
static bool
is_too_old(const struct authority_body *b,
    const struct authority_credential *c, instant now)
{
	return b->password_max_days != 0 &&
	    now - c->set_at >= (instant)b->password_max_days * DAY_US;
}

static unsigned
finish(struct keeper *k, const struct job *j, const struct logon_ask *ask,
    struct buf *out)
{
	struct credential_secret secret = {0};
	uint64_t step = 0, index;
	const struct authority_row *row =
	    find_credential(k, ask->body, ask->account);
	bool ok = j->is_right && row != NULL &&
	    credential_unseal(k, &row->credential, ask->body, &secret) &&
	    /* the very hash that was checked still stands */
	    memcmp(secret.hash, j->check_hash, sizeof(secret.hash)) == 0;
	if (ok && ask->code.n > 0 && secret.has_code) {
		step = use_code(k, &secret, ask->body, ask->account,
		    ask->code);
		ok = step != 0;
	}
	mem_wipe(&secret, sizeof(secret));
	if (!ok) {
		enter_failure(k, ask, ANSWER_BAD_PROOF);
		return ANSWER_BAD_PROOF;
	}
	const struct authority_body *b = keeper_body(k, ask->body);
	const struct authority_row *terminal = roll_find(k->roll,
	    AUTHORITY_TERMINAL, ask->body, ask->terminal);
	instant ends_at = k->now + (instant)b->session_max_hours * HOUR_US;
	struct session like = {
	    .body = ask->body,
	    .account = ask->account,
	    .person = row->credential.person,
	    .terminal = terminal != NULL &&
		    authority_is_in_force(terminal, k->now)
		? ask->terminal
		: 0,
	    .source = ask->source,
	    .has_code = (row->credential.flags & CREDENTIAL_HAS_CODE) != 0,
	    .must_change =
		(row->credential.flags & CREDENTIAL_MUST_CHANGE) != 0 ||
		is_too_old(b, &row->credential, k->now),
	    .stepped_at = step != 0 ? k->now : 0,
	    .ends_at = ends_at < row->head.until ? ends_at : row->head.until,
	};
	struct session *s = session_begin(k->sessions, &like, k->now);
	if (s == NULL)
		return ANSWER_BUSY;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = SLICE("session.start"),
	    .session = s,
	    .source = s->source,
	    .step = step,
	};
	enum answer a = keeper_enter(k, &e, &index);
	if (a != ANSWER_OK) {
		session_end(k->sessions, s);
		return a;
	}
	failures_clear(k->sessions, s->account, s->source);
	answer_session(k, s, out);
	return ANSWER_OK;
}

unsigned
keeper_logon(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct logon_ask ask;
	if (!logon_ask_read(rq->content, &ask) || ask.body == 0 ||
	    ask.account == 0 || ask.password.n == 0)
		return ANSWER_BAD_MESSAGE;
	return rq->job == NULL ? begin(k, rq, &ask)
			       : finish(k, rq->job, &ask, out);
}

unsigned
keeper_step_up(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct step_up_ask ask;
	struct credential_secret secret = {0};
	uint64_t index;
	if (!step_up_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	struct session *s = keeper_session(k, &ask.session);
	if (s == NULL)
		return ANSWER_NO_SESSION;
	const struct authority_body *b = keeper_body(k, s->body);
	if (failures_must_wait(k->sessions, s->account, s->source, k->now,
		b->logon_failures, delay_of(b)))
		return ANSWER_SLOW_DOWN;
	failures_charge(k->sessions, s->account, s->source, k->now);
	const struct authority_row *row =
	    find_credential(k, s->body, s->account);
	uint64_t step = 0;
	if (row != NULL &&
	    credential_unseal(k, &row->credential, s->body, &secret))
		step = use_code(k, &secret, s->body, s->account, ask.code);
	mem_wipe(&secret, sizeof(secret));
	if (step != 0)
		s->stepped_at = k->now;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = step != 0 ? SLICE("session.step_up")
			      : SLICE("session.refused"),
	    .session = s,
	    .source = s->source,
	    .step = step,
	    .reason = step != 0 ? SLICE_NONE : SLICE("bad_proof"),
	};
	enum answer a = keeper_enter(k, &e, &index);
	if (a != ANSWER_OK) {
		s->stepped_at = 0;
		return a;
	}
	if (step == 0)
		return ANSWER_BAD_PROOF;
	failures_clear(k->sessions, s->account, s->source);
	answer_session(k, s, out);
	return ANSWER_OK;
}

unsigned
keeper_touch(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct touch_ask ask;
	if (!touch_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	struct session *s = keeper_session(k, &ask.session);
	if (s == NULL)
		return ANSWER_NO_SESSION;
	answer_session(k, s, out);
	return ANSWER_OK;
}

unsigned
keeper_logoff(struct keeper *k, const struct request *rq, struct buf *out)
{
	static const struct none_answer to;
	struct touch_ask ask;
	uint64_t index;
	if (!touch_ask_read(rq->content, &ask))
		return ANSWER_BAD_MESSAGE;
	struct session *s = keeper_session(k, &ask.session);
	if (s == NULL)
		return ANSWER_NO_SESSION;
	struct entry e = {
	    .body = s->body,
	    .at = k->now,
	    .verb = SLICE("session.end"),
	    .session = s,
	};
	/* A session ends even when there is no space to say so. */
	(void)keeper_enter(k, &e, &index);
	session_end(k->sessions, s);
	none_answer_write(out, &to);
	return ANSWER_OK;
}
