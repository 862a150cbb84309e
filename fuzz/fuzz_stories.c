/*
 * The table of stories behind `pack coverage`: no text answers a provision
 * that it does not name, or that no control answers; a fault is told with the
 * file's name.
 */
#include <string.h>

#include "base/must.h"
#include "regulation/coverage.h"
#include "target.h"

enum { ARENA_BYTES = 1024 * 1024 };

#define TEXT(lit)                                                              \
	{                                                                      \
		"" lit, sizeof(lit) - 1                                        \
	}

static const struct pack_name answers[] = {{.id = TEXT("guard.no_grant")}};
static const struct pack_name controls[] = {{.id = TEXT("access.deny")}};
static const struct pack_control made_controls[] = {
    {.id = TEXT("access.deny"), .answered_by = answers, .n_answered_by = 1}};
static const struct pack_provision provisions[] = {
    {.id = TEXT("art1"), .controls = controls, .n_controls = 1},
    {.id = TEXT("art2.1")}};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pack pack = {.id = TEXT("town"),
	    .n_controls = 1,
	    .controls = (struct pack_control *)made_controls,
	    .n_provisions = 2,
	    .provisions = (struct pack_provision *)provisions};
	struct slice text = slice_bytes(data, size);
	struct arena *a = arena_open(ARENA_BYTES);
	struct err err = ERR_INIT;
	struct coverage c;
	must(a != NULL);
	if (coverage_make(&pack, &pack, text, "stories", a, &c, &err)) {
		must(c.states[1] == COVERAGE_PLANNED);
		must(c.states[0] != COVERAGE_PLANNED);
		must(c.states[0] != COVERAGE_ANSWERED ||
		     memmem(text.p, text.n, "town:art1", 9) != NULL);
	} else {
		must(err.code == ERR_INPUT || err.code == ERR_LIMIT);
		must(strncmp(err.text, "stories", 7) == 0);
	}
	arena_close(a);
	return 0;
}
