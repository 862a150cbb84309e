/*
 * Appointments, transfers, permits, terminals, the body's limits; and the end
 * of any of them.
 */
#include <string.h>

#include "base/must.h"
#include "guard/inside.h"
#include "people/people.h"

/* ---- appointments ---- */

bool
door_rights_of(struct door *d, const struct visitor *v,
    const struct door_appointment *ask, uint32_t *ret, struct err *err)
{
	const struct pack *pack = door_pack(d, v->body);
	const struct pack_office *o =
	    pack == NULL ? NULL : pack_office(pack, ask->office);
	*ret = ask->rights;
	if (pack == NULL)
		return true;
	if (o == NULL)
		return ERR(err, ERR_INPUT, "the pack has no such office");
	if ((ask->rights & ~o->rights) != 0)
		return ERR(
		    err, ERR_INPUT, "the pack gives the office fewer rights");
	if (ask->rights == 0)
		*ret = o->rights;
	return true;
}

bool
door_put_appointment(struct door *d, struct visitor *v,
    const struct door_appointment *ask, struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference},
	    .row = {.head = {.kind = AUTHORITY_APPOINTMENT,
			.id = ask->id != 0 ? ask->id : people_new_id(),
			.from = ask->from,
			.until = ask->until},
		.appointment = {.person = ask->person,
		    .section = ask->section,
		    .organ = ask->organ}}};
	struct authority_appointment *a = &p.row.appointment;
	if (ask->from >= ask->until)
		return ERR(
		    err, ERR_INPUT, "an appointment ends after it begins");
	if (!authority_text_set(&a->office, ask->office))
		return ERR(err, ERR_INPUT, "the office's key is too long");
	return door_rights_of(d, v, ask, &a->rights, err) &&
	       door_put_row(d, v, &p, ret, err);
}

static void
show_appointment(struct door *d, struct visitor *v,
    const struct authority_row *row, struct shown_capacity *to)
{
	const struct authority_appointment *a = &row->appointment;
	struct slice office =
	    arena_copy(v->arena, authority_text_slice(&a->office));
	*to = (struct shown_capacity){.id = row->head.id,
	    .person = a->person,
	    .section = a->section,
	    .organ = a->organ,
	    .office = office,
	    .title = door_title(d, v->body, office, v->is_english),
	    .path = door_path(d, v->arena, v->body, a->section),
	    .rights = a->rights,
	    .version = row->head.version,
	    .from = row->head.from,
	    .until = row->head.until,
	    .person_name = door_name(d, v->arena, v->body, a->person)};
}

bool
door_appointment(struct door *d, struct visitor *v, uint64_t id,
    struct shown_capacity *ret, struct err *err)
{
	door_renew(d);
	const struct authority_row *row =
	    snapshot_row(door_pin(d), AUTHORITY_APPOINTMENT, v->body, id);
	if (row == NULL)
		return ERR(err, ERR_NOT_FOUND, "there is no such appointment");
	show_appointment(d, v, row, ret);
	return true;
}

bool
door_appointments(struct door *d, struct visitor *v, uint64_t person,
    uint64_t after, struct shown_capacity **ret, size_t *ret_n, struct err *err)
{
	const struct authority_row *list[DOOR_PAGE_MAX];
	door_renew(d);
	size_t n = person != 0
		       ? snapshot_appointments_of(door_pin(d), v->body, person,
			     after, list, DOOR_PAGE_MAX)
		       : snapshot_list(door_pin(d), AUTHORITY_APPOINTMENT,
			     v->body, after, list, DOOR_PAGE_MAX);
	struct shown_capacity *out = arena_array(v->arena, n, sizeof(*out));
	for (size_t i = 0; out != NULL && i < n; i++)
		show_appointment(d, v, list[i], &out[i]);
	if (arena_is_failed(v->arena))
		return ERR(err, ERR_LIMIT, "no memory for this request");
	*ret = out;
	*ret_n = n;
	return true;
}

/* ---- ending ---- */

bool
door_end(struct door *d, struct visitor *v, const struct door_end *ask,
    struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference}};
	instant at = ask->at != 0 ? ask->at : door_now(d);
	if (ask->kind == AUTHORITY_BODY || ask->kind == AUTHORITY_HOLDING)
		return ERR(err, ERR_INPUT, "a %s is not ended so",
		    authority_kind_name(ask->kind));
	if (!guard_row(d->guard, ask->kind, v->body, ask->id, &p.row))
		return ERR(err, ERR_NOT_FOUND, "there is no such row");
	if (at >= p.row.head.until)
		return ERR(err, ERR_CONFLICT, "it has ended already");
	/* One that has not begun never will. */
	p.row.head.until = at > p.row.head.from ? at : p.row.head.from;
	return door_put_row(d, v, &p, ret, err);
}

enum { TRANSFER_MAX = 64 };

bool
door_transfer(struct door *d, struct visitor *v,
    const struct door_transfer *ask, struct put *ret, struct err *err)
{
	const struct authority_row *list[TRANSFER_MAX];
	uint64_t ids[TRANSFER_MAX];
	instant from = ask->from != 0 ? ask->from : door_now(d);
	size_t n = 0;
	door_renew(d);
	size_t found = snapshot_appointments_of(
	    door_pin(d), v->body, ask->person, 0, list, TRANSFER_MAX);
	for (size_t i = 0; i < found; i++)
		if (list[i]->head.until > from)
			ids[n++] = list[i]->head.id;
	for (size_t i = 0; i < n; i++) {
		const struct door_end end = {.kind = AUTHORITY_APPOINTMENT,
		    .id = ids[i],
		    .at = from,
		    .reference = ask->to.reference};
		if (!door_end(d, v, &end, ret, err))
			return false;
	}
	if (ask->to.office.n == 0)
		return n > 0 || ERR(err, ERR_NOT_FOUND,
				    "the person holds no appointment");
	struct door_appointment to = ask->to;
	to.id = 0;
	to.person = ask->person;
	to.from = from;
	return door_put_appointment(d, v, &to, ret, err);
}

/* ---- permits, terminals, the body ---- */

bool
door_put_permit(struct door *d, struct visitor *v,
    const struct door_permit *ask, struct put *ret, struct err *err)
{
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference},
	    .row = {.head = {.kind = AUTHORITY_PERMIT,
			.id = people_new_id(),
			.from = ask->from,
			.until = ask->until},
		.permit = {.account = ask->account,
		    .holding = ask->holding,
		    .count = ask->count}}};
	if (ask->count == 0 || ask->from >= ask->until)
		return ERR(err, ERR_INPUT,
		    "a permit is for some records and some time");
	return door_put_row(d, v, &p, ret, err);
}

struct terminal_row {
	uint64_t body;
	struct people_terminal row;
};

static bool
run_terminal(struct store_tx *tx, void *arg, struct err *err)
{
	const struct terminal_row *t = arg;
	return people_put_terminal(tx, t->body, &t->row, err);
}

bool
door_put_terminal(struct door *d, struct visitor *v,
    const struct door_terminal *ask, struct put *ret, struct err *err)
{
	struct terminal_row t = {.body = v->body,
	    .row = {.id = ask->id != 0 ? ask->id : people_new_id(),
		.name = ask->name,
		.section = ask->section}};
	memcpy(t.row.fingerprint, ask->fingerprint, sizeof(t.row.fingerprint));
	struct row_put p = {
	    .ask = {.capacity = v->capacity, .reference = ask->reference},
	    .also = run_terminal,
	    .arg = &t,
	    .row = {.head = {.kind = AUTHORITY_TERMINAL,
			.id = t.row.id,
			.from = ask->from,
			.until = ask->until},
		.terminal = {.section = ask->section}}};
	if (ask->name.n == 0 || ask->section == 0)
		return ERR(
		    err, ERR_INPUT, "a terminal has a name and a section");
	memcpy(p.row.terminal.fingerprint, ask->fingerprint,
	    sizeof(p.row.terminal.fingerprint));
	return door_put_row(d, v, &p, ret, err);
}

/* What the keeper believes of it; the name alone is the plain row's. */
static struct shown_terminal
show_terminal(
    struct door *d, struct visitor *v, const struct people_terminal *t)
{
	const struct authority_row *row =
	    snapshot_row(door_pin(d), AUTHORITY_TERMINAL, v->body, t->id);
	struct shown_terminal to = {.id = t->id, .name = t->name};
	if (row == NULL)
		return to;
	memcpy(to.fingerprint, row->terminal.fingerprint,
	    sizeof(to.fingerprint));
	to.section = row->terminal.section;
	to.path = door_path(d, v->arena, v->body, to.section);
	to.from = row->head.from;
	to.until = row->head.until;
	to.is_in_force = authority_is_in_force(row, door_now(d));
	return to;
}

static bool
list_terminals(struct door *d, struct visitor *v, uint64_t after, size_t max,
    struct shown_terminal **ret, size_t *ret_n, struct err *err)
{
	const struct people_page page = {.reader = d->reader,
	    .arena = v->arena,
	    .body = v->body,
	    .after = after,
	    .max = max};
	struct people_terminal *list;
	door_renew(d);
	if (!people_terminals(&page, &list, ret_n, err))
		return false;
	*ret = arena_array(v->arena, *ret_n, sizeof(**ret));
	for (size_t i = 0; *ret != NULL && i < *ret_n; i++)
		(*ret)[i] = show_terminal(d, v, &list[i]);
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

bool
door_terminals(struct door *d, struct visitor *v, uint64_t after,
    struct shown_terminal **ret, size_t *ret_n, struct err *err)
{
	return list_terminals(d, v, after, DOOR_PAGE_MAX, ret, ret_n, err);
}

bool
door_terminal(struct door *d, struct visitor *v, uint64_t id,
    struct shown_terminal *ret, struct err *err)
{
	struct shown_terminal *one;
	size_t n = 0;
	if (id != 0 && !list_terminals(d, v, id - 1, 1, &one, &n, err))
		return false;
	if (n == 0 || one->id != id)
		return ERR(err, ERR_NOT_FOUND, "there is no such terminal");
	*ret = *one;
	return true;
}

/* How many offices of the pack may give permits. */
static unsigned
permitters(const struct pack *pack)
{
	unsigned n = 0;
	for (size_t i = 0; i < pack->n_offices; i++)
		n += (pack->offices[i].rights &
			 PACK_RIGHT_BIT(PACK_RIGHT_PERMIT)) != 0;
	return n;
}

bool
door_put_body(struct door *d, struct visitor *v, instant until, struct put *ret,
    struct err *err)
{
	const struct pack *pack = door_pack(d, v->body);
	uint64_t mode = 0, review = 0, appointers = 1, reuse = 0;
	struct {
		const char *id;
		uint64_t value;
	} limits[] = {{"bulk.records", 0}, {"bulk.window.minutes", 0},
	    {"session.idle.minutes", 0}, {"session.idle.high.minutes", 0},
	    {"session.max.hours", 0}, {"logon.failures", 0},
	    {"logon.delay.minutes", 0}, {"password.min", 0},
	    {"password.max.days", 0}};
	if (pack == NULL)
		return ERR(err, ERR_INPUT, "the body's pack is not open");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (!pack_parameter(
			pack, slice_of(limits[i].id), &limits[i].value))
			return ERR(err, ERR_INPUT,
			    "the pack lacks the parameter %s", limits[i].id);
	(void)!pack_parameter(pack, SLICE("bulk.mode"), &mode);
	(void)!pack_parameter(pack, SLICE("appoint.persons"), &appointers);
	(void)!pack_parameter(pack, SLICE("password.reuse"), &reuse);
	/* An emergency may last until the day when it is reviewed. */
	(void)!pack_parameter(pack, SLICE("emergency.review.days"), &review);
	struct row_put p = {
	    .row = {.head = {.kind = AUTHORITY_BODY,
			.id = v->body,
			.from = 0,
			.until = until},
		.body = {.bulk_records = (uint32_t)limits[0].value,
		    .bulk_window_min = (uint32_t)limits[1].value,
		    .bulk_stop = mode == 1,
		    .permits_needed = permitters(pack) > 1 ? 2 : 1,
		    .idle_min = (uint32_t)limits[2].value,
		    .idle_high_min = (uint32_t)limits[3].value,
		    .session_max_hours = (uint32_t)limits[4].value,
		    .logon_failures = (uint32_t)limits[5].value,
		    .logon_delay_min = (uint32_t)limits[6].value,
		    .emergency_hours =
			(uint32_t)(review < 31 ? review * 24 : 31 * 24),
		    .password_min = (uint8_t)limits[7].value,
		    .appointers_needed = (uint8_t)appointers,
		    .password_max_days = (uint16_t)limits[8].value,
		    .password_reuse = (uint8_t)reuse}}};
	return door_put_row(d, v, &p, ret, err);
}
