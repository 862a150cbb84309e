/*
 * The writing half of an import: seals records in the caller's thread while
 * the store's writer writes those before. Tokens are gathered, sorted over
 * the whole import (in runs of INTAKE_RUN_TOKENS), and written in the order
 * of their key: a tree of some million rows then grows from left to right,
 * and each small transaction touches few of its pages.
 *
 * Everything here waits. One thread at a time.
 */
#ifndef VAULT_INTAKE_H
#define VAULT_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "vault/import.h"

enum {
	INTAKE_BATCH = IMPORT_KEYS_MAX,
	INTAKE_RUN_TOKENS = 1 << 21,
	INTAKE_JOB_TOKENS = 20000
};

struct intake;

/* Enters the import as running. *job must outlive it. */
bool intake_open(const struct import_job *job, struct intake **ret,
    struct err *err) MUST_CHECK;

/*
 * Takes in n (<= INTAKE_BATCH) records, n times as many values as the holding
 * has items; not needed after the call. After an error: intake_close().
 */
bool intake_add(struct intake *in, const struct slice *values, size_t n,
    struct err *err) MUST_CHECK;

/* Writes what is left, and shows all of it. */
bool intake_finish(struct intake *in, struct err *err) MUST_CHECK;

uint64_t intake_id(const struct intake *in);
uint64_t intake_first(const struct intake *in); /* its first record */

/* Not finished: clears away what was written. NULL is fine. */
void intake_close(struct intake *in);

#endif
