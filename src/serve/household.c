#include "serve/household.h"

#include "serve/kept.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"
#include "base/num.h"
#include "crypto/hash.h"
#include "duty/book.h"
#include "keeper/client.h"
#include "people/people.h"
#include "vault/document.h"
#include "vault/import.h"

enum { NAMES_MAX_BYTES = 1024 * 1024 };

/* Made by tools/sqlc.py, one for each folder that owns tables. */
extern const struct store_module people_sql, vault_sql, guard_sql,
    register_sql, procedure_sql;

static const struct store_module *const modules[] = {&people_sql,
    &vault_sql, &guard_sql, &register_sql,
    &procedure_sql};

struct store_set
household_set(void)
{
	return (struct store_set){.modules = modules,
	    .module_count = sizeof(modules) / sizeof(modules[0]),
	    .migrations = store_migrations,
	    .migration_count = store_migration_count};
}

const struct pack *
household_pack(struct household *h, struct slice id, struct err *err)
{
	char dir[512];
	for (size_t i = 0; i < h->n_packs; i++)
		if (slice_is_equal(h->packs[i]->id, id))
			return h->packs[i];
	if (h->n_packs == HOUSE_BODIES_MAX ||
	    (size_t)snprintf(dir, sizeof(dir), "%s/%.*s", h->packs_dir,
	        SLICE_FMT(id)) >= sizeof(dir)) {
		(void)ERR(err, ERR_LIMIT, "too many packs");
		return NULL;
	}
	struct pack_faults *faults = pack_faults_open();
	bool worked = faults != NULL
	    ? pack_open(dir, &h->packs[h->n_packs], faults, err)
	    : ERR(err, ERR_SYSTEM, "no memory");
	pack_faults_close(faults);
	if (!worked)
		return NULL;
	return h->packs[h->n_packs++];
}

/* Called by the guard from any thread; the house does not change then. */
static const struct pack *
pack_of_body(void *ctx, uint64_t body)
{
	struct household *h = ctx;
	const struct house_body *b = house_body(&h->house, body);
	return b == NULL ? NULL : b->pack;
}

bool
household_read_bodies(struct household *h, struct err *err)
{
	struct store_reader *r SCOPED(store_reader_close_scoped) = NULL;
	struct arena *a SCOPED(arena_close_scoped) = arena_open(1024 * 1024);
	struct people_body *bodies;
	size_t n;
	if (a == NULL || !store_reader_open(h->store, &r, err) ||
	    !people_bodies(r, 0, HOUSE_BODIES_MAX, a, &bodies, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct pack *pack = household_pack(h, bodies[i].pack,
		    err);
		if (pack == NULL)
			return err_wrap(err, "pack %.*s",
			    SLICE_FMT(bodies[i].pack));
		h->house.bodies[i] = (struct house_body){.id = bodies[i].id,
		    .name = arena_copy(h->names, bodies[i].name),
		    .pack = pack};
	}
	h->house.n_bodies = n;
	return !arena_is_failed(h->names) || ERR(err, ERR_SYSTEM, "no memory");
}

static bool
launch(const struct household_options *o, struct household *h,
    struct err *err)
{
	char dir[512];
	(void)snprintf(dir, sizeof(dir), "%s/keeper", o->dir);
	struct keeper_options options = {.dir = dir, .unlock = o->unlock,
	    .channels = o->doors + 1, .is_maintenance = o->is_maintenance,
	    .has_no_sandbox = o->has_no_sandbox, .cost = o->cost};
	if (!keeper_launch(&options, &h->keeper, err))
		return false;
	for (unsigned i = 0; i < h->keeper.n; i++) {
		h->channels[i] = channel_open(h->keeper.fds[i], err);
		h->keeper.fds[i] = -1;
		if (h->channels[i] == NULL)
			return false;
	}
	return true;
}

/* What a crash cut off, an import or a document, never shows; it goes. */
static bool
clear_up(struct household *h, struct err *err)
{
	struct store_reader *r SCOPED(store_reader_close_scoped) = NULL;
	return store_reader_open(h->store, &r, err) &&
	    import_clear(h->store, r, err) &&
	    document_clear(h->store, r, err);
}

static bool
open_store(const struct household_options *o, struct household *h,
    struct err *err)
{
	char spec[600];
	h->set = household_set();
	if (o->store != NULL)
		(void)snprintf(spec, sizeof(spec), "%s", o->store);
	else
		(void)snprintf(spec, sizeof(spec), "sqlite:%s/fumikura.db",
		    o->dir);
	return store_migrate(spec, &h->set, clock_now(&h->clock), NULL, err) &&
	    store_open(spec, &h->set, &h->store, err);
}

/* Which folder on which machine, for a database that others may reach too. */
static uint64_t
seat_of(const struct household_options *o)
{
	char room[512] = "", host[256] = "";
	struct stat st = {0};
	uint8_t hash[HASH_BYTES];
	if (o->store == NULL || strncmp(o->store, "sqlite:", 7) == 0)
		return 0;
	(void)snprintf(room, sizeof(room), "%s/keeper/lock", o->dir);
	(void)stat(room, &st);
	(void)gethostname(host, sizeof(host) - 1);
	int n = snprintf(room, sizeof(room), "%s %llx %llx", host,
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	hash_bytes(room, (size_t)n, hash);
	return num_be64(hash) >> 1 | 1;
}

bool
household_open(const struct household_options *o, struct household *ret,
    struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	clock_init_system(&ret->clock);
	ret->packs_dir = o->packs;
	ret->house.clock = &ret->clock;
	ret->house.book = book_open();
	if (ret->house.book == NULL)
		return ERR(err, ERR_BUSY, "no memory for the board");
	ret->names = arena_open(NAMES_MAX_BYTES);
	for (unsigned i = 0; i < KEEPER_CHANNELS_MAX; i++)
		ret->keeper.fds[i] = -1;
	struct guard_config guard = {.clock = &ret->clock,
	    .pack = pack_of_body, .ctx = ret, .seat = seat_of(o)};
	bool worked = (ret->names != NULL ||
	    ERR(err, ERR_SYSTEM, "no memory")) &&
	    launch(o, ret, err) && open_store(o, ret, err) &&
	    household_read_bodies(ret, err);
	guard.store = ret->store;
	worked = worked && kept_packs_open(ret, o->dir, err) &&
	    guard_open(&guard, ret->channels[0], &ret->guard,
	    &ret->forged, err) && clear_up(ret, err);
	if (!worked)
		household_close(ret);
	return worked;
}

void
household_close(struct household *h)
{
	book_close(h->house.book);
	guard_close(h->guard);
	store_close(h->store);
	for (size_t i = 0; i < 16; i++)
		channel_close(h->channels[i]);
	if (h->keeper.pid > 0)
		keeper_stop(&h->keeper);
	kept_packs_close(h);
	for (size_t i = 0; i < h->n_packs; i++)
		pack_close(h->packs[i]);
	arena_close(h->names);
	memset(h, 0, sizeof(*h));
}
