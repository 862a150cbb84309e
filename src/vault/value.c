#include "vault/value.h"

#include "base/calendar.h"
#include "base/fold.h"
#include "base/must.h"
#include "base/text.h"
#include "vault/record.h"

enum { MY_NUMBER_DIGITS = 12, DIGITS_MAX = 64, NUMBER_MAX_BYTES = 200 };

char
my_number_check_digit(const char eleven[11])
{
	static const unsigned weights[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
	unsigned sum = 0;
	for (size_t i = 0; i < 11; i++)
		sum += (unsigned)(eleven[i] - '0') * weights[i];
	unsigned left = sum % 11;
	return (char)('0' + (left <= 1 ? 0 : 11 - left));
}

/* Digits of any width as ASCII, and what else there was. */
struct digits {
	char p[DIGITS_MAX];
	size_t n; /* may be more than are kept */
	bool has_letters;
	bool has_others; /* but hyphens and spaces */
	bool has_brackets;
	bool is_plus; /* begins with + */
};

static bool
is_hyphen_or_space(uint32_t point)
{
	static const uint32_t points[] = {'-', ' ', 0x2010, 0x2011, 0x2012,
	    0x2013, 0x2014, 0x2015, 0x2212, 0x3000, 0x30fc, 0xff0d};
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (points[i] == point)
			return true;
	return false;
}

static void
read_point(struct digits *d, uint32_t point, bool is_first)
{
	if (point >= 0xff01 && point <= 0xff5e) /* full width */
		point -= 0xff01 - '!';
	if (point >= '0' && point <= '9') {
		if (d->n < DIGITS_MAX)
			d->p[d->n] = (char)point;
		d->n++;
	} else if ((point >= 'A' && point <= 'Z') ||
		   (point >= 'a' && point <= 'z')) {
		d->has_letters = true;
	} else if (point == '(' || point == ')') {
		d->has_brackets = true;
	} else if (point == '+' && is_first) {
		d->is_plus = true;
	} else if (!is_hyphen_or_space(point)) {
		d->has_others = true;
	}
}

static void
read_digits(struct slice text, struct digits *ret)
{
	size_t at = 0;
	uint32_t point;
	bool is_first = true;
	memset(ret, 0, sizeof(*ret));
	while (text_next(text, &at, &point)) {
		read_point(ret, point, is_first);
		is_first = false;
	}
}

static enum value_fault
check_my_number(struct slice text)
{
	struct digits d;
	bool all_equal = true;
	read_digits(text, &d);
	if (d.n != MY_NUMBER_DIGITS || d.has_letters || d.has_others ||
	    d.has_brackets || d.is_plus)
		return VALUE_NO_MY_NUMBER;
	for (size_t i = 1; i < MY_NUMBER_DIGITS; i++)
		all_equal &= d.p[i] == d.p[0];
	return !all_equal && my_number_check_digit(d.p) == d.p[11]
		   ? VALUE_IS_FINE
		   : VALUE_WRONG_CHECK_DIGIT;
}

bool
my_number_is_valid(struct slice text)
{
	return check_my_number(text) == VALUE_IS_FINE;
}

static bool
is_number(struct slice text)
{
	struct digits d;
	read_digits(text, &d);
	return text.n <= NUMBER_MAX_BYTES && d.n > 0 && !d.has_others &&
	       !d.has_brackets && !d.is_plus;
}

static bool
is_phone(struct slice text)
{
	struct digits d;
	read_digits(text, &d);
	if (d.has_letters || d.has_others)
		return false;
	if (d.is_plus) /* +81 90 1234 5678: 0 is left out */
		return (d.n == 11 || d.n == 12) && d.p[0] == '8' &&
		       d.p[1] == '1';
	return (d.n == 10 || d.n == 11) && d.p[0] == '0';
}

static bool
is_kana(struct slice text)
{
	size_t at = 0, kana = 0;
	uint32_t point;
	while (text_next(text, &at, &point)) {
		if ((point >= 0x3041 && point <= 0x309f) ||
		    (point >= 0x30a1 && point <= 0x30ff) ||
		    (point >= 0xff65 && point <= 0xff9f))
			kana++;
		else if (point != '.' && point != 0xff0e && point != 0x30a0 &&
			 !is_hyphen_or_space(point))
			return false;
	}
	return kana > 0;
}

static bool
is_choice(const struct item *item, struct slice text)
{
	if (item->n_choices == 0)
		return true;
	for (size_t i = 0; i < item->n_choices; i++)
		if (slice_is_equal(item->choices[i], text))
			return true;
	return false;
}

static bool
is_date(struct slice text)
{
	struct date d;
	struct err none = ERR_INIT;
	return date_read(text, &d, &none);
}

static enum value_fault
check_type(const struct item *item, struct slice text)
{
	switch (item->type) {
	case PACK_ITEM_NAME:
	case PACK_ITEM_ADDRESS:
	case PACK_ITEM_TEXT:
		return VALUE_IS_FINE;
	case PACK_ITEM_KANA:
		return is_kana(text) ? VALUE_IS_FINE : VALUE_NO_KANA;
	case PACK_ITEM_DATE:
		return is_date(text) ? VALUE_IS_FINE : VALUE_NO_DATE;
	case PACK_ITEM_NUMBER:
		return is_number(text) ? VALUE_IS_FINE : VALUE_NO_NUMBER;
	case PACK_ITEM_PHONE:
		return is_phone(text) ? VALUE_IS_FINE : VALUE_NO_PHONE;
	case PACK_ITEM_MY_NUMBER:
		return check_my_number(text);
	case PACK_ITEM_CHOICE:
		return is_choice(item, text) ? VALUE_IS_FINE : VALUE_NO_CHOICE;
	case PACK_ITEM_FILE:
		return VALUE_NO_FILE;
	}
	must(false);
	return VALUE_NO_TEXT;
}

enum value_fault
value_check(const struct item *item, struct slice text)
{
	if (text.n == 0)
		return VALUE_IS_FINE;
	if (item->is_retired)
		return VALUE_RETIRED;
	if (text.n > RECORD_VALUE_MAX_BYTES)
		return VALUE_TOO_LONG;
	if (!text_is_clean(text, item->type == PACK_ITEM_TEXT))
		return VALUE_NO_TEXT;
	return check_type(item, text);
}

/* ---- names ---- */

static const char *const faults[] = {
    [VALUE_IS_FINE] = "fine",
    [VALUE_TOO_LONG] = "too_long",
    [VALUE_NO_TEXT] = "no_text",
    [VALUE_NO_DATE] = "no_date",
    [VALUE_NO_KANA] = "no_kana",
    [VALUE_NO_NUMBER] = "no_number",
    [VALUE_NO_MY_NUMBER] = "no_my_number",
    [VALUE_WRONG_CHECK_DIGIT] = "wrong_check_digit",
    [VALUE_NO_PHONE] = "no_phone",
    [VALUE_NO_CHOICE] = "no_choice",
    [VALUE_NO_FILE] = "no_file",
    [VALUE_RETIRED] = "retired",
    [VALUE_BAD_BYTES] = "bad_bytes",
    [VALUE_ROW_BROKEN] = "row_broken",
    [VALUE_ROW_EMPTY] = "row_empty",
    [VALUE_ROW_LENGTH] = "row_length",
    [VALUE_COLUMN_UNKNOWN] = "column_unknown",
    [VALUE_COLUMN_TWICE] = "column_twice",
    [VALUE_COLUMN_LACKS] = "column_lacks",
    [VALUE_NO_ROWS] = "no_rows",
};

_Static_assert(sizeof(faults) / sizeof(faults[0]) == VALUE_FAULTS,
    "each fault has its name");

const char *
value_fault_name(enum value_fault fault)
{
	must((unsigned)fault < VALUE_FAULTS);
	return faults[fault];
}
