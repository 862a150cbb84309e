/*
 * The article board as far as states can be computed now: what the program
 * enforces holds always; offices are looked up; the rest has no rule of
 * evidence yet and says so. Nobody can set a state.
 */
#include "organ.h"

enum state {
	STATE_MET,      /* 適合 */
	STATE_SOON,     /* 期限間近 */
	STATE_LACKING,  /* 不備 */
	STATE_UNKNOWN,  /* no rule of evidence yet */
	STATES_END
};

static const char *const state_names[STATES_END] = {"met", "soon",
    "lacking", "unknown"};

/* Days before the end of an appointment or grant from which it is near. */
enum { LEAD_DAYS = 30 };

struct evidence {
	enum state state;
	struct slice missing; /* what, for people */
	instant until;        /* what ends first */
};

static void
worsen(struct evidence *e, enum state state)
{
	static const int weight[STATES_END] = {0, 2, 3, 1};
	if (weight[state] > weight[e->state])
		e->state = state;
}

/* Offices whose articles name this provision: held, and for how long. */
static bool
judge_offices(struct call *call, const struct pack_provision *p,
    const struct held *held, struct evidence *e)
{
	bool is_judged = false;
	for (size_t i = 0; i < call->pack->n_offices; i++) {
		const struct pack_office *office = &call->pack->offices[i];
		bool is_named = false, is_held = false;
		for (size_t j = 0; j < office->n_articles; j++)
			is_named |= office->articles[j].provision == p;
		if (!is_named || !office->is_compulsory)
			continue;
		is_judged = true;
		for (size_t j = 0; j < held->n; j++) {
			if (!slice_is_equal(held->list[j].office, office->id))
				continue;
			is_held = true;
			if (e->until == 0 || held->list[j].until < e->until)
				e->until = held->list[j].until;
		}
		if (!is_held) {
			worsen(e, STATE_LACKING);
			e->missing = call_word(call, WORD_BOARD_VACANT,
			    pack_word(call, &office->title));
		}
	}
	if (is_judged && e->until != 0 &&
	    e->until - call->now < LEAD_DAYS * DAY_US)
		worsen(e, STATE_SOON);
	return is_judged;
}

static struct evidence
judge(struct call *call, const struct pack_provision *p,
    const struct held *held)
{
	struct evidence e = {.state = STATE_MET, .missing = SLICE("")};
	bool has_office = judge_offices(call, p, held, &e);
	for (size_t i = 0; i < p->n_controls; i++) {
		const struct pack_control *c =
		    pack_control(call->pack, p->controls[i].id);
		if (c == NULL || c->n_answered_by == 0) {
			worsen(&e, STATE_UNKNOWN);
			if (e.missing.n == 0 && c != NULL)
				e.missing = call_word(call, WORD_BOARD_PLANNED,
				    pack_word(call, &c->name));
		}
	}
	if (p->n_controls == 0 && !has_office)
		worsen(&e, STATE_UNKNOWN);
	return e;
}

/* ---- groups ---- */

/*
 * What a cell of the board stands for: the provisions of a chapter that follow
 * one another under one caption, which is an article where there are articles.
 * Its state is that of its worst provision.
 */
struct group {
	size_t first, n; /* provisions of the pack */
	size_t worst;    /* the first one of that state */
	struct evidence evidence;
};

static bool
is_same_group(const struct pack_provision *a, const struct pack_provision *b)
{
	return a->chapter == b->chapter &&
	    slice_is_equal(a->caption, b->caption);
}

static struct group
group_at(struct call *call, size_t first, const struct held *held)
{
	const struct pack *pack = call->pack;
	struct group g = {.first = first, .worst = first,
	    .evidence = judge(call, &pack->provisions[first], held)};
	for (g.n = 1; first + g.n < pack->n_provisions && is_same_group(
	    &pack->provisions[first], &pack->provisions[first + g.n]); g.n++) {
		struct evidence e = judge(call,
		    &pack->provisions[first + g.n], held);
		enum state before = g.evidence.state;
		worsen(&g.evidence, e.state);
		if (g.evidence.state != before) {
			g.worst = first + g.n;
			g.evidence = e;
		}
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
    "unknown", NULL};

static const struct field show_input[] = {
    {.name = "state", .type = FIELD_CHOICE, .max = 16,
        .label = WORD_PAGE_STATE, .choices = state_choices},
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
    {"wanting.until", OUT_UNTIL}, {"unbound", OUT_LIST},
    RESULTS_OF_ORGAN("unbound."), RESULTS_END,
};

static void
put_cell(struct call *call, struct out *list, const struct group *g)
{
	struct arena *a = call->arena;
	const struct pack_provision *p = &call->pack->provisions[g->worst];
	struct out *o = out_item(a, list);
	out_text(a, o, "ref", p->id);
	out_text(a, o, "label", group_label(call, g));
	out_text(a, o, "caption", p->caption);
	out_str(a, o, "state", state_names[g->evidence.state]);
	out_text(a, o, "state_word", keyed_word(call, "state",
	    slice_of(state_names[g->evidence.state])));
	out_number(a, o, "provisions", (int64_t)g->n);
}

/* A provision with what it lacks, who answers for it, and until when. */
static void
put_wanting(struct call *call, struct out *list,
    const struct pack_provision *p, const struct evidence *e)
{
	struct arena *a = call->arena;
	const struct pack_office *office =
	    pack_office(call->pack, p->office.id);
	struct out *o = out_item(a, list);
	out_text(a, o, "ref", p->id);
	out_text(a, o, "label", article_label(call, p->id));
	out_text(a, o, "caption", p->caption);
	out_str(a, o, "state", state_names[e->state]);
	out_text(a, o, "state_word", keyed_word(call, "state",
	    slice_of(state_names[e->state])));
	out_text(a, o, "missing", e->missing);
	out_text(a, o, "office", office == NULL ? p->actor
	    : pack_word(call, &office->title));
	if (e->until != 0)
		out_until(a, o, "until", e->until);
}

/* Beside the board; all of a state where it is asked for. */
enum { TOLD_MAX = 5 };

/* Which provisions are told one by one: those of the state asked for, else
 * those that somebody has to see to. */
static bool
is_told(struct slice asked, enum state state)
{
	return asked.n > 0 ? slice_is(asked, state_names[state])
	    : state == STATE_LACKING || state == STATE_SOON;
}

static void
put_states(struct call *call, const int64_t counts[STATES_END])
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "states");
	int64_t x = 0;
	for (size_t s = 0; s < STATES_END; s++) {
		struct slice name = slice_of(state_names[s]);
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
	out_number(a, call->out, "met", counts[STATE_MET]);
	out_number(a, call->out, "unknown", counts[STATE_UNKNOWN]);
}

static bool
run_show(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack *pack = call->pack;
	struct slice asked = call_text(call, "state");
	struct held held;
	int64_t counts[STATES_END] = {0};
	size_t told = 0;
	if (!read_held(call, &held, err) || !put_unbound(call, err))
		return false;
	out_text(a, call->out, "regulation", pack_word(call, &pack->title));
	out_text(a, call->out, "state", asked);
	out_number(a, call->out, "provisions", (int64_t)pack->n_provisions);
	struct out *chapters = out_list(a, call->out, "chapters");
	struct out *wanting = out_list(a, call->out, "wanting");
	for (size_t c = 0; c < pack->n_chapters; c++) {
		struct out *chapter = out_item(a, chapters);
		out_text(a, chapter, "label", pack->chapters[c].label);
		out_text(a, chapter, "title", pack->chapters[c].title);
		struct out *cells = out_list(a, chapter, "cells");
		for (size_t i = 0; i < pack->n_provisions;) {
			if (pack->provisions[i].chapter !=
			    &pack->chapters[c]) {
				i++;
				continue;
			}
			struct group g = group_at(call, i, &held);
			counts[g.evidence.state]++;
			if (asked.n == 0 || slice_is(asked,
			    state_names[g.evidence.state]))
				put_cell(call, cells, &g);
			for (size_t end = i + g.n; i < end; i++) {
				const struct pack_provision *p =
				    &pack->provisions[i];
				struct evidence e = judge(call, p, &held);
				if (!is_told(asked, e.state))
					continue;
				if (asked.n > 0 || told < TOLD_MAX)
					put_wanting(call, wanting, p, &e);
				told++;
			}
		}
	}
	put_states(call, counts);
	out_flag(a, call->out, "more", asked.n == 0 && told > TOLD_MAX);
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
    FIELDS_END,
};

static const struct result article_output[] = {
    {"title", OUT_TEXT}, {"label", OUT_TEXT}, {"caption", OUT_TEXT},
    {"summary", OUT_TEXT}, {"actor", OUT_TEXT}, {"office", OUT_TEXT},
    {"force", OUT_TEXT}, {"state", OUT_TEXT}, {"state_word", OUT_TEXT},
    {"missing", OUT_TEXT}, {"until", OUT_UNTIL}, {"controls", OUT_LIST},
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
			buf_add(&by, keyed_word(call, "by",
			    c->answered_by[j].id));
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
put_beside(struct call *call, const struct pack_provision *p,
    const struct held *held)
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
		struct evidence e = judge(call, q, held);
		struct slice state = slice_of(state_names[e.state]);
		struct out *o = out_item(a, list);
		out_text(a, o, "ref", q->id);
		out_text(a, o, "label", article_label(call, q->id));
		out_text(a, o, "summary", q->summary);
		out_text(a, o, "state", state);
		out_text(a, o, "state_word", keyed_word(call, "state", state));
		out_flag(a, o, "current", q == p);
	}
}

static bool
run_article(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct held held;
	const struct pack_provision *p =
	    pack_provision(call->pack, call_text(call, "ref"));
	if (p == NULL)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_ARTICLE);
	if (!read_held(call, &held, err))
		return false;
	struct evidence e = judge(call, p, &held);
	const struct pack_office *office =
	    pack_office(call->pack, p->office.id);
	struct slice label = article_label(call, p->id);
	out_text(a, call->out, "title", arena_printf(a, "%.*s　%.*s",
	    SLICE_FMT(label), SLICE_FMT(p->caption)));
	out_text(a, call->out, "label", label);
	out_text(a, call->out, "caption", p->caption);
	out_text(a, call->out, "summary", p->summary);
	out_text(a, call->out, "actor", p->actor);
	if (office != NULL)
		out_text(a, call->out, "office",
		    pack_word(call, &office->title));
	out_text(a, call->out, "force", keyed_word(call, "force",
	    slice_of(pack_force_name(p->force))));
	out_str(a, call->out, "state", state_names[e.state]);
	out_text(a, call->out, "state_word", keyed_word(call, "state",
	    slice_of(state_names[e.state])));
	out_text(a, call->out, "missing", e.missing);
	if (e.until != 0)
		out_until(a, call->out, "until", e.until);
	put_controls(call, p);
	put_beside(call, p, &held);
	return true;
}

const struct action row_board_article = {
    .name = "board.article", .path = "/board/{ref}",
    .input = article_input, .output = article_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_BOARD_ARTICLE_TITLE,
    .help = WORD_BOARD_ARTICLE_HELP, .page = "article", .run = run_article,
};
