/* Reading rows and their history. */
#include "register/register.h"

#include "base/must.h"
#include "register.sql.h"
#include "register/value.h"
#include "regulation/values.h"

enum { COUNTS_MAX = 2 * PACK_REGISTERS_MAX };

/* row_get and row_list begin with the same columns. */
_Static_assert((int)REGISTER_ROW_GET__ENDED_AT ==
	(int)REGISTER_ROW_LIST__ENDED_AT,
    "same columns");
_Static_assert((int)REGISTER_ROW_GET__ENDED_AT ==
	    (int)REGISTER_ROW_STANDING__ENDED_AT &&
	(int)REGISTER_ROW_GET__ENDED_AT == (int)REGISTER_ROW_STOOD__ENDED_AT,
    "same columns");

static bool
read_row(const struct register_source *from, struct store_rows *rows,
    struct register_row *ret, struct err *err)
{
	*ret = (struct register_row){
	    .id = (uint64_t)store_int(rows, REGISTER_ROW_GET__ID),
	    .version = (uint32_t)store_int(rows, REGISTER_ROW_GET__VERSION),
	    .section = (uint64_t)store_int(rows, REGISTER_ROW_GET__SECTION),
	    .name = arena_copy(
		from->arena, store_text(rows, REGISTER_ROW_GET__NAME)),
	    .n = from->reg->n_fields,
	    .fact = (uint32_t)store_int(rows, REGISTER_ROW_GET__FACT),
	    .made_at = store_int(rows, REGISTER_ROW_GET__MADE_AT),
	    .changed_at = store_int(rows, REGISTER_ROW_GET__CHANGED_AT),
	    .ended_at = store_int(rows, REGISTER_ROW_GET__ENDED_AT)};
	return pack_values_read(from->reg->fields, from->reg->n_fields,
	    store_text(rows, REGISTER_ROW_GET__CONTENT), from->arena,
	    &ret->values, err);
}

bool
register_get(const struct register_source *from, uint64_t id,
    struct register_row *ret, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	return store_query_one(from->reader, REGISTER_ROW_GET, p,
		   STORE_COUNT(p), &rows, err) &&
	    read_row(from, &rows, ret, err) && store_finish(&rows, err);
}

/* %folded%, with what LIKE would read as a wildcard escaped by '!'. */
static bool
pattern_of(struct slice query, struct buf *to, struct err *err)
{
	static const struct pack_field as_text = {.type = PACK_FIELD_TEXT};
	struct buf folded = buf_of(REGISTER_QUERY_MAX_BYTES * 4);
	if (query.n > REGISTER_QUERY_MAX_BYTES)
		return ERR(err, ERR_LIMIT, "the words to search for are too "
		    "long");
	register_value_fold(&as_text, query, &folded);
	if (folded.n > 0)
		buf_add_byte(to, '%');
	for (size_t i = 0; i < folded.n; i++) {
		if (folded.p[i] == '%' || folded.p[i] == '_' ||
		    folded.p[i] == '!')
			buf_add_byte(to, '!');
		buf_add_byte(to, (uint8_t)folded.p[i]);
	}
	if (folded.n > 0)
		buf_add_byte(to, '%');
	bool is_fine = !folded.failed ||
	    ERR(err, ERR_INPUT, "the words to search for are no text");
	buf_close(&folded);
	return is_fine;
}

static struct store_value
filter_text(const struct register_ask *ask, size_t i, bool is_value)
{
	if (i >= ask->n_filters)
		return STORE_TEXT(SLICE(""));
	return STORE_TEXT(is_value ? ask->filters[i].value
				   : ask->filters[i].field);
}

static bool
list_rows(const struct register_source *from, const struct register_ask *ask,
    struct slice pattern, struct register_row *list, size_t *ret_n,
    bool *ret_more, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_INT((int64_t)ask->section),
	    STORE_TEXT(pattern), filter_text(ask, 0, false),
	    filter_text(ask, 0, true), filter_text(ask, 1, false),
	    filter_text(ask, 1, true), filter_text(ask, 2, false),
	    filter_text(ask, 2, true), STORE_INT(ask->with_ended),
	    STORE_TEXT(ask->after_sort), STORE_INT((int64_t)ask->after),
	    STORE_INT((int64_t)ask->max + 1)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	*ret_more = false;
	if (!store_query(from->reader, REGISTER_ROW_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	while (store_next(&rows)) {
		if (n == ask->max) {
			*ret_more = true;
			break;
		}
		if (!read_row(from, &rows, &list[n], err))
			return false;
		list[n++].sort = arena_copy(
		    from->arena, store_text(&rows, REGISTER_ROW_LIST__SORT));
	}
	*ret_n = n;
	return store_finish(&rows, err) &&
	    (!arena_is_failed(from->arena) ||
		ERR(err, ERR_LIMIT, "no room for so long a list"));
}

bool
register_list(const struct register_source *from,
    const struct register_ask *ask, struct register_row **ret, size_t *ret_n,
    bool *ret_more, struct err *err)
{
	must(ask->max > 0 && ask->max <= REGISTER_BATCH_MAX);
	must(ask->n_filters <= REGISTER_FILTERS_MAX);
	*ret = arena_array(from->arena, ask->max, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no room for so long a list");
	struct buf pattern = buf_of(REGISTER_QUERY_MAX_BYTES * 8);
	struct slice text = SLICE("");
	bool is_fine = pattern_of(ask->query, &pattern, err) &&
	    buf_finish(&pattern, &text, err) &&
	    list_rows(from, ask, text, *ret, ret_n, ret_more, err);
	buf_close(&pattern);
	return is_fine;
}

bool
register_evidence(const struct register_source *from,
    const struct register_evidence *ask, struct register_row **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value now[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_INT((int64_t)ask->after),
	    STORE_INT((int64_t)ask->max)};
	const struct store_value then[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_INT(ask->at),
	    STORE_INT((int64_t)ask->after), STORE_INT((int64_t)ask->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	must(ask->max > 0 && ask->max <= REGISTER_BATCH_MAX);
	*ret_n = 0;
	*ret = arena_array(from->arena, ask->max, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no room for so long a list");
	if (!(ask->at == 0 ? store_query(from->reader, REGISTER_ROW_STANDING,
				 now, STORE_COUNT(now), &rows, err)
			   : store_query(from->reader, REGISTER_ROW_STOOD,
				 then, STORE_COUNT(then), &rows, err)))
		return false;
	while (*ret_n < ask->max && store_next(&rows))
		if (!read_row(from, &rows, &(*ret)[(*ret_n)++], err))
			return false;
	return store_finish(&rows, err);
}

bool
register_changes(struct store_reader *reader, uint64_t body, struct arena *a,
    struct register_changes **ret, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT(COUNTS_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	*ret = arena_array(a, COUNTS_MAX, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no room for so long a list");
	if (!store_query(reader, REGISTER_CHANGE_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	while (n < COUNTS_MAX && store_next(&rows))
		(*ret)[n++] = (struct register_changes){
		    .register_id = arena_copy(
			a, store_text(&rows, REGISTER_CHANGE_LIST__REGISTER)),
		    .n = (uint64_t)store_int(
			&rows, REGISTER_CHANGE_LIST__CHANGES)};
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
register_versions(const struct register_source *from, uint64_t id,
    struct register_version **ret, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(from->reg->id), STORE_INT((int64_t)id),
	    STORE_INT(INT32_MAX), STORE_INT(REGISTER_VERSIONS_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	*ret = arena_array(from->arena, REGISTER_VERSIONS_MAX, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no room for so long a list");
	if (!store_query(from->reader, REGISTER_VERSION_LIST, p,
		STORE_COUNT(p), &rows, err))
		return false;
	while (n < REGISTER_VERSIONS_MAX && store_next(&rows)) {
		struct register_version *v = &(*ret)[n++];
		*v = (struct register_version){
		    .version = (uint32_t)store_int(
			&rows, REGISTER_VERSION_LIST__VERSION),
		    .section = (uint64_t)store_int(
			&rows, REGISTER_VERSION_LIST__SECTION),
		    .n = from->reg->n_fields,
		    .at = store_int(&rows, REGISTER_VERSION_LIST__AT),
		    .person = (uint64_t)store_int(
			&rows, REGISTER_VERSION_LIST__PERSON),
		    .reason = arena_copy(from->arena,
			store_text(&rows, REGISTER_VERSION_LIST__REASON)),
		    .is_end =
			store_int(&rows, REGISTER_VERSION_LIST__IS_END) != 0};
		if (!pack_values_read(from->reg->fields, from->reg->n_fields,
			store_text(&rows, REGISTER_VERSION_LIST__CONTENT),
			from->arena, &v->values, err))
			return false;
	}
	*ret_n = n;
	return store_finish(&rows, err);
}

bool
register_counts(struct store_reader *reader, uint64_t body, struct arena *a,
    struct register_count **ret, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT(COUNTS_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	*ret = arena_array(a, COUNTS_MAX, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no room for so long a list");
	if (!store_query(
		reader, REGISTER_ROW_COUNTS, p, STORE_COUNT(p), &rows, err))
		return false;
	while (n < COUNTS_MAX && store_next(&rows))
		(*ret)[n++] = (struct register_count){
		    .register_id = arena_copy(
			a, store_text(&rows, REGISTER_ROW_COUNTS__REGISTER)),
		    .rows = (uint64_t)store_int(
			&rows, REGISTER_ROW_COUNTS__ROWS)};
	*ret_n = n;
	return store_finish(&rows, err);
}
