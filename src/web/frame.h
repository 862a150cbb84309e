/*
 * What stands around every page: who is logged on, where, the menu, and the
 * form that is being filled in.
 */
#ifndef WEB_FRAME_H
#define WEB_FRAME_H

#include "action/action.h"

/* A new frame object for the layout; `status` 0 or that of an error page. */
struct out *frame_make(struct call *call, struct slice path);

/*
 * Puts "form" into the frame: the action's address, its fields with label,
 * value, mistake and choices. `raw` is what was typed (never secrets).
 */
void frame_put_form(struct call *call, struct out *frame,
    const struct action *action, struct slice path,
    const struct raw_field *raw, size_t n);

#endif
