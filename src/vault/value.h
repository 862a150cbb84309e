/*
 * Whether a text may be the value of an item: the same check for a form, the
 * API and an import. The text itself is never changed.
 */
#ifndef VAULT_VALUE_H
#define VAULT_VALUE_H

#include <stdbool.h>

#include "base/slice.h"
#include "vault/holding.h"

enum value_fault {
	VALUE_IS_FINE,
	VALUE_TOO_LONG,
	VALUE_NO_TEXT,   /* control characters, broken UTF-8 */
	VALUE_NO_DATE,   /* see date_read() */
	VALUE_NO_KANA,   /* kana of any width, spaces, middle dots, hyphens */
	VALUE_NO_NUMBER, /* digits, Latin letters, hyphens; a digit at least */
	VALUE_NO_MY_NUMBER, /* 12 digits */
	VALUE_WRONG_CHECK_DIGIT,
	VALUE_NO_PHONE, /* 10 or 11 digits from 0, hyphens, brackets; +81 */
	VALUE_NO_CHOICE,
	VALUE_NO_FILE, /* files are not typed in */
	VALUE_RETIRED, /* the item is no longer filled in */
	/* Of rows and columns of an import: */
	VALUE_BAD_BYTES,
	VALUE_ROW_BROKEN,
	VALUE_ROW_EMPTY,
	VALUE_ROW_LENGTH,
	VALUE_COLUMN_UNKNOWN,
	VALUE_COLUMN_TWICE,
	VALUE_COLUMN_LACKS,
	VALUE_NO_ROWS,
	VALUE_FAULTS
};

/* Empty is always fine. */
enum value_fault value_check(const struct item *item, struct slice text);

/* "no_date": the key of the faces' words. */
const char *value_fault_name(enum value_fault fault);

/*
 * 個人番号: the check digit of its first eleven digits; full-width digits
 * are read. Refuses twelve equal digits.
 *
 * Source: My Number Act Enforcement Order art. 6.
 */
bool my_number_is_valid(struct slice text);
char my_number_check_digit(const char eleven[11]);

#endif
