#include "regulation/layout.h"

#include "regulation/register.h"

static const char *const types[] = {"text", "prose", "kana", "number", "money",
    "date", "choice", "flag", "person", "section", "holding", "terminal",
    "row", "office", "record", "acts", "items", "provision", NULL};

static const char *const scopes[] = {"body", "section", NULL};

_Static_assert(sizeof(types) / sizeof(types[0]) == PACK_FIELD_TYPES + 1,
    "each type has its word");

const char *
pack_field_type_name(enum pack_field_type type)
{
	return type < PACK_FIELD_TYPES ? types[type] : "";
}

static const struct shape_field choice_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_field_choice, id)},
	{.key = "label", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_field_choice, label)},
};

static const struct shape choice_shape = {"choice",
    sizeof(struct pack_field_choice),
    choice_fields,
    sizeof(choice_fields) / sizeof(choice_fields[0])};

static const struct shape_field field_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_field, id)},
	{.key = "label", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_field, label)},
	{.key = "hint", .type = SHAPE_WORDS,
	    .at = offsetof(struct pack_field, hint)},
	{.key = "type", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_field, type), .words = types},
	{.key = "required", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_field, is_required)},
	{.key = "max", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_field, max), .least = 1},
	{.key = "choices", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack_field, choices),
	    .n_at = offsetof(struct pack_field, n_choices), .least = 2,
	    .most = PACK_FIELD_CHOICES_MAX, .of = &choice_shape},
	{.key = "of", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_field, of)},
};

const struct shape layout_field = {"field", sizeof(struct pack_field),
    field_fields,
    sizeof(field_fields) / sizeof(field_fields[0])};

static const struct shape_field hold_fields[] = {
	{.key = "holding", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_hold, holding)},
	{.key = "record", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_hold, record)},
};

static const struct shape hold_shape = {"hold", sizeof(struct pack_hold),
    hold_fields,
    sizeof(hold_fields) / sizeof(hold_fields[0])};

static const struct shape_field register_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_register, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_register, title)},
	{.key = "help", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_register, help)},
	{.key = "scope", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_register, scope), .words = scopes},
	{.key = "controls", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_register, controls),
	    .n_at = offsetof(struct pack_register, n_controls), .least = 1,
	    .most = 20},
	{.key = "kept_by", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_register, kept_by),
	    .n_at = offsetof(struct pack_register, n_kept_by), .least = 1,
	    .most = 20},
	{.key = "read_by", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_register, read_by),
	    .n_at = offsetof(struct pack_register, n_read_by), .least = 1,
	    .most = 20},
	{.key = "open", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_register, is_open)},
	{.key = "key", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_register, key),
	    .n_at = offsetof(struct pack_register, n_key), .least = 1,
	    .most = PACK_KEY_FIELDS_MAX},
	{.key = "name", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_register, name)},
	{.key = "sort", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_register, sort)},
	{.key = "fact", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_register, fact)},
	{.key = "hold", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_register, hold),
	    .given_at = offsetof(struct pack_register, has_hold),
	    .of = &hold_shape},
	{.key = "fields", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_register, fields),
	    .n_at = offsetof(struct pack_register, n_fields), .least = 1,
	    .most = PACK_FIELDS_MAX, .of = &layout_field},
};

const struct shape layout_register = {"register", sizeof(struct pack_register),
    register_fields,
    sizeof(register_fields) / sizeof(register_fields[0])};
