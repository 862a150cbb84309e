/*
 * Names and titles for what is shown. What cannot be found is shown empty:
 * a list of accesses must not fail for a person who is gone.
 */
#include <string.h>

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

/* Other processes of the same database may rename sections too. */
enum { PATH_SECONDS = 5 };

struct slice
door_path(struct door *d, struct arena *a, uint64_t body, uint64_t section)
{
	struct path_seat *seat = &d->paths[section % PATHS_MAX];
	uint64_t namings = atomic_load(&d->guard->namings);
	instant now = clock_monotonic();
	struct slice path;
	struct err err;
	if (section == 0)
		return SLICE("");
	if (seat->body == body && seat->section == section &&
	    seat->namings == namings &&
	    now - seat->at < PATH_SECONDS * SECOND_US)
		return arena_copy(a, slice_bytes(seat->text, seat->n));
	if (!people_section_path(d->reader, body, section, a, &path, &err))
		return SLICE("");
	if (path.n <= sizeof(seat->text)) {
		*seat = (struct path_seat){.body = body, .section = section,
		    .namings = namings, .at = now, .n = path.n};
		memcpy(seat->text, path.p, path.n);
	}
	return path;
}

const struct pack *
door_pack(const struct door *d, uint64_t body)
{
	const struct guard_config *c = &d->guard->config;
	return c->pack == NULL ? NULL : c->pack(c->ctx, body);
}

struct slice
door_title(struct door *d, uint64_t body, struct slice office, bool is_english)
{
	const struct pack *pack = door_pack(d, body);
	const struct pack_office *o =
	    pack == NULL ? NULL : pack_office(pack, office);
	return o == NULL ? office : is_english ? o->title.en : o->title.ja;
}

struct slice
door_post(struct door *d, struct visitor *v, uint64_t capacity)
{
	const struct authority_row *row =
	    capacity == 0 ? NULL
			  : snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT,
				v->body, capacity);
	if (row == NULL)
		return SLICE("");
	const struct authority_appointment *a = &row->appointment;
	struct slice path = door_path(d, v->arena, v->body, a->section);
	struct slice title = door_title(
	    d, v->body, authority_text_slice(&a->office), v->is_english);
	return arena_printf(v->arena, "%.*s%s%.*s", SLICE_FMT(path),
	    path.n > 0 ? " " : "", SLICE_FMT(title));
}
