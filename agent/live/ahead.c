// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "live/ahead.h"
#include "live/hand.h"
#include "live/task.h"
#include "live/timed.h"

/* One reader's process. */
struct job {
	struct detail detail;
	struct live_task task;
	int proc;
	unsigned want;
	int result;
	struct err why;
};

struct seat {
	struct hand *hand; /* NULL = nobody sits there */
	struct job *job; /* the hand's */
	struct live_task task;
};

struct ahead {
	struct seat seats[AHEAD_THREADS];
	unsigned first; /* the seat that was asked first */
	unsigned asked;
	int proc;
	unsigned want;
	unsigned stuck;
	struct timed *timed;
	struct detail detail; /* read file by file */
};

static void work(void *arg)
{
	struct job *j = arg;

	j->result = detail_read(
		&j->detail, NULL, j->proc, &j->task, j->want, &j->why);
}

static void release(void *arg)
{
	struct job *j = arg;

	if (j->proc >= 0)
		(void)close(j->proc);
	detail_done(&j->detail);
	free(j);
}

static int hire(struct ahead *a, struct seat *seat, struct err *e)
{
	static const struct hand_ops ops = { work, release };
	struct job *j = calloc(1, sizeof(*j));
	int r = 0;

	if (!j)
		return err_set(e, -ENOMEM, "no memory for a reader");
	detail_init(&j->detail);
	j->want = a->want;
	/* Its own, since it may outlive the caller's. */
	j->proc = fcntl(a->proc, F_DUPFD_CLOEXEC, 0);
	if (j->proc < 0)
		r = err_sys(e, "open /proc");
	if (r == 0)
		r = hand_new(&seat->hand, &ops, j, e);
	if (r < 0)
		release(j);
	else
		seat->job = j;
	return r;
}

int ahead_new(struct ahead **ret, int proc, unsigned want, struct err *e)
{
	struct ahead *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return err_set(e, -ENOMEM, "no memory for readers");
	a->proc = proc;
	a->want = want;
	detail_init(&a->detail);
	r = timed_new(&a->timed, DETAIL_WAIT_NS, e);
	if (r < 0)
		ahead_free(a);
	else
		*ret = a;
	return r;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	for (unsigned i = 0; i < AHEAD_THREADS; i++)
		hand_free(a->seats[i].hand);
	timed_free(a->timed);
	detail_done(&a->detail);
	free(a);
}

bool ahead_ask(struct ahead *a, const struct live_task *t)
{
	struct seat *seat = &a->seats[(a->first + a->asked) % AHEAD_THREADS];
	struct err why = { 0 };

	if (a->asked == AHEAD_THREADS)
		return false;
	a->asked++;
	seat->task = *t;
	/* Without a reader it is read when it is taken. */
	if (!seat->hand && (a->proc < 0 || a->stuck == TIMED_STUCK_MAX ||
				   hire(a, seat, &why) < 0))
		return true;
	seat->job->task = *t;
	hand_start(seat->hand);
	return true;
}

static int read_slowly(struct detail **ret, struct ahead *a,
	const struct live_task *t, struct err *e)
{
	*ret = &a->detail;
	return detail_read(&a->detail, a->timed, a->proc, t, a->want, e);
}

int ahead_take(struct detail **ret, struct ahead *a, struct err *e)
{
	struct seat *seat = &a->seats[a->first];
	struct job *j = seat->job;

	assert(a->asked);
	a->first = (a->first + 1) % AHEAD_THREADS;
	a->asked--;
	if (!seat->hand)
		return read_slowly(ret, a, &seat->task, e);
	if (!hand_wait(seat->hand, DETAIL_WAIT_NS)) {
		hand_free(TAKE_PTR(seat->hand));
		a->stuck++;
		return read_slowly(ret, a, &seat->task, e);
	}
	if (j->result < 0)
		return err_set(e, j->result, "%s", j->why.msg);
	*ret = &j->detail;
	return 0;
}
