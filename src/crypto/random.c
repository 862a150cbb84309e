#include "crypto/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/must.h"

void
random_fill(void *p, size_t n)
{
	uint8_t *at = p;
	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0) {
			must(errno == EINTR);
			continue;
		}
		at += got;
		n -= (size_t)got;
	}
}

uint64_t
random_id(void)
{
	uint64_t id = 0;
	while (id == 0) {
		random_fill(&id, sizeof(id));
		id &= UINT64_MAX >> 1;
	}
	return id;
}
