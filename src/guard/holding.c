/*
 * Holdings: the authority row of each, and what the file register says.
 */
#include "base/must.h"
#include "guard/inside.h"
#include "people/people.h"

_Static_assert(DOOR_ITEMS_MAX == (int)HOLDING_ITEMS_MAX,
    "a grant's mask has a bit for each item");
_Static_assert(DOOR_CHOICES_MAX == (int)HOLDING_CHOICES_MAX,
    "what the door takes the vault takes");

static struct slice
keep(struct arena *a, struct slice s)
{
	return s.n == 0 ? SLICE("") : arena_copy(a, s);
}

/* Copies: the shelf is given back. */
static bool
keep_items(struct arena *a, const struct holding *h, struct door_holding *to)
{
	struct door_item *items = arena_array(a, h->n_items, sizeof(*items));
	struct slice *purposes =
	    arena_array(a, h->n_purposes, sizeof(*purposes));
	if (items == NULL || purposes == NULL)
		return false;
	for (size_t i = 0; i < h->n_purposes; i++)
		purposes[i] = keep(a, h->purposes[i]);
	for (size_t i = 0; i < h->n_items; i++) {
		const struct item *from = &h->items[i];
		struct slice *choices =
		    arena_array(a, from->n_choices, sizeof(*choices));
		if (choices == NULL)
			return false;
		for (size_t c = 0; c < from->n_choices; c++)
			choices[c] = keep(a, from->choices[c]);
		items[i] = (struct door_item){.number = (unsigned)i,
		    .id = keep(a, from->id),
		    .name = keep(a, from->name),
		    .type = from->type,
		    .search = from->search,
		    .is_special_care = from->is_special_care,
		    .is_retired = from->is_retired,
		    .n_choices = from->n_choices,
		    .choices = choices};
	}
	to->n_purposes = h->n_purposes;
	to->purposes = purposes;
	to->n_items = h->n_items;
	to->items = items;
	return true;
}

static uint8_t
rank_of(struct door *d, uint64_t body, struct slice sensitivity)
{
	const struct pack *pack = door_pack(d, body);
	const struct pack_sensitivity *s =
	    pack == NULL ? NULL : pack_sensitivity(pack, sensitivity);
	return s == NULL ? 0 : (uint8_t)s->rank;
}

/* What a page offers: each act as if it were asked for now. */
static uint32_t
acts_of(struct door *d, const struct visitor *v, const struct holding *h)
{
	uint32_t acts = 0;
	struct question q = door_question(d, v, h, NULL, ACT_VIEW);
	for (unsigned act = 0; act < ACTS_END; act++) {
		q.act = (enum act)act;
		struct decision dec = guard_decide(door_pin(d), &q);
		if (dec.verdict == VERDICT_ALLOW || dec.verdict == VERDICT_MASK)
			acts |= ACT_BIT(act);
	}
	return acts;
}

/* What the vault says of it. */
static bool
show_form(struct door *d, struct visitor *v, const struct holding *h,
    struct door_holding *to)
{
	struct arena *a = v->arena;
	*to = (struct door_holding){.id = h->id,
	    .section = h->section,
	    .section_path = door_path(d, a, v->body, h->section),
	    .name = keep(a, h->name),
	    .basis = keep(a, h->basis),
	    .sensitivity = keep(a, h->sensitivity),
	    .rank = rank_of(d, v->body, h->sensitivity),
	    .is_my_number = h->is_my_number,
	    .needs_second_factor = h->needs_second_factor,
	    .needs_terminal = h->is_terminals_only,
	    .has_files = h->has_files,
	    .organ = h->organ,
	    .retention_years = h->retention_years,
	    .place = keep(a, h->place),
	    .persons_stated = h->persons_stated,
	    .form_version = h->version,
	    .scope = keep(a, h->reg.scope),
	    .collected = keep(a, h->collected),
	    .given_to = keep(a, h->given_to),
	    .requests_at = keep(a, h->reg.requests_at),
	    .other_law = keep(a, h->reg.other_law),
	    .unlisted_why = keep(a, h->reg.unlisted_why),
	    .is_manual = h->reg.is_manual,
	    .has_manual_part = h->reg.has_manual_part,
	    .has_ordinance_care = h->reg.has_ordinance_care,
	    .takes_proposals = h->reg.takes_proposals,
	    .lock = keep(a, h->reg.lock),
	    .dispose_on = h->reg.dispose_on};
	return keep_items(a, h, to) && !arena_is_failed(a);
}

/* And the keeper's row, and what the visitor may. */
static bool
show_holding(struct door *d, struct visitor *v, const struct holding *h,
    struct door_holding *to)
{
	struct authority_row row;
	if (!show_form(d, v, h, to))
		return false;
	to->acts = acts_of(d, v, h);
	if (!guard_row(d->guard, AUTHORITY_HOLDING, v->body, h->id, &row))
		return true;
	to->version = row.head.version;
	if (row.head.until <= door_now(d))
		to->closed_at = row.head.until;
	return true;
}

bool
door_holding_form(struct door *d, struct visitor *v, uint64_t id,
    struct door_holding *ret, struct err *err)
{
	struct shelf *shelf = NULL;
	const struct holding *h = NULL;
	if (!door_shelf(d, v->body, id, &shelf, &h, err))
		return false;
	bool ok = show_holding(d, v, h, ret) ||
		  ERR(err, ERR_LIMIT, "no memory for this request");
	shelf_drop(shelf);
	return ok;
}

bool
door_holding(struct door *d, struct visitor *v, uint64_t id,
    struct door_holding *ret, struct err *err)
{
	int64_t persons = 0;
	if (!door_holding_form(d, v, id, ret, err) ||
	    !holding_count(d->reader, v->body, id, &persons, err))
		return false;
	ret->persons = (uint64_t)persons;
	return true;
}

bool
door_holdings(struct door *d, struct visitor *v, uint64_t after,
    struct door_holding **ret, size_t *ret_n, struct err *err)
{
	struct shelf *shelf = shelf_take(d->guard->rack);
	size_t n, kept = 0;
	const struct holding *list = shelf_of_body(shelf, v->body, &n);
	struct door_holding *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	bool ok = out != NULL;
	for (size_t i = 0; ok && i < n && kept < DOOR_PAGE_MAX; i++)
		if (list[i].id > after)
			ok = show_holding(d, v, &list[i], &out[kept++]);
	shelf_drop(shelf);
	if (!ok)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < kept; i++) {
		int64_t persons = 0;
		if (!holding_count(
			d->reader, v->body, out[i].id, &persons, err))
			return false;
		out[i].persons = (uint64_t)persons;
	}
	*ret = out;
	*ret_n = kept;
	return true;
}

/* ---- putting ---- */

struct holding_row {
	const struct holding *holding;
	bool is_new;
};

static bool
run_holding(struct store_tx *tx, void *arg, struct err *err)
{
	const struct holding_row *r = arg;
	return r->is_new ? holding_insert(tx, r->holding, err)
			 : holding_change(tx, r->holding, err);
}

static bool
take_items(struct visitor *v, const struct door_holding *h, struct holding *to,
    struct err *err)
{
	if (h->n_items == 0 || h->n_items > HOLDING_ITEMS_MAX)
		return ERR(err, ERR_INPUT, "a holding has 1 to %d items",
		    HOLDING_ITEMS_MAX);
	struct item *items = arena_array(v->arena, h->n_items, sizeof(*items));
	if (items == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < h->n_items; i++) {
		const struct door_item *from = &h->items[i];
		if (from->number != i)
			return ERR(
			    err, ERR_INPUT, "items are numbered from 0 on");
		items[i] = (struct item){.id = from->id,
		    .name = from->name,
		    .type = from->type,
		    .search = from->search,
		    .is_special_care = from->is_special_care,
		    .is_retired = from->is_retired,
		    .choices = from->choices,
		    .n_choices = from->n_choices};
	}
	to->items = items;
	to->n_items = h->n_items;
	return true;
}

static struct holding
holding_of(
    const struct door *d, const struct visitor *v, const struct door_holding *h)
{
	return (struct holding){.body = v->body,
	    .id = h->id,
	    .section = h->section,
	    .organ = h->organ,
	    .name = h->name,
	    .sensitivity = h->sensitivity,
	    .is_my_number = h->is_my_number,
	    .needs_second_factor = h->needs_second_factor || h->is_my_number,
	    .is_terminals_only = h->needs_terminal,
	    .has_files = h->has_files,
	    .basis = h->basis,
	    .place = h->place,
	    .retention_years = h->retention_years,
	    .persons_stated = h->persons_stated,
	    .collected = h->collected,
	    .given_to = h->given_to,
	    .reg = {.scope = h->scope,
		.requests_at = h->requests_at,
		.other_law = h->other_law,
		.unlisted_why = h->unlisted_why,
		.is_manual = h->is_manual,
		.has_manual_part = h->has_manual_part,
		.has_ordinance_care = h->has_ordinance_care,
		.takes_proposals = h->takes_proposals,
		.lock = h->lock,
		.dispose_on = h->dispose_on},
	    .purposes = h->purposes,
	    .n_purposes = h->n_purposes,
	    .version = h->form_version,
	    .changed_at = door_now(d),
	    .changed_by = v->person,
	    .changed_in = v->capacity};
}

/* Before the keeper makes a row for what the vault would refuse. */
static bool
check_new(struct door *d, const struct visitor *v, const struct holding *to,
    bool is_new, struct err *err)
{
	struct shelf *shelf = NULL;
	const struct holding *now = NULL;
	if (!holding_check(to, err))
		return false;
	if (is_new)
		return true;
	if (!door_shelf(d, v->body, to->id, &shelf, &now, err))
		return false;
	bool ok =
	    holding_check_change(now, to, err) &&
	    (now->version == to->version ||
		ERR(err, ERR_CONFLICT,
		    "the holding was changed by somebody else meanwhile"));
	shelf_drop(shelf);
	return ok;
}

/* The keeper's row and the vault's, as they shall be. */
static bool
put_row(struct door *d, struct visitor *v, const struct holding *to,
    bool is_new, struct slice reference, struct put *ret, struct err *err)
{
	struct authority_row now;
	struct holding_row r = {.holding = to, .is_new = is_new};
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = reference},
	    .also = run_holding,
	    .arg = &r,
	    .row = {.head = {.kind = AUTHORITY_HOLDING,
			.id = to->id,
			.from = door_now(d),
			.until = INT64_MAX},
		.holding = {.section = to->section,
		    .organ = to->organ,
		    .sensitivity = rank_of(d, v->body, to->sensitivity),
		    .flags =
			(uint16_t)((to->needs_second_factor
					   ? HOLDING_SECOND_FACTOR
					   : 0) |
				   (to->is_my_number ? HOLDING_MY_NUMBER : 0) |
				   (to->is_terminals_only
					   ? HOLDING_TERMINALS_ONLY
					   : 0))}}};
	if (!is_new &&
	    guard_row(d->guard, AUTHORITY_HOLDING, v->body, to->id, &now)) {
		if (now.head.until <= door_now(d))
			return ERR(err, ERR_CONFLICT, "the holding is closed");
		p.row.head.from = now.head.from;
	}
	return door_put_row(d, v, &p, ret, err) &&
	       shelf_rack_load(d->guard->rack, d->reader, err);
}

bool
door_put_holding(
    struct door *d, struct visitor *v, struct door_holding *h, struct err *err)
{
	bool is_new = h->id == 0;
	struct put put;
	struct holding to = holding_of(d, v, h);
	struct people_section section;
	if (!people_section_get(d->reader, v->body, to.section, v->arena,
		&section, err))
		return false;
	to.organ = section.organ;
	if (is_new)
		to.id = people_new_id();
	if (!take_items(v, h, &to, err) ||
	    !check_new(d, v, &to, is_new, err) ||
	    !put_row(d, v, &to, is_new, SLICE(""), &put, err))
		return false;
	h->id = to.id;
	h->version = put.version;
	return true;
}

/* ---- moved, closed ---- */

/* Every grant on it that is or will be in force. */
static bool
end_grants(struct door *d, struct visitor *v, uint64_t holding,
    struct slice reference, struct err *err)
{
	const struct authority_row *list[DOOR_PAGE_MAX];
	uint64_t ids[DOOR_PAGE_MAX];
	uint64_t after = 0;
	size_t n;
	do {
		size_t n_ids = 0;
		door_renew(d);
		n = snapshot_grants_on(door_pin(d), v->body, holding, after,
		    list, DOOR_PAGE_MAX);
		for (size_t i = 0; i < n; i++) {
			after = list[i]->head.id;
			if (list[i]->head.kind == AUTHORITY_GRANT &&
			    list[i]->head.until > door_now(d))
				ids[n_ids++] = after;
		}
		for (size_t i = 0; i < n_ids; i++) {
			struct put put;
			const struct door_end end = {.kind = AUTHORITY_GRANT,
			    .id = ids[i],
			    .reference = reference};
			if (!door_end(d, v, &end, &put, err))
				return false;
		}
	} while (n == DOOR_PAGE_MAX);
	return true;
}

bool
door_move_holding(struct door *d, struct visitor *v,
    const struct door_move *ask, struct err *err)
{
	struct people_section section;
	struct door_holding h;
	struct holding to;
	struct put put;
	if (!door_holding_form(d, v, ask->holding, &h, err))
		return false;
	if (h.section == ask->section)
		return ERR(err, ERR_INPUT, "the section has it already");
	if (h.closed_at != 0)
		return ERR(err, ERR_CONFLICT, "the holding is closed");
	if (!people_section_get(d->reader, v->body, ask->section, v->arena,
		&section, err))
		return false;
	if (section.organ != h.organ)
		return ERR(err, ERR_INPUT,
		    "what passes to another organ is a provision");
	h.section = ask->section;
	h.form_version = ask->form_version;
	to = holding_of(d, v, &h);
	return take_items(v, &h, &to, err) &&
	       check_new(d, v, &to, false, err) &&
	       (ask->keeps_grants ||
		   end_grants(d, v, to.id, ask->reference, err)) &&
	       put_row(d, v, &to, false, ask->reference, &put, err);
}

bool
door_close_holding(struct door *d, struct visitor *v, uint64_t holding,
    struct slice reference, struct err *err)
{
	struct door_holding h;
	struct put put;
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = reference}};
	if (!door_holding(d, v, holding, &h, err))
		return false;
	if (h.closed_at != 0)
		return ERR(err, ERR_CONFLICT, "the holding is closed");
	if (h.persons > 0)
		return ERR(err, ERR_CONFLICT, "the holding has records");
	if (!end_grants(d, v, holding, reference, err))
		return false;
	if (!guard_row(d->guard, AUTHORITY_HOLDING, v->body, holding, &p.row))
		return ERR(err, ERR_NOT_FOUND, "there is no such holding");
	p.row.head.until = door_now(d);
	return door_put_row(d, v, &p, &put, err);
}

/* ---- what it was ---- */

bool
door_holding_forms(struct door *d, struct visitor *v, uint64_t holding,
    uint32_t below, struct shown_form **ret, size_t *ret_n, struct err *err)
{
	struct shown_form *out =
	    arena_array(v->arena, DOOR_PAGE_MAX, sizeof(*out));
	struct err none = ERR_INIT;
	struct holding h;
	size_t n = 0;
	bool worked = out != NULL;
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (below == 0)
		worked = holding_get(
		    d->reader, v->body, holding, v->arena, &h, err);
	else
		worked = holding_get_before(d->reader, v->body, holding, below,
		    v->arena, &h, &none);
	if (!worked && below == 0)
		return false;
	while (worked && n < DOOR_PAGE_MAX) {
		struct shown_form *to = &out[n++];
		if (!show_form(d, v, &h, &to->holding))
			return ERR(
			    err, ERR_LIMIT, "no memory for this request");
		to->at = h.changed_at;
		to->person_name = h.changed_by == 0
				      ? SLICE("")
				      : door_name(d, v->arena, v->body,
					    h.changed_by);
		to->post = h.changed_in == 0 ? SLICE("")
					     : door_post(d, v, h.changed_in);
		worked = holding_get_before(d->reader, v->body, holding,
		    h.version, v->arena, &h, &none);
	}
	if (!worked && none.code != ERR_NONE && none.code != ERR_NOT_FOUND) {
		if (err != NULL)
			*err = none;
		return false;
	}
	*ret = out;
	*ret_n = n;
	return true;
}
