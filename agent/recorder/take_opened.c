// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "recorder/take_internal.h"

enum {
	QUEUE_BYTES = 16 << 10,
	MOUNTINFO_BYTES = 4 << 20,
	MOUNTS_EVERY_NS = 1000000000,
};

/* Not in every libc: 5.19. */
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200
#endif

/* Those whose files are read without waiting for anybody else. */
static const char *const local[] = { "tmpfs", "ramfs", "rootfs", "ext2", "ext3",
	"ext4", "xfs", "btrfs", "overlay", "f2fs", "vfat", "squashfs", "erofs" };

static bool is_local(const char *type)
{
	size_t n = strcspn(type, " ");

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if (strlen(local[i]) == n && strncmp(local[i], type, n) == 0)
			return true;
	return false;
}

/* "36 25 0:31 / /mnt rw - tmpfs tmpfs rw", with blanks as \040. */
static void mark_line(struct opens *o, char *line)
{
	char *type = strstr(line, " - "), *at = line, *out;

	for (int i = 0; i < 4 && at; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!type || !at || at > type || !is_local(type + 3))
		return;
	at[strcspn(at, " ")] = 0;
	out = at;
	for (const char *in = at; *in; in++) {
		if (in[0] == '\\' && strlen(in) >= 4) {
			*out++ = (char)((in[1] - '0') << 6 |
					(in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = 0;
	(void)fanotify_mark(o->fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
		FAN_OPEN_EXEC, AT_FDCWD, at);
}

static void mark_mounts(struct opens *o)
{
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	char *text, *line;
	int n = 0;

	buf_init(&b, MOUNTINFO_BYTES);
	if (o->mounts < 0 || lseek(o->mounts, 0, SEEK_SET) < 0 ||
		io_slurp(AT_FDCWD, "/proc/self/mountinfo", &b, &why) < 0)
		return;
	text = buf_string(&b, &why);
	while (text && n++ < TAKE_MOUNTS_MAX && (line = strsep(&text, "\n")))
		mark_line(o, line);
}

void opens_init(struct opens *o)
{
	*o = (struct opens){ .fd = -1, .mounts = -1 };
	for (size_t i = 0; i < TAKE_PENDING_MAX; i++)
		o->v[i].fd = -1;
	o->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
		O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME);
	if (o->fd < 0) {
		(void)err_sys(&o->why, "fanotify");
		return;
	}
	o->mounts =
		io_open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0, &o->why);
	mark_mounts(o);
}

void opens_done(struct opens *o)
{
	for (size_t i = 0; i < TAKE_PENDING_MAX; i++)
		if (o->v[i].fd >= 0)
			(void)close(o->v[i].fd);
	if (o->mounts >= 0)
		(void)close(o->mounts);
	if (o->fd >= 0)
		(void)close(o->fd);
}

static void keep(struct opens *o, int fd, struct take_counters *counters)
{
	struct opened *free_one = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return;
	}
	for (size_t i = 0; i < TAKE_PENDING_MAX; i++) {
		struct opened *v = &o->v[i];

		if (v->fd < 0) {
			free_one = free_one ? free_one : v;
		} else if (v->dev == st.st_dev && v->inode == st.st_ino) {
			(void)close(fd);
			v->since_ns = clock_ns(CLOCK_MONOTONIC);
			return;
		}
	}
	if (!free_one) {
		counters->overflows++;
		(void)close(fd);
		return;
	}
	*free_one = (struct opened){ .fd = fd,
		.dev = st.st_dev,
		.inode = st.st_ino,
		.since_ns = clock_ns(CLOCK_MONOTONIC) };
}

static void let_go(struct opens *o)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < TAKE_PENDING_MAX; i++)
		if (o->v[i].fd >= 0 &&
			now - o->v[i].since_ns >
				TAKE_PENDING_SECONDS * 1000000000ULL) {
			(void)close(o->v[i].fd);
			o->v[i].fd = -1;
		}
}

static void look_at_mounts(struct opens *o)
{
	struct pollfd p = { .fd = o->mounts, .events = POLLPRI };
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (now - o->looked_ns < MOUNTS_EVERY_NS)
		return;
	o->looked_ns = now;
	let_go(o);
	if (poll(&p, 1, 0) > 0 && p.revents & POLLPRI)
		mark_mounts(o);
}

void opens_read(struct opens *o, struct take_counters *counters)
{
	_Alignas(struct fanotify_event_metadata) char queue[QUEUE_BYTES];
	ssize_t n;

	if (o->fd < 0)
		return;
	look_at_mounts(o);
	while ((n = read(o->fd, queue, sizeof(queue))) > 0) {
		const char *at = queue;

		/* The kernel aligns each of them. */
		for (;;) {
			const struct fanotify_event_metadata *m =
				(const void *)at;

			if (!FAN_EVENT_OK(m, n))
				break;
			at += m->event_len;
			n -= m->event_len;
			if (m->mask & FAN_Q_OVERFLOW)
				counters->overflows++;
			if (m->fd >= 0)
				keep(o, m->fd, counters);
		}
	}
}

int opens_find(struct opens *o, dev_t dev, ino_t inode)
{
	for (size_t i = 0; i < TAKE_PENDING_MAX; i++)
		if (o->v[i].fd >= 0 && o->v[i].dev == dev &&
			o->v[i].inode == inode)
			return TAKE_FD(o->v[i].fd);
	return -1;
}

void opens_ignore(struct opens *o, int fd)
{
	unsigned flags = FAN_MARK_ADD | FAN_MARK_IGNORED_MASK;
	char path[64];

	if (o->fd < 0 || fd < 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (o->ignored++ == TAKE_IGNORED_MAX) {
		o->ignored = 0;
		(void)fanotify_mark(o->fd, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);
	}
	if (fanotify_mark(o->fd, flags | FAN_MARK_EVICTABLE, FAN_OPEN_EXEC,
		    AT_FDCWD, path) < 0)
		(void)fanotify_mark(o->fd, flags, FAN_OPEN_EXEC, AT_FDCWD, path);
}
