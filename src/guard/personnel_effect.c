/* What a personnel change comes to, at the moment when it takes effect. */
#include <stdlib.h>

#include "guard/inside.h"
#include "guard/door_personnel.h"
#include "people/change.h"

/* A post, as it was and as it will be. */
struct post {
	struct authority_text office;
	uint64_t section, organ;
	bool is_before;
};

static int
order_posts(const void *x, const void *y)
{
	const struct post *a = x, *b = y;
	int o = slice_compare(authority_text_slice(&a->office),
	    authority_text_slice(&b->office));
	if (o != 0)
		return o;
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->organ != b->organ)
		return a->organ < b->organ ? -1 : 1;
	return (int)a->is_before - (int)b->is_before;
}

static void
add_post(struct post *posts, size_t *n,
    const struct authority_appointment *a, bool is_before)
{
	posts[(*n)++] = (struct post){.office = a->office,
	    .section = a->section,
	    .organ = a->organ,
	    .is_before = is_before};
}

static bool
is_good_at(const struct authority_head *h, instant at)
{
	return h->from <= at && at < h->until;
}

/* An appointment as it will be. */
struct planned {
	struct authority_head head;
	struct authority_appointment appointment;
};

struct effect {
	struct door *d;
	struct visitor *v;
	instant at;
	size_t n_planned, n_standing;
	struct planned *planned;
	struct planned **by_id;
	const struct authority_row **standing; /* pinned */
};

static int
order_by_id(const void *x, const void *y)
{
	struct planned *const *a = x, *const *b = y;
	uint64_t i = (*a)->head.id, j = (*b)->head.id;
	return (i > j) - (i < j);
}

/* NULL: it is left as it is. */
static const struct planned *
find_planned(const struct effect *e, uint64_t id)
{
	struct planned key = {.head.id = id}, *at = &key;
	struct planned **p = e->n_planned == 0
				 ? NULL
				 : bsearch(&at, e->by_id, e->n_planned,
				       sizeof(*e->by_id), order_by_id);
	return p == NULL ? NULL : *p;
}

static bool
read_planned(struct effect *e, struct slice text, struct err *err)
{
	struct slice rest = text, one;
	struct authority_row row;
	struct arena *a = e->v->arena;
	size_t n = 0;
	while (personnel_next_row(&rest, &one, &row))
		n++;
	if (rest.n != 0)
		return ERR(err, ERR_CORRUPT, "the rows cannot be read");
	e->planned = arena_array(a, n + 1, sizeof(*e->planned));
	e->by_id = arena_array(a, n + 1, sizeof(*e->by_id));
	if (e->planned == NULL || e->by_id == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (rest = text; personnel_next_row(&rest, &one, &row);) {
		struct planned *p = &e->planned[e->n_planned];
		*p = (struct planned){row.head, row.appointment};
		e->by_id[e->n_planned++] = p;
	}
	if (n > 1)
		qsort(e->by_id, n, sizeof(*e->by_id), order_by_id);
	return true;
}

static bool
read_standing(struct effect *e, struct err *err)
{
	const struct snapshot *s = door_pin(e->d);
	size_t room = snapshot_count(s);
	e->standing = arena_array(
	    e->v->arena, room + 1, sizeof(*e->standing));
	if (e->standing == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	e->n_standing = snapshot_list(s, AUTHORITY_APPOINTMENT, e->v->body, 0,
	    e->standing, room);
	return true;
}

static bool
put_lines(struct effect *e, struct personnel_effect *ret, struct err *err)
{
	struct arena *a = e->v->arena;
	ret->lines = arena_array(a, e->n_planned, sizeof(*ret->lines));
	if (ret->lines == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < e->n_planned; i++) {
		const struct planned *row = &e->planned[i];
		struct personnel_line *l = &ret->lines[ret->n_lines++];
		*l = (struct personnel_line){.id = row->head.id,
		    .person = row->appointment.person,
		    .section = row->appointment.section,
		    .organ = row->appointment.organ,
		    .office = arena_copy(
			a, authority_text_slice(&row->appointment.office)),
		    .from = row->head.from,
		    .until = row->head.until,
		    .kind = row->head.version == 1      ? PERSONNEL_BEGIN
			    : row->head.until <= e->at ? PERSONNEL_END
						       : PERSONNEL_LENGTHEN};
	}
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

/* Held the moment before: what stands, or (once applied) what is planned. */
static bool
put_vacancies(struct effect *e, struct personnel_effect *ret, struct err *err)
{
	struct arena *a = e->v->arena;
	size_t n = 0;
	struct post *posts = arena_array(
	    a, 2 * e->n_standing + e->n_planned + 1, sizeof(*posts));
	ret->vacancies =
	    arena_array(a, e->n_standing + 1, sizeof(*ret->vacancies));
	if (posts == NULL || ret->vacancies == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < e->n_standing; i++) {
		const struct authority_row *now = e->standing[i];
		const struct planned *then = find_planned(e, now->head.id);
		if (is_good_at(&now->head, e->at - 1))
			add_post(posts, &n, &now->appointment, true);
		if (is_good_at(then != NULL ? &then->head : &now->head,
			e->at))
			add_post(posts, &n, &now->appointment, false);
	}
	for (size_t i = 0; i < e->n_planned; i++)
		if (e->planned[i].head.version == 1 &&
		    is_good_at(&e->planned[i].head, e->at))
			add_post(posts, &n, &e->planned[i].appointment,
			    false);
	if (n > 1)
		qsort(posts, n, sizeof(*posts), order_posts);
	/* of one post those that will be come first */
	for (size_t i = 0; i < n; i++) {
		bool is_first = i == 0 ||
		    posts[i].section != posts[i - 1].section ||
		    posts[i].organ != posts[i - 1].organ ||
		    !slice_is_equal(authority_text_slice(&posts[i].office),
			authority_text_slice(&posts[i - 1].office));
		if (is_first && posts[i].is_before)
			ret->vacancies[ret->n_vacancies++] =
			    (struct personnel_vacancy){
				.office = arena_copy(a, authority_text_slice(
				    &posts[i].office)),
				.section = posts[i].section,
				.organ = posts[i].organ};
	}
	return true;
}

static bool
put_grants(struct effect *e, struct personnel_effect *ret, struct err *err)
{
	enum { AT_ONCE = 256 };
	const struct authority_row *list[AT_ONCE];
	const struct snapshot *s = door_pin(e->d);
	uint64_t after = 0;
	size_t n;
	ret->grants = arena_array(
	    e->v->arena, snapshot_count(s) + 1, sizeof(*ret->grants));
	if (ret->grants == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	do {
		n = snapshot_list(s, AUTHORITY_GRANT, e->v->body, after, list,
		    AT_ONCE);
		for (size_t i = 0; i < n; i++) {
			const struct authority_row *g = list[i];
			const struct planned *post =
			    find_planned(e, g->grant.capacity);
			bool is_ending =
			    post != NULL && post->head.until <= e->at;
			after = g->head.id;
			if (post == NULL || !is_good_at(&g->head, e->at - 1) ||
			    (!is_ending && is_good_at(&g->head, e->at)))
				continue;
			ret->grants[ret->n_grants++] =
			    (struct personnel_grant){.id = g->head.id,
				.person = g->grant.person,
				.holding = g->grant.holding,
				.is_own_end = !is_ending};
		}
	} while (n == AT_ONCE);
	return true;
}

bool
personnel_effect(struct door *d, struct visitor *v,
    const struct people_change *c, struct personnel_effect *ret,
    struct err *err)
{
	struct effect e = {.d = d,
	    .v = v,
	    .at = c->effect_at};
	*ret = (struct personnel_effect){0};
	door_renew(d);
	return read_planned(&e, c->rows, err) && read_standing(&e, err) &&
	       put_lines(&e, ret, err) && put_vacancies(&e, ret, err) &&
	       put_grants(&e, ret, err);
}
