#include "guard/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "guard/compiled.h"

/* ---- tables ---- */

static bool
index_make(struct index *x, size_t n)
{
	size_t size = 16;
	while (size < n * 2 + 2)
		size *= 2;
	x->seats = mem_alloc(size, sizeof(*x->seats));
	x->mask = (uint32_t)(size - 1);
	return x->seats != NULL;
}

static void
index_add(struct index *x, uint32_t hash, size_t position)
{
	uint32_t i = hash & x->mask;
	while (x->seats[i].position != 0)
		i = (i + 1) & x->mask;
	x->seats[i] = (struct seat){hash, (uint32_t)position + 1};
}

const struct capacity *
compiled_capacity(const struct snapshot *s, uint64_t body, uint64_t id)
{
	const struct index *x = &s->capacity_index;
	uint32_t hash = compiled_hash(body, id);
	uint32_t i = hash & x->mask;
	for (; x->seats[i].position != 0; i = (i + 1) & x->mask) {
		if (x->seats[i].hash != hash)
			continue;
		const struct capacity *c =
		    &s->capacities[x->seats[i].position - 1];
		if (c->id == id && c->body == body)
			return c;
	}
	return NULL;
}

const struct kept *
compiled_holding(const struct snapshot *s, uint64_t body, uint64_t id)
{
	const struct index *x = &s->holding_index;
	uint32_t hash = compiled_hash(body, id);
	uint32_t i = hash & x->mask;
	for (; x->seats[i].position != 0; i = (i + 1) & x->mask) {
		if (x->seats[i].hash != hash)
			continue;
		const struct kept *h = &s->holdings[x->seats[i].position - 1];
		if (h->id == id && h->body == body)
			return h;
	}
	return NULL;
}

const struct group *
compiled_group(const struct snapshot *s, uint32_t hash, uint64_t body,
    uint64_t holding, uint64_t who, uint64_t section)
{
	const struct index *x = &s->group_index;
	uint32_t i = hash & x->mask;
	for (; x->seats[i].position != 0; i = (i + 1) & x->mask) {
		if (x->seats[i].hash != hash)
			continue;
		const struct group *g = &s->groups[x->seats[i].position - 1];
		if (g->who == who && g->holding == holding &&
		    g->section == section && g->body == body)
			return g;
	}
	return NULL;
}

const struct body_facts *
compiled_body(const struct snapshot *s, uint64_t body)
{
	for (size_t i = 0; i < s->n_bodies; i++)
		if (s->bodies[i].body == body)
			return &s->bodies[i];
	return NULL;
}

/* ---- order ---- */

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static bool
is_grant(const struct authority_row *row)
{
	return row->head.kind == AUTHORITY_GRANT ||
	       row->head.kind == AUTHORITY_EMERGENCY;
}

/* A pair of a sort key and what it stands for; one comparison for all. */
struct sorted {
	uint64_t key[4];
	uint64_t id;
	uint32_t at;
};

static int
order_sorted(const void *x, const void *y)
{
	const struct sorted *a = x;
	const struct sorted *b = y;
	for (size_t i = 0; i < 4; i++)
		if (a->key[i] != b->key[i])
			return order(a->key[i], b->key[i]);
	return a->id != b->id ? order(a->id, b->id) : (int)a->at - (int)b->at;
}

static void
sort(struct sorted *list, size_t n)
{
	if (n > 1)
		qsort(list, n, sizeof(*list), order_sorted);
}

/* ---- making ---- */

/* What one making needs besides the snapshot. */
struct making {
	struct snapshot *s;
	struct sorted *sorted; /* room for n_rows */
	struct index office_index;
};

static uint32_t
hash_text(const struct authority_text *t)
{
	uint64_t h = t->n;
	for (size_t i = 0; i < t->n; i++)
		h = h * 1099511628211u + (unsigned char)t->p[i];
	return (uint32_t)compiled_mix(h);
}

/* The number of an office's key, from 1. There is room for one a row. */
static uint32_t
office_number(struct making *m, const struct authority_text *t)
{
	struct index *x = &m->office_index;
	struct authority_text *offices = m->s->offices;
	uint32_t i = hash_text(t) & x->mask;
	for (; x->seats[i].position != 0; i = (i + 1) & x->mask)
		if (slice_is_equal(authority_text_slice(
				       &offices[x->seats[i].position - 1]),
			authority_text_slice(t)))
			return x->seats[i].position;
	offices[m->s->n_offices] = *t;
	index_add(x, hash_text(t), m->s->n_offices);
	return (uint32_t)++m->s->n_offices;
}

static bool
make_rows(struct making *m, const struct authority_row *const *rows, size_t n)
{
	struct snapshot *s = m->s;
	for (size_t i = 0; i < n; i++) {
		const struct authority_head *h = &rows[i]->head;
		if (h->kind == AUTHORITY_CREDENTIAL ||
		    (h->flags & AUTHORITY_PENDING) != 0)
			continue;
		m->sorted[s->n_rows++] = (struct sorted){
		    .key = {h->kind, h->body}, .id = h->id, .at = (uint32_t)i};
	}
	sort(m->sorted, s->n_rows);
	s->rows = mem_alloc(s->n_rows + 1, sizeof(*s->rows));
	if (s->rows == NULL || !index_make(&s->row_index, s->n_rows))
		return false;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct authority_row *r = rows[m->sorted[i].at];
		s->rows[i] = *r;
		index_add(&s->row_index,
		    compiled_hash(compiled_row_key(r->head.kind, r->head.body),
			r->head.id),
		    i);
	}
	return true;
}

static size_t
count_kind(const struct snapshot *s, enum authority_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_rows; i++)
		n += s->rows[i].head.kind == kind;
	return n;
}

static bool
make_capacities(struct making *m)
{
	struct snapshot *s = m->s;
	size_t max = count_kind(s, AUTHORITY_APPOINTMENT);
	s->capacities = mem_alloc(max + 1, sizeof(*s->capacities));
	s->by_person = mem_alloc(max + 1, sizeof(*s->by_person));
	s->granters = mem_alloc(max + 1, sizeof(*s->granters));
	if (s->capacities == NULL || s->by_person == NULL ||
	    s->granters == NULL || !index_make(&s->capacity_index, max))
		return false;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct authority_row *r = &s->rows[i];
		if (r->head.kind != AUTHORITY_APPOINTMENT)
			continue;
		const struct authority_appointment *a = &r->appointment;
		struct capacity *c = &s->capacities[s->n_capacities];
		*c = (struct capacity){.body = r->head.body,
		    .id = r->head.id,
		    .person = a->person,
		    .section = a->section,
		    .organ = a->organ,
		    .from = r->head.from,
		    .until = r->head.until,
		    .rights = a->rights,
		    .office = office_number(m, &a->office),
		    .row = (uint32_t)i};
		index_add(&s->capacity_index, compiled_hash(c->body, c->id),
		    s->n_capacities);
		m->sorted[s->n_capacities] =
		    (struct sorted){.key = {c->body, c->person},
			.id = c->id,
			.at = (uint32_t)s->n_capacities};
		s->n_capacities++;
	}
	sort(m->sorted, s->n_capacities);
	for (size_t i = 0; i < s->n_capacities; i++)
		s->by_person[i] = m->sorted[i].at;
	return true;
}

/* Who has right grant, by section. */
static void
make_granters(struct making *m)
{
	struct snapshot *s = m->s;
	for (size_t i = 0; i < s->n_capacities; i++) {
		const struct capacity *c = &s->capacities[i];
		if ((c->rights & RIGHT_BIT(RIGHT_GRANT)) != 0)
			m->sorted[s->n_granters++] =
			    (struct sorted){.key = {c->body, c->section},
				.id = c->id,
				.at = (uint32_t)i};
	}
	sort(m->sorted, s->n_granters);
	for (size_t i = 0; i < s->n_granters; i++)
		s->granters[i] = m->sorted[i].at;
}

static void
find_granters(const struct snapshot *s, uint64_t body, uint64_t section,
    uint32_t *ret_first, uint32_t *ret_n)
{
	size_t low = 0;
	size_t high = s->n_granters;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct capacity *c = &s->capacities[s->granters[mid]];
		if (c->body < body || (c->body == body && c->section < section))
			low = mid + 1;
		else
			high = mid;
	}
	*ret_first = (uint32_t)low;
	for (high = low; high < s->n_granters; high++) {
		const struct capacity *c = &s->capacities[s->granters[high]];
		if (c->body != body || c->section != section)
			break;
	}
	*ret_n = (uint32_t)(high - low);
}

static bool
make_holdings(struct making *m)
{
	struct snapshot *s = m->s;
	size_t max = count_kind(s, AUTHORITY_HOLDING);
	s->holdings = mem_alloc(max + 1, sizeof(*s->holdings));
	if (s->holdings == NULL || !index_make(&s->holding_index, max))
		return false;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct authority_row *r = &s->rows[i];
		if (r->head.kind != AUTHORITY_HOLDING)
			continue;
		struct kept *h = &s->holdings[s->n_holdings];
		*h = (struct kept){.body = r->head.body,
		    .id = r->head.id,
		    .section = r->holding.section,
		    .organ = r->holding.organ,
		    .from = r->head.from,
		    .until = r->head.until,
		    .flags = r->holding.flags,
		    .row = (uint32_t)i};
		find_granters(
		    s, h->body, h->section, &h->granters, &h->n_granters);
		index_add(&s->holding_index, compiled_hash(h->body, h->id),
		    s->n_holdings++);
	}
	return true;
}

static bool
make_bodies(struct making *m)
{
	struct snapshot *s = m->s;
	s->bodies =
	    mem_alloc(count_kind(s, AUTHORITY_BODY) + 1, sizeof(*s->bodies));
	for (size_t i = 0; s->bodies != NULL && i < s->n_rows; i++) {
		const struct authority_row *r = &s->rows[i];
		if (r->head.kind != AUTHORITY_BODY)
			continue;
		struct body_facts *b = &s->bodies[s->n_bodies++];
		b->body = r->head.body;
		b->has_emergency = r->body.emergency_hours > 0;
		find_granters(s, b->body, 0, &b->granters, &b->n_granters);
	}
	return s->bodies != NULL;
}

static struct leaf
leaf_of(const struct authority_row *r, size_t row)
{
	const struct authority_grant *g = &r->grant;
	return (struct leaf){.id = r->head.id,
	    .from = r->head.from,
	    .until = r->head.until,
	    .items = g->items,
	    .capacity = g->capacity,
	    .acts = g->acts,
	    .row = (uint32_t)row,
	    .crosses = authority_grant_crosses(r),
	    .is_limited = g->n_terminals > 0 || g->weekdays != 0 ||
			  g->to_minute != 0 || (g->flags & GRANT_SURGE) != 0 ||
			  g->rows_kind != ROWS_ALL};
}

static bool
is_same_group(const struct group *g, const struct sorted *x)
{
	return g->body == x->key[0] && g->holding == x->key[1] &&
	       g->who == x->key[2] && g->section == x->key[3];
}

static bool
make_grants(struct making *m)
{
	struct snapshot *s = m->s;
	size_t max =
	    count_kind(s, AUTHORITY_GRANT) + count_kind(s, AUTHORITY_EMERGENCY);
	size_t n = 0;
	s->leaves = mem_alloc(max + 1, sizeof(*s->leaves));
	s->groups = mem_alloc(max + 1, sizeof(*s->groups));
	s->by_holding = mem_alloc(max + 1, sizeof(*s->by_holding));
	if (s->leaves == NULL || s->groups == NULL || s->by_holding == NULL)
		return false;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct authority_row *r = &s->rows[i];
		const struct authority_grant *g = &r->grant;
		if (!is_grant(r))
			continue;
		m->sorted[n++] = (struct sorted){
		    .key = {r->head.body, g->holding,
			g->person != 0
			    ? g->person
			    : OFFICE_BIT | office_number(m, &g->office),
			g->person != 0 ? 0 : g->section},
		    .id = r->head.id,
		    .at = (uint32_t)i};
	}
	sort(m->sorted, n);
	s->n_leaves = n;
	for (size_t i = 0; i < n; i++) {
		const struct sorted *x = &m->sorted[i];
		struct group *g =
		    s->n_groups == 0 ? NULL : &s->groups[s->n_groups - 1];
		if (g == NULL || !is_same_group(g, x)) {
			g = &s->groups[s->n_groups++];
			*g = (struct group){x->key[0], x->key[1], x->key[2],
			    x->key[3], (uint32_t)i, 0};
		}
		g->n++;
		s->leaves[i] = leaf_of(&s->rows[x->at], x->at);
	}
	if (!index_make(&s->group_index, s->n_groups))
		return false;
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct group *g = &s->groups[i];
		index_add(&s->group_index,
		    compiled_group_hash(
			g->body, g->holding, g->who, g->section),
		    i);
	}
	for (size_t i = 0; i < n; i++)
		m->sorted[i].key[2] = m->sorted[i].key[3] = 0;
	sort(m->sorted, n);
	for (size_t i = 0; i < n; i++)
		s->by_holding[i] = m->sorted[i].at;
	return true;
}

static void
snapshot_free(struct snapshot *s)
{
	mem_free(s->rows);
	mem_free(s->row_index.seats);
	mem_free(s->capacities);
	mem_free(s->capacity_index.seats);
	mem_free(s->by_person);
	mem_free(s->holdings);
	mem_free(s->holding_index.seats);
	mem_free(s->leaves);
	mem_free(s->by_holding);
	mem_free(s->groups);
	mem_free(s->group_index.seats);
	mem_free(s->granters);
	mem_free(s->offices);
	mem_free(s->bodies);
	mem_free(s);
}

bool
snapshot_make(const struct authority_row *const *rows, size_t n,
    struct snapshot **ret, struct err *err)
{
	struct making m = {.s = mem_alloc(1, sizeof(*m.s))};
	bool ok = m.s != NULL && n < UINT32_MAX / 4;
	if (ok) {
		m.sorted = mem_alloc(n + 1, sizeof(*m.sorted));
		m.s->offices = mem_alloc(n + 1, sizeof(*m.s->offices));
		ok = m.sorted != NULL && m.s->offices != NULL &&
		     index_make(&m.office_index, n) && make_rows(&m, rows, n) &&
		     make_capacities(&m);
	}
	if (ok) {
		make_granters(&m);
		ok = make_holdings(&m) && make_bodies(&m) && make_grants(&m);
	}
	mem_free(m.sorted);
	mem_free(m.office_index.seats);
	if (!ok) {
		if (m.s != NULL)
			snapshot_free(m.s);
		return ERR(err, ERR_BUSY, "no memory for %zu rows", n);
	}
	atomic_init(&m.s->owners, 1);
	*ret = m.s;
	return true;
}

struct snapshot *
snapshot_keep(struct snapshot *s)
{
	atomic_fetch_add_explicit(&s->owners, 1, memory_order_relaxed);
	return s;
}

void
snapshot_drop(struct snapshot *s)
{
	if (s != NULL && atomic_fetch_sub(&s->owners, 1) == 1)
		snapshot_free(s);
}
