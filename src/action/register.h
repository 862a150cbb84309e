/* Inside of action: what the rows of registers share. */
#ifndef ACTION_REGISTER_H
#define ACTION_REGISTER_H

#include "register/register.h"
#include "rows.h"

#define FIELD_REGISTER                                                         \
	{                                                                      \
		.name = "register", .type = FIELD_KEY, .max = 64,              \
		.required = true, .label = WORD_FIELD_REGISTER                 \
	}
#define FIELD_ROW                                                              \
	{                                                                      \
		.name = "row", .type = FIELD_ID, .required = true,             \
		.label = WORD_FIELD_ROW                                        \
	}

/* Which rows are asked for. */
#define FIELDS_REGISTER_ASKED                                                  \
    FIELD_REGISTER,                                                            \
    {.name = "q", .type = FIELD_TEXT, .max = REGISTER_QUERY_MAX_BYTES,         \
        .label = WORD_FIELD_REGISTER_QUERY},                                   \
    {.name = "f", .type = FIELD_VALUES, .max = 100, .many = true,              \
        .label = WORD_FIELD_REGISTER_FILTER},                                  \
    {.name = "ended", .type = FIELD_FLAG, .label = WORD_FIELD_REGISTER_ENDED}

bool register_read_ask(struct call *call, const struct pack_register *r,
    struct register_ask *ret, struct err *err) MUST_CHECK;

/*
 * Columns of a list besides the name, which stands first; long texts stand in
 * the row's own page.
 */
enum { REGISTER_COLUMNS_MAX = 6 };
bool register_is_column(const struct pack_register *r, size_t field);

/* The register that the input names, if the visitor may read any of it. */
bool register_find(struct call *call, const struct pack_register **ret,
    struct err *err) MUST_CHECK;

/* The row of the path, if the visitor may read it. */
bool register_get_readable(struct call *call,
    const struct pack_register **ret, struct register_row *ret_row,
    struct err *err) MUST_CHECK;

/* The register, when the visitor keeps rows of that section. */
bool register_find_kept(struct call *call, uint64_t section,
    const struct pack_register **ret, struct err *err) MUST_CHECK;

/* What lists call a row of these values. */
struct slice register_row_name(struct call *call,
    const struct pack_register *r, const struct slice *values);

struct register_source register_source_of(
    const struct call *call, const struct pack_register *r);

/*
 * Of the rows of a section (0: of the body): by the visitor's office, and for
 * an office of a section or division only those of its own.
 */
bool register_may_keep(const struct call *call, const struct pack_register *r,
    uint64_t section);
bool register_may_read(const struct call *call, const struct pack_register *r,
    uint64_t section);

/* The one section whose rows are all that the visitor reads; 0: all. */
uint64_t register_only_section(
    const struct call *call, const struct pack_register *r);

#endif
