#include "action/house.h"

#include "rows.h"

const struct house_body *
house_body(const struct house *house, uint64_t id)
{
	for (size_t i = 0; i < house->n_bodies; i++)
		if (house->bodies[i].id == id)
			return &house->bodies[i];
	return NULL;
}

static bool
has_hash(const struct pack *p, struct slice hash)
{
	return p != NULL && slice_is_equal(
	    slice_bytes((const char *)p->hash, PACK_HASH_BYTES), hash);
}

const struct pack *
house_pack(const struct house *house, struct slice hash)
{
	for (size_t i = 0; i < house->n_bodies; i++)
		if (has_hash(house->bodies[i].pack, hash))
			return house->bodies[i].pack;
	for (size_t i = 0; i < house->n_kept; i++)
		if (has_hash(house->kept[i], hash))
			return house->kept[i];
	return NULL;
}

bool
house_import(struct call *call, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err)
{
	return call->house->import(call->house->ctx, call, ask, ret,
	    refusal, err);
}
