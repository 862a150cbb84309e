/*
 * Questions, and what becomes of a refusal: an entry, an error, a decision
 * that the face explains.
 */
#include <stdio.h>

#include "base/must.h"
#include "guard/inside.h"

/* The way out of each refusal: what the caller may do about it. */
static const struct {
	enum err_code code;
	const char *text;
} refusals[] = {
    [PACK_DECISION_NO_GRANT] = {ERR_DENIED, "no grant for the holding"},
    [PACK_DECISION_BEYOND_GRANT] = {ERR_DENIED, "a grant, but not for this"},
    [PACK_DECISION_PURPOSE] = {ERR_INPUT,
	"no purpose, or one that the holding does not have"},
    [PACK_DECISION_SECOND_FACTOR] = {ERR_LOGON,
	"the holding demands a one-time code"},
    [PACK_DECISION_TERMINAL] = {ERR_DENIED, "not from this terminal"},
    [PACK_DECISION_BULK] = {ERR_LIMIT,
	"past the number of records in this time"},
    [PACK_DECISION_SECRET] = {ERR_DENIED,
	"the record is kept secret and needs a grant that says so"},
    [PACK_DECISION_ERASED] = {ERR_NOT_FOUND, "the record has been erased"},
    [PACK_DECISION_OPERATOR] = {ERR_DENIED,
	"operators see no personal information"},
    [PACK_DECISION_MY_NUMBER] = {ERR_DENIED,
	"only designated handlers of My Number"},
    [PACK_DECISION_AUDIT_SELF] = {ERR_DENIED,
	"nobody audits their own section"},
    [PACK_DECISION_INSTRUCTION] = {ERR_DENIED,
	"no matter instructs this correction"},
    [PACK_DECISION_DISPOSAL] = {ERR_DENIED,
	"no matter instructs this erasure"},
    [PACK_DECISION_HOLD] = {ERR_DENIED,
	"the record is held and must not be erased"},
};
_Static_assert(sizeof(refusals) / sizeof(refusals[0]) == PACK_DECISIONS_END,
    "each key has its error");

bool
door_shelf(struct door *d, uint64_t body, uint64_t holding,
    struct shelf **ret_shelf, const struct holding **ret, struct err *err)
{
	struct shelf *s = shelf_take(d->guard->rack);
	const struct holding *h = shelf_find(s, body, holding);
	if (h == NULL) {
		shelf_drop(s);
		return ERR(err, ERR_NOT_FOUND, "there is no such holding");
	}
	*ret_shelf = s;
	*ret = h;
	return true;
}

static bool
is_handler(const struct door *d, const struct visitor *v)
{
	const struct pack *pack = door_pack(d, v->body);
	return pack != NULL &&
	       (pack->n_handlers == 0 ||
		   pack_is_handler(pack, authority_text_slice(&v->office)));
}

static uint64_t
all_items(const struct holding *h)
{
	return h->n_items >= 64 ? ITEMS_ALL : ITEM_BIT(h->n_items) - 1;
}

struct question
door_question(struct door *d, const struct visitor *v, const struct holding *h,
    const struct door_intent *intent, enum act act)
{
	door_renew(d);
	struct question q = {.body = v->body,
	    .person = v->person,
	    .capacity = v->capacity,
	    .holding = h->id,
	    .act = act,
	    .level = v->level,
	    .now = door_now(d),
	    .items = all_items(h),
	    .has_purpose =
		intent == NULL || holding_has_purpose(h, intent->purpose)};
	if (h->is_my_number)
		q.is_handler = is_handler(d, v);
	if (v->terminal != 0) {
		const struct authority_row *t = snapshot_row(
		    door_pin(d), AUTHORITY_TERMINAL, v->body, v->terminal);
		if (t != NULL && authority_is_in_force(t, q.now))
			q.terminal = v->terminal;
	}
	return q;
}

struct decision
door_may(
    struct door *d, const struct visitor *v, uint64_t holding, enum act act)
{
	struct err err;
	struct shelf *shelf = NULL;
	const struct holding *h = NULL;
	const struct holding none = {.id = holding};
	if (!door_shelf(d, v->body, holding, &shelf, &h, &err)) {
		struct question q = door_question(d, v, &none, NULL, act);
		return guard_decide(door_pin(d), &q);
	}
	struct question q = door_question(d, v, h, NULL, act);
	shelf_drop(shelf);
	return guard_decide(door_pin(d), &q);
}

struct message_intent
door_message(
    const struct visitor *v, const struct door_intent *intent, enum act act)
{
	return (struct message_intent){.session = v->session,
	    .capacity = v->capacity,
	    .holding = intent->holding,
	    .act = act,
	    .purpose = intent->purpose,
	    .reference = intent->reference};
}

/*
 * The verb holds act and reason, since the index of accesses is fed from what
 * stands outside of details.
 */
static void
enter_refusal(struct door *d, const struct visitor *v, const struct question *q,
    uint64_t record, struct slice reference, enum pack_decision key)
{
	char verb[MESSAGE_VERB_MAX_BYTES + 1];
	struct entry_answer answer;
	struct err err;
	int n = snprintf(verb, sizeof(verb), "guard.refused.%s.%s",
	    act_name(q->act), pack_decision_name(key));
	must(n > 0 && (size_t)n < sizeof(verb));
	struct append_ask ask = {.session = v->session,
	    .body = v->body,
	    .verb = slice_bytes(verb, (size_t)n),
	    .reference = reference,
	    .n_subjects = record != 0 ? 2 : 1,
	    .subjects = {q->holding, record}};
	/* An ended capacity would be refused by the keeper. */
	if (snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, v->body,
		v->capacity) != NULL)
		ask.capacity = v->capacity;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_APPEND,
	    .ask = &ask,
	    .answer = &answer};
	if (guard_ask(&a, NULL, &err) || ask.capacity == 0)
		return;
	ask.capacity = 0;
	(void)!guard_ask(&a, NULL, &err); /* nothing is released either way */
}

bool
door_refuse(struct door *d, struct visitor *v, const struct question *q,
    uint64_t record, struct slice reference, const struct decision *decision,
    struct decision *ret, struct err *err)
{
	if (ret != NULL)
		*ret = *decision;
	if (sessions_may_refuse(d->guard->sessions, &v->session, q->now))
		enter_refusal(d, v, q, record, reference, decision->key);
	return ERR(err, refusals[decision->key].code, "%s",
	    refusals[decision->key].text);
}

/* Keys of what the keeper refuses though the guard allowed it. */
static bool
key_of(enum answer code, enum pack_decision *ret)
{
	if (code == ANSWER_NO_GRANT || code == ANSWER_NO_CAPACITY)
		*ret = PACK_DECISION_NO_GRANT;
	else if (code == ANSWER_BEYOND_GRANT)
		*ret = PACK_DECISION_BEYOND_GRANT;
	else if (code == ANSWER_NEEDS_FACTOR)
		*ret = PACK_DECISION_SECOND_FACTOR;
	else if (code == ANSWER_LIMIT)
		*ret = PACK_DECISION_BULK;
	else if (code == ANSWER_ERASED)
		*ret = PACK_DECISION_ERASED;
	else if (code == ANSWER_SAME_PERSON)
		*ret = PACK_DECISION_SECRET; /* an output nobody confirmed */
	else
		return false;
	return true;
}

void
door_keeper_refused(struct door *d, const struct question *q, enum answer code,
    struct decision *ret)
{
	enum pack_decision key;
	if (ret == NULL || !key_of(code, &key))
		return;
	/* Whom to ask is as for a holding without a grant. */
	struct question nobody = *q;
	nobody.act = ACT_ERASE;
	nobody.items = 0;
	nobody.capacity = 0;
	*ret = guard_decide(door_pin(d), &nobody);
	ret->key = key;
	ret->besides = NULL;
	ret->procedure = key == PACK_DECISION_BULK ? "permit.request"
			 : key == PACK_DECISION_SECOND_FACTOR
			     ? "session.step_up"
			 : key == PACK_DECISION_ERASED ? NULL
			 : key == PACK_DECISION_SECRET ? "release.request"
						       : "grant.request";
	ret->verdict = ret->procedure == NULL ? VERDICT_DENY : VERDICT_ASK;
}
