/* Documents: files attached to a record, handed out, erased. */
#include "rows.h"

#include <strings.h>

/* Kinds of files by the end of their names; all others are bytes. */
static const struct kind {
	const char *end;
	const char *type;
	enum word word;
} kinds[] = {
    {".pdf", "application/pdf", WORD_DOCUMENT_KIND_PDF},
    {".png", "image/png", WORD_DOCUMENT_KIND_IMAGE},
    {".jpg", "image/jpeg", WORD_DOCUMENT_KIND_IMAGE},
    {".jpeg", "image/jpeg", WORD_DOCUMENT_KIND_IMAGE},
    {".tif", "image/tiff", WORD_DOCUMENT_KIND_IMAGE},
    {".tiff", "image/tiff", WORD_DOCUMENT_KIND_IMAGE},
    {".txt", "text/plain", WORD_DOCUMENT_KIND_TEXT},
    {".csv", "text/csv", WORD_DOCUMENT_KIND_TABLE},
    {".xlsx", "application/vnd.openxmlformats-officedocument."
        "spreadsheetml.sheet", WORD_DOCUMENT_KIND_TABLE},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet",
        WORD_DOCUMENT_KIND_TABLE},
    {".docx", "application/vnd.openxmlformats-officedocument."
        "wordprocessingml.document", WORD_DOCUMENT_KIND_WRITING},
    {".odt", "application/vnd.oasis.opendocument.text",
        WORD_DOCUMENT_KIND_WRITING},
    {".pptx", "application/vnd.openxmlformats-officedocument."
        "presentationml.presentation", WORD_DOCUMENT_KIND_SLIDES},
    {".zip", "application/zip", WORD_DOCUMENT_KIND_ARCHIVE},
    {"", "application/octet-stream", WORD_DOCUMENT_KIND_OTHER},
};

static const struct kind *
kind_of_name(struct slice name)
{
	const struct kind *k = kinds;
	for (;; k++) {
		size_t n = strlen(k->end);
		if (name.n >= n && strncasecmp(name.p + name.n - n, k->end,
		    n) == 0)
			return k;
	}
}

static const struct kind *
kind_of_type(struct slice type)
{
	const struct kind *k = kinds;
	while (k->end[0] != '\0' && !slice_is(type, k->type))
		k++;
	return k;
}

static struct slice
size_text(const struct call *call, uint64_t bytes)
{
	struct arena *a = call->arena;
	uint64_t tenths = bytes * 10 / (1024 * 1024);
	if (bytes < 1024)
		return call_word(call, WORD_DOCUMENT_BYTES, arena_printf(a,
		    "%llu", (unsigned long long)bytes));
	if (tenths < 10)
		return arena_printf(a, "%llu KB",
		    (unsigned long long)((bytes + 1023) / 1024));
	return arena_printf(a, "%llu.%llu MB",
	    (unsigned long long)(tenths / 10),
	    (unsigned long long)(tenths % 10));
}

void
put_documents(struct call *call, const struct door_holding *h,
    const struct shown_record *r)
{
	struct arena *a = call->arena;
	struct out *list = out_list(a, call->out, "documents");
	for (size_t i = 0; i < r->n && i < h->n_items; i++) {
		const struct shown_value *v = &r->values[i];
		const struct shown_document *d = v->document;
		if (h->items[i].type != PACK_ITEM_FILE ||
		    (h->items[i].is_retired && d == NULL))
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "item", h->items[i].id);
		out_text(a, o, "label", h->items[i].name);
		out_flag(a, o, "masked", v->is_masked);
		out_flag(a, o, "special_care", h->items[i].is_special_care);
		if (d == NULL)
			continue;
		out_id(a, o, "id", d->id);
		out_text(a, o, "name", d->name);
		out_text(a, o, "type", d->type);
		out_str(a, o, "kind", word_text(kind_of_type(d->type)->word,
		    call->lang));
		out_number(a, o, "bytes", (int64_t)d->bytes);
		out_text(a, o, "size", size_text(call, d->bytes));
		out_flag(a, o, "erased", d->is_erased);
	}
	uint32_t acts = ACT_BIT(ACT_CREATE) | ACT_BIT(ACT_CORRECT);
	out_flag(a, call->out, "may_attach", (h->acts & acts) == acts);
}

/* ---- attach ---- */

static const struct field attach_input[] = {
    FIELD_HOLDING, FIELD_RECORD,
    {.name = "item", .type = FIELD_KEY, .max = 64, .required = true,
        .label = WORD_FIELD_DOCUMENT_ITEM},
    FIELD_PURPOSE, FIELD_CASE_REFERENCE,
    {.name = "file", .type = FIELD_FILE, .max = DOOR_DOCUMENT_MAX_BYTES,
        .required = true, .label = WORD_FIELD_FILE},
    FIELDS_END,
};

static const struct result attach_output[] = {
    {"document", OUT_ID}, {"version", OUT_NUMBER}, {"entry", OUT_NUMBER},
    {"purpose_options", OUT_LIST}, {"purpose_options.value", OUT_TEXT},
    {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG},
    {"item_options", OUT_LIST}, {"item_options.value", OUT_TEXT},
    {"item_options.label", OUT_TEXT}, RESULTS_OF_FACTS, RESULTS_END,
};

/* What both forms say: of whose record the document is. */
static bool
put_whose(struct call *call, struct door_holding *ret, struct out **ret_facts,
    struct shown_record *ret_record, struct err *err)
{
	if (!find_holding_form(call, ret, err))
		return false;
	call->purpose = call_text(call, "purpose");
	put_purposes(call, call->out, ret);
	*ret_facts = out_list(call->arena, call->out, "facts");
	put_fact(call, *ret_facts, WORD_FIELD_HOLDING, ret->name);
	return put_subject(call, ret, *ret_facts, ret_record, err);
}

/* Items of type file that the visitor's grants hold. */
static bool
prepare_attach(struct call *call, struct err *err)
{
	struct arena *a = call->arena;
	struct door_holding h;
	struct shown_record r;
	struct out *facts;
	if (!put_whose(call, &h, &facts, &r, err))
		return false;
	uint64_t items = door_may(call->door, call->visitor, h.id,
	    ACT_CORRECT).items;
	struct out *list = out_list(a, call->out, "item_options");
	for (size_t i = 0; i < h.n_items; i++) {
		if (h.items[i].type != PACK_ITEM_FILE ||
		    h.items[i].is_retired || (items & ITEM_BIT(i)) == 0)
			continue;
		struct out *o = out_item(a, list);
		out_text(a, o, "value", h.items[i].id);
		out_text(a, o, "label", h.items[i].name);
	}
	return true;
}

static bool
run_attach(struct call *call, struct err *err)
{
	struct door_holding h;
	struct attached done;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	size_t item = 0;
	if (!find_holding_form(call, &h, err))
		return false;
	while (item < h.n_items && !slice_is_equal(h.items[item].id,
	    call_text(call, "item")))
		item++;
	if (item == h.n_items || h.items[item].type != PACK_ITEM_FILE ||
	    h.items[item].is_retired)
		return call_mistake(call, err, "item",
		    WORD_MISTAKE_FILE_ITEM);
	const struct value *file = call_nth(call, "file", 0);
	struct door_attach ask = {.intent = intent_of(call, &h),
	    .record = call_id(call, "record"), .item = (unsigned)item,
	    .name = file->name,
	    .type = slice_of(kind_of_name(file->name)->type),
	    .bytes = file->bytes};
	if (!door_attach(call->door, call->visitor, &ask, &done, &refusal,
	    err)) {
		if (err->code == ERR_INPUT)
			return call_mistake(call, err, "file",
			    WORD_MISTAKE_FILE_NAME);
		if (err->code == ERR_LIMIT && refusal.verdict == VERDICT_ALLOW)
			return call_fail(call, err, ERR_CONFLICT,
			    WORD_ERROR_DOCUMENTS_FULL, arena_printf(call->arena,
			        "%d", DOOR_DOCUMENTS_MAX));
		return pass_refusal(call, err, &refusal);
	}
	out_id(call->arena, call->out, "document", done.document);
	out_number(call->arena, call->out, "version", done.version);
	out_number(call->arena, call->out, "entry", (int64_t)done.entry);
	call->go = record_place(call, h.id, ask.record);
	return true;
}

const struct action row_document_attach = {
    .name = "document.attach", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/attach",
    .input = attach_input, .output = attach_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "document.create",
    .title = WORD_DOCUMENT_ATTACH_TITLE, .help = WORD_DOCUMENT_ATTACH_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_attach, .run = run_attach,
};

/* ---- open ---- */

#define FIELD_DOCUMENT                                                         \
	{                                                                      \
		.name = "document", .type = FIELD_ID, .required = true,        \
		.label = WORD_FIELD_DOCUMENT                                   \
	}

static const struct field open_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_DOCUMENT, FIELD_PURPOSE,
    FIELD_CASE_REFERENCE,
    {.name = "version", .type = FIELD_NUMBER, .max = 1000000,
        .label = WORD_FIELD_VERSION},
    FIELDS_END,
};

static const struct result open_output[] = {RESULTS_END};

/* What is not there, or no longer, is told as such. */
static bool
pass_fault(struct call *call, struct err *err,
    const struct decision *refusal)
{
	if (err->code == ERR_NOT_FOUND && refusal->verdict == VERDICT_ALLOW)
		return call_fail(call, err, ERR_NOT_FOUND,
		    WORD_ERROR_NO_DOCUMENT);
	return pass_refusal(call, err, refusal);
}

static struct door_document
document_of(struct call *call, const struct door_holding *h)
{
	return (struct door_document){.intent = intent_of(call, h),
	    .record = call_id(call, "record"),
	    .document = call_id(call, "document")};
}

static bool
run_open(struct call *call, struct err *err)
{
	struct door_holding h;
	struct opened_document done;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct buf to = buf_of(DOOR_DOCUMENT_MAX_BYTES);
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_document ask = document_of(call, &h);
	ask.version = (uint32_t)call_number(call, "version", 0);
	if (!door_open_document(call->door, call->visitor, &ask, &done, &to,
	    &refusal, err)) {
		buf_close(&to);
		return pass_fault(call, err, &refusal);
	}
	call->content = to;
	call->content_type = kind_of_type(done.document.type)->type;
	call->attachment = done.document.name;
	return true;
}

const struct action row_document_open = {
    .name = "document.open",
    .path = "/holdings/{holding}/records/{record}/documents/{document}",
    .input = open_input, .output = open_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "document.open",
    .title = WORD_DOCUMENT_OPEN_TITLE, .help = WORD_DOCUMENT_OPEN_HELP,
    .gives_file = true, .run = run_open,
};

/* ---- erase ---- */

static const struct field erase_input[] = {
    FIELD_HOLDING, FIELD_RECORD, FIELD_DOCUMENT, FIELD_PURPOSE,
    FIELD_CASE_REFERENCE,
    {.name = "sure", .type = FIELD_FLAG, .required = true,
        .label = WORD_FIELD_SURE},
    FIELDS_END,
};

static const struct result erase_output[] = {
    {"entry", OUT_NUMBER}, {"purpose_options", OUT_LIST},
    {"purpose_options.value", OUT_TEXT}, {"purpose_options.label", OUT_TEXT},
    {"purpose_options.selected", OUT_FLAG}, RESULTS_OF_FACTS, RESULTS_END,
};

static bool
prepare_erase(struct call *call, struct err *err)
{
	struct door_holding h;
	struct shown_record r;
	struct out *facts;
	if (!put_whose(call, &h, &facts, &r, err))
		return false;
	for (size_t i = 0; i < r.n; i++) {
		const struct shown_document *d = r.values[i].document;
		if (d != NULL && d->id == call_id(call, "document"))
			put_fact(call, facts, WORD_FIELD_DOCUMENT, d->name);
	}
	return true;
}

static bool
run_erase(struct call *call, struct err *err)
{
	struct door_holding h;
	struct decision refusal = {.verdict = VERDICT_ALLOW};
	struct written written;
	if (!find_holding_form(call, &h, err))
		return false;
	struct door_document ask = document_of(call, &h);
	if (!door_erase_document(call->door, call->visitor, &ask, &written,
	    &refusal, err))
		return pass_fault(call, err, &refusal);
	out_number(call->arena, call->out, "entry", (int64_t)written.entry);
	call->go = record_place(call, h.id, ask.record);
	return true;
}

const struct action row_document_erase = {
    .name = "document.erase", .is_change = true,
    .path = "/holdings/{holding}/records/{record}/documents/{document}/erase",
    .input = erase_input, .output = erase_output, .who = WHO_GRANT,
    .needs_purpose = true, .ledger_verb = "document.erase",
    .title = WORD_DOCUMENT_ERASE_TITLE, .help = WORD_DOCUMENT_ERASE_HELP,
    .page = "form", .after = "/holdings/{holding}",
    .prepare = prepare_erase, .run = run_erase,
};
