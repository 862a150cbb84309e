/*
 * What all running actions share: the bodies of the installation with their
 * packs, and what the process does for them. Immutable while serving, but for
 * what its functions say.
 */
#ifndef ACTION_HOUSE_H
#define ACTION_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "guard/door_document.h"
#include "regulation/pack.h"

struct call;
struct book;

enum {
	HOUSE_BODIES_MAX = 100,
	HOUSE_KEPT_MAX = 200 /* packs of before, under which matters go on */
};

/* Work that needs neither a door nor the call. */
typedef bool (*house_work)(void *arg, struct err *err);

struct house_body {
	uint64_t id;
	struct slice name;
	const struct pack *pack;
};

struct house {
	struct house_body bodies[HOUSE_BODIES_MAX];
	size_t n_bodies;
	struct pack *kept[HOUSE_KEPT_MAX];
	size_t n_kept;
	struct clock *clock;
	struct book *book; /* duties and boards; of the house's owner */
	/*
	 * Runs an import on a thread and a door of its own while the visitor's
	 * fiber waits; one at a time: ERR_BUSY.
	 */
	bool (*import)(void *ctx, struct call *call,
	    const struct door_import *ask, struct imported *ret,
	    struct decision *refusal, struct err *err);
	void *ctx;
	/*
	 * Runs work on a thread of its own while the visitor's fiber waits;
	 * one after another, ERR_BUSY when too many wait.
	 */
	bool (*aside)(void *ctx, struct call *call, house_work work, void *arg,
	    struct err *err);
	void *aside_ctx;
};

/* NULL: no such body. */
const struct house_body *house_body(const struct house *house, uint64_t id);

/* The pack with that hash, of now or of before. NULL: it is not kept. */
const struct pack *house_pack(const struct house *house, struct slice hash);

#endif
