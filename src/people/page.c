#include "people/page.h"

struct slice
page_text(struct store_rows *rows, unsigned column, struct arena *a)
{
	struct slice s = store_text(rows, column);
	return s.n == 0 ? SLICE("") : arena_copy(a, s);
}

bool
begin_page(
    const struct people_page *page, size_t size, void **ret, struct err *err)
{
	if (page->max == 0 || page->max > PEOPLE_PAGE_MAX)
		return ERR(
		    err, ERR_LIMIT, "a list has 1 to %d rows", PEOPLE_PAGE_MAX);
	*ret = arena_array(page->arena, page->max, size);
	return *ret != NULL ||
	       ERR(err, ERR_LIMIT, "no room for so long a list");
}

bool
end_page(struct store_rows *rows, const struct arena *a, size_t n,
    size_t *ret_n, struct err *err)
{
	*ret_n = n;
	if (!store_finish(rows, err))
		return false;
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no room for so long a list");
}

bool
check_text(struct slice s, size_t max, const char *field, struct err *err)
{
	if (s.n == 0)
		return ERR(err, ERR_INPUT, "%s is empty", field);
	if (s.n > max)
		return ERR(
		    err, ERR_INPUT, "%s has more than %zu bytes", field, max);
	return true;
}
