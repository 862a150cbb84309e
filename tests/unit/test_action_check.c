/*
 * Goal of these tests: the product's own table passes, and a row that lacks
 * something, or two that get into each other's way, are refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "action/action.h"

static bool
do_nothing(struct call *call, struct err *err)
{
	return true;
}

static const char *const choices[] = {"one", "two", NULL};

/* A row that has what a row can have; each case spoils one thing. */
static const struct field good_input[] = {
    {.name = "holding", .type = FIELD_ID, .required = true,
        .label = WORD_FIELD_HOLDING},
    {.name = "purpose", .type = FIELD_KEY, .max = 64, .required = true,
        .label = WORD_FIELD_PURPOSE},
    {.name = "case", .type = FIELD_CASE, .max = 64,
        .label = WORD_FIELD_CASE},
    {.name = "kind", .type = FIELD_CHOICE, .max = 8, .choices = choices,
        .label = WORD_FIELD_KIND},
    {.name = NULL},
};

static const struct result good_output[] = {
    {"made", OUT_ID}, {"rows", OUT_LIST}, {"rows.name", OUT_TEXT},
    {"rows.parts", OUT_OBJECT}, {"rows.parts.first", OUT_DATE}, {.path = NULL},
};

static const struct action good = {
    .name = "thing.make", .is_change = true, .path = "/things/{holding}/new",
    .input = good_input, .output = good_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_HOLDING), .needs_purpose = true,
    .ledger_verb = "thing.make", .title = WORD_HOLDING_MAKE_TITLE,
    .help = WORD_HOLDING_MAKE_HELP, .page = "form",
    .after = "/things/{holding}/{made}", .run = do_nothing,
};

static void
expect_refused(const struct action *const *rows, size_t n, const char *why)
{
	struct err err = ERR_INIT;
	assert_false(action_table_check(rows, n, &err));
	assert_int_equal(err.code, ERR_INPUT);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void
expect_row_refused(const struct action *row, const char *why)
{
	expect_refused(&row, 1, why);
}

#define REFUSED_WITH(field, value, why)                                        \
	do {                                                                   \
		struct action spoilt = good;                                   \
		spoilt.field = value;                                          \
		expect_row_refused(&spoilt, why);                              \
	} while (0)

static void
test_own_table(void **state)
{
	struct err err = ERR_INIT;
	const struct action *const rows[] = {&good};
	if (!action_table_check(actions, action_count, &err))
		fail_msg("%s", err.text);
	if (!action_table_check(rows, 1, &err))
		fail_msg("%s", err.text);
	assert_true(action_table_check(rows, 0, &err));
}

static void
test_incomplete_row(void **state)
{
	REFUSED_WITH(name, NULL, "without a name");
	REFUSED_WITH(name, "Thing make", "without a name");
	REFUSED_WITH(name, "", "without a name");
	REFUSED_WITH(path, NULL, "incomplete");
	REFUSED_WITH(input, NULL, "incomplete");
	REFUSED_WITH(output, NULL, "incomplete");
	REFUSED_WITH(ledger_verb, NULL, "incomplete");
	REFUSED_WITH(run, NULL, "incomplete");
	REFUSED_WITH(title, WORD_NONE, "no title");
	REFUSED_WITH(help, WORD_NONE, "no help");
}

static void
test_entries_and_rights(void **state)
{
	struct action seen = good;
	struct err err = ERR_INIT;
	const struct action *rows[] = {&seen};
	seen.is_change = false;
	REFUSED_WITH(ledger_verb, "", "without an entry");
	seen.ledger_verb = "";
	assert_true(action_table_check(rows, 1, &err));
	seen.who = WHO_GRANT;
	seen.rights = 0;
	expect_row_refused(&seen, "without an entry");
	REFUSED_WITH(rights, 0, "rights");
	REFUSED_WITH(who, WHO_SESSION, "rights");
}

static void
test_paths(void **state)
{
	struct field input[5];
	struct action row = good;
	row.input = input;
	REFUSED_WITH(path, "things/new", "path");
	REFUSED_WITH(path, "/things/{thing}/new", "does not demand");
	memcpy(input, good_input, sizeof(input));
	input[0].required = false;
	expect_row_refused(&row, "does not demand");
	REFUSED_WITH(after, "/things/{thing}", "page after it");
}

/* One field of the good row, spoilt. */
static void
expect_field_refused(size_t at, struct field spoilt, const char *why)
{
	struct field input[5];
	struct action row = good;
	row.input = input;
	memcpy(input, good_input, sizeof(input));
	input[at] = spoilt;
	expect_row_refused(&row, why);
}

static void
test_fields(void **state)
{
	struct field f = good_input[2];
	f.name = "Case";
	expect_field_refused(2, f, "bad name");
	f.name = "";
	expect_field_refused(2, f, "bad name");
	f.name = "holding";
	expect_field_refused(2, f, "twice");
	f = good_input[2];
	f.max = 0;
	expect_field_refused(2, f, "no limit");
	f = good_input[2];
	f.label = WORD_NONE;
	expect_field_refused(2, f, "no label");
	f = good_input[2];
	f.choices = choices;
	expect_field_refused(2, f, "choices");
	f = good_input[3];
	f.choices = NULL;
	expect_field_refused(3, f, "choices");
	/* needs_purpose: both must be asked for */
	f = good_input[1];
	f.name = "why";
	expect_field_refused(1, f, "purpose");
	f = good_input[2];
	f.name = "what";
	expect_field_refused(2, f, "purpose");
}

static void
expect_results_refused(const struct result *output, const char *why)
{
	struct action row = good;
	row.output = output;
	row.after = NULL;
	expect_row_refused(&row, why);
}

static void
test_results(void **state)
{
	static const struct result capital[] = {
	    {"Made", OUT_ID}, {.path = NULL}};
	static const struct result empty[] = {{"", OUT_ID}, {.path = NULL}};
	static const struct result open[] = {
	    {"rows", OUT_LIST}, {"rows.", OUT_ID}, {.path = NULL}};
	static const struct result twice[] = {
	    {"made", OUT_ID}, {"made", OUT_TEXT}, {.path = NULL}};
	static const struct result orphan[] = {
	    {"made", OUT_ID}, {"rows.name", OUT_TEXT}, {.path = NULL}};
	static const struct result late[] = {
	    {"rows.name", OUT_TEXT}, {"rows", OUT_LIST}, {.path = NULL}};
	static const struct result in_scalar[] = {
	    {"rows", OUT_TEXT}, {"rows.name", OUT_TEXT}, {.path = NULL}};
	expect_results_refused(capital, "bad name");
	expect_results_refused(empty, "bad name");
	expect_results_refused(open, "bad name");
	expect_results_refused(twice, "twice");
	expect_results_refused(orphan, "holds it");
	expect_results_refused(late, "holds it");
	expect_results_refused(in_scalar, "holds it");
	REFUSED_WITH(gives_file, true, "gives a file");
}

static void
test_two_rows(void **state)
{
	struct err err = ERR_INIT;
	struct action other = good;
	const struct action *rows[] = {&good, &other};
	other.name = "thing.change";
	expect_refused(rows, 2, "one path");
	other.path = "/things/{holding}/change";
	assert_true(action_table_check(rows, 2, &err));
	/* the form that is asked for and the change share a path */
	other.path = good.path;
	other.is_change = false;
	assert_true(action_table_check(rows, 2, &err));
	other = good;
	other.path = "/things/{holding}/change";
	expect_refused(rows, 2, "twice");
	rows[1] = &good;
	expect_refused(rows, 2, "twice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own_table),
	    cmocka_unit_test(test_incomplete_row),
	    cmocka_unit_test(test_entries_and_rights),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_two_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
