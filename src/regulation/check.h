/*
 * The checks of a pack that go beyond the form of single fields.
 * Own: what a pack says, before anything from below is mixed in; it also
 * binds articles and chapters. Whole: what it says together with the packs
 * below. Both only add faults.
 */
#ifndef REGULATION_CHECK_H
#define REGULATION_CHECK_H

#include "base/arena.h"
#include "regulation/fault.h"
#include "regulation/pack.h"
#include "regulation/register.h"

struct check {
	struct pack *pack;
	struct pack_faults *faults;
	struct arena *arena;
};

void check_own(struct check *c);
void check_whole(struct check *c);

/* check_office.c */
void check_offices_own(struct check *c);
void check_offices_whole(struct check *c);

/* check_organ.c: organs and closing days */
void check_organs_own(struct check *c);

/* check_holding.c */
void check_holdings_own(struct check *c);
void check_holdings_whole(struct check *c);

/* check_register.c */
void check_registers_own(struct check *c);
void check_registers_whole(struct check *c);

/* check_procedure.c */
void check_procedures_own(struct check *c);
void check_procedures_whole(struct check *c);

/* check_effect.c */
struct pack_procedure;
void check_effects_own(struct check *c, const struct pack_procedure *p,
    size_t step);
void check_effects_whole(struct check *c, const struct pack_procedure *p,
    size_t step);

/* check_form.c */
void check_forms_own(struct check *c);
void check_forms_whole(struct check *c);

/* check_duty.c */
void check_duties_own(struct check *c);
void check_duties_whole(struct check *c);

struct pack_condition;

/* One of all, any, none, field; a comparison that the field allows. */
void check_condition_form(struct check *c, const struct pack_condition *x);
void check_comparison_form(struct check *c, const struct pack_condition *x,
    const struct pack_field *f);

/* Typed fields, of registers and procedures; check_register.c */
void check_fields(struct check *c, const struct pack_field *list, size_t n);
void check_fields_whole(struct check *c, const struct pack_field *list,
    size_t n);

/*
 * A list of structs that begin with a place and an id holds no id twice.
 * Empty ids, already a fault, are passed over.
 */
void check_unique(struct check *c, const char *what, const void *list,
    size_t n, size_t size);

/* No name twice, and none that `find` does not know. */
void check_names(struct check *c, const char *what,
    const struct pack_name *list, size_t n,
    bool (*is_known)(const struct pack *, struct slice));

bool check_is_office(const struct pack *p, struct slice id);
bool check_is_control(const struct pack *p, struct slice id);

/* Finds the provisions that articles cite, in this pack or one below. */
void check_bind(struct check *c, const struct pack_article *list, size_t n);

#endif
