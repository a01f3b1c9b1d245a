// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/io.h"
#include "live/directory.h"
#include "live/file.h"
#include "live/procfs.h"
#include "live/source_internal.h"
#include "live/timed.h"

enum { FDINFO_BYTES = 4096, NAME_CHARS = 48 };

/* A walk through /proc. */
struct walk {
	struct live_files *fs;
	const struct live_config *config;
	struct timed *timed;
	int process; /* its directory */
	uint32_t pid;
	uint64_t start_boot_ns;
};

static const char *proc_of(const struct live_config *config)
{
	return config->proc ? config->proc : "/proc";
}

static int get_path(struct walk *w, struct live_file *f, int dir,
	const char *name, struct err *e)
{
	char path[LIVE_FILE_PATH_BYTES];
	ssize_t n = readlinkat(dir, name, path, sizeof(path));

	return n <= 0 ? 0 : live_files_path(w->fs, f, path, (size_t)n, e);
}

/* Nothing here asks another host, as stat() of a file on NFS would. */
static void get_inode(struct live_file *f, int dir, const char *name)
{
	struct statx x;

	if (statx(dir, name, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &x) < 0)
		return;
	f->inode = x.stx_ino;
	f->mode = x.stx_mode;
	f->major = x.stx_dev_major;
	f->minor = x.stx_dev_minor;
	f->links = x.stx_nlink;
	f->has |= LIVE_FILE_HAS_INODE;
}

static int get_fdinfo(struct walk *w, struct live_file *f, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	char name[NAME_CHARS];
	int r;

	buf_init(&text, FDINFO_BYTES);
	(void)snprintf(name, sizeof(name), "fdinfo/%u", f->fd);
	r = timed_read(w->timed, w->process, name, 0, &text, e);
	if (r == -ENOMEM)
		return r;
	if (r == -ETIMEDOUT)
		w->fs->unread++;
	if (r >= 0 && text.len)
		live_fdinfo(f, (const char *)text.data, text.len);
	return 0;
}

static int see_file(void *arg, int dir, uint32_t fd, struct err *e)
{
	struct walk *w = arg;
	struct live_file new = { .start_boot_ns = w->start_boot_ns,
		.pid = w->pid,
		.tid = w->pid,
		.fd = fd };
	struct live_file *f = live_files_find(w->fs, w->pid, w->pid, fd);
	char name[NAME_CHARS];
	int r = 0;

	if (!f)
		r = live_files_add(&f, w->fs, &new, e);
	if (r < 0 || !f)
		return r;
	f->seen_by |= LIVE_BY_PROC;
	(void)snprintf(name, sizeof(name), "%u", fd);
	if (!f->path_len)
		r = get_path(w, f, dir, name, e);
	if (!(f->has & LIVE_FILE_HAS_INODE))
		get_inode(f, dir, name);
	if (r == 0 && !(f->has & LIVE_FILE_HAS_FLAGS))
		r = get_fdinfo(w, f, e);
	return r;
}

static uint64_t start_of(int process)
{
	AUTO_BUF struct buf text = { 0 };
	struct live_task t = { 0 };
	long hz = sysconf(_SC_CLK_TCK);

	buf_init(&text, PROCFS_TEXT_BYTES);
	if (hz <= 0 || io_slurp(process, "stat", &text, NULL) < 0 || !text.len ||
		procfs_stat(&t, (const char *)text.data, text.len, (unsigned)hz,
			NULL) < 0)
		return 0;
	return t.start_boot_ns;
}

/* One that ended meanwhile, or is not to be looked into, is no error. */
static int see_process(void *arg, int dir, uint32_t pid, struct err *e)
{
	struct walk *w = arg;
	AUTO_CLOSE int process = -1;
	char name[NAME_CHARS];
	int r;

	if (!live_wants(w->config, pid))
		return 0;
	(void)snprintf(name, sizeof(name), "%u", pid);
	process = io_open(dir, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (process < 0)
		return 0;
	w->process = process;
	w->pid = pid;
	w->start_boot_ns = start_of(process);
	r = directory_numbers(process, "fd", see_file, w, e);
	return r == -ENOENT || r == -ESRCH || r == -EACCES ? 0 : r;
}

int live_files_proc(struct live_files *fs, const struct live_config *config,
	struct timed *timed, struct err *e)
{
	struct walk w = { .fs = fs, .config = config, .timed = timed };
	int r = directory_numbers(AT_FDCWD, proc_of(config), see_process, &w, e);

	live_files_sort(fs);
	return r;
}

/* What the agent itself opens to look is gone when it looks again. */
static bool is_alone(const struct live_file *f)
{
	return f->seen_by == LIVE_BY_ITERATOR && f->pid != (uint32_t)getpid();
}

struct wanted {
	uint32_t fd;
	bool found;
};

static int note(void *arg, int dir, uint32_t number, struct err *e)
{
	struct wanted *w = arg;

	(void)dir;
	(void)e;
	w->found |= number == w->fd;
	return 0;
}

/* Whether /proc has the descriptor: 1, 0; below 0, it does not say. */
static int proc_tells(const struct live_config *config, const struct live_file *f)
{
	struct wanted w = { .fd = f->fd };
	char path[LIVE_FILE_PATH_BYTES];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%u/task/%u/fd", proc_of(config),
		f->pid, f->tid);
	r = directory_numbers(AT_FDCWD, path, note, &w, NULL);
	return r < 0 ? r : w.found;
}

/* Whether the iterator still tells ${f}, and /proc still not. */
static int is_hidden(const struct live_config *config,
	const struct live_file *f, struct err *e)
{
	struct live_config only = { .pids = &f->pid, .pids_n = 1 };
	struct live_files now;
	const struct live_file *again;
	int r = proc_tells(config, f);

	if (r != 0)
		return 0;
	live_files_init(&now);
	r = live_files_bpf(&now, &only, e);
	again = live_files_find(&now, f->pid, f->tid, f->fd);
	if (r == 0)
		r = again && again->inode == f->inode &&
		    again->start_boot_ns == f->start_boot_ns;
	live_files_done(&now);
	return r;
}

int live_files_compare(
	struct live_files *fs, const struct live_config *config, struct err *e)
{
	int suspects = 0, hidden = 0;

	for (size_t i = 0; i < fs->n; i++) {
		struct live_file *f = &fs->v[i];
		int r = 1;

		if (!is_alone(f))
			continue;
		if (proc_tells(config, f) != 0 ||
			suspects++ >= LIVE_FILE_SUSPECTS_MAX)
			continue;
		for (int turn = 0; r > 0 && turn < LIVE_FILE_RETRIES; turn++)
			r = is_hidden(config, f, e);
		if (r < 0)
			return r;
		if (r > 0) {
			f->has |= LIVE_FILE_HIDDEN;
			hidden++;
		}
	}
	return hidden;
}
