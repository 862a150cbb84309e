/*
 * The article board: each provision's state, computed from evidence
 * (duty/book.h). Nobody can set a state.
 */
#include "duty.h"
#include "organ.h"
#include "procedure/rule.h"

enum { DUTIES_OF_ARTICLE_MAX = 20 };

/* ---- groups ---- */

/*
 * What a cell of the board stands for: the provisions of a chapter that follow
 * one another under one caption, which is an article where there are articles.
 * Its state is that of its worst provision.
 */
struct group {
	size_t first, n; /* provisions of the pack */
	size_t worst;    /* the first one of that state */
	struct finding found;
};

static bool
is_same_group(const struct pack_provision *a, const struct pack_provision *b)
{
	return a->chapter == b->chapter &&
	    slice_is_equal(a->caption, b->caption);
}

static struct group
group_at(const struct call *call, const struct view *v, size_t first,
    uint64_t section)
{
	static const int weight[BOARD_STATES] = {[BOARD_EXEMPT] = 0,
	    [BOARD_MET] = 1, [BOARD_UNKNOWN] = 2, [BOARD_SOON] = 3,
	    [BOARD_LACKING] = 4};
	const struct pack *pack = call->pack;
	struct group g = {.first = first, .worst = first,
	    .found = view_finding(v, first, section)};
	for (g.n = 1; first + g.n < pack->n_provisions && is_same_group(
	    &pack->provisions[first], &pack->provisions[first + g.n]); g.n++) {
		struct finding f = view_finding(v, first + g.n, section);
		if (weight[f.state] <= weight[g.found.state])
			continue;
		g.worst = first + g.n;
		g.found = f;
	}
	return g;
}

/* 第9条 of 第9条第1項 to 第3項; 4(1)～4(3) where the unit is an item. */
static struct slice
group_label(struct call *call, const struct group *g)
{
	const struct pack_provision *p = &call->pack->provisions[g->first];
	struct slice last = p[g->n - 1].id, base = p->id;
	for (size_t i = 1; i < g->n; i++) {
		size_t same = 0;
		while (same < base.n && same < p[i].id.n &&
		    base.p[same] == p[i].id.p[same])
			same++;
		base.n = same;
	}
	/* back to the end of a number, a bracket or a whole character */
	while (g->n > 1 && base.n > 0 && (base.p[base.n - 1] == '.' ||
	    base.p[base.n - 1] == '(' ||
	    (p->id.n > base.n && p->id.p[base.n] >= '0' &&
	        p->id.p[base.n] <= '9') || (p->id.n > base.n &&
	        ((unsigned char)p->id.p[base.n] & 0xc0) == 0x80)))
		base.n--;
	if (g->n == 1 || base.n == 0 || slice_is_equal(base, p->chapter->id)) {
		struct slice label = article_label(call, p->id);
		struct slice end = article_label(call, last);
		return g->n == 1 ? label : arena_printf(call->arena,
		    "%.*s～%.*s", SLICE_FMT(label), SLICE_FMT(end));
	}
	return article_label(call, base);
}

/* ---- the board ---- */

static const char *const state_choices[] = {"met", "soon", "lacking",
    "unknown", "exempt", NULL};

#define BOARD_INPUTS                                                           \
	{.name = "at", .type = FIELD_DATE, .label = WORD_FIELD_BOARD_AT},      \
	    {.name = "section", .type = FIELD_ID,                              \
	        .label = WORD_FIELD_SECTION}

static const struct field show_input[] = {
    {.name = "state", .type = FIELD_CHOICE, .max = 16,
        .label = WORD_PAGE_STATE, .choices = state_choices},
    BOARD_INPUTS,
    FIELDS_END,
};

static const struct result show_output[] = {
    {"title", OUT_TEXT}, {"regulation", OUT_TEXT}, {"state", OUT_TEXT},
    {"count", OUT_NUMBER}, {"provisions", OUT_NUMBER},
    {"unknown", OUT_NUMBER}, {"met", OUT_NUMBER},
    {"states", OUT_LIST}, {"states.state", OUT_TEXT},
    {"states.state_word", OUT_TEXT}, {"states.count", OUT_NUMBER},
    {"states.x", OUT_NUMBER}, {"states.chosen", OUT_FLAG},
    {"chapters", OUT_LIST}, {"chapters.label", OUT_TEXT},
    {"chapters.title", OUT_TEXT}, {"chapters.cells", OUT_LIST},
    {"chapters.cells.ref", OUT_TEXT}, {"chapters.cells.label", OUT_TEXT},
    {"chapters.cells.caption", OUT_TEXT},
    {"chapters.cells.state", OUT_TEXT},
    {"chapters.cells.state_word", OUT_TEXT},
    {"chapters.cells.provisions", OUT_NUMBER},
    {"more", OUT_FLAG},
    {"wanting", OUT_LIST}, {"wanting.ref", OUT_TEXT},
    {"wanting.label", OUT_TEXT}, {"wanting.caption", OUT_TEXT},
    {"wanting.state", OUT_TEXT}, {"wanting.state_word", OUT_TEXT},
    {"wanting.missing", OUT_TEXT}, {"wanting.office", OUT_TEXT},
    {"wanting.until", OUT_DATE}, {"day", OUT_DATE}, {"past", OUT_FLAG},
    {"section", OUT_ID}, {"section_name", OUT_TEXT},
    {"section_options", OUT_LIST}, {"section_options.value", OUT_ID},
    {"section_options.label", OUT_TEXT},
    {"section_options.selected", OUT_FLAG},
    {"at", OUT_TEXT}, {"unbound", OUT_LIST},
    RESULTS_OF_ORGAN("unbound."), RESULTS_END,
};

static void
put_cell(struct call *call, struct out *list, const struct group *g)
{
	struct arena *a = call->arena;
	const struct pack_provision *p = &call->pack->provisions[g->worst];
	const char *state = board_state_name(g->found.state);
	struct out *o = out_item(a, list);
	out_text(a, o, "ref", p->id);
	out_text(a, o, "label", group_label(call, g));
	out_text(a, o, "caption", p->caption);
	out_str(a, o, "state", state);
	out_text(a, o, "state_word", keyed_word(call, "state",
	    slice_of(state)));
	out_number(a, o, "provisions", (int64_t)g->n);
}

/* A provision with what it lacks, who answers for it, and until when. */
static void
put_wanting(struct call *call, const struct view *v, struct out *list,
    const struct pack_provision *p, const struct finding *f)
{
	struct arena *a = call->arena;
	const char *state = board_state_name(f->state);
	struct out *o = out_item(a, list);
	out_text(a, o, "ref", p->id);
	out_text(a, o, "label", article_label(call, p->id));
	out_text(a, o, "caption", p->caption);
	out_str(a, o, "state", state);
	out_text(a, o, "state_word", keyed_word(call, "state",
	    slice_of(state)));
	out_text(a, o, "missing", finding_missing(call, v, f));
	out_text(a, o, "office", finding_office(call, p, f));
	out_date(a, o, "until", f->until);
}

/* Beside the board; all of a state where it is asked for. */
enum { TOLD_MAX = 5 };

/* Which provisions are told one by one: those of the state asked for, else
 * those that somebody has to see to. */
static bool
is_told(struct slice asked, enum board_state state)
{
	return asked.n > 0 ? slice_is(asked, board_state_name(state))
	    : state == BOARD_LACKING || state == BOARD_SOON;
}

static void
put_states(struct call *call, const int64_t counts[BOARD_STATES])
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "states");
	int64_t x = 0;
	for (size_t s = 0; s < BOARD_STATES; s++) {
		struct slice name =
		    slice_of(board_state_name((enum board_state)s));
		struct out *o = out_item(a, list);
		out_text(a, o, "state", name);
		out_text(a, o, "state_word", keyed_word(call, "state", name));
		out_number(a, o, "count", counts[s]);
		out_number(a, o, "x", x);
		out_flag(a, o, "chosen", slice_is_equal(name,
		    call_text(call, "state")));
		x += counts[s];
	}
	out_number(a, call->out, "count", x);
	out_number(a, call->out, "met", counts[BOARD_MET]);
	out_number(a, call->out, "unknown", counts[BOARD_UNKNOWN]);
}

/* 課等 by name, for one section's board. */
static void
put_sections(struct call *call, const struct view *v)
{
	struct arena *a = call->arena;
	const struct organisation *people = view_people(v);
	struct out *list = out_list(a, call->out, "section_options");
	for (size_t i = 0; i < people->n_sections; i++) {
		const struct people_section *s = &people->sections[i];
		if (!s->counts || !organisation_is_bound(people, s->id,
		    date_end(view_day(v))))
			continue;
		struct out *o = out_item(a, list);
		out_id(a, o, "value", s->id);
		out_text(a, o, "label", arena_copy(a, s->name));
		out_flag(a, o, "selected", s->id == call_id(call, "section"));
	}
}

/* The day and the section again, for the links of the page. */
static void
put_asked(struct call *call, const struct view *v)
{
	struct arena *a = call->arena;
	uint64_t section = call_id(call, "section");
	struct buf day = buf_of(32);
	bool is_past = date_compare(view_day(v),
	    date_of_instant(call->now)) < 0;
	date_format(view_day(v), DATE_ISO, &day);
	struct slice at = arena_copy(a, slice_bytes(day.p, day.n));
	buf_close(&day);
	if (section != 0) {
		out_id(a, call->out, "section", section);
		out_text(a, call->out, "section_name", section_path(call,
		    section));
	}
	out_text(a, call->out, "at", is_past ? at : SLICE(""));
	out_date(a, call->out, "day", view_day(v));
	out_flag(a, call->out, "past", is_past);
	put_sections(call, v);
}

/* One chapter's cells; counts and what is told grow. */
struct telling {
	struct call *call;
	const struct view *view;
	struct slice asked;
	uint64_t section;
	int64_t counts[BOARD_STATES];
	struct out *wanting;
	size_t told;
};

static void
put_chapter(struct telling *t, const struct pack_chapter *chapter,
    struct out *cells)
{
	struct call *call = t->call;
	const struct pack *pack = call->pack;
	for (size_t i = 0; i < pack->n_provisions;) {
		if (pack->provisions[i].chapter != chapter) {
			i++;
			continue;
		}
		struct group g = group_at(call, t->view, i, t->section);
		t->counts[g.found.state]++;
		if (t->asked.n == 0 || slice_is(t->asked,
		    board_state_name(g.found.state)))
			put_cell(call, cells, &g);
		for (size_t end = i + g.n; i < end; i++) {
			struct finding f =
			    view_finding(t->view, i, t->section);
			if (!is_told(t->asked, f.state))
				continue;
			if (t->asked.n > 0 || t->told < TOLD_MAX)
				put_wanting(call, t->view, t->wanting,
				    &pack->provisions[i], &f);
			t->told++;
		}
	}
}

static void
put_board(struct call *call, const struct view *v)
{
	struct arena *a = call->arena;
	const struct pack *pack = call->pack;
	struct telling t = {.call = call, .view = v,
	    .asked = call_text(call, "state"),
	    .section = call_id(call, "section")};
	out_text(a, call->out, "regulation", pack_word(call, &pack->title));
	out_text(a, call->out, "state", t.asked);
	out_number(a, call->out, "provisions", (int64_t)pack->n_provisions);
	struct out *chapters = out_list(a, call->out, "chapters");
	t.wanting = out_list(a, call->out, "wanting");
	for (size_t c = 0; c < pack->n_chapters; c++) {
		struct out *chapter = out_item(a, chapters);
		out_text(a, chapter, "label", pack->chapters[c].label);
		out_text(a, chapter, "title", pack->chapters[c].title);
		put_chapter(&t, &pack->chapters[c],
		    out_list(a, chapter, "cells"));
	}
	put_states(call, t.counts);
	put_asked(call, v);
	out_flag(a, call->out, "more", t.asked.n == 0 && t.told > TOLD_MAX);
}

static bool
run_show(struct call *call, struct err *err)
{
	const struct view *v;
	struct date day;
	if (!duty_day(call, &day, err) || !put_unbound(call, err) ||
	    !duty_open(call, day, &v, err))
		return false;
	put_board(call, v);
	duty_close(call, v);
	return true;
}

const struct action row_board_show = {
    .name = "board.show", .path = "/board",
    .input = show_input, .output = show_output, .who = WHO_SESSION,
    .ledger_verb = "",
    .title = WORD_BOARD_SHOW_TITLE, .help = WORD_BOARD_SHOW_HELP,
    .page = "board", .run = run_show,
};

/* ---- one article ---- */

static const struct field article_input[] = {
    {.name = "ref", .type = FIELD_TEXT, .max = 32, .required = true,
        .label = WORD_FIELD_REF},
    BOARD_INPUTS,
    FIELDS_END,
};

static const struct result article_output[] = {
    {"title", OUT_TEXT}, {"label", OUT_TEXT}, {"caption", OUT_TEXT},
    {"summary", OUT_TEXT}, {"actor", OUT_TEXT}, {"office", OUT_TEXT},
    {"force", OUT_TEXT}, {"state", OUT_TEXT}, {"state_word", OUT_TEXT},
    {"missing", OUT_TEXT}, {"until", OUT_DATE}, {"ref", OUT_TEXT},
    {"owner", OUT_TEXT}, {"day", OUT_DATE}, {"past", OUT_FLAG},
    {"section_name", OUT_TEXT}, {"at", OUT_TEXT},
    {"matter", OUT_ID}, {"may_exempt", OUT_FLAG},
    RESULTS_DUTIES("duties"), {"more", OUT_FLAG},
    {"section", OUT_ID}, {"section_options", OUT_LIST},
    {"section_options.value", OUT_ID},
    {"section_options.label", OUT_TEXT},
    {"section_options.selected", OUT_FLAG}, {"controls", OUT_LIST},
    {"controls.name", OUT_TEXT}, {"controls.answered", OUT_FLAG},
    {"controls.by", OUT_TEXT}, {"beside", OUT_LIST},
    {"beside.ref", OUT_TEXT}, {"beside.label", OUT_TEXT},
    {"beside.summary", OUT_TEXT}, {"beside.state", OUT_TEXT},
    {"beside.state_word", OUT_TEXT}, {"beside.current", OUT_FLAG},
    RESULTS_END,
};

static void
put_controls(struct call *call, const struct pack_provision *p)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "controls");
	for (size_t i = 0; i < p->n_controls; i++) {
		const struct pack_control *c =
		    pack_control(call->pack, p->controls[i].id);
		struct buf by = buf_of(1024);
		if (c == NULL)
			continue;
		for (size_t j = 0; j < c->n_answered_by; j++) {
			if (j > 0)
				buf_add_str(&by, "、");
			const struct pack_words *title = pack_answer_title(
			    call->pack, c->answered_by[j].id);
			buf_add(&by, title != NULL ? pack_word(call, title)
			    : keyed_word(call, "by", c->answered_by[j].id));
		}
		struct out *o = out_item(a, list);
		out_text(a, o, "name", pack_word(call, &c->name));
		out_flag(a, o, "answered", c->n_answered_by > 0);
		out_text(a, o, "by", arena_copy(a, slice_bytes(by.p, by.n)));
		buf_close(&by);
	}
}

/* The provisions of the same cell, this one among them. */
static void
put_beside(struct call *call, const struct view *v,
    const struct pack_provision *p)
{
	struct arena *a = call->arena;
	const struct pack *pack = call->pack;
	const struct pack_provision *q = p;
	const struct pack_provision *end =
	    pack->provisions + pack->n_provisions;
	while (q > pack->provisions && is_same_group(q - 1, p))
		q--;
	if (q == p && (p + 1 == end || !is_same_group(p + 1, p)))
		return;
	struct out *list = out_list(a, call->out, "beside");
	for (; q < end && is_same_group(q, p); q++) {
		struct finding f = view_finding(v,
		    (size_t)(q - pack->provisions),
		    call_id(call, "section"));
		struct slice state = slice_of(board_state_name(f.state));
		struct out *o = out_item(a, list);
		out_text(a, o, "ref", q->id);
		out_text(a, o, "label", article_label(call, q->id));
		out_text(a, o, "summary", q->summary);
		out_text(a, o, "state", state);
		out_text(a, o, "state_word", keyed_word(call, "state", state));
		out_flag(a, o, "current", q == p);
	}
}

/* The duties of its controls, all of them, also those not near yet. */
static bool
put_duties(struct call *call, const struct view *v,
    const struct pack_provision *p, struct err *err)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "duties");
	bool has_more = false, is_any = false;
	for (size_t i = 0; i < call->pack->n_duties; i++) {
		const struct pack_duty *d = &call->pack->duties[i];
		struct duty_filter filter = {.with_met = true,
		    .section = call_id(call, "section"), .of = d,
		    .max = DUTIES_OF_ARTICLE_MAX};
		if (!pack_duty_is_of(d, p))
			continue;
		if (!duty_put(call, v, &filter, list, &has_more, err))
			return false;
		is_any |= has_more;
	}
	out_flag(a, call->out, "more", is_any);
	return true;
}

static bool
put_article(struct call *call, const struct view *v,
    const struct pack_provision *p, struct err *err)
{
	struct arena *a = call->arena;
	struct finding f = view_finding(v,
	    (size_t)(p - call->pack->provisions), call_id(call, "section"));
	const char *state = board_state_name(f.state);
	const struct pack_office *office =
	    pack_office(call->pack, p->office.id);
	const struct pack_procedure *exemption =
	    pack_procedure(call->pack, SLICE("exemption"));
	struct slice label = article_label(call, p->id);
	out_text(a, call->out, "title", arena_printf(a, "%.*s　%.*s",
	    SLICE_FMT(label), SLICE_FMT(p->caption)));
	out_text(a, call->out, "label", label);
	out_text(a, call->out, "ref", p->id);
	out_text(a, call->out, "caption", p->caption);
	out_text(a, call->out, "summary", p->summary);
	out_text(a, call->out, "actor", p->actor);
	if (office != NULL)
		out_text(a, call->out, "office",
		    pack_word(call, &office->title));
	out_text(a, call->out, "force", keyed_word(call, "force",
	    slice_of(pack_force_name(p->force))));
	out_str(a, call->out, "state", state);
	out_text(a, call->out, "state_word", keyed_word(call, "state",
	    slice_of(state)));
	out_text(a, call->out, "missing", finding_missing(call, v, &f));
	if (f.item != NULL || f.vacant != NULL)
		out_text(a, call->out, "owner", finding_office(call, p, &f));
	out_date(a, call->out, "until", f.until);
	if (f.exemption != NULL)
		out_id(a, call->out, "matter", f.exemption->matter);
	out_flag(a, call->out, "may_exempt", exemption != NULL &&
	    f.exemption == NULL && call->visitor->capacity != 0 &&
	    procedure_may_begin(exemption,
	        authority_text_slice(&call->visitor->office)));
	put_asked(call, v);
	put_controls(call, p);
	put_beside(call, v, p);
	return put_duties(call, v, p, err);
}

static bool
run_article(struct call *call, struct err *err)
{
	const struct pack_provision *p =
	    pack_provision(call->pack, call_text(call, "ref"));
	const struct view *v;
	struct date day;
	if (p == NULL || p->pack != call->pack)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_ARTICLE);
	if (!duty_day(call, &day, err) || !duty_open(call, day, &v, err))
		return false;
	bool is_fine = put_article(call, v, p, err);
	duty_close(call, v);
	return is_fine;
}

const struct action row_board_article = {
    .name = "board.article", .path = "/board/{ref}",
    .input = article_input, .output = article_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_BOARD_ARTICLE_TITLE,
    .help = WORD_BOARD_ARTICLE_HELP, .page = "article", .run = run_article,
};
