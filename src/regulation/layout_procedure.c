#include "regulation/layout.h"

#include "regulation/procedure.h"

static const char *const kinds[] = {"ask", "decide", "do", NULL};

static const char *const wheres[] = {"section", "holding", "body", NULL};

const char *
pack_step_kind_name(enum pack_step_kind kind)
{
	return kind <= PACK_STEP_DO ? kinds[kind] : "";
}

#define CONDITIONS(name)                                                       \
	{                                                                      \
		.key = #name, .type = SHAPE_ENTRIES,                           \
		.at = offsetof(struct pack_condition, name),                   \
		.n_at = offsetof(struct pack_condition, n_##name), .least = 1, \
		.most = PACK_CONDITIONS_MAX, .of = &layout_condition           \
	}

static const struct shape_field condition_fields[] = {
	CONDITIONS(all),
	CONDITIONS(any),
	CONDITIONS(none),
	{.key = "field", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_condition, field)},
	{.key = "is", .type = SHAPE_TEXTS,
	    .at = offsetof(struct pack_condition, is),
	    .n_at = offsetof(struct pack_condition, n_is), .least = 1,
	    .most = PACK_FIELD_CHOICES_MAX},
	{.key = "at_least", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_condition, at_least),
	    .given_at = offsetof(struct pack_condition, has_at_least)},
	{.key = "at_most", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_condition, at_most),
	    .given_at = offsetof(struct pack_condition, has_at_most)},
	{.key = "set", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_condition, is_set),
	    .given_at = offsetof(struct pack_condition, has_set)},
};

const struct shape layout_condition = {"condition",
    sizeof(struct pack_condition),
    condition_fields,
    sizeof(condition_fields) / sizeof(condition_fields[0])};

static const struct shape_field check_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_check, id)},
	{.key = "label", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_check, label)},
};

static const struct shape check_shape = {"check", sizeof(struct pack_check),
    check_fields,
    sizeof(check_fields) / sizeof(check_fields[0])};

static const struct shape_field due_fields[] = {
	{.key = "days", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_due, days), .least = 1, .most = 3660},
	{.key = "open", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_due, is_open)},
};

static const struct shape due_shape = {"due", sizeof(struct pack_due),
    due_fields,
    sizeof(due_fields) / sizeof(due_fields[0])};

static const struct shape_field step_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_step, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_step, title)},
	{.key = "kind", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_step, kind), .words = kinds},
	{.key = "by", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_step, by),
	    .n_at = offsetof(struct pack_step, n_by), .least = 1, .most = 10},
	{.key = "all", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_step, needs_all)},
	{.key = "where", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_step, where), .words = wheres},
	{.key = "not_same_as", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_step, not_same_as),
	    .n_at = offsetof(struct pack_step, n_not_same_as), .least = 1,
	    .most = PACK_STEPS_MAX},
	{.key = "fields", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_step, fields),
	    .n_at = offsetof(struct pack_step, n_fields), .least = 1,
	    .most = PACK_FIELDS_MAX},
	{.key = "checklist", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack_step, checklist),
	    .n_at = offsetof(struct pack_step, n_checklist), .least = 1,
	    .most = PACK_CHECKS_MAX, .of = &check_shape},
	{.key = "when", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_step, when),
	    .given_at = offsetof(struct pack_step, has_when),
	    .of = &layout_condition},
	{.key = "due", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_step, due),
	    .given_at = offsetof(struct pack_step, has_due),
	    .of = &due_shape},
	{.key = "effects", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack_step, effects),
	    .n_at = offsetof(struct pack_step, n_effects), .least = 1,
	    .most = PACK_EFFECTS_MAX, .of = &layout_effect},
	{.key = "articles", .type = SHAPE_ARTICLES,
	    .at = offsetof(struct pack_step, articles),
	    .n_at = offsetof(struct pack_step, n_articles), .least = 1,
	    .most = 20},
};

static const struct shape step_shape = {"step", sizeof(struct pack_step),
    step_fields,
    sizeof(step_fields) / sizeof(step_fields[0])};

static const struct shape_field procedure_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_procedure, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_procedure, title)},
	{.key = "help", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_procedure, help)},
	{.key = "controls", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_procedure, controls),
	    .n_at = offsetof(struct pack_procedure, n_controls), .least = 1,
	    .most = 20},
	{.key = "begun_by", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_procedure, begun_by),
	    .n_at = offsetof(struct pack_procedure, n_begun_by), .least = 1,
	    .most = 20},
	{.key = "name", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_procedure, name)},
	{.key = "holding", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_procedure, holding)},
	{.key = "fields", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_procedure, fields),
	    .n_at = offsetof(struct pack_procedure, n_fields), .least = 1,
	    .most = PACK_FIELDS_MAX, .of = &layout_field},
	{.key = "steps", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_procedure, steps),
	    .n_at = offsetof(struct pack_procedure, n_steps), .least = 2,
	    .most = PACK_STEPS_MAX, .of = &step_shape},
};

const struct shape layout_procedure = {"procedure",
    sizeof(struct pack_procedure),
    procedure_fields,
    sizeof(procedure_fields) / sizeof(procedure_fields[0])};
