/*
 * Goal of this test: the five bodies' packs are sound and complete, and say
 * what the regulations say.
 */
#include <ctype.h>
#include <string.h>

#include "pack_bench.h"

/* Goal of this test: every pack in the tree can be loaded by the product. */
static void
real_packs_have_no_faults(void **state)
{
	for (size_t i = 0; i < BODIES; i++) {
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
	for (size_t i = 0; i < BODIES; i++) {
		char path[PATH_BYTES];
		size_t n = 0;
		struct slice rest, line;
		struct pack *p = open_real(bodies[i]);
		struct buf b = buf_of(FILE_BYTES_MAX);
		put_path(path, "%s/tests/golden/refs/%s.txt", source_root(),
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

/* Goal of this test: a body's own entries replace those below it whole. */
static void
extends_are_resolved(void **state)
{
	struct pack *p = open_real("okinawa");
	const struct pack_office *staff = pack_office(p, SLICE("staff"));
	const struct pack_office *registrar =
	    pack_office(p, SLICE("registrar"));
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
	for (size_t i = 0; i < BODIES; i++) {
		struct pack *p = open_real(bodies[i]);
		for (unsigned k = 0; k < PACK_DECISION_AUDIT_SELF; k++) {
			const struct pack_article *a = pack_decision(p, k);
			assert_non_null(a);
			assert_true(a->provision->caption.n > 0);
			assert_ptr_equal(
			    pack_provision(p, a->full), a->provision);
		}
		bool has_rule = strcmp(bodies[i], "nagaokakyo") == 0;
		assert_int_equal(
		    pack_decision(p, PACK_DECISION_AUDIT_SELF) != NULL,
		    has_rule);
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
	assert_int_equal(
	    pack_office(p, SLICE("manager"))->where, PACK_WHERE_HAS_HOLDING);
	pack_close(p);
}

/* Goal of this test: each organ has its day, or its own ordinance. */
static void
organs_adopt_the_regulation_each_on_its_day(void **state)
{
	struct pack *p = open_real("okinawa");
	size_t n_outside = 0;
	for (size_t i = 0; i < p->n_organs; i++) {
		const struct pack_organ *o = &p->organs[i];
		uint32_t day = pack_organ_adopted(p, o);
		n_outside += o->is_outside;
		assert_int_equal(day == 0, o->is_outside);
		if (slice_is(o->id, "mayor"))
			assert_int_equal(day, 20240401);
		if (slice_is(o->id, "education"))
			assert_int_equal(day, 20240501);
	}
	assert_int_equal(n_outside, 1);
	pack_close(p);
	p = open_real("sapporo"); /* no date of force */
	assert_int_equal(pack_organ_adopted(p, &p->organs[0]), 0);
	pack_close(p);
}

/* Goal of this test: due days pass over the days on which a body is closed. */
static void
closing_days_are_the_bodys_own(void **state)
{
	struct pack *p = open_real("okinawa");
	struct calendar own = pack_calendar(p);
	struct calendar none = pack_calendar(NULL);
	const struct date before = {2026, 6, 22}, day = {2026, 6, 23};
	assert_true(calendar_check(&own, NULL));
	assert_true(calendar_is_closed(&own, day));
	assert_false(calendar_is_closed(&none, day));
	assert_int_equal(calendar_add_open_days(&own, before, 1).day, 24);
	assert_int_equal(calendar_add_open_days(&none, before, 1).day, 23);
	assert_true(calendar_is_closed(&own, (struct date){2027, 6, 23}));
	pack_close(p);
}

/* Goal of this test: each ground cites the law; My Number has its own. */
static void
grounds_of_provision_are_the_laws(void **state)
{
	struct pack *p = open_real("koriyama");
	const struct pack_ground *g = pack_ground(p, SLICE("other_organ"));
	assert_non_null(g);
	assert_true(slice_is(g->articles[0].full, "law:69.2(iii)"));
	assert_false(g->is_my_number);
	assert_true(pack_ground(p, SLICE("my_number"))->is_my_number);
	assert_null(pack_ground(p, SLICE("none")));
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
		struct slice s =
		    pack_article_label(p, slice_of(rows[i].ref), a);
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
	for (size_t i = 0; i < BODIES; i++) {
		struct pack *p = open_real(bodies[i]);
		struct slice labels[PACK_PROVISIONS_MAX];
		for (size_t j = 0; j < p->n_provisions; j++) {
			labels[j] =
			    pack_article_label(p, p->provisions[j].id, a);
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
	put_path(path, "%s/src/keeper/message.h", source_root());
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(real_packs_have_no_faults),
	    cmocka_unit_test(real_packs_have_every_provision),
	    cmocka_unit_test(extends_are_resolved),
	    cmocka_unit_test(decisions_have_articles),
	    cmocka_unit_test(contractor_has_its_own_name),
	    cmocka_unit_test(organs_adopt_the_regulation_each_on_its_day),
	    cmocka_unit_test(closing_days_are_the_bodys_own),
	    cmocka_unit_test(grounds_of_provision_are_the_laws),
	    cmocka_unit_test(articles_have_labels),
	    cmocka_unit_test(labels_are_distinct),
	    cmocka_unit_test(rights_are_the_keepers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
