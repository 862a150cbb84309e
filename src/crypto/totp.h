/*
 * One-time codes: TOTP (RFC 6238), HMAC-SHA-1, 6 digits, 30 seconds, one
 * step of drift either way; by liboath. Replay is the caller's matter: a
 * step may be used once, so compare ret_step with the last one accepted.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/slice.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6 };

bool totp_is_valid(const uint8_t secret[TOTP_SECRET_BYTES], struct slice code,
    instant now, uint64_t *ret_step);

/* The code of a step, for tests and for the demonstration. */
void totp_code(const uint8_t secret[TOTP_SECRET_BYTES], instant now,
    char ret[TOTP_DIGITS + 1]);

#endif
