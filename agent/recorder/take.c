// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "base/io.h"
#include "bpf/recorder.h"
#include "recorder/take_internal.h"

enum { PIECE_BYTES = 64 << 10, TMPFS_MAGIC = 0x01021994 };

struct entry {
	struct taken t; /* .fd is of the entry, .path points at path */
	uint64_t ctime_s;
	uint32_t next_page; /* of pages that the programs copied */
	char path[RECORDER_FILENAME_BYTES];
};

struct take {
	struct opens opens;
	struct take_counters counters;
	struct entry v[TAKE_FILES_MAX];
	size_t n;
	uint64_t copied_bytes; /* of all copies */
	bool lent;
	struct taken out[TAKE_FILES_MAX];
	struct taken_list list;
	uint8_t piece[PIECE_BYTES];
};

/* What tells one file from another. */
struct who {
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	uint64_t size;
	uint64_t ctime_s;
};

int take_new(struct take **ret, struct err *e)
{
	struct take *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(e, -ENOMEM, "no memory to take executables");
	opens_init(&t->opens);
	*ret = t;
	return 0;
}

static void forget(struct take *t, size_t i)
{
	struct entry *x = &t->v[i];

	if (x->t.fd >= 0)
		(void)close(x->t.fd);
	if (x->t.how == TAKEN_COPIED)
		t->copied_bytes -= x->t.copied_bytes;
	*x = t->v[--t->n];
	x->t.path = x->path;
}

void take_free(struct take *t)
{
	if (!t)
		return;
	while (t->n)
		forget(t, t->n - 1);
	opens_done(&t->opens);
	free(t);
}

int take_fd(const struct take *t)
{
	return t->opens.fd;
}

const char *take_why_not(const struct take *t)
{
	return t->opens.why.msg;
}

const struct take_counters *take_counters(const struct take *t)
{
	return &t->counters;
}

static struct entry *find(struct take *t, const struct who *w)
{
	for (size_t i = 0; i < t->n; i++) {
		struct entry *x = &t->v[i];

		if (x->t.inode == w->inode && x->t.major == w->major &&
			x->t.minor == w->minor && x->ctime_s == w->ctime_s &&
			x->t.size_bytes == w->size)
			return x;
	}
	return NULL;
}

/* Room for another; NULL = all are lent out. */
static struct entry *add(
	struct take *t, const struct who *w, const struct recorder_head *h)
{
	size_t oldest = 0;
	struct entry *x;

	if (t->n == TAKE_FILES_MAX) {
		t->counters.evicted++;
		if (t->lent)
			return NULL;
		for (size_t i = 1; i < t->n; i++)
			if (t->v[i].t.last_boot_ns < t->v[oldest].t.last_boot_ns)
				oldest = i;
		forget(t, oldest);
	}
	t->counters.taken++;
	x = &t->v[t->n++];
	*x = (struct entry){ .ctime_s = w->ctime_s };
	x->t = (struct taken){ .fd = -1,
		.how = TAKEN_COPIED,
		.major = w->major,
		.minor = w->minor,
		.inode = w->inode,
		.size_bytes = w->size,
		.first_boot_ns = h->boot_ns,
		.pid = h->pid,
		.start_boot_ns = h->start_boot_ns,
		.path = x->path,
		.why_not = "it was gone, and its pages were not copied" };
	return x;
}

static int copy_to(const struct entry *x)
{
	int fd = memfd_create("taken", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)x->t.size_bytes) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool has_room(const struct take *t, const struct entry *x)
{
	return x->t.size_bytes <= TAKE_FILE_BYTES &&
	       t->copied_bytes + x->t.size_bytes <= TAKE_COPY_BYTES;
}

/* Copy all of ${from}; return whether it was. */
static bool copy_file(struct take *t, struct entry *x, int from)
{
	AUTO_CLOSE int to = copy_to(x);
	uint64_t at = 0;
	ssize_t n = 1;

	while (to >= 0 && n > 0 && at < x->t.size_bytes) {
		n = io_pread(from, t->piece, sizeof(t->piece), at, NULL);
		if (n > 0 && io_pwrite(to, t->piece, (size_t)n, at, NULL) < 0)
			n = -1;
		at += n > 0 ? (uint64_t)n : 0;
	}
	if (to < 0 || at != x->t.size_bytes)
		return false;
	x->t.fd = TAKE_FD(to);
	x->t.how = TAKEN_COPIED;
	x->t.copied_bytes = at;
	t->copied_bytes += at;
	return true;
}

/* ${fd}, which it takes, is that file: copy it, or hold it open. */
static void keep_file(struct take *t, struct entry *x, int fd)
{
	if (x->t.fd >= 0) { /* a part of a copy */
		(void)close(TAKE_FD(x->t.fd));
		t->copied_bytes -= x->t.copied_bytes;
		x->t.copied_bytes = 0;
	}
	x->t.why_not = NULL;
	x->next_page = UINT32_MAX;
	if (has_room(t, x) && copy_file(t, x, fd)) {
		(void)close(fd);
		return;
	}
	x->t.fd = fd;
	x->t.how = TAKEN_HELD;
}

/* The process may be another one by now, with the same id. */
static int open_exe(const struct recorder_exec *r)
{
	AUTO_CLOSE int fd = -1;
	char path[32];
	struct stat st;

	if (r->magic != TMPFS_MAGIC || !r->head.pid)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/%u/exe", r->head.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOATIME);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != r->inode ||
		st.st_dev != makedev(r->major, r->minor) ||
		(uint64_t)st.st_size != r->size)
		return -1;
	return TAKE_FD(fd);
}

static unsigned reasons_of(uint32_t exe)
{
	static const struct {
		uint32_t bit;
		unsigned reason;
	} table[] = {
		{ RECORDER_EXE_MEMFD, TAKEN_MEMFD },
		{ RECORDER_EXE_DELETED, TAKEN_DELETED },
		{ RECORDER_EXE_TMPFS, TAKEN_WRITABLE_PLACE },
		{ RECORDER_EXE_WRITABLE, TAKEN_WRITABLE_PLACE },
		{ RECORDER_EXE_UPPER, TAKEN_UPPER_LAYER },
	};
	unsigned reasons = 0;

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		reasons |= exe & table[i].bit ? table[i].reason : 0;
	return reasons;
}

void take_opened(struct take *t)
{
	opens_read(&t->opens, &t->counters);
}

void take_executed(struct take *t, const void *record, size_t len)
{
	const struct recorder_exec *r = record;
	struct entry *x;
	struct who w;
	int fd;

	if (len < offsetof(struct recorder_exec, text))
		return;
	w = (struct who){ r->major, r->minor, r->inode, r->size, r->ctime_s };
	fd = opens_find(&t->opens, makedev(r->major, r->minor), r->inode);
	opens_ignore(&t->opens, fd);
	if (!reasons_of(r->exe)) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	x = find(t, &w);
	if (!x)
		x = add(t, &w, &r->head);
	if (!x) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	if (!x->path[0] && r->filename_bytes &&
		r->filename_bytes <= sizeof(x->path) &&
		len >= offsetof(struct recorder_exec, text) + r->filename_bytes)
		(void)snprintf(x->path, sizeof(x->path), "%.*s",
			r->filename_bytes - 1, r->text);
	x->t.times++;
	x->t.last_boot_ns = r->head.boot_ns;
	x->t.reasons |= reasons_of(r->exe);
	if (x->t.fd >= 0 && (x->t.how == TAKEN_HELD ||
				    x->t.copied_bytes == x->t.size_bytes)) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	fd = fd < 0 ? open_exe(r) : fd;
	if (fd >= 0)
		keep_file(t, x, fd);
}

void take_page(struct take *t, const void *record, size_t len)
{
	const struct recorder_page *p = record;
	struct entry *x;
	uint64_t at, n;
	struct who w;

	if (len < sizeof(*p))
		return;
	w = (struct who){ p->major, p->minor, p->inode, p->size, p->ctime_s };
	x = find(t, &w);
	x = x ? x : add(t, &w, &p->head);
	if (!x || p->index != x->next_page)
		return;
	at = (uint64_t)p->index * RECORDER_PAGE_BYTES;
	if (at >= x->t.size_bytes || (x->t.fd < 0 && !has_room(t, x)))
		return;
	if (x->t.fd < 0)
		x->t.fd = copy_to(x);
	n = x->t.size_bytes - at;
	n = n > RECORDER_PAGE_BYTES ? RECORDER_PAGE_BYTES : n;
	if (x->t.fd < 0 || io_pwrite(x->t.fd, p->data, n, at, NULL) < 0)
		return;
	x->t.why_not = NULL;
	x->next_page++;
	x->t.copied_bytes = at + n;
	t->copied_bytes += n;
}

const struct taken_list *take_list(struct take *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->out[i] = t->v[i].t;
	t->list = (struct taken_list){ t->out, t->n };
	t->lent = true;
	return &t->list;
}

void take_give_back(struct take *t)
{
	t->lent = false;
}
