/*
 * Goal of this test: many appointments change as one, as they were decided
 * on and not otherwise; where the body wants two persons, no server and no
 * single registrar appoints anybody.
 */
#include <string.h>

#include "base/num.h"
#include "crypto/hash.h"
#include "keeper_case.h"

enum { ROWS = 300, CHANGE = 0x8000, FIRST = 0x9000, SECOND_POST = 0x8fff };

/* Rows of a change, in parts as the server would send them. */
struct plan {
	struct buf text[ROWS];
	size_t n;
	struct change_ask ask;
	uint8_t digest[AUTHORITY_DIGEST_BYTES];
};

static void
plan_add(struct plan *p, const struct authority_row *row)
{
	p->text[p->n] = buf_of(AUTHORITY_ROW_MAX_BYTES);
	authority_row_write(&p->text[p->n++], row);
}

static void
plan_close(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_close(&p->text[i]);
	p->n = 0;
}

static void
take_part(struct plan *p, uint16_t part)
{
	size_t from = part * (size_t)CHANGE_ROWS_MAX;
	p->ask.part = part;
	p->ask.n = p->n - from < CHANGE_ROWS_MAX ? p->n - from
						 : CHANGE_ROWS_MAX;
	for (size_t i = 0; i < p->ask.n; i++)
		p->ask.rows[i] =
		    slice_bytes(p->text[from + i].p, p->text[from + i].n);
}

static void
plan_end(struct plan *p)
{
	p->ask.n_parts = (p->n + CHANGE_ROWS_MAX - 1) / CHANGE_ROWS_MAX;
	for (uint16_t part = 0; part < p->ask.n_parts; part++) {
		struct buf b = buf_of(1024 * 1024);
		take_part(p, part);
		for (size_t i = 0; i < p->ask.n; i++) {
			buf_add_u16(&b, (uint16_t)p->ask.rows[i].n);
			buf_add(&b, p->ask.rows[i]);
		}
		hash_bytes(b.p, b.n, p->ask.parts[part]);
		buf_close(&b);
	}
	hash_bytes(p->ask.parts, p->ask.n_parts * AUTHORITY_DIGEST_BYTES,
	    p->digest);
}

static struct authority_row
post(struct rig *r, uint64_t id, uint64_t person)
{
	struct authority_row row = rig_row(r, AUTHORITY_APPOINTMENT, id);
	row.appointment.person = person;
	row.appointment.section = RIG_OTHER_SECTION;
	assert_true(
	    authority_text_set(&row.appointment.office, SLICE("staff")));
	return row;
}

static struct authority_row
change_row(struct rig *r, const struct plan *p)
{
	struct authority_row row = rig_row(r, AUTHORITY_CHANGE, CHANGE);
	row.change.rows = (uint32_t)p->n;
	memcpy(row.change.digest, p->digest, sizeof(p->digest));
	return row;
}

static bool
apply(struct rig *r, struct plan *p, enum rig_person by, uint64_t capacity)
{
	static struct authority_stored rows[MESSAGE_ROWS_MAX];
	struct authority_rows to = {.rows = rows};
	struct ack_ask ack = {.n = 0};
	struct none_answer none;
	p->ask.session = *rig_session(r, by);
	p->ask.capacity = capacity;
	p->ask.change = CHANGE;
	p->ask.reference = SLICE("R8-0401");
	if (!rig_call(r, MESSAGE_AUTHORITY_CHANGE, &p->ask, &to))
		return false;
	assert_int_equal(to.n, p->ask.n);
	for (size_t i = 0; i < to.n; i++) {
		rig_store(r, &to.rows[i]);
		ack.entries[ack.n++] = to.rows[i].entry;
	}
	assert_true(rig_call(r, MESSAGE_AUTHORITY_ACK, &ack, &none));
	return true;
}

/* The body wants two; the chief may appoint in another capacity of theirs. */
static void
want_two(struct rig *r)
{
	struct authority_row row;
	struct put_ask ask = {.capacity = 0};
	assert_true(authority_row_read(
	    (struct slice){r->rows[0].bytes, r->rows[0].n}, &row));
	assert_int_equal(row.head.kind, AUTHORITY_BODY);
	row.head.version++;
	row.body.appointers_needed = 2;
	r->options.is_maintenance = true;
	rig_stop(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_put_ask(r, &ask, &row, true));
	row = post(r, SECOND_POST, RIG_CHIEF);
	row.appointment.section = 0;
	row.appointment.rights = RIGHT_BIT(RIGHT_APPOINT);
	assert_true(rig_put_ask(r, &ask, &row, true));
	r->options.is_maintenance = false;
	rig_restart(r);
}

static struct plan plan;

static void
make_plan(struct rig *r, size_t n)
{
	plan = (struct plan){0};
	for (size_t i = 0; i < n; i++) {
		struct authority_row row = post(r, FIRST + i, RIG_CLERK);
		plan_add(&plan, &row);
	}
	plan_end(&plan);
}

static bool
has_post(struct rig *r, uint64_t id)
{
	struct append_ask ask = {.session = *rig_session(r, RIG_CLERK),
	    .capacity = id,
	    .verb = SLICE("test")};
	struct entry_answer to;
	return rig_call(r, MESSAGE_APPEND, &ask, &to);
}

static void
test_many_are_appointed_in_parts(void **state)
{
	struct rig *r = *state;
	make_plan(r, ROWS);
	uint64_t before = rig_entries(r);
	struct authority_row row = change_row(r, &plan);
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	for (uint16_t part = 0; part < plan.ask.n_parts; part++) {
		take_part(&plan, part);
		assert_true(apply(r, &plan, RIG_REGISTRAR,
		    rig_capacity(RIG_REGISTRAR)));
		/* once: another version is asked for now */
		assert_false(apply(r, &plan, RIG_REGISTRAR,
		    rig_capacity(RIG_REGISTRAR)));
		assert_int_equal(r->code, ANSWER_STALE);
	}
	/* one entry each, the change's own, and at most one refusal */
	assert_in_range(rig_entries(r), before + ROWS + 1, before + ROWS + 2);
	assert_true(has_post(r, FIRST));
	assert_true(has_post(r, FIRST + ROWS - 1));
	rig_restart(r);
	assert_true(has_post(r, FIRST + ROWS - 1));
	/* killed: what was acknowledged is there */
	rig_kill(r);
	assert_true(rig_start(r));
	assert_int_equal(rig_load(r), KEEPER_OPEN);
	assert_true(rig_logon(r, RIG_CLERK));
	assert_true(has_post(r, FIRST + ROWS / 2));
	plan_close(&plan);
}

static void
test_rows_are_those_decided_on(void **state)
{
	struct rig *r = *state;
	const uint64_t by = rig_capacity(RIG_REGISTRAR);
	make_plan(r, 3);
	take_part(&plan, 0);
	/* no such change yet */
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
	struct authority_row row = change_row(r, &plan);
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	/* another row, one more, one less, another order, another digest */
	struct slice first = plan.ask.rows[0];
	plan.ask.rows[0] = plan.ask.rows[1];
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_STALE);
	plan.ask.rows[0] = first;
	plan.ask.n = 2;
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_STALE);
	plan.ask.n = 3;
	plan.ask.parts[0][0] ^= 1;
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_STALE);
	plan.ask.parts[0][0] ^= 1;
	/* by one without the right */
	assert_false(apply(r, &plan, RIG_MANAGER, rig_capacity(RIG_MANAGER)));
	assert_int_equal(r->code, ANSWER_NO_RIGHT);
	assert_true(apply(r, &plan, RIG_REGISTRAR, by));
	plan_close(&plan);
}

/* One bad row, and none of the part is made. */
static void
test_a_part_is_whole_or_not_at_all(void **state)
{
	struct rig *r = *state;
	const uint64_t by = rig_capacity(RIG_REGISTRAR);
	struct authority_row bad[] = {
	    post(r, FIRST + 2, RIG_REGISTRAR),      /* one's own */
	    post(r, FIRST, RIG_CLERK),              /* twice */
	    post(r, FIRST + 2, RIG_CLERK),          /* another version */
	    rig_grant(r, FIRST + 2, RIG_CLERK, RIG_HOLDING, ACT_BIT(ACT_VIEW)),
	};
	const enum answer codes[] = {ANSWER_SAME_PERSON, ANSWER_BAD_ROW,
	    ANSWER_STALE, ANSWER_BAD_ROW};
	bad[2].head.version = 2;
	for (size_t i = 0; i < 4; i++) {
		plan = (struct plan){0};
		struct authority_row good = post(r, FIRST, RIG_CLERK);
		plan_add(&plan, &good);
		plan_add(&plan, &bad[i]);
		plan_end(&plan);
		take_part(&plan, 0);
		struct authority_row row = change_row(r, &plan);
		row.head.id = CHANGE + i;
		assert_true(rig_put(r, RIG_REGISTRAR, &row));
		plan.ask.session = *rig_session(r, RIG_REGISTRAR);
		plan.ask.capacity = by;
		plan.ask.change = CHANGE + i;
		struct authority_rows to = {0};
		assert_false(rig_call(r, MESSAGE_AUTHORITY_CHANGE, &plan.ask,
		    &to));
		assert_int_equal(r->code, codes[i]);
		assert_false(has_post(r, FIRST));
		plan_close(&plan);
	}
}

static void
test_two_persons_appoint(void **state)
{
	struct rig *r = *state;
	const uint64_t by = rig_capacity(RIG_REGISTRAR);
	want_two(r);
	/* nobody alone */
	struct authority_row row = post(r, 0x9800, RIG_CLERK);
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	make_plan(r, 2);
	take_part(&plan, 0);
	row = change_row(r, &plan);
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
	/* nor confirmed by oneself, nor when it is another */
	struct put_ask ask = {.session = *rig_session(r, RIG_REGISTRAR),
	    .capacity = by,
	    .is_confirming = true};
	assert_true(authority_row_read(
	    (struct slice){r->rows[r->n_rows - 1].bytes,
		r->rows[r->n_rows - 1].n},
	    &row));
	assert_true(row.head.flags & AUTHORITY_PENDING);
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	ask.session = *rig_session(r, RIG_CHIEF);
	ask.capacity = SECOND_POST;
	row.change.digest[0] ^= 1;
	assert_false(rig_put_ask(r, &ask, &row, true));
	assert_int_equal(r->code, ANSWER_STALE);
	row.change.digest[0] ^= 1;
	assert_true(rig_put_ask(r, &ask, &row, true));
	/* the first may apply what both decided; heads name both */
	assert_true(apply(r, &plan, RIG_REGISTRAR, by));
	assert_true(has_post(r, FIRST + 1));
	assert_true(authority_row_read(
	    (struct slice){r->rows[r->n_rows - 1].bytes,
		r->rows[r->n_rows - 1].n},
	    &row));
	assert_int_equal(row.head.made_by, RIG_REGISTRAR);
	assert_int_equal(row.head.confirmed_by, RIG_CHIEF);
	/* to end sooner one suffices; to go on longer does not */
	row.head.version++;
	row.head.until += DAY_US;
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	row.head.until -= 2 * DAY_US;
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	plan_close(&plan);
}

/* The second person decides too, and so appoints not themselves. */
static void
test_none_of_the_two_is_appointed(void **state)
{
	struct rig *r = *state;
	want_two(r);
	plan = (struct plan){0};
	struct authority_row row = post(r, FIRST, RIG_REGISTRAR);
	plan_add(&plan, &row);
	plan_end(&plan);
	take_part(&plan, 0);
	row = change_row(r, &plan);
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	assert_true(authority_row_read(
	    (struct slice){r->rows[r->n_rows - 1].bytes,
		r->rows[r->n_rows - 1].n},
	    &row));
	struct put_ask ask = {.session = *rig_session(r, RIG_CHIEF),
	    .capacity = SECOND_POST,
	    .is_confirming = true};
	assert_true(rig_put_ask(r, &ask, &row, true));
	assert_false(apply(r, &plan, RIG_CHIEF, SECOND_POST));
	assert_int_equal(r->code, ANSWER_SAME_PERSON);
	plan_close(&plan);
}

/* Taken back, or late: nothing can be applied. */
static void
test_a_change_ends(void **state)
{
	struct rig *r = *state;
	const uint64_t by = rig_capacity(RIG_REGISTRAR);
	make_plan(r, 1);
	take_part(&plan, 0);
	struct authority_row row = change_row(r, &plan);
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	row.head.version = 2;
	row.head.until += DAY_US; /* not longer */
	assert_false(rig_put(r, RIG_REGISTRAR, &row));
	assert_int_equal(r->code, ANSWER_BAD_ROW);
	row.head.until = r->now;
	assert_true(rig_put(r, RIG_REGISTRAR, &row));
	assert_false(apply(r, &plan, RIG_REGISTRAR, by));
	assert_int_equal(r->code, ANSWER_NOT_FOUND);
	plan_close(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RIG_TEST(test_many_are_appointed_in_parts),
	    RIG_TEST(test_rows_are_those_decided_on),
	    RIG_TEST(test_a_part_is_whole_or_not_at_all),
	    RIG_TEST(test_two_persons_appoint),
	    RIG_TEST(test_none_of_the_two_is_appointed),
	    RIG_TEST(test_a_change_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
