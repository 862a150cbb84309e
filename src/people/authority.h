/*
 * Authority rows as stored: opaque bytes with the keeper's MAC. This folder
 * does not read them; guard and keeper do.
 */
#ifndef PEOPLE_AUTHORITY_H
#define PEOPLE_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

enum { PEOPLE_MAC_BYTES = 32 };

struct people_authority {
	uint64_t body;
	int kind;
	uint64_t id;
	uint32_t version; /* only for writing */
	struct slice content;
	uint64_t entry;
	uint8_t mac[PEOPLE_MAC_BYTES];
};

/*
 * Rows of a body by kind and id, behind (kind, id) of `after` (zeroed at
 * first). Copies in the arena; *ret has room for max.
 */
bool people_authority_list(struct store_reader *r,
    const struct people_authority *after, struct arena *a,
    struct people_authority *ret, size_t max, size_t *ret_n,
    struct err *err) MUST_CHECK;

/*
 * Inside a store job: the newest version, by its entry, stands; an older one
 * that comes late changes nothing. Raises the body's authority version.
 */
bool people_authority_put(struct store_tx *tx,
    const struct people_authority *row, struct err *err) MUST_CHECK;

/* Raised by every change; a node with an older snapshot loads anew. */
bool people_authority_version(struct store_reader *r, uint64_t body,
    uint64_t *ret, struct err *err) MUST_CHECK;

#endif
