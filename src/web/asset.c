#include "web/asset.h"

#include "base/must.h"

const struct asset *
asset_by_hashed(struct slice hashed)
{
	for (size_t i = 0; i < asset_count; i++)
		if (slice_is(hashed, assets[i].hashed))
			return &assets[i];
	return NULL;
}

const char *
asset_hashed(const char *name)
{
	for (size_t i = 0; i < asset_count; i++)
		if (strcmp(assets[i].name, name) == 0)
			return assets[i].hashed;
	must_fail("an asset of this name exists", name, 0);
}
