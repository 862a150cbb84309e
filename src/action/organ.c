/* Organs (実施機関): which there are, when each adopted the regulation. */
#include "organ.h"

#include <stdlib.h>

#include "people/people.h"

uint32_t
digits_of_day(instant at)
{
	struct date d = date_of_instant(at);
	return (uint32_t)d.year * 10000 + d.month * 100u + d.day;
}

static int
order_organs(const void *a, const void *b)
{
	const struct people_organ *x = a, *y = b;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return slice_compare(x->name, y->name);
}

bool
read_organs(struct call *call, struct people_organ **ret, size_t *ret_n,
    struct err *err)
{
	const struct people_page page = {.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .max = PEOPLE_PAGE_MAX};
	if (!people_organs(&page, ret, ret_n, err))
		return false;
	if (*ret_n > 0)
		qsort(*ret, *ret_n, sizeof(**ret), order_organs);
	return true;
}

bool
organ_of(const struct call *call, uint64_t section, struct people_organ *ret)
{
	struct people_section s;
	struct store_reader *r = door_reader(call->door);
	uint64_t body = call->visitor->body;
	return section != 0 &&
	    people_section_get(r, body, section, call->arena, &s, NULL) &&
	    people_organ_get(r, body, s.organ, call->arena, ret, NULL);
}

struct slice
outside_of(const struct call *call, uint64_t holding)
{
	struct door_holding h;
	struct people_organ organ;
	return holding != 0 && door_holding_form(call->door, call->visitor,
	    holding, &h, NULL) && organ_of(call, h.section, &organ)
	    ? organ.ordinance : SLICE("");
}

bool
put_organ_options(struct call *call, struct err *err)
{
	struct people_organ *organs;
	size_t n;
	if (!read_organs(call, &organs, &n, err))
		return false;
	struct out *list = out_list(call->arena, call->out, "organ_options");
	for (size_t i = 0; i < n; i++)
		put_choice(call, list, organs[i].id, organs[i].name);
	return true;
}

void
put_organ(struct call *call, struct out *o, const struct people_organ *organ)
{
	struct arena *a = call->arena;
	out_id(a, o, "id", organ->id);
	out_text(a, o, "name", organ->name);
	out_text(a, o, "head", organ->head_title);
	if (organ->adopted_on != 0)
		out_date(a, o, "adopted_on",
		    date_of_digits(organ->adopted_on));
	out_text(a, o, "ordinance", organ->ordinance);
	out_flag(a, o, "bound",
	    people_organ_is_bound(organ, digits_of_day(call->now)));
}

bool
put_unbound(struct call *call, struct err *err)
{
	struct people_organ *organs;
	size_t n;
	struct out *list = out_list(call->arena, call->out, "unbound");
	if (!read_organs(call, &organs, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!people_organ_is_bound(&organs[i],
		    digits_of_day(call->now)))
			put_organ(call, out_item(call->arena, list),
			    &organs[i]);
	return true;
}

/* ---- made and changed ---- */

#define FIELDS_OF_ORGAN                                                        \
	{.name = "name", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,     \
	    .required = true, .label = WORD_FIELD_ORGAN_NAME},                 \
	    {.name = "head", .type = FIELD_TEXT,                               \
	        .max = PEOPLE_NAME_MAX_BYTES, .required = true,                \
	        .label = WORD_FIELD_ORGAN_HEAD},                               \
	    {.name = "adopted_on", .type = FIELD_DATE,                         \
	        .label = WORD_FIELD_ADOPTED_ON},                               \
	    {.name = "ordinance", .type = FIELD_TEXT,                          \
	        .max = PEOPLE_NAME_MAX_BYTES, .label = WORD_FIELD_ORDINANCE},  \
	    {.name = "position", .type = FIELD_NUMBER, .max = 999,             \
	        .label = WORD_FIELD_ORGAN_POSITION}

static const struct field make_input[] = {FIELDS_OF_ORGAN, FIELDS_END};

static const struct result make_output[] = {{"id", OUT_ID}, RESULTS_END};

/* Under the regulation from a day on, or outside of the Act: one of the two. */
static bool
put_row(struct call *call, struct people_organ *row, struct err *err)
{
	row->name = call_text(call, "name");
	row->head_title = call_text(call, "head");
	row->adopted_on = (uint32_t)call_number(call, "adopted_on", 0);
	row->ordinance = call_text(call, "ordinance");
	row->position = (uint32_t)call_number(call, "position",
	    row->position);
	if ((row->adopted_on != 0) == (row->ordinance.n > 0))
		return call_mistake(call, err, "adopted_on",
		    WORD_MISTAKE_ORGAN_RULE);
	return door_put_organ(call->door, call->visitor, row, err);
}

static bool
run_make(struct call *call, struct err *err)
{
	struct people_organ *organs;
	size_t n;
	if (!read_organs(call, &organs, &n, err))
		return false;
	struct people_organ row = {
	    .position = n == 0 ? 1 : organs[n - 1].position + 1};
	if (!put_row(call, &row, err))
		return false;
	out_id(call->arena, call->out, "id", row.id);
	return true;
}

const struct action row_organ_make = {
    .name = "organ.make", .is_change = true,
    .path = "/organisation/organs/new", .input = make_input,
    .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "people.organ",
    .title = WORD_ORGAN_MAKE_TITLE, .help = WORD_ORGAN_MAKE_HELP,
    .page = "form", .after = "/organisation", .run = run_make,
};

static const struct field change_input[] = {
    {.name = "organ", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ORGAN},
    FIELDS_OF_ORGAN, FIELDS_END,
};

static const struct result change_output[] = {
    {"name_now", OUT_TEXT}, {"head_now", OUT_TEXT},
    {"adopted_on_now", OUT_TEXT}, {"ordinance_now", OUT_TEXT},
    {"position_now", OUT_TEXT}, RESULTS_END,
};

static bool
find_organ(struct call *call, struct people_organ *ret, struct err *err)
{
	return people_organ_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "organ"), call->arena, ret, err);
}

static bool
prepare_change(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_organ row;
	if (!find_organ(call, &row, err))
		return false;
	out_text(a, call->out, "name_now", row.name);
	out_text(a, call->out, "head_now", row.head_title);
	if (row.adopted_on != 0)
		out_text(a, call->out, "adopted_on_now", arena_printf(a,
		    "%04u-%02u-%02u", row.adopted_on / 10000,
		    row.adopted_on / 100 % 100, row.adopted_on % 100));
	out_text(a, call->out, "ordinance_now", row.ordinance);
	out_text(a, call->out, "position_now",
	    arena_printf(a, "%u", row.position));
	return true;
}

static bool
run_change(struct call *call, struct err *err)
{
	struct people_organ row;
	return find_organ(call, &row, err) && put_row(call, &row, err);
}

const struct action row_organ_change = {
    .name = "organ.change", .is_change = true,
    .path = "/organisation/organs/{organ}/change", .input = change_input,
    .output = change_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "people.organ",
    .title = WORD_ORGAN_CHANGE_TITLE, .help = WORD_ORGAN_CHANGE_HELP,
    .page = "form", .after = "/organisation", .prepare = prepare_change,
    .run = run_change,
};
