/* Tiles and bundles from the write-ahead file; segments back to it. */
#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "ledger/ledger_inside.h"

/* Folders with new names in them that are not synced yet, one a kind. */
struct round {
	char dir[TILE_ROWS + 1][FILE_PATH_MAX];
	uint64_t done[TILE_ROWS]; /* hashes of each row in written tiles */
};

static bool
sync_round(struct ledger *l, struct round *r, struct err *err)
{
	for (unsigned i = 0; i <= TILE_ROWS; i++)
		if (r->dir[i][0] != '\0' &&
		    !file_sync_dir(&l->files, r->dir[i], err))
			return false;
	return true;
}

/* One file of 256, whole under its name once it has that name. */
static bool
put(struct ledger *l, struct round *r, unsigned row, uint64_t n,
    struct slice bytes, struct err *err)
{
	char name[TILE_NAME_MAX];
	char path[FILE_PATH_MAX];
	char fresh[FILE_PATH_MAX];
	char dir[FILE_PATH_MAX];
	char *open_dir = r->dir[row == TILE_ROW_ENTRIES ? TILE_ROWS : row];
	tile_name(row, n, TILE_WIDTH, name);
	if (!file_join(path, l->dir, name, err))
		return false;
	memcpy(fresh, path, sizeof(fresh));
	if (strlen(fresh) + 5 > sizeof(fresh))
		return ERR(err, ERR_INPUT, "a path is too long");
	strcat(fresh, ".new");
	file_parent(path, dir);
	if (strcmp(dir, open_dir) != 0) {
		if (open_dir[0] != '\0' &&
		    !file_sync_dir(&l->files, open_dir, err))
			return false;
		if (!file_make_parents(&l->files, l->dir, path, err))
			return false;
		memcpy(open_dir, dir, sizeof(dir));
	}
	return file_write_new(&l->files, fresh, bytes, err) &&
	    file_rename(&l->files, fresh, path, err);
}

static bool
put_bundle(struct ledger *l, struct round *r, uint64_t n, struct err *err)
{
	struct buf b SCOPED(buf_close) = buf_of(BUNDLE_MAX_BYTES);
	struct slice bytes;
	for (uint64_t i = n * TILE_WIDTH; i < (n + 1) * TILE_WIDTH; i++) {
		const uint8_t *entry = rows_entry(&l->rows, i);
		must(entry != NULL);
		buf_add_bytes(&b, entry, 2u + num_be16(entry));
	}
	return buf_finish(&b, &bytes, err) &&
	    put(l, r, TILE_ROW_ENTRIES, n, bytes, err);
}

static bool
put_tile(struct ledger *l, struct round *r, unsigned row, struct err *err)
{
	uint64_t n = r->done[row] / TILE_WIDTH;
	const uint8_t *hashes = rows_hash(&l->rows, row, r->done[row]);
	must(hashes != NULL);
	if (!put(l, r, row, n, slice_bytes(hashes, TILE_BYTES), err))
		return false;
	r->done[row] += TILE_WIDTH;
	return true;
}

static bool
is_full(const struct ledger *l, const struct round *r, unsigned row)
{
	const struct row *w = &l->rows.row[row];
	return w->first + w->n - r->done[row] >= TILE_WIDTH;
}

static bool
run_round(struct ledger *l, unsigned budget, struct err *err)
{
	struct round r = {.done = {0}};
	for (unsigned i = 0; i < TILE_ROWS; i++)
		r.done[i] = l->rows.row[i].first;
	for (; budget > 0 && is_full(l, &r, 0); budget--)
		if (!put_bundle(l, &r, r.done[0] / TILE_WIDTH, err) ||
		    !put_tile(l, &r, 0, err))
			return false;
	for (unsigned i = 1; i < TILE_ROWS; i++)
		/* Only what lies wholly in tiles of the row below. */
		while (is_full(l, &r, i) &&
		    (r.done[i] + TILE_WIDTH) * TILE_WIDTH <= r.done[i - 1])
			if (!put_tile(l, &r, i, err))
				return false;
	if (!sync_round(l, &r, err))
		return false;
	for (unsigned i = 0; i < TILE_ROWS; i++)
		rows_trim(&l->rows.row[i], r.done[i]);
	l->tiled = l->rows.row[0].first;
	return true;
}

/* What may take space, tried again once when the reserve was given back. */
static bool
round_or_reserve(struct ledger *l, unsigned budget, struct err *err)
{
	struct err why = ERR_INIT;
	if (run_round(l, budget, &why))
		return true;
	if (why.code == ERR_FULL && ledger_spend_reserve(l))
		return run_round(l, budget, err);
	if (err != NULL)
		*err = why;
	return false;
}

bool
ledger_build(struct ledger *l, unsigned budget, bool *ret_more,
    struct err *err)
{
	struct err why = ERR_INIT;
	if (l->edge.size >= l->tiled &&
	    l->edge.size - l->tiled >= TILE_WIDTH &&
	    !round_or_reserve(l, budget, err))
		return false;
	/* Before the first signature nothing would miss a lost log. */
	if (l->is_signed && !wal_recycle(l->wal, l->tiled, err))
		return false;
	if (!wal_is_ready(l->wal) && !wal_extend(l->wal, &why) &&
	    (why.code != ERR_FULL || !ledger_spend_reserve(l) ||
		!wal_extend(l->wal, &why))) {
		if (err != NULL)
			*err = why;
		return false;
	}
	*ret_more = l->edge.size - l->tiled >= TILE_WIDTH;
	if (!*ret_more)
		ledger_make_reserve(l);
	return true;
}
