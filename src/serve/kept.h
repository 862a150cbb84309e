/*
 * Packs as they were when matters began under them (DATA/packs): a matter
 * finishes under the pack that it began with. Each is kept under its hash and
 * believed by it.
 */
#ifndef SERVE_KEPT_H
#define SERVE_KEPT_H

#include "serve/household.h"

/* Those in force are put there; those of before are read into the house. */
bool kept_packs_open(struct household *h, const char *dir,
    struct err *err) MUST_CHECK;
void kept_packs_close(struct household *h);

#endif
