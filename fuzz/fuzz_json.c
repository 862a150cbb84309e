/*
 * JSON: whatever is read can be written, reads again, and is then written to
 * the same bytes.
 */
#include "base/json.h"
#include "base/must.h"
#include "base/text.h"
#include "target.h"

enum { TEXT_MAX = 1024 * 1024, OUT_MAX = 8 * TEXT_MAX };

static void
write_leaf(const struct json *node, struct json_writer *w)
{
	struct slice s;
	int64_t n;
	bool yes;
	if (json_as_string(node, &s)) {
		must(text_is_utf8(s));
		json_put_string(w, s);
	} else if (json_as_i64(node, &n)) {
		json_put_i64(w, n);
	} else if (json_as_bool(node, &yes)) {
		json_put_bool(w, yes);
	} else {
		json_put_null(w); /* a real number has no getter */
	}
}

static void
write_node(const struct json *node, struct json_writer *w)
{
	enum json_kind kind = json_kind(node);
	if (kind == JSON_KIND_ARRAY) {
		json_begin_array(w);
		for (size_t i = 0; i < json_count(node); i++)
			write_node(json_item(node, i), w);
		json_end_array(w);
	} else if (kind == JSON_KIND_OBJECT) {
		void *at = NULL;
		struct slice key;
		const struct json *value;
		json_begin_object(w);
		while (json_each(node, &at, &key, &value)) {
			json_put_key_slice(w, key);
			write_node(value, w);
		}
		json_end_object(w);
	} else {
		write_leaf(node, w);
	}
}

static struct slice
rewrite(struct json *root, struct buf *to)
{
	struct json_writer w = json_writer_of(to);
	struct slice s;
	write_node(root, &w);
	must(json_finish(&w, &s, NULL));
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct json *root SCOPED(json_close_scoped) =
	    json_open(slice_bytes(data, size), TEXT_MAX, &err);
	must((root == NULL) == (err.code != ERR_NONE));
	if (root == NULL)
		return 0;
	struct buf once SCOPED(buf_close) = buf_of(OUT_MAX);
	struct buf twice SCOPED(buf_close) = buf_of(OUT_MAX);
	struct slice text = rewrite(root, &once);
	struct json *again SCOPED(json_close_scoped) = json_open(text, OUT_MAX,
	    &err);
	must(again != NULL);
	must(slice_is_equal(rewrite(again, &twice), text));
	return 0;
}
