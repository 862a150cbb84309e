#include "serve/body.h"

#include "guard/door_authority.h"
#include "guard/door_people.h"
#include "people/people.h"

static const char *
unit_name(enum pack_node_unit unit)
{
	static const char *const names[] = {
	    [PACK_NODE_DIVISION] = "division", [PACK_NODE_SECTION] = "section",
	    [PACK_NODE_TEAM] = "team", [PACK_NODE_OFFICE] = "office",
	    [PACK_NODE_FACILITY] = "facility"};
	return names[unit];
}

struct slice
founding_name(const struct pack *pack)
{
	return pack->body.name.n > 0 ? pack->body.name
	    : pack->municipality.name;
}

struct slice
founding_kana(const struct pack *pack)
{
	return pack->body.kana.n > 0 ? pack->body.kana
	    : pack->municipality.kana;
}

bool
founding_body(struct founding *f, struct slice name, struct slice kana,
    struct err *err)
{
	const struct pack *p = f->pack;
	struct house *house = &f->h->house;
	struct put put;
	struct people_body row = {.pack = p->id,
	    .pack_hash = slice_bytes(p->hash, PACK_HASH_BYTES),
	    .name = name, .kana = kana,
	    .code = p->municipality.role == PACK_ROLE_CONTRACTOR ? SLICE("")
	        : p->municipality.code};
	if (house->n_bodies == HOUSE_BODIES_MAX)
		return ERR(err, ERR_LIMIT, "more than %d bodies",
		    HOUSE_BODIES_MAX);
	f->visitor = (struct visitor){.arena = f->arena};
	door_maintain(f->door, 0, &f->visitor);
	if (!door_put_people_body(f->door, &f->visitor, &row, err))
		return false;
	f->body = row.id;
	house->bodies[house->n_bodies++] = (struct house_body){
	    .id = row.id, .name = row.name, .pack = p};
	door_maintain(f->door, row.id, &f->visitor);
	return door_put_body(f->door, &f->visitor, f->until, &put, err);
}

static bool
put_section(struct founding *f, struct people_section *row, bool is_outside,
    struct err *err)
{
	if (f->n_sections == FOUNDING_SECTIONS_MAX)
		return ERR(err, ERR_LIMIT, "more than %d sections",
		    FOUNDING_SECTIONS_MAX);
	if (!door_put_section(f->door, &f->visitor, row, err))
		return false;
	/* a copy: the pack may be closed before the names are used */
	f->sections[f->n_sections++] = (struct placed){row->id, row->organ,
	    arena_copy(f->arena, row->name), is_outside};
	return true;
}

/* The sections of an organ, and those below them. */
static bool
put_nodes(struct founding *f, const struct pack_node *nodes, size_t n,
    const struct people_organ *organ, uint64_t parent, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct people_section row = {.organ = organ->id,
		    .parent = parent,
		    .name = nodes[i].name,
		    .unit = slice_of(unit_name(nodes[i].unit)),
		    .counts = nodes[i].has_counts ? nodes[i].counts
		        : nodes[i].unit == PACK_NODE_SECTION};
		if (!put_section(f, &row, organ->ordinance.n > 0, err) ||
		    !put_nodes(f, nodes[i].sections, nodes[i].n_sections,
		    organ, row.id, err))
			return false;
	}
	return true;
}

bool
founding_organs(struct founding *f, bool has_sections, struct err *err)
{
	for (size_t i = 0; i < f->pack->n_organs; i++) {
		const struct pack_organ *organ = &f->pack->organs[i];
		struct people_organ row = {.name = organ->name,
		    .head_title = organ->head,
		    .adopted_on = pack_organ_adopted(f->pack, organ),
		    .ordinance = organ->outside.ordinance,
		    .position = (uint32_t)i + 1};
		if (!door_put_organ(f->door, &f->visitor, &row, err) ||
		    (has_sections && !put_nodes(f, organ->sections,
		        organ->n_sections, &row, 0, err)))
			return false;
		if (f->organ == 0)
			f->organ = row.id;
	}
	return true;
}

bool
founding_section(struct founding *f, struct slice name, struct err *err)
{
	struct people_section row = {.organ = f->organ, .name = name,
	    .unit = SLICE("section"), .counts = true};
	return put_section(f, &row, false, err);
}

const struct placed *
founding_placed(const struct founding *f, struct slice name)
{
	for (size_t i = 0; i < f->n_sections; i++)
		if (slice_is_equal(f->sections[i].name, name))
			return &f->sections[i];
	return NULL;
}
