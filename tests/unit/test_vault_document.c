/*
 * Goal of this test: a document comes back byte for byte or not at all; one
 * whose storing or erasing broke off is ended; its name and its key are its
 * own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vault/document.h"
#include "vault_rig.h"

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
	rig_put(rig, 10, rig_hanako);
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
	rig_write(rig, rig_erase, &id);
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

ON_BOTH(documents)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_document_value),
	    cmocka_unit_test(test_document_name),
	    cmocka_unit_test(test_document_key),
	    BOTH(documents),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vault_rig_end();
	return failed;
}
