// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "coredump/cgroup.h"
#include "coredump/freeze.h"

enum { CGROUP_BYTES = 16 << 10, STATE_BYTES = 4096, POLL_MS = 5 };

/* How a hierarchy is told to freeze, and how it says that it has. */
struct freezer {
	const char *file;
	const char *frozen; /* what is written there */
	const char *thawed;
	const char *state;
	const char *is_frozen; /* a line of it */
};

static const struct freezer v2 = { "cgroup.freeze", "1", "0", "cgroup.events",
	"frozen 1\n" };
static const struct freezer v1 = { "freezer.state", "FROZEN", "THAWED",
	"freezer.state", "FROZEN\n" };

struct frozen_cgroup {
	const struct freezer *by;
	char *path; /* below the hierarchy, to know it again */
	int dir;
	int control; /* where frozen and thawed are written */
	bool was_frozen; /* by somebody else, who may thaw it */
};

struct freeze {
	struct frozen_cgroup v[FREEZE_CGROUPS_MAX];
	size_t n;
	pid_t keeper;
	int leash; /* when it closes, the keeper thaws */
};

/* Where a process can be frozen; ${text} holds the path. */
static int cgroup_of(struct cgroup_place *ret, struct buf *text,
	const char *proc, const char *pid, struct err *e)
{
	char path[4096];
	char *s;
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s/cgroup", proc, pid);
	buf_init(text, CGROUP_BYTES);
	r = io_slurp(AT_FDCWD, path, text, e);
	if (r < 0)
		return r;
	s = buf_string(text, e);
	return s ? cgroup_parse(ret, s, e) : -EFBIG;
}

static bool is_known(const struct freeze *f, const struct cgroup_place *at)
{
	const struct freezer *by = at->is_v1 ? &v1 : &v2;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].by == by && strcmp(f->v[i].path, at->path) == 0)
			return true;
	return false;
}

static bool stands_still(const struct frozen_cgroup *c)
{
	AUTO_BUF struct buf b = { 0 };
	const char *text;

	buf_init(&b, STATE_BYTES);
	if (io_slurp(c->dir, c->by->state, &b, NULL) < 0)
		return false;
	text = buf_string(&b, NULL);
	return text && strstr(text, c->by->is_frozen);
}

static int open_cgroup(struct freeze *f, const char *cgroups,
	const struct cgroup_place *at, struct err *e)
{
	const struct freezer *by = at->is_v1 ? &v1 : &v2;
	struct frozen_cgroup *c = &f->v[f->n];
	char full[8192];

	if (f->n == FREEZE_CGROUPS_MAX)
		return err_set(e, -E2BIG, "they are in more than %d cgroups",
			FREEZE_CGROUPS_MAX);
	*c = (struct frozen_cgroup){ .by = by, .dir = -1, .control = -1 };
	/* Beside hierarchies of v1 that of v2 has a directory of its own. */
	for (size_t i = 0; c->dir < 0 && i < 2; i++) {
		(void)snprintf(full, sizeof(full), "%s%s/%s", cgroups,
			at->is_v1 ? "/freezer"
			: i	  ? "/unified"
				  : "",
			at->path);
		c->dir = io_open(AT_FDCWD, full, O_RDONLY | O_DIRECTORY, 0, e);
	}
	if (c->dir < 0)
		return c->dir;
	c->control = io_open(c->dir, by->file, O_WRONLY, 0, e);
	c->path = c->control < 0 ? NULL : strdup(at->path);
	if (!c->path) {
		int r = c->control < 0 ? c->control
				       : err_set(e, -ENOMEM, "no memory");

		if (c->control >= 0)
			(void)close(c->control);
		(void)close(c->dir);
		return r;
	}
	c->was_frozen = stands_still(c);
	f->n++;
	return 0;
}

static int add_process(struct freeze *f, const char *proc, const char *cgroups,
	uint32_t pid, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf own_text = { 0 };
	struct cgroup_place at = { 0 }, own = { 0 };
	char name[16];
	int r;

	(void)snprintf(name, sizeof(name), "%u", pid);
	r = cgroup_of(&at, &text, proc, name, e);
	if (r == 0)
		r = cgroup_of(&own, &own_text, proc, "self", e);
	if (r < 0)
		return r;
	if (!at.path[0] ||
		(at.is_v1 == own.is_v1 && cgroup_is_within(own.path, at.path)))
		return err_set(e, -EBUSY,
			"process %u shares its cgroup '/%.200s' with %s", pid,
			at.path, at.path[0] ? "the agent" : "all others");
	return is_known(f, &at) ? 0 : open_cgroup(f, cgroups, &at, e);
}

/* After fork(): only what may be called in a signal handler. */
static void keep_and_thaw(const struct freeze *f, int leash, int ms)
{
	struct pollfd p = { .fd = leash, .events = POLLIN };

	/* Signals are blocked: it returns when the leash closes, or in time. */
	(void)poll(&p, 1, ms);
	for (size_t i = 0; i < f->n; i++) {
		const struct frozen_cgroup *c = &f->v[i];

		/* One that is gone has nobody in it to thaw. */
		if (!c->was_frozen && write(c->control, c->by->thawed,
					      strlen(c->by->thawed)) < 0)
			continue;
	}
	_exit(0);
}

static int start_keeper(struct freeze *f, unsigned seconds, struct err *e)
{
	sigset_t all, old;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	/* What ends the agent in order must not end its keeper before. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	f->keeper = fork();
	if (f->keeper == 0) {
		(void)close(ends[1]);
		keep_and_thaw(f, ends[0], (int)seconds * 1000);
	}
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	(void)close(ends[0]);
	f->leash = ends[1];
	return f->keeper < 0 ? err_sys(e, "start who thaws") : 0;
}

bool freeze_holds(const struct freeze *f)
{
	for (size_t i = 0; f && i < f->n; i++)
		if (!stands_still(&f->v[i]))
			return false;
	return f;
}

static int freeze_all(struct freeze *f, struct err *e)
{
	uint64_t until =
		clock_ns(CLOCK_MONOTONIC) + (uint64_t)FREEZE_WAIT_MS * 1000000;

	for (size_t i = 0; i < f->n; i++) {
		const struct frozen_cgroup *c = &f->v[i];
		int r = c->was_frozen ? 0
				      : io_write(c->control, c->by->frozen,
						strlen(c->by->frozen), e);

		if (r < 0)
			return err_wrap(e, r, "freeze cgroup '%.200s'", c->path);
	}
	while (!freeze_holds(f)) {
		if (clock_ns(CLOCK_MONOTONIC) >= until)
			return err_set(e, -ETIMEDOUT,
				"not all processes stood still within %d ms",
				FREEZE_WAIT_MS);
		(void)poll(NULL, 0, POLL_MS);
	}
	return 0;
}

/* The error that led here is the one to tell. */
static void abandon(struct freeze *f)
{
	int r = freeze_end(f, NULL);

	(void)r;
}

int freeze_begin(struct freeze **ret, const uint32_t *pids, size_t n,
	const struct freeze_config *config, struct err *e)
{
	const char *proc = config->proc ? config->proc : "/proc";
	const char *cgroups =
		config->cgroups ? config->cgroups : "/sys/fs/cgroup";
	struct freeze *f = calloc(1, sizeof(*f));
	int r = 0;

	if (!f)
		return err_set(e, -ENOMEM, "no memory to freeze");
	f->leash = f->keeper = -1;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_process(f, proc, cgroups, pids[i], e);
	if (r == 0)
		r = start_keeper(f, config->seconds, e);
	if (r == 0)
		r = freeze_all(f, e);
	if (r == 0)
		*ret = f;
	else
		abandon(f);
	return r;
}

int freeze_end(struct freeze *f, struct err *e)
{
	int r = 0, status = 0;

	if (!f)
		return 0;
	if (f->leash >= 0)
		(void)close(f->leash);
	while (f->keeper > 0 && waitpid(f->keeper, &status, 0) < 0)
		if (errno != EINTR)
			break;
	for (size_t i = 0; i < f->n; i++) {
		if (f->keeper > 0 && !f->v[i].was_frozen && stands_still(&f->v[i]))
			r = err_set(e, -EIO, "cgroup '%.200s' is still frozen",
				f->v[i].path);
		free(f->v[i].path);
		(void)close(f->v[i].dir);
		(void)close(f->v[i].control);
	}
	free(f);
	return r;
}
