/*
 * Passwords and one-time codes; and rows that wait for a second person.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "guard/inside.h"
#include "people/people.h"

void
door_new_code_secret(uint8_t ret[20])
{
	random_fill(ret, 20);
}

/* Without l and o, which are taken for digits: "k7mw-4xqz-9rtp-hv3n". */
void
door_new_password(char ret[DOOR_PASSWORD_BYTES])
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	uint8_t random[DOOR_PASSWORD_BYTES];
	random_fill(random, sizeof(random));
	for (size_t i = 0; i < DOOR_PASSWORD_BYTES; i++)
		ret[i] = i % 5 == 4 ? '-' : letters[random[i] & 31];
	ret[DOOR_PASSWORD_BYTES - 1] = '\0';
	mem_wipe(random, sizeof(random));
}

bool
door_put_credential(struct door *d, struct visitor *v,
    const struct door_credential *ask, struct put *ret, struct err *err)
{
	struct people_account account;
	struct authority_row now;
	bool is_own = ask->account == v->account && ask->old_password.n > 0;
	if (!people_account_get(
		d->reader, v->body, ask->account, v->arena, &account, err))
		return false;
	struct row_put p = {
	    .row = {.head = {.kind = AUTHORITY_CREDENTIAL,
			.id = account.id,
			.from = door_now(d),
			.until = ask->until != 0 ? ask->until : INT64_MAX},
		.credential = {.account = account.id,
		    .person = account.person}},
	    .ask = {.capacity = is_own ? 0 : v->capacity,
		.reference = ask->reference,
		.password = ask->password,
		.old_password = is_own ? ask->old_password : SLICE_NONE,
		.code_secret = ask->code_secret,
		.code = ask->code}};
	if (ask->password.n > MESSAGE_PASSWORD_MAX_BYTES ||
	    ask->old_password.n > MESSAGE_PASSWORD_MAX_BYTES ||
	    ask->code.n > MESSAGE_CODE_BYTES ||
	    (ask->code_secret.n != 0 && ask->code_secret.n != 20))
		return ERR(
		    err, ERR_INPUT, "the password or the code is too long");
	if (guard_row(
		d->guard, AUTHORITY_CREDENTIAL, v->body, account.id, &now)) {
		/* One's own keeps its period; the keeper sees to it. */
		instant at = p.row.head.from;
		p.row.head.from = now.head.from;
		/* one that was ended is given anew, not as it was */
		if (is_own || (ask->until == 0 &&
				  now.head.until > at))
			p.row.head.until = now.head.until;
		p.row.credential.flags = now.credential.flags;
	}
	if (ask->must_change)
		p.row.credential.flags = CREDENTIAL_MUST_CHANGE;
	if (!door_put_row(d, v, &p, ret, err))
		return false;
	if (is_own)
		v->must_change = false;
	if (is_own && ask->code_secret.n > 0)
		v->has_code = true;
	if (!is_own)
		return true;
	/* What the session remembers of itself changed with it. */
	const struct touch_ask to = {.session = v->session};
	struct session_answer s;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_TOUCH,
	    .ask = &to,
	    .answer = &s};
	if (!guard_ask(&a, NULL, err))
		return false;
	sessions_touch(d->guard->sessions, &s, door_now(d));
	return true;
}

bool
door_close_account(struct door *d, struct visitor *v,
    const struct people_account *account, struct slice reference,
    struct err *err)
{
	struct people_account row = *account;
	struct authority_row now;
	struct put put;
	const struct door_end end = {.kind = AUTHORITY_CREDENTIAL,
	    .id = account->id,
	    .reference = reference};
	/* A first password that waits for a second person lets nobody in. */
	if (guard_row(
		d->guard, AUTHORITY_CREDENTIAL, v->body, account->id, &now) &&
	    now.head.until > door_now(d) &&
	    ((now.head.flags & AUTHORITY_PENDING) == 0 ||
		now.head.version > 1) &&
	    !door_end(d, v, &end, &put, err))
		return false;
	return door_put_account(d, v, &row, err);
}

/* Whether the visitor is one of those who confirm such a row. */
static bool
is_second(const struct door *d, const struct visitor *v,
    const struct authority_row *row)
{
	switch (row->head.kind) {
	case AUTHORITY_CREDENTIAL:
		return (v->rights & RIGHT_BIT(RIGHT_ACCOUNT)) != 0;
	case AUTHORITY_PERMIT:
		return (v->rights & RIGHT_BIT(RIGHT_PERMIT)) != 0;
	case AUTHORITY_CHANGE:
		return row->head.until > door_now(d) &&
		       (v->rights & RIGHT_BIT(RIGHT_APPOINT)) != 0;
	case AUTHORITY_RELEASE:
		return row->head.until > door_now(d) &&
		       row->release.person != v->person &&
		       door_oversees(d, v, row->release.holding);
	case AUTHORITY_BODY:
	case AUTHORITY_HOLDING:
	case AUTHORITY_APPOINTMENT:
	case AUTHORITY_GRANT:
	case AUTHORITY_EMERGENCY:
	case AUTHORITY_TERMINAL:
	case AUTHORITY_SECRET:
	case AUTHORITY_REVIEW:
	case AUTHORITY_KINDS_END:
		break;
	}
	return false;
}

/* Copies of the rows that wait, at most DOOR_PAGE_MAX. */
static size_t
list_pending(
    struct door *d, const struct visitor *v, struct authority_row *ret)
{
	struct guard *g = d->guard;
	size_t n, kept = 0;
	must(pthread_mutex_lock(&g->lock) == 0);
	const struct authority_row *const *all = rows_all(g->rows, &n);
	for (size_t i = 0; i < n && kept < DOOR_PAGE_MAX; i++)
		if (all[i]->head.body == v->body &&
		    (all[i]->head.flags & AUTHORITY_PENDING) != 0 &&
		    is_second(d, v, all[i]))
			ret[kept++] = *all[i];
	must(pthread_mutex_unlock(&g->lock) == 0);
	return kept;
}

static struct shown_pending
show_pending(struct door *d, struct visitor *v, const struct authority_row *row)
{
	const struct authority_head *h = &row->head;
	struct shown_pending p = {.kind = h->kind,
	    .id = h->id,
	    .version = h->version,
	    .made_by = h->made_by,
	    .from = h->from,
	    .until = h->until,
	    .made_by_name = door_name(d, v->arena, v->body, h->made_by)};
	if (h->kind == AUTHORITY_CREDENTIAL)
		p.account = row->credential.account;
	if (h->kind == AUTHORITY_PERMIT) {
		p.account = row->permit.account;
		p.count = row->permit.count;
	}
	if (h->kind == AUTHORITY_RELEASE) {
		p.holding = row->release.holding;
		p.record = row->release.record;
		p.act = (enum act)row->release.act;
		p.purpose = arena_copy(
		    v->arena, authority_text_slice(&row->release.purpose));
	}
	return p;
}

bool
door_pending(struct door *d, struct visitor *v, struct shown_pending **ret,
    size_t *ret_n, struct err *err)
{
	struct authority_row *rows =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*rows));
	struct shown_pending *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	if (rows == NULL || out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	door_renew(d);
	size_t n = list_pending(d, v, rows);
	for (size_t i = 0; i < n; i++)
		out[i] = show_pending(d, v, &rows[i]);
	*ret = out;
	*ret_n = n;
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

bool
door_confirm(struct door *d, struct visitor *v, enum authority_kind kind,
    uint64_t id, struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .is_confirming = true}};
	if (!guard_row(d->guard, kind, v->body, id, &p.row) ||
	    (p.row.head.flags & AUTHORITY_PENDING) == 0)
		return ERR(err, ERR_NOT_FOUND,
		    "nothing waits for a second person there");
	return door_put_row(d, v, &p, ret, err);
}
