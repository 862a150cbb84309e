#include "keeper/limit.h"

#include "base/mem.h"
#include "keeper/table.h"

/* Part number p of time stands at p % RING; part_us is the body's. */
enum { RING = LIMIT_PARTS + 1 };

struct window {
	instant part_us;
	int64_t newest;
	uint64_t counts[LIMITS][RING];
};

struct permit {
	uint64_t used;
};

struct limits {
	struct table *windows; /* body, person */
	struct table *permits; /* body, permit row */
};

struct limits *
limits_open(void)
{
	struct limits *l = mem_alloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->windows = table_open();
	l->permits = table_open();
	if (l->windows != NULL && l->permits != NULL)
		return l;
	limits_close(l);
	return NULL;
}

static void
free_all(struct table *t)
{
	void *p;
	for (size_t at = 0; t != NULL && (p = table_next(t, &at)) != NULL;)
		mem_free(p);
	table_close(t);
}

void
limits_close(struct limits *l)
{
	if (l == NULL)
		return;
	free_all(l->windows);
	free_all(l->permits);
	mem_free(l);
}

/*
 * When the body changes its window, what was counted stands in one part, the
 * newest: it counts longer, never shorter.
 */
static void
resize(struct window *w, instant part_us)
{
	for (unsigned what = 0; what < LIMITS; what++) {
		uint64_t sum = 0;
		for (unsigned i = 0; i < RING; i++) {
			sum += w->counts[what][i];
			w->counts[what][i] = 0;
		}
		w->counts[what][0] = sum;
	}
	w->newest = w->newest * w->part_us / part_us;
	uint64_t at = (uint64_t)w->newest % RING;
	for (unsigned what = 0; at != 0 && what < LIMITS; what++) {
		w->counts[what][at] = w->counts[what][0];
		w->counts[what][0] = 0;
	}
	w->part_us = part_us;
}

/* Empties the parts between the newest known and `part`. */
static void
advance(struct window *w, int64_t part)
{
	int64_t from = w->newest + 1;
	if (part - from >= RING)
		from = part - RING + 1;
	for (int64_t p = from; p <= part; p++)
		for (unsigned what = 0; what < LIMITS; what++)
			w->counts[what][(uint64_t)p % RING] = 0;
	if (part > w->newest)
		w->newest = part;
}

static instant
part_of(instant window)
{
	instant part_us = window / LIMIT_PARTS;
	return part_us > 0 ? part_us : 1;
}

uint64_t
limit_count(const struct limits *l, uint64_t body, uint64_t person,
    enum limit_what what, instant now, instant window)
{
	struct window *w =
	    table_find(l->windows, (struct table_key){body, person, 0});
	uint64_t sum = 0;
	if (w == NULL)
		return 0;
	if (w->part_us != part_of(window))
		resize(w, part_of(window));
	int64_t part = now / w->part_us;
	for (int64_t p = part - LIMIT_PARTS; p <= part; p++)
		if (p >= 0 && p <= w->newest && p > w->newest - RING)
			sum += w->counts[what][(uint64_t)p % RING];
	return sum;
}

bool
limit_add(struct limits *l, uint64_t body, uint64_t person,
    enum limit_what what, instant at, instant window, uint64_t n)
{
	struct table_key key = {body, person, 0};
	struct window *w = table_find(l->windows, key);
	if (w == NULL) {
		w = mem_alloc(1, sizeof(*w));
		if (w == NULL)
			return false;
		w->part_us = part_of(window);
		w->newest = at / w->part_us;
		if (!table_put(l->windows, key, w)) {
			mem_free(w);
			return false;
		}
	}
	if (w->part_us != part_of(window))
		resize(w, part_of(window));
	int64_t part = at / w->part_us;
	advance(w, part);
	if (part > w->newest - RING)
		w->counts[what][(uint64_t)part % RING] += n;
	return true;
}

uint64_t
permit_used(const struct limits *l, uint64_t body, uint64_t permit)
{
	const struct permit *p =
	    table_find(l->permits, (struct table_key){body, permit, 0});
	return p == NULL ? 0 : p->used;
}

bool
permit_use(struct limits *l, uint64_t body, uint64_t permit, uint64_t n)
{
	struct table_key key = {body, permit, 0};
	struct permit *p = table_find(l->permits, key);
	if (p == NULL) {
		p = mem_alloc(1, sizeof(*p));
		if (p == NULL)
			return false;
		if (!table_put(l->permits, key, p)) {
			mem_free(p);
			return false;
		}
	}
	p->used += n;
	return true;
}
