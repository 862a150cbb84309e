/*
 * Documents of the demonstration: an invented file on a few records of a
 * holding that has files.
 */
#ifndef SERVE_DEMO_DOCUMENT_H
#define SERVE_DEMO_DOCUMENT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "guard/door.h"
#include "vault/invent.h"

/* On records of the first of n persons; nothing for one without files. */
bool demo_attach(struct door *door, struct visitor *v,
    const struct holding *h, const struct invent *in, uint64_t n,
    const struct door_intent *intent, struct err *err) MUST_CHECK;

#endif
