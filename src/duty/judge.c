#include "duty/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/num.h"

/* What was done for which, newest last among the same key. */
struct done_on {
	uint64_t key;
	int32_t day;
};

struct judging {
	const struct judge_ask *ask;
	const struct pack_duty *duty;
	struct arena *arena;
	uint64_t months;
	struct done_on *done;
	size_t n_done;
	struct duty_item *items;
	size_t n, room;
};

static int
compare_done(const void *x, const void *y)
{
	const struct done_on *a = x, *b = y;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->day < b->day ? -1 : a->day > b->day;
}

/* ---- proofs ---- */

/* The id that a field holds; 0: none. */
static uint64_t
id_in(const struct proofs *p, const struct proof_row *row, struct slice field)
{
	size_t at = proofs_field(p, field);
	uint64_t id;
	return at < p->n_fields && row->values[at].n > 0 &&
	        num_read_hex(row->values[at], &id) ? id : 0;
}

static uint64_t
key_of(const struct judging *j, const struct proofs *p,
    const struct proof_row *row)
{
	const struct pack_proof *x = &j->duty->proof;
	if (x->key.id.n > 0)
		return id_in(p, row, x->key.id);
	if (j->duty->each == PACK_EACH_SECTION)
		return row->section;
	return j->duty->each == PACK_EACH_ROW ? row->id : 0;
}

static struct date
day_of(const struct judging *j, const struct proofs *p,
    const struct proof_row *row)
{
	size_t at = proofs_field(p, j->duty->proof.date.id);
	if (at < p->n_fields)
		return proofs_date(row->values[at]);
	return date_is_none(row->fact) ? row->made : row->fact;
}

static bool
gather_proofs(struct judging *j, struct err *err)
{
	const struct pack_proof *x = &j->duty->proof;
	if (!j->duty->has_proof)
		return true;
	const struct proofs *p = j->ask->find(j->ask->ctx, x->of_register.id,
	    x->of_procedure.id);
	must(p != NULL);
	j->done = arena_array(j->arena, p->n, sizeof(*j->done));
	if (j->done == NULL)
		return ERR(err, ERR_LIMIT, "no room for so much evidence");
	for (size_t i = 0; i < p->n; i++) {
		const struct proof_row *row = &p->rows[i];
		struct date day = day_of(j, p, row);
		bool counts = !date_is_none(day) &&
		    date_compare(day, j->ask->today) <= 0 &&
		    (!x->has_when || pack_condition_holds(p->fields,
		        p->n_fields, &x->when, row->values));
		if (counts)
			j->done[j->n_done++] = (struct done_on){
			    .key = key_of(j, p, row),
			    .day = date_number(day)};
	}
	qsort(j->done, j->n_done, sizeof(*j->done), compare_done);
	return true;
}

/* The last day on which it was done for that one. */
static struct date
last_of(const struct judging *j, uint64_t key)
{
	size_t low = 0, high = j->n_done;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (j->done[middle].key <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && j->done[low - 1].key == key
	    ? date_of_number(j->done[low - 1].day) : (struct date){0};
}

/* ---- items ---- */

static bool
add_item(struct judging *j, struct duty_item item, struct date begun,
    struct err *err)
{
	const struct organisation *o = j->ask->people;
	if (!organisation_is_bound(o, item.section, j->ask->at))
		return true;
	if (j->n == j->room) {
		size_t room = j->room == 0 ? 16 : 2 * j->room;
		struct duty_item *items =
		    arena_array(j->arena, room, sizeof(*items));
		if (items == NULL)
			return ERR(err, ERR_LIMIT, "no room for all duties");
		if (j->n > 0)
			memcpy(items, j->items, j->n * sizeof(*items));
		j->items = items;
		j->room = room;
	}
	/* What was there before is owed from the founding on. */
	if (date_compare(begun, o->founded) < 0)
		begun = o->founded;
	const struct due_ask due = {.duty = j->duty, .months = j->months,
	    .calendar = j->ask->calendar, .begun = begun,
	    .last = item.last};
	item.duty = j->duty;
	item.due = duty_due(&due);
	item.state = duty_state_of(&due, item.due, j->ask->today);
	j->items[j->n++] = item;
	return true;
}

static bool
is_in_force(const struct judging *j, instant from, instant until)
{
	return from <= j->ask->at && j->ask->at < until;
}

static bool
has_holding(const struct judging *j, uint64_t section)
{
	const struct door_standing *s = &j->ask->people->standing;
	for (size_t i = 0; i < s->n_holdings; i++)
		if (s->holdings[i].section == section &&
		    is_in_force(j, s->holdings[i].from, s->holdings[i].until))
			return true;
	return false;
}

static bool
add_sections(struct judging *j, struct err *err)
{
	const struct organisation *o = j->ask->people;
	for (size_t i = 0; i < o->n_sections; i++) {
		const struct people_section *s = &o->sections[i];
		if (!s->counts || (j->duty->where == PACK_WHERE_HAS_HOLDING &&
		    !has_holding(j, s->id)))
			continue;
		if (!add_item(j, (struct duty_item){
		    .subject = s->id, .section = s->id,
		    .last = last_of(j, s->id)}, date_of_instant(o->begun[i]),
		    err))
			return false;
	}
	return true;
}

static bool
add_holdings(struct judging *j, struct err *err)
{
	const struct door_standing *s = &j->ask->people->standing;
	for (size_t i = 0; i < s->n_holdings; i++) {
		const struct standing_holding *h = &s->holdings[i];
		if (!is_in_force(j, h->from, h->until) ||
		    (j->duty->each == PACK_EACH_MY_NUMBER && !h->is_my_number))
			continue;
		if (!add_item(j, (struct duty_item){.subject = h->id,
		    .section = h->section, .last = last_of(j, h->id)},
		    date_of_instant(h->from), err))
			return false;
	}
	return true;
}

static bool
is_of_offices(const struct pack_duty *d, struct slice office)
{
	for (size_t i = 0; i < d->n_offices; i++)
		if (slice_is_equal(d->offices[i].id, office))
			return true;
	return d->n_offices == 0;
}

static int
compare_posts(const void *x, const void *y)
{
	const struct standing_post *const *a = x, *const *b = y;
	if ((*a)->person != (*b)->person)
		return (*a)->person < (*b)->person ? -1 : 1;
	/* the one in a section before that of the whole body */
	if (((*a)->section == 0) != ((*b)->section == 0))
		return (*a)->section == 0 ? 1 : -1;
	return (*a)->from < (*b)->from ? -1 : (*a)->from > (*b)->from;
}

/* Each appointment, or each person once, since their first one. */
static bool
add_posts(struct judging *j, struct err *err)
{
	const struct door_standing *s = &j->ask->people->standing;
	const struct standing_post **list =
	    arena_array(j->arena, s->n_posts, sizeof(struct standing_post *));
	bool is_person = j->duty->each == PACK_EACH_PERSON;
	size_t n = 0;
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "no room for all appointments");
	for (size_t i = 0; i < s->n_posts; i++)
		if (is_in_force(j, s->posts[i].from, s->posts[i].until) &&
		    is_of_offices(j->duty, s->posts[i].office))
			list[n++] = &s->posts[i];
	qsort(list, n, sizeof(struct standing_post *), compare_posts);
	for (size_t i = 0; i < n; i++) {
		if (is_person && i > 0 &&
		    list[i - 1]->person == list[i]->person)
			continue;
		struct date begun = date_of_instant(list[i]->from);
		struct date last = last_of(j, list[i]->person);
		/* what was done in an earlier office does not count */
		if (!is_person && date_compare(last, begun) < 0)
			last = (struct date){0};
		if (!add_item(j, (struct duty_item){
		    .subject = list[i]->person, .section = list[i]->section,
		    .last = last}, begun, err))
			return false;
	}
	return true;
}

static bool
add_rows(struct judging *j, struct err *err)
{
	const struct pack_duty *d = j->duty;
	const struct proofs *p = j->ask->find(j->ask->ctx, d->of.id,
	    SLICE(""));
	must(p != NULL);
	for (size_t i = 0; i < p->n; i++) {
		const struct proof_row *row = &p->rows[i];
		struct date last = last_of(j, row->id);
		if (d->has_when && !pack_condition_holds(p->fields,
		    p->n_fields, &d->when, row->values))
			continue;
		if (d->date.id.n > 0) {
			last = proofs_date(
			    row->values[proofs_field(p, d->date.id)]);
			if (date_is_none(last))
				continue;
		}
		/* a row stands for its fact, not for when it was written */
		struct date begun = date_is_none(row->fact) ||
		    date_compare(row->fact, row->made) > 0
		    ? row->made : row->fact;
		if (!add_item(j, (struct duty_item){.subject = row->id,
		    .section = row->section, .name = row->name,
		    .last = last}, begun, err))
			return false;
	}
	return true;
}

static bool
add_body(struct judging *j, struct err *err)
{
	return add_item(j, (struct duty_item){.last = last_of(j, 0)},
	    j->ask->people->founded, err);
}

bool
duty_judge(const struct judge_ask *ask, const struct pack_duty *duty,
    struct arena *a, struct duty_item **ret, size_t *ret_n, struct err *err)
{
	static bool (*const adds[])(struct judging *, struct err *) = {
	    [PACK_EACH_BODY] = add_body, [PACK_EACH_SECTION] = add_sections,
	    [PACK_EACH_HOLDING] = add_holdings,
	    [PACK_EACH_MY_NUMBER] = add_holdings,
	    [PACK_EACH_PERSON] = add_posts,
	    [PACK_EACH_APPOINTMENT] = add_posts, [PACK_EACH_ROW] = add_rows};
	struct judging j = {.ask = ask, .duty = duty, .arena = a,
	    .months = pack_duty_months(ask->pack, duty)};
	if (!gather_proofs(&j, err) || !adds[duty->each](&j, err))
		return false;
	*ret = j.items;
	*ret_n = j.n;
	return true;
}
