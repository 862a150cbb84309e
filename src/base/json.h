/*
 * JSON: a streaming writer onto a buf, and a reader of whole documents with
 * limits. Neither knows floating point: money, counts and times are integers.
 *
 * The writer keeps its failure in the buf: put without looking, ask once with
 * json_finish(). Calling it out of order (a value without its key, an array
 * closed as an object) is a programming error and stops the process.
 *
 * A node of the reader belongs to the document: it and every slice taken from
 * it live until json_close() of the root. A document may be read by several
 * threads at once; a writer belongs to one.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Objects and arrays within each other, for the writer and the reader. */
enum { JSON_DEPTH_MAX = 32 };

/*
 * Writer
 */

struct json_level {
	bool is_array;
	bool has_items;
	bool has_key; /* a key was put, its value was not */
	size_t key_at; /* the last key: position and length in the buf */
	size_t key_n;
};

/* Plain so that it can live on the stack; its insides are json.c's. */
struct json_writer {
	struct buf *to;
	bool is_canonical;
	bool is_done; /* the one outermost value is complete */
	bool has_refused; /* bad UTF-8, or a key from outside */
	unsigned depth;
	struct json_level levels[JSON_DEPTH_MAX];
};

/* Appends one JSON value to `to`, without any spaces. */
struct json_writer json_writer_of(struct buf *to);

/*
 * The same for what is hashed or signed: keys of every object must be put in
 * ascending bytewise order and be printable ASCII without '"' and '\'. Equal
 * calls give equal bytes. Strings escape only '"', '\' and U+0000..U+001F,
 * the latter as \b \t \n \f \r or \u00xx (RFC 8785, integers only).
 */
struct json_writer json_writer_canonical(struct buf *to);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* The key of the next value; must stand in an object. */
void json_put_key(struct json_writer *w, const char *key);

/* A key from outside: fails the buf where a literal one would stop. */
void json_put_key_slice(struct json_writer *w, struct slice key);

/* Invalid UTF-8 fails the buf. p == NULL writes "", not null. */
void json_put_string(struct json_writer *w, struct slice s);
void json_put_str(struct json_writer *w, const char *s);
void json_put_u64(struct json_writer *w, uint64_t v);
void json_put_i64(struct json_writer *w, int64_t v);
void json_put_bool(struct json_writer *w, bool v);
void json_put_null(struct json_writer *w);

/* A value that is JSON already (from another writer); not looked at. */
void json_put_raw(struct json_writer *w, struct slice json);

/* Key and value in one call. */
void json_add_string(struct json_writer *w, const char *key, struct slice s);
void json_add_str(struct json_writer *w, const char *key, const char *s);
void json_add_u64(struct json_writer *w, const char *key, uint64_t v);
void json_add_i64(struct json_writer *w, const char *key, int64_t v);
void json_add_bool(struct json_writer *w, const char *key, bool v);
void json_add_null(struct json_writer *w, const char *key);

/*
 * Everything that was begun must have ended. *ret is the whole of the buf,
 * owned by it; ERR_LIMIT past its maximum, ERR_INPUT when it failed for
 * invalid UTF-8 or a key from outside.
 */
bool json_finish(struct json_writer *w, struct slice *ret,
    struct err *err) MUST_CHECK;

/*
 * Reader
 */

struct json;

/*
 * Done by the first json_open() too; a process that gives up its right to
 * open files calls it before, since the hash seed is read from the system.
 */
void json_init(void);

enum json_kind {
	JSON_KIND_NONE, /* no such node: the pointer is NULL */
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INTEGER,
	JSON_KIND_REAL, /* recognised so that it can be refused: no getter */
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
	JSON_KINDS
};

/*
 * Reads one whole document of at most max_bytes. Refused with line and column
 * (from 1, columns in characters): bad syntax, invalid UTF-8, U+0000, a key
 * twice in one object, anything behind the value, integers outside int64
 * (ERR_INPUT); more bytes or deeper than JSON_DEPTH_MAX (ERR_LIMIT). The
 * error holds nothing of the text. NULL on error.
 *
 * The text is not needed after the call. Memory is wiped when closed.
 */
struct json *json_open(struct slice text, size_t max_bytes,
    struct err *err) MUST_CHECK;

/* Only for the root that json_open() gave. NULL is fine. */
void json_close(struct json *root);

static inline void
json_close_scoped(struct json **root)
{
	json_close(*root);
}

enum json_kind json_kind(const struct json *node);

/* A member, or NULL when absent or when `object` is no object (or NULL). */
const struct json *json_member(const struct json *object, const char *key);

/* Items of an array or members of an object; 0 for everything else. */
size_t json_count(const struct json *node);

/* Item i of an array, or NULL. */
const struct json *json_item(const struct json *array, size_t i);

/*
 * Members in the order of the text. Start with *at = NULL; false when there
 * are no more (or node is no object).
 */
bool json_each(const struct json *object, void **at, struct slice *ret_key,
    const struct json **ret_value);

/* The value of a node; false, ret untouched, when it is of another kind. */
bool json_as_string(const struct json *node, struct slice *ret) MUST_CHECK;
bool json_as_u64(const struct json *node, uint64_t *ret) MUST_CHECK;
bool json_as_i64(const struct json *node, int64_t *ret) MUST_CHECK;
bool json_as_bool(const struct json *node, bool *ret) MUST_CHECK;

/* A required member; ERR_INPUT names the key and what it must be. */
bool json_get_string(const struct json *object, const char *key,
    struct slice *ret, struct err *err) MUST_CHECK;
bool json_get_u64(const struct json *object, const char *key, uint64_t *ret,
    struct err *err) MUST_CHECK;
bool json_get_i64(const struct json *object, const char *key, int64_t *ret,
    struct err *err) MUST_CHECK;
bool json_get_bool(const struct json *object, const char *key, bool *ret,
    struct err *err) MUST_CHECK;
bool json_get_array(const struct json *object, const char *key,
    const struct json **ret, struct err *err) MUST_CHECK;
bool json_get_object(const struct json *object, const char *key,
    const struct json **ret, struct err *err) MUST_CHECK;

/* An optional member: absent or null leaves *ret as it was and is true. */
bool json_find_string(const struct json *object, const char *key,
    struct slice *ret, struct err *err) MUST_CHECK;
bool json_find_u64(const struct json *object, const char *key, uint64_t *ret,
    struct err *err) MUST_CHECK;
bool json_find_i64(const struct json *object, const char *key, int64_t *ret,
    struct err *err) MUST_CHECK;
bool json_find_bool(const struct json *object, const char *key, bool *ret,
    struct err *err) MUST_CHECK;

/*
 * Refuses members that are not among the n keys: ERR_INPUT. The error tells
 * how many keys are known, never the unknown one's name.
 */
bool json_only_keys(const struct json *object, const char *const *keys,
    size_t n, struct err *err) MUST_CHECK;

#endif
