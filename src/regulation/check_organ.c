/* Organs (実施機関), and the days on which a body is closed. */
#include "regulation/check.h"

static uint32_t
number_of(struct pack_date d)
{
	return d.year * 10000 + d.month * 100 + d.day;
}

static void
check_adopted(struct check *c, const struct pack_organ *o)
{
	const struct pack *p = c->pack;
	if (o->is_outside && o->has_adopted)
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "the organ '%.*s' is outside the Act and has 'adopted'; "
		    "keep one of the two", SLICE_FMT(o->id));
	if (o->has_adopted && p->n_in_force > 0 &&
	    number_of(o->adopted) < number_of(p->in_force[0].from))
		(void)pack_fault_add(c->faults, o->place.file, o->place.line,
		    "the organ '%.*s' adopts the regulation before its first "
		    "day of force; correct 'adopted'", SLICE_FMT(o->id));
}

/* A day by its date, or by month and day of each year; never both. */
static void
check_closed_day(struct check *c, const struct pack_closed_day *d)
{
	struct err ignored = ERR_INIT;
	struct calendar one = {.n_extra = 1, .extra = {{0,
	    (uint8_t)(d->every / 100), (uint8_t)(d->every % 100)}}};
	if (d->has_on == d->has_every)
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "a closing day is one date or a day of each year; write "
		    "'on' or 'every'");
	else if (d->has_every && !calendar_check(&one, &ignored))
		(void)pack_fault_add(c->faults, d->place.file, d->place.line,
		    "%llu is no day of a year; write month and day, as 701",
		    (unsigned long long)d->every);
}

void
check_organs_own(struct check *c)
{
	const struct pack *p = c->pack;
	bool is_body = p->kind == PACK_KIND_BODY;
	size_t n_outside = 0;
	if (!is_body && p->n_organs > 0)
		(void)pack_fault_add(c->faults, p->organs[0].place.file,
		    p->organs[0].place.line, "only a pack of kind body has "
		    "organs; move them there");
	if (!is_body && p->n_closed_days > 0)
		(void)pack_fault_add(c->faults, p->closed_days[0].place.file,
		    p->closed_days[0].place.line, "only a pack of kind body "
		    "has closing days; move them there");
	check_unique(c, "organ", p->organs, p->n_organs, sizeof(*p->organs));
	for (size_t i = 0; i < p->n_organs; i++) {
		n_outside += p->organs[i].is_outside;
		check_adopted(c, &p->organs[i]);
	}
	if (p->n_organs > 0 && n_outside == p->n_organs)
		(void)pack_fault_add(c->faults, p->organs[0].place.file,
		    p->organs[0].place.line, "every organ is outside the Act: "
		    "the regulation binds nobody; take 'outside' off one");
	for (size_t i = 0; i < p->n_closed_days; i++)
		check_closed_day(c, &p->closed_days[i]);
}
