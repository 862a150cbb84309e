/*
 * An installation, opened: the keeper's process, the store, the packs of its
 * bodies, the guard. Everything that serves or maintains begins with it.
 *
 * Must be opened before any thread is started, because it forks the keeper.
 */
#ifndef SERVE_HOUSEHOLD_H
#define SERVE_HOUSEHOLD_H

#include "action/house.h"
#include "base/clock.h"
#include "keeper/launch.h"
#include "store/store.h"

struct household_options {
	const char *dir;    /* DATA */
	const char *packs;  /* folder of the packs */
	const char *store;  /* NULL: sqlite in DATA */
	struct unlock unlock;
	unsigned doors;     /* for desks and the importer; 1..14 */
	bool is_maintenance;
	bool has_no_sandbox; /* for sanitizers only */
	enum password_cost cost;
};

struct household {
	struct clock clock;
	struct keeper_process keeper;
	struct store_set set;
	struct store *store;
	struct guard *guard;
	struct channel *channels[16]; /* [0] is the guard's, others for doors */
	struct house house;
	struct pack *packs[HOUSE_BODIES_MAX];
	size_t n_packs;
	struct arena *names; /* of the bodies */
	const char *packs_dir;
	size_t forged; /* rows in the database that do not verify */
};

/* All of the modules' statements and the migrations. */
struct store_set household_set(void);

bool household_open(const struct household_options *options,
    struct household *ret, struct err *err) MUST_CHECK;
void household_close(struct household *h);

/* The pack by its id, opened once. NULL with ERR_INPUT. */
const struct pack *household_pack(struct household *h, struct slice id,
    struct err *err);

/* Reads the bodies anew; for the maintenance that makes them. */
bool household_read_bodies(struct household *h, struct err *err) MUST_CHECK;

#endif
