/*
 * Matters (案件): kept with all that was done in them; each deed is one
 * transaction with its ledger entry, and two at once never both count.
 * Who may do what is procedure/rule.h.
 */
#ifndef PROCEDURE_PROCEDURE_H
#define PROCEDURE_PROCEDURE_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"
#include "guard/door.h"
#include "guard/door_matter.h"
#include "procedure/rule.h"
#include "store/store.h"

enum { PROCEDURE_PAGE_MAX = 50 };

/* Where from: the reader is not held across a wait. */
struct procedure_source {
	struct store_reader *reader;
	struct arena *arena;
	uint64_t body;
	const struct pack *pack; /* in force */
	/* The one with that hash, under which a matter began. May be NULL; so
	 * may be what it gives: then the one in force is taken. */
	const struct pack *(*pack_of)(const void *ctx, struct slice hash);
	const void *ctx;
};

/*
 * With all its deeds. holding_section stays for the caller to fill in.
 * ERR_NOT_FOUND; ERR_CORRUPT where the pack no longer has the procedure or
 * the step.
 */
bool procedure_get(const struct procedure_source *from, uint64_t id,
    struct matter *ret, struct err *err) MUST_CHECK;

/* One line of a list. */
struct matter_line {
	uint64_t id;
	struct slice procedure, step; /* the pack's ids */
	uint32_t year, sequence;
	uint64_t section;
	uint64_t asker;
	struct slice name;
	enum matter_state state;
	instant opened_at;
	instant due;
	bool is_after; /* 後閲 */
};

/* Newest first. procedure, state: empty for any; section 0: of any. */
struct matter_ask {
	uint64_t asker; /* 0: of anybody */
	uint64_t section;
	struct slice procedure;
	const char *state; /* NULL: any */
	instant before;    /* cursor; 0: from the newest */
	uint64_t before_id;
};

bool procedure_list(const struct procedure_source *from,
    const struct matter_ask *ask, struct matter_line **ret, size_t *ret_n,
    bool *ret_more, struct err *err) MUST_CHECK;

/*
 * Whose turn it is: of this person, or of this office in this section (0: of
 * an office of the whole body, that reaches every section).
 */
bool procedure_turns(const struct procedure_source *from, uint64_t person,
    struct slice office, uint64_t section, bool is_of_body,
    struct matter_line **ret, size_t *ret_n, struct err *err) MUST_CHECK;

/*
 * Open ones of a section that wait for whoever asked for them, in this
 * office: others than this person. Where they have left the section, whoever
 * holds the office there acts (struct actor, is_heir).
 */
bool procedure_left(const struct procedure_source *from, uint64_t person,
    struct slice office, uint64_t section, struct matter_line **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/*
 * What is written along with a deed. `run` is in the transaction of the deed;
 * a grant takes the matter's id, and none but a decided matter has one.
 */
struct procedure_effects {
	bool (*run)(struct store_tx *tx, void *arg, struct err *err);
	void *arg;
	const struct door_grant *grant; /* NULL: none is made */
	bool ends_grant;                /* the one that the matter made */
};

/*
 * Matters of a procedure that were done, up to an instant, by id behind
 * `after`: what duties are judged by. At most PROCEDURE_BATCH_MAX.
 */
enum { PROCEDURE_BATCH_MAX = 500 };

struct matter_ended {
	uint64_t id, section, holding;
	struct slice name;
	const struct slice *values; /* of the procedure's fields, as stored */
	instant opened_at, closed_at;
};

struct procedure_evidence {
	const struct pack_procedure *procedure;
	instant at; /* INT64_MAX: all */
	uint64_t after;
	size_t max;
};

bool procedure_evidence(const struct procedure_source *from,
    const struct procedure_evidence *ask, struct matter_ended **ret,
    size_t *ret_n, struct err *err) MUST_CHECK;

/* How often matters of each procedure were changed. */
struct procedure_changes {
	struct slice procedure;
	uint64_t n;
};
bool procedure_changes(const struct procedure_source *from,
    struct procedure_changes **ret, size_t *ret_n, struct err *err) MUST_CHECK;

struct procedure_write {
	const struct pack *pack;
	const struct actor *actor;
	const struct wish *wish;
	const struct calendar *calendar;
	instant now;
	struct slice name;     /* of the matter, as lists call it */
	struct matter *matter; /* id 0: new, then set; else as it was seen */
	/*
	 * Asked once the deed is judged good, before anything is written; may
	 * be NULL. False: the deed is not done.
	 */
	bool (*effects)(void *ctx, const struct procedure_write *w,
	    const struct outcome *after, struct procedure_effects *ret,
	    struct err *err);
	void *ctx;
};

/*
 * Judges and writes. *ret_flaw is not FLAW_NONE: ERR_DENIED or ERR_INPUT, and
 * nothing was written. ERR_CONFLICT: another deed came first.
 */
bool procedure_act(struct door *d, struct visitor *v,
    const struct procedure_write *w, enum flaw *ret_flaw,
    struct err *err) MUST_CHECK;

/*
 * A deed made ready, to be written in another's transaction: a matter that a
 * matter opens. It has no effects of its own. The arena's.
 */
struct procedure_job;
bool procedure_ready(const struct visitor *v,
    const struct procedure_write *w, struct procedure_job **ret,
    enum flaw *ret_flaw, struct err *err) MUST_CHECK;
bool procedure_run(struct store_tx *tx, struct procedure_job *job,
    struct err *err) MUST_CHECK;

#endif
