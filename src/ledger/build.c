/* Tiles and bundles from the write-ahead file; segments back to it. */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/num.h"
#include "ledger/ledger_inside.h"

enum {
	/* Bundles of one round: their files are open at once. */
	ROUND_BUNDLES = 32,
	ROUND_FILES = 2 * ROUND_BUNDLES + TILE_ROWS
};

/*
 * One round: all files are written under names of their own, then synced one
 * after the other (the first sync carries most of the work), then given their
 * names, then the folders are synced. So a name always means a whole file.
 */
struct round {
	uint64_t done[TILE_ROWS]; /* hashes of each row in written tiles */
	unsigned n;
	struct written {
		unsigned row;
		uint64_t n;
		int fd;
	} file[ROUND_FILES];
};

/* PATH and PATH.new of a tile or bundle. */
static bool
paths_of(const struct ledger *l, unsigned row, uint64_t n,
    char ret_path[FILE_PATH_MAX], char ret_fresh[FILE_PATH_MAX],
    struct err *err)
{
	char name[TILE_NAME_MAX];
	char fresh[TILE_NAME_MAX + 8];
	tile_name(row, n, TILE_WIDTH, name);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", name);
	return file_join(ret_path, l->dir, name, err) &&
	    file_join(ret_fresh, l->dir, fresh, err);
}

static bool
put(struct ledger *l, struct round *r, unsigned row, uint64_t n,
    struct slice bytes, struct err *err)
{
	char path[FILE_PATH_MAX];
	char fresh[FILE_PATH_MAX];
	must(r->n < ROUND_FILES);
	if (!paths_of(l, row, n, path, fresh, err))
		return false;
	/* The folder is new with each thousandth name, or a crash ago. */
	int fd = file_open(&l->files, fresh, FILE_NEW, NULL);
	if (fd < 0) {
		if (!file_make_parents(&l->files, l->dir, path, err))
			return false;
		fd = file_open(&l->files, fresh, FILE_NEW, err);
	}
	if (fd < 0)
		return false;
	r->file[r->n++] = (struct written){row, n, fd};
	return file_write_at(&l->files, fd, bytes.p, bytes.n, 0, err);
}

static bool
finish_round(struct ledger *l, struct round *r, struct err *err)
{
	char path[FILE_PATH_MAX];
	char fresh[FILE_PATH_MAX];
	char dir[FILE_PATH_MAX];
	/* The folder of each kind that holds names not synced yet. */
	char last[TILE_ROWS + 1][FILE_PATH_MAX] = {{0}};
	for (unsigned i = 0; i < r->n; i++)
		if (!file_sync(&l->files, r->file[i].fd, err))
			return false;
	for (unsigned i = 0; i < r->n; i++) {
		const struct written *w = &r->file[i];
		char *open = last[w->row < TILE_ROWS ? w->row : TILE_ROWS];
		if (!paths_of(l, w->row, w->n, path, fresh, err))
			return false;
		file_parent(path, dir);
		if (open[0] != '\0' && strcmp(open, dir) != 0 &&
		    !file_sync_dir(&l->files, open, err))
			return false;
		memcpy(open, dir, sizeof(dir));
		if (!file_rename(&l->files, fresh, path, err))
			return false;
	}
	for (unsigned i = 0; i <= TILE_ROWS; i++)
		if (last[i][0] != '\0' &&
		    !file_sync_dir(&l->files, last[i], err))
			return false;
	return true;
}

static bool
put_bundle(struct ledger *l, struct round *r, uint64_t n, struct err *err)
{
	struct slice bytes;
	buf_reset(&l->scratch);
	for (uint64_t i = n * TILE_WIDTH; i < (n + 1) * TILE_WIDTH; i++) {
		const uint8_t *entry = rows_entry(&l->rows, i);
		must(entry != NULL);
		buf_add_bytes(&l->scratch, entry, 2u + num_be16(entry));
	}
	return buf_finish(&l->scratch, &bytes, err) &&
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
write_round(struct ledger *l, struct round *r, unsigned bundles,
    struct err *err)
{
	for (; bundles > 0 && is_full(l, r, 0); bundles--)
		if (!put_bundle(l, r, r->done[0] / TILE_WIDTH, err) ||
		    !put_tile(l, r, 0, err))
			return false;
	for (unsigned i = 1; i < TILE_ROWS; i++)
		/* Only what lies wholly in tiles of the row below. */
		while (r->n < ROUND_FILES && is_full(l, r, i) &&
		    (r->done[i] + TILE_WIDTH) * TILE_WIDTH <= r->done[i - 1])
			if (!put_tile(l, r, i, err))
				return false;
	return true;
}

static bool
run_round(struct ledger *l, unsigned bundles, struct err *err)
{
	struct round r = {.n = 0};
	for (unsigned i = 0; i < TILE_ROWS; i++)
		r.done[i] = l->rows.row[i].first;
	bool is_done = write_round(l, &r, bundles, err) &&
	    finish_round(l, &r, err);
	for (unsigned i = 0; i < r.n; i++)
		file_close(&l->files, r.file[i].fd);
	if (!is_done)
		return false;
	for (unsigned i = 0; i < TILE_ROWS; i++)
		rows_trim(&l->rows.row[i], r.done[i]);
	l->tiled = l->rows.row[0].first;
	return true;
}

static bool
has_more(const struct ledger *l)
{
	return l->edge.size - l->tiled >= TILE_WIDTH;
}

/* What may take space, tried again once when the reserve was given back. */
static bool
round_or_reserve(struct ledger *l, unsigned bundles, struct err *err)
{
	struct err why = ERR_INIT;
	if (run_round(l, bundles, &why))
		return true;
	if (why.code == ERR_FULL && ledger_spend_reserve(l))
		return run_round(l, bundles, err);
	if (err != NULL)
		*err = why;
	return false;
}

bool
ledger_build(struct ledger *l, unsigned budget, bool *ret_more,
    struct err *err)
{
	struct err why = ERR_INIT;
	while (budget > 0 && has_more(l)) {
		unsigned bundles = budget < ROUND_BUNDLES ? budget
							  : ROUND_BUNDLES;
		if (!round_or_reserve(l, bundles, err))
			return false;
		budget -= bundles;
	}
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
	*ret_more = has_more(l);
	if (!*ret_more)
		ledger_make_reserve(l);
	return true;
}
