/*
 * Runs a fuzz target over every file of the folders named, once each.
 *
 * usage: replay_TARGET FOLDER...
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "target.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, PATH_BYTES_MAX = 4096 };

/* An exact block, so that a read past the end is seen. */
static bool
run_bytes(FILE *f, size_t size)
{
	uint8_t *data = mem_alloc(1, size == 0 ? 1 : size);
	if (data == NULL)
		return false;
	bool is_read = fread(data, 1, size, f) == size;
	if (is_read)
		(void)LLVMFuzzerTestOneInput(data, size);
	mem_free(data);
	return is_read;
}

static bool
run_file(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	bool is_run = fstat(fileno(f), &st) == 0 &&
	    st.st_size <= FILE_BYTES_MAX && run_bytes(f, (size_t)st.st_size);
	(void)fclose(f);
	return is_run;
}

/* The number of files run, or -1 when one could not be read. */
static int
run_folder(const char *folder)
{
	int runs = 0;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return -1;
	for (struct dirent *e; runs >= 0 && (e = readdir(dir)) != NULL;) {
		char path[PATH_BYTES_MAX];
		if (e->d_name[0] == '.')
			continue;
		int n = snprintf(path, sizeof(path), "%s/%s", folder,
		    e->d_name);
		bool is_run = n > 0 && (size_t)n < sizeof(path) &&
		    run_file(path);
		runs = is_run ? runs + 1 : -1;
		if (!is_run)
			fprintf(stderr, "replay: cannot run %s\n", path);
	}
	(void)closedir(dir);
	return runs;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int runs = run_folder(argv[i]);
		if (runs <= 0) {
			fprintf(stderr, "replay: nothing run in %s\n", argv[i]);
			return 1;
		}
		printf("%s: %d inputs\n", argv[i], runs);
	}
	return 0;
}
