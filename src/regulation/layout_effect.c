#include "regulation/effect.h"

#include "base/must.h"
#include "regulation/layout.h"

static const char *const kinds[] = {"grant.make", "grant.end", "row.add",
    "row.change", "row.end", "matter.open", "instruct.correct",
    "instruct.erase", NULL};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == PACK_EFFECT_KINDS + 1,
    "each effect has its word");

static const char *const owns[] = {"number", "today", "asker", "actor",
    "section", NULL};

_Static_assert(sizeof(owns) / sizeof(owns[0]) == PACK_OWN_END + 1,
    "each has its word");

static const struct pack_effect_target of_grant[] = {
    {"holding", PACK_FIELD_HOLDING, true},
    {"person", PACK_FIELD_PERSON, true}, {"acts", PACK_FIELD_ACTS, true},
    {"items", PACK_FIELD_ITEMS, false}, {"from", PACK_FIELD_DATE, false},
    {"until", PACK_FIELD_DATE, true}, {NULL, PACK_FIELD_TYPES, false}};

static const struct pack_effect_target of_instruction[] = {
    {"holding", PACK_FIELD_HOLDING, true},
    {"record", PACK_FIELD_RECORD, false},
    {"person", PACK_FIELD_PERSON, false}, {NULL, PACK_FIELD_TYPES, false}};

static const struct pack_effect_target of_nothing[] = {
    {NULL, PACK_FIELD_TYPES, false}};

const char *
pack_effect_name(enum pack_effect_kind kind)
{
	must((unsigned)kind < PACK_EFFECT_KINDS);
	return kinds[kind];
}

bool
pack_effect_is_final(enum pack_effect_kind kind)
{
	return kind != PACK_EFFECT_INSTRUCT_CORRECT &&
	    kind != PACK_EFFECT_INSTRUCT_ERASE;
}

const struct pack_effect_set *
pack_effect_set(const struct pack_effect *e, struct slice to)
{
	for (size_t i = 0; i < e->n_sets; i++)
		if (slice_is_equal(e->sets[i].to.id, to))
			return &e->sets[i];
	return NULL;
}

const struct pack_effect_target *
pack_effect_targets(enum pack_effect_kind kind)
{
	switch (kind) {
	case PACK_EFFECT_GRANT_MAKE:
		return of_grant;
	case PACK_EFFECT_INSTRUCT_CORRECT:
	case PACK_EFFECT_INSTRUCT_ERASE:
		return of_instruction;
	case PACK_EFFECT_GRANT_END:
	case PACK_EFFECT_ROW_END:
		return of_nothing;
	case PACK_EFFECT_ROW_ADD:
	case PACK_EFFECT_ROW_CHANGE:
	case PACK_EFFECT_MATTER_OPEN:
	case PACK_EFFECT_KINDS:
		break;
	}
	return NULL;
}

static const struct shape_field set_fields[] = {
	{.key = "to", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_effect_set, to)},
	{.key = "from", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_effect_set, from)},
	{.key = "is", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack_effect_set, is)},
	{.key = "own", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_effect_set, own),
	    .given_at = offsetof(struct pack_effect_set, has_own),
	    .words = owns},
};

static const struct shape set_shape = {"value",
    sizeof(struct pack_effect_set),
    set_fields,
    sizeof(set_fields) / sizeof(set_fields[0])};

static const struct shape_field effect_fields[] = {
	{.key = "do", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_effect, kind), .words = kinds},
	{.key = "of", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_effect, of)},
	{.key = "row", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_effect, row)},
	{.key = "set", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack_effect, sets),
	    .n_at = offsetof(struct pack_effect, n_sets), .least = 1,
	    .most = PACK_EFFECT_SETS_MAX, .of = &set_shape},
};

const struct shape layout_effect = {"effect", sizeof(struct pack_effect),
    effect_fields,
    sizeof(effect_fields) / sizeof(effect_fields[0])};
