/*
 * Canonical JSON as entries hold it (RFC 8785 with integers only): no white
 * space, keys ascending, printable ASCII keys without '"' and '\'. Checks the
 * server's detail, and finds members in entries. No memory, bounded depth.
 */
#ifndef KEEPER_CANON_H
#define KEEPER_CANON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

enum { CANON_DEPTH_MAX = 8 };

/* One object and nothing behind it, in canonical form. */
bool canon_is_object(struct slice s);

/*
 * Members of an object that canon_is_object() accepts, in order: start with
 * *rest = the object. The value is its text, quotes included.
 */
bool canon_next(struct slice *rest, struct slice *ret_key,
    struct slice *ret_value);

/* The value's text of a member; a string's without its quotes. */
bool canon_get(struct slice object, const char *key,
    struct slice *ret) MUST_CHECK;

/* Hexadecimal in a string; decimal. */
bool canon_get_hex(struct slice object, const char *key,
    uint64_t *ret) MUST_CHECK;
bool canon_get_number(struct slice object, const char *key,
    uint64_t *ret) MUST_CHECK;

#endif
