/*
 * Load on the decision: 10,000 grants, one core.
 *
 *	decide_load [seconds [grants]]
 *
 * A body of 200 sections, 2,000 persons and 500 holdings; half of the grants
 * to offices, half to persons. Questions are made before and asked in an
 * order that no cache knows; about half are allowed. Prints decisions a
 * second of CPU time, the share allowed, and how long compiling took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/must.h"
#include "guard/decide.h"
#include "guard/snapshot.h"

enum {
	SECTIONS = 200,
	PERSONS = 2000,
	HOLDINGS = 500,
	QUESTIONS = 1 << 16,
	BATCH = 1 << 14
};

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t
roll(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

/* Ids are random in life; here they are spread by a multiplication. */
static uint64_t
id_of(uint64_t n)
{
	return (n + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 1;
}

static uint64_t
section_of(uint64_t person)
{
	return 1 + person % SECTIONS;
}

static struct authority_row *
new_row(struct authority_row *rows, size_t *n, enum authority_kind kind,
    uint64_t id)
{
	rows[*n] = (struct authority_row){.head = {.kind = kind,
					      .body = 7,
					      .id = id,
					      .version = 1,
					      .until = INT64_MAX}};
	return &rows[(*n)++];
}

static size_t
make_rows(struct authority_row *rows, size_t grants)
{
	size_t n = 0;
	new_row(rows, &n, AUTHORITY_BODY, 7)->body.emergency_hours = 24;
	for (uint64_t p = 0; p < PERSONS; p++) {
		struct authority_row *r =
		    new_row(rows, &n, AUTHORITY_APPOINTMENT, id_of(p + 100000));
		r->appointment.person = id_of(p);
		r->appointment.section = section_of(p);
		bool is_manager = p / SECTIONS == 0;
		r->appointment.rights = is_manager ? RIGHT_BIT(RIGHT_GRANT) : 0;
		must(authority_text_set(&r->appointment.office,
		    is_manager ? SLICE("manager") : SLICE("staff")));
	}
	for (uint64_t h = 0; h < HOLDINGS; h++)
		new_row(rows, &n, AUTHORITY_HOLDING, id_of(h + 200000))
		    ->holding.section = section_of(h);
	for (uint64_t i = 0; i < grants; i++) {
		struct authority_grant *g =
		    &new_row(rows, &n, AUTHORITY_GRANT, id_of(i + 300000))
			 ->grant;
		uint64_t h = roll(HOLDINGS);
		g->holding = id_of(h + 200000);
		g->acts =
		    ACT_BIT(ACT_VIEW) | ACT_BIT(ACT_SEARCH) | ACT_BIT(ACT_LIST);
		g->items = i % 3 == 0 ? 0xff : ITEMS_ALL;
		if (i % 2 == 0) {
			g->person = id_of(roll(PERSONS));
		} else {
			must(authority_text_set(&g->office, SLICE("staff")));
			g->section = 1 + roll(SECTIONS);
		}
		if (i % 10 == 0) {
			g->from_minute = 8 * 60;
			g->to_minute = 18 * 60;
		}
	}
	return n;
}

/* Every second question takes its subject and holding from a grant. */
static void
make_questions(struct question *q, const struct authority_row *rows, size_t n,
    size_t grants)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		uint64_t p = roll(PERSONS);
		uint64_t holding = id_of(roll(HOLDINGS) + 200000);
		if (i % 2 == 0) {
			const struct authority_grant *g =
			    &rows[n - grants + roll(grants)].grant;
			holding = g->holding;
			if (g->person == 0)
				p = SECTIONS * (1 + roll(9)) + (g->section - 1);
			for (uint64_t k = 0; g->person != 0 && k < PERSONS; k++)
				if (id_of(k) == g->person)
					p = k;
		}
		q[i] = (struct question){.body = 7,
		    .person = id_of(p),
		    .capacity = id_of(p + 100000),
		    .holding = holding,
		    .items = 0xffff,
		    .act = ACT_VIEW,
		    .level = 1,
		    .has_purpose = true,
		    .now = INT64_C(1790902800) * SECOND_US};
	}
}

/* CPU time of this process: what one core does, whoever else is there. */
static instant
spent(void)
{
	struct timespec t;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
	return (instant)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;
	size_t grants = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	size_t max = grants + PERSONS + HOLDINGS + 1;
	struct authority_row *rows = calloc(max, sizeof(*rows));
	const struct authority_row **list = calloc(max, sizeof(*list));
	struct question *q = calloc(QUESTIONS, sizeof(*q));
	struct snapshot *s = NULL;
	must(rows != NULL && list != NULL && q != NULL && grants > 0);
	size_t n = make_rows(rows, grants);
	for (size_t i = 0; i < n; i++)
		list[i] = &rows[i];
	instant begin = spent();
	must(snapshot_make(list, n, &s, NULL));
	instant compiled = spent() - begin;
	make_questions(q, rows, n, grants);
	uint64_t done = 0, allowed = 0;
	begin = spent();
	instant end = begin + (instant)seconds * SECOND_US;
	instant now = begin;
	for (size_t i = 0; now < end; now = spent())
		for (size_t b = 0; b < BATCH; b++, done++) {
			struct decision d = guard_decide(s, &q[i]);
			allowed += d.items != 0;
			i = (i + 1) % QUESTIONS;
		}
	printf("decide %.0f a second, %.1f ns each; %.0f%% allowed; %zu "
	       "grants; compiled in %.1f ms\n",
	    (double)done * SECOND_US / (double)(now - begin),
	    (double)(now - begin) * 1000 / (double)done,
	    100.0 * (double)allowed / (double)done, grants,
	    (double)compiled / 1000);
	snapshot_drop(s);
	free(q);
	free(list);
	free(rows);
	return 0;
}
