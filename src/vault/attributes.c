/*
 * The attributes column of a holding: everything that is not asked for in
 * SQL, as JSON. Types and ways of searching stand as words.
 */
#include "base/json.h"
#include "base/must.h"
#include "vault/holding.h"

static const char *const type_names[] = {
    [PACK_ITEM_NAME] = "name",
    [PACK_ITEM_KANA] = "kana",
    [PACK_ITEM_DATE] = "date",
    [PACK_ITEM_ADDRESS] = "address",
    [PACK_ITEM_NUMBER] = "number",
    [PACK_ITEM_TEXT] = "text",
    [PACK_ITEM_PHONE] = "phone",
    [PACK_ITEM_MY_NUMBER] = "my_number",
    [PACK_ITEM_CHOICE] = "choice",
    [PACK_ITEM_FILE] = "file",
};

static const char *const search_names[] = {
    [PACK_SEARCH_NONE] = "none",
    [PACK_SEARCH_EXACT] = "exact",
    [PACK_SEARCH_PREFIX] = "prefix",
};

enum {
	TYPES = sizeof(type_names) / sizeof(type_names[0]),
	SEARCHES = sizeof(search_names) / sizeof(search_names[0])
};

const char *
holding_type_name(enum pack_item_type type)
{
	must((unsigned)type < TYPES);
	return type_names[type];
}

const char *
holding_search_name(enum pack_search search)
{
	must((unsigned)search < SEARCHES);
	return search_names[search];
}

/* Fields by name, in the order in which they are written. */
enum field_kind { FIELD_TEXT, FIELD_BOOL };

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
};

#define FIELD(key, kind, member)                                               \
	{                                                                      \
		(key), (kind), offsetof(struct holding, member)                \
	}

static const struct field before_items[] = {
    FIELD("basis", FIELD_TEXT, basis),
    FIELD("collected", FIELD_TEXT, collected),
    FIELD("given_to", FIELD_TEXT, given_to),
    FIELD("has_files", FIELD_BOOL, has_files),
    FIELD("has_manual_part", FIELD_BOOL, reg.has_manual_part),
    FIELD("has_ordinance_care", FIELD_BOOL, reg.has_ordinance_care),
    FIELD("is_manual", FIELD_BOOL, reg.is_manual),
};

static const struct field after_items[] = {
    FIELD("lock", FIELD_TEXT, reg.lock),
    FIELD("other_law", FIELD_TEXT, reg.other_law),
    FIELD("place", FIELD_TEXT, place),
    FIELD("requests_at", FIELD_TEXT, reg.requests_at),
    FIELD("scope", FIELD_TEXT, reg.scope),
    FIELD("second_factor", FIELD_BOOL, needs_second_factor),
    FIELD("takes_proposals", FIELD_BOOL, reg.takes_proposals),
    FIELD("terminals_only", FIELD_BOOL, is_terminals_only),
    FIELD("unlisted_why", FIELD_TEXT, reg.unlisted_why),
};

static void
put_fields(struct json_writer *w, const struct holding *h,
    const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = (const char *)h + fields[i].offset;
		if (fields[i].kind == FIELD_TEXT)
			json_add_string(w, fields[i].key,
			    *(const struct slice *)(const void *)at);
		else
			json_add_bool(
			    w, fields[i].key, *(const bool *)(const void *)at);
	}
}

static void
put_texts(
    struct json_writer *w, const char *key, const struct slice *s, size_t n)
{
	json_put_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < n; i++)
		json_put_string(w, s[i]);
	json_end_array(w);
}

static void
put_item(struct json_writer *w, const struct item *it)
{
	json_begin_object(w);
	put_texts(w, "choices", it->choices, it->n_choices);
	json_add_string(w, "id", it->id);
	json_add_string(w, "name", it->name);
	json_add_bool(w, "retired", it->is_retired);
	json_add_str(w, "search", holding_search_name(it->search));
	json_add_bool(w, "special_care", it->is_special_care);
	json_add_str(w, "type", holding_type_name(it->type));
	json_end_object(w);
}

void
holding_attributes_write(struct buf *to, const struct holding *h)
{
	struct json_writer w = json_writer_of(to);
	json_begin_object(&w);
	put_fields(&w, h, before_items,
	    sizeof(before_items) / sizeof(before_items[0]));
	json_put_key(&w, "items");
	json_begin_array(&w);
	for (size_t i = 0; i < h->n_items; i++)
		put_item(&w, &h->items[i]);
	json_end_array(&w);
	json_add_u64(&w, "dispose_on", h->reg.dispose_on);
	json_add_u64(&w, "organ", h->organ);
	json_add_u64(&w, "persons_stated", h->persons_stated);
	put_texts(&w, "purposes", h->purposes, h->n_purposes);
	json_add_u64(&w, "retention_years", h->retention_years);
	put_fields(
	    &w, h, after_items, sizeof(after_items) / sizeof(after_items[0]));
	json_end_object(&w);
	struct slice done;
	if (!json_finish(&w, &done, NULL))
		to->failed = true;
}

/* ---- reading ---- */

static bool
read_fields(const struct json *o, struct arena *a, struct holding *h,
    const struct field *fields, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		char *at = (char *)h + fields[i].offset;
		if (fields[i].kind == FIELD_BOOL) {
			if (!json_find_bool(
				o, fields[i].key, (bool *)(void *)at, err))
				return false;
			continue;
		}
		struct slice s = SLICE(""), *text = (void *)at;
		if (!json_find_string(o, fields[i].key, &s, err))
			return false;
		*text = arena_copy(a, s);
	}
	return true;
}

static bool
read_texts(const struct json *object, const char *key, size_t max,
    struct arena *a, const struct slice **ret, size_t *ret_n, struct err *err)
{
	const struct json *array;
	if (!json_get_array(object, key, &array, err))
		return false;
	size_t n = json_count(array);
	if (n > max)
		return ERR(err, ERR_CORRUPT, "%s: too many", key);
	struct slice *texts = arena_array(a, n + 1, sizeof(*texts));
	if (texts == NULL)
		return ERR(err, ERR_LIMIT, "too many holdings at once");
	for (size_t i = 0; i < n; i++) {
		if (!json_as_string(json_item(array, i), &texts[i]))
			return ERR(err, ERR_CORRUPT, "%s: no text", key);
		texts[i] = arena_copy(a, texts[i]);
	}
	*ret = texts;
	*ret_n = n;
	return true;
}

static bool
read_word(const struct json *o, const char *key, const char *const *names,
    size_t n, unsigned *ret, struct err *err)
{
	struct slice word;
	if (!json_get_string(o, key, &word, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (slice_is(word, names[i])) {
			*ret = i;
			return true;
		}
	return ERR(err, ERR_CORRUPT, "%s: an unknown word", key);
}

static bool
read_item(
    const struct json *o, struct arena *a, struct item *ret, struct err *err)
{
	unsigned type, search;
	struct slice id, name;
	if (!json_get_string(o, "id", &id, err) ||
	    !json_get_string(o, "name", &name, err) ||
	    !json_find_bool(o, "retired", &ret->is_retired, err) ||
	    !json_get_bool(o, "special_care", &ret->is_special_care, err) ||
	    !read_word(o, "type", type_names, TYPES, &type, err) ||
	    !read_word(o, "search", search_names, SEARCHES, &search, err) ||
	    !read_texts(o, "choices", HOLDING_CHOICES_MAX, a, &ret->choices,
		&ret->n_choices, err))
		return false;
	ret->id = arena_copy(a, id);
	ret->name = arena_copy(a, name);
	ret->type = (enum pack_item_type)type;
	ret->search = (enum pack_search)search;
	return true;
}

static bool
read_items(
    const struct json *o, struct arena *a, struct holding *h, struct err *err)
{
	const struct json *items;
	if (!json_get_array(o, "items", &items, err))
		return false;
	size_t n = json_count(items);
	if (n > HOLDING_ITEMS_MAX)
		return ERR(err, ERR_CORRUPT, "too many items");
	struct item *list = arena_array(a, n + 1, sizeof(*list));
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "too many holdings at once");
	for (size_t i = 0; i < n; i++)
		if (!read_item(json_item(items, i), a, &list[i], err))
			return false;
	h->items = list;
	h->n_items = n;
	return true;
}

bool
holding_attributes_read(
    struct slice text, struct arena *a, struct holding *ret, struct err *err)
{
	uint64_t years = 0, dispose_on = 0;
	struct json *o SCOPED(json_close_scoped) =
	    json_open(text, HOLDING_ATTRIBUTES_MAX_BYTES, err);
	bool worked =
	    o != NULL &&
	    read_fields(o, a, ret, before_items,
		sizeof(before_items) / sizeof(before_items[0]), err) &&
	    read_items(o, a, ret, err) &&
	    json_find_u64(o, "dispose_on", &dispose_on, err) &&
	    json_find_u64(o, "organ", &ret->organ, err) &&
	    json_find_u64(o, "persons_stated", &ret->persons_stated, err) &&
	    read_texts(o, "purposes", HOLDING_PURPOSES_MAX, a, &ret->purposes,
		&ret->n_purposes, err) &&
	    json_find_u64(o, "retention_years", &years, err) &&
	    read_fields(o, a, ret, after_items,
		sizeof(after_items) / sizeof(after_items[0]), err);
	ret->retention_years = (uint32_t)years;
	ret->reg.dispose_on = (uint32_t)dispose_on;
	if (worked && arena_is_failed(a))
		return ERR(err, ERR_LIMIT, "too many holdings at once");
	if (!worked && err != NULL && err->code == ERR_INPUT)
		err->code = ERR_CORRUPT;
	return worked || err_wrap(err, "attributes of a holding");
}
