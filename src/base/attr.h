/*
 * The three compiler attributes that the house style allows, behind names.
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* The result says whether it worked: dropping it is a compile error. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Arguments are checked against the format: positions count from 1. */
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Calls FN(&variable) when the variable goes out of scope. */
#define SCOPED(fn) __attribute__((cleanup(fn)))

#endif
