#include "people/authority.h"

#include <string.h>

#include "people.sql.h"

bool
people_authority_list(struct store_reader *r,
    const struct people_authority *after, struct arena *a,
    struct people_authority *ret, size_t max, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)after->body),
	    STORE_INT(after->kind), STORE_INT((int64_t)after->id),
	    STORE_INT((int64_t)max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	if (!store_query(
		r, PEOPLE_AUTHORITY_LIST, p, STORE_COUNT(p), &rows, err))
		return false;
	while (n < max && store_next(&rows)) {
		struct slice mac =
		    store_blob(&rows, PEOPLE_AUTHORITY_LIST__MAC);
		struct people_authority *to = &ret[n++];
		*to = (struct people_authority){.body = after->body,
		    .kind = (int)store_int(&rows, PEOPLE_AUTHORITY_LIST__KIND),
		    .id = (uint64_t)store_int(&rows, PEOPLE_AUTHORITY_LIST__ID),
		    .content = arena_copy(
			a, store_blob(&rows, PEOPLE_AUTHORITY_LIST__CONTENT)),
		    .entry = (uint64_t)store_int(
			&rows, PEOPLE_AUTHORITY_LIST__ENTRY)};
		if (mac.n == sizeof(to->mac))
			memcpy(to->mac, mac.p, mac.n);
	}
	*ret_n = n;
	if (!store_finish(&rows, err))
		return false;
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "too many authority rows at once");
}

bool
people_authority_put(
    struct store_tx *tx, const struct people_authority *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)row->body),
	    STORE_INT(row->kind), STORE_INT((int64_t)row->id),
	    STORE_INT(row->version), STORE_BLOB(row->content),
	    STORE_BLOB(slice_bytes(row->mac, sizeof(row->mac))),
	    STORE_INT((int64_t)row->entry)};
	const struct store_value b[] = {STORE_INT((int64_t)row->body)};
	return store_run(
		   tx, PEOPLE_AUTHORITY_PUT, p, STORE_COUNT(p), NULL, err) &&
	       store_run(tx, PEOPLE_BODY_RAISE, b, STORE_COUNT(b), NULL, err);
}

bool
people_authority_version(
    struct store_reader *r, uint64_t body, uint64_t *ret, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_BODY_VERSION, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret =
	    (uint64_t)store_int(&rows, PEOPLE_BODY_VERSION__AUTHORITY_VERSION);
	return store_finish(&rows, err);
}
