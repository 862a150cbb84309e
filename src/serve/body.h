/*
 * A body while it is founded, in maintenance: its row and limits, its organs
 * and sections as its pack has them. Used by `found` and the demonstration.
 */
#ifndef SERVE_BODY_H
#define SERVE_BODY_H

#include "serve/household.h"

enum { FOUNDING_SECTIONS_MAX = 1000 };

/* A section that was made. */
struct placed {
	uint64_t section;
	uint64_t organ;
	struct slice name;
	bool is_outside; /* of an organ that the Act does not count */
};

struct founding {
	struct household *h;
	struct door *door;
	struct arena *arena; /* names live here */
	const struct pack *pack;
	instant now, until; /* until: of the body's limits */

	/* Filled in: */
	struct visitor visitor; /* maintenance, in the body */
	uint64_t body;
	uint64_t organ; /* the first */
	struct placed sections[FOUNDING_SECTIONS_MAX];
	size_t n_sections;
};

/* Name and kana as the pack has them. */
struct slice founding_name(const struct pack *pack);
struct slice founding_kana(const struct pack *pack);

/* The row and the limits. */
bool founding_body(struct founding *f, struct slice name, struct slice kana,
    struct err *err) MUST_CHECK;

/* The pack's organs, with their sections or without. */
bool founding_organs(struct founding *f, bool has_sections,
    struct err *err) MUST_CHECK;

/* A section of the first organ that the pack does not name. */
bool founding_section(struct founding *f, struct slice name,
    struct err *err) MUST_CHECK;

/* NULL: none of that name was made. */
const struct placed *founding_placed(const struct founding *f,
    struct slice name);

#endif
