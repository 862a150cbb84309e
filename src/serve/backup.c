/*
 * `backup` and `restore`: a copy of an installation at rest, and what makes
 * one that was put back an installation again. docs/operating.md tells both.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "serve/command.h"

enum { PATH_BYTES = 1024, PART_BYTES = 64 * 1024, DEPTH_MAX = 12 };

#define OPTIONS_END {NULL, NULL, WORD_NONE, false}

/* ---- copying ---- */

static bool
join(char to[PATH_BYTES], const char *dir, const char *name, struct err *err)
{
	return (size_t)snprintf(to, PATH_BYTES, "%s/%s", dir, name) <
	    PATH_BYTES || ERR(err, ERR_INPUT, "a path is too long");
}

static bool
copy_bytes(int from, int to, const char *name, struct err *err)
{
	char part[PART_BYTES];
	ssize_t n;
	while ((n = read(from, part, sizeof(part))) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t now = write(to, part + done,
			    (size_t)(n - done));
			if (now <= 0)
				return ERR_ERRNO(err, errno, "%s", name);
			done += now;
		}
	return n == 0 ? fsync(to) == 0 || ERR_ERRNO(err, errno, "%s", name)
	    : ERR_ERRNO(err, errno, "%s", name);
}

static bool
copy_file(const char *from, const char *to, struct err *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0)
		return ERR_ERRNO(err, errno, "%s", from);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool worked = out >= 0 ? copy_bytes(in, out, to, err)
	    : ERR_ERRNO(err, errno, "%s", to);
	(void)close(in);
	if (out >= 0)
		(void)close(out);
	return worked;
}

/* The folder's names are on the disk too. */
static bool
sync_folder(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool worked = fd >= 0 && fsync(fd) == 0;
	int num = errno;
	if (fd >= 0)
		(void)close(fd);
	return worked || ERR_ERRNO(err, num, "%s", dir);
}

static bool
is_left_out(const char *name)
{
	/* `origin` comes last: without it a copy is none */
	static const char *const names[] = {".", "..", "lock", "reserve",
	    "origin", "backup"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool copy_folder(const char *from, const char *to, unsigned depth,
    struct err *err);

static bool
copy_named(const char *from_dir, const char *to_dir, const char *name,
    unsigned depth, struct err *err)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	struct stat st;
	if (!join(from, from_dir, name, err) || !join(to, to_dir, name, err))
		return false;
	if (lstat(from, &st) != 0)
		return ERR_ERRNO(err, errno, "%s", from);
	return S_ISDIR(st.st_mode) ? copy_folder(from, to, depth + 1, err)
	    : copy_file(from, to, err);
}

static bool
copy_folder(const char *from, const char *to, unsigned depth,
    struct err *err)
{
	const struct dirent *entry;
	if (depth > DEPTH_MAX)
		return ERR(err, ERR_LIMIT, "%s: too deep", from);
	if (mkdir(to, 0700) != 0)
		return ERR_ERRNO(err, errno, "%s", to);
	DIR *dir = opendir(from);
	if (dir == NULL)
		return ERR_ERRNO(err, errno, "%s", from);
	bool worked = true;
	while (worked && (entry = readdir(dir)) != NULL)
		worked = is_left_out(entry->d_name) ||
		    copy_named(from, to, entry->d_name, depth, err);
	(void)closedir(dir);
	return worked && sync_folder(to, err);
}

/* SQLite's file and what has not gone into it yet, of one at rest. */
static bool
copy_database(const char *file, const char *out, struct err *err)
{
	char wal[PATH_BYTES], to[PATH_BYTES], to_wal[PATH_BYTES];
	if ((size_t)snprintf(wal, sizeof(wal), "%s-wal", file) >= sizeof(wal))
		return ERR(err, ERR_INPUT, "a path is too long");
	return join(to, out, "fumikura.db", err) &&
	    join(to_wal, out, "fumikura.db-wal", err) &&
	    copy_file(file, to, err) &&
	    (access(wal, F_OK) != 0 || copy_file(wal, to_wal, err));
}

/* Packs that matters under way began with; none are kept before a start. */
static bool
copy_packs(const char *data, const char *out, struct err *err)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	return join(from, data, "packs", err) && join(to, out, "packs", err) &&
	    (access(from, F_OK) != 0 || copy_folder(from, to, 0, err));
}

/* Which log it is a copy of: until `origin` names another, it is a copy. */
static bool
copy_keeper(const char *from, const char *out, struct err *err)
{
	char to[PATH_BYTES], origin[PATH_BYTES], mark[PATH_BYTES],
	    named[PATH_BYTES];
	return join(to, out, "keeper", err) &&
	    join(origin, from, "origin", err) &&
	    join(mark, to, "backup", err) && join(named, to, "origin", err) &&
	    copy_folder(from, to, 0, err) && copy_file(origin, mark, err) &&
	    sync_folder(to, err) && copy_file(origin, named, err) &&
	    sync_folder(to, err) && sync_folder(out, err);
}

/* ---- the commands ---- */

static int
run_backup(const struct cli_call *call)
{
	char keeper[PATH_BYTES], database[PATH_BYTES];
	const char *data = call->operands[0], *out = call->operands[1];
	const char *store = cli_value(call, "store");
	struct err err = ERR_INIT;
	bool is_sqlite = store == NULL || strncmp(store, "sqlite:", 7) == 0;
	bool worked = join(keeper, data, "keeper", &err) &&
	    (store != NULL || join(database, data, "fumikura.db", &err));
	int lock = worked ? keeper_lock(keeper, &err) : -1;
	if (lock < 0)
		return cli_complain(call, &err);
	worked = (mkdir(out, 0700) == 0 ||
	    ERR_ERRNO(&err, errno, "%s", out)) &&
	    (!is_sqlite || copy_database(store == NULL ? database : store + 7,
	        out, &err)) && copy_packs(data, out, &err) &&
	    copy_keeper(keeper, out, &err);
	(void)close(lock);
	if (!worked)
		return cli_complain(call, &err);
	cli_say(stdout, call->lang, WORD_CLI_BACKUP_DONE, out, NULL);
	if (!is_sqlite)
		cli_say(stdout, call->lang, WORD_CLI_BACKUP_DUMP, NULL);
	return CLI_DONE;
}

static const struct cli_option backup_options[] = {
    {"store", "SPEC", WORD_CLI_OPTION_STORE, false},
    OPTIONS_END,
};

const struct cli_command command_backup = {
    .name = "backup", .operands = "DATA OUT", .min_operands = 2,
    .max_operands = 2, .what = WORD_CLI_BACKUP, .options = {backup_options},
    .run = run_backup,
};

/* One line with a number; nothing where there is nothing to tell. */
static void
say_number(const struct cli_call *call, enum word what, uint64_t n)
{
	char text[24];
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	if (n > 0)
		cli_say(stdout, call->lang, what, text, NULL);
}

static void
tell_restored(const struct cli_call *call, const struct keeper_restored *r)
{
	struct buf at = buf_of(128);
	char first[24], known[24], kept[24];
	(void)snprintf(first, sizeof(first), "%llu",
	    (unsigned long long)r->first);
	(void)snprintf(known, sizeof(known), "%llu",
	    (unsigned long long)r->known);
	(void)snprintf(kept, sizeof(kept), "%llu",
	    (unsigned long long)r->entries);
	instant_format(r->signed_at, DATE_ISO, &at);
	buf_add_byte(&at, '\0');
	cli_say(stdout, call->lang, WORD_CLI_RESTORED, r->origin, first, kept,
	    NULL);
	say_number(call, WORD_CLI_RESTORED_ERASED, r->erased);
	say_number(call, WORD_CLI_RESTORED_RIGHTS, r->rows);
	say_number(call, WORD_CLI_RESTORED_UNREAD, r->unread);
	cli_say(stdout, call->lang, r->has_newer ? WORD_CLI_RESTORED_KNOWN
	    : WORD_CLI_RESTORED_BLIND, known, at.failed ? "" : at.p, NULL);
	buf_close(&at);
}

static int
run_restore(const struct cli_call *call)
{
	char dir[PATH_BYTES];
	struct unlocking_room room;
	struct keeper_restored restored;
	struct keeper_options o = {.dir = dir,
	    .cost = PASSWORD_COST_ORDINARY};
	struct err err = ERR_INIT;
	if (!join(dir, call->operands[0], "keeper", &err))
		return cli_complain(call, &err);
	if (!unlocking_read(call, call->operands[0], &room, &o.unlock))
		return CLI_USAGE;
	bool worked = keeper_restore(&o, cli_value(call, "newer-ledger"),
	    cli_value(call, "origin"), &restored, &err);
	unlocking_close(&o.unlock);
	if (!worked)
		return cli_complain(call, &err);
	tell_restored(call, &restored);
	return CLI_DONE;
}

static const struct cli_option restore_options[] = {
    {"newer-ledger", "DIR", WORD_CLI_OPTION_NEWER_LEDGER, false},
    {"origin", "NAME", WORD_CLI_OPTION_NEW_ORIGIN, false},
    OPTIONS_END,
};

const struct cli_command command_restore = {
    .name = "restore", .operands = "DATA", .min_operands = 1,
    .max_operands = 1, .what = WORD_CLI_RESTORE,
    .options = {restore_options, unlocking_options}, .run = run_restore,
};
