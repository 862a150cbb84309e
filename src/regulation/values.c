#include "regulation/values.h"

#include "base/json.h"

static size_t
field_at(const struct pack_field *fields, size_t n, struct slice id)
{
	size_t i = 0;
	while (i < n && !slice_is_equal(fields[i].id, id))
		i++;
	return i;
}

bool
pack_values_write(const struct pack_field *fields, size_t n,
    const struct slice *values, struct arena *a, struct slice *ret,
    struct err *err)
{
	struct buf to = buf_of(PACK_VALUES_MAX_BYTES);
	struct json_writer json = json_writer_of(&to);
	json_begin_object(&json);
	for (size_t i = 0; i < n; i++) {
		if (values[i].n == 0)
			continue;
		json_put_key_slice(&json, fields[i].id);
		json_put_string(&json, values[i]);
	}
	json_end_object(&json);
	bool is_fine = json_finish(&json, ret, err);
	if (is_fine)
		*ret = arena_copy(a, *ret);
	buf_close(&to);
	return is_fine && (ret->p != NULL ||
	    ERR(err, ERR_LIMIT, "no memory for this request"));
}

bool
pack_values_read(const struct pack_field *fields, size_t n,
    struct slice content, struct arena *a, const struct slice **ret,
    struct err *err)
{
	struct slice *values = arena_array(a, n, sizeof(*values));
	if (values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	SCOPED(json_close_scoped)
	struct json *root = json_open(content, PACK_VALUES_MAX_BYTES, err);
	if (root == NULL)
		return false;
	struct slice key, text;
	const struct json *value;
	for (void *at = NULL; json_each(root, &at, &key, &value);) {
		size_t i = field_at(fields, n, key);
		if (i < n && json_as_string(value, &text))
			values[i] = arena_copy(a, text);
	}
	*ret = values;
	return true;
}
