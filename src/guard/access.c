/*
 * Who opened what and why; the ledger's state; entries of other acts.
 */
#include <stdlib.h>
#include <string.h>

#include "guard.sql.h"
#include "guard/inside.h"

/* ---- what may be asked ---- */

static bool
has(const struct visitor *v, enum right right)
{
	return (v->rights & RIGHT_BIT(right)) != 0;
}

/* Holdings that the visitor oversees. */
static bool
oversees(struct door *d, const struct visitor *v, uint64_t holding)
{
	const struct authority_row *h =
	    snapshot_row(door_pin(d), AUTHORITY_HOLDING, v->body, holding);
	return has(v, RIGHT_OVERSEE) && h != NULL &&
	       (v->section == 0 || v->section == h->holding.section);
}

/* ---- reading ---- */

enum { CURSOR_END = 0 };

struct cursor {
	instant at;
	int64_t entry;
	int64_t record;
};

static struct cursor
cursor_of(const struct door_accesses *ask)
{
	if (ask->before == CURSOR_END)
		return (struct cursor){INT64_MAX, INT64_MAX, INT64_MAX};
	return (struct cursor){ask->before, (int64_t)ask->before_entry,
	    (int64_t)ask->before_record};
}

/* The four statements have the same columns. */
static bool
read_accesses(struct door *d, struct arena *a, store_id id,
    const struct store_value *p, size_t n_p, struct shown_access *ret,
    size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	if (!store_query(d->reader, id, p, n_p, &rows, err))
		return false;
	while (n < DOOR_PAGE_MAX && store_next(&rows))
		ret[n++] = (struct shown_access){
		    .at = store_int(&rows, GUARD_ACCESS_ALL__AT),
		    .entry =
			(uint64_t)store_int(&rows, GUARD_ACCESS_ALL__ENTRY),
		    .record =
			(uint64_t)store_int(&rows, GUARD_ACCESS_ALL__RECORD),
		    .person =
			(uint64_t)store_int(&rows, GUARD_ACCESS_ALL__PERSON),
		    .capacity =
			(uint64_t)store_int(&rows, GUARD_ACCESS_ALL__CAPACITY),
		    .holding =
			(uint64_t)store_int(&rows, GUARD_ACCESS_ALL__HOLDING),
		    .act =
			arena_copy(a, store_text(&rows, GUARD_ACCESS_ALL__ACT)),
		    .purpose = arena_copy(
			a, store_text(&rows, GUARD_ACCESS_ALL__PURPOSE)),
		    .reference = arena_copy(
			a, store_text(&rows, GUARD_ACCESS_ALL__REFERENCE)),
		    .result = arena_copy(
			a, store_text(&rows, GUARD_ACCESS_ALL__RESULT))};
	*ret_n = n;
	return store_finish(&rows, err);
}

static bool
of_holding(struct door *d, const struct visitor *v,
    const struct door_accesses *ask, uint64_t holding, struct shown_access *ret,
    size_t *ret_n, struct err *err)
{
	const struct cursor c = cursor_of(ask);
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT((int64_t)holding), STORE_INT(c.at), STORE_INT(c.entry),
	    STORE_INT(c.record), STORE_INT(DOOR_PAGE_MAX)};
	return read_accesses(d, v->arena, GUARD_ACCESS_OF_HOLDING, p,
	    STORE_COUNT(p), ret, ret_n, err);
}

static bool
of_record(struct door *d, const struct visitor *v,
    const struct door_accesses *ask, struct shown_access *ret, size_t *ret_n,
    struct err *err)
{
	const struct cursor c = cursor_of(ask);
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT((int64_t)ask->holding), STORE_INT((int64_t)ask->record),
	    STORE_INT(c.at), STORE_INT(c.entry), STORE_INT(DOOR_PAGE_MAX)};
	return read_accesses(d, v->arena, GUARD_ACCESS_OF_RECORD, p,
	    STORE_COUNT(p), ret, ret_n, err);
}

static bool
of_person(struct door *d, const struct visitor *v,
    const struct door_accesses *ask, struct shown_access *ret, size_t *ret_n,
    struct err *err)
{
	const struct cursor c = cursor_of(ask);
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT((int64_t)ask->person), STORE_INT(c.at),
	    STORE_INT(c.entry), STORE_INT(c.record), STORE_INT(DOOR_PAGE_MAX)};
	return read_accesses(d, v->arena, GUARD_ACCESS_OF_PERSON, p,
	    STORE_COUNT(p), ret, ret_n, err);
}

static bool
of_body(struct door *d, const struct visitor *v,
    const struct door_accesses *ask, struct shown_access *ret, size_t *ret_n,
    struct err *err)
{
	const struct cursor c = cursor_of(ask);
	const struct store_value p[] = {STORE_INT((int64_t)v->body),
	    STORE_INT(c.at), STORE_INT(c.entry), STORE_INT(c.record),
	    STORE_INT(DOOR_PAGE_MAX)};
	return read_accesses(
	    d, v->arena, GUARD_ACCESS_ALL, p, STORE_COUNT(p), ret, ret_n, err);
}

/* Newest first. */
static int
order_accesses(const void *x, const void *y)
{
	const struct shown_access *a = x;
	const struct shown_access *b = y;
	if (a->at != b->at)
		return a->at < b->at ? 1 : -1;
	if (a->entry != b->entry)
		return a->entry < b->entry ? 1 : -1;
	return (a->record < b->record) - (a->record > b->record);
}

/* All holdings of one's section: a page of each, then the newest of all. */
static bool
of_section(struct door *d, const struct visitor *v,
    const struct door_accesses *ask, struct shown_access *ret, size_t *ret_n,
    struct err *err)
{
	struct shown_access *both =
	    arena_array(v->arena, 2 * DOOR_PAGE_MAX, sizeof(*both));
	const struct authority_row *list[DOOR_PAGE_MAX];
	uint64_t after = 0;
	size_t n, kept = 0;
	if (both == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	do {
		n = snapshot_list(door_pin(d), AUTHORITY_HOLDING, v->body,
		    after, list, DOOR_PAGE_MAX);
		for (size_t i = 0; i < n; i++) {
			size_t more = 0;
			after = list[i]->head.id;
			if (!oversees(d, v, after))
				continue;
			if (!of_holding(
				d, v, ask, after, both + kept, &more, err))
				return false;
			kept += more;
			qsort(both, kept, sizeof(*both), order_accesses);
			if (kept > DOOR_PAGE_MAX)
				kept = DOOR_PAGE_MAX;
		}
	} while (n == DOOR_PAGE_MAX);
	memcpy(ret, both, kept * sizeof(*ret));
	*ret_n = kept;
	return true;
}

/* ---- names ---- */

/* A page names few people, many times. */
static void
name_them(
    struct door *d, struct visitor *v, struct shown_access *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;
		while (j < i && (list[j].person != list[i].person ||
				    list[j].capacity != list[i].capacity))
			j++;
		if (j < i) {
			list[i].person_name = list[j].person_name;
			list[i].post = list[j].post;
			continue;
		}
		list[i].person_name =
		    door_name(d, v->arena, v->body, list[i].person);
		list[i].post = door_post(d, v, list[i].capacity);
	}
}

bool
door_accesses(struct door *d, struct visitor *v,
    const struct door_accesses *ask, struct shown_access **ret, size_t *ret_n,
    struct err *err)
{
	bool ok, is_all = has(v, RIGHT_AUDIT);
	struct shown_access *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	door_renew(d);
	if (ask->holding != 0 && (is_all || oversees(d, v, ask->holding)))
		ok = ask->record != 0
			 ? of_record(d, v, ask, out, ret_n, err)
			 : of_holding(d, v, ask, ask->holding, out, ret_n, err);
	else if (ask->person != 0 && (is_all || ask->person == v->person))
		ok = of_person(d, v, ask, out, ret_n, err);
	else if (ask->holding != 0 || ask->person != 0)
		ok = ERR(err, ERR_DENIED,
		    "this needs the right to oversee the holding's section");
	else if (is_all)
		ok = of_body(d, v, ask, out, ret_n, err);
	else if (has(v, RIGHT_OVERSEE))
		ok = of_section(d, v, ask, out, ret_n, err);
	else {
		struct door_accesses own = *ask;
		own.person = v->person;
		ok = of_person(d, v, &own, out, ret_n, err);
	}
	if (!ok)
		return false;
	name_them(d, v, out, *ret_n);
	*ret = out;
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

/* ---- the ledger ---- */

bool
door_ledger_state(struct door *d, struct visitor *v, struct shown_ledger *ret,
    struct err *err)
{
	const struct status_ask ask = {0};
	struct status_answer s;
	const struct checkpoint_ask note = {0};
	struct checkpoint_answer c = {0};
	struct err none;
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_STATUS,
	    .ask = &ask,
	    .answer = &s};
	if (!guard_ask(&a, NULL, err))
		return false;
	const struct keeper_asking b = {.channel = d->channel,
	    .fiber = v->fiber,
	    .keep = v->arena,
	    .type = MESSAGE_CHECKPOINT,
	    .ask = &note,
	    .answer = &c};
	/* A keeper that refuses signs nothing: the state says so. */
	if (s.state == KEEPER_OPEN && !guard_ask(&b, NULL, &none))
		c.note = SLICE_NONE;
	*ret = (struct shown_ledger){.state = s.state,
	    .is_maintenance = s.is_maintenance,
	    .is_full = s.is_full,
	    .now = s.now,
	    .entries = s.entries,
	    .records = s.records,
	    .rows = s.rows,
	    .sessions = s.sessions,
	    .key = s.key,
	    .reason = s.reason,
	    .note = c.note};
	return true;
}

bool
door_enter(struct door *d, struct visitor *v, const struct door_note *note,
    uint64_t *ret_entry, struct err *err)
{
	struct append_ask ask = {.session = v->session,
	    .body = v->body,
	    .capacity = session_id_is_none(&v->session) ? 0 : v->capacity,
	    .verb = note->verb,
	    .reference = note->reference,
	    .n_subjects = note->n_subjects,
	    .detail = note->detail};
	struct entry_answer answer;
	if (note->n_subjects > MESSAGE_SUBJECTS_MAX)
		return ERR(err, ERR_INPUT, "an entry has at most %d subjects",
		    MESSAGE_SUBJECTS_MAX);
	memcpy(ask.subjects, note->subjects,
	    note->n_subjects * sizeof(ask.subjects[0]));
	const struct keeper_asking a = {.channel = d->channel,
	    .fiber = v->fiber,
	    .type = MESSAGE_APPEND,
	    .ask = &ask,
	    .answer = &answer};
	if (!guard_ask(&a, NULL, err))
		return false;
	*ret_entry = answer.entry;
	return true;
}
