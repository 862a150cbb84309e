/* A personnel change as it will be: the rehearsal, as page and as CSV. */
#include "base/csv.h"
#include "base/date.h"
#include "matter.h"
#include "people/people.h"
#include "personnel.h"

enum { CSV_MAX_BYTES = 8 * 1024 * 1024, ARENA_BYTES = 1024 * 1024 };

static const enum word kind_words[] = {
    [PERSONNEL_END] = WORD_PERSONNEL_ENDS,
    [PERSONNEL_BEGIN] = WORD_PERSONNEL_BEGINS,
    [PERSONNEL_LENGTHEN] = WORD_PERSONNEL_LENGTHENS,
};
static const char *const kind_names[] = {
    [PERSONNEL_END] = "end",
    [PERSONNEL_BEGIN] = "begin",
    [PERSONNEL_LENGTHEN] = "lengthen",
};

static struct slice
post_of(const struct call *call, uint64_t section, uint64_t organ,
    struct slice office)
{
	const struct pack_office *o = pack_office(call->pack, office);
	struct shown_capacity c = {
	    .path = section_path(call, section),
	    .title = o == NULL ? office : pack_word(call, &o->title)};
	struct people_organ of;
	if (o != NULL && o->scope == PACK_SCOPE_ORGAN &&
	    people_organ_get(door_reader(call->door), call->visitor->body,
	        organ, call->arena, &of, NULL))
		c.path = of.name;
	return post_name(call, &c);
}

/* Posts like that of any clerk are no vacancy. */
static bool
is_missed(const struct call *call, const struct personnel_vacancy *v)
{
	const struct pack_office *o = pack_office(call->pack, v->office);
	return o != NULL && (o->is_compulsory || o->rights != 0);
}

static void
put_lines(struct call *call, const struct personnel_effect *e)
{
	struct arena *a = call->arena;
	int64_t counts[3] = {0};
	struct out *list = out_list(a, call->out, "lines");
	for (size_t i = 0; i < e->n_lines; i++) {
		const struct personnel_line *l = &e->lines[i];
		counts[l->kind]++;
		if (i >= PERSONNEL_SHOWN_MAX)
			continue;
		struct out *o = out_item(a, list);
		out_str(a, o, "kind", kind_names[l->kind]);
		out_text(a, o, "kind_word",
		    call_word(call, kind_words[l->kind]));
		out_text(a, o, "person", person_name(call, l->person));
		out_text(a, o, "post", post_of(call, l->section, l->organ,
		    l->office));
		out_time(a, o, "from", l->from);
		out_until(a, o, "until", l->until);
	}
	out_number(a, call->out, "line_count", (int64_t)e->n_lines);
	out_number(a, call->out, "begin_count", counts[PERSONNEL_BEGIN]);
	out_number(a, call->out, "end_count", counts[PERSONNEL_END]);
	out_number(a, call->out, "lengthen_count",
	    counts[PERSONNEL_LENGTHEN]);
}

static void
put_vacancies(struct call *call, const struct personnel_effect *e)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "vacancies");
	int64_t n = 0;
	for (size_t i = 0; i < e->n_vacancies; i++) {
		const struct personnel_vacancy *v = &e->vacancies[i];
		const struct pack_office *office =
		    pack_office(call->pack, v->office);
		if (!is_missed(call, v) || n++ >= PERSONNEL_SHOWN_MAX)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "post", post_of(call, v->section, v->organ,
		    v->office));
		out_flag(a, o, "compulsory", office->is_compulsory);
		out_text(a, o, "article", office->n_articles == 0 ? SLICE("")
		    : article_label(call, office->articles[0].ref));
	}
	out_number(a, call->out, "vacancy_count", n);
}

static void
put_grants(struct call *call, const struct personnel_effect *e)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "grants");
	for (size_t i = 0; i < e->n_grants && i < PERSONNEL_SHOWN_MAX; i++) {
		const struct personnel_grant *g = &e->grants[i];
		struct out *o = out_item(a, list);
		out_text(a, o, "person", person_name(call, g->person));
		out_text(a, o, "holding", holding_name(call, g->holding));
		out_flag(a, o, "own_end", g->is_own_end);
	}
	out_number(a, call->out, "grant_count", (int64_t)e->n_grants);
}

/* ---- matters that somebody who leaves the section has asked for ---- */

/* What is done with each of them. */
typedef void told(struct call *call, void *to, const struct matter_line *m);

static bool
is_ended_before(const struct personnel_effect *e, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (e->lines[i].kind == PERSONNEL_END &&
		    e->lines[i].person == e->lines[at].person &&
		    e->lines[i].section == e->lines[at].section)
			return true;
	return false;
}

/* Those of one person and section; the arena is used up by it. */
static bool
tell_of(struct call *call, const struct personnel_line *l, struct arena *a,
    told *tell, void *to, struct err *err)
{
	const struct procedure_source from = {
	    .reader = door_reader(call->door), .arena = a,
	    .body = call->visitor->body, .pack = call->pack};
	struct matter_ask ask = {.asker = l->person};
	struct matter_line *list;
	bool has_more = true;
	size_t n = 1;
	while (has_more && n > 0) {
		arena_reset(a);
		if (!procedure_list(&from, &ask, &list, &n, &has_more, err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (list[i].state == MATTER_OPEN &&
			    list[i].section == l->section)
				tell(call, to, &list[i]);
		if (n > 0) {
			ask.before = list[n - 1].opened_at;
			ask.before_id = list[n - 1].id;
		}
	}
	return true;
}

static bool
tell_matters(struct call *call, const struct personnel_effect *e, told *tell,
    void *to, struct err *err)
{
	SCOPED(arena_close_scoped)
	struct arena *a = arena_open(ARENA_BYTES);
	if (a == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < e->n_lines; i++) {
		const struct personnel_line *l = &e->lines[i];
		if (l->kind == PERSONNEL_END && l->section != 0 &&
		    !is_ended_before(e, i) &&
		    !tell_of(call, l, a, tell, to, err))
			return false;
	}
	return true;
}

struct listed {
	struct out *list;
	int64_t n;
};

static void
put_matter(struct call *call, void *to, const struct matter_line *m)
{
	struct arena *a = call->arena;
	struct listed *x = to;
	if (x->n++ >= PERSONNEL_SHOWN_MAX)
		return;
	struct out *o = out_item(a, x->list);
	out_id(a, o, "id", m->id);
	out_text(a, o, "number", matter_number(call, m->year, m->sequence));
	out_text(a, o, "name", arena_copy(a, m->name));
	out_text(a, o, "person", person_name(call, m->asker));
	out_text(a, o, "section", section_path(call, m->section));
}

bool
personnel_put_effect(struct call *call, const struct people_change *c,
    struct err *err)
{
	struct personnel_effect e;
	if (!personnel_effect(call->door, call->visitor, c, &e, err))
		return false;
	out_time(call->arena, call->out, "effect_at", c->effect_at);
	put_lines(call, &e);
	put_vacancies(call, &e);
	put_grants(call, &e);
	struct listed x = {
	    .list = out_list(call->arena, call->out, "matters")};
	if (!tell_matters(call, &e, put_matter, &x, err))
		return false;
	out_number(call->arena, call->out, "matter_count", x.n);
	return true;
}

/* ---- CSV ---- */

static void
put_day(struct csv_writer *csv, instant at, bool is_end)
{
	struct buf day = buf_of(64);
	if (at != 0 && at != INT64_MAX)
		date_format(date_of_instant(is_end ? at - 1 : at), DATE_ISO,
		    &day);
	csv_put_field(csv, slice_bytes(day.p, day.n));
	buf_close(&day);
}

static void
put_row(struct csv_writer *csv, struct slice kind, struct slice person,
    struct slice what, struct slice more)
{
	csv_put_field(csv, kind);
	csv_put_field(csv, person);
	csv_put_field(csv, what);
	csv_put_field(csv, more);
}

static void
write_matter(struct call *call, void *to, const struct matter_line *m)
{
	struct csv_writer *csv = to;
	put_row(csv, call_word(call, WORD_PERSONNEL_MATTERS),
	    person_name(call, m->asker), section_path(call, m->section),
	    arena_printf(call->arena, "%.*s　%.*s",
	        SLICE_FMT(matter_number(call, m->year, m->sequence)),
	        SLICE_FMT(m->name)));
	csv_end_row(csv);
}

static void
write_lines(struct call *call, const struct personnel_effect *e,
    struct csv_writer *csv)
{
	static const enum word heads[] = {WORD_PERSONNEL_KIND,
	    WORD_FIELD_PERSON, WORD_PERSONNEL_WHAT, WORD_PERSONNEL_MORE,
	    WORD_FIELD_FROM, WORD_FIELD_UNTIL};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		csv_put_field(csv, call_word(call, heads[i]));
	csv_end_row(csv);
	for (size_t i = 0; i < e->n_lines; i++) {
		const struct personnel_line *l = &e->lines[i];
		put_row(csv, call_word(call, kind_words[l->kind]),
		    person_name(call, l->person),
		    post_of(call, l->section, l->organ,
		    l->office), SLICE(""));
		put_day(csv, l->from, false);
		put_day(csv, l->until, true);
		csv_end_row(csv);
	}
	for (size_t i = 0; i < e->n_vacancies; i++) {
		const struct personnel_vacancy *v = &e->vacancies[i];
		if (!is_missed(call, v))
			continue;
		put_row(csv, call_word(call, WORD_PERSONNEL_VACANT), SLICE(""),
		    post_of(call, v->section, v->organ,
		    v->office), SLICE(""));
		csv_end_row(csv);
	}
	for (size_t i = 0; i < e->n_grants; i++) {
		const struct personnel_grant *g = &e->grants[i];
		put_row(csv, call_word(call, WORD_PERSONNEL_GRANTS),
		    person_name(call, g->person),
		    holding_name(call, g->holding), g->is_own_end
		        ? call_word(call, WORD_PERSONNEL_OWN_END)
		        : SLICE(""));
		csv_end_row(csv);
	}
}

bool
personnel_write_csv(struct call *call, const struct people_change *c,
    struct err *err)
{
	struct personnel_effect e;
	struct slice text;
	struct buf to = buf_of(CSV_MAX_BYTES);
	if (!personnel_effect(call->door, call->visitor, c, &e, err))
		return false;
	buf_add_str(&to, "\xef\xbb\xbf"); /* for spreadsheets */
	struct csv_writer csv = csv_writer_of(&to, true);
	write_lines(call, &e, &csv);
	if (!tell_matters(call, &e, write_matter, &csv, err) ||
	    !buf_finish(&to, &text, err)) {
		buf_close(&to);
		return false;
	}
	call->content = to;
	call->content_type = "text/csv; charset=utf-8";
	call->attachment = SLICE("personnel.csv");
	return true;
}
