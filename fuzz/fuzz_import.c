/*
 * Import and search: whatever the file, looking at it ends, tells problems
 * in order of rows, and says the same twice. Whatever the text, its terms fit
 * the caps, and what is looked up by the whole value is among them. The first
 * byte chooses the map of columns.
 */
#include <string.h>

#include "base/must.h"
#include "base/text.h"
#include "target.h"
#include "vault/document.h"
#include "vault/import.h"

#define TEXT(lit)                                                              \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}

static const struct slice sexes[] = {TEXT("男"), TEXT("女")};

static const struct item items[] = {
    {.id = TEXT("name"),
	.name = TEXT("氏名"),
	.type = PACK_ITEM_NAME,
	.search = PACK_SEARCH_PREFIX},
    {.id = TEXT("kana"),
	.name = TEXT("カナ"),
	.type = PACK_ITEM_KANA,
	.search = PACK_SEARCH_PREFIX},
    {.id = TEXT("birth"),
	.name = TEXT("生年月日"),
	.type = PACK_ITEM_DATE,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("address"),
	.name = TEXT("住所"),
	.type = PACK_ITEM_ADDRESS,
	.search = PACK_SEARCH_PREFIX},
    {.id = TEXT("number"),
	.name = TEXT("番号"),
	.type = PACK_ITEM_NUMBER,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("phone"),
	.name = TEXT("電話"),
	.type = PACK_ITEM_PHONE,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("my_number"),
	.name = TEXT("個人番号"),
	.type = PACK_ITEM_MY_NUMBER,
	.search = PACK_SEARCH_EXACT},
    {.id = TEXT("sex"),
	.name = TEXT("性別"),
	.type = PACK_ITEM_CHOICE,
	.choices = sexes,
	.n_choices = 2},
    {.id = TEXT("note"),
	.name = TEXT("備考"),
	.type = PACK_ITEM_TEXT,
	.search = PACK_SEARCH_EXACT},
};

enum { ITEMS = sizeof(items) / sizeof(items[0]) };

static const struct holding holding = {
    .is_my_number = true, .items = items, .n_items = ITEMS};

static bool
look(const struct import_job *job, struct arena *a, struct import_report *ret)
{
	struct err err = ERR_INIT;
	bool is_good = import_run(job, a, ret, &err);
	must(is_good == (err.code == ERR_NONE));
	must(is_good == (ret->n_problems == 0) || err.code != ERR_INPUT);
	for (size_t i = 0; i < ret->n_problems; i++) {
		must(ret->problems[i].fault != VALUE_IS_FINE);
		must(
		    i == 0 || ret->problems[i].row >= ret->problems[i - 1].row);
	}
	return is_good;
}

static void
check_import(struct slice csv, uint8_t choice)
{
	struct arena *a = arena_open((size_t)8 * 1024 * 1024);
	struct import_map map = {.n = choice % 8U};
	struct import_report first, second;
	must(a != NULL);
	for (size_t i = 0; i < map.n; i++)
		map.items[i] = (uint8_t)((choice / 8U + i) % (ITEMS + 1));
	struct import_job job = {.holding = &holding,
	    .csv = csv,
	    .map = map.n > 0 ? &map : NULL,
	    .is_dry = true};
	bool is_good = look(&job, a, &first);
	must(look(&job, a, &second) == is_good);
	must(first.n_problems == second.n_problems);
	must(first.rows == second.rows);
	arena_close(a);
}

/* Cuts apart, a term that a search makes is one of the record's. */
static void
check_terms(struct slice text)
{
	struct slice values[ITEMS];
	struct term terms[TERM_OF_RECORD_MAX], term;
	struct arena *a = arena_open((size_t)1024 * 1024);
	struct err err = ERR_INIT;
	must(a != NULL);
	for (size_t i = 0; i < ITEMS; i++) {
		for (size_t k = 0; k < ITEMS; k++)
			values[k] = k == i ? text : SLICE_NONE;
		size_t n = terms_of_record(&holding, values, a, terms);
		must(n <= TERM_OF_RECORD_MAX);
		bool is_there = n == 0;
		if (!term_of_search(&holding, i, text, a, &term, &err))
			continue;
		must(term.text.n > 0 && term.text.n <= TERM_MAX_BYTES);
		for (size_t k = 0; k < n; k++) {
			must(terms[k].item == i);
			must(text_is_utf8(terms[k].text));
			is_there |= slice_is_equal(terms[k].text, term.text);
		}
		must(is_there);
	}
	arena_close(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document d;
	struct err err = ERR_INIT;
	if (size < 1)
		return 0;
	struct slice text = slice_bytes(data + 1, size - 1);
	check_import(text, data[0]);
	if (document_read(text, &d, &err)) {
		struct buf to SCOPED(buf_close) =
		    buf_of(DOCUMENT_VALUE_MAX_BYTES);
		document_write(&to, &d);
		must(!to.failed);
		must(slice_is_equal(slice_bytes(to.p, to.n), text));
	}
	if (text.n <= RECORD_VALUE_MAX_BYTES && text_is_utf8(text))
		check_terms(text);
	return 0;
}
