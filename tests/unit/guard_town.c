#include "guard_town.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/totp.h"
#include "guard/door_access.h"
#include "guard/door_authority.h"
#include "guard/door_matter.h"
#include "guard/door_people.h"
#include "people/people.h"

extern const struct store_module people_sql, vault_sql, guard_sql;

/* The last is a test's own. */
static const struct store_module *modules[4] = {
    &people_sql, &vault_sql, &guard_sql};

static const struct {
	const char *name, *logon, *office;
	unsigned section; /* of town's; 0: the whole body */
} people[TOWN_PERSONS] = {
    [TOWN_REGISTRAR] = {"人事 太郎", "registrar", "registrar", 0},
    [TOWN_CHIEF] = {"総括 次郎", "chief", "chief", 0},
    [TOWN_MANAGER] = {"山本 恵子", "manager", "manager", 1},
    [TOWN_MANAGER_2] = {"税務 一郎", "manager2", "manager", 2},
    [TOWN_CLERK] = {"比嘉 窓子", "clerk", "staff", 1},
    [TOWN_CLERK_2] = {"金城 税子", "clerk2", "staff", 2},
    [TOWN_HANDLER] = {"番号 扱子", "handler", "handler", 1},
    [TOWN_AUDITOR] = {"監査 三郎", "auditor", "auditor", 0},
    [TOWN_OPERATOR] = {"運用 四郎", "operator", "operator", 0},
};

static const char password[] = "a long enough password";

static void
stop_if(bool worked, const char *what, const struct err *err)
{
	if (worked)
		return;
	fprintf(stderr, "%s: %s (%s:%d)\n", what, err->text,
	    err->file == NULL ? "" : err->file, err->line);
	abort();
}

static const struct pack *
pack_of(void *ctx, uint64_t body)
{
	struct town *t = ctx;
	return t->body == 0 || body == t->body ? t->pack : NULL;
}

instant
town_now(struct town *t)
{
	return clock_now(&t->clock);
}

void
town_wait(struct town *t, instant us)
{
	struct err err;
	struct none_answer none;
	clock_set(&t->clock, town_now(t) + us);
	struct clock_ask ask = {.at = town_now(t)};
	stop_if(
	    channel_call_now(t->spare, MESSAGE_CLOCK, &ask, &none, NULL, &err),
	    "clock", &err);
}

bool
town_start(struct town *t, bool is_maintenance, struct err *err)
{
	struct guard_config config = {
	    .clock = &t->clock, .pack = pack_of, .ctx = t, .node = 1};
	struct door_config door = {0};
	t->options.is_maintenance = is_maintenance;
	t->options.script = town_now(t);
	stop_if(keeper_launch(&t->options, &t->process, err), "launch", err);
	stop_if(store_open(t->spec, &t->set, &t->store, err), "store", err);
	config.store = t->store;
	t->spare = channel_open(t->process.fds[0], err);
	t->process.fds[0] = -1;
	stop_if(t->spare != NULL, "channel", err);
	if (!guard_open(&config, t->spare, &t->guard, &t->forged, err))
		return false;
	door.guard = t->guard;
	door.channel = channel_open(t->process.fds[1], err);
	t->process.fds[1] = -1;
	stop_if(door.channel != NULL && door_open(&door, &t->door, err), "door",
	    err);
	return true;
}

void
town_stop(struct town *t)
{
	door_close(t->door);
	t->door = NULL;
	guard_close(t->guard);
	t->guard = NULL;
	channel_close(t->spare);
	t->spare = NULL;
	store_close(t->store);
	t->store = NULL;
	keeper_stop(&t->process);
}

/* ---- people ---- */

static void
put_sections(struct town *t, struct visitor *v)
{
	struct err err;
	struct people_organ organ = {
	    .name = SLICE("市長"), .head_title = SLICE("市長")};
	struct people_section top = {
	    .name = SLICE("市民部"), .unit = SLICE("division")};
	stop_if(door_put_organ(t->door, v, &organ, &err), "organ", &err);
	t->organ = top.organ = organ.id;
	stop_if(door_put_section(t->door, v, &top, &err), "section", &err);
	t->sections[0] = top.id;
	for (size_t i = 1; i < 3; i++) {
		struct people_section s = {.organ = organ.id,
		    .parent = top.id,
		    .unit = SLICE("section"),
		    .counts = true,
		    .name = i == 1 ? SLICE("市民課") : SLICE("税務課")};
		stop_if(
		    door_put_section(t->door, v, &s, &err), "section", &err);
		t->sections[i] = s.id;
	}
}

static void
put_person(struct town *t, struct visitor *v, unsigned i)
{
	struct err err;
	struct put put;
	struct people_person p = {
	    .name = slice_of(people[i].name), .kana = SLICE("カナ")};
	stop_if(door_put_person(t->door, v, &p, &err), "person", &err);
	struct people_account a = {.person = p.id,
	    .logon = slice_of(people[i].logon),
	    .state = PEOPLE_ACTIVE};
	stop_if(door_put_account(t->door, v, &a, &err), "account", &err);
	const struct door_appointment ap = {.person = p.id,
	    .office = slice_of(people[i].office),
	    .organ = t->organ,
	    .section =
		people[i].section == 0 ? 0 : t->sections[people[i].section],
	    .from = town_now(t) - DAY_US,
	    .until = INT64_MAX};
	stop_if(door_put_appointment(t->door, v, &ap, &put, &err),
	    "appointment", &err);
	const struct door_credential c = {
	    .account = a.id, .password = slice_of(password)};
	stop_if(door_put_credential(t->door, v, &c, &put, &err), "credential",
	    &err);
	t->persons[i] = p.id;
	t->accounts[i] = a.id;
}

static void
found(struct town *t)
{
	struct err err;
	struct put put;
	struct visitor v = {.arena = t->arena};
	struct people_body body = {.pack = t->pack->id,
	    .name = t->pack->municipality.name,
	    .code = t->pack->municipality.code};
	door_maintain(t->door, 0, &v);
	stop_if(door_put_people_body(t->door, &v, &body, &err), "body", &err);
	t->body = body.id;
	door_maintain(t->door, t->body, &v);
	stop_if(
	    door_put_body(t->door, &v, INT64_MAX, &put, &err), "body", &err);
	put_sections(t, &v);
	for (unsigned i = 0; i < TOWN_PERSONS; i++)
		put_person(t, &v, i);
}

/* tools/pg-for-tests.sh, in the tree that is tested. */
static void
run_server(const struct town *t, const char *verb)
{
	char line[512];
	const char *root = getenv("SOURCE_ROOT");
	(void)snprintf(line, sizeof(line),
	    "sh %s/tools/pg-for-tests.sh %s %s >/dev/null",
	    root != NULL ? root : ".", verb, t->server);
	must(system(line) == 0);
}

static void
choose_store(struct town *t, enum store_engine engine)
{
	if (engine == STORE_SQLITE) {
		(void)snprintf(
		    t->spec, sizeof(t->spec), "sqlite:%s/town.db", t->dir);
		return;
	}
	(void)snprintf(t->server, sizeof(t->server), "%s.pg", t->dir);
	run_server(t, "start");
	(void)snprintf(t->spec, sizeof(t->spec),
	    "postgresql://postgres@/postgres?host=%s", t->server);
}

struct town *
town_open(enum store_engine engine)
{
	return town_open_with(engine, NULL);
}

struct town *
town_open_with(enum store_engine engine, const struct store_module *more)
{
	struct err err = ERR_INIT;
	struct town *t = mem_alloc(1, sizeof(*t));
	const char *root = getenv("SOURCE_ROOT");
	const char *tmp = getenv("TMPDIR");
	char pack[256];
	must(t != NULL);
	(void)snprintf(t->dir, sizeof(t->dir), "%s/guard-town-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(t->dir) != NULL);
	(void)snprintf(
	    t->keeper_dir, sizeof(t->keeper_dir), "%s/keeper", t->dir);
	(void)snprintf(t->key_file, sizeof(t->key_file), "%s/key", t->dir);
	choose_store(t, engine);
	(void)snprintf(
	    pack, sizeof(pack), "%s/packs/okinawa", root != NULL ? root : ".");
	int fd = open(t->key_file, O_WRONLY | O_CREAT, 0600);
	must(
	    fd >= 0 && write(fd, "0123456789abcdef0123456789abcdef", 32) == 32);
	(void)close(fd);
	t->arena = arena_open(64 * 1024 * 1024);
	struct pack_faults *faults = pack_faults_open();
	stop_if(pack_open(pack, &t->pack, faults, &err), "pack", &err);
	pack_faults_close(faults);
	clock_init_script(&t->clock, INT64_C(1790902800) * SECOND_US);
	modules[3] = more;
	t->set = (struct store_set){.modules = modules,
	    .module_count = more == NULL ? 3 : 4,
	    .migrations = store_migrations,
	    .migration_count = store_migration_count};
	t->options = (struct keeper_options){.dir = t->keeper_dir,
	    .unlock = {.way = UNLOCK_KEY_FILE, .key_file = t->key_file},
	    .channels = 3,
	    .has_no_sandbox = getenv("RIG_NO_SANDBOX") != NULL,
	    .cost = PASSWORD_COST_TEST};
	stop_if(keeper_init(t->keeper_dir, "test.example/log/scripted",
		    &t->options.unlock, PASSWORD_COST_TEST, NULL, &err),
	    "init", &err);
	stop_if(store_migrate(t->spec, &t->set, town_now(t), NULL, &err),
	    "migrate", &err);
	stop_if(town_start(t, true, &err), "start", &err);
	found(t);
	town_stop(t);
	stop_if(town_start(t, false, &err), "start again", &err);
	return t;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
town_close(struct town *t)
{
	town_stop(t);
	pack_close(t->pack);
	arena_close(t->arena);
	(void)nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (t->server[0] != '\0')
		run_server(t, "stop");
	mem_free(t);
}

/* ---- what tests do ---- */

uint64_t
town_entries(struct town *t)
{
	struct err err;
	struct visitor v = {.arena = t->arena};
	struct shown_ledger s;
	stop_if(door_ledger_state(t->door, &v, &s, &err), "ledger", &err);
	return s.entries;
}

void
town_follow(struct town *t)
{
	struct err err;
	bool has_more = true;
	while (has_more)
		stop_if(door_follow(t->door, NULL, &has_more, &err), "follow",
		    &err);
}

struct visitor
town_visit(struct town *t, enum town_person who)
{
	struct err err;
	static const uint8_t source[DOOR_SOURCE_BYTES] = {1};
	struct visitor v = {.arena = t->arena};
	const struct door_logon ask = {.body = t->body,
	    .logon = slice_of(people[who].logon),
	    .password = slice_of(password),
	    .source = slice_bytes(source, sizeof(source))};
	stop_if(door_logon(t->door, &ask, &v, &err), people[who].logon, &err);
	return v;
}

struct visitor
town_visit_with_code(struct town *t, enum town_person who)
{
	static const uint8_t secret[TOTP_SECRET_BYTES] = "guard town's secret";
	char code[TOTP_DIGITS + 1];
	struct visitor v = town_visit(t, who);
	struct put put;
	struct err err;
	totp_code(secret, town_now(t), code);
	if (!v.has_code) {
		const struct door_credential ask = {.account = v.account,
		    .old_password = SLICE("a long enough password"),
		    .code_secret = slice_bytes(secret, sizeof(secret)),
		    .code = slice_of(code)};
		stop_if(door_put_credential(t->door, &v, &ask, &put, &err),
		    "code", &err);
	}
	must(v.level == 1);
	town_wait(t, 31 * SECOND_US);
	totp_code(secret, town_now(t), code);
	stop_if(door_step_up(t->door, &v, slice_of(code), &err), "step up",
	    &err);
	must(v.level == 2);
	/* A code is good once. */
	must(!door_step_up(t->door, &v, slice_of(code), NULL));
	return v;
}

uint64_t
town_holding(struct town *t, const char *sensitivity, bool is_my_number)
{
	struct err err;
	static const struct door_item items[TOWN_ITEMS] = {
	    {.number = 0,
		.id = {"name", 4},
		.name = {"氏名", 6},
		.type = PACK_ITEM_NAME},
	    {.number = 1,
		.id = {"kana", 4},
		.name = {"カナ", 6},
		.type = PACK_ITEM_KANA,
		.search = PACK_SEARCH_PREFIX},
	    {.number = 2,
		.id = {"birth", 5},
		.name = {"生年月日", 12},
		.type = PACK_ITEM_DATE,
		.search = PACK_SEARCH_EXACT},
	    {.number = 3,
		.id = {"address", 7},
		.name = {"住所", 6},
		.type = PACK_ITEM_ADDRESS,
		.search = PACK_SEARCH_PREFIX},
	    {.number = 4,
		.id = {"care", 4},
		.name = {"配慮", 6},
		.type = PACK_ITEM_TEXT,
		.is_special_care = true},
	};
	static const struct slice purposes[] = {{"resident.certificate", 20}};
	struct visitor v = town_visit(t, TOWN_MANAGER);
	struct door_holding h = {.section = t->sections[1],
	    .organ = t->organ,
	    .name = SLICE("住民基本台帳"),
	    .basis = SLICE("住民基本台帳法第5条"),
	    .sensitivity = slice_of(sensitivity),
	    .is_my_number = is_my_number,
	    .retention_years = 5,
	    .place = SLICE("庁内"),
	    .n_purposes = 1,
	    .purposes = purposes,
	    .n_items = TOWN_ITEMS,
	    .items = items};
	stop_if(door_put_holding(t->door, &v, &h, &err), "holding", &err);
	return h.id;
}

struct door_grant
town_grant(struct town *t, uint64_t holding, const char *office,
    uint64_t section, uint32_t acts)
{
	return (struct door_grant){.office = slice_of(office),
	    .section = section,
	    .holding = holding,
	    .acts = acts,
	    .items = ITEMS_ALL,
	    .from = town_now(t) - HOUR_US,
	    .until = town_now(t) + 90 * DAY_US,
	    .reference = SLICE("R8-1")};
}

uint64_t
town_put_grant(struct town *t, const struct door_grant *ask)
{
	struct err err;
	struct put put;
	struct visitor v = town_visit(t, TOWN_MANAGER);
	stop_if(door_put_grant(t->door, &v, ask, &put, &err), "grant", &err);
	return put.id;
}

struct door_intent
town_intent(uint64_t holding)
{
	return (struct door_intent){.holding = holding,
	    .purpose = SLICE("resident.certificate"),
	    .reference = SLICE("R8-2")};
}

static bool
run_instruct(struct store_tx *tx, void *arg, struct err *e)
{
	return door_instruct(tx, arg, e);
}

void
town_instruct(struct town *t, const struct visitor *v, uint64_t holding,
    uint64_t record)
{
	struct err err;
	static uint64_t matters;
	struct door_instruction i = {.body = t->body,
	    .matter = ++matters,
	    .number = town_intent(holding).reference,
	    .act = ACT_CORRECT,
	    .holding = holding,
	    .record = record,
	    .person = v->person};
	stop_if(store_write_now(t->store, run_instruct, &i, &err),
	    "instruction", &err);
	store_reader_settle(door_reader(t->door));
}

uint64_t
town_record(struct town *t, struct visitor *v, uint64_t holding,
    const char *const values[TOWN_ITEMS])
{
	struct err err;
	static const char *const hanako[TOWN_ITEMS] = {"山田 花子",
	    "ヤマダ ハナコ", "昭和35年1月2日", "沖縄市仲宗根町26番1号", "なし"};
	struct slice s[TOWN_ITEMS];
	struct written w;
	struct decision refusal;
	for (size_t i = 0; i < TOWN_ITEMS; i++)
		s[i] = slice_of(values == NULL ? hanako[i] : values[i]);
	const struct door_write ask = {
	    .intent = town_intent(holding), .n = TOWN_ITEMS, .values = s};
	stop_if(
	    door_create(t->door, v, &ask, &w, &refusal, &err), "record", &err);
	return w.record;
}
