#include "regulation/check.h"

enum { NODES_MAX = 2000 };

/* All nodes of the organs, side by side. */
struct nodes {
	const struct pack_node *list[NODES_MAX];
	size_t n;
	bool are_too_many;
};

static void
collect(struct nodes *all, const struct pack_node *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (all->n == NODES_MAX) {
			all->are_too_many = true;
			return;
		}
		all->list[all->n++] = &list[i];
		collect(all, list[i].sections, list[i].n_sections);
	}
}

static void
settle_counts(const struct nodes *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct pack_node *n = (struct pack_node *)all->list[i];
		if (!n->has_counts)
			n->counts = n->unit == PACK_NODE_SECTION;
	}
}

static void
check_nodes(struct check *c, const struct nodes *all)
{
	const struct pack *p = c->pack;
	if (all->are_too_many)
		(void)pack_fault_add(c->faults, p->organs[0].place.file,
		    p->organs[0].place.line, "there are more than %d "
		    "sections; leave some out", NODES_MAX);
	for (size_t i = 1; i < all->n; i++) {
		const struct pack_node *n = all->list[i];
		for (size_t j = 0; j < i && n->id.n > 0; j++) {
			if (!slice_is_equal(n->id, all->list[j]->id))
				continue;
			(void)pack_fault_add(c->faults, n->place.file,
			    n->place.line, "the section '%.*s' is there "
			    "twice, first in line %d; rename or remove one",
			    SLICE_FMT(n->id), all->list[j]->place.line);
			break;
		}
	}
}

static void
check_section(struct check *c, const struct pack_holding *h,
    const struct nodes *all)
{
	const struct pack_node *found = NULL;
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (slice_is_equal(all->list[i]->name, h->section.id)) {
			found = all->list[i];
			n++;
		}
	}
	if (h->section.id.n == 0 || all->are_too_many)
		return;
	if (n != 1)
		(void)pack_fault_add(c->faults, h->section.file,
		    h->section.line, n == 0 ? "no section is called '%.*s'; "
		    "add it under 'organs' or correct the name" : "several "
		    "sections are called '%.*s'; rename all but one",
		    SLICE_FMT(h->section.id));
	else if (!found->counts)
		(void)pack_fault_add(c->faults, h->section.file,
		    h->section.line, "'%.*s' is no section (課等) in the "
		    "regulation's sense; name one that is, or write counts: "
		    "true there", SLICE_FMT(h->section.id));
}

static void
check_item(struct check *c, const struct pack_holding *h,
    const struct pack_item *m)
{
	bool is_choice = m->type == PACK_ITEM_CHOICE;
	if (is_choice != (m->n_choices > 0))
		(void)pack_fault_add(c->faults, m->place.file, m->place.line,
		    is_choice ? "the item '%.*s' is a choice without "
		    "'choices'; list them" : "the item '%.*s' is no choice "
		    "and has 'choices'; remove them", SLICE_FMT(m->id));
	if (m->type == PACK_ITEM_FILE && m->search != PACK_SEARCH_NONE)
		(void)pack_fault_add(c->faults, m->place.file, m->place.line,
		    "the item '%.*s' is a file and cannot be searched; write "
		    "search: none", SLICE_FMT(m->id));
	if (m->type == PACK_ITEM_MY_NUMBER && !h->is_my_number)
		(void)pack_fault_add(c->faults, m->place.file, m->place.line,
		    "the item '%.*s' is a My Number in a holding with "
		    "my_number: false; write true", SLICE_FMT(m->id));
	if (m->type == PACK_ITEM_MY_NUMBER && m->search == PACK_SEARCH_PREFIX)
		(void)pack_fault_add(c->faults, m->place.file, m->place.line,
		    "the item '%.*s' is a My Number, searched by its "
		    "beginning; write exact or none", SLICE_FMT(m->id));
}

void
check_holdings_own(struct check *c)
{
	const struct pack *p = c->pack;
	if (p->kind != PACK_KIND_BODY && p->n_holdings > 0)
		(void)pack_fault_add(c->faults, p->holdings[0].place.file,
		    p->holdings[0].place.line, "only a pack of kind body has "
		    "holdings; move them there");
	check_unique(c, "holding", p->holdings, p->n_holdings,
	    sizeof(*p->holdings));
	for (size_t i = 0; i < p->n_holdings; i++) {
		const struct pack_holding *h = &p->holdings[i];
		check_unique(c, "item", h->items, h->n_items,
		    sizeof(*h->items));
		for (size_t j = 0; j < h->n_items; j++)
			check_item(c, h, &h->items[j]);
	}
}

static bool
is_purpose(const struct pack *p, struct slice id)
{
	return pack_purpose(p, id) != NULL;
}

static bool
is_sensitivity(const struct pack *p, struct slice id)
{
	return pack_sensitivity(p, id) != NULL;
}

static void
check_holding(struct check *c, const struct pack_holding *h,
    const struct nodes *all)
{
	check_section(c, h, all);
	check_names(c, "purpose", h->purposes, h->n_purposes, is_purpose);
	check_names(c, "class of sensitivity", &h->sensitivity, 1,
	    is_sensitivity);
	if (h->sensitivity.id.n > 0 &&
	    h->is_my_number != slice_is(h->sensitivity.id, "my_number"))
		(void)pack_fault_add(c->faults, h->place.file, h->place.line,
		    "the holding '%.*s' must have sensitivity my_number if, "
		    "and only if, my_number is true; correct one",
		    SLICE_FMT(h->id));
	if (h->is_my_number && c->pack->n_handlers == 0)
		(void)pack_fault_add(c->faults, h->place.file, h->place.line,
		    "the holding '%.*s' holds My Numbers and no office may "
		    "handle them; add an office 'handler' or 'handlers'",
		    SLICE_FMT(h->id));
}

void
check_holdings_whole(struct check *c)
{
	const struct pack *p = c->pack;
	struct nodes *all = arena_alloc(c->arena, sizeof(*all));
	if (all == NULL)
		return; /* the pack ends with that failure */
	*all = (struct nodes){.n = 0};
	for (size_t i = 0; i < p->n_organs; i++)
		collect(all, p->organs[i].sections, p->organs[i].n_sections);
	settle_counts(all);
	check_nodes(c, all);
	for (size_t i = 0; i < p->n_holdings; i++)
		check_holding(c, &p->holdings[i], all);
}
