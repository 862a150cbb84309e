/*
 * The subset of YAML that packs are written in, as a tree that remembers
 * where each piece stands. Refused: anchors and aliases, tags, directives,
 * several documents, duplicate keys, tabs for indentation, files over
 * NODE_FILE_MAX_BYTES, nesting over NODE_DEPTH_MAX (docs/pack-format.md).
 * A scalar is text; what it means is for whoever reads the field.
 */
#ifndef REGULATION_NODE_H
#define REGULATION_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"
#include "regulation/fault.h"

enum {
	NODE_FILE_MAX_BYTES = 1024 * 1024,
	NODE_DEPTH_MAX = 16,     /* lists and mappings inside one another */
	NODE_KEYS_MAX = 64,      /* keys of one mapping */
	NODE_FILE_MAX = 100000,  /* nodes of one file */
};

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	int line;          /* counted from 1 */
	const char *file;  /* NUL behind it */
	struct slice key;  /* of a child of a mapping */
	int key_line;
	struct slice text; /* NODE_TEXT, UTF-8 */
	size_t n;          /* children */
	struct node *first;
	struct node *next; /* the next child of the same parent */
};

/*
 * Reads one file; `file` is the name that faults give. The tree and all its
 * text live in the arena. False after adding the fault; a file that cannot
 * be parsed has only one.
 */
bool node_read(const char *file, struct slice bytes, struct arena *arena,
    struct node **ret, struct pack_faults *faults) MUST_CHECK;

/* The child of a mapping with that key, or NULL. */
struct node *node_child(const struct node *map, const char *key);

/* What a kind is called in a fault: "text", "list", "mapping". */
const char *node_kind_name(enum node_kind kind);

#endif
