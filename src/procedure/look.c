/* Reading matters. */
#include <string.h>

#include "base/must.h"
#include "procedure.sql.h"
#include "procedure/procedure.h"
#include "regulation/values.h"

static enum matter_state
read_state(struct slice s)
{
	enum matter_state state = MATTER_OPEN;
	while (state < MATTER_WITHDRAWN &&
	    !slice_is(s, matter_state_name(state)))
		state++;
	return state;
}

static bool
read_matter(const struct procedure_source *from, struct store_rows *rows,
    struct matter *ret, struct err *err)
{
	struct arena *a = from->arena;
	struct slice hash = store_blob(rows, PROCEDURE_MATTER_GET__PACK_HASH);
	bool is_of_before = !slice_is_equal(hash, slice_bytes(
	    (const char *)from->pack->hash, PACK_HASH_BYTES));
	const struct pack *kept = is_of_before && from->pack_of != NULL
	    ? from->pack_of(from->ctx, hash) : NULL;
	const struct pack *pack = kept != NULL ? kept : from->pack;
	const struct pack_procedure *p = pack_procedure(
	    pack, store_text(rows, PROCEDURE_MATTER_GET__PROCEDURE));
	size_t step = p == NULL ? 0
	    : pack_procedure_step(p,
	          store_text(rows, PROCEDURE_MATTER_GET__STEP));
	if (p == NULL || step == p->n_steps)
		return ERR(err, ERR_CORRUPT,
		    "the pack has no such procedure or step any more");
	*ret = (struct matter){.procedure = p, .pack = pack,
	    .is_of_before = is_of_before,
	    .is_pack_lost = is_of_before && kept == NULL,
	    .id = (uint64_t)store_int(rows, PROCEDURE_MATTER_GET__ID),
	    .version = (uint32_t)store_int(rows, PROCEDURE_MATTER_GET__VERSION),
	    .year = (uint32_t)store_int(rows, PROCEDURE_MATTER_GET__YEAR),
	    .sequence =
	        (uint32_t)store_int(rows, PROCEDURE_MATTER_GET__SEQUENCE),
	    .section = (uint64_t)store_int(rows, PROCEDURE_MATTER_GET__SECTION),
	    .holding = (uint64_t)store_int(rows, PROCEDURE_MATTER_GET__HOLDING),
	    .asker = (uint64_t)store_int(rows, PROCEDURE_MATTER_GET__ASKER),
	    .state = read_state(store_text(rows, PROCEDURE_MATTER_GET__STATE)),
	    .step = (uint32_t)step,
	    .entered = (uint32_t)store_int(rows, PROCEDURE_MATTER_GET__ENTERED),
	    .opened_at = store_int(rows, PROCEDURE_MATTER_GET__OPENED_AT),
	    .since = store_int(rows, PROCEDURE_MATTER_GET__SINCE),
	    .due = store_int(rows, PROCEDURE_MATTER_GET__DUE),
	    .closed_at = store_int(rows, PROCEDURE_MATTER_GET__CLOSED_AT),
	    .name = arena_copy(a,
	        store_text(rows, PROCEDURE_MATTER_GET__NAME))};
	return pack_values_read(p->fields, p->n_fields,
	    store_text(rows, PROCEDURE_MATTER_GET__CONTENT), a, &ret->values,
	    err);
}

static void
read_deed(const struct procedure_source *from, struct store_rows *rows,
    const struct pack_procedure *p, struct done *ret)
{
	struct arena *a = from->arena;
	struct slice hash = store_blob(rows, PROCEDURE_DEED_LIST__HASH);
	*ret = (struct done){
	    .number = (uint32_t)store_int(rows, PROCEDURE_DEED_LIST__NUMBER),
	    .at = store_int(rows, PROCEDURE_DEED_LIST__AT),
	    .step = (uint32_t)pack_procedure_step(p,
	        store_text(rows, PROCEDURE_DEED_LIST__STEP)),
	    .person = (uint64_t)store_int(rows, PROCEDURE_DEED_LIST__PERSON),
	    .capacity =
	        (uint64_t)store_int(rows, PROCEDURE_DEED_LIST__CAPACITY),
	    .terminal =
	        (uint64_t)store_int(rows, PROCEDURE_DEED_LIST__TERMINAL),
	    .office = arena_copy(a,
	        store_text(rows, PROCEDURE_DEED_LIST__OFFICE)),
	    .as = arena_copy(a,
	        store_text(rows, PROCEDURE_DEED_LIST__ACTED_AS)),
	    .item = arena_copy(a, store_text(rows, PROCEDURE_DEED_LIST__ITEM)),
	    .note = arena_copy(a, store_text(rows, PROCEDURE_DEED_LIST__NOTE))};
	if (!deed_read(store_text(rows, PROCEDURE_DEED_LIST__DEED),
	    &ret->deed))
		ret->deed = DEED_ASK;
	if (hash.n == sizeof(ret->hash))
		memcpy(ret->hash, hash.p, hash.n);
}

static bool
read_deeds(const struct procedure_source *from, struct matter *m,
    struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_INT((int64_t)m->id), STORE_INT(PROCEDURE_DEEDS_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct done *list =
	    arena_array(from->arena, PROCEDURE_DEEDS_MAX, sizeof(*list));
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!store_query(from->reader, PROCEDURE_DEED_LIST, p, STORE_COUNT(p),
	    &rows, err))
		return false;
	while (m->n_done < PROCEDURE_DEEDS_MAX && store_next(&rows))
		read_deed(from, &rows, m->procedure, &list[m->n_done++]);
	m->done = list;
	return store_finish(&rows, err) && (!arena_is_failed(from->arena) ||
	    ERR(err, ERR_LIMIT, "no memory for this request"));
}

bool
procedure_get(const struct procedure_source *from, uint64_t id,
    struct matter *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)from->body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	return store_query_one(from->reader, PROCEDURE_MATTER_GET, p,
	           STORE_COUNT(p), &rows, err) &&
	    read_matter(from, &rows, ret, err) && store_finish(&rows, err) &&
	    read_deeds(from, ret, err);
}

/* ---- lists ---- */

/* The three lists begin with the same columns. */
_Static_assert((int)PROCEDURE_MATTER_MINE__DUE ==
        (int)PROCEDURE_MATTER_OF__DUE &&
    (int)PROCEDURE_MATTER_OF__DUE == (int)PROCEDURE_MATTER_TURN__DUE &&
    (int)PROCEDURE_MATTER_OF__DUE == (int)PROCEDURE_MATTER_LEFT__DUE,
    "same columns");

static struct matter_line
read_line(struct store_rows *rows, struct arena *a)
{
	return (struct matter_line){
	    .id = (uint64_t)store_int(rows, PROCEDURE_MATTER_OF__ID),
	    .procedure = arena_copy(a,
	        store_text(rows, PROCEDURE_MATTER_OF__PROCEDURE)),
	    .year = (uint32_t)store_int(rows, PROCEDURE_MATTER_OF__YEAR),
	    .sequence =
	        (uint32_t)store_int(rows, PROCEDURE_MATTER_OF__SEQUENCE),
	    .section = (uint64_t)store_int(rows, PROCEDURE_MATTER_OF__SECTION),
	    .asker = (uint64_t)store_int(rows, PROCEDURE_MATTER_OF__ASKER),
	    .name = arena_copy(a, store_text(rows, PROCEDURE_MATTER_OF__NAME)),
	    .state = read_state(store_text(rows, PROCEDURE_MATTER_OF__STATE)),
	    .step = arena_copy(a, store_text(rows, PROCEDURE_MATTER_OF__STEP)),
	    .opened_at = store_int(rows, PROCEDURE_MATTER_OF__OPENED_AT),
	    .due = store_int(rows, PROCEDURE_MATTER_OF__DUE)};
}

/* Rows of a started query into list; the one past the page says more. */
static bool
read_lines(const struct procedure_source *from, struct store_rows *rows,
    bool has_after, struct matter_line *list, size_t *ret_n, bool *ret_more,
    struct err *err)
{
	*ret_more = false;
	while (store_next(rows)) {
		if (*ret_n == PROCEDURE_PAGE_MAX) {
			*ret_more = true;
			break;
		}
		list[*ret_n] = read_line(rows, from->arena);
		if (has_after)
			list[*ret_n].is_after = store_int(rows,
			    PROCEDURE_MATTER_TURN__IS_AFTER) != 0;
		(*ret_n)++;
	}
	return store_finish(rows, err) && (!arena_is_failed(from->arena) ||
	    ERR(err, ERR_LIMIT, "no memory for this request"));
}

static struct matter_line *
room(const struct procedure_source *from, size_t *ret_n, struct err *err)
{
	struct matter_line *list =
	    arena_array(from->arena, PROCEDURE_PAGE_MAX, sizeof(*list));
	*ret_n = 0;
	if (list == NULL)
		(void)ERR(err, ERR_LIMIT, "no memory for this request");
	return list;
}

bool
procedure_list(const struct procedure_source *from,
    const struct matter_ask *ask, struct matter_line **ret, size_t *ret_n,
    bool *ret_more, struct err *err)
{
	int64_t before = ask->before == 0 ? INT64_MAX : ask->before;
	struct slice state =
	    ask->state == NULL ? SLICE("") : slice_of(ask->state);
	const struct store_value mine[] = {STORE_INT((int64_t)from->body),
	    STORE_INT((int64_t)ask->asker), STORE_TEXT(ask->procedure),
	    STORE_TEXT(state), STORE_INT(before),
	    STORE_INT((int64_t)ask->before_id),
	    STORE_INT(PROCEDURE_PAGE_MAX + 1)};
	const struct store_value all[] = {STORE_INT((int64_t)from->body),
	    STORE_INT((int64_t)ask->section), STORE_TEXT(ask->procedure),
	    STORE_TEXT(state), STORE_INT(before),
	    STORE_INT((int64_t)ask->before_id),
	    STORE_INT(PROCEDURE_PAGE_MAX + 1)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	*ret = room(from, ret_n, err);
	if (*ret == NULL)
		return false;
	return (ask->asker != 0
	        ? store_query(from->reader, PROCEDURE_MATTER_MINE, mine,
	              STORE_COUNT(mine), &rows, err)
	        : store_query(from->reader, PROCEDURE_MATTER_OF, all,
	              STORE_COUNT(all), &rows, err)) &&
	    read_lines(from, &rows, false, *ret, ret_n, ret_more, err);
}

static bool
add_turns(const struct procedure_source *from, struct slice office,
    int64_t section, uint64_t person, struct matter_line *list, size_t *n,
    struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(office), STORE_INT(section), STORE_INT((int64_t)person),
	    STORE_INT(0), STORE_INT(PROCEDURE_PAGE_MAX + 1)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	bool has_more;
	return store_query(from->reader, PROCEDURE_MATTER_TURN, p,
	           STORE_COUNT(p), &rows, err) &&
	    read_lines(from, &rows, true, list, n, &has_more, err);
}

bool
procedure_turns(const struct procedure_source *from, uint64_t person,
    struct slice office, uint64_t section, bool is_of_body,
    struct matter_line **ret, size_t *ret_n, struct err *err)
{
	*ret = room(from, ret_n, err);
	if (*ret == NULL ||
	    !add_turns(from, SLICE(""), 0, person, *ret, ret_n, err))
		return false;
	if (office.n == 0)
		return true;
	if (is_of_body)
		return add_turns(from, office, -1, 0, *ret, ret_n, err);
	return add_turns(from, office, (int64_t)section, 0, *ret, ret_n, err) &&
	    (section == 0 || add_turns(from, office, 0, 0, *ret, ret_n, err));
}

bool
procedure_left(const struct procedure_source *from, uint64_t person,
    struct slice office, uint64_t section, struct matter_line **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)from->body),
	    STORE_INT((int64_t)section), STORE_TEXT(office),
	    STORE_INT((int64_t)person), STORE_INT(PROCEDURE_PAGE_MAX)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	bool has_more;
	*ret = room(from, ret_n, err);
	return *ret != NULL && store_query(from->reader, PROCEDURE_MATTER_LEFT,
	        p, STORE_COUNT(p), &rows, err) &&
	    read_lines(from, &rows, false, *ret, ret_n, &has_more, err);
}

/* ---- for duties ---- */

bool
procedure_evidence(const struct procedure_source *from,
    const struct procedure_evidence *ask, struct matter_ended **ret,
    size_t *ret_n, struct err *err)
{
	const struct pack_procedure *p = ask->procedure;
	const struct store_value v[] = {STORE_INT((int64_t)from->body),
	    STORE_TEXT(p->id),
	    STORE_TEXT(slice_of(matter_state_name(MATTER_DONE))),
	    STORE_INT(ask->at), STORE_INT((int64_t)ask->after),
	    STORE_INT((int64_t)ask->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	must(ask->max > 0 && ask->max <= PROCEDURE_BATCH_MAX);
	*ret_n = 0;
	*ret = arena_array(from->arena, ask->max, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!store_query(from->reader, PROCEDURE_MATTER_ENDED, v,
	    STORE_COUNT(v), &rows, err))
		return false;
	while (*ret_n < ask->max && store_next(&rows)) {
		struct matter_ended *m = &(*ret)[(*ret_n)++];
		*m = (struct matter_ended){
		    .id = (uint64_t)store_int(&rows,
		        PROCEDURE_MATTER_ENDED__ID),
		    .section = (uint64_t)store_int(&rows,
		        PROCEDURE_MATTER_ENDED__SECTION),
		    .holding = (uint64_t)store_int(&rows,
		        PROCEDURE_MATTER_ENDED__HOLDING),
		    .name = arena_copy(from->arena, store_text(&rows,
		        PROCEDURE_MATTER_ENDED__NAME)),
		    .opened_at = store_int(&rows,
		        PROCEDURE_MATTER_ENDED__OPENED_AT),
		    .closed_at = store_int(&rows,
		        PROCEDURE_MATTER_ENDED__CLOSED_AT)};
		if (!pack_values_read(p->fields, p->n_fields,
		    store_text(&rows, PROCEDURE_MATTER_ENDED__CONTENT),
		    from->arena, &m->values, err))
			return false;
	}
	return store_finish(&rows, err);
}

bool
procedure_changes(const struct procedure_source *from,
    struct procedure_changes **ret, size_t *ret_n, struct err *err)
{
	enum { MOST = 2 * PACK_PROCEDURES_MAX };
	const struct store_value p[] = {
	    STORE_INT((int64_t)from->body), STORE_INT(MOST)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t n = 0;
	*ret = arena_array(from->arena, MOST, sizeof(**ret));
	if (*ret == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	if (!store_query(from->reader, PROCEDURE_CHANGE_LIST, p,
	    STORE_COUNT(p), &rows, err))
		return false;
	while (n < MOST && store_next(&rows))
		(*ret)[n++] = (struct procedure_changes){
		    .procedure = arena_copy(from->arena, store_text(&rows,
		        PROCEDURE_CHANGE_LIST__PROCEDURE)),
		    .n = (uint64_t)store_int(&rows,
		        PROCEDURE_CHANGE_LIST__CHANGES)};
	*ret_n = n;
	return store_finish(&rows, err);
}
