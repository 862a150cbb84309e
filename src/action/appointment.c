/* Appointments: made, ended, and both at once by a transfer. */
#include "organ.h"

static const struct field appoint_input[] = {
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_PERSON},
    {.name = "office", .type = FIELD_KEY, .max = 64, .required = true,
        .label = WORD_FIELD_OFFICE},
    {.name = "section", .type = FIELD_ID, .label = WORD_FIELD_SECTION},
    {.name = "organ", .type = FIELD_ID, .label = WORD_FIELD_ORGAN},
    {.name = "from", .type = FIELD_DATE, .label = WORD_FIELD_FROM},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_UNTIL},
    FIELD_CASE_REFERENCE,
    FIELDS_END,
};

static const struct result appoint_output[] = {
    {"id", OUT_ID}, RESULTS_OF_FACTS, {"person_options", OUT_LIST},
    {"person_options.value", OUT_ID}, {"person_options.label", OUT_TEXT},
    {"office_options", OUT_LIST}, {"office_options.value", OUT_TEXT},
    {"office_options.label", OUT_TEXT},
    {"section_options", OUT_LIST}, {"section_options.value", OUT_ID},
    {"section_options.label", OUT_TEXT}, {"organ_options", OUT_LIST},
    {"organ_options.value", OUT_ID}, {"organ_options.label", OUT_TEXT},
    RESULTS_END,
};

static bool
prepare_appoint(struct call *call, struct err *err)
{
	if (parameter_of(call, "appoint.persons", 1) == 2)
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_APPOINT_TWO);
	put_office_options(call);
	return put_person_options(call, err) &&
	    put_section_options(call, err) && put_organ_options(call, err);
}

/*
 * The organ that somebody is appointed in: their section's; for an office of
 * the whole body the one that is named, else the body's first.
 */
static bool
find_organ(struct call *call, struct door_appointment *to, struct err *err)
{
	struct people_organ organ, *organs;
	const struct pack_office *office = pack_office(call->pack, to->office);
	uint64_t asked = call_id(call, "organ");
	size_t n, at = 0;
	if (to->section != 0) {
		if (!organ_of(call, to->section, &organ))
			return ERR(err, ERR_NOT_FOUND, "no such section");
		to->organ = organ.id;
		return asked == 0 || asked == organ.id ||
		    call_mistake(call, err, "organ", WORD_MISTAKE_OTHER_ORGAN,
		        organ.name);
	}
	if (asked == 0 && office->scope == PACK_SCOPE_ORGAN)
		return call_mistake(call, err, "organ", WORD_MISTAKE_NO_ORGAN);
	if (!read_organs(call, &organs, &n, err))
		return false;
	while (at < n && asked != 0 && organs[at].id != asked)
		at++;
	if (at == n)
		return ERR(err, ERR_NOT_FOUND, "no such organ");
	to->organ = organs[at].id;
	return true;
}

static bool
read_appointment(struct call *call, struct door_appointment *ret,
    struct err *err)
{
	*ret = (struct door_appointment){.person = call_id(call, "person"),
	    .office = call_text(call, "office"),
	    .section = call_id(call, "section"),
	    .from = call_has(call, "from")
	        ? day_begin(call_number(call, "from", 0)) : call->now,
	    .until = day_end(call_number(call, "until", 0)),
	    .reference = call_text(call, "case")};
	if (ret->office.n > 0 && pack_office(call->pack, ret->office) == NULL)
		return call_mistake(call, err, "office", WORD_MISTAKE_CHOICE,
		    slice_of(word_text(WORD_FIELD_OFFICE, call->lang)),
		    SLICE(""));
	if (ret->until <= ret->from)
		return call_mistake(call, err, "until",
		    WORD_MISTAKE_ENDS_BEFORE);
	return ret->office.n == 0 || find_organ(call, ret, err);
}

static bool
run_appoint(struct call *call, struct err *err)
{
	struct door_appointment ask;
	struct put put = {0};
	if (parameter_of(call, "appoint.persons", 1) == 2)
		return call_fail(call, err, ERR_DENIED,
		    WORD_ERROR_APPOINT_TWO);
	if (!read_appointment(call, &ask, err) ||
	    !door_put_appointment(call->door, call->visitor, &ask, &put, err))
		return false;
	out_id(call->arena, call->out, "id", put.id);
	return true;
}

const struct action row_appointment_make = {
    .name = "appointment.make", .is_change = true,
    .path = "/appointments/new", .input = appoint_input,
    .output = appoint_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT),
    .ledger_verb = "authority.appointment",
    .title = WORD_APPOINTMENT_MAKE_TITLE,
    .help = WORD_APPOINTMENT_MAKE_HELP, .page = "form",
    .after = "/organisation", .prepare = prepare_appoint,
    .run = run_appoint,
};

static const struct field end_input[] = {
    {.name = "id", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ROW},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result end_output[] = {RESULTS_OF_FACTS, RESULTS_END};

/* "市民部 市民課 保護管理者　令和8年4月1日から　令和9年3月31日まで" */
static struct slice
post_text(const struct call *call, const struct shown_capacity *c)
{
	struct slice period = period_text(call, c->from, c->until);
	return arena_printf(call->arena, "%.*s　%.*s",
	    SLICE_FMT(post_name(call, c)), SLICE_FMT(period));
}

static bool
prepare_end(struct call *call, struct err *err)
{
	struct shown_capacity c;
	if (!door_appointment(call->door, call->visitor, call_id(call, "id"),
	    &c, err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_NAME, c.person_name);
	put_fact(call, facts, WORD_FIELD_OFFICE, post_text(call, &c));
	return true;
}

static bool
run_end(struct call *call, struct err *err)
{
	struct put put;
	struct door_end ask = {.kind = AUTHORITY_APPOINTMENT,
	    .id = call_id(call, "id"), .reference = call_text(call, "case")};
	return door_end(call->door, call->visitor, &ask, &put, err);
}

const struct action row_appointment_end = {
    .name = "appointment.end", .is_change = true,
    .path = "/appointments/{id}/end", .input = end_input,
    .output = end_output,
    .who = WHO_RIGHT, .rights = RIGHT_BIT(RIGHT_APPOINT),
    .ledger_verb = "authority.appointment",
    .title = WORD_APPOINTMENT_END_TITLE, .help = WORD_APPOINTMENT_END_HELP,
    .page = "form", .after = "/organisation", .prepare = prepare_end,
    .run = run_end,
};

static const struct field transfer_input[] = {
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_PERSON},
    {.name = "office", .type = FIELD_KEY, .max = 64,
        .label = WORD_FIELD_OFFICE},
    {.name = "section", .type = FIELD_ID, .label = WORD_FIELD_SECTION},
    {.name = "organ", .type = FIELD_ID, .label = WORD_FIELD_ORGAN},
    {.name = "from", .type = FIELD_DATE, .label = WORD_FIELD_FROM},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_UNTIL},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

/* Who it is, and the posts that end. */
static bool
prepare_transfer(struct call *call, struct err *err)
{
	struct people_person p;
	struct shown_capacity *posts;
	size_t n;
	uint64_t person = call_id(call, "person");
	if (!people_person_get(door_reader(call->door), call->visitor->body,
	    person, call->arena, &p, err) ||
	    !door_appointments(call->door, call->visitor, person, 0, &posts,
	        &n, err))
		return false;
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_NAME, p.name);
	put_fact(call, facts, WORD_FIELD_KANA, p.kana);
	for (size_t i = 0; i < n; i++)
		if (call->now < posts[i].until)
			put_fact(call, facts, WORD_PERSON_POST_ENDS,
			    post_text(call, &posts[i]));
	return prepare_appoint(call, err);
}

static bool
run_transfer(struct call *call, struct err *err)
{
	struct door_transfer ask = {.person = call_id(call, "person")};
	struct put put = {0};
	if (!read_appointment(call, &ask.to, err))
		return false;
	ask.from = ask.to.from;
	if (!door_transfer(call->door, call->visitor, &ask, &put, err))
		return false;
	out_id(call->arena, call->out, "id", put.id);
	return true;
}

const struct action row_person_transfer = {
    .name = "person.transfer", .is_change = true,
    .path = "/persons/{person}/transfer", .input = transfer_input,
    .output = appoint_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT),
    .ledger_verb = "authority.appointment",
    .title = WORD_PERSON_TRANSFER_TITLE, .help = WORD_PERSON_TRANSFER_HELP,
    .page = "form", .after = "/organisation", .prepare = prepare_transfer,
    .run = run_transfer,
};
