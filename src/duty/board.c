/*
 * The state of a provision: the worst of its offices, of the duties of its
 * controls, and of controls that nothing answers yet.
 */
#include "duty/view.h"

#include "base/must.h"

/* Days before an appointment's end from which it is near. */
enum { ENDING_DAYS = 30 };

static const char *const names[BOARD_STATES] = {"met", "soon", "lacking",
    "unknown", "exempt"};

const char *
board_state_name(enum board_state state)
{
	must((unsigned)state < BOARD_STATES);
	return names[state];
}

/* Worse states weigh more; what is not known is less than what is near. */
static bool
is_worse(enum board_state a, enum board_state b)
{
	static const int weight[BOARD_STATES] = {[BOARD_EXEMPT] = -1,
	    [BOARD_MET] = 0, [BOARD_UNKNOWN] = 1, [BOARD_SOON] = 2,
	    [BOARD_LACKING] = 3};
	return weight[a] > weight[b];
}

struct judging {
	const struct view *view;
	const struct pack_provision *provision;
	uint64_t section; /* 0: the whole body */
	struct finding found;
};

static const struct exemption *
exemption_of(const struct judging *j, uint64_t section)
{
	const struct view *v = j->view;
	for (size_t i = 0; i < v->n_exemptions; i++)
		if (v->exemptions[i].provision == j->provision &&
		    (v->exemptions[i].section == 0 ||
		        v->exemptions[i].section == section))
			return &v->exemptions[i];
	return NULL;
}

/* ---- offices ---- */

/* The office in a section (0: of the body) is held, and until when. */
static bool
is_held(const struct view *v, const struct pack_office *o, uint64_t section,
    instant *ret_until)
{
	const struct door_standing *s = &v->people->standing;
	bool is_body = o->scope == PACK_SCOPE_BODY;
	*ret_until = 0;
	for (size_t i = 0; i < s->n_posts; i++) {
		const struct standing_post *p = &s->posts[i];
		if ((!is_body && p->section != section) || p->from > v->at ||
		    p->until <= v->at || !slice_is_equal(p->office, o->id))
			continue;
		if (p->until > *ret_until)
			*ret_until = p->until;
	}
	return *ret_until > v->at;
}

/* Somebody follows at once. */
static bool
is_followed(const struct view *v, const struct pack_office *o,
    uint64_t section, instant until)
{
	const struct door_standing *s = &v->people->standing;
	for (size_t i = 0; i < s->n_posts; i++)
		if (slice_is_equal(s->posts[i].office, o->id) &&
		    (o->scope == PACK_SCOPE_BODY ||
		        s->posts[i].section == section) &&
		    s->posts[i].from <= until && until < s->posts[i].until)
			return true;
	return false;
}

static void
judge_post(struct judging *j, const struct pack_office *o, uint64_t section)
{
	const struct view *v = j->view;
	instant until;
	enum board_state state = BOARD_MET;
	if (exemption_of(j, section) != NULL)
		return;
	if (!is_held(v, o, section, &until))
		state = BOARD_LACKING;
	else if (until - v->at < ENDING_DAYS * DAY_US &&
	    !is_followed(v, o, section, until))
		state = BOARD_SOON;
	if (!is_worse(state, j->found.state))
		return;
	j->found = (struct finding){.state = state, .vacant = o,
	    .section = section, .n = 1};
	if (state == BOARD_SOON)
		j->found.until = date_add_days(date_of_instant(until), -1);
}

static bool
owns_holding(const struct view *v, uint64_t section)
{
	const struct door_standing *s = &v->people->standing;
	for (size_t i = 0; i < s->n_holdings; i++)
		if (s->holdings[i].section == section &&
		    s->holdings[i].from <= v->at &&
		    v->at < s->holdings[i].until)
			return true;
	return false;
}

/* In each 課等, or only where there is a holding. */
static void
judge_posts(struct judging *j, const struct pack_office *o)
{
	const struct organisation *people = j->view->people;
	for (size_t i = 0; i < people->n_sections; i++) {
		const struct people_section *s = &people->sections[i];
		if (s->counts && people->begun[i] <= j->view->at &&
		    (j->section == 0 || s->id == j->section) &&
		    (o->where == PACK_WHERE_ALL ||
		        owns_holding(j->view, s->id)))
			judge_post(j, o, s->id);
	}
}

static void
judge_offices(struct judging *j)
{
	const struct pack *pack = j->view->pack;
	for (size_t i = 0; i < pack->n_offices; i++) {
		const struct pack_office *o = &pack->offices[i];
		bool is_cited = false;
		for (size_t k = 0; k < o->n_articles; k++)
			is_cited |= o->articles[k].provision == j->provision;
		if (!is_cited || !o->is_compulsory)
			continue;
		if (o->scope == PACK_SCOPE_SECTION)
			judge_posts(j, o);
		else if (o->scope == PACK_SCOPE_BODY && j->section == 0)
			judge_post(j, o, 0);
	}
}

/* ---- duties ---- */

static enum board_state
state_of(const struct duty_item *item)
{
	return item->state == DUTY_LATE ? BOARD_LACKING
	    : item->state == DUTY_SOON ? BOARD_SOON : BOARD_MET;
}

static void
take_item(struct judging *j, const struct duty_item *item)
{
	enum board_state state = state_of(item);
	struct finding *f = &j->found;
	if (state == BOARD_MET || exemption_of(j, item->section) != NULL)
		return;
	if (f->state == state && f->item != NULL &&
	    f->item->duty == item->duty) {
		f->n++;
		if (date_compare(item->due, f->item->due) >= 0)
			return;
		f->item = item;
		f->until = item->due;
		return;
	}
	if (is_worse(state, f->state))
		*f = (struct finding){.state = state, .item = item, .n = 1,
		    .section = item->section, .until = item->due};
}

static void
judge_duties(struct judging *j)
{
	const struct view *v = j->view;
	for (size_t i = 0; i < v->pack->n_duties; i++) {
		const struct duty_range *r = &v->ranges[i];
		if (r->n == 0 || !pack_duty_is_of(&v->pack->duties[i],
		        j->provision))
			continue;
		for (size_t k = r->first; k < r->first + r->n; k++)
			if (j->section == 0 ||
			    v->items[k].section == j->section)
				take_item(j, &v->items[k]);
	}
}

/* ---- all of it ---- */

static void
judge_controls(struct judging *j)
{
	const struct pack_provision *p = j->provision;
	bool has_office = j->found.vacant != NULL;
	for (size_t i = 0; i < p->n_controls; i++) {
		const struct pack_control *c =
		    pack_control(j->view->pack, p->controls[i].id);
		bool is_answered = c != NULL && c->n_answered_by > 0;
		if (!is_answered && is_worse(BOARD_UNKNOWN, j->found.state))
			j->found = (struct finding){.state = BOARD_UNKNOWN,
			    .planned = c};
	}
	if (p->n_controls == 0 && !has_office &&
	    is_worse(BOARD_UNKNOWN, j->found.state))
		j->found = (struct finding){.state = BOARD_UNKNOWN};
}

/* The next day on which something of it falls due. */
static struct date
next_due(const struct judging *j)
{
	const struct view *v = j->view;
	struct date next = {0};
	for (size_t i = 0; i < v->pack->n_duties; i++) {
		const struct duty_range *r = &v->ranges[i];
		if (r->n == 0 || !pack_duty_is_of(&v->pack->duties[i],
		        j->provision))
			continue;
		for (size_t k = r->first; k < r->first + r->n; k++) {
			struct date due = v->items[k].due;
			if (!date_is_none(due) && (date_is_none(next) ||
			    date_compare(due, next) < 0) &&
			    (j->section == 0 ||
			        v->items[k].section == j->section))
				next = due;
		}
	}
	return next;
}

static struct finding
judge(const struct view *v, size_t provision, uint64_t section)
{
	struct judging j = {.view = v, .section = section,
	    .provision = &v->pack->provisions[provision],
	    .found = {.state = BOARD_MET}};
	const struct exemption *x = exemption_of(&j, section);
	if (x != NULL)
		return (struct finding){.state = BOARD_EXEMPT,
		    .exemption = x, .until = x->until};
	judge_offices(&j);
	judge_duties(&j);
	judge_controls(&j);
	if (j.found.state == BOARD_MET)
		j.found.until = next_due(&j);
	return j.found;
}

void
view_judge(struct view *v)
{
	for (size_t i = 0; i < v->pack->n_provisions; i++)
		v->findings[i] = judge(v, i, 0);
}

struct finding
view_finding(const struct view *v, size_t provision, uint64_t section)
{
	must(provision < v->pack->n_provisions);
	return section == 0 ? v->findings[provision]
	                    : judge(v, provision, section);
}
