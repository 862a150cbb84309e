#include "people/page.h"
#include "people.sql.h"

static struct people_organ
read_organ(struct store_rows *rows, struct arena *a)
{
	return (struct people_organ){
	    .id = (uint64_t)store_int(rows, PEOPLE_ORGAN_LIST__ID),
	    .name = page_text(rows, PEOPLE_ORGAN_LIST__NAME, a),
	    .head_title = page_text(rows, PEOPLE_ORGAN_LIST__HEAD_TITLE, a),
	    .adopted_on =
		(uint32_t)store_int(rows, PEOPLE_ORGAN_LIST__ADOPTED_ON),
	    .ordinance = page_text(rows, PEOPLE_ORGAN_LIST__ORDINANCE, a),
	    .position =
		(uint32_t)store_int(rows, PEOPLE_ORGAN_LIST__POSITION)};
}

bool
people_organ_is_bound(const struct people_organ *o, uint32_t day)
{
	return o->ordinance.n == 0 && o->adopted_on <= day;
}

/* The same columns in every statement of sections. */
static struct people_section
read_section(struct store_rows *rows, struct arena *a)
{
	return (struct people_section){
	    .id = (uint64_t)store_int(rows, PEOPLE_SECTION_LIST__ID),
	    .organ = (uint64_t)store_int(rows, PEOPLE_SECTION_LIST__ORGAN),
	    .parent = (uint64_t)store_int(rows, PEOPLE_SECTION_LIST__PARENT),
	    .name = page_text(rows, PEOPLE_SECTION_LIST__NAME, a),
	    .unit = page_text(rows, PEOPLE_SECTION_LIST__UNIT, a),
	    .counts = store_int(rows, PEOPLE_SECTION_LIST__COUNTS) != 0};
}

bool
people_organs(const struct people_page *page, struct people_organ **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)page->after), STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(
		page->reader, PEOPLE_ORGAN_LIST, p, STORE_COUNT(p), &rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_organ(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_sections(const struct people_page *page, struct people_section **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)page->after), STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(page->reader, PEOPLE_SECTION_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_section(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_organ_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_organ *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_ORGAN_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_organ(&rows, a);
	return store_finish(&rows, err);
}

bool
people_section_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_section *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_SECTION_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_section(&rows, a);
	return store_finish(&rows, err);
}

bool
people_section_path(struct store_reader *r, uint64_t body, uint64_t section,
    struct arena *a, struct slice *ret, struct err *err)
{
	struct slice names[PEOPLE_DEPTH_MAX];
	struct slice path = SLICE("");
	size_t n = 0;
	while (section != 0 && n < PEOPLE_DEPTH_MAX) {
		struct people_section s;
		if (!people_section_get(r, body, section, a, &s, err))
			return false;
		names[n++] = s.name;
		section = s.parent;
	}
	while (section == 0 && n > 0) {
		n--;
		path = path.n == 0 ? names[n]
				   : arena_printf(a, "%.*s %.*s",
					 SLICE_FMT(path), SLICE_FMT(names[n]));
	}
	*ret = path;
	return !arena_is_failed(a) ||
	       ERR(err, ERR_LIMIT, "no room for a section's path");
}

bool
people_put_organ(struct store_tx *tx, uint64_t body,
    const struct people_organ *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_TEXT(row->name),
	    STORE_TEXT(row->head_title),
	    row->adopted_on == 0 ? STORE_NULL : STORE_INT(row->adopted_on),
	    STORE_TEXT(row->ordinance), STORE_INT(row->position)};
	return check_text(row->name, PEOPLE_NAME_MAX_BYTES, "name", err) &&
	    (row->ordinance.n <= PEOPLE_NAME_MAX_BYTES ||
	        ERR(err, ERR_INPUT, "the ordinance is too long")) &&
	       store_run(tx, PEOPLE_ORGAN_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_put_section(struct store_tx *tx, uint64_t body,
    const struct people_section *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_INT((int64_t)row->organ),
	    row->parent == 0 ? STORE_NULL : STORE_INT((int64_t)row->parent),
	    STORE_TEXT(row->name), STORE_TEXT(row->unit),
	    STORE_INT(row->counts)};
	if (row->parent == row->id)
		return ERR(err, ERR_INPUT, "a section is not its own parent");
	return check_text(row->name, PEOPLE_NAME_MAX_BYTES, "name", err) &&
	       store_run(tx, PEOPLE_SECTION_PUT, p, STORE_COUNT(p), NULL, err);
}
