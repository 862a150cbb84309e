/*
 * fumikura pack ...: reads regulation packs without a server.
 */
#ifndef CLI_PACK_H
#define CLI_PACK_H

#include <stdio.h>

/*
 * fumikura pack check PATH...
 * fumikura pack coverage PATH [--stories FILE]
 *
 * The exit code: 0 fine, 1 faults found, 2 something could not be read.
 */
int cli_pack_check(char *const *paths, int n, FILE *out);
int cli_pack_coverage(const char *path, const char *stories, FILE *out,
    FILE *complaints);

#endif
