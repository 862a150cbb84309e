#include "base/calendar.h"

#include "base/must.h"

enum { SUNDAY, MONDAY, SATURDAY = 6 };

/*
 * The holidays of the Act, with the years for which each row held. A day has
 * one of: its number, the nth Monday, or an equinox.
 */
enum { SPRING = 101, AUTUMN = 102 };
#define EVER DATE_YEAR_MAX

static const struct holiday_rule {
	int16_t from, to; /* years, inclusive */
	uint8_t month;
	uint8_t day;	/* 1..31, SPRING or AUTUMN; 0: see monday */
	uint8_t monday; /* the nth Monday */
	const char *name;
} rules[] = {
    {1949, EVER, 1, 1, 0, "元日"},
    {1949, 1999, 1, 15, 0, "成人の日"},
    {2000, EVER, 1, 0, 2, "成人の日"},
    {1967, EVER, 2, 11, 0, "建国記念の日"},
    {2020, EVER, 2, 23, 0, "天皇誕生日"},
    {1989, 1989, 2, 24, 0, "大喪の礼"},
    {1949, EVER, 3, SPRING, 0, "春分の日"},
    {1959, 1959, 4, 10, 0, "結婚の儀"},
    {1949, 1988, 4, 29, 0, "天皇誕生日"},
    {1989, 2006, 4, 29, 0, "みどりの日"},
    {2007, EVER, 4, 29, 0, "昭和の日"},
    {2019, 2019, 5, 1, 0, "即位の日"},
    {1949, EVER, 5, 3, 0, "憲法記念日"},
    {2007, EVER, 5, 4, 0, "みどりの日"},
    {1949, EVER, 5, 5, 0, "こどもの日"},
    {1993, 1993, 6, 9, 0, "結婚の儀"},
    {1996, 2002, 7, 20, 0, "海の日"},
    {2003, 2019, 7, 0, 3, "海の日"},
    {2020, 2020, 7, 23, 0, "海の日"}, /* Olympic special measures */
    {2021, 2021, 7, 22, 0, "海の日"},
    {2022, EVER, 7, 0, 3, "海の日"},
    {2020, 2020, 7, 24, 0, "スポーツの日"},
    {2021, 2021, 7, 23, 0, "スポーツの日"},
    {2016, 2019, 8, 11, 0, "山の日"},
    {2020, 2020, 8, 10, 0, "山の日"},
    {2021, 2021, 8, 8, 0, "山の日"},
    {2022, EVER, 8, 11, 0, "山の日"},
    {1966, 2002, 9, 15, 0, "敬老の日"},
    {2003, EVER, 9, 0, 3, "敬老の日"},
    {1949, EVER, 9, AUTUMN, 0, "秋分の日"},
    {1966, 1999, 10, 10, 0, "体育の日"},
    {2000, 2019, 10, 0, 2, "体育の日"},
    {2022, EVER, 10, 0, 2, "スポーツの日"},
    {2019, 2019, 10, 22, 0, "即位礼正殿の儀"},
    {1949, EVER, 11, 3, 0, "文化の日"},
    {1990, 1990, 11, 12, 0, "即位礼正殿の儀"},
    {1949, EVER, 11, 23, 0, "勤労感謝の日"},
    {1989, 2018, 12, 23, 0, "天皇誕生日"},
};

/* Art. 3 para. 2 and 3, and when each began to hold. */
static const struct date substitute_from = {1973, 4, 12};
static const struct date between_from = {1985, 12, 27};

/*
 * The usual approximation, in millionths of a day; it agrees with every
 * equinox announced since 1949. Good to 2150; later years are a guess.
 */
static unsigned
equinox(int year, bool is_spring)
{
	static const struct {
		int16_t until;
		int32_t spring, autumn;
	} bases[] = {
	    {1979, 20835700, 23258800},
	    {2099, 20843100, 23248800},
	    {DATE_YEAR_MAX, 21851000, 24248800},
	};
	size_t i = 0;
	while (year > bases[i].until)
		i++;
	int32_t base = is_spring ? bases[i].spring : bases[i].autumn;
	int leaps = year >= 1980 ? (year - 1980) / 4 : (year - 1983) / 4;
	int32_t at = base + 242194 * (year - 1980) - 1000000 * leaps;
	return (unsigned)at / 1000000;
}

static bool
is_rule_day(const struct holiday_rule *r, struct date d)
{
	if (d.month != r->month || d.year < r->from || d.year > r->to)
		return false;
	if (r->day == SPRING || r->day == AUTUMN)
		return d.day == equinox(d.year, r->day == SPRING);
	if (r->day != 0)
		return d.day == r->day;
	return date_weekday(d) == MONDAY && (d.day - 1) / 7 + 1 == r->monday;
}

/* A 国民の祝日 in the words of art. 2, without the days that art. 3 adds. */
static const char *
named_holiday(struct date d)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (is_rule_day(&rules[i], d))
			return rules[i].name;
	return NULL;
}

/*
 * 振替休日: for a holiday on Sunday, the first day after that is none. Before
 * 2007 it was the Monday, which came to the same.
 */
static bool
is_substitute(struct date d)
{
	if (date_compare(d, substitute_from) < 0)
		return false;
	for (int back = 1; back < 7; back++) {
		struct date before = date_add_days(d, -back);
		if (named_holiday(before) == NULL)
			return false;
		if (date_weekday(before) == SUNDAY)
			return true;
	}
	return false;
}

/* 国民の休日: a day between two holidays. */
static bool
is_between(struct date d)
{
	return date_compare(d, between_from) >= 0 &&
	    date_weekday(d) != SUNDAY &&
	    named_holiday(date_add_days(d, -1)) != NULL &&
	    named_holiday(date_add_days(d, 1)) != NULL;
}

const char *
holiday_name(struct date d)
{
	const char *name = named_holiday(d);
	if (name != NULL)
		return name;
	if (is_substitute(d))
		return "振替休日";
	return is_between(d) ? "国民の休日" : NULL;
}

/*
 * Closing days
 */

/* Longer than a year's end, every extra day and their weekends together. */
enum { CLOSED_RUN_MAX = 200, YEAR_END_DAYS_MAX = 31, LEAP_YEAR = 2000 };

struct calendar
calendar_of_government(void)
{
	return (struct calendar){.year_end_from = 1229, .year_end_to = 103};
}

/* Day of a year without leap day, or 0 when month * 100 + day is no date. */
static int
ordinal(uint16_t month_day)
{
	struct date d = {2001, (uint8_t)(month_day / 100),
	    (uint8_t)(month_day % 100)};
	if (month_day > 1231 || !date_is_valid(d))
		return 0;
	return date_days_between((struct date){2001, 1, 1}, d) + 1;
}

/* An extra day of every year is one of each. */
static struct date
in_year(struct date extra, int16_t year)
{
	return extra.year != 0 ? extra
			       : (struct date){year, extra.month, extra.day};
}

bool
calendar_check(const struct calendar *cal, struct err *err)
{
	if (cal->year_end_from != 0 || cal->year_end_to != 0) {
		int from = ordinal(cal->year_end_from);
		int to = ordinal(cal->year_end_to);
		if (from == 0 || to == 0)
			return ERR(err, ERR_INPUT,
			    "the year's end must be two days, as 1229 and 103");
		int days = (to - from + 365) % 365 + 1;
		if (days > YEAR_END_DAYS_MAX)
			return ERR(err, ERR_INPUT,
			    "a year's end of more than %d days",
			    YEAR_END_DAYS_MAX);
	}
	if (cal->n_extra > CALENDAR_EXTRA_MAX)
		return ERR(err, ERR_LIMIT, "more than %d extra closing days",
		    CALENDAR_EXTRA_MAX);
	for (size_t i = 0; i < cal->n_extra; i++)
		if (!date_is_valid(in_year(cal->extra[i], LEAP_YEAR)))
			return ERR(err, ERR_INPUT,
			    "extra closing day %zu is no date", i + 1);
	return true;
}

static bool
is_year_end(const struct calendar *cal, struct date d)
{
	unsigned from = cal->year_end_from;
	unsigned to = cal->year_end_to;
	unsigned day = d.month * 100U + d.day;
	if (from == 0)
		return false;
	return from <= to ? day >= from && day <= to
			  : day >= from || day <= to;
}

bool
calendar_is_closed(const struct calendar *cal, struct date d)
{
	unsigned weekday = date_weekday(d);
	if (weekday == SUNDAY || weekday == SATURDAY || is_year_end(cal, d) ||
	    holiday_name(d) != NULL)
		return true;
	for (size_t i = 0; i < cal->n_extra; i++)
		if (date_compare(in_year(cal->extra[i], d.year), d) == 0)
			return true;
	return false;
}

struct date
calendar_next_open(const struct calendar *cal, struct date d)
{
	for (int i = 0; i < CLOSED_RUN_MAX; i++) {
		if (!calendar_is_closed(cal, d))
			return d;
		d = date_add_days(d, 1);
	}
	return d;
}

struct date
calendar_add_open_days(const struct calendar *cal, struct date d,
    unsigned days)
{
	must(days <= CALENDAR_DAYS_MAX);
	d = calendar_next_open(cal, d);
	for (unsigned i = 0; i < days; i++)
		d = calendar_next_open(cal, date_add_days(d, 1));
	return d;
}

struct date
deadline_day(instant known_at, unsigned days)
{
	must(days >= 1 && days <= 366);
	return date_add_days(date_of_instant(known_at), (int32_t)days - 1);
}

instant
deadline_end(const struct calendar *cal, instant known_at, unsigned days)
{
	return date_end(calendar_next_open(cal, deadline_day(known_at, days)));
}
