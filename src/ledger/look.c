/* Reading and proving: all from rows in memory and full tiles on the disk. */
#include <string.h>

#include "base/must.h"
#include "ledger/ledger_inside.h"
#include "ledger/proof.h"

const uint8_t *
ledger_tile(struct ledger *l, unsigned row, uint64_t n, struct err *err)
{
	struct tile_held *t = &l->held[row];
	char name[TILE_NAME_MAX];
	char path[FILE_PATH_MAX];
	uint64_t size = 0;
	if (t->is_held && t->n == n)
		return t->bytes;
	t->is_held = false;
	tile_name(row, n, TILE_WIDTH, name);
	if (!file_join(path, l->dir, name, err))
		return NULL;
	int fd = file_open(&l->files, path, FILE_READ, err);
	if (fd < 0) {
		if (err != NULL && err->code == ERR_NOT_FOUND)
			(void)ERR(err, ERR_CORRUPT, "%s is missing", name);
		return NULL;
	}
	bool is_read = file_size(&l->files, fd, &size, err);
	if (is_read && size != TILE_BYTES)
		is_read = ERR(err, ERR_CORRUPT, "%s has a wrong length", name);
	is_read = is_read &&
	    file_read_at(&l->files, fd, t->bytes, TILE_BYTES, 0, err);
	file_close(&l->files, fd);
	t->is_held = is_read;
	t->n = n;
	return is_read ? t->bytes : NULL;
}

static bool
find_node(void *ctx, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES],
    struct err *err)
{
	struct ledger *l = ctx;
	unsigned row = level / 8;
	unsigned r = level % 8;
	uint64_t first = index << r;
	const uint8_t *held =
	    row < TILE_ROWS ? rows_hash(&l->rows, row, first) : NULL;
	if (held != NULL) {
		must(rows_hash(&l->rows, row,
			 first + (UINT64_C(1) << r) - 1) != NULL);
		tree_root_of((const uint8_t(*)[HASH_BYTES])held,
		    (size_t)1 << r, ret);
		return true;
	}
	must(row < TILE_ROWS);
	const uint8_t *tile = ledger_tile(l, row, first / TILE_WIDTH, err);
	if (tile == NULL)
		return false;
	tile_subtree(tile, (unsigned)(first % TILE_WIDTH), r, ret);
	return true;
}

struct tree_source
ledger_source(struct ledger *l)
{
	return (struct tree_source){l, find_node};
}

/* Reads bundle n into l->bundle and finds its entries. */
static bool
load_bundle(struct ledger *l, uint64_t n, struct err *err)
{
	char name[TILE_NAME_MAX];
	char path[FILE_PATH_MAX];
	struct slice all;
	struct slice rest;
	struct slice entry;
	unsigned i = 0;
	if (l->has_bundle && l->bundle_n == n)
		return true;
	l->has_bundle = false;
	tile_name(TILE_ROW_ENTRIES, n, TILE_WIDTH, name);
	if (!file_join(path, l->dir, name, err) ||
	    !file_read(&l->files, path, &l->bundle, err) ||
	    !buf_finish(&l->bundle, &all, err))
		return false;
	for (rest = all; rest.n > 0; i++) {
		if (i == TILE_WIDTH)
			return ERR(err, ERR_CORRUPT, "%s is too long", name);
		l->bundle_at[i] = (uint32_t)(rest.p - all.p);
		if (!bundle_next(&rest, &entry, err))
			return false;
	}
	if (i != TILE_WIDTH)
		return ERR(err, ERR_CORRUPT, "%s is too short", name);
	l->bundle_at[i] = (uint32_t)all.n;
	l->has_bundle = true;
	l->bundle_n = n;
	return true;
}

bool
ledger_read(struct ledger *l, uint64_t index, struct slice *ret,
    struct err *err)
{
	uint8_t leaf[HASH_BYTES];
	uint8_t want[HASH_BYTES];
	if (index >= l->edge.size)
		return ERR(err, ERR_NOT_FOUND, "no entry %llu yet",
		    (unsigned long long)index);
	const uint8_t *held = rows_entry(&l->rows, index);
	if (held != NULL) {
		struct slice rest = slice_bytes(held, 2 + UINT16_MAX);
		return bundle_next(&rest, ret, err);
	}
	if (!load_bundle(l, index / TILE_WIDTH, err))
		return false;
	unsigned i = (unsigned)(index % TILE_WIDTH);
	struct slice entry = {l->bundle.p + l->bundle_at[i] + 2,
	    l->bundle_at[i + 1] - l->bundle_at[i] - 2};
	tree_hash_leaf(entry, leaf);
	if (!find_node(l, 0, index, want, err))
		return false;
	if (memcmp(leaf, want, HASH_BYTES) != 0)
		return ERR(err, ERR_CORRUPT,
		    "entry %llu is not what its leaf hash says",
		    (unsigned long long)index);
	*ret = entry;
	return true;
}

bool
ledger_root(struct ledger *l, uint64_t size, uint8_t ret[HASH_BYTES],
    struct err *err)
{
	struct tree_source s = ledger_source(l);
	struct tree_edge edge;
	if (size > l->edge.size)
		return ERR(err, ERR_NOT_FOUND, "the log is shorter");
	if (!tree_load_edge(&s, size, &edge, err))
		return false;
	tree_root(&edge, ret);
	return true;
}

bool
ledger_subtree(struct ledger *l, unsigned row, uint64_t index,
    uint8_t ret[HASH_BYTES], struct err *err)
{
	struct tree_source s = ledger_source(l);
	if (index >= tile_row_hashes(row, l->edge.size))
		return ERR(err, ERR_NOT_FOUND, "the log is shorter");
	return s.node(s.ctx, 8 * row, index, ret, err);
}

bool
ledger_prove_inclusion(struct ledger *l, uint64_t index, uint64_t size,
    struct tree_proof *ret, struct err *err)
{
	struct tree_source s = ledger_source(l);
	struct tree_proof p;
	uint8_t leaf[HASH_BYTES];
	uint8_t root[HASH_BYTES];
	if (size > l->edge.size || index >= size)
		return ERR(err, ERR_NOT_FOUND, "the log is shorter");
	if (!tree_prove_inclusion(&s, index, size, &p, err) ||
	    !find_node(l, 0, index, leaf, err) ||
	    !ledger_root(l, size, root, err))
		return false;
	if (!tree_is_included(leaf, index, size, root, &p))
		return ERR(err, ERR_CORRUPT, "the tiles do not fit together");
	*ret = p;
	return true;
}

bool
ledger_prove_consistency(struct ledger *l, uint64_t from, uint64_t to,
    struct tree_proof *ret, struct err *err)
{
	struct tree_source s = ledger_source(l);
	struct tree_proof p;
	uint8_t from_root[HASH_BYTES];
	uint8_t to_root[HASH_BYTES];
	if (to > l->edge.size || from > to)
		return ERR(err, ERR_NOT_FOUND, "the log is shorter");
	if (!tree_prove_consistency(&s, from, to, &p, err) ||
	    !ledger_root(l, from, from_root, err) ||
	    !ledger_root(l, to, to_root, err))
		return false;
	if (!tree_is_consistent(from, from_root, to, to_root, &p))
		return ERR(err, ERR_CORRUPT, "the tiles do not fit together");
	*ret = p;
	return true;
}

bool
ledger_proof(struct ledger *l, uint64_t index, struct slice extra,
    struct buf *out, struct err *err)
{
	struct tree_source s = ledger_source(l);
	struct tree_proof p;
	uint8_t leaf[HASH_BYTES];
	struct slice text = ledger_signed(l);
	if (index >= l->edge.size)
		return ERR(err, ERR_NOT_FOUND, "no such entry");
	if (!l->is_signed || index >= l->last.size)
		return ERR(err, ERR_BUSY, "no checkpoint covers it yet");
	if (extra.n > PROOF_EXTRA_MAX_BYTES)
		return ERR(err, ERR_LIMIT, "the extra part is too long");
	if (!tree_prove_inclusion(&s, index, l->last.size, &p, err) ||
	    !find_node(l, 0, index, leaf, err))
		return false;
	if (!tree_is_included(leaf, index, l->last.size, l->last.root, &p))
		return ERR(err, ERR_CORRUPT, "the tiles do not fit together");
	proof_write(index, &p, extra, text, out);
	return true;
}
