/*
 * Values of a register's fields: what is typed becomes what is stored, one
 * form for each value. A date is stored as 2026-11-25, a number in decimal, an
 * id as 16 hexadecimal digits, a flag as 1, text byte for byte.
 */
#ifndef REGISTER_VALUE_H
#define REGISTER_VALUE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "regulation/register.h"

enum value_flaw {
	VALUE_GOOD,
	VALUE_MISSING,
	VALUE_TOO_LONG, /* or too large */
	VALUE_NOT_TEXT, /* control characters, broken UTF-8 */
	VALUE_NOT_KANA,
	VALUE_NOT_NUMBER,
	VALUE_NOT_DATE,
	VALUE_NOT_CHOICE,
	VALUE_NOT_ID
};

/*
 * typed: empty or SLICE_NONE for none. *ret is what to store, SLICE_NONE for
 * none, in the arena or a slice of typed. Whether an id stands for anything is
 * the caller's to see.
 */
enum value_flaw register_value_read(const struct pack_field *f,
    struct slice typed, struct arena *a, struct slice *ret) MUST_CHECK;

/* Lists are filtered by it. */
bool register_value_is_filter(const struct pack_field *f);

/* Appends what search and order go by. */
void register_value_fold(
    const struct pack_field *f, struct slice stored, struct buf *to);

#endif
