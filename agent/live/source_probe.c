// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "live/procfs.h"
#include "live/source_internal.h"

enum {
	IDS_MAX = 1 << 22, /* PID_MAX_LIMIT */
	FORKS_ROOM = 1024, /* for those since they were counted */
	STAT_BYTES = 4 << 20, /* of /proc/stat: a line for each processor */
};

struct probe_live {
	struct live_source base;
	int fd; /* of /proc, plus one; 0 = none */
	unsigned hz;
	uint8_t asked[IDS_MAX / 8]; /* a bit for each id to ask for */
};

static int probe_open(struct live_source *s, struct err *e)
{
	struct probe_live *p = (struct probe_live *)s;
	long hz = sysconf(_SC_CLK_TCK);
	int fd = io_open(AT_FDCWD, s->config.proc, O_RDONLY | O_DIRECTORY, 0, e);

	if (fd < 0)
		return fd;
	p->fd = fd + 1;
	p->hz = hz > 0 && hz <= 1000000000 ? (unsigned)hz : 100;
	return 0;
}

static void probe_close(struct live_source *s)
{
	struct probe_live *p = (struct probe_live *)s;

	if (p->fd)
		(void)close(p->fd - 1);
}

/* The number after ${key} in a file; UINT64_MAX where it is not told. */
static uint64_t told(int proc, const char *name, const char *key)
{
	AUTO_BUF struct buf b = { 0 };
	const char *text, *at;
	char digits[24];
	uint64_t v;

	buf_init(&b, STAT_BYTES);
	if (io_slurp(proc, name, &b, NULL) < 0)
		return UINT64_MAX;
	text = buf_string(&b, NULL);
	at = text ? strstr(text, key) : NULL;
	if (!at)
		return UINT64_MAX;
	at += strlen(key);
	(void)snprintf(digits, sizeof(digits), "%.*s",
		(int)strspn(at, "0123456789"), at);
	return num_u64(&v, digits, NULL) < 0 ? UINT64_MAX : v;
}

/* No id was given out from here on: ids go up one by one until they begin
 * anew at the maximum. */
static uint32_t end_of_ids(const struct probe_live *p)
{
	uint64_t max = told(p->fd - 1, "sys/kernel/pid_max", "");
	uint64_t forks = told(p->fd - 1, "stat", "\nprocesses ");

	if (max > IDS_MAX)
		max = IDS_MAX;
	if (forks < max && forks + FORKS_ROOM < max)
		max = forks + FORKS_ROOM;
	return (uint32_t)max;
}

/* What /proc says under a name that it need not list. */
static void describe(struct probe_live *p, struct live_task *t)
{
	AUTO_BUF struct buf b = { 0 };
	struct live_task own = *t;
	char name[32];

	buf_init(&b, PROCFS_TEXT_BYTES);
	(void)snprintf(name, sizeof(name), "%u/stat", t->tid);
	if (io_slurp(p->fd - 1, name, &b, NULL) < 0 || !b.len ||
		procfs_stat(&own, (const char *)b.data, b.len, p->hz, NULL) < 0)
		return;
	*t = own;
	b.len = 0;
	(void)snprintf(name, sizeof(name), "%u/status", t->tid);
	if (io_slurp(p->fd - 1, name, &b, NULL) < 0 || !b.len)
		return;
	procfs_status(t, (const char *)b.data, b.len);
	t->pid = procfs_tgid((const char *)b.data, b.len, t->pid);
}

static void mark(struct probe_live *p, const struct live_tasks *ts, int asked)
{
	for (size_t i = 0; i < ts->n; i++) {
		uint32_t id = ts->v[i].tid;
		uint8_t bit = (uint8_t)(1u << id % 8);

		if (id >= IDS_MAX)
			continue;
		if (asked)
			p->asked[id / 8] |= bit;
		else
			p->asked[id / 8] &= (uint8_t)~bit;
	}
}

/* All ids but those that are told; or those that are asked for. */
static void choose(struct probe_live *p, const struct live_tasks *into)
{
	memset(p->asked, into->only ? 0 : 0xff, sizeof(p->asked));
	if (into->only)
		mark(p, into->only, 1);
	else
		mark(p, into, 0);
}

static int probe_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct probe_live *p = (struct probe_live *)s;
	uint32_t end = end_of_ids(p);
	uint64_t lost = into->lost;
	int r = 0;

	choose(p, into);
	seen->first_ns = clock_ns(CLOCK_MONOTONIC);
	for (uint32_t id = 1; r == 0 && id < end; id++) {
		struct live_task t = {
			.pid = id, .tid = id, .seen_by = LIVE_BY_PROBE
		};

		if (!(p->asked[id / 8] >> id % 8 & 1) ||
			(kill((pid_t)id, 0) < 0 && errno != EPERM))
			continue;
		t.seen_ns = clock_ns(CLOCK_MONOTONIC);
		describe(p, &t);
		if (!live_wants(&s->config, t.pid))
			continue;
		seen->tasks++;
		r = live_tasks_see(into, &t, e);
	}
	seen->last_ns = clock_ns(CLOCK_MONOTONIC);
	seen->lost = into->lost - lost;
	return r;
}

const struct live_ops live_probe_ops = {
	.bytes = sizeof(struct probe_live),
	.open = probe_open,
	.close = probe_close,
	.tasks = probe_tasks,
};
