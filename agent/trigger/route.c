// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "trigger/bell.h"
#include "trigger/route.h"

enum {
	ENDS_MAX = TRIGGER_WORDS_MAX + 1,
	HOST_CHARS = 64,
};

struct end {
	struct sockaddr_storage at;
	socklen_t len;
};

/* "1.2.3.4:443", "[::1]:443". */
static int parse_end(struct end *ret, const char *text, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	struct addrinfo *found = NULL;
	char host[HOST_CHARS];

	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (!n || n >= sizeof(host))
		return err_set(e, -EINVAL, "'%.80s' is no ADDRESS:PORT", text);
	(void)snprintf(host, sizeof(host), "%.*s", (int)n, text);
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return err_set(
			e, -EINVAL, "'%.80s' is no numeric ADDRESS:PORT", text);
	memcpy(&ret->at, found->ai_addr, found->ai_addrlen);
	ret->len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

struct look {
	struct pollfd p[ENDS_MAX];
	bool reached[ENDS_MAX];
	size_t n;
};

static void begin(struct look *l, const struct end *end)
{
	int fd = socket(end->at.ss_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	l->reached[l->n] =
		fd >= 0 &&
		connect(fd, (const struct sockaddr *)&end->at, end->len) == 0;
	l->p[l->n++] = (struct pollfd){ .fd = fd, .events = POLLOUT };
}

/* Refused is reached, too: something answered. */
static void finish(struct look *l, size_t i)
{
	socklen_t len = sizeof(int);
	int why = 0;

	if (getsockopt(l->p[i].fd, SOL_SOCKET, SO_ERROR, &why, &len) == 0)
		l->reached[i] = why == 0 || why == ECONNREFUSED;
	(void)close(l->p[i].fd);
	l->p[i].fd = -1;
}

static bool waits(const struct look *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i].fd >= 0)
			return true;
	return false;
}

static void look(
	struct look *l, const struct end *ends, size_t n, uint32_t timeout_ms)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + timeout_ms * 1000000ULL;
	uint64_t now;

	l->n = 0;
	for (size_t i = 0; i < n; i++)
		begin(l, &ends[i]);
	while (waits(l) && (now = clock_ns(CLOCK_MONOTONIC)) < until) {
		(void)poll(l->p, l->n, (int)((until - now) / 1000000) + 1);
		for (size_t i = 0; i < l->n; i++)
			if (l->p[i].fd >= 0 && l->p[i].revents)
				finish(l, i);
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i].fd >= 0)
			(void)close(l->p[i].fd);
}

struct watcher {
	const struct trigger_route_settings *set;
	struct feed *feed;
	struct end ends[ENDS_MAX]; /* the evidence's is the last one */
	size_t n;
	unsigned lost; /* looks in a row without any of them */
	bool was_there; /* one of them, since the last trigger */
};

static void judge(struct watcher *w, const struct look *l)
{
	bool evidence = !w->set->evidence || l->reached[w->n - 1];
	struct trigger_event ev = { .key = "isolated" };
	size_t reached = 0, all = w->set->reachable.n;

	for (size_t i = 0; i < all; i++)
		reached += l->reached[i];
	if (reached) {
		if (w->lost >= w->set->rounds)
			feed_gone(w->feed, ev.key);
		w->lost = 0;
		w->was_there = true;
		feed_tell(w->feed, FEED_WAITING, "%zu of %zu reached", reached,
			all);
		return;
	}
	if (!evidence) {
		feed_tell(w->feed, FEED_AWAY,
			"nothing is reached, the evidence's endpoint neither");
		return;
	}
	w->lost++;
	feed_tell(w->feed, FEED_WAITING, "none of %zu reached, %u times", all,
		w->lost);
	/* What never was reached is no loss: a wrong address is no trigger. */
	if (w->lost < w->set->rounds || !w->was_there)
		return;
	(void)snprintf(ev.reason, sizeof(ev.reason),
		"isolated: none of %zu addresses is reached%s", all,
		w->set->evidence ? ", the evidence's endpoint is" : "");
	feed_ring(w->feed, &ev);
}

static int parse_ends(struct watcher *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->set->reachable.n; i++)
		r = parse_end(&w->ends[w->n++], w->set->reachable.v[i], e);
	if (r == 0 && w->set->evidence)
		r = parse_end(&w->ends[w->n++], w->set->evidence, e);
	return r;
}

static int check(const void *settings, struct err *e)
{
	struct watcher w = { .set = settings };

	if (!w.set->reachable.n)
		return err_set(e, -EINVAL,
			"nothing to lose: reachable = ADDRESS:PORT, ...");
	return parse_ends(&w, e);
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	struct watcher w = { .set = settings, .feed = f };
	struct trigger_report r;
	struct look l;
	int bad = parse_ends(&w, e);

	if (bad < 0)
		return bad;
	do {
		while (feed_report(f, &r))
			free(r.text);
		look(&l, w.ends, w.n, w.set->timeout_ms);
		judge(&w, &l);
	} while (!feed_sleep(f, w.set->poll_ms));
	return 0;
}

static const struct trigger_route_settings defaults = {
	.poll_ms = 5000,
	.timeout_ms = 2000,
	.rounds = 3,
};

#define AT(field) offsetof(struct trigger_route_settings, field)

static const struct trigger_key keys[] = {
	{ "reachable", TRIGGER_WORDS, AT(reachable), 0, 0 },
	{ "evidence", TRIGGER_TEXT, AT(evidence), 0, 0 },
	{ "poll-ms", TRIGGER_NUMBER, AT(poll_ms), 100, 3600000 },
	{ "timeout-ms", TRIGGER_NUMBER, AT(timeout_ms), 100, 30000 },
	{ "rounds", TRIGGER_NUMBER, AT(rounds), 1, 100 },
};

const struct trigger_kind trigger_route = {
	.name = "route",
	.settings_bytes = sizeof(struct trigger_route_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
