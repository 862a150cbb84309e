/*
 * Goal of this test: what is sealed opens only under its own key and name;
 * corrections keep what was before; erasure leaves nothing; 秘匿 records are
 * absent from lists; search finds what it should and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vault_rig.h"

/* ---- sealing ---- */

static void
test_seal(void **state)
{
	struct aead *aead = aead_open();
	struct arena *a = arena_open(1024 * 1024);
	struct buf sealed = buf_of(RECORD_SEALED_MAX_BYTES);
	struct slice in[3] = {
	    SLICE("髙\xf3\xa0\x84\x80"), SLICE_NONE, SLICE("")};
	struct slice out[4];
	struct record_name name = {1, 2, 3, 4},
			   others[] = {{9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4},
			       {1, 2, 3, 9}};
	uint8_t key[AEAD_KEY_BYTES] = {7}, wrong[AEAD_KEY_BYTES] = {8};
	struct err err = ERR_INIT;
	struct slice s;
	(void)state;
	record_seal(aead, key, &name, in, 3, &sealed);
	assert_true(buf_finish(&sealed, &s, &err));
	assert_true(record_unseal(aead, key, &name, s, a, out, 4, &err));
	assert_true(slice_is_equal(out[0], in[0]));
	assert_null(out[1].p);
	assert_true(out[2].p != NULL && out[2].n == 0);
	assert_null(out[3].p);
	for (size_t i = 0; i < 4; i++)
		assert_false(
		    record_unseal(aead, key, &others[i], s, a, out, 4, &err));
	assert_false(record_unseal(aead, wrong, &name, s, a, out, 4, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
	for (size_t i = 0; i < s.n; i++) {
		sealed.p[i] ^= 1;
		assert_false(
		    record_unseal(aead, key, &name, s, a, out, 4, &err));
		assert_false(record_unseal(
		    aead, key, &name, slice_bytes(s.p, i), a, out, 4, &err));
		sealed.p[i] ^= 1;
	}
	buf_close(&sealed);
	arena_close(a);
	aead_close(aead);
}

static void
test_seal_cap(void **state)
{
	static char bytes[RECORD_SEALED_MAX_BYTES];
	enum { HEAD = 6 };
	struct aead *aead = aead_open();
	struct record_name name = {1, 2, 3, 4};
	uint8_t key[AEAD_KEY_BYTES] = {7};
	struct buf to = buf_of((size_t)2 * RECORD_SEALED_MAX_BYTES);
	struct slice most =
	    slice_bytes(bytes, RECORD_SEALED_MAX_BYTES - AEAD_OVERHEAD - HEAD);
	(void)state;
	record_seal(aead, key, &name, &most, 1, &to);
	assert_false(to.failed);
	assert_int_equal(to.n, RECORD_SEALED_MAX_BYTES);
	most.n++;
	record_seal(aead, key, &name, &most, 1, &to);
	assert_true(to.failed);
	buf_close(&to);
	aead_close(aead);
}

/* ---- a record's life ---- */

static void
fetch(struct vault_rig *rig)
{
	struct slice v[HOLDING_ITEMS_MAX];
	struct record_row row;
	int64_t n;
	rig_put(rig, 10, rig_hanako);
	rig_put(rig, 11, rig_taro);
	assert_true(rig_open_record(rig, 10, v, &row));
	for (size_t i = 0; i < rig_residents.n_items; i++)
		assert_true(slice_is(v[i], rig_hanako[i]));
	assert_true(rig_open_record(rig, 11, v, &row));
	assert_true(slice_is(v[0], rig_taro[0]));
	assert_false(rig_open_record(rig, 12, v, &row));
	assert_ok(rig,
	    holding_count(rig->reader, RIG_BODY, RIG_HOLDING, &n, &rig->err));
	assert_int_equal(n, 2);
	/* not through another body or holding */
	assert_false(record_fetch(rig->reader, RIG_BODY + 1, RIG_HOLDING, 10,
	    rig->arena, &row, &rig->err));
	assert_false(record_fetch(
	    rig->reader, RIG_BODY, RIG_OTHER, 10, rig->arena, &row, &rig->err));
}

struct replacing {
	struct record_row row;
	bool is_reseal;
};

static bool
replace(struct store_tx *tx, void *arg, struct err *err)
{
	const struct replacing *r = arg;
	return r->is_reseal ? record_reseal(tx, &r->row, err)
			    : record_replace(tx, &r->row, err);
}

/* The next version, with another name in it. */
static struct replacing
next_version(struct vault_rig *rig, uint64_t id, uint32_t version,
    uint8_t class, const char *name)
{
	struct replacing r = {
	    .row = {.name = {RIG_BODY, RIG_HOLDING, id, version},
		.class = class,
		.changed_at = RIG_NOW + version}};
	struct slice v[HOLDING_ITEMS_MAX] = {SLICE_NONE};
	struct buf sealed SCOPED(buf_close) = buf_of(RECORD_SEALED_MAX_BYTES);
	uint8_t key[AEAD_KEY_BYTES];
	v[0] = slice_of(name);
	rig_key(id, version, key);
	rig_wrap(id, version, r.row.wrap);
	record_seal(
	    rig->aead, key, &r.row.name, v, rig_residents.n_items, &sealed);
	r.row.sealed = arena_copy(rig->arena, slice_bytes(sealed.p, sealed.n));
	if (class == RECORD_CLASS_SECRET) {
		r.row.secret_until = RIG_NOW + 100;
		r.row.secret_renew_by = RIG_NOW + 50 + (instant)id;
	}
	return r;
}

static void
correct(struct vault_rig *rig)
{
	struct slice v[HOLDING_ITEMS_MAX];
	struct record_row row;
	struct record_version *versions;
	uint8_t key[AEAD_KEY_BYTES];
	size_t n;
	rig_put(rig, 10, rig_hanako);
	struct replacing r = next_version(rig, 10, 2, 0, "高崎　花子");
	rig_write(rig, replace, &r);
	assert_true(rig_open_record(rig, 10, v, &row));
	assert_int_equal(row.name.version, 2);
	assert_true(slice_is(v[0], "高崎　花子"));
	/* somebody else was faster, or it was never there */
	assert_false(store_write_now(rig->store, replace, &r, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
	r.row.name.version = 4;
	assert_false(store_write_now(rig->store, replace, &r, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
	/* what was before is there */
	assert_ok(rig, record_versions(rig->reader, RIG_BODY, RIG_HOLDING, 10,
			   rig->arena, &versions, &n, &rig->err));
	assert_int_equal(n, 2);
	assert_int_equal(versions[0].version, 1);
	assert_int_equal(versions[0].ended_at, RIG_NOW + 2);
	assert_int_equal(versions[1].version, 2);
	assert_int_equal(versions[1].ended_at, 0);
	assert_ok(rig, record_fetch_version(rig->reader, RIG_BODY, RIG_HOLDING,
			   10, 1, rig->arena, &row, &rig->err));
	rig_key(10, 1, key);
	assert_ok(rig, record_unseal(rig->aead, key, &row.name, row.sealed,
			   rig->arena, v, rig_residents.n_items, &rig->err));
	assert_true(slice_is(v[0], rig_hanako[0]));
	assert_false(record_fetch_version(rig->reader, RIG_BODY, RIG_HOLDING,
	    10, 2, rig->arena, &row, &rig->err));
	assert_int_equal(rig->err.code, ERR_NOT_FOUND);
}

static void
erase_all(struct vault_rig *rig)
{
	struct slice v[HOLDING_ITEMS_MAX];
	uint64_t found[TERM_FOUND_MAX], id = 10;
	struct record_row row;
	int64_t n;
	rig_put(rig, 10, rig_hanako);
	rig_put(rig, 11, rig_taro);
	struct replacing r = next_version(rig, 10, 2, 0, "高崎　花子");
	rig_write(rig, replace, &r);
	assert_int_equal(rig_find(rig, "address", "仲宗根町", found), 2);
	rig_write(rig, rig_erase, &id);
	assert_false(rig_open_record(rig, 10, v, &row));
	assert_ok(rig, record_fetch(rig->reader, RIG_BODY, RIG_HOLDING, 10,
			   rig->arena, &row, &rig->err));
	assert_true(row.is_erased);
	assert_int_equal(row.sealed.n, 0);
	assert_false(record_fetch_version(rig->reader, RIG_BODY, RIG_HOLDING,
	    10, 1, rig->arena, &row, &rig->err));
	assert_int_equal(rig_find(rig, "kana", "タカサキ", found), 0);
	assert_int_equal(rig_find(rig, "address", "仲宗根町", found), 1);
	assert_ok(rig,
	    holding_count(rig->reader, RIG_BODY, RIG_HOLDING, &n, &rig->err));
	assert_int_equal(n, 1);
	/* twice, never there, and no version after it */
	assert_false(store_write_now(rig->store, rig_erase, &id, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
	id = 99;
	assert_false(store_write_now(rig->store, rig_erase, &id, &rig->err));
	r = next_version(rig, 10, 3, 0, "高崎　花子");
	assert_false(store_write_now(rig->store, replace, &r, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
}

/* ---- 秘匿 ---- */

static bool
renew(struct store_tx *tx, void *arg, struct err *err)
{
	struct record_name name = {RIG_BODY, RIG_HOLDING, *(uint64_t *)arg, 0};
	return record_renew(tx, &name, RIG_NOW + 200, RIG_NOW + 150, err);
}

static void
secret(struct vault_rig *rig)
{
	struct record_row rows[RECORD_PAGE_MAX], row;
	struct record_renewal due[RECORD_RENEWALS_MAX];
	size_t n;
	uint64_t id;
	for (id = 10; id < 15; id++)
		rig_put(rig, id, rig_hanako);
	for (id = 11; id <= 13; id += 2) {
		struct replacing r =
		    next_version(rig, id, 2, RECORD_CLASS_SECRET, "x");
		rig_write(rig, replace, &r);
		r = next_version(rig, id, 1, RECORD_CLASS_SECRET, "x");
		r.is_reseal = true;
		rig_write(rig, replace, &r);
	}
	assert_ok(rig, record_page(rig->reader, RIG_BODY, RIG_HOLDING, 0, false,
			   2, rig->arena, rows, &n, &rig->err));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].name.id, 10);
	assert_int_equal(rows[1].name.id, 12);
	assert_ok(rig, record_page(rig->reader, RIG_BODY, RIG_HOLDING, 12,
			   false, 2, rig->arena, rows, &n, &rig->err));
	assert_int_equal(n, 1);
	assert_ok(rig, record_page(rig->reader, RIG_BODY, RIG_HOLDING, 0, true,
			   64, rig->arena, rows, &n, &rig->err));
	assert_int_equal(n, 5);
	assert_int_equal(rows[1].class, RECORD_CLASS_SECRET);
	assert_int_equal(rows[1].secret_until, RIG_NOW + 100);
	/* the older version is of that class too */
	assert_ok(rig, record_fetch_version(rig->reader, RIG_BODY, RIG_HOLDING,
			   11, 1, rig->arena, &row, &rig->err));
	assert_int_equal(row.class, RECORD_CLASS_SECRET);
	/* what must be renewed, earliest first, and page by page */
	assert_ok(rig, record_renewals(rig->reader, RIG_BODY, RIG_NOW + 63,
			   NULL, due, &n, &rig->err));
	assert_int_equal(n, 2);
	assert_int_equal(due[0].id, 11);
	assert_int_equal(due[0].renew_by, RIG_NOW + 61);
	assert_ok(rig, record_renewals(rig->reader, RIG_BODY, RIG_NOW + 63,
			   &due[0], due, &n, &rig->err));
	assert_int_equal(n, 1);
	id = 11;
	rig_write(rig, renew, &id);
	assert_ok(rig, record_renewals(rig->reader, RIG_BODY, RIG_NOW + 63,
			   NULL, due, &n, &rig->err));
	assert_int_equal(n, 1);
	assert_int_equal(due[0].id, 13);
	id = 10;
	assert_false(store_write_now(rig->store, renew, &id, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
}

/* ---- search ---- */

static void
find(struct vault_rig *rig)
{
	uint64_t found[TERM_FOUND_MAX];
	struct token_row tokens[3];
	struct term term;
	bool has_more;
	size_t n;
	static const char *const asked[3][2] = {
	    {"kana", "ヨシダ"}, {"birth", "H2.3.4"}, {"address", "沖縄市"}};
	rig_put(rig, 10, rig_hanako);
	rig_put(rig, 11, rig_taro);
	assert_int_equal(rig_find(rig, "kana", "た", found), 1);
	assert_int_equal(found[0], 10);
	assert_int_equal(rig_find(rig, "birth", "1990/3/4", found), 1);
	assert_int_equal(found[0], 11);
	assert_int_equal(
	    rig_find(rig, "number", "１０００００００００２", found), 0);
	assert_int_equal(
	    rig_find(rig, "number", "１００００００００２", found), 1);
	assert_int_equal(rig_find(rig, "address", "沖縄市", found), 2);
	assert_int_equal(rig_find(rig, "address", "仲宗根町27", found), 1);
	for (size_t i = 0; i < 3; i++) {
		assert_ok(rig,
		    term_of_search(&rig_residents,
			holding_item(&rig_residents, slice_of(asked[i][0])),
			slice_of(asked[i][1]), rig->arena, &term, &rig->err));
		tokens[i].item = term.item;
		rig_token(&term, tokens[i].token);
	}
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, tokens, 3,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, 1);
	assert_int_equal(found[0], 11);
	assert_false(has_more);
	/* not in another holding */
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_OTHER, tokens, 3,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, 0);
}

/* At the cap, and one past it. */
static void
find_many(struct vault_rig *rig)
{
	uint64_t found[TERM_FOUND_MAX];
	struct token_row token;
	struct term term;
	bool has_more;
	size_t n;
	uint64_t id = 1;
	assert_ok(rig, term_of_search(&rig_residents,
			   holding_item(&rig_residents, SLICE("kana")),
			   SLICE("タ"), rig->arena, &term, &rig->err));
	token.item = term.item;
	rig_token(&term, token.token);
	for (; id <= TERM_FOUND_MAX; id++)
		rig_put(rig, id, rig_hanako);
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, &token, 1,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, TERM_FOUND_MAX);
	assert_false(has_more);
	rig_put(rig, id, rig_hanako);
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, &token, 1,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, TERM_FOUND_MAX);
	assert_true(has_more);
}

/* Every statement prepares, on both engines. */
static void
statements(struct vault_rig *rig)
{
	assert_ok(rig, store_reader_check(rig->reader, &rig->err));
	assert_ok(rig, store_writer_check(rig->store, &rig->err));
}

ON_BOTH(fetch)
ON_BOTH(correct)
ON_BOTH(erase_all)
ON_BOTH(secret)
ON_BOTH(find)
ON_BOTH(find_many)
ON_BOTH(statements)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_seal),
	    cmocka_unit_test(test_seal_cap),
	    BOTH(fetch),
	    BOTH(correct),
	    BOTH(erase_all),
	    BOTH(secret),
	    BOTH(find),
	    BOTH(find_many),
	    BOTH(statements),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vault_rig_end();
	return failed;
}
