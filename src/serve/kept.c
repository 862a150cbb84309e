#include "serve/kept.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_MAX_BYTES = 900,
	HASH_DIGITS = 2 * PACK_HASH_BYTES
};

struct path {
	char p[PATH_MAX_BYTES];
};

static bool
path_of(struct path *ret, struct err *err, const char *a, const char *b,
    struct slice c)
{
	int n = snprintf(ret->p, sizeof(ret->p), "%s/%s%s%.*s", a, b,
	    c.n > 0 ? "/" : "", SLICE_FMT(c));
	return (n > 0 && (size_t)n < sizeof(ret->p)) ||
	    ERR(err, ERR_LIMIT, "the path of the packs is too long");
}

static void
hash_digits(const struct pack *pack, char ret[HASH_DIGITS + 1])
{
	for (size_t i = 0; i < PACK_HASH_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", pack->hash[i]);
}

static bool
make_folder(const char *path, struct err *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ||
	    ERR_ERRNO(err, errno, "%s cannot be made", path);
}

static bool
write_file(const char *path, struct slice bytes, struct err *err)
{
	FILE *to = fopen(path, "we");
	if (to == NULL)
		return ERR_ERRNO(err, errno, "%s cannot be made", path);
	bool worked = fwrite(bytes.p, 1, bytes.n, to) == bytes.n &&
	    fflush(to) == 0 && fsync(fileno(to)) == 0;
	worked = fclose(to) == 0 && worked;
	return worked || ERR(err, ERR_FULL, "%s cannot be written", path);
}

static bool
copy_file(const char *from, const char *to, struct slice name, struct err *err)
{
	struct path source, target;
	struct slice bytes;
	struct buf read = buf_of(PACK_MAX_BYTES);
	if (!path_of(&source, err, from, "", name) ||
	    !path_of(&target, err, to, "", name))
		return false;
	FILE *in = fopen(source.p, "re");
	if (in == NULL)
		return ERR_ERRNO(err, errno, "%s cannot be read", source.p);
	char some[4096];
	for (size_t n; (n = fread(some, 1, sizeof(some), in)) > 0;)
		buf_add(&read, slice_bytes(some, n));
	(void)fclose(in);
	bool worked = buf_finish(&read, &bytes, err) &&
	    write_file(target.p, bytes, err);
	buf_close(&read);
	return worked;
}

/* One pack's own files, into the folder of its name. */
static bool
copy_pack(const struct household *h, const struct pack *p, const char *into,
    struct err *err)
{
	struct path from, to;
	if (!path_of(&from, err, h->packs_dir, "", p->id) ||
	    !path_of(&to, err, into, "", p->id) || !make_folder(to.p, err) ||
	    !copy_file(from.p, to.p, SLICE("pack.yaml"), err))
		return false;
	for (size_t i = 0; i < p->n_files; i++)
		if (!copy_file(from.p, to.p, p->files[i].id, err))
			return false;
	return true;
}

/* Shown whole under its name or not at all. */
static bool
keep(const struct household *h, const struct pack *p, const char *dir,
    struct err *err)
{
	char hash[HASH_DIGITS + 1];
	struct path there, half;
	hash_digits(p, hash);
	if (!path_of(&there, err, dir, hash, SLICE("")) ||
	    !path_of(&half, err, dir, "half", SLICE("")))
		return false;
	if (access(there.p, F_OK) == 0)
		return true;
	if (!make_folder(half.p, err) || !copy_pack(h, p, half.p, err))
		return false;
	for (size_t i = 0; i < p->n_below; i++)
		if (!copy_pack(h, p->below[i], half.p, err))
			return false;
	return rename(half.p, there.p) == 0 ||
	    ERR_ERRNO(err, errno, "%s cannot be named", there.p);
}

/* ---- those of before ---- */

static bool
is_in_force(const struct household *h, const char *hash)
{
	char now[HASH_DIGITS + 1];
	for (size_t i = 0; i < h->n_packs; i++) {
		hash_digits(h->packs[i], now);
		if (strcmp(now, hash) == 0)
			return true;
	}
	return false;
}

/* The pack in `dir` whose hash is the folder's name; others stand below it. */
static void
open_kept(struct household *h, const char *dir, const char *hash)
{
	DIR *list = opendir(dir);
	struct house *house = &h->house;
	for (struct dirent *e; list != NULL && (e = readdir(list)) != NULL;) {
		struct path path;
		char found[HASH_DIGITS + 1] = "";
		struct pack *pack = NULL;
		if (e->d_name[0] == '.' || house->n_kept == HOUSE_KEPT_MAX ||
		    !path_of(&path, NULL, dir, e->d_name, SLICE("")))
			continue;
		struct pack_faults *faults = pack_faults_open();
		if (faults != NULL && pack_open(path.p, &pack, faults, NULL))
			hash_digits(pack, found);
		pack_faults_close(faults);
		if (strcmp(found, hash) == 0)
			house->kept[house->n_kept++] = pack;
		else
			pack_close(pack);
	}
	if (list != NULL)
		(void)closedir(list);
}

bool
kept_packs_open(struct household *h, const char *dir, struct err *err)
{
	struct path packs, one;
	if (!path_of(&packs, err, dir, "packs", SLICE("")) ||
	    !make_folder(packs.p, err))
		return false;
	for (size_t i = 0; i < h->n_packs; i++)
		if (!keep(h, h->packs[i], packs.p, err))
			return false;
	DIR *list = opendir(packs.p);
	for (struct dirent *e; list != NULL && (e = readdir(list)) != NULL;)
		if (strlen(e->d_name) == HASH_DIGITS &&
		    !is_in_force(h, e->d_name) &&
		    path_of(&one, NULL, packs.p, e->d_name, SLICE("")))
			open_kept(h, one.p, e->d_name);
	if (list != NULL)
		(void)closedir(list);
	return true;
}

void
kept_packs_close(struct household *h)
{
	for (size_t i = 0; i < h->house.n_kept; i++)
		pack_close(h->house.kept[i]);
	h->house.n_kept = 0;
}
