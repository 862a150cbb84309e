/*
 * must(cond): a programming error stops the process, in every build.
 * Input from outside is never asserted; it gets an error.
 */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#define must(cond)                                                             \
	((cond) ? (void)0 : must_fail(#cond, __FILE__, __LINE__))

_Noreturn void must_fail(const char *cond, const char *file, int line);

#endif
