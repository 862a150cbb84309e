#include "store/migrate.h"

#include "base/must.h"
#include "store.sql.h"

/*
 * The table that says what was applied cannot come from a migration itself.
 * Both engines understand this text.
 */
static const char first_table[] = "CREATE TABLE IF NOT EXISTS store_migration ("
				  " version BIGINT NOT NULL PRIMARY KEY,"
				  " name TEXT NOT NULL,"
				  " hash TEXT NOT NULL,"
				  " applied_at BIGINT NOT NULL)";

static bool
compare_row(const struct store_set *set, size_t at, struct store_rows *rows,
    struct err *err)
{
	int64_t version = store_int(rows, STORE_MIGRATION_LIST__VERSION);
	if (version != (int64_t)at + 1)
		return ERR(err, ERR_CORRUPT,
		    "the database lacks migration %zu, yet has later ones",
		    at + 1);
	if (at >= set->migration_count)
		return ERR(err, ERR_INPUT,
		    "the database has migration %zu, "
		    "this program ends at %zu: use a newer program",
		    at + 1, set->migration_count);
	const struct store_migration *m = &set->migrations[at];
	must(m->version == at + 1);
	if (!slice_is(store_text(rows, STORE_MIGRATION_LIST__HASH), m->hash))
		return ERR(err, ERR_INPUT,
		    "migration %04u-%s was changed "
		    "after the database was made",
		    m->version, m->name);
	return true;
}

bool
migrate_compare(struct store_link *link, const struct store_set *set,
    size_t *ret_have, struct err *err)
{
	SCOPED(store_rows_drop) struct store_rows rows = STORE_ROWS_INIT;
	size_t have = 0;
	if (!link_query(link, STORE_MIGRATION_LIST, NULL, 0, &rows, err))
		return false;
	for (; store_next(&rows); have++)
		if (!compare_row(set, have, &rows, err))
			return false;
	if (!store_finish(&rows, err))
		return false;
	*ret_have = have;
	return true;
}

/* The row goes first: two programs cannot both have it. */
static bool
apply_inside(struct store_link *link, const struct store_migration *m,
    instant now, struct err *err)
{
	const struct store_value row[] = {STORE_INT(m->version),
	    STORE_TEXT(slice_of(m->name)), STORE_TEXT(slice_of(m->hash)),
	    STORE_INT(now)};
	return link_run(link, STORE_MIGRATION_ADD, row, STORE_COUNT(row), false,
		   NULL, err) &&
	       link->engine->script(link, m->text[link->engine->dialect], err);
}

static bool
apply(struct store_link *link, const struct store_migration *m, instant now,
    struct err *err)
{
	if (!link_control(link, LINK_BEGIN, err))
		return false;
	if (apply_inside(link, m, now, err) &&
	    link_control(link, LINK_COMMIT, err))
		return true;
	link_undo(link, LINK_ROLLBACK);
	return err_wrap(err, "migration %04u-%s", m->version, m->name);
}

/*
 * Of two programs that make the table at once, PostgreSQL fails one, which
 * then finds it.
 */
static bool
make_first_table(struct store_link *link, struct err *err)
{
	return link->engine->script(link, first_table, NULL) ||
	       link->engine->script(link, first_table, err);
}

static bool
migrate(const char *spec, const struct store_set *set, instant now,
    unsigned *ret_done, struct err *err)
{
	struct store_link *link;
	size_t have = 0;
	unsigned done = 0;
	/* The set's statements are about tables that may not be there yet. */
	const struct store_set none = {.modules = NULL};
	if (!link_open(spec, LINK_MIGRATION, &none, NULL, NULL, &link, err))
		return false;
	bool ok = make_first_table(link, err) &&
		  migrate_compare(link, set, &have, err);
	for (size_t i = have; ok && i < set->migration_count; i++) {
		ok = apply(link, &set->migrations[i], now, err);
		done += ok;
	}
	link_close(link);
	if (ok && ret_done != NULL)
		*ret_done = done;
	return ok;
}

bool
store_migrate(const char *spec, const struct store_set *set, instant now,
    unsigned *ret_done, struct err *err)
{
	if (migrate(spec, set, now, ret_done, err))
		return true;
	/* Who holds a database that is not ready yet migrates it. */
	if (err != NULL && err->code == ERR_BUSY)
		err->code = ERR_CONFLICT;
	return false;
}
