#include "serve/found.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/text.h"
#include "guard/door_authority.h"
#include "guard/door_people.h"
#include "people/people.h"
#include "serve/body.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, APPOINTERS = 1, ACCOUNTANTS = 2 };

bool
found_installation(const char *dir, const char *origin,
    const struct unlock *unlock, enum password_cost cost,
    struct buf *ret_shares, struct err *err)
{
	char keeper[512];
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ERR_ERRNO(err, errno, "%s", dir);
	(void)snprintf(keeper, sizeof(keeper), "%.480s/keeper", dir);
	return keeper_init(keeper, origin, unlock, cost, ret_shares, err);
}

/* ---- what is asked for ---- */

static bool
is_text(struct slice s, size_t max)
{
	return s.n > 0 && s.n <= max && text_is_clean(s, false);
}

static bool
has_node(const struct pack_node *nodes, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_equal(nodes[i].name, name) ||
		    has_node(nodes[i].sections, nodes[i].n_sections, name))
			return true;
	return false;
}

static bool
has_section(const struct pack *pack, const struct new_body *b,
    struct slice name)
{
	for (size_t i = 0; i < b->n_sections; i++)
		if (slice_is_equal(b->sections[i], name))
			return true;
	for (size_t i = 0; i < pack->n_organs && b->has_sections; i++)
		if (has_node(pack->organs[i].sections,
		    pack->organs[i].n_sections, name))
			return true;
	return false;
}

static bool
check_person(const struct pack *pack, const struct new_body *b, size_t at,
    struct err *err)
{
	const struct first_person *p = &b->persons[at];
	const struct pack_office *office = pack_office(pack, p->office);
	if (office == NULL)
		return ERR(err, ERR_INPUT, "the pack has no office \"%.*s\"",
		    SLICE_FMT(p->office));
	if (!is_text(p->logon, PEOPLE_LOGON_MAX_BYTES) ||
	    !is_text(p->name, PEOPLE_NAME_MAX_BYTES) ||
	    !is_text(p->kana, PEOPLE_NAME_MAX_BYTES))
		return ERR(err, ERR_INPUT, "person %zu: log-on name, name and "
		    "kana are all needed, each on one line", at + 1);
	if ((office->scope == PACK_SCOPE_SECTION) != (p->section.n > 0))
		return ERR(err, ERR_INPUT, office->scope == PACK_SCOPE_SECTION
		    ? "the office \"%.*s\" is one of a section: name it"
		    : "the office \"%.*s\" is one of the whole body: name no "
		    "section", SLICE_FMT(p->office));
	if (p->section.n > 0 && !has_section(pack, b, p->section))
		return ERR(err, ERR_INPUT, "person %zu: no section of that "
		    "name is founded", at + 1);
	for (size_t i = 0; i < at; i++)
		if (slice_is_equal(b->persons[i].logon, p->logon))
			return ERR(err, ERR_INPUT, "two persons have the "
			    "log-on name \"%.*s\"", SLICE_FMT(p->logon));
	return true;
}

bool
found_body_check(const struct pack *pack, const struct new_body *b,
    struct err *err)
{
	unsigned appoint = 0, account = 0;
	if (pack->kind != PACK_KIND_BODY)
		return ERR(err, ERR_INPUT, "%.*s is no body's pack",
		    SLICE_FMT(pack->id));
	if ((b->name.n > 0 && !is_text(b->name, PEOPLE_NAME_MAX_BYTES)) ||
	    (b->kana.n > 0 && !is_text(b->kana, PEOPLE_NAME_MAX_BYTES)))
		return ERR(err, ERR_INPUT, "the body's name or kana is too "
		    "long, or more than one line");
	for (size_t i = 0; i < b->n_sections; i++)
		if (!is_text(b->sections[i], PEOPLE_NAME_MAX_BYTES))
			return ERR(err, ERR_INPUT, "section %zu: its name is "
			    "empty or too long", i + 1);
	for (size_t i = 0; i < b->n_persons; i++) {
		if (!check_person(pack, b, i, err))
			return false;
		uint32_t rights = pack_office(pack,
		    b->persons[i].office)->rights;
		appoint += (rights & RIGHT_BIT(RIGHT_APPOINT)) != 0;
		account += (rights & RIGHT_BIT(RIGHT_ACCOUNT)) != 0;
	}
	if (appoint < APPOINTERS || account < ACCOUNTANTS)
		return ERR(err, ERR_INPUT, "two persons are needed who appoint "
		    "and hand out passwords (office registrar), because one "
		    "confirms what the other hands out");
	return true;
}

/* ---- in maintenance ---- */

/* The household for maintenance, with a door. */
struct maintenance {
	struct household h;
	struct founding *f;
};

static void
end(struct maintenance *m)
{
	if (m->f != NULL) {
		door_close(m->f->door);
		arena_close(m->f->arena);
	}
	mem_free(m->f);
	household_close(&m->h);
}

static bool
begin(struct maintenance *m, const struct household_options *o,
    struct err *err)
{
	struct household_options options = *o;
	options.is_maintenance = true;
	options.doors = 1;
	m->f = NULL;
	if (!household_open(&options, &m->h, err))
		return false;
	struct door_config config = {.guard = m->h.guard,
	    .channel = m->h.channels[1]};
	m->h.channels[1] = NULL;
	m->f = mem_alloc(1, sizeof(*m->f));
	if (m->f != NULL)
		m->f->arena = arena_open(ARENA_BYTES);
	bool worked = m->f != NULL && m->f->arena != NULL
	    ? door_open(&config, &m->f->door, err)
	    : ERR(err, ERR_SYSTEM, "no memory");
	if (!worked) {
		end(m);
		return false;
	}
	m->f->h = &m->h;
	m->f->now = clock_now(&m->h.clock);
	m->f->until = INT64_MAX;
	return true;
}

static const struct house_body *
body_named(const struct house *house, struct slice name)
{
	for (size_t i = 0; i < house->n_bodies; i++)
		if (slice_is_equal(house->bodies[i].name, name))
			return &house->bodies[i];
	return NULL;
}

static instant
until_of(instant now)
{
	return date_end(fiscal_year_end(
	    fiscal_year(date_of_instant(now)) + FIRST_YEARS));
}

/* A password for the account, told once. */
static bool
hand_out(struct founding *f, uint64_t account, struct err *err,
    char ret[DOOR_PASSWORD_BYTES])
{
	struct put put;
	door_new_password(ret);
	struct door_credential ask = {.account = account,
	    .password = slice_of(ret), .must_change = true};
	return door_put_credential(f->door, &f->visitor, &ask, &put, err);
}

static bool
put_person(struct founding *f, const struct first_person *p,
    found_told *told, void *ctx, struct err *err)
{
	char password[DOOR_PASSWORD_BYTES];
	struct put put;
	struct people_person person = {.name = p->name, .kana = p->kana,
	    .kind = PEOPLE_STAFF};
	if (!door_put_person(f->door, &f->visitor, &person, err))
		return false;
	struct people_account account = {.person = person.id,
	    .logon = p->logon, .state = PEOPLE_ACTIVE};
	const struct placed *at = p->section.n == 0 ? NULL
	    : founding_placed(f, p->section);
	struct door_appointment appoint = {.person = person.id,
	    .office = p->office, .section = at == NULL ? 0 : at->section,
	    .organ = at == NULL ? f->organ : at->organ, .from = f->now,
	    .until = until_of(f->now)};
	bool worked = door_put_account(f->door, &f->visitor, &account, err) &&
	    door_put_appointment(f->door, &f->visitor, &appoint, &put, err) &&
	    hand_out(f, account.id, err, password);
	if (worked)
		told(ctx, p->office, p->name, p->logon, password);
	mem_wipe(password, sizeof(password));
	return worked;
}

static bool
put_body(struct founding *f, const struct new_body *b, found_told *told,
    void *ctx, struct err *err)
{
	f->pack = household_pack(f->h, b->pack, err);
	if (f->pack == NULL || !found_body_check(f->pack, b, err))
		return false;
	struct slice name = b->name.n > 0 ? b->name : founding_name(f->pack);
	if (body_named(&f->h->house, name) != NULL)
		return ERR(err, ERR_CONFLICT, "there is a body of that name; "
		    "its people go on in the browser");
	bool worked = founding_body(f, name, b->kana.n > 0 ? b->kana
	    : founding_kana(f->pack), err) &&
	    founding_organs(f, b->has_sections, err);
	for (size_t i = 0; i < b->n_sections && worked; i++)
		worked = founding_section(f, b->sections[i], err);
	for (size_t i = 0; i < b->n_persons && worked; i++)
		worked = put_person(f, &b->persons[i], told, ctx, err);
	return worked;
}

bool
found_body(const struct household_options *options, const struct new_body *b,
    found_told *told, void *ctx, struct err *err)
{
	struct maintenance m;
	if (!begin(&m, options, err))
		return false;
	bool worked = put_body(m.f, b, told, ctx, err);
	end(&m);
	return worked;
}

static bool
again(struct founding *f, const struct lost_account *lost, found_told *told,
    void *ctx, struct err *err)
{
	const struct house_body *body = body_named(&f->h->house, lost->body);
	char password[DOOR_PASSWORD_BYTES];
	struct people_account account;
	struct people_person person;
	struct put put;
	if (body == NULL)
		return ERR(err, ERR_NOT_FOUND, "there is no body of that name");
	f->visitor = (struct visitor){.arena = f->arena};
	door_maintain(f->door, body->id, &f->visitor);
	struct store_reader *r = door_reader(f->door);
	if (!people_account_by_logon(r, body->id, lost->logon, f->arena,
	        &account, err) ||
	    !people_person_get(r, body->id, account.person, f->arena, &person,
	        err))
		return false;
	if (account.state == PEOPLE_ENDED)
		return ERR(err, ERR_CONFLICT, "that account has ended");
	struct door_appointment appoint = {.person = person.id,
	    .office = lost->office, .from = f->now,
	    .until = until_of(f->now)};
	if (lost->office.n > 0 && !door_put_appointment(f->door, &f->visitor,
	    &appoint, &put, err))
		return false;
	bool worked = hand_out(f, account.id, err, password);
	if (worked)
		told(ctx, lost->office, person.name, account.logon, password);
	mem_wipe(password, sizeof(password));
	return worked;
}

bool
found_account_again(const struct household_options *options,
    const struct lost_account *lost, found_told *told, void *ctx,
    struct err *err)
{
	struct maintenance m;
	if (!begin(&m, options, err))
		return false;
	bool worked = again(m.f, lost, told, ctx, err);
	end(&m);
	return worked;
}

bool
found_limits(const struct household_options *options, limits_told *told,
    void *ctx, struct err *err)
{
	struct maintenance m;
	bool worked = true;
	if (!begin(&m, options, err))
		return false;
	for (size_t i = 0; i < m.h.house.n_bodies && worked; i++) {
		const struct house_body *body = &m.h.house.bodies[i];
		struct put put;
		m.f->visitor = (struct visitor){.arena = m.f->arena};
		door_maintain(m.f->door, body->id, &m.f->visitor);
		worked = door_put_body(m.f->door, &m.f->visitor, m.f->until,
		    &put, err);
		if (worked)
			told(ctx, body->name);
	}
	end(&m);
	return worked;
}
