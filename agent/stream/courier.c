// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/err.h"
#include "evidence/hash.h"
#include "stream/courier.h"
#include "stream/journal.h"

enum {
	MS = 1000000, /* in nanoseconds */
	NAP_MS = 250, /* how soon an interruption is noticed */
	TELL_CHARS = 1400,
	/* So many new tickets in a row are taken at their word. */
	QUIET_RENEWALS = 2,
};

static const uint64_t SECOND = 1000000000; /* in nanoseconds */
static const uint64_t TELL_AGAIN_NS = 60000000000;

struct courier {
	struct courier_config config;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t back; /* the sink took something */
	uint64_t away_since; /* 0 = it is not away */
	uint64_t told; /* when it was last said that it is */
	uint64_t probe_at; /* while spooling: when to try the sink again */
	bool spooling;
	bool refused; /* the sink will take nothing more */
	uint64_t ends; /* 0 = not interrupted */
	struct courier_stats stats;
	pthread_mutex_t telling;
};

/* One object on its way. */
struct parcel {
	const struct sink_object *object;
	struct sink_try tried;
	uint64_t began; /* the first try */
	uint64_t try_began;
	unsigned tries;
	unsigned renewals; /* of its ticket */
	struct err why; /* the last one failed */
};

static uint64_t now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void tell(struct courier *c, const char *text)
{
	if (!c->config.tell)
		return;
	pthread_mutex_lock(&c->telling);
	c->config.tell(text);
	pthread_mutex_unlock(&c->telling);
}

int courier_new(struct courier **ret, const struct courier_config *config,
	struct err *e)
{
	struct courier *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (!c)
		return err_set(e, -ENOMEM, "no memory for the uploader");
	c->config = *config;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->telling, NULL);
	pthread_cond_init(&c->back, &attr);
	pthread_condattr_destroy(&attr);
	*ret = c;
	return 0;
}

void courier_free(struct courier *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->back);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->telling);
	free(c);
}

void courier_stats(struct courier *c, struct courier_stats *ret)
{
	pthread_mutex_lock(&c->lock);
	*ret = c->stats;
	if (c->away_since)
		ret->away_ns += now() - c->away_since;
	pthread_mutex_unlock(&c->lock);
}

/* The sink took it. */
static void arrived(struct courier *c, const struct parcel *p)
{
	uint64_t away = 0;
	char text[TELL_CHARS];

	pthread_mutex_lock(&c->lock);
	c->stats.sent++;
	c->stats.sent_bytes += p->object->len;
	c->stats.were_there += p->tried.was_there;
	if (c->away_since) {
		away = now() - c->away_since;
		c->stats.away_ns += away;
		c->away_since = 0;
		pthread_cond_broadcast(&c->back);
	}
	c->spooling = false;
	pthread_mutex_unlock(&c->lock);
	if (!away)
		return;
	(void)snprintf(text, sizeof(text),
		"the sink is back after %.1f s: %s sent at try %u%s",
		(double)away / 1e9, p->object->name, p->tries,
		p->tried.was_there ? " (it was there already)" : "");
	tell(c, text);
}

/* It did not: since when it is away, and that it is said now and then. */
static void away(struct courier *c, const struct parcel *p, bool ticket)
{
	uint64_t t = now();
	char text[TELL_CHARS];
	bool say;

	pthread_mutex_lock(&c->lock);
	c->stats.retries++;
	if (p->tried.maybe_there)
		c->stats.resent_bytes += p->object->len;
	if (!c->away_since)
		c->away_since = p->try_began;
	say = !c->told || t - c->told > TELL_AGAIN_NS || c->told < c->away_since;
	if (say)
		c->told = t;
	pthread_mutex_unlock(&c->lock);
	if (!say)
		return;
	(void)snprintf(text, sizeof(text), "%s after %.1f s, %s: %s",
		ticket ? "a new ticket is needed" : "the sink is away",
		(double)(t - p->try_began) / 1e9,
		c->config.spool ? "then the spool takes over"
				: "the capture waits",
		p->why.msg);
	tell(c, text);
}

/* When waiting ends in any case; noticed from the first interruption on. */
static uint64_t end_of_waiting(struct courier *c)
{
	uint64_t ends;

	pthread_mutex_lock(&c->lock);
	if (!c->ends && c->config.interrupted && *c->config.interrupted)
		c->ends = now() + COURIER_GRACE_SECONDS * SECOND;
	ends = c->ends;
	pthread_mutex_unlock(&c->lock);
	return ends ? ends : UINT64_MAX;
}

/* Sleep, but for what the sink does for another object, and for an end. */
static void wait_ns(struct courier *c, uint64_t ns)
{
	uint64_t until = now() + ns, t;

	while ((t = now()) < until && t < end_of_waiting(c)) {
		uint64_t nap = until - t > (uint64_t)NAP_MS * MS
				       ? t + (uint64_t)NAP_MS * MS
				       : until;
		struct timespec at = clock_timespec(nap);
		bool back;

		pthread_mutex_lock(&c->lock);
		if (c->away_since)
			(void)pthread_cond_timedwait(&c->back, &c->lock, &at);
		back = !c->away_since;
		pthread_mutex_unlock(&c->lock);
		if (back)
			return;
	}
}

/* How long to wait for the next try: not past what is to happen instead. */
static uint64_t backoff_ns(const struct courier *c, const struct parcel *p)
{
	uint64_t rest = c->config.patience_ns, waited = now() - p->began;

	uint64_t most = COURIER_BACKOFF_MIN_MS;
	uint32_t chance = 0;
	uint64_t ns;

	for (unsigned i = 1; i < p->tries && most < COURIER_BACKOFF_MAX_MS; i++)
		most *= 2;
	if (most > COURIER_BACKOFF_MAX_MS)
		most = COURIER_BACKOFF_MAX_MS;
	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = UINT32_MAX / 2;
	/* In microseconds, which fit. */
	ns = (most * 1000 * chance >> 32) * 1000;
	if (ns < p->tried.retry_after_seconds * SECOND)
		ns = p->tried.retry_after_seconds * SECOND;
	rest = rest > waited ? rest - waited : UINT64_MAX;
	return ns < rest ? ns : rest;
}

/* Whether this object may try the sink, or goes to the spool at once. */
static bool may_try(struct courier *c)
{
	bool may = true;

	pthread_mutex_lock(&c->lock);
	if (c->refused) {
		may = false;
	} else if (c->spooling) {
		may = now() >= c->probe_at;
		if (may)
			c->probe_at = now() + (uint64_t)COURIER_PROBE_MS * MS;
	}
	pthread_mutex_unlock(&c->lock);
	return may;
}

/* Room in the spool, taken; small objects may use its reserve. */
static bool take_room(struct courier *c, size_t len)
{
	uint64_t max = c->config.spool_max_bytes;
	bool room;

	if (len > COURIER_SMALL_BYTES)
		max = max > COURIER_RESERVE_BYTES ? max - COURIER_RESERVE_BYTES
						  : 0;
	pthread_mutex_lock(&c->lock);
	room = c->stats.spooled_bytes + len <= max;
	if (room)
		c->stats.spooled_bytes += len;
	pthread_mutex_unlock(&c->lock);
	return room;
}

/* The sink may have it all the same: a later push will know that it was us. */
static void remember(const struct courier *c, const struct sink_object *o)
{
	int fd = sink_directory_fd(c->config.spool);
	struct journal *j = NULL;
	uint8_t sha256[HASH_BYTES];

	if (fd < 0 || hash_bytes(sha256, o->data, o->len, NULL) < 0 ||
		journal_open(&j, fd, sink_location(c->config.sink), NULL) < 0)
		return;
	journal_note(j, JOURNAL_TRIED, o->name, sha256);
	journal_close(j);
}

/* 0: it lies in the spool; -ENOSPC: there is no room. */
static int to_spool(struct courier *c, struct parcel *p)
{
	struct sink_try t = { 0 };
	int r;

	if (!take_room(c, p->object->len))
		return err_set(&p->why, -ENOSPC,
			"the spool is full, and the sink away");
	r = sink_put(c->config.spool, p->object, &t, &p->why);
	if (r == 0 && p->tried.maybe_there)
		remember(c, p->object);
	pthread_mutex_lock(&c->lock);
	if (r == 0)
		c->stats.spooled++;
	else
		c->stats.spooled_bytes -= p->object->len;
	if (r == 0 && !c->spooling) {
		c->spooling = true;
		c->probe_at = now() + (uint64_t)COURIER_PROBE_MS * MS;
	}
	pthread_mutex_unlock(&c->lock);
	if (r < 0)
		(void)err_wrap(&p->why, r, "spool");
	return r;
}

/* Time to do something else about it. */
static bool patience_over(struct courier *c, const struct parcel *p)
{
	uint64_t waited = now() - p->began, most = c->config.patience_ns;
	bool first;

	pthread_mutex_lock(&c->lock);
	first = !c->stats.sent && !c->stats.spooled;
	pthread_mutex_unlock(&c->lock);
	if (!c->config.spool && first && c->config.first_ns < most)
		most = c->config.first_ns;
	return waited >= most;
}

/* One try.  0: done; 1: try again, after waiting as long as is right. */
static int try_once(struct courier *c, struct parcel *p)
{
	int r;

	p->try_began = now();
	if (!p->tries++ && !p->renewals)
		p->began = p->try_began;
	r = sink_put(c->config.sink, p->object, &p->tried, &p->why);
	if (r == 0) {
		arrived(c, p);
		return 0;
	}
	if (r == -EKEYEXPIRED) {
		struct err why = { 0 };

		r = sink_renew(c->config.sink, &p->tried, &why);
		if (r == 0) {
			pthread_mutex_lock(&c->lock);
			c->stats.tickets++;
			pthread_mutex_unlock(&c->lock);
			if (p->renewals++ < QUIET_RENEWALS) {
				p->tries--;
				return 1;
			}
			/* New, and no better: as if there were none. */
			away(c, p, true);
			wait_ns(c, backoff_ns(c, p));
			return 1;
		}
		if (r == -EAGAIN) {
			away(c, p, true);
			wait_ns(c, (uint64_t)COURIER_TICKET_MS * MS);
			return 1;
		}
		(void)err_wrap(&p->why, r, "%.400s", why.msg);
	}
	if (r != -EAGAIN)
		return r;
	away(c, p, false);
	wait_ns(c, backoff_ns(c, p));
	return 1;
}

/* The sink will not have it; with a spool that is the end of the sink. */
static int refused(struct courier *c, struct parcel *p, int r, struct err *e)
{
	char text[TELL_CHARS];
	bool first;

	if (!c->config.spool)
		return err_set(e, r, "%s", p->why.msg);
	pthread_mutex_lock(&c->lock);
	first = !c->refused;
	c->refused = true;
	pthread_mutex_unlock(&c->lock);
	(void)snprintf(text, sizeof(text),
		"the sink refuses, the spool takes over: %s", p->why.msg);
	if (first)
		tell(c, text);
	r = to_spool(c, p);
	return r < 0 ? err_set(e, r, "%s", p->why.msg) : 0;
}

static bool is_refused(struct courier *c)
{
	bool yes;

	pthread_mutex_lock(&c->lock);
	yes = c->refused;
	pthread_mutex_unlock(&c->lock);
	return yes;
}

/* 0: in the spool; 1: no room, and the sink may yet be back. */
static int spool_instead(
	struct courier *c, struct parcel *p, bool late, struct err *e)
{
	int r = to_spool(c, p);

	if (r == 0)
		return 0;
	if (late || is_refused(c))
		return err_set(e, r, "%s", p->why.msg);
	away(c, p, false);
	wait_ns(c, backoff_ns(c, p));
	return 1;
}

int courier_put(struct courier *c, const struct sink_object *o, struct err *e)
{
	struct parcel p = { .object = o,
		.tried = { .maybe_there = o->tried_before },
		.began = now() };
	int r = 1;

	while (r > 0) {
		bool late = p.tries && now() >= end_of_waiting(c);
		bool tries = !late && may_try(c);

		r = tries ? try_once(c, &p) : 1;
		if (r < 0)
			r = refused(c, &p, r, e);
		if (r <= 0)
			break;
		late = now() >= end_of_waiting(c);
		if (c->config.spool && (late || !tries || patience_over(c, &p)))
			r = spool_instead(c, &p, late, e);
		else if (late || patience_over(c, &p))
			r = err_set(e, -ETIMEDOUT,
				"the sink stayed away for %.0f s: %s",
				(double)(now() - p.began) / 1e9, p.why.msg);
	}
	return r;
}
