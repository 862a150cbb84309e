#include "rows.h"

#include "base/must.h"

struct slice
pack_word(const struct call *call, const struct pack_words *w)
{
	return call->lang == LANG_EN && w->en.n > 0 ? w->en : w->ja;
}

uint64_t
parameter_of(const struct call *call, const char *id, uint64_t otherwise)
{
	uint64_t value;
	return pack_parameter(call->pack, slice_of(id), &value) ? value
	    : otherwise;
}

struct slice
article_label(const struct call *call, struct slice ref)
{
	struct slice s = pack_article_label(call->pack, ref, call->arena);
	return s.p == NULL ? ref : s;
}

struct slice
keyed_word(const struct call *call, const char *prefix, struct slice key)
{
	enum word w = word_by_key(arena_printf(call->arena, "%s.%.*s", prefix,
	    SLICE_FMT(key)));
	return w == WORD_NONE ? key : slice_of(word_text(w, call->lang));
}

struct slice
fault_text(const struct call *call, struct slice item, const char *fault)
{
	struct slice text = keyed_word(call, "fault", slice_of(fault));
	return item.n == 0 ? text
	    : call_word(call, WORD_MISTAKE_VALUE, item, text);
}

struct slice
acts_text(const struct call *call, uint32_t acts)
{
	struct buf to = buf_of(1024);
	for (unsigned i = 0; i < ACTS_END; i++) {
		if ((acts & ACT_BIT(i)) == 0)
			continue;
		if (to.n > 0)
			buf_add_str(&to, call->lang == LANG_JA ? "、" : ", ");
		buf_add(&to, keyed_word(call, "act",
		    slice_of(act_name((enum act)i))));
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

static struct slice
moment_text(const struct call *call, instant at, bool is_end)
{
	struct buf to = buf_of(64);
	moment_write(at, is_end, call->lang == LANG_JA ? DATE_ERA
	    : DATE_ENGLISH, &to);
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

struct slice
period_text(const struct call *call, instant from, instant until)
{
	return call_word(call, WORD_GRANT_FROM_TO,
	    moment_text(call, from, false), moment_text(call, until, true));
}

void
put_fact(struct call *call, struct out *list, enum word label,
    struct slice text)
{
	struct out *o = out_item(call->arena, list);
	out_str(call->arena, o, "label", word_text(label, call->lang));
	out_text(call->arena, o, "text", text);
}

void
put_choice(struct call *call, struct out *list, uint64_t id,
    struct slice label)
{
	struct out *o = out_item(call->arena, list);
	out_id(call->arena, o, "value", id);
	out_text(call->arena, o, "label", label);
}

struct date
date_of_digits(uint64_t yyyymmdd)
{
	return (struct date){.year = (int16_t)(yyyymmdd / 10000),
	    .month = (uint8_t)(yyyymmdd / 100 % 100),
	    .day = (uint8_t)(yyyymmdd % 100)};
}

instant
day_begin(uint64_t yyyymmdd)
{
	return date_begin(date_of_digits(yyyymmdd));
}

instant
day_end(uint64_t yyyymmdd)
{
	return date_end(date_of_digits(yyyymmdd)) + 1;
}

static bool
find_by(bool (*find)(struct door *d, struct visitor *v, uint64_t id,
    struct door_holding *ret, struct err *err), struct call *call,
    struct door_holding *ret, struct err *err)
{
	struct err inner = ERR_INIT;
	if (find(call->door, call->visitor, call_id(call, "holding"), ret,
	    &inner))
		return true;
	if (inner.code == ERR_NOT_FOUND)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_HOLDING);
	if (err != NULL)
		*err = inner;
	return false;
}

struct slice
holding_name(const struct call *call, uint64_t id)
{
	struct door_holding h;
	return id != 0 && door_holding_form(call->door, call->visitor, id, &h,
	    NULL) ? h.name : SLICE("");
}

/* Holdings that the visitor's section owns. */
bool
put_own_holdings(struct call *call, struct err *err)
{
	struct door_holding *list;
	uint64_t after = 0;
	size_t n;
	struct out *out = out_list(call->arena, call->out, "holding_options");
	do {
		if (!door_holdings(call->door, call->visitor, after, &list, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (list[i].section == call->visitor->section)
				put_choice(call, out, list[i].id, list[i].name);
		after = n > 0 ? list[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	return true;
}

bool
read_held(struct call *call, struct held *ret, struct err *err)
{
	struct shown_capacity *page;
	uint64_t after = 0;
	size_t n;
	ret->n = 0;
	ret->list = arena_array(call->arena, HELD_MAX, sizeof(*ret->list));
	if (ret->list == NULL)
		return ERR(err, ERR_LIMIT, "too many appointments");
	do {
		if (!door_appointments(call->door, call->visitor, 0, after,
		    &page, &n, err))
			return false;
		for (size_t i = 0; i < n && ret->n < HELD_MAX; i++)
			if (page[i].from <= call->now &&
			    call->now < page[i].until)
				ret->list[ret->n++] = page[i];
		after = n > 0 ? page[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	return true;
}

bool
find_holding(struct call *call, struct door_holding *ret, struct err *err)
{
	return find_by(door_holding, call, ret, err);
}

bool
find_holding_form(struct call *call, struct door_holding *ret,
    struct err *err)
{
	return find_by(door_holding_form, call, ret, err);
}

bool
find_writable(struct call *call, struct door_holding *ret, struct err *err)
{
	return find_holding(call, ret, err) && (!ret->is_manual ||
	    call_fail(call, err, ERR_CONFLICT, WORD_ERROR_HOLDING_PAPER));
}

struct door_intent
intent_of(struct call *call, const struct door_holding *h)
{
	return (struct door_intent){.holding = h->id,
	    .purpose = call_text(call, "purpose"),
	    .reference = call_text(call, "case")};
}

static struct slice
purpose_title(const struct call *call, struct slice id)
{
	const struct pack_purpose *p = pack_purpose(call->pack, id);
	return p == NULL ? id : pack_word(call, &p->title);
}

void
put_purposes(struct call *call, struct out *in, const struct door_holding *h)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, in, "purpose_options");
	for (size_t i = 0; i < h->n_purposes; i++) {
		struct out *o = out_item(a, list);
		out_text(a, o, "value", h->purposes[i]);
		out_text(a, o, "label", purpose_title(call, h->purposes[i]));
		out_flag(a, o, "selected", slice_is_equal(h->purposes[i],
		    call->purpose));
	}
}

void
put_holding(struct call *call, struct out *in, const struct door_holding *h)
{
	struct arena *a = call->arena;
	const struct pack_sensitivity *s =
	    pack_sensitivity(call->pack, h->sensitivity);
	struct out *purposes;
	out_id(a, in, "id", h->id);
	out_text(a, in, "name", h->name);
	out_text(a, in, "section", h->section_path);
	out_text(a, in, "sensitivity", s == NULL ? h->sensitivity
	    : pack_word(call, &s->label));
	out_text(a, in, "basis", h->basis);
	out_text(a, in, "place", h->place);
	out_flag(a, in, "my_number", h->is_my_number);
	out_flag(a, in, "second_factor", h->needs_second_factor);
	out_flag(a, in, "terminals_only", h->needs_terminal);
	out_number(a, in, "retention_years", h->retention_years);
	out_number(a, in, "persons", (int64_t)h->persons);
	out_text(a, in, "acts", acts_text(call, h->acts));
	out_flag(a, in, "may_view", (h->acts & ACT_BIT(ACT_VIEW)) != 0);
	out_flag(a, in, "may_create",
	    (h->acts & ACT_BIT(ACT_CREATE)) != 0 && !h->is_manual);
	out_flag(a, in, "paper", h->is_manual);
	if (h->closed_at != 0)
		out_time(a, in, "closed_at", h->closed_at);
	purposes = out_list(a, in, "purposes");
	for (size_t i = 0; i < h->n_purposes; i++) {
		struct out *o = out_item(a, purposes);
		out_text(a, o, "id", h->purposes[i]);
		out_text(a, o, "title", purpose_title(call, h->purposes[i]));
	}
}

void
put_values(struct call *call, struct out *in, const struct door_holding *h,
    const struct shown_record *r)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, in, "values");
	for (size_t i = 0; i < r->n && i < h->n_items; i++) {
		const struct shown_value *v = &r->values[i];
		if (h->items[i].type == PACK_ITEM_FILE ||
		    (h->items[i].is_retired && v->text.n == 0))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", h->items[i].id);
		out_text(a, o, "label", h->items[i].name);
		out_flag(a, o, "masked", v->is_masked);
		out_flag(a, o, "special_care", h->items[i].is_special_care);
		if (!v->is_masked)
			out_text(a, o, "text", v->text);
	}
}
