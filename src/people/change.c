#include "people/change.h"

#include "people/page.h"
#include "people/people.h"
#include "people.sql.h"

bool
people_change_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_change *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_CHANGE_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = (struct people_change){
	    .id = (uint64_t)store_int(&rows, PEOPLE_CHANGE_GET__ID),
	    .title = page_text(&rows, PEOPLE_CHANGE_GET__TITLE, a),
	    .effect_at = store_int(&rows, PEOPLE_CHANGE_GET__EFFECT_AT),
	    .rows = arena_copy(a, store_blob(&rows, PEOPLE_CHANGE_GET__ROWS)),
	    .made_at = store_int(&rows, PEOPLE_CHANGE_GET__MADE_AT),
	    .applied_at = store_int(&rows, PEOPLE_CHANGE_GET__APPLIED_AT)};
	if (!store_finish(&rows, err))
		return false;
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}

bool
people_changes(struct store_reader *r, uint64_t body, instant before,
    uint64_t before_id, struct arena *a, struct people_change **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT(before == 0 ? INT64_MAX : before),
	    STORE_INT((int64_t)before_id), STORE_INT(PEOPLE_CHANGES_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct people_change *list =
	    arena_array(a, PEOPLE_CHANGES_MAX, sizeof(*list));
	size_t n = 0;
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!store_query(r, PEOPLE_CHANGE_LIST, p, STORE_COUNT(p), &rows, err))
		return false;
	while (n < PEOPLE_CHANGES_MAX && store_next(&rows))
		list[n++] = (struct people_change){
		    .id = (uint64_t)store_int(&rows, PEOPLE_CHANGE_LIST__ID),
		    .title = page_text(&rows, PEOPLE_CHANGE_LIST__TITLE, a),
		    .effect_at =
			store_int(&rows, PEOPLE_CHANGE_LIST__EFFECT_AT),
		    .made_at = store_int(&rows, PEOPLE_CHANGE_LIST__MADE_AT),
		    .applied_at =
			store_int(&rows, PEOPLE_CHANGE_LIST__APPLIED_AT)};
	*ret = list;
	return end_page(&rows, a, n, ret_n, err);
}

bool
people_put_change(struct store_tx *tx, uint64_t body,
    const struct people_change *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_TEXT(row->title),
	    STORE_INT(row->effect_at), STORE_BLOB(row->rows),
	    STORE_INT(row->made_at)};
	return check_text(
		   row->title, PEOPLE_NAME_MAX_BYTES, "a title", err) &&
	       (row->rows.n <= PEOPLE_CHANGE_MAX_BYTES ||
		   ERR(err, ERR_LIMIT, "the change has too many rows")) &&
	       store_run(tx, PEOPLE_CHANGE_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_change_applied(struct store_tx *tx, uint64_t body, uint64_t id,
    instant at, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)id), STORE_INT(at)};
	return store_run(
	    tx, PEOPLE_CHANGE_APPLIED, p, STORE_COUNT(p), NULL, err);
}
