/*
 * Civil dates in Japan: day numbers, instants, eras and fiscal years.
 *
 * Japan Standard Time is UTC+9, without summer time. All functions are pure
 * and may be called from any thread.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

/* Years that dates, holidays and periods are defined for. */
enum { DATE_YEAR_MIN = 1868, DATE_YEAR_MAX = 2199 };

/* A day of the Gregorian calendar. All zero: no date. */
struct date {
	int16_t year;
	uint8_t month; /* 1..12 */
	uint8_t day;   /* 1..31 */
};

static inline bool
date_is_none(struct date d)
{
	return d.year == 0;
}

/* An existing day between DATE_YEAR_MIN and DATE_YEAR_MAX. */
bool date_is_valid(struct date d);

/* Below 0, 0, above 0, as the order of days. */
int date_compare(struct date a, struct date b);

/* Days since 1970-01-01; must be given a valid date. */
int32_t date_number(struct date d);

/* The reverse; must lie within DATE_YEAR_MIN..DATE_YEAR_MAX. */
struct date date_of_number(int32_t number);

/* `days` later (earlier if negative); stops at the ends of the range. */
struct date date_add_days(struct date d, int32_t days);

/* The same day so many months on, or the last of a shorter month. */
struct date date_add_months(struct date d, int32_t months);

/* Days from a to b: 0 for the same day. */
int32_t date_days_between(struct date a, struct date b);

/* 0 Sunday .. 6 Saturday. */
unsigned date_weekday(struct date d);

/* The date in Japan at an instant; out of range stops at the ends. */
struct date date_of_instant(instant at);

/* Hour, minute, second in Japan. */
struct time_of_day {
	uint8_t hour, minute, second;
};
struct time_of_day time_of_instant(instant at);

/* First and last microsecond of a day in Japan; UTC. */
instant date_begin(struct date d);
instant date_end(struct date d);

/* An hour of a day in Japan as an instant; hour 0..24, minute 0..59. */
instant date_at(struct date d, unsigned hour, unsigned minute);

/*
 * Eras (元号)
 */

struct era {
	struct date from;
	const char *name; /* 令和 */
	char letter;	  /* R */
};

/* The era of a day; must be given a valid date (before 明治: NULL). */
const struct era *era_of(struct date d);

/* The year within its era; 1 is 元年. */
unsigned era_year(const struct era *era, struct date d);

enum date_style {
	DATE_ISO,	/* 2026-10-02 */
	DATE_ERA,	/* 令和8年10月2日, 令和元年5月1日 */
	DATE_ERA_WEEKDAY, /* 令和8年10月2日(金), in full-width brackets */
	DATE_ERA_SHORT, /* R8.10.2 */
	DATE_ENGLISH, /* 2 Oct 2026 */
	DATE_STYLES
};

/* Appends; no date appends nothing. */
void date_format(struct date d, enum date_style style, struct buf *to);

/* Appends 2026-10-02T09:30:00+09:00 for DATE_ISO, 2 Oct 2026, 09:30 for
 * DATE_ENGLISH, else date and 09:30. */
void instant_format(instant at, enum date_style style, struct buf *to);

/*
 * Reads R8.10.2, R08/10/02, 令和8年10月2日, 令和元年5月1日, 昭和35年1月2日,
 * 2026/10/2, 2026-10-02, 2026年10月2日, 20261002, and the seven digits
 * 5081002 (era 1..5, year, month, day); full-width digits and letters too,
 * and spaces around. The whole text, at most DATE_TEXT_BYTES_MAX bytes. A day
 * outside its era (平成31年5月1日) is refused. ERR_INPUT.
 */
enum { DATE_TEXT_BYTES_MAX = 64 };
bool date_read(struct slice s, struct date *ret, struct err *err) MUST_CHECK;

/*
 * Fiscal years (会計年度): 1 April to 31 March.
 * Source: Local Autonomy Act art. 208.
 */

/* The calendar year in which the fiscal year of a day began. */
int fiscal_year(struct date d);
struct date fiscal_year_begin(int year);
struct date fiscal_year_end(int year);

/*
 * Appends 令和8年度. Named by the era of its first day, so 2019 is
 * 平成31年度: a name fixed on the day the budget begins does not change.
 */
void fiscal_year_format(int year, struct buf *to);

#endif
