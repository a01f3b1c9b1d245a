// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "trigger/bell.h"
#include "trigger/poll.h"

enum { FIRST_BACK_OFF_MS = 250, TEXT_CHARS = 160 };

/* How a part is. */
struct part {
	enum feed_state state;
	char text[TEXT_CHARS];
	unsigned back_off_ms; /* 0 = it answers */
	uint64_t due_ms;
};

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

static void look(struct part *p, const struct poll_part *what, struct feed *f,
	void *source, unsigned ms)
{
	struct err e = { 0 };
	int r = what->look(source, f, &e);
	unsigned first = ms > FIRST_BACK_OFF_MS ? ms : FIRST_BACK_OFF_MS;

	if (r == 0) {
		*p = (struct part){ .state = FEED_WAITING };
		p->due_ms = now_ms() + ms;
		return;
	}
	p->state = r == -ENOENT || r == -EACCES ? FEED_UNUSABLE : FEED_AWAY;
	(void)snprintf(
		p->text, sizeof(p->text), "%.30s: %.120s", what->name, e.msg);
	p->back_off_ms = p->back_off_ms ? p->back_off_ms * 2 : first;
	if (p->back_off_ms > POLL_BACK_OFF_MS)
		p->back_off_ms = POLL_BACK_OFF_MS;
	p->due_ms = now_ms() + p->back_off_ms;
}

/* The source is as well as the best of its parts; the others say why not. */
static void tell(struct feed *f, const struct part *parts, size_t n)
{
	enum feed_state best = FEED_UNUSABLE;
	char text[BELL_TEXT_CHARS] = "";
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].state < best)
			best = parts[i].state;
		if (parts[i].text[0] && at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
				"%s%s", at ? "; " : "", parts[i].text);
	}
	feed_tell(f, best, "%s", text);
}

/* Until the watch ends or so many ms are over; reports wake it, and go. */
static bool pause_ms(struct feed *f, uint64_t until_ms)
{
	struct trigger_report report;
	uint64_t now;

	do {
		now = now_ms();
		if (feed_sleep(f, until_ms > now ? (unsigned)(until_ms - now) : 0))
			return true;
		while (feed_report(f, &report))
			free(report.text);
	} while (now_ms() < until_ms);
	return false;
}

void poll_run(struct feed *f, const struct poll_part *parts, size_t n,
	void *source, unsigned ms)
{
	struct part states[POLL_PARTS_MAX] = { 0 };
	uint64_t due;

	do {
		due = UINT64_MAX;
		for (size_t i = 0; i < n && !feed_ends(f); i++) {
			if (states[i].due_ms <= now_ms())
				look(&states[i], &parts[i], f, source, ms);
			if (states[i].due_ms < due)
				due = states[i].due_ms;
		}
		tell(f, states, n);
	} while (!pause_ms(f, due));
}
