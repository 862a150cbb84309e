/*
 * What a proxy says of who is behind it: no text makes an address of nothing
 * or names a proxy, and it says the same cut into lines at its commas. The
 * first byte chooses the header.
 */
#include <string.h>

#include "base/must.h"
#include "http/source.h"
#include "target.h"

static struct http_config config = {.proxy_count = 2};

static struct trail
trail_of(bool is_standard)
{
	return (struct trail){.config = &config,
	    .header = is_standard ? "Forwarded" : "X-Forwarded-For"};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	must(http_address_read(SLICE("192.0.2.9"), &config.proxies[0]) &&
	     http_address_read(SLICE("2001:db8::9"), &config.proxies[1]));
	struct slice text = slice_bytes(data + 1, size - 1), line;
	struct trail whole = trail_of(data[0] & 1), parts = whole;
	trail_follow(&whole, text);
	while (slice_split(&text, ',', &line))
		trail_follow(&parts, line);
	must(whole.is_there && whole.is_known == parts.is_known);
	if (whole.is_known) {
		must(!address_is_proxy(&config, &whole.last));
		must(memcmp(&whole.last, &parts.last, sizeof(whole.last)) == 0);
	}
	return 0;
}
