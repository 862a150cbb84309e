/* Who held which office and which holdings there were, at any time. */
#include "base/must.h"
#include "guard/door_people.h"
#include "guard/inside.h"

static bool
is_wanted(const struct authority_row *row, uint64_t body)
{
	return row->head.body == body &&
	       (row->head.flags & AUTHORITY_PENDING) == 0 &&
	       row->head.from < row->head.until &&
	       (row->head.kind == AUTHORITY_APPOINTMENT ||
		   row->head.kind == AUTHORITY_HOLDING);
}

static void
put_standing(const struct authority_row *row, struct arena *a,
    struct door_standing *ret)
{
	if (row->head.kind == AUTHORITY_HOLDING) {
		ret->holdings[ret->n_holdings++] = (struct standing_holding){
		    .id = row->head.id,
		    .section = row->holding.section,
		    .from = row->head.from,
		    .until = row->head.until,
		    .is_my_number =
			(row->holding.flags & HOLDING_MY_NUMBER) != 0};
		return;
	}
	ret->posts[ret->n_posts++] =
	    (struct standing_post){.id = row->head.id,
		.person = row->appointment.person,
		.section = row->appointment.section,
		.from = row->head.from,
		.until = row->head.until,
		.office = arena_copy(
		    a, authority_text_slice(&row->appointment.office))};
}

bool
door_standing(struct door *d, uint64_t body, struct arena *a,
    struct door_standing *ret, struct err *err)
{
	struct guard *g = d->guard;
	size_t n, wanted = 0;
	must(pthread_mutex_lock(&g->lock) == 0);
	const struct authority_row *const *all = rows_all(g->rows, &n);
	for (size_t i = 0; i < n; i++)
		wanted += is_wanted(all[i], body);
	*ret = (struct door_standing){
	    .posts = arena_array(a, wanted, sizeof(*ret->posts)),
	    .holdings = arena_array(a, wanted, sizeof(*ret->holdings))};
	bool has_room = ret->posts != NULL && ret->holdings != NULL;
	for (size_t i = 0; has_room && i < n; i++)
		if (is_wanted(all[i], body))
			put_standing(all[i], a, ret);
	must(pthread_mutex_unlock(&g->lock) == 0);
	return (has_room && !arena_is_failed(a)) ||
	       ERR(err, ERR_LIMIT, "no room for all appointments");
}

uint64_t
door_changes(const struct door *d)
{
	return atomic_load(&d->guard->changes) +
	       atomic_load(&d->guard->namings);
}
