/* Holdings: 個人情報ファイル簿. No personal information is shown here. */
#include "organ.h"

static const struct field list_input[] = {
    {.name = "organ", .type = FIELD_ID, .label = WORD_FIELD_ORGAN},
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

#define RESULTS_OF_HOLDING(p)                                                  \
	{p "id", OUT_ID}, {p "name", OUT_TEXT}, {p "section", OUT_TEXT},       \
	    {p "sensitivity", OUT_TEXT}, {p "basis", OUT_TEXT},                \
	    {p "place", OUT_TEXT}, {p "my_number", OUT_FLAG},                  \
	    {p "second_factor", OUT_FLAG}, {p "terminals_only", OUT_FLAG},     \
	    {p "retention_years", OUT_NUMBER}, {p "persons", OUT_NUMBER},      \
	    {p "acts", OUT_TEXT}, {p "may_view", OUT_FLAG},                    \
	    {p "may_create", OUT_FLAG}, {p "purposes", OUT_LIST},              \
	    {p "purposes.id", OUT_TEXT}, {p "purposes.title", OUT_TEXT}

static const struct result list_output[] = {
    {"holdings", OUT_LIST}, RESULTS_OF_HOLDING("holdings."),
    {"holdings.organ", OUT_TEXT}, {"organs", OUT_LIST},
    RESULTS_OF_ORGAN("organs."), {"organs.chosen", OUT_FLAG},
    {"organ", OUT_ID}, {"ordinance", OUT_TEXT}, {"next", OUT_ID},
    {"may_make", OUT_FLAG}, RESULTS_END,
};

/*
 * Each organ has its own register. What an organ outside the Act holds is not
 * in the register of its article 75, and told only where that organ is asked
 * for.
 */
static bool
is_listed(const struct people_organ *organ, uint64_t asked)
{
	return asked != 0 ? organ->id == asked : organ->ordinance.n == 0;
}

static void
put_organs(struct call *call, const struct people_organ *organs, size_t n)
{
	struct arena *a = call->arena;
	uint64_t asked = call_id(call, "organ");
	struct out *list = out_list(a, call->out, "organs");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		put_organ(call, o, &organs[i]);
		out_flag(a, o, "chosen", organs[i].id == asked);
		if (organs[i].id == asked)
			out_text(a, call->out, "ordinance",
			    organs[i].ordinance);
	}
	if (asked != 0)
		out_id(a, call->out, "organ", asked);
}

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_organ *organs, organ;
	struct door_holding *holdings;
	uint64_t after = call_id(call, "after");
	size_t n, n_organs, listed = 0;
	struct out *list = out_list(a, call->out, "holdings");
	if (!read_organs(call, &organs, &n_organs, err))
		return false;
	put_organs(call, organs, n_organs);
	do {
		if (!door_holdings(call->door, call->visitor, after, &holdings,
		    &n, err))
			return false;
		for (size_t i = 0; i < n && listed < DOOR_PAGE_MAX; i++) {
			after = holdings[i].id;
			if (!organ_of(call, holdings[i].section, &organ) ||
			    !is_listed(&organ, call_id(call, "organ")))
				continue;
			struct out *o = out_item(a, list);
			put_holding(call, o, &holdings[i]);
			out_text(a, o, "organ", organ.name);
			listed++;
		}
	} while (n == DOOR_PAGE_MAX && listed < DOOR_PAGE_MAX);
	if (listed == DOOR_PAGE_MAX)
		out_id(a, call->out, "next", after);
	out_flag(a, call->out, "may_make",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_HOLDING)) != 0);
	return true;
}

const struct action row_holding_list = {
    .name = "holding.list", .path = "/holdings", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_HOLDING_LIST_TITLE, .help = WORD_HOLDING_LIST_HELP,
    .page = "holdings", .run = run_list,
};

/* ---- one ---- */

static const struct field show_input[] = {
    {.name = "holding", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_HOLDING},
    FIELDS_END,
};

static const struct result show_output[] = {
    RESULTS_OF_HOLDING(""), {"title", OUT_TEXT}, {"items", OUT_LIST},
    {"items.id", OUT_TEXT}, {"items.name", OUT_TEXT},
    {"items.special_care", OUT_FLAG}, {"items.searched", OUT_FLAG},
    {"may_search", OUT_FLAG}, {"may_oversee", OUT_FLAG},
    {"may_grant", OUT_FLAG}, {"organ", OUT_TEXT},
    {"ordinance", OUT_TEXT}, {"scope", OUT_TEXT}, {"collected", OUT_TEXT},
    {"given_to", OUT_TEXT}, RESULTS_END,
};

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	if (!find_holding(call, &h, err))
		return false;
	struct people_organ organ;
	bool is_own = h.section == call->visitor->section;
	put_holding(call, call->out, &h);
	if (organ_of(call, h.section, &organ)) {
		out_text(a, call->out, "organ", organ.name);
		out_text(a, call->out, "ordinance", organ.ordinance);
	}
	out_text(a, call->out, "title", h.name);
	struct out *items = out_list(a, call->out, "items");
	for (size_t i = 0; i < h.n_items; i++) {
		struct out *o = out_item(a, items);
		out_text(a, o, "id", h.items[i].id);
		out_text(a, o, "name", h.items[i].name);
		out_flag(a, o, "special_care", h.items[i].is_special_care);
		out_flag(a, o, "searched",
		    h.items[i].search != PACK_SEARCH_NONE);
	}
	out_flag(a, call->out, "may_search",
	    (h.acts & ACT_BIT(ACT_SEARCH)) != 0);
	out_flag(a, call->out, "may_oversee", is_own &&
	    (call->visitor->rights & RIGHT_BIT(RIGHT_OVERSEE)) != 0);
	out_flag(a, call->out, "may_grant", is_own &&
	    (call->visitor->rights & RIGHT_BIT(RIGHT_GRANT)) != 0);
	out_text(a, call->out, "scope", h.scope);
	out_text(a, call->out, "collected", h.collected);
	out_text(a, call->out, "given_to", h.given_to);
	return true;
}

const struct action row_holding_show = {
    .name = "holding.show", .path = "/holdings/{holding}",
    .input = show_input, .output = show_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_HOLDING_SHOW_TITLE,
    .help = WORD_HOLDING_SHOW_HELP, .page = "holding", .run = run_show,
};

/* ---- make: from a line for each item, "id name type search" ---- */

static const struct field make_input[] = {
    {.name = "name", .type = FIELD_TEXT, .max = 300, .required = true,
        .label = WORD_FIELD_HOLDING_NAME},
    {.name = "sensitivity", .type = FIELD_KEY, .max = 64, .required = true,
        .label = WORD_FIELD_SENSITIVITY},
    {.name = "basis", .type = FIELD_TEXT, .max = 1000, .required = true,
        .label = WORD_FIELD_BASIS},
    {.name = "purposes", .type = FIELD_KEY, .max = 64, .required = true,
        .many = true, .label = WORD_FIELD_PURPOSES},
    {.name = "place", .type = FIELD_TEXT, .max = 1000,
        .label = WORD_FIELD_PLACE},
    {.name = "retention", .type = FIELD_NUMBER, .max = 999,
        .required = true, .label = WORD_FIELD_RETENTION},
    {.name = "my_number", .type = FIELD_FLAG, .label = WORD_FIELD_MY_NUMBER},
    {.name = "terminals", .type = FIELD_FLAG,
        .label = WORD_FIELD_TERMINALS_ONLY},
    {.name = "items", .type = FIELD_PROSE, .max = 16384, .required = true,
        .label = WORD_FIELD_ITEM_LINES},
    FIELDS_END,
};

static const struct result make_output[] = {
    {"id", OUT_ID}, {"sensitivity_options", OUT_LIST},
    {"sensitivity_options.value", OUT_TEXT},
    {"sensitivity_options.label", OUT_TEXT},
    {"purposes_options", OUT_LIST}, {"purposes_options.value", OUT_TEXT},
    {"purposes_options.label", OUT_TEXT}, RESULTS_END,
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

static const struct {
	const char *word;
	enum pack_item_type type;
} item_types[] = {
    {"name", PACK_ITEM_NAME}, {"kana", PACK_ITEM_KANA},
    {"date", PACK_ITEM_DATE}, {"address", PACK_ITEM_ADDRESS},
    {"number", PACK_ITEM_NUMBER}, {"text", PACK_ITEM_TEXT},
    {"phone", PACK_ITEM_PHONE}, {"my_number", PACK_ITEM_MY_NUMBER},
    {"file", PACK_ITEM_FILE},
};

static bool
read_type(struct slice s, enum pack_item_type *ret)
{
	for (size_t i = 0; i < sizeof(item_types) / sizeof(item_types[0]); i++)
		if (slice_is(s, item_types[i].word)) {
			*ret = item_types[i].type;
			return true;
		}
	return false;
}

/* "address 住所 address prefix care" */
static bool
read_item(struct slice line, struct door_item *ret)
{
	struct slice part, parts[5];
	size_t n = 0;
	while (n < 5 && slice_split(&line, ' ', &part))
		if (part.n > 0)
			parts[n++] = part;
	if (n < 3 || !read_type(parts[2], &ret->type))
		return false;
	ret->id = parts[0];
	ret->name = parts[1];
	ret->search = PACK_SEARCH_NONE;
	for (size_t i = 3; i < n; i++) {
		if (slice_is(parts[i], "exact"))
			ret->search = PACK_SEARCH_EXACT;
		else if (slice_is(parts[i], "prefix"))
			ret->search = PACK_SEARCH_PREFIX;
		else if (slice_is(parts[i], "care"))
			ret->is_special_care = true;
		else
			return false;
	}
	return true;
}

static bool
read_items(struct call *call, struct door_holding *h, struct err *err)
{
	struct slice rest = call_text(call, "items"), line;
	struct door_item *items = arena_array(call->arena, DOOR_ITEMS_MAX,
	    sizeof(*items));
	if (items == NULL)
		return ERR(err, ERR_LIMIT, "no room");
	while (slice_split(&rest, '\n', &line)) {
		line = slice_trim(line);
		if (line.n == 0)
			continue;
		if (h->n_items == DOOR_ITEMS_MAX ||
		    !read_item(line, &items[h->n_items]))
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_LINE, line);
		h->has_files |= items[h->n_items].type == PACK_ITEM_FILE;
		items[h->n_items].number = (unsigned)h->n_items;
		h->n_items++;
	}
	h->items = items;
	return true;
}

static bool
run_make(struct call *call, struct err *err)
{
	struct slice purposes[DOOR_PURPOSES_MAX];
	struct door_holding h = {.section = call->visitor->section,
	    .organ = call->visitor->organ, .name = call_text(call, "name"),
	    .sensitivity = call_text(call, "sensitivity"),
	    .basis = call_text(call, "basis"),
	    .place = call_text(call, "place"),
	    .retention_years = (uint32_t)call_number(call, "retention", 0),
	    .is_my_number = call_has(call, "my_number"),
	    .needs_terminal = call_has(call, "terminals"),
	    .purposes = purposes};
	const struct value *v;
	if (pack_sensitivity(call->pack, h.sensitivity) == NULL)
		return call_mistake(call, err, "sensitivity",
		    WORD_MISTAKE_CHOICE, slice_of(word_text(
		        WORD_FIELD_SENSITIVITY, call->lang)), SLICE(""));
	for (size_t i = 0; (v = call_nth(call, "purposes", i)) != NULL &&
	    i < DOOR_PURPOSES_MAX; i++)
		purposes[h.n_purposes++] = v->text;
	if (!read_items(call, &h, err))
		return false;
	if (!door_put_holding(call->door, call->visitor, &h, err)) {
		if (err->code == ERR_INPUT)
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_VALUE, slice_of(err->text));
		return false;
	}
	out_id(call->arena, call->out, "id", h.id);
	return true;
}

const struct action row_holding_make = {
    .name = "holding.make", .is_change = true, .path = "/holdings/new",
    .input = make_input, .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .ledger_verb = "authority.holding",
    .title = WORD_HOLDING_MAKE_TITLE, .help = WORD_HOLDING_MAKE_HELP,
    .page = "form", .after = "/holdings/{id}", .prepare = prepare_make,
    .run = run_make,
};
