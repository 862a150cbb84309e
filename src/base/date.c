#include "base/date.h"

#include "base/must.h"
#include "base/num.h"
#include "base/text.h"

#define JST_US (9 * HOUR_US)

enum { YEAR_BEGINS_IN = 4 }; /* the month of a fiscal year */

static const struct date first = {DATE_YEAR_MIN, 1, 1};
static const struct date last = {DATE_YEAR_MAX, 12, 31};

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

bool
date_is_valid(struct date d)
{
	return d.year >= DATE_YEAR_MIN && d.year <= DATE_YEAR_MAX &&
	    d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	    d.day <= days_in_month(d.year, d.month);
}

int
date_compare(struct date a, struct date b)
{
	int x = a.year * 10000 + a.month * 100 + a.day;
	int y = b.year * 10000 + b.month * 100 + b.day;
	return (x > y) - (x < y);
}

/*
 * Years are counted from 1 March of year 0, so that the leap day is the last:
 * month m of them (0 March) begins on day (153 m + 2) / 5. 719468 such days
 * lie before 1970.
 */
int32_t
date_number(struct date d)
{
	must(date_is_valid(d));
	int year = d.year - (d.month <= 2);
	int month = (d.month + 9) % 12;
	int day = (153 * month + 2) / 5 + d.day - 1;
	return year * 365 + year / 4 - year / 100 + year / 400 + day - 719468;
}

struct date
date_of_number(int32_t number)
{
	must(number >= date_number(first) && number <= date_number(last));
	int n = number + 719468;
	int era = n / 146097; /* 400 years */
	int in_era = n % 146097;
	int year = (in_era - in_era / 1460 + in_era / 36524 -
		       in_era / 146096) /
	    365;
	int in_year = in_era - (365 * year + year / 4 - year / 100);
	int month = (5 * in_year + 2) / 153;
	int day = in_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	return (struct date){(int16_t)year, (uint8_t)month, (uint8_t)day};
}

static struct date
of_number_within(int64_t number)
{
	if (number < date_number(first))
		return first;
	if (number > date_number(last))
		return last;
	return date_of_number((int32_t)number);
}

struct date
date_add_days(struct date d, int32_t days)
{
	return of_number_within((int64_t)date_number(d) + days);
}

struct date
date_add_months(struct date d, int32_t months)
{
	must(date_is_valid(d));
	int64_t n = (int64_t)d.year * 12 + (d.month - 1) + months;
	if (n < DATE_YEAR_MIN * 12)
		return first;
	if (n >= (DATE_YEAR_MAX + 1) * 12)
		return last;
	int year = (int)(n / 12);
	int month = (int)(n % 12) + 1;
	int most = days_in_month(year, month);
	return (struct date){(int16_t)year, (uint8_t)month,
	    d.day < most ? d.day : (uint8_t)most};
}

int32_t
date_days_between(struct date a, struct date b)
{
	return date_number(b) - date_number(a);
}

unsigned
date_weekday(struct date d)
{
	/* 1970-01-01 was a Thursday; the added weeks keep it above 0 */
	return (unsigned)(date_number(d) + 4 + 7 * 100000) % 7;
}

/* Microseconds since midnight UTC, also before 1970. */
static int64_t
since_midnight(instant at)
{
	int64_t rest = at % DAY_US;
	return rest < 0 ? rest + DAY_US : rest;
}

struct date
date_of_instant(instant at)
{
	/* day and rest are added apart, so that no instant overflows */
	int64_t day = at / DAY_US - (at % DAY_US < 0);
	return of_number_within(day + (since_midnight(at) + JST_US) / DAY_US);
}

struct time_of_day
time_of_instant(instant at)
{
	int64_t second = (since_midnight(at) + JST_US) % DAY_US / SECOND_US;
	return (struct time_of_day){(uint8_t)(second / 3600),
	    (uint8_t)(second / 60 % 60), (uint8_t)(second % 60)};
}

instant
date_begin(struct date d)
{
	return date_number(d) * DAY_US - JST_US;
}

instant
date_end(struct date d)
{
	return date_begin(d) + DAY_US - 1;
}

instant
date_at(struct date d, unsigned hour, unsigned minute)
{
	must(hour <= 24 && minute < 60);
	return date_begin(d) + hour * HOUR_US + minute * MINUTE_US;
}

/*
 * Eras. A new one is a row at the end; from is its first day. Until 1872 the
 * months of 明治 were lunar: those dates are for display only.
 */
static const struct era eras[] = {
    {{1868, 1, 25}, "明治", 'M'},
    {{1912, 7, 30}, "大正", 'T'},
    {{1926, 12, 25}, "昭和", 'S'},
    {{1989, 1, 8}, "平成", 'H'},
    {{2019, 5, 1}, "令和", 'R'},
};

enum { ERAS = sizeof(eras) / sizeof(eras[0]) };

const struct era *
era_of(struct date d)
{
	must(date_is_valid(d));
	for (size_t i = ERAS; i > 0; i--)
		if (date_compare(eras[i - 1].from, d) <= 0)
			return &eras[i - 1];
	return NULL;
}

unsigned
era_year(const struct era *era, struct date d)
{
	must(date_compare(era->from, d) <= 0);
	return (unsigned)(d.year - era->from.year) + 1;
}

/*
 * Formats
 */

static void
add_era_year(struct date d, struct buf *to)
{
	const struct era *era = era_of(d);
	if (era == NULL) {
		buf_add_printf(to, "%d年", d.year);
		return;
	}
	unsigned year = era_year(era, d);
	if (year == 1)
		buf_add_printf(to, "%s元年", era->name);
	else
		buf_add_printf(to, "%s%u年", era->name, year);
}

void
date_format(struct date d, enum date_style style, struct buf *to)
{
	static const char weekdays[7][4] = {"日", "月", "火", "水", "木", "金",
	    "土"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	if (date_is_none(d))
		return;
	must(date_is_valid(d) && style < DATE_STYLES);
	const struct era *era = era_of(d);
	if (style == DATE_ISO || (style == DATE_ERA_SHORT && era == NULL)) {
		buf_add_printf(to, "%04d-%02u-%02u", d.year, d.month, d.day);
		return;
	}
	if (style == DATE_ENGLISH) {
		buf_add_printf(to, "%u %s %d", d.day, months[d.month - 1],
		    d.year);
		return;
	}
	if (style == DATE_ERA_SHORT) {
		buf_add_printf(to, "%c%u.%u.%u", era->letter, era_year(era, d),
		    d.month, d.day);
		return;
	}
	add_era_year(d, to);
	buf_add_printf(to, "%u月%u日", d.month, d.day);
	if (style == DATE_ERA_WEEKDAY)
		buf_add_printf(to, "(%s)", weekdays[date_weekday(d)]);
}

void
instant_format(instant at, enum date_style style, struct buf *to)
{
	struct time_of_day t = time_of_instant(at);
	date_format(date_of_instant(at), style, to);
	if (style == DATE_ISO)
		buf_add_printf(to, "T%02u:%02u:%02u+09:00", t.hour, t.minute,
		    t.second);
	else
		buf_add_printf(to, "%s%02u:%02u",
		    style == DATE_ENGLISH ? ", " : " ", t.hour, t.minute);
}

/*
 * Reading: the text as code points, full width made half, with a cursor.
 */
struct reading {
	uint32_t p[DATE_TEXT_BYTES_MAX];
	size_t n;
	size_t at;
};

static uint32_t
narrow(uint32_t p)
{
	if (p >= 0xff01 && p <= 0xff5e)
		return p - 0xff01 + '!';
	return p == 0x3000 ? ' ' : p;
}

static bool
begin_reading(struct slice s, struct reading *r)
{
	if (s.n > DATE_TEXT_BYTES_MAX)
		return false;
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p))
		r->p[r->n++] = narrow(p);
	while (r->n > 0 && r->p[r->n - 1] == ' ')
		r->n--;
	return at == s.n;
}

static uint32_t
peek(const struct reading *r)
{
	return r->at < r->n ? r->p[r->at] : 0;
}

static bool
take(struct reading *r, uint32_t p)
{
	if (peek(r) != p)
		return false;
	r->at++;
	return true;
}

static void
skip_spaces(struct reading *r)
{
	while (take(r, ' '))
		continue;
}

/* Digits from min to max of them. */
static bool
take_number(struct reading *r, unsigned min, unsigned max, int *ret)
{
	int v = 0;
	unsigned n = 0;
	for (; n < max && peek(r) >= '0' && peek(r) <= '9'; n++)
		v = v * 10 + (int)(r->p[r->at++] - '0');
	*ret = v;
	return n >= min;
}

static bool
take_word(struct reading *r, const char *word)
{
	struct slice s = slice_of(word);
	size_t begin = r->at;
	size_t at = 0;
	uint32_t p;
	while (text_next(s, &at, &p)) {
		if (!take(r, p)) {
			r->at = begin;
			return false;
		}
	}
	return true;
}

static const struct era *
take_era(struct reading *r)
{
	for (size_t i = 0; i < ERAS; i++) {
		uint32_t letter = (uint32_t)eras[i].letter;
		if (take(r, letter) || take(r, letter - 'A' + 'a') ||
		    take_word(r, eras[i].name))
			return &eras[i];
	}
	return NULL;
}

/* What follows the year: 年 m 月 d 日, or one separator twice. */
static bool
take_month_and_day(struct reading *r, int *month, int *day)
{
	if (take(r, 0x5e74)) { /* 年 */
		skip_spaces(r);
		if (!take_number(r, 1, 2, month) || !take(r, 0x6708)) /* 月 */
			return false;
		skip_spaces(r);
		return take_number(r, 1, 2, day) && take(r, 0x65e5); /* 日 */
	}
	uint32_t mark = peek(r);
	if (mark != '.' && mark != '/' && mark != '-')
		return false;
	r->at++;
	skip_spaces(r);
	if (!take_number(r, 1, 2, month) || !take(r, mark))
		return false;
	skip_spaces(r);
	return take_number(r, 1, 2, day);
}

/* Nothing but digits: 20261002, or an era's number, year, month, day. */
static bool
read_digits(struct reading *r, const struct era **ret_era, int *year,
    int *month, int *day)
{
	size_t n = r->n - r->at;
	int number = 0;
	if (n != 7 && n != 8)
		return false;
	if (n == 7) {
		if (!take_number(r, 1, 1, &number) || number < 1 ||
		    number > ERAS)
			return false;
		*ret_era = &eras[number - 1];
	}
	return take_number(r, n == 7 ? 2 : 4, n == 7 ? 2 : 4, year) &&
	    take_number(r, 2, 2, month) && take_number(r, 2, 2, day);
}

static bool
read_parts(struct reading *r, const struct era **ret_era, int *year,
    int *month, int *day)
{
	skip_spaces(r);
	size_t begin = r->at;
	if (read_digits(r, ret_era, year, month, day))
		return true;
	r->at = begin;
	*ret_era = take_era(r);
	if (*ret_era == NULL)
		return take_number(r, 4, 4, year) &&
		    take_month_and_day(r, month, day);
	skip_spaces(r);
	if (take(r, 0x5143)) /* 元 */
		*year = 1;
	else if (!take_number(r, 1, 3, year))
		return false;
	return *year > 0 && take_month_and_day(r, month, day);
}

bool
date_read(struct slice s, struct date *ret, struct err *err)
{
	struct reading r = {.n = 0};
	const struct era *era = NULL;
	int year = 0;
	int month = 0;
	int day = 0;
	if (!begin_reading(s, &r) ||
	    !read_parts(&r, &era, &year, &month, &day) || r.at != r.n)
		return ERR(err, ERR_INPUT, "not a date");
	if (era != NULL)
		year += era->from.year - 1;
	struct date d = {(int16_t)year, (uint8_t)month, (uint8_t)day};
	if (!date_is_valid(d))
		return ERR(err, ERR_INPUT, "no such day, %d to %d",
		    DATE_YEAR_MIN, DATE_YEAR_MAX);
	if (era != NULL && era_of(d) != era)
		return ERR(err, ERR_INPUT, "the day is not in this era");
	*ret = d;
	return true;
}

/*
 * Fiscal years
 */

int
fiscal_year(struct date d)
{
	return d.year - (d.month < YEAR_BEGINS_IN);
}

struct date
fiscal_year_begin(int year)
{
	if (year < DATE_YEAR_MIN)
		return first;
	if (year > DATE_YEAR_MAX)
		return last;
	return (struct date){(int16_t)year, YEAR_BEGINS_IN, 1};
}

struct date
fiscal_year_end(int year)
{
	if (year >= DATE_YEAR_MAX)
		return last;
	return date_add_days(fiscal_year_begin(year + 1), -1);
}

void
fiscal_year_format(int year, struct buf *to)
{
	add_era_year(fiscal_year_begin(year), to);
	buf_add_str(to, "度");
}
