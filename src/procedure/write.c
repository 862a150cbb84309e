/* Deeds: judged, then written with the matter and whose turn it is next. */
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "guard/door_people.h"
#include "people/people.h"
#include "procedure.sql.h"
#include "procedure/procedure.h"
#include "regulation/values.h"

/* What is written, made before the writer's thread has it. */
struct procedure_job {
	const struct procedure_write *w;
	uint64_t body;
	struct outcome after;
	struct slice content;
	uint8_t hash[PROCEDURE_HASH_BYTES];
	uint32_t number;
	uint32_t sequence; /* of a new one */
	instant due;
	bool is_new;
	struct procedure_effects effects;
};

/* Behind its length, so that no two texts run into each other. */
static void
add_text(struct hash *hash, struct slice s)
{
	uint8_t n[8];
	num_put_be64(n, s.n);
	hash_add(hash, n, sizeof(n));
	if (s.n > 0)
		hash_add(hash, s.p, s.n);
}

/* Over the fields that are filled by this step: what later steps fill does not
 * unmake a decision, what was decided cannot be changed under it. */
static bool
make_hash(struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	const struct pack_procedure *p = m->procedure;
	const struct slice *values = x->w->wish->values;
	SCOPED(hash_close_scoped) struct hash *hash = hash_open();
	if (hash == NULL)
		return ERR(err, ERR_BUSY, "no memory");
	hash_add(hash, x->w->pack->hash, PACK_HASH_BYTES);
	add_text(hash, p->id);
	for (size_t i = 0; i < p->n_fields; i++) {
		if (pack_procedure_owner(p, i) > m->step)
			continue;
		add_text(hash, p->fields[i].id);
		add_text(hash, values[i]);
	}
	hash_end(hash, x->hash);
	return true;
}

/* The end of the day by which the step must be taken. */
static instant
due_of(const struct procedure_write *w, uint32_t step, enum matter_state state)
{
	const struct pack_step *s = &w->matter->procedure->steps[step];
	struct date today = date_of_instant(w->now);
	if (state != MATTER_OPEN || !s->has_due)
		return 0;
	return date_end(s->due.is_open
	        ? calendar_add_open_days(w->calendar, today,
	              (unsigned)s->due.days)
	        : date_add_days(today, (int32_t)s->due.days));
}

/* ---- inside the transaction ---- */

static bool
add_turn(struct store_tx *tx, const struct procedure_job *x,
    struct slice office, uint64_t section, uint64_t person, bool is_after,
    struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(office), STORE_INT((int64_t)section),
	    STORE_INT((int64_t)person),
	    STORE_INT((int64_t)x->w->matter->id), STORE_INT(is_after)};
	return store_run(tx, PROCEDURE_TURN_ADD, p, STORE_COUNT(p), NULL, err);
}

static uint64_t
section_of(const struct matter *m, enum pack_step_where where)
{
	switch (where) {
	case PACK_STEP_SECTION:
		return m->section;
	case PACK_STEP_HOLDING:
		return m->holding_section;
	case PACK_STEP_BODY:
		break;
	}
	return 0;
}

/* Those of the step who have not acted in it. */
static bool
add_turns(struct store_tx *tx, const struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	const struct pack_step *s = &m->procedure->steps[x->after.step];
	if (x->after.state != MATTER_OPEN)
		return true;
	if (s->n_by == 0)
		return add_turn(tx, x, SLICE(""), 0, m->asker, false, err);
	for (size_t i = 0; i < s->n_by; i++) {
		bool is_waiting = x->after.has_moved ||
		    (procedure_is_awaited(m, s->by[i].id) &&
		        !(slice_is_equal(s->by[i].id, x->after.as) &&
		            x->w->wish->deed != DEED_TICK));
		if (is_waiting && !add_turn(tx, x, s->by[i].id,
		    section_of(m, s->where), 0, false, err))
			return false;
	}
	return true;
}

/* 後閲: the offices for which a deputy acted, this deed's too. */
static bool
add_readings(
    struct store_tx *tx, const struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	const struct wish *w = x->w->wish;
	for (size_t s = 0; s < m->procedure->n_steps; s++) {
		const struct pack_step *step = &m->procedure->steps[s];
		for (size_t i = 0; i < step->n_by; i++) {
			struct slice office = step->by[i].id;
			bool is_unread = procedure_is_unread(m, office);
			if (slice_is_equal(office, x->after.as))
				is_unread = w->deed == DEED_READ_AFTER ? false
				    : is_unread || w->as.n > 0;
			if (is_unread && !add_turn(tx, x, office,
			    section_of(m, step->where), 0, true, err))
				return false;
		}
	}
	return true;
}

static bool
add_deed(struct store_tx *tx, const struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	const struct actor *a = x->w->actor;
	const struct wish *w = x->w->wish;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)m->id), STORE_INT(x->number),
	    STORE_INT(x->w->now),
	    STORE_TEXT(m->procedure->steps[m->step].id),
	    STORE_TEXT(slice_of(deed_name(w->deed))),
	    STORE_INT((int64_t)a->person), STORE_INT((int64_t)a->capacity),
	    STORE_INT((int64_t)a->terminal), STORE_TEXT(a->office),
	    STORE_TEXT(x->after.as), STORE_TEXT(w->item), STORE_TEXT(w->note),
	    STORE_BLOB(slice_bytes(x->hash, sizeof(x->hash))),
	    STORE_TEXT(x->content)};
	return store_run(tx, PROCEDURE_DEED_ADD, p, STORE_COUNT(p), NULL, err);
}

static bool
take_number(struct store_tx *tx, struct procedure_job *x, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT(x->w->matter->year)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_run(tx, PROCEDURE_COUNT_RAISE, p, 2, NULL, err) ||
	    !store_tx_query_one(tx, PROCEDURE_COUNT_GET, p, 2, &rows, err))
		return false;
	x->sequence = (uint32_t)store_int(&rows, PROCEDURE_COUNT_GET__LAST);
	return store_finish(&rows, err);
}

static bool
add_matter(struct store_tx *tx, struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	if (!take_number(tx, x, err))
		return false;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)m->id), STORE_TEXT(m->procedure->id),
	    STORE_BLOB(slice_bytes(x->w->pack->hash, PACK_HASH_BYTES)),
	    STORE_INT(m->year), STORE_INT(x->sequence),
	    STORE_INT((int64_t)m->section), STORE_INT((int64_t)m->holding),
	    STORE_INT((int64_t)m->asker), STORE_TEXT(x->w->name),
	    STORE_TEXT(x->content),
	    STORE_TEXT(slice_of(matter_state_name(x->after.state))),
	    STORE_TEXT(m->procedure->steps[x->after.step].id),
	    STORE_INT(x->after.has_moved ? x->number : 0),
	    STORE_INT(x->w->now), STORE_INT(x->due),
	    STORE_INT(x->after.state == MATTER_OPEN ? 0 : x->w->now)};
	return store_run(tx, PROCEDURE_MATTER_ADD, p, STORE_COUNT(p), NULL,
	    err);
}

static bool
change_matter(
    struct store_tx *tx, const struct procedure_job *x, struct err *err)
{
	const struct matter *m = x->w->matter;
	bool has_moved = x->after.has_moved;
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)m->id), STORE_INT(m->version),
	    STORE_TEXT(x->w->name), STORE_TEXT(x->content),
	    STORE_TEXT(slice_of(matter_state_name(x->after.state))),
	    STORE_TEXT(m->procedure->steps[x->after.step].id),
	    STORE_INT(has_moved ? x->number : m->entered),
	    STORE_INT(has_moved ? x->w->now : m->since),
	    STORE_INT(has_moved ? x->due : m->due),
	    STORE_INT(x->after.state == MATTER_OPEN ? 0
	        : m->closed_at != 0 ? m->closed_at : x->w->now)};
	int64_t changed = 0;
	return store_run(tx, PROCEDURE_MATTER_CHANGE, p, STORE_COUNT(p),
	           &changed, err) &&
	    (changed == 1 || ERR(err, ERR_CONFLICT,
	        "somebody else acted in the matter meanwhile"));
}

bool
procedure_run(struct store_tx *tx, struct procedure_job *x, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)x->body),
	    STORE_INT((int64_t)x->w->matter->id)};
	const struct store_value change[] = {STORE_INT((int64_t)x->body),
	    STORE_TEXT(x->w->matter->procedure->id)};
	return store_run(tx, PROCEDURE_CHANGE_RAISE, change,
	           STORE_COUNT(change), NULL, err) &&
	    (x->is_new ? add_matter(tx, x, err)
	               : change_matter(tx, x, err)) &&
	    add_deed(tx, x, err) &&
	    store_run(tx, PROCEDURE_TURN_DROP, p, 2, NULL, err) &&
	    add_turns(tx, x, err) && add_readings(tx, x, err);
}

static bool
run_act(struct store_tx *tx, void *arg, struct err *err)
{
	struct procedure_job *x = arg;
	return procedure_run(tx, x, err) && (x->effects.run == NULL ||
	    x->effects.run(tx, x->effects.arg, err));
}

/* ---- outside ---- */

static enum err_code
code_of(enum flaw flaw)
{
	return flaw == FLAW_FIELDS || flaw == FLAW_CHECKLIST ||
	        flaw == FLAW_NO_NOTE || flaw == FLAW_NO_STEP
	    ? ERR_INPUT
	    : flaw == FLAW_MOVED || flaw == FLAW_CLOSED || flaw == FLAW_TWICE
	    ? ERR_CONFLICT
	    : ERR_DENIED;
}

static void
take_over(const struct procedure_job *x, struct matter *m)
{
	m->version = x->is_new ? 1 : m->version + 1;
	m->sequence = x->is_new ? x->sequence : m->sequence;
	m->state = x->after.state;
	m->step = x->after.step;
}

bool
procedure_ready(const struct visitor *v, const struct procedure_write *w,
    struct procedure_job **ret, enum flaw *ret_flaw, struct err *err)
{
	struct procedure_job *x = arena_alloc(v->arena, sizeof(*x));
	if (x == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*x = (struct procedure_job){.w = w, .body = v->body,
	    .is_new = w->matter->id == 0,
	    .number = (uint32_t)w->matter->n_done + 1};
	*ret_flaw = procedure_judge(w->matter, w->actor, w->wish, &x->after);
	if (*ret_flaw != FLAW_NONE)
		return ERR(err, code_of(*ret_flaw), "the matter does not take "
		    "this: %s", flaw_name(*ret_flaw));
	if (!pack_values_write(w->matter->procedure->fields,
		w->matter->procedure->n_fields, w->wish->values, v->arena,
		&x->content, err) ||
	    !make_hash(x, err))
		return false;
	x->due = due_of(w, x->after.step, x->after.state);
	if (x->is_new)
		w->matter->id = people_new_id();
	*ret = x;
	return true;
}

static bool
commit(struct door *d, struct visitor *v, struct procedure_job *x,
    struct err *err)
{
	const struct door_commit c = {.run = run_act, .arg = x,
	    .verb = x->is_new ? "matter.open" : "matter.act",
	    .subject = x->w->matter->id};
	struct put ignored;
	if (x->effects.grant != NULL)
		return door_commit_grant(d, v, &c, x->effects.grant, &ignored,
		    err);
	return x->effects.ends_grant ? door_commit_end(d, v, &c, &ignored, err)
	                             : door_commit(d, v, &c, err);
}

bool
procedure_act(struct door *d, struct visitor *v,
    const struct procedure_write *w, enum flaw *ret_flaw, struct err *err)
{
	struct procedure_job *x;
	bool is_new = w->matter->id == 0;
	if (!procedure_ready(v, w, &x, ret_flaw, err))
		return false;
	if ((w->effects == NULL ||
	        w->effects(w->ctx, w, &x->after, &x->effects, err)) &&
	    commit(d, v, x, err)) {
		take_over(x, w->matter);
		return true;
	}
	if (is_new)
		w->matter->id = 0;
	return false;
}
