#include "regulation/layout.h"

#include "regulation/duty.h"
#include "regulation/pack.h"
#include "regulation/form.h"
#include "regulation/procedure.h"

static const char *const styles[] = {"article", "item", NULL};

static const char *const roles[] = {"municipality", "contractor", NULL};

static const char *const kinds[] = {"law", "base", "body", NULL};

static const char *const filleds[] = {"post", "named", NULL};

static const char *const scopes[] = {"body", "division", "section", "organ",
	NULL};

static const char *const wheres[] = {"all", "has_holding", NULL};

static const char *const rights[] = {"grant", "holding", "oversee", "appoint",
	"account", "permit", "audit", "operate", "board", "emergency", NULL};

static const char *const forces[] = {"must-not", "must", "may", "effort",
	"defines", NULL};

static const char *const units[] = {"records", "days", "minutes", "hours",
	"months", "years", "count", "percent", NULL};

static const char *const sources[] = {"text", "choice", NULL};

static const char *const control_kinds[] = {"enforce", "watch", "procedure",
	"register", "duty", "document", NULL};

static const char *const item_types[] = {"name", "kana", "date", "address",
	"number", "text", "phone", "my_number", "choice", "file", NULL};

static const char *const searches[] = {"none", "exact", "prefix", NULL};

static const char *const node_units[] = {"division", "section", "team",
	"office", "facility", NULL};

_Static_assert(sizeof(rights) / sizeof(rights[0]) == PACK_RIGHTS_END + 1,
    "each right has its word");

const char *
pack_right_name(enum pack_right right)
{
	return right < PACK_RIGHTS_END ? rights[right] : "";
}

const char *
pack_force_name(enum pack_force force)
{
	return force <= PACK_FORCE_DEFINES ? forces[force] : "";
}

static const struct shape_field numbering_fields[] = {
	{.key = "style", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_numbering, style), .words = styles},
	{.key = "label", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_numbering, label)},
};

static const struct shape numbering_shape = {"numbering",
    sizeof(struct pack_numbering),
    numbering_fields,
    sizeof(numbering_fields) / sizeof(numbering_fields[0])};

static const struct shape_field chapter_fields[] = {
	{.key = "id", .type = SHAPE_REF, .is_required = true,
	    .at = offsetof(struct pack_chapter, id)},
	{.key = "title", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_chapter, title)},
	{.key = "label", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_chapter, label)},
	{.key = "numbering", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_chapter, numbering),
	    .given_at = offsetof(struct pack_chapter, has_numbering),
	    .of = &numbering_shape},
};

static const struct shape chapter_shape = {"chapter",
    sizeof(struct pack_chapter),
    chapter_fields,
    sizeof(chapter_fields) / sizeof(chapter_fields[0])};

static const struct shape_field force_date_fields[] = {
	{.key = "from", .type = SHAPE_DATE, .is_required = true,
	    .at = offsetof(struct pack_force_date, from)},
	{.key = "note", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack_force_date, note)},
};

static const struct shape force_date_shape = {"in_force",
    sizeof(struct pack_force_date),
    force_date_fields,
    sizeof(force_date_fields) / sizeof(force_date_fields[0])};

static const struct shape_field municipality_fields[] = {
	{.key = "code", .type = SHAPE_CODE, .is_required = true,
	    .at = offsetof(struct pack_municipality, code)},
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_municipality, name)},
	{.key = "kana", .type = SHAPE_KATAKANA, .is_required = true,
	    .at = offsetof(struct pack_municipality, kana)},
	{.key = "head", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_municipality, head)},
	{.key = "role", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_municipality, role), .words = roles},
};

static const struct shape municipality_shape = {"municipality",
    sizeof(struct pack_municipality),
    municipality_fields,
    sizeof(municipality_fields) / sizeof(municipality_fields[0])};

static const struct shape_field body_fields[] = {
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_body, name)},
	{.key = "kana", .type = SHAPE_KATAKANA, .is_required = true,
	    .at = offsetof(struct pack_body, kana)},
	{.key = "head", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_body, head)},
};

static const struct shape body_shape = {"body", sizeof(struct pack_body),
    body_fields,
    sizeof(body_fields) / sizeof(body_fields[0])};

static const struct shape_field manifest_fields[] = {
	{.key = "pack", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack, id)},
	{.key = "kind", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack, kind), .words = kinds},
	{.key = "extends", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack, extends),
	    .n_at = offsetof(struct pack, n_extends), .most = PACK_EXTENDS_MAX},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack, title)},
	{.key = "instrument", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack, instrument)},
	{.key = "municipality", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack, municipality),
	    .of = &municipality_shape},
	{.key = "body", .type = SHAPE_ENTRY, .at = offsetof(struct pack, body),
	    .of = &body_shape},
	{.key = "in_force", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack, in_force),
	    .n_at = offsetof(struct pack, n_in_force), .most = 100,
	    .of = &force_date_shape},
	{.key = "numbering", .type = SHAPE_ENTRY, .is_required = true,
	    .at = offsetof(struct pack, numbering), .of = &numbering_shape},
	{.key = "chapters", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack, chapters),
	    .n_at = offsetof(struct pack, n_chapters), .most = 100,
	    .of = &chapter_shape},
	{.key = "files", .type = SHAPE_FILES, .is_required = true,
	    .at = offsetof(struct pack, files),
	    .n_at = offsetof(struct pack, n_files), .least = 1,
	    .most = PACK_FILES_MAX - 1},
};

const struct shape layout_manifest = {"manifest", 0,
    manifest_fields,
    sizeof(manifest_fields) / sizeof(manifest_fields[0])};

static const struct shape_field number_fields[] = {
	{.key = "min", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_number, min), .most = 1000},
	{.key = "max", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_number, max),
	    .given_at = offsetof(struct pack_number, has_max), .least = 1,
	    .most = 1000},
};

static const struct shape number_shape = {"number", sizeof(struct pack_number),
    number_fields,
    sizeof(number_fields) / sizeof(number_fields[0])};

static const struct shape_field office_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_office, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_office, title)},
	{.key = "filled", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_office, filled), .words = filleds},
	{.key = "posts", .type = SHAPE_TEXTS,
	    .at = offsetof(struct pack_office, posts),
	    .n_at = offsetof(struct pack_office, n_posts), .least = 1,
	    .most = 100},
	{.key = "named_by", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_office, named_by)},
	{.key = "scope", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_office, scope), .words = scopes},
	{.key = "where", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_office, where), .words = wheres},
	{.key = "number", .type = SHAPE_ENTRY, .is_required = true,
	    .at = offsetof(struct pack_office, number), .of = &number_shape},
	{.key = "compulsory", .type = SHAPE_FLAG, .is_required = true,
	    .at = offsetof(struct pack_office, is_compulsory)},
	{.key = "deputies", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_office, deputies),
	    .n_at = offsetof(struct pack_office, n_deputies), .most = 100},
	{.key = "may_hold_also", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_office, may_hold_also),
	    .n_at = offsetof(struct pack_office, n_may_hold_also), .most = 100},
	{.key = "rights", .type = SHAPE_BITS, .is_required = true,
	    .at = offsetof(struct pack_office, rights), .most = PACK_RIGHTS_END,
	    .words = rights},
	{.key = "articles", .type = SHAPE_ARTICLES, .is_required = true,
	    .at = offsetof(struct pack_office, articles),
	    .n_at = offsetof(struct pack_office, n_articles), .least = 1,
	    .most = 100},
	{.key = "note", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack_office, note)},
};

static const struct shape office_shape = {"office", sizeof(struct pack_office),
    office_fields,
    sizeof(office_fields) / sizeof(office_fields[0])};

static const struct shape_field provision_fields[] = {
	{.key = "ref", .type = SHAPE_REF, .is_required = true,
	    .at = offsetof(struct pack_provision, id)},
	{.key = "chapter", .type = SHAPE_TEXT_NAME, .is_required = true,
	    .at = offsetof(struct pack_provision, chapter_id)},
	{.key = "caption", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_provision, caption)},
	{.key = "actor", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_provision, actor)},
	{.key = "office", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_provision, office)},
	{.key = "offices", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_provision, offices),
	    .n_at = offsetof(struct pack_provision, n_offices), .least = 1,
	    .most = 20},
	{.key = "force", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_provision, force), .words = forces},
	{.key = "controls", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_provision, controls),
	    .n_at = offsetof(struct pack_provision, n_controls), .most = 20},
	{.key = "summary", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_provision, summary)},
};

static const struct shape provision_shape = {"provision",
    sizeof(struct pack_provision),
    provision_fields,
    sizeof(provision_fields) / sizeof(provision_fields[0])};

static const struct shape_field decisions_fields[] = {
	{.key = "no_grant", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_NO_GRANT * sizeof(struct pack_article)},
	{.key = "beyond_grant", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_BEYOND_GRANT * sizeof(struct pack_article)},
	{.key = "purpose", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_PURPOSE * sizeof(struct pack_article)},
	{.key = "second_factor", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_SECOND_FACTOR * sizeof(struct pack_article)},
	{.key = "terminal", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_TERMINAL * sizeof(struct pack_article)},
	{.key = "bulk", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_BULK * sizeof(struct pack_article)},
	{.key = "secret", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_SECRET * sizeof(struct pack_article)},
	{.key = "erased", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_ERASED * sizeof(struct pack_article)},
	{.key = "operator", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_OPERATOR * sizeof(struct pack_article)},
	{.key = "my_number", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_MY_NUMBER * sizeof(struct pack_article)},
	{.key = "audit_self", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_AUDIT_SELF * sizeof(struct pack_article)},
	{.key = "instruction", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_INSTRUCTION * sizeof(struct pack_article)},
	{.key = "disposal", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_DISPOSAL * sizeof(struct pack_article)},
	{.key = "hold", .type = SHAPE_ARTICLE,
	    .at = PACK_DECISION_HOLD * sizeof(struct pack_article)},
};

static const struct shape decisions_shape = {"decisions", 0,
    decisions_fields,
    sizeof(decisions_fields) / sizeof(decisions_fields[0])};

_Static_assert(sizeof(decisions_fields) / sizeof(decisions_fields[0]) ==
    PACK_DECISIONS_END, "each decision has its key");

const char *
pack_decision_name(enum pack_decision key)
{
	return key < PACK_DECISIONS_END ? decisions_fields[key].key : "";
}

static const struct shape_field parameter_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_parameter, id)},
	{.key = "value", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_parameter, value)},
	{.key = "unit", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_parameter, unit), .words = units},
	{.key = "source", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_parameter, source), .words = sources},
	{.key = "articles", .type = SHAPE_ARTICLES, .is_required = true,
	    .at = offsetof(struct pack_parameter, articles),
	    .n_at = offsetof(struct pack_parameter, n_articles), .least = 1,
	    .most = 100},
	{.key = "note", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack_parameter, note)},
};

static const struct shape parameter_shape = {"parameter",
    sizeof(struct pack_parameter),
    parameter_fields,
    sizeof(parameter_fields) / sizeof(parameter_fields[0])};

static const struct shape_field sensitivity_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_sensitivity, id)},
	{.key = "label", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_sensitivity, label)},
	{.key = "rank", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_sensitivity, rank), .least = 1,
	    .most = 4},
	{.key = "second_factor", .type = SHAPE_FLAG, .is_required = true,
	    .at = offsetof(struct pack_sensitivity, needs_second_factor)},
	{.key = "articles", .type = SHAPE_ARTICLES, .is_required = true,
	    .at = offsetof(struct pack_sensitivity, articles),
	    .n_at = offsetof(struct pack_sensitivity, n_articles), .least = 1,
	    .most = 100},
};

static const struct shape sensitivity_shape = {"sensitivity",
    sizeof(struct pack_sensitivity),
    sensitivity_fields,
    sizeof(sensitivity_fields) / sizeof(sensitivity_fields[0])};

static const struct shape_field purpose_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_purpose, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_purpose, title)},
	{.key = "basis", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_purpose, basis)},
};

static const struct shape purpose_shape = {"purpose",
    sizeof(struct pack_purpose),
    purpose_fields,
    sizeof(purpose_fields) / sizeof(purpose_fields[0])};

static const struct shape_field ground_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_ground, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_ground, title)},
	{.key = "articles", .type = SHAPE_ARTICLES, .is_required = true,
	    .at = offsetof(struct pack_ground, articles),
	    .n_at = offsetof(struct pack_ground, n_articles), .least = 1,
	    .most = 20},
	{.key = "my_number", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_ground, is_my_number)},
};

static const struct shape ground_shape = {"ground",
    sizeof(struct pack_ground),
    ground_fields,
    sizeof(ground_fields) / sizeof(ground_fields[0])};

static const struct shape_field closed_day_fields[] = {
	{.key = "on", .type = SHAPE_DATE,
	    .at = offsetof(struct pack_closed_day, on),
	    .given_at = offsetof(struct pack_closed_day, has_on)},
	{.key = "every", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_closed_day, every),
	    .given_at = offsetof(struct pack_closed_day, has_every),
	    .least = 101, .most = 1231},
	{.key = "note", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_closed_day, note)},
};

static const struct shape closed_day_shape = {"closed_day",
    sizeof(struct pack_closed_day),
    closed_day_fields,
    sizeof(closed_day_fields) / sizeof(closed_day_fields[0])};

static const struct shape_field control_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_control, id)},
	{.key = "name", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_control, name)},
	{.key = "kinds", .type = SHAPE_BITS, .is_required = true,
	    .at = offsetof(struct pack_control, kinds), .least = 1, .most = 6,
	    .words = control_kinds},
	{.key = "chapter", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_control, chapter), .least = 1,
	    .most = 20},
	{.key = "answered_by", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_control, answered_by),
	    .n_at = offsetof(struct pack_control, n_answered_by), .most = 50},
};

static const struct shape control_shape = {"control",
    sizeof(struct pack_control),
    control_fields,
    sizeof(control_fields) / sizeof(control_fields[0])};

static const struct shape_field item_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_item, id)},
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_item, name)},
	{.key = "type", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_item, type), .words = item_types},
	{.key = "search", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_item, search), .words = searches},
	{.key = "choices", .type = SHAPE_TEXTS,
	    .at = offsetof(struct pack_item, choices),
	    .n_at = offsetof(struct pack_item, n_choices), .least = 2,
	    .most = 200},
	{.key = "special_care", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_item, is_special_care)},
};

static const struct shape item_shape = {"item", sizeof(struct pack_item),
    item_fields,
    sizeof(item_fields) / sizeof(item_fields[0])};

static const struct shape_field holding_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_holding, id)},
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_holding, name)},
	{.key = "section", .type = SHAPE_TEXT_NAME, .is_required = true,
	    .at = offsetof(struct pack_holding, section)},
	{.key = "sensitivity", .type = SHAPE_NAME, .is_required = true,
	    .at = offsetof(struct pack_holding, sensitivity)},
	{.key = "basis", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_holding, basis)},
	{.key = "purposes", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_holding, purposes),
	    .n_at = offsetof(struct pack_holding, n_purposes), .least = 1,
	    .most = 100},
	{.key = "retention_years", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_holding, retention_years), .least = 1,
	    .most = 1000},
	{.key = "my_number", .type = SHAPE_FLAG, .is_required = true,
	    .at = offsetof(struct pack_holding, is_my_number)},
	{.key = "items", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_holding, items),
	    .n_at = offsetof(struct pack_holding, n_items), .least = 1,
	    .most = 200, .of = &item_shape},
};

static const struct shape holding_shape = {"holding",
    sizeof(struct pack_holding),
    holding_fields,
    sizeof(holding_fields) / sizeof(holding_fields[0])};

static const struct shape node_shape; /* nodes hold nodes */

static const struct shape_field node_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_node, id)},
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_node, name)},
	{.key = "unit", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_node, unit), .words = node_units},
	{.key = "counts", .type = SHAPE_FLAG,
	    .at = offsetof(struct pack_node, counts),
	    .given_at = offsetof(struct pack_node, has_counts)},
	{.key = "sections", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack_node, sections),
	    .n_at = offsetof(struct pack_node, n_sections), .most = 500,
	    .of = &node_shape},
};

static const struct shape node_shape = {"section", sizeof(struct pack_node),
    node_fields,
    sizeof(node_fields) / sizeof(node_fields[0])};

static const struct shape_field outside_fields[] = {
	{.key = "ordinance", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_outside, ordinance)},
};

static const struct shape outside_shape = {"outside",
    sizeof(struct pack_outside),
    outside_fields,
    sizeof(outside_fields) / sizeof(outside_fields[0])};

static const struct shape_field organ_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_organ, id)},
	{.key = "name", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_organ, name)},
	{.key = "head", .type = SHAPE_TEXT, .is_required = true,
	    .at = offsetof(struct pack_organ, head)},
	{.key = "adopted", .type = SHAPE_DATE,
	    .at = offsetof(struct pack_organ, adopted),
	    .given_at = offsetof(struct pack_organ, has_adopted)},
	{.key = "outside", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_organ, outside),
	    .given_at = offsetof(struct pack_organ, is_outside),
	    .of = &outside_shape},
	{.key = "posts", .type = SHAPE_TEXTS,
	    .at = offsetof(struct pack_organ, posts),
	    .n_at = offsetof(struct pack_organ, n_posts), .least = 1,
	    .most = 100},
	{.key = "sections", .type = SHAPE_ENTRIES, .is_required = true,
	    .at = offsetof(struct pack_organ, sections),
	    .n_at = offsetof(struct pack_organ, n_sections), .most = 500,
	    .of = &node_shape},
};

static const struct shape organ_shape = {"organ", sizeof(struct pack_organ),
    organ_fields,
    sizeof(organ_fields) / sizeof(organ_fields[0])};

static const struct shape_field file_fields[] = {
	{.key = "offices", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, offices),
	    .n_at = offsetof(struct pack, n_offices), .most = PACK_OFFICES_MAX,
	    .of = &office_shape},
	{.key = "provisions", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, provisions),
	    .n_at = offsetof(struct pack, n_provisions),
	    .most = PACK_PROVISIONS_MAX, .of = &provision_shape},
	{.key = "decisions", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack, decisions), .of = &decisions_shape},
	{.key = "parameters", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, parameters),
	    .n_at = offsetof(struct pack, n_parameters), .most = 200,
	    .of = &parameter_shape},
	{.key = "sensitivity", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, sensitivity),
	    .n_at = offsetof(struct pack, n_sensitivity), .most = 4,
	    .of = &sensitivity_shape},
	{.key = "purposes", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, purposes),
	    .n_at = offsetof(struct pack, n_purposes), .most = 1000,
	    .of = &purpose_shape},
	{.key = "grounds", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, grounds),
	    .n_at = offsetof(struct pack, n_grounds), .most = 100,
	    .of = &ground_shape},
	{.key = "closed_days", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, closed_days),
	    .n_at = offsetof(struct pack, n_closed_days),
	    .most = CALENDAR_EXTRA_MAX, .of = &closed_day_shape},
	{.key = "controls", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, controls),
	    .n_at = offsetof(struct pack, n_controls), .most = 500,
	    .of = &control_shape},
	{.key = "holdings", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, holdings),
	    .n_at = offsetof(struct pack, n_holdings), .most = 500,
	    .of = &holding_shape},
	{.key = "organs", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, organs),
	    .n_at = offsetof(struct pack, n_organs), .most = 100,
	    .of = &organ_shape},
	{.key = "registers", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, registers),
	    .n_at = offsetof(struct pack, n_registers),
	    .most = PACK_REGISTERS_MAX, .of = &layout_register},
	{.key = "procedures", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, procedures),
	    .n_at = offsetof(struct pack, n_procedures),
	    .most = PACK_PROCEDURES_MAX, .of = &layout_procedure},
	{.key = "duties", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, duties),
	    .n_at = offsetof(struct pack, n_duties),
	    .most = PACK_DUTIES_MAX, .of = &layout_duty},
	{.key = "chain", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack, chain),
	    .n_at = offsetof(struct pack, n_chain), .least = 1,
	    .most = PACK_CHAIN_MAX},
	{.key = "forms", .type = SHAPE_ENTRIES,
	    .at = offsetof(struct pack, forms),
	    .n_at = offsetof(struct pack, n_forms),
	    .most = PACK_FORMS_MAX, .of = &layout_form},
	{.key = "handlers", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack, handlers),
	    .n_at = offsetof(struct pack, n_handlers), .least = 1, .most = 20},
};

const struct shape layout_file = {"file", 0,
    file_fields,
    sizeof(file_fields) / sizeof(file_fields[0])};
