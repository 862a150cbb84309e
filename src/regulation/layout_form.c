#include "regulation/layout.h"

#include "regulation/form.h"

static const char *const ofs[] = {"rows", "row", "matters", "matter", NULL};

static const char *const shows[] = {"field", "number", "division", "section",
    "post", "asker", "day", "state", "blank", NULL};

_Static_assert(sizeof(shows) / sizeof(shows[0]) == PACK_SHOW_BLANK + 2,
    "each has its word");

static const struct shape_field column_fields[] = {
	{.key = "label", .type = SHAPE_WORDS,
	    .at = offsetof(struct pack_form_column, label)},
	{.key = "show", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_form_column, show), .words = shows},
	{.key = "field", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_form_column, field)},
	{.key = "width", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_form_column, width), .least = 1,
	    .most = 100},
};

static const struct shape column_shape = {"column",
    sizeof(struct pack_form_column),
    column_fields,
    sizeof(column_fields) / sizeof(column_fields[0])};

static const struct shape_field form_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_form, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_form, title)},
	{.key = "number", .type = SHAPE_WORDS,
	    .at = offsetof(struct pack_form, number)},
	{.key = "text", .type = SHAPE_WORDS,
	    .at = offsetof(struct pack_form, text)},
	{.key = "note", .type = SHAPE_WORDS,
	    .at = offsetof(struct pack_form, note)},
	{.key = "of", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_form, of), .words = ofs},
	{.key = "name", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_form, name)},
	{.key = "landscape", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, is_landscape)},
	{.key = "day", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, has_day)},
	{.key = "from", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, has_from)},
	{.key = "stamps", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, has_stamps)},
	{.key = "distinct", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, is_distinct)},
	{.key = "final", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, is_final)},
	{.key = "sorted", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_form, is_sorted)},
	{.key = "least_rows", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_form, least_rows), .least = 1,
	    .most = PACK_FORM_ROWS_MAX},
	{.key = "columns", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_form, columns),
	    .n_at = offsetof(struct pack_form, n_columns), .least = 1,
	    .most = PACK_FORM_COLUMNS_MAX, .of = &column_shape},
};

const struct shape layout_form = {"form", sizeof(struct pack_form),
    form_fields,
    sizeof(form_fields) / sizeof(form_fields[0])};
