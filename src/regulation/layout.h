/*
 * The pack format as tables: which keys a manifest and a file may hold.
 * docs/pack-format.md says the same in words.
 */
#ifndef REGULATION_LAYOUT_H
#define REGULATION_LAYOUT_H

#include "regulation/shape.h"

/* Both fill a struct pack. */
extern const struct shape layout_manifest;
extern const struct shape layout_file;

/* A struct pack_register; layout_register.c. */
extern const struct shape layout_register;

/* A struct pack_field, of registers and procedures. */
extern const struct shape layout_field;

/* A struct pack_condition; layout_procedure.c. */
extern const struct shape layout_condition;

/* A struct pack_duty; layout_duty.c. */
extern const struct shape layout_duty;

/* A struct pack_form; layout_form.c. */
extern const struct shape layout_form;

/* A struct pack_procedure; layout_procedure.c. */
extern const struct shape layout_procedure;

/* A struct pack_effect of a procedure's step; layout_effect.c. */
extern const struct shape layout_effect;

#endif
