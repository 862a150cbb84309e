/* Registers as they are changed: a new row, another version of one, its end. */
#include "pack_field.h"
#include "register.h"

static bool
read_row_values(struct call *call, const struct pack_register *r,
    const struct slice **ret, struct err *err)
{
	struct fields_asked ask = {.fields = r->fields, .n = r->n_fields,
	    .fact = r->fact.id};
	return fields_read(call, &ask, ret, err);
}

struct slice
register_row_name(struct call *call, const struct pack_register *r,
    const struct slice *values)
{
	size_t at = pack_register_field(r, r->name.id);
	return field_shown(call, &r->fields[at], values[at]);
}

static bool
put_form_fields(struct call *call, const struct pack_register *r,
    const struct register_row *there, struct err *err)
{
	struct fields_asked ask = {.fields = r->fields, .n = r->n_fields,
	    .there = there == NULL ? NULL : there->values};
	return fields_put(call, &ask, err);
}

static const struct result form_output[] = {
    {"register", OUT_TEXT}, {"register_title", OUT_TEXT}, {"about", OUT_TEXT},
    {"articles", OUT_TEXT}, {"row", OUT_ID}, {"row_name", OUT_TEXT},
    {"version", OUT_NUMBER}, {"has_reason", OUT_FLAG}, RESULTS_PACK_FIELDS,
    RESULTS_END,
};

static void
put_form_head(struct call *call, const struct pack_register *r)
{
	struct arena *a = call->arena;
	out_text(a, call->out, "register", r->id);
	out_text(a, call->out, "register_title", pack_word(call, &r->title));
	out_text(a, call->out, "about", pack_word(call, &r->help));
	out_text(a, call->out, "articles",
	    articles_of_controls(call, r->controls, r->n_controls));
}

bool
register_find_kept(struct call *call, uint64_t section,
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
	    !register_find_kept(call, ret->section, ret_register, err))
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
	fields_mistake(call, &r->fields[pack_register_field(r, r->key[0].id)],
	    WORD_MISTAKE_REGISTER_SAME, SLICE(""));
	*err = (struct err)ERR_INIT;
	return ERR(err, ERR_INPUT, "another row has the same key");
}

/* ---- a new row ---- */

static const struct field make_input[] = {
    FIELD_REGISTER, FIELD_PACK_VALUES, FIELDS_END,
};

static bool
prepare_make(struct call *call, struct err *err)
{
	const struct pack_register *r;
	if (!register_find_kept(call, call->visitor->section, &r, err))
		return false;
	put_form_head(call, r);
	return put_form_fields(call, r, NULL, err);
}

static bool
run_make(struct call *call, struct err *err)
{
	const struct pack_register *r;
	struct register_row row = {0};
	if (!register_find_kept(call, call->visitor->section, &r, err) ||
	    !read_row_values(call, r, &row.values, err))
		return false;
	row.n = r->n_fields;
	row.name = register_row_name(call, r, row.values);
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
    FIELD_REGISTER, FIELD_ROW, FIELD_SEEN_VERSION, FIELD_PACK_VALUES,
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
	row.name = register_row_name(call, r, row.values);
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
