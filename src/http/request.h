/* Inside of http: a request, and the reading of its fields. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "loop.h"

struct http_pair {
	struct slice name;
	struct slice value;
	struct slice file_name;
	bool is_file;
};

struct http_request {
	struct http_request *next; /* of the spares, or of those gone */
	struct http_loop *loop;
	struct connection *conn;
	struct MHD_Connection *mhd;
	struct MHD_Response *response;
	struct arena *arena;
	struct buf body;
	size_t body_max;
	struct slice path;
	struct slice content_type;
	struct http_pair fields[HTTP_FIELDS_MAX];
	size_t field_count;
	struct {
		const char *name;
		const char *value;
	} headers[HTTP_REPLY_HEADERS_MAX];
	size_t header_count;
	void *data;
	unsigned status;  /* of the reply */
	unsigned refused; /* a status decided here, before the handler */
	enum http_method method;
	bool is_json;
	bool is_handled;
	bool is_in_handler;
	bool is_held; /* handed over, without a reply yet */
	bool is_gone; /* held, and its connection has ended */
};

/* Back to the spares, when its connection is gone. */
void request_drop(struct http_request *req);

/* Fields of the query and of a form body. False: 400 or 413 in refused. */
bool request_read_fields(struct http_request *req);

/* multipart/form-data; in multipart.c. */
bool request_read_multipart(struct http_request *req, struct slice boundary);

/* Adds one field; false past HTTP_FIELDS_MAX. */
bool request_add_field(struct http_request *req, struct http_pair pair);

#endif
