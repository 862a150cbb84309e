/*
 * Packs: the real ones are sound and complete, each kind of fault is told at
 * its place, limits hold at the cap and one past it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "regulation/coverage.h"
#include "regulation/node.h"
#include "regulation/pack.h"

enum { PATH_BYTES = 1024, FILE_BYTES_MAX = 8 * 1024 * 1024 };

static const char *const bodies[] = {"nagaokakyo", "nakadomari", "koriyama",
    "sapporo", "okinawa"};

/* meson sets it: the tree with packs/ and tests/golden/. */
static const char *
root(void)
{
	const char *r = getenv("SOURCE_ROOT");
	assert_non_null(r);
	return r;
}

static void
put_path(char *to, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
put_path(char *to, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(to, PATH_BYTES, fmt, ap);
	va_end(ap);
	assert_in_range(n, 1, PATH_BYTES - 1);
}

static void
read_path(const char *path, struct buf *to)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add_bytes(to, piece, n);
	(void)fclose(f);
	buf_add_byte(to, '\0');
	assert_false(to->failed);
}

static void
write_path(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
copy_path(const char *from, const char *to)
{
	SCOPED(buf_close) struct buf b = buf_of(FILE_BYTES_MAX);
	read_path(from, &b);
	write_path(to, b.p, b.n - 1);
}

/* Every .yaml of a folder into another. */
static void
copy_folder(const char *from, const char *to)
{
	char a[PATH_BYTES], b[PATH_BYTES];
	DIR *d = opendir(from);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		size_t n = strlen(e->d_name);
		if (n < 5 || strcmp(e->d_name + n - 5, ".yaml") != 0)
			continue;
		put_path(a, "%s/%s", from, e->d_name);
		put_path(b, "%s/%s", to, e->d_name);
		copy_path(a, b);
	}
	(void)closedir(d);
}

/* A folder with law and base in it, and a copy of the sound pack. */
struct bench {
	char dir[64];
	char pack[PATH_BYTES];
};

static void
link_real(const struct bench *b, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	put_path(from, "%s/packs/%s", root(), name);
	put_path(to, "%s/%s", b->dir, name);
	assert_int_equal(symlink(from, to), 0);
}

static void
bench_open(struct bench *b)
{
	char sound[PATH_BYTES];
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/test_pack.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	put_path(b->pack, "%s/sound", b->dir);
	assert_int_equal(mkdir(b->pack, 0700), 0);
	link_real(b, "law");
	link_real(b, "base");
	put_path(sound, "%s/tests/golden/packs/sound", root());
	copy_folder(sound, b->pack);
}

static void
bench_close(struct bench *b)
{
	char path[PATH_BYTES];
	DIR *d = opendir(b->pack);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		put_path(path, "%s/%s", b->pack, e->d_name);
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(d);
	assert_int_equal(rmdir(b->pack), 0);
	put_path(path, "%s/law", b->dir);
	assert_int_equal(unlink(path), 0);
	put_path(path, "%s/base", b->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(b->dir), 0);
}

static void
bench_write(const struct bench *b, const char *name, struct slice text)
{
	char path[PATH_BYTES];
	put_path(path, "%s/%s", b->pack, name);
	write_path(path, text.p, text.n);
}

static struct pack *
open_real(const char *name)
{
	char path[PATH_BYTES];
	struct err err = ERR_INIT;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	assert_non_null(faults);
	put_path(path, "%s/packs/%s", root(), name);
	if (!pack_open(path, &p, faults, &err))
		fail_msg("%s", err.text);
	assert_int_equal(pack_faults_count(faults), 0);
	pack_faults_close(faults);
	return p;
}

/* The sound pack as it stands on the bench. */
static bool
open_bench(const struct bench *b, struct pack **ret,
    struct pack_faults *faults)
{
	struct err err = ERR_INIT;
	return pack_open(b->pack, ret, faults, &err);
}

static bool
has_fault(const struct pack_faults *faults, const char *part)
{
	for (size_t i = 0; i < pack_faults_count(faults); i++) {
		if (strstr(pack_fault_at(faults, i)->text, part) != NULL)
			return true;
	}
	return false;
}

/* Goal of this test: every pack in the tree can be loaded by the product. */
static void
real_packs_have_no_faults(void **state)
{
	for (size_t i = 0; i < 5; i++) {
		struct pack *p = open_real(bodies[i]);
		struct pack *again = open_real(bodies[i]);
		assert_int_equal(p->kind, PACK_KIND_BODY);
		assert_int_equal(p->n_below, 2);
		assert_memory_equal(p->hash, again->hash, PACK_HASH_BYTES);
		pack_close(again);
		pack_close(p);
	}
	pack_close(open_real("law"));
	pack_close(open_real("base"));
}

/*
 * Goal of this test: no provision of a regulation is lost, doubled or out of
 * order in its pack. The lists come from reading the five texts.
 */
static void
real_packs_have_every_provision(void **state)
{
	for (size_t i = 0; i < 5; i++) {
		char path[PATH_BYTES];
		size_t n = 0;
		struct slice rest, line;
		struct pack *p = open_real(bodies[i]);
		struct buf b = buf_of(FILE_BYTES_MAX);
		put_path(path, "%s/tests/golden/refs/%s.txt", root(),
		    bodies[i]);
		read_path(path, &b);
		rest = (struct slice){b.p, b.n - 1};
		while (slice_split(&rest, '\n', &line)) {
			if (line.n == 0)
				continue;
			assert_true(n < p->n_provisions);
			if (!slice_is_equal(p->provisions[n].id, line))
				fail_msg("%s: %.*s where %.*s is due",
				    bodies[i], SLICE_FMT(p->provisions[n].id),
				    SLICE_FMT(line));
			n++;
		}
		assert_int_equal(n, p->n_provisions);
		buf_close(&b);
		pack_close(p);
	}
}

static void
check_case(const char *name)
{
	char folder[PATH_BYTES], path[PATH_BYTES], line[2048];
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	struct buf want = buf_of(FILE_BYTES_MAX);
	bench_open(&b);
	put_path(folder, "%s/tests/golden/packs/%s", root(), name);
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
	put_path(path, "%s/tests/golden/packs", root());
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
		buf_add_printf(&text, "  - {id: x%d, value: a, unit: b, "
		    "source: c, articles: d, e: f}\n", i);
	bench_write(&b, "parameters.yaml", (struct slice){text.p, text.n});
	assert_false(open_bench(&b, &p, faults));
	assert_int_equal(pack_faults_count(faults), PACK_FAULTS_MAX);
	/* five of form and one of the unknown id in each */
	assert_int_equal(pack_faults_left_out(faults),
	    190 * 6 - PACK_FAULTS_MAX);
	for (size_t i = 1; i < PACK_FAULTS_MAX; i++)
		assert_true(pack_fault_at(faults, i - 1)->line <=
		    pack_fault_at(faults, i)->line);
	buf_close(&text);
	pack_faults_close(faults);
	bench_close(&b);
}

/* Goal of this test: a body's own entries replace those below it whole. */
static void
extends_are_resolved(void **state)
{
	struct pack *p = open_real("okinawa");
	const struct pack_office *staff = pack_office(p, SLICE("staff"));
	const struct pack_office *registrar = pack_office(p,
	    SLICE("registrar"));
	uint64_t v = 0;
	assert_non_null(staff);
	assert_non_null(strstr(staff->place.file, "okinawa/offices.yaml"));
	assert_non_null(strstr(registrar->place.file, "base/offices.yaml"));
	assert_true(slice_is(pack_office(p, SLICE("head"))->title.ja, "市長"));
	assert_true(pack_parameter(p, SLICE("breach.final.days"), &v));
	assert_int_equal(v, 30);
	assert_true(pack_parameter(p, SLICE("year_end.from"), &v));
	assert_int_equal(v, 315);
	assert_false(pack_parameter(p, SLICE("training.months"), &v));
	assert_int_equal(v, 315);
	assert_non_null(pack_purpose(p, SLICE("sysdoc.keep")));
	assert_non_null(pack_purpose(p, SLICE("tax.resident")));
	assert_int_equal(pack_sensitivity(p, SLICE("high"))->rank, 3);
	assert_true(pack_may_hold_both(p, SLICE("manager"), SLICE("auditor")));
	assert_true(pack_may_hold_both(p, SLICE("operator"), SLICE("staff")));
	assert_false(pack_may_hold_both(p, SLICE("chief"), SLICE("auditor")));
	assert_null(pack_office(p, SLICE("nobody")));
	pack_close(p);
}

static void
decisions_have_articles(void **state)
{
	for (size_t i = 0; i < 5; i++) {
		struct pack *p = open_real(bodies[i]);
		for (unsigned k = 0; k < PACK_DECISION_AUDIT_SELF; k++) {
			const struct pack_article *a = pack_decision(p, k);
			assert_non_null(a);
			assert_true(a->provision->caption.n > 0);
			assert_ptr_equal(pack_provision(p, a->full),
			    a->provision);
		}
		bool has_rule = strcmp(bodies[i], "nagaokakyo") == 0;
		assert_int_equal(pack_decision(p, PACK_DECISION_AUDIT_SELF) !=
		    NULL, has_rule);
		pack_close(p);
	}
	assert_string_equal(pack_decision_name(PACK_DECISION_BULK), "bulk");
}

static void
contractor_has_its_own_name(void **state)
{
	struct pack *p = open_real("sapporo");
	assert_true(slice_is(p->municipality.name, "札幌市"));
	assert_true(slice_is(p->body.head, "代表取締役"));
	pack_close(p);
	p = open_real("okinawa");
	assert_true(slice_is(p->body.name, "沖縄市"));
	assert_true(slice_is(p->organs[0].posts[0], "総務部を担任する副市長"));
	assert_int_equal(pack_office(p, SLICE("manager"))->where,
	    PACK_WHERE_HAS_HOLDING);
	pack_close(p);
}

/* Goal of this test: an official reads articles as they are cited. */
static void
articles_have_labels(void **state)
{
	static const struct {
		const char *pack, *ref, *label;
	} rows[] = {
		{"okinawa", "art9.2", "第9条第2項"},
		{"okinawa", "art19", "第19条"},
		{"okinawa", "art19.s2", "第19条（その2）"},
		{"okinawa", "law:66.1", "法第66条第1項"},
		{"okinawa", "law:mn12", "番号法第12条"},
		{"okinawa", "law:mn29-2", "番号法第29条の2"},
		{"okinawa", "law:r43(4)", "規則第43条第4号"},
		{"okinawa", "okinawa:art9.2", "第9条第2項"},
		{"okinawa", "art38.3.but", "第38条第3項ただし書"},
		{"okinawa", "suppl1", "附則"},
		{"nagaokakyo", "4(2)", "4(2)"},
		{"nagaokakyo", "1⑤.but", "1⑤ただし書"},
		{"nagaokakyo", "4(4)①", "4(4)①"},
		{"nagaokakyo", "preamble", "前文"},
		{"koriyama", "art4-2.1", "第4条の2第1項"},
		{"koriyama", "art5.1(4)", "第5条第1項第4号"},
		{"koriyama", "art3(7)", "第3条第7号"},
		{"koriyama", "form1", "様式第1号"},
		{"koriyama", "suppl2", "附則（その2）"},
		{"sapporo", "std5(6)", "基準5(6)"},
		{"sapporo", "std5(6).s2", "基準5(6)（その2）"},
		{"sapporo", "art9.1", "第9条第1項"},
		{"sapporo", "nothing", "nothing"},
		{"sapporo", "", ""},
	    {"sapporo", "std3", "基準3"}, /* what stands above (1), (2) ... */
	    {"okinawa", "art9", "第9条"},
	};
	struct arena *a = arena_open(65536);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pack *p = open_real(rows[i].pack);
		struct slice s = pack_article_label(p, slice_of(rows[i].ref),
		    a);
		assert_non_null(s.p);
		assert_string_equal(s.p, rows[i].label);
		pack_close(p);
	}
	arena_close(a);
}

/* Goal of this test: no two provisions of a pack look the same. */
static void
labels_are_distinct(void **state)
{
	struct arena *a = arena_open(1024 * 1024);
	for (size_t i = 0; i < 5; i++) {
		struct pack *p = open_real(bodies[i]);
		struct slice labels[PACK_PROVISIONS_MAX];
		for (size_t j = 0; j < p->n_provisions; j++) {
			labels[j] = pack_article_label(p,
			    p->provisions[j].id, a);
			assert_true(labels[j].n > 0);
			for (size_t k = 0; k < j; k++) {
				if (slice_is_equal(labels[j], labels[k]))
					fail_msg("%s: %s twice", bodies[i],
					    labels[j].p);
			}
		}
		pack_close(p);
	}
	arena_close(a);
}

/*
 * Goal of this test: a bit of pack_office.rights is the keeper's bit. The
 * keeper's header is read as text, since its folder is not under this one.
 */
static void
rights_are_the_keepers(void **state)
{
	char path[PATH_BYTES];
	struct buf b = buf_of(FILE_BYTES_MAX);
	put_path(path, "%s/src/keeper/message.h", root());
	read_path(path, &b);
	const char *at = strstr(b.p, "enum right {");
	assert_non_null(at);
	for (unsigned r = 0; r < PACK_RIGHTS_END; r++) {
		char word[64] = "RIGHT_";
		size_t n = strlen(word);
		for (const char *c = pack_right_name(r); *c != '\0'; c++)
			word[n++] = (char)toupper((unsigned char)*c);
		word[n] = ',';
		at = strstr(at, "RIGHT_");
		assert_non_null(at);
		assert_memory_equal(at, word, n + 1);
		at += n;
	}
	at = strstr(at, "RIGHT");
	assert_memory_equal(at, "RIGHTS_END", 10);
	buf_close(&b);
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
		assert_int_equal(reads((struct slice){b.p, b.n}, "bytes"),
		    is_within);
		buf_reset(&b);
		for (int i = 0; i < NODE_DEPTH_MAX + extra; i++)
			buf_add_byte(&b, '[');
		for (int i = 0; i < NODE_DEPTH_MAX + extra; i++)
			buf_add_byte(&b, ']');
		assert_int_equal(reads((struct slice){b.p, b.n}, "nested"),
		    is_within);
		buf_reset(&b);
		for (int i = 0; i < NODE_KEYS_MAX + extra; i++)
			buf_add_printf(&b, "k%d: 1\n", i);
		assert_int_equal(reads((struct slice){b.p, b.n}, "keys"),
		    is_within);
		buf_reset(&b);
		for (int i = 1; i < NODE_FILE_MAX + extra; i++)
			buf_add_str(&b, "- a\n");
		assert_int_equal(reads((struct slice){b.p, b.n}, "values"),
		    is_within);
	}
	assert_true(reads(SLICE("\xEF\xBB\xBF" "a: 1\n"), ""));
	assert_false(reads(slice_bytes("a: \0\n", 5), "NUL"));
	assert_false(reads(SLICE(""), "empty"));
	assert_false(reads(SLICE("a: 1\rb: 2\n"), "CR alone"));
	assert_false(reads(SLICE("a: 1\xE2\x80\xA8" "b: 2\n"), "not LF"));
	assert_true(reads(SLICE("a: 1\r\nb: 2\r\n"), ""));
	buf_close(&b);
}

static void
add_provisions(struct buf *b, const char *prefix, int n)
{
	buf_add_str(b, "provisions:\n");
	for (int i = 0; i < n; i++)
		buf_add_printf(b, "  - {ref: %s%d, chapter: std, caption: c, "
		    "actor: a, force: may, controls: [], summary: "
		    "xxxxxxxxxxxxxxx}\n", prefix, i);
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
		char *at = strstr(text.p, "procedures.yaml]");
		assert_non_null(at);
		text.n = (size_t)(at - text.p);
		buf_add_str(&text, "procedures.yaml, more.yaml]\n");
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

static enum coverage_state
state_of(const struct coverage *c, const char *ref)
{
	const struct pack_provision *v = pack_provision(c->pack,
	    slice_of(ref));
	assert_non_null(v);
	return c->states[v - c->pack->provisions];
}

/* Goal of this test: nothing is called answered that no story has shown. */
static void
coverage_needs_proof(void **state)
{
	struct pack *p = open_real("okinawa");
	struct arena *a = arena_open(1024 * 1024);
	struct coverage c;
	struct err err = ERR_INIT;
	assert_true(coverage_make(p, p, SLICE_NONE, "", a, &c, &err));
	assert_int_equal(c.counts[COVERAGE_ANSWERED], 0);
	assert_int_equal(c.counts[COVERAGE_PLANNED] +
	    c.counts[COVERAGE_UNPROVEN], p->n_provisions);
	/* access.deny is answered by the guard, org.meeting by nothing */
	assert_int_equal(state_of(&c, "art9.2"), COVERAGE_UNPROVEN);
	struct slice stories = SLICE("story\tprovisions\tresult\n"
	    "0001\tokinawa:art9.2,law:66.1\tpassed\r\n"
	    "0002\tokinawa:art9.3\tfailed\n"
	    "0003\tkoriyama:art1, okinawa:art7.1\tpassed\n");
	assert_true(coverage_make(p, p, stories, "s", a, &c, &err));
	assert_int_equal(state_of(&c, "art9.2"), COVERAGE_ANSWERED);
	assert_int_equal(state_of(&c, "art9.3"), COVERAGE_UNPROVEN);
	assert_int_equal(c.counts[COVERAGE_ANSWERED], 1);
	arena_close(a);
	pack_close(p);
}

static void
stories_are_read_strictly(void **state)
{
	static const char *const bad[] = {"a\n", "a\tokinawa:art1\n",
	    "a\tokinawa:art1\tpassed\tx\n", "a\tart1\tpassed\n",
	    "a\tokinawa:\tpassed\n", "a\tokinawa:art999\tpassed\n",
	    "\tokinawa:art1\tpassed\n", "a\tokinawa:art1,,\tpassed\n"};
	struct pack *p = open_real("okinawa");
	struct arena *a = arena_open(1024 * 1024);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct coverage c;
		struct err err = ERR_INIT;
		if (coverage_make(p, p, slice_of(bad[i]), "s", a, &c, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERR_INPUT);
		assert_memory_equal(err.text, "s:1: ", 5);
	}
	arena_close(a);
	pack_close(p);
}

static void
coverage_is_a_table(void **state)
{
	struct bench b;
	struct pack *p = NULL;
	struct pack_faults *faults = pack_faults_open();
	struct arena *a = arena_open(65536);
	struct buf text = buf_of(65536);
	struct coverage c;
	struct err err = ERR_INIT;
	bench_open(&b);
	assert_true(open_bench(&b, &p, faults));
	assert_true(coverage_make(p, p,
	    SLICE("x\tsound:art2-3.1(4),sound:std5(6)\tpassed"), "s", a, &c,
	    &err));
	coverage_write(&c, &text);
	buf_add_byte(&text, '\0');
	assert_string_equal(text.p,
	    "art1\t保護管理者\taccess.grant,access.deny\tgrant.make,"
	    "guard.beyond_grant,guard.no_grant,guard.secret,guard.my_number\t"
	    "unproven\n"
	    "art2-3.1(4)\t職員\t\t\tplanned\n"
	    "std5(6)\t記録\tlog.record\tkeeper.ledger\tanswered\n");
	buf_close(&text);
	arena_close(a);
	pack_close(p);
	pack_faults_close(faults);
	bench_close(&b);
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
		cmocka_unit_test(real_packs_have_no_faults),
		cmocka_unit_test(real_packs_have_every_provision),
		cmocka_unit_test(sound_pack_is_sound),
		cmocka_unit_test(faulty_packs_are_refused),
		cmocka_unit_test(every_fault_is_told),
		cmocka_unit_test(extends_are_resolved),
		cmocka_unit_test(decisions_have_articles),
		cmocka_unit_test(contractor_has_its_own_name),
		cmocka_unit_test(articles_have_labels),
		cmocka_unit_test(labels_are_distinct),
		cmocka_unit_test(rights_are_the_keepers),
		cmocka_unit_test(files_have_limits),
		cmocka_unit_test(packs_have_limits),
		cmocka_unit_test(coverage_needs_proof),
		cmocka_unit_test(stories_are_read_strictly),
		cmocka_unit_test(coverage_is_a_table),
		cmocka_unit_test(memory_may_run_out),
	};
	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
