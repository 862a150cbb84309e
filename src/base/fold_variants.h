/*
 * The table of variant characters that base/fold.h folds with.
 */
#ifndef BASE_FOLD_VARIANTS_H
#define BASE_FOLD_VARIANTS_H

#include <stddef.h>
#include <stdint.h>

struct fold_variant {
	uint32_t variant;
	uint32_t usual;
};

/* Ascending by variant. */
extern const struct fold_variant fold_variants[];
extern const size_t fold_variants_count;

#endif
