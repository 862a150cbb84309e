/*
 * The one table that says who may put which authority row, each kind's check
 * beside the others'.
 */
#include <string.h>

#include "base/must.h"
#include "crypto/totp.h"
#include "keeper/put.h"

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
	const struct authority_holding *to = &p->row.holding;
	enum answer a = need(p, RIGHT_HOLDING,
	    p->now == NULL ? to->section : p->now->holding.section);
	/* Whoever acts for one section acts in its organ. */
	if (a == ANSWER_OK && p->capacity->section != 0 &&
	    p->capacity->organ != to->organ)
		return ANSWER_BAD_ROW;
	/*
	 * It moves by whoever may act for both sections; or may grant on it
	 * now, and so could let the other one in as it is.
	 */
	if (a == ANSWER_OK && !covers(p, to->section))
		a = need(p, RIGHT_GRANT, p->now->holding.section);
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

/* Ends sooner than it would, and is the same but for that. */
static bool
is_ending_sooner(const struct put *p)
{
	return p->now != NULL && p->row.head.from == p->now->head.from &&
	    p->row.head.until < p->now->head.until;
}

/*
 * Whoever decides is none of those appointed. Where the body wants two
 * persons, nobody is appointed but by a change that a second one confirmed.
 */
static enum answer
check_appointment(struct keeper *k, struct put *p)
{
	const uint64_t person = p->row.appointment.person;
	if (p->now != NULL && !is_same_post(p))
		return ANSWER_BAD_ROW;
	if (p->session == NULL)
		return ANSWER_OK;
	if (!has_right(p, RIGHT_APPOINT))
		return ANSWER_NO_RIGHT;
	if (person == p->session->person)
		return ANSWER_SAME_PERSON;
	if (p->change != NULL)
		return person == p->change->head.made_by ||
			person == p->change->head.confirmed_by
		    ? ANSWER_SAME_PERSON
		    : ANSWER_OK;
	return keeper_body(k, p->row.head.body)->appointers_needed == 2 &&
		!is_ending_sooner(p)
	    ? ANSWER_SAME_PERSON
	    : ANSWER_OK;
}

/* Made once; another version only ends it sooner. */
static enum answer
check_change(struct keeper *k, struct put *p)
{
	if (!has_right(p, RIGHT_APPOINT))
		return ANSWER_NO_RIGHT;
	if (p->now != NULL && (!is_ending_sooner(p) ||
				  memcmp(&p->now->change, &p->row.change,
				      sizeof(p->row.change)) != 0))
		return ANSWER_BAD_ROW;
	p->needs_second = p->now == NULL &&
	    keeper_body(k, p->row.head.body)->appointers_needed == 2;
	return ANSWER_OK;
}

/* What a grant is about never changes: another one is another row. */
static bool
is_same_grant(const struct put *p)
{
	const struct authority_grant *a = &p->row.grant;
	const struct authority_grant *b = &p->now->grant;
	return a->person == b->person && a->capacity == b->capacity &&
	    a->holding == b->holding && a->section == b->section &&
	    slice_is_equal(authority_text_slice(&a->ground),
		authority_text_slice(&b->ground)) &&
	    slice_is_equal(authority_text_slice(&a->office),
		authority_text_slice(&b->office));
}

/*
 * By office; or to an appointment that is this person's, in the holding's
 * organ unless it is a provision.
 */
static bool
has_subject(const struct keeper *k, const struct put *p, uint64_t organ)
{
	const struct authority_grant *g = &p->row.grant;
	const struct authority_row *c = roll_find(k->roll,
	    AUTHORITY_APPOINTMENT, p->row.head.body, g->capacity);
	return g->person == 0 ||
	    (c != NULL && c->appointment.person == g->person &&
		(c->appointment.organ == organ ||
		    authority_grant_crosses(&p->row)));
}

/* A provision names its ground and the paper that it stands on. */
static bool
is_grounded(const struct put *p)
{
	struct slice ground = authority_text_slice(&p->row.grant.ground);
	return ground.n == 0 || (keeper_is_purpose(ground) &&
	    (p->now != NULL || p->ask->reference.n > 0));
}

static enum answer
check_grant(struct keeper *k, struct put *p)
{
	const struct authority_row *h = roll_find(k->roll, AUTHORITY_HOLDING,
	    p->row.head.body, p->row.grant.holding);
	if (h == NULL || !has_subject(k, p, h->holding.organ) ||
	    !is_grounded(p) ||
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

bool
put_is_own_credential(const struct put *p)
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
	if (p->job->is_reused)
		return ANSWER_REUSED;
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
	if (put_is_own_credential(p))
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

const struct put_rule put_rules[AUTHORITY_KINDS_END] = {
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
    [AUTHORITY_CHANGE] = {check_change, false},
};
