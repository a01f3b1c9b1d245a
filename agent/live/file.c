// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "live/file.h"

enum { CAP_FIRST = 4096, OCTAL = 8, DECIMAL = 10 };

/* How the path of an anonymous file begins: what follows "anon_inode:", where
 * newer names are in brackets and older ones are not. */
static const struct {
	const char *begin;
	enum live_file_kind kind;
} anonymous[] = {
	{ "[eventfd", LIVE_FILE_EVENTFD },
	{ "[eventpoll]", LIVE_FILE_EPOLL },
	{ "[io_uring]", LIVE_FILE_IO_URING },
	{ "bpf-map", LIVE_FILE_BPF_MAP },
	{ "bpf-prog", LIVE_FILE_BPF_PROG },
	{ "bpf_link", LIVE_FILE_BPF_LINK },
	{ "bpf-link", LIVE_FILE_BPF_LINK },
	{ "[perf_event]", LIVE_FILE_PERF },
	{ "[userfaultfd]", LIVE_FILE_USERFAULTFD },
	{ "[pidfd]", LIVE_FILE_PIDFD },
	{ "inotify", LIVE_FILE_INOTIFY },
	{ "[fanotify]", LIVE_FILE_FANOTIFY },
	{ "[timerfd]", LIVE_FILE_TIMERFD },
	{ "[signalfd]", LIVE_FILE_SIGNALFD },
};

/* Paths of file systems that nobody mounted. */
static const struct {
	const char *begin;
	enum live_file_kind kind;
} pseudo[] = {
	{ "/memfd:", LIVE_FILE_MEMFD },
	{ "/secretmem", LIVE_FILE_SECRETMEM },
	{ "pidfd:[", LIVE_FILE_PIDFD },
	{ "mnt:[", LIVE_FILE_NAMESPACE },
	{ "pid:[", LIVE_FILE_NAMESPACE },
	{ "net:[", LIVE_FILE_NAMESPACE },
	{ "user:[", LIVE_FILE_NAMESPACE },
	{ "uts:[", LIVE_FILE_NAMESPACE },
	{ "ipc:[", LIVE_FILE_NAMESPACE },
	{ "cgroup:[", LIVE_FILE_NAMESPACE },
	{ "time:[", LIVE_FILE_NAMESPACE },
	{ "pid_for_children:[", LIVE_FILE_NAMESPACE },
	{ "time_for_children:[", LIVE_FILE_NAMESPACE },
};

static bool begins(const char *path, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(path, with, n) == 0;
}

enum live_file_kind live_file_kind(uint32_t mode, const char *path, size_t len)
{
	static const char anon[] = "anon_inode:";

	if (begins(path, len, anon)) {
		path += sizeof(anon) - 1;
		len -= sizeof(anon) - 1;
		for (size_t i = 0; i < ARRAY_LEN(anonymous); i++)
			if (begins(path, len, anonymous[i].begin))
				return anonymous[i].kind;
		return LIVE_FILE_OTHER;
	}
	for (size_t i = 0; i < ARRAY_LEN(pseudo); i++)
		if (begins(path, len, pseudo[i].begin))
			return pseudo[i].kind;
	switch (mode & S_IFMT) {
	case S_IFREG:
		return LIVE_FILE_REGULAR;
	case S_IFDIR:
		return LIVE_FILE_DIRECTORY;
	case S_IFCHR:
		return LIVE_FILE_CHARACTER;
	case S_IFBLK:
		return LIVE_FILE_BLOCK;
	case S_IFIFO:
		return begins(path, len, "pipe:[") ? LIVE_FILE_PIPE
						   : LIVE_FILE_FIFO;
	case S_IFSOCK:
		return LIVE_FILE_SOCKET;
	case S_IFLNK:
		return LIVE_FILE_LINK;
	default:
		return mode ? LIVE_FILE_OTHER : LIVE_FILE_UNKNOWN;
	}
}

bool live_file_deleted(const struct live_file *f, const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t n = sizeof(deleted) - 1;

	return f->path_len > n && path[0] == '/' &&
	       memcmp(path + f->path_len - n, deleted, n) == 0;
}

void live_files_init(struct live_files *fs)
{
	*fs = (struct live_files){ 0 };
	buf_init(&fs->paths, LIVE_FILE_PATHS_BYTES);
}

void live_files_done(struct live_files *fs)
{
	free(fs->v);
	buf_done(&fs->paths);
	*fs = (struct live_files){ 0 };
}

static int grow(struct live_files *fs, struct err *e)
{
	size_t cap = fs->cap ? 2 * fs->cap : CAP_FIRST;
	struct live_file *v = reallocarray(fs->v, cap, sizeof(*v));

	if (!v)
		return err_set(e, -ENOMEM, "no memory for %zu open files", cap);
	fs->v = v;
	fs->cap = cap;
	return 0;
}

int live_files_add(struct live_file **ret, struct live_files *fs,
	const struct live_file *f, struct err *e)
{
	int r = 0;

	if (fs->n == LIVE_FILES_MAX) {
		fs->lost++;
		*ret = NULL;
		return 0;
	}
	if (fs->n == fs->cap)
		r = grow(fs, e);
	if (r < 0)
		return r;
	fs->v[fs->n] = *f;
	*ret = &fs->v[fs->n++];
	return 0;
}

int live_files_path(struct live_files *fs, struct live_file *f,
	const char *path, size_t len, struct err *e)
{
	int r = buf_append(&fs->paths, path, len, NULL);

	if (r == -EFBIG) {
		fs->paths_lost++;
		return 0;
	}
	if (r < 0)
		return err_set(e, r, "no memory for paths");
	f->path_at = (uint32_t)(fs->paths.len - len);
	f->path_len = (uint16_t)len;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct live_file *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

void live_files_sort(struct live_files *fs)
{
	if (fs->n)
		qsort(fs->v, fs->n, sizeof(*fs->v), by_number);
	fs->sorted = fs->n;
}

struct live_file *live_files_find(
	const struct live_files *fs, uint32_t pid, uint32_t tid, uint32_t fd)
{
	struct live_file key = { .pid = pid, .tid = tid, .fd = fd };

	if (!fs->sorted)
		return NULL;
	return bsearch(&key, fs->v, fs->sorted, sizeof(key), by_number);
}

/* The digits after "NAME:" and white space; false when there are none. */
static bool number_after(uint64_t *ret, const char *line, size_t len,
	const char *name, unsigned base)
{
	uint64_t v = 0;
	size_t at = strlen(name);
	bool any = false;

	if (!begins(line, len, name))
		return false;
	while (at < len && (line[at] == '\t' || line[at] == ' '))
		at++;
	for (; at < len && line[at] >= '0' && line[at] < '0' + (int)base; at++) {
		if (__builtin_mul_overflow(v, base, &v) ||
			__builtin_add_overflow(v, (uint64_t)(line[at] - '0'), &v))
			return false;
		any = true;
	}
	if (any)
		*ret = v;
	return any;
}

void live_fdinfo(struct live_file *f, const char *text, size_t len)
{
	uint64_t position = 0, flags = 0;
	bool has_position = false, has_flags = false;

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		if (!has_position)
			has_position = number_after(
				&position, text, n, "pos:", DECIMAL);
		if (!has_flags)
			has_flags =
				number_after(&flags, text, n, "flags:", OCTAL);
		len -= end ? n + 1 : n;
		text += end ? n + 1 : n;
	}
	if (!has_position || !has_flags || flags > UINT32_MAX)
		return;
	f->position = position;
	f->flags = (uint32_t)flags;
	f->has |= LIVE_FILE_HAS_FLAGS;
}
