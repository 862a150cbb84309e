/*
 * Log-on, sessions, and the capacity that a session acts in.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "guard/inside.h"
#include "people/people.h"

/* ---- tokens ---- */

static void
write_hex(const uint8_t *p, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * n] = '\0';
}

static bool
read_token(struct slice token, struct session_id *ret)
{
	if (token.n != DOOR_TOKEN_BYTES)
		return false;
	for (size_t i = 0; i < 2; i++) {
		uint64_t half;
		if (!num_read_hex((struct slice){token.p + i * 16, 16}, &half))
			return false;
		num_put_be64(ret->p + i * 8, half);
	}
	return !session_id_is_none(ret);
}

static void
make_form_token(char ret[SESSION_FORM_BYTES + 1])
{
	uint8_t raw[SESSION_FORM_BYTES / 2];
	num_put_be64(raw, people_new_id());
	num_put_be64(raw + 8, people_new_id());
	write_hex(raw, sizeof(raw), ret);
}

/* ---- what a session is called ---- */

/* Cut at a character, never within one. */
static void
keep_text(char *to, size_t room, struct slice s)
{
	size_t n = s.n < room ? s.n : room - 1;
	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static void
keep_post(struct door *d, struct arena *a, struct remembered *r,
    const struct authority_row *capacity)
{
	r->post_of = capacity == NULL ? 0 : capacity->head.id;
	r->post[0][0] = r->post[1][0] = '\0';
	if (capacity == NULL)
		return;
	/* Copied: the row lives with the pin only. */
	const struct authority_appointment *ap = &capacity->appointment;
	struct slice path = door_path(d, a, capacity->head.body, ap->section);
	for (size_t i = 0; i < 2; i++) {
		struct slice title = door_title(d, capacity->head.body,
		    authority_text_slice(&ap->office), i == 1);
		struct slice post = arena_printf(a, "%.*s%s%.*s",
		    SLICE_FMT(path), path.n > 0 ? " " : "", SLICE_FMT(title));
		keep_text(r->post[i], sizeof(r->post[i]), post);
	}
}

/* ---- filling in the visitor ---- */

static const struct authority_row *
capacity_of(
    struct door *d, const struct session_answer *s, uint64_t id, instant now)
{
	const struct authority_row *r =
	    snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, s->body, id);
	return r != NULL && r->appointment.person == s->person &&
		       authority_is_in_force(r, now)
		   ? r
		   : NULL;
}

enum { CAPACITIES_MAX = 64 };

static size_t
capacities_now(struct door *d, uint64_t body, uint64_t person, instant now,
    const struct authority_row *ret[CAPACITIES_MAX])
{
	const struct authority_row *all[CAPACITIES_MAX];
	size_t n = snapshot_appointments_of(
	    door_pin(d), body, person, 0, all, CAPACITIES_MAX);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (authority_is_in_force(all[i], now))
			ret[kept++] = all[i];
	return kept;
}

static uint64_t
warn_of(struct door *d, uint64_t body)
{
	const struct pack *pack = door_pack(d, body);
	uint64_t minutes = 0;
	if (pack == NULL ||
	    !pack_parameter(pack, SLICE("session.warn.minutes"), &minutes))
		return 0;
	return minutes * 60;
}

/* The one capacity there is, is taken; of several the person chooses. */
static void
settle_capacity(struct door *d, struct arena *a, struct remembered *r,
    struct visitor *v, instant now)
{
	const struct authority_row *list[CAPACITIES_MAX];
	v->capacity_count =
	    capacities_now(d, r->answer.body, r->answer.person, now, list);
	const struct authority_row *c =
	    r->capacity == 0 ? NULL
			     : capacity_of(d, &r->answer, r->capacity, now);
	if (c == NULL && v->capacity_count == 1)
		c = list[0];
	uint64_t id = c == NULL ? 0 : c->head.id;
	v->capacity = id;
	v->office =
	    c == NULL ? (struct authority_text){.n = 0} : c->appointment.office;
	v->section = c == NULL ? 0 : c->appointment.section;
	v->organ = c == NULL ? 0 : c->appointment.organ;
	v->rights = c == NULL ? 0 : c->appointment.rights;
	if (r->capacity == id && r->post_of == id)
		return;
	r->capacity = id;
	keep_post(d, a, r, c);
	(void)!sessions_put(d->guard->sessions, r, now);
}

static struct slice
give_text(struct arena *a, const char *s)
{
	return s[0] == '\0' ? SLICE("") : arena_copy(a, slice_of(s));
}

static bool
fill(struct door *d, struct remembered *r, struct visitor *v, instant now,
    struct err *err)
{
	const struct session_answer *s = &r->answer;
	settle_capacity(d, v->arena, r, v, now);
	write_hex(s->session.p, sizeof(s->session.p), v->token);
	memcpy(v->form_token, r->form_token, sizeof(v->form_token));
	v->session = s->session;
	v->body = s->body;
	v->account = s->account;
	v->person = s->person;
	v->terminal = s->terminal;
	v->level = s->level;
	v->has_code = s->has_code;
	v->must_change = s->must_change;
	v->idle_until = s->idle_until;
	v->ends_at = s->ends_at;
	instant end = s->idle_until < s->ends_at ? s->idle_until : s->ends_at;
	v->idle_s = end > now ? (uint64_t)((end - now) / SECOND_US) : 0;
	v->warn_s = warn_of(d, s->body);
	v->person_name = give_text(v->arena, r->person_name);
	v->body_name = give_text(v->arena, r->body_name);
	v->post = give_text(v->arena, r->post[v->is_english]);
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

/* ---- log-on ---- */

/* What is kept of a new session. */
static void
remember(struct door *d, struct visitor *v, const struct door_logon *ask,
    const struct session_answer *s, struct remembered *r)
{
	struct people_body body;
	struct err err;
	*r = (struct remembered){.answer = *s, .touched_at = door_now(d)};
	make_form_token(r->form_token);
	if (ask->terminal.n == sizeof(r->terminal)) {
		memcpy(r->terminal, ask->terminal.p, sizeof(r->terminal));
		r->has_terminal = true;
	}
	keep_text(r->person_name, sizeof(r->person_name),
	    door_name(d, v->arena, s->body, s->person));
	if (people_body_get(d->reader, s->body, v->arena, &body, &err))
		keep_text(r->body_name, sizeof(r->body_name), body.name);
}

/*
 * A name that is no account's goes to the keeper too, as an account that never
 * is (ids have 63 bits), so that it takes as long, and after so many failures
 * has to wait as long, as a wrong password. Nobody learns the name from it.
 */
static uint64_t
stranger(const struct guard *g, const struct door_logon *ask)
{
	uint8_t body[8], hash[HASH_BYTES];
	struct slice parts[] = {slice_bytes(body, sizeof(body)), ask->logon};
	num_put_be64(body, ask->body);
	mac_once(slice_bytes(g->stranger_key, sizeof(g->stranger_key)), parts,
	    2, hash);
	return num_be64(hash) | UINT64_C(1) << 63;
}

static bool
find_account(struct door *d, struct visitor *v, const struct door_logon *ask,
    uint64_t *ret, struct err *err)
{
	struct people_account account;
	struct err none = ERR_INIT;
	*ret = stranger(d->guard, ask);
	if (ask->logon.n == 0 || ask->logon.n > PEOPLE_LOGON_MAX_BYTES)
		return true;
	if (people_account_by_logon(
		d->reader, ask->body, ask->logon, v->arena, &account, &none)) {
		if (account.state != PEOPLE_LOCKED &&
		    account.state != PEOPLE_ENDED)
			*ret = account.id;
		return true;
	}
	if (none.code == ERR_NOT_FOUND || none.code == ERR_INPUT)
		return true;
	if (err != NULL)
		*err = none;
	return false;
}

bool
door_logon(struct door *d, const struct door_logon *ask, struct visitor *v,
    struct err *err)
{
	struct session_answer s;
	struct remembered r;
	instant now = door_now(d);
	struct logon_ask to = {
	    .body = ask->body, .password = ask->password, .code = ask->code};
	if (ask->password.n > MESSAGE_PASSWORD_MAX_BYTES ||
	    ask->code.n > MESSAGE_CODE_BYTES || ask->source.n < 8)
		return ERR(
		    err, ERR_LOGON, "wrong account, password or one-time code");
	if (!find_account(d, v, ask, &to.account, err))
		return false;
	door_renew(d);
	to.source = num_be64(ask->source.p);
	if (ask->terminal.n == 32) {
		const struct authority_row *t = snapshot_terminal(door_pin(d),
		    ask->body, (const uint8_t *)ask->terminal.p, now);
		to.terminal = t == NULL ? 0 : t->head.id;
	}
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_LOGON,
	    .ask = &to,
	    .answer = &s};
	if (!guard_ask(&a, NULL, err))
		return false;
	remember(d, v, ask, &s, &r);
	if (!sessions_put(d->guard->sessions, &r, door_now(d)))
		return ERR(err, ERR_BUSY, "too many sessions at once");
	bool ok = fill(d, &r, v, door_now(d), err);
	mem_wipe(&r, sizeof(r));
	return ok;
}

static bool
is_terminal_same(const struct remembered *r, struct slice terminal)
{
	if (!r->has_terminal)
		return true; /* one that has none now may get one meanwhile */
	return terminal.n == sizeof(r->terminal) &&
	       memcmp(terminal.p, r->terminal, terminal.n) == 0;
}

/* Not each page: a sixteenth of the idle time may pass between. */
static bool
needs_touch(const struct remembered *r, instant now)
{
	return now - r->touched_at >
	       (r->answer.idle_until - r->touched_at) / 16;
}

static bool
touch(struct door *d, struct visitor *v, struct remembered *r, instant now,
    struct err *err)
{
	const struct touch_ask to = {.session = r->answer.session};
	struct session_answer s;
	enum answer code;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_TOUCH,
	    .ask = &to,
	    .answer = &s};
	if (!guard_ask(&a, &code, err)) {
		if (code == ANSWER_NO_SESSION)
			sessions_drop(d->guard->sessions, &to.session);
		return false;
	}
	r->answer = s;
	r->touched_at = now;
	sessions_touch(d->guard->sessions, &s, now);
	return true;
}

bool
door_visit(struct door *d, struct slice token, struct slice terminal,
    struct visitor *v, struct err *err)
{
	struct session_id id;
	struct remembered r;
	instant now = door_now(d);
	door_renew(d);
	if (!read_token(token, &id) ||
	    !sessions_get(d->guard->sessions, &id, now, &r) ||
	    !is_terminal_same(&r, terminal))
		return ERR(err, ERR_LOGON, "the session has ended; log on");
	bool ok = !needs_touch(&r, now) || touch(d, v, &r, now, err);
	ok = ok && fill(d, &r, v, now, err);
	mem_wipe(&r, sizeof(r));
	return ok;
}

bool
door_step_up(
    struct door *d, struct visitor *v, struct slice code, struct err *err)
{
	const struct step_up_ask to = {.session = v->session, .code = code};
	struct session_answer s;
	if (code.n != MESSAGE_CODE_BYTES)
		return ERR(err, ERR_LOGON, "a one-time code has %d digits",
		    MESSAGE_CODE_BYTES);
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_STEP_UP,
	    .ask = &to,
	    .answer = &s};
	if (!guard_ask(&a, NULL, err))
		return false;
	sessions_touch(d->guard->sessions, &s, door_now(d));
	v->level = s.level;
	v->idle_until = s.idle_until;
	v->ends_at = s.ends_at;
	return true;
}

bool
door_logoff(struct door *d, struct visitor *v, struct err *err)
{
	const struct touch_ask to = {.session = v->session};
	struct none_answer none;
	sessions_drop(d->guard->sessions, &v->session);
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_LOGOFF,
	    .ask = &to,
	    .answer = &none};
	return guard_ask(&a, NULL, err);
}

void
door_maintain(struct door *d, uint64_t body, struct visitor *v)
{
	(void)d;
	v->session = (struct session_id){{0}};
	v->body = body;
	v->account = v->person = v->capacity = v->section = 0;
	v->rights = RIGHT_BIT(RIGHTS_END) - 1;
	v->level = 1;
}

/* ---- capacities ---- */

bool
door_capacities(struct door *d, struct visitor *v, struct shown_capacity **ret,
    size_t *ret_n, struct err *err)
{
	const struct authority_row *list[CAPACITIES_MAX];
	door_renew(d);
	size_t n = capacities_now(d, v->body, v->person, door_now(d), list);
	struct shown_capacity *out = arena_array(v->arena, n, sizeof(*out));
	for (size_t i = 0; out != NULL && i < n; i++) {
		const struct authority_appointment *ap = &list[i]->appointment;
		out[i] = (struct shown_capacity){.id = list[i]->head.id,
		    .person = ap->person,
		    .section = ap->section,
		    .organ = ap->organ,
		    .rights = ap->rights,
		    .version = list[i]->head.version,
		    .from = list[i]->head.from,
		    .until = list[i]->head.until,
		    .office =
			arena_copy(v->arena, authority_text_slice(&ap->office)),
		    .title = door_title(d, v->body,
			authority_text_slice(&ap->office), v->is_english),
		    .path = door_path(d, v->arena, v->body, ap->section),
		    .person_name = v->person_name};
		/* Without a pack the title is the row's own bytes. */
		if (out[i].title.p == ap->office.p)
			out[i].title = out[i].office;
	}
	if (arena_is_failed(v->arena))
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*ret = out;
	*ret_n = n;
	return true;
}

bool
door_take_capacity(
    struct door *d, struct visitor *v, uint64_t capacity, struct err *err)
{
	struct remembered r;
	instant now = door_now(d);
	door_renew(d);
	if (!sessions_get(d->guard->sessions, &v->session, now, &r))
		return ERR(err, ERR_LOGON, "the session has ended; log on");
	if (capacity_of(d, &r.answer, capacity, now) == NULL)
		return ERR(
		    err, ERR_DENIED, "this appointment is not yours today");
	r.capacity = capacity;
	r.post_of = 0;
	sessions_take(d->guard->sessions, &v->session, capacity);
	return fill(d, &r, v, now, err);
}
