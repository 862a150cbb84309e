/*
 * What may happen next in a matter (案件): decided from the procedure, the
 * matter and all that was done in it, with nothing else looked at. The same
 * question gives the same answer on every node and in every test.
 *
 * Whoever approves is never whoever asked, nobody decides twice in one step,
 * and nobody takes a step that its not_same_as keeps from them: it is the
 * human being who is compared, in whatever capacity they act.
 */
#ifndef PROCEDURE_RULE_H
#define PROCEDURE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/slice.h"
#include "regulation/procedure.h"

enum {
	PROCEDURE_DEEDS_MAX = 500, /* of a matter */
	PROCEDURE_NOTE_MAX_BYTES = 2000,
	PROCEDURE_HASH_BYTES = 32
};

enum deed {
	DEED_ASK,       /* 申請, and again after it was sent back */
	DEED_TICK,      /* 確認: one item of the checklist */
	DEED_APPROVE,   /* 承認 */
	DEED_REFUSE,    /* 不承認: ends the matter */
	DEED_DO,        /* 実施 */
	DEED_SEND_BACK, /* 差戻し to an earlier step */
	DEED_WITHDRAW,  /* 取下げ by whoever asked: ends the matter */
	DEED_READ_AFTER, /* 後閲 of what a deputy decided */
	DEEDS
};

/* "send_back" */
const char *deed_name(enum deed deed);
bool deed_read(struct slice s, enum deed *ret) MUST_CHECK;

/* What was done, in the order in which it was done. */
struct done {
	uint32_t number; /* from 1 */
	instant at;
	uint32_t step; /* in which */
	enum deed deed;
	uint64_t person;
	uint64_t capacity;
	uint64_t terminal;
	struct slice office; /* in which they acted */
	struct slice as;     /* 代決: for which office; empty otherwise */
	struct slice item;   /* of the checklist; SEND_BACK: the step */
	struct slice note;
	uint8_t hash[PROCEDURE_HASH_BYTES]; /* of what they had before them */
};

enum matter_state {
	MATTER_OPEN,
	MATTER_DONE,
	MATTER_REFUSED,
	MATTER_WITHDRAWN,
	MATTER_STATES
};

const char *matter_state_name(enum matter_state state);

struct matter {
	uint64_t id;
	uint32_t version;
	const struct pack *pack; /* that it began with, where it is kept */
	bool is_of_before;       /* another one is in force by now */
	bool is_pack_lost;       /* not kept: the one in force is taken */
	const struct pack_procedure *procedure;
	uint32_t year, sequence; /* R8-0147: 2026, 147 */
	uint64_t section;        /* of whoever asked */
	uint64_t holding;        /* 0: of none */
	uint64_t holding_section; /* that owns it */
	uint64_t asker;
	enum matter_state state;
	uint32_t step;    /* where it stands */
	uint32_t entered; /* number of the deed that brought it there; 0: new */
	instant opened_at, since, closed_at;
	instant due;      /* of the step; 0: none */
	struct slice name;
	const struct slice *values; /* of the procedure's fields, as stored */
	const struct done *done;
	size_t n_done;
};

/* Who acts, in one capacity. */
struct actor {
	uint64_t person;
	uint64_t capacity;
	uint64_t terminal;
	struct slice office;
	bool is_of_body;          /* the office's scope is the whole body */
	bool is_in_section;       /* holds it in the matter's section */
	bool is_in_holding_section;
	/* Whoever asked has left the section; the actor holds the office in
	 * it in which it was asked for, and acts in their stead. */
	bool is_heir;
	const struct pack *pack;  /* for deputies */
	/* Somebody is in that office now, there; and this person is. */
	bool (*is_held)(void *ctx, struct slice office, enum pack_step_where at,
	    bool by_actor);
	void *ctx;
};

struct wish {
	enum deed deed;
	uint32_t step;        /* that the actor saw the matter in */
	struct slice as;      /* 代決: for this office; empty otherwise */
	struct slice item;    /* TICK: the check; SEND_BACK: the step */
	struct slice note;    /* needed by REFUSE, SEND_BACK, WITHDRAW, 代決 */
	/* The values with those that the actor fills in now. */
	const struct slice *values;
};

enum flaw {
	FLAW_NONE,
	FLAW_CLOSED,      /* the matter has ended */
	FLAW_MOVED,       /* it stands in another step by now */
	FLAW_NO_TURN,     /* another office acts here */
	FLAW_OWN,         /* one's own approval */
	FLAW_SAME_PERSON, /* took a step that must be another's */
	FLAW_TWICE,       /* has decided here already, or another has */
	FLAW_KIND,        /* this step does not do that */
	FLAW_CHECKLIST,   /* not all is ticked */
	FLAW_FIELDS,      /* a required field is empty */
	FLAW_NO_STEP,     /* no such earlier step */
	FLAW_NO_NOTE,     /* the reason is missing */
	FLAW_NO_DEPUTY,   /* no deputy of it, or its holder is there */
	FLAW_OTHERS_FIELD, /* a value that another step fills was changed */
	FLAW_TOO_LONG,    /* PROCEDURE_DEEDS_MAX */
	FLAW_EFFECT,      /* what a step brought about would be undone */
	FLAWS
};

const char *flaw_name(enum flaw flaw);

/* What the matter is once the deed is done. */
struct outcome {
	enum matter_state state;
	uint32_t step;
	bool has_moved; /* the step, or the state, is another one */
	struct slice as; /* the office that acted, or was acted for */
};

enum flaw procedure_judge(const struct matter *m, const struct actor *a,
    const struct wish *w, struct outcome *ret) MUST_CHECK;

/* A new matter's first deed: whether this office may begin it. */
bool procedure_may_begin(
    const struct pack_procedure *p, struct slice office);

/* The condition holds for these values. */
bool procedure_holds(const struct pack_procedure *p,
    const struct pack_condition *x, const struct slice *values);

/*
 * What a deed brings about: the effects of the step that it ends. Where one
 * of a step is final, the matter goes on: it is not sent back to that step or
 * before it, not refused, not withdrawn. So nothing is brought about twice.
 */
const struct pack_effect *procedure_effects(const struct matter *m,
    const struct wish *w, const struct outcome *after, size_t *ret_n);

/* An office of this step that has not acted yet. */
bool procedure_is_awaited(const struct matter *m, struct slice office);

/* Offices that a deputy decided for and whose holder has not read it since. */
bool procedure_is_unread(const struct matter *m, struct slice office);

/* The check of the present step was ticked since it was entered. */
const struct done *procedure_tick(
    const struct matter *m, struct slice check);

#endif
