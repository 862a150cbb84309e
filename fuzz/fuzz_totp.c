/*
 * One-time codes as they are typed: only the codes of this step and its two
 * neighbours pass, and the step that is told is the one whose code it is.
 */
#include <string.h>

#include "base/must.h"
#include "crypto/totp.h"
#include "target.h"

enum { STEP_SECONDS = 30 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[TOTP_SECRET_BYTES] = "a fuzzer's secret";
	const instant now = INT64_C(1790902800) * SECOND_US;
	struct slice code = slice_bytes(data, size);
	uint64_t step = 0;
	char own[TOTP_DIGITS + 1];
	bool is_one = false;
	for (int64_t i = -1; i <= 1; i++) {
		totp_code(secret, now + i * STEP_SECONDS * SECOND_US, own);
		is_one |= slice_is(code, own);
	}
	must(totp_is_valid(secret, code, now, &step) == is_one);
	if (is_one) {
		totp_code(
		    secret, (instant)step * STEP_SECONDS * SECOND_US, own);
		must(slice_is(code, own));
	}
	return 0;
}
