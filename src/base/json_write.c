/*
 * The writing half of base/json.h.
 */
#include "base/json.h"
#include "base/must.h"
#include "base/text.h"

struct json_writer
json_writer_of(struct buf *to)
{
	return (struct json_writer){.to = to};
}

struct json_writer
json_writer_canonical(struct buf *to)
{
	return (struct json_writer){.to = to, .is_canonical = true};
}

static struct json_level *
top(struct json_writer *w)
{
	return w->depth == 0 ? NULL : &w->levels[w->depth - 1];
}

static void
refuse(struct json_writer *w)
{
	w->has_refused = true;
	w->to->failed = true;
}

/* What stands before a value: a comma, or nothing. */
static void
begin_value(struct json_writer *w)
{
	struct json_level *l = top(w);
	if (l == NULL) {
		must(!w->is_done);
		return;
	}
	must(l->is_array || l->has_key);
	if (l->is_array && l->has_items)
		buf_add_byte(w->to, ',');
	l->has_items = true;
	l->has_key = false;
}

static void
end_value(struct json_writer *w)
{
	if (w->depth == 0)
		w->is_done = true;
}

static void
begin_level(struct json_writer *w, bool is_array)
{
	begin_value(w);
	must(w->depth < JSON_DEPTH_MAX);
	w->levels[w->depth++] = (struct json_level){.is_array = is_array};
	buf_add_byte(w->to, is_array ? '[' : '{');
}

static void
end_level(struct json_writer *w, bool is_array)
{
	struct json_level *l = top(w);
	must(l != NULL && l->is_array == is_array && !l->has_key);
	w->depth--;
	buf_add_byte(w->to, is_array ? ']' : '}');
	end_value(w);
}

void
json_begin_object(struct json_writer *w)
{
	begin_level(w, false);
}

void
json_end_object(struct json_writer *w)
{
	end_level(w, false);
}

void
json_begin_array(struct json_writer *w)
{
	begin_level(w, true);
}

void
json_end_array(struct json_writer *w)
{
	end_level(w, true);
}

static void
write_escaped(struct buf *to, unsigned char c)
{
	static const char short_of[32] = {
	    ['\b'] = 'b',
	    ['\t'] = 't',
	    ['\n'] = 'n',
	    ['\f'] = 'f',
	    ['\r'] = 'r',
	};
	static const char hex[] = "0123456789abcdef";
	if (c >= 0x20) {
		buf_add_bytes(to, (char[2]){'\\', (char)c}, 2);
	} else if (short_of[c] != 0) {
		buf_add_bytes(to, (char[2]){'\\', short_of[c]}, 2);
	} else {
		buf_add_str(to, "\\u00");
		buf_add_byte(to, (uint8_t)hex[c >> 4]);
		buf_add_byte(to, (uint8_t)hex[c & 15]);
	}
}

static void
write_string(struct json_writer *w, struct slice s)
{
	if (!text_is_utf8(s)) {
		refuse(w);
		return;
	}
	buf_add_byte(w->to, '"');
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add_bytes(w->to, s.p + from, i - from);
		write_escaped(w->to, c);
		from = i + 1;
	}
	if (from < s.n)
		buf_add_bytes(w->to, s.p + from, s.n - from);
	buf_add_byte(w->to, '"');
}

/* A key that is written as it is and comes after the one before. */
static bool
is_canonical_key(const struct json_writer *w, const struct json_level *l,
    struct slice key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			return false;
	}
	if (!l->has_items || w->to->failed)
		return true;
	struct slice before = {w->to->p + l->key_at, l->key_n};
	return slice_compare(before, key) < 0;
}

static void
put_key(struct json_writer *w, struct slice key, bool is_literal)
{
	struct json_level *l = top(w);
	must(l != NULL && !l->is_array && !l->has_key);
	if (w->is_canonical && !is_canonical_key(w, l, key)) {
		must(!is_literal);
		refuse(w);
	}
	if (l->has_items)
		buf_add_byte(w->to, ',');
	l->key_at = w->to->n + 1;
	l->key_n = key.n;
	write_string(w, key);
	buf_add_byte(w->to, ':');
	l->has_key = true;
}

void
json_put_key(struct json_writer *w, const char *key)
{
	put_key(w, slice_of(key), true);
}

void
json_put_key_slice(struct json_writer *w, struct slice key)
{
	put_key(w, key, false);
}

void
json_put_string(struct json_writer *w, struct slice s)
{
	begin_value(w);
	write_string(w, s);
	end_value(w);
}

void
json_put_str(struct json_writer *w, const char *s)
{
	json_put_string(w, slice_of(s));
}

void
json_put_u64(struct json_writer *w, uint64_t v)
{
	begin_value(w);
	buf_add_uint(w->to, v);
	end_value(w);
}

void
json_put_i64(struct json_writer *w, int64_t v)
{
	begin_value(w);
	if (v < 0)
		buf_add_byte(w->to, '-');
	buf_add_uint(w->to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	end_value(w);
}

void
json_put_bool(struct json_writer *w, bool v)
{
	begin_value(w);
	buf_add_str(w->to, v ? "true" : "false");
	end_value(w);
}

void
json_put_null(struct json_writer *w)
{
	begin_value(w);
	buf_add_str(w->to, "null");
	end_value(w);
}

void
json_put_raw(struct json_writer *w, struct slice json)
{
	must(json.n > 0);
	begin_value(w);
	buf_add(w->to, json);
	end_value(w);
}

void
json_add_string(struct json_writer *w, const char *key, struct slice s)
{
	json_put_key(w, key);
	json_put_string(w, s);
}

void
json_add_str(struct json_writer *w, const char *key, const char *s)
{
	json_add_string(w, key, slice_of(s));
}

void
json_add_u64(struct json_writer *w, const char *key, uint64_t v)
{
	json_put_key(w, key);
	json_put_u64(w, v);
}

void
json_add_i64(struct json_writer *w, const char *key, int64_t v)
{
	json_put_key(w, key);
	json_put_i64(w, v);
}

void
json_add_bool(struct json_writer *w, const char *key, bool v)
{
	json_put_key(w, key);
	json_put_bool(w, v);
}

void
json_add_null(struct json_writer *w, const char *key)
{
	json_put_key(w, key);
	json_put_null(w);
}

bool
json_finish(struct json_writer *w, struct slice *ret, struct err *err)
{
	must(w->depth == 0 && w->is_done);
	if (w->has_refused)
		return ERR(err, ERR_INPUT, "text that cannot be put into JSON");
	return buf_finish(w->to, ret, err);
}
