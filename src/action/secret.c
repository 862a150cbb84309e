/* 秘匿 records: put out with another's confirmation, renewed, listed. */
#include "rows.h"

static const char *const output_choices[] = {"print", "copy", "send", "post",
    "carry", "provide", NULL};

#define FIELD_OUTPUT_ACT                                                       \
	{                                                                      \
		.name = "act", .type = FIELD_CHOICE, .max = 16,                \
		.required = true, .label = WORD_FIELD_ACT,                     \
		.choices = output_choices                                      \
	}

#define FIELD_CASE_REQUIRED                                                    \
	{                                                                      \
		.name = "case", .type = FIELD_CASE,                            \
		.max = MESSAGE_CASE_MAX_BYTES, .required = true,               \
		.label = WORD_FIELD_CASE                                       \
	}

/* A choice has been bound, so it is one of the acts. */
static enum act
act_of(const struct call *call)
{
	enum act act;
	return act_read(call_text(call, "act"), &act) ? act : ACT_PRINT;
}

/* ---- putting out ---- */

static const struct field output_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    FIELD_OUTPUT_ACT, FIELDS_END,
};

static const struct result output_output[] = {
    RESULTS_OF_RECORD, {"name", OUT_TEXT}, {"act", OUT_TEXT},
    {"by", OUT_TEXT}, {"at", OUT_TIME}, {"record_id", OUT_ID},
    {"holding_id", OUT_ID},
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, {"releases", OUT_LIST},
    {"releases.act", OUT_TEXT}, {"releases.waiting", OUT_FLAG},
    {"releases.until", OUT_TIME}, RESULTS_END,
};

/* What the visitor asked to have confirmed for this record. */
static bool
put_releases(struct call *call, uint64_t holding, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_release *rows;
	size_t n;
	if (!door_releases(call->door, call->visitor, holding,
	    call_id(call, "record"), &rows, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "releases");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		out_text(a, o, "act", keyed_word(call, "act",
		    slice_of(act_name(rows[i].act))));
		out_flag(a, o, "waiting", rows[i].is_pending);
		out_time(a, o, "until", rows[i].until);
	}
	return true;
}

static bool
prepare_output(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_holding_form(call, &h, err))
		return false;
	out_text(call->arena, call->out, "name", h.name);
	out_id(call->arena, call->out, "holding_id", h.id);
	out_id(call->arena, call->out, "record_id", call_id(call, "record"));
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	return put_releases(call, h.id, err);
}

static bool
run_output(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct visitor *v = call->visitor;
	struct door_holding h;
	struct shown_record r = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_view ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .act = act_of(call)};
	if (!door_view(call->door, call->visitor, &ask, &r, &refusal, err))
		return pass_refusal(call, err, &refusal);
	put_record(call, &h, &r);
	out_text(a, call->out, "act", keyed_word(call, "act",
	    slice_of(act_name(ask.act))));
	out_text(a, call->out, "by", arena_printf(a, "%.*s　%.*s",
	    SLICE_FMT(v->post), SLICE_FMT(v->person_name)));
	out_time(a, call->out, "at", call->now);
	call->shows_result = true;
	return true;
}

const struct action row_record_output = {
    .name = "record.output", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/output",
    .input = output_input, .output = output_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.open",
    .title = WORD_RECORD_OUTPUT_TITLE, .help = WORD_RECORD_OUTPUT_HELP,
    .page = "output", .prepare = prepare_output, .run = run_output,
};

static const struct field release_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REQUIRED,
    FIELD_OUTPUT_ACT,
    {.name = "reason", .type = FIELD_PROSE, .max = 1000, .required = true,
        .label = WORD_FIELD_RELEASE_REASON},
    FIELDS_END,
};

static const struct result release_output[] = {
    {"id", OUT_ID}, {"pending", OUT_FLAG},
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, RESULTS_END,
};

/* Only a record that is not 秘匿 gives a conflict here. */
static bool
pass_not_secret(struct call *call, struct err *err,
    const struct decision *refusal)
{
	return err->code == ERR_CONFLICT
	    ? call_fail(call, err, ERR_CONFLICT, WORD_ERROR_NOT_SECRET)
	    : pass_refusal(call, err, refusal);
}

static bool
run_release(struct call *call, struct err *err)
{
	struct put put = {0};
	struct door_holding h;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_release ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .act = act_of(call),
	    .reason = call_text(call, "reason")};
	if (!door_put_release(call->door, call->visitor, &ask, &put, &refusal,
	    err))
		return pass_not_secret(call, err, &refusal);
	out_id(call->arena, call->out, "id", put.id);
	out_flag(call->arena, call->out, "pending", put.is_pending);
	call->go = arena_printf(call->arena, "/holdings/%016llx/records/"
	    "%016llx/output?purpose=%.*s&case=%.*s&act=%s",
	    (unsigned long long)h.id, (unsigned long long)ask.record,
	    SLICE_FMT(call_text(call, "purpose")),
	    SLICE_FMT(call_text(call, "case")), act_name(ask.act));
	return true;
}

const struct action row_record_release = {
    .name = "record.release", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/release",
    .input = release_input, .output = release_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "authority.release",
    .title = WORD_RECORD_RELEASE_TITLE, .help = WORD_RECORD_RELEASE_HELP,
    .page = "form", .after = "/holdings/{holding}/records/{record}/output",
    .prepare = prepare_purposes, .run = run_release,
};

/* ---- renewal ---- */

static const struct field renew_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "until", .type = FIELD_DATE, .required = true,
        .label = WORD_FIELD_SECRET_UNTIL},
    {.name = "reason", .type = FIELD_PROSE, .max = 1000, .required = true,
        .label = WORD_FIELD_RENEW_REASON},
    FIELDS_END,
};

static bool
run_renew(struct call *call, struct err *err)
{
	struct put put;
	struct door_holding h;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_renewal ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"),
	    .until = day_end(call_number(call, "until", 0)),
	    .reason = call_text(call, "reason")};
	if (ask.until <= call->now)
		return call_mistake(call, err, "until",
		    WORD_MISTAKE_ENDS_BEFORE);
	return door_renew_secret(call->door, call->visitor, &ask, &put,
	    &refusal, err) || pass_not_secret(call, err, &refusal);
}

const struct action row_record_renew = {
    .name = "record.renew", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/renew",
    .input = renew_input, .output = purposes_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "authority.secret",
    .title = WORD_RECORD_RENEW_TITLE, .help = WORD_RECORD_RENEW_HELP,
    .page = "form", .after = "/secrets", .prepare = prepare_purposes,
    .run = run_renew,
};

/* ---- what is due ---- */

static const struct field list_input[] = {
    {.name = "at", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_AFTER},
    {.name = "holding", .type = FIELD_ID, .label = WORD_FIELD_HOLDING},
    {.name = "after", .type = FIELD_ID, .label = WORD_FIELD_AFTER},
    FIELDS_END,
};

static const struct result list_output[] = {
    {"secrets", OUT_LIST}, {"secrets.holding", OUT_ID},
    {"secrets.holding_name", OUT_TEXT}, {"secrets.record", OUT_ID},
    {"secrets.renew_by", OUT_UNTIL}, {"secrets.until", OUT_UNTIL},
    {"secrets.overdue", OUT_FLAG}, {"secrets.ended", OUT_FLAG},
    {"secrets.may_renew", OUT_FLAG}, {"next_at", OUT_NUMBER},
    {"next_holding", OUT_ID}, {"next", OUT_ID}, RESULTS_END,
};

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_renewal *rows;
	const struct shown_renewal after = {
	    .renew_by = (instant)call_number(call, "at", 0),
	    .holding = call_id(call, "holding"),
	    .record = call_id(call, "after")};
	size_t n;
	if (!door_renewals(call->door, call->visitor,
	    call->now + NEAR_DAYS * DAY_US, call_has(call, "at") ? &after
	    : NULL, &rows, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "secrets");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		out_id(a, o, "holding", rows[i].holding);
		out_text(a, o, "holding_name",
		    holding_name(call, rows[i].holding));
		out_id(a, o, "record", rows[i].record);
		out_until(a, o, "renew_by", rows[i].renew_by);
		out_until(a, o, "until", rows[i].until);
		out_flag(a, o, "overdue", rows[i].is_overdue);
		out_flag(a, o, "ended", rows[i].until <= call->now);
		out_flag(a, o, "may_renew", rows[i].may_renew);
	}
	if (n == DOOR_PAGE_MAX) {
		out_number(a, call->out, "next_at", rows[n - 1].renew_by);
		out_id(a, call->out, "next_holding", rows[n - 1].holding);
		out_id(a, call->out, "next", rows[n - 1].record);
	}
	return true;
}

const struct action row_secret_list = {
    .name = "secret.list", .path = "/secrets", .input = list_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_SECRET_LIST_TITLE, .help = WORD_SECRET_LIST_HELP,
    .page = "secrets", .run = run_list,
};
