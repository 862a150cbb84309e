/*
 * The demonstration: for each pack a body with its organisation, people in
 * its offices, holdings, grants and invented residents. In two acts, as in
 * life: the founding in maintenance, then what its people do in sessions.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "crypto/totp.h"
#include "guard/door_authority.h"
#include "guard/door_document.h"
#include "guard/door_people.h"
#include "people/people.h"
#include "serve/body.h"
#include "serve/demo_document.h"
#include "serve/found.h"
#include "vault/invent.h"

#define DEMO_PASSWORD "fumikura-demo-2026"
#define DEMO_CODE_SECRET "fumikura-demo-code--" /* 20 bytes */
#define DEMO_CODE_BASE32 "MZ2W22LLOVZGCLLEMVWW6LLDN5SGKLJN"

static const char *const packs[] = {"nagaokakyo", "nakadomari", "koriyama",
    "sapporo", "okinawa"};

enum { PACKS = sizeof(packs) / sizeof(packs[0]) };

/* Who is in the demonstration: an invented name for each part. */
struct part {
	const char *logon;
	const char *name;
	const char *kana;
	const char *offices[4]; /* the first that the pack has */
	enum { AT_OWNER, AT_OTHER, AT_BODY, AT_ORGAN, AT_OUTSIDE } where;
};

static const struct part parts[] = {
    {"clerk", "田中 翔太", "タナカ ショウタ", {"staff", "worker"}, AT_OWNER},
    {"manager", "山本 恵子", "ヤマモト ケイコ", {"manager"}, AT_OWNER},
    {"handler", "鈴木 直子", "スズキ ナオコ", {"handler", "worker"}, AT_OWNER},
    {"other", "大野 拓也", "オオノ タクヤ", {"staff", "worker"}, AT_OTHER},
    {"manager2", "小川 誠", "オガワ マコト", {"manager"}, AT_OTHER},
    {"chief", "佐藤 誠一", "サトウ セイイチ", {"chief"}, AT_BODY},
    {"head", "高橋 和夫", "タカハシ カズオ", {"head"}, AT_BODY},
    {"auditor", "黒田 修", "クロダ オサム", {"auditor", "head"}, AT_BODY},
    {"registrar", "原 美咲", "ハラ ミサキ", {"registrar"}, AT_BODY},
    {"registrar2", "木村 蓮", "キムラ レン", {"registrar"}, AT_BODY},
    {"operator", "中村 亮", "ナカムラ リョウ", {"operator"}, AT_BODY},
    {"operator2", "林 千尋", "ハヤシ チヒロ", {"operator"}, AT_BODY},
    {"security", "藤井 京", "フジイ ケイ", {"security_officer"}, AT_BODY},
    {"system", "石田 学", "イシダ マナブ", {"system_admin"}, AT_BODY},
    {"organ", "中島 文子", "ナカジマ フミコ", {"organ_head"}, AT_ORGAN},
    {"assembly", "岩田 進", "イワタ ススム", {"manager"}, AT_OUTSIDE},
};

enum { HANDLER = 2, PARTS = sizeof(parts) / sizeof(parts[0]) };

/* One body while it is made. */
struct scene {
	struct founding f;
	const struct placed *owner, *other;
	const struct placed *organ;   /* of an organ beside the owner's */
	const struct placed *outside; /* of one that the Act does not count */
	uint64_t persons[PARTS];
	uint64_t accounts[PARTS];
	const char *offices[PARTS];
	uint64_t residents;
};

/* ---- first act: maintenance ---- */

static const struct pack_holding *
pack_holding_named(const struct pack *p, const char *id)
{
	for (size_t i = 0; i < p->n_holdings; i++)
		if (slice_is(p->holdings[i].id, id))
			return &p->holdings[i];
	return NULL;
}

/* The owner of the residents' register, and a section that is not. */
static bool
find_sections(struct scene *s, struct err *err)
{
	const struct pack_holding *residents =
	    pack_holding_named(s->f.pack, "residents");
	if (residents == NULL)
		return ERR(err, ERR_INPUT, "the pack has no residents");
	s->owner = founding_placed(&s->f, residents->section.id);
	for (size_t i = 0; i < s->f.pack->n_holdings; i++) {
		const struct placed *p = founding_placed(&s->f,
		    s->f.pack->holdings[i].section.id);
		if (p != NULL && p != s->owner && s->other == NULL)
			s->other = p;
	}
	for (size_t i = s->f.n_sections; i-- > 0;) {
		const struct placed *p = &s->f.sections[i];
		if (p->is_outside)
			s->outside = p;
		else if (s->owner != NULL && p->organ != s->owner->organ)
			s->organ = p;
	}
	return s->owner != NULL && s->other != NULL ? true
	    : ERR(err, ERR_INPUT, "the pack's sections");
}

static const char *
office_of(const struct scene *s, const struct part *p)
{
	for (size_t i = 0; i < 4 && p->offices[i] != NULL; i++)
		if (pack_office(s->f.pack, slice_of(p->offices[i])) != NULL)
			return p->offices[i];
	return NULL;
}

static bool
put_part(struct scene *s, struct visitor *v, size_t i, struct err *err)
{
	const struct part *p = &parts[i];
	const char *office = office_of(s, p);
	struct people_person person = {.name = slice_of(p->name),
	    .kana = slice_of(p->kana), .kind = PEOPLE_STAFF};
	struct people_account account = {.logon = slice_of(p->logon),
	    .state = PEOPLE_ACTIVE};
	struct door_appointment appoint = {.from = s->f.now,
	    .until = s->f.until};
	struct put put;
	const struct placed *at = p->where == AT_OWNER ? s->owner
	    : p->where == AT_OTHER ? s->other
	    : p->where == AT_ORGAN ? s->organ
	    : p->where == AT_OUTSIDE ? s->outside : NULL;
	if (office == NULL || (at == NULL && p->where != AT_BODY))
		return true;
	s->offices[i] = office;
	if (!door_put_person(s->f.door, v, &person, err))
		return false;
	account.person = appoint.person = s->persons[i] = person.id;
	appoint.office = slice_of(office);
	appoint.section = at == NULL || p->where == AT_ORGAN ? 0 : at->section;
	appoint.organ = at == NULL ? s->owner->organ : at->organ;
	if (!door_put_account(s->f.door, v, &account, err))
		return false;
	s->accounts[i] = account.id;
	struct door_credential credential = {.account = account.id,
	    .password = SLICE(DEMO_PASSWORD), .until = s->f.until};
	return door_put_appointment(s->f.door, v, &appoint, &put, err) &&
	    door_put_credential(s->f.door, v, &credential, &put, err);
}

static bool
make_body(struct scene *s, struct err *err)
{
	const struct pack *p = s->f.pack;
	if (!founding_body(&s->f, founding_name(p), founding_kana(p), err) ||
	    !founding_organs(&s->f, true, err) || !find_sections(s, err))
		return false;
	for (size_t i = 0; i < PARTS; i++)
		if (!put_part(s, &s->f.visitor, i, err))
			return false;
	return true;
}

/* ---- second act: sessions ---- */

/* With the code of a moment, for whoever has one set up. */
static bool
log_on_with(struct scene *s, const char *logon, const char *code,
    struct visitor *v, struct err *err)
{
	uint8_t source[DOOR_SOURCE_BYTES] = {0};
	struct door_logon ask = {.body = s->f.body, .logon = slice_of(logon),
	    .password = SLICE(DEMO_PASSWORD), .code = slice_of(code),
	    .source = slice_bytes(source, sizeof(source))};
	*v = (struct visitor){.arena = s->f.arena};
	return door_logon(s->f.door, &ask, v, err) ||
	    err_wrap(err, "log-on of %s", logon);
}

static bool
log_on(struct scene *s, const char *logon, struct visitor *v, struct err *err)
{
	return log_on_with(s, logon, "", v, err);
}

static bool
needs_code(const struct scene *s, const struct pack_holding *p)
{
	const struct pack_sensitivity *rank =
	    pack_sensitivity(s->f.pack, p->sensitivity.id);
	return p->is_my_number || (rank != NULL && rank->needs_second_factor);
}

static bool
make_holding(struct scene *s, struct visitor *v, const struct pack_holding *p,
    uint64_t *ret, struct err *err)
{
	struct door_item *items = arena_array(s->f.arena, p->n_items,
	    sizeof(*items));
	struct slice *purposes = arena_array(s->f.arena, p->n_purposes + 1,
	    sizeof(*purposes));
	if (items == NULL || purposes == NULL)
		return ERR(err, ERR_LIMIT, "no room");
	for (size_t i = 0; i < p->n_items; i++)
		items[i] = (struct door_item){.number = (unsigned)i,
		    .id = p->items[i].id, .name = p->items[i].name,
		    .type = p->items[i].type, .search = p->items[i].search,
		    .is_special_care = p->items[i].is_special_care,
		    .n_choices = p->items[i].n_choices,
		    .choices = p->items[i].choices};
	for (size_t i = 0; i < p->n_purposes; i++)
		purposes[i] = p->purposes[i].id;
	struct door_holding h = {.section = v->section, .organ = v->organ,
	    .name = p->name, .basis = p->basis,
	    .sensitivity = p->sensitivity.id,
	    .is_my_number = p->is_my_number,
	    .needs_second_factor = needs_code(s, p),
	    .retention_years = (uint32_t)p->retention_years,
	    .place = SLICE("庁内サーバー（文庫）"),
	    .n_purposes = p->n_purposes, .purposes = purposes,
	    .n_items = p->n_items, .items = items};
	for (size_t i = 0; i < p->n_items; i++)
		h.has_files |= p->items[i].type == PACK_ITEM_FILE;
	if (!door_put_holding(s->f.door, v, &h, err))
		return err_wrap(err, "%.*s", SLICE_FMT(p->name));
	*ret = h.id;
	return true;
}

static bool
grant_to(struct scene *s, struct visitor *v, uint64_t holding,
    const char *office, uint32_t acts, struct err *err)
{
	struct put put;
	struct door_grant ask = {.office = slice_of(office),
	    .section = v->section, .holding = holding, .acts = acts,
	    .items = ITEMS_ALL, .from = s->f.now,
	    .until = s->f.now + 300 * DAY_US,
	    .reference = SLICE("R8-0001")};
	return door_put_grant(s->f.door, v, &ask, &put, err);
}

static bool
fill(struct scene *s, struct visitor *v, const struct pack_holding *p,
    uint64_t id, struct err *err)
{
	struct slice purpose = p->n_purposes > 0 ? p->purposes[0].id
	    : SLICE("");
	struct arena *a SCOPED(arena_close_scoped) =
	    arena_open((size_t)256 * 1024 * 1024);
	struct buf csv = buf_of((size_t)256 * 1024 * 1024);
	struct invent invent = {.seed = s->f.body, .municipality =
	    s->f.pack->municipality.name, .today = date_of_instant(s->f.now)};
	struct item items[HOLDING_ITEMS_MAX];
	struct holding h = {.body = s->f.body, .id = id, .name = p->name,
	    .is_my_number = p->is_my_number, .items = items,
	    .n_items = p->n_items};
	struct decision refusal;
	struct imported done = {0};
	for (size_t i = 0; i < p->n_items; i++)
		items[i] = (struct item){.id = p->items[i].id,
		    .name = p->items[i].name, .type = p->items[i].type,
		    .search = p->items[i].search,
		    .choices = p->items[i].choices,
		    .n_choices = p->items[i].n_choices};
	if (a == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	struct visitor own = *v;
	own.arena = a;
	bool worked = invent_csv(&invent, &h, 0, s->residents, TEXT_UTF8, &csv,
	    err);
	struct door_import ask = {.intent = {.holding = id,
	    .purpose = purpose, .reference = SLICE("R8-0002")},
	    .csv = slice_bytes(csv.p, csv.n)};
	worked = worked && door_import(s->f.door, &own, &ask, &done, &refusal,
	    err) && demo_attach(s->f.door, &own, &h, &invent,
	    s->residents, &ask.intent, err);
	if (!worked && done.n_problems > 0)
		(void)ERR(err, ERR_INPUT, "%.*s: row %u column %u: %s",
		    SLICE_FMT(p->name), done.problems[0].row,
		    done.problems[0].column, done.problems[0].fault);
	buf_close(&csv);
	return worked;
}

/* 住民基本台帳 to another organ's section, which needs it by law: 提供. */
static bool
provide(struct scene *s, struct visitor *v, uint64_t holding,
    const char *office, struct err *err)
{
	struct put put;
	struct door_grant ask = {.office = slice_of(office),
	    .section = s->organ->section, .holding = holding,
	    .acts = ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_VIEW),
	    .items = ITEMS_ALL, .from = s->f.now,
	    .until = s->f.now + 300 * DAY_US, .ground = SLICE("law"),
	    .reference = SLICE("R8-0003")};
	return door_put_grant(s->f.door, v, &ask, &put, err);
}

/* Whose manager logs on in the demonstration: the two sections it shows. */
static bool
live_section(struct scene *s, const char *logon, const struct placed *at,
    const char *staff, FILE *to, struct err *err)
{
	struct visitor v;
	uint32_t acts = ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST) |
	    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_CREATE) | ACT_BIT(ACT_CORRECT);
	if (!log_on(s, logon, &v, err))
		return false;
	for (size_t i = 0; i < s->f.pack->n_holdings; i++) {
		const struct pack_holding *p = &s->f.pack->holdings[i];
		uint64_t id = 0;
		if (!slice_is_equal(p->section.id, at->name))
			continue;
		if (!make_holding(s, &v, p, &id, err))
			return false;
		if (p->is_my_number) {
			if (!grant_to(s, &v, id, s->offices[2] != NULL
			    ? s->offices[2] : staff, acts, err))
				return false;
			continue; /* by its handler, with a code */
		}
		if (!grant_to(s, &v, id, staff, acts | ACT_BIT(ACT_PRINT),
		    err) ||
		    !grant_to(s, &v, id, "manager", acts |
		        ACT_BIT(ACT_PRINT) | ACT_BIT(ACT_COPY) |
		        ACT_BIT(ACT_ERASE) | ACT_BIT(ACT_SECRET), err))
			return false;
		if (s->organ != NULL && slice_is(p->id, "residents") &&
		    !provide(s, &v, id, staff, err))
			return false;
		if (needs_code(s, p))
			continue; /* filled only with a second factor */
		if (!fill(s, &v, p, id, err))
			return false;
		if (to != NULL)
			fprintf(to, "  %.*s: %llu persons\n",
			    SLICE_FMT(p->name),
			    (unsigned long long)s->residents);
	}
	return door_logoff(s->f.door, &v, err);
}

/*
 * The handler sets up one-time codes, and logs on with one. A code is taken
 * once, so the log-on has the next one: one step of drift is allowed.
 */
static bool
set_up_codes(struct scene *s, struct visitor *v, struct err *err)
{
	const uint8_t *secret = (const uint8_t *)DEMO_CODE_SECRET;
	const char *logon = parts[HANDLER].logon;
	char code[TOTP_DIGITS + 1];
	struct put put;
	struct door_credential ask = {.account = s->accounts[HANDLER],
	    .old_password = SLICE(DEMO_PASSWORD), .until = s->f.until,
	    .code_secret = SLICE(DEMO_CODE_SECRET)};
	if (!log_on(s, logon, v, err))
		return false;
	totp_code(secret, clock_now(&s->f.h->clock), code);
	ask.code = slice_of(code);
	if (!door_put_credential(s->f.door, v, &ask, &put, err) ||
	    !door_logoff(s->f.door, v, err))
		return false;
	totp_code(secret, clock_now(&s->f.h->clock) + 30 * SECOND_US, code);
	return log_on_with(s, logon, code, v, err);
}

/* 個人番号: filled by its designated handler, with a one-time code. */
static bool
live_handler(struct scene *s, FILE *to, struct err *err)
{
	const struct pack_holding *p = pack_holding_named(s->f.pack,
	    "my_number");
	struct door_holding *h;
	struct visitor v;
	uint64_t after = 0;
	size_t n;
	if (p == NULL || s->offices[HANDLER] == NULL ||
	    !slice_is_equal(p->section.id, s->owner->name))
		return true;
	if (!set_up_codes(s, &v, err) ||
	    !door_holdings(s->f.door, &v, after, &h, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (h[i].is_my_number && (h[i].acts & ACT_BIT(ACT_CREATE)) &&
		    !fill(s, &v, p, h[i].id, err))
			return false;
	fprintf(to, "  %.*s: %llu persons\n", SLICE_FMT(p->name),
	    (unsigned long long)s->residents);
	return door_logoff(s->f.door, &v, err);
}

/* ---- the whole play ---- */

static bool
write_key_file(const char *path, struct err *err)
{
	uint8_t key[32];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_ERRNO(err, errno, "%s", path);
	random_fill(key, sizeof(key));
	bool worked = write(fd, key, sizeof(key)) == (ssize_t)sizeof(key) &&
	    fsync(fd) == 0;
	mem_wipe(key, sizeof(key));
	(void)close(fd);
	return worked || ERR(err, ERR_FULL, "%s: not written", path);
}

static bool
open_scene(struct scene *s, const char *pack, struct err *err)
{
	s->f.arena = arena_open((size_t)64 * 1024 * 1024);
	if (s->f.arena == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	s->f.pack = household_pack(s->f.h, slice_of(pack), err);
	return s->f.pack != NULL;
}

static bool
first_act(const struct household_options *o, struct scene *scenes, FILE *to,
    struct err *err)
{
	struct household h;
	struct door *door = NULL;
	struct household_options options = *o;
	options.is_maintenance = true;
	(void)fflush(to); /* the keeper is forked: nothing is said twice */
	if (!household_open(&options, &h, err))
		return false;
	struct door_config config = {.guard = h.guard,
	    .channel = h.channels[1]};
	h.channels[1] = NULL;
	bool worked = door_open(&config, &door, err);
	for (size_t i = 0; i < PACKS && worked; i++) {
		struct scene *s = &scenes[i];
		s->f.h = &h;
		s->f.door = door;
		s->f.now = clock_now(&h.clock);
		s->f.until = s->f.now + 400 * DAY_US;
		worked = open_scene(s, packs[i], err) && make_body(s, err);
		if (worked)
			fprintf(to, "%.*s\n", SLICE_FMT(s->f.pack->title.ja));
		else
			(void)err_wrap(err, "%s", packs[i]);
	}
	door_close(door);
	household_close(&h);
	return worked;
}

static bool
second_act(const struct household_options *o, struct scene *scenes, FILE *to,
    struct err *err)
{
	struct household h;
	struct door *door = NULL;
	(void)fflush(to);
	if (!household_open(o, &h, err))
		return false;
	struct door_config config = {.guard = h.guard,
	    .channel = h.channels[1]};
	h.channels[1] = NULL;
	bool worked = door_open(&config, &door, err);
	for (size_t i = 0; i < PACKS && worked; i++) {
		struct scene *s = &scenes[i];
		s->f.h = &h;
		s->f.door = door;
		s->f.now = clock_now(&h.clock);
		s->f.pack = household_pack(&h, slice_of(packs[i]), err);
		worked = s->f.pack != NULL;
		fprintf(to, "%s\n", packs[i]);
		worked = worked && live_section(s, "manager", s->owner,
		    s->offices[0], to, err) &&
		    live_section(s, "manager2", s->other, s->offices[0], to,
		        err) && live_handler(s, to, err) &&
		    (s->outside == NULL || live_section(s, "assembly",
		        s->outside, s->offices[0], to, err));
		if (!worked)
			(void)err_wrap(err, "%s", packs[i]);
	}
	door_close(door);
	household_close(&h);
	return worked;
}

/* A first hour that needs no cheap hashes later: cost as in real life. */
bool
found_demo(const struct demo_options *o, FILE *to, struct err *err)
{
	char key[512];
	struct scene *scenes = mem_alloc(PACKS, sizeof(*scenes));
	if (scenes == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	(void)snprintf(key, sizeof(key), "%s/demo.key", o->dir);
	struct unlock unlock = {.way = UNLOCK_KEY_FILE, .key_file = key};
	struct household_options options = {.dir = o->dir, .packs = o->packs,
	    .store = o->store, .unlock = unlock, .doors = 1,
	    .cost = PASSWORD_COST_ORDINARY,
	    .has_no_sandbox = o->has_no_sandbox};
	bool worked = mkdir(o->dir, 0700) == 0 || errno == EEXIST
	    ? write_key_file(key, err) : ERR_ERRNO(err, errno, "%s", o->dir);
	for (size_t i = 0; i < PACKS; i++)
		scenes[i].residents = o->residents;
	worked = worked && found_installation(o->dir, "fumikura.example/demo",
	    &unlock, PASSWORD_COST_ORDINARY, NULL, err) &&
	    first_act(&options, scenes, to, err) &&
	    second_act(&options, scenes, to, err);
	for (size_t i = 0; i < PACKS; i++)
		arena_close(scenes[i].f.arena);
	mem_free(scenes);
	if (worked)
		found_demo_accounts(to);
	return worked;
}

void
found_demo_accounts(FILE *to)
{
	fprintf(to, "\nAccounts of each body (password " DEMO_PASSWORD "):\n");
	for (size_t i = 0; i < PARTS; i++)
		fprintf(to, "  %-10s %s%s\n", parts[i].logon, parts[i].name,
		    i == HANDLER ? " (one-time codes: key " DEMO_CODE_BASE32
		        ")" : "");
}
