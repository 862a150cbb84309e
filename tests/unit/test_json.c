/*
 * Goal of this test: what is written is exact, what is read is what the limits
 * allow, and no error repeats the text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"

static void
writes_without_spaces(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(1000);
	struct json_writer w = json_writer_of(&b);
	struct slice s;
	json_begin_object(&w);
	json_add_str(&w, "name", "a\"b\\c\n\x01\x7f/漢𠮷");
	json_add_u64(&w, "most", UINT64_MAX);
	json_add_i64(&w, "least", INT64_MIN);
	json_add_bool(&w, "yes", true);
	json_put_key(&w, "list");
	json_begin_array(&w);
	json_put_null(&w);
	json_put_u64(&w, 0);
	json_begin_object(&w);
	json_end_object(&w);
	json_begin_array(&w);
	json_end_array(&w);
	json_put_raw(&w, SLICE("[1]"));
	json_end_array(&w);
	json_add_string(&w, "empty", SLICE_NONE);
	json_end_object(&w);
	assert_true(json_finish(&w, &s, NULL));
	assert_true(slice_is(s,
	    "{\"name\":\"a\\\"b\\\\c\\n\\u0001\x7f/漢𠮷\","
	    "\"most\":18446744073709551615,\"least\":-9223372036854775808,"
	    "\"yes\":true,\"list\":[null,0,{},[],[1]],\"empty\":\"\"}"));
}

static void
escapes_every_control(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(1000);
	struct json_writer w = json_writer_of(&b);
	char text[32];
	for (int i = 0; i < 32; i++)
		text[i] = (char)i;
	json_put_string(&w, slice_bytes(text, 32));
	struct slice s;
	assert_true(json_finish(&w, &s, NULL));
	assert_true(slice_is(s,
	    "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007"
	    "\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
	    "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017"
	    "\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\""));
}

static void
refuses_bad_utf8_and_too_much(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(6);
	struct err err = ERR_INIT;
	struct slice s;
	struct json_writer w = json_writer_of(&b);
	json_put_string(&w, SLICE("\xed\xa0\x80"));
	assert_false(json_finish(&w, &s, &err));
	assert_int_equal(err.code, ERR_INPUT);

	buf_reset(&b);
	w = json_writer_of(&b);
	json_put_str(&w, "1234");
	assert_true(json_finish(&w, &s, &err)); /* at the cap */
	buf_reset(&b);
	w = json_writer_of(&b);
	json_put_str(&w, "12345"); /* and past it */
	assert_false(json_finish(&w, &s, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
canonical_keys_ascend(void **state)
{
	struct buf b SCOPED(buf_close) = buf_of(1000);
	struct err err = ERR_INIT;
	struct slice s;
	struct json_writer w = json_writer_canonical(&b);
	json_begin_object(&w);
	json_add_u64(&w, "A", 1);
	json_put_key(&w, "a");
	json_begin_object(&w); /* a level of its own */
	json_add_u64(&w, "0", 1);
	json_end_object(&w);
	json_add_u64(&w, "ab", 2);
	json_put_key_slice(&w, SLICE("b"));
	json_put_u64(&w, 3);
	json_end_object(&w);
	assert_true(json_finish(&w, &s, &err));
	assert_true(slice_is(s, "{\"A\":1,\"a\":{\"0\":1},\"ab\":2,\"b\":3}"));

	static const char *const bad[] = {"a", "b", "c\"", "漢", "b\n",
	    "c\x7f"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&b);
		w = json_writer_canonical(&b);
		json_begin_object(&w);
		json_add_u64(&w, "b", 1);
		json_put_key_slice(&w, slice_of(bad[i]));
		json_put_u64(&w, 2);
		json_end_object(&w);
		assert_false(json_finish(&w, &s, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void
reads_what_it_wrote(void **state)
{
	struct err err = ERR_INIT;
	struct json *root SCOPED(json_close_scoped) = json_open(
	    SLICE(" {\"s\":\"\\ud842\\udfb7\", \"n\":-5, \"u\":5, \"t\":true, "
		  "\"f\":false, \"z\":null, \"r\":1.5, \"a\":[1,\"x\"], "
		  "\"o\":{}}\n"),
	    1000, &err);
	assert_non_null(root);
	struct slice s;
	uint64_t u;
	int64_t n;
	bool yes;
	const struct json *node;
	assert_int_equal(json_count(root), 9);
	assert_true(json_get_string(root, "s", &s, &err));
	assert_true(slice_is(s, "𠮷"));
	assert_true(json_get_i64(root, "n", &n, &err) && n == -5);
	assert_true(json_get_u64(root, "u", &u, &err) && u == 5);
	assert_true(json_get_bool(root, "t", &yes, &err) && yes);
	assert_true(json_get_bool(root, "f", &yes, &err) && !yes);
	assert_int_equal(json_kind(json_member(root, "z")), JSON_KIND_NULL);
	assert_int_equal(json_kind(json_member(root, "r")), JSON_KIND_REAL);
	assert_int_equal(json_kind(json_member(root, "?")), JSON_KIND_NONE);
	assert_true(json_get_array(root, "a", &node, &err));
	assert_int_equal(json_count(node), 2);
	assert_true(json_as_u64(json_item(node, 0), &u) && u == 1);
	assert_true(json_as_string(json_item(node, 1), &s));
	assert_null(json_item(node, 2));
	assert_null(json_item(root, 0));
	assert_true(json_get_object(root, "o", &node, &err));
	assert_int_equal(json_count(node), 0);
	assert_int_equal(json_count(NULL), 0);
	assert_null(json_member(NULL, "a"));
}

static void
tells_a_wrong_kind_by_its_key(void **state)
{
	struct err err = ERR_INIT;
	struct json *root SCOPED(json_close_scoped) = json_open(
	    SLICE("{\"n\":-1,\"s\":\"secret\",\"z\":null}"), 100, &err);
	assert_non_null(root);
	uint64_t u = 42;
	struct slice s = SLICE("before");
	assert_false(json_get_u64(root, "n", &u, &err));
	assert_string_equal(err.text, "\"n\" must be an integer of 0 or more");
	assert_false(json_get_u64(root, "s", &u, &err));
	assert_null(strstr(err.text, "secret"));
	assert_true(u == 42);
	assert_false(json_get_string(root, "z", &s, &err));
	assert_false(json_get_string(root, "missing", &s, &err));
	assert_int_equal(err.code, ERR_INPUT);
	/* optional: absent and null leave it */
	assert_true(json_find_string(root, "missing", &s, &err));
	assert_true(json_find_string(root, "z", &s, &err));
	assert_true(slice_is(s, "before"));
	assert_false(json_find_string(root, "n", &s, &err));
	assert_true(json_find_string(root, "s", &s, &err));
	assert_true(slice_is(s, "secret"));
}

static void
walks_members_in_order_and_refuses_unknown(void **state)
{
	struct err err = ERR_INIT;
	struct json *root SCOPED(json_close_scoped) =
	    json_open(SLICE("{\"z\":1,\"a\":2,\"m\":3}"), 100, &err);
	assert_non_null(root);
	void *at = NULL;
	struct slice key;
	const struct json *value;
	char order[4] = "";
	for (size_t i = 0; json_each(root, &at, &key, &value); i++)
		order[i] = key.p[0];
	assert_string_equal(order, "zam");
	static const char *const keys[] = {"a", "m", "z"};
	assert_true(json_only_keys(root, keys, 3, &err));
	assert_false(json_only_keys(root, keys, 2, &err));
	assert_int_equal(err.code, ERR_INPUT);
	at = NULL;
	assert_false(json_each(json_member(root, "a"), &at, &key, &value));
}

static void
refuses_bad_documents_with_their_place(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *told;
	} cases[] = {
	    {"", ERR_INPUT, "line 1"},
	    {"{\"secret\":1,\n\"secret\":2}", ERR_INPUT,
		"the same key twice (line 2"},
	    {"[1] 2", ERR_INPUT, "behind its end (line 1, column 5)"},
	    {"{\n\n  oops}", ERR_INPUT, "syntax (line 3, column 6)"},
	    {"\"\xff\"", ERR_INPUT, "not UTF-8"},
	    {"\"\\u0000\"", ERR_INPUT, "U+0000"},
	    {"\"\\ud800\"", ERR_INPUT, "syntax"},
	    {"9223372036854775808", ERR_INPUT, "too large"},
	    {"[1,]", ERR_INPUT, "syntax"},
	    {"'a'", ERR_INPUT, "syntax"},
	    {"[NaN]", ERR_INPUT, "syntax"},
	    {"01", ERR_INPUT, "line 1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct json *none = json_open(slice_of(cases[i].text), 100,
		    &err);
		assert_null(none);
		assert_int_equal(err.code, cases[i].code);
		if (strstr(err.text, cases[i].told) == NULL)
			fail_msg("%zu: %s", i, err.text);
		assert_null(strstr(err.text, "secret"));
		assert_null(strstr(err.text, "oops"));
	}
}

static void
refuses_past_its_limits(void **state)
{
	struct err err = ERR_INIT;
	char text[2 * JSON_DEPTH_MAX + 4];
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	struct slice deep = slice_bytes(text, 2 * JSON_DEPTH_MAX);
	struct json *root = json_open(deep, deep.n, &err);
	assert_non_null(root);
	json_close(root);
	root = json_open(deep, deep.n - 1, &err);
	assert_null(root);
	assert_int_equal(err.code, ERR_LIMIT);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	err_clear(&err);
	root = json_open(slice_bytes(text, 2 * JSON_DEPTH_MAX + 2), 1000, &err);
	assert_null(root);
	assert_int_equal(err.code, ERR_LIMIT);
	/* brackets in strings do not count, closed ones neither */
	root = json_open(SLICE("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
			       "\\\"[\"]"),
	    1000, &err);
	assert_non_null(root);
	json_close(root);
	json_close(NULL);
}

static void
fails_when_memory_runs_out(void **state)
{
	json_init();
	unsigned long nth = 0;
	for (;;) {
		struct err err = ERR_INIT;
		mem_fail_at(++nth);
		struct json *root = json_open(
		    SLICE("{\"a\":[1,2,{\"b\":\"text\"}],\"c\":true}"), 100,
		    &err);
		unsigned long made = mem_fail_at(0);
		if (root != NULL) {
			json_close(root);
			assert_true(made < nth && nth > 5);
			return;
		}
		assert_true(err.code == ERR_SYSTEM || err.code == ERR_INPUT);
	}
}

static void
value_without_key(struct json_writer *w)
{
	json_begin_object(w);
	json_put_u64(w, 1);
}

static void
key_in_an_array(struct json_writer *w)
{
	json_begin_array(w);
	json_put_key(w, "a");
}

static void
key_without_value(struct json_writer *w)
{
	json_begin_object(w);
	json_put_key(w, "a");
	json_end_object(w);
}

static void
array_closed_as_object(struct json_writer *w)
{
	json_begin_array(w);
	json_end_object(w);
}

static void
two_values(struct json_writer *w)
{
	json_put_null(w);
	json_put_null(w);
}

static void
too_deep(struct json_writer *w)
{
	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		json_begin_array(w);
}

static void
not_ended(struct json_writer *w)
{
	struct slice s;
	json_begin_array(w);
	(void)!json_finish(w, &s, NULL);
}

static void
keys_out_of_order(struct json_writer *w)
{
	struct json_writer canonical = json_writer_canonical(w->to);
	json_begin_object(&canonical);
	json_add_u64(&canonical, "b", 1);
	json_add_u64(&canonical, "a", 1);
}

/* Each misuse stops the process, so it runs in one of its own. */
static void
misuse_stops_the_process(void **state)
{
	void (*const misuses[])(struct json_writer *) = {value_without_key,
	    key_in_an_array, key_without_value, array_closed_as_object,
	    two_values, too_deep, not_ended, keys_out_of_order};
	for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct buf b = buf_of(1000);
			struct json_writer w = json_writer_of(&b);
			(void)signal(SIGABRT, SIG_DFL);
			(void)close(STDERR_FILENO);
			misuses[i](&w);
			_exit(0);
		}
		int status = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_without_spaces),
	    cmocka_unit_test(escapes_every_control),
	    cmocka_unit_test(refuses_bad_utf8_and_too_much),
	    cmocka_unit_test(canonical_keys_ascend),
	    cmocka_unit_test(reads_what_it_wrote),
	    cmocka_unit_test(tells_a_wrong_kind_by_its_key),
	    cmocka_unit_test(walks_members_in_order_and_refuses_unknown),
	    cmocka_unit_test(refuses_bad_documents_with_their_place),
	    cmocka_unit_test(refuses_past_its_limits),
	    cmocka_unit_test(fails_when_memory_runs_out),
	    cmocka_unit_test(misuse_stops_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
