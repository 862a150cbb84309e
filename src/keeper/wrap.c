/*
 * Wraps: a random key of its own for each record and document, sealed under
 * one that the holding's key and a slot give together.
 */
#include "base/mem.h"
#include "base/must.h"
#include "base/num.h"
#include "keeper/state.h"

/* What a wrap binds; a document's also the record that it is of. */
struct place {
	size_t n;
	uint8_t p[8 + 8 + 8 + 4 + 1 + 8];
};

static struct place
place_of(uint64_t body, uint64_t holding, uint64_t record, uint32_t version,
    enum record_class class, uint64_t of)
{
	struct place at = {.n = 29};
	num_put_be64(at.p, body);
	num_put_be64(at.p + 8, holding);
	num_put_be64(at.p + 16, record);
	num_put_be32(at.p + 24, version);
	at.p[28] = (uint8_t)class;
	if (class != RECORD_DOCUMENT)
		return at;
	num_put_be64(at.p + 29, of);
	at.n = sizeof(at.p);
	return at;
}

/* HMAC(holding key, slot value || body || holding || record). */
static void
wrap_key(const struct holding_keys *h, const uint8_t *slot,
    const struct place *at, uint8_t ret[32])
{
	struct slice parts[] = {slice_bytes(slot, SLOT_BYTES),
	    slice_bytes(at->p, 24)};
	mac_parts(h->wrap, parts, 2, ret);
}

static bool
is_doomed(const struct keeper *k, uint64_t slot)
{
	for (size_t i = 0; i < k->n_doomed; i++)
		if (k->doomed[i] == slot)
			return true;
	return false;
}

enum answer
keeper_unwrap(struct keeper *k, const struct holding_keys *keys, uint64_t body,
    uint64_t holding, const struct message_record *r,
    uint8_t ret[RECORD_KEY_BYTES])
{
	const uint8_t *value = NULL;
	uint8_t key[32];
	struct err err;
	uint64_t slot = num_be64(r->wrap);
	if (is_doomed(k, slot))
		return ANSWER_ERASED;
	switch (slots_find(k->slots, slot, &value)) {
	case SLOT_NONE:
		return ANSWER_FORGED;
	case SLOT_ERASED:
		return ANSWER_ERASED;
	case SLOT_LIVE:
		break;
	}
	struct place at = place_of(body, holding, r->id, r->version, r->class,
	    r->of);
	wrap_key(keys, value, &at, key);
	bool ok = aead_unseal(k->aead, key, slice_bytes(at.p, at.n),
	    slice_bytes(r->wrap + 8, WRAP_BYTES - 8), ret, &err);
	mem_wipe(key, sizeof(key));
	return ok ? ANSWER_OK : ANSWER_FORGED;
}

void
keeper_wrap(struct keeper *k, const struct holding_keys *keys, uint64_t body,
    uint64_t holding, const struct create_item *c, uint64_t slot,
    struct create_made *ret)
{
	const uint8_t *value = NULL;
	uint8_t key[32];
	must(slots_find(k->slots, slot, &value) == SLOT_LIVE);
	struct place at = place_of(body, holding, c->id, c->version, c->class,
	    c->of);
	wrap_key(keys, value, &at, key);
	num_put_be64(ret->wrap, slot);
	aead_seal(k->aead, key, slice_bytes(at.p, at.n),
	    slice_bytes(ret->key, RECORD_KEY_BYTES), ret->wrap + 8);
	mem_wipe(key, sizeof(key));
}
