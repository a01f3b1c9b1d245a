// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "trigger/bell.h"

enum { REFUSED_KEYS_MAX = 64 };

struct feed {
	struct bell *bell;
	struct feed_line line;
	int fd; /* there is a report, or the watch ends */
	struct trigger_report reports[BELL_REPORTS_MAX];
	size_t first, n;
	/* Refused and not gone; the oldest is forgotten. */
	char refused[REFUSED_KEYS_MAX][TRIGGER_KEY_CHARS];
	size_t refused_n;
};

struct bell {
	pthread_mutex_t lock;
	int fd; /* there is a message */
	struct bell_message queue[BELL_QUEUE_MAX];
	size_t first, n;
	struct feed *feeds[BELL_FEEDS_MAX];
	size_t feeds_n;
	bool ends;
	int (*tell)(void *arg, struct buf *ret, struct err *e);
	void *tell_arg;
	struct recorder *recorder;
};

static void set(int fd)
{
	(void)eventfd_write(fd, 1);
}

static void clear(int fd)
{
	eventfd_t v;

	(void)eventfd_read(fd, &v);
}

static void put_text(char *ret, size_t cap, const char *text)
{
	(void)snprintf(ret, cap, "%s", text);
}

/* Under the lock. */
static bool same(const struct bell_message *a, const struct bell_message *b)
{
	return a->what == b->what && a->feed == b->feed &&
	       strcmp(a->event.key, b->event.key) == 0 &&
	       strcmp(a->event.order, b->event.order) == 0;
}

static struct bell_message *queued(struct bell *b, size_t i)
{
	return &b->queue[(b->first + i) % BELL_QUEUE_MAX];
}

static void take_out(struct bell *b, size_t at)
{
	b->n--;
	for (; at < b->n; at++)
		*queued(b, at) = *queued(b, at + 1);
}

/*
 * What waits already, with nothing of the same key after it, need not wait
 * twice; and of what comes and goes and comes, the first and the last are
 * enough: a flapping label leaves room for others.
 */
static bool waits(struct bell *b, const struct bell_message *m)
{
	size_t at[3], n = 0;

	for (size_t i = b->n; i-- > 0 && n < ARRAY_LEN(at);) {
		const struct bell_message *q = queued(b, i);

		if (q->feed == m->feed && strcmp(q->event.key, m->event.key) == 0)
			at[n++] = i;
	}
	if (n && same(queued(b, at[0]), m))
		return true;
	if (n < ARRAY_LEN(at) || !same(queued(b, at[1]), m))
		return false;
	take_out(b, at[0]);
	return true;
}

static void put(struct feed *f, const struct bell_message *m)
{
	struct bell *b = f->bell;

	(void)pthread_mutex_lock(&b->lock);
	if (m->what == BELL_RING)
		f->line.rung++;
	if (!waits(b, m)) {
		if (b->n == BELL_QUEUE_MAX) {
			f->line.dropped++;
		} else {
			*queued(b, b->n++) = *m;
			set(b->fd);
		}
	}
	(void)pthread_mutex_unlock(&b->lock);
}

void feed_ring(struct feed *f, const struct trigger_event *ev)
{
	struct bell_message m = { .what = BELL_RING, .feed = f, .event = *ev };

	m.event.seen_realtime_ns = clock_ns(CLOCK_REALTIME);
	m.event.seen_boot_ns = clock_ns(CLOCK_BOOTTIME);
	put(f, &m);
}

static size_t find_refused(const struct feed *f, const char *key)
{
	size_t i = 0;

	while (i < f->refused_n && strcmp(f->refused[i], key) != 0)
		i++;
	return i;
}

static void drop_refused(struct feed *f, size_t at)
{
	f->refused_n--;
	memmove(f->refused[at], f->refused[at + 1],
		(f->refused_n - at) * sizeof(f->refused[0]));
}

void feed_gone(struct feed *f, const char *key)
{
	struct bell_message m = { .what = BELL_GONE, .feed = f };
	size_t at;

	m.event.seen_realtime_ns = clock_ns(CLOCK_REALTIME);
	put_text(m.event.key, sizeof(m.event.key), key);
	(void)pthread_mutex_lock(&f->bell->lock);
	at = find_refused(f, key);
	if (at < f->refused_n)
		drop_refused(f, at);
	(void)pthread_mutex_unlock(&f->bell->lock);
	put(f, &m);
}

void feed_refuse(struct feed *f, const char *key, const char *fmt, ...)
{
	struct bell_message m = { .what = BELL_REFUSE, .feed = f };
	bool known;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(m.event.reason, sizeof(m.event.reason), fmt, ap);
	va_end(ap);
	put_text(m.event.key, sizeof(m.event.key), key);
	m.event.seen_realtime_ns = clock_ns(CLOCK_REALTIME);
	(void)pthread_mutex_lock(&f->bell->lock);
	known = find_refused(f, m.event.key) < f->refused_n;
	if (!known) {
		if (f->refused_n == REFUSED_KEYS_MAX)
			drop_refused(f, 0);
		put_text(f->refused[f->refused_n++], TRIGGER_KEY_CHARS,
			m.event.key);
		f->line.refused++;
	}
	(void)pthread_mutex_unlock(&f->bell->lock);
	if (!known)
		put(f, &m);
}

void feed_tell(struct feed *f, enum feed_state state, const char *fmt, ...)
{
	va_list ap;

	(void)pthread_mutex_lock(&f->bell->lock);
	f->line.state = state;
	va_start(ap, fmt);
	(void)vsnprintf(f->line.text, sizeof(f->line.text), fmt, ap);
	va_end(ap);
	(void)pthread_mutex_unlock(&f->bell->lock);
}

bool feed_ends(struct feed *f)
{
	bool ends;

	(void)pthread_mutex_lock(&f->bell->lock);
	ends = f->bell->ends;
	(void)pthread_mutex_unlock(&f->bell->lock);
	return ends;
}

bool feed_sleep(struct feed *f, unsigned ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	(void)poll(&p, 1, (int)(ms < INT32_MAX ? ms : INT32_MAX));
	return feed_ends(f);
}

int feed_fd(const struct feed *f)
{
	return f->fd;
}

bool feed_report(struct feed *f, struct trigger_report *ret)
{
	bool found;

	(void)pthread_mutex_lock(&f->bell->lock);
	found = f->n > 0;
	if (found) {
		*ret = f->reports[f->first];
		f->reports[f->first].text = NULL;
		f->first = (f->first + 1) % BELL_REPORTS_MAX;
		f->n--;
	}
	if (!f->n && !f->bell->ends)
		clear(f->fd);
	(void)pthread_mutex_unlock(&f->bell->lock);
	return found;
}

int feed_status(struct feed *f, struct buf *ret, struct err *e)
{
	struct bell *b = f->bell;

	if (!b->tell)
		return err_set(e, -ENOENT, "no status");
	return b->tell(b->tell_arg, ret, e);
}

int bell_new(struct bell **ret, struct err *e)
{
	struct bell *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(e, -ENOMEM, "no memory for triggers");
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->fd < 0) {
		free(b);
		return err_sys(e, "make an event");
	}
	(void)pthread_mutex_init(&b->lock, NULL);
	*ret = b;
	return 0;
}

void bell_end(struct bell *b)
{
	(void)pthread_mutex_lock(&b->lock);
	b->ends = true;
	for (size_t i = 0; i < b->feeds_n; i++)
		set(b->feeds[i]->fd);
	(void)pthread_mutex_unlock(&b->lock);
}

static void free_feed(struct feed *f)
{
	struct trigger_report report;

	while (feed_report(f, &report))
		free(report.text);
	(void)close(f->fd);
	free(f);
}

void bell_free(struct bell *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->feeds_n; i++)
		free_feed(b->feeds[i]);
	(void)close(b->fd);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

int bell_feed(struct feed **ret, struct bell *b, const char *name, struct err *e)
{
	struct feed *f;

	if (b->feeds_n == BELL_FEEDS_MAX)
		return err_set(e, -E2BIG, "more than %d trigger sources",
			BELL_FEEDS_MAX);
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_set(e, -ENOMEM, "no memory for a trigger source");
	f->bell = b;
	f->line.name = name;
	f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->fd < 0) {
		free(f);
		return err_sys(e, "make an event");
	}
	(void)pthread_mutex_lock(&b->lock);
	b->feeds[b->feeds_n++] = f;
	(void)pthread_mutex_unlock(&b->lock);
	*ret = f;
	return 0;
}

void bell_status(struct bell *b,
	int (*tell)(void *arg, struct buf *ret, struct err *e), void *arg)
{
	b->tell = tell;
	b->tell_arg = arg;
}

void bell_recorder(struct bell *b, struct recorder *recorder)
{
	b->recorder = recorder;
}

struct recorder *feed_recorder(struct feed *f)
{
	return f->bell->recorder;
}

int bell_fd(const struct bell *b)
{
	return b->fd;
}

bool bell_next(struct bell *b, struct bell_message *ret)
{
	bool found;

	(void)pthread_mutex_lock(&b->lock);
	found = b->n > 0;
	if (found) {
		*ret = b->queue[b->first];
		b->first = (b->first + 1) % BELL_QUEUE_MAX;
		b->n--;
	}
	if (!b->n)
		clear(b->fd);
	(void)pthread_mutex_unlock(&b->lock);
	return found;
}

uint64_t bell_host_goes(struct bell *b)
{
	uint64_t soonest = 0;

	(void)pthread_mutex_lock(&b->lock);
	for (size_t i = 0; i < b->n; i++) {
		const struct trigger_event *ev = &queued(b, i)->event;

		if (ev->flags & TRIGGER_LAST_GASP && ev->gone_realtime_ns &&
			(!soonest || ev->gone_realtime_ns < soonest))
			soonest = ev->gone_realtime_ns;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return soonest;
}

void feed_answer(struct feed *f, const char *key, enum trigger_stage stage,
	const char *text)
{
	struct trigger_report report = { .stage = stage };

	put_text(report.key, sizeof(report.key), key);
	report.text = text ? strdup(text) : NULL;
	(void)pthread_mutex_lock(&f->bell->lock);
	/* The oldest goes: whoever does not look for so long has ended. */
	if (f->n == BELL_REPORTS_MAX) {
		free(f->reports[f->first].text);
		f->first = (f->first + 1) % BELL_REPORTS_MAX;
		f->n--;
	}
	f->reports[(f->first + f->n++) % BELL_REPORTS_MAX] = report;
	set(f->fd);
	(void)pthread_mutex_unlock(&f->bell->lock);
}

size_t bell_lines(struct bell *b, struct feed_line ret[BELL_FEEDS_MAX])
{
	size_t n;

	(void)pthread_mutex_lock(&b->lock);
	n = b->feeds_n;
	for (size_t i = 0; i < n; i++)
		ret[i] = b->feeds[i]->line;
	(void)pthread_mutex_unlock(&b->lock);
	return n;
}

const char *feed_name(const struct feed *f)
{
	return f->line.name;
}

const char *feed_state_name(enum feed_state state)
{
	static const char *const names[] = {
		[FEED_STARTING] = "starting",
		[FEED_WAITING] = "waiting",
		[FEED_AWAY] = "away",
		[FEED_UNUSABLE] = "unusable",
	};

	return names[state];
}
