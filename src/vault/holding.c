#include "vault/holding.h"

#include "base/json.h"
#include "base/must.h"
#include "base/text.h"
#include "vault.sql.h"

size_t
holding_item(const struct holding *h, struct slice id_or_name)
{
	for (size_t i = 0; i < h->n_items; i++)
		if (slice_is_equal(h->items[i].id, id_or_name) ||
		    slice_is_equal(h->items[i].name, id_or_name))
			return i;
	return h->n_items;
}

bool
holding_has_purpose(const struct holding *h, struct slice purpose)
{
	for (size_t i = 0; i < h->n_purposes; i++)
		if (slice_is_equal(h->purposes[i], purpose))
			return true;
	return false;
}

bool
holding_has_special_care(const struct holding *h)
{
	for (size_t i = 0; i < h->n_items; i++)
		if (h->items[i].is_special_care)
			return true;
	return false;
}

/* ---- checks ---- */

static bool
is_id(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_letter = c >= 'a' && c <= 'z';
		if (!is_letter &&
		    (i == 0 || !((c >= '0' && c <= '9') || c == '_' ||
				   c == '-' || c == '.')))
			return false;
	}
	return s.n > 0 && s.n <= 64;
}

static bool
check_text(struct slice s, const char *what, bool may_be_empty, struct err *err)
{
	if ((s.n == 0 && !may_be_empty) || s.n > HOLDING_TEXT_MAX_BYTES ||
	    !text_is_clean(s, false))
		return ERR(err, ERR_INPUT, "%s: one line of 1 to %d bytes",
		    what, HOLDING_TEXT_MAX_BYTES);
	return true;
}

static bool
check_items(const struct holding *h, struct err *err)
{
	if (h->n_items == 0 || h->n_items > HOLDING_ITEMS_MAX)
		return ERR(err, ERR_INPUT, "items: 1 to %d", HOLDING_ITEMS_MAX);
	for (size_t i = 0; i < h->n_items; i++) {
		const struct item *it = &h->items[i];
		if (!is_id(it->id))
			return ERR(err, ERR_INPUT, "item %zu: bad id", i + 1);
		if (!check_text(it->name, "item's name", false, err))
			return false;
		if ((unsigned)it->type > PACK_ITEM_FILE ||
		    (unsigned)it->search > PACK_SEARCH_PREFIX)
			return ERR(
			    err, ERR_INPUT, "item %zu: no such type", i + 1);
		if (it->n_choices > HOLDING_CHOICES_MAX)
			return ERR(err, ERR_INPUT,
			    "item %zu: at most %d "
			    "choices",
			    i + 1, HOLDING_CHOICES_MAX);
		for (size_t j = 0; j < it->n_choices; j++)
			if (!check_text(it->choices[j], "choice", false, err))
				return false;
		if (it->type == PACK_ITEM_MY_NUMBER && !h->is_my_number)
			return ERR(err, ERR_INPUT,
			    "item %zu: 個人番号 lives "
			    "only in a holding of its own",
			    i + 1);
		for (size_t j = 0; j < i; j++)
			if (slice_is_equal(it->id, h->items[j].id) ||
			    slice_is_equal(it->name, h->items[j].name))
				return ERR(err, ERR_INPUT,
				    "item %zu: the id "
				    "or name of item %zu",
				    i + 1, j + 1);
	}
	return true;
}

bool
holding_check(const struct holding *h, struct err *err)
{
	const struct {
		struct slice text;
		const char *what;
		bool may_be_empty;
	} texts[] = {
	    {h->name, "name", false},
	    {h->sensitivity, "sensitivity", false},
	    {h->basis, "legal basis", true},
	    {h->place, "place", true},
	    {h->collected, "how collected", true},
	    {h->given_to, "given to", true},
	    {h->reg.scope, "whose records", true},
	    {h->reg.requests_at, "who takes requests", true},
	    {h->reg.other_law, "procedure of another law", true},
	    {h->reg.unlisted_why, "why not listed", true},
	    {h->reg.lock, "lock", true},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!check_text(texts[i].text, texts[i].what,
			texts[i].may_be_empty, err))
			return false;
	for (size_t i = 0; i < h->n_purposes; i++)
		if (!is_id(h->purposes[i]))
			return ERR(
			    err, ERR_INPUT, "purpose %zu: bad id", i + 1);
	if (h->n_purposes == 0 || h->n_purposes > HOLDING_PURPOSES_MAX)
		return ERR(
		    err, ERR_INPUT, "purposes: 1 to %d", HOLDING_PURPOSES_MAX);
	return check_items(h, err);
}

/* Items keep their places, ids and types; what is new goes to the end. */
bool
holding_check_change(
    const struct holding *from, const struct holding *to, struct err *err)
{
	if (from->body != to->body || from->id != to->id)
		return ERR(err, ERR_INPUT, "another holding");
	if (from->is_my_number != to->is_my_number)
		return ERR(err, ERR_INPUT, "My Number or not is for ever");
	if (to->n_items < from->n_items)
		return ERR(err, ERR_INPUT,
		    "items are retired, never taken "
		    "away");
	for (size_t i = 0; i < from->n_items; i++) {
		if (!slice_is_equal(from->items[i].id, to->items[i].id))
			return ERR(err, ERR_INPUT,
			    "item %zu: items keep "
			    "their places; new ones go to the end",
			    i + 1);
		if (from->items[i].type != to->items[i].type)
			return ERR(err, ERR_INPUT,
			    "item %zu: its type is for "
			    "ever; retire it and add another",
			    i + 1);
	}
	return true;
}

bool
holding_of_pack(const struct pack_holding *p, struct arena *a,
    struct holding *ret, struct err *err)
{
	struct item *items = arena_array(a, p->n_items + 1, sizeof(*items));
	struct slice *purposes =
	    arena_array(a, p->n_purposes + 1, sizeof(*purposes));
	if (items == NULL || purposes == NULL)
		return ERR(err, ERR_LIMIT, "no room for a holding");
	*ret = (struct holding){.name = p->name,
	    .sensitivity = p->sensitivity.id,
	    .basis = p->basis,
	    .is_my_number = p->is_my_number,
	    .retention_years = (uint32_t)p->retention_years,
	    .items = items,
	    .n_items = p->n_items,
	    .purposes = purposes,
	    .n_purposes = p->n_purposes};
	for (size_t i = 0; i < p->n_purposes; i++)
		purposes[i] = p->purposes[i].id;
	for (size_t i = 0; i < p->n_items; i++) {
		const struct pack_item *it = &p->items[i];
		items[i] = (struct item){.id = it->id,
		    .name = it->name,
		    .type = it->type,
		    .search = it->search,
		    .is_special_care = it->is_special_care,
		    .choices = it->choices,
		    .n_choices = it->n_choices};
		ret->has_files |= it->type == PACK_ITEM_FILE;
	}
	return true;
}

/* ---- stored ---- */

static bool
write_attributes(struct buf *text, const struct holding *h, struct slice *ret,
    struct err *err)
{
	holding_attributes_write(text, h);
	return buf_finish(text, ret, err);
}

bool
holding_insert(struct store_tx *tx, const struct holding *h, struct err *err)
{
	struct buf text SCOPED(buf_close) =
	    buf_of(HOLDING_ATTRIBUTES_MAX_BYTES);
	struct slice attributes;
	if (!holding_check(h, err) ||
	    !write_attributes(&text, h, &attributes, err))
		return false;
	struct store_value v[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)h->id), STORE_INT((int64_t)h->section),
	    STORE_TEXT(h->name), STORE_TEXT(attributes),
	    STORE_TEXT(h->sensitivity), STORE_INT(h->is_my_number),
	    STORE_INT(h->changed_at), STORE_INT((int64_t)h->changed_by),
	    STORE_INT((int64_t)h->changed_in)};
	return store_run(
	    tx, VAULT_HOLDING_INSERT, v, STORE_COUNT(v), NULL, err);
}

bool
holding_change(struct store_tx *tx, const struct holding *h, struct err *err)
{
	struct buf text SCOPED(buf_close) =
	    buf_of(HOLDING_ATTRIBUTES_MAX_BYTES);
	struct slice attributes;
	int64_t changed = 0;
	if (!holding_check(h, err) ||
	    !write_attributes(&text, h, &attributes, err))
		return false;
	struct store_value v[] = {STORE_INT((int64_t)h->body),
	    STORE_INT((int64_t)h->id), STORE_INT(h->version),
	    STORE_INT((int64_t)h->section), STORE_TEXT(h->name),
	    STORE_TEXT(attributes), STORE_TEXT(h->sensitivity),
	    STORE_INT(h->changed_at), STORE_INT((int64_t)h->changed_by),
	    STORE_INT((int64_t)h->changed_in)};
	if (!store_run(tx, VAULT_HOLDING_KEEP, v, 3, &changed, err))
		return false;
	if (changed != 1)
		return ERR(err, ERR_CONFLICT,
		    "the holding was changed by "
		    "somebody else");
	return store_run(
	    tx, VAULT_HOLDING_CHANGE, v, STORE_COUNT(v), NULL, err);
}

/* All queries of holdings give these columns first. */
bool
holding_read_row(struct store_rows *rows, uint64_t body, struct arena *a,
    struct holding *ret, struct err *err)
{
	*ret = (struct holding){.body = body,
	    .id = (uint64_t)store_int(rows, VAULT_HOLDING_GET__ID),
	    .section = (uint64_t)store_int(rows, VAULT_HOLDING_GET__SECTION),
	    .name = arena_copy(a, store_text(rows, VAULT_HOLDING_GET__NAME)),
	    .sensitivity =
		arena_copy(a, store_text(rows, VAULT_HOLDING_GET__SENSITIVITY)),
	    .is_my_number = store_int(rows, VAULT_HOLDING_GET__MY_NUMBER) != 0,
	    .persons = store_int(rows, VAULT_HOLDING_GET__PERSONS),
	    .version = (uint32_t)store_int(rows, VAULT_HOLDING_GET__VERSION),
	    .changed_at = store_int(rows, VAULT_HOLDING_GET__CHANGED_AT),
	    .changed_by = (uint64_t)store_int(rows, VAULT_HOLDING_GET__PERSON),
	    .changed_in =
		(uint64_t)store_int(rows, VAULT_HOLDING_GET__CAPACITY)};
	return holding_attributes_read(
	    store_text(rows, VAULT_HOLDING_GET__ATTRIBUTES), a, ret, err);
}

bool
holding_page(struct store_reader *r, uint64_t body, uint64_t section,
    uint64_t after, size_t max, struct arena *a, struct holding **ret,
    size_t *ret_n, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value all[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)after), STORE_INT((int64_t)max)};
	struct store_value of[] = {STORE_INT((int64_t)body),
	    STORE_INT((int64_t)section), STORE_INT((int64_t)after),
	    STORE_INT((int64_t)max)};
	must(max <= HOLDINGS_MAX);
	struct holding *list = arena_array(a, max + 1, sizeof(*list));
	size_t n = 0;
	if (list == NULL)
		return ERR(err, ERR_LIMIT, "too many holdings for a page");
	if (!(section == 0 ? store_query(r, VAULT_HOLDING_PAGE, all,
				 STORE_COUNT(all), &rows, err)
			   : store_query(r, VAULT_HOLDING_PAGE_OF_SECTION, of,
				 STORE_COUNT(of), &rows, err)))
		return false;
	while (n < max && store_next(&rows))
		if (!holding_read_row(&rows, body, a, &list[n++], err))
			return false;
	if (!store_finish(&rows, err))
		return false;
	*ret = list;
	*ret_n = n;
	return true;
}

bool
holding_load(struct store_reader *r, uint64_t body, struct arena *a,
    struct holding **ret, size_t *ret_n, struct err *err)
{
	return holding_page(r, body, 0, 0, HOLDINGS_MAX, a, ret, ret_n, err);
}

bool
holding_get(struct store_reader *r, uint64_t body, uint64_t id, struct arena *a,
    struct holding *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id)};
	return store_query_one(
		   r, VAULT_HOLDING_GET, v, STORE_COUNT(v), &rows, err) &&
	       holding_read_row(&rows, body, a, ret, err) &&
	       store_finish(&rows, err);
}

bool
holding_get_before(struct store_reader *r, uint64_t body, uint64_t id,
    uint32_t below, struct arena *a, struct holding *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)id), STORE_INT(below)};
	if (!store_query(
		r, VAULT_HOLDING_BEFORE, v, STORE_COUNT(v), &rows, err))
		return false;
	if (!store_next(&rows)) {
		if (!store_finish(&rows, err))
			return false;
		return ERR(err, ERR_NOT_FOUND, "nothing older");
	}
	return holding_read_row(&rows, body, a, ret, err) &&
	       store_finish(&rows, err);
}

bool
holding_count(struct store_reader *r, uint64_t body, uint64_t holding,
    int64_t *ret, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	struct store_value v[] = {
	    STORE_INT((int64_t)body), STORE_INT((int64_t)holding)};
	if (!store_query_one(
		r, VAULT_HOLDING_PERSONS, v, STORE_COUNT(v), &rows, err))
		return false;
	*ret = store_int(&rows, 0);
	return store_finish(&rows, err);
}
