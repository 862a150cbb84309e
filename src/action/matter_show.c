/* One matter: its content, its steps with who took them, what may be done. */
#include "effect.h"
#include "matter.h"

#include "form_paper.h"
#include "pack_field.h"

const struct result matter_output[] = {
    {"matter", OUT_ID}, {"number", OUT_TEXT}, {"title", OUT_TEXT},
    {"procedure_title", OUT_TEXT}, {"procedure_help", OUT_TEXT},
    {"articles", OUT_TEXT}, {"state", OUT_TEXT}, {"state_word", OUT_TEXT},
    {"open", OUT_FLAG}, {"asker", OUT_TEXT}, {"section", OUT_TEXT},
    {"opened_at", OUT_TIME}, {"closed_at", OUT_TIME}, {"due", OUT_UNTIL},
    {"late", OUT_FLAG}, {"version", OUT_NUMBER}, {"step", OUT_TEXT},
    {"step_number", OUT_NUMBER}, {"step_title", OUT_TEXT},
    {"waits_for", OUT_TEXT}, {"values", OUT_LIST}, {"values.id", OUT_TEXT},
    {"values.label", OUT_TEXT}, {"values.text", OUT_TEXT},
    {"values.prose", OUT_FLAG}, {"steps", OUT_LIST}, {"steps.id", OUT_TEXT},
    {"steps.title", OUT_TEXT}, {"steps.who", OUT_TEXT},
    {"steps.state", OUT_TEXT}, {"steps.person", OUT_TEXT},
    {"steps.at", OUT_TIME}, {"steps.now", OUT_FLAG},
    {"steps.done", OUT_FLAG}, {"steps.passed", OUT_FLAG},
    {"deeds", OUT_LIST}, {"deeds.number", OUT_NUMBER}, {"deeds.at", OUT_TIME},
    {"deeds.person", OUT_TEXT}, {"deeds.office", OUT_TEXT},
    {"deeds.as", OUT_TEXT}, {"deeds.deed", OUT_TEXT},
    {"deeds.step", OUT_TEXT}, {"deeds.item", OUT_TEXT},
    {"deeds.note", OUT_TEXT}, {"deeds.hash", OUT_TEXT},
    {"checks", OUT_LIST}, {"checks.id", OUT_TEXT}, {"checks.label", OUT_TEXT},
    {"checks.ticked", OUT_FLAG}, {"checks.person", OUT_TEXT},
    {"checks.at", OUT_TIME}, {"may_act", OUT_FLAG}, {"may_tick", OUT_FLAG},
    {"finish", OUT_TEXT}, {"finish_word", OUT_TEXT}, {"may_refuse", OUT_FLAG},
    {"may_withdraw", OUT_FLAG}, {"may_read_after", OUT_FLAG},
    {"back_options", OUT_LIST}, {"back_options.value", OUT_TEXT},
    {"back_options.label", OUT_TEXT}, {"as_options", OUT_LIST},
    {"as_options.value", OUT_TEXT}, {"as_options.label", OUT_TEXT},
    {"why_not", OUT_TEXT}, {"effects", OUT_TEXT},
    {"of_before", OUT_TEXT}, {"note", OUT_TEXT},
    RESULTS_FORMS, RESULTS_PACK_FIELDS, RESULTS_END,
};

struct slice
matter_office_title(const struct call *call, struct slice office)
{
	const struct pack_office *o = pack_office(call->pack, office);
	return o == NULL ? office : pack_word(call, &o->title);
}

/* Offices of a step that the body has, or whoever asked. */
static struct slice
step_who(struct call *call, const struct pack_step *s)
{
	struct buf to = buf_of(2048);
	const char *between = s->needs_all ? "・"
	    : call->lang == LANG_JA ? "又は" : " or ";
	for (size_t i = 0; i < s->n_by; i++) {
		if (pack_office(call->pack, s->by[i].id) == NULL)
			continue;
		if (to.n > 0)
			buf_add_str(&to, between);
		buf_add(&to, matter_office_title(call, s->by[i].id));
	}
	if (s->n_by == 0)
		buf_add(&to, call_word(call, WORD_MATTER_ASKER));
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static void
put_head(struct call *call, const struct matter *m)
{
	struct arena *a = call->arena;
	struct out *o = call->out;
	const struct pack_procedure *p = m->procedure;
	bool is_open = m->state == MATTER_OPEN;
	out_id(a, o, "matter", m->id);
	out_text(a, o, "number", matter_number(call, m->year, m->sequence));
	out_text(a, o, "title", m->name);
	out_text(a, o, "procedure_title", pack_word(call, &p->title));
	out_text(a, o, "articles", articles_of_controls(call, p->controls,
	    p->n_controls));
	out_str(a, o, "state", matter_state_name(m->state));
	out_text(a, o, "state_word", keyed_word(call, "matter.state",
	    slice_of(matter_state_name(m->state))));
	out_flag(a, o, "open", is_open);
	out_text(a, o, "asker", person_name(call, m->asker));
	out_text(a, o, "section", section_path(call, m->section));
	out_time(a, o, "opened_at", m->opened_at);
	if (!is_open)
		out_time(a, o, "closed_at", m->closed_at);
	if (is_open && m->due != 0)
		out_until(a, o, "due", m->due);
	out_flag(a, o, "late", is_open && m->due != 0 && m->due < call->now);
	out_number(a, o, "version", m->version);
	out_text(a, o, "step", p->steps[m->step].id);
	out_number(a, o, "step_number", m->step);
	out_text(a, o, "step_title", pack_word(call,
	    &p->steps[m->step].title));
	if (m->is_of_before)
		out_text(a, o, "of_before", call_word(call, m->is_pack_lost
		    ? WORD_MATTER_PACK_LOST : is_open ? WORD_MATTER_OF_BEFORE
		    : WORD_MATTER_WAS_OF_BEFORE));
	if (!is_open)
		return;
	out_text(a, o, "waits_for", step_who(call, &p->steps[m->step]));
	out_text(a, o, "effects", effects_text(call, &p->steps[m->step]));
}

static void
put_content(struct call *call, const struct matter *m)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "values");
	for (size_t i = 0; i < m->procedure->n_fields; i++) {
		const struct pack_field *f = &m->procedure->fields[i];
		if (m->values[i].n == 0)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", f->id);
		out_text(a, o, "label", pack_word(call, &f->label));
		out_text(a, o, "text", field_shown(call, f, m->values[i]));
		out_flag(a, o, "prose", f->type == PACK_FIELD_PROSE);
	}
}

/* The last deed that finished a step, as long as it stands. */
static const struct done *
taken(const struct matter *m, size_t step)
{
	const struct done *found = NULL;
	for (size_t i = 0; i < m->n_done; i++) {
		const struct done *d = &m->done[i];
		if (d->step == step && (d->deed == DEED_ASK ||
		    d->deed == DEED_APPROVE || d->deed == DEED_DO))
			found = d;
		if (d->deed == DEED_SEND_BACK &&
		    pack_procedure_step(m->procedure, d->item) <= step)
			found = NULL;
	}
	return found;
}

static void
put_steps(struct call *call, const struct matter *m)
{
	struct arena *a = call->arena;
	const struct pack_procedure *p = m->procedure;
	struct out *list = out_list(a, call->out, "steps");
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct done *d = taken(m, i);
		bool is_now = m->state == MATTER_OPEN && m->step == i;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", p->steps[i].id);
		out_text(a, o, "title", pack_word(call, &p->steps[i].title));
		out_text(a, o, "who", step_who(call, &p->steps[i]));
		out_flag(a, o, "now", is_now);
		out_flag(a, o, "done", d != NULL && !is_now);
		out_flag(a, o, "passed", d == NULL && i < m->step);
		if (d == NULL || is_now)
			continue;
		out_text(a, o, "person", person_name(call, d->person));
		out_time(a, o, "at", d->at);
	}
}

struct slice
matter_item_text(struct call *call, const struct matter *m,
    const struct done *d)
{
	const struct pack_procedure *p = m->procedure;
	if (d->deed == DEED_SEND_BACK) {
		size_t to = pack_procedure_step(p, d->item);
		return to == p->n_steps ? d->item
		    : pack_word(call, &p->steps[to].title);
	}
	for (size_t i = 0; d->step < p->n_steps &&
	    i < p->steps[d->step].n_checklist; i++)
		if (slice_is_equal(p->steps[d->step].checklist[i].id, d->item))
			return pack_word(call,
			    &p->steps[d->step].checklist[i].label);
	return d->item;
}

static void
put_deeds(struct call *call, const struct matter *m)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "deeds");
	for (size_t i = m->n_done; i-- > 0;) {
		const struct done *d = &m->done[i];
		struct out *o = out_item(a, list);
		out_number(a, o, "number", d->number);
		out_time(a, o, "at", d->at);
		out_text(a, o, "person", person_name(call, d->person));
		out_text(a, o, "office", d->office.n == 0 ? SLICE("")
		    : matter_office_title(call, d->office));
		if (d->as.n > 0 && !slice_is_equal(d->as, d->office))
			out_text(a, o, "as", matter_office_title(call, d->as));
		out_text(a, o, "deed", keyed_word(call, "matter.deed",
		    slice_of(deed_name(d->deed))));
		if (d->step < m->procedure->n_steps)
			out_text(a, o, "step", pack_word(call,
			    &m->procedure->steps[d->step].title));
		out_text(a, o, "item", matter_item_text(call, m, d));
		out_text(a, o, "note", d->note);
		out_text(a, o, "hash", arena_printf(a,
		    "%02x%02x%02x%02x%02x%02x%02x%02x", d->hash[0], d->hash[1],
		    d->hash[2], d->hash[3], d->hash[4], d->hash[5],
		    d->hash[6], d->hash[7]));
	}
}

/* ---- what may be done ---- */

/* What is still to be typed does not count. */
static enum flaw
trial(const struct acting *x, enum deed deed, struct slice item,
    struct slice as)
{
	struct outcome ignored;
	struct wish w = {.deed = deed, .step = x->m->step, .item = item,
	    .as = as, .note = SLICE("x"), .values = x->m->values};
	enum flaw flaw = procedure_judge(x->m, &x->actor, &w, &ignored);
	return flaw == FLAW_FIELDS || flaw == FLAW_CHECKLIST ? FLAW_NONE
	                                                     : flaw;
}

static const enum deed finishes[] = {[PACK_STEP_ASK] = DEED_ASK,
    [PACK_STEP_DECIDE] = DEED_APPROVE, [PACK_STEP_DO] = DEED_DO};

static void
put_checks(struct call *call, const struct matter *m)
{
	struct arena *a = call->arena;
	const struct pack_step *s = &m->procedure->steps[m->step];
	struct out *list = out_list(a, call->out, "checks");
	for (size_t i = 0; m->state == MATTER_OPEN && i < s->n_checklist;
	    i++) {
		const struct done *d = procedure_tick(m, s->checklist[i].id);
		struct out *o = out_item(a, list);
		out_text(a, o, "id", s->checklist[i].id);
		out_text(a, o, "label", pack_word(call,
		    &s->checklist[i].label));
		out_flag(a, o, "ticked", d != NULL);
		if (d == NULL)
			continue;
		out_text(a, o, "person", person_name(call, d->person));
		out_time(a, o, "at", d->at);
	}
}

static void
put_back(struct call *call, const struct acting *x, struct slice as)
{
	struct arena *a = call->arena;
	const struct pack_procedure *p = x->m->procedure;
	struct out *list = out_list(a, call->out, "back_options");
	for (size_t i = 0; i < x->m->step; i++) {
		if (trial(x, DEED_SEND_BACK, p->steps[i].id, as) != FLAW_NONE)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "value", p->steps[i].id);
		out_text(a, o, "label", pack_word(call, &p->steps[i].title));
	}
}

/* Offices for which the visitor may stand in. */
static struct slice
put_as(struct call *call, const struct acting *x)
{
	struct arena *a = call->arena;
	const struct pack_step *s = &x->m->procedure->steps[x->m->step];
	struct out *list = out_list(a, call->out, "as_options");
	struct slice first = SLICE("");
	for (size_t i = 0; i < s->n_by; i++) {
		if (trial(x, finishes[s->kind], SLICE(""), s->by[i].id) !=
		    FLAW_NONE)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "value", s->by[i].id);
		out_text(a, o, "label", matter_office_title(call, s->by[i].id));
		first = s->by[i].id;
	}
	return first;
}

static bool
put_acts(struct call *call, const struct acting *x, struct err *err)
{
	struct arena *a = call->arena;
	const struct matter *m = x->m;
	const struct pack_step *s = &m->procedure->steps[m->step];
	enum deed finish = finishes[s->kind];
	enum flaw flaw = trial(x, finish, SLICE(""), SLICE(""));
	struct slice as = SLICE("");
	out_flag(a, call->out, "may_withdraw",
	    trial(x, DEED_WITHDRAW, SLICE(""), SLICE("")) == FLAW_NONE);
	out_flag(a, call->out, "may_read_after",
	    trial(x, DEED_READ_AFTER, SLICE(""), SLICE("")) == FLAW_NONE);
	if (flaw != FLAW_NONE && m->state == MATTER_OPEN)
		as = put_as(call, x);
	bool may_act = flaw == FLAW_NONE || as.n > 0;
	out_flag(a, call->out, "may_act", may_act);
	if (!may_act) {
		if (m->state == MATTER_OPEN)
			out_text(a, call->out, "why_not", keyed_word(call,
			    "matter.flaw", slice_of(flaw_name(flaw))));
		return true;
	}
	out_flag(a, call->out, "may_tick", s->n_checklist > 0);
	out_str(a, call->out, "finish", deed_name(finish));
	out_text(a, call->out, "finish_word", keyed_word(call,
	    "matter.finish", slice_of(deed_name(finish))));
	out_flag(a, call->out, "may_refuse",
	    trial(x, DEED_REFUSE, SLICE(""), as) == FLAW_NONE);
	put_back(call, x, as);
	bool is_fixed[PACK_FIELDS_MAX];
	matter_fixed(m, is_fixed);
	struct fields_asked ask = {.fields = m->procedure->fields,
	    .n = m->procedure->n_fields, .there = m->values,
	    .is_fixed = is_fixed};
	return fields_put(call, &ask, err);
}

bool
matter_put(struct call *call, struct err *err)
{
	struct matter m;
	struct acting x;
	if (!matter_find(call, &m, err) || !matter_acting(call, &m, &x, err))
		return false;
	put_head(call, &m);
	put_content(call, &m);
	put_forms(call, PACK_FORM_MATTER, m.procedure->id,
	    m.state == MATTER_DONE);
	put_steps(call, &m);
	put_checks(call, &m);
	put_deeds(call, &m);
	return put_acts(call, &x, err);
}

static const struct field show_input[] = {
    {.name = "matter", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_MATTER},
    {.name = "v", .type = FIELD_VALUES, .max = 1, .many = true,
        .label = WORD_FIELD_VALUES},
    FIELDS_END,
};

const struct action row_matter_show = {
    .name = "matter.show", .path = "/matters/{matter}", .input = show_input,
    .output = matter_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_MATTER_SHOW_TITLE, .help = WORD_MATTER_SHOW_HELP,
    .page = "matter", .run = matter_put,
};
