/* Days, as a pack has them: when it is closed, when it began to bind. */
#include "regulation/pack.h"

struct calendar
pack_calendar(const struct pack *p)
{
	struct calendar to = calendar_of_government();
	for (size_t i = 0; p != NULL && i < p->n_closed_days; i++) {
		const struct pack_closed_day *d = &p->closed_days[i];
		to.extra[to.n_extra++] = d->has_every
		    ? (struct date){0, (uint8_t)(d->every / 100),
		          (uint8_t)(d->every % 100)}
		    : (struct date){(int16_t)d->on.year, (uint8_t)d->on.month,
		          (uint8_t)d->on.day};
	}
	return to;
}

uint32_t
pack_organ_adopted(const struct pack *p, const struct pack_organ *organ)
{
	struct pack_date d = {0, 0, 0};
	if (organ->is_outside)
		return 0;
	if (organ->has_adopted)
		d = organ->adopted;
	else if (p->n_in_force > 0)
		d = p->in_force[0].from;
	return d.year * 10000 + d.month * 100 + d.day;
}
