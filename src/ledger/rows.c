#include "ledger/rows.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"

enum { ROW_MIN = 512 };

void
rows_close(struct rows *r)
{
	for (unsigned i = 0; i < TILE_ROWS; i++) {
		mem_free(r->row[i].hash);
		mem_free(r->row[i].entry);
	}
	memset(r, 0, sizeof(*r));
}

/* With what stands in slots behind the last, which is not counted in n. */
static void
close_up(struct row *row)
{
	size_t n = row->size - row->head;
	if (row->head == 0)
		return;
	memmove(row->hash, row->hash + row->head, n * HASH_BYTES);
	if (row->entry != NULL)
		memmove(row->entry, row->entry + row->head,
		    n * sizeof(row->entry[0]));
	row->head = 0;
}

static bool
reserve(struct row *row, size_t more, bool is_leaf, struct err *err)
{
	size_t want = row->n + more;
	if (row->head + want <= row->size)
		return true;
	if (want <= row->size / 2) {
		close_up(row);
		return true;
	}
	close_up(row);
	size_t size = want < ROW_MIN / 2 ? ROW_MIN : 2 * want;
	void *hash = mem_resize(row->hash, size * HASH_BYTES);
	if (hash == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	row->hash = hash;
	if (is_leaf) {
		void *entry =
		    mem_resize(row->entry, size * sizeof(row->entry[0]));
		if (entry == NULL)
			return ERR(err, ERR_LIMIT, "no memory");
		row->entry = entry;
	}
	row->size = size;
	return true;
}

bool
rows_reserve(struct rows *r, size_t leaves, struct err *err)
{
	if (!reserve(&r->row[0], leaves, true, err))
		return false;
	for (unsigned i = 1; i < TILE_ROWS; i++) {
		/* At most one more than the full groups of 256 below. */
		leaves = leaves / TILE_WIDTH + 1;
		if (!reserve(&r->row[i], leaves, false, err))
			return false;
	}
	return true;
}

uint8_t *
rows_slot(struct rows *r, size_t j)
{
	struct row *row = &r->row[0];
	must(row->head + row->n + j < row->size);
	return row->hash[row->head + row->n + j];
}

void
rows_add(struct row *row, const uint8_t hash[HASH_BYTES],
    const uint8_t *entry)
{
	size_t at = row->head + row->n;
	must(at < row->size);
	memmove(row->hash[at], hash, HASH_BYTES);
	if (row->entry != NULL)
		row->entry[at] = entry;
	row->n++;
}

void
rows_full(void *rows, unsigned k, const uint8_t hash[HASH_BYTES])
{
	struct rows *r = rows;
	if (k < TILE_ROWS)
		rows_add(&r->row[k], hash, NULL);
}

void
rows_cut(struct row *row, size_t n)
{
	must(n <= row->n);
	row->n = n;
}

void
rows_trim(struct row *row, uint64_t first)
{
	if (first <= row->first)
		return;
	size_t n = (size_t)(first - row->first);
	must(n <= row->n);
	row->head += n;
	row->n -= n;
	row->first = first;
}

const uint8_t *
rows_hash(const struct rows *r, unsigned row, uint64_t index)
{
	const struct row *w = &r->row[row];
	if (index < w->first || index - w->first >= w->n)
		return NULL;
	return w->hash[w->head + (size_t)(index - w->first)];
}

const uint8_t *
rows_entry(const struct rows *r, uint64_t index)
{
	const struct row *w = &r->row[0];
	if (index < w->first || index - w->first >= w->n)
		return NULL;
	return w->entry[w->head + (size_t)(index - w->first)];
}
