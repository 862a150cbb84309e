/* The regulation itself: its articles, what each demands, what answers it. */
#include "rows.h"

static const struct field no_input[] = {FIELDS_END};

static const struct result list_output[] = {
    {"title", OUT_TEXT}, {"instrument", OUT_TEXT}, {"chapters", OUT_LIST},
    {"chapters.label", OUT_TEXT}, {"chapters.title", OUT_TEXT},
    {"chapters.rows", OUT_LIST}, {"chapters.rows.ref", OUT_TEXT},
    {"chapters.rows.label", OUT_TEXT},
    {"chapters.rows.caption", OUT_TEXT},
    {"chapters.rows.summary", OUT_TEXT}, {"parameters", OUT_LIST},
    {"parameters.id", OUT_TEXT}, {"parameters.value", OUT_NUMBER},
    {"parameters.source", OUT_TEXT}, {"parameters.note", OUT_TEXT},
    RESULTS_END,
};

static void
put_chapter(struct call *call, struct out *list, const struct pack_chapter *c)
{
	struct arena *a = call->arena;
	struct out *o = out_item(a, list);
	out_text(a, o, "label", c->label);
	out_text(a, o, "title", c->title);
	struct out *rows = out_list(a, o, "rows");
	for (size_t i = 0; i < call->pack->n_provisions; i++) {
		const struct pack_provision *p = &call->pack->provisions[i];
		if (p->chapter != c)
			continue;
		struct out *r = out_item(a, rows);
		out_text(a, r, "ref", p->id);
		out_text(a, r, "label", article_label(call, p->id));
		out_text(a, r, "caption", p->caption);
		out_text(a, r, "summary", p->summary);
	}
}

static bool
run_list(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	const struct pack *pack = call->pack;
	(void)err;
	out_text(a, call->out, "title", pack_word(call, &pack->title));
	out_text(a, call->out, "instrument", pack->instrument);
	struct out *list = out_list(a, call->out, "chapters");
	for (size_t i = 0; i < pack->n_chapters; i++)
		put_chapter(call, list, &pack->chapters[i]);
	list = out_list(a, call->out, "parameters");
	for (size_t i = 0; i < pack->n_parameters; i++) {
		const struct pack_parameter *p = &pack->parameters[i];
		struct out *o = out_item(a, list);
		out_text(a, o, "id", p->id);
		out_number(a, o, "value", (int64_t)p->value);
		out_text(a, o, "source", keyed_word(call, "source",
		    p->source == PACK_SOURCE_TEXT ? SLICE("text")
		        : SLICE("choice")));
		out_text(a, o, "note", p->note);
	}
	return true;
}

const struct action row_rule_list = {
    .name = "rule.list", .path = "/rules", .input = no_input,
    .output = list_output, .who = WHO_SESSION, .ledger_verb = "",
    .title = WORD_RULE_LIST_TITLE, .help = WORD_RULE_LIST_HELP,
    .page = "rules", .run = run_list,
};
