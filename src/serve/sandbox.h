/*
 * The server's own walls, after everything is open and before the first
 * connection: no new privileges, no core dump, no other program, no look into
 * another process, no mounting or loading. What the keeper forbids itself is
 * much more (keeper/sandbox.c); the server still opens files and sockets.
 */
#ifndef SERVE_SANDBOX_H
#define SERVE_SANDBOX_H

#include "base/attr.h"
#include "base/err.h"

bool sandbox_close(struct err *err) MUST_CHECK;

#endif
