/*
 * Asking a snapshot: rows by id, and lists of them.
 */
#include <string.h>

#include "guard/compiled.h"
#include "guard/snapshot.h"

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

const struct authority_row *
snapshot_row(const struct snapshot *s, enum authority_kind kind, uint64_t body,
    uint64_t id)
{
	const struct index *x = &s->row_index;
	uint32_t hash = compiled_hash(compiled_row_key(kind, body), id);
	uint32_t i = hash & x->mask;
	for (; x->seats[i].position != 0; i = (i + 1) & x->mask) {
		if (x->seats[i].hash != hash)
			continue;
		const struct authority_row *r =
		    &s->rows[x->seats[i].position - 1];
		if (r->head.id == id && r->head.body == body &&
		    r->head.kind == kind)
			return r;
	}
	return NULL;
}

const struct authority_row *
snapshot_terminal(const struct snapshot *s, uint64_t body,
    const uint8_t fingerprint[32], instant now)
{
	const struct authority_row *r[64];
	uint64_t after = 0;
	size_t n;
	while ((n = snapshot_list(s, AUTHORITY_TERMINAL, body, after, r, 64)) >
	       0) {
		for (size_t i = 0; i < n; i++)
			if (memcmp(r[i]->terminal.fingerprint, fingerprint,
				32) == 0 &&
			    authority_is_in_force(r[i], now))
				return r[i];
		after = r[n - 1]->head.id;
	}
	return NULL;
}

size_t
snapshot_appointments_of(const struct snapshot *s, uint64_t body,
    uint64_t person, uint64_t after, const struct authority_row **ret,
    size_t max)
{
	size_t low = 0;
	size_t high = s->n_capacities;
	size_t n = 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct capacity *c = &s->capacities[s->by_person[mid]];
		int o = order(c->body, body);
		if (o == 0)
			o = order(c->person, person);
		if (o < 0 || (o == 0 && c->id <= after))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n_capacities && n < max; low++) {
		const struct capacity *c = &s->capacities[s->by_person[low]];
		if (c->body != body || c->person != person)
			break;
		ret[n++] = &s->rows[c->row];
	}
	return n;
}

size_t
snapshot_list(const struct snapshot *s, enum authority_kind kind, uint64_t body,
    uint64_t after, const struct authority_row **ret, size_t max)
{
	size_t low = 0;
	size_t high = s->n_rows;
	size_t n = 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct authority_head *h = &s->rows[mid].head;
		int o = (int)h->kind - (int)kind;
		if (o == 0)
			o = order(h->body, body);
		if (o < 0 || (o == 0 && h->id <= after))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n_rows && n < max; low++) {
		const struct authority_row *r = &s->rows[low];
		if (r->head.kind != kind || r->head.body != body)
			break;
		ret[n++] = r;
	}
	return n;
}

size_t
snapshot_grants_on(const struct snapshot *s, uint64_t body, uint64_t holding,
    uint64_t after, const struct authority_row **ret, size_t max)
{
	size_t low = 0;
	size_t high = s->n_leaves;
	size_t n = 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct authority_row *r = &s->rows[s->by_holding[mid]];
		int o = order(r->head.body, body);
		if (o == 0)
			o = order(r->grant.holding, holding);
		if (o < 0 || (o == 0 && r->head.id <= after))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->n_leaves && n < max; low++) {
		const struct authority_row *r = &s->rows[s->by_holding[low]];
		if (r->head.body != body || r->grant.holding != holding)
			break;
		ret[n++] = r;
	}
	return n;
}

size_t
snapshot_count(const struct snapshot *s)
{
	return s->n_rows;
}
