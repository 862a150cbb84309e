/* What went wrong, in a sentence; a refusal: its article and whom to ask. */
#include "organ.h"

#include "base/must.h"
#include "guard/door_matter.h"
#include "register.h"
#include "regulation/procedure.h"

static const enum word sentences[ERR_CODES] = {
    [ERR_NONE] = WORD_ERROR_INTERNAL,
    [ERR_INPUT] = WORD_ERROR_INPUT,
    [ERR_DENIED] = WORD_ERROR_DENIED,
    [ERR_LOGON] = WORD_ERROR_LOGON,
    [ERR_NOT_FOUND] = WORD_ERROR_NOT_FOUND,
    [ERR_CONFLICT] = WORD_ERROR_CONFLICT,
    [ERR_LIMIT] = WORD_ERROR_LIMIT,
    [ERR_BUSY] = WORD_ERROR_BUSY,
    [ERR_LOST] = WORD_ERROR_LOST,
    [ERR_FULL] = WORD_ERROR_FULL,
    [ERR_CORRUPT] = WORD_ERROR_CORRUPT,
    [ERR_SYSTEM] = WORD_ERROR_INTERNAL,
};

static const enum word reasons[PACK_DECISIONS_END] = {
    [PACK_DECISION_NO_GRANT] = WORD_REFUSED_NO_GRANT,
    [PACK_DECISION_BEYOND_GRANT] = WORD_REFUSED_BEYOND_GRANT,
    [PACK_DECISION_PURPOSE] = WORD_REFUSED_PURPOSE,
    [PACK_DECISION_SECOND_FACTOR] = WORD_REFUSED_SECOND_FACTOR,
    [PACK_DECISION_TERMINAL] = WORD_REFUSED_TERMINAL,
    [PACK_DECISION_BULK] = WORD_REFUSED_BULK,
    [PACK_DECISION_SECRET] = WORD_REFUSED_SECRET,
    [PACK_DECISION_ERASED] = WORD_REFUSED_ERASED,
    [PACK_DECISION_OPERATOR] = WORD_REFUSED_OPERATOR,
    [PACK_DECISION_MY_NUMBER] = WORD_REFUSED_MY_NUMBER,
    [PACK_DECISION_AUDIT_SELF] = WORD_REFUSED_AUDIT_SELF,
    [PACK_DECISION_INSTRUCTION] = WORD_REFUSED_INSTRUCTION,
    [PACK_DECISION_DISPOSAL] = WORD_REFUSED_DISPOSAL,
    [PACK_DECISION_HOLD] = WORD_REFUSED_HOLD,
};

/* An output of a 秘匿 record that nobody confirmed. */
static bool
needs_release(const struct call *call)
{
	const char *name = call->refusal.procedure;
	return name != NULL && strcmp(name, "release.request") == 0;
}

/* Which row of which register holds the record, and who set it. */
static struct slice
explain_hold(const struct call *call)
{
	struct door_hold hold;
	struct register_row row = {.name = SLICE("")};
	bool is_held = false;
	if (!door_held(call->door, call->visitor, call_id(call, "holding"),
	    call_id(call, "record"), &hold, &is_held, NULL) || !is_held)
		return slice_of(word_text(WORD_REFUSED_HOLD, call->lang));
	const struct pack_register *r = pack_register(call->pack, hold.reg);
	if (r != NULL) {
		struct register_source from = register_source_of(call, r);
		(void)!register_get(&from, hold.id, &row, NULL);
	}
	return call_word(call, WORD_REFUSED_HOLD_BY,
	    r == NULL ? SLICE("") : pack_word(call, &r->title), row.name,
	    person_name(call, hold.set_by));
}

struct slice
call_explain(const struct call *call, const struct err *err)
{
	if (call->has_refusal && call->refusal.key == PACK_DECISION_HOLD)
		return explain_hold(call);
	if (call->has_refusal)
		return slice_of(word_text(needs_release(call)
		    ? WORD_REFUSED_RELEASE : reasons[call->refusal.key],
		    call->lang));
	if (call->message.p != NULL)
		return call->message;
	must((unsigned)err->code < ERR_CODES);
	return slice_of(word_text(sentences[err->code], call->lang));
}

static const struct pack_article *
article_of(const struct call *call)
{
	return call->pack == NULL ? NULL
	    : pack_decision(call->pack, call->refusal.key);
}

/* What an organ outside the Act goes by; empty: the pack's articles. */
static struct slice
ordinance_of(const struct call *call)
{
	return call->visitor == NULL || call->action->input == NULL
	    ? SLICE("") : outside_of(call, call_id(call, "holding"));
}

/* "市民部 市民課 保護管理者 山本 恵子", several joined. */
static struct slice
whom_to_ask(const struct call *call)
{
	const struct decision *d = &call->refusal;
	struct slice key = authority_text_slice(&d->ask_office);
	const struct pack_office *office = pack_office(call->pack, key);
	struct buf to = buf_of(2048);
	if (key.n > 0) {
		buf_add(&to, section_path(call, d->ask_section));
		if (to.n > 0)
			buf_add_str(&to, " ");
		buf_add(&to, office == NULL ? key
		    : pack_word(call, &office->title));
	}
	for (size_t i = 0; i < d->n_persons; i++) {
		buf_add_str(&to, i == 0 ? " " : "、");
		buf_add(&to, person_name(call, d->persons[i]));
	}
	struct slice s = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return s;
}

/* Asked for as it was tried; what has no such input hands a file out. */
static struct slice
release_path(const struct call *call)
{
	bool has_act = false;
	for (const struct field *f = call->action->input; f->name != NULL; f++)
		has_act |= strcmp(f->name, "act") == 0;
	struct slice act = has_act ? call_text(call, "act")
	    : slice_of(act_name(ACT_COPY));
	return arena_printf(call->arena, "/holdings/%016llx/records/%016llx/"
	    "release?purpose=%.*s&case=%.*s&act=%.*s",
	    (unsigned long long)call_id(call, "holding"),
	    (unsigned long long)call_id(call, "record"),
	    SLICE_FMT(call_text(call, "purpose")),
	    SLICE_FMT(call_text(call, "case")), SLICE_FMT(act));
}

/* The page of a procedure that the guard names, if there is one yet. */
static struct slice
procedure_path(const struct call *call, const char *name)
{
	if (name == NULL)
		return SLICE("");
	if (strcmp(name, "session.step_up") == 0)
		return call->visitor->has_code ? SLICE("/session/code")
		    : SLICE("/session/code/new");
	if (strcmp(name, "release.request") == 0)
		return release_path(call);
	if (pack_procedure(call->pack, slice_of(name)) != NULL)
		return arena_printf(call->arena, "/procedures/%s/new?"
		    "v.holding=%016llx&v.record=%016llx", name,
		    (unsigned long long)call_id(call, "holding"),
		    (unsigned long long)call_id(call, "record"));
	if (strcmp(name, "emergency.open") == 0 &&
	    call->action->input != NULL && call_has(call, "holding"))
		return arena_printf(call->arena, "/holdings/%016llx/emergency",
		    (unsigned long long)call_id(call, "holding"));
	return SLICE("");
}

void
call_put_refusal(const struct call *call, struct json_writer *w)
{
	const struct pack_article *article = article_of(call);
	struct slice ask = whom_to_ask(call);
	struct slice ordinance = ordinance_of(call);
	if (ordinance.n > 0) {
		json_add_string(w, "article", ordinance);
	} else if (article != NULL) {
		json_add_string(w, "article",
		    article_label(call, article->full));
		json_add_string(w, "ref", article->full);
	}
	if (ask.n > 0)
		json_add_string(w, "ask", ask);
}

void
call_out_refusal(const struct call *call, struct out *in)
{
	struct arena *a = call->arena;
	const struct pack_article *article = article_of(call);
	struct slice ordinance = ordinance_of(call);
	if (ordinance.n > 0) {
		out_text(a, in, "article", ordinance);
	} else if (article != NULL) {
		out_text(a, in, "article", article_label(call, article->ref));
		if (article->provision != NULL) {
			out_text(a, in, "caption", article->provision->caption);
			out_text(a, in, "summary", article->provision->summary);
		}
	}
	out_text(a, in, "ask", whom_to_ask(call));
	struct slice path = procedure_path(call, call->refusal.procedure);
	if (path.n == 0)
		path = procedure_path(call, call->refusal.besides);
	if (path.n == 0)
		return;
	out_text(a, in, "procedure_path", path);
	bool is_release = needs_release(call);
	bool is_matter =
	    call->refusal.key == PACK_DECISION_INSTRUCTION ||
	    call->refusal.key == PACK_DECISION_DISPOSAL;
	out_str(a, in, "procedure_label", word_text(
	    slice_is(path, "/session/code") ? WORD_SESSION_STEP_UP_TITLE
	    : slice_is(path, "/session/code/new") ? WORD_CODE_SET_TITLE
	    : is_release ? WORD_RECORD_RELEASE_TITLE
	    : is_matter ? WORD_REFUSED_BEGIN
	                 : WORD_EMERGENCY_TAKE_TITLE, call->lang));
	out_str(a, in, "procedure_note", word_text(is_release
	    ? WORD_REFUSED_RELEASE_NOTE : is_matter
	    ? WORD_REFUSED_INSTRUCTION_NOTE : WORD_HOLDING_EMERGENCY_NOTE,
	    call->lang));
}
