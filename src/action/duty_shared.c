/* Whom a duty reaches, and how it is told. */
#include "duty.h"

#include <stdlib.h>

#include "pack_field.h"

bool
duty_open(struct call *call, struct date day, const struct view **ret,
    struct err *err)
{
	struct calendar calendar = pack_calendar(call->pack);
	const struct book_ask ask = {.door = call->door,
	    .body = call->visitor->body, .pack = call->pack,
	    .calendar = &calendar, .now = call->now, .day = day};
	return book_get(call->house->book, &ask, ret, err);
}

void
duty_close(struct call *call, const struct view *v)
{
	book_drop(call->house->book, v);
}

bool
duty_day(struct call *call, struct date *ret, struct err *err)
{
	uint64_t at = call_number(call, "at", 0);
	struct date today = date_of_instant(call->now);
	*ret = at == 0 ? today : date_of_digits(at);
	return date_compare(*ret, today) <= 0 ||
	    call_mistake(call, err, "at", WORD_MISTAKE_BOARD_AHEAD);
}

/* ---- whom it reaches ---- */

static bool
is_over(const struct call *call, const struct view *v,
    const struct pack_office *o, uint64_t section)
{
	uint64_t own = call->visitor->section;
	switch (o->scope) {
	case PACK_SCOPE_BODY:
		return true;
	case PACK_SCOPE_SECTION:
		return section != 0 && section == own;
	case PACK_SCOPE_DIVISION:
		return own != 0 && organisation_is_within(view_people(v),
		    section, own);
	case PACK_SCOPE_ORGAN:
		break;
	}
	return false;
}

enum duty_reach
duty_reach_of(
    const struct call *call, const struct view *v, const struct duty_item *i)
{
	struct slice mine = authority_text_slice(&call->visitor->office);
	const struct pack_office *o = pack_duty_owner(call->pack, i->duty);
	unsigned steps = duty_steps_up(i->duty, i->due, view_day(v));
	if (o == NULL || call->visitor->capacity == 0)
		return DUTY_ELSEWHERE;
	if (slice_is_equal(o->id, mine) && is_over(call, v, o, i->section))
		return DUTY_OWN;
	for (; steps > 0; steps--) {
		o = pack_chain_above(call->pack, o->id);
		if (o == NULL)
			break;
		if (slice_is_equal(o->id, mine) &&
		    is_over(call, v, o, i->section))
			return DUTY_ESCALATED;
	}
	return DUTY_ELSEWHERE;
}

/* Of one duty in one section. */
struct line {
	const struct duty_item *first; /* due first */
	size_t n;
	enum duty_reach reach;
};

/* ---- in words ---- */

struct slice
duty_subject(struct call *call, const struct duty_item *i)
{
	switch (i->duty->each) {
	case PACK_EACH_BODY:
		break;
	case PACK_EACH_SECTION:
		return section_path(call, i->subject);
	case PACK_EACH_HOLDING:
	case PACK_EACH_MY_NUMBER:
		return holding_name(call, i->subject);
	case PACK_EACH_PERSON:
	case PACK_EACH_APPOINTMENT:
		return person_name(call, i->subject);
	case PACK_EACH_ROW:
		return arena_copy(call->arena, i->name);
	}
	return SLICE("");
}

static void
put_ask(struct call *call, struct out *list, const char *prefix,
    struct slice name, struct slice value)
{
	struct out *o = out_item(call->arena, list);
	out_text(call->arena, o, "name", arena_printf(call->arena,
	    "%s%.*s", prefix, SLICE_FMT(name)));
	out_text(call->arena, o, "value", value);
}

/* What the proof must say, where there is one answer; and for which. */
static void
put_asks(struct call *call, struct out *list, const struct duty_item *i)
{
	const struct pack_proof *x = &i->duty->proof;
	if (x->has_when && x->when.field.id.n > 0 && x->when.n_is > 0)
		put_ask(call, list, "v.", x->when.field.id, x->when.is[0]);
	if (x->key.id.n > 0 && i->subject != 0)
		put_ask(call, list, "v.", x->key.id, arena_printf(call->arena,
		    "%016llx", (unsigned long long)i->subject));
}

/* The page that begins what does it, with fields filled in. */
static void
put_link(struct call *call, struct out *in, const struct line *l)
{
	struct arena *a = call->arena;
	const struct duty_item *i = l->first;
	const struct pack_duty *d = i->duty;
	const struct pack_proof *x = &d->proof;
	bool is_own_row = d->each == PACK_EACH_ROW && (!d->has_proof ||
	    (x->key.id.n == 0 &&
	        slice_is_equal(x->of_register.id, d->of.id)));
	struct slice link = SLICE("duties");
	struct out *asks = out_list(a, in, "asks");
	if (l->n > 1)
		put_ask(call, asks, "", SLICE("duty"), d->id);
	else if (is_own_row)
		link = arena_printf(a, "registers/%.*s/%016llx/change",
		    SLICE_FMT(d->of.id), (unsigned long long)i->subject);
	else {
		link = x->of_procedure.id.n > 0
		    ? arena_printf(a, "procedures/%.*s/new",
		          SLICE_FMT(x->of_procedure.id))
		    : arena_printf(a, "registers/%.*s/new",
		          SLICE_FMT(x->of_register.id));
		put_asks(call, asks, i);
	}
	out_text(a, in, "link", link);
}

static struct slice
date_text(const struct call *call, struct date d)
{
	struct buf to = buf_of(64);
	date_format(d, call->lang == LANG_JA ? DATE_ERA : DATE_ENGLISH, &to);
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static struct slice
number_text(const struct call *call, size_t n)
{
	return arena_printf(call->arena, "%zu", n);
}

/* Of many, the section is told of the one that is due first; no person is. */
static struct slice
missing_duty(struct call *call, const struct finding *f, struct date today)
{
	const struct duty_item *i = f->item;
	struct slice title = pack_word(call, &i->duty->title);
	struct slice due = date_text(call, i->due);
	bool is_person = i->duty->each == PACK_EACH_PERSON ||
	    i->duty->each == PACK_EACH_APPOINTMENT;
	struct slice subject = is_person ? section_path(call, i->section)
	                                 : duty_subject(call, i);
	bool is_late = f->state == BOARD_LACKING;
	bool is_near = date_days_between(today, i->due) <=
	    (int32_t)i->duty->lead;
	if (!is_late && !is_near)
		return f->n == 1 && subject.n > 0
		    ? call_word(call, WORD_BOARD_NEVER, title, subject, due)
		    : call_word(call, WORD_BOARD_NEVER_MANY, title,
		          number_text(call, f->n), due);
	if (subject.n == 0 || (is_person && f->n > 1))
		return call_word(call, is_late ? WORD_BOARD_LATE
		    : WORD_BOARD_NEAR, title, number_text(call, f->n), due);
	return f->n == 1
	    ? call_word(call, is_late ? WORD_BOARD_LATE_ONE
	          : WORD_BOARD_NEAR_ONE, title, subject, due)
	    : call_word(call, is_late ? WORD_BOARD_LATE_MANY
	          : WORD_BOARD_NEAR_MANY, title, number_text(call, f->n), due,
	          subject);
}

static struct slice
missing_office(struct call *call, const struct finding *f)
{
	struct slice title = pack_word(call, &f->vacant->title);
	if (f->state == BOARD_SOON)
		return call_word(call, WORD_BOARD_ENDING, title,
		    date_text(call, f->until));
	return f->section == 0
	    ? call_word(call, WORD_BOARD_VACANT, title)
	    : call_word(call, WORD_BOARD_VACANT_IN, title,
	          section_path(call, f->section));
}

struct slice
finding_missing(struct call *call, const struct view *v,
    const struct finding *f)
{
	if (f->exemption != NULL)
		return call_word(call, WORD_BOARD_EXEMPT,
		    date_text(call, f->exemption->until));
	if (f->vacant != NULL)
		return missing_office(call, f);
	if (f->item != NULL)
		return missing_duty(call, f, view_day(v));
	return f->planned == NULL ? SLICE("")
	    : call_word(call, WORD_BOARD_PLANNED,
	          pack_word(call, &f->planned->name));
}

struct slice
finding_office(struct call *call, const struct pack_provision *p,
    const struct finding *f)
{
	const struct pack_office *o = f->vacant != NULL ? f->vacant
	    : f->item != NULL ? pack_duty_owner(call->pack, f->item->duty)
	                      : pack_office(call->pack, p->office.id);
	return o == NULL ? p->actor : pack_word(call, &o->title);
}

/* ---- lists ---- */

static int
compare_lines(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	bool a_none = date_is_none(a->first->due);
	bool b_none = date_is_none(b->first->due);
	if (a_none != b_none)
		return a_none ? 1 : -1;
	int by_day = date_compare(a->first->due, b->first->due);
	return by_day != 0 ? by_day
	    : a->first < b->first ? -1 : a->first > b->first;
}

static bool
is_asked(const struct call *call, const struct view *v,
    const struct duty_filter *f, const struct duty_item *i,
    enum duty_reach *ret)
{
	static const char *const names[] = {"met", "soon", "lacking"};
	if ((f->section != 0 && f->section != i->section) ||
	    (f->of != NULL && f->of != i->duty) ||
	    (f->duty.n > 0 && !slice_is_equal(f->duty, i->duty->id)) ||
	    (f->state.n > 0 ? !slice_is(f->state, names[i->state])
	                    : !f->with_met && i->state == DUTY_MET))
		return false;
	*ret = duty_reach_of(call, v, i);
	return !f->is_mine || *ret != DUTY_ELSEWHERE;
}

static size_t
gather(const struct call *call, const struct view *v,
    const struct duty_filter *f, struct line *lines)
{
	size_t n_items, n = 0, begin = 0;
	const struct duty_item *items = view_items(v, &n_items);
	for (size_t i = 0; i < n_items; i++) {
		enum duty_reach reach;
		if (i > 0 && items[i].duty != items[i - 1].duty)
			begin = n;
		if (!is_asked(call, v, f, &items[i], &reach))
			continue;
		size_t at = begin;
		while (at < n && (lines[at].first->section !=
		    items[i].section || lines[at].first->state !=
		    items[i].state))
			at++;
		if (at == n || f->duty.n > 0) {
			lines[n++] = (struct line){&items[i], 1, reach};
			continue;
		}
		lines[at].n++;
		if (date_compare(items[i].due, lines[at].first->due) < 0)
			lines[at].first = &items[i];
	}
	return n;
}

static void
put_line(struct call *call, const struct view *v, struct out *list,
    const struct line *l)
{
	static const char *const names[] = {"met", "soon", "lacking"};
	struct arena *a = call->arena;
	const struct duty_item *i = l->first;
	const struct pack_duty *d = i->duty;
	const struct pack_office *owner = pack_duty_owner(call->pack, d);
	struct out *o = out_item(a, list);
	out_text(a, o, "id", d->id);
	out_text(a, o, "title", pack_word(call, &d->title));
	if (d->each != PACK_EACH_SECTION)
		out_text(a, o, "subject", duty_subject(call, i));
	out_number(a, o, "count", (int64_t)l->n);
	if (i->section != 0)
		out_text(a, o, "section", section_path(call, i->section));
	if (owner != NULL)
		out_text(a, o, "office", pack_word(call, &owner->title));
	out_date(a, o, "due", i->due);
	out_date(a, o, "last", i->last);
	if (!date_is_none(i->due))
		out_number(a, o, "days",
		    date_days_between(view_day(v), i->due));
	out_str(a, o, "state", names[i->state]);
	out_text(a, o, "state_word", keyed_word(call, "state",
	    slice_of(names[i->state])));
	out_text(a, o, "articles", articles_of_controls(call, d->controls,
	    d->n_controls));
	out_flag(a, o, "escalated", l->reach == DUTY_ESCALATED);
	out_flag(a, o, "many", l->n > 1);
	if (l->reach == DUTY_OWN)
		put_link(call, o, l);
}

bool
duty_put(struct call *call, const struct view *v,
    const struct duty_filter *filter, struct out *list, bool *ret_more,
    struct err *err)
{
	size_t n_items;
	(void)view_items(v, &n_items);
	struct line *lines =
	    arena_array(call->arena, n_items, sizeof(*lines));
	if (lines == NULL)
		return ERR(err, ERR_LIMIT, "no room for all duties");
	size_t n = gather(call, v, filter, lines);
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n && i < filter->max; i++)
		put_line(call, v, list, &lines[i]);
	*ret_more = n > filter->max;
	return true;
}
