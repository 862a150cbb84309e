#include "regulation/layout.h"

#include "regulation/duty.h"

static const char *const eaches[] = {"body", "section", "holding",
	"my_number", "person", "appointment", "row", NULL};

static const char *const wheres[] = {"all", "has_holding", NULL};

static const char *const closeds[] = {"same", "before", "after", NULL};

static const char *const sources[] = {"text", "choice", NULL};

static const struct shape_field proof_fields[] = {
	{.key = "register", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_proof, of_register)},
	{.key = "procedure", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_proof, of_procedure)},
	{.key = "when", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_proof, when),
	    .given_at = offsetof(struct pack_proof, has_when),
	    .of = &layout_condition},
	{.key = "key", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_proof, key)},
	{.key = "date", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_proof, date)},
};

static const struct shape proof_shape = {"proof", sizeof(struct pack_proof),
    proof_fields,
    sizeof(proof_fields) / sizeof(proof_fields[0])};

#define DAYS(name)                                                             \
	{                                                                      \
		.key = #name, .type = SHAPE_NUMBER,                            \
		.at = offsetof(struct pack_duty, name), .least = 1,            \
		.most = PACK_DUTY_DAYS_MAX                                     \
	}

static const struct shape_field duty_fields[] = {
	{.key = "id", .type = SHAPE_ID, .is_required = true,
	    .at = offsetof(struct pack_duty, id)},
	{.key = "title", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_duty, title)},
	{.key = "help", .type = SHAPE_WORDS, .is_required = true,
	    .at = offsetof(struct pack_duty, help)},
	{.key = "controls", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_duty, controls),
	    .n_at = offsetof(struct pack_duty, n_controls), .least = 1,
	    .most = 20},
	{.key = "each", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_duty, each), .words = eaches},
	{.key = "where", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_duty, where), .words = wheres},
	{.key = "of", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_duty, of)},
	{.key = "when", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_duty, when),
	    .given_at = offsetof(struct pack_duty, has_when),
	    .of = &layout_condition},
	{.key = "offices", .type = SHAPE_NAMES,
	    .at = offsetof(struct pack_duty, offices),
	    .n_at = offsetof(struct pack_duty, n_offices), .least = 1,
	    .most = 20},
	{.key = "owner", .type = SHAPE_NAMES, .is_required = true,
	    .at = offsetof(struct pack_duty, owner),
	    .n_at = offsetof(struct pack_duty, n_owner), .least = 1,
	    .most = 20},
	{.key = "months", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_duty, months), .least = 1,
	    .most = 120},
	DAYS(days),
	DAYS(once),
	{.key = "date", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_duty, date)},
	{.key = "parameter", .type = SHAPE_NAME,
	    .at = offsetof(struct pack_duty, parameter)},
	{.key = "until_month", .type = SHAPE_NUMBER,
	    .at = offsetof(struct pack_duty, until_month), .least = 1,
	    .most = 12},
	{.key = "closed", .type = SHAPE_CHOICE,
	    .at = offsetof(struct pack_duty, closed), .words = closeds},
	{.key = "proof", .type = SHAPE_ENTRY,
	    .at = offsetof(struct pack_duty, proof),
	    .given_at = offsetof(struct pack_duty, has_proof),
	    .of = &proof_shape},
	{.key = "lead", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_duty, lead), .least = 1, .most = 366},
	{.key = "remind", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_duty, remind), .least = 1, .most = 366},
	{.key = "escalate", .type = SHAPE_NUMBER, .is_required = true,
	    .at = offsetof(struct pack_duty, escalate), .least = 1,
	    .most = 366},
	{.key = "source", .type = SHAPE_CHOICE, .is_required = true,
	    .at = offsetof(struct pack_duty, source), .words = sources},
	{.key = "articles", .type = SHAPE_ARTICLES,
	    .at = offsetof(struct pack_duty, articles),
	    .n_at = offsetof(struct pack_duty, n_articles), .least = 1,
	    .most = 20},
	{.key = "note", .type = SHAPE_TEXT,
	    .at = offsetof(struct pack_duty, note)},
};

const struct shape layout_duty = {"duty", sizeof(struct pack_duty),
    duty_fields,
    sizeof(duty_fields) / sizeof(duty_fields[0])};
