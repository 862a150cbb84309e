/* Values of a pack's fields as people read them, and what may be chosen. */
#include "base/date.h"
#include "base/num.h"
#include "pack_field.h"
#include "people/people.h"
#include "register.h"

enum { OPTIONS_MAX = 5000 };

/* ---- shown ---- */

static struct slice
shown_date(struct call *call, struct slice stored)
{
	struct date d;
	struct buf to = buf_of(64);
	if (!date_read(stored, &d, NULL))
		return stored;
	date_format(d, call->lang == LANG_JA ? DATE_ERA : DATE_ISO, &to);
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

/* 1,234,567 */
static struct slice
shown_number(struct call *call, struct slice digits)
{
	struct buf to = buf_of(64);
	for (size_t i = 0; i < digits.n; i++) {
		if (i > 0 && (digits.n - i) % 3 == 0)
			buf_add_byte(&to, ',');
		buf_add_byte(&to, (uint8_t)digits.p[i]);
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static struct slice
shown_terminal(struct call *call, uint64_t id)
{
	struct people_page page = {.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .after = id - 1, .max = 1};
	struct people_terminal *list;
	size_t n;
	return people_terminals(&page, &list, &n, NULL) && n == 1 &&
	    list[0].id == id ? list[0].name : SLICE("");
}

static struct slice
shown_row(struct call *call, const struct pack_field *f, uint64_t id)
{
	const struct pack_register *of = pack_register(call->pack, f->of.id);
	struct register_row row;
	if (of == NULL)
		return SLICE("");
	struct register_source from = register_source_of(call, of);
	return register_get(&from, id, &row, NULL) ? row.name : SLICE("");
}

static struct slice
shown_acts(struct call *call, struct slice stored)
{
	uint32_t acts = 0;
	struct slice one;
	enum act act;
	while (slice_split(&stored, ',', &one))
		if (act_read(one, &act))
			acts |= ACT_BIT(act);
	return acts_text(call, acts);
}

struct slice
field_shown(struct call *call, const struct pack_field *f,
    struct slice stored)
{
	const struct pack_field_choice *choice;
	const struct pack_office *office;
	uint64_t id = 0;
	if (stored.n == 0)
		return SLICE("");
	if (f->type >= PACK_FIELD_PERSON && f->type <= PACK_FIELD_ROW &&
	    !num_read_hex(stored, &id))
		return SLICE("");
	switch (f->type) {
	case PACK_FIELD_DATE:
		return shown_date(call, stored);
	case PACK_FIELD_NUMBER:
		return shown_number(call, stored);
	case PACK_FIELD_MONEY:
		return call_word(call, WORD_REGISTER_YEN,
		    shown_number(call, stored));
	case PACK_FIELD_CHOICE:
		choice = pack_field_choice(f, stored);
		return choice == NULL ? stored
		    : pack_word(call, &choice->label);
	case PACK_FIELD_FLAG:
		return call_word(call, WORD_REGISTER_YES);
	case PACK_FIELD_PERSON:
		return person_name(call, id);
	case PACK_FIELD_SECTION:
		return section_path(call, id);
	case PACK_FIELD_HOLDING:
		return holding_name(call, id);
	case PACK_FIELD_TERMINAL:
		return shown_terminal(call, id);
	case PACK_FIELD_ROW:
		return shown_row(call, f, id);
	case PACK_FIELD_OFFICE:
		office = pack_office(call->pack, stored);
		return office == NULL ? stored
		    : pack_word(call, &office->title);
	case PACK_FIELD_ACTS:
		return shown_acts(call, stored);
	case PACK_FIELD_PROVISION:
		return article_label(call, stored);
	case PACK_FIELD_TEXT:
	case PACK_FIELD_PROSE:
	case PACK_FIELD_KANA:
	case PACK_FIELD_RECORD:
	case PACK_FIELD_ITEMS:
	case PACK_FIELD_TYPES:
		break;
	}
	return stored;
}

static bool
has_control(const struct pack_name *controls, size_t n,
    const struct pack_provision *v)
{
	for (size_t i = 0; i < v->n_controls; i++)
		for (size_t j = 0; j < n; j++)
			if (slice_is_equal(v->controls[i].id,
			    controls[j].id))
				return true;
	return false;
}

struct slice
articles_of_controls(struct call *call, const struct pack_name *controls,
    size_t n)
{
	struct buf to = buf_of(4096);
	const struct pack *p = call->pack;
	for (size_t i = 0; i < p->n_provisions; i++) {
		if (!has_control(controls, n, &p->provisions[i]))
			continue;
		if (to.n > 0)
			buf_add_str(&to, call->lang == LANG_JA ? "、" : ", ");
		buf_add(&to, article_label(call, p->provisions[i].id));
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

/* ---- chosen ---- */

struct choosing {
	struct call *call;
	struct out *list;
	struct slice chosen;
	size_t n;
};

static void
add_choice(struct choosing *c, struct slice value, struct slice label)
{
	struct arena *a = c->call->arena;
	struct out *o = out_item(a, c->list);
	out_text(a, o, "value", value);
	out_text(a, o, "label", label);
	out_flag(a, o, "selected", slice_is_equal(value, c->chosen));
	c->n++;
}

static void
add_id(struct choosing *c, uint64_t id, struct slice label)
{
	add_choice(c, arena_printf(c->call->arena, "%016llx",
	    (unsigned long long)id), label);
}

static struct people_page
page_after(const struct call *call, uint64_t after, struct slice kana)
{
	return (struct people_page){.reader = door_reader(call->door),
	    .arena = call->arena, .body = call->visitor->body,
	    .after = after, .after_kana = kana, .max = PEOPLE_PAGE_MAX};
}

static bool
add_persons(struct choosing *c, struct err *err)
{
	struct people_person *list;
	struct people_page page = page_after(c->call, 0, SLICE(""));
	size_t n = PEOPLE_PAGE_MAX;
	while (n == PEOPLE_PAGE_MAX && c->n < OPTIONS_MAX) {
		if (!people_persons(&page, &list, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			add_id(c, list[i].id, list[i].name);
		if (n > 0)
			page = page_after(c->call, list[n - 1].id,
			    list[n - 1].kana);
	}
	return true;
}

static bool
add_sections(struct choosing *c, struct err *err)
{
	struct people_section *list;
	struct people_page page = page_after(c->call, 0, SLICE(""));
	size_t n = PEOPLE_PAGE_MAX;
	while (n == PEOPLE_PAGE_MAX && c->n < OPTIONS_MAX) {
		if (!people_sections(&page, &list, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			add_id(c, list[i].id,
			    section_path(c->call, list[i].id));
		if (n > 0)
			page = page_after(c->call, list[n - 1].id, SLICE(""));
	}
	return true;
}

static bool
add_terminals(struct choosing *c, struct err *err)
{
	struct people_terminal *list;
	struct people_page page = page_after(c->call, 0, SLICE(""));
	size_t n = PEOPLE_PAGE_MAX;
	while (n == PEOPLE_PAGE_MAX && c->n < OPTIONS_MAX) {
		if (!people_terminals(&page, &list, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			add_id(c, list[i].id, list[i].name);
		if (n > 0)
			page = page_after(c->call, list[n - 1].id, SLICE(""));
	}
	return true;
}

static bool
add_holdings(struct choosing *c, struct err *err)
{
	struct door_holding *list;
	uint64_t after = 0;
	size_t n = DOOR_PAGE_MAX;
	while (n == DOOR_PAGE_MAX && c->n < OPTIONS_MAX) {
		if (!door_holdings(c->call->door, c->call->visitor, after,
		    &list, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			add_id(c, list[i].id, list[i].name);
		if (n > 0)
			after = list[n - 1].id;
	}
	return true;
}

static bool
add_rows(struct choosing *c, const struct pack_field *f, struct err *err)
{
	const struct pack_register *of =
	    pack_register(c->call->pack, f->of.id);
	struct register_row *list;
	size_t n;
	bool has_more;
	if (of == NULL)
		return true;
	struct register_source from = register_source_of(c->call, of);
	struct register_ask ask = {.max = REGISTER_BATCH_MAX,
	    .section = register_only_section(c->call, of)};
	if (!register_list(&from, &ask, &list, &n, &has_more, err))
		return false;
	for (size_t i = 0; i < n; i++)
		add_id(c, list[i].id, list[i].name);
	return true;
}

/* Those that are granted; chosen as "view,search". */
static void
add_acts(struct choosing *c)
{
	struct arena *a = c->call->arena;
	for (unsigned act = 0; act < ACTS_END; act++) {
		struct slice rest = c->chosen, one;
		bool is_chosen = false;
		if (act == ACT_SECRET)
			continue;
		while (slice_split(&rest, ',', &one))
			is_chosen |= slice_is(one, act_name((enum act)act));
		struct out *o = out_item(a, c->list);
		out_str(a, o, "value", act_name((enum act)act));
		out_text(a, o, "label", acts_text(c->call, ACT_BIT(act)));
		out_flag(a, o, "selected", is_chosen);
	}
}

static void
add_provisions(struct choosing *c)
{
	const struct pack *p = c->call->pack;
	for (size_t i = 0; i < p->n_provisions; i++)
		add_choice(c, p->provisions[i].id, arena_printf(
		    c->call->arena, "%.*s　%.*s", SLICE_FMT(article_label(
		    c->call, p->provisions[i].id)),
		    SLICE_FMT(p->provisions[i].caption)));
}

bool
field_put_options(struct call *call, struct out *item,
    const struct pack_field *f, struct slice chosen, struct err *err)
{
	struct choosing c = {.call = call,
	    .list = out_list(call->arena, item, "options"),
	    .chosen = chosen};
	switch (f->type) {
	case PACK_FIELD_CHOICE:
		for (size_t i = 0; i < f->n_choices; i++)
			add_choice(&c, f->choices[i].id,
			    pack_word(call, &f->choices[i].label));
		return true;
	case PACK_FIELD_OFFICE:
		for (size_t i = 0; i < call->pack->n_offices; i++)
			add_choice(&c, call->pack->offices[i].id,
			    pack_word(call, &call->pack->offices[i].title));
		return true;
	case PACK_FIELD_PROVISION:
		add_provisions(&c);
		return true;
	case PACK_FIELD_PERSON:
		return add_persons(&c, err);
	case PACK_FIELD_SECTION:
		return add_sections(&c, err);
	case PACK_FIELD_TERMINAL:
		return add_terminals(&c, err);
	case PACK_FIELD_HOLDING:
		return add_holdings(&c, err);
	case PACK_FIELD_ROW:
		return add_rows(&c, f, err);
	case PACK_FIELD_ACTS:
		add_acts(&c);
		return true;
	case PACK_FIELD_TEXT:
	case PACK_FIELD_PROSE:
	case PACK_FIELD_KANA:
	case PACK_FIELD_NUMBER:
	case PACK_FIELD_MONEY:
	case PACK_FIELD_DATE:
	case PACK_FIELD_FLAG:
	case PACK_FIELD_RECORD:
	case PACK_FIELD_ITEMS:
	case PACK_FIELD_TYPES:
		break;
	}
	return true;
}
