#include "ledger/verify.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "ledger/checkpoint.h"
#include "ledger/tile.h"
#include "ledger/tree.h"
#include "ledger/wal.h"

enum { TEXT_MAX_BYTES = 16 * 1024 };

/* One pass over all entries in order. */
struct walk {
	struct files files;
	const char *dir;
	const char *out; /* NULL: only verify */
	verify_visit *visit; /* or NULL */
	void *ctx;
	struct checkpoint_keys keys;
	struct checkpoint signed_head;
	bool is_signed;
	struct tree_edge edge;
	uint64_t settled; /* entries below it have their tiles for certain */
	struct buf group; /* the entries since the last full bundle */
	struct buf bundle; /* whose entries are being taken */
	struct buf file;  /* what was read last to be compared */
	struct buf signed_text;
	struct buf vkey_text;
	uint64_t read; /* files */
	uint64_t torn;
	bool is_replayed;
	uint8_t row[TILE_ROWS][TILE_WIDTH][HASH_BYTES];
};

/* Reads a tile or bundle, or finds that it is missing. */
static bool
read_named(struct walk *w, const char *name, struct buf *to,
    bool *ret_is_there, struct slice *ret, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct err why = ERR_INIT;
	if (!file_join(path, w->dir, name, err))
		return false;
	*ret_is_there = file_read(&w->files, path, to, &why);
	if (*ret_is_there) {
		w->read++;
		return buf_finish(to, ret, err);
	}
	if (why.code == ERR_NOT_FOUND)
		return true;
	if (why.code == ERR_LIMIT)
		return ERR(err, ERR_CORRUPT, "%s: %.180s", name, why.text);
	if (err != NULL)
		*err = why;
	return false;
}

/* Compares a file with what it must hold, and writes it out. */
static bool
check_named(struct walk *w, const char *name, bool may_miss,
    struct slice want, struct err *err)
{
	bool is_there = false;
	struct slice got;
	if (!read_named(w, name, &w->file, &is_there, &got, err))
		return false;
	if (!is_there && !may_miss)
		return ERR(err, ERR_CORRUPT, "%s is missing", name);
	if (is_there && !slice_is_equal(got, want))
		return ERR(err, ERR_CORRUPT,
		    "%s is not what the entries say", name);
	return true;
}

static bool
write_named(struct walk *w, const char *name, struct slice bytes,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	return file_join(path, w->out, name, err) &&
	    file_make_parents(&w->files, w->out, path, err) &&
	    file_write_new(&w->files, path, bytes, err);
}

/* `name` of a row's hashes that end with index `end`, and its bytes. */
static bool
finish_tile(struct walk *w, unsigned row, uint64_t end, bool may_miss,
    struct err *err)
{
	char name[TILE_NAME_MAX];
	unsigned width = end % TILE_WIDTH == 0 ? TILE_WIDTH
					       : (unsigned)(end % TILE_WIDTH);
	struct slice bytes = slice_bytes(w->row[row],
	    (size_t)width * HASH_BYTES);
	tile_name(row, (end - 1) / TILE_WIDTH, width, name);
	if (!check_named(w, name, may_miss, bytes, err))
		return false;
	/* Only full tiles come here when the log is written out. */
	return w->out == NULL || write_named(w, name, bytes, err);
}

static bool
finish_bundle(struct walk *w, uint64_t end, bool may_miss, struct err *err)
{
	char name[TILE_NAME_MAX];
	struct slice bytes;
	unsigned width = end % TILE_WIDTH == 0 ? TILE_WIDTH
					       : (unsigned)(end % TILE_WIDTH);
	tile_name(TILE_ROW_ENTRIES, (end - 1) / TILE_WIDTH, width, name);
	if (!buf_finish(&w->group, &bytes, err) ||
	    !check_named(w, name, may_miss, bytes, err))
		return false;
	return w->out == NULL || write_named(w, name, bytes, err);
}

/* The incomplete tiles and bundle of exactly `size` entries, written out. */
static bool
write_partial(struct walk *w, uint64_t size, struct err *err)
{
	char name[TILE_NAME_MAX];
	struct slice bytes;
	if (size % TILE_WIDTH != 0) {
		tile_name(TILE_ROW_ENTRIES, size / TILE_WIDTH,
		    (unsigned)(size % TILE_WIDTH), name);
		if (!buf_finish(&w->group, &bytes, err) ||
		    !write_named(w, name, bytes, err))
			return false;
	}
	for (unsigned k = 0; k < TILE_ROWS; k++) {
		uint64_t n = tile_row_hashes(k, size);
		unsigned width = (unsigned)(n % TILE_WIDTH);
		if (width == 0)
			continue;
		tile_name(k, n / TILE_WIDTH, width, name);
		if (!write_named(w, name,
			slice_bytes(w->row[k], (size_t)width * HASH_BYTES),
			err))
			return false;
	}
	return true;
}

/* The tree_full callback: keeps the root for the row above. */
static void
keep_full(void *ctx, unsigned k, const uint8_t hash[HASH_BYTES])
{
	struct walk *w = ctx;
	if (k >= TILE_ROWS)
		return;
	uint64_t index = (w->edge.size >> (8 * k)) % TILE_WIDTH;
	memcpy(w->row[k][index], hash, HASH_BYTES);
}

/* What the checkpoint says of exactly this many entries. */
static bool
compare_signed(struct walk *w, struct err *err)
{
	uint8_t root[HASH_BYTES];
	if (!w->is_signed || w->edge.size != w->signed_head.size)
		return true;
	tree_root(&w->edge, root);
	if (memcmp(root, w->signed_head.root, HASH_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "the entries do not have the root that was signed");
	if (w->out == NULL)
		return true;
	/* What comes after is verified, but not part of the copy. */
	bool is_written = write_partial(w, w->edge.size, err);
	w->out = NULL;
	return is_written;
}

static bool
take_entry(struct walk *w, struct slice entry, struct err *err)
{
	uint8_t leaf[HASH_BYTES];
	uint8_t length[2] = {(uint8_t)(entry.n >> 8), (uint8_t)entry.n};
	tree_hash_leaf(entry, leaf);
	memcpy(w->row[0][w->edge.size % TILE_WIDTH], leaf, HASH_BYTES);
	buf_add_bytes(&w->group, length, sizeof(length));
	buf_add(&w->group, entry);
	tree_add(&w->edge, leaf, keep_full, w);
	uint64_t size = w->edge.size;
	if (size % TILE_WIDTH == 0) {
		/* Past what is settled tiles may not be built yet. */
		bool may_miss = size > w->settled;
		if (!finish_bundle(w, size, may_miss, err))
			return false;
		buf_reset(&w->group);
		for (unsigned k = 0; k < TILE_ROWS; k++) {
			uint64_t n = tile_row_hashes(k, size);
			if (n % TILE_WIDTH != 0 || n << (8 * k) != size)
				break;
			if (!finish_tile(w, k, n, may_miss, err))
				return false;
		}
	}
	return compare_signed(w, err) &&
	    (w->visit == NULL || w->visit(w->ctx, size - 1, entry, err));
}

/* The entries of one bundle from `from` up to `to` of its 256. */
static bool
take_bundle(struct walk *w, uint64_t to, struct err *err)
{
	char name[TILE_NAME_MAX];
	bool is_there = false;
	struct slice rest;
	struct slice entry;
	uint64_t n = w->edge.size / TILE_WIDTH;
	uint64_t end = (n + 1) * TILE_WIDTH;
	/* A ledger's folder holds whole bundles, a plain tree the exact one. */
	unsigned width = to >= end || w->settled > to
	    ? TILE_WIDTH
	    : (unsigned)(to % TILE_WIDTH);
	tile_name(TILE_ROW_ENTRIES, n, width, name);
	if (!read_named(w, name, &w->bundle, &is_there, &rest, err))
		return false;
	if (!is_there)
		return ERR(err, ERR_CORRUPT, "%s is missing", name);
	while (rest.n > 0 && w->edge.size < to) {
		if (!bundle_next(&rest, &entry, err) ||
		    !take_entry(w, entry, err))
			return false;
		if (w->edge.size == end)
			break;
	}
	if (w->edge.size < to && w->edge.size < end)
		return ERR(err, ERR_CORRUPT, "%s is too short", name);
	if (rest.n > 0 && w->settled <= to)
		return ERR(err, ERR_CORRUPT, "%s is too long", name);
	return true;
}

static bool
take_frame(void *ctx, const struct wal_frame *f, struct err *err)
{
	struct walk *w = ctx;
	uint8_t root[HASH_BYTES];
	struct slice rest = f->entries;
	if (!w->is_replayed) {
		w->is_replayed = true;
		w->settled = (f->first + TILE_WIDTH - 1) / TILE_WIDTH *
		    TILE_WIDTH;
		while (w->edge.size < f->first)
			if (!take_bundle(w, f->first, err))
				return false;
	}
	if (f->first != w->edge.size)
		return ERR(err, ERR_CORRUPT,
		    "the write-ahead file does not follow the entries");
	for (uint32_t i = 0; i < f->count; i++) {
		struct slice entry;
		if (!bundle_next(&rest, &entry, err) ||
		    !take_entry(w, entry, err))
			return false;
	}
	tree_root(&w->edge, root);
	if (rest.n > 0 || memcmp(root, f->root, HASH_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "a frame of the write-ahead file states another root");
	return true;
}

static bool
walk_wal(struct walk *w, const struct wal_names *names, struct err *err)
{
	struct buf b SCOPED(buf_close) = buf_of(WAL_SEGMENT_MAX_BYTES);
	for (size_t i = 0; i < names->n; i++) {
		char path[FILE_PATH_MAX];
		struct slice bytes;
		size_t end = 0;
		bool is_torn = false;
		if (!wal_path(path, w->dir, names->number[i], "log", err) ||
		    !file_read(&w->files, path, &b, err) ||
		    !buf_finish(&b, &bytes, err))
			return false;
		size_t last = bytes.n;
		while (last > 0 && bytes.p[last - 1] == 0)
			last--;
		if (w->torn > 0 && last > 0)
			return ERR(err, ERR_CORRUPT,
			    "an invalid frame is not in the last write-ahead "
			    "file");
		if (!wal_walk(bytes, take_frame, w, &end, &is_torn, err))
			return false;
		if (is_torn)
			w->torn = last - end;
	}
	return true;
}

/* Past the end of a ledger's folder no whole tile may stand. */
static bool
check_end(struct walk *w, struct err *err)
{
	char name[TILE_NAME_MAX];
	bool is_there = false;
	struct slice bytes;
	if (w->edge.size < w->settled)
		return ERR(err, ERR_CORRUPT,
		    "the tiles hold more than the write-ahead file");
	tile_name(0, w->edge.size / TILE_WIDTH, TILE_WIDTH, name);
	if (!read_named(w, name, &w->file, &is_there, &bytes, err))
		return false;
	if (is_there)
		return ERR(err, ERR_CORRUPT, "%s is past the end", name);
	if (!w->is_signed && w->settled > 0)
		return ERR(err, ERR_CORRUPT, "the checkpoint is missing");
	return true;
}

/* A plain tree has exactly what its checkpoint covers. */
static bool
walk_plain(struct walk *w, struct err *err)
{
	if (!w->is_signed)
		return ERR(err, ERR_NOT_FOUND, "there is no checkpoint");
	uint64_t size = w->signed_head.size;
	w->settled = size;
	while (w->edge.size < size)
		if (!take_bundle(w, size, err))
			return false;
	if (size % TILE_WIDTH != 0 && !finish_bundle(w, size, false, err))
		return false;
	for (unsigned k = 0; k < TILE_ROWS; k++) {
		uint64_t n = tile_row_hashes(k, size);
		if (n % TILE_WIDTH != 0 &&
		    !finish_tile(w, k, n, false, err))
			return false;
	}
	return true;
}

/* The key, and the checkpoint if there is one. */
static bool
read_head(struct walk *w, const struct note_key *key, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct note_key own;
	struct err why = ERR_INIT;
	struct slice text;
	if (!file_join(path, w->dir, "vkey", err) ||
	    !file_read(&w->files, path, &w->vkey_text, err) ||
	    !buf_finish(&w->vkey_text, &text, err))
		return false;
	if (!note_key_read(text, &own, &why))
		return ERR(err, ERR_CORRUPT, "vkey: %.200s", why.text);
	if (text.p[text.n - 1] != '\n' || own.kind != NOTE_ED25519)
		return ERR(err, ERR_CORRUPT, "vkey is not a log's key");
	if (key != NULL && (strcmp(key->name, own.name) != 0 ||
			       memcmp(key->pub, own.pub, sizeof(own.pub)) != 0))
		return ERR(err, ERR_CORRUPT,
		    "this log has another origin or key");
	if (!checkpoint_keys_of(slice_of(own.name), own.pub, &w->keys, err) ||
	    !file_join(path, w->dir, "checkpoint", err))
		return false;
	if (!file_read(&w->files, path, &w->signed_text, &why)) {
		if (why.code == ERR_NOT_FOUND)
			return true;
		if (err != NULL)
			*err = why;
		return false;
	}
	if (!buf_finish(&w->signed_text, &text, err) ||
	    !checkpoint_read(text, &w->keys, &w->signed_head, err))
		return false;
	if (w->signed_head.at == 0)
		return ERR(err, ERR_CORRUPT, "the checkpoint says no time");
	w->is_signed = true;
	return true;
}

static bool
run(struct walk *w, const struct note_key *key, struct verified *ret,
    struct err *err)
{
	struct wal_names names;
	struct err why = ERR_INIT;
	const struct file_layer *layer = w->files.layer;
	if (!read_head(w, key, err))
		return false;
	bool is_ledger = wal_list(&w->files, w->dir, &names, &why);
	if (!is_ledger && why.code != ERR_NOT_FOUND) {
		if (err != NULL)
			*err = why;
		return false;
	}
	if (is_ledger && names.n == 0)
		return ERR(err, ERR_CORRUPT, "no write-ahead file is left");
	if (w->out != NULL) {
		if (!w->is_signed)
			return ERR(err, ERR_NOT_FOUND,
			    "nothing was signed yet");
		int rc = layer->mkdir(layer->ctx, w->out);
		if (rc < 0 && rc != -EEXIST)
			return ERR_ERRNO(err, -rc, "make the folder");
	}
	if (!compare_signed(w, err))
		return false;
	if (is_ledger ? !walk_wal(w, &names, err) || !check_end(w, err)
		      : !walk_plain(w, err))
		return false;
	if (w->is_signed && w->edge.size < w->signed_head.size)
		return ERR(err, ERR_CORRUPT,
		    "the checkpoint covers %llu entries, but there are %llu",
		    (unsigned long long)w->signed_head.size,
		    (unsigned long long)w->edge.size);
	*ret = (struct verified){
	    .entries = w->edge.size,
	    .is_signed = w->is_signed,
	    .signed_entries = w->signed_head.size,
	    .signed_at = w->signed_head.at,
	    .is_plain = !is_ledger,
	    .torn_bytes = w->torn,
	    .files = w->read,
	};
	memcpy(ret->origin, w->keys.log.name, sizeof(ret->origin));
	memcpy(ret->signed_root, w->signed_head.root, HASH_BYTES);
	tree_root(&w->edge, ret->root);
	return true;
}

static void
walk_close(struct walk *w)
{
	buf_close(&w->group);
	buf_close(&w->bundle);
	buf_close(&w->file);
	buf_close(&w->signed_text);
	buf_close(&w->vkey_text);
	mem_free(w);
}

static struct walk *
walk_open(const struct file_layer *files, const char *dir, struct err *err)
{
	struct walk *w = mem_alloc(1, sizeof(*w));
	if (w == NULL) {
		(void)ERR(err, ERR_LIMIT, "no memory");
		return NULL;
	}
	w->files.layer = files;
	w->dir = dir;
	w->group = buf_of(BUNDLE_MAX_BYTES);
	w->bundle = buf_of(BUNDLE_MAX_BYTES);
	w->file = buf_of(BUNDLE_MAX_BYTES);
	w->signed_text = buf_of(TEXT_MAX_BYTES);
	w->vkey_text = buf_of(NOTE_VKEY_MAX_BYTES);
	return w;
}

bool
verify_log(const struct file_layer *files, const char *dir,
    const struct note_key *key, struct verified *ret, struct err *err)
{
	return verify_entries(files, dir, key, NULL, NULL, ret, err);
}

bool
verify_entries(const struct file_layer *files, const char *dir,
    const struct note_key *key, verify_visit *visit, void *ctx,
    struct verified *ret, struct err *err)
{
	struct walk *w = walk_open(files, dir, err);
	if (w == NULL)
		return false;
	w->visit = visit;
	w->ctx = ctx;
	bool is_valid = run(w, key, ret, err);
	walk_close(w);
	return is_valid;
}

bool
ledger_export(const struct file_layer *files, const char *dir,
    const struct note_key *key, const char *out, struct verified *ret,
    struct err *err)
{
	struct walk *w = walk_open(files, dir, err);
	if (w == NULL)
		return false;
	w->out = out;
	bool is_done = run(w, key, ret, err);
	char vkey[FILE_PATH_MAX];
	char checkpoint[FILE_PATH_MAX];
	/* The checkpoint comes last: it says that the tree is whole. */
	is_done = is_done && file_join(vkey, out, "vkey", err) &&
	    file_join(checkpoint, out, "checkpoint", err) &&
	    file_replace(&w->files, vkey,
		slice_bytes(w->vkey_text.p, w->vkey_text.n), err) &&
	    file_replace(&w->files, checkpoint,
		slice_bytes(w->signed_text.p, w->signed_text.n), err);
	walk_close(w);
	return is_done;
}
