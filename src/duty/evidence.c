#include "duty/evidence.h"

#include <string.h>

#include "base/num.h"
#include "procedure/procedure.h"
#include "register/register.h"

enum { SECTIONS_MAX = 20000, AT_ONCE = REGISTER_BATCH_MAX };

_Static_assert((int)AT_ONCE <= (int)PROCEDURE_BATCH_MAX, "one batch for both");

struct date
proofs_date(struct slice stored)
{
	struct date d;
	return stored.n > 0 && date_read(stored, &d, NULL) ? d
	    : (struct date){0};
}

static struct date
date_of_fact(uint32_t yyyymmdd)
{
	return (struct date){.year = (int16_t)(yyyymmdd / 10000),
	    .month = (uint8_t)(yyyymmdd / 100 % 100),
	    .day = (uint8_t)(yyyymmdd % 100)};
}

size_t
proofs_field(const struct proofs *p, struct slice id)
{
	size_t i = 0;
	while (i < p->n_fields && !slice_is_equal(p->fields[i].id, id))
		i++;
	return i;
}

/* A list that grows by doubling within the arena. */
struct growing {
	struct arena *arena;
	struct proof_row *rows;
	size_t n, room;
};

static bool
grow(struct growing *g, struct err *err)
{
	if (g->n < g->room)
		return true;
	size_t room = g->room == 0 ? AT_ONCE : g->room * 2;
	struct proof_row *rows =
	    arena_array(g->arena, room, sizeof(*rows));
	if (rows == NULL || g->n >= EVIDENCE_ROWS_MAX)
		return ERR(err, ERR_LIMIT, "no room for so much evidence");
	if (g->n > 0)
		memcpy(rows, g->rows, g->n * sizeof(*rows));
	g->rows = rows;
	g->room = room;
	return true;
}

/* The day of the fact as that version has it, not as the row has it now. */
static struct date
fact_of(const struct pack_register *r, const struct register_row *row)
{
	size_t at = pack_register_field(r, r->fact.id);
	return at < row->n ? proofs_date(row->values[at])
	                   : date_of_fact(row->fact);
}

bool
evidence_of_register(const struct evidence_ask *ask,
    const struct pack_register *r, struct arena *a, struct proofs *ret,
    struct err *err)
{
	const struct register_source from = {.reader = door_reader(ask->door),
	    .arena = a, .body = ask->body, .reg = r};
	struct register_evidence batch = {.at = ask->at, .max = AT_ONCE};
	struct growing g = {.arena = a};
	struct register_row *rows;
	size_t n;
	do {
		if (!register_evidence(&from, &batch, &rows, &n, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!grow(&g, err))
				return false;
			g.rows[g.n++] = (struct proof_row){.id = rows[i].id,
			    .section = rows[i].section, .name = rows[i].name,
			    .values = rows[i].values,
			    .fact = fact_of(r, &rows[i]),
			    .made = date_of_instant(rows[i].made_at)};
		}
		batch.after = n > 0 ? rows[n - 1].id : 0;
	} while (n == AT_ONCE);
	*ret = (struct proofs){.fields = r->fields, .n_fields = r->n_fields,
	    .n = g.n, .rows = g.rows};
	return true;
}

bool
evidence_of_procedure(const struct evidence_ask *ask,
    const struct pack_procedure *p, struct arena *a, struct proofs *ret,
    struct err *err)
{
	const struct procedure_source from = {
	    .reader = door_reader(ask->door), .arena = a, .body = ask->body,
	    .pack = ask->pack};
	struct procedure_evidence batch = {.procedure = p,
	    .at = ask->at == 0 ? INT64_MAX : ask->at, .max = AT_ONCE};
	struct growing g = {.arena = a};
	struct matter_ended *m;
	size_t n;
	do {
		if (!procedure_evidence(&from, &batch, &m, &n, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!grow(&g, err))
				return false;
			g.rows[g.n++] = (struct proof_row){.id = m[i].id,
			    .section = m[i].section, .holding = m[i].holding,
			    .name = m[i].name, .values = m[i].values,
			    .fact = date_of_instant(m[i].closed_at),
			    .made = date_of_instant(m[i].opened_at)};
		}
		batch.after = n > 0 ? m[n - 1].id : 0;
	} while (n == AT_ONCE);
	*ret = (struct proofs){.fields = p->fields, .n_fields = p->n_fields,
	    .n = g.n, .rows = g.rows};
	return true;
}

/* ---- people ---- */

static bool
read_sections(const struct evidence_ask *ask, struct arena *a,
    struct organisation *ret, struct err *err)
{
	struct people_page page = {.reader = door_reader(ask->door),
	    .arena = a, .body = ask->body, .max = PEOPLE_PAGE_MAX};
	struct people_section *list, *all = NULL;
	size_t n, room = 0;
	do {
		if (!people_sections(&page, &list, &n, err))
			return false;
		if (ret->n_sections + n > room) {
			room = 2 * (ret->n_sections + n);
			struct people_section *more =
			    arena_array(a, room, sizeof(*more));
			if (more == NULL || room > 2 * SECTIONS_MAX)
				return ERR(err, ERR_LIMIT,
				    "no room for all sections");
			if (ret->n_sections > 0)
				memcpy(more, all,
				    ret->n_sections * sizeof(*more));
			all = more;
		}
		if (n > 0)
			memcpy(all + ret->n_sections, list, n * sizeof(*all));
		ret->n_sections += n;
		page.after = n > 0 ? list[n - 1].id : 0;
	} while (n == PEOPLE_PAGE_MAX);
	ret->sections = all;
	return true;
}

/* An organ is bound from its own day on; one outside the Act never. */
static bool
bind_organs(const struct evidence_ask *ask, struct arena *a,
    struct organisation *o, struct err *err)
{
	const struct people_page page = {.reader = door_reader(ask->door),
	    .arena = a, .body = ask->body, .max = PEOPLE_PAGE_MAX};
	struct people_organ *organs;
	size_t n;
	if (!people_organs(&page, &organs, &n, err))
		return false;
	for (size_t i = 0; i < o->n_sections; i++)
		for (size_t k = 0; k < n; k++) {
			if (organs[k].id != o->sections[i].organ)
				continue;
			instant from = organs[k].ordinance.n > 0 ? INT64_MAX
			    : organs[k].adopted_on == 0 ? 0
			    : date_begin(date_of_fact(organs[k].adopted_on));
			if (from > o->begun[i])
				o->begun[i] = from;
		}
	return true;
}

bool
evidence_of_people(const struct evidence_ask *ask, struct arena *a,
    struct organisation *ret, struct err *err)
{
	struct people_body body;
	*ret = (struct organisation){.n_sections = 0};
	if (!people_body_get(door_reader(ask->door), ask->body, a, &body,
	    err) || !read_sections(ask, a, ret, err) ||
	    !door_standing(ask->door, ask->body, a, &ret->standing, err))
		return false;
	ret->founded = date_of_instant(body.created);
	if (!organisation_date(ret, a))
		return ERR(err, ERR_LIMIT, "no room for all sections");
	return bind_organs(ask, a, ret, err);
}

const struct people_section *
organisation_section(const struct organisation *o, uint64_t id)
{
	size_t low = 0, high = o->n_sections;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (o->sections[middle].id == id)
			return &o->sections[middle];
		if (o->sections[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
begin_with(struct organisation *o, uint64_t section, instant from)
{
	const struct people_section *s = organisation_section(o, section);
	if (s != NULL && from < o->begun[s - o->sections])
		o->begun[s - o->sections] = from;
}

bool
organisation_date(struct organisation *o, struct arena *a)
{
	o->begun = arena_array(a, o->n_sections, sizeof(*o->begun));
	if (o->begun == NULL)
		return false;
	for (size_t i = 0; i < o->n_sections; i++)
		o->begun[i] = INT64_MAX;
	for (size_t i = 0; i < o->standing.n_posts; i++)
		begin_with(o, o->standing.posts[i].section,
		    o->standing.posts[i].from);
	for (size_t i = 0; i < o->standing.n_holdings; i++)
		begin_with(o, o->standing.holdings[i].section,
		    o->standing.holdings[i].from);
	return true;
}

bool
organisation_is_bound(
    const struct organisation *o, uint64_t section, instant at)
{
	const struct people_section *s = organisation_section(o, section);
	return section == 0 ||
	    (s != NULL && o->begun[s - o->sections] <= at);
}

bool
organisation_is_within(
    const struct organisation *o, uint64_t section, uint64_t above)
{
	for (unsigned i = 0; i < PEOPLE_DEPTH_MAX && section != 0; i++) {
		if (section == above)
			return true;
		const struct people_section *s =
		    organisation_section(o, section);
		section = s == NULL ? 0 : s->parent;
	}
	return false;
}
