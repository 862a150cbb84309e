#include "serve/demo_document.h"

#include "base/must.h"
#include "guard/door_document.h"

enum { RECORDS = 3, PDF_MAX_BYTES = 2048, PDF_OBJECTS = 5 };

/* One page in ASCII, which needs no font file. */
static void
write_pdf(unsigned number, struct buf *to)
{
	size_t at[PDF_OBJECTS + 1];
	struct buf text = buf_of(256);
	buf_add_printf(&text, "BT /F 14 Tf 72 760 Td (Invented specimen no. %u"
	    " - Fumikura demonstration) Tj ET", number);
	const struct slice objects[PDF_OBJECTS] = {
	    SLICE("<</Type/Catalog/Pages 2 0 R>>"),
	    SLICE("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
	    SLICE("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
	          "/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>"),
	    SLICE("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
	    slice_bytes(text.p, text.n)};
	buf_add_str(to, "%PDF-1.4\n");
	for (size_t i = 0; i < PDF_OBJECTS; i++) {
		at[i] = to->n;
		buf_add_printf(to, "%zu 0 obj\n", i + 1);
		if (i + 1 == PDF_OBJECTS)
			buf_add_printf(to, "<</Length %zu>>\nstream\n",
			    objects[i].n);
		buf_add(to, objects[i]);
		buf_add_str(to, i + 1 == PDF_OBJECTS ? "\nendstream" : "");
		buf_add_str(to, "\nendobj\n");
	}
	at[PDF_OBJECTS] = to->n;
	buf_add_printf(to, "xref\n0 %d\n0000000000 65535 f \n",
	    PDF_OBJECTS + 1);
	for (size_t i = 0; i < PDF_OBJECTS; i++)
		buf_add_printf(to, "%010zu 00000 n \n", at[i]);
	buf_add_printf(to, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu"
	    "\n%%%%EOF\n", PDF_OBJECTS + 1, at[PDF_OBJECTS]);
	buf_close(&text);
}

/* By the first item that can be looked up and that the person has. */
static bool
find_record(struct door *door, struct visitor *v, const struct holding *h,
    const struct slice *values, const struct door_intent *intent,
    uint64_t *ret, struct err *err)
{
	struct door_list ask = {.intent = *intent, .n = 1};
	struct shown_list list;
	struct decision refusal;
	size_t i = 0;
	while (i < h->n_items && (h->items[i].search == PACK_SEARCH_NONE ||
	    values[i].n == 0))
		i++;
	if (i == h->n_items)
		return ERR(err, ERR_INPUT, "nothing to look up by");
	ask.terms[0] = (struct door_term){(unsigned)i, values[i]};
	if (!door_look_up(door, v, &ask, &list, &refusal, err))
		return false;
	if (list.n == 0)
		return ERR(err, ERR_NOT_FOUND, "nobody by %.*s",
		    SLICE_FMT(h->items[i].id));
	*ret = list.records[0].id;
	return true;
}

bool
demo_attach(struct door *door, struct visitor *v, const struct holding *h,
    const struct invent *in, uint64_t n, const struct door_intent *intent,
    struct err *err)
{
	struct slice values[HOLDING_ITEMS_MAX];
	struct decision refusal;
	struct attached done;
	size_t item = 0;
	while (item < h->n_items && h->items[item].type != PACK_ITEM_FILE)
		item++;
	if (item == h->n_items)
		return true;
	for (unsigned i = 0; i < RECORDS && i < n; i++) {
		struct invented who;
		struct buf pdf = buf_of(PDF_MAX_BYTES);
		invent_person(in, i, v->arena, &who);
		invent_values(in, h, &who, v->arena, values);
		write_pdf(i + 1, &pdf);
		struct door_attach ask = {.intent = *intent,
		    .item = (unsigned)item,
		    .name = arena_printf(v->arena, "%.*s.pdf",
		        SLICE_FMT(h->items[item].name)),
		    .type = SLICE("application/pdf"),
		    .bytes = slice_bytes(pdf.p, pdf.n)};
		bool worked = find_record(door, v, h, values, intent,
		    &ask.record, err) &&
		    door_attach(door, v, &ask, &done, &refusal, err);
		buf_close(&pdf);
		if (!worked)
			return err_wrap(err, "documents of %.*s",
			    SLICE_FMT(h->name));
	}
	return true;
}
