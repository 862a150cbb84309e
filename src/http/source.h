/* Inside of http: the address of a connection's other side. */
#ifndef HTTP_SOURCE_H
#define HTTP_SOURCE_H

#include <sys/socket.h>

#include "http/http.h"

/* All zeros where it has none. */
void address_of(const struct sockaddr *addr, struct http_address *ret);

#endif
