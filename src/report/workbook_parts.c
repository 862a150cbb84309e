/* The parts of a workbook, out of its ZIP, each to its limit. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "report/grid_inside.h"

enum { ENTRIES_MAX = 2000 };

static struct part *
part_named(struct part *parts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

static bool
unpack(struct archive *zip, struct part *p, struct grid *g)
{
	char bytes[16 * 1024];
	la_ssize_t n;
	if (p->is_there) { /* twice the same name: which would be read? */
		g->flaw = GRID_BROKEN;
		return false;
	}
	p->is_there = true;
	while ((n = archive_read_data(zip, bytes, sizeof(bytes))) > 0 &&
	    !p->bytes.failed)
		buf_add_bytes(&p->bytes, bytes, (size_t)n);
	if (p->bytes.failed)
		g->flaw = GRID_TOO_LARGE;
	else if (n < 0)
		g->flaw = GRID_BROKEN;
	return g->flaw == GRID_FINE;
}

static bool
read_entries(struct archive *zip, struct part *parts, size_t n,
    struct grid *g)
{
	struct archive_entry *e;
	unsigned count = 0;
	int rc;
	while ((rc = archive_read_next_header(zip, &e)) == ARCHIVE_OK ||
	    rc == ARCHIVE_WARN) {
		const char *name = archive_entry_pathname_utf8(e);
		if (++count > ENTRIES_MAX) {
			g->flaw = GRID_TOO_LARGE;
			return false;
		}
		if (name == NULL)
			continue;
		if (strstr(name, "vbaProject") != NULL ||
		    strncmp(name, "xl/macrosheets/", 15) == 0) {
			g->flaw = GRID_MACROS;
			return false;
		}
		struct part *p = part_named(parts, n, name);
		if (p != NULL && !unpack(zip, p, g))
			return false;
	}
	if (rc != ARCHIVE_EOF)
		g->flaw = GRID_BROKEN;
	return rc == ARCHIVE_EOF;
}

bool
parts_read(struct slice file, struct part *parts, size_t n, struct grid *g,
    struct err *err)
{
	struct archive *zip = archive_read_new();
	if (zip == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	bool worked = archive_read_support_format_zip_seekable(zip) ==
	        ARCHIVE_OK &&
	    archive_read_open_memory(zip, file.p, file.n) == ARCHIVE_OK;
	if (!worked)
		g->flaw = GRID_BROKEN;
	worked = worked && read_entries(zip, parts, n, g);
	(void)archive_read_free(zip);
	return worked || grid_refuse(g, g->flaw, err);
}
