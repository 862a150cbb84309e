#include "duty/due.h"

enum { FISCAL_MONTH = 4, YEAR = 12, ANCHOR_YEAR = 2000 };

struct date
duty_period_begin(uint64_t months, struct date day)
{
	int year = fiscal_year(day);
	int since = (day.month + YEAR - FISCAL_MONTH) % YEAR;
	int length = (int)months;
	if (length > YEAR) {
		int years = length / YEAR;
		int past = ((year - ANCHOR_YEAR) % years + years) % years;
		return fiscal_year_begin(year - past);
	}
	return date_add_months(fiscal_year_begin(year),
	    since / length * length);
}

struct date
duty_period_end(uint64_t months, struct date day)
{
	return date_add_days(date_add_months(duty_period_begin(months, day),
	    (int32_t)months), -1);
}

/* The day within the period of `day`: its end, or the end of a month. */
static struct date
due_within(const struct due_ask *ask, struct date day)
{
	unsigned month = (unsigned)ask->duty->until_month;
	if (month == 0 || ask->months != YEAR)
		return duty_period_end(ask->months, day);
	int after = ((int)month + YEAR - FISCAL_MONTH) % YEAR + 1;
	return date_add_days(date_add_months(duty_period_begin(YEAR, day),
	    after), -1);
}

static struct date
due_of_period(const struct due_ask *ask)
{
	struct date next = date_is_none(ask->last) ? ask->begun
	    : date_add_days(duty_period_end(ask->months, ask->last), 1);
	/* done before it began to be owed */
	if (date_compare(next, ask->begun) < 0)
		next = ask->begun;
	struct date due = due_within(ask, next);
	bool is_too_short = date_compare(due, date_add_days(ask->begun,
	    (int32_t)ask->duty->lead)) < 0;
	return is_too_short
	    ? due_within(ask, date_add_days(
	          duty_period_end(ask->months, next), 1))
	    : due;
}

static struct date
moved(const struct due_ask *ask, struct date due)
{
	switch (ask->duty->closed) {
	case PACK_CLOSED_SAME:
		break;
	case PACK_CLOSED_AFTER:
		return calendar_next_open(ask->calendar, due);
	case PACK_CLOSED_BEFORE:
		while (calendar_is_closed(ask->calendar, due))
			due = date_add_days(due, -1);
		break;
	}
	return due;
}

struct date
duty_due(const struct due_ask *ask)
{
	const struct pack_duty *d = ask->duty;
	bool is_done = !date_is_none(ask->last);
	struct date from = is_done ? ask->last : ask->begun;
	if (d->date.id.n > 0)
		return is_done ? moved(ask, ask->last) : (struct date){0};
	if (d->once > 0)
		return is_done ? (struct date){0}
		    : moved(ask, date_add_days(from, (int32_t)d->once));
	if (d->days > 0)
		return moved(ask, date_add_days(from, (int32_t)d->days));
	return moved(ask, due_of_period(ask));
}

enum duty_state
duty_state_of(const struct due_ask *ask, struct date due, struct date today)
{
	bool is_proven = ask->duty->each == PACK_EACH_ROW ||
	    !date_is_none(ask->last);
	if (date_is_none(due))
		return DUTY_MET;
	int32_t left = date_days_between(today, due);
	return left < 0 ? DUTY_LATE
	    : left <= (int32_t)ask->duty->lead || !is_proven ? DUTY_SOON
	                                                     : DUTY_MET;
}

unsigned
duty_steps_up(const struct pack_duty *duty, struct date due, struct date today)
{
	int32_t late = date_is_none(due) ? 0 : date_days_between(due, today);
	return late <= 0 ? 0 : (unsigned)late / (unsigned)duty->escalate;
}
