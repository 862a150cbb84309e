/*
 * Names and titles for what is shown. What cannot be found is shown empty:
 * a list of accesses must not fail for a person who is gone.
 */
#include "guard/inside.h"
#include "people/people.h"

struct slice
door_name(struct door *d, struct arena *a, uint64_t body, uint64_t person)
{
	struct people_person p;
	struct err err;
	return person != 0 &&
		       people_person_get(d->reader, body, person, a, &p, &err)
		   ? p.name
		   : SLICE("");
}

struct slice
door_path(struct door *d, struct arena *a, uint64_t body, uint64_t section)
{
	struct slice path;
	struct err err;
	return section != 0 && people_section_path(
				   d->reader, body, section, a, &path, &err)
		   ? path
		   : SLICE("");
}

struct slice
door_title(struct door *d, uint64_t body, struct slice office, bool is_english)
{
	const struct guard_config *c = &d->guard->config;
	const struct pack *pack =
	    c->pack == NULL ? NULL : c->pack(c->ctx, body);
	const struct pack_office *o =
	    pack == NULL ? NULL : pack_office(pack, office);
	return o == NULL ? office : is_english ? o->title.en : o->title.ja;
}
