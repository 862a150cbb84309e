#include "base/slice.h"

int
slice_compare(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice
slice_trim(struct slice a)
{
	while (a.n > 0 && is_space(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n > 0 && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

bool
slice_split(struct slice *rest, char sep, struct slice *ret_part)
{
	if (rest->p == NULL)
		return false;
	size_t at = slice_find(*rest, sep);
	*ret_part = (struct slice){rest->p, at};
	*rest = at == rest->n
	    ? SLICE_NONE
	    : (struct slice){rest->p + at + 1, rest->n - at - 1};
	return true;
}
