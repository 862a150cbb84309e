/*
 * The importer: one thread with a door of its own that takes imports, so that
 * no desk stands still for seconds. One import at a time.
 */
#ifndef SERVE_IMPORTER_H
#define SERVE_IMPORTER_H

#include "action/house.h"
#include "base/attr.h"
#include "guard/door_document.h"
#include "keeper/client.h"

struct importer;

/* Takes the channel over. */
bool importer_open(struct guard *guard, struct channel *channel,
    struct importer **ret, struct err *err) MUST_CHECK;

/* Waits for the import under way. NULL is fine. */
void importer_close(struct importer *in);

/* For struct house: waits in the call's fiber, or blocks without one. */
bool
importer_import(void *ctx, struct call *call, const struct door_import *ask,
    struct imported *ret, struct decision *refusal, struct err *err);

#endif
