/* Sections, persons, appointments. */
#include <stdlib.h>

#include "organ.h"

/* ---- shared lists of choices ---- */

static struct people_page
page_of(struct call *call)
{
	return (struct people_page){.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .max = PEOPLE_PAGE_MAX};
}

struct slice
section_path(const struct call *call, uint64_t section)
{
	struct slice path = SLICE("");
	if (section == 0 || call->visitor == NULL ||
	    !people_section_path(door_reader(call->door), call->visitor->body,
	        section, call->arena, &path, NULL))
		return SLICE("");
	return path;
}

struct slice
person_name(const struct call *call, uint64_t person)
{
	struct people_person p;
	if (person == 0 || call->visitor == NULL ||
	    !people_person_get(door_reader(call->door), call->visitor->body,
	        person, call->arena, &p, NULL))
		return SLICE("");
	return p.name;
}

bool
put_section_options(struct call *call, struct err *err)
{
	struct people_page page = page_of(call);
	struct people_section *list;
	size_t n;
	if (!people_sections(&page, &list, &n, err))
		return false;
	struct out *out = out_list(call->arena, call->out, "section_options");
	for (size_t i = 0; i < n; i++)
		put_choice(call, out, list[i].id,
		    section_path(call, list[i].id));
	return true;
}

void
put_office_options(struct call *call)
{
	struct arena *a = call->arena;
	struct out *out = out_list(a, call->out, "office_options");
	for (size_t i = 0; i < call->pack->n_offices; i++) {
		const struct pack_office *office = &call->pack->offices[i];
		struct out *o = out_item(a, out);
		out_text(a, o, "value", office->id);
		out_text(a, o, "label", pack_word(call, &office->title));
	}
}

/* ---- the tree ---- */

static const struct field no_input[] = {FIELDS_END};

static const struct result show_output[] = {
    {"organs", OUT_LIST}, RESULTS_OF_ORGAN("organs."),
    {"organs.head_person", OUT_TEXT},
    {"organs.sections", OUT_LIST}, {"organs.sections.id", OUT_ID},
    {"organs.sections.name", OUT_TEXT},
    {"organs.sections.path", OUT_TEXT},
    {"organs.sections.counts", OUT_FLAG},
    {"organs.sections.offices", OUT_LIST},
    {"organs.sections.offices.id", OUT_ID},
    {"organs.sections.offices.title", OUT_TEXT},
    {"organs.sections.offices.person", OUT_TEXT},
    {"organs.sections.offices.until", OUT_UNTIL},
    {"offices", OUT_LIST}, {"offices.id", OUT_ID},
    {"offices.title", OUT_TEXT},
    {"offices.person", OUT_TEXT}, {"offices.until", OUT_UNTIL},
    {"offices.vacant", OUT_FLAG}, {"offices.article", OUT_TEXT},
    {"may_change", OUT_FLAG}, RESULTS_END,
};

struct tree {
	struct people_organ *organs;
	size_t n_organs;
	struct people_section *sections;
	size_t n_sections;
	struct held held;
};

static void
put_held(struct call *call, struct out *list, const struct shown_capacity *c)
{
	struct arena *a = call->arena;
	struct out *o = out_item(a, list);
	out_id(a, o, "id", c->id);
	out_text(a, o, "title", c->title);
	out_text(a, o, "person", c->person_name);
	out_until(a, o, "until", c->until);
}

/* By path: a division's sections stand together, below it. */
struct placed {
	const struct people_section *section;
	struct slice path;
};

static int
order_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	return slice_compare(x->path, y->path);
}

static void
put_sections(struct call *call, struct out *organ, const struct tree *t,
    uint64_t id)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, organ, "sections");
	struct placed *placed = arena_array(a, t->n_sections, sizeof(*placed));
	size_t n = 0;
	for (size_t i = 0; placed != NULL && i < t->n_sections; i++)
		if (t->sections[i].organ == id)
			placed[n++] = (struct placed){&t->sections[i],
			    section_path(call, t->sections[i].id)};
	if (n > 0)
		qsort(placed, n, sizeof(*placed), order_placed);
	for (size_t i = 0; i < n; i++) {
		const struct people_section *s = placed[i].section;
		struct out *o = out_item(a, list);
		out_id(a, o, "id", s->id);
		out_text(a, o, "name", s->name);
		out_text(a, o, "path", placed[i].path);
		out_flag(a, o, "counts", s->counts);
		struct out *offices = out_list(a, o, "offices");
		for (size_t j = 0; j < t->held.n; j++)
			if (t->held.list[j].section == s->id && !slice_is(
			    t->held.list[j].office, "staff"))
				put_held(call, offices, &t->held.list[j]);
	}
}

/* Offices of the whole body that the regulation demands, vacant ones too. */
static void
put_offices(struct call *call, const struct tree *t)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "offices");
	for (size_t i = 0; i < call->pack->n_offices; i++) {
		const struct pack_office *office = &call->pack->offices[i];
		bool is_held = false;
		if (office->scope != PACK_SCOPE_BODY ||
		    slice_is(office->id, "staff"))
			continue;
		for (size_t j = 0; j < t->held.n; j++)
			if (slice_is_equal(t->held.list[j].office,
			    office->id)) {
				put_held(call, list, &t->held.list[j]);
				is_held = true;
			}
		if (is_held || !office->is_compulsory)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "title", pack_word(call, &office->title));
		out_flag(a, o, "vacant", true);
		if (office->n_articles > 0)
			out_text(a, o, "article", article_label(call,
			    office->articles[0].ref));
	}
}

/* Who is the head of an organ now: its own, or the body's. */
static struct slice
head_of(const struct tree *t, const struct people_organ *organ)
{
	for (size_t i = 0; i < t->held.n; i++) {
		const struct shown_capacity *c = &t->held.list[i];
		if (c->organ == organ->id && (slice_is(c->office, "head") ||
		    slice_is(c->office, "organ_head")))
			return c->person_name;
	}
	return SLICE("");
}

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_page page = page_of(call);
	struct tree t = {0};
	if (!read_organs(call, &t.organs, &t.n_organs, err) ||
	    !people_sections(&page, &t.sections, &t.n_sections, err) ||
	    !read_held(call, &t.held, err))
		return false;
	struct out *list = out_list(a, call->out, "organs");
	for (size_t i = 0; i < t.n_organs; i++) {
		struct out *o = out_item(a, list);
		put_organ(call, o, &t.organs[i]);
		out_text(a, o, "head_person", head_of(&t, &t.organs[i]));
		put_sections(call, o, &t, t.organs[i].id);
	}
	put_offices(call, &t);
	out_flag(a, call->out, "may_change",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_APPOINT)) != 0);
	return true;
}

const struct action row_organisation_show = {
    .name = "organisation.show", .path = "/organisation", .input = no_input,
    .output = show_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_ORGANISATION_SHOW_TITLE,
    .help = WORD_ORGANISATION_SHOW_HELP, .page = "organisation",
    .run = run_show,
};

/* ---- sections ---- */

static const char *const unit_choices[] = {"division", "section", "team",
    "office", "facility", NULL};

static const struct field section_input[] = {
    {.name = "organ", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_ORGAN},
    {.name = "parent", .type = FIELD_ID, .label = WORD_FIELD_PARENT},
    {.name = "name", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_SECTION_NAME},
    {.name = "unit", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_FIELD_UNIT, .choices = unit_choices},
    {.name = "counts", .type = FIELD_FLAG, .label = WORD_FIELD_COUNTS},
    FIELDS_END,
};

static const struct result section_output[] = {
    {"id", OUT_ID}, {"organ_options", OUT_LIST},
    {"organ_options.value", OUT_ID}, {"organ_options.label", OUT_TEXT},
    {"parent_options", OUT_LIST}, {"parent_options.value", OUT_ID},
    {"parent_options.label", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_section(struct call *call, struct err *err)
{
	struct people_page page = page_of(call);
	struct people_section *sections;
	size_t m;
	if (!put_organ_options(call, err) ||
	    !people_sections(&page, &sections, &m, err))
		return false;
	struct out *list = out_list(call->arena, call->out, "parent_options");
	for (size_t i = 0; i < m; i++)
		put_choice(call, list, sections[i].id,
		    section_path(call, sections[i].id));
	return true;
}

static bool
run_section(struct call *call, struct err *err)
{
	struct people_section row = {.organ = call_id(call, "organ"),
	    .parent = call_id(call, "parent"),
	    .name = call_text(call, "name"), .unit = call_text(call, "unit"),
	    .counts = call_has(call, "counts")};
	if (!door_put_section(call->door, call->visitor, &row, err))
		return false;
	out_id(call->arena, call->out, "id", row.id);
	return true;
}

const struct action row_section_make = {
    .name = "section.make", .is_change = true, .path = "/organisation/new",
    .input = section_input, .output = section_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "people.section",
    .title = WORD_SECTION_MAKE_TITLE, .help = WORD_SECTION_MAKE_HELP,
    .page = "form", .after = "/organisation", .prepare = prepare_section,
    .run = run_section,
};

/* ---- persons ---- */

static const struct field list_input[] = {
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    {.name = "kana", .type = FIELD_KANA, .max = PEOPLE_NAME_MAX_BYTES,
        .label = WORD_FIELD_KANA},
    FIELDS_END,
};

static const struct result list_output[] = {
    {"persons", OUT_LIST}, {"persons.id", OUT_ID},
    {"persons.name", OUT_TEXT}, {"persons.kana", OUT_TEXT},
    {"persons.kind", OUT_TEXT}, {"persons.posts", OUT_TEXT},
    {"persons.account", OUT_ID}, {"persons.logon", OUT_TEXT},
    {"persons.state", OUT_TEXT}, {"persons.state_word", OUT_TEXT},
    {"next", OUT_ID}, {"next_kana", OUT_TEXT}, {"may_change", OUT_FLAG},
    {"may_account", OUT_FLAG},
    RESULTS_END,
};

/* The person's first account; nothing where there is none. */
static bool
put_account(struct call *call, struct out *in, uint64_t person,
    struct err *err)
{
	struct people_page page = page_of(call);
	struct people_account *list;
	size_t n;
	page.max = 1;
	if (!people_accounts_of(&page, person, &list, &n, err))
		return false;
	if (n > 0) {
		out_id(call->arena, in, "account", list[0].id);
		out_text(call->arena, in, "logon", list[0].logon);
		const char *state = people_state_name(list[0].state);
		out_str(call->arena, in, "state", state);
		out_text(call->arena, in, "state_word", keyed_word(call,
		    "account_state", slice_of(state)));
	}
	return true;
}

static bool
run_persons(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	bool may_account =
	    (call->visitor->rights & RIGHT_BIT(RIGHT_ACCOUNT)) != 0;
	struct people_page page = page_of(call);
	struct people_person *list;
	size_t n;
	page.after = call_id(call, "after");
	page.after_kana = call_text(call, "kana");
	page.max = DOOR_PAGE_MAX;
	if (!people_persons(&page, &list, &n, err))
		return false;
	struct out *out = out_list(a, call->out, "persons");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, out);
		out_id(a, o, "id", list[i].id);
		out_text(a, o, "name", list[i].name);
		out_text(a, o, "kana", list[i].kana);
		out_text(a, o, "kind", keyed_word(call, "person",
		    slice_of(people_kind_name(list[i].kind))));
		out_text(a, o, "posts", person_posts(call, list[i].id));
		if (may_account && !put_account(call, o, list[i].id, err))
			return false;
	}
	if (n == DOOR_PAGE_MAX) {
		out_id(a, call->out, "next", list[n - 1].id);
		out_text(a, call->out, "next_kana", list[n - 1].kana);
	}
	out_flag(a, call->out, "may_change",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_APPOINT)) != 0);
	out_flag(a, call->out, "may_account", may_account);
	return true;
}

const struct action row_person_list = {
    .name = "person.list", .path = "/persons", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_PERSON_LIST_TITLE, .help = WORD_PERSON_LIST_HELP,
    .page = "persons", .run = run_persons,
};

static const char *const person_kinds[] = {"staff", "dispatched",
    "contractor", NULL};

static const struct field person_input[] = {
    {.name = "name", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_NAME},
    {.name = "kana", .type = FIELD_KANA, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_KANA},
    {.name = "kind", .type = FIELD_CHOICE, .max = 16, .required = true,
        .label = WORD_FIELD_PERSON_KIND, .choices = person_kinds},
    {.name = "email", .type = FIELD_TEXT, .max = 254,
        .label = WORD_FIELD_EMAIL},
    {.name = "logon", .type = FIELD_TEXT, .max = PEOPLE_LOGON_MAX_BYTES,
        .label = WORD_FIELD_LOGON},
    FIELDS_END,
};

static const struct result person_output[] = {
    {"person", OUT_ID}, {"account", OUT_ID}, RESULTS_END,
};

static bool
run_person(struct call *call, struct err *err)
{
	struct people_person row = {.name = call_text(call, "name"),
	    .kana = call_text(call, "kana"),
	    .email = call_text(call, "email")};
	struct people_account account = {.logon = call_text(call, "logon"),
	    .state = PEOPLE_NEW};
	if (!people_kind_read(call_text(call, "kind"), &row.kind))
		return ERR(err, ERR_INPUT, "kind");
	if (!door_put_person(call->door, call->visitor, &row, err))
		return false;
	out_id(call->arena, call->out, "person", row.id);
	account.person = row.id;
	if (account.logon.n == 0)
		return true;
	if (!door_put_account(call->door, call->visitor, &account, err))
		return false;
	out_id(call->arena, call->out, "account", account.id);
	return true;
}

const struct action row_person_make = {
    .name = "person.make", .is_change = true, .path = "/persons/new",
    .input = person_input, .output = person_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "people.person",
    .title = WORD_PERSON_MAKE_TITLE, .help = WORD_PERSON_MAKE_HELP,
    .page = "form", .after = "/persons", .run = run_person,
};

static const struct field change_input[] = {
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_PERSON},
    {.name = "name", .type = FIELD_TEXT, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_NAME},
    {.name = "kana", .type = FIELD_KANA, .max = PEOPLE_NAME_MAX_BYTES,
        .required = true, .label = WORD_FIELD_KANA},
    {.name = "email", .type = FIELD_TEXT, .max = 254,
        .label = WORD_FIELD_EMAIL},
    FIELDS_END,
};

static const struct result change_output[] = {
    RESULTS_OF_FACTS, {"name_now", OUT_TEXT}, {"kana_now", OUT_TEXT},
    {"email_now", OUT_TEXT}, RESULTS_END,
};

static bool
prepare_change(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct people_person p;
	if (!people_person_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "person"), a, &p, err))
		return false;
	struct out *facts = out_list(a, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_NAME, p.name);
	put_fact(call, facts, WORD_PERSON_POSTS_COL, person_posts(call, p.id));
	out_text(a, call->out, "name_now", p.name);
	out_text(a, call->out, "kana_now", p.kana);
	out_text(a, call->out, "email_now", p.email);
	return true;
}

static bool
run_change(struct call *call, struct err *err)
{
	struct people_person row;
	if (!people_person_get(door_reader(call->door), call->visitor->body,
	    call_id(call, "person"), call->arena, &row, err))
		return false;
	row.name = call_text(call, "name");
	row.kana = call_text(call, "kana");
	row.email = call_text(call, "email");
	return door_put_person(call->door, call->visitor, &row, err);
}

const struct action row_person_change = {
    .name = "person.change", .is_change = true,
    .path = "/persons/{person}/change", .input = change_input,
    .output = change_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_APPOINT), .ledger_verb = "people.person",
    .title = WORD_PERSON_CHANGE_TITLE, .help = WORD_PERSON_CHANGE_HELP,
    .page = "form", .after = "/persons", .prepare = prepare_change,
    .run = run_change,
};
