/* Inside of action: what a deed in a matter brings about besides. */
#ifndef ACTION_EFFECT_H
#define ACTION_EFFECT_H

#include "matter.h"

/* For procedure_write: `effects` with such a ctx. Lives as long as the deed. */
struct effecting {
	struct call *call;
	struct effect_jobs *jobs; /* filled in */
};

bool effects_make(void *ctx, const struct procedure_write *w,
    const struct outcome *after, struct procedure_effects *ret,
    struct err *err) MUST_CHECK;

/* After a failure: what stood in the way, into call->message. */
void effects_explain(const struct effecting *e, const struct err *err);

/* What a step brings about, in words; empty: nothing. */
struct slice effects_text(struct call *call, const struct pack_step *s);

#endif
