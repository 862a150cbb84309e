#include "regulation/check.h"

#include "base/text.h"
#include "regulation/parameter.h"

/* What every struct of a list begins with. */
struct head {
	struct pack_place place;
	struct slice id;
};

static const struct head *
head_at(const void *list, size_t i, size_t size)
{
	return (const struct head *)((const char *)list + i * size);
}

void
check_unique(struct check *c, const char *what, const void *list, size_t n,
    size_t size)
{
	for (size_t i = 1; i < n; i++) {
		const struct head *h = head_at(list, i, size);
		for (size_t j = 0; j < i && h->id.n > 0; j++) {
			const struct head *had = head_at(list, j, size);
			if (!slice_is_equal(h->id, had->id))
				continue;
			(void)pack_fault_add(c->faults, h->place.file,
			    h->place.line, "the %s '%.*s' is there twice, "
			    "first in line %d; rename or remove one", what,
			    SLICE_FMT(h->id), had->place.line);
			break;
		}
	}
}

void
check_names(struct check *c, const char *what, const struct pack_name *list,
    size_t n, bool (*is_known)(const struct pack *, struct slice))
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].id.n == 0)
			continue;
		if (!is_known(c->pack, list[i].id))
			(void)pack_fault_add(c->faults, list[i].file,
			    list[i].line, "there is no %s '%.*s'; add it or "
			    "correct the name", what, SLICE_FMT(list[i].id));
		for (size_t j = 0; j < i; j++) {
			if (!slice_is_equal(list[i].id, list[j].id))
				continue;
			(void)pack_fault_add(c->faults, list[i].file,
			    list[i].line, "'%.*s' stands twice in one list; "
			    "keep one", SLICE_FMT(list[i].id));
			break;
		}
	}
}

bool
check_is_office(const struct pack *p, struct slice id)
{
	return pack_office(p, id) != NULL;
}

bool
check_is_control(const struct pack *p, struct slice id)
{
	return pack_control(p, id) != NULL;
}

/* Articles are bound while the pack is being made: here only they change. */
static void
bind(struct check *c, struct pack_article *a)
{
	if (a->ref.n == 0)
		return;
	a->provision = pack_provision(c->pack, a->ref);
	if (a->provision == NULL) {
		(void)pack_fault_add(c->faults, a->file, a->line,
		    "there is no provision '%.*s'; write a reference of this "
		    "pack, or pack:reference of one under `extends`",
		    SLICE_FMT(a->ref));
		return;
	}
	const struct pack *of = a->provision->pack;
	a->full = arena_printf(c->arena, "%.*s:%.*s", SLICE_FMT(of->id),
	    SLICE_FMT(a->provision->id));
}

void
check_bind(struct check *c, const struct pack_article *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bind(c, (struct pack_article *)&list[i]);
}

static bool
is_reference(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		if (ch == ':' || ch == ',' || ch == ' ')
			return false;
	}
	return true;
}

static void
check_summary(struct check *c, const struct pack_provision *v)
{
	size_t n = text_count_characters(v->summary);
	if (v->summary.n == 0)
		return; /* told when it was read */
	if (n < PACK_SUMMARY_MIN_CHARACTERS || n > PACK_SUMMARY_MAX_CHARACTERS)
		(void)pack_fault_add(c->faults, v->place.file, v->place.line,
		    "the summary of '%.*s' has %zu characters; write %d to %d",
		    SLICE_FMT(v->id), n, PACK_SUMMARY_MIN_CHARACTERS,
		    PACK_SUMMARY_MAX_CHARACTERS);
}

static void
check_provision_own(struct check *c, struct pack_provision *v)
{
	v->pack = c->pack;
	v->chapter = pack_chapter(c->pack, v->chapter_id.id);
	if (v->chapter == NULL && v->chapter_id.id.n > 0)
		(void)pack_fault_add(c->faults, v->chapter_id.file,
		    v->chapter_id.line, "there is no chapter '%.*s'; add it "
		    "to the manifest or correct the name",
		    SLICE_FMT(v->chapter_id.id));
	if (!is_reference(v->id))
		(void)pack_fault_add(c->faults, v->place.file, v->place.line,
		    "the reference '%.*s' holds a colon, a comma or a space; "
		    "write it without", SLICE_FMT(v->id));
	if (slice_is(v->actor, "(主語なし)") && v->office.id.n == 0 &&
	    v->n_offices == 0)
		(void)pack_fault_add(c->faults, v->place.file, v->place.line,
		    "the provision '%.*s' names nobody (主語なし) and has no "
		    "office; add 'office'", SLICE_FMT(v->id));
	check_summary(c, v);
}

static void
check_provision_whole(struct check *c, const struct pack_provision *v)
{
	check_names(c, "office", &v->office, 1, check_is_office);
	check_names(c, "office", v->offices, v->n_offices, check_is_office);
	for (size_t i = 0; i < v->n_offices; i++) {
		if (v->office.id.n > 0 &&
		    slice_is_equal(v->offices[i].id, v->office.id))
			(void)pack_fault_add(c->faults, v->offices[i].file,
			    v->offices[i].line, "'%.*s' is already 'office'; "
			    "take it off 'offices'", SLICE_FMT(v->office.id));
	}
}

/*
 * Controls stand in base, which rests on law: so law's provisions are looked
 * at from above, once the controls are there.
 */
static void
check_controls(struct check *c, const struct pack *of)
{
	for (size_t i = 0; i < of->n_provisions; i++) {
		const struct pack_provision *v = &of->provisions[i];
		check_names(c, "control", v->controls, v->n_controls,
		    check_is_control);
	}
}

static int
compare_dates(struct pack_date a, struct pack_date b)
{
	unsigned x = a.year * 10000 + a.month * 100 + a.day;
	unsigned y = b.year * 10000 + b.month * 100 + b.day;
	return x < y ? -1 : x > y;
}

static void
check_label(struct check *c, const struct pack_numbering *n)
{
	for (size_t i = 0; i + 3 <= n->label.n; i++) {
		if (memcmp(n->label.p + i, "{n}", 3) == 0)
			return;
	}
	/* An item label may do without: 附則, where there is only one. */
	if (n->label.n > 0 && n->style == PACK_STYLE_ARTICLE)
		(void)pack_fault_add(c->faults, n->place.file, n->place.line,
		    "the label '%.*s' has no {n}; write {n} where the number "
		    "goes", SLICE_FMT(n->label));
}

static void
check_manifest(struct check *c)
{
	const struct pack *p = c->pack;
	const char *file = p->place.file;
	bool is_body = p->kind == PACK_KIND_BODY;
	if (is_body != (p->municipality.place.file != NULL))
		(void)pack_fault_add(c->faults, file, p->place.line, is_body ?
		    "a pack of kind body has no 'municipality'; add it" :
		    "only a pack of kind body has a 'municipality'; remove "
		    "it");
	if (!is_body && p->body.place.file != NULL)
		(void)pack_fault_add(c->faults, file, p->body.place.line,
		    "only a pack of kind body has a 'body'; remove it");
	if (is_body && p->municipality.role == PACK_ROLE_CONTRACTOR &&
	    p->body.place.file == NULL)
		(void)pack_fault_add(c->faults, file,
		    p->municipality.place.line, "a contractor has its own "
		    "name and head; add 'body'");
	for (size_t i = 1; i < p->n_in_force; i++) {
		if (compare_dates(p->in_force[i - 1].from,
		    p->in_force[i].from) >= 0)
			(void)pack_fault_add(c->faults, file,
			    p->in_force[i].place.line, "the dates under "
			    "'in_force' do not rise; order them");
	}
	check_unique(c, "chapter", p->chapters, p->n_chapters,
	    sizeof(*p->chapters));
	check_label(c, &p->numbering);
	for (size_t i = 0; i < p->n_chapters; i++) {
		if (p->chapters[i].has_numbering)
			check_label(c, &p->chapters[i].numbering);
	}
}

static void
check_sensitivity(struct check *c)
{
	static const char *const ids[] = {"low", "middle", "high",
	    "my_number"};
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_sensitivity; i++) {
		const struct pack_sensitivity *s = &p->sensitivity[i];
		size_t at = 0;
		while (at < 4 && !slice_is(s->id, ids[at]))
			at++;
		if (s->id.n == 0 || s->rank == 0 || s->rank == at + 1)
			continue;
		(void)pack_fault_add(c->faults, s->place.file, s->place.line,
		    "the class '%.*s' has rank %llu; write low 1, middle 2, "
		    "high 3, my_number 4", SLICE_FMT(s->id),
		    (unsigned long long)s->rank);
	}
}

static void
bind_all(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_offices; i++)
		check_bind(c, p->offices[i].articles,
		    p->offices[i].n_articles);
	for (size_t i = 0; i < p->n_parameters; i++)
		check_bind(c, p->parameters[i].articles,
		    p->parameters[i].n_articles);
	for (size_t i = 0; i < p->n_sensitivity; i++)
		check_bind(c, p->sensitivity[i].articles,
		    p->sensitivity[i].n_articles);
	for (size_t i = 0; i < p->n_grounds; i++)
		check_bind(c, p->grounds[i].articles,
		    p->grounds[i].n_articles);
	check_bind(c, p->decisions, PACK_DECISIONS_END);
}

void
check_own(struct check *c)
{
	const struct pack *p = c->pack;
	check_manifest(c);
	check_unique(c, "provision", p->provisions, p->n_provisions,
	    sizeof(*p->provisions));
	check_unique(c, "parameter", p->parameters, p->n_parameters,
	    sizeof(*p->parameters));
	check_unique(c, "class", p->sensitivity, p->n_sensitivity,
	    sizeof(*p->sensitivity));
	check_unique(c, "purpose", p->purposes, p->n_purposes,
	    sizeof(*p->purposes));
	check_unique(c, "ground", p->grounds, p->n_grounds,
	    sizeof(*p->grounds));
	check_unique(c, "control", p->controls, p->n_controls,
	    sizeof(*p->controls));
	for (size_t i = 0; i < p->n_provisions; i++)
		check_provision_own(c,
		    (struct pack_provision *)&p->provisions[i]);
	check_sensitivity(c);
	parameter_check_own(p, c->faults);
	check_offices_own(c);
	check_organs_own(c);
	check_holdings_own(c);
	check_registers_own(c);
	check_procedures_own(c);
	check_duties_own(c);
	check_forms_own(c);
	bind_all(c);
}

static void
check_decisions(struct check *c)
{
	const struct pack *p = c->pack;
	for (unsigned i = 0; i < PACK_DECISION_AUDIT_SELF; i++) {
		if (p->decisions[i].ref.n == 0)
			(void)pack_fault_add(c->faults, p->place.file,
			    p->place.line, "the decision '%s' has no article; "
			    "add it under 'decisions'",
			    pack_decision_name(i));
	}
}

void
check_whole(struct check *c)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_provisions; i++)
		check_provision_whole(c, &p->provisions[i]);
	if (p->kind != PACK_KIND_LAW) {
		check_controls(c, p);
		for (size_t i = 0; i < p->n_below; i++)
			check_controls(c, p->below[i]);
	}
	parameter_check_whole(p, c->faults);
	check_offices_whole(c);
	check_holdings_whole(c);
	check_registers_whole(c);
	check_procedures_whole(c);
	check_duties_whole(c);
	check_forms_whole(c);
	if (p->kind == PACK_KIND_BODY)
		check_decisions(c);
}
