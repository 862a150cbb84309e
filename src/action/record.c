/* Records: read, made, corrected, erased. */
#include "base/must.h"
#include "rows.h"

bool
read_values(struct call *call, const struct door_holding *h,
    struct slice *ret, struct err *err)
{
	for (size_t i = 0; i < h->n_items; i++)
		ret[i] = SLICE_NONE;
	const struct value *v;
	for (size_t n = 0; (v = call_nth(call, "v", n)) != NULL; n++) {
		size_t i = 0;
		while (i < h->n_items && !slice_is_equal(h->items[i].id,
		    v->name))
			i++;
		if (i == h->n_items)
			return call_mistake(call, err, "v",
			    WORD_MISTAKE_UNKNOWN_ITEM, v->name);
		ret[i] = v->text.n > 0 ? v->text : SLICE("");
	}
	return true;
}

bool
pass_refusal(
    struct call *call, struct err *err, const struct decision *refusal)
{
	if (refusal->verdict == VERDICT_DENY || refusal->verdict == VERDICT_ASK)
		return call_refuse(call, err, err->code, refusal);
	return false;
}

struct slice
onward_query(const struct call *call)
{
	return arena_printf(call->arena, "purpose=%.*s&case=%.*s",
	    SLICE_FMT(call_text(call, "purpose")),
	    SLICE_FMT(call_text(call, "case")));
}

struct slice
record_place(const struct call *call, uint64_t holding, uint64_t record)
{
	return arena_printf(call->arena, "/holdings/%016llx/records/"
	    "%016llx?%.*s", (unsigned long long)holding,
	    (unsigned long long)record, SLICE_FMT(onward_query(call)));
}

/* ---- view ---- */

static const struct field view_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    FIELDS_END,
};

static const struct result view_output[] = {
    RESULTS_OF_RECORD, {"shown_version", OUT_NUMBER},
    {"newest", OUT_NUMBER}, {"versions", OUT_LIST},
    {"versions.version", OUT_NUMBER}, {"versions.at", OUT_TIME},
    {"versions.person", OUT_TEXT}, {"versions.post", OUT_TEXT},
    {"versions.act", OUT_TEXT}, {"versions.reference", OUT_TEXT},
    {"versions.shown", OUT_FLAG}, {"more_versions", OUT_FLAG},
    {"changes", OUT_LIST}, {"changes.label", OUT_TEXT},
    {"changes.before", OUT_TEXT}, {"changes.after", OUT_TEXT}, RESULTS_END,
};

enum { VERSIONS_SHOWN_MAX = 20 };

/* The versions there are; a record that was never changed has no list. */
static bool
put_versions(struct call *call, const struct door_holding *h,
    const struct shown_record *r, struct err *err)
{
	struct arena *a = call->arena;
	struct shown_version *list;
	size_t n;
	if (!door_versions(call->door, call->visitor, h->id, r->id, &list, &n,
	    err))
		return false;
	out_number(a, call->out, "newest", list[0].version);
	struct out *versions = out_list(a, call->out, "versions");
	for (size_t i = 0; n > 1 && i < n && i < VERSIONS_SHOWN_MAX; i++) {
		struct out *o = out_item(a, versions);
		out_number(a, o, "version", list[i].version);
		if (list[i].made_at != 0)
			out_time(a, o, "at", list[i].made_at);
		out_text(a, o, "person", list[i].person_name);
		out_text(a, o, "post", list[i].post);
		out_text(a, o, "act", list[i].act.n == 0 ? SLICE("")
		    : keyed_word(call, "act", list[i].act));
		out_text(a, o, "reference", list[i].reference);
		out_flag(a, o, "shown", list[i].version == r->version);
	}
	out_flag(a, call->out, "more_versions", n > VERSIONS_SHOWN_MAX);
	return true;
}

/* What the version before had otherwise. */
static void
put_changes(struct call *call, const struct door_holding *h,
    const struct shown_record *before, const struct shown_record *after)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "changes");
	for (size_t i = 0; i < h->n_items && i < before->n && i < after->n;
	     i++) {
		const struct shown_value *was = &before->values[i];
		const struct shown_value *is = &after->values[i];
		if (was->is_masked || is->is_masked ||
		    slice_is_equal(was->text, is->text))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "label", h->items[i].name);
		out_text(a, o, "before", was->text);
		out_text(a, o, "after", is->text);
	}
}

static bool
may_output(const struct door_holding *h)
{
	for (unsigned act = 0; act < ACTS_END; act++)
		if ((h->acts & ACT_BIT(act)) != 0 &&
		    act_is_output((enum act)act))
			return true;
	return false;
}

void
put_record(struct call *call, const struct door_holding *h,
    const struct shown_record *r)
{
	struct arena *a = call->arena;
	struct out *holding = out_object(a, call->out, "holding");
	const struct pack_purpose *p =
	    pack_purpose(call->pack, call_text(call, "purpose"));
	out_id(a, holding, "id", h->id);
	out_text(a, holding, "name", h->name);
	out_text(a, holding, "section", h->section_path);
	out_id(a, call->out, "id", r->id);
	out_number(a, call->out, "version", r->version);
	out_time(a, call->out, "changed_at", r->changed_at);
	out_flag(a, call->out, "secret", r->is_secret);
	if (r->is_secret && r->secret_until > 0) {
		out_until(a, call->out, "secret_until", r->secret_until);
		out_until(a, call->out, "renew_by", r->secret_renew_by);
		out_flag(a, call->out, "renewal_overdue",
		    r->secret_renew_by <= call->now);
	}
	out_number(a, call->out, "entry", (int64_t)r->entry);
	out_flag(a, call->out, "over", r->is_over);
	out_text(a, call->out, "query", onward_query(call));
	if (p != NULL)
		out_text(a, call->out, "purpose", pack_word(call, &p->title));
	out_flag(a, call->out, "may_correct",
	    (h->acts & ACT_BIT(ACT_CORRECT)) != 0);
	out_flag(a, call->out, "may_erase",
	    (h->acts & ACT_BIT(ACT_ERASE)) != 0);
	out_flag(a, call->out, "may_secret",
	    (h->acts & ACT_BIT(ACT_SECRET)) != 0);
	out_flag(a, call->out, "may_output", may_output(h));
	put_values(call, call->out, h, r);
	put_documents(call, h, r);
}

static bool
run_view(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_view ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .act = ACT_VIEW};
	if (!door_view(call->door, call->visitor, &ask, &r, &refusal, err))
		return pass_refusal(call, err, &refusal);
	put_record(call, &h, &r);
	return r.version == 1 || put_versions(call, &h, &r, err);
}

const struct action row_record_view = {
    .name = "record.view", .path = "/holdings/{holding}/records/{record}",
    .input = view_input, .output = view_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.open",
    .title = WORD_RECORD_VIEW_TITLE, .help = WORD_RECORD_VIEW_HELP,
    .page = "record", .run = run_view,
};

static const struct field version_input[] = {
    FIELD_HOLDING, FIELD_RECORD,
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .required = true, .label = WORD_FIELD_VERSION},
    FIELD_PURPOSE, FIELD_CASE_REFERENCE, FIELDS_END,
};

static bool
run_version(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r = {0}, before = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_view ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .act = ACT_VIEW,
	    .version = (uint32_t)call_number(call, "version", 1)};
	if (!door_view(call->door, call->visitor, &ask, &r, &refusal, err))
		return pass_refusal(call, err, &refusal);
	put_record(call, &h, &r);
	out_number(call->arena, call->out, "shown_version", r.version);
	if (!put_versions(call, &h, &r, err))
		return false;
	if (ask.version <= 1)
		return true;
	/* what it was before is opened too, and entered */
	ask.version--;
	if (!door_view(call->door, call->visitor, &ask, &before, &refusal, err))
		return pass_refusal(call, err, &refusal);
	put_changes(call, &h, &before, &r);
	return true;
}

const struct action row_record_version = {
    .name = "record.version",
    .path = "/holdings/{holding}/records/{record}/versions/{version}",
    .input = version_input, .output = view_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.open",
    .title = WORD_RECORD_VERSION_TITLE, .help = WORD_RECORD_VERSION_HELP,
    .page = "record", .run = run_version,
};

/* ---- create, correct ---- */

static const struct field create_input[] = {
    FIELD_HOLDING, FIELD_PURPOSE, FIELD_CASE_REFERENCE, FIELD_ITEM_VALUES,
    FIELDS_END,
};

static const struct result create_output[] = {
    {"record", OUT_ID}, {"query", OUT_TEXT},
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG},
    {"items", OUT_LIST}, {"items.id", OUT_TEXT}, {"items.label", OUT_TEXT},
    {"items.value", OUT_TEXT}, {"items.mistake", OUT_TEXT},
    {"version", OUT_NUMBER}, {"name", OUT_TEXT},
    RESULTS_END,
};

/* The holding's items as inputs, with what was typed, or what is there. */
static void
put_items(struct call *call, const struct door_holding *h,
    const struct shown_record *there)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "items");
	for (size_t i = 0; i < h->n_items; i++) {
		struct slice text = there != NULL && i < there->n
		    ? there->values[i].text : SLICE("");
		struct slice typed = call_typed(call, "v", h->items[i].id);
		if (h->items[i].type == PACK_ITEM_FILE ||
		    h->items[i].is_retired || (there != NULL &&
		        i < there->n && there->values[i].is_masked))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "id", h->items[i].id);
		out_text(a, o, "label", h->items[i].name);
		out_text(a, o, "value", typed.p == NULL ? text : typed);
		for (size_t m = 0; m < call->mistake_count; m++)
			if (slice_is_equal(call->mistakes[m].item,
			    h->items[i].id))
				out_text(a, o, "mistake",
				    call->mistakes[m].text);
	}
}

/* What is wrong with the values, each beside its input; or a refusal. */
static bool
tell_faults(struct call *call, const struct door_holding *h,
    const struct written *written, const struct decision *refusal,
    enum word none, struct err *err)
{
	if (err->code != ERR_INPUT || refusal->verdict != VERDICT_ALLOW)
		return pass_refusal(call, err, refusal);
	if (written->n_faults == 0)
		return call_mistake(call, err, "v", none);
	must(call->mistake_count == 0); /* there is room for every item */
	for (size_t i = 0; i < written->n_faults; i++) {
		const struct door_item *item =
		    &h->items[written->faults[i].item];
		call->mistakes[call->mistake_count++] = (struct mistake){
		    .field = "v", .item = item->id,
		    .text = fault_text(call, item->name,
		        written->faults[i].fault)};
	}
	return ERR(err, ERR_INPUT, "%zu values are wrong", written->n_faults);
}

static bool
prepare_create(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_writable(call, &h, err))
		return false;
	out_text(call->arena, call->out, "name", h.name);
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	put_items(call, &h, NULL);
	return true;
}

static bool
run_create(struct call *call, struct err *err)
{
	struct door_holding h;
	struct slice values[64];
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct written written;
	if (!find_writable(call, &h, err) ||
	    !read_values(call, &h, values, err))
		return false;
	struct door_write ask = {.intent = intent_of(call, &h),
	    .n = h.n_items, .values = values};
	if (!door_create(call->door, call->visitor, &ask, &written, &refusal,
	    err)) {
		return tell_faults(call, &h, &written, &refusal,
		    WORD_MISTAKE_NO_VALUES, err);
	}
	out_id(call->arena, call->out, "record", written.record);
	out_text(call->arena, call->out, "query", onward_query(call));
	call->go = record_place(call, h.id, written.record);
	return true;
}

const struct action row_record_create = {
    .name = "record.create", .is_change = true,
    .path = "/holdings/{holding}/new", .input = create_input,
    .output = create_output, .who = WHO_GRANT, .needs_purpose = true,
    .ledger_verb = "record.create", .title = WORD_RECORD_CREATE_TITLE,
    .help = WORD_RECORD_CREATE_HELP, .page = "record_form",
    .after = "/holdings/{holding}", .prepare = prepare_create,
    .run = run_create,
};

static const struct field correct_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .label = WORD_FIELD_VERSION},
    FIELD_ITEM_VALUES, FIELDS_END,
};

static bool
prepare_correct(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r = {0};
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	if (!find_holding(call, &h, err))
		return false;
	struct door_view ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .act = ACT_VIEW};
	if (!door_view(call->door, call->visitor, &ask, &r, &refusal, err))
		return pass_refusal(call, err, &refusal);
	out_text(call->arena, call->out, "name", h.name);
	out_number(call->arena, call->out, "version", r.version);
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	put_items(call, &h, &r);
	return true;
}

static bool
run_correct(struct call *call, struct err *err)
{
	struct door_holding h;
	struct slice values[64];
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct written written;
	if (!find_holding(call, &h, err) ||
	    !read_values(call, &h, values, err))
		return false;
	if (!call_has(call, "version"))
		return call_mistake(call, err, "version",
		    WORD_MISTAKE_MISSING, slice_of(word_text(
		        WORD_FIELD_VERSION, call->lang)), SLICE(""));
	struct door_write ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"),
	    .version = (uint32_t)call_number(call, "version", 0),
	    .n = h.n_items, .values = values};
	for (size_t i = 0; i < h.n_items; i++)
		if (values[i].p != NULL)
			ask.items |= ITEM_BIT(i);
	if (!door_correct(call->door, call->visitor, &ask, &written, &refusal,
	    err)) {
		return tell_faults(call, &h, &written, &refusal,
		    WORD_MISTAKE_NO_CHANGE, err);
	}
	call->go = record_place(call, h.id, written.record);
	return true;
}

const struct action row_record_correct = {
    .name = "record.correct", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/correct",
    .input = correct_input, .output = create_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.correct",
    .title = WORD_RECORD_CORRECT_TITLE, .help = WORD_RECORD_CORRECT_HELP,
    .page = "record_form", .after = "/holdings/{holding}",
    .prepare = prepare_correct, .run = run_correct,
};

/* ---- erase, 秘匿 ---- */

static const struct field erase_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "sure", .type = FIELD_FLAG, .required = true,
        .label = WORD_FIELD_SURE},
    FIELDS_END,
};

const struct result purposes_output[] = {
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, RESULTS_END,
};

bool
prepare_purposes(struct call *call, struct err *err)
{
	struct door_holding h;
	if (!find_holding(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	return true;
}

static const struct result erase_output[] = {
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, RESULTS_OF_FACTS, RESULTS_END,
};

bool
put_subject(struct call *call, const struct door_holding *h,
    struct out *facts, struct shown_record *ret, struct err *err)
{
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct door_view ask = {.intent = intent_of(call, h),
	    .record = call_id(call, "record"), .act = ACT_VIEW};
	*ret = (struct shown_record){0};
	if ((h->acts & ACT_BIT(ACT_VIEW)) == 0 || !call_has(call, "purpose"))
		return true;
	if (!door_view(call->door, call->visitor, &ask, ret, &refusal, err))
		return pass_refusal(call, err, &refusal);
	for (size_t i = 0; i < ret->n && i < h->n_items; i++) {
		if (h->items[i].search == PACK_SEARCH_NONE ||
		    ret->values[i].is_masked || ret->values[i].text.n == 0)
			continue;
		struct out *o = out_item(call->arena, facts);
		out_text(call->arena, o, "label", h->items[i].name);
		out_text(call->arena, o, "text", ret->values[i].text);
	}
	return true;
}

static bool
prepare_erase(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r;
	if (!find_holding(call, &h, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, &h);
	struct out *facts = out_list(call->arena, call->out, "facts");
	put_fact(call, facts, WORD_FIELD_HOLDING, h.name);
	return put_subject(call, &h, facts, &r, err);
}

static bool
run_erase(struct call *call, struct err *err)
{
	struct door_holding h;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct written written;
	if (!find_holding(call, &h, err))
		return false;
	struct door_erase ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record")};
	if (!door_erase(call->door, call->visitor, &ask, &written, &refusal,
	    err))
		return pass_refusal(call, err, &refusal);
	return true;
}

const struct action row_record_erase = {
    .name = "record.erase", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/erase",
    .input = erase_input, .output = erase_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.erase",
    .title = WORD_RECORD_ERASE_TITLE, .help = WORD_RECORD_ERASE_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_erase, .run = run_erase,
};

static const struct field secret_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "until", .type = FIELD_DATE, .label = WORD_FIELD_SECRET_UNTIL},
    FIELDS_END,
};

static bool
run_secret(struct call *call, struct err *err)
{
	struct door_holding h;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct written written;
	uint64_t until = call_number(call, "until", 0);
	if (!find_holding(call, &h, err))
		return false;
	struct door_secret ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .is_secret = until != 0,
	    .until = until == 0 ? 0 : day_end(until)};
	if (!door_secret(call->door, call->visitor, &ask, &written, &refusal,
	    err))
		return pass_refusal(call, err, &refusal);
	return true;
}

const struct action row_record_secret = {
    .name = "record.secret", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/secret",
    .input = secret_input, .output = purposes_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "record.secret",
    .title = WORD_RECORD_SECRET_TITLE, .help = WORD_RECORD_SECRET_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_purposes, .run = run_secret,
};
