/* Grants as they are made: to one, and to a list of persons for named days. */
#include "organ.h"

static const char *const act_choices[] = {"search", "list", "view", "create",
    "correct", "erase", "print", "copy", "send", "post", "carry", "provide",
    "secret", NULL};

static const char *const weekday_choices[] = {"sun", "mon", "tue", "wed",
    "thu", "fri", "sat", NULL};

#define RESULTS_OF_CHOICES(name)                                               \
	{name "_options", OUT_LIST}, {name "_options.value", OUT_ID},          \
	    {name "_options.label", OUT_TEXT}

#define FIELD_GROUND                                                           \
	{                                                                      \
		.name = "ground", .type = FIELD_KEY, .max = 64,                \
		.label = WORD_FIELD_GROUND                                     \
	}
#define RESULTS_OF_GROUNDS                                                     \
	{"ground_options", OUT_LIST}, {"ground_options.value", OUT_TEXT},      \
	    {"ground_options.label", OUT_TEXT}

/* ---- what both forms offer ---- */

/* On what the data may pass to another organ, with the articles. */
static void
put_grounds(struct call *call)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "ground_options");
	for (size_t i = 0; i < call->pack->n_grounds; i++) {
		const struct pack_ground *g = &call->pack->grounds[i];
		struct slice title = pack_word(call, &g->title);
		struct buf to = buf_of(1024);
		for (size_t j = 0; j < g->n_articles; j++) {
			if (j > 0)
				buf_add_str(&to, "、");
			buf_add(&to, article_label(call,
			    g->articles[j].full));
		}
		struct out *o = out_item(a, list);
		out_text(a, o, "value", g->id);
		out_text(a, o, "label", arena_printf(a, "%.*s　%.*s",
		    SLICE_FMT(title), (int)to.n, to.n > 0 ? to.p : ""));
		buf_close(&to);
	}
}

/*
 * The appointments of whoever holds several, of which none is in the section
 * that owns the holding: one has to be said.
 */
static bool
put_posts(struct call *call, instant from, struct err *err)
{
	const struct value *v;
	struct shown_capacity *posts;
	struct out *list = NULL;
	uint64_t found;
	size_t n;
	for (size_t i = 0; (v = call_nth(call, "person", i)) != NULL; i++) {
		struct err inner = ERR_INIT;
		if (v->number == 0 || door_post_for(call->door, call->visitor,
		    call_id(call, "holding"), v->number, from, &found,
		    &inner) || inner.code != ERR_CONFLICT)
			continue;
		if (!door_appointments(call->door, call->visitor, v->number, 0,
		    &posts, &n, err))
			return false;
		if (list == NULL)
			list = out_list(call->arena, call->out,
			    "capacity_options");
		for (size_t j = 0; j < n; j++)
			if (posts[j].from <= from && from < posts[j].until)
				put_choice(call, list, posts[j].id,
				    call_word(call, WORD_PERSON_LABEL,
				        posts[j].person_name,
				        post_name(call, &posts[j])));
	}
	return true;
}

/* ---- what both forms ask ---- */

/* The days, ascending, each once; the field takes no more than a grant. */
static bool
read_days(struct call *call, struct door_grant *ask, struct err *err)
{
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "days", i)) != NULL; i++) {
		int32_t day = date_number(date_of_digits(v->number));
		size_t at = ask->n_days;
		if (day_end(v->number) <= call->now)
			return call_mistake(call, err, "days",
			    WORD_MISTAKE_DAY_PAST, v->text);
		while (at > 0 && ask->days[at - 1] > day)
			at--;
		if (at > 0 && ask->days[at - 1] == day)
			continue;
		for (size_t j = ask->n_days++; j > at; j--)
			ask->days[j] = ask->days[j - 1];
		ask->days[at] = day;
	}
	return true;
}

static bool
read_acts(struct call *call, uint32_t *ret)
{
	const struct value *v;
	enum act act;
	*ret = 0;
	for (size_t i = 0; (v = call_nth(call, "acts", i)) != NULL; i++)
		if (act_read(v->text, &act))
			*ret |= ACT_BIT(act);
	return *ret != 0;
}

/* When the grant begins, as far as it can be told from what was typed. */
static instant
begin_of(const struct call *call, const char *field)
{
	const struct value *v;
	instant first = 0;
	for (size_t i = 0; (v = call_nth(call, field, i)) != NULL; i++)
		if (first == 0 || day_begin(v->number) < first)
			first = day_begin(v->number);
	return first > call->now ? first : call->now;
}

/*
 * In which appointment: the one that was chosen and is this person's; else the
 * one that the guard finds. False with a mistake.
 */
static bool
find_post(struct call *call, const struct value *person, instant from,
    uint64_t *ret)
{
	const struct value *v;
	struct shown_capacity post;
	struct err inner = ERR_INIT, ignored = ERR_INIT;
	for (size_t i = 0; (v = call_nth(call, "capacity", i)) != NULL; i++)
		if (door_appointment(call->door, call->visitor, v->number,
		    &post, NULL) && post.person == person->number) {
			*ret = v->number;
			return true;
		}
	if (door_post_for(call->door, call->visitor, call_id(call, "holding"),
	    person->number, from, ret, &inner))
		return true;
	struct slice name = person_name(call, person->number);
	return inner.code == ERR_CONFLICT
	    ? call_mistake(call, &ignored, "capacity", WORD_MISTAKE_WHICH_POST,
	        name)
	    : call_mistake(call, &ignored, "person", WORD_MISTAKE_NO_POST,
	        name);
}

/* The period is no longer than the pack allows. */
static bool
check_length(struct call *call, const struct door_grant *ask,
    const char *field, struct err *err)
{
	uint64_t most = ask->n_days > 0
	    ? parameter_of(call, "surge.max.days", 14)
	    : parameter_of(call, "grant.max.days", 366);
	return ask->until - ask->from <= (instant)(most + 1) * DAY_US ||
	    call_mistake(call, err, field, WORD_MISTAKE_TOO_FAR,
	        arena_printf(call->arena, "%llu", (unsigned long long)most));
}

/* Days outside the period would never come. */
static bool
check_days(struct call *call, const struct door_grant *ask, struct err *err)
{
	const int32_t *days = ask->days;
	return ask->n_days == 0 ||
	    (date_end(date_of_number(days[0])) >= ask->from &&
	        date_begin(date_of_number(days[ask->n_days - 1])) <
	            ask->until) ||
	    call_mistake(call, err, "days", WORD_MISTAKE_DAY_OUTSIDE);
}

/* Whom to ask about a provision: who is over all of the protection. */
static struct slice
adviser_of(struct call *call)
{
	struct held held;
	const struct pack_office *office =
	    pack_office(call->pack, SLICE("chief"));
	if (office == NULL || !read_held(call, &held, NULL))
		return SLICE("");
	struct slice title = pack_word(call, &office->title);
	for (size_t i = 0; i < held.n; i++)
		if (slice_is(held.list[i].office, "chief"))
			return arena_printf(call->arena, "%.*s %.*s",
			    SLICE_FMT(title),
			    SLICE_FMT(held.list[i].person_name));
	return title;
}

/* The article that holds data back in their organ. */
static struct slice
barrier_of(struct call *call, const struct door_holding *h)
{
	struct slice ordinance = outside_of(call, h->id);
	return ordinance.n > 0 ? ordinance : article_label(call,
	    h->is_my_number ? SLICE("law:mn19") : SLICE("law:69.1"));
}

/*
 * Where the grant reaches another organ it is a provision (提供), which has a
 * ground and a reference; within one organ it is none.
 */
static bool
check_provision(struct call *call, const struct door_grant *ask,
    const struct door_holding *h, struct err *err)
{
	struct people_organ owner, to;
	struct shown_capacity post = {0};
	const struct pack_ground *ground = pack_ground(call->pack, ask->ground);
	uint64_t section = ask->section;
	if (!organ_of(call, h->section, &owner))
		return ERR(err, ERR_NOT_FOUND, "the holding has no organ");
	to = owner;
	if (ask->capacity != 0 && !door_appointment(call->door, call->visitor,
	    ask->capacity, &post, err))
		return false;
	if (post.organ != 0 ? !people_organ_get(door_reader(call->door),
	    call->visitor->body, post.organ, call->arena, &to, err)
	    : section != 0 && !organ_of(call, section, &to))
		return false;
	bool is_everywhere = ask->office.n > 0 && section == 0;
	if (ask->ground.n > 0 && ground == NULL)
		return call_mistake(call, err, "ground", WORD_MISTAKE_CHOICE,
		    slice_of(word_text(WORD_FIELD_GROUND, call->lang)),
		    SLICE(""));
	if (to.id != owner.id && ground == NULL)
		return call_mistake(call, err, "ground",
		    WORD_MISTAKE_PROVISION, owner.name, to.name,
		    barrier_of(call, h), adviser_of(call));
	if (to.id == owner.id && !is_everywhere && ground != NULL)
		return call_mistake(call, err, "ground",
		    WORD_MISTAKE_NO_PROVISION, owner.name);
	if (ground != NULL && ground->is_my_number != h->is_my_number)
		return call_mistake(call, err, "ground",
		    h->is_my_number ? WORD_MISTAKE_GROUND_MY_NUMBER
		                    : WORD_MISTAKE_GROUND_NOT_MY_NUMBER,
		    barrier_of(call, h));
	return ground == NULL || ask->reference.n > 0 ||
	    call_mistake(call, err, "case", WORD_MISTAKE_PROVISION_CASE);
}

/* ---- to one ---- */

static const struct field make_input[] = {
    FIELD_HOLDING,
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .label = WORD_FIELD_PERSON},
    {.name = "capacity", .type = FIELD_ID, .is_offered = true,
        .label = WORD_FIELD_POST},
    {.name = "office", .type = FIELD_KEY, .max = 64,
        .label = WORD_FIELD_OFFICE},
    {.name = "section", .type = FIELD_ID, .label = WORD_FIELD_SECTION},
    {.name = "acts", .type = FIELD_CHOICE, .max = 16, .required = true,
        .many = true, .label = WORD_FIELD_ACTS, .choices = act_choices},
    {.name = "items", .type = FIELD_KEY, .max = 64, .many = true,
        .label = WORD_FIELD_ITEMS},
    {.name = "from", .type = FIELD_DATE, .label = WORD_FIELD_FROM},
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_UNTIL},
    {.name = "begins", .type = FIELD_NUMBER, .max = 2359,
        .label = WORD_FIELD_BEGINS},
    {.name = "ends", .type = FIELD_NUMBER, .max = 2400,
        .label = WORD_FIELD_ENDS},
    {.name = "weekdays", .type = FIELD_CHOICE, .max = 3, .many = true,
        .label = WORD_FIELD_WEEKDAYS, .choices = weekday_choices},
    {.name = "days", .type = FIELD_DATE, .many = true,
        .most = AUTHORITY_DAYS_MAX, .label = WORD_FIELD_DAYS},
    {.name = "terminals", .type = FIELD_ID, .many = true,
        .most = AUTHORITY_TERMINALS_MAX, .label = WORD_FIELD_TERMINALS},
    FIELD_GROUND, FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result make_output[] = {
    {"id", OUT_ID}, {"pending", OUT_FLAG}, RESULTS_OF_CHOICES("holding"),
    RESULTS_OF_CHOICES("person"), RESULTS_OF_CHOICES("capacity"),
    {"office_options", OUT_LIST}, {"office_options.value", OUT_TEXT},
    {"office_options.label", OUT_TEXT}, RESULTS_OF_CHOICES("section"),
    {"items_options", OUT_LIST}, {"items_options.value", OUT_TEXT},
    {"items_options.label", OUT_TEXT}, RESULTS_OF_CHOICES("terminals"),
    RESULTS_OF_GROUNDS, RESULTS_END,
};

static bool
prepare_make(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	if (!put_own_holdings(call, err) || !put_person_options(call, err) ||
	    !put_section_options(call, err) ||
	    !put_terminal_options(call, err) ||
	    !put_posts(call, begin_of(call, "from"), err))
		return false;
	put_office_options(call);
	put_grounds(call);
	if (call_has(call, "holding") && door_holding(call->door,
	    call->visitor, call_id(call, "holding"), &h, NULL)) {
		struct out *items = out_list(a, call->out, "items_options");
		for (size_t i = 0; i < h.n_items; i++) {
			struct out *o = out_item(a, items);
			out_text(a, o, "value", h.items[i].id);
			out_text(a, o, "label", h.items[i].name);
		}
	}
	return true;
}

static bool
read_items(struct call *call, struct err *err, uint64_t *ret)
{
	struct door_holding h;
	const struct value *v;
	*ret = ITEMS_ALL;
	if (!call_has(call, "items"))
		return true;
	if (!find_holding(call, &h, err))
		return false;
	*ret = 0;
	for (size_t n = 0; (v = call_nth(call, "items", n)) != NULL; n++) {
		size_t i = 0;
		while (i < h.n_items && !slice_is_equal(h.items[i].id, v->text))
			i++;
		if (i == h.n_items)
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_UNKNOWN_ITEM, v->text);
		*ret |= ITEM_BIT(i);
	}
	return true;
}

/* HHMM as minutes of the day; false where it is no time. */
static bool
read_minutes(struct call *call, const char *field, uint16_t *ret,
    struct err *err)
{
	uint64_t hhmm = call_number(call, field, 0);
	*ret = (uint16_t)(hhmm / 100 * 60 + hhmm % 100);
	return hhmm % 100 < 60 ||
	    call_mistake(call, err, field, WORD_MISTAKE_HOUR);
}

static bool
read_hours(struct call *call, struct door_grant *ask, struct err *err)
{
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "weekdays", i)) != NULL; i++)
		for (unsigned day = 0; weekday_choices[day] != NULL; day++)
			if (slice_is(v->text, weekday_choices[day]))
				ask->weekdays |= (uint8_t)(1u << day);
	if (!read_minutes(call, "begins", &ask->from_minute, err) ||
	    !read_minutes(call, "ends", &ask->to_minute, err))
		return false;
	if (call_has(call, "begins") && !call_has(call, "ends"))
		ask->to_minute = 24 * 60;
	return (ask->from_minute == 0 && ask->to_minute == 0) ||
	    ask->from_minute < ask->to_minute ||
	    call_mistake(call, err, "ends", WORD_MISTAKE_HOUR);
}

static bool
run_make(struct call *call, struct err *err)
{
	struct put put = {0};
	struct door_grant ask = {.holding = call_id(call, "holding"),
	    .person = call_id(call, "person"),
	    .office = call_text(call, "office"),
	    .section = call_id(call, "section"),
	    .ground = call_text(call, "ground"),
	    .from = call_has(call, "from")
	        ? day_begin(call_number(call, "from", 0)) : call->now,
	    .until = day_end(call_number(call, "until", 0)),
	    .reference = call_text(call, "case")};
	struct door_holding h;
	if (!find_kept_holding(call, &h, err))
		return false;
	if ((ask.person == 0) == (ask.office.n == 0))
		return call_mistake(call, err, "person",
		    WORD_MISTAKE_ONE_SUBJECT);
	if (ask.until <= ask.from)
		return call_mistake(call, err, "until",
		    WORD_MISTAKE_ENDS_BEFORE);
	if (!read_days(call, &ask, err) || !check_days(call, &ask, err) ||
	    !check_length(call, &ask, "until", err) ||
	    !read_acts(call, &ask.acts) ||
	    !read_items(call, err, &ask.items) ||
	    !read_hours(call, &ask, err) ||
	    !read_terminals(call, &ask, err))
		return false;
	if (ask.person != 0 && !find_post(call, call_nth(call, "person", 0),
	    ask.from, &ask.capacity))
		return ERR(err, ERR_INPUT, "grant.make: no post");
	if (!check_provision(call, &ask, &h, err))
		return false;
	if (!door_put_grant(call->door, call->visitor, &ask, &put, err))
		return false;
	out_id(call->arena, call->out, "id", put.id);
	out_flag(call->arena, call->out, "pending", put.is_pending);
	return true;
}

const struct action row_grant_make = {
    .name = "grant.make", .is_change = true, .path = "/grants/new",
    .input = make_input, .output = make_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_GRANT), .ledger_verb = "authority.grant",
    .title = WORD_GRANT_MAKE_TITLE, .help = WORD_GRANT_MAKE_HELP,
    .page = "form", .after = "/grants", .prepare = prepare_make,
    .run = run_make,
};

/* ---- surge: many persons, named days (elections, disasters) ---- */

static const struct field surge_input[] = {
    FIELD_HOLDING,
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .many = true, .most = DOOR_SURGE_MAX,
        .label = WORD_FIELD_PERSONS},
    {.name = "capacity", .type = FIELD_ID, .many = true,
        .most = DOOR_SURGE_MAX, .label = WORD_FIELD_POST},
    {.name = "acts", .type = FIELD_CHOICE, .max = 16, .required = true,
        .many = true, .label = WORD_FIELD_ACTS, .choices = act_choices},
    {.name = "days", .type = FIELD_DATE, .required = true, .many = true,
        .most = AUTHORITY_DAYS_MAX, .label = WORD_FIELD_DAYS},
    {.name = "terminals", .type = FIELD_ID, .many = true,
        .most = AUTHORITY_TERMINALS_MAX, .label = WORD_FIELD_TERMINALS},
    FIELD_GROUND,
    {.name = "case", .type = FIELD_CASE, .max = MESSAGE_CASE_MAX_BYTES,
        .required = true, .label = WORD_FIELD_CASE},
    FIELDS_END,
};

static const struct result surge_output[] = {
    {"made", OUT_NUMBER}, {"were_there", OUT_NUMBER},
    RESULTS_OF_CHOICES("holding"), RESULTS_OF_CHOICES("person"),
    RESULTS_OF_CHOICES("capacity"), RESULTS_OF_CHOICES("terminals"),
    RESULTS_OF_GROUNDS, RESULTS_END,
};

static bool
prepare_surge(struct call *call, struct err *err)
{
	put_grounds(call);
	return put_own_holdings(call, err) && put_person_options(call, err) &&
	    put_terminal_options(call, err) &&
	    put_posts(call, begin_of(call, "days"), err);
}

/* Everybody's appointment; all that have none, or several, are told. */
static bool
read_persons(struct call *call, instant from, struct surge_person *persons,
    size_t *ret_n, struct err *err)
{
	const struct value *v;
	bool worked = true;
	for (*ret_n = 0; *ret_n < DOOR_SURGE_MAX &&
	     (v = call_nth(call, "person", *ret_n)) != NULL; (*ret_n)++) {
		struct surge_person *p = &persons[*ret_n];
		*p = (struct surge_person){.person = v->number};
		worked = find_post(call, v, from, &p->capacity) && worked;
	}
	return worked || ERR(err, ERR_INPUT, "grant.surge: no post");
}

static bool
run_surge(struct call *call, struct err *err)
{
	struct surge_person persons[DOOR_SURGE_MAX];
	struct surge done;
	size_t n;
	struct door_holding h;
	struct door_grant ask = {.holding = call_id(call, "holding"),
	    .items = ITEMS_ALL, .from = begin_of(call, "days"),
	    .ground = call_text(call, "ground"),
	    .reference = call_text(call, "case")};
	if (!find_kept_holding(call, &h, err) ||
	    !read_days(call, &ask, err))
		return false;
	/* it ends by itself, with its last day */
	ask.until = date_end(date_of_number(ask.days[ask.n_days - 1])) + 1;
	if (!check_length(call, &ask, "days", err) ||
	    !read_acts(call, &ask.acts) || !read_terminals(call, &ask, err) ||
	    !read_persons(call, ask.from, persons, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct door_grant one = ask;
		one.capacity = persons[i].capacity;
		if (!check_provision(call, &one, &h, err))
			return false;
	}
	if (!door_put_surge(call->door, call->visitor, &ask, persons, n, &done,
	    err)) {
		if (done.made > 0)
			return call_fail(call, err, ERR_CONFLICT,
			    WORD_ERROR_SURGE_PART,
			    arena_printf(call->arena, "%zu", done.made));
		return false;
	}
	out_number(call->arena, call->out, "made", (int64_t)done.made);
	out_number(call->arena, call->out, "were_there",
	    (int64_t)done.were_there);
	return true;
}

const struct action row_grant_surge = {
    .name = "grant.surge", .is_change = true, .path = "/grants/surge",
    .input = surge_input, .output = surge_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_GRANT), .ledger_verb = "authority.grant",
    .title = WORD_GRANT_SURGE_TITLE, .help = WORD_GRANT_SURGE_HELP,
    .page = "form", .after = "/grants", .prepare = prepare_surge,
    .run = run_surge,
};
