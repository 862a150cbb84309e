/*
 * All authority rows in force or to come, compiled for guard_decide(): hash
 * look-ups from (body, holding, who) to grants, from ids to capacities,
 * holdings and terminals. Immutable once made, so any thread may read it; it
 * lives until the last snapshot_drop().
 *
 * Only rows that the keeper verified may be put in: the caller sees to it.
 */
#ifndef GUARD_SNAPSHOT_H
#define GUARD_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "keeper/authority.h"

struct snapshot;

/*
 * Compiles n rows (pointers; rows of kinds that decide nothing are passed
 * over; pending ones too). The newest version of an id alone may be given.
 * The snapshot keeps no pointer to them. ERR_BUSY without memory.
 */
bool snapshot_make(const struct authority_row *const *rows, size_t n,
    struct snapshot **ret, struct err *err) MUST_CHECK;

/* Another owner; snapshot_make() gives the first. */
struct snapshot *snapshot_keep(struct snapshot *s);
void snapshot_drop(struct snapshot *s); /* NULL is fine */

/* Rows by id; NULL: none. They live as long as the snapshot. */
const struct authority_row *snapshot_row(const struct snapshot *s,
    enum authority_kind kind, uint64_t body, uint64_t id);

/* The terminal with this certificate in force now, or NULL. */
const struct authority_row *snapshot_terminal(const struct snapshot *s,
    uint64_t body, const uint8_t fingerprint[32], instant now);

/*
 * Lists, each in ascending order of id; start with after = 0, give the last
 * id seen to go on. Number found (<= max).
 */
size_t snapshot_appointments_of(const struct snapshot *s, uint64_t body,
    uint64_t person, uint64_t after, const struct authority_row **ret,
    size_t max);
size_t
snapshot_list(const struct snapshot *s, enum authority_kind kind, uint64_t body,
    uint64_t after, const struct authority_row **ret, size_t max);

/* Grants and emergency grants on a holding. */
size_t
snapshot_grants_on(const struct snapshot *s, uint64_t body, uint64_t holding,
    uint64_t after, const struct authority_row **ret, size_t max);

size_t snapshot_count(const struct snapshot *s); /* of rows */

#endif
