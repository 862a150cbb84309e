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

bool
house_import(struct call *call, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err)
{
	return call->house->import(call->house->ctx, call, ask, ret,
	    refusal, err);
}
