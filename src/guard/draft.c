/*
 * What somebody was typing when the session ended: sealed with a key that
 * lives as long as the process, and given back to the same account alone. It
 * opens no record; a restart forgets it.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "guard/inside.h"

enum {
	ID_DIGITS = 16,
	MARK_BYTES = (DOOR_MARK_DIGITS - ID_DIGITS) / 2,
	DRAFT_MAX_BYTES = 256 * 1024,
	DRAFT_HOURS = 16 /* one that stood open over night */
};

static const char digits[] = "0123456789abcdef";

static void
mark_of(const struct guard *g, uint64_t account, char ret[DOOR_MARK_DIGITS + 1])
{
	uint8_t mac[HASH_BYTES];
	int n = snprintf(ret, ID_DIGITS + 1, "%016llx",
	    (unsigned long long)account);
	must(n == ID_DIGITS);
	const struct slice parts[] = {SLICE("draft mark"),
	    slice_bytes(ret, ID_DIGITS)};
	mac_once(slice_bytes(g->draft_key, sizeof(g->draft_key)), parts, 2,
	    mac);
	for (size_t i = 0; i < MARK_BYTES; i++) {
		ret[ID_DIGITS + 2 * i] = digits[mac[i] >> 4];
		ret[ID_DIGITS + 2 * i + 1] = digits[mac[i] & 15];
	}
	ret[DOOR_MARK_DIGITS] = '\0';
}

void
door_draft_mark(const struct door *d, const struct visitor *v,
    char ret[DOOR_MARK_DIGITS + 1])
{
	mark_of(d->guard, v->account, ret);
}

bool
door_draft_seal(struct door *d, struct slice mark, struct slice plain,
    struct buf *to)
{
	char own[DOOR_MARK_DIGITS + 1];
	uint64_t account;
	instant now = door_now(d);
	if (mark.n != DOOR_MARK_DIGITS || plain.n > DRAFT_MAX_BYTES ||
	    !num_read_hex(slice_bytes(mark.p, ID_DIGITS), &account))
		return false;
	mark_of(d->guard, account, own);
	if (!hash_is_equal(own, mark.p, DOOR_MARK_DIGITS))
		return false;
	size_t n = sizeof(now) + plain.n;
	uint8_t *open = mem_alloc(n, 1);
	uint8_t *sealed = mem_alloc(n + AEAD_OVERHEAD, 1);
	bool ok = open != NULL && sealed != NULL;
	if (ok) {
		memcpy(open, &now, sizeof(now));
		memcpy(open + sizeof(now), plain.p, plain.n);
		aead_seal(d->aead, d->guard->draft_key, mark,
		    slice_bytes(open, n), sealed);
		mem_wipe(open, n);
	}
	for (size_t i = 0; ok && i < n + AEAD_OVERHEAD; i++) {
		buf_add_byte(to, (uint8_t)digits[sealed[i] >> 4]);
		buf_add_byte(to, (uint8_t)digits[sealed[i] & 15]);
	}
	mem_free(open);
	mem_free(sealed);
	return ok;
}

static bool
read_hex(struct slice s, uint8_t *ret)
{
	for (size_t i = 0; i < s.n; i++) {
		const char *at = memchr(digits, s.p[i], 16);
		if (at == NULL)
			return false;
		unsigned v = (unsigned)(at - digits);
		ret[i / 2] = (uint8_t)(i % 2 == 0 ? v << 4 : ret[i / 2] | v);
	}
	return true;
}

bool
door_draft_open(struct door *d, const struct visitor *v, struct slice sealed,
    struct slice *ret)
{
	char mark[DOOR_MARK_DIGITS + 1];
	instant at;
	size_t n = sealed.n / 2;
	if (sealed.n % 2 != 0 || n < AEAD_OVERHEAD + sizeof(at) ||
	    n > DRAFT_MAX_BYTES + AEAD_OVERHEAD + sizeof(at))
		return false;
	uint8_t *bytes = arena_alloc(v->arena, n);
	uint8_t *open = arena_alloc(v->arena, n);
	mark_of(d->guard, v->account, mark);
	if (bytes == NULL || open == NULL || !read_hex(sealed, bytes) ||
	    !aead_unseal(d->aead, d->guard->draft_key,
		slice_bytes(mark, DOOR_MARK_DIGITS), slice_bytes(bytes, n),
		open, NULL))
		return false;
	memcpy(&at, open, sizeof(at));
	*ret = slice_bytes(open + sizeof(at), n - AEAD_OVERHEAD - sizeof(at));
	return door_now(d) - at < DRAFT_HOURS * HOUR_US;
}
