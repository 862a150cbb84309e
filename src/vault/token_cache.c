#include "vault/token_cache.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"

enum {
	SEATS = 2 * TOKEN_CACHE_TERMS, /* a power of two */
	GROUP = IMPORT_TERMS_MAX       /* terms looked at together */
};

struct seat {
	struct slice text; /* p NULL: free */
	uint64_t hash;
	uint16_t item;
	uint8_t token[TERM_TOKEN_BYTES];
};

struct token_cache {
	const struct keyring *keyring;
	struct arena *texts;
	struct seat *seats;
	size_t taken;
	/* of one group */
	uint32_t seat_of[GROUP];
	struct term asked[GROUP];
	uint32_t seat_of_asked[GROUP];
	uint8_t made[GROUP][TERM_TOKEN_BYTES];
};

struct token_cache *
token_cache_open(const struct keyring *keyring)
{
	struct token_cache *c = mem_alloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->keyring = keyring;
	c->texts = arena_open(TOKEN_CACHE_BYTES);
	c->seats = mem_alloc(SEATS, sizeof(*c->seats));
	if (c->texts != NULL && c->seats != NULL)
		return c;
	token_cache_close(c);
	return NULL;
}

void
token_cache_close(struct token_cache *c)
{
	if (c == NULL)
		return;
	arena_close(c->texts);
	mem_free(c->seats);
	mem_free(c);
}

static void
empty(struct token_cache *c)
{
	arena_reset(c->texts);
	memset(c->seats, 0, SEATS * sizeof(*c->seats));
	c->taken = 0;
}

/* FNV-1a; an unlucky choice only makes it slower. */
static uint64_t
hash_of(const struct term *t)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ t->item;
	for (size_t i = 0; i < t->text.n; i++)
		h = (h ^ (uint8_t)t->text.p[i]) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}

/* The term's seat, or the free one where it belongs. */
static struct seat *
find_seat(struct token_cache *c, const struct term *t, uint64_t hash)
{
	for (size_t i = hash & (SEATS - 1);; i = (i + 1) & (SEATS - 1)) {
		struct seat *s = &c->seats[i];
		if (s->text.p == NULL ||
		    (s->hash == hash && s->item == t->item &&
			slice_is_equal(s->text, t->text)))
			return s;
	}
}

static bool
get_group(struct token_cache *c, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	size_t asked = 0;
	must(n <= GROUP);
	if (c->taken + n > TOKEN_CACHE_TERMS ||
	    arena_used(c->texts) + n * (TERM_MAX_BYTES + 32) >
		TOKEN_CACHE_BYTES)
		empty(c);
	for (size_t i = 0; i < n; i++) {
		uint64_t hash = hash_of(&terms[i]);
		struct seat *s = find_seat(c, &terms[i], hash);
		c->seat_of[i] = (uint32_t)(s - c->seats);
		if (s->text.p != NULL)
			continue;
		struct slice text = arena_copy(c->texts, terms[i].text);
		if (text.p == NULL)
			return ERR(err, ERR_LIMIT, "too many search terms");
		*s = (struct seat){
		    .text = text, .hash = hash, .item = terms[i].item};
		c->taken++;
		c->seat_of_asked[asked] = c->seat_of[i];
		c->asked[asked++] = (struct term){terms[i].item, text};
	}
	if (asked > 0 && !c->keyring->tokens(
			     c->keyring->ctx, c->asked, asked, c->made, err)) {
		empty(c);
		return false;
	}
	for (size_t i = 0; i < asked; i++)
		memcpy(c->seats[c->seat_of_asked[i]].token, c->made[i],
		    TERM_TOKEN_BYTES);
	for (size_t i = 0; i < n; i++)
		memcpy(ret[i], c->seats[c->seat_of[i]].token, TERM_TOKEN_BYTES);
	return true;
}

bool
token_cache_get(struct token_cache *c, const struct term *terms, size_t n,
    uint8_t (*ret)[TERM_TOKEN_BYTES], struct err *err)
{
	for (size_t at = 0; at < n; at += GROUP)
		if (!get_group(c, terms + at, n - at < GROUP ? n - at : GROUP,
			ret + at, err))
			return false;
	return true;
}
