#include "people/people.h"

#include <string.h>

#include "base/must.h"
#include "people/page.h"
#include "people.sql.h"

static const char *const kind_names[] = {
    [PEOPLE_STAFF] = "staff",
    [PEOPLE_DISPATCHED] = "dispatched",
    [PEOPLE_CONTRACTOR] = "contractor",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == PEOPLE_KINDS,
    "each kind has its name");

static const char *const state_names[] = {
    [PEOPLE_NEW] = "new",
    [PEOPLE_ACTIVE] = "active",
    [PEOPLE_LOCKED] = "locked",
    [PEOPLE_ENDED] = "ended",
};
_Static_assert(sizeof(state_names) / sizeof(state_names[0]) == PEOPLE_STATES,
    "each state has its name");

const char *
people_kind_name(enum people_kind kind)
{
	must((unsigned)kind < PEOPLE_KINDS);
	return kind_names[kind];
}

bool
people_kind_read(struct slice s, enum people_kind *ret)
{
	for (unsigned i = 0; i < PEOPLE_KINDS; i++) {
		if (!slice_is(s, kind_names[i]))
			continue;
		*ret = (enum people_kind)i;
		return true;
	}
	return false;
}

const char *
people_state_name(enum people_state state)
{
	must((unsigned)state < PEOPLE_STATES);
	return state_names[state];
}

/* An unknown state lets nobody in. */
static enum people_state
read_state(struct slice s)
{
	for (unsigned i = 0; i < PEOPLE_STATES; i++)
		if (slice_is(s, state_names[i]))
			return (enum people_state)i;
	return PEOPLE_ENDED;
}

static struct people_body
read_body(struct store_rows *rows, struct arena *a)
{
	return (struct people_body){
	    .id = (uint64_t)store_int(rows, PEOPLE_BODY_GET__BODY),
	    .pack = page_text(rows, PEOPLE_BODY_GET__PACK, a),
	    .pack_hash =
		arena_copy(a, store_blob(rows, PEOPLE_BODY_GET__PACK_HASH)),
	    .name = page_text(rows, PEOPLE_BODY_GET__NAME, a),
	    .kana = page_text(rows, PEOPLE_BODY_GET__KANA, a),
	    .code = page_text(rows, PEOPLE_BODY_GET__CODE, a),
	    .created = store_int(rows, PEOPLE_BODY_GET__CREATED)};
}

static struct people_person
read_person(struct store_rows *rows, struct arena *a)
{
	struct people_person p = {
	    .id = (uint64_t)store_int(rows, PEOPLE_PERSON_GET__ID),
	    .name = page_text(rows, PEOPLE_PERSON_GET__NAME, a),
	    .kana = page_text(rows, PEOPLE_PERSON_GET__KANA, a),
	    .email = page_text(rows, PEOPLE_PERSON_GET__EMAIL, a)};
	if (!people_kind_read(
		store_text(rows, PEOPLE_PERSON_GET__KIND), &p.kind))
		p.kind = PEOPLE_CONTRACTOR;
	return p;
}

static struct people_account
read_account(struct store_rows *rows, struct arena *a)
{
	return (struct people_account){
	    .id = (uint64_t)store_int(rows, PEOPLE_ACCOUNT_GET__ID),
	    .person = (uint64_t)store_int(rows, PEOPLE_ACCOUNT_GET__PERSON),
	    .logon = page_text(rows, PEOPLE_ACCOUNT_GET__LOGON, a),
	    .state = read_state(store_text(rows, PEOPLE_ACCOUNT_GET__STATE))};
}

static struct people_office
read_office(struct store_rows *rows, struct arena *a)
{
	return (struct people_office){
	    .id = (uint64_t)store_int(rows, PEOPLE_OFFICE_LIST__ID),
	    .office = page_text(rows, PEOPLE_OFFICE_LIST__OFFICE, a),
	    .section = (uint64_t)store_int(rows, PEOPLE_OFFICE_LIST__SECTION)};
}

static struct people_terminal
read_terminal(struct store_rows *rows, struct arena *a)
{
	struct slice f = store_blob(rows, PEOPLE_TERMINAL_LIST__FINGERPRINT);
	struct people_terminal t = {
	    .id = (uint64_t)store_int(rows, PEOPLE_TERMINAL_LIST__ID),
	    .name = page_text(rows, PEOPLE_TERMINAL_LIST__NAME, a),
	    .section =
		(uint64_t)store_int(rows, PEOPLE_TERMINAL_LIST__SECTION)};
	if (f.n == sizeof(t.fingerprint))
		memcpy(t.fingerprint, f.p, f.n);
	return t;
}

bool
people_bodies(struct store_reader *r, uint64_t after, size_t max,
    struct arena *a, struct people_body **ret, size_t *ret_n, struct err *err)
{
	const struct people_page page = {
	    .reader = r, .arena = a, .after = after, .max = max};
	const struct store_value p[] = {
	    STORE_INT((int64_t)after), STORE_INT((int64_t)max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(&page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(r, PEOPLE_BODY_LIST, p, STORE_COUNT(p), &rows, err))
		return false;
	size_t n = 0;
	while (n < max && store_next(&rows))
		(*ret)[n++] = read_body(&rows, a);
	return end_page(&rows, a, n, ret_n, err);
}

bool
people_body_get(struct store_reader *r, uint64_t body, struct arena *a,
    struct people_body *ret, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(r, PEOPLE_BODY_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_body(&rows, a);
	return store_finish(&rows, err);
}

bool
people_persons(const struct people_page *page, struct people_person **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_TEXT(page->after_kana), STORE_INT((int64_t)page->after),
	    STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(page->reader, PEOPLE_PERSON_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_person(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_accounts(const struct people_page *page, struct people_account **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)page->after), STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(page->reader, PEOPLE_ACCOUNT_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_account(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_accounts_of(const struct people_page *page, uint64_t person,
    struct people_account **ret, size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)person), STORE_INT((int64_t)page->after),
	    STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(
		page->reader, PEOPLE_ACCOUNT_OF, p, STORE_COUNT(p), &rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_account(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_offices(const struct people_page *page, struct people_office **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)page->after), STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(page->reader, PEOPLE_OFFICE_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_office(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_terminals(const struct people_page *page, struct people_terminal **ret,
    size_t *ret_n, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)page->body),
	    STORE_INT((int64_t)page->after), STORE_INT((int64_t)page->max)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!begin_page(page, sizeof(**ret), (void **)ret, err) ||
	    !store_query(page->reader, PEOPLE_TERMINAL_LIST, p, STORE_COUNT(p),
		&rows, err))
		return false;
	size_t n = 0;
	while (n < page->max && store_next(&rows))
		(*ret)[n++] = read_terminal(&rows, page->arena);
	return end_page(&rows, page->arena, n, ret_n, err);
}

bool
people_person_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_person *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_PERSON_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_person(&rows, a);
	return store_finish(&rows, err);
}

bool
people_account_get(struct store_reader *r, uint64_t body, uint64_t id,
    struct arena *a, struct people_account *ret, struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_ACCOUNT_GET, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_account(&rows, a);
	return store_finish(&rows, err);
}

bool
people_account_by_logon(struct store_reader *r, uint64_t body,
    struct slice logon, struct arena *a, struct people_account *ret,
    struct err *err)
{
	const struct store_value p[] = {
	    STORE_INT((int64_t)body), STORE_TEXT(logon)};
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	if (!store_query_one(
		r, PEOPLE_ACCOUNT_BY_LOGON, p, STORE_COUNT(p), &rows, err))
		return false;
	*ret = read_account(&rows, a);
	return store_finish(&rows, err);
}

/* An empty optional text is NULL in the database. */
static struct store_value
or_null(struct slice s, enum store_type type)
{
	return s.n == 0 ? STORE_NULL
			: (struct store_value){.type = type, .s = s};
}

bool
people_put_body(
    struct store_tx *tx, const struct people_body *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)row->id),
	    STORE_TEXT(row->pack), or_null(row->pack_hash, STORE_TYPE_BLOB),
	    STORE_TEXT(row->name), STORE_TEXT(row->kana),
	    or_null(row->code, STORE_TYPE_TEXT), STORE_INT(row->created)};
	return check_text(row->pack, PEOPLE_LOGON_MAX_BYTES, "pack", err) &&
	       check_text(row->name, PEOPLE_NAME_MAX_BYTES, "name", err) &&
	       store_run(tx, PEOPLE_BODY_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_put_person(struct store_tx *tx, uint64_t body,
    const struct people_person *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_TEXT(row->name),
	    STORE_TEXT(row->kana),
	    STORE_TEXT(slice_of(people_kind_name(row->kind))),
	    or_null(row->email, STORE_TYPE_TEXT)};
	if (row->kana.n > PEOPLE_NAME_MAX_BYTES ||
	    row->email.n > PEOPLE_NAME_MAX_BYTES)
		return ERR(err, ERR_INPUT,
		    "kana or email has more than %d bytes",
		    PEOPLE_NAME_MAX_BYTES);
	return check_text(row->name, PEOPLE_NAME_MAX_BYTES, "name", err) &&
	       store_run(tx, PEOPLE_PERSON_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_put_account(struct store_tx *tx, uint64_t body,
    const struct people_account *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_INT((int64_t)row->person),
	    STORE_TEXT(row->logon),
	    STORE_TEXT(slice_of(people_state_name(row->state)))};
	return check_text(row->logon, PEOPLE_LOGON_MAX_BYTES, "logon", err) &&
	       store_run(tx, PEOPLE_ACCOUNT_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_put_office(struct store_tx *tx, uint64_t body,
    const struct people_office *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_TEXT(row->office),
	    STORE_INT((int64_t)row->section)};
	return check_text(row->office, PEOPLE_LOGON_MAX_BYTES, "office", err) &&
	       store_run(tx, PEOPLE_OFFICE_PUT, p, STORE_COUNT(p), NULL, err);
}

bool
people_put_terminal(struct store_tx *tx, uint64_t body,
    const struct people_terminal *row, struct err *err)
{
	const struct store_value p[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)row->id), STORE_TEXT(row->name),
	    STORE_BLOB(slice_bytes(row->fingerprint, sizeof(row->fingerprint))),
	    STORE_INT((int64_t)row->section)};
	return check_text(row->name, PEOPLE_NAME_MAX_BYTES, "name", err) &&
	       store_run(tx, PEOPLE_TERMINAL_PUT, p, STORE_COUNT(p), NULL, err);
}
