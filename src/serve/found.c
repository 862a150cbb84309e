#include "serve/found.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/must.h"

bool
found_installation(const char *dir, const char *origin,
    const struct unlock *unlock, enum password_cost cost, FILE *to,
    struct err *err)
{
	char keeper[512];
	struct buf shares = buf_of(4096);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ERR_ERRNO(err, errno, "%s", dir);
	(void)snprintf(keeper, sizeof(keeper), "%s/keeper", dir);
	bool worked = keeper_init(keeper, origin, unlock, cost,
	    to != NULL ? &shares : NULL, err);
	if (worked && to != NULL)
		fprintf(to, "Recovery shares: give one each to three persons; "
		    "two open the keys.\n%.*s\n", (int)shares.n, shares.p);
	buf_close(&shares);
	return worked;
}
