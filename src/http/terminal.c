/* Client certificates: read once per connection, fail closed. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "loop.h"

static bool
read_verified(gnutls_session_t tls, uint8_t ret[HTTP_TERMINAL_BYTES])
{
	unsigned status = 0, count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(tls, &count);
	if (chain == NULL || count == 0)
		return false;
	if (gnutls_certificate_verify_peers2(tls, &status) != 0 || status != 0)
		return false;
	size_t n = HTTP_TERMINAL_BYTES;
	return gnutls_fingerprint(GNUTLS_DIG_SHA256, &chain[0], ret, &n) ==
	    GNUTLS_E_SUCCESS && n == HTTP_TERMINAL_BYTES;
}

void
connection_read_terminal(struct connection *conn, struct MHD_Connection *c)
{
	conn->terminal_is_read = true;
	if (conn->loop->config.tls_cert.n == 0 ||
	    conn->loop->config.terminal_ca.n == 0)
		return;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (info == NULL || info->tls_session == NULL)
		return;
	conn->has_terminal = read_verified(info->tls_session, conn->terminal);
}
