/* Registers as they are changed: a new row, another version of one, its end. */
#include "register.h"

#include "base/date.h"
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

static struct slice
typed_value(const struct call *call, struct slice field)
{
	const struct value *v;
	for (size_t i = 0; (v = call_nth(call, "v", i)) != NULL; i++)
		if (slice_is_equal(v->name, field))
			return v->text;
	return SLICE_NONE;
}

/* Beside the field of the pack, which is no field of the table. */
static void
add_mistake(struct call *call, const struct pack_field *f, enum word word,
    struct slice more)
{
	struct arena *a = call->arena;
	struct slice name = arena_printf(a, "v.%.*s%c", SLICE_FMT(f->id), 0);
	if (call->mistake_count == sizeof(call->mistakes) /
	    sizeof(call->mistakes[0]) || name.p == NULL)
		return;
	call->mistakes[call->mistake_count++] = (struct mistake){
	    .field = name.p,
	    .text = call_word(call, word, pack_word(call, &f->label), more)};
}

/* An id must stand for something that is there. */
static bool
is_known(struct call *call, const struct pack_field *f, struct slice stored)
{
	bool refers = f->type >= PACK_FIELD_PERSON &&
	    f->type <= PACK_FIELD_OFFICE;
	if (f->type == PACK_FIELD_OFFICE && stored.n > 0)
		return pack_office(call->pack, stored) != NULL;
	return !refers || stored.n == 0 ||
	    register_shown(call, f, stored).n > 0;
}

/* The day of a fact has come. */
static bool
is_ahead(const struct call *call, const struct pack_register *r,
    const struct pack_field *f, struct slice stored)
{
	struct date day;
	return slice_is_equal(f->id, r->fact.id) && stored.n > 0 &&
	    date_read(stored, &day, NULL) &&
	    date_compare(day, date_of_instant(call->now)) > 0;
}

/* All fields as stored; ERR_INPUT with a mistake for each that is wrong. */
static bool
read_row_values(struct call *call, const struct pack_register *r,
    const struct slice **ret, struct err *err)
{
	struct arena *a = call->arena;
	struct slice *values = arena_array(a, r->n_fields, sizeof(*values));
	size_t had = call->mistake_count;
	if (values == NULL)
		return ERR(err, ERR_LIMIT, "no memory for this request");
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct pack_field *f = &r->fields[i];
		enum value_flaw flaw = register_value_read(f,
		    typed_value(call, f->id), a, &values[i]);
		if (flaw == VALUE_GOOD && !is_known(call, f, values[i]))
			flaw = VALUE_NOT_CHOICE;
		else if (flaw == VALUE_GOOD && is_ahead(call, r, f, values[i]))
			add_mistake(call, f, WORD_MISTAKE_REGISTER_AHEAD,
			    SLICE(""));
		if (flaw != VALUE_GOOD)
			add_mistake(call, f, flaw_words[flaw],
			    arena_printf(a, "%zu", pack_field_max_bytes(f)));
	}
	*ret = values;
	return call->mistake_count == had ||
	    ERR(err, ERR_INPUT, "values of the row are wrong");
}

static struct slice
name_of(struct call *call, const struct pack_register *r,
    const struct slice *values)
{
	size_t at = pack_register_field(r, r->name.id);
	return register_shown(call, &r->fields[at], values[at]);
}

static const char *const field_kinds[PACK_FIELD_TYPES] = {
    [PACK_FIELD_TEXT] = "text", [PACK_FIELD_PROSE] = "prose",
    [PACK_FIELD_KANA] = "text", [PACK_FIELD_NUMBER] = "number",
    [PACK_FIELD_MONEY] = "number", [PACK_FIELD_DATE] = "date",
    [PACK_FIELD_CHOICE] = "select", [PACK_FIELD_FLAG] = "flag",
    [PACK_FIELD_PERSON] = "select", [PACK_FIELD_SECTION] = "select",
    [PACK_FIELD_HOLDING] = "select", [PACK_FIELD_TERMINAL] = "select",
    [PACK_FIELD_ROW] = "select", [PACK_FIELD_OFFICE] = "select",
};

/* The fields with what was typed, or else what is there. */
static bool
put_form_fields(struct call *call, const struct pack_register *r,
    const struct register_row *there, struct err *err)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "fields");
	bool is_typed = call_has(call, "v");
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct pack_field *f = &r->fields[i];
		struct slice value = is_typed || there == NULL
		    ? typed_value(call, f->id) : there->values[i];
		struct slice name = arena_printf(a, "v.%.*s",
		    SLICE_FMT(f->id));
		struct out *o = out_item(a, list);
		out_text(a, o, "name", name);
		out_str(a, o, "kind", field_kinds[f->type]);
		out_text(a, o, "label", pack_word(call, &f->label));
		out_flag(a, o, "required", f->is_required);
		out_text(a, o, "value", value.n == 0 ? SLICE("") : value);
		if (f->hint.ja.n > 0)
			out_text(a, o, "hint", pack_word(call, &f->hint));
		else if (f->type == PACK_FIELD_DATE)
			out_text(a, o, "hint",
			    call_word(call, WORD_REGISTER_DATE_HINT));
		for (size_t m = 0; m < call->mistake_count; m++)
			if (slice_is(name, call->mistakes[m].field))
				out_text(a, o, "mistake",
				    call->mistakes[m].text);
		if (slice_is(slice_of(field_kinds[f->type]), "select") &&
		    !register_put_options(call, o, f, value, err))
			return false;
	}
	return true;
}

#define FIELD_ROW_VALUES                                                       \
	{                                                                      \
		.name = "v", .type = FIELD_VALUES,                             \
		.max = PACK_FIELD_MAX_BYTES, .many = true,                     \
		.label = WORD_FIELD_VALUES                                     \
	}

static const struct result form_output[] = {
    {"register", OUT_TEXT}, {"register_title", OUT_TEXT}, {"about", OUT_TEXT},
    {"articles", OUT_TEXT}, {"row", OUT_ID}, {"row_name", OUT_TEXT},
    {"version", OUT_NUMBER}, {"has_reason", OUT_FLAG}, {"fields", OUT_LIST},
    {"fields.name", OUT_TEXT}, {"fields.kind", OUT_TEXT},
    {"fields.label", OUT_TEXT}, {"fields.required", OUT_FLAG},
    {"fields.value", OUT_TEXT}, {"fields.hint", OUT_TEXT},
    {"fields.mistake", OUT_TEXT}, {"fields.options", OUT_LIST},
    {"fields.options.value", OUT_TEXT}, {"fields.options.label", OUT_TEXT},
    {"fields.options.selected", OUT_FLAG}, {"same", OUT_ID}, RESULTS_END,
};

static void
put_form_head(struct call *call, const struct pack_register *r)
{
	struct arena *a = call->arena;
	out_text(a, call->out, "register", r->id);
	out_text(a, call->out, "register_title", pack_word(call, &r->title));
	out_text(a, call->out, "about", pack_word(call, &r->help));
	out_text(a, call->out, "articles", register_articles(call, r));
}

/* The register, when the visitor keeps rows of that section. */
static bool
find_kept(struct call *call, uint64_t section,
    const struct pack_register **ret, struct err *err)
{
	return register_find(call, ret, err) &&
	    (register_may_keep(call, *ret, section) ||
	        call_fail(call, err, ERR_DENIED, WORD_ERROR_REGISTER_KEEP,
	            pack_word(call, &(*ret)->title)));
}

/* The row of the path, which stands and which the visitor keeps. */
static bool
find_row(struct call *call, const struct pack_register **ret_register,
    struct register_row *ret, struct err *err)
{
	if (!register_find(call, ret_register, err))
		return false;
	struct register_source from =
	    register_source_of(call, *ret_register);
	if (!register_get(&from, call_id(call, "row"), ret, err) ||
	    !find_kept(call, ret->section, ret_register, err))
		return false;
	return ret->ended_at == 0 || call_fail(call, err, ERR_CONFLICT,
	    WORD_ERROR_REGISTER_ENDED);
}

static bool
write_row(struct call *call, const struct pack_register *r,
    struct register_row *row, struct slice reason, struct err *err)
{
	uint64_t same = 0;
	const struct register_write w = {.reg = r,
	    .pack_hash = call->pack->hash,
	    .reason = reason, .now = call->now, .row = row};
	if (register_put(call->door, call->visitor, &w, &same, err)) {
		out_id(call->arena, call->out, "row", row->id);
		return true;
	}
	if (same == 0)
		return false;
	add_mistake(call, &r->fields[pack_register_field(r, r->key[0].id)],
	    WORD_MISTAKE_REGISTER_SAME, SLICE(""));
	*err = (struct err)ERR_INIT;
	return ERR(err, ERR_INPUT, "another row has the same key");
}

/* ---- a new row ---- */

static const struct field make_input[] = {
    FIELD_REGISTER, FIELD_ROW_VALUES, FIELDS_END,
};

static bool
prepare_make(struct call *call, struct err *err)
{
	const struct pack_register *r;
	if (!find_kept(call, call->visitor->section, &r, err))
		return false;
	put_form_head(call, r);
	return put_form_fields(call, r, NULL, err);
}

static bool
run_make(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row = {0};
	if (!find_kept(call, call->visitor->section, &r, err) ||
	    !read_row_values(call, r, &row.values, err))
		return false;
	row.n = r->n_fields;
	row.name = name_of(call, r, row.values);
	row.section = r->scope == PACK_REGISTER_SECTION
	    ? call->visitor->section : 0;
	return write_row(call, r, &row, SLICE(""), err);
}

const struct action row_register_make = {
    .name = "register.make", .is_change = true,
    .path = "/registers/{register}/new", .input = make_input,
    .output = form_output, .who = WHO_SESSION, .ledger_verb = "register.put",
    .title = WORD_REGISTER_MAKE_TITLE, .help = WORD_REGISTER_MAKE_HELP,
    .page = "register_form", .after = "/registers/{register}/{row}",
    .prepare = prepare_make, .run = run_make,
};

/* ---- another version ---- */

#define FIELD_SEEN_VERSION                                                     \
	{                                                                      \
		.name = "version", .type = FIELD_NUMBER, .max = 1000000,       \
		.label = WORD_FIELD_VERSION                                    \
	}
#define FIELD_REASON(is_required)                                              \
	{                                                                      \
		.name = "reason", .type = FIELD_PROSE,                         \
		.max = REGISTER_REASON_MAX_BYTES, .required = (is_required),   \
		.label = WORD_FIELD_REGISTER_REASON                            \
	}

static const struct field change_input[] = {
    FIELD_REGISTER, FIELD_ROW, FIELD_SEEN_VERSION, FIELD_ROW_VALUES,
    FIELD_REASON(true), FIELDS_END,
};

/* What stands on the form of a change and of an end. */
static bool
prepare_row(struct call *call, const struct pack_register **ret_register,
    struct register_row *ret, struct err *err)
{
	struct arena *a = call->arena;
	if (!find_row(call, ret_register, ret, err))
		return false;
	put_form_head(call, *ret_register);
	out_id(a, call->out, "row", ret->id);
	out_text(a, call->out, "row_name", ret->name);
	out_number(a, call->out, "version", (int64_t)call_number(call,
	    "version", ret->version));
	out_flag(a, call->out, "has_reason", true);
	return true;
}

static bool
prepare_change(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	return prepare_row(call, &r, &row, err) &&
	    put_form_fields(call, r, &row, err);
}

static bool
run_change(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	if (!find_row(call, &r, &row, err) ||
	    !read_row_values(call, r, &row.values, err))
		return false;
	row.version = (uint32_t)call_number(call, "version", row.version);
	row.name = name_of(call, r, row.values);
	return write_row(call, r, &row, call_text(call, "reason"), err);
}

const struct action row_register_change = {
    .name = "register.change", .is_change = true,
    .path = "/registers/{register}/{row}/change", .input = change_input,
    .output = form_output, .who = WHO_SESSION, .ledger_verb = "register.put",
    .title = WORD_REGISTER_CHANGE_TITLE, .help = WORD_REGISTER_CHANGE_HELP,
    .page = "register_form", .after = "/registers/{register}/{row}",
    .prepare = prepare_change, .run = run_change,
};

/* ---- its end ---- */

static const struct field end_input[] = {
    FIELD_REGISTER, FIELD_ROW, FIELD_SEEN_VERSION, FIELD_REASON(true),
    FIELDS_END,
};

static bool
prepare_end(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	return prepare_row(call, &r, &row, err);
}

static bool
run_end(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row;
	if (!find_row(call, &r, &row, err))
		return false;
	row.version = (uint32_t)call_number(call, "version", row.version);
	const struct register_write w = {.reg = r,
	    .pack_hash = call->pack->hash, .reason = call_text(call, "reason"),
	    .now = call->now, .row = &row};
	out_id(call->arena, call->out, "row", row.id);
	return register_end(call->door, call->visitor, &w, err);
}

const struct action row_register_end = {
    .name = "register.end", .is_change = true,
    .path = "/registers/{register}/{row}/end", .input = end_input,
    .output = form_output, .who = WHO_SESSION, .ledger_verb = "register.end",
    .title = WORD_REGISTER_END_TITLE, .help = WORD_REGISTER_END_HELP,
    .page = "register_form", .after = "/registers/{register}/{row}",
    .prepare = prepare_end, .run = run_end,
};
