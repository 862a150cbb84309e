/*
 * The register of personal information files (個人情報ファイル簿) as a paper:
 * article 75 of the Act, article 21 of its Order. One organ has one register;
 * what an organ outside the Act holds is in none.
 */
#include "organ.h"
#include "paper.h"

static const struct result no_output[] = {RESULTS_END};

/* What the register says of a file, in the order of the Act. */
static const enum word heads[] = {
    WORD_FILEBOOK_NAME, WORD_FILEBOOK_ORGAN, WORD_FILEBOOK_SECTION,
    WORD_FILEBOOK_PURPOSES, WORD_FILEBOOK_ITEMS, WORD_FILEBOOK_SCOPE,
    WORD_FILEBOOK_COLLECTED, WORD_FILEBOOK_CARE, WORD_FILEBOOK_GIVEN_TO,
    WORD_FILEBOOK_REQUESTS_AT, WORD_FILEBOOK_OTHER_LAW, WORD_FILEBOOK_KIND,
    WORD_FILEBOOK_MANUAL_PART, WORD_FILEBOOK_ORDINANCE_CARE,
    WORD_FILEBOOK_PROPOSALS,
};

enum { HEADS = sizeof(heads) / sizeof(heads[0]) };

static struct slice
yes_or_no(struct call *call, bool is_so)
{
	return call_word(call, is_so ? WORD_FILEBOOK_YES : WORD_FILEBOOK_NO);
}

static struct slice
items_text(struct call *call, const struct door_holding *h, bool *ret_care)
{
	struct buf to = buf_of(PAPER_TEXT_MAX_BYTES);
	*ret_care = false;
	for (size_t i = 0, n = 0; i < h->n_items; i++) {
		if (h->items[i].is_retired)
			continue;
		buf_add_printf(&to, "%s%zu %.*s", n == 0 ? ""
		    : call->lang == LANG_JA ? "、" : ", ", n + 1,
		    SLICE_FMT(h->items[i].name));
		*ret_care |= h->items[i].is_special_care;
		n++;
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static struct slice
purposes_text(struct call *call, const struct door_holding *h)
{
	struct buf to = buf_of(PAPER_TEXT_MAX_BYTES);
	for (size_t i = 0; i < h->n_purposes; i++) {
		const struct pack_purpose *p =
		    pack_purpose(call->pack, h->purposes[i]);
		if (i > 0)
			buf_add_str(&to, call->lang == LANG_JA ? "、" : ", ");
		buf_add(&to, p == NULL ? h->purposes[i]
		    : pack_word(call, &p->title));
	}
	struct slice copy = arena_copy(call->arena, slice_bytes(to.p, to.n));
	buf_close(&to);
	return copy;
}

static void
read_texts(struct call *call, const struct door_holding *h,
    const struct people_organ *organ, struct slice ret[HEADS])
{
	bool has_care;
	size_t n = 0;
	struct slice items = items_text(call, h, &has_care);
	ret[n++] = h->name;
	ret[n++] = organ->name;
	ret[n++] = h->section_path;
	ret[n++] = purposes_text(call, h);
	ret[n++] = items;
	ret[n++] = h->scope;
	ret[n++] = h->collected;
	ret[n++] = yes_or_no(call, has_care);
	ret[n++] = h->given_to;
	ret[n++] = h->requests_at;
	ret[n++] = h->other_law;
	ret[n++] = call_word(call, h->is_manual ? WORD_FILEBOOK_KIND_MANUAL
	    : WORD_FILEBOOK_KIND_ELECTRONIC);
	ret[n++] = yes_or_no(call, h->has_manual_part);
	ret[n++] = yes_or_no(call, h->has_ordinance_care);
	ret[n++] = yes_or_no(call, h->takes_proposals);
}

/* ---- one ---- */

static bool
put_file(struct papering *p, const struct door_holding *h,
    const struct people_organ *organ, struct err *err)
{
	struct slice texts[HEADS];
	struct paper_table t;
	if (!paper_facts(p, &t, err))
		return false;
	read_texts(p->call, h, organ, texts);
	for (size_t i = 0; i < HEADS; i++)
		paper_fact(p, &t, call_word(p->call, heads[i]), texts[i]);
	return true;
}

static const struct field show_input[] = {
    FIELD_HOLDING, FIELD_PAPER_FORMAT(paper_formats), FIELDS_END,
};

static bool
run_show(struct call *call, struct err *err)
{
	struct door_holding h;
	struct people_organ organ;
	if (!find_holding(call, &h, err))
		return false;
	if (!organ_of(call, h.section, &organ)) /* it has no section now */
		organ = (struct people_organ){.name = SLICE("")};
	struct papering *p = paper_begin(call,
	    call_word(call, WORD_FILEBOOK_ONE), err);
	if (p == NULL)
		return false;
	if (h.unlisted_why.n > 0) {
		struct paper_block *b = paper_block(p, PAPER_TEXT);
		b->text = call_word(call, WORD_FILEBOOK_UNLISTED,
		    h.unlisted_why);
	}
	if (organ.ordinance.n > 0) {
		struct paper_block *b = paper_block(p, PAPER_TEXT);
		b->text = call_word(call, WORD_HOLDING_OUTSIDE,
		    organ.ordinance);
	}
	if (put_file(p, &h, &organ, err))
		return paper_give(p, SLICE("holding"), err);
	paper_end(p);
	return false;
}

const struct action row_holding_paper = {
    .name = "holding.paper", .path = "/holdings/{holding}/paper",
    .input = show_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_HOLDING_PAPER_TITLE,
    .help = WORD_HOLDING_PAPER_HELP, .gives_file = true, .run = run_show,
};

/* ---- the register ---- */

static const struct field list_input[] = {
    {.name = "organ", .type = FIELD_ID, .label = WORD_FIELD_ORGAN},
    FIELD_PAPER_FORMAT(list_formats), FIELDS_END,
};

/* Fewer persons than the Order says, or a reason: not in the register. */
static bool
is_listed(const struct call *call, const struct door_holding *h,
    const struct people_organ *organ)
{
	uint64_t asked = call_id(call, "organ");
	uint64_t persons = h->persons > h->persons_stated ? h->persons
	    : h->persons_stated;
	return (asked == 0 || organ->id == asked) &&
	    organ->ordinance.n == 0 && h->unlisted_why.n == 0 &&
	    h->closed_at == 0 &&
	    persons >= parameter_of(call, "filebook.persons", 0);
}

/* A page for each file; as a sheet, a row for each. */
static bool
put_files(struct papering *p, struct err *err)
{
	struct call *call = p->call;
	struct door_holding *list;
	struct people_organ organ;
	struct paper_table t;
	struct slice texts[HEADS];
	uint64_t after = 0;
	size_t n, listed = 0;
	bool is_table = p->format != PAPER_PDF;
	if (is_table && !paper_headed(p, heads, HEADS, &t, err))
		return false;
	do {
		if (!door_holdings(call->door, call->visitor, after, &list, &n,
		    err))
			return false;
		for (size_t i = 0; i < n; i++) {
			after = list[i].id;
			if (!organ_of(call, list[i].section, &organ) ||
			    !is_listed(call, &list[i], &organ))
				continue;
			if (is_table) {
				read_texts(call, &list[i], &organ, texts);
				for (size_t j = 0; j < HEADS; j++)
					paper_cell(p, &t, texts[j]);
				continue;
			}
			if (listed++ > 0)
				(void)paper_block(p, PAPER_BREAK);
			if (!put_file(p, &list[i], &organ, err))
				return false;
		}
	} while (n == DOOR_PAGE_MAX);
	if (!is_table && listed == 0)
		paper_block(p, PAPER_TEXT)->text =
		    call_word(call, WORD_PAPER_NO_ROWS);
	return true;
}

static bool
run_list(struct call *call, struct err *err)
{
	struct papering *p = paper_begin(call,
	    call_word(call, WORD_FILEBOOK_TITLE), err);
	if (p == NULL)
		return false;
	p->paper.is_list = true;
	p->paper.is_landscape = p->format != PAPER_PDF;
	if (put_files(p, err))
		return paper_give(p, SLICE("filebook"), err);
	paper_end(p);
	return false;
}

const struct action row_holding_list_paper = {
    .name = "holding.list_paper", .path = "/holdings/paper",
    .input = list_input, .output = no_output, .who = WHO_SESSION,
    .ledger_verb = "", .title = WORD_HOLDING_LIST_PAPER_TITLE,
    .help = WORD_HOLDING_LIST_PAPER_HELP, .gives_file = true,
    .run = run_list,
};
