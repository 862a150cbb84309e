#include "source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>

#include "request.h"

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool
http_address_read(struct slice text, struct http_address *ret)
{
	char z[INET6_ADDRSTRLEN];
	if (text.n == 0 || text.n >= sizeof(z))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (inet_pton(AF_INET6, z, ret->p) == 1)
		return true;
	memcpy(ret->p, v4_prefix, sizeof(v4_prefix));
	return inet_pton(AF_INET, z, ret->p + sizeof(v4_prefix)) == 1;
}

void
address_of(const struct sockaddr *addr, struct http_address *ret)
{
	*ret = (struct http_address){0};
	if (addr != NULL && addr->sa_family == AF_INET6) {
		memcpy(ret->p,
		    &((const struct sockaddr_in6 *)(const void *)addr)
		        ->sin6_addr, sizeof(ret->p));
	} else if (addr != NULL && addr->sa_family == AF_INET) {
		memcpy(ret->p, v4_prefix, sizeof(v4_prefix));
		memcpy(ret->p + sizeof(v4_prefix),
		    &((const struct sockaddr_in *)(const void *)addr)
		        ->sin_addr, 4);
	}
}

static bool
is_same(const struct http_address *a, const struct http_address *b)
{
	return memcmp(a->p, b->p, sizeof(a->p)) == 0;
}

bool
address_is_proxy(const struct http_config *c, const struct http_address *a)
{
	for (size_t i = 0; i < c->proxy_count; i++)
		if (is_same(&c->proxies[i], a))
			return true;
	return false;
}

/* 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1]:80; quoted or not. */
static bool
node_read(struct slice s, struct http_address *ret)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = slice_bytes(s.p + 1, s.n - 2);
	size_t colon = slice_find(s, ':');
	struct slice behind = slice_from(s, colon + 1);
	if (s.n > 0 && s.p[0] == '[') {
		size_t end = slice_find(s, ']');
		if (end == s.n || (end + 1 < s.n && s.p[end + 1] != ':'))
			return false;
		s = slice_bytes(s.p + 1, end - 1);
	} else if (slice_find(behind, ':') == behind.n) {
		s.n = colon;
	}
	return http_address_read(s, ret);
}

static void
follow(struct trail *t, struct slice node)
{
	struct http_address a;
	bool is_read = node_read(node, &a);
	if (is_read && address_is_proxy(t->config, &a))
		return;
	t->is_known = is_read;
	if (is_read)
		t->last = a;
}

/* RFC 7239: for=..., among other pairs; without it nothing is known. */
static struct slice
forwarded_for(struct slice element)
{
	static const char key[] = "for=";
	struct slice pair;
	while (slice_split(&element, ';', &pair)) {
		pair = slice_trim(pair);
		if (pair.n >= sizeof(key) - 1 &&
		    strncasecmp(pair.p, key, sizeof(key) - 1) == 0)
			return slice_from(pair, sizeof(key) - 1);
	}
	return SLICE_NONE;
}

void
trail_follow(struct trail *t, struct slice line)
{
	struct slice element;
	t->is_there = true;
	while (slice_split(&line, ',', &element))
		follow(t, t->header[0] == 'F' ? forwarded_for(element)
		                              : slice_trim(element));
}

static enum MHD_Result
read_header(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	(void)kind;
	struct trail *t = cls;
	if (strcasecmp(name, t->header) == 0)
		trail_follow(t, slice_of(value));
	return MHD_YES;
}

/*
 * A proxy may set one of the two headers and let the other pass as the client
 * sent it: where they differ neither is believed.
 */
void
http_source(const struct http_request *req, struct http_address *ret)
{
	const struct http_config *c = &req->loop->config;
	struct trail t[] = {{.config = c, .header = "X-Forwarded-For"},
	    {.config = c, .header = "Forwarded"}};
	if (req->is_gone) {
		*ret = (struct http_address){0};
		return;
	}
	*ret = req->conn->peer;
	if (!address_is_proxy(c, ret))
		return;
	for (size_t i = 0; i < 2; i++)
		(void)MHD_get_connection_values(req->mhd, MHD_HEADER_KIND,
		    read_header, &t[i]);
	const struct trail *said = t[0].is_there ? &t[0] : &t[1];
	bool is_agreed = !t[0].is_there || !t[1].is_there ||
	    (t[1].is_known && is_same(&t[0].last, &t[1].last));
	if (said->is_known && is_agreed)
		*ret = said->last;
}
