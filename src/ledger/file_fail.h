/*
 * A file layer that makes the nth of the chosen calls fail, for fault tests.
 */
#ifndef LEDGER_FILE_FAIL_H
#define LEDGER_FILE_FAIL_H

#include <stdbool.h>

#include "ledger/file.h"

enum file_call {
	FILE_CALL_OPEN = 1,
	FILE_CALL_READ = 2,
	FILE_CALL_WRITE = 4,
	FILE_CALL_ALLOCATE = 8,
	FILE_CALL_SYNC = 16, /* of files and folders */
	FILE_CALL_RENAME = 32,
	FILE_CALL_MKDIR = 64,
	FILE_CALL_LIST = 128,
	FILE_CALL_ALL = 255
};

enum { FILE_FAIL_EXIT = 77 };

struct file_fail {
	const struct file_layer *inner;
	unsigned calls;      /* which are counted: bits of enum file_call */
	unsigned long nth;   /* 1: the next; 0: none fails */
	bool is_lasting;     /* and all counted calls after it */
	bool is_fatal;       /* the process ends at it, as if it were killed */
	int error;           /* errno's value */
	unsigned long made;  /* counted calls so far */
	struct file_layer layer;
};

/* f->layer is ready after this; the other fields are the caller's. */
void file_fail_init(struct file_fail *f, const struct file_layer *inner);

#endif
