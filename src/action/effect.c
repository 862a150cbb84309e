/*
 * The effects that a step of a procedure may name (regulation/effect.h): made
 * ready once the deed is judged good, written in its transaction. One that
 * cannot be made ready, or written, leaves the matter where it stands.
 */
#include "effect.h"

#include "base/date.h"
#include "base/num.h"
#include "pack_field.h"
#include "register.h"
#include "register/value.h"

enum { SPLIT_PARTS_MAX = 64 };

struct effect_job {
	enum pack_effect_kind kind;
	struct slice of; /* the register's or procedure's title */
	struct register_job *row;
	struct procedure_job *matter;
	struct door_instruction instruction;
};

struct effect_jobs {
	uint64_t body;
	const struct matter *m;
	size_t n;
	struct effect_job list[PACK_EFFECTS_MAX];
	struct door_grant grant;
};

/* One effect as it is made ready. */
struct making {
	struct call *call;
	const struct procedure_write *w;
	const struct matter *m;
	const struct pack_effect *effect;
	struct effect_job *job;
	struct effect_jobs *jobs;
};

/* ---- values ---- */

static struct slice
hex(struct call *call, uint64_t id)
{
	return arena_printf(call->arena, "%016llx", (unsigned long long)id);
}

static struct slice
own_value(const struct making *x, enum pack_effect_own own)
{
	struct call *call = x->call;
	struct date today = date_of_instant(call->now);
	switch (own) {
	case PACK_OWN_NUMBER:
		return matter_number(call, x->m->year, x->m->sequence);
	case PACK_OWN_TODAY:
		return arena_printf(call->arena, "%04d-%02u-%02u", today.year,
		    today.month, today.day);
	case PACK_OWN_ASKER:
		return hex(call, x->m->asker);
	case PACK_OWN_ACTOR:
		return hex(call, x->w->actor->person);
	case PACK_OWN_SECTION:
		return hex(call, x->m->section);
	case PACK_OWN_END:
		break;
	}
	return SLICE("");
}

/* Empty where the effect sets nothing for it. */
static struct slice
value_for(const struct making *x, struct slice to)
{
	const struct pack_effect_set *s = pack_effect_set(x->effect, to);
	if (s == NULL)
		return SLICE("");
	if (s->has_own)
		return own_value(x, s->own);
	size_t i = pack_procedure_field(x->m->procedure, s->from.id);
	return i < x->m->procedure->n_fields ? x->w->wish->values[i] : s->is;
}

static uint64_t
id_for(const struct making *x, const char *to)
{
	uint64_t id = 0;
	return num_read_hex(value_for(x, slice_of(to)), &id) ? id : 0;
}

static bool
fail(const struct making *x, struct err *err, enum err_code code,
    enum word word, struct slice what)
{
	return call_fail(x->call, err, code, word, what);
}

/* ---- a grant ---- */

static uint32_t
acts_of(struct slice text)
{
	uint32_t acts = 0;
	struct slice one;
	enum act act;
	while (slice_split(&text, ',', &one))
		if (act_read(slice_trim(one), &act))
			acts |= ACT_BIT(act);
	return acts;
}

/* Items by id or by name, as a person writes them: 氏名、住所. */
static bool
items_of(const struct making *x, const struct door_holding *h, uint64_t *ret,
    struct err *err)
{
	struct slice list[SPLIT_PARTS_MAX];
	size_t n = items_split(value_for(x, SLICE("items")), list,
	    SPLIT_PARTS_MAX);
	*ret = n == 0 ? ITEMS_ALL : 0;
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;
		while (i < h->n_items &&
		    !slice_is_equal(h->items[i].id, list[k]) &&
		    !slice_is_equal(h->items[i].name, list[k]))
			i++;
		if (i == h->n_items)
			return fail(x, err, ERR_INPUT,
			    WORD_MISTAKE_UNKNOWN_ITEM, list[k]);
		*ret |= ITEM_BIT(i);
	}
	return true;
}

static bool
date_for(const struct making *x, const char *to, struct date *ret)
{
	return date_read(value_for(x, slice_of(to)), ret, NULL);
}

/* The appointment that the grant hangs on. */
static bool
find_post(const struct making *x, struct door_grant *g, struct err *err)
{
	struct err why = ERR_INIT;
	if (door_post_for(x->call->door, x->call->visitor, g->holding,
	    g->person, g->from, &g->capacity, &why))
		return true;
	return fail(x, err, why.code, why.code == ERR_CONFLICT
	    ? WORD_MISTAKE_WHICH_POST : WORD_MISTAKE_NO_POST,
	    person_name(x->call, g->person));
}

static bool
make_grant(struct making *x, struct err *err)
{
	struct door_grant *g = &x->jobs->grant;
	struct door_holding h;
	struct date from, until;
	uint64_t most = parameter_of(x->call, "grant.max.days", 366);
	*g = (struct door_grant){.holding = id_for(x, "holding"),
	    .person = id_for(x, "person"),
	    .acts = acts_of(value_for(x, SLICE("acts"))),
	    .reference = own_value(x, PACK_OWN_NUMBER)};
	if (!door_holding_form(x->call->door, x->call->visitor, g->holding,
	        &h, err) ||
	    !items_of(x, &h, &g->items, err))
		return false;
	g->from = date_for(x, "from", &from) &&
	    date_begin(from) > x->call->now ? date_begin(from)
	                                    : x->call->now;
	if (!date_for(x, "until", &until) || date_end(until) <= g->from)
		return fail(x, err, ERR_INPUT, WORD_ERROR_EFFECT_UNTIL,
		    SLICE(""));
	g->until = date_end(until);
	if (g->until - g->from > (instant)(most + 1) * DAY_US)
		return fail(x, err, ERR_INPUT, WORD_MISTAKE_TOO_FAR,
		    arena_printf(x->call->arena, "%llu",
		        (unsigned long long)most));
	return find_post(x, g, err);
}

/* ---- rows of registers ---- */

static bool
fill_values(const struct making *x, const struct pack_field *fields, size_t n,
    const struct slice *there, const struct slice **ret, struct err *err)
{
	struct slice *values = arena_array(x->call->arena, n, sizeof(*values));
	if (values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < n; i++) {
		if (there != NULL)
			values[i] = there[i];
		if (pack_effect_set(x->effect, fields[i].id) == NULL &&
		    (there != NULL || !fields[i].is_required))
			continue;
		if (register_value_read(&fields[i], value_for(x,
		    fields[i].id), x->call->arena, &values[i]) != VALUE_GOOD)
			return fail(x, err, ERR_INPUT, WORD_ERROR_EFFECT_VALUE,
			    pack_word(x->call, &fields[i].label));
	}
	*ret = values;
	return true;
}

static struct register_write *
write_of(const struct making *x, const struct pack_register *r,
    struct register_row *row, struct err *err)
{
	struct register_write *w = arena_alloc(x->call->arena, sizeof(*w));
	struct register_row *kept = arena_alloc(x->call->arena, sizeof(*kept));
	if (w == NULL || kept == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory for this request");
		return NULL;
	}
	*kept = *row;
	*w = (struct register_write){.reg = r,
	    .pack_hash = x->w->pack->hash, .now = x->call->now, .row = kept,
	    .reason = own_value(x, PACK_OWN_NUMBER)};
	return w;
}

static bool
ready_row(struct making *x, const struct pack_register *r,
    struct register_row *row, struct err *err)
{
	size_t name = pack_register_field(r, r->name.id);
	row->n = r->n_fields;
	row->name = field_shown(x->call, &r->fields[name], row->values[name]);
	struct register_write *w = write_of(x, r, row, err);
	x->job->of = pack_word(x->call, &r->title);
	return w != NULL &&
	    register_ready(x->call->visitor, w, &x->job->row, err);
}

static bool
add_row(struct making *x, struct err *err)
{
	const struct pack_register *r =
	    pack_register(x->w->pack, x->effect->of.id);
	struct register_row row = {0};
	if (r == NULL)
		return fail(x, err, ERR_CORRUPT, WORD_ERROR_EFFECT,
		    x->effect->of.id);
	if (r->scope == PACK_REGISTER_SECTION)
		row.section = x->m->holding_section != 0
		    ? x->m->holding_section : x->m->section;
	return fill_values(x, r->fields, r->n_fields, NULL, &row.values,
	        err) &&
	    ready_row(x, r, &row, err);
}

/* The row that a field of the matter names, as long as it stands. */
static bool
find_row(struct making *x, const struct pack_register **ret_register,
    struct register_row *ret, struct err *err)
{
	const struct pack_procedure *p = x->m->procedure;
	size_t at = pack_procedure_field(p, x->effect->row.id);
	uint64_t id = 0;
	const struct pack_register *r = at == p->n_fields ? NULL
	    : pack_register(x->w->pack, p->fields[at].of.id);
	if (r == NULL)
		return fail(x, err, ERR_CORRUPT, WORD_ERROR_EFFECT,
		    x->effect->row.id);
	struct register_source from = register_source_of(x->call, r);
	*ret_register = r;
	if (!num_read_hex(x->w->wish->values[at], &id) ||
	    !register_get(&from, id, ret, err) || ret->ended_at != 0)
		return fail(x, err, ERR_CONFLICT, WORD_ERROR_EFFECT_ROW,
		    pack_word(x->call, &r->title));
	return true;
}

static bool
has_row(const struct making *x)
{
	size_t at = pack_procedure_field(x->m->procedure, x->effect->row.id);
	return at < x->m->procedure->n_fields &&
	    x->w->wish->values[at].n > 0;
}

static bool
change_row(struct making *x, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	if (!has_row(x))
		return true;
	return find_row(x, &r, &row, err) &&
	    fill_values(x, r->fields, r->n_fields, row.values, &row.values,
	        err) &&
	    ready_row(x, r, &row, err);
}

static bool
end_row(struct making *x, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	if (!has_row(x))
		return true;
	if (!find_row(x, &r, &row, err))
		return false;
	struct register_write *w = write_of(x, r, &row, err);
	x->job->of = pack_word(x->call, &r->title);
	return w != NULL &&
	    register_ready_end(x->call->visitor, w, &x->job->row, err);
}

/* ---- another matter ---- */

/* In the name of whoever took the step. */
static bool
open_matter(struct making *x, struct err *err)
{
	struct arena *a = x->call->arena;
	const struct pack_procedure *p =
	    pack_procedure(x->w->pack, x->effect->of.id);
	struct matter *m = arena_alloc(a, sizeof(*m));
	struct wish *wish = arena_alloc(a, sizeof(*wish));
	struct procedure_write *w = arena_alloc(a, sizeof(*w));
	enum flaw flaw = FLAW_NONE;
	if (m == NULL || wish == NULL || w == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (p == NULL || !procedure_may_begin(p, x->w->actor->office))
		return fail(x, err, ERR_DENIED, WORD_ERROR_PROCEDURE_BEGIN,
		    p == NULL ? x->effect->of.id
		              : pack_word(x->call, &p->title));
	*m = matter_new(x->call, p);
	*wish = (struct wish){.deed = DEED_ASK};
	x->job->of = pack_word(x->call, &p->title);
	if (m->values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!fill_values(x, p->fields, p->n_fields, m->values, &wish->values,
	        err) ||
	    !matter_take_holding(x->call, m, wish->values, err))
		return false;
	*w = *x->w;
	w->wish = wish;
	w->matter = m;
	w->effects = NULL;
	w->name = matter_name(x->call, p, wish->values);
	return procedure_ready(x->call->visitor, w, &x->job->matter, &flaw,
	    err) || fail(x, err, err->code, WORD_ERROR_EFFECT_MATTER,
	        x->job->of);
}

/* ---- an instruction ---- */

static bool
instruct(struct making *x, enum act act, struct err *err)
{
	uint64_t person = id_for(x, "person");
	x->job->instruction = (struct door_instruction){
	    .body = x->jobs->body, .matter = x->m->id, .act = act,
	    .number = own_value(x, PACK_OWN_NUMBER),
	    .holding = id_for(x, "holding"), .record = id_for(x, "record"),
	    .person = person != 0 ? person : x->m->asker,
	    .made_by = x->w->actor->person, .at = x->call->now};
	return x->job->instruction.holding != 0 ||
	    fail(x, err, ERR_INPUT, WORD_ERROR_EFFECT, SLICE("holding"));
}

static bool
make_one(struct making *x, struct procedure_effects *ret, struct err *err)
{
	switch (x->effect->kind) {
	case PACK_EFFECT_GRANT_MAKE:
		ret->grant = &x->jobs->grant;
		return make_grant(x, err);
	case PACK_EFFECT_GRANT_END:
		ret->ends_grant = true;
		return true;
	case PACK_EFFECT_ROW_ADD:
		return add_row(x, err);
	case PACK_EFFECT_ROW_CHANGE:
		return change_row(x, err);
	case PACK_EFFECT_ROW_END:
		return end_row(x, err);
	case PACK_EFFECT_MATTER_OPEN:
		return open_matter(x, err);
	case PACK_EFFECT_INSTRUCT_CORRECT:
		return instruct(x, ACT_CORRECT, err);
	case PACK_EFFECT_INSTRUCT_ERASE:
		return instruct(x, ACT_ERASE, err);
	case PACK_EFFECT_KINDS:
		break;
	}
	return ERR(err, ERR_CORRUPT, "no such effect");
}

/* ---- in the transaction ---- */

static bool
run_one(struct store_tx *tx, const struct effect_job *job, struct err *err)
{
	if (job->row != NULL)
		return register_run(tx, job->row, err);
	if (job->matter != NULL)
		return procedure_run(tx, job->matter, err);
	return job->instruction.matter == 0 ||
	    door_instruct(tx, &job->instruction, err);
}

/* What an earlier step allowed is over once the matter goes on. */
static bool
run_all(struct store_tx *tx, void *arg, struct err *err)
{
	const struct effect_jobs *jobs = arg;
	if (!door_instruct_end(tx, jobs->body, jobs->m->id, err))
		return false;
	for (size_t i = 0; i < jobs->n; i++)
		if (!run_one(tx, &jobs->list[i], err))
			return false;
	return true;
}

bool
effects_make(void *ctx, const struct procedure_write *w,
    const struct outcome *after, struct procedure_effects *ret,
    struct err *err)
{
	struct effecting *e = ctx;
	struct making x = {.call = e->call, .w = w, .m = w->matter};
	size_t n;
	const struct pack_effect *list =
	    procedure_effects(w->matter, w->wish, after, &n);
	x.jobs = arena_alloc(e->call->arena, sizeof(*x.jobs));
	if (x.jobs == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	e->jobs = x.jobs;
	x.jobs->body = e->call->visitor->body;
	x.jobs->m = w->matter;
	for (size_t i = 0; i < n; i++) {
		x.effect = &list[i];
		x.job = &x.jobs->list[x.jobs->n++];
		x.job->kind = list[i].kind;
		if (!make_one(&x, ret, err))
			return false;
	}
	if (after->has_moved) {
		ret->run = run_all;
		ret->arg = x.jobs;
	}
	return true;
}

void
effects_explain(const struct effecting *e, const struct err *err)
{
	const struct effect_jobs *jobs = e->jobs;
	for (size_t i = 0; jobs != NULL && i < jobs->n; i++)
		if (jobs->list[i].row != NULL &&
		    register_job_same(jobs->list[i].row) != 0)
			e->call->message = call_word(e->call,
			    WORD_ERROR_EFFECT_SAME, jobs->list[i].of);
	if (e->call->message.p == NULL && jobs != NULL &&
	    err->code == ERR_DENIED && jobs->grant.holding != 0)
		e->call->message = call_word(e->call, WORD_ERROR_EFFECT_GRANT);
}

/* ---- told beforehand ---- */

static struct slice
title_of(struct call *call, const struct pack_step *s,
    const struct pack_effect *e)
{
	const struct pack_register *r = pack_register(call->pack, e->of.id);
	const struct pack_procedure *p = pack_procedure(call->pack, e->of.id);
	return e->kind == PACK_EFFECT_ROW_ADD && r != NULL
	    ? pack_word(call, &r->title)
	    : e->kind == PACK_EFFECT_MATTER_OPEN && p != NULL
	    ? pack_word(call, &p->title) : pack_word(call, &s->title);
}

struct slice
effects_text(struct call *call, const struct pack_step *s)
{
	static const enum word words[PACK_EFFECT_KINDS] = {
	    [PACK_EFFECT_GRANT_MAKE] = WORD_EFFECT_GRANT_MAKE,
	    [PACK_EFFECT_GRANT_END] = WORD_EFFECT_GRANT_END,
	    [PACK_EFFECT_ROW_ADD] = WORD_EFFECT_ROW_ADD,
	    [PACK_EFFECT_ROW_CHANGE] = WORD_EFFECT_ROW_CHANGE,
	    [PACK_EFFECT_ROW_END] = WORD_EFFECT_ROW_END,
	    [PACK_EFFECT_MATTER_OPEN] = WORD_EFFECT_MATTER_OPEN,
	    [PACK_EFFECT_INSTRUCT_CORRECT] = WORD_EFFECT_INSTRUCT_CORRECT,
	    [PACK_EFFECT_INSTRUCT_ERASE] = WORD_EFFECT_INSTRUCT_ERASE};
	struct buf to = buf_of(4096);
	for (size_t i = 0; i < s->n_effects; i++)
		buf_add(&to, call_word(call, words[s->effects[i].kind],
		    title_of(call, s, &s->effects[i])));
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}
