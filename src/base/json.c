/*
 * The reading half of base/json.h, around jansson; a struct json is a json_t.
 */
#include "base/json.h"

#include <jansson.h>
#include <pthread.h>

#include "base/mem.h"

/* jansson's memory may hold a person's record: its size is kept to wipe it. */
struct wiped {
	size_t bytes;
	_Alignas(16) unsigned char held[];
};

static void *
wiped_alloc(size_t bytes)
{
	if (bytes > SIZE_MAX - sizeof(struct wiped))
		return NULL;
	struct wiped *m = mem_alloc(1, sizeof(*m) + bytes);
	if (m == NULL)
		return NULL;
	m->bytes = bytes;
	return m->held;
}

static void
wiped_free(void *p)
{
	if (p == NULL)
		return;
	struct wiped *m = (struct wiped *)((char *)p -
	    offsetof(struct wiped, held));
	mem_wipe(m->held, m->bytes);
	mem_free(m);
}

static void
init_once(void)
{
	json_set_alloc_funcs(wiped_alloc, wiped_free);
	json_object_seed(0);
}

void
json_init(void)
{
	/* guards what jansson itself keeps for the whole process */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, init_once);
}

/* jansson's getters take their argument without const, but do not write. */
static json_t *
inner(const struct json *node)
{
	return (json_t *)(uintptr_t)node;
}

static const struct json *
outer(json_t *value)
{
	return (const struct json *)value;
}

/* The text may be anything: only strings and brackets are looked at. */
static bool
is_too_deep(struct slice text)
{
	unsigned depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static const char *
what_is_wrong(enum json_error_code code)
{
	static const char *const texts[] = {
	    [json_error_out_of_memory] = "no memory",
	    [json_error_stack_overflow] = "too deep",
	    [json_error_invalid_utf8] = "not UTF-8",
	    [json_error_premature_end_of_input] = "ends too early",
	    [json_error_end_of_input_expected] = "goes on behind its end",
	    [json_error_invalid_syntax] = "syntax",
	    [json_error_null_character] = "U+0000",
	    [json_error_duplicate_key] = "the same key twice",
	    [json_error_numeric_overflow] = "a number is too large",
	};
	size_t i = (size_t)code;
	if (i >= sizeof(texts) / sizeof(texts[0]) || texts[i] == NULL)
		return "syntax";
	return texts[i];
}

struct json *
json_open(struct slice text, size_t max_bytes, struct err *err)
{
	json_init();
	if (text.n > max_bytes) {
		ERR(err, ERR_LIMIT, "JSON of more than %zu bytes", max_bytes);
		return NULL;
	}
	if (is_too_deep(text)) {
		ERR(err, ERR_LIMIT, "JSON deeper than %d levels",
		    JSON_DEPTH_MAX);
		return NULL;
	}
	json_error_t why;
	json_t *root = json_loadb(text.p == NULL ? "" : text.p, text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (root != NULL)
		return (struct json *)root;
	enum json_error_code code = json_error_code(&why);
	ERR(err, code == json_error_out_of_memory ? ERR_SYSTEM : ERR_INPUT,
	    "JSON: %s (line %d, column %d)", what_is_wrong(code), why.line,
	    why.column);
	return NULL;
}

void
json_close(struct json *root)
{
	json_decref((json_t *)root);
}

enum json_kind
json_kind(const struct json *node)
{
	static const enum json_kind kinds[] = {
	    [JSON_OBJECT] = JSON_KIND_OBJECT,
	    [JSON_ARRAY] = JSON_KIND_ARRAY,
	    [JSON_STRING] = JSON_KIND_STRING,
	    [JSON_INTEGER] = JSON_KIND_INTEGER,
	    [JSON_REAL] = JSON_KIND_REAL,
	    [JSON_TRUE] = JSON_KIND_BOOL,
	    [JSON_FALSE] = JSON_KIND_BOOL,
	    [JSON_NULL] = JSON_KIND_NULL,
	};
	return node == NULL ? JSON_KIND_NONE : kinds[json_typeof(inner(node))];
}

const struct json *
json_member(const struct json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

size_t
json_count(const struct json *node)
{
	return json_is_array(inner(node)) ? json_array_size(inner(node))
					  : json_object_size(inner(node));
}

const struct json *
json_item(const struct json *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

bool
json_each(const struct json *object, void **at, struct slice *ret_key,
    const struct json **ret_value)
{
	json_t *o = inner(object);
	void *next = *at == NULL ? json_object_iter(o)
				 : json_object_iter_next(o, *at);
	if (next == NULL)
		return false;
	*at = next;
	*ret_key = slice_bytes(json_object_iter_key(next),
	    json_object_iter_key_len(next));
	*ret_value = outer(json_object_iter_value(next));
	return true;
}

bool
json_as_string(const struct json *node, struct slice *ret)
{
	const json_t *v = inner(node);
	if (!json_is_string(v))
		return false;
	*ret = slice_bytes(json_string_value(v), json_string_length(v));
	return true;
}

bool
json_as_i64(const struct json *node, int64_t *ret)
{
	const json_t *v = inner(node);
	if (!json_is_integer(v))
		return false;
	*ret = json_integer_value(v);
	return true;
}

bool
json_as_u64(const struct json *node, uint64_t *ret)
{
	int64_t v;
	if (!json_as_i64(node, &v) || v < 0)
		return false;
	*ret = (uint64_t)v;
	return true;
}

bool
json_as_bool(const struct json *node, bool *ret)
{
	const json_t *v = inner(node);
	if (!json_is_boolean(v))
		return false;
	*ret = json_is_true(v);
	return true;
}

static bool
refuse(const char *key, const char *wanted, struct err *err)
{
	return ERR(err, ERR_INPUT, "\"%s\" must be %s", key, wanted);
}

bool
json_get_string(const struct json *object, const char *key, struct slice *ret,
    struct err *err)
{
	return json_as_string(json_member(object, key), ret) ||
	    refuse(key, "a string", err);
}

bool
json_get_u64(const struct json *object, const char *key, uint64_t *ret,
    struct err *err)
{
	return json_as_u64(json_member(object, key), ret) ||
	    refuse(key, "an integer of 0 or more", err);
}

bool
json_get_i64(const struct json *object, const char *key, int64_t *ret,
    struct err *err)
{
	return json_as_i64(json_member(object, key), ret) ||
	    refuse(key, "an integer", err);
}

bool
json_get_bool(const struct json *object, const char *key, bool *ret,
    struct err *err)
{
	return json_as_bool(json_member(object, key), ret) ||
	    refuse(key, "true or false", err);
}

bool
json_get_array(const struct json *object, const char *key,
    const struct json **ret, struct err *err)
{
	const struct json *v = json_member(object, key);
	if (json_kind(v) != JSON_KIND_ARRAY)
		return refuse(key, "an array", err);
	*ret = v;
	return true;
}

bool
json_get_object(const struct json *object, const char *key,
    const struct json **ret, struct err *err)
{
	const struct json *v = json_member(object, key);
	if (json_kind(v) != JSON_KIND_OBJECT)
		return refuse(key, "an object", err);
	*ret = v;
	return true;
}

static bool
is_given(const struct json *object, const char *key)
{
	return json_kind(json_member(object, key)) > JSON_KIND_NULL;
}

bool
json_find_string(const struct json *object, const char *key, struct slice *ret,
    struct err *err)
{
	return !is_given(object, key) || json_get_string(object, key, ret, err);
}

bool
json_find_u64(const struct json *object, const char *key, uint64_t *ret,
    struct err *err)
{
	return !is_given(object, key) || json_get_u64(object, key, ret, err);
}

bool
json_find_i64(const struct json *object, const char *key, int64_t *ret,
    struct err *err)
{
	return !is_given(object, key) || json_get_i64(object, key, ret, err);
}

bool
json_find_bool(const struct json *object, const char *key, bool *ret,
    struct err *err)
{
	return !is_given(object, key) || json_get_bool(object, key, ret, err);
}

static bool
is_among(struct slice key, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(key, keys[i]))
			return true;
	return false;
}

bool
json_only_keys(const struct json *object, const char *const *keys, size_t n,
    struct err *err)
{
	void *at = NULL;
	struct slice key;
	const struct json *value;
	while (json_each(object, &at, &key, &value))
		if (!is_among(key, keys, n))
			return ERR(err, ERR_INPUT,
			    "a key that is not one of the %zu known", n);
	return true;
}
