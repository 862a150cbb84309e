/*
 * Base 64 of RFC 4648, section 4: padded, no line breaks. Reading is strict:
 * one text for each value.
 */
#ifndef LEDGER_BASE64_H
#define LEDGER_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

void base64_write(struct buf *b, struct slice bytes);

/* At most `max` bytes to ret; false when the text is wrong or too long. */
bool base64_read(struct slice text, uint8_t *ret, size_t max,
    size_t *ret_n) MUST_CHECK;

/* Exactly n bytes. */
bool base64_read_exact(struct slice text, uint8_t *ret, size_t n) MUST_CHECK;

#endif
