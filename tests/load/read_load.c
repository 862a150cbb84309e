/*
 * Reads over HTTP keep-alive on N connections, each latency kept as it was.
 *
 * wrk adds samples for what it would have asked meanwhile (coordinated
 * omission); pgbench does not. To compare like with like, this does not.
 *
 *	read_load PORT CONNECTIONS SECONDS SESSION PATH-BEFORE PATH-AFTER IDS
 *
 * IDS is a file of record ids, a line each; the path is BEFORE ID AFTER.
 * Prints reads a second, p50, p99 and the longest, microseconds. Exits 1 when
 * a reply is not 200.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/must.h"

enum { CONNECTIONS_MAX = 256, IDS_MAX = 200000, SAMPLES_MAX = 4000000 };

struct client {
	int fd;
	instant asked;
	size_t got;
	size_t wanted; /* 0: the head is not whole yet */
	char reply[64 * 1024];
};

static char ids[IDS_MAX][17];
static uint32_t samples[SAMPLES_MAX];

static void
ask(struct client *c, char **argv, size_t id)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "GET %s%s%s HTTP/1.1\r\n"
	    "Host: localhost\r\nAuthorization: Bearer %s\r\n\r\n", argv[5],
	    ids[id], argv[6], argv[4]);
	must(n > 0 && (size_t)n < sizeof(text));
	c->got = c->wanted = 0;
	c->asked = clock_monotonic();
	must(send(c->fd, text, (size_t)n, MSG_NOSIGNAL) == n);
}

/* True when a whole reply is there. */
static bool
take(struct client *c)
{
	ssize_t n = recv(c->fd, c->reply + c->got,
	    sizeof(c->reply) - 1 - c->got, 0);
	must(n > 0);
	c->got += (size_t)n;
	c->reply[c->got] = '\0';
	if (c->wanted == 0) {
		char *end = strstr(c->reply, "\r\n\r\n");
		if (end == NULL)
			return false;
		char *length = strcasestr(c->reply, "\r\nContent-Length: ");
		must(length != NULL && length < end);
		c->wanted = (size_t)(end + 4 - c->reply) +
		    strtoul(length + 18, NULL, 10);
		if (strncmp(c->reply, "HTTP/1.1 200", 12) != 0) {
			fprintf(stderr, "%.200s\n", c->reply);
			exit(1);
		}
	}
	return c->got >= c->wanted;
}

static int
order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static size_t
read_ids(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;
	must(f != NULL);
	while (n < IDS_MAX && fscanf(f, "%16s", ids[n]) == 1)
		n++;
	(void)fclose(f);
	must(n > 0);
	return n;
}

int
main(int argc, char **argv)
{
	must(argc == 8);
	size_t n_ids = read_ids(argv[7]), n = 0, next = 0;
	size_t connections = strtoul(argv[2], NULL, 10);
	must(connections > 0 && connections <= CONNECTIONS_MAX);
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct client *clients = mem_alloc(connections, sizeof(*clients));
	struct pollfd fds[CONNECTIONS_MAX];
	must(clients != NULL);
	for (size_t i = 0; i < connections; i++) {
		int on = 1;
		clients[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		must(connect(clients[i].fd, (struct sockaddr *)&to,
		    sizeof(to)) == 0);
		(void)setsockopt(clients[i].fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
		fds[i] = (struct pollfd){clients[i].fd, POLLIN, 0};
	}
	instant begun = clock_monotonic();
	instant end = begun + (instant)strtoul(argv[3], NULL, 10) * SECOND_US;
	for (size_t i = 0; i < connections; i++)
		ask(&clients[i], argv, next++ % n_ids);
	while (clock_monotonic() < end && n < SAMPLES_MAX - connections) {
		must(poll(fds, connections, 5000) > 0);
		for (size_t i = 0; i < connections; i++) {
			if (fds[i].revents == 0 || !take(&clients[i]))
				continue;
			samples[n++] = (uint32_t)(clock_monotonic() -
			    clients[i].asked);
			ask(&clients[i], argv, next++ * 7919 % n_ids);
		}
	}
	instant took = clock_monotonic() - begun;
	must(n > 0);
	qsort(samples, n, sizeof(samples[0]), order);
	printf("%.0f reads/s p50 %u p99 %u longest %u us\n",
	    (double)n * 1e6 / (double)took, samples[n / 2],
	    samples[n * 99 / 100], samples[n - 1]);
	mem_free(clients);
	return 0;
}
