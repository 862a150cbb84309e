/*
 * Taking away an import that will never be done: its tokens, its records, in
 * small transactions, last the import itself.
 */
#ifndef VAULT_CLEAR_H
#define VAULT_CLEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "store/store.h"

/* Ids of an import's records lie within so many from its first. */
#define CLEAR_SPAN (UINT64_C(1) << 24)

struct cleared {
	uint64_t body;
	uint64_t id;
	uint64_t holding;
	uint64_t first; /* record */
};

/* Waits. Nothing happens to an import that is done. */
bool clear_import(struct store *store, struct store_reader *r,
    const struct cleared *what, struct err *err) MUST_CHECK;

#endif
