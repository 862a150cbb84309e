/*
 * A town for tests of the guard: a real keeper, a real database, 沖縄市's
 * pack, two sections, some persons with passwords. The clocks of keeper and
 * guard are scripted: Friday 2026-10-02, 10:00 in Japan, and on by town_wait.
 */
#ifndef TESTS_GUARD_TOWN_H
#define TESTS_GUARD_TOWN_H

#include "base/arena.h"
#include "guard/door.h"
#include "guard/door_authority.h"
#include "keeper/launch.h"

enum town_person {
	TOWN_REGISTRAR, /* appoint, account; whole body */
	TOWN_CHIEF,     /* 総括保護管理者; whole body */
	TOWN_MANAGER,   /* 保護管理者 of 市民課 */
	TOWN_MANAGER_2, /* of 税務課 */
	TOWN_CLERK,     /* 職員 of 市民課 */
	TOWN_CLERK_2,   /* of 税務課 */
	TOWN_HANDLER,   /* 事務取扱担当者 of 市民課 */
	TOWN_AUDITOR,
	TOWN_OPERATOR,
	TOWN_PERSONS
};

struct town {
	char dir[64];
	char keeper_dir[96];
	char key_file[96];
	char spec[160];
	char server[96]; /* folder of PostgreSQL; empty: SQLite */
	struct keeper_options options;
	struct keeper_process process;
	struct store_set set;
	struct store *store;
	struct clock clock;
	struct pack *pack;
	struct channel *spare; /* the guard's own; the clock is moved by it */
	struct guard *guard;
	struct door *door;
	struct door *door_2; /* for a loop */
	size_t forged;
	uint64_t body;
	uint64_t organ;
	uint64_t sections[3]; /* [1] 市民課, [2] 税務課 */
	uint64_t persons[TOWN_PERSONS];
	uint64_t accounts[TOWN_PERSONS];
	struct arena *arena; /* of the test */
};

struct town *town_open(enum store_engine engine);
/* With the statements of a folder above the guard. */
struct town *town_open_with(
    enum store_engine engine, const struct store_module *more);
void town_close(struct town *t);

/* Everything ends and begins again, as after a restart of the server. */
void town_stop(struct town *t);
bool town_start(struct town *t, bool is_maintenance, struct err *err);

void town_wait(struct town *t, instant us);
instant town_now(struct town *t);

/* How many entries the ledger has. */
uint64_t town_entries(struct town *t);

/* Brings the index of accesses up to the ledger's end. */
void town_follow(struct town *t);

/* Logs on anew. */
struct visitor town_visit(struct town *t, enum town_person who);

/* Sets up one-time codes, once, and steps up with one. */
struct visitor town_visit_with_code(struct town *t, enum town_person who);

/* A holding of 市民課 with items name, kana, birth, address, care. */
enum town_item {
	ITEM_NAME,
	ITEM_KANA,
	ITEM_BIRTH,
	ITEM_ADDRESS,
	ITEM_CARE,
	TOWN_ITEMS
};
uint64_t
town_holding(struct town *t, const char *sensitivity, bool is_my_number);

/* By the manager, for the rest of the year: clerks of 市民課 and so on. */
struct door_grant town_grant(struct town *t, uint64_t holding,
    const char *office, uint64_t section, uint32_t acts);
uint64_t town_put_grant(struct town *t, const struct door_grant *ask);

struct door_intent town_intent(uint64_t holding);

/* A matter, with the number of town_intent(), lets them correct the record. */
void town_instruct(struct town *t, const struct visitor *v, uint64_t holding,
    uint64_t record);

/* A record made by whoever may; values NULL: 山田 花子. */
uint64_t town_record(struct town *t, struct visitor *v, uint64_t holding,
    const char *const values[TOWN_ITEMS]);

#endif
