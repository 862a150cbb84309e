/*
 * Inside of action: rules for machines, made from registers (台帳) of what is
 * permitted, and what machines report compared with them. Only rows that
 * stand today count.
 */
#ifndef ACTION_PERMIT_FILE_H
#define ACTION_PERMIT_FILE_H

#include "register.h"

enum {
	PERMITS_MAX = 5000, /* rows of the register */
	PERMIT_ID_DIGITS = 4,
	PERMIT_SOURCE_MAX_BYTES = 64
};

/* A device of the register `devices`. */
struct permitted_device {
	uint64_t row, terminal; /* 0: any terminal */
	struct slice vendor, product; /* four hexadecimal digits, lower case */
	struct slice serial, model;
	bool is_usable; /* ids and serial are such that a rule can name it */
};

/* A connection of the register `listeners`. */
struct permitted_source {
	uint64_t row;
	struct slice source; /* as nft writes it: 10.1.0.0/24, 2001:db8::1 */
	struct slice written; /* as the register has it */
	bool is_v6;
	bool is_usable; /* an address or a range */
	uint64_t port;
};

/*
 * Those in force today; 0 for terminal or system: all. ERR_NOT_FOUND where
 * the body's pack has no such register.
 */
bool permitted_devices(struct call *call, uint64_t terminal,
    struct permitted_device **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;
bool permitted_sources(struct call *call, uint64_t system,
    struct permitted_source **ret, size_t *ret_n,
    struct err *err) MUST_CHECK;

/* "10.1.0.7/24" becomes "10.1.0.0/24"; false: no address and no range. */
bool permit_read_source(struct slice s, struct arena *a, struct slice *ret,
    bool *ret_is_v6) MUST_CHECK;

/* Four hexadecimal digits, made lower case. */
bool permit_read_id(struct slice s, struct arena *a,
    struct slice *ret) MUST_CHECK;

#endif
