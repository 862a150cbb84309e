#include "ledger/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "base/num.h"

/* One number behind `at`, between two texts; the name always fits. */
static void
add(char ret[TILE_NAME_MAX], size_t *at, const char *before, unsigned digits,
    unsigned number, const char *behind)
{
	int n = snprintf(ret + *at, TILE_NAME_MAX - *at, "%s%0*u%s", before,
	    (int)digits, number, behind);
	must(n > 0 && (size_t)n < TILE_NAME_MAX - *at);
	*at += (size_t)n;
}

void
tile_name(unsigned row, uint64_t n, unsigned width, char ret[TILE_NAME_MAX])
{
	/* 2^63 / 256 has six groups of three digits. */
	unsigned part[7];
	unsigned parts = 0;
	size_t at = 0;
	must(row < TILE_ROWS || row == TILE_ROW_ENTRIES);
	must(width >= 1 && width <= TILE_WIDTH);
	do {
		part[parts++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n > 0);
	if (row == TILE_ROW_ENTRIES) {
		memcpy(ret, "tile/entries/", 14);
		at = 13;
	} else {
		add(ret, &at, "tile/", 1, row, "/");
	}
	while (parts > 1)
		add(ret, &at, "x", 3, part[--parts], "/");
	add(ret, &at, "", 3, part[0], "");
	if (width < TILE_WIDTH)
		add(ret, &at, ".p/", 1, width, "");
}

uint64_t
tile_row_hashes(unsigned row, uint64_t size)
{
	return row >= TILE_ROWS ? 0 : size >> (8 * row);
}

void
tile_subtree(const uint8_t *tile, unsigned first, unsigned r,
    uint8_t ret[HASH_BYTES])
{
	must(r <= 8 && first + (1u << r) <= TILE_WIDTH);
	const uint8_t(*hashes)[HASH_BYTES] =
	    (const uint8_t(*)[HASH_BYTES])tile;
	tree_root_of(hashes + first, (size_t)1 << r, ret);
}

bool
bundle_next(struct slice *rest, struct slice *ret, struct err *err)
{
	if (rest->n < 2 || rest->n - 2 < num_be16(rest->p))
		return ERR(err, ERR_CORRUPT, "an entry bundle is cut short");
	*ret = (struct slice){rest->p + 2, num_be16(rest->p)};
	*rest = slice_from(*rest, 2 + ret->n);
	return true;
}
