/*
 * The values of fields that a pack declares, as they are kept: a JSON object
 * of field and text. Fields that the pack no longer has are left out when they
 * are read, so that old rows outlive a change of the pack.
 */
#ifndef REGULATION_VALUES_H
#define REGULATION_VALUES_H

#include "base/arena.h"
#include "base/err.h"
#include "regulation/register.h"

enum { PACK_VALUES_MAX_BYTES = 512 * 1024 };

/* n values, in the order of the fields; SLICE_NONE or empty: none. */
bool pack_values_write(const struct pack_field *fields, size_t n,
    const struct slice *values, struct arena *a, struct slice *ret,
    struct err *err) MUST_CHECK;

/* n values in the arena; SLICE_NONE where there is none. ERR_LIMIT. */
bool pack_values_read(const struct pack_field *fields, size_t n,
    struct slice content, struct arena *a, const struct slice **ret,
    struct err *err) MUST_CHECK;

#endif
