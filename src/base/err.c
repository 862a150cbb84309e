#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
err_set_at(struct err *err, enum err_code code, const char *file, int line,
    const char *fmt, ...)
{
	if (err == NULL)
		return false;
	va_list ap;
	va_start(ap, fmt);
	err->code = code;
	err->file = file;
	err->line = line;
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return false;
}

bool
err_errno_at(struct err *err, int num, const char *file, int line,
    const char *fmt, ...)
{
	if (err == NULL)
		return false;
	va_list ap;
	va_start(ap, fmt);
	err->code = num == ENOSPC || num == EDQUOT ? ERR_FULL : ERR_SYSTEM;
	err->file = file;
	err->line = line;
	int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(err->text) - 4)
		return false;
	char why[96];
	const char *text = strerror_r(num, why, sizeof(why));
	(void)snprintf(err->text + n, sizeof(err->text) - (size_t)n, ": %s",
	    text);
	return false;
}

bool
err_wrap(struct err *err, const char *fmt, ...)
{
	if (err == NULL)
		return false;
	char old[sizeof(err->text)];
	memcpy(old, err->text, sizeof(old));
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text) - 3)
		(void)snprintf(err->text + n, sizeof(err->text) - (size_t)n,
		    ": %.*s", (int)(sizeof(err->text) - (size_t)n - 3), old);
	return false;
}

void
err_clear(struct err *err)
{
	if (err != NULL)
		*err = (struct err)ERR_INIT;
}
