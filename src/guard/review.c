/*
 * Emergency openings and their review: the keeper's rows say what was opened
 * and what somebody thought of it, so neither can be made to vanish.
 */
#include <stdlib.h>

#include "base/calendar.h"
#include "guard/inside.h"

/* Of the whole body: 総括保護管理者. */
static bool
is_head_of_protection(const struct visitor *v)
{
	return v->section == 0 &&
	       (v->rights & RIGHT_BIT(RIGHT_EMERGENCY)) != 0;
}

static bool
may_see(const struct door *d, const struct visitor *v,
    const struct authority_row *row)
{
	return is_head_of_protection(v) ||
	       (v->rights & RIGHT_BIT(RIGHT_AUDIT)) != 0 ||
	       door_oversees(d, v, row->grant.holding);
}

static const struct authority_row *
review_of(const struct door *d, const struct authority_row *row)
{
	return snapshot_row(
	    door_pin(d), AUTHORITY_REVIEW, row->head.body, row->head.id);
}

static bool
may_review(const struct door *d, const struct visitor *v,
    const struct authority_row *row)
{
	return row->grant.person != v->person && review_of(d, row) == NULL &&
	       (is_head_of_protection(v) ||
		   door_oversees(d, v, row->grant.holding));
}

/* Midnight behind the last open day for it, of the pack's. */
static instant
due_of(const struct door *d, const struct authority_row *row)
{
	const struct calendar calendar =
	    pack_calendar(door_pack(d, row->head.body));
	uint64_t days =
	    door_parameter(d, row->head.body, "emergency.review.days", 1);
	return date_end(calendar_add_open_days(&calendar,
	    date_of_instant(row->head.from),
	    (unsigned)(days < CALENDAR_DAYS_MAX ? days : CALENDAR_DAYS_MAX))) +
	       1;
}

/* Who opened it would have been its reviewer in the section. */
static bool
is_by_reviewer(const struct door *d, const struct authority_row *row)
{
	const uint32_t over = RIGHT_BIT(RIGHT_GRANT) | RIGHT_BIT(RIGHT_OVERSEE);
	const struct authority_row *post =
	    snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, row->head.body,
		row->head.made_in);
	return post != NULL && (post->appointment.rights & over) != 0;
}

/* ---- lists ---- */

enum { AT_ONCE = 64 };

/* Calls for each opening of the body, in no order of time. */
static void
each_opening(const struct door *d, uint64_t body,
    void (*fn)(const struct authority_row *row, void *arg), void *arg)
{
	const struct authority_row *rows[AT_ONCE];
	uint64_t after = 0;
	size_t n;
	do {
		n = snapshot_list(door_pin(d), AUTHORITY_EMERGENCY, body,
		    after, rows, AT_ONCE);
		for (size_t i = 0; i < n; i++)
			fn(rows[i], arg);
		after = n > 0 ? rows[n - 1]->head.id : 0;
	} while (n == AT_ONCE);
}

struct counting {
	const struct door *d;
	const struct visitor *v;
	instant now;
	struct openings_waiting sum;
};

static void
count(const struct authority_row *row, void *arg)
{
	struct counting *c = arg;
	if (!may_review(c->d, c->v, row))
		return;
	bool is_overdue = due_of(c->d, row) <= c->now;
	if (!is_overdue && !door_oversees(c->d, c->v, row->grant.holding) &&
	    !is_by_reviewer(c->d, row))
		return;
	c->sum.n++;
	c->sum.n_overdue += is_overdue;
}

struct openings_waiting
door_openings_waiting(struct door *d, const struct visitor *v)
{
	door_renew(d);
	struct counting c = {.d = d, .v = v, .now = door_now(d)};
	each_opening(d, v->body, count, &c);
	return c.sum;
}

/* The newest ones so far, the newest first. */
struct gathering {
	const struct door *d;
	const struct visitor *v;
	instant before;
	size_t n;
	const struct authority_row *rows[DOOR_PAGE_MAX];
};

static void
gather(const struct authority_row *row, void *arg)
{
	struct gathering *g = arg;
	size_t at = g->n;
	if ((g->before != 0 && row->head.from >= g->before) ||
	    !may_see(g->d, g->v, row))
		return;
	while (at > 0 && g->rows[at - 1]->head.from < row->head.from)
		at--;
	if (at == DOOR_PAGE_MAX)
		return;
	if (g->n < DOOR_PAGE_MAX)
		g->n++;
	for (size_t i = g->n - 1; i > at; i--)
		g->rows[i] = g->rows[i - 1];
	g->rows[at] = row;
}

static struct shown_opening
show_opening(struct door *d, struct visitor *v, const struct authority_row *row)
{
	const struct authority_row *review = review_of(d, row);
	struct shown_opening to = {.id = row->head.id,
	    .holding = row->grant.holding,
	    .person = row->grant.person,
	    .person_name = door_name(d, v->arena, v->body, row->grant.person),
	    .post = door_post(d, v, row->head.made_in),
	    .from = row->head.from,
	    .until = row->head.until,
	    .due = due_of(d, row),
	    .may_review = may_review(d, v, row),
	    .is_reviewed = review != NULL};
	to.is_overdue = !to.is_reviewed && to.due <= door_now(d);
	if (review == NULL)
		return to;
	to.verdict = (enum review_verdict)review->review.verdict;
	to.reviewed_at = review->head.from;
	to.reviewed_by =
	    door_name(d, v->arena, v->body, review->head.made_by);
	return to;
}

bool
door_openings(struct door *d, struct visitor *v, instant before,
    struct shown_opening **ret, size_t *ret_n, struct err *err)
{
	door_renew(d);
	struct gathering g = {.d = d, .v = v, .before = before};
	struct shown_opening *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	each_opening(d, v->body, gather, &g);
	for (size_t i = 0; i < g.n; i++)
		out[i] = show_opening(d, v, g.rows[i]);
	*ret = out;
	*ret_n = g.n;
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

static const struct authority_row *
find_opening(
    struct door *d, const struct visitor *v, uint64_t id, struct err *err)
{
	door_renew(d);
	const struct authority_row *row =
	    snapshot_row(door_pin(d), AUTHORITY_EMERGENCY, v->body, id);
	if (row != NULL && may_see(d, v, row))
		return row;
	(void)ERR(err, ERR_NOT_FOUND, "there is no such opening");
	return NULL;
}

bool
door_opening(struct door *d, struct visitor *v, uint64_t id,
    struct shown_opening *ret, struct err *err)
{
	const struct authority_row *row = find_opening(d, v, id, err);
	if (row == NULL)
		return false;
	*ret = show_opening(d, v, row);
	return true;
}

bool
door_review(struct door *d, struct visitor *v, const struct door_review *ask,
    struct put *ret, struct err *err)
{
	const struct authority_row *opening = find_opening(d, v, ask->id, err);
	if (opening == NULL)
		return false;
	if (review_of(d, opening) != NULL)
		return ERR(err, ERR_CONFLICT, "it has been reviewed already");
	if (opening->grant.person == v->person)
		return ERR(err, ERR_DENIED, "nobody reviews their own opening");
	struct row_put p = {.ask = {.capacity = v->capacity},
	    .row = {.head = {.kind = AUTHORITY_REVIEW,
			.id = ask->id,
			.from = door_now(d),
			.until = INT64_MAX},
		.review = {.holding = opening->grant.holding,
		    .verdict = (uint8_t)ask->verdict}}};
	const struct reasoned why = {.verb = "emergency.remarks",
	    .holding = opening->grant.holding,
	    .text = ask->remarks};
	return door_put_reasoned(d, v, &p, &why, ret, err);
}
