#include "ledger/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "ledger/ledger_inside.h"

enum {
	/* With so many segments in use, build before taking another. */
	SEGMENTS_WANTED = 4,
	/* Of the frame's header and the entry's length. */
	ENTRY_OVERHEAD = WAL_HEADER_BYTES + 2
};

static bool
path_of(const struct ledger *l, const char *name, char ret[FILE_PATH_MAX],
    struct err *err)
{
	return file_join(ret, l->dir, name, err);
}

static bool
config_read(struct ledger *l, const struct ledger_config *c, struct err *err)
{
	l->files = (struct files){.layer = c->files,
	    .on_sync_error = c->on_sync_error,
	    .ctx = c->ctx};
	l->wal_bytes = c->wal_bytes == 0 ? LEDGER_WAL_DEFAULT_BYTES
					 : c->wal_bytes;
	l->reserve_bytes = c->reserve_bytes;
	l->signed_text = buf_of(LEDGER_CHECKPOINT_MAX_BYTES);
	l->bundle = buf_of(BUNDLE_MAX_BYTES);
	l->scratch = buf_of(BUNDLE_MAX_BYTES);
	if (l->wal_bytes % LEDGER_WAL_MIN_BYTES != 0 ||
	    l->wal_bytes > WAL_SEGMENT_MAX_BYTES)
		return ERR(err, ERR_INPUT,
		    "a write-ahead file is a multiple of %d bytes, at most "
		    "%d",
		    LEDGER_WAL_MIN_BYTES, WAL_SEGMENT_MAX_BYTES);
	/* Room for the longest names below it. */
	if (strlen(c->dir) + 2 * TILE_NAME_MAX > FILE_PATH_MAX)
		return ERR(err, ERR_INPUT, "the ledger's path is too long");
	(void)snprintf(l->dir, sizeof(l->dir), "%s", c->dir);
	return checkpoint_keys_of(slice_of(c->origin), c->public_key,
	    &l->keys, err);
}

static struct ledger *
ledger_new(const struct ledger_config *c, struct err *err)
{
	struct ledger *l = mem_alloc(1, sizeof(*l));
	if (l == NULL)
		(void)ERR(err, ERR_LIMIT, "no memory");
	else if (!config_read(l, c, err)) {
		ledger_close(l);
		l = NULL;
	}
	return l;
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	wal_close(l->wal);
	rows_close(&l->rows);
	buf_close(&l->signed_text);
	buf_close(&l->bundle);
	buf_close(&l->scratch);
	mem_free(l);
}

/* The text of `vkey`, which names the log and its key. */
static bool
vkey_text(const struct ledger *l, struct buf *b, struct slice *ret,
    struct err *err)
{
	note_key_write(&l->keys.log, b);
	buf_add_byte(b, '\n');
	return buf_finish(b, ret, err);
}

static bool
make(struct ledger *l, struct err *err)
{
	struct buf b SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
	struct buf old SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
	struct err why = ERR_INIT;
	struct slice vkey;
	char path[FILE_PATH_MAX];
	char above[FILE_PATH_MAX];
	const struct file_layer *layer = l->files.layer;
	if (!path_of(l, "vkey", path, err) || !vkey_text(l, &b, &vkey, err))
		return false;
	if (file_read(&l->files, path, &old, &why))
		return ERR(err, ERR_CONFLICT, "there is a log already");
	if (why.code != ERR_NOT_FOUND) {
		if (err != NULL)
			*err = why;
		return false;
	}
	int rc = layer->mkdir(layer->ctx, l->dir);
	if (rc < 0 && rc != -EEXIST)
		return ERR_ERRNO(err, -rc, "make the ledger's folder");
	file_parent(l->dir, above);
	if (!file_sync_dir(&l->files, above, err) ||
	    !file_make_parents(&l->files, l->dir, path, err))
		return false;
	if (!path_of(l, "wal/", path, err) ||
	    !file_make_parents(&l->files, l->dir, path, err))
		return false;
	l->wal = wal_create(&l->files, l->dir, l->wal_bytes, err);
	if (l->wal == NULL)
		return false;
	tree_root(&l->edge, l->root);
	/* Last: with this name the log exists. */
	return path_of(l, "vkey", path, err) &&
	    file_replace(&l->files, path, vkey, err);
}

struct ledger *
ledger_create(const struct ledger_config *config, struct err *err)
{
	struct ledger *l = ledger_new(config, err);
	if (l != NULL && !make(l, err)) {
		ledger_close(l);
		return NULL;
	}
	if (l != NULL)
		ledger_make_reserve(l);
	return l;
}

/* The rows of the first `size` entries, whose tiles are all on the disk. */
static bool
load_rows(struct ledger *l, uint64_t size, struct err *err)
{
	if (!rows_reserve(&l->rows, TILE_WIDTH, err))
		return false;
	for (unsigned k = 0; k < TILE_ROWS; k++) {
		struct row *row = &l->rows.row[k];
		uint64_t end = tile_row_hashes(k, size);
		row->first = end / TILE_WIDTH * TILE_WIDTH;
		if (!rows_reserve(&l->rows, TILE_WIDTH, err))
			return false;
		for (uint64_t i = row->first; i < end; i++) {
			uint8_t h[HASH_BYTES];
			const uint8_t *t = k == 0
			    ? ledger_tile(l, 0, i / TILE_WIDTH, err)
			    : ledger_tile(l, k - 1, i, err);
			if (t == NULL)
				return false;
			if (k == 0)
				memcpy(h, t + i % TILE_WIDTH * HASH_BYTES,
				    HASH_BYTES);
			else
				tile_subtree(t, 0, 8, h);
			rows_add(row, h, NULL);
		}
	}
	struct tree_source s = ledger_source(l);
	return tree_load_edge(&s, size, &l->edge, err);
}

static bool
replay(void *ctx, const struct wal_frame *f, struct err *err)
{
	struct ledger *l = ctx;
	struct slice rest = f->entries;
	if (!l->is_replayed) {
		if (!load_rows(l, f->first, err))
			return false;
		l->replay_first = f->first;
		l->is_replayed = true;
	}
	if (f->first != l->edge.size)
		return ERR(err, ERR_CORRUPT,
		    "the write-ahead file jumps from entry %llu to %llu",
		    (unsigned long long)l->edge.size,
		    (unsigned long long)f->first);
	/* Each entry takes two bytes at least. */
	if (f->count > rest.n / 2 || !rows_reserve(&l->rows, f->count, err))
		return ERR(err, ERR_CORRUPT, "a frame counts wrongly");
	for (uint32_t i = 0; i < f->count; i++) {
		uint8_t leaf[HASH_BYTES];
		struct slice entry;
		const uint8_t *at = (const uint8_t *)rest.p;
		if (!bundle_next(&rest, &entry, err))
			return false;
		tree_hash_leaf(entry, leaf);
		rows_add(&l->rows.row[0], leaf, at);
		tree_add(&l->edge, leaf, rows_full, &l->rows);
	}
	tree_root(&l->edge, l->root);
	if (rest.n > 0 || memcmp(l->root, f->root, HASH_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "the tree before entry %llu is not what was written",
		    (unsigned long long)l->edge.size);
	return true;
}

/* The log contains the tree that a checkpoint states. */
static bool
agrees(struct ledger *l, const struct checkpoint *c, const char *which,
    struct err *err)
{
	uint8_t root[HASH_BYTES];
	if (c->size > l->edge.size)
		return ERR(err, ERR_CORRUPT,
		    "%s covers %llu entries, but the log holds %llu", which,
		    (unsigned long long)c->size,
		    (unsigned long long)l->edge.size);
	if (!ledger_root(l, c->size, root, err))
		return false;
	if (memcmp(root, c->root, HASH_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "the log differs from %s at %llu entries", which,
		    (unsigned long long)c->size);
	return true;
}

static bool
load_checkpoint(struct ledger *l, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct err why = ERR_INIT;
	struct slice text;
	if (!path_of(l, "checkpoint", path, err))
		return false;
	if (!file_read(&l->files, path, &l->signed_text, &why)) {
		if (why.code == ERR_NOT_FOUND)
			return true;
		if (err != NULL)
			*err = why;
		return false;
	}
	if (!buf_finish(&l->signed_text, &text, err) ||
	    !checkpoint_read(text, &l->keys, &l->last, err))
		return false;
	if (l->last.at == 0)
		return ERR(err, ERR_CORRUPT,
		    "the checkpoint says no time of ours");
	l->is_signed = true;
	return true;
}

/* Entries from replay_first to the tile's end stand in both: compare. */
static bool
compare_tile(struct ledger *l, struct err *err)
{
	uint64_t n = l->replay_first / TILE_WIDTH;
	uint64_t end = (n + 1) * TILE_WIDTH;
	if (l->replay_first % TILE_WIDTH == 0) {
		l->tiled = l->replay_first;
		return true;
	}
	if (l->edge.size < end)
		return ERR(err, ERR_CORRUPT,
		    "the log holds %llu entries, but its tiles %llu",
		    (unsigned long long)l->edge.size, (unsigned long long)end);
	const uint8_t *tile = ledger_tile(l, 0, n, err);
	const uint8_t *row = rows_hash(&l->rows, 0, n * TILE_WIDTH);
	if (tile == NULL)
		return false;
	if (memcmp(tile, row, TILE_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "a tile differs from the write-ahead file");
	l->tiled = end;
	rows_trim(&l->rows.row[0], end);
	return true;
}

/* A whole tile past the end: the log was longer once. */
static bool
has_no_more_tiles(struct ledger *l, struct err *err)
{
	char name[TILE_NAME_MAX];
	char path[FILE_PATH_MAX];
	struct err why = ERR_INIT;
	tile_name(0, l->edge.size / TILE_WIDTH, TILE_WIDTH, name);
	if (!path_of(l, name, path, err))
		return false;
	int fd = file_open(&l->files, path, FILE_READ, &why);
	file_close(&l->files, fd);
	if (fd >= 0)
		return ERR(err, ERR_CORRUPT,
		    "there is a tile past the end of the log");
	if (why.code == ERR_NOT_FOUND)
		return true;
	if (err != NULL)
		*err = why;
	return false;
}

static bool
open_all(struct ledger *l, const struct ledger_config *c, struct err *err)
{
	struct buf own SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
	struct buf found SCOPED(buf_close) = buf_of(NOTE_VKEY_MAX_BYTES);
	struct checkpoint known;
	struct slice want;
	struct slice got;
	char path[FILE_PATH_MAX];
	if (!path_of(l, "vkey", path, err) ||
	    !vkey_text(l, &own, &want, err) ||
	    !file_read(&l->files, path, &found, err) ||
	    !buf_finish(&found, &got, err))
		return false;
	if (!slice_is_equal(want, got))
		return ERR(err, ERR_CORRUPT,
		    "the log in this folder has another origin or key");
	if (!load_checkpoint(l, err))
		return false;
	l->wal = wal_open(&l->files, l->dir, l->wal_bytes, err);
	if (l->wal == NULL)
		return false;
	tree_root(&l->edge, l->root);
	if (!wal_replay(l->wal, replay, l, &l->torn, err) ||
	    !compare_tile(l, err) || !has_no_more_tiles(l, err))
		return false;
	if (!l->is_signed && l->replay_first > 0)
		return ERR(err, ERR_CORRUPT, "the checkpoint is missing");
	if (l->is_signed && !agrees(l, &l->last, "the checkpoint", err))
		return false;
	if (c->known_checkpoint.n > 0 &&
	    (!checkpoint_read(c->known_checkpoint, &l->keys, &known, err) ||
		!agrees(l, &known, "a checkpoint known elsewhere", err)))
		return false;
	l->torn_index = l->edge.size;
	return l->torn.bytes == 0 || wal_put_aside(l->wal, &l->torn, err);
}

struct ledger *
ledger_open(const struct ledger_config *config, struct err *err)
{
	struct ledger *l = ledger_new(config, err);
	if (l != NULL && !open_all(l, config, err)) {
		ledger_close(l);
		return NULL;
	}
	if (l != NULL)
		ledger_make_reserve(l);
	return l;
}

void
ledger_state(const struct ledger *l, struct ledger_state *ret)
{
	*ret = (struct ledger_state){
	    .size = l->edge.size,
	    .added = l->added,
	    .tiled = l->tiled,
	    .signed_size = l->last.size,
	    .signed_at = l->last.at,
	    .is_signed = l->is_signed,
	    .is_reserve_spent = l->is_reserve_spent,
	    .segments = wal_segments(l->wal),
	    .aside_bytes = l->torn.bytes,
	    .aside_index = l->torn_index,
	};
	memcpy(ret->signed_root, l->last.root, HASH_BYTES);
	memcpy(ret->root, l->root, HASH_BYTES);
	memcpy(ret->aside, l->torn.name, sizeof(ret->aside));
}

uint64_t
ledger_next(const struct ledger *l)
{
	return l->edge.size + l->added;
}

/* Finds room for one more segment: build and recycle, then extend. */
static bool
make_room(struct ledger *l, struct err *err)
{
	struct err why = ERR_INIT;
	bool has_more = false;
	if (wal_spares(l->wal) == 0 &&
	    wal_segments(l->wal) >= SEGMENTS_WANTED &&
	    !ledger_build(l, UINT32_MAX, &has_more, &why) &&
	    l->files.is_broken) {
		if (err != NULL)
			*err = why;
		return false;
	}
	if (wal_is_ready(l->wal) || wal_extend(l->wal, &why))
		return true;
	if (why.code == ERR_FULL && ledger_spend_reserve(l))
		return wal_extend(l->wal, err);
	if (err != NULL)
		*err = why;
	return false;
}

bool
ledger_add(struct ledger *l, struct slice entry, uint64_t *ret_index,
    struct err *err)
{
	if (entry.n > LEDGER_ENTRY_MAX_BYTES ||
	    entry.n > l->wal_bytes - ENTRY_OVERHEAD)
		return ERR(err, ERR_LIMIT, "an entry is too long");
	if (l->files.is_broken)
		return ERR(err, ERR_SYSTEM, "a sync failed before");
	if (!rows_reserve(&l->rows, (size_t)l->added + 1, err))
		return false;
	enum wal_room room = wal_add(l->wal, entry);
	if (room == WAL_NO_SEGMENT) {
		if (!make_room(l, err))
			return false;
		/* Building may have moved the rows. */
		if (!rows_reserve(&l->rows, (size_t)l->added + 1, err))
			return false;
		room = wal_add(l->wal, entry);
	}
	if (room != WAL_ADDED)
		return ERR(err, ERR_BUSY, "the batch is full: commit first");
	tree_hash_leaf(entry, rows_slot(&l->rows, (size_t)l->added));
	*ret_index = l->edge.size + l->added;
	l->added++;
	return true;
}

void
ledger_drop(struct ledger *l)
{
	wal_drop(l->wal);
	l->added = 0;
}

bool
ledger_commit(struct ledger *l, struct err *err)
{
	struct tree_edge before = l->edge;
	size_t held[TILE_ROWS];
	uint8_t root[HASH_BYTES];
	if (l->added == 0)
		return true;
	struct slice rest = wal_batch(l->wal);
	for (unsigned i = 0; i < TILE_ROWS; i++)
		held[i] = l->rows.row[i].n;
	for (uint64_t i = 0; i < l->added; i++) {
		const uint8_t *at = (const uint8_t *)rest.p;
		struct slice entry;
		must(bundle_next(&rest, &entry, NULL));
		/* The next slot is the one behind those taken in. */
		const uint8_t *leaf = rows_slot(&l->rows, 0);
		rows_add(&l->rows.row[0], leaf, at);
		tree_add(&l->edge, leaf, rows_full, &l->rows);
	}
	tree_root(&l->edge, root);
	bool is_durable = wal_commit(l->wal, before.size, (uint32_t)l->added,
	    root, err);
	l->added = 0;
	if (is_durable) {
		memcpy(l->root, root, sizeof(root));
		return true;
	}
	l->edge = before;
	for (unsigned i = 0; i < TILE_ROWS; i++)
		rows_cut(&l->rows.row[i], held[i]);
	return false;
}

bool
ledger_checkpoint(struct ledger *l, const struct signer *s, instant now,
    struct err *err)
{
	struct buf b SCOPED(buf_close) = buf_of(LEDGER_CHECKPOINT_MAX_BYTES);
	struct checkpoint c = {.size = l->edge.size, .at = now};
	struct slice text;
	struct err why = ERR_INIT;
	uint8_t pub[SIGN_PUBLIC_BYTES];
	char path[FILE_PATH_MAX];
	signer_public(s, pub);
	if (memcmp(pub, l->keys.log.pub, sizeof(pub)) != 0)
		return ERR(err, ERR_INPUT, "this is another log's key");
	if (c.at < SECOND_US)
		return ERR(err, ERR_INPUT, "a checkpoint needs a time");
	if (c.at < l->last.at)
		c.at = l->last.at;
	c.at -= c.at % SECOND_US;
	memcpy(c.root, l->root, HASH_BYTES);
	checkpoint_write(&c, &l->keys, s, &b);
	if (!path_of(l, "checkpoint", path, err) ||
	    !buf_finish(&b, &text, err))
		return false;
	if (!file_replace(&l->files, path, text, &why) &&
	    (why.code != ERR_FULL || !ledger_spend_reserve(l) ||
		!file_replace(&l->files, path, text, &why))) {
		if (err != NULL)
			*err = why;
		return false;
	}
	l->last = c;
	l->is_signed = true;
	/* The builder's bytes change hands. */
	struct buf old = l->signed_text;
	l->signed_text = b;
	b = old;
	return true;
}

struct slice
ledger_signed(const struct ledger *l)
{
	return l->is_signed
	    ? slice_bytes(l->signed_text.p, l->signed_text.n)
	    : SLICE_NONE;
}

bool
ledger_spend_reserve(struct ledger *l)
{
	char path[FILE_PATH_MAX];
	const struct file_layer *layer = l->files.layer;
	l->is_reserve_spent = true;
	if (!l->has_reserve || !path_of(l, "reserve", path, NULL))
		return false;
	l->has_reserve = false;
	return layer->unlink(layer->ctx, path) >= 0;
}

void
ledger_make_reserve(struct ledger *l)
{
	char path[FILE_PATH_MAX];
	uint64_t size = 0;
	const struct file_layer *layer = l->files.layer;
	if (l->reserve_bytes == 0 || l->has_reserve || l->files.is_broken ||
	    !path_of(l, "reserve", path, NULL))
		return;
	int fd = layer->open(layer->ctx, path, FILE_WRITE);
	if (fd < 0)
		fd = layer->open(layer->ctx, path, FILE_NEW);
	if (fd < 0)
		return;
	l->has_reserve = (layer->size(layer->ctx, fd, &size) >= 0 &&
			     size >= l->reserve_bytes) ||
	    layer->allocate(layer->ctx, fd, l->reserve_bytes) >= 0;
	file_close(&l->files, fd);
	if (l->has_reserve)
		l->is_reserve_spent = false;
	else
		(void)layer->unlink(layer->ctx, path);
}
