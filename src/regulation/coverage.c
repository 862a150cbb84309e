#include "regulation/coverage.h"

static bool
is_answered(const struct pack *p, const struct pack_provision *v)
{
	for (size_t i = 0; i < v->n_controls; i++) {
		const struct pack_control *k = pack_control(p,
		    v->controls[i].id);
		if (k == NULL || k->n_answered_by == 0)
			return false;
	}
	return v->n_controls > 0;
}

/* One story that passed names one provision. */
static bool
take_reference(struct coverage *c, struct slice full, const char *file,
    size_t line, struct err *err)
{
	const struct pack *p = c->pack;
	size_t colon = slice_find(full, ':');
	if (colon == 0 || colon + 1 >= full.n)
		return ERR(err, ERR_INPUT, "%s:%zu: '%.*s' is no pack:ref; "
		    "correct it", file, line, SLICE_FMT(full));
	if (!slice_is_equal(p->id, (struct slice){full.p, colon}))
		return true;
	const struct pack_provision *v = pack_provision(p, full);
	if (v == NULL)
		return ERR(err, ERR_INPUT, "%s:%zu: there is no provision "
		    "'%.*s'; correct it", file, line, SLICE_FMT(full));
	enum coverage_state *state = &c->states[v - p->provisions];
	if (*state == COVERAGE_UNPROVEN)
		*state = COVERAGE_ANSWERED;
	return true;
}

static bool
take_line(struct coverage *c, struct slice text, const char *file,
    size_t line, struct err *err)
{
	struct slice story, provisions, result, ref;
	struct slice rest = text;
	if (!slice_split(&rest, '\t', &story) ||
	    !slice_split(&rest, '\t', &provisions) ||
	    !slice_split(&rest, '\t', &result) || rest.p != NULL ||
	    story.n == 0 || provisions.n == 0 || result.n == 0)
		return ERR(err, ERR_INPUT, "%s:%zu: the line is not story, "
		    "provisions, result with tabs between; correct it", file,
		    line);
	if (!slice_is(result, "passed"))
		return true;
	while (slice_split(&provisions, ',', &ref)) {
		if (!take_reference(c, slice_trim(ref), file, line, err))
			return false;
	}
	return true;
}

static bool
take_stories(struct coverage *c, struct slice text, const char *file,
    struct err *err)
{
	struct slice line;
	size_t n = 0;
	if (text.n > COVERAGE_STORIES_MAX_BYTES)
		return ERR(err, ERR_LIMIT, "%s has more than %d bytes", file,
		    COVERAGE_STORIES_MAX_BYTES);
	while (slice_split(&text, '\n', &line)) {
		if (++n > COVERAGE_STORIES_MAX)
			return ERR(err, ERR_LIMIT, "%s has more than %d "
			    "lines", file, COVERAGE_STORIES_MAX);
		line = slice_trim(line);
		if (line.n == 0 || slice_is(line, "story\tprovisions\tresult"))
			continue;
		if (!take_line(c, line, file, n, err))
			return false;
	}
	return true;
}

bool
coverage_make(const struct pack *p, const struct pack *within,
    struct slice stories, const char *stories_name, struct arena *a,
    struct coverage *ret, struct err *err)
{
	struct coverage c = {.pack = p, .within = within};
	c.states = arena_array(a, p->n_provisions, sizeof(*c.states));
	if (c.states == NULL)
		return ERR(err, ERR_BUSY, "no memory left for the coverage");
	for (size_t i = 0; i < p->n_provisions; i++)
		c.states[i] = is_answered(within, &p->provisions[i]) ?
		    COVERAGE_UNPROVEN : COVERAGE_PLANNED;
	if (stories.n > 0 && !take_stories(&c, stories, stories_name, err))
		return false;
	for (size_t i = 0; i < p->n_provisions; i++)
		c.counts[c.states[i]]++;
	*ret = c;
	return true;
}

const char *
coverage_state_name(enum coverage_state state)
{
	switch (state) {
	case COVERAGE_PLANNED:
		return "planned";
	case COVERAGE_UNPROVEN:
		return "unproven";
	case COVERAGE_ANSWERED:
		return "answered";
	}
	return "";
}

/* A control before the nth of this provision has the same answer. */
static bool
is_told(const struct pack *p, const struct pack_provision *v, size_t n,
    struct slice answer)
{
	for (size_t i = 0; i < n; i++) {
		const struct pack_control *k = pack_control(p,
		    v->controls[i].id);
		for (size_t j = 0; k != NULL && j < k->n_answered_by; j++) {
			if (slice_is_equal(k->answered_by[j].id, answer))
				return true;
		}
	}
	return false;
}

static void
add_answers(struct buf *to, const struct pack *p,
    const struct pack_provision *v)
{
	const char *between = "";
	for (size_t i = 0; i < v->n_controls; i++) {
		const struct pack_control *k = pack_control(p,
		    v->controls[i].id);
		for (size_t j = 0; k != NULL && j < k->n_answered_by; j++) {
			if (is_told(p, v, i, k->answered_by[j].id))
				continue;
			buf_add_str(to, between);
			buf_add(to, k->answered_by[j].id);
			between = ",";
		}
	}
}

void
coverage_write(const struct coverage *c, struct buf *to)
{
	const struct pack *p = c->pack;
	for (size_t i = 0; i < p->n_provisions; i++) {
		const struct pack_provision *v = &p->provisions[i];
		buf_add(to, v->id);
		buf_add_byte(to, '\t');
		buf_add(to, v->caption);
		buf_add_byte(to, '\t');
		for (size_t j = 0; j < v->n_controls; j++) {
			buf_add_str(to, j == 0 ? "" : ",");
			buf_add(to, v->controls[j].id);
		}
		buf_add_byte(to, '\t');
		add_answers(to, c->within, v);
		buf_add_byte(to, '\t');
		buf_add_str(to, coverage_state_name(c->states[i]));
		buf_add_byte(to, '\n');
	}
}
