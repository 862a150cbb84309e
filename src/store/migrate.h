/*
 * Inside the store: what was applied to a database against what the program
 * knows.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/link.h"

/*
 * Compares the rows of store_migration with the set's. *ret_have is how many
 * of the set's migrations are there. ERR_INPUT: newer, or changed since.
 */
bool migrate_compare(struct store_link *link, const struct store_set *set,
    size_t *ret_have, struct err *err) MUST_CHECK;

#endif
