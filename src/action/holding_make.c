/* A holding registered, and what is registered of it changed. */
#include "holding.h"

#define FIELDS_OF_HOLDING_FORM                                                 \
	{.name = "name", .type = FIELD_TEXT, .max = 300, .required = true,     \
	    .label = WORD_FIELD_HOLDING_NAME},                                 \
	{.name = "sensitivity", .type = FIELD_KEY, .max = 64,                  \
	    .required = true, .label = WORD_FIELD_SENSITIVITY},                \
	{.name = "basis", .type = FIELD_TEXT, .max = 1000, .required = true,   \
	    .label = WORD_FIELD_BASIS},                                        \
	{.name = "purposes", .type = FIELD_KEY, .max = 64, .required = true,   \
	    .many = true, .most = DOOR_PURPOSES_MAX,                           \
	    .label = WORD_FIELD_PURPOSES},                                     \
	{.name = "place", .type = FIELD_TEXT, .max = 1000,                     \
	    .label = WORD_FIELD_PLACE},                                        \
	{.name = "retention", .type = FIELD_NUMBER, .max = 999,                \
	    .required = true, .label = WORD_FIELD_RETENTION},                  \
	{.name = "second_factor", .type = FIELD_FLAG,                          \
	    .label = WORD_FIELD_SECOND_FACTOR},                                \
	{.name = "terminals", .type = FIELD_FLAG,                              \
	    .label = WORD_FIELD_TERMINALS_ONLY}

#define FIELDS_OF_HOLDING_ITEMS                                                \
	{.name = "items", .type = FIELD_PROSE, .max = 16384, .required = true, \
	    .label = WORD_FIELD_ITEM_LINES}

#define FIELDS_OF_FILE_REGISTER                                                \
	{.name = "scope", .type = FIELD_TEXT, .max = 1000,                     \
	    .label = WORD_HOLDING_SCOPE},                                      \
	{.name = "persons", .type = FIELD_NUMBER, .max = 2000000000,           \
	    .label = WORD_FIELD_PERSONS_STATED},                               \
	{.name = "collected", .type = FIELD_TEXT, .max = 1000,                 \
	    .label = WORD_HOLDING_COLLECTED},                                  \
	{.name = "given_to", .type = FIELD_TEXT, .max = 1000,                  \
	    .label = WORD_HOLDING_GIVEN_TO},                                   \
	{.name = "requests_at", .type = FIELD_TEXT, .max = 1000,               \
	    .label = WORD_HOLDING_REQUESTS_AT},                                \
	{.name = "other_law", .type = FIELD_TEXT, .max = 1000,                 \
	    .label = WORD_HOLDING_OTHER_LAW},                                  \
	{.name = "unlisted_why", .type = FIELD_TEXT, .max = 1000,              \
	    .label = WORD_HOLDING_UNLISTED_WHY},                               \
	{.name = "ordinance_care", .type = FIELD_FLAG,                         \
	    .label = WORD_FIELD_ORDINANCE_CARE},                               \
	{.name = "proposals", .type = FIELD_FLAG,                              \
	    .label = WORD_FIELD_PROPOSALS},                                    \
	{.name = "manual_part", .type = FIELD_FLAG,                            \
	    .label = WORD_FIELD_MANUAL_PART},                                  \
	{.name = "lock", .type = FIELD_TEXT, .max = 1000,                      \
	    .label = WORD_HOLDING_LOCK},                                       \
	{.name = "dispose_on", .type = FIELD_DATE,                             \
	    .label = WORD_HOLDING_DISPOSE_ON}

static const struct field make_input[] = {
    FIELDS_OF_HOLDING_FORM,
    {.name = "my_number", .type = FIELD_FLAG, .label = WORD_FIELD_MY_NUMBER},
    {.name = "paper", .type = FIELD_FLAG, .label = WORD_FIELD_PAPER},
    FIELDS_OF_HOLDING_ITEMS, FIELDS_OF_FILE_REGISTER, FIELDS_END,
};

#define RESULTS_OF_HOLDING_CHOICES                                             \
	{"sensitivity_options", OUT_LIST},                                     \
	    {"sensitivity_options.value", OUT_TEXT},                           \
	    {"sensitivity_options.label", OUT_TEXT},                           \
	    {"purposes_options", OUT_LIST},                                    \
	    {"purposes_options.value", OUT_TEXT},                              \
	    {"purposes_options.label", OUT_TEXT}

static const struct result make_output[] = {
    {"id", OUT_ID}, RESULTS_OF_HOLDING_CHOICES, RESULTS_END,
};

static bool
prepare_make(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "sensitivity_options");
	(void)err;
	for (size_t i = 0; i < call->pack->n_sensitivity; i++) {
		const struct pack_sensitivity *s = &call->pack->sensitivity[i];
		struct out *o = out_item(a, list);
		out_text(a, o, "value", s->id);
		out_text(a, o, "label", pack_word(call, &s->label));
	}
	list = out_list(a, call->out, "purposes_options");
	for (size_t i = 0; i < call->pack->n_purposes; i++) {
		const struct pack_purpose *p = &call->pack->purposes[i];
		struct out *o = out_item(a, list);
		out_text(a, o, "value", p->id);
		out_text(a, o, "label", pack_word(call, &p->title));
	}
	return true;
}

/* All that both forms ask, over what *h holds; its items are read apart. */
static bool
read_form(struct call *call, struct door_holding *h, struct err *err)
{
	const struct value *v;
	struct slice *purposes = arena_array(call->arena, DOOR_PURPOSES_MAX,
	    sizeof(*purposes));
	if (purposes == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	h->name = call_text(call, "name");
	h->sensitivity = call_text(call, "sensitivity");
	h->basis = call_text(call, "basis");
	h->place = call_text(call, "place");
	h->retention_years = (uint32_t)call_number(call, "retention", 0);
	h->needs_second_factor = call_has(call, "second_factor");
	h->needs_terminal = call_has(call, "terminals");
	h->scope = call_text(call, "scope");
	h->persons_stated = call_number(call, "persons", 0);
	h->collected = call_text(call, "collected");
	h->given_to = call_text(call, "given_to");
	h->requests_at = call_text(call, "requests_at");
	h->other_law = call_text(call, "other_law");
	h->unlisted_why = call_text(call, "unlisted_why");
	h->has_ordinance_care = call_has(call, "ordinance_care");
	h->takes_proposals = call_has(call, "proposals");
	h->has_manual_part = call_has(call, "manual_part");
	h->lock = call_text(call, "lock");
	h->dispose_on = (uint32_t)call_number(call, "dispose_on", 0);
	h->n_purposes = 0;
	for (size_t i = 0; (v = call_nth(call, "purposes", i)) != NULL; i++) {
		if (pack_purpose(call->pack, v->text) == NULL)
			return call_mistake(call, err, "purposes",
			    WORD_MISTAKE_CHOICE, slice_of(word_text(
			        WORD_FIELD_PURPOSES, call->lang)), SLICE(""));
		purposes[h->n_purposes++] = v->text;
	}
	h->purposes = purposes;
	if (pack_sensitivity(call->pack, h->sensitivity) == NULL)
		return call_mistake(call, err, "sensitivity",
		    WORD_MISTAKE_CHOICE, slice_of(word_text(
		        WORD_FIELD_SENSITIVITY, call->lang)), SLICE(""));
	return (h->is_manual && h->lock.n == 0)
	    ? call_mistake(call, err, "lock", WORD_MISTAKE_PAPER_LOCK)
	    : true;
}

static bool
put_form(struct call *call, struct door_holding *h, struct err *err)
{
	if (door_put_holding(call->door, call->visitor, h, err))
		return true;
	if (err->code == ERR_INPUT)
		return call_mistake(call, err, "items", WORD_MISTAKE_VALUE,
		    slice_of(word_text(WORD_FIELD_ITEM_LINES, call->lang)),
		    slice_of(err->text));
	if (err->code == ERR_CONFLICT)
		return call_fail(call, err, ERR_CONFLICT,
		    WORD_ERROR_HOLDING_CHANGED);
	return false;
}

static bool
run_make(struct call *call, struct err *err)
{
	struct door_holding h = {.section = call->visitor->section,
	    .organ = call->visitor->organ,
	    .is_my_number = call_has(call, "my_number"),
	    .is_manual = call_has(call, "paper")};
	if (!read_form(call, &h, err) ||
	    !read_item_lines(call, NULL, &h, err) || !put_form(call, &h, err))
		return false;
	out_id(call->arena, call->out, "id", h.id);
	return true;
}

const struct action row_holding_make = {
    .name = "holding.make", .is_change = true, .path = "/holdings/new",
    .input = make_input, .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .ledger_verb = "authority.holding",
    .title = WORD_HOLDING_MAKE_TITLE, .help = WORD_HOLDING_MAKE_HELP,
    .page = "holding_form", .after = "/holdings/{id}",
    .prepare = prepare_make, .run = run_make,
};

/* ---- change: all of the form anew ---- */

static const struct field change_input[] = {
    FIELD_HOLDING, FIELDS_OF_HOLDING_FORM, FIELDS_OF_HOLDING_ITEMS,
    FIELDS_OF_FILE_REGISTER,
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .label = WORD_FIELD_VERSION},
    FIELDS_END,
};

static const struct result change_output[] = {
    {"id", OUT_ID}, {"name", OUT_TEXT}, {"version_now", OUT_TEXT},
    {"name_now", OUT_TEXT}, {"sensitivity_now", OUT_TEXT},
    {"basis_now", OUT_TEXT}, {"purposes_now", OUT_LIST},
    {"purposes_now.value", OUT_TEXT}, {"place_now", OUT_TEXT},
    {"retention_now", OUT_TEXT}, {"second_factor_now", OUT_TEXT},
    {"terminals_now", OUT_TEXT}, {"items_now", OUT_TEXT},
    {"scope_now", OUT_TEXT}, {"persons_now", OUT_TEXT},
    {"collected_now", OUT_TEXT}, {"given_to_now", OUT_TEXT},
    {"requests_at_now", OUT_TEXT}, {"other_law_now", OUT_TEXT},
    {"unlisted_why_now", OUT_TEXT}, {"ordinance_care_now", OUT_TEXT},
    {"proposals_now", OUT_TEXT}, {"manual_part_now", OUT_TEXT},
    {"lock_now", OUT_TEXT}, {"dispose_on_now", OUT_TEXT},
    RESULTS_OF_HOLDING_CHOICES, RESULTS_END,
};

static struct slice
flag_text(bool flag)
{
	return flag ? SLICE("1") : SLICE("");
}

static struct slice
number_text(const struct call *call, uint64_t n)
{
	return n == 0 ? SLICE("") : arena_printf(call->arena, "%llu",
	    (unsigned long long)n);
}

struct slice
day_text(const struct call *call, uint32_t yyyymmdd)
{
	struct buf to = buf_of(64);
	if (yyyymmdd == 0)
		return SLICE("");
	date_format(date_of_digits(yyyymmdd), call->lang == LANG_JA ? DATE_ERA
	    : DATE_ISO, &to);
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static bool
prepare_change(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct out *o = call->out;
	struct door_holding h;
	if (!find_kept_holding(call, &h, err) || !prepare_make(call, err))
		return false;
	out_id(a, o, "id", h.id);
	out_text(a, o, "name", h.name);
	out_text(a, o, "version_now", number_text(call, h.form_version));
	out_text(a, o, "name_now", h.name);
	out_text(a, o, "sensitivity_now", h.sensitivity);
	out_text(a, o, "basis_now", h.basis);
	struct out *purposes = out_list(a, o, "purposes_now");
	for (size_t i = 0; i < h.n_purposes; i++)
		out_text(a, out_item(a, purposes), "value", h.purposes[i]);
	out_text(a, o, "place_now", h.place);
	out_text(a, o, "retention_now", number_text(call, h.retention_years));
	out_text(a, o, "second_factor_now", flag_text(h.needs_second_factor));
	out_text(a, o, "terminals_now", flag_text(h.needs_terminal));
	out_text(a, o, "items_now", item_lines(call, &h));
	out_text(a, o, "scope_now", h.scope);
	out_text(a, o, "persons_now", number_text(call, h.persons_stated));
	out_text(a, o, "collected_now", h.collected);
	out_text(a, o, "given_to_now", h.given_to);
	out_text(a, o, "requests_at_now", h.requests_at);
	out_text(a, o, "other_law_now", h.other_law);
	out_text(a, o, "unlisted_why_now", h.unlisted_why);
	out_text(a, o, "ordinance_care_now", flag_text(h.has_ordinance_care));
	out_text(a, o, "proposals_now", flag_text(h.takes_proposals));
	out_text(a, o, "manual_part_now", flag_text(h.has_manual_part));
	out_text(a, o, "lock_now", h.lock);
	out_text(a, o, "dispose_on_now", day_text(call, h.dispose_on));
	return true;
}

static bool
run_change(struct call *call, struct err *err)
{
	struct door_holding now;
	if (!find_kept_holding(call, &now, err))
		return false;
	struct door_holding h = now;
	h.form_version = (uint32_t)call_number(call, "version",
	    now.form_version);
	return read_form(call, &h, err) &&
	    read_item_lines(call, &now, &h, err) && put_form(call, &h, err);
}

const struct action row_holding_change = {
    .name = "holding.change", .is_change = true,
    .path = "/holdings/{holding}/change", .input = change_input,
    .output = change_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .ledger_verb = "authority.holding",
    .title = WORD_HOLDING_CHANGE_TITLE, .help = WORD_HOLDING_CHANGE_HELP,
    .page = "holding_form", .after = "/holdings/{holding}",
    .prepare = prepare_change, .run = run_change,
};
