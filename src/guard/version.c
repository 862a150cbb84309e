/*
 * The versions of a record, and by which entries of the ledger they came
 * about.
 */
#include "guard.sql.h"
#include "guard/inside.h"

/* From the index of accesses; nothing where it does not know the entry yet. */
static bool
find_maker(struct door *d, struct visitor *v, const struct record_name *name,
    struct shown_version *to, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)name->body),
	    STORE_INT((int64_t)name->holding), STORE_INT((int64_t)name->id),
	    STORE_INT((int64_t)d->guard->config.node),
	    STORE_INT((int64_t)to->entry)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	uint64_t person = 0, capacity = 0;
	if (!store_query(d->reader, GUARD_ACCESS_OF_ENTRY, p, STORE_COUNT(p),
		&rows, err))
		return false;
	if (store_next(&rows)) {
		to->made_at = store_int(&rows, GUARD_ACCESS_OF_ENTRY__AT);
		person = (uint64_t)store_int(
		    &rows, GUARD_ACCESS_OF_ENTRY__PERSON);
		capacity = (uint64_t)store_int(
		    &rows, GUARD_ACCESS_OF_ENTRY__CAPACITY);
		to->act = arena_copy(
		    v->arena, store_text(&rows, GUARD_ACCESS_OF_ENTRY__ACT));
		to->reference = arena_copy(v->arena,
		    store_text(&rows, GUARD_ACCESS_OF_ENTRY__REFERENCE));
	}
	if (!store_finish(&rows, err))
		return false;
	if (person != 0)
		to->person_name = door_name(d, v->arena, v->body, person);
	if (capacity != 0)
		to->post = door_post(d, v, capacity);
	return true;
}

bool
door_versions(struct door *d, struct visitor *v, uint64_t holding,
    uint64_t record, struct shown_version **ret, size_t *ret_n, struct err *err)
{
	const struct record_name name = {
	    .body = v->body, .holding = holding, .id = record};
	struct record_version *list;
	size_t n;
	struct decision may = door_may(d, v, holding, ACT_VIEW);
	if (may.verdict != VERDICT_ALLOW && may.verdict != VERDICT_MASK)
		return ERR(err, ERR_DENIED, "no grant for the holding");
	if (!record_versions(
		d->reader, v->body, holding, record, v->arena, &list, &n, err))
		return false;
	struct shown_version *out = arena_array(v->arena, n, sizeof(*out));
	if (out == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < n; i++) {
		const struct record_version *from = &list[n - 1 - i];
		out[i] = (struct shown_version){.version = from->version,
		    .made_at = i + 1 < n ? list[n - 2 - i].ended_at : 0,
		    .ended_at = from->ended_at,
		    .entry = from->entry};
		if (from->entry != 0 &&
		    !find_maker(d, v, &name, &out[i], err))
			return false;
	}
	*ret = out;
	*ret_n = n;
	return !arena_is_failed(v->arena) ||
	       ERR(err, ERR_LIMIT, "no memory for this request");
}
