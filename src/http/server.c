#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop.h"

enum { THREADS_MAX = 64, BACKLOG = 512 };

struct http_server {
	int listen_fd;
	uint16_t port;
	size_t count;
	struct http_loop *loops[THREADS_MAX];
};

static bool
address_read(const char *address, uint16_t port,
    struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct sockaddr_in v4 = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons(port)};
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
		memcpy(ret, &v4, sizeof(v4));
		*ret_n = sizeof(v4);
		return true;
	}
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
		memcpy(ret, &v6, sizeof(v6));
		*ret_n = sizeof(v6);
		return true;
	}
	return false;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage a = {0};
	socklen_t n = sizeof(a);
	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return 0;
	return ntohs(a.ss_family == AF_INET
	    ? ((struct sockaddr_in *)(void *)&a)->sin_port
	    : ((struct sockaddr_in6 *)(void *)&a)->sin6_port);
}

static bool
listen_open(const struct http_config *config, int *ret, struct err *err)
{
	struct sockaddr_storage a = {0};
	socklen_t n = 0;
	if (!address_read(config->address, config->port, &a, &n))
		return ERR(err, ERR_INPUT, "%s is no IP address",
		    config->address);
	int fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_ERRNO(err, errno, "socket");
	int on = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, n) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int num = errno;
		(void)close(fd);
		return ERR_ERRNO(err, num, "%s port %u", config->address,
		    config->port);
	}
	*ret = fd;
	return true;
}

bool
http_server_open(const struct http_config *config, struct http_server **ret,
    struct err *err)
{
	if (config->threads == 0 || config->threads > THREADS_MAX)
		return ERR(err, ERR_INPUT, "threads: 1 to %d", THREADS_MAX);
	struct http_server *s = mem_alloc(1, sizeof(*s));
	if (s == NULL)
		return ERR(err, ERR_SYSTEM, "no memory");
	s->listen_fd = -1;
	if (!listen_open(config, &s->listen_fd, err)) {
		http_server_close(s);
		return false;
	}
	s->port = port_of(s->listen_fd);
	for (; s->count < config->threads; s->count++) {
		/* each daemon closes its own */
		int fd = fcntl(s->listen_fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			int num = errno;
			http_server_stop(s, 0);
			http_server_close(s);
			return ERR_ERRNO(err, num, "listening socket");
		}
		if (!loop_open(config, fd, &s->loops[s->count], err)) {
			http_server_stop(s, 0);
			http_server_close(s);
			return false;
		}
	}
	*ret = s;
	return true;
}

uint16_t
http_server_port(const struct http_server *server)
{
	return server->port;
}

void
http_server_stop(struct http_server *server, unsigned seconds)
{
	if (server->listen_fd >= 0)
		(void)close(server->listen_fd);
	server->listen_fd = -1;
	instant by = clock_monotonic() + (instant)seconds * SECOND_US;
	for (size_t i = 0; i < server->count; i++)
		loop_stop(server->loops[i], by);
	for (size_t i = 0; i < server->count; i++)
		loop_end(server->loops[i]);
}

void
http_server_close(struct http_server *server)
{
	if (server == NULL)
		return;
	for (size_t i = 0; i < server->count; i++)
		loop_free(server->loops[i]);
	mem_free(server);
}
