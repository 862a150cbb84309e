/*
 * National holidays, closing days, and the periods of law that are counted
 * with them. All functions are pure and may be called from any thread.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"

/*
 * The national holiday (国民の祝日, and the 休日 made by art. 3) on a day, or
 * NULL. Rules as they were in that year from 1949 on; 2019 to 2021 with their
 * special laws. From 2027 equinoxes are computed, and the Cabinet Office may
 * still announce otherwise: extra days go into struct calendar.
 * Source: Act on National Holidays arts. 2, 3.
 */
const char *holiday_name(struct date d);

/* The longest list of a body's own days. */
enum { CALENDAR_EXTRA_MAX = 64 };

/*
 * The days on which a body is closed: Saturdays, Sundays, national holidays,
 * the year's end, and its own days. Plain data, read only once filled in.
 */
struct calendar {
	uint16_t year_end_from; /* month * 100 + day; 0: none */
	uint16_t year_end_to;	/* inclusive, in the next year if smaller */
	size_t n_extra;
	struct date extra[CALENDAR_EXTRA_MAX]; /* year 0: of every year */
};

/*
 * Closing days of the national government, 29 December to 3 January.
 * Source: Act on Holidays of Administrative Organs art. 1.
 */
struct calendar calendar_of_government(void);

/*
 * ERR_INPUT where the year's end or an extra day is no date, where only one
 * end of the year's end is given, or where it lasts more than 31 days.
 */
bool calendar_check(const struct calendar *cal, struct err *err) MUST_CHECK;

bool calendar_is_closed(const struct calendar *cal, struct date d);

/* The day itself when open, else the first open one after it. */
struct date calendar_next_open(const struct calendar *cal, struct date d);

/*
 * `days` open days after d, which itself does not count; 0 is
 * calendar_next_open(). At most CALENDAR_DAYS_MAX.
 */
enum { CALENDAR_DAYS_MAX = 3660 };
struct date calendar_add_open_days(const struct calendar *cal, struct date d,
    unsigned days);

/**
 * The last instant at which a report is still in time.
 *
 * @param cal       closing days of the authority reported to
 * @param known_at  when anyone first came to know of it; microseconds, UTC
 * @param days      length of the period in days, 1..366, from the pack
 * @return          end of the last day in Japan Standard Time (its last
 *                  microsecond); microseconds, UTC
 *
 * The day of knowing is day 1. Weekends count, but a period that would end on
 * a closing day runs to the next open one.
 *
 * Source: APPI Enforcement Rules art. 44; PPC guidelines.
 */
instant deadline_end(const struct calendar *cal, instant known_at,
    unsigned days);

/* Day number `days` of such a period, closing days not looked at. */
struct date deadline_day(instant known_at, unsigned days);

#endif
