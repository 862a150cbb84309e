/*
 * The parameters that the format knows, with the unit and the bounds of
 * sense of each. Their values stand in packs, never here.
 */
#ifndef REGULATION_PARAMETER_H
#define REGULATION_PARAMETER_H

#include "regulation/fault.h"
#include "regulation/pack.h"

/* Unknown ids, wrong units, values out of bounds, choices without a note. */
void parameter_check_own(const struct pack *p, struct pack_faults *faults);

/* Those that a pack of its kind must have, its own or from below. */
void parameter_check_whole(const struct pack *p, struct pack_faults *faults);

#endif
