// SPDX-License-Identifier: Apache-2.0
/* Where namespaces are found. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "net/netns.h"

enum { CAP_FIRST = 64, NAME_CHARS = 64, OCTAL_DIGITS = 3 };

void netns_done(struct netns_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].fd >= 0)
			(void)close(l->v[i].fd);
	free(l->v);
	*l = (struct netns_list){ 0 };
}

struct netns *netns_find(const struct netns_list *l, uint32_t inode)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].inode == inode)
			return &l->v[i];
	return NULL;
}

/* ${*ret} is NULL where there is no room. */
static int get(struct netns **ret, struct netns_list *l, uint32_t inode,
	enum netns_way way, struct err *e)
{
	struct netns *ns = netns_find(l, inode);

	*ret = NULL;
	if (!ns && l->n == NETNS_MAX) {
		l->lost++;
		return 0;
	}
	if (!ns && l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : CAP_FIRST;
		struct netns *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for namespaces");
		l->v = v;
		l->cap = cap;
	}
	if (!ns) {
		ns = &l->v[l->n++];
		*ns = (struct netns){ .inode = inode, .fd = -1 };
	}
	ns->found_by |= way;
	*ret = ns;
	return 0;
}

/* Keep ${fd} when it is that namespace, else close it. */
static void keep(struct netns *ns, int fd)
{
	struct stat st;

	if (fd < 0)
		return;
	if (ns->fd < 0 && fstat(fd, &st) == 0 && st.st_ino == ns->inode)
		ns->fd = fd;
	else
		(void)close(fd);
}

/* A magic link of /proc, which neither blocks nor leads elsewhere. */
static void open_link(struct netns *ns, int proc, const char *name)
{
	struct stat st;

	if (ns->fd >= 0 || fstatat(proc, name, &st, 0) < 0 ||
		!S_ISREG(st.st_mode) || st.st_ino != ns->inode)
		return;
	keep(ns, io_open(proc, name, O_RDONLY | O_NONBLOCK, 0, NULL));
}

int netns_task(struct netns_list *l, int proc, uint32_t pid, uint32_t inode,
	struct err *e)
{
	char name[NAME_CHARS];
	struct netns *ns;
	int r = get(&ns, l, inode, NETNS_BY_TASK, e);

	if (r < 0 || !ns)
		return r;
	if (ns->processes < NETNS_PIDS_MAX)
		ns->pids[ns->processes] = pid;
	ns->processes++;
	(void)snprintf(name, sizeof(name), "%u/ns/net", pid);
	open_link(ns, proc, name);
	return 0;
}

int netns_file(struct netns_list *l, int proc, uint32_t pid, uint32_t fd,
	uint32_t inode, struct err *e)
{
	char name[NAME_CHARS];
	struct netns *ns;
	int r = get(&ns, l, inode, NETNS_BY_FILE, e);

	if (r < 0 || !ns)
		return r;
	(void)snprintf(name, sizeof(name), "%u/fd/%u", pid, fd);
	open_link(ns, proc, name);
	return 0;
}

int netns_socket(struct netns_list *l, uint32_t pid, uint32_t fd,
	uint32_t inode, struct err *e)
{
	AUTO_CLOSE int pidfd = -1;
	AUTO_CLOSE int sock = -1;
	struct netns *ns;
	int r = get(&ns, l, inode, NETNS_BY_SOCKET, e);

	if (r < 0 || !ns || ns->fd >= 0)
		return r;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return 0;
	/* Since 5.6: 8649c322f75c ("pid: Implement pidfd_getfd syscall"). */
	sock = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (sock >= 0)
		keep(ns, ioctl(sock, SIOCGSKNS));
	return 0;
}

int netns_kernel(struct netns_list *l, uint32_t inode, struct err *e)
{
	struct netns *ns;

	return get(&ns, l, inode, NETNS_BY_KERNEL, e);
}

/* Field ${i} of a line, counted from 0; false when there are fewer. */
static bool field(const char **ret, size_t *ret_len, const char *line,
	size_t len, size_t i)
{
	while (len) {
		const char *end = memchr(line, ' ', len);
		size_t n = end ? (size_t)(end - line) : len;

		if (i-- == 0) {
			*ret = line;
			*ret_len = n;
			return true;
		}
		if (!end)
			return false;
		line += n + 1;
		len -= n + 1;
	}
	return false;
}

/* "\040" is a blank.  False when it does not fit, or has a NUL in it. */
static bool unescape(char *ret, size_t cap, const char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int v = (unsigned char)at[i];

		if (n + 1 >= cap)
			return false;
		if (v == '\\' && len - i > OCTAL_DIGITS) {
			v = 0;
			for (int d = 1; d <= OCTAL_DIGITS; d++)
				v = v * 8 + (at[i + (size_t)d] & 7);
			i += OCTAL_DIGITS;
		}
		if (!(char)v)
			return false;
		ret[n++] = (char)v;
	}
	ret[n] = 0;
	return n > 0;
}

/* 36 35 0:4 net:[4026532281] /run/netns/x rw shared:1 - nsfs nsfs rw */
uint32_t netns_mount_line(char *path, size_t cap, const char *line, size_t len)
{
	static const char begin[] = "net:[";
	size_t n, at = sizeof(begin) - 1;
	const char *root, *where;
	uint64_t inode = 0;

	if (!field(&root, &n, line, len, 3) || n <= at ||
		memcmp(root, begin, at) != 0 || root[n - 1] != ']')
		return 0;
	for (; at < n - 1; at++) {
		if (root[at] < '0' || root[at] > '9' || inode > UINT32_MAX)
			return 0;
		inode = inode * 10 + (uint64_t)(root[at] - '0');
	}
	if (inode > UINT32_MAX || !field(&where, &n, line, len, 4) ||
		!unescape(path, cap, where, n))
		return 0;
	return (uint32_t)inode;
}

/* Looked at before it is opened: what is mounted may be another by now. */
static void open_mount(struct netns *ns, int proc, uint32_t pid)
{
	char name[NETNS_PATH_BYTES + NAME_CHARS];
	AUTO_CLOSE int fd = -1;
	struct statfs fs;

	(void)snprintf(name, sizeof(name), "%u/root%s", pid, ns->path);
	fd = io_open(proc, name, O_PATH | O_NOFOLLOW, 0, NULL);
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	keep(ns, io_open(AT_FDCWD, name, O_RDONLY, 0, NULL));
}

int netns_mounts(struct netns_list *l, int proc, uint32_t pid, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	char name[NAME_CHARS];
	size_t at = 0;
	int r;

	(void)snprintf(name, sizeof(name), "%u/mountinfo", pid);
	buf_init(&text, NETNS_MOUNTINFO_BYTES);
	r = io_slurp(proc, name, &text, e);
	if (r < 0)
		return r == -ENOMEM || r == -EFBIG ? r : 0;
	while (at < text.len) {
		const char *line = (const char *)text.data + at;
		const char *end = memchr(line, '\n', text.len - at);
		size_t n = end ? (size_t)(end - line) : text.len - at;
		char path[NETNS_PATH_BYTES];
		uint32_t inode = netns_mount_line(path, sizeof(path), line, n);
		struct netns *ns = NULL;

		at += n + 1;
		if (!inode)
			continue;
		r = get(&ns, l, inode, NETNS_BY_MOUNT, e);
		if (r < 0 || !ns)
			return r;
		if (!ns->path[0])
			memcpy(ns->path, path, sizeof(path));
		if (ns->fd < 0)
			open_mount(ns, proc, pid);
	}
	return 0;
}
