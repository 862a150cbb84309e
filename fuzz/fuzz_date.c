/*
 * Dates: what is read exists, and reads the same from every style that it is
 * written in.
 */
#include "base/calendar.h"
#include "base/must.h"
#include "target.h"

static void
check_style(struct date d, enum date_style style)
{
	struct buf b SCOPED(buf_close) = buf_of(DATE_TEXT_BYTES_MAX);
	struct slice s;
	struct date back;
	date_format(d, style, &b);
	must(buf_finish(&b, &s, NULL));
	must(date_read(s, &back, NULL) && date_compare(d, back) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct date d;
	struct err err = ERR_INIT;
	if (!date_read(slice_bytes(data, size), &d, &err)) {
		must(err.code == ERR_INPUT);
		return 0;
	}
	must(date_is_valid(d));
	must(date_compare(date_of_number(date_number(d)), d) == 0);
	must(date_compare(date_of_instant(date_begin(d)), d) == 0);
	check_style(d, DATE_ISO);
	check_style(d, DATE_ERA);
	check_style(d, DATE_ERA_SHORT);
	struct calendar cal = calendar_of_government();
	must(date_compare(calendar_next_open(&cal, d), d) >= 0);
	return 0;
}
