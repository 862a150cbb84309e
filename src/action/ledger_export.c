/*
 * The ledger written out while it is served: an operator's dangerous act. One
 * person asks, another confirms, both may fetch it for an hour.
 */
#include "rows.h"

enum { PART_MAX_BYTES = 64 * 1024 * 1024, PARTS_LISTED_MAX = 1000 };

#define MAY_EXPORT (RIGHT_BIT(RIGHT_OPERATE) | RIGHT_BIT(RIGHT_AUDIT))

bool
put_export(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_export s = {0};
	const struct visitor *v = call->visitor;
	bool may = (v->rights & MAY_EXPORT) != 0 && v->section == 0;
	if (may && !door_export(call->door, call->visitor, EXPORT_LOOK,
	    SLICE_NONE, &s, err))
		return false;
	out_flag(a, call->out, "may_export", may);
	out_flag(a, call->out, "export_asked", s.is_asked);
	out_flag(a, call->out, "export_confirmed", s.is_confirmed);
	out_flag(a, call->out, "export_own", s.is_own);
	out_text(a, call->out, "export_asker", s.asker);
	out_text(a, call->out, "export_confirmer", s.confirmer);
	if (s.is_asked)
		out_time(a, call->out, "export_until", s.until);
	out_number(a, call->out, "export_entries", (int64_t)s.entries);
	struct out *parts = out_list(a, call->out, "export_parts");
	for (uint64_t i = 0; i < s.parts && i < PARTS_LISTED_MAX; i++)
		out_number(a, out_item(a, parts), "number", (int64_t)i + 1);
	return true;
}

static const struct field step_input[] = {FIELD_CASE_REFERENCE, FIELDS_END};

static const struct result step_output[] = {RESULTS_OF_EXPORT, RESULTS_END};

static bool
take_step(struct call *call, enum export_step step, struct err *err)
{
	struct shown_export s;
	return door_export(call->door, call->visitor, step,
	    call_text(call, "case"), &s, err) && put_export(call, err);
}

static bool
run_ask(struct call *call, struct err *err)
{
	return take_step(call, EXPORT_ASK, err);
}

static bool
run_confirm(struct call *call, struct err *err)
{
	return take_step(call, EXPORT_CONFIRM, err);
}

static bool
run_end(struct call *call, struct err *err)
{
	return take_step(call, EXPORT_END, err);
}

const struct action row_ledger_ask = {
    .name = "ledger.export.ask", .is_change = true,
    .path = "/ledger/export/ask", .input = step_input,
    .output = step_output, .who = WHO_RIGHT, .rights = MAY_EXPORT,
    .ledger_verb = "entry.export.ask", .title = WORD_LEDGER_EXPORT_ASK_TITLE,
    .help = WORD_LEDGER_EXPORT_ASK_HELP, .page = "form", .after = "/ledger",
    .run = run_ask,
};

const struct action row_ledger_confirm = {
    .name = "ledger.export.confirm", .is_change = true,
    .path = "/ledger/export/confirm", .input = step_input,
    .output = step_output, .who = WHO_RIGHT, .rights = MAY_EXPORT,
    .ledger_verb = "entry.export.confirm",
    .title = WORD_LEDGER_EXPORT_CONFIRM_TITLE,
    .help = WORD_LEDGER_EXPORT_CONFIRM_HELP, .page = "form",
    .after = "/ledger", .run = run_confirm,
};

const struct action row_ledger_end = {
    .name = "ledger.export.end", .is_change = true,
    .path = "/ledger/export/end", .input = step_input,
    .output = step_output, .who = WHO_RIGHT, .rights = MAY_EXPORT,
    .ledger_verb = "entry.export.end", .title = WORD_LEDGER_EXPORT_END_TITLE,
    .help = WORD_LEDGER_EXPORT_END_HELP, .page = "form", .after = "/ledger",
    .run = run_end,
};

/* ---- fetching ---- */

static const struct field part_input[] = {
    {.name = "part", .type = FIELD_NUMBER, .max = INT64_MAX,
        .required = true, .label = WORD_LEDGER_EXPORT_PART},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

static const struct result part_output[] = {RESULTS_END};

static bool
run_part(struct call *call, struct err *err)
{
	struct buf to = buf_of(PART_MAX_BYTES);
	uint64_t part = call_number(call, "part", 0);
	/* people count from 1 */
	if (!door_export_part(call->door, call->visitor, part - 1,
	    call_text(call, "case"), &to, err)) {
		buf_close(&to);
		return false;
	}
	call->content = to;
	call->content_type = "application/x-tar";
	call->attachment = arena_printf(call->arena, "ledger-%llu.tar",
	    (unsigned long long)part);
	return true;
}

const struct action row_ledger_part = {
    .name = "ledger.export.part", .path = "/ledger/export/parts/{part}",
    .input = part_input, .output = part_output, .who = WHO_RIGHT,
    .rights = MAY_EXPORT, .ledger_verb = "entry.export",
    .title = WORD_LEDGER_EXPORT_PART_TITLE,
    .help = WORD_LEDGER_EXPORT_PART_HELP, .gives_file = true,
    .run = run_part,
};
