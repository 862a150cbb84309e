/*
 * Goal of this test: a holding is what was said of it; its items keep their
 * places and types for good; the shelf has every one of every body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vault/shelf.h"
#include "vault_rig.h"

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

ON_BOTH(holdings)
ON_BOTH(shelf)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_holding_check),
	    BOTH(holdings),
	    BOTH(shelf),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vault_rig_end();
	return failed;
}
