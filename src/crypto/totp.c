#include "crypto/totp.h"

#include <liboath/oath.h>

#include "base/must.h"
#include "crypto/hash.h"

enum { STEP_SECONDS = 30, DRIFT_STEPS = 1 };

static uint64_t
step_of(instant now)
{
	must(now >= 0);
	return (uint64_t)(now / SECOND_US) / STEP_SECONDS;
}

static void
code_of(const uint8_t *secret, uint64_t step, char ret[TOTP_DIGITS + 1])
{
	/* With windows of one step HOTP over the step's number is TOTP. */
	must(oath_hotp_generate((const char *)secret, TOTP_SECRET_BYTES, step,
		 TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
		 ret) == OATH_OK);
}

bool
totp_is_valid(const uint8_t secret[TOTP_SECRET_BYTES], struct slice code,
    instant now, uint64_t *ret_step)
{
	uint64_t step = step_of(now);
	uint64_t first = step < DRIFT_STEPS ? 0 : step - DRIFT_STEPS;
	bool is_found = false;

	if (code.n != TOTP_DIGITS)
		return false;
	for (uint64_t at = first; at <= step + DRIFT_STEPS; at++) {
		char want[TOTP_DIGITS + 1];
		code_of(secret, at, want);
		if (!hash_is_equal(want, code.p, TOTP_DIGITS))
			continue;
		is_found = true;
		*ret_step = at;
	}
	return is_found;
}

void
totp_code(const uint8_t secret[TOTP_SECRET_BYTES], instant now,
    char ret[TOTP_DIGITS + 1])
{
	code_of(secret, step_of(now), ret);
}
