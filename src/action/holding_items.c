/* The items of a holding as lines of text, read and written. */
#include <string.h>

#include "holding.h"

enum { PARTS_MAX = 8, LINES_MAX_BYTES = 16384 };

/* Words of the catalogue, item.type.KEY, are taken in either language. */
static const struct {
	const char *key;
	enum pack_item_type type;
} types[] = {
    {"name", PACK_ITEM_NAME}, {"kana", PACK_ITEM_KANA},
    {"date", PACK_ITEM_DATE}, {"address", PACK_ITEM_ADDRESS},
    {"number", PACK_ITEM_NUMBER}, {"text", PACK_ITEM_TEXT},
    {"phone", PACK_ITEM_PHONE}, {"my_number", PACK_ITEM_MY_NUMBER},
    {"choice", PACK_ITEM_CHOICE}, {"file", PACK_ITEM_FILE},
};

enum mark { MARK_EXACT, MARK_PREFIX, MARK_CARE, MARK_RETIRED, MARKS };

static const char *const marks[MARKS] = {[MARK_EXACT] = "exact",
    [MARK_PREFIX] = "prefix", [MARK_CARE] = "care",
    [MARK_RETIRED] = "retired"};

static bool
is_word(struct call *call, struct slice s, const char *prefix, const char *key)
{
	enum word w = word_by_key(arena_printf(call->arena, "%s.%s", prefix,
	    key));
	return slice_is(s, key) ||
	    (w != WORD_NONE && (slice_is(s, word_text(w, LANG_JA)) ||
	        slice_is(s, word_text(w, LANG_EN))));
}

static bool
read_type(struct call *call, struct slice s, enum pack_item_type *ret)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (is_word(call, s, "item.type", types[i].key)) {
			*ret = types[i].type;
			return true;
		}
	return false;
}

static const char *
type_key(enum pack_item_type type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].key;
	return "";
}

/* What parts a line, as wide as it is there; 0: it does not begin with it. */
static size_t
parting(struct slice rest, const char *narrow, const char *wide)
{
	if (slice_has_prefix(rest, slice_of(narrow)))
		return 1;
	return *wide != 0 && slice_has_prefix(rest, slice_of(wide))
	    ? strlen(wide) : 0;
}

static bool
has_parting(struct slice line, const char *narrow, const char *wide)
{
	for (size_t i = 0; i < line.n; i++)
		if (parting(slice_from(line, i), narrow, wide) > 0)
			return true;
	return false;
}

/* "選択:男/女"; false: it is no type. */
static bool
read_type_part(struct call *call, struct slice part, struct door_item *to)
{
	size_t colon = 0, width = 0;
	while (colon < part.n &&
	    (width = parting(slice_from(part, colon), ":", "：")) == 0)
		colon++;
	struct slice rest = slice_from(part, colon + width), one;
	if (!read_type(call, slice_bytes(part.p, colon), &to->type))
		return false;
	if (width == 0)
		return true;
	struct slice *choices =
	    arena_array(call->arena, DOOR_CHOICES_MAX, sizeof(*choices));
	size_t n = 0;
	while (choices != NULL && n < DOOR_CHOICES_MAX &&
	    slice_split(&rest, '/', &one))
		if (slice_trim(one).n > 0)
			choices[n++] = slice_trim(one);
	to->choices = choices;
	to->n_choices = n;
	return choices != NULL && rest.n == 0;
}

static bool
read_mark(struct call *call, struct slice part, struct door_item *to)
{
	if (is_word(call, part, "item.mark", marks[MARK_EXACT]))
		to->search = PACK_SEARCH_EXACT;
	else if (is_word(call, part, "item.mark", marks[MARK_PREFIX]))
		to->search = PACK_SEARCH_PREFIX;
	else if (is_word(call, part, "item.mark", marks[MARK_CARE]))
		to->is_special_care = true;
	else if (is_word(call, part, "item.mark", marks[MARK_RETIRED]))
		to->is_retired = true;
	else
		return false;
	return true;
}

static bool
is_key(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    (i == 0 || !((s.p[i] >= '0' && s.p[i] <= '9') ||
		        s.p[i] == '_' || s.p[i] == '-' || s.p[i] == '.')))
			return false;
	return s.n > 0 && s.n <= 64;
}

/* By tabs where there are any, else by commas, else by spaces. */
static size_t
split_line(struct slice line, struct slice *parts)
{
	bool has_tabs = has_parting(line, "\t", "");
	bool has_commas = has_parting(line, ",", "，");
	const char *narrow = has_tabs ? "\t" : has_commas ? "," : " ";
	const char *wide = has_tabs ? "" : has_commas ? "，" : "　";
	size_t n = 0, begin = 0;
	for (size_t i = 0; i <= line.n && n < PARTS_MAX; i++) {
		size_t width = parting(slice_from(line, i), narrow, wide);
		if (i < line.n && width == 0)
			continue;
		struct slice part =
		    slice_trim(slice_bytes(line.p + begin, i - begin));
		if (part.n > 0)
			parts[n++] = part;
		begin = i + width;
		i += width == 0 ? 0 : width - 1;
	}
	return n;
}

/* The item that stands under this key, or this name where no key is given. */
static size_t
find_item(const struct door_holding *now, const struct door_item *item)
{
	size_t i = 0;
	if (now == NULL)
		return 0;
	while (i < now->n_items && !slice_is_equal(
	    item->id.n > 0 ? now->items[i].id : now->items[i].name,
	    item->id.n > 0 ? item->id : item->name))
		i++;
	return i;
}

static bool
read_line(struct call *call, struct slice line, struct door_item *ret)
{
	struct slice parts[PARTS_MAX];
	size_t n = split_line(line, parts), i = 1;
	*ret = (struct door_item){.search = PACK_SEARCH_NONE};
	if (n < 2)
		return false;
	if (n > 2 && is_key(parts[0]) &&
	    read_type_part(call, parts[2], ret)) {
		ret->id = parts[0];
		ret->name = parts[1];
		i = 2;
	} else {
		ret->name = parts[0];
		if (!read_type_part(call, parts[1], ret))
			return false;
	}
	while (++i < n)
		if (!read_mark(call, parts[i], ret))
			return false;
	return true;
}

/* What is wrong with a line is told with what stands in it. */
static bool
place_line(struct call *call, struct slice line,
    const struct door_holding *now, struct door_item *items, bool *is_there,
    size_t *n, struct err *err)
{
	struct door_item item;
	size_t n_now = now == NULL ? 0 : now->n_items;
	if (!read_line(call, line, &item))
		return call_mistake(call, err, "items", WORD_MISTAKE_ITEM_LINE,
		    line);
	size_t at = find_item(now, &item);
	if (at == n_now) {
		if (*n == DOOR_ITEMS_MAX)
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_MANY, arena_printf(call->arena,
			        "%d", DOOR_ITEMS_MAX));
		at = (*n)++;
		if (item.id.n == 0)
			item.id = arena_printf(call->arena, "item%zu", at + 1);
	} else if (is_there[at] || items[at].type != item.type) {
		return call_mistake(call, err, "items", is_there[at]
		    ? WORD_MISTAKE_ITEM_TWICE : WORD_MISTAKE_ITEM_TYPE,
		    item.name);
	} else {
		item.id = items[at].id;
		if (item.type == PACK_ITEM_CHOICE && item.n_choices == 0) {
			item.choices = items[at].choices;
			item.n_choices = items[at].n_choices;
		}
	}
	for (size_t i = 0; i < *n; i++)
		if (i != at && (slice_is_equal(items[i].id, item.id) ||
		    slice_is_equal(items[i].name, item.name)))
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_TWICE, item.name);
	item.number = (unsigned)at;
	items[at] = item;
	is_there[at] = true;
	return true;
}

bool
read_item_lines(struct call *call, const struct door_holding *now,
    struct door_holding *to, struct err *err)
{
	struct slice rest = call_text(call, "items"), line;
	bool is_there[DOOR_ITEMS_MAX] = {false};
	size_t n = now == NULL ? 0 : now->n_items;
	struct door_item *items = arena_array(call->arena, DOOR_ITEMS_MAX,
	    sizeof(*items));
	if (items == NULL)
		return ERR(err, ERR_LIMIT, "no room");
	for (size_t i = 0; i < n; i++)
		items[i] = now->items[i];
	while (slice_split(&rest, '\n', &line)) {
		line = slice_trim(line);
		if (line.n > 0 && !place_line(call, line, now, items,
		    is_there, &n, err))
			return false;
	}
	to->has_files = false;
	for (size_t i = 0; i < n; i++) {
		if (!is_there[i])
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_LACKS, items[i].name);
		if (items[i].type == PACK_ITEM_MY_NUMBER && !to->is_my_number)
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_MY_NUMBER, items[i].name);
		if (items[i].type == PACK_ITEM_CHOICE &&
		    items[i].n_choices == 0)
			return call_mistake(call, err, "items",
			    WORD_MISTAKE_ITEM_CHOICES, items[i].name);
		to->has_files |= items[i].type == PACK_ITEM_FILE;
	}
	to->items = items;
	to->n_items = n;
	return n > 0 || call_mistake(call, err, "items",
	    WORD_MISTAKE_ITEM_LINE, SLICE(""));
}

/* ---- written ---- */

static struct slice
mark_word(const struct call *call, enum mark mark)
{
	return keyed_word(call, "item.mark", slice_of(marks[mark]));
}

static void
add_marks(const struct call *call, const struct door_item *item,
    const char *between, const char *first, struct buf *to)
{
	const bool has[MARKS] = {
	    [MARK_EXACT] = item->search == PACK_SEARCH_EXACT,
	    [MARK_PREFIX] = item->search == PACK_SEARCH_PREFIX,
	    [MARK_CARE] = item->is_special_care,
	    [MARK_RETIRED] = item->is_retired};
	for (unsigned i = 0; i < MARKS; i++) {
		if (!has[i])
			continue;
		buf_add_str(to, first);
		buf_add(to, mark_word(call, (enum mark)i));
		first = between;
	}
}

struct slice
item_marks(const struct call *call, const struct door_item *item)
{
	struct buf to = buf_of(256);
	add_marks(call, item, call->lang == LANG_JA ? "、" : ", ", "", &to);
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

struct slice
item_lines(const struct call *call, const struct door_holding *h)
{
	struct buf to = buf_of(LINES_MAX_BYTES);
	for (size_t i = 0; i < h->n_items; i++) {
		const struct door_item *item = &h->items[i];
		const char *between = has_parting(item->name, " ", "　") ||
		    has_parting(item->name, ",", "，") ? "\t" : " ";
		buf_add(&to, item->id);
		buf_add_str(&to, between);
		buf_add(&to, item->name);
		buf_add_str(&to, between);
		buf_add(&to, keyed_word(call, "item.type",
		    slice_of(type_key(item->type))));
		/* choices that hold what parts them stay as they are */
		bool is_plain = true;
		for (size_t j = 0; j < item->n_choices; j++)
			is_plain &=
			    !has_parting(item->choices[j], " ", "　") &&
			    !has_parting(item->choices[j], ",", "，") &&
			    !has_parting(item->choices[j], "/", "");
		for (size_t j = 0; is_plain && j < item->n_choices; j++) {
			buf_add_byte(&to, j == 0 ? ':' : '/');
			buf_add(&to, item->choices[j]);
		}
		add_marks(call, item, between, between, &to);
		buf_add_byte(&to, '\n');
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}
