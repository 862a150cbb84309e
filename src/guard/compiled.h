/*
 * The inside of a snapshot, for snapshot.c (which makes it) and decide.c
 * (which reads it). Arrays are sorted; hash tables are of positions, open
 * addressing, at most half full.
 */
#ifndef GUARD_COMPILED_H
#define GUARD_COMPILED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/decide.h"
#include "guard/snapshot.h"

/*
 * A table from a hash to position + 1; 0: free. The hash beside it saves a
 * look at what stands there in nearly all cases.
 */
struct seat {
	uint32_t hash;
	uint32_t position;
};

struct index {
	struct seat *seats;
	uint32_t mask;
};

struct capacity {
	uint64_t body, id, person, section, organ;
	instant from, until;
	uint32_t office; /* number of the office's key */
	uint32_t rights;
	uint32_t row;
};

struct kept {
	uint64_t body, id, section, organ;
	instant from, until;
	uint32_t granters, n_granters; /* of its section, in `granters` */
	uint32_t row;
	uint16_t flags;
};

/* One grant, as far as most questions need it. */
struct leaf {
	uint64_t id;
	instant from, until;
	uint64_t items;
	uint64_t capacity; /* to this appointment; 0: to an office */
	uint32_t acts;
	uint32_t row;
	bool crosses;    /* to another organ than the holding's */
	bool is_limited; /* by hours, days, terminals or label: see the row */
};

/* All grants on one holding to one subject: leaves[first .. first + n). */
struct group {
	uint64_t body, holding;
	uint64_t who;     /* person; or OFFICE_BIT | number of the office */
	uint64_t section; /* of an office; 0: any */
	uint32_t first, n;
};

#define OFFICE_BIT (UINT64_C(1) << 63)

struct body_facts {
	uint64_t body;
	bool has_emergency;
	uint32_t granters, n_granters; /* with the whole body as section */
};

struct snapshot {
	atomic_uint owners;
	size_t n_rows;
	struct authority_row *rows; /* by kind, body, id */
	struct index row_index;

	size_t n_capacities;
	struct capacity *capacities;
	struct index capacity_index;
	uint32_t *by_person; /* capacities by body, person, id */

	size_t n_holdings;
	struct kept *holdings;
	struct index holding_index;

	size_t n_leaves;
	struct leaf *leaves;
	uint32_t *by_holding; /* rows of grants by body, holding, id */
	size_t n_groups;
	struct group *groups;
	struct index group_index;

	size_t n_granters;
	uint32_t *granters; /* capacities with right grant, by body, section */

	size_t n_offices;
	struct authority_text *offices; /* number n at n - 1 */

	size_t n_bodies;
	struct body_facts *bodies;
};

static inline uint64_t
compiled_mix(uint64_t v)
{
	v = (v ^ v >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return v ^ v >> 29;
}

static inline uint32_t
compiled_hash(uint64_t a, uint64_t b)
{
	return (uint32_t)compiled_mix(compiled_mix(a) + b);
}

/* Of a row, with its id: compiled_hash(compiled_row_key(kind, body), id). */
static inline uint64_t
compiled_row_key(enum authority_kind kind, uint64_t body)
{
	return compiled_mix(body) + (uint64_t)kind;
}

static inline uint32_t
compiled_group_hash(
    uint64_t body, uint64_t holding, uint64_t who, uint64_t section)
{
	return compiled_hash(
	    compiled_mix(compiled_mix(body) + holding) + who, section);
}

/* The memory of a seat is asked for before it is looked at. */
static inline void
index_fetch(const struct index *x, uint32_t hash)
{
	__builtin_prefetch(&x->seats[hash & x->mask]);
}

const struct capacity *
compiled_capacity(const struct snapshot *s, uint64_t body, uint64_t id);
const struct kept *
compiled_holding(const struct snapshot *s, uint64_t body, uint64_t id);
/* Of a hash made before: several are looked for at once. */
const struct group *compiled_group(const struct snapshot *s, uint32_t hash,
    uint64_t body, uint64_t holding, uint64_t who, uint64_t section);
const struct body_facts *compiled_body(const struct snapshot *s, uint64_t body);

#endif
