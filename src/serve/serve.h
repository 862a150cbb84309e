/*
 * The server's life: opened, serving, asked to stop.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdint.h>

#include "http/http.h"
#include "serve/household.h"

struct serve_options {
	struct household_options household;
	const char *address;   /* "127.0.0.1" */
	uint16_t port;
	unsigned threads;
	const char *tls_cert;  /* paths of PEM files; NULL: plain HTTP */
	const char *tls_key;
	const char *terminal_ca;
	struct http_address proxies[HTTP_PROXIES_MAX];
	size_t proxy_count;    /* see struct http_config */
	bool is_plain;         /* no TLS, also without files */
	bool is_demo;          /* a demonstration, by its key file */
};

enum serve_end {
	SERVE_STOPPED, /* asked to, by SIGTERM or SIGINT */
	SERVE_FAILED,  /* it did not start; err says why */
	SERVE_LOST     /* the keeper went; it has been said on stderr */
};

/*
 * Serves until it is asked to stop, or its keeper goes: what is under way is
 * refused then, and both must be started again. Prints where it listens, and
 * the accounts of a demonstration.
 */
enum serve_end serve_run(const struct serve_options *options,
    struct err *err) MUST_CHECK;

#endif
