#include "regulation/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/must.h"

/* The part behind the last slash. */
static struct slice
last_part(struct slice path)
{
	size_t at = path.n;
	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return slice_from(path, at);
}

static struct slice
without_slashes(struct slice path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

bool
source_open(const char *dir, struct arena *arena, struct source *ret,
    struct err *err)
{
	char real[PATH_MAX];
	must(dir != NULL);
	if (realpath(dir, real) == NULL)
		return ERR_ERRNO(err, errno,
		    "%s is no folder of a pack", dir);
	struct slice shown = arena_copy(arena, without_slashes(slice_of(dir)));
	struct slice id = arena_copy(arena, last_part(slice_of(real)));
	if (shown.p == NULL || id.p == NULL)
		return ERR(err, ERR_BUSY, "no memory for %s", dir);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_ERRNO(err, errno, "%s is no folder of a pack", dir);
	*ret = (struct source){fd, shown.p, id};
	return true;
}

void
source_close(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

struct slice
source_beside(const struct source *s, struct slice id, struct arena *arena)
{
	struct slice shown = slice_of(s->shown);
	struct slice last = last_part(shown);
	if (slice_is(last, ".") || slice_is(last, ".."))
		return arena_printf(arena, "%s/../%.*s", s->shown,
		    SLICE_FMT(id));
	return arena_printf(arena, "%.*s%.*s", (int)(shown.n - last.n),
	    shown.p, SLICE_FMT(id));
}

static bool
read_all(int fd, const char *name, size_t bytes, struct arena *arena,
    struct slice *ret, struct err *err)
{
	char *p = arena_alloc(arena, bytes + 1);
	size_t n = 0;
	if (p == NULL)
		return ERR(err, ERR_BUSY, "no memory for %s", name);
	while (n < bytes) {
		ssize_t got = read(fd, p + n, bytes - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_ERRNO(err, errno, "%s cannot be read", name);
		if (got == 0)
			break; /* it became shorter while being read */
		n += (size_t)got;
	}
	*ret = slice_bytes(p, n);
	return true;
}

bool
source_read(const struct source *s, const char *name, size_t max_bytes,
    struct arena *arena, struct slice *ret, struct err *err)
{
	struct stat st;
	int fd = openat(s->fd, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return ERR(err, ERR_INPUT, "%s/%s cannot be opened", s->shown,
		    name);
	bool is_fine = false;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		(void)ERR(err, ERR_INPUT, "%s is not a regular file", name);
	else if ((uintmax_t)st.st_size > max_bytes)
		(void)ERR(err, ERR_LIMIT, "%s has more than %zu bytes", name,
		    max_bytes);
	else
		is_fine = read_all(fd, name, (size_t)st.st_size, arena, ret,
		    err);
	(void)close(fd);
	return is_fine;
}
