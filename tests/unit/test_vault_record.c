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

#include "vault/document.h"
#include "vault/shelf.h"
#include "vault_rig.h"

static const char *const hanako[] = {"髙﨑　花子", "タカサキ　ハナコ",
    "昭和35年1月2日", "沖縄市仲宗根町26番1号", "1000000001", "5000000001", "女",
    "090-0123-4567", ""};
static const char *const taro[] = {"\xf0\xa0\xae\xb7田　太郎", "ヨシダ　タロウ",
    "平成2年3月4日", "沖縄市仲宗根町27番3号", "1000000002", "5000000002", "男",
    "", "葛\xf3\xa0\x84\x80城さんの紹介"};

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
	rig_put(rig, 10, hanako);
	rig_put(rig, 11, taro);
	assert_true(rig_open_record(rig, 10, v, &row));
	for (size_t i = 0; i < rig_residents.n_items; i++)
		assert_true(slice_is(v[i], hanako[i]));
	assert_true(rig_open_record(rig, 11, v, &row));
	assert_true(slice_is(v[0], taro[0]));
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
	rig_put(rig, 10, hanako);
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
	assert_true(slice_is(v[0], hanako[0]));
	assert_false(record_fetch_version(rig->reader, RIG_BODY, RIG_HOLDING,
	    10, 2, rig->arena, &row, &rig->err));
	assert_int_equal(rig->err.code, ERR_NOT_FOUND);
}

static bool
erase(struct store_tx *tx, void *arg, struct err *err)
{
	return record_erase(
	    tx, RIG_BODY, RIG_HOLDING, *(uint64_t *)arg, RIG_NOW + 9, err);
}

static void
erase_all(struct vault_rig *rig)
{
	struct slice v[HOLDING_ITEMS_MAX];
	uint64_t found[TERM_FOUND_MAX], id = 10;
	struct record_row row;
	int64_t n;
	rig_put(rig, 10, hanako);
	rig_put(rig, 11, taro);
	struct replacing r = next_version(rig, 10, 2, 0, "高崎　花子");
	rig_write(rig, replace, &r);
	assert_int_equal(rig_find(rig, "address", "仲宗根町", found), 2);
	rig_write(rig, erase, &id);
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
	assert_false(store_write_now(rig->store, erase, &id, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
	id = 99;
	assert_false(store_write_now(rig->store, erase, &id, &rig->err));
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
		rig_put(rig, id, hanako);
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
	rig_put(rig, 10, hanako);
	rig_put(rig, 11, taro);
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
		rig_put(rig, id, hanako);
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, &token, 1,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, TERM_FOUND_MAX);
	assert_false(has_more);
	rig_put(rig, id, hanako);
	assert_ok(rig, token_find(rig->reader, RIG_BODY, RIG_HOLDING, &token, 1,
			   found, &n, &has_more, &rig->err));
	assert_int_equal(n, TERM_FOUND_MAX);
	assert_true(has_more);
}

/* ---- documents ---- */

static char file_bytes[700001];

/* What a store does that is full after so many jobs. */
struct sink {
	struct vault_rig *rig;
	size_t jobs;
	size_t fails_at; /* 0: never */
};

static bool
run_job(void *ctx,
    bool (*job)(struct store_tx *tx, void *arg, struct err *err), void *arg,
    struct err *err)
{
	struct sink *k = ctx;
	if (++k->jobs == k->fails_at)
		return ERR(err, ERR_FULL, "no space");
	return store_write_now(k->rig->store, job, arg, err);
}

struct ended {
	const struct document_row *row;
	size_t bytes;
	uint32_t chunks;
};

static bool
end_document(struct store_tx *tx, void *arg, struct err *err)
{
	const struct ended *e = arg;
	return document_end(tx, &e->row->name, e->bytes, e->chunks, err);
}

static void
check_document(struct vault_rig *rig, const struct document_row *row,
    size_t bytes, uint32_t chunks)
{
	struct document_row got;
	struct buf to = buf_of(bytes + 1);
	uint8_t key[AEAD_KEY_BYTES];
	rig_key(row->name.id, 1, key);
	assert_ok(rig, document_fetch(rig->reader, RIG_BODY, RIG_HOLDING,
			   row->name.id, &got, &rig->err));
	assert_int_equal(got.bytes, bytes);
	assert_int_equal(got.chunks, chunks);
	for (uint32_t i = 0; i < chunks; i++)
		assert_ok(rig, document_chunk_open(rig->reader, rig->aead, key,
				   &got, i, &to, &rig->err));
	assert_int_equal(to.n, bytes);
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(to.p[i], file_bytes[i]);
	assert_false(document_chunk_open(
	    rig->reader, rig->aead, key, &got, chunks, &to, &rig->err));
	/* cut off: the one before the last does not say it is the last */
	if (chunks > 1) {
		got.chunks--;
		buf_reset(&to);
		assert_false(document_chunk_open(rig->reader, rig->aead, key,
		    &got, chunks - 2, &to, &rig->err));
		assert_int_equal(rig->err.code, ERR_CORRUPT);
		assert_int_equal(to.n, 0);
	}
	buf_close(&to);
}

static void
documents(struct vault_rig *rig)
{
	static const struct {
		size_t bytes;
		uint32_t chunks;
	} sizes[] = {{1, 1}, {262144, 1}, {262145, 2}, {524288, 2},
	    {700001, 3}};
	struct sink sink = {.rig = rig};
	const struct document_writer writer = {.ctx = &sink, .run = run_job};
	struct document_row row = {.record = 10, .item = 2, .made_at = RIG_NOW},
			    rows[DOCUMENT_PAGE_MAX];
	uint8_t key[AEAD_KEY_BYTES];
	uint64_t id = 10;
	uint32_t chunks;
	size_t n;
	for (size_t i = 0; i < sizeof(file_bytes); i++)
		file_bytes[i] = (char)(i % 251);
	rig_put(rig, 10, hanako);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		row.name =
		    (struct record_name){RIG_BODY, RIG_HOLDING, 100 + i, 1};
		rig_key(row.name.id, 1, key);
		rig_wrap(row.name.id, 1, row.wrap);
		assert_ok(rig,
		    document_store(&writer, rig->aead, key, &row,
			slice_bytes(file_bytes, sizes[i].bytes), &chunks,
			&rig->err));
		assert_int_equal(chunks, sizes[i].chunks);
		/* until it is ended it is not there */
		assert_false(document_fetch(rig->reader, RIG_BODY, RIG_HOLDING,
		    row.name.id, rows, &rig->err));
		assert_int_equal(rig->err.code, ERR_NOT_FOUND);
		struct ended e = {&row, sizes[i].bytes, chunks};
		rig_write(rig, end_document, &e);
		check_document(rig, &row, sizes[i].bytes, sizes[i].chunks);
	}
	/* one that breaks off leaves nothing */
	row.name.id = 200;
	for (size_t at = 1; at <= 3; at++) {
		sink.jobs = 0;
		sink.fails_at = at;
		assert_false(document_store(&writer, rig->aead, key, &row,
		    slice_bytes(file_bytes, 300000), &chunks, &rig->err));
		assert_int_equal(rig->err.code, ERR_FULL);
		assert_ok(rig, document_list(rig->reader, RIG_BODY, RIG_HOLDING,
				   10, 0, rows, &n, &rig->err));
		assert_int_equal(n, sizeof(sizes) / sizeof(sizes[0]));
	}
	/* one that a crash cut off goes at the next start; the others stay */
	sink.fails_at = 0;
	assert_ok(rig,
	    document_store(&writer, rig->aead, key, &row,
		slice_bytes(file_bytes, 300000), &chunks, &rig->err));
	assert_ok(rig, document_clear(rig->store, rig->reader, &rig->err));
	assert_ok(rig, document_list(rig->reader, RIG_BODY, RIG_HOLDING, 10, 0,
			   rows, &n, &rig->err));
	assert_int_equal(n, sizeof(sizes) / sizeof(sizes[0]));
	assert_int_equal(rows[0].item, 2);
	/* they go with their record */
	rig_write(rig, erase, &id);
	assert_ok(rig, document_list(rig->reader, RIG_BODY, RIG_HOLDING, 10, 0,
			   rows, &n, &rig->err));
	assert_int_equal(n, 0);
	assert_false(document_fetch(
	    rig->reader, RIG_BODY, RIG_HOLDING, 101, rows, &rig->err));
	assert_int_equal(rig->err.code, ERR_NOT_FOUND);
}

static void
test_document_value(void **state)
{
	struct document d = {.id = 0xabc,
			    .bytes = 12345,
			    .key = {0, 0xab},
			    .type = SLICE("application/pdf"),
			    .name = SLICE("設計 書.pdf")},
			e;
	struct buf to = buf_of(DOCUMENT_VALUE_MAX_BYTES);
	struct slice s;
	struct err err = ERR_INIT;
	(void)state;
	document_write(&to, &d);
	assert_true(buf_finish(&to, &s, &err));
	assert_true(document_read(s, &e, &err));
	assert_int_equal(e.id, d.id);
	assert_int_equal(e.bytes, d.bytes);
	assert_memory_equal(e.key, d.key, sizeof(d.key));
	assert_true(slice_is_equal(e.type, d.type));
	assert_true(slice_is_equal(e.name, d.name));
	for (size_t i = 0; i < s.n - strlen("設計 書.pdf"); i++)
		assert_false(document_read(slice_bytes(s.p, i), &e, &err));
	buf_reset(&to);
	d.name = SLICE("a\nb");
	document_write(&to, &d);
	assert_false(buf_finish(&to, &s, &err));
	buf_close(&to);
}

/* Goal of this test: no name leads anywhere, or looks like another. */
static void
test_document_name(void **state)
{
	static const struct {
		const char *given, *name; /* NULL: refused */
	} names[] = {{"設計書.pdf", "設計書.pdf"}, {" 控え 1.txt ", "控え 1.txt"},
	    {"C:\\folder\\a.txt", "a.txt"}, {"../../etc/passwd", "passwd"},
	    {"", NULL}, {"a/", NULL}, {".", NULL}, {"x/..", NULL},
	    {"   ", NULL}, {"a\tb", NULL}, {"a\xff", NULL},
	    {"a\xe2\x80\xaetxt.exe", NULL}, {"\xe2\x81\xa6x", NULL},
	    {"\xe2\x80\x8fx", NULL}};
	char longest[DOCUMENT_NAME_MAX_BYTES + 2];
	struct slice name;
	struct err err = ERR_INIT;
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool is_fine =
		    document_name(slice_of(names[i].given), &name, &err);
		assert_int_equal(is_fine, names[i].name != NULL);
		if (is_fine)
			assert_true(slice_is(name, names[i].name));
		else
			assert_int_equal(err.code, ERR_INPUT);
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(document_name(
	    slice_bytes(longest, DOCUMENT_NAME_MAX_BYTES), &name, &err));
	assert_false(document_name(
	    slice_bytes(longest, DOCUMENT_NAME_MAX_BYTES + 1), &name, &err));
}

/* Goal of this test: neither half of the key opens alone. */
static void
test_document_key(void **state)
{
	const uint8_t one[AEAD_KEY_BYTES] = {1}, two[AEAD_KEY_BYTES] = {2};
	uint8_t a[AEAD_KEY_BYTES], b[AEAD_KEY_BYTES], c[AEAD_KEY_BYTES];
	(void)state;
	document_key(one, two, a);
	document_key(one, one, b);
	document_key(two, two, c);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
}

/* ---- holdings ---- */

static bool
change(struct store_tx *tx, void *arg, struct err *err)
{
	return holding_change(tx, arg, err);
}

static void
holdings(struct vault_rig *rig)
{
	struct holding h, before, *all;
	size_t n;
	assert_ok(rig, holding_get(rig->reader, RIG_BODY, RIG_HOLDING,
			   rig->arena, &h, &rig->err));
	assert_true(slice_is_equal(h.name, rig_residents.name));
	assert_true(slice_is_equal(h.collected, rig_residents.collected));
	assert_int_equal(h.organ, rig_residents.organ);
	assert_int_equal(h.retention_years, 150);
	assert_int_equal(h.n_items, rig_residents.n_items);
	assert_int_equal(h.items[6].n_choices, 3);
	assert_true(slice_is(h.items[6].choices[2], "記載なし"));
	assert_int_equal(h.items[3].type, PACK_ITEM_ADDRESS);
	assert_int_equal(h.items[3].search, PACK_SEARCH_PREFIX);
	assert_true(holding_has_special_care(&h));
	assert_true(holding_has_purpose(&h, SLICE("resident.move")));
	assert_int_equal(h.version, 1);
	h.place = SLICE("本庁舎3階");
	h.reg.scope = SLICE("市内に住所を有する者");
	h.reg.has_manual_part = true;
	h.changed_at = RIG_NOW + 1;
	rig_write(rig, change, &h);
	assert_false(store_write_now(rig->store, change, &h, &rig->err));
	assert_int_equal(rig->err.code, ERR_CONFLICT);
	assert_ok(rig, holding_get(rig->reader, RIG_BODY, RIG_HOLDING,
			   rig->arena, &h, &rig->err));
	assert_int_equal(h.version, 2);
	assert_true(slice_is(h.place, "本庁舎3階"));
	assert_true(h.reg.has_manual_part);
	assert_ok(rig, holding_get_before(rig->reader, RIG_BODY, RIG_HOLDING, 2,
			   rig->arena, &before, &rig->err));
	assert_int_equal(before.version, 1);
	assert_true(slice_is_equal(before.place, rig_residents.place));
	assert_false(holding_get_before(rig->reader, RIG_BODY, RIG_HOLDING, 1,
	    rig->arena, &before, &rig->err));
	assert_int_equal(rig->err.code, ERR_NOT_FOUND);
	assert_ok(rig, holding_load(rig->reader, RIG_BODY, rig->arena, &all, &n,
			   &rig->err));
	assert_int_equal(n, 2);
	assert_ok(rig, holding_page(rig->reader, RIG_BODY, 0x2001, 0, 10,
			   rig->arena, &all, &n, &rig->err));
	assert_int_equal(n, 1);
	assert_int_equal(all[0].id, RIG_OTHER);
	assert_ok(rig, holding_page(rig->reader, RIG_BODY, 0, RIG_HOLDING, 10,
			   rig->arena, &all, &n, &rig->err));
	assert_int_equal(n, 1);
}

static bool
insert_some(struct store_tx *tx, void *arg, struct err *err)
{
	struct holding h = rig_residents;
	uint64_t *count = arg;
	for (uint64_t i = 1; i <= *count; i++) {
		h.body = 1 + i % 3;
		h.id = i;
		if (!holding_insert(tx, &h, err))
			return false;
	}
	return true;
}

/* More than one page of them; a shelf that is held stays as it was. */
static void
shelf(struct vault_rig *rig)
{
	struct shelf_rack *rack = shelf_rack_open();
	uint64_t count = 450;
	size_t n;
	assert_non_null(rack);
	struct shelf *empty = shelf_take(rack);
	assert_null(shelf_find(empty, RIG_BODY, RIG_HOLDING));
	rig_write(rig, insert_some, &count);
	assert_ok(rig, shelf_rack_load(rack, rig->reader, &rig->err));
	struct shelf *s = shelf_take(rack);
	const struct holding *h = shelf_find(s, RIG_BODY, RIG_HOLDING);
	assert_non_null(h);
	assert_true(slice_is_equal(h->name, rig_residents.name));
	assert_null(shelf_find(s, RIG_BODY, 7));
	assert_null(shelf_find(s, 9, 7));
	for (uint64_t i = 1; i <= count; i++)
		assert_non_null(shelf_find(s, 1 + i % 3, i));
	assert_non_null(shelf_of_body(s, 2, &n));
	assert_int_equal(n, 150);
	assert_null(shelf_of_body(empty, 2, &n));
	assert_null(shelf_of_body(s, 9, &n));
	shelf_rack_close(rack);
	assert_non_null(shelf_find(s, RIG_BODY, RIG_HOLDING));
	shelf_drop(empty);
	shelf_drop(s);
}

static void
test_holding_check(void **state)
{
	struct item items[HOLDING_ITEMS_MAX + 1];
	struct holding h = rig_residents, to = rig_residents;
	struct err err = ERR_INIT;
	(void)state;
	assert_true(holding_check(&h, &err));
	for (size_t i = 0; i < HOLDING_ITEMS_MAX + 1; i++) {
		static char names[HOLDING_ITEMS_MAX + 1][4];
		names[i][0] = 'a';
		names[i][1] = (char)('a' + i / 26);
		names[i][2] = (char)('a' + i % 26);
		items[i] = (struct item){
		    .id = slice_of(names[i]), .name = slice_of(names[i])};
	}
	h.items = items;
	h.n_items = HOLDING_ITEMS_MAX;
	assert_true(holding_check(&h, &err));
	h.n_items = HOLDING_ITEMS_MAX + 1;
	assert_false(holding_check(&h, &err));
	h.n_items = 2;
	items[1].id = items[0].id;
	assert_false(holding_check(&h, &err));
	items[1].id = SLICE("Upper");
	assert_false(holding_check(&h, &err));
	items[1].id = SLICE("my_number");
	items[1].type = PACK_ITEM_MY_NUMBER;
	assert_false(holding_check(&h, &err)); /* only in its own holding */
	h.is_my_number = true;
	assert_true(holding_check(&h, &err));
	/* items keep their places and types */
	memcpy(
	    items, rig_residents.items, rig_residents.n_items * sizeof(*items));
	items[rig_residents.n_items] =
	    (struct item){.id = SLICE("new"), .name = SLICE("新項目")};
	to.items = items;
	to.n_items++;
	assert_true(holding_check_change(&rig_residents, &to, &err));
	assert_false(holding_check_change(&to, &rig_residents, &err));
	items[0].type = PACK_ITEM_TEXT;
	assert_false(holding_check_change(&rig_residents, &to, &err));
}

/* Every statement prepares, on both engines. */
static void
statements(struct vault_rig *rig)
{
	assert_ok(rig, store_reader_check(rig->reader, &rig->err));
	assert_ok(rig, store_writer_check(rig->store, &rig->err));
}

ON_BOTH(statements)
ON_BOTH(fetch)
ON_BOTH(correct)
ON_BOTH(erase_all)
ON_BOTH(secret)
ON_BOTH(find)
ON_BOTH(find_many)
ON_BOTH(documents)
ON_BOTH(holdings)
ON_BOTH(shelf)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_seal),
	    cmocka_unit_test(test_seal_cap),
	    cmocka_unit_test(test_document_value),
	    cmocka_unit_test(test_document_name),
	    cmocka_unit_test(test_document_key),
	    cmocka_unit_test(test_holding_check),
	    BOTH(statements),
	    BOTH(fetch),
	    BOTH(correct),
	    BOTH(erase_all),
	    BOTH(secret),
	    BOTH(find),
	    BOTH(find_many),
	    BOTH(documents),
	    BOTH(holdings),
	    BOTH(shelf),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vault_rig_end();
	return failed;
}
