#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "action/action.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/must.h"
#include "serve/aside.h"
#include "serve/desk.h"
#include "serve/found.h"
#include "serve/importer.h"
#include "serve/sandbox.h"

enum { PEM_MAX_BYTES = 64 * 1024, STOP_SECONDS = 10, LOST_SECONDS = 3 };

static bool
read_file(const char *path, struct buf *to, struct err *err)
{
	char part[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	if (fd < 0)
		return ERR_ERRNO(err, errno, "%s", path);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add_bytes(to, part, (size_t)n);
	(void)close(fd);
	buf_add_byte(to, '\0'); /* libraries want C strings */
	return n == 0 && !to->failed ? true
	    : ERR(err, ERR_INPUT, "%s: cannot be read, or too large", path);
}

/* 0600, by rename, so that nobody sees half of it. */
static bool
write_file(const char *path, struct slice bytes, struct err *err)
{
	char part[600];
	(void)snprintf(part, sizeof(part), "%s.part", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_ERRNO(err, errno, "%s", part);
	bool worked = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n &&
	    fsync(fd) == 0;
	int num = errno;
	(void)close(fd);
	if (!worked || rename(part, path) != 0)
		return ERR_ERRNO(err, worked ? errno : num, "%s", path);
	return true;
}

/* The certificate given, or one made once for this installation. */
static bool
find_certificate(const struct serve_options *o, struct buf *cert,
    struct buf *key, struct err *err)
{
	char cert_path[512], key_path[512];
	if (o->is_plain)
		return true;
	if (o->tls_cert != NULL)
		return read_file(o->tls_cert, cert, err) &&
		    read_file(o->tls_key, key, err);
	(void)snprintf(cert_path, sizeof(cert_path), "%s/tls.crt",
	    o->household.dir);
	(void)snprintf(key_path, sizeof(key_path), "%s/tls.key",
	    o->household.dir);
	if (access(cert_path, R_OK) != 0) {
		struct buf c = buf_of(PEM_MAX_BYTES), k = buf_of(PEM_MAX_BYTES);
		bool worked = http_certificate_make("localhost", &c, &k, err) &&
		    write_file(key_path, slice_bytes(k.p, k.n), err) &&
		    write_file(cert_path, slice_bytes(c.p, c.n), err);
		buf_close(&c);
		buf_close(&k);
		if (!worked)
			return false;
	}
	return read_file(cert_path, cert, err) && read_file(key_path, key, err);
}

/* What wakes the main thread; SIGUSR1 comes from a desk that gives up. */
static sigset_t
awaited(void)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGUSR1);
	return set;
}

static void
block_signals(void)
{
	const sigset_t set = awaited();
	must(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

/* Not reaped: household_close() does that. */
static bool
has_ended(pid_t keeper)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)keeper, &info,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == keeper;
}

static enum serve_end
wait_for_end(struct desks *desks, pid_t keeper)
{
	const sigset_t set = awaited();
	int which;
	do
		must(sigwait(&set, &which) == 0);
	while (which == SIGCHLD && !has_ended(keeper));
	if (which == SIGTERM || which == SIGINT)
		return SERVE_STOPPED;
	const char *why = atomic_load(&desks->lost);
	fprintf(stderr, "fumikura: %s: nothing more is released; the server "
	    "ends too, and both must be started again\n",
	    why != NULL ? why : "the keeper ended");
	return SERVE_LOST;
}

static enum serve_end
serve_house(const struct serve_options *o, struct household *h,
    struct http_server **ret_server, struct err *err)
{
	enum serve_end end = SERVE_FAILED;
	struct buf cert = buf_of(PEM_MAX_BYTES), key = buf_of(PEM_MAX_BYTES),
	    ca = buf_of(PEM_MAX_BYTES);
	struct importer *importer = NULL;
	struct aside *aside = NULL;
	struct desks desks = {.house = &h->house, .guard = h->guard};
	for (unsigned i = 0; i < o->threads; i++) {
		desks.channels[i] = h->channels[1 + i];
		h->channels[1 + i] = NULL;
	}
	bool worked = importer_open(h->guard, h->channels[1 + o->threads],
	    &importer, err);
	h->channels[1 + o->threads] = NULL;
	h->house.import = importer_import;
	h->house.ctx = importer;
	worked = worked && aside_open(&aside, err);
	h->house.aside = aside_run;
	h->house.aside_ctx = aside;
	worked = worked && find_certificate(o, &cert, &key, err) &&
	    (o->terminal_ca == NULL || read_file(o->terminal_ca, &ca, err));
	struct http_config config = {.address = o->address, .port = o->port,
	    .threads = o->threads,
	    .tls_cert = slice_bytes(cert.p, cert.n),
	    .tls_key = slice_bytes(key.p, key.n),
	    .terminal_ca = slice_bytes(ca.p, ca.n),
	    .proxy_count = o->proxy_count, .ctx = &desks,
	    .thread_start = desk_open, .thread_end = desk_close,
	    .body_max = desk_body_max, .handle = desk_handle,
	    .round = desk_round};
	memcpy(config.proxies, o->proxies, sizeof(config.proxies));
	worked = worked && (o->household.has_no_sandbox ||
	    sandbox_close(err)) && http_server_open(&config, ret_server, err);
	if (worked) {
		printf("fumikura: %s://%s:%u/\n", o->is_plain ? "http"
		    : "https", o->address, http_server_port(*ret_server));
		if (o->is_demo)
			found_demo_accounts(stdout);
		(void)fflush(stdout);
		end = wait_for_end(&desks, h->keeper.pid);
		http_server_stop(*ret_server,
		    end == SERVE_LOST ? LOST_SECONDS : STOP_SECONDS);
	}
	importer_close(importer);
	aside_close(aside);
	/* no desk has them: the keeper would wait for their end for ever */
	for (unsigned i = atomic_load(&desks.taken); i < o->threads; i++)
		channel_close(desks.channels[i]);
	buf_close(&cert);
	buf_close(&key);
	buf_close(&ca);
	return end;
}

enum serve_end
serve_run(const struct serve_options *o, struct err *err)
{
	struct household h;
	struct household_options options = o->household;
	options.doors = o->threads + 1;
	block_signals();
	json_init();
	if (!action_table_check(actions, action_count, err) ||
	    !household_open(&options, &h, err))
		return SERVE_FAILED;
	if (h.forged > 0)
		fprintf(stderr, "fumikura: %zu authority rows in the database "
		    "do not verify; they have no effect\n", h.forged);
	struct http_server *server = NULL;
	enum serve_end end = serve_house(o, &h, &server, err);
	household_close(&h);
	/* Last: writer and importer hand back to its loops what they end. */
	http_server_close(server);
	return end;
}
