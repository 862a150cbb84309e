/*
 * Goal of this test: each kind of fault of a pack is told at its place; limits
 * hold at the cap and one past it; a pack that was refused leaves nothing.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pack_bench.h"
#include "regulation/node.h"

static void
check_case(const char *name)
{
	char folder[PATH_BYTES], path[PATH_BYTES], line[2048];
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	struct buf want = buf_of(FILE_BYTES_MAX);
	bench_open(&b);
	put_path(folder, "%s/tests/golden/packs/%s", source_root(), name);
	copy_folder(folder, b.pack);
	put_path(path, "%s/expected", folder);
	read_path(path, &want);
	assert_false(open_bench(&b, &p, faults));
	assert_null(p);
	assert_true(pack_faults_count(faults) > 0);
	const struct pack_fault *f = pack_fault_at(faults, 0);
	/* The words do not hang on where the bench stands. */
	const char *file = f->file + strlen(b.dir) + 1;
	const char *text = f->text;
	if (strncmp(text, b.dir, strlen(b.dir)) == 0)
		text += strlen(b.dir) + 1;
	(void)snprintf(line, sizeof(line), "%s:%d: %s\n", file, f->line, text);
	if (strcmp(line, want.p) != 0)
		fail_msg("%s:\n got  %s want %s", name, line, want.p);
	buf_close(&want);
	pack_faults_close(faults);
	bench_close(&b);
}

/* Goal of this test: each fault is told at its line, with what to do. */
static void
faulty_packs_are_refused(void **state)
{
	char path[PATH_BYTES];
	size_t n = 0;
	put_path(path, "%s/tests/golden/packs", source_root());
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (strchr(e->d_name, '.') != NULL ||
		    strcmp(e->d_name, "sound") == 0)
			continue;
		check_case(e->d_name);
		n++;
	}
	(void)closedir(d);
	assert_true(n > 90);
}

static void
sound_pack_is_sound(void **state)
{
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	bench_open(&b);
	assert_true(open_bench(&b, &p, faults));
	assert_int_equal(p->n_provisions, 3);
	assert_true(slice_is(p->body.name, "見本町"));
	assert_true(pack_is_handler(p, SLICE("manager")));
	assert_false(pack_is_handler(p, SLICE("chief")));
	assert_true(p->organs[0].sections[0].counts);
	assert_false(p->organs[0].sections[0].sections[0].counts);
	assert_true(p->organs[0].sections[1].counts);
	pack_close(p);
	pack_faults_close(faults);
	bench_close(&b);
}

/* Goal of this test: all faults are told, not only the first. */
static void
every_fault_is_told(void **state)
{
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	struct buf text = buf_of(FILE_BYTES_MAX);
	bench_open(&b);
	buf_add_str(&text, "parameters:\n");
	for (int i = 0; i < 190; i++)
		buf_add_printf(&text,
		    "  - {id: x%d, value: a, unit: b, "
		    "source: c, articles: d, e: f}\n",
		    i);
	bench_write(&b, "parameters.yaml", (struct slice){text.p, text.n});
	assert_false(open_bench(&b, &p, faults));
	assert_int_equal(pack_faults_count(faults), PACK_FAULTS_MAX);
	/* five of form and one of the unknown id in each */
	assert_int_equal(
	    pack_faults_left_out(faults), 190 * 6 - PACK_FAULTS_MAX);
	for (size_t i = 1; i < PACK_FAULTS_MAX; i++)
		assert_true(pack_fault_at(faults, i - 1)->line <=
			    pack_fault_at(faults, i)->line);
	buf_close(&text);
	pack_faults_close(faults);
	bench_close(&b);
}

static bool
reads(struct slice text, const char *want)
{
	struct arena *a = arena_open(64 * 1024 * 1024);
	struct pack_faults *faults = pack_faults_open();
	struct node *n = NULL;
	bool is_read = node_read("f.yaml", text, a, &n, faults);
	assert_int_equal(pack_faults_count(faults), is_read ? 0 : 1);
	if (!is_read)
		assert_true(has_fault(faults, want));
	pack_faults_close(faults);
	arena_close(a);
	return is_read;
}

/* Goal of this test: the limits of a file, at the cap and one past it. */
static void
files_have_limits(void **state)
{
	struct buf b = buf_of(FILE_BYTES_MAX);
	for (int extra = 0; extra < 2; extra++) {
		bool is_within = extra == 0;
		buf_reset(&b);
		buf_add_str(&b, "a: 1\n#");
		while (b.n < NODE_FILE_MAX_BYTES + (size_t)extra)
			buf_add_byte(&b, 'x');
		assert_int_equal(
		    reads((struct slice){b.p, b.n}, "bytes"), is_within);
		buf_reset(&b);
		for (int i = 0; i < NODE_DEPTH_MAX + extra; i++)
			buf_add_byte(&b, '[');
		for (int i = 0; i < NODE_DEPTH_MAX + extra; i++)
			buf_add_byte(&b, ']');
		assert_int_equal(
		    reads((struct slice){b.p, b.n}, "nested"), is_within);
		buf_reset(&b);
		for (int i = 0; i < NODE_KEYS_MAX + extra; i++)
			buf_add_printf(&b, "k%d: 1\n", i);
		assert_int_equal(
		    reads((struct slice){b.p, b.n}, "keys"), is_within);
		buf_reset(&b);
		for (int i = 1; i < NODE_FILE_MAX + extra; i++)
			buf_add_str(&b, "- a\n");
		assert_int_equal(
		    reads((struct slice){b.p, b.n}, "values"), is_within);
	}
	assert_true(reads(SLICE("\xEF\xBB\xBF"
				"a: 1\n"),
	    ""));
	assert_false(reads(slice_bytes("a: \0\n", 5), "NUL"));
	assert_false(reads(SLICE(""), "empty"));
	assert_false(reads(SLICE("a: 1\rb: 2\n"), "CR alone"));
	assert_false(reads(SLICE("a: 1\xE2\x80\xA8"
				 "b: 2\n"),
	    "not LF"));
	assert_true(reads(SLICE("a: 1\r\nb: 2\r\n"), ""));
	buf_close(&b);
}

static void
add_provisions(struct buf *b, const char *prefix, int n)
{
	buf_add_str(b, "provisions:\n");
	for (int i = 0; i < n; i++)
		buf_add_printf(b,
		    "  - {ref: %s%d, chapter: std, caption: c, "
		    "actor: a, force: may, controls: [], summary: "
		    "xxxxxxxxxxxxxxx}\n",
		    prefix, i);
}

/* Goal of this test: a cap holds over all files of a pack together. */
static void
packs_have_limits(void **state)
{
	for (int extra = 0; extra < 2; extra++) {
		struct bench b;
		struct pack *p = NULL;
		struct pack_faults *faults = pack_faults_open();
		struct buf text = buf_of(FILE_BYTES_MAX);
		bench_open(&b);
		/* three stand in provisions.yaml */
		add_provisions(&text, "x", PACK_PROVISIONS_MAX - 3 + extra);
		bench_write(&b, "more.yaml", (struct slice){text.p, text.n});
		buf_reset(&text);
		char path[PATH_BYTES];
		put_path(path, "%s/pack.yaml", b.pack);
		read_path(path, &text);
		char *at = strrchr(text.p, ']');
		assert_non_null(at);
		text.n = (size_t)(at - text.p);
		buf_add_str(&text, ", more.yaml]\n");
		bench_write(&b, "pack.yaml", (struct slice){text.p, text.n});
		assert_int_equal(open_bench(&b, &p, faults), extra == 0);
		if (extra == 0)
			assert_int_equal(p->n_provisions, PACK_PROVISIONS_MAX);
		else
			assert_true(has_fault(faults, "at most 2000"));
		pack_close(p);
		buf_close(&text);
		pack_faults_close(faults);
		bench_close(&b);
	}
}

/* Goal of this test: each allocation may fail, and the next try works. */
static void
memory_may_run_out(void **state)
{
	struct bench b;
	bool is_open = false;
	bench_open(&b);
	for (unsigned long nth = 1; !is_open; nth++) {
		struct pack *p = NULL;
		struct err err = ERR_INIT;
		assert_true(nth < 1000);
		(void)mem_fail_at(nth);
		struct pack_faults *faults = pack_faults_open();
		if (faults != NULL)
			is_open = pack_open(b.pack, &p, faults, &err);
		(void)mem_fail_at(0);
		assert_int_equal(is_open, p != NULL);
		pack_close(p);
		pack_faults_close(faults);
	}
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faulty_packs_are_refused),
	    cmocka_unit_test(sound_pack_is_sound),
	    cmocka_unit_test(every_fault_is_told),
	    cmocka_unit_test(files_have_limits),
	    cmocka_unit_test(packs_have_limits),
	    cmocka_unit_test(memory_may_run_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
