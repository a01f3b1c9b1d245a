// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "live/timed.h"

enum { STEP_BYTES = 64 << 10 };

enum state { IDLE, ASKED, DONE, QUIT };

/* One thread, and what it is asked; the last of the two to let go frees it. */
struct hand {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int refs;
	enum state state;
	int dir;
	char name[TIMED_NAME_CHARS];
	uint64_t offset;
	struct buf text;
	int result;
	struct err why;
};

struct timed {
	struct hand *hand; /* NULL = none yet */
	uint64_t wait_ns;
	unsigned stuck;
};

static void let_go(struct hand *h)
{
	bool last;

	pthread_mutex_lock(&h->lock);
	last = --h->refs == 0;
	pthread_mutex_unlock(&h->lock);
	if (!last)
		return;
	if (h->dir >= 0)
		(void)close(h->dir);
	buf_done(&h->text);
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

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

static void *serve(void *arg)
{
	struct hand *h = arg;

	pthread_mutex_lock(&h->lock);
	while (h->state != QUIT) {
		int r;

		if (h->state != ASKED) {
			pthread_cond_wait(&h->changed, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		r = read_all(h->dir, h->name, h->offset, &h->text, &h->why);
		pthread_mutex_lock(&h->lock);
		h->result = r;
		if (h->state == ASKED)
			h->state = DONE;
		pthread_cond_broadcast(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	let_go(h);
	return NULL;
}

static int init_locks(struct hand *h)
{
	pthread_condattr_t attr;
	int r;

	if (pthread_condattr_init(&attr))
		return -ENOMEM;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	r = pthread_cond_init(&h->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (r)
		return -ENOMEM;
	(void)pthread_mutex_init(&h->lock, NULL);
	return 0;
}

static int hire(struct timed *t, struct err *e)
{
	struct hand *h = calloc(1, sizeof(*h));
	pthread_t thread;
	int r;

	if (!h || init_locks(h) < 0) {
		free(h);
		return err_set(e, -ENOMEM, "no memory for a reader");
	}
	h->dir = -1;
	h->refs = 2;
	r = pthread_create(&thread, NULL, serve, h);
	if (r) {
		h->refs = 1;
		let_go(h);
		errno = r;
		return err_sys(e, "start a reader");
	}
	(void)pthread_detach(thread);
	t->hand = h;
	return 0;
}

static void dismiss(struct timed *t)
{
	struct hand *h = TAKE_PTR(t->hand);

	pthread_mutex_lock(&h->lock);
	h->state = QUIT;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
	let_go(h);
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
	if (t->hand)
		dismiss(t);
	free(t);
}

/* False when the deadline passed first. */
static bool wait_for(struct hand *h, uint64_t wait_ns)
{
	struct timespec until =
		clock_timespec(clock_ns(CLOCK_MONOTONIC) + wait_ns);
	int r = 0;

	while (h->state == ASKED && r == 0)
		r = pthread_cond_timedwait(&h->changed, &h->lock, &until);
	return h->state != ASKED;
}

static int ask(struct timed *t, int dir, const char *name, uint64_t offset,
	struct buf *ret, struct err *e)
{
	struct hand *h = t->hand;
	bool in_time;
	int r;

	pthread_mutex_lock(&h->lock);
	h->dir = dir;
	(void)snprintf(h->name, sizeof(h->name), "%s", name);
	h->offset = offset;
	h->text = *ret;
	h->why = (struct err){ 0 };
	h->state = ASKED;
	pthread_cond_broadcast(&h->changed);
	in_time = wait_for(h, t->wait_ns);
	r = h->result;
	if (in_time) {
		*ret = h->text;
		h->text = (struct buf){ 0 };
		h->dir = -1;
		if (r < 0)
			(void)err_set(e, r, "%s", h->why.msg);
		h->state = IDLE;
	}
	pthread_mutex_unlock(&h->lock);
	if (in_time) {
		(void)close(dir);
		return r;
	}
	dismiss(t);
	t->stuck++;
	buf_init(ret, ret->max);
	return err_set(e, -ETIMEDOUT, "%s does not answer", name);
}

int timed_read(struct timed *t, int dirfd, const char *name, uint64_t offset,
	struct buf *ret, struct err *e)
{
	int dir, r = 0;

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
