/* Who opened what and why; the ledger's state; entries for outsiders. */
#include "paper.h"
#include "people/people.h"

#define FIELDS_ASKED                                                           \
    {.name = "holding", .type = FIELD_ID, .label = WORD_FIELD_HOLDING},        \
    {.name = "person", .type = FIELD_PERSON, .max = PEOPLE_NAME_MAX_BYTES,     \
        .label = WORD_FIELD_PERSON}

static const struct field access_input[] = {
    FIELDS_ASKED,
    {.name = "at", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_BEFORE},
    {.name = "entry", .type = FIELD_NUMBER, .max = INT64_MAX,
        .label = WORD_FIELD_BEFORE},
    {.name = "row", .type = FIELD_ID, .label = WORD_FIELD_BEFORE},
    FIELDS_END,
};

const struct result accesses_output[] = {
    {"accesses", OUT_LIST}, {"accesses.at", OUT_TIME},
    {"accesses.entry", OUT_NUMBER}, {"accesses.person", OUT_TEXT},
    {"accesses.post", OUT_TEXT}, {"accesses.holding", OUT_ID},
    {"accesses.holding_name", OUT_TEXT}, {"accesses.record", OUT_ID},
    {"accesses.act", OUT_TEXT}, {"accesses.purpose", OUT_TEXT},
    {"accesses.case", OUT_TEXT}, {"accesses.result", OUT_TEXT},
    {"accesses.refused", OUT_FLAG}, {"accesses.over", OUT_FLAG},
    {"next_at", OUT_NUMBER}, {"next_entry", OUT_NUMBER},
    {"next_row", OUT_ID}, {"holding_options", OUT_LIST},
    {"holding_options.value", OUT_ID}, {"holding_options.label", OUT_TEXT},
    {"holding_options.selected", OUT_FLAG}, {"chosen_person", OUT_ID},
    RESULTS_END,
};

static struct slice
purpose_name(struct call *call, struct slice id)
{
	const struct pack_purpose *p = pack_purpose(call->pack, id);
	return p == NULL ? id : pack_word(call, &p->title);
}

bool
put_accesses(struct call *call, const struct door_accesses *ask,
    struct err *err)
{
	struct arena *a = call->arena;
	struct shown_access *rows;
	size_t n;
	if (!door_accesses(call->door, call->visitor, ask, &rows, &n, err))
		return false;
	struct out *list = out_list(a, call->out, "accesses");
	for (size_t i = 0; i < n; i++) {
		struct out *o = out_item(a, list);
		out_time(a, o, "at", rows[i].at);
		out_number(a, o, "entry", (int64_t)rows[i].entry);
		out_text(a, o, "person", rows[i].person_name);
		out_text(a, o, "post", rows[i].post);
		out_id(a, o, "holding", rows[i].holding);
		out_text(a, o, "holding_name",
		    holding_name(call, rows[i].holding));
		if (rows[i].record != 0)
			out_id(a, o, "record", rows[i].record);
		out_text(a, o, "act", keyed_word(call, "act", rows[i].act));
		out_text(a, o, "purpose", purpose_name(call,
		    rows[i].purpose));
		out_text(a, o, "result", keyed_word(call, "result",
		    rows[i].result));
		/* past a limit that only marks, it was done all the same */
		bool is_over = slice_is(rows[i].result, "over");
		out_text(a, o, "case", rows[i].reference);
		out_flag(a, o, "over", is_over);
		out_flag(a, o, "refused", !is_over &&
		    !slice_is(rows[i].result, "done"));
	}
	if (n == DOOR_PAGE_MAX) {
		out_number(a, call->out, "next_at", rows[n - 1].at);
		out_number(a, call->out, "next_entry",
		    (int64_t)rows[n - 1].entry);
		out_id(a, call->out, "next_row", rows[n - 1].record);
	}
	return true;
}

/* Only those whose accesses are shown to the visitor. */
static bool
put_overseen(struct call *call, uint64_t chosen, struct err *err)
{
	struct arena *a = call->arena;
	const uint32_t rights = call->visitor->rights;
	bool is_auditor = (rights & RIGHT_BIT(RIGHT_AUDIT)) != 0;
	struct out *list = out_list(a, call->out, "holding_options");
	struct door_holding *holdings;
	uint64_t after = 0;
	size_t n = 0;
	if (!is_auditor && (rights & RIGHT_BIT(RIGHT_OVERSEE)) == 0)
		return true;
	do {
		if (!door_holdings(call->door, call->visitor, after, &holdings,
		    &n, err))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!is_auditor && holdings[i].section !=
			    call->visitor->section)
				continue;
			struct out *o = out_item(a, list);
			out_id(a, o, "value", holdings[i].id);
			out_text(a, o, "label", holdings[i].name);
			out_flag(a, o, "selected", holdings[i].id == chosen);
		}
		after = n > 0 ? holdings[n - 1].id : 0;
	} while (n == DOOR_PAGE_MAX);
	return true;
}

static bool
run_accesses(struct call *call, struct err *err)
{
	struct door_accesses ask = {.holding = call_id(call, "holding"),
	    .person = call_id(call, "person"),
	    .before = (instant)call_number(call, "at", 0),
	    .before_entry = call_number(call, "entry", 0),
	    .before_record = call_id(call, "row")};
	if (ask.person != 0)
		out_id(call->arena, call->out, "chosen_person", ask.person);
	return put_overseen(call, ask.holding, err) &&
	    put_accesses(call, &ask, err);
}

const struct action row_access_list = {
    .name = "access.list", .path = "/accesses", .input = access_input,
    .output = accesses_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_ACCESS_LIST_TITLE, .help = WORD_ACCESS_LIST_HELP,
    .page = "accesses", .run = run_accesses,
};

/* ---- as a paper ---- */

static const struct result file_output[] = {RESULTS_END};

static const struct field paper_input[] = {
    FIELDS_ASKED, FIELD_PAPER_FORMAT(list_formats), FIELDS_END,
};

static void
put_line(struct papering *p, struct paper_table *t,
    const struct shown_access *x)
{
	struct call *call = p->call;
	paper_cell(p, t, paper_time(call, x->at));
	paper_cell(p, t, x->person_name);
	paper_cell(p, t, x->post);
	paper_cell(p, t, holding_name(call, x->holding));
	paper_cell(p, t, keyed_word(call, "act", x->act));
	paper_cell(p, t, purpose_name(call, x->purpose));
	paper_cell(p, t, x->reference);
	paper_cell(p, t, keyed_word(call, "result", x->result));
	paper_cell(p, t, arena_printf(call->arena, "%llu",
	    (unsigned long long)x->entry));
}

/* The newest first; that older ones are left out is told above them. */
static bool
put_lines(struct papering *p, struct door_accesses *ask, struct err *err)
{
	static const enum word heads[] = {WORD_ACCESS_AT, WORD_ACCESS_WHO,
	    WORD_PAPER_POST, WORD_ACCESS_WHAT, WORD_ACCESS_ACT,
	    WORD_ACCESS_PURPOSE, WORD_ACCESS_CASE, WORD_ACCESS_RESULT,
	    WORD_ACCESS_ENTRY};
	struct call *call = p->call;
	struct shown_access *rows;
	struct paper_table t;
	size_t n = DOOR_PAGE_MAX;
	if (!paper_headed(p, heads, sizeof(heads) / sizeof(heads[0]), &t,
	    err))
		return false;
	while (n == DOOR_PAGE_MAX) {
		if (!door_accesses(call->door, call->visitor, ask, &rows, &n,
		    err))
			return false;
		if (t.block->n_rows + n > PAPER_ROWS_MAX) {
			t.block->heading = call_word(call, WORD_PAPER_NEWEST,
			    arena_printf(call->arena, "%zu",
			        t.block->n_rows));
			break;
		}
		for (size_t i = 0; i < n; i++)
			put_line(p, &t, &rows[i]);
		if (n == 0)
			break;
		ask->before = rows[n - 1].at;
		ask->before_entry = rows[n - 1].entry;
		ask->before_record = rows[n - 1].record;
	}
	return true;
}

static bool
run_paper(struct call *call, struct err *err)
{
	struct door_accesses ask = {.holding = call_id(call, "holding"),
	    .person = call_id(call, "person")};
	struct papering *p = paper_begin(call,
	    call_word(call, WORD_ACCESS_LIST_TITLE), err);
	if (p == NULL)
		return false;
	p->paper.is_landscape = p->paper.is_list = true;
	if (put_lines(p, &ask, err))
		return paper_give(p, SLICE("accesses"), err);
	paper_end(p);
	return false;
}

const struct action row_access_paper = {
    .name = "access.paper", .path = "/accesses/paper", .input = paper_input,
    .output = file_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_ACCESS_PAPER_TITLE, .help = WORD_ACCESS_PAPER_HELP,
    .gives_file = true, .run = run_paper,
};

/* ---- the ledger ---- */

static const struct field no_input[] = {FIELDS_END};

static const struct result ledger_output[] = {
    {"state", OUT_TEXT}, {"state_key", OUT_TEXT}, {"full", OUT_FLAG},
    {"entries", OUT_NUMBER}, {"records", OUT_NUMBER},
    {"rows", OUT_NUMBER}, {"sessions", OUT_NUMBER}, {"key", OUT_TEXT},
    {"reason", OUT_TEXT}, {"checkpoint", OUT_TEXT}, {"now", OUT_TIME},
    {"may_audit", OUT_FLAG}, RESULTS_OF_EXPORT, RESULTS_END,
};

static bool
run_ledger(struct call *call, struct err *err)
{
	static const char *const names[] = {
	    [KEEPER_LOCKED] = "locked", [KEEPER_LOADING] = "loading",
	    [KEEPER_OPEN] = "open", [KEEPER_REFUSING] = "refusing"};
	struct arena *a = call->arena;
	struct shown_ledger s;
	if (!door_ledger_state(call->door, call->visitor, &s, err))
		return false;
	out_str(a, call->out, "state_key", names[s.state]);
	out_text(a, call->out, "state", keyed_word(call, "state",
	    slice_of(names[s.state])));
	out_flag(a, call->out, "full", s.is_full);
	out_number(a, call->out, "entries", (int64_t)s.entries);
	out_number(a, call->out, "records", (int64_t)s.records);
	out_number(a, call->out, "rows", (int64_t)s.rows);
	out_number(a, call->out, "sessions", s.sessions);
	out_text(a, call->out, "key", s.key);
	out_text(a, call->out, "reason", s.reason);
	out_text(a, call->out, "checkpoint", s.note);
	out_time(a, call->out, "now", s.now);
	out_flag(a, call->out, "may_audit",
	    (call->visitor->rights & RIGHT_BIT(RIGHT_AUDIT)) != 0);
	return s.state != KEEPER_OPEN || put_export(call, err);
}

const struct action row_ledger_state = {
    .name = "ledger.state", .path = "/ledger", .input = no_input,
    .output = ledger_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_LEDGER_STATE_TITLE, .help = WORD_LEDGER_STATE_HELP,
    .page = "ledger", .run = run_ledger,
};

/* ---- the bundle of one entry ---- */

static const struct field entry_input[] = {
    {.name = "entry", .type = FIELD_NUMBER, .max = INT64_MAX,
        .required = true, .label = WORD_FIELD_ENTRY},
    FIELD_CASE_REFERENCE, FIELDS_END,
};

static bool
run_entry(struct call *call, struct err *err)
{
	struct buf to = buf_of(1024 * 1024);
	uint64_t index = call_number(call, "entry", 0);
	if (!door_entry_bundle(call->door, call->visitor, index,
	    call_text(call, "case"), &to, err)) {
		buf_close(&to);
		return false;
	}
	call->content = to;
	call->content_type = "application/x-tar";
	call->attachment = arena_printf(call->arena, "entry-%llu.tar",
	    (unsigned long long)index);
	return true;
}

const struct action row_entry_bundle = {
    .name = "entry.bundle", .path = "/ledger/entries/{entry}",
    .input = entry_input, .output = file_output, .who = WHO_RIGHT,
    .rights = RIGHT_BIT(RIGHT_AUDIT), .ledger_verb = "entry.show",
    .title = WORD_ENTRY_BUNDLE_TITLE, .help = WORD_ENTRY_BUNDLE_HELP,
    .gives_file = true, .run = run_entry,
};
