/*
 * The keeper's process from its birth to its loop, and its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "crypto/random.h"
#include "keeper/state.h"
#include "ledger/tile.h"

enum { RESERVE_BYTES = 8 * 1024 * 1024, BACKUP_MAX_BYTES = 8 * 1024 };

/* The files' part of the start; a fault here is a reason to refuse. */
static bool
open_files(struct keeper *k, const struct keeper_options *o,
    const struct logs_names *names, struct err *err)
{
	struct logs_config config = {
	    .files = &k->files,
	    .dir = o->dir,
	    .wal_bytes = o->wal_bytes,
	    .reserve_bytes = RESERVE_BYTES,
	};
	signer_public(k->signer, config.public_key);
	k->logs = logs_open(&config, names, err);
	if (k->logs == NULL)
		return false;
	k->ledger = logs_present(k->logs);
	k->slots = slots_open(&k->files, o->dir, err);
	if (k->slots == NULL)
		return false;
	k->roll = roll_open(&k->files, o->dir, k->keys, logs_end(k->logs),
	    err);
	if (k->roll == NULL)
		return false;
	k->entries = entry_writer_open(k->keys, k->logs);
	if (k->entries == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	return keeper_recall(k, err);
}

static bool
name_log(struct keeper *k, const char *origin, struct err *err)
{
	uint8_t pub[SIGN_PUBLIC_BYTES];
	signer_public(k->signer, pub);
	return logs_name_key(origin, pub, k->log_key, err);
}

/* What a keeper needs whatever its files say. */
static bool
open_rest(struct keeper *k, const struct keeper_options *o, struct err *err)
{
	uint8_t random[32];
	char hex[65];
	k->sessions = sessions_open();
	k->limits = limits_open();
	k->outbox = outbox_open();
	k->aead = aead_open();
	k->signer = signer_open(keys_log_seed(k->keys));
	if (k->sessions == NULL || k->limits == NULL || k->outbox == NULL ||
	    k->aead == NULL || k->signer == NULL)
		return ERR(err, ERR_LIMIT, "no memory");
	keys_derive(k->keys, "credential", k->credential_key);
	random_fill(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		hex[i * 2] = "0123456789abcdef"[random[i] >> 4];
		hex[i * 2 + 1] = "0123456789abcdef"[random[i] & 15];
	}
	bool ok = password_hash((struct slice){hex, 64}, o->cost,
	    k->dummy_hash, err);
	mem_wipe(hex, sizeof(hex));
	k->worker = ok ? worker_open(o->cost, err) : NULL;
	return k->worker != NULL;
}

/* Something put aside at start, and the start itself, are entered. */
static bool
enter_start(struct keeper *k)
{
	struct ledger_state state;
	uint64_t index;
	ledger_state(k->ledger, &state);
	if (state.aside[0] != '\0') {
		struct entry e = {
		    .at = k->now,
		    .verb = SLICE("keeper.aside"),
		    .bytes = state.aside_bytes,
		    .count = logs_first(k->logs) + state.aside_index,
		};
		if (keeper_enter(k, &e, &index) != ANSWER_OK)
			return false;
	}
	return keeper_note_set(k, "keeper.start") && keeper_settle(k);
}

/* What is done to the ways to unlock has its entry before. */
static bool
enter_deed(struct keeper *k, const char *deed, struct err *err)
{
	uint64_t index;
	struct entry e = {
	    .at = k->now,
	    .verb = SLICE("keeper.unlock"),
	    .detail = slice_of(deed),
	    .is_maintenance = true,
	};
	if (k->state == KEEPER_REFUSING)
		return ERR(err, ERR_CORRUPT, "%s", k->reason.text);
	return (keeper_enter(k, &e, &index) == ANSWER_OK &&
		   keeper_settle(k)) ||
	    ERR(err, ERR_FULL, "no space left for the entry");
}

static bool
begin(struct keeper *k, const struct keeper_options *o,
    const uint8_t master[KEY_BYTES], struct err *err)
{
	struct logs_names names;
	k->files = (struct files){
	    .layer = o->files != NULL ? o->files : file_layer_system()};
	k->scratch = buf_of(MESSAGE_MAX_BYTES);
	k->leaf_bytes = buf_of(BUNDLE_MAX_BYTES);
	k->is_maintenance = o->is_maintenance;
	k->wal_bytes = o->wal_bytes;
	k->is_scripted = o->script > 0;
	if (k->is_scripted)
		clock_init_script(&k->clock, o->script);
	else
		clock_init_system(&k->clock);
	k->now = clock_now(&k->clock);
	k->heartbeat_at = k->now + HOUR_US;
	if (!logs_read_names(o->dir, &names, err))
		return false;
	const char *origin = names.log[names.n - 1].origin;
	if (logs_is_scripted(origin) != k->is_scripted)
		return ERR(err, ERR_INPUT,
		    "this log's origin says that its clock is %s; start it so",
		    k->is_scripted ? "the system's" : "scripted");
	k->keys = keys_open(&k->files, o->dir, master, err);
	if (k->keys == NULL || !open_rest(k, o, err) ||
	    !name_log(k, origin, err))
		return false;
	k->state = KEEPER_LOADING;
	if (!open_files(k, o, &names, &k->reason))
		k->state = KEEPER_REFUSING;
	return true;
}

struct keeper *
keeper_begin(const struct keeper_options *o, const uint8_t master[KEY_BYTES],
    struct err *err)
{
	struct keeper *k = mem_alloc(1, sizeof(*k));
	if (k == NULL)
		(void)ERR(err, ERR_LIMIT, "no memory");
	if (k == NULL || begin(k, o, master, err))
		return k;
	keeper_end(k);
	return NULL;
}

/*
 * A backup's copy says of which log it is one. Started as it is, it would go
 * on where the log has been before.
 */
static bool
is_backup(struct files *files, const char *dir)
{
	char path[FILE_PATH_MAX];
	struct err none;
	struct buf mark SCOPED(buf_close) = buf_of(BACKUP_MAX_BYTES);
	struct buf names SCOPED(buf_close) = buf_of(BACKUP_MAX_BYTES);
	return file_join(path, dir, "backup", &none) &&
	    file_read(files, path, &mark, &none) &&
	    file_join(path, dir, "origin", &none) &&
	    file_read(files, path, &names, &none) &&
	    slice_is_equal((struct slice){mark.p, mark.n},
		(struct slice){names.p, names.n});
}

static struct keeper *
start(const struct keeper_options *o, const uint8_t master[KEY_BYTES],
    struct err *err)
{
	struct files files = {.layer = file_layer_system()};
	if (is_backup(&files, o->dir)) {
		(void)ERR(err, ERR_INPUT, "this is a backup's copy: "
		    "`fumikura restore` comes first");
		return NULL;
	}
	struct keeper *k = keeper_begin(o, master, err);
	if (k == NULL)
		return NULL;
	if (k->state == KEEPER_LOADING && !enter_start(k))
		/* nothing is given while full, but the state may be asked */
		k->is_full = true;
	k->has_lost = false;
	if (o->deed != NULL && !enter_deed(k, o->deed, err)) {
		keeper_end(k);
		return NULL;
	}
	/* reading past what was retired leaves a text that means nothing */
	if (k->state != KEEPER_REFUSING)
		err_clear(&k->reason);
	return k;
}

int
keeper_lock(const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!file_join(path, dir, "lock", err))
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		(void)ERR_ERRNO(err, errno, "cannot open the lock");
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	int num = errno;
	(void)close(fd);
	(void)(num == EWOULDBLOCK
		? ERR(err, ERR_BUSY, "another keeper has this folder")
		: ERR_ERRNO(err, num, "cannot lock the folder"));
	return -1;
}

static void
harden(const struct keeper_options *o)
{
	const struct rlimit none = {0, 0};
	struct rlimit locked;
	/* It ends when its channels do, so that the server can finish. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (!o->has_no_sandbox)
		must(prctl(PR_SET_DUMPABLE, 0) == 0);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(setrlimit(RLIMIT_CORE, &none) == 0);
	/*
	 * Everything where the system allows it; else secrets alone (they
	 * insist on it), because a limit reached later would end the process.
	 */
	must(getrlimit(RLIMIT_MEMLOCK, &locked) == 0);
	if (locked.rlim_cur == RLIM_INFINITY)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

static bool
read_master(int fd, uint8_t *ret)
{
	size_t n = 0;
	while (n < KEY_BYTES) {
		ssize_t got = read(fd, ret + n, KEY_BYTES - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

static void
tell(int fd, const struct err *err)
{
	(void)!write(fd, err, sizeof(*err));
	(void)close(fd);
}

void
keeper_end(struct keeper *k)
{
	if (k == NULL)
		return;
	worker_close(k->worker);
	if (k->ledger != NULL && k->state != KEEPER_REFUSING)
		(void)keeper_sign(k);
	entry_writer_close(k->entries);
	roll_close(k->roll);
	slots_close(k->slots);
	logs_close(k->logs);
	signer_close(k->signer);
	outbox_close(k->outbox);
	limits_close(k->limits);
	sessions_close(k->sessions);
	aead_close(k->aead);
	keys_close(k->keys);
	buf_close(&k->scratch);
	buf_close(&k->leaf_bytes);
	mem_wipe(k, sizeof(*k));
	mem_free(k);
}

_Noreturn void
keeper_main(const struct keeper_options *options, const int *fds,
    int master_fd, int ready_fd)
{
	struct err err = ERR_INIT;
	uint8_t master[KEY_BYTES];
	struct keeper *k = NULL;
	harden(options);
	/* The helper has told why, if there is no key. */
	if (!read_master(master_fd, master))
		_exit(1);
	(void)close(master_fd);
	bool is_closed = !options->has_no_sandbox;
	/* One keeper a folder: the lock lives as long as the process. */
	bool ok = (!is_closed || sandbox_files(options->dir, &err)) &&
	    keeper_lock(options->dir, &err) >= 0;
	if (ok)
		k = start(options, master, &err);
	ok = k != NULL;
	mem_wipe(master, sizeof(master));
	if (ok && is_closed)
		ok = sandbox_calls(&err);
	tell(ready_fd, &err);
	if (!ok)
		_exit(1);
	keeper_serve(k, fds, options->channels);
	keeper_end(k);
	exit(0);
}
