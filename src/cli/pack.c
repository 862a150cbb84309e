#include "cli/pack.h"

#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "regulation/coverage.h"
#include "regulation/pack.h"

enum { TABLE_MAX_BYTES = 16 * 1024 * 1024, EXIT_FINE = 0, EXIT_FAULTS = 1,
	EXIT_USAGE = 2 };

static void
show_faults(const struct pack_faults *faults, FILE *out)
{
	for (size_t i = 0; i < pack_faults_count(faults); i++) {
		const struct pack_fault *f = pack_fault_at(faults, i);
		(void)fprintf(out, "%s:%d: %s\n", f->file, f->line, f->text);
	}
	if (pack_faults_left_out(faults) > 0)
		(void)fprintf(out, "%zu more faults were left out; mend these "
		    "and check again\n", pack_faults_left_out(faults));
}

/* Opens a pack; its faults go to `out`. NULL when there are any. */
static struct pack *
open_pack(const char *path, FILE *out, int *ret_code)
{
	SCOPED(pack_faults_close_scoped) struct pack_faults *faults =
	    pack_faults_open();
	struct err err = ERR_INIT;
	struct pack *p = NULL;
	if (faults == NULL) {
		(void)fprintf(out, "%s: no memory\n", path);
		*ret_code = EXIT_USAGE;
	} else if (!pack_open(path, &p, faults, &err)) {
		show_faults(faults, out);
		*ret_code = EXIT_FAULTS;
		if (pack_faults_count(faults) == 0) {
			(void)fprintf(out, "%s: %s\n", path, err.text);
			*ret_code = EXIT_USAGE;
		}
	}
	return p;
}

int
cli_pack_check(char *const *paths, int n, FILE *out)
{
	int worst = EXIT_FINE;
	for (int i = 0; i < n; i++) {
		int code = EXIT_FINE;
		SCOPED(pack_close_scoped) struct pack *p = open_pack(paths[i],
		    out, &code);
		if (p != NULL)
			(void)fprintf(out, "%s: %zu provisions, no faults\n",
			    paths[i], p->n_provisions);
		if (code > worst)
			worst = code;
	}
	return worst;
}

/* The whole of a file, at most COVERAGE_STORIES_MAX_BYTES. */
static bool
read_stories(const char *path, struct buf *to, struct slice *ret,
    struct err *err)
{
	char piece[4096];
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return ERR(err, ERR_INPUT, "%s cannot be opened; correct the "
		    "path", path);
	size_t n;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add_bytes(to, piece, n);
	bool is_bad = ferror(f) != 0;
	(void)fclose(f);
	if (is_bad)
		return ERR(err, ERR_INPUT, "%s cannot be read", path);
	return buf_finish(to, ret, err);
}

/* What a table is asked of. */
struct coverage_of {
	const struct pack *pack, *within;
	const char *name; /* of the file with stories */
	struct slice stories;
};

static bool
make_table(const struct coverage_of *of, struct buf *to, struct slice *ret,
    struct err *err)
{
	struct coverage c;
	SCOPED(arena_close_scoped) struct arena *a = arena_open(
	    TABLE_MAX_BYTES);
	if (a == NULL)
		return ERR(err, ERR_BUSY, "no memory for the table");
	if (!coverage_make(of->pack, of->within, of->stories, of->name, a,
	    &c, err))
		return false;
	coverage_write(&c, to);
	return buf_finish(to, ret, err);
}

/*
 * The pack whose controls count for `p`: itself, or base beside a law. NULL
 * when that has faults.
 */
static const struct pack *
open_within(const struct pack *p, const char *path, FILE *out,
    struct pack **ret_base, int *ret_code)
{
	char base[4096];
	if (p->kind != PACK_KIND_LAW)
		return p;
	int n = snprintf(base, sizeof(base), "%s/../base", path);
	if (n < 0 || (size_t)n >= sizeof(base))
		return NULL;
	*ret_base = open_pack(base, out, ret_code);
	return *ret_base;
}

int
cli_pack_coverage(const char *path, const char *stories, FILE *out,
    FILE *complaints)
{
	int code = EXIT_FINE;
	struct err err = ERR_INIT;
	struct slice table;
	struct buf read = buf_of(COVERAGE_STORIES_MAX_BYTES);
	struct buf made = buf_of(TABLE_MAX_BYTES);
	SCOPED(pack_close_scoped) struct pack *p = open_pack(path, complaints,
	    &code);
	SCOPED(pack_close_scoped) struct pack *base = NULL;
	const struct pack *within = p == NULL ? NULL :
	    open_within(p, path, complaints, &base, &code);
	if (within == NULL)
		goto out;
	struct coverage_of of = {p, within, stories, SLICE_NONE};
	if ((stories != NULL &&
	    !read_stories(stories, &read, &of.stories, &err)) ||
	    !make_table(&of, &made, &table, &err)) {
		(void)fprintf(complaints, "%s\n", err.text);
		code = EXIT_USAGE;
		goto out;
	}
	if (fwrite(table.p, 1, table.n, out) != table.n)
		code = EXIT_USAGE;
out:
	buf_close(&read);
	buf_close(&made);
	return code;
}

static int
run_check(const struct cli_call *call)
{
	return cli_pack_check(call->operands, (int)call->n_operands, stdout);
}

static int
run_coverage(const struct cli_call *call)
{
	return cli_pack_coverage(call->operands[0],
	    cli_value(call, "stories"), stdout, stderr);
}

static const struct cli_option coverage_options[] = {
    {"stories", "FILE", WORD_CLI_OPTION_STORIES, false},
    {NULL, NULL, WORD_NONE, false},
};

const struct cli_command cli_pack_check_row = {
    .name = "pack check", .operands = "PATH...", .min_operands = 1,
    .max_operands = CLI_OPERANDS_MAX, .what = WORD_CLI_PACK_CHECK,
    .run = run_check,
};

const struct cli_command cli_pack_coverage_row = {
    .name = "pack coverage", .operands = "PATH", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_PACK_COVERAGE,
    .options = {coverage_options}, .run = run_coverage,
};
