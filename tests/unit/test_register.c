/*
 * Goal of this test: rows of registers with a real keeper and a real database:
 * what is typed is stored in one form, found, changed with its history, ended;
 * a key is there once, and nobody overwrites what another changed.
 */
#include <string.h>

#include "guard/door_people.h"
#include "guard_case.h"
#include "register/register.h"
#include "register/value.h"

extern const struct store_module register_sql;

static const struct pack_register *
media(void)
{
	const struct pack_register *r =
	    pack_register(town->pack, SLICE("media"));
	assert_non_null(r);
	return r;
}

static struct register_source
source(void)
{
	return (struct register_source){.reader = door_reader(town->door),
	    .arena = town->arena, .body = town->body, .reg = media()};
}

/* A medium of 市民課, as typed; fields that are not named stay empty. */
static struct register_row
medium(const char *number, const char *kind, const char *content)
{
	const struct pack_register *r = media();
	struct slice *values =
	    arena_array(town->arena, r->n_fields, sizeof(*values));
	const struct {
		const char *field, *text;
	} typed[] = {{"number", number}, {"kind", kind}, {"content", content},
	    {"place", "書庫A"}, {"lock", "cabinet"}, {"taken_on", "R8.4.1"}};
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		size_t at = pack_register_field(r, slice_of(typed[i].field));
		assert_int_equal(register_value_read(&r->fields[at],
		    slice_of(typed[i].text), town->arena, &values[at]),
		    VALUE_GOOD);
	}
	return (struct register_row){.section = town->sections[1],
	    .name = slice_of(number), .n = r->n_fields, .values = values};
}

static bool
put(struct register_row *row, uint64_t *ret_same, struct err *err)
{
	struct visitor v = town_visit(town, TOWN_MANAGER);
	const struct register_write w = {.reg = media(),
	    .pack_hash = town->pack->hash, .reason = SLICE("試験"),
	    .now = town_now(town), .row = row};
	return register_put(town->door, &v, &w, ret_same, err);
}

static void
put_good(struct register_row *row)
{
	uint64_t same;
	CHECK(put(row, &same, &err));
	assert_int_equal(same, 0);
}

static size_t
count(const struct register_ask *ask)
{
	struct register_source from = source();
	struct register_row *rows;
	size_t n;
	bool has_more;
	CHECK(register_list(&from, ask, &rows, &n, &has_more, &err));
	return n;
}

static void
a_row_is_stored_in_one_form_and_found(void **state)
{
	struct register_row row = medium("M-1", "usb", "住民票の控え");
	struct register_row there;
	struct register_source from = source();
	size_t taken = pack_register_field(media(), SLICE("taken_on"));
	put_good(&row);
	CHECK(register_get(&from, row.id, &there, &err));
	assert_int_equal(there.version, 1);
	assert_int_equal(there.fact, 20260401);
	assert_true(slice_is(there.values[taken], "2026-04-01"));
	assert_true(slice_is(there.name, "M-1"));
	struct register_ask ask = {.max = 10, .query = SLICE("住民票")};
	assert_int_equal(count(&ask), 1);
	ask.query = SLICE("%");
	assert_int_equal(count(&ask), 0);
	ask = (struct register_ask){.max = 10, .n_filters = 1, .query = SLICE("住民票"),
	    .filters = {{SLICE("kind"), SLICE("usb")}}};
	assert_int_equal(count(&ask), 1);
	ask.filters[0].value = SLICE("tape");
	assert_int_equal(count(&ask), 0);
	ask = (struct register_ask){.max = 10, .section = town->sections[2]};
	assert_int_equal(count(&ask), 0);
}

static void
a_key_is_there_once_until_its_row_ends(void **state)
{
	struct register_row first = medium("K-1", "usb", "鍵の一つ目");
	struct register_row second = medium("K-1", "disc", "鍵の二つ目");
	struct visitor v = town_visit(town, TOWN_MANAGER);
	struct err said = ERR_INIT;
	uint64_t same;
	put_good(&first);
	assert_false(put(&second, &same, &said));
	assert_int_equal(said.code, ERR_CONFLICT);
	assert_true(same == first.id);
	assert_true(second.id == 0);
	const struct register_write w = {.reg = media(),
	    .pack_hash = town->pack->hash, .reason = SLICE("廃棄した"),
	    .now = town_now(town), .row = &first};
	CHECK(register_end(town->door, &v, &w, &err));
	put_good(&second);
	struct register_ask ask = {.max = 10, .query = SLICE("鍵の")};
	assert_int_equal(count(&ask), 1);
	ask.with_ended = true;
	assert_int_equal(count(&ask), 2);
	/* nothing is done to an ended row */
	assert_false(register_end(town->door, &v, &w, &said));
	assert_int_equal(said.code, ERR_CONFLICT);
}

static void
a_change_keeps_what_was_and_overwrites_nobody(void **state)
{
	struct register_row row = medium("C-1", "usb", "前の内容");
	struct register_version *list;
	struct register_source from = source();
	struct err said = ERR_INIT;
	uint64_t same;
	size_t n, content = pack_register_field(media(), SLICE("content"));
	put_good(&row);
	struct register_row mine = medium("C-1", "usb", "後の内容");
	struct register_row late = medium("C-1", "usb", "遅れた内容");
	mine.id = late.id = row.id;
	mine.version = late.version = row.version;
	put_good(&mine);
	assert_false(put(&late, &same, &said));
	assert_int_equal(said.code, ERR_CONFLICT);
	CHECK(register_versions(&from, row.id, &list, &n, &err));
	assert_int_equal(n, 2);
	assert_true(slice_is(list[0].values[content], "後の内容"));
	assert_true(slice_is(list[1].values[content], "前の内容"));
	assert_true(list[0].person == town->persons[TOWN_MANAGER]);
	assert_true(slice_is(list[0].reason, "試験"));
}

static void
a_long_list_comes_page_by_page(void **state)
{
	const char *const numbers[] = {"P-3", "P-1", "P-2"};
	struct register_source from = source();
	struct register_row *rows;
	struct register_ask ask = {.max = 2, .query = SLICE("頁の")};
	bool has_more;
	size_t n;
	for (size_t i = 0; i < 3; i++) {
		struct register_row row = medium(numbers[i], "usb", "頁の内容");
		put_good(&row);
	}
	CHECK(register_list(&from, &ask, &rows, &n, &has_more, &err));
	assert_int_equal(n, 2);
	assert_true(has_more);
	assert_true(slice_is(rows[0].name, "P-1"));
	ask.after_sort = rows[1].sort;
	ask.after = rows[1].id;
	CHECK(register_list(&from, &ask, &rows, &n, &has_more, &err));
	assert_int_equal(n, 1);
	assert_false(has_more);
	assert_true(slice_is(rows[0].name, "P-3"));
}

static void
values_that_do_not_fit_say_how(void **state)
{
	static const struct {
		const char *field, *typed;
		enum value_flaw flaw;
	} cases[] = {
	    {"number", "", VALUE_MISSING},
	    {"number", "   ", VALUE_MISSING},
	    {"number", "\x01", VALUE_NOT_TEXT},
	    {"number", "\xff", VALUE_NOT_TEXT},
	    {"kind", "floppy", VALUE_NOT_CHOICE},
	    {"is_encrypted", "yes", VALUE_NOT_CHOICE},
	    {"holder", "山田", VALUE_NOT_ID},
	    {"holder", "0000000000000000", VALUE_NOT_ID},
	    {"taken_on", "平成31年5月1日", VALUE_NOT_DATE},
	    {"taken_on", "R8.2.30", VALUE_NOT_DATE},
	    {"number", "１２３４５６７８９０１２３４５６７８９０１", VALUE_TOO_LONG},
	    {"keep_until", "", VALUE_GOOD},
	};
	const struct pack_register *r = media();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice stored;
		size_t at = pack_register_field(r, slice_of(cases[i].field));
		assert_int_equal(register_value_read(&r->fields[at],
		    slice_of(cases[i].typed), town->arena, &stored),
		    cases[i].flaw);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_is_stored_in_one_form_and_found),
	    cmocka_unit_test(a_key_is_there_once_until_its_row_ends),
	    cmocka_unit_test(a_change_keeps_what_was_and_overwrites_nobody),
	    cmocka_unit_test(a_long_list_comes_page_by_page),
	    cmocka_unit_test(values_that_do_not_fit_say_how),
	};
	return RUN_IN_TOWNS(tests, &register_sql);
}
