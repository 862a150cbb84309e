#include "regulation/parameter.h"

/* The kind of pack at which a parameter must be there. */
enum need { OPTIONAL, FROM_LAW, FROM_BASE };

struct known {
	const char *id;
	enum pack_unit unit;
	uint64_t least, most;
	enum need need;
};

static const struct known known[] = {
	{"bulk.records", PACK_UNIT_RECORDS, 1, 1000000, FROM_BASE},
	{"bulk.window.minutes", PACK_UNIT_MINUTES, 1, 44640, FROM_BASE},
	{"bulk.mode", PACK_UNIT_COUNT, 0, 1, FROM_BASE},
	{"session.idle.minutes", PACK_UNIT_MINUTES, 1, 1440, FROM_BASE},
	{"session.idle.high.minutes", PACK_UNIT_MINUTES, 1, 1440, FROM_BASE},
	{"session.warn.minutes", PACK_UNIT_MINUTES, 0, 60, FROM_BASE},
	{"session.max.hours", PACK_UNIT_HOURS, 1, 24, FROM_BASE},
	{"password.min", PACK_UNIT_COUNT, 8, 128, FROM_BASE},
	{"password.max.days", PACK_UNIT_DAYS, 1, 3660, FROM_BASE},
	{"password.reuse", PACK_UNIT_COUNT, 0, 4, FROM_BASE},
	{"logon.failures", PACK_UNIT_COUNT, 1, 100, FROM_BASE},
	{"logon.delay.minutes", PACK_UNIT_MINUTES, 1, 1440, FROM_BASE},
	{"grant.max.days", PACK_UNIT_DAYS, 1, 3660, FROM_BASE},
	{"grant.review.months", PACK_UNIT_MONTHS, 1, 120, FROM_BASE},
	{"surge.max.days", PACK_UNIT_DAYS, 1, 366, FROM_BASE},
	{"emergency.review.days", PACK_UNIT_DAYS, 1, 366, FROM_BASE},
	{"appoint.persons", PACK_UNIT_COUNT, 1, 2, FROM_BASE},
	{"secret.renewal.months", PACK_UNIT_MONTHS, 1, 120, FROM_BASE},
	{"secret.release.hours", PACK_UNIT_HOURS, 1, 24, FROM_BASE},
	{"log.keep.months", PACK_UNIT_MONTHS, 1, 1200, FROM_BASE},
	{"year_end.from", PACK_UNIT_COUNT, 101, 1231, FROM_BASE},
	{"year_end.to", PACK_UNIT_COUNT, 101, 1231, FROM_BASE},

	{"bulk.check.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"password.review.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"log.analyse.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"log.keep.after_contract.months", PACK_UNIT_MONTHS, 1, 1200,
	    OPTIONAL},
	{"audit.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"audit.plan.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"inspect.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"outsource.inspect.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"training.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"training.manager.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"training.plan.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},
	{"contractor.report.months", PACK_UNIT_MONTHS, 1, 120, OPTIONAL},

	{"breach.persons", PACK_UNIT_COUNT, 1, 1000000, FROM_LAW},
	{"breach.prelim.target.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"breach.prelim.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"breach.final.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"breach.final.bad.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"breach.mynumber.persons", PACK_UNIT_COUNT, 1, 1000000, FROM_LAW},
	{"breach.mynumber.final.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"breach.mynumber.final.bad.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"filebook.persons", PACK_UNIT_COUNT, 1, 1000000, FROM_LAW},
	{"disclosure.days", PACK_UNIT_DAYS, 1, 366, FROM_LAW},
	{"mynumber.link.keep.months", PACK_UNIT_MONTHS, 1, 1200, FROM_LAW},
	{"mynumber.training.months", PACK_UNIT_MONTHS, 1, 120, FROM_LAW},
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static const struct known *
find(struct slice id)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (slice_is(id, known[i].id))
			return &known[i];
	}
	return NULL;
}

bool
pack_parameter_is_known(struct slice id)
{
	return find(id) != NULL;
}

/* month*100+day, of a leap year */
static bool
is_day_of_year(uint64_t v)
{
	static const uint64_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30,
	    31, 30, 31};
	uint64_t month = v / 100, day = v % 100;
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static void
check_one(const struct pack_parameter *x, struct pack_faults *faults)
{
	const struct known *k = find(x->id);
	if (k == NULL) {
		(void)pack_fault_add(faults, x->place.file, x->place.line,
		    "the parameter '%.*s' is unknown; docs/pack-format.md "
		    "lists the ids", SLICE_FMT(x->id));
		return;
	}
	if (x->unit != k->unit)
		(void)pack_fault_add(faults, x->place.file, x->place.line,
		    "the parameter '%.*s' has another unit than the format "
		    "gives it; see docs/pack-format.md", SLICE_FMT(x->id));
	if (x->value < k->least || x->value > k->most)
		(void)pack_fault_add(faults, x->place.file, x->place.line,
		    "the parameter '%.*s' is %llu; it must be from %llu to "
		    "%llu", SLICE_FMT(x->id), (unsigned long long)x->value,
		    (unsigned long long)k->least,
		    (unsigned long long)k->most);
	else if (slice_has_prefix(x->id, SLICE("year_end.")) &&
	    !is_day_of_year(x->value))
		(void)pack_fault_add(faults, x->place.file, x->place.line,
		    "the parameter '%.*s' is %llu, which is no day; write "
		    "month*100+day", SLICE_FMT(x->id),
		    (unsigned long long)x->value);
	if (x->source == PACK_SOURCE_CHOICE && x->note.n == 0)
		(void)pack_fault_add(faults, x->place.file, x->place.line,
		    "the parameter '%.*s' is a choice without a note; say "
		    "why it was chosen", SLICE_FMT(x->id));
}

void
parameter_check_own(const struct pack *p, struct pack_faults *faults)
{
	for (size_t i = 0; i < p->n_parameters; i++) {
		if (p->parameters[i].id.n > 0)
			check_one(&p->parameters[i], faults);
	}
}

static bool
is_needed(enum pack_kind kind, enum need need)
{
	switch (kind) {
	case PACK_KIND_LAW:
		return need == FROM_LAW;
	case PACK_KIND_BASE:
		return need == FROM_BASE;
	case PACK_KIND_BODY:
		return need != OPTIONAL;
	}
	return false;
}

static void
check_pair(const struct pack *p, struct slice small, struct slice large,
    struct pack_faults *faults)
{
	const struct pack_parameter *s = pack_parameter_row(p, small);
	const struct pack_parameter *l = pack_parameter_row(p, large);
	if (s != NULL && l != NULL && s->value > l->value)
		(void)pack_fault_add(faults, s->place.file, s->place.line,
		    "'%.*s' is more than '%.*s'; make it at most %llu",
		    SLICE_FMT(small), SLICE_FMT(large),
		    (unsigned long long)l->value);
}

void
parameter_check_whole(const struct pack *p, struct pack_faults *faults)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (is_needed(p->kind, known[i].need) &&
		    pack_parameter_row(p, slice_of(known[i].id)) == NULL)
			(void)pack_fault_add(faults, p->place.file,
			    p->place.line, "the parameter '%s' is missing; "
			    "add it or extend the pack that has it",
			    known[i].id);
	}
	check_pair(p, SLICE("session.idle.high.minutes"),
	    SLICE("session.idle.minutes"), faults);
	check_pair(p, SLICE("breach.prelim.target.days"),
	    SLICE("breach.prelim.days"), faults);
}
