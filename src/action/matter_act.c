/* Matters as they go on: a new one, and each deed in one. */
#include "effect.h"
#include "matter.h"

#include "base/calendar.h"
#include "base/date.h"
#include "base/num.h"
#include "pack_field.h"

struct slice
matter_name(struct call *call, const struct pack_procedure *p,
    const struct slice *values)
{
	size_t at = pack_procedure_field(p, p->name.id);
	return field_shown(call, &p->fields[at], values[at]);
}

static bool
act(struct call *call, struct matter *m, const struct wish *w,
    struct err *err)
{
	struct acting x;
	struct calendar calendar = pack_calendar(call->pack);
	enum flaw flaw = FLAW_NONE;
	struct effecting effecting = {.call = call};
	if (!matter_acting(call, m, &x, err))
		return false;
	const struct procedure_write write = {.pack = call->pack,
	    .actor = &x.actor, .wish = w, .calendar = &calendar,
	    .now = call->now,
	    .name = matter_name(call, m->procedure, w->values),
	    .matter = m, .effects = effects_make, .ctx = &effecting};
	if (procedure_act(call->door, call->visitor, &write, &flaw, err)) {
		out_id(call->arena, call->out, "matter", m->id);
		return true;
	}
	if (flaw == FLAW_NONE) {
		effects_explain(&effecting, err);
		return false;
	}
	call->message = keyed_word(call, "matter.flaw",
	    slice_of(flaw_name(flaw)));
	return false;
}

/* ---- a new one ---- */

static const struct field make_input[] = {
    {.name = "procedure", .type = FIELD_KEY, .max = 64, .required = true,
        .label = WORD_FIELD_PROCEDURE},
    FIELD_PACK_VALUES, FIELDS_END,
};

static const struct result make_output[] = {
    {"matter", OUT_ID}, {"title", OUT_TEXT}, {"about", OUT_TEXT},
    {"articles", OUT_TEXT}, {"steps", OUT_TEXT}, RESULTS_PACK_FIELDS,
    RESULTS_END,
};

static bool
find_begun(struct call *call, const struct pack_procedure **ret,
    struct err *err)
{
	*ret = pack_procedure(call->pack, call_text(call, "procedure"));
	if (*ret == NULL)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_PROCEDURE);
	if (call->visitor->capacity == 0 || !procedure_may_begin(*ret,
	    authority_text_slice(&call->visitor->office)))
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_PROCEDURE_BEGIN, pack_word(call,
		        &(*ret)->title));
	return true;
}

struct matter
matter_new(const struct call *call, const struct pack_procedure *p)
{
	return (struct matter){.procedure = p,
	    .year = (uint32_t)fiscal_year(date_of_instant(call->now)),
	    .section = call->visitor->section,
	    .asker = call->visitor->person,
	    .values = arena_array(call->arena, p->n_fields,
	        sizeof(struct slice))};
}

static struct fields_asked
asked_of(const struct matter *m, bool is_fixed[PACK_FIELDS_MAX])
{
	matter_fixed(m, is_fixed);
	return (struct fields_asked){.fields = m->procedure->fields,
	    .n = m->procedure->n_fields, .there = m->values,
	    .is_fixed = is_fixed};
}

static bool
prepare_make(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack_procedure *p;
	bool is_fixed[PACK_FIELDS_MAX];
	if (!find_begun(call, &p, err))
		return false;
	struct matter m = matter_new(call, p);
	struct fields_asked ask = asked_of(&m, is_fixed);
	out_text(a, call->out, "title", pack_word(call, &p->title));
	out_text(a, call->out, "about", pack_word(call, &p->help));
	out_text(a, call->out, "articles", articles_of_controls(call,
	    p->controls, p->n_controls));
	return m.values != NULL && fields_put(call, &ask, err);
}

bool
matter_take_holding(struct call *call, struct matter *m,
    const struct slice *values, struct err *err)
{
	size_t at = pack_procedure_field(m->procedure,
	    m->procedure->holding.id);
	struct door_holding h;
	if (at == m->procedure->n_fields)
		return true;
	if (!num_read_hex(values[at], &m->holding) ||
	    !door_holding_form(call->door, call->visitor, m->holding, &h, err))
		return false;
	m->holding_section = h.section;
	return true;
}

static bool
run_make(struct call *call, struct err *err)
{
	const struct pack_procedure *p;
	const struct slice *values;
	bool is_fixed[PACK_FIELDS_MAX];
	if (!find_begun(call, &p, err))
		return false;
	struct matter m = matter_new(call, p);
	struct fields_asked ask = asked_of(&m, is_fixed);
	if (m.values == NULL || !fields_read(call, &ask, &values, err) ||
	    !matter_take_holding(call, &m, values, err))
		return false;
	const struct wish w = {.deed = DEED_ASK, .values = values};
	return act(call, &m, &w, err);
}

const struct action row_matter_make = {
    .name = "matter.make", .is_change = true,
    .path = "/procedures/{procedure}/new", .input = make_input,
    .output = make_output, .who = WHO_SESSION, .ledger_verb = "matter.open",
    .title = WORD_MATTER_MAKE_TITLE, .help = WORD_MATTER_MAKE_HELP,
    .page = "matter_form", .after = "/matters/{matter}",
    .prepare = prepare_make, .run = run_make,
};

/* ---- a deed ---- */

static const char *const deeds[] = {"ask", "tick", "approve", "refuse", "do",
    "send_back", "withdraw", "read_after", NULL};

static const struct field act_input[] = {
    {.name = "matter", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_MATTER},
    {.name = "deed", .type = FIELD_CHOICE, .max = 12, .required = true,
        .choices = deeds, .label = WORD_FIELD_DEED},
    {.name = "step", .type = FIELD_NUMBER, .max = PACK_STEPS_MAX,
        .required = true, .label = WORD_FIELD_STEP},
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .required = true, .label = WORD_FIELD_VERSION},
    {.name = "item", .type = FIELD_KEY, .max = 64,
        .label = WORD_FIELD_CHECK},
    {.name = "back", .type = FIELD_KEY, .max = 64,
        .label = WORD_FIELD_SEND_BACK_TO},
    {.name = "as", .type = FIELD_KEY, .max = 64, .label = WORD_FIELD_AS},
    {.name = "note", .type = FIELD_PROSE, .max = PROCEDURE_NOTE_MAX_BYTES,
        .label = WORD_FIELD_NOTE},
    FIELD_PACK_VALUES, FIELDS_END,
};

static struct slice
text_or_empty(const struct call *call, const char *name)
{
	return call_has(call, name) ? call_text(call, name) : SLICE("");
}

static bool
run_act(struct call *call, struct err *err)
{
	struct matter m;
	bool is_fixed[PACK_FIELDS_MAX];
	struct wish w = {.step = (uint32_t)call_number(call, "step", 0),
	    .note = text_or_empty(call, "note"),
	    .as = text_or_empty(call, "as")};
	if (!deed_read(call_text(call, "deed"), &w.deed) ||
	    !matter_find(call, &m, err))
		return false;
	w.item = text_or_empty(call, w.deed == DEED_SEND_BACK ? "back"
	                                                      : "item");
	m.version = (uint32_t)call_number(call, "version", m.version);
	w.values = m.values;
	struct fields_asked ask = asked_of(&m, is_fixed);
	bool fills = w.step == m.step && (w.deed == DEED_ASK ||
	    w.deed == DEED_APPROVE || w.deed == DEED_DO);
	if (fills && !fields_read(call, &ask, &w.values, err))
		return false;
	return act(call, &m, &w, err);
}

/* The page again, with what was typed. */
static bool
prepare_act(struct call *call, struct err *err)
{
	out_text(call->arena, call->out, "note", text_or_empty(call, "note"));
	return matter_put(call, err);
}

const struct action row_matter_act = {
    .name = "matter.act", .is_change = true, .path = "/matters/{matter}/act",
    .input = act_input, .output = matter_output, .who = WHO_SESSION,
    .ledger_verb = "matter.act", .title = WORD_MATTER_ACT_TITLE,
    .help = WORD_MATTER_ACT_HELP, .page = "matter",
    .after = "/matters/{matter}", .prepare = prepare_act, .run = run_act,
};
