/*
 * Time. Nobody else asks the system for it. A clock is handed to long-lived
 * objects; functions that need "now" take an instant.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

/* Microseconds since 1970-01-01T00:00:00Z. */
typedef int64_t instant;

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* Never goes back: a smaller reading repeats the largest one given. */
struct clock {
	_Atomic(instant) last;
	_Atomic(instant) script; /* a scripted clock's time; 0: the system's */
};

/* Follows the system's time. */
void clock_init_system(struct clock *c);

/* Stands still at `at` (> 0) until clock_set() moves it on; for tests. */
void clock_init_script(struct clock *c, instant at);
void clock_set(struct clock *c, instant at);

instant clock_now(struct clock *c);

/* Elapsed time for limits and figures; not related to the calendar. */
instant clock_monotonic(void);

#endif
