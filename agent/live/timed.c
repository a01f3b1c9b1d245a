// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "live/hand.h"
#include "live/timed.h"

enum { STEP_BYTES = 64 << 10 };

/* What a hand reads. */
struct job {
	int dir;
	char name[TIMED_NAME_CHARS];
	uint64_t offset;
	struct buf text;
	int result;
	struct err why;
};

struct timed {
	struct hand *hand; /* NULL = none yet */
	struct job *job; /* the hand's */
	uint64_t wait_ns;
	unsigned stuck;
};

/* One read() each time: what /proc gives in pieces of a page comes so. */
static int read_all(int dir, const char *name, uint64_t offset, struct buf *ret,
	struct err *e)
{
	AUTO_CLOSE int fd = io_open(dir, name, O_RDONLY, 0, e);

	if (fd < 0)
		return fd;
	if (offset && lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return err_sys(e, "seek in %s", name);
	while (ret->len < ret->max) {
		size_t left = ret->max - ret->len;
		size_t step = left < STEP_BYTES ? left : STEP_BYTES;
		uint8_t *room;
		ssize_t n;
		int r = buf_reserve(ret, &room, step, e);

		if (r < 0)
			return r;
		n = io_read(fd, room, step, e);
		if (n < 0)
			return (int)n;
		ret->len += (size_t)n;
		if ((size_t)n < step)
			return 0;
	}
	return 1;
}

static void work(void *arg)
{
	struct job *j = arg;

	j->result = read_all(j->dir, j->name, j->offset, &j->text, &j->why);
}

static void release(void *arg)
{
	struct job *j = arg;

	if (j->dir >= 0)
		(void)close(j->dir);
	buf_done(&j->text);
	free(j);
}

static int hire(struct timed *t, struct err *e)
{
	static const struct hand_ops ops = { work, release };
	struct job *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return err_set(e, -ENOMEM, "no memory for a reader");
	j->dir = -1;
	r = hand_new(&t->hand, &ops, j, e);
	if (r < 0) {
		release(j);
		return r;
	}
	t->job = j;
	return 0;
}

int timed_new(struct timed **ret, uint64_t wait_ns, struct err *e)
{
	struct timed *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(e, -ENOMEM, "no memory for a reader");
	t->wait_ns = wait_ns;
	*ret = t;
	return 0;
}

void timed_free(struct timed *t)
{
	if (!t)
		return;
	hand_free(t->hand);
	free(t);
}

static int ask(struct timed *t, int dir, const char *name, uint64_t offset,
	struct buf *ret, struct err *e)
{
	struct job *j = t->job;

	j->dir = dir;
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	j->offset = offset;
	j->text = *ret;
	j->why = (struct err){ 0 };
	hand_start(t->hand);
	if (!hand_wait(t->hand, t->wait_ns)) {
		hand_free(TAKE_PTR(t->hand));
		t->stuck++;
		buf_init(ret, ret->max);
		return err_set(e, -ETIMEDOUT, "%s does not answer", name);
	}
	*ret = j->text;
	j->text = (struct buf){ 0 };
	(void)close(TAKE_FD(j->dir));
	return j->result < 0 ? err_set(e, j->result, "%s", j->why.msg)
			     : j->result;
}

int timed_read(struct timed *t, int dirfd, const char *name, uint64_t offset,
	struct buf *ret, struct err *e)
{
	int dir, r = 0;

	if (!t)
		return read_all(dirfd, name, offset, ret, e);
	if (t->stuck >= TIMED_STUCK_MAX)
		return err_set(e, -ETIMEDOUT,
			"%s not asked: %d others do not answer", name,
			TIMED_STUCK_MAX);
	if (!t->hand)
		r = hire(t, e);
	if (!t->hand)
		return r;
	/* Its own, since it may outlive the caller's. */
	dir = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	if (dir < 0)
		return err_sys(e, "open %s", name);
	return ask(t, dir, name, offset, ret, e);
}
