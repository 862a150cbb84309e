/*
 * A paper as A4 pages, its fonts embedded, "page / pages" and the mark at the
 * foot of each.
 *
 * The font is IPAmj明朝 (Debian: fonts-ipamj-mincho), which has the characters
 * of the registers of residents and families with their variation sequences.
 * Without it nothing is printed: a wrong character in a name is worse.
 *
 * May take some hundred milliseconds: not on a thread that serves. Any thread
 * may call it.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "report/paper.h"

enum { PDF_PAGES_MAX = 1000 };

/* ERR_LIMIT: too many pages, or more bytes than `to` takes; ERR_SYSTEM. */
bool pdf_write(const struct paper *paper, struct buf *to,
    struct err *err) MUST_CHECK;

#endif
