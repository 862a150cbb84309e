/* Fields that a pack declares, as they are read and asked for on forms. */
#include "action/named.h"
#include "base/date.h"
#include "base/num.h"
#include "pack_field.h"
#include "register/value.h"

static const enum word flaw_words[] = {
    [VALUE_MISSING] = WORD_MISTAKE_MISSING,
    [VALUE_TOO_LONG] = WORD_MISTAKE_TOO_LONG,
    [VALUE_NOT_TEXT] = WORD_MISTAKE_TEXT,
    [VALUE_NOT_KANA] = WORD_MISTAKE_KANA,
    [VALUE_NOT_NUMBER] = WORD_MISTAKE_NUMBER,
    [VALUE_NOT_DATE] = WORD_MISTAKE_DATE,
    [VALUE_NOT_CHOICE] = WORD_MISTAKE_CHOICE,
    [VALUE_NOT_ID] = WORD_MISTAKE_CHOICE,
};

struct slice
field_flaw_text(struct call *call, const struct pack_field *f,
    enum value_flaw flaw)
{
	return call_word(call, flaw_words[flaw], pack_word(call, &f->label),
	    arena_printf(call->arena, "%zu", pack_field_max_bytes(f)));
}

static struct slice
typed_value(const struct call *call, struct slice field)
{
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "v", i)) != NULL; i++)
		if (slice_is_equal(v->name, field))
			return v->text;
	return SLICE_NONE;
}

size_t
items_split(struct slice text, struct slice *ret, size_t max)
{
	size_t n = 0;
	struct slice rest = text, part;
	while (n < max && slice_split(&rest, ',', &part)) {
		/* 、 is three bytes */
		for (size_t i = 0; i + 3 <= part.n && n < max;) {
			if (!slice_is_equal(slice_bytes(part.p + i, 3),
			    SLICE("、"))) {
				i++;
				continue;
			}
			struct slice one =
			    slice_trim(slice_bytes(part.p, i));
			if (one.n > 0)
				ret[n++] = one;
			part = slice_from(part, i + 3);
			i = 0;
		}
		part = slice_trim(part);
		if (part.n > 0 && n < max)
			ret[n++] = part;
	}
	return n;
}

/* Several checks of one field, as they are stored: "view,search". */
static struct slice
typed_checks(const struct call *call, struct slice field)
{
	struct buf to = buf_of(PACK_FIELD_MAX_BYTES);
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "v", i)) != NULL; i++) {
		if (!slice_is_equal(v->name, field) || v->text.n == 0)
			continue;
		if (to.n > 0)
			buf_add_byte(&to, ',');
		buf_add(&to, v->text);
	}
	struct slice copy = to.n == 0 || to.failed ? SLICE_NONE
	    : arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static struct slice
typed_of(const struct call *call, const struct pack_field *f)
{
	return f->type == PACK_FIELD_ACTS ? typed_checks(call, f->id)
	                                  : typed_value(call, f->id);
}

/* Beside the field of the pack, which is no field of the table. */
static void
fields_tell(struct call *call, const struct pack_field *f, struct slice text)
{
	struct arena *a = call->arena;
	struct slice name = arena_printf(a, "v.%.*s%c", SLICE_FMT(f->id), 0);
	if (call->mistake_count == sizeof(call->mistakes) /
	    sizeof(call->mistakes[0]) || name.p == NULL)
		return;
	call->mistakes[call->mistake_count++] =
	    (struct mistake){.field = name.p, .text = text};
}

void
fields_mistake(struct call *call, const struct pack_field *f, enum word word,
    struct slice more)
{
	fields_tell(call, f, call_word(call, word,
	    pack_word(call, &f->label), more));
}

/*
 * The person whom a name, reading or log-on name means, as an id. What already
 * stands under that name stays. False with a mistake, or an error in err.
 */
static bool
find_person(struct call *call, const struct pack_field *f,
    struct slice there, struct slice *text, struct err *err)
{
	struct named named;
	uint64_t id;
	if (text->n == 0 || (text->n == 16 && num_read_hex(*text, &id)))
		return true;
	if (there.n > 0 && slice_is_equal(field_shown(call, f, there), *text)) {
		*text = there;
		return true;
	}
	if (!call_named_person(call, *text, &named, err))
		return false;
	if (named.n == 1 && !named.has_more) {
		*text = arena_printf(call->arena, "%016llx",
		    (unsigned long long)named.ids[0]);
		return true;
	}
	fields_tell(call, f, call_word(call, named.n == 0
	    ? WORD_MISTAKE_NOBODY : named.has_more ? WORD_MISTAKE_MANY_FIT
	    : WORD_MISTAKE_SEVERAL_FIT, *text,
	    arena_printf(call->arena, "%zu", named.n)));
	return ERR(err, ERR_INPUT, "a person is not clear");
}

/* An id must stand for something that is there. */
static bool
is_known(struct call *call, const struct pack_field *f, struct slice stored)
{
	if (f->type == PACK_FIELD_PROVISION && stored.n > 0)
		return pack_provision(call->pack, stored) != NULL;
	bool refers = f->type >= PACK_FIELD_PERSON &&
	    f->type <= PACK_FIELD_OFFICE;
	if (f->type == PACK_FIELD_OFFICE && stored.n > 0)
		return pack_office(call->pack, stored) != NULL;
	return !refers || stored.n == 0 ||
	    field_shown(call, f, stored).n > 0;
}

bool
field_is_ahead(const struct call *call, struct slice fact,
    const struct pack_field *f, struct slice stored)
{
	struct date day;
	return slice_is_equal(f->id, fact) && stored.n > 0 &&
	    date_read(stored, &day, NULL) &&
	    date_compare(day, date_of_instant(call->now)) > 0;
}

bool
fields_read(struct call *call, const struct fields_asked *ask,
    const struct slice **ret, struct err *err)
{
	struct arena *a = call->arena;
	struct slice *values = arena_array(a, ask->n, sizeof(*values));
	size_t had = call->mistake_count;
	if (values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < ask->n; i++) {
		const struct pack_field *f = &ask->fields[i];
		if (ask->is_fixed != NULL && ask->is_fixed[i]) {
			values[i] = ask->there == NULL ? SLICE_NONE
			                               : ask->there[i];
			continue;
		}
		struct slice typed = typed_of(call, f);
		struct err inner = ERR_INIT;
		if (f->type == PACK_FIELD_PERSON && !find_person(call, f,
		    ask->there == NULL ? SLICE("") : ask->there[i], &typed,
		    &inner)) {
			if (inner.code == ERR_INPUT)
				continue;
			if (err != NULL)
				*err = inner;
			return false;
		}
		enum value_flaw flaw =
		    register_value_read(f, typed, a, &values[i]);
		if (flaw == VALUE_MISSING && ask->may_lack)
			continue;
		if (flaw == VALUE_GOOD && !is_known(call, f, values[i]))
			flaw = VALUE_NOT_CHOICE;
		else if (flaw == VALUE_GOOD &&
		    field_is_ahead(call, ask->fact, f, values[i]))
			fields_mistake(call, f, WORD_MISTAKE_REGISTER_AHEAD,
			    SLICE(""));
		if (flaw != VALUE_GOOD)
			fields_mistake(call, f, flaw_words[flaw],
			    arena_printf(a, "%zu", pack_field_max_bytes(f)));
	}
	*ret = values;
	return call->mistake_count == had ||
	    ERR(err, ERR_INPUT, "values are wrong");
}

static const char *const field_kinds[PACK_FIELD_TYPES] = {
    [PACK_FIELD_TEXT] = "text", [PACK_FIELD_PROSE] = "prose",
    [PACK_FIELD_KANA] = "text", [PACK_FIELD_NUMBER] = "number",
    [PACK_FIELD_MONEY] = "number", [PACK_FIELD_DATE] = "date",
    [PACK_FIELD_CHOICE] = "select", [PACK_FIELD_FLAG] = "flag",
    [PACK_FIELD_PERSON] = "select", [PACK_FIELD_SECTION] = "select",
    [PACK_FIELD_HOLDING] = "select", [PACK_FIELD_TERMINAL] = "select",
    [PACK_FIELD_ROW] = "select", [PACK_FIELD_OFFICE] = "select",
    [PACK_FIELD_RECORD] = "text", [PACK_FIELD_ACTS] = "checks",
    [PACK_FIELD_ITEMS] = "text",
    [PACK_FIELD_PROVISION] = "select",
};

/* A person is typed where there are many; several that fit are listed. */
static bool
put_typed_person(struct call *call, struct out *o, const struct pack_field *f,
    struct slice value, struct err *err)
{
	struct arena *a = call->arena;
	struct named named = {.n = 0};
	uint64_t id;
	bool is_id = value.n == 16 && num_read_hex(value, &id);
	if (value.n > 0 && !is_id &&
	    !call_named_person(call, value, &named, err))
		return false;
	bool is_listed = named.n > 1 && !named.has_more;
	out_str(a, o, "kind", is_listed ? "select" : "text");
	out_text(a, o, "value", is_id ? field_shown(call, f, value)
	    : value.n == 0 ? SLICE("") : value);
	struct out *list = out_list(a, o, "options");
	for (size_t i = 0; is_listed && i < named.n; i++) {
		struct out *item = out_item(a, list);
		out_text(a, item, "value", arena_printf(a, "%016llx",
		    (unsigned long long)named.ids[i]));
		out_text(a, item, "label", named.labels[i]);
	}
	return true;
}

/* The fields with what was typed, or else what is there. */
bool
fields_put(struct call *call, const struct fields_asked *ask,
    struct err *err)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "fields");
	bool is_typed = call_has(call, "v");
	bool types_persons = call_types_persons(call);
	for (size_t i = 0; i < ask->n; i++) {
		const struct pack_field *f = &ask->fields[i];
		struct slice value = is_typed || ask->there == NULL
		    ? typed_of(call, f) : ask->there[i];
		if (ask->is_fixed != NULL && ask->is_fixed[i])
			continue;
		struct slice name = arena_printf(a, "v.%.*s",
		    SLICE_FMT(f->id));
		struct out *o = out_item(a, list);
		out_text(a, o, "name", name);
		bool is_name = types_persons && f->type == PACK_FIELD_PERSON;
		if (is_name && !put_typed_person(call, o, f, value, err))
			return false;
		if (!is_name) {
			out_str(a, o, "kind", field_kinds[f->type]);
			out_text(a, o, "value",
			    value.n == 0 ? SLICE("") : value);
		}
		out_text(a, o, "label", pack_word(call, &f->label));
		out_flag(a, o, "required", f->is_required);
		if (f->hint.ja.n > 0)
			out_text(a, o, "hint", pack_word(call, &f->hint));
		else if (f->type == PACK_FIELD_DATE)
			out_text(a, o, "hint",
			    call_word(call, WORD_REGISTER_DATE_HINT));
		else if (is_name)
			out_text(a, o, "hint",
			    call_word(call, WORD_FORM_PERSON_HINT));
		for (size_t m = 0; m < call->mistake_count; m++)
			if (slice_is(name, call->mistakes[m].field))
				out_text(a, o, "mistake",
				    call->mistakes[m].text);
		if (!is_name && (f->type == PACK_FIELD_ACTS || slice_is(
		        slice_of(field_kinds[f->type]), "select")) &&
		    !field_put_options(call, o, f, value, err))
			return false;
	}
	return true;
}
