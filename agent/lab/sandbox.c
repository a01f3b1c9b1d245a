// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/err.h"
#include "base/io.h"
#include "lab/sandbox.h"

/* Rights that came after the first version of Landlock. */
#define ACCESS_REFER	 (1ULL << 13)
#define ACCESS_TRUNCATE	 (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)

enum {
	CAPS_PER_WORD = 32,
	CAPS_MAX = 64,
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_IOCTL = 5
};

static const uint64_t reads =
	LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE |
				 LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE;
static const uint64_t writes =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
	LANDLOCK_ACCESS_FS_MAKE_DIR | ACCESS_TRUNCATE | ACCESS_REFER;

/* Where the C library counts processors. */
static const char *const always_read[] = { "/sys/devices/system/cpu" };

/* Of every version of the C library, and of all that is linked. */
static const char *const allowed[] = { "access", "arch_prctl", "brk",
	"clock_getres", "clock_gettime", "clock_nanosleep", "clone", "clone3",
	"close", "close_range", "copy_file_range", "dup", "dup2", "dup3",
	"exit", "exit_group", "faccessat", "faccessat2", "fadvise64",
	"fallocate", "fchmod", "fchmodat", "fcntl", "fdatasync", "flock",
	"fstat", "fstatfs", "fsync", "ftruncate", "futex", "getcwd",
	"getdents64", "getegid", "geteuid", "getgid", "getpid", "getrandom",
	"gettid", "gettimeofday", "getuid", "ioctl", "linkat", "lseek",
	"madvise", "membarrier", "memfd_create", "mkdir", "mkdirat", "mmap",
	"mprotect", "mremap", "msync", "munmap", "nanosleep", "newfstatat",
	"open", "openat", "openat2", "pipe2", "poll", "ppoll", "pread64",
	"preadv", "preadv2", "prlimit64", "pwrite64", "pwritev", "read",
	"readlink", "readlinkat", "readv", "rename", "renameat", "renameat2",
	"restart_syscall", "rmdir", "rseq", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "sched_getaffinity", "sched_yield", "sendfile",
	"set_robust_list", "set_tid_address", "sigaltstack", "stat", "statfs",
	"statx", "symlinkat", "sync_file_range", "sysinfo", "tgkill", "time",
	"umask", "uname", "unlink", "unlinkat", "utimensat", "write", "writev" };

static int drop_capabilities(struct err *e)
{
	const uint32_t kept = geteuid() == 0 ? 1U << CAP_DAC_OVERRIDE |
						       1U << CAP_DAC_READ_SEARCH
					     : 0;
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { 0 } };

	data[0].effective = data[0].permitted = kept;
	/* Not permitted to whoever has none, and not needed then. */
	for (unsigned long cap = 0; cap < CAPS_MAX; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "no new privileges");
	if (syscall(SYS_capset, &head, data) < 0 && kept)
		return err_sys(e, "drop capabilities");
	return 0;
}

static int set_limits(struct err *e)
{
	const struct {
		int what;
		uint64_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_NOFILE, SANDBOX_DESCRIPTORS },
		{ RLIMIT_AS, (uint64_t)SANDBOX_MEMORY_GIB << 30 },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct rlimit l = { 0 };

		if (getrlimit(limits[i].what, &l) < 0)
			return err_sys(e, "limits");
		if (l.rlim_max > limits[i].most)
			l.rlim_max = limits[i].most;
		if (l.rlim_cur > l.rlim_max)
			l.rlim_cur = l.rlim_max;
		if (setrlimit(limits[i].what, &l) < 0)
			return err_sys(e, "limits");
	}
	return 0;
}

/* --- Landlock --- */

/* All that this version knows of. */
static uint64_t handled(long abi)
{
	uint64_t all = LANDLOCK_ACCESS_FS_MAKE_SYM;

	all = (all << 1) - 1; /* those of the first version */
	all |= abi >= ABI_REFER ? ACCESS_REFER : 0;
	all |= abi >= ABI_TRUNCATE ? ACCESS_TRUNCATE : 0;
	return all | (abi >= ABI_IOCTL ? ACCESS_IOCTL_DEV : 0);
}

static int allow(int rules, const char *path, uint64_t access, struct err *e)
{
	struct landlock_path_beneath_attr below = { .allowed_access = access };
	struct stat st;
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_PATH, 0, e);

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "%s", path);
	if (!S_ISDIR(st.st_mode))
		below.allowed_access &= of_files;
	below.parent_fd = fd;
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		       &below, 0) < 0
		       ? err_sys(e, "confine to %s", path)
		       : 0;
}

static int confine_paths(const struct sandbox *s, struct err *e)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled(abi) };
	AUTO_CLOSE int rules = -1;
	int r = 0;

	if (abi < 1)
		return 1;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr,
		sizeof(attr.handled_access_fs), 0);
	if (rules < 0)
		return err_sys(e, "confine to paths");
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(always_read); i++)
		r = allow(rules, always_read[i], reads, e);
	for (size_t i = 0; r == 0 && i < SANDBOX_PATHS_MAX; i++) {
		if (s->read[i])
			r = allow(rules, s->read[i], reads, e);
		if (r == 0 && s->write[i])
			r = allow(rules, s->write[i],
				(reads | writes) & attr.handled_access_fs, e);
	}
	if (r == 0 && s->empty)
		r = allow(rules, s->empty, LANDLOCK_ACCESS_FS_REMOVE_DIR, e);
	if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = err_sys(e, "confine to paths");
	return r;
}

/* --- seccomp --- */

/* What is not in the list does not exist, as on an older kernel: who asks
 * for it can go on without. */
static int filter_calls(struct err *e)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r = c ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(allowed); i++) {
		int nr = seccomp_syscall_resolve_name(allowed[i]);

		/* Not every processor has every one. */
		if (nr >= 0)
			r = seccomp_rule_add(c, SCMP_ACT_ALLOW, nr, 0);
	}
	if (r == 0)
		r = seccomp_load(c);
	if (c)
		seccomp_release(c);
	return r < 0 ? err_set(e, r, "filter of system calls: error %d", -r) : 0;
}

/* Sanitizers read /proc and look at their own process as it ends. */
static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#else
	return false;
#endif
#else
	return false;
#endif
}

int sandbox_enter(const struct sandbox *s, struct err *e)
{
	int paths, r;

	/* What would read its configuration later. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
		return err_set(e, -ENOMEM, "no memory for libcrypto");
	if (is_sanitized())
		return 0;
	r = set_limits(e);
	if (r == 0)
		r = drop_capabilities(e);
	if (r < 0)
		return r;
	paths = confine_paths(s, e);
	if (paths < 0)
		return paths;
	r = filter_calls(e);
	return r < 0 ? r : paths;
}
