// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "unit/source_talk.h"
#include "unit/unit.h"

enum { STEP_MS = 20 };

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static void *run(void *arg)
{
	struct talk *t = arg;

	t->r = t->kind->run(t->settings, t->feed, &t->e);
	return NULL;
}

void talk_begin(
	struct talk *t, const struct trigger_kind *kind, const void *settings)
{
	*t = (struct talk){ .kind = kind, .settings = settings };
	assert_ok(kind->check ? kind->check(settings, &t->e) : 0, &t->e);
	assert_ok(bell_new(&t->bell, &t->e), &t->e);
	assert_ok(bell_feed(&t->feed, t->bell, kind->name, &t->e), &t->e);
	assert_int_equal(pthread_create(&t->thread, NULL, run, t), 0);
}

unsigned talk_end(struct talk *t)
{
	uint64_t began = now_ms();

	bell_end(t->bell);
	(void)pthread_join(t->thread, NULL);
	bell_free(t->bell);
	assert_ok(t->r, &t->e);
	return (unsigned)(now_ms() - began);
}

static bool begins(const char *text, const char *part)
{
	return strncmp(text, part, strlen(part)) == 0;
}

/* A message, or false when there is none for so long. */
static bool next(struct talk *t, struct bell_message *ret, int ms)
{
	struct pollfd p = { .fd = bell_fd(t->bell), .events = POLLIN };

	(void)poll(&p, 1, ms);
	return bell_next(t->bell, ret);
}

static char *find(struct talk *t, const char *key)
{
	for (size_t i = 0; i < TALK_RINGING_MAX; i++)
		if (strcmp(t->ringing[i], key) == 0)
			return t->ringing[i];
	return NULL;
}

static bool again(struct talk *t, const struct bell_message *m)
{
	return m->what == BELL_RING && find(t, m->event.key);
}

static void note(struct talk *t, const struct bell_message *m)
{
	char *at = find(t, m->event.key);

	t->last = *m;
	if (m->what == BELL_GONE && at)
		*at = 0;
	if (m->what != BELL_RING || at)
		return;
	at = find(t, "");
	assert_non_null(at);
	(void)snprintf(at, TRIGGER_KEY_CHARS, "%s", m->event.key);
}

void talk_expect(struct talk *t, enum bell_what what, const char *key,
	const char *reason)
{
	uint64_t end = now_ms() + (uint64_t)TALK_SECONDS * 1000;
	struct bell_message m;

	while (now_ms() < end) {
		if (!next(t, &m, STEP_MS))
			continue;
		if (m.what == what && begins(m.event.key, key) &&
			begins(m.event.reason, reason)) {
			note(t, &m);
			return;
		}
		if (!again(t, &m))
			fail_msg("%d '%s' '%s' instead of %d '%s' '%s'", m.what,
				m.event.key, m.event.reason, what, key, reason);
	}
	fail_msg("no message %d '%s' '%s'", what, key, reason);
}

void talk_state(struct talk *t, enum feed_state state, const char *part)
{
	uint64_t end = now_ms() + (uint64_t)TALK_SECONDS * 1000;
	struct feed_line lines[BELL_FEEDS_MAX];

	do {
		assert_int_equal(bell_lines(t->bell, lines), 1);
		if (lines[0].state == state && strstr(lines[0].text, part))
			return;
		(void)poll(NULL, 0, STEP_MS);
	} while (now_ms() < end);
	fail_msg("%s '%s' instead of %s '%s'", feed_state_name(lines[0].state),
		lines[0].text, feed_state_name(state), part);
}

void talk_quiet(struct talk *t, bool (*enough)(void *arg), void *arg)
{
	uint64_t end = now_ms() + (uint64_t)TALK_SECONDS * 1000;
	struct bell_message m;

	while (!enough(arg)) {
		if (now_ms() > end)
			fail_msg("it does not look any more");
		if (next(t, &m, STEP_MS) && !again(t, &m))
			fail_msg("%d '%s' '%s' out of nothing", m.what,
				m.event.key, m.event.reason);
	}
}
