// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/io.h"
#include "binary/regular.h"
#include "binary/slow.h"
#include "live/hand.h"

enum { PAGE_BYTES = 4096, PAGES = SLOW_PIECE_BYTES / PAGE_BYTES };

/* What a hand does, and what it needs, which is its own. */
struct job {
	void (*call)(struct job *j);
	int fd; /* a duplicate of the caller's */
	char name[SLOW_NAME_CHARS];
	uint64_t offset;
	size_t len;
	unsigned how;
	struct stat st;
	int64_t result; /* negative: an errno, and why */
	int opened; /* what a call opened; -1 = nothing */
	struct err why;
	uint8_t *piece;
};

struct slow {
	struct hand *hand; /* NULL = none yet */
	struct job *job; /* the hand's */
	uint64_t wait_ns;
	unsigned stuck;
};

static void look(struct job *j)
{
	j->opened = regular_look(j->fd, j->name, &j->st, &j->why);
	j->result = j->opened < 0 ? j->opened : 0;
}

static void find(struct job *j)
{
	j->opened = regular_find(j->fd, j->name, &j->st, &j->why);
	j->result = j->opened < 0 ? j->opened : 0;
}

static void open_held(struct job *j)
{
	j->opened = regular_open(j->fd, j->how, &j->why);
	j->result = j->opened < 0 ? j->opened : 0;
	/* It is read in pieces that say themselves what comes next. */
	if (j->opened >= 0)
		(void)posix_fadvise(j->opened, 0, 0, POSIX_FADV_RANDOM);
}

static void stat_it(struct job *j)
{
	j->result = fstat(j->fd, &j->st) < 0 ? err_sys(&j->why, "stat") : 0;
}

static void seek(struct job *j)
{
	off_t at = lseek(j->fd, (off_t)j->offset, (int)j->how);

	if (at >= 0)
		j->result = at;
	else
		j->result = errno == ENXIO ? -ENXIO : err_sys(&j->why, "seek");
}

/* Which pages of the piece the page cache has already; what cannot be told
 * counts as there, and so stays. */
static void look_at_cache(const struct job *j, uint8_t ret[PAGES])
{
	void *p = mmap(
		NULL, j->len, PROT_READ, MAP_SHARED, j->fd, (off_t)j->offset);

	memset(ret, 1, PAGES);
	if (p == MAP_FAILED)
		return;
	if (mincore(p, j->len, ret) < 0)
		memset(ret, 1, PAGES);
	(void)munmap(p, j->len);
}

static void drop(const struct job *j, const uint8_t was[PAGES])
{
	size_t pages = (j->len + PAGE_BYTES - 1) / PAGE_BYTES;

	for (size_t i = 0, end; i < pages; i = end) {
		for (end = i + 1; end < pages; end++)
			if ((was[end] & 1) != (was[i] & 1))
				break;
		if (!(was[i] & 1))
			(void)posix_fadvise(j->fd,
				(off_t)(j->offset + i * PAGE_BYTES),
				(off_t)((end - i) * PAGE_BYTES),
				POSIX_FADV_DONTNEED);
	}
}

static void read_piece(struct job *j)
{
	int direct = fcntl(j->fd, F_GETFL) & O_DIRECT;
	uint8_t was[PAGES];

	if (!direct)
		look_at_cache(j, was);
	if (direct) /* once: what is behind a short count is not aligned */
		do
			j->result =
				pread(j->fd, j->piece, j->len, (off_t)j->offset);
		while (j->result < 0 && errno == EINTR);
	else
		j->result = io_pread(j->fd, j->piece, j->len, j->offset, &j->why);
	if (direct && j->result < 0)
		j->result = err_sys(&j->why, "read");
	if (!direct)
		drop(j, was);
}

static void work(void *arg)
{
	struct job *j = arg;

	j->call(j);
}

static void release(void *arg)
{
	struct job *j = arg;

	if (j->fd >= 0)
		(void)close(j->fd);
	if (j->opened >= 0)
		(void)close(j->opened);
	free(j->piece);
	free(j);
}

static int hire(struct slow *s, struct err *e)
{
	static const struct hand_ops ops = { work, release };
	struct job *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return err_set(e, -ENOMEM, "no memory for a reader");
	j->fd = j->opened = -1;
	r = hand_new(&s->hand, &ops, j, e);
	if (r < 0) {
		release(j);
		return r;
	}
	s->job = j;
	return 0;
}

int slow_new(struct slow **ret, uint64_t wait_ns, struct err *e)
{
	struct slow *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, -ENOMEM, "no memory for a reader");
	s->wait_ns = wait_ns;
	*ret = s;
	return 0;
}

void slow_free(struct slow *s)
{
	if (!s)
		return;
	hand_free(s->hand);
	free(s);
}

/* A job that works on a duplicate of ${fd}; NULL and ${r} when there is none. */
static struct job *prepare(struct slow *s, int *r, int fd, struct err *e)
{
	*r = 0;
	if (s->stuck >= SLOW_STUCK_MAX)
		*r = err_set(e, -ETIMEDOUT,
			"not asked: %d others do not answer", SLOW_STUCK_MAX);
	else if (!s->hand)
		*r = hire(s, e);
	if (*r < 0)
		return NULL;
	s->job->why = (struct err){ 0 };
	s->job->fd = fd == AT_FDCWD ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (s->job->fd != -1)
		return s->job;
	*r = err_sys(e, "duplicate a descriptor");
	return NULL;
}

/* Do it; 0 and what came of it, or -ETIMEDOUT. */
static int64_t perform(struct slow *s, void (*call)(struct job *j), struct err *e)
{
	struct job *j = s->job;

	j->call = call;
	hand_start(s->hand);
	if (!hand_wait(s->hand, s->wait_ns)) {
		hand_free(TAKE_PTR(s->hand));
		s->job = NULL;
		s->stuck++;
		return err_set(e, -ETIMEDOUT, "it does not answer");
	}
	if (j->fd >= 0)
		(void)close(j->fd);
	j->fd = -1;
	if (j->result < 0 && j->why.msg[0])
		(void)err_set(e, (int)j->result, "%s", j->why.msg);
	return j->result;
}

static int look_by(struct slow *s, void (*call)(struct job *j), int dirfd,
	const char *name, struct stat *st, struct err *e)
{
	int r;
	struct job *j = prepare(s, &r, dirfd, e);

	if (!j)
		return r;
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	r = (int)perform(s, call, e);
	if (r < 0)
		return r;
	*st = j->st;
	return TAKE_FD(j->opened);
}

int slow_look(struct slow *s, int dirfd, const char *name, struct stat *st,
	struct err *e)
{
	return look_by(s, look, dirfd, name, st, e);
}

int slow_find(struct slow *s, int rootfd, const char *path, struct stat *st,
	struct err *e)
{
	return look_by(s, find, rootfd, path, st, e);
}

int slow_open(struct slow *s, int held, unsigned how, struct err *e)
{
	int r;
	struct job *j = prepare(s, &r, held, e);

	if (!j)
		return r;
	j->how = how;
	r = (int)perform(s, open_held, e);
	return r < 0 ? r : TAKE_FD(j->opened);
}

int slow_stat(struct slow *s, int fd, struct stat *st, struct err *e)
{
	int r;
	struct job *j = prepare(s, &r, fd, e);

	if (!j)
		return r;
	r = (int)perform(s, stat_it, e);
	if (r == 0)
		*st = j->st;
	return r;
}

ssize_t slow_read(struct slow *s, const uint8_t **ret, int fd, uint64_t offset,
	size_t len, struct err *e)
{
	int r;
	struct job *j = prepare(s, &r, fd, e);
	int64_t got;

	if (!j)
		return r;
	/* Aligned for direct reads; one that is left behind need not have it. */
	if (!j->piece)
		j->piece = aligned_alloc(PAGE_BYTES, SLOW_PIECE_BYTES);
	if (!j->piece) {
		(void)close(TAKE_FD(j->fd));
		return err_set(e, -ENOMEM, "no memory for a reader");
	}
	j->offset = offset;
	j->len = len < SLOW_PIECE_BYTES ? len : SLOW_PIECE_BYTES;
	got = perform(s, read_piece, e);
	if (got >= 0)
		*ret = j->piece;
	return got;
}

int slow_data(struct slow *s, uint64_t *ret, int fd, uint64_t offset,
	int whence, struct err *e)
{
	int r;
	struct job *j = prepare(s, &r, fd, e);
	int64_t at;

	if (!j)
		return r;
	j->offset = offset;
	j->how = (unsigned)whence;
	at = perform(s, seek, e);
	if (at == -ENXIO)
		return 0;
	if (at < 0)
		return (int)at;
	*ret = (uint64_t)at;
	return 1;
}
