/*
 * Style sheets, script and icon, embedded; served under a name that carries
 * a hash of the content, so that browsers may keep them for ever.
 */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include <stddef.h>

#include "base/slice.h"

struct asset {
	const char *name;   /* "app.css" */
	const char *hashed; /* "app.0123456789abcdef.css" */
	const char *type;
	struct slice bytes;
};

extern const struct asset assets[];
extern const size_t asset_count;

#define ASSET_PREFIX "/assets/"

/* By its hashed name, or NULL. */
const struct asset *asset_by_hashed(struct slice hashed);

/* The hashed name of an asset that must exist. */
const char *asset_hashed(const char *name);

#endif
