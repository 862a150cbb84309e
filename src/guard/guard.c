/*
 * The guard of the process: loading what the keeper verifies, and applying
 * what it makes.
 */
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "guard/inside.h"
#include "people/authority.h"
#include "people/people.h"

_Static_assert((int)RECORD_WRAP_BYTES == (int)WRAP_BYTES,
    "the vault keeps wraps as the keeper makes them");
_Static_assert((int)PACK_RIGHTS_END == (int)RIGHTS_END,
    "packs and keeper know the same rights");

enum { LOAD_AT_ONCE = 200 }; /* rows of 1,024 bytes at most in a message */

bool
guard_apply(struct guard *g, const struct authority_row *row, struct err *err)
{
	must(pthread_mutex_lock(&g->lock) == 0);
	const struct authority_row *now =
	    rows_find(g->rows, row->head.kind, row->head.body, row->head.id);
	/* Two threads may bring two versions in the wrong order. */
	bool is_newer = now == NULL || row->head.version > now->head.version ||
			(now->head.flags & AUTHORITY_PENDING) != 0;
	bool ok = !is_newer || rows_put(g->rows, row);
	must(pthread_mutex_unlock(&g->lock) == 0);
	atomic_fetch_add(&g->changes, 1);
	bool is_standing = (row->head.flags & AUTHORITY_PENDING) == 0;
	if (is_standing && row->head.kind == AUTHORITY_CREDENTIAL)
		sessions_doubt(g->sessions, row->head.body, row->head.id, 0);
	if (is_standing && row->head.kind == AUTHORITY_TERMINAL)
		sessions_doubt(g->sessions, row->head.body, 0, row->head.id);
	return ok || ERR(err, ERR_BUSY, "no memory for an authority row");
}

bool
guard_row(struct guard *g, enum authority_kind kind, uint64_t body, uint64_t id,
    struct authority_row *ret)
{
	must(pthread_mutex_lock(&g->lock) == 0);
	const struct authority_row *row = rows_find(g->rows, kind, body, id);
	if (row != NULL)
		*ret = *row;
	must(pthread_mutex_unlock(&g->lock) == 0);
	return row != NULL;
}

bool
guard_silence(struct guard *g, enum authority_kind kind, uint64_t body,
    uint64_t id, struct err *err)
{
	struct authority_row row;
	if (!guard_row(g, kind, body, id, &row))
		return true;
	row.head.until = row.head.from;
	must(pthread_mutex_lock(&g->lock) == 0);
	bool ok = rows_put(g->rows, &row);
	must(pthread_mutex_unlock(&g->lock) == 0);
	atomic_fetch_add(&g->changes, 1);
	return ok || ERR(err, ERR_BUSY, "no memory for an authority row");
}

/* One message of rows; those that verify are kept. */
static bool
load_some(struct guard *g, struct channel *channel,
    const struct people_authority *list, size_t n, size_t *forged,
    struct err *err)
{
	struct authority_stored rows[LOAD_AT_ONCE];
	struct authority_rows ask = {.n = n, .rows = rows};
	struct load_answer answer;
	const struct keeper_asking a = {.channel = channel,
	    .type = MESSAGE_AUTHORITY_LOAD,
	    .ask = &ask,
	    .answer = &answer};
	for (size_t i = 0; i < n; i++) {
		rows[i].row = list[i].content;
		rows[i].entry = list[i].entry;
		memcpy(rows[i].mac, list[i].mac, sizeof(rows[i].mac));
	}
	if (!guard_ask(&a, NULL, err))
		return false;
	if (answer.n != n)
		return ERR(err, ERR_CORRUPT,
		    "the keeper judged %zu of %zu "
		    "authority rows",
		    answer.n, n);
	for (size_t i = 0; i < n; i++) {
		struct authority_row row;
		if (answer.verdicts[i] != ANSWER_OK) {
			*forged += answer.verdicts[i] == ANSWER_FORGED;
			continue;
		}
		if (!authority_row_read(list[i].content, &row))
			return ERR(err, ERR_CORRUPT,
			    "an authority row cannot be read");
		if (!guard_apply(g, &row, err))
			return false;
	}
	return true;
}

static bool
load_body(struct guard *g, struct channel *channel, struct store_reader *r,
    uint64_t body, size_t *forged, struct err *err)
{
	struct people_authority list[LOAD_AT_ONCE];
	struct people_authority after = {.body = body};
	size_t n;
	do {
		SCOPED(arena_close_scoped)
		struct arena *arena = arena_open(LOAD_AT_ONCE * 8 * 1024);
		if (arena == NULL)
			return ERR(err, ERR_BUSY, "no memory");
		if (!people_authority_list(
			r, &after, arena, list, LOAD_AT_ONCE, &n, err))
			return false;
		/* A row too long for the keeper is none of its making. */
		size_t kept = 0;
		for (size_t i = 0; i < n; i++) {
			after.kind = list[i].kind;
			after.id = list[i].id;
			if (list[i].content.n <= AUTHORITY_ROW_MAX_BYTES)
				list[kept++] = list[i];
			else
				++*forged;
		}
		if (kept > 0 && !load_some(g, channel, list, kept, forged, err))
			return false;
	} while (n == LOAD_AT_ONCE);
	return true;
}

static bool
load_all(struct guard *g, struct channel *channel, struct store_reader *r,
    size_t *forged, struct err *err)
{
	uint64_t after = 0;
	size_t n;
	do {
		SCOPED(arena_close_scoped)
		struct arena *arena = arena_open(1024 * 1024);
		struct people_body *bodies;
		if (arena == NULL)
			return ERR(err, ERR_BUSY, "no memory");
		if (!people_bodies(r, after, 100, arena, &bodies, &n, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			after = bodies[i].id;
			if (!load_body(g, channel, r, after, forged, err))
				return false;
		}
	} while (n == 100);
	return true;
}

/* A keeper that serves already (a second guard, in tests) takes no LOAD. */
static bool
start(struct guard *g, struct channel *channel, size_t *forged, struct err *err)
{
	struct store_reader *r;
	if (!store_reader_open(g->config.store, &r, err))
		return false;
	bool ok = guard_sit_down(g, channel, r, err) &&
		  load_all(g, channel, r, forged, err) &&
		  guard_withhold(g, r, err) &&
		  shelf_rack_load(g->rack, r, err);
	store_reader_close(r);
	return ok && guard_catch_up(g, channel, NULL, NULL, err) &&
	       guard_drain(g, channel, NULL, NULL, err);
}

bool
guard_open(const struct guard_config *config, struct channel *channel,
    struct guard **ret, size_t *ret_forged, struct err *err)
{
	struct guard *g = mem_alloc(1, sizeof(*g));
	size_t forged = 0;
	if (g == NULL)
		return ERR(err, ERR_BUSY, "no memory for the guard");
	g->config = *config;
	random_fill(g->draft_key, sizeof(g->draft_key));
	must(pthread_mutex_init(&g->lock, NULL) == 0);
	/* Numbers do not come again, even when the outbox is empty. */
	atomic_init(&g->outbox, people_new_id() >> 1);
	atomic_init(&g->changes, 1);
	atomic_init(&g->namings, 1);
	atomic_init(&g->is_behind, false);
	random_fill(g->stranger_key, sizeof(g->stranger_key));
	g->rows = rows_open();
	g->sessions = guard_sessions_open();
	g->rack = shelf_rack_open();
	bool ok = g->rows != NULL && g->sessions != NULL && g->rack != NULL;
	ok = ok || ERR(err, ERR_BUSY, "no memory for the guard");
	if (!ok || !start(g, channel, &forged, err)) {
		guard_close(g);
		return false;
	}
	if (ret_forged != NULL)
		*ret_forged = forged;
	*ret = g;
	return true;
}

void
guard_close(struct guard *g)
{
	if (g == NULL)
		return;
	guard_stand_up(g);
	snapshot_drop(g->current);
	guard_rows_close(g->rows);
	guard_sessions_close(g->sessions);
	shelf_rack_close(g->rack);
	(void)pthread_mutex_destroy(&g->lock);
	mem_wipe(g->draft_key, sizeof(g->draft_key));
	mem_free(g);
}
