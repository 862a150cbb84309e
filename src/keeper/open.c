/*
 * Records: OPEN, CREATE, TOKENS, ERASE.
 */
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "crypto/random.h"
#include "keeper/state.h"

/* Who acts, and what allows it. */
struct leave {
	struct session *session;
	const struct authority_appointment *capacity;
	const struct authority_body *body;
	const struct holding_keys *keys;
	const struct authority_row *terminal; /* in force now; NULL: none */
	uint64_t organ; /* the holding's */
	uint64_t grant;
	const struct authority_text *ground; /* of a provision */
	uint64_t items;
	/* of the limit */
	bool is_over;
	uint64_t permit;
	uint64_t beyond;
	uint64_t release; /* of an output of a 秘匿 record */
};

/*
 * To the appointment that acts, which is the session's person's own and in
 * force; or to its office, in its section.
 */
static bool
is_subject(const struct authority_grant *g, const struct message_intent *in,
    const struct authority_appointment *capacity)
{
	if (g->office.n == 0)
		return g->capacity == in->capacity;
	return slice_is_equal(authority_text_slice(&g->office),
		   authority_text_slice(&capacity->office)) &&
	    (g->section == 0 || g->section == capacity->section);
}

/* The first grant of a group that allows the act; BEYOND when none does. */
static enum answer
choose(const struct keeper *k, const struct roll_node *group,
    const struct message_intent *in, bool is_secret, struct leave *l)
{
	enum answer a = ANSWER_NO_GRANT;
	uint32_t acts = ACT_BIT(in->act) |
	    (is_secret ? ACT_BIT(ACT_SECRET) : 0);
	for (; group != NULL; group = group->next) {
		if (group->now == NULL ||
		    !authority_is_in_force(&group->now->row, k->now))
			continue;
		const struct authority_grant *g = &group->now->row.grant;
		if (!is_subject(g, in, l->capacity) ||
		    (l->capacity->organ != l->organ &&
			!authority_grant_crosses(&group->now->row)))
			continue;
		bool is_here = g->n_terminals == 0;
		for (size_t i = 0; i < g->n_terminals; i++)
			is_here |= l->terminal != NULL &&
			    g->terminals[i] == l->terminal->head.id;
		a = ANSWER_BEYOND_GRANT;
		if ((g->acts & acts) != acts || !is_here ||
		    !authority_grant_is_open_at(g, k->now))
			continue;
		l->grant = group->now->row.head.id;
		l->ground = &g->ground;
		l->items = g->items;
		return ANSWER_OK;
	}
	return a;
}

/* The session's terminal, which may have ended since the log-on. */
static const struct authority_row *
find_terminal(const struct keeper *k, const struct session *s)
{
	const struct authority_row *t =
	    roll_find(k->roll, AUTHORITY_TERMINAL, s->body, s->terminal);
	return t != NULL && authority_is_in_force(t, k->now) ? t : NULL;
}

/* A terminal of the section that owns the holding, or of the one that acts. */
static bool
is_terminal_of(const struct leave *l, const struct authority_row *holding)
{
	return l->terminal != NULL &&
	    (l->terminal->terminal.section == holding->holding.section ||
		l->terminal->terminal.section == l->capacity->section);
}

/* Session, capacity, holding and grant; nothing is counted yet. */
static enum answer
ask_leave(struct keeper *k, const struct message_intent *in, bool is_secret,
    struct leave *l)
{
	l->session = keeper_session(k, &in->session);
	if (l->session == NULL)
		return ANSWER_NO_SESSION;
	if (l->session->must_change)
		return ANSWER_MUST_CHANGE;
	uint64_t body = l->session->body;
	l->body = keeper_body(k, body);
	l->terminal = find_terminal(k, l->session);
	l->capacity = keeper_capacity(k, l->session, in->capacity);
	if (l->capacity == NULL)
		return ANSWER_NO_CAPACITY;
	const struct authority_row *h =
	    roll_find(k->roll, AUTHORITY_HOLDING, body, in->holding);
	l->keys = keys_holding(k->keys, body, in->holding);
	if (h == NULL || l->keys == NULL || !authority_is_in_force(h, k->now))
		return ANSWER_NO_GRANT;
	l->organ = h->holding.organ;
	enum answer a = choose(k,
	    roll_grants(k->roll, body, in->holding, l->session->person), in,
	    is_secret, l);
	if (a != ANSWER_OK) {
		enum answer b = choose(k,
		    roll_grants(k->roll, body, in->holding, 0), in, is_secret,
		    l);
		if (b != ANSWER_NO_GRANT)
			a = b;
	}
	if (a != ANSWER_OK)
		return a;
	if ((h->holding.flags & HOLDING_TERMINALS_ONLY) != 0 &&
	    !is_terminal_of(l, h))
		return ANSWER_BEYOND_GRANT;
	if ((h->holding.flags & HOLDING_SECOND_FACTOR) != 0 &&
	    l->session->stepped_at == 0)
		return ANSWER_NEEDS_FACTOR;
	return ANSWER_OK;
}

static instant
window_of(const struct authority_body *b)
{
	return (instant)b->bulk_window_min * MINUTE_US;
}

/* A permit with room for so many, or 0. */
static uint64_t
find_permit(const struct keeper *k, const struct session *s, uint64_t holding,
    uint64_t n)
{
	const struct roll_node *i =
	    roll_permits(k->roll, s->body, s->account);
	for (; i != NULL; i = i->next) {
		if (i->now == NULL ||
		    !authority_is_in_force(&i->now->row, k->now))
			continue;
		const struct authority_permit *p = &i->now->row.permit;
		uint64_t id = i->now->row.head.id;
		uint64_t used = permit_used(k->limits, s->body, id);
		if ((p->holding == 0 || p->holding == holding) &&
		    used <= p->count && n <= p->count - used)
			return id;
	}
	return 0;
}

/*
 * n more of `what` against so many in the window. What is past it is taken
 * from a permit (records only), refused, or marked, as the body says.
 */
static enum answer
ask_limit(struct keeper *k, struct leave *l, uint64_t holding,
    enum limit_what what, uint64_t allowed, uint64_t n)
{
	const struct session *s = l->session;
	if (l->body->bulk_records == 0)
		return ANSWER_OK;
	uint64_t sum = limit_count(k->limits, s->body, s->person, what, k->now,
	    window_of(l->body)) + n;
	if (sum <= allowed)
		return ANSWER_OK;
	uint64_t beyond = sum - allowed < n ? sum - allowed : n;
	if (what == LIMIT_OPENED)
		l->permit = find_permit(k, s, holding, beyond);
	if (l->permit != 0) {
		l->beyond = beyond;
		return ANSWER_OK;
	}
	if (l->body->bulk_stop)
		return ANSWER_LIMIT;
	l->is_over = true;
	return ANSWER_OK;
}

static bool
count_it(struct keeper *k, const struct leave *l, enum limit_what what,
    uint64_t n)
{
	const struct session *s = l->session;
	return limit_add(k->limits, s->body, s->person, what, k->now,
		   window_of(l->body), n) &&
	    (l->permit == 0 ||
		permit_use(k->limits, s->body, l->permit, l->beyond)) &&
	    (l->release == 0 ||
		permit_use(k->limits, s->body, l->release, 1));
}

static bool
is_intent(const struct message_intent *in)
{
	return keeper_is_purpose(in->purpose) &&
	    keeper_is_reference(in->reference);
}

static struct entry
entry_of(const struct keeper *k, const struct message_intent *in,
    const struct leave *l, struct slice verb)
{
	return (struct entry){
	    .body = l->session->body,
	    .at = k->now,
	    .verb = verb,
	    .session = l->session,
	    .intent = in,
	    .has_over = true,
	    .is_over = l->is_over,
	    .grant = l->grant,
	    .ground = l->ground == NULL ? SLICE_NONE
					: authority_text_slice(l->ground),
	    .permit = l->permit,
	    .beyond = l->beyond,
	    .release = l->release,
	};
}

static enum answer
unwrap(struct keeper *k, const struct leave *l, uint64_t holding,
    const struct message_record *r, uint8_t ret[RECORD_KEY_BYTES])
{
	return keeper_unwrap(
	    k, l->keys, l->session->body, holding, r, ret);
}

/* The first one says what was done; the others go with it. */
static struct slice
verb_of(const struct message_record *first, struct slice record,
    struct slice document)
{
	return first->class == RECORD_DOCUMENT ? document : record;
}

/*
 * By its wrap, or by the row that says so: that row counts for every version,
 * for wraps older than it, which the server may have kept, and for the
 * record's documents.
 */
static bool
is_marked(struct keeper *k, const struct message_intent *in, uint64_t record,
    enum record_class class)
{
	const struct session *s = keeper_session(k, &in->session);
	if (class == RECORD_SECRET || s == NULL)
		return class == RECORD_SECRET;
	const struct authority_row *row =
	    roll_find(k->roll, AUTHORITY_SECRET, s->body, record);
	return row != NULL && row->secret.is_secret &&
	    row->secret.holding == in->holding;
}

static bool
has_secret(struct keeper *k, const struct message_intent *in,
    const struct message_record *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_marked(k, in,
			r[i].class == RECORD_DOCUMENT ? r[i].of : r[i].id,
			r[i].class))
			return true;
	return false;
}

/* One record alone, or one document in front of its own record; or NULL. */
static const struct message_record *
find_output(const struct open_ask *ask)
{
	const struct message_record *first = &ask->records[0];
	if (first->class != RECORD_DOCUMENT)
		return ask->n == 1 ? first : NULL;
	return ask->n == 2 && ask->records[1].class != RECORD_DOCUMENT &&
		ask->records[1].id == first->of
	    ? &ask->records[1]
	    : NULL;
}

/* An output of a 秘匿 record: as another person confirmed it, not used yet. */
static enum answer
find_release(const struct keeper *k, struct leave *l,
    const struct open_ask *ask)
{
	const struct session *s = l->session;
	const struct message_record *out = find_output(ask);
	const struct roll_node *i = roll_releases(k->roll, s->body, s->person);
	for (; i != NULL && out != NULL; i = i->next) {
		if (i->now == NULL ||
		    !authority_is_in_force(&i->now->row, k->now))
			continue;
		const struct authority_release *r = &i->now->row.release;
		uint64_t id = i->now->row.head.id;
		if (r->holding != ask->intent.holding ||
		    r->record != out->id || r->version != out->version ||
		    r->act != ask->intent.act ||
		    !slice_is_equal(authority_text_slice(&r->purpose),
			ask->intent.purpose) ||
		    permit_used(k->limits, s->body, id) > 0)
			continue;
		l->release = id;
		return ANSWER_OK;
	}
	return ANSWER_SAME_PERSON;
}

enum answer
keeper_may(struct keeper *k, const struct message_intent *in, bool is_secret)
{
	struct leave l = {0};
	return ask_leave(k, in, is_secret, &l);
}

unsigned
keeper_open(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct open_ask *ask = &k->open;
	struct open_answer *to = &k->opened;
	const struct message_intent *in = &ask->intent;
	struct leave l = {0};
	if (!open_ask_read(rq->content, ask) || !is_intent(in) ||
	    in->act == ACT_CREATE || in->act == ACT_ERASE)
		return ANSWER_BAD_MESSAGE;
	bool is_closed = has_secret(k, in, ask->records, ask->n);
	enum answer a = ask_leave(k, in, is_closed, &l);
	if (a == ANSWER_OK && is_closed && act_is_output(in->act))
		a = find_release(k, &l, ask);
	if (a == ANSWER_OK)
		a = ask_limit(k, &l, in->holding, LIMIT_OPENED,
		    l.body->bulk_records, ask->n);
	for (size_t i = 0; a == ANSWER_OK && i < ask->n; i++)
		a = unwrap(k, &l, in->holding, &ask->records[i], to->keys[i]);
	if (a == ANSWER_OK) {
		struct entry e = entry_of(k, in, &l,
		    verb_of(ask->records, SLICE("record.open"),
			SLICE("document.open")));
		e.of = ask->records[0].of;
		e.n_records = ask->n;
		e.records = &ask->records[0].id;
		e.records_stride = sizeof(ask->records[0]);
		a = !count_it(k, &l, LIMIT_OPENED, ask->n)
		    ? ANSWER_BUSY
		    : keeper_enter(k, &e, &to->entry);
	} else {
		a = keeper_refuse(k, l.session, in, 0, a);
	}
	if (a == ANSWER_OK) {
		to->is_over = l.is_over;
		to->n = ask->n;
		open_answer_write(out, to);
	}
	mem_wipe(to->keys, ask->n * sizeof(to->keys[0]));
	return a;
}

/* A newer version; or the same one, as a record becomes 秘匿. */
static bool
is_next(const struct create_item *c)
{
	return c->version > c->old.version ||
	    (c->version == c->old.version && c->class == RECORD_SECRET &&
		c->old.class == RECORD_ORDINARY);
}

/* The slot of each item: that of the old wrap, or a new one. */
static enum answer
find_slots(struct keeper *k, const struct leave *l,
    const struct create_ask *ask, uint64_t *slots)
{
	uint8_t old[RECORD_KEY_BYTES];
	struct err err;
	enum answer a = ANSWER_OK;
	if (ask->intent.act == ACT_CREATE) {
		uint64_t first;
		if (!slots_take(k->slots, ask->n, &first, &err))
			return err.code == ERR_FULL ? ANSWER_FULL : ANSWER_BUSY;
		for (size_t i = 0; i < ask->n; i++)
			slots[i] = first + i;
		return ANSWER_OK;
	}
	for (size_t i = 0; a == ANSWER_OK && i < ask->n; i++) {
		const struct create_item *c = &ask->items[i];
		a = c->old.id != c->id || !is_next(c) ? ANSWER_FORGED
		    : unwrap(k, l, ask->intent.holding, &c->old, old);
		slots[i] = num_be64(c->old.wrap);
	}
	mem_wipe(old, sizeof(old));
	return a;
}

static bool
is_create_secret(struct keeper *k, const struct create_ask *ask)
{
	for (size_t i = 0; i < ask->n; i++)
		if (is_marked(k, &ask->intent,
			ask->items[i].class == RECORD_DOCUMENT
			    ? ask->items[i].of
			    : ask->items[i].id,
			ask->items[i].class) ||
		    (ask->intent.act == ACT_CORRECT &&
			ask->items[i].old.class == RECORD_SECRET))
			return true;
	return false;
}

/* One document alone, or records; a document has no second version. */
static bool
are_ids(const struct create_ask *ask)
{
	for (size_t i = 0; i < ask->n; i++) {
		const struct create_item *c = &ask->items[i];
		bool is_document = c->class == RECORD_DOCUMENT;
		if (c->id == 0 || c->version == 0)
			return false;
		if (is_document && (ask->n > 1 || c->version > 1 ||
				       c->of == 0 ||
				       ask->intent.act != ACT_CREATE))
			return false;
		if (ask->intent.act == ACT_CORRECT &&
		    c->old.class == RECORD_DOCUMENT)
			return false;
	}
	return true;
}

unsigned
keeper_create(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct create_ask ask = {.items = k->create};
	struct create_answer to = {.made = k->made};
	struct leave l = {0};
	if (!create_ask_read(rq->content, &ask) || !is_intent(&ask.intent) ||
	    (ask.intent.act != ACT_CREATE && ask.intent.act != ACT_CORRECT) ||
	    !are_ids(&ask))
		return ANSWER_BAD_MESSAGE;
	bool is_closed = is_create_secret(k, &ask);
	enum answer a = ask_leave(k, &ask.intent, is_closed, &l);
	if (a == ANSWER_OK)
		a = find_slots(k, &l, &ask, k->slot_list);
	if (a != ANSWER_OK)
		return keeper_refuse(k, l.session, &ask.intent, 0, a);
	to.n = ask.n;
	for (size_t i = 0; i < ask.n; i++) {
		random_fill(to.made[i].key, RECORD_KEY_BYTES);
		keeper_wrap(k, l.keys, l.session->body, ask.intent.holding,
		    &ask.items[i], k->slot_list[i], &to.made[i]);
	}
	struct entry e = entry_of(k, &ask.intent, &l,
	    ask.items[0].class == RECORD_DOCUMENT ? SLICE("document.create")
	    : ask.intent.act == ACT_CREATE	  ? SLICE("record.create")
						  : SLICE("record.correct"));
	e.of = ask.items[0].of;
	e.n_records = ask.n;
	e.records = &ask.items[0].id;
	e.records_stride = sizeof(ask.items[0]);
	a = !count_it(k, &l, LIMIT_WRITTEN, ask.n)
	    ? ANSWER_BUSY
	    : keeper_enter(k, &e, &to.entry);
	if (a == ANSWER_OK)
		create_answer_write(out, &to);
	mem_wipe(to.made, ask.n * sizeof(to.made[0]));
	return a;
}

/* A token tells of an item, so the grant must hold the item. */
static bool
are_items_granted(const struct tokens_ask *ask, uint64_t items)
{
	for (size_t i = 0; items != UINT64_MAX && i < ask->n; i++)
		if (ask->terms[i].item > 62 ||
		    (items >> ask->terms[i].item & 1) == 0)
			return false;
	return true;
}

static enum answer
ask_token_limit(struct keeper *k, struct leave *l,
    const struct message_intent *in, uint64_t n)
{
	const struct session *s = l->session;
	if (in->act == ACT_SEARCH)
		return ask_limit(k, l, in->holding, LIMIT_LOOKUPS,
		    (uint64_t)l->body->bulk_records *
			LIMIT_LOOKUPS_PER_RECORD,
		    n);
	return ask_limit(k, l, in->holding, LIMIT_STORED,
	    limit_count(k->limits, s->body, s->person, LIMIT_WRITTEN, k->now,
		window_of(l->body)) *
		LIMIT_TOKENS_PER_RECORD,
	    n);
}

unsigned
keeper_tokens(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct tokens_ask ask = {.terms = k->terms};
	struct tokens_answer to = {.tokens = k->tokens};
	const struct message_intent *in = &ask.intent;
	struct leave l = {0};
	if (!tokens_ask_read(rq->content, &ask) || !is_intent(in) ||
	    (in->act != ACT_SEARCH && in->act != ACT_CREATE &&
		in->act != ACT_CORRECT))
		return ANSWER_BAD_MESSAGE;
	enum answer a = ask_leave(k, in, false, &l);
	if (a == ANSWER_OK && in->act == ACT_SEARCH &&
	    !are_items_granted(&ask, l.items))
		a = ANSWER_BEYOND_GRANT;
	if (a == ANSWER_OK)
		a = ask_token_limit(k, &l, in, ask.n);
	if (a != ANSWER_OK)
		return keeper_refuse(k, l.session, in, 0, a);
	struct entry e = entry_of(k, in, &l,
	    in->act == ACT_SEARCH ? SLICE("token.find")
				  : SLICE("token.store"));
	e.count = ask.n;
	a = !count_it(k, &l,
		in->act == ACT_SEARCH ? LIMIT_LOOKUPS : LIMIT_STORED, ask.n)
	    ? ANSWER_BUSY
	    : keeper_enter(k, &e, &to.entry);
	if (a != ANSWER_OK)
		return a;
	for (size_t i = 0; i < ask.n; i++) {
		uint8_t hash[HASH_BYTES];
		uint8_t item[3] = {(uint8_t)(ask.terms[i].item >> 8),
		    (uint8_t)ask.terms[i].item, 0};
		struct slice parts[] = {slice_bytes(item, sizeof(item)),
		    ask.terms[i].text};
		mac_parts(l.keys->token, parts, 2, hash);
		memcpy(to.tokens[i].p, hash, TOKEN_BYTES);
	}
	to.n = ask.n;
	to.is_over = l.is_over;
	tokens_answer_write(out, &to);
	return ANSWER_OK;
}

/*
 * The wraps must open, or a session of one holding could end another's
 * records. The slots are overwritten after the entry is durable, before the
 * answer goes out.
 */
unsigned
keeper_erase(struct keeper *k, const struct request *rq, struct buf *out)
{
	struct erase_ask ask;
	struct entry_answer to;
	struct leave l = {0};
	uint8_t key[RECORD_KEY_BYTES];
	if (!erase_ask_read(rq->content, &ask) || !is_intent(&ask.intent) ||
	    ask.intent.act != ACT_ERASE)
		return ANSWER_BAD_MESSAGE;
	if (k->n_doomed + ask.n > KEEPER_DOOMED_MAX)
		return ANSWER_BUSY;
	enum answer a =
	    ask_leave(k, &ask.intent,
		has_secret(k, &ask.intent, ask.records, ask.n), &l);
	for (size_t i = 0; a == ANSWER_OK && i < ask.n; i++) {
		a = unwrap(k, &l, ask.intent.holding, &ask.records[i], key);
		k->slot_list[i] = num_be64(ask.records[i].wrap);
	}
	mem_wipe(key, sizeof(key));
	if (a != ANSWER_OK)
		return keeper_refuse(k, l.session, &ask.intent, 0, a);
	struct entry e = entry_of(k, &ask.intent, &l,
	    verb_of(ask.records, SLICE("record.erase"),
		SLICE("document.erase")));
	e.of = ask.records[0].of;
	for (size_t n = 1; n < ask.n; n++)
		e.count += ask.records[n].class == RECORD_DOCUMENT;
	e.n_records = ask.n;
	e.records = &ask.records[0].id;
	e.records_stride = sizeof(ask.records[0]);
	e.n_slots = ask.n;
	e.slots = k->slot_list;
	a = keeper_enter(k, &e, &to.entry);
	if (a != ANSWER_OK)
		return a;
	for (size_t i = 0; i < ask.n; i++)
		k->doomed[k->n_doomed++] = k->slot_list[i];
	entry_answer_write(out, &to);
	return ANSWER_OK;
}
