/*
 * What all lists of this folder share: room in the arena, and the end.
 */
#ifndef PEOPLE_PAGE_H
#define PEOPLE_PAGE_H

#include "people/people.h"

/* A column as a copy in the arena. */
struct slice
page_text(struct store_rows *rows, unsigned column, struct arena *a);

/* Room for page->max elements. ERR_LIMIT past PEOPLE_PAGE_MAX. */
bool begin_page(const struct people_page *page, size_t size, void **ret,
    struct err *err) MUST_CHECK;
bool end_page(struct store_rows *rows, const struct arena *a, size_t n,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* 1..max bytes; ERR_INPUT names the field. */
bool check_text(
    struct slice s, size_t max, const char *field, struct err *err) MUST_CHECK;

#endif
