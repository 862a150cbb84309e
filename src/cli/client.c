#include "cli/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "base/mem.h"
#include "cli/command.h"

enum { REPLY_MAX_BYTES = 64 * 1024 * 1024, URL_MAX_BYTES = 4096 };

/* One run: what is asked, and the pieces of the answer. */
struct client {
	const struct action *action;
	enum lang lang;
	const char *server;
	const char *session;
	const char *ca_file;
	struct buf url;
	struct buf reply;
	CURL *curl;
	curl_mime *form;
	bool has_query;
};

bool
cli_is_action(const char *name)
{
	return action_by_name(slice_of(name)) != NULL;
}

static const struct field *
field_named(const struct action *a, const char *name, size_t n)
{
	for (const struct field *f = a->input; f->name != NULL; f++) {
		struct slice s = {name, n};
		if (slice_is(s, f->name))
			return f;
		if (f->type == FIELD_VALUES && n > strlen(f->name) + 1 &&
		    strncmp(name, f->name, strlen(f->name)) == 0 &&
		    name[strlen(f->name)] == '.')
			return f;
	}
	return NULL;
}

static size_t
take_reply(char *p, size_t size, size_t n, void *arg)
{
	struct client *c = arg;
	buf_add_bytes(&c->reply, p, size * n);
	return c->reply.failed ? 0 : size * n;
}

static void
add_escaped(struct client *c, struct slice s)
{
	char *e = curl_easy_escape(c->curl, s.p, (int)s.n);
	if (e == NULL)
		c->url.failed = true;
	else
		buf_add_str(&c->url, e);
	curl_free(e);
}

/* {part}s of the path from the options. */
static bool
add_path(struct client *c, int argc, char **argv)
{
	struct slice left = slice_of(c->action->path), part;
	(void)slice_split(&left, '/', &part);
	while (slice_split(&left, '/', &part)) {
		buf_add_byte(&c->url, '/');
		if (part.n == 0 || part.p[0] != '{') {
			buf_add(&c->url, part);
			continue;
		}
		const char *value = NULL;
		part = slice_bytes(part.p + 1, part.n - 2);
		for (int i = 1; i + 1 < argc; i += 2)
			if (slice_is(part, argv[i] + 2))
				value = argv[i + 1];
		if (value == NULL) {
			char name[80];
			(void)snprintf(name, sizeof(name), "%.*s",
			    SLICE_FMT(part));
			cli_say(stderr, c->lang, WORD_CLI_INPUT_NEEDED, name,
			    c->action->name, NULL);
			return false;
		}
		add_escaped(c, slice_of(value));
	}
	return true;
}

static bool
is_path_part(const struct action *a, const char *name)
{
	char part[80];
	(void)snprintf(part, sizeof(part), "{%s}", name);
	return strstr(a->path, part) != NULL;
}

/* A secret given as "-" is a line of standard input. */
static const char *
secret_of(const struct field *f, const char *value, char *room, size_t n)
{
	if (f->type != FIELD_SECRET || strcmp(value, "-") != 0)
		return value;
	if (fgets(room, (int)n, stdin) == NULL)
		return "";
	room[strcspn(room, "\n")] = '\0';
	return room;
}

static bool
add_input(struct client *c, const char *name, const char *value)
{
	const struct field *f = field_named(c->action, name, strlen(name));
	char room[512];
	if (f == NULL) {
		cli_say(stderr, c->lang, WORD_CLI_NO_INPUT, c->action->name,
		    name, NULL);
		return false;
	}
	if (is_path_part(c->action, name))
		return true;
	value = secret_of(f, value, room, sizeof(room));
	if (!c->action->is_change) {
		buf_add_byte(&c->url, c->has_query ? '&' : '?');
		c->has_query = true;
		add_escaped(c, slice_of(name));
		buf_add_byte(&c->url, '=');
		add_escaped(c, slice_of(value));
		return true;
	}
	curl_mimepart *part = curl_mime_addpart(c->form);
	bool worked = part != NULL &&
	    curl_mime_name(part, name) == CURLE_OK &&
	    (f->type == FIELD_FILE
	        ? curl_mime_filedata(part, value)
	        : curl_mime_data(part, value, CURL_ZERO_TERMINATED)) ==
	        CURLE_OK;
	mem_wipe(room, sizeof(room));
	if (!worked)
		cli_say(stderr, c->lang, WORD_CLI_CANNOT_READ, value, NULL);
	return worked;
}

static bool
is_own_option(const char *name)
{
	return strcmp(name, "server") == 0 || strcmp(name, "session") == 0 ||
	    strcmp(name, "ca-file") == 0 || strcmp(name, "lang") == 0;
}

static int
perform(struct client *c)
{
	char header[128];
	struct curl_slist *headers = NULL;
	long status = 0;
	if (c->session != NULL) {
		(void)snprintf(header, sizeof(header),
		    "Authorization: Bearer %s", c->session);
		headers = curl_slist_append(headers, header);
	}
	headers = curl_slist_append(headers, c->lang == LANG_EN
	    ? "Accept-Language: en" : "Accept-Language: ja");
	buf_add_byte(&c->url, '\0');
	(void)curl_easy_setopt(c->curl, CURLOPT_URL, c->url.p);
	(void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_reply);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	if (c->ca_file != NULL)
		(void)curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->ca_file);
	if (c->action->is_change)
		(void)curl_easy_setopt(c->curl, CURLOPT_MIMEPOST, c->form);
	CURLcode rc = c->url.failed ? CURLE_URL_MALFORMAT
	    : curl_easy_perform(c->curl);
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	mem_wipe(header, sizeof(header));
	if (rc != CURLE_OK) {
		cli_say(stderr, c->lang, WORD_CLI_NO_SERVER, c->server,
		    curl_easy_strerror(rc), NULL);
		return 3;
	}
	(void)fwrite(c->reply.p, 1, c->reply.n, status < 300 ? stdout
	    : stderr);
	if (status >= 300 || !c->action->gives_file)
		fputc('\n', status < 300 ? stdout : stderr);
	return status < 300 ? 0 : 1;
}

static int
ask(struct client *c, int argc, char **argv)
{
	if (argc % 2 == 0) {
		cli_say(stderr, c->lang, WORD_CLI_PAIRS, argv[0], NULL);
		return 2;
	}
	for (int i = 1; i < argc; i += 2) {
		if (strncmp(argv[i], "--", 2) != 0) {
			cli_say(stderr, c->lang, WORD_CLI_PAIRS, argv[0],
			    NULL);
			return 2;
		}
		if (strcmp(argv[i], "--server") == 0)
			c->server = argv[i + 1];
		else if (strcmp(argv[i], "--session") == 0)
			c->session = argv[i + 1];
		else if (strcmp(argv[i], "--ca-file") == 0)
			c->ca_file = argv[i + 1];
	}
	buf_add_printf(&c->url, "%s/api/v1", c->server);
	if (!add_path(c, argc, argv))
		return 2;
	for (int i = 1; i < argc; i += 2)
		if (!is_own_option(argv[i] + 2) &&
		    !add_input(c, argv[i] + 2, argv[i + 1]))
			return 2;
	return perform(c);
}

int
cli_client(enum lang lang, int argc, char **argv)
{
	struct client c = {.action = action_by_name(slice_of(argv[0])),
	    .lang = lang,
	    .server = "https://127.0.0.1:8443",
	    .session = getenv("FUMIKURA_SESSION"),
	    .url = buf_of(URL_MAX_BYTES), .reply = buf_of(REPLY_MAX_BYTES)};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 3;
	c.curl = curl_easy_init();
	c.form = c.curl == NULL ? NULL : curl_mime_init(c.curl);
	int code = c.form == NULL ? 3 : ask(&c, argc, argv);
	curl_mime_free(c.form);
	curl_easy_cleanup(c.curl);
	curl_global_cleanup();
	buf_close(&c.url);
	buf_close(&c.reply);
	return code;
}
