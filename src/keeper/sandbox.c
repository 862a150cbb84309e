/*
 * What the keeper gives up: first (Landlock) every file outside its folder,
 * before it has read one; then, once files and threads are open, every
 * system call but those below.
 *
 * No socket, no execve, no fork, no ptrace; files by openat, in the folder
 * only. A call that is not named ends the process: nothing asks for one in
 * good faith.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper/state.h"

/*
 * Kernels before 5.13 lack it; those before 5.19 allow no renaming from one
 * folder to another, which the ledger needs once in a blue moon.
 */
bool
sandbox_files(const char *dir, struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 2)
		return true;
	struct landlock_ruleset_attr rules = {
	    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
		LANDLOCK_ACCESS_FS_REFER,
	};
	struct landlock_path_beneath_attr below = {
	    .allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE |
		LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REFER,
	};
	long set = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules),
	    0);
	if (set < 0)
		return ERR_ERRNO(err, errno, "cannot confine the files");
	below.parent_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool ok = below.parent_fd >= 0 &&
	    syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH,
		&below, 0) == 0 &&
	    syscall(SYS_landlock_restrict_self, set, 0) == 0;
	if (!ok)
		(void)ERR_ERRNO(err, errno, "cannot confine the files");
	if (below.parent_fd >= 0)
		(void)close(below.parent_fd);
	(void)close((int)set);
	return ok;
}

bool
sandbox_calls(struct err *err)
{
	static const int allowed[] = {
	    /* the loop and its channels */
	    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	    SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(read),
	    SCMP_SYS(write), SCMP_SYS(close),
	    /* files */
	    SCMP_SYS(openat), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	    SCMP_SYS(fdatasync), SCMP_SYS(fsync), SCMP_SYS(fstat),
	    SCMP_SYS(newfstatat), SCMP_SYS(rename), SCMP_SYS(renameat),
	    SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	    SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(fallocate),
	    SCMP_SYS(getdents64), SCMP_SYS(lseek), SCMP_SYS(ftruncate),
	    SCMP_SYS(fstatfs),
	    /* memory; Argon2id's comes and goes */
	    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap),
	    SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk),
	    SCMP_SYS(mlock), SCMP_SYS(munlock),
	    /* time, randomness, the worker, the end */
	    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	    SCMP_SYS(getrandom), SCMP_SYS(futex), SCMP_SYS(sched_yield),
	    SCMP_SYS(sched_getaffinity), /* malloc, for its arenas */
	    SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(exit),
	    SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
	    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	    /* abort() */
	    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill),
	    SCMP_SYS(rt_sigaction),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = filter == NULL ? -ENOMEM : 0;
	/* The worker's thread too. */
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; rc == 0 &&
	     i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	return rc == 0 ||
	    ERR_ERRNO(err, -rc, "cannot close the system call filter");
}
