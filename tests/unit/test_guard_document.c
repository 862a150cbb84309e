/*
 * Goal of this test: documents with a real keeper and a real database. They
 * are as open, as closed and as gone as their record and their item are;
 * nothing half done shows, and no row in the database changes that.
 */
#include <string.h>

#include "guard/door_access.h"
#include "guard/door_authority.h"
#include "guard/door_document.h"
#include "guard/door_people.h"
#include "guard/door_secret.h"
#include "guard_case.h"
#include "vault/document.h"

enum { NAME, NUMBER, PAPER, IMAGE, ITEMS };

static char bytes[DOOR_DOCUMENT_MAX_BYTES + 1];

static uint64_t
make_holding(bool is_my_number)
{
	static const struct door_item items[ITEMS] = {
	    {.number = NAME,
		.id = {"name", 4},
		.name = {"氏名", 6},
		.type = PACK_ITEM_NAME},
	    {.number = NUMBER,
		.id = {"number", 6},
		.name = {"番号", 6},
		.type = PACK_ITEM_NUMBER,
		.search = PACK_SEARCH_EXACT},
	    {.number = PAPER,
		.id = {"paper", 5},
		.name = {"届出書", 9},
		.type = PACK_ITEM_FILE},
	    {.number = IMAGE,
		.id = {"image", 5},
		.name = {"画像", 6},
		.type = PACK_ITEM_FILE}};
	static const struct slice purposes[] = {{"resident.certificate", 20}};
	struct visitor v = town_visit(town, TOWN_MANAGER);
	struct door_holding h = {.section = town->sections[1],
	    .organ = town->organ,
	    .name = SLICE("届出"),
	    .basis = SLICE("住民基本台帳法第22条"),
	    .sensitivity = is_my_number ? SLICE("my_number") : SLICE("middle"),
	    .is_my_number = is_my_number,
	    .has_files = true,
	    .retention_years = 5,
	    .place = SLICE("庁内"),
	    .n_purposes = 1,
	    .purposes = purposes,
	    .n_items = ITEMS,
	    .items = items};
	CHECK(door_put_holding(town->door, &v, &h, &err));
	return h.id;
}

static void
grant(uint64_t holding, const char *office, uint32_t acts, uint64_t items)
{
	struct door_grant g =
	    town_grant(town, holding, office, town->sections[1], acts);
	g.items = items;
	(void)town_put_grant(town, &g);
}

static uint64_t
make_record(struct visitor *v, uint64_t holding)
{
	const struct slice values[ITEMS] = {
	    SLICE("書類 花子"), SLICE("1000001")};
	const struct door_write ask = {
	    .intent = town_intent(holding), .n = ITEMS, .values = values};
	struct written w;
	struct decision refusal;
	CHECK(door_create(town->door, v, &ask, &w, &refusal, &err));
	return w.record;
}

/* Everything the clerk may do, and a record without documents. */
static uint64_t
furnish(struct visitor *v, uint64_t *ret_record)
{
	uint64_t holding = make_holding(false);
	grant(holding, "staff", LOOKS | WRITES | ACT_BIT(ACT_ERASE), ITEMS_ALL);
	*v = town_visit(town, TOWN_CLERK);
	*ret_record = make_record(v, holding);
	return holding;
}

static struct door_attach
file_of(uint64_t holding, uint64_t record, size_t n)
{
	return (struct door_attach){.intent = town_intent(holding),
	    .record = record,
	    .item = PAPER,
	    .name = SLICE("C:\\scans\\届出 1.pdf"),
	    .type = SLICE("application/pdf"),
	    .bytes = slice_bytes(bytes, n)};
}

static struct attached
attach(struct visitor *v, uint64_t holding, uint64_t record, size_t n)
{
	const struct door_attach ask = file_of(holding, record, n);
	struct attached done;
	struct decision refusal;
	CHECK(door_attach(town->door, v, &ask, &done, &refusal, &err));
	return done;
}

static struct shown_record
look(struct visitor *v, uint64_t holding, uint64_t record, uint32_t version)
{
	const struct door_view ask = {.intent = town_intent(holding),
	    .record = record,
	    .version = version};
	struct shown_record shown;
	struct decision refusal;
	CHECK(door_view(town->door, v, &ask, &shown, &refusal, &err));
	return shown;
}

static void
assert_opens(struct visitor *v, uint64_t holding, uint64_t record,
    uint64_t document, uint32_t version, size_t n)
{
	const struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = document,
	    .version = version};
	struct opened_document done;
	struct decision refusal;
	struct buf to = buf_of(DOOR_DOCUMENT_MAX_BYTES);
	uint64_t before = town_entries(town);
	CHECK(door_open_document(
	    town->door, v, &ask, &done, &to, &refusal, &err));
	assert_int_equal(town_entries(town), before + 1);
	assert_int_equal(done.entry, before);
	assert_true(slice_is(done.document.name, "届出 1.pdf"));
	assert_true(slice_is(done.document.type, "application/pdf"));
	assert_int_equal(done.document.bytes, n);
	assert_int_equal(to.n, n);
	assert_memory_equal(to.p, bytes, n);
	buf_close(&to);
}

static enum err_code
try_to_open(struct visitor *v, const struct door_document *ask,
    struct decision *refusal)
{
	struct opened_document done;
	struct buf to = buf_of(DOOR_DOCUMENT_MAX_BYTES);
	struct err err = ERR_INIT;
	*refusal = (struct decision){.verdict = VERDICT_ALLOW};
	assert_false(door_open_document(
	    town->door, v, ask, &done, &to, refusal, &err));
	assert_int_equal(to.n, 0);
	buf_close(&to);
	return err.code;
}

static void
assert_refused(struct visitor *v, const struct door_document *ask,
    enum pack_decision key)
{
	struct decision refusal;
	(void)try_to_open(v, ask, &refusal);
	assert_int_not_equal(refusal.verdict, VERDICT_ALLOW);
	assert_string_equal(
	    pack_decision_name(refusal.key), pack_decision_name(key));
}

/* No refusal: it is not there, or not what the row says. */
static void
assert_fails(struct visitor *v, const struct door_document *ask,
    enum err_code code)
{
	struct decision refusal;
	assert_int_equal(try_to_open(v, ask, &refusal), code);
	assert_int_equal(refusal.verdict, VERDICT_ALLOW);
}

static void
a_document_opens_as_it_came(void **state)
{
	static const size_t sizes[] = {1, DOCUMENT_CHUNK_BYTES,
	    DOCUMENT_CHUNK_BYTES + 1, 3 * DOCUMENT_CHUNK_BYTES - 7};
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct shown_record shown = look(&v, holding, record, 0);
	assert_null(shown.values[PAPER].document);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct attached done = attach(&v, holding, record, sizes[i]);
		assert_int_equal(done.version, i + 2);
		assert_opens(&v, holding, record, done.document, 0, sizes[i]);
		shown = look(&v, holding, record, 0);
		assert_int_equal(shown.version, i + 2);
		/* the name is shown; what opens it is not */
		assert_true(
		    slice_is(shown.values[PAPER].text, "届出 1.pdf"));
		assert_int_equal(
		    shown.values[PAPER].document->id, done.document);
		assert_int_equal(shown.values[PAPER].document->bytes, sizes[i]);
		assert_null(shown.values[IMAGE].document);
		assert_true(slice_is(shown.values[NAME].text, "書類 花子"));
	}
}

static void
what_was_before_stays_with_its_version(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached first = attach(&v, holding, record, 10);
	struct attached second = attach(&v, holding, record, 20);
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = first.document};
	assert_fails(&v, &ask, ERR_NOT_FOUND);
	assert_opens(
	    &v, holding, record, first.document, first.version, 10);
	/* a correction of something else keeps it */
	const struct slice values[ITEMS] = {SLICE("書類 桜")};
	const struct door_write correct = {.intent = town_intent(holding),
	    .record = record,
	    .version = second.version,
	    .n = ITEMS,
	    .values = values,
	    .items = ITEM_BIT(NAME)};
	struct written w;
	struct decision refusal;
	town_instruct(town, &v, holding, record);
	CHECK(door_correct(town->door, &v, &correct, &w, &refusal, &err));
	assert_opens(&v, holding, record, second.document, 0, 20);
	/* and no correction writes a reference by hand */
	const struct slice forged[ITEMS] = {[PAPER] = SLICE("x")};
	const struct door_write by_hand = {.intent = town_intent(holding),
	    .record = record,
	    .version = w.version,
	    .n = ITEMS,
	    .values = forged,
	    .items = ITEM_BIT(PAPER)};
	struct err err;
	assert_false(
	    door_correct(town->door, &v, &by_hand, &w, &refusal, &err));
	assert_int_equal(err.code, ERR_INPUT);
}

static void
a_masked_item_hides_its_document(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached done = attach(&v, holding, record, 10);
	grant(holding, "manager", LOOKS | WRITES | ACT_BIT(ACT_ERASE),
	    ITEM_BIT(NAME) | ITEM_BIT(IMAGE));
	struct visitor m = town_visit(town, TOWN_MANAGER);
	struct shown_record shown = look(&m, holding, record, 0);
	assert_true(shown.values[PAPER].is_masked);
	assert_null(shown.values[PAPER].document);
	assert_int_equal(shown.values[PAPER].text.n, 0);
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	uint64_t before = town_entries(town);
	assert_refused(&m, &ask, PACK_DECISION_BEYOND_GRANT);
	assert_int_equal(town_entries(town), before + 1);
	struct door_attach file = file_of(holding, record, 5);
	struct attached none;
	struct written w;
	struct decision refusal;
	assert_false(
	    door_attach(town->door, &m, &file, &none, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_BEYOND_GRANT);
	assert_false(
	    door_erase_document(town->door, &m, &ask, &w, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_BEYOND_GRANT);
	assert_opens(&v, holding, record, done.document, 0, 10);
	file.item = IMAGE;
	CHECK(door_attach(town->door, &m, &file, &none, &refusal, &err));
}

static void
without_a_grant_it_is_refused_and_entered(void **state)
{
	struct visitor v, other;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached done = attach(&v, holding, record, 10);
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	other = town_visit(town, TOWN_CLERK_2);
	uint64_t before = town_entries(town);
	assert_refused(&other, &ask, PACK_DECISION_NO_GRANT);
	assert_int_equal(town_entries(town), before + 1);
	ask.document = 1; /* whether it exists is not told either */
	assert_refused(&other, &ask, PACK_DECISION_NO_GRANT);
	ask.intent.purpose = SLICE("tax.resident");
	assert_refused(&v, &ask, PACK_DECISION_PURPOSE);
	/* attaching takes both acts */
	static const uint32_t acts[] = {ACT_BIT(ACT_CREATE),
	    ACT_BIT(ACT_CORRECT)};
	const enum town_person who[] = {TOWN_MANAGER, TOWN_HANDLER};
	static const char *const offices[] = {"manager", "handler"};
	for (size_t i = 0; i < 2; i++) {
		const struct door_attach file = file_of(holding, record, 5);
		struct attached none;
		struct decision refusal;
		grant(holding, offices[i], LOOKS | acts[i], ITEMS_ALL);
		struct visitor m = town_visit(town, who[i]);
		assert_false(door_attach(
		    town->door, &m, &file, &none, &refusal, NULL));
		assert_int_equal(refusal.key, PACK_DECISION_BEYOND_GRANT);
	}
}

static void
my_number_takes_a_second_factor(void **state)
{
	uint64_t holding = make_holding(true);
	grant(holding, "handler", LOOKS | WRITES, ITEMS_ALL);
	grant(holding, "staff", LOOKS | WRITES, ITEMS_ALL);
	struct visitor v = town_visit_with_code(town, TOWN_HANDLER);
	uint64_t record = make_record(&v, holding);
	struct attached done = attach(&v, holding, record, 10);
	assert_opens(&v, holding, record, done.document, 0, 10);
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	struct visitor weak = town_visit(town, TOWN_HANDLER);
	assert_refused(&weak, &ask, PACK_DECISION_SECOND_FACTOR);
	const struct door_attach file = file_of(holding, record, 5);
	struct attached none;
	struct decision refusal;
	assert_false(
	    door_attach(town->door, &weak, &file, &none, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_SECOND_FACTOR);
	struct visitor clerk = town_visit(town, TOWN_CLERK);
	assert_refused(&clerk, &ask, PACK_DECISION_MY_NUMBER);
}

/* 総括保護管理者 confirms that the visitor hands a file of it out, once. */
static void
have_confirmed(struct visitor *v, uint64_t holding, uint64_t record)
{
	const struct door_release ask = {.intent = town_intent(holding),
	    .record = record,
	    .act = ACT_COPY,
	    .reason = SLICE("裁判所への提出")};
	struct put put, done;
	struct decision refusal;
	CHECK(door_put_release(town->door, v, &ask, &put, &refusal, &err));
	struct visitor chief = town_visit(town, TOWN_CHIEF);
	CHECK(door_confirm(town->door, &chief, AUTHORITY_RELEASE, put.id,
	    &done, &err));
}

static void
a_secret_record_closes_its_documents(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached done = attach(&v, holding, record, 10);
	grant(holding, "manager",
	    LOOKS | WRITES | ACT_BIT(ACT_COPY) | ACT_BIT(ACT_SECRET),
	    ITEMS_ALL);
	struct visitor m = town_visit(town, TOWN_MANAGER);
	const struct door_secret mark = {.intent = town_intent(holding),
	    .record = record,
	    .is_secret = true,
	    .until = town_now(town) + 300 * DAY_US};
	struct written w;
	struct decision refusal;
	CHECK(door_secret(town->door, &m, &mark, &w, &refusal, &err));
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	assert_refused(&v, &ask, PACK_DECISION_SECRET);
	ask.version = done.version; /* nor as it was before */
	assert_refused(&v, &ask, PACK_DECISION_SECRET);
	/* handed out, it leaves the screen: not without another person */
	ask.version = 0;
	assert_refused(&m, &ask, PACK_DECISION_SECRET);
	have_confirmed(&m, holding, record);
	assert_opens(&m, holding, record, done.document, 0, 10);
	assert_refused(&m, &ask, PACK_DECISION_SECRET);
	const struct door_attach file = file_of(holding, record, 20);
	struct attached none;
	assert_false(
	    door_attach(town->door, &v, &file, &none, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_SECRET);
	done = attach(&m, holding, record, 20);
	have_confirmed(&m, holding, record);
	assert_opens(&m, holding, record, done.document, 0, 20);
}

static void
an_erased_document_is_gone(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached one = attach(&v, holding, record, 10);
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = one.document};
	struct written w;
	struct decision refusal;
	CHECK(door_erase_document(town->door, &v, &ask, &w, &refusal, &err));
	assert_true(w.entry > 0);
	assert_fails(&v, &ask, ERR_NOT_FOUND);
	struct shown_record shown = look(&v, holding, record, 0);
	assert_true(shown.values[PAPER].document->is_erased);
	assert_true(slice_is(shown.values[NAME].text, "書類 花子"));
	/* another takes its place, and goes with the record */
	struct attached two = attach(&v, holding, record, 20);
	assert_opens(&v, holding, record, two.document, 0, 20);
	const struct door_erase whole = {
	    .intent = town_intent(holding), .record = record};
	CHECK(door_erase(town->door, &v, &whole, &w, &refusal, &err));
	ask.document = two.document;
	assert_fails(&v, &ask, ERR_NOT_FOUND);
}

/* What a crash between keeper and database leaves is ended the next time. */
static bool
put_back(struct store_tx *tx, void *arg, struct err *err)
{
	const struct document_row *row = arg;
	return document_insert(tx, row, err) &&
	       document_end(tx, &row->name, row->bytes, row->chunks, err);
}

static void
an_erasure_that_broke_off_is_ended(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached done = attach(&v, holding, record, 10);
	struct document_row row;
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	struct written w;
	struct decision refusal;
	CHECK(document_fetch(door_reader(town->door), town->body, holding,
	    done.document, &row, &err));
	CHECK(door_erase_document(town->door, &v, &ask, &w, &refusal, &err));
	CHECK(store_write_now(town->store, put_back, &row, &err));
	assert_refused(&v, &ask, PACK_DECISION_ERASED);
	CHECK(door_erase_document(town->door, &v, &ask, &w, &refusal, &err));
	assert_int_equal(w.entry, 0);
	CHECK(store_write_now(town->store, put_back, &row, &err));
	const struct door_erase whole = {
	    .intent = town_intent(holding), .record = record};
	CHECK(door_erase(town->door, &v, &whole, &w, &refusal, &err));
	assert_true(w.entry > 0);
	/* the record's own key too: its row alone brings nothing back */
	const struct door_view view = {
	    .intent = town_intent(holding), .record = record};
	struct shown_record shown;
	assert_false(
	    door_view(town->door, &v, &view, &shown, &refusal, NULL));
	assert_int_equal(refusal.key, PACK_DECISION_ERASED);
}

static bool
change_item(struct store_tx *tx, void *arg, struct err *err)
{
	struct document_row *row = arg;
	return document_delete(tx, &row->name, err) && put_back(tx, row, err);
}

static void
a_row_by_sql_opens_nothing(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct attached done = attach(&v, holding, record, 10);
	struct document_row row;
	struct door_document ask = {.intent = town_intent(holding),
	    .record = record,
	    .document = done.document};
	grant(holding, "manager", LOOKS, ITEM_BIT(NAME) | ITEM_BIT(IMAGE));
	struct visitor m = town_visit(town, TOWN_MANAGER);
	CHECK(document_fetch(door_reader(town->door), town->body, holding,
	    done.document, &row, &err));
	/* as if it were the value of an item that the manager may see */
	row.item = IMAGE;
	CHECK(store_write_now(town->store, change_item, &row, &err));
	assert_fails(&m, &ask, ERR_NOT_FOUND);
	/* as if it were of another record */
	row.item = PAPER;
	row.record = make_record(&v, holding);
	CHECK(store_write_now(town->store, change_item, &row, &err));
	ask.record = row.record;
	assert_fails(&v, &ask, ERR_CORRUPT);
	/* and one that is not all there */
	row.record = ask.record = record;
	row.chunks = 0;
	CHECK(store_write_now(town->store, change_item, &row, &err));
	assert_fails(&v, &ask, ERR_NOT_FOUND);
}

static void
files_have_limits(void **state)
{
	struct visitor v;
	uint64_t record;
	uint64_t holding = furnish(&v, &record);
	struct door_attach file =
	    file_of(holding, record, DOOR_DOCUMENT_MAX_BYTES + 1);
	struct attached done;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct err fault;
	uint64_t before = town_entries(town);
	assert_false(
	    door_attach(town->door, &v, &file, &done, &refusal, &fault));
	assert_int_equal(fault.code, ERR_INPUT);
	file.bytes.n = 0;
	assert_false(
	    door_attach(town->door, &v, &file, &done, &refusal, &fault));
	assert_int_equal(fault.code, ERR_INPUT);
	file.bytes.n = 1;
	file.item = NAME;
	assert_false(
	    door_attach(town->door, &v, &file, &done, &refusal, &fault));
	assert_int_equal(fault.code, ERR_INPUT);
	file.item = PAPER;
	file.name = SLICE("..");
	assert_false(
	    door_attach(town->door, &v, &file, &done, &refusal, &fault));
	assert_int_equal(fault.code, ERR_INPUT);
	assert_int_equal(town_entries(town), before);
	done = attach(&v, holding, record, DOOR_DOCUMENT_MAX_BYTES);
	assert_opens(&v, holding, record, done.document, 0,
	    DOOR_DOCUMENT_MAX_BYTES);
	for (size_t i = 1; i < DOOR_DOCUMENTS_MAX; i++)
		done = attach(&v, holding, record, 1);
	file = file_of(holding, record, 1);
	assert_false(
	    door_attach(town->door, &v, &file, &done, &refusal, &fault));
	assert_int_equal(fault.code, ERR_LIMIT);
	assert_int_equal(refusal.verdict, VERDICT_ALLOW);
	/* all of them end with the record, in one message */
	const struct door_erase whole = {
	    .intent = town_intent(holding), .record = record};
	struct written w;
	before = town_entries(town);
	CHECK(door_erase(town->door, &v, &whole, &w, &refusal, &err));
	assert_int_equal(town_entries(town), before + 1);
	/* and stand as one in the index of accesses */
	struct door_accesses seen = {.holding = holding};
	struct visitor manager = town_visit(town, TOWN_MANAGER);
	struct shown_access *rows;
	size_t n, erased = 0;
	town_follow(town);
	CHECK(door_accesses(town->door, &manager, &seen, &rows, &n, &err));
	for (size_t i = 0; i < n; i++)
		erased += slice_is(rows[i].act, "erase");
	assert_int_equal(erased, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_document_opens_as_it_came),
	    cmocka_unit_test(what_was_before_stays_with_its_version),
	    cmocka_unit_test(a_masked_item_hides_its_document),
	    cmocka_unit_test(without_a_grant_it_is_refused_and_entered),
	    cmocka_unit_test(my_number_takes_a_second_factor),
	    cmocka_unit_test(a_secret_record_closes_its_documents),
	    cmocka_unit_test(an_erased_document_is_gone),
	    cmocka_unit_test(an_erasure_that_broke_off_is_ended),
	    cmocka_unit_test(a_row_by_sql_opens_nothing),
	    cmocka_unit_test(files_have_limits),
	};
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 % 253);
	return RUN_IN_TOWNS(tests, NULL);
}
