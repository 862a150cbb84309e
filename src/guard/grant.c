/*
 * Grants: made by whoever may for the owning section, ended by date, by what
 * they hang on, or by hand.
 */
#include <string.h>

#include "base/calendar.h"
#include "guard/door_matter.h"
#include "guard/inside.h"
#include "people/people.h"

/* Periods of the pack; a grant that never ends is not made. */
static bool
check_period(struct door *d, const struct visitor *v,
    const struct door_grant *ask, struct err *err)
{
	const struct pack *pack = door_pack(d, v->body);
	bool is_surge = ask->n_days > 0;
	uint64_t days;
	if (ask->from >= ask->until)
		return ERR(err, ERR_INPUT, "a grant ends after it begins");
	if (pack == NULL ||
	    !pack_parameter(pack,
		is_surge ? SLICE("surge.max.days") : SLICE("grant.max.days"),
		&days))
		return true;
	struct date last =
	    date_add_days(date_of_instant(ask->from), (int32_t)days);
	return ask->until <= date_end(last) + 1 ||
	       ERR(err, ERR_INPUT, "a grant lasts at most %llu days",
		   (unsigned long long)days);
}

/*
 * A grant to a person is made in one appointment of theirs, and ends with it:
 * the one named; else the one in the section that owns the holding; else the
 * only one.
 */
static bool
find_capacity(struct door *d, const struct visitor *v,
    const struct door_grant *ask, uint64_t owner, uint64_t *ret,
    struct err *err)
{
	const struct authority_row *list[64];
	instant now = door_now(d);
	instant at = ask->from > now ? ask->from : now;
	uint64_t here = 0, any = 0;
	size_t n_here = 0, n_any = 0;
	size_t n = snapshot_appointments_of(
	    door_pin(d), v->body, ask->person, 0, list, 64);
	for (size_t i = 0; i < n; i++) {
		uint64_t id = list[i]->head.id;
		if (!authority_is_in_force(list[i], at) ||
		    (ask->capacity != 0 && ask->capacity != id))
			continue;
		any = id;
		n_any++;
		if (list[i]->appointment.section == owner) {
			here = id;
			n_here++;
		}
	}
	*ret = n_here == 1 ? here : any;
	if (n_any == 0)
		return ERR(err, ERR_NOT_FOUND,
		    "the person holds no such appointment then");
	return n_here == 1 || n_any == 1 ||
	       ERR(err, ERR_CONFLICT,
		   "the person holds %zu appointments: say in "
		   "which one the grant is made",
		   n_any);
}

bool
door_post_for(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t person, instant from, uint64_t *ret, struct err *err)
{
	const struct door_grant ask = {.person = person, .from = from};
	struct authority_row h;
	door_renew(d);
	if (!guard_row(d->guard, AUTHORITY_HOLDING, v->body, holding, &h))
		return ERR(err, ERR_NOT_FOUND, "there is no such holding");
	return find_capacity(d, v, &ask, h.holding.section, ret, err);
}

static bool
fill_rows(
    const struct door_grant *ask, struct authority_grant *g, struct err *err)
{
	g->rows_kind = ask->label.n > 0 ? ROWS_LABEL : ROWS_ALL;
	return (ask->label.n <= AUTHORITY_ROWS_TEXT_MAX_BYTES &&
		   authority_text_set(&g->rows, ask->label)) ||
	       ERR(err, ERR_INPUT, "the label is too long");
}

/*
 * To another organ than the holding's it is a provision. An office in no named
 * section reaches the holding's organ, or with a ground all of them.
 */
static bool
check_organ(struct door *d, const struct visitor *v,
    const struct authority_grant *g, uint64_t organ, struct err *err)
{
	const struct authority_row *c = g->capacity == 0 ? NULL
	    : snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, v->body,
	          g->capacity);
	struct people_section s = {.organ = organ};
	uint64_t to = c != NULL ? c->appointment.organ : organ;
	if (g->section != 0 && !people_section_get(d->reader, v->body,
	    g->section, v->arena, &s, err))
		return false;
	return g->ground.n > 0 || (to == organ && s.organ == organ) ||
	    ERR(err, ERR_DENIED, "the data would pass to another organ: a "
	        "provision names its ground");
}

/* The article on which grants stand, unless another was named. */
static bool
fill_article(struct door *d, const struct visitor *v,
    const struct door_grant *ask, struct authority_grant *g, struct err *err)
{
	const struct pack *pack = door_pack(d, v->body);
	const struct pack_ground *ground =
	    pack == NULL ? NULL : pack_ground(pack, ask->ground);
	const struct pack_article *article = pack == NULL ? NULL
	    : ground != NULL ? &ground->articles[0]
	                     : pack_decision(pack, PACK_DECISION_BEYOND_GRANT);
	struct slice ref = ask->article.n > 0 ? ask->article
			   : ground != NULL   ? article->full
			   : article != NULL  ? article->ref
					      : SLICE_NONE;
	return (ref.n <= AUTHORITY_ARTICLE_MAX_BYTES &&
		   authority_text_set(&g->article, ref)) ||
	       ERR(err, ERR_INPUT, "the article's reference is too long");
}

static bool
fill_grant(struct door *d, const struct visitor *v,
    const struct door_grant *ask, struct authority_row *row, struct err *err)
{
	struct authority_grant *g = &row->grant;
	struct authority_row holding;
	uint64_t capacity = 0;
	if ((ask->person != 0) == (ask->office.n > 0))
		return ERR(
		    err, ERR_INPUT, "a grant is to a person or to an office");
	if (ask->n_terminals > AUTHORITY_TERMINALS_MAX ||
	    ask->n_days > AUTHORITY_DAYS_MAX)
		return ERR(err, ERR_INPUT, "at most %d terminals and %d days",
		    AUTHORITY_TERMINALS_MAX, AUTHORITY_DAYS_MAX);
	if (ask->acts == 0 || ask->items == 0)
		return ERR(err, ERR_INPUT, "a grant of nothing");
	if (!guard_row(
		d->guard, AUTHORITY_HOLDING, v->body, ask->holding, &holding))
		return ERR(err, ERR_NOT_FOUND, "there is no such holding");
	if (holding.head.until <= door_now(d))
		return ERR(err, ERR_CONFLICT, "the holding is closed");
	if (ask->person != 0 &&
	    !find_capacity(d, v, ask, holding.holding.section, &capacity, err))
		return false;
	*row = (struct authority_row){
	    .head = {.kind = AUTHORITY_GRANT,
		.id = ask->id != 0 ? ask->id : people_new_id(),
		.from = ask->from,
		.until = ask->until},
	    .grant = {.person = ask->person,
		.capacity = capacity,
		.section = ask->office.n > 0 ? ask->section : 0,
		.holding = ask->holding,
		.acts = ask->acts,
		.items = ask->items,
		.n_terminals = ask->n_terminals,
		.weekdays = ask->weekdays,
		.from_minute = ask->from_minute,
		.to_minute = ask->to_minute,
		.n_days = ask->n_days}};
	if ((ask->acts & ACT_BIT(ACT_SECRET)) != 0)
		g->flags |= GRANT_SECRET;
	if (ask->ground.n > 0)
		g->flags |= GRANT_PROVISION;
	if (ask->n_days > 0)
		g->flags |= GRANT_SURGE;
	memcpy(g->terminals, ask->terminals,
	    ask->n_terminals * sizeof(g->terminals[0]));
	memcpy(g->days, ask->days, ask->n_days * sizeof(g->days[0]));
	return (authority_text_set(&g->office, ask->office) ||
		   ERR(err, ERR_INPUT, "the office's key is too long")) &&
	       (authority_text_set(&g->ground, ask->ground) ||
		   ERR(err, ERR_INPUT, "the ground's key is too long")) &&
	       check_organ(d, v, g, holding.holding.organ, err) &&
	       fill_rows(ask, g, err) && fill_article(d, v, ask, g, err);
}

bool
door_put_grant(struct door *d, struct visitor *v, const struct door_grant *ask,
    struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference}};
	door_renew(d);
	return check_period(d, v, ask, err) &&
	       fill_grant(d, v, ask, &p.row, err) &&
	       door_put_row(d, v, &p, ret, err);
}

bool
door_commit_grant(struct door *d, struct visitor *v,
    const struct door_commit *c, const struct door_grant *ask,
    struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference}};
	const struct change change = {.run = c->run,
	    .arg = c->arg,
	    .verb = c->verb,
	    .subject = c->subject};
	struct door_grant one = *ask;
	one.id = c->subject;
	door_renew(d);
	return check_period(d, v, &one, err) &&
	       fill_grant(d, v, &one, &p.row, err) &&
	       door_put_entered(d, v, &p, &change, ret, err);
}

bool
door_commit_end(struct door *d, struct visitor *v,
    const struct door_commit *c, struct put *ret, struct err *err)
{
	struct row_put p = {.ask = {.capacity = v->capacity}};
	const struct change change = {.run = c->run,
	    .arg = c->arg,
	    .verb = c->verb,
	    .subject = c->subject};
	instant now = door_now(d);
	door_renew(d);
	if (!guard_row(d->guard, AUTHORITY_GRANT, v->body, c->subject,
		&p.row) || p.row.head.until <= now)
		return door_change_entered(d, v, &change, err);
	p.row.head.until = now > p.row.head.from ? now : p.row.head.from;
	return door_put_entered(d, v, &p, &change, ret, err);
}

/* ---- a list of persons ---- */

/* Another such row that is there, for the same days and as long. */
static bool
is_same(const struct authority_row *a, const struct authority_row *b)
{
	const struct authority_grant *x = &a->grant, *y = &b->grant;
	return a->head.until == b->head.until && x->person == y->person &&
	       x->capacity == y->capacity && x->acts == y->acts &&
	       x->items == y->items && x->weekdays == y->weekdays &&
	       x->from_minute == y->from_minute &&
	       x->to_minute == y->to_minute &&
	       x->n_terminals == y->n_terminals && x->n_days == y->n_days &&
	       memcmp(x->terminals, y->terminals,
		   x->n_terminals * sizeof(x->terminals[0])) == 0 &&
	       memcmp(x->days, y->days, x->n_days * sizeof(x->days[0])) == 0;
}

static bool
is_there(struct door *d, const struct authority_row *row, uint64_t body)
{
	const struct authority_row *list[DOOR_PAGE_MAX];
	uint64_t after = 0;
	size_t n;
	do {
		n = snapshot_grants_on(door_pin(d), body, row->grant.holding,
		    after, list, DOOR_PAGE_MAX);
		for (size_t i = 0; i < n; i++)
			if (is_same(list[i], row))
				return true;
		after = n > 0 ? list[n - 1]->head.id : 0;
	} while (n == DOOR_PAGE_MAX);
	return false;
}

/* The rows to be made; those that are there, or stood before, left out. */
static bool
fill_surge(struct door *d, struct visitor *v, const struct door_grant *ask,
    const struct surge_person *persons, size_t n, struct authority_row *rows,
    size_t *ret_n, struct surge *ret, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct authority_row *row = &rows[*ret_n];
		struct door_grant one = *ask;
		one.id = 0;
		one.person = persons[i].person;
		one.capacity = persons[i].capacity;
		if (!fill_grant(d, v, &one, row, err))
			return err_wrap(err, "person %zu of %zu", i + 1, n);
		bool is_double = false;
		for (size_t j = 0; j < *ret_n && !is_double; j++)
			is_double = is_same(&rows[j], row);
		if (is_double)
			continue;
		if (is_there(d, row, v->body))
			ret->were_there++;
		else
			(*ret_n)++;
	}
	return true;
}

bool
door_put_surge(struct door *d, struct visitor *v, const struct door_grant *ask,
    const struct surge_person *persons, size_t n, struct surge *ret,
    struct err *err)
{
	size_t n_rows = 0;
	*ret = (struct surge){0};
	if (ask->n_days == 0 || ask->office.n > 0)
		return ERR(err, ERR_INPUT,
		    "a surge grant is to persons and names its days");
	if (n == 0 || n > DOOR_SURGE_MAX)
		return ERR(err, ERR_INPUT, "a surge list has 1 to %d persons",
		    DOOR_SURGE_MAX);
	struct authority_row *rows = arena_array(v->arena, n, sizeof(*rows));
	if (rows == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	door_renew(d);
	if (!check_period(d, v, ask, err) ||
	    !fill_surge(d, v, ask, persons, n, rows, &n_rows, ret, err))
		return false;
	for (; ret->made < n_rows; ret->made++) {
		struct put put;
		struct row_put p = {.row = rows[ret->made],
		    .ask = {.capacity = v->capacity,
			.reference = ask->reference}};
		if (!door_put_row(d, v, &p, &put, err))
			return false;
	}
	return true;
}

/* ---- emergency ---- */

bool
door_emergency(struct door *d, struct visitor *v,
    const struct door_emergency *ask, struct put *ret, struct err *err)
{
	instant now = door_now(d);
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference},
	    .row = {.head = {.kind = AUTHORITY_EMERGENCY,
			.id = people_new_id(),
			.from = now,
			.until = ask->until},
		.grant = {.person = v->person,
		    .capacity = v->capacity,
		    .holding = ask->holding,
		    .items = ITEMS_ALL,
		    .acts = ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST) |
			    ACT_BIT(ACT_VIEW)}}};
	if (ask->reference.n == 0 || ask->reason.n == 0)
		return ERR(err, ERR_INPUT,
		    "an emergency names its case and its reason");
	if (ask->until <= now)
		return ERR(err, ERR_INPUT, "an emergency ends later than now");
	if (v->capacity == 0 || (v->rights & RIGHT_BIT(RIGHT_OPERATE)) != 0)
		return ERR(
		    err, ERR_DENIED, "in this capacity nothing is opened");
	const struct reasoned why = {.verb = "emergency.reason",
	    .holding = ask->holding,
	    .text = ask->reason};
	return door_put_reasoned(d, v, &p, &why, ret, err);
}

/* ---- lists ---- */

static bool
is_mine(const struct visitor *v, const struct authority_grant *g)
{
	return g->person != 0
		   ? g->person == v->person
		   : slice_is_equal(authority_text_slice(&g->office),
			 authority_text_slice(&v->office)) &&
			 (g->section == 0 || g->section == v->section);
}

static bool
may_see_all(const struct door *d, const struct visitor *v, uint64_t holding)
{
	const struct authority_row *h =
	    snapshot_row(door_pin(d), AUTHORITY_HOLDING, v->body, holding);
	const uint32_t over = RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE);
	if ((v->rights & RIGHT_BIT(RIGHT_AUDIT)) != 0)
		return true;
	return h != NULL && (v->rights & over) != 0 &&
	       (v->section == 0 || v->section == h->holding.section);
}

static struct slice
keep(struct arena *a, const struct authority_text *t)
{
	return t->n == 0 ? SLICE("") : arena_copy(a, authority_text_slice(t));
}

static void
show_grant(struct door *d, struct visitor *v, const struct authority_row *row,
    struct shown_grant *to)
{
	const struct authority_grant *g = &row->grant;
	struct door_grant *out = &to->grant;
	*out = (struct door_grant){.id = row->head.id,
	    .person = g->person,
	    .capacity = g->capacity,
	    .office = keep(v->arena, &g->office),
	    .section = g->section,
	    .holding = g->holding,
	    .acts = g->acts,
	    .items = g->items,
	    .n_terminals = g->n_terminals,
	    .weekdays = g->weekdays,
	    .from_minute = g->from_minute,
	    .to_minute = g->to_minute,
	    .from = row->head.from,
	    .until = row->head.until,
	    .article = keep(v->arena, &g->article),
	    .ground = keep(v->arena, &g->ground),
	    .n_days = g->n_days};
	memcpy(out->terminals, g->terminals, sizeof(out->terminals));
	memcpy(out->days, g->days, sizeof(out->days));
	if ((g->rows_kind & ROWS_LABEL) != 0)
		out->label = keep(v->arena, &g->rows);
	to->version = row->head.version;
	to->is_emergency = row->head.kind == AUTHORITY_EMERGENCY;
	to->is_surge = (g->flags & GRANT_SURGE) != 0;
	/* a grant ends with the appointment that it hangs on */
	const struct authority_row *capacity =
	    out->capacity == 0
		? NULL
		: snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, v->body,
		      out->capacity);
	to->is_in_force = authority_is_in_force(row, door_now(d)) &&
			  (out->capacity == 0 ||
			      (capacity != NULL && authority_is_in_force(
						       capacity, door_now(d))));
	to->made_by = row->head.made_by;
	to->made_by_name = door_name(d, v->arena, v->body, row->head.made_by);
	to->person_name = door_name(d, v->arena, v->body, g->person);
	to->section_path = door_path(d, v->arena, v->body, g->section);
	to->office_title = out->office.n == 0 ? SLICE("")
					      : door_title(d, v->body,
						    out->office, v->is_english);
}

bool
door_grant(struct door *d, struct visitor *v, uint64_t id,
    struct shown_grant *ret, struct err *err)
{
	door_renew(d);
	const struct authority_row *row =
	    snapshot_row(door_pin(d), AUTHORITY_GRANT, v->body, id);
	if (row == NULL)
		row = snapshot_row(
		    door_pin(d), AUTHORITY_EMERGENCY, v->body, id);
	if (row == NULL || (!may_see_all(d, v, row->grant.holding) &&
			       !is_mine(v, &row->grant)))
		return ERR(err, ERR_NOT_FOUND, "there is no such grant");
	*ret = (struct shown_grant){0};
	show_grant(d, v, row, ret);
	return true;
}

/* Emergencies are a kind of their own; both kinds as one list, by id. */
static size_t
all_grants(const struct door *d, uint64_t body, uint64_t after,
    const struct authority_row **ret, size_t max)
{
	const struct authority_row *emergencies[DOOR_PAGE_MAX];
	const struct authority_row *grants[DOOR_PAGE_MAX];
	size_t n = snapshot_list(
	    door_pin(d), AUTHORITY_GRANT, body, after, grants, DOOR_PAGE_MAX);
	size_t m = snapshot_list(door_pin(d), AUTHORITY_EMERGENCY, body, after,
	    emergencies, DOOR_PAGE_MAX);
	size_t i = 0, j = 0, kept = 0;
	while (kept < max && (i < n || j < m)) {
		bool is_grant =
		    j == m || (i < n && grants[i]->head.id <
					    emergencies[j]->head.id);
		ret[kept++] = is_grant ? grants[i++] : emergencies[j++];
	}
	return kept;
}

bool
door_grants(struct door *d, struct visitor *v, uint64_t holding, uint64_t after,
    struct shown_grant **ret, size_t *ret_n, struct err *err)
{
	const struct authority_row *list[DOOR_PAGE_MAX];
	size_t n, kept = 0;
	door_renew(d);
	struct shown_grant *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	/* Others' grants are passed over, not half a page given. */
	do {
		n = holding == 0
			? all_grants(d, v->body, after, list, DOOR_PAGE_MAX)
			: snapshot_grants_on(door_pin(d), v->body, holding,
			      after, list, DOOR_PAGE_MAX);
		for (size_t i = 0; i < n && kept < DOOR_PAGE_MAX; i++) {
			after = list[i]->head.id;
			const struct authority_grant *g = &list[i]->grant;
			if (may_see_all(d, v, g->holding) || is_mine(v, g))
				show_grant(d, v, list[i], &out[kept++]);
		}
	} while (n == DOOR_PAGE_MAX && kept < DOOR_PAGE_MAX);
	if (arena_is_failed(v->arena))
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*ret = out;
	*ret_n = kept;
	return true;
}
