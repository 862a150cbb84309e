#include "keeper/launch.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "keeper/keys.h"
#include "keeper/logs.h"
#include "keeper/roll.h"
#include "keeper/slots.h"
#include "keeper/state.h"
#include "keeper/unlock.h"
#include "ledger/ledger.h"

enum { DEED_MAX_BYTES = 80 };

/* The log of a new installation, with its first checkpoint. */
static bool
make_log(struct files *files, const char *dir, const char *origin,
    const uint8_t master[MASTER_BYTES], struct err *err)
{
	char path[FILE_PATH_MAX];
	struct clock clock;
	struct ledger_config config = {
	    .files = files->layer,
	    .dir = path,
	    .origin = origin,
	};
	struct keys *k = keys_open(files, dir, master, err);
	if (k == NULL)
		return false;
	struct signer *s = signer_open(keys_log_seed(k));
	struct ledger *l = NULL;
	bool ok = s != NULL || ERR(err, ERR_LIMIT, "no locked memory");
	if (ok) {
		signer_public(s, config.public_key);
		ok = file_join(path, dir, "ledger", err);
	}
	if (ok) {
		l = ledger_create(&config, err);
		ok = l != NULL;
	}
	clock_init_system(&clock);
	ok = ok && ledger_checkpoint(l, s, clock_now(&clock), err);
	ledger_close(l);
	signer_close(s);
	keys_close(k);
	return ok;
}

bool
keeper_init(const char *dir, const char *origin, const struct unlock *unlock,
    enum password_cost cost, struct buf *ret_shares, struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	const struct unlock shares = {.way = UNLOCK_SHARES};
	struct logs_names names = {.n = 1};
	char path[FILE_PATH_MAX];
	if (strlen(origin) == 0 || strlen(origin) > LEDGER_ORIGIN_MAX_BYTES)
		return ERR(err, ERR_INPUT, "the log's origin has 1 to %d bytes",
		    LEDGER_ORIGIN_MAX_BYTES);
	memcpy(names.log[0].origin, origin, strlen(origin));
	if (!file_join(path, dir, "unlock", err))
		return false;
	if (access(path, F_OK) == 0)
		return ERR(err, ERR_CONFLICT,
		    "there is an installation in this folder already");
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ERR_ERRNO(err, errno, "cannot make the keeper's folder");
	uint8_t *master = secret_open(MASTER_BYTES, err);
	if (master == NULL)
		return false;
	random_fill(master, MASTER_BYTES);
	/* A mistyped passphrase leaves nothing behind. */
	bool ok = unlock_write(dir, unlock, cost, master, NULL, err) &&
	    keys_create(&files, dir, master, err) &&
	    slots_create(&files, dir, err) && roll_create(&files, dir, err) &&
	    logs_write_names(&files, dir, &names, err) &&
	    make_log(&files, dir, origin, master, err) &&
	    (ret_shares == NULL ||
		unlock_write(dir, &shares, cost, master, ret_shares, err));
	if (!ok)
		(void)unlink(path);
	secret_close(master);
	return ok;
}

/* The helper: one key down the pipe, or one error to whoever waits. */
static _Noreturn void
help(const struct keeper_options *o, int master_fd, int ready_fd)
{
	const struct rlimit none = {0, 0};
	struct err err = ERR_INIT;
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!o->has_no_sandbox)
		(void)prctl(PR_SET_DUMPABLE, 0);
	uint8_t *master = secret_open(MASTER_BYTES, &err);
	bool ok = master != NULL &&
	    unlock_master(o->dir, &o->unlock, o->is_maintenance
		? UNLOCK_TO_MAINTAIN : UNLOCK_TO_SERVE, master, &err);
	if (ok)
		(void)!write(master_fd, master, MASTER_BYTES);
	else
		(void)!write(ready_fd, &err, sizeof(err));
	secret_close(master);
	_exit(ok ? 0 : 1);
}

/* Descriptors of a launch, all closed by whoever does not need them. */
struct ends {
	int server[KEEPER_CHANNELS_MAX], keeper[KEEPER_CHANNELS_MAX];
	int master[2], ready[2];
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void
close_ends(struct ends *e, bool with_server)
{
	for (unsigned i = 0; i < KEEPER_CHANNELS_MAX; i++) {
		close_fd(&e->keeper[i]);
		if (with_server)
			close_fd(&e->server[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		close_fd(&e->master[i]);
		close_fd(&e->ready[i]);
	}
}

static bool
make_ends(struct ends *e, unsigned n, struct err *err)
{
	memset(e, 0xff, sizeof(*e)); /* -1 everywhere */
	bool ok = pipe(e->master) == 0 && pipe(e->ready) == 0;
	for (unsigned i = 0; ok && i < n; i++) {
		int pair[2];
		ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			 pair) == 0;
		if (ok) {
			e->server[i] = pair[0];
			e->keeper[i] = pair[1];
		}
	}
	if (!ok) {
		(void)ERR_ERRNO(err, errno, "cannot make the channels");
		close_ends(e, true);
	}
	return ok;
}

/* Whatever else the server has open is none of the keeper's business. */
static void
keep_only(const int *fds, size_t n)
{
	unsigned from = 3;
	for (;;) {
		unsigned to = UINT_MAX;
		for (size_t i = 0; i < n; i++)
			if (fds[i] >= 0 && (unsigned)fds[i] >= from &&
			    (unsigned)fds[i] < to)
				to = (unsigned)fds[i];
		if (to > from)
			(void)close_range(from,
			    to == UINT_MAX ? UINT_MAX : to - 1, 0);
		if (to == UINT_MAX)
			return;
		from = to + 1;
	}
}

/* The first error that comes, or none once the keeper says so. */
static bool
wait_ready(int fd, struct err *err)
{
	struct err told;
	size_t n = 0;
	while (n < sizeof(told)) {
		ssize_t got = read(fd, (char *)&told + n, sizeof(told) - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR(err, ERR_SYSTEM,
			    "the keeper ended while it started");
		n += (size_t)got;
	}
	if (told.code == ERR_NONE)
		return true;
	told.text[sizeof(told.text) - 1] = '\0';
	return ERR(err, told.code, "%s", told.text);
}

static void
reap(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* With the master key where the caller has it; else a helper gets it. */
static bool
launch(const struct keeper_options *options, const uint8_t *master,
    struct keeper_process *ret, struct err *err)
{
	struct ends e;
	must(options->channels >= 1 &&
	    options->channels <= KEEPER_CHANNELS_MAX);
	if (!make_ends(&e, options->channels, err))
		return false;
	pid_t keeper = fork();
	if (keeper == 0) {
		int keep[KEEPER_CHANNELS_MAX + 2];
		memcpy(keep, e.keeper, sizeof(e.keeper));
		keep[KEEPER_CHANNELS_MAX] = e.master[0];
		keep[KEEPER_CHANNELS_MAX + 1] = e.ready[1];
		keep_only(keep, KEEPER_CHANNELS_MAX + 2);
		keeper_main(options, e.keeper, e.master[0], e.ready[1]);
	}
	pid_t helper = keeper < 0 ? -1 : master != NULL ? 0 : fork();
	if (helper == 0 && master == NULL) {
		int master_fd = e.master[1], ready_fd = e.ready[1];
		e.master[1] = e.ready[1] = -1;
		close_ends(&e, true);
		help(options, master_fd, ready_fd);
	}
	bool ok = helper >= 0 || ERR_ERRNO(err, errno, "cannot fork");
	if (helper == 0)
		(void)!write(e.master[1], master, MASTER_BYTES);
	close_fd(&e.master[0]);
	close_fd(&e.master[1]);
	close_fd(&e.ready[1]);
	reap(helper);
	ok = ok && wait_ready(e.ready[0], err);
	if (ok) {
		ret->pid = keeper;
		ret->n = options->channels;
		memcpy(ret->fds, e.server, sizeof(ret->fds));
		close_ends(&e, false);
		return true;
	}
	/* Without channels the keeper ends by itself. */
	close_ends(&e, true);
	reap(keeper);
	return false;
}

bool
keeper_launch(const struct keeper_options *options,
    struct keeper_process *ret, struct err *err)
{
	return launch(options, NULL, ret, err);
}

/*
 * One change of the ways: `added`, or without it `way` is taken away. A
 * keeper enters it and holds the folder until it is done.
 */
static bool
change_ways(const struct keeper_options *o, const struct unlock *added,
    enum unlock_way way, struct buf *ret_shares, struct err *err)
{
	char deed[DEED_MAX_BYTES];
	struct keeper_process p;
	struct keeper_options options = *o;
	options.is_maintenance = true;
	options.channels = 1;
	options.deed = deed;
	(void)snprintf(deed, sizeof(deed), "{\"by\":\"%s\",\"%s\":\"%s\"}",
	    unlock_way_name(o->unlock.way), added != NULL ? "set" : "remove",
	    unlock_way_name(way));
	uint8_t *master = secret_open(MASTER_BYTES, err);
	if (master == NULL)
		return false;
	bool ok = unlock_master(o->dir, &o->unlock, UNLOCK_TO_MAINTAIN, master,
		err) &&
	    launch(&options, master, &p, err);
	if (ok) {
		ok = added != NULL ? unlock_write(o->dir, added, o->cost,
					 master, ret_shares, err)
				   : unlock_remove(o->dir, way, err);
		keeper_stop(&p);
	}
	secret_close(master);
	return ok;
}

bool
keeper_unlock_set(const struct keeper_options *o, const struct unlock *added,
    struct buf *ret_shares, struct err *err)
{
	return change_ways(o, added, added->way, ret_shares, err);
}

bool
keeper_unlock_remove(const struct keeper_options *o, enum unlock_way way,
    struct err *err)
{
	return change_ways(o, NULL, way, NULL, err);
}

void
keeper_stop(struct keeper_process *p)
{
	for (unsigned i = 0; i < p->n; i++)
		close_fd(&p->fds[i]);
	reap(p->pid);
	p->pid = -1;
}
