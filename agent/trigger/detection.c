// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "recorder/recorder.h"
#include "trigger/bell.h"
#include "trigger/detection.h"

enum { READ_BYTES = 256 << 10 };

static const struct {
	const char *name;
	uint32_t exe;
} executions[] = {
	{ "exec-memfd", RECORDER_EXE_MEMFD },
	{ "exec-deleted", RECORDER_EXE_DELETED },
	{ "exec-tmpfs", RECORDER_EXE_TMPFS },
	{ "exec-writable", RECORDER_EXE_WRITABLE },
	{ "exec-upper", RECORDER_EXE_UPPER },
};

struct detector {
	struct feed *feed;
	bool kinds[RECORDER_KINDS];
	uint32_t exe; /* any of these bits of an execution */
	uint32_t per_hour;
	uint64_t hour_began_ns;
	uint32_t this_hour;
	uint64_t held_back;
};

static int add(struct detector *d, const char *word, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(executions); i++)
		if (strcmp(executions[i].name, word) == 0) {
			d->exe |= executions[i].exe;
			return 0;
		}
	for (unsigned i = 0; i < RECORDER_KINDS; i++)
		if (recorder_kind_name(i) &&
			strcmp(recorder_kind_name(i), word) == 0) {
			d->kinds[i] = true;
			return 0;
		}
	return err_set(e, -EINVAL, "the recorder sees no '%.40s'", word);
}

static int add_all(struct detector *d,
	const struct trigger_detection_settings *set, struct err *e)
{
	int r = set->on.n ? 0
			  : err_set(e, -EINVAL,
				    "nothing to detect: on = exec-memfd, ...");

	for (size_t i = 0; r == 0 && i < set->on.n; i++)
		r = add(d, set->on.v[i], e);
	d->per_hour = set->per_hour;
	return r;
}

static bool may_ring(struct detector *d)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (!d->hour_began_ns || now - d->hour_began_ns > 3600000000000) {
		d->hour_began_ns = now;
		d->this_hour = 0;
	}
	if (d->this_hour < d->per_hour) {
		d->this_hour++;
		return true;
	}
	d->held_back++;
	return false;
}

static void see(struct detector *d, const uint8_t *record, size_t len)
{
	struct trigger_event ev = { 0 };
	struct recorder_head head;
	uint32_t exe = 0;

	memcpy(&head, record, sizeof(head));
	if (head.kind >= RECORDER_KINDS)
		return;
	if (head.kind == RECORDER_EXEC &&
		len >= offsetof(struct recorder_exec, exe) + sizeof(exe))
		memcpy(&exe, record + offsetof(struct recorder_exec, exe),
			sizeof(exe));
	if (!d->kinds[head.kind] && !(exe & d->exe))
		return;
	if (!may_ring(d))
		return;
	head.comm[sizeof(head.comm) - 1] = 0;
	(void)snprintf(ev.key, sizeof(ev.key), "%s-%u-%" PRIu64,
		recorder_kind_name(head.kind), head.pid, (uint64_t)head.boot_ns);
	(void)snprintf(ev.reason, sizeof(ev.reason),
		"the recorder saw %s, pid %u ", recorder_kind_name(head.kind),
		head.pid);
	trigger_event_say(&ev, head.comm, strlen(head.comm));
	feed_ring(d->feed, &ev);
}

static void see_all(struct detector *d, const uint8_t *buf, size_t n)
{
	for (size_t at = 0; n - at >= sizeof(struct recorder_head);) {
		struct recorder_head head;

		memcpy(&head, buf + at, sizeof(head));
		if (head.bytes < sizeof(head) || head.bytes > n - at)
			return;
		see(d, buf + at, head.bytes);
		at += head.bytes;
	}
}

static int check(const void *settings, struct err *e)
{
	struct detector d = { .per_hour = 0 };

	return add_all(&d, settings, e);
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	const struct trigger_detection_settings *set = settings;
	struct recorder *recorder = feed_recorder(f);
	AUTO_FREE uint8_t *room = malloc(READ_BYTES);
	struct detector d = { .feed = f };
	uint64_t first, at, skipped = 0;
	struct trigger_report r;
	int bad = add_all(&d, set, e);
	size_t n;

	if (bad < 0)
		return bad;
	if (!recorder)
		return err_set(e, -ENODEV, "no flight recorder runs");
	if (!room)
		return err_set(e, -ENOMEM, "no memory to look at events");
	recorder_span(recorder, &first, &at);
	do {
		while ((n = recorder_read(
				recorder, &at, room, READ_BYTES, &skipped)))
			see_all(&d, room, n);
		while (feed_report(f, &r))
			free(r.text);
		feed_tell(f, FEED_WAITING,
			"%" PRIu64 " held back by %u an hour, %" PRIu64
			" events overwritten unseen",
			d.held_back, d.per_hour, skipped);
	} while (!feed_sleep(f, set->poll_ms));
	return 0;
}

static const struct trigger_detection_settings defaults = {
	.per_hour = 4,
	.poll_ms = 500,
};

#define AT(field) offsetof(struct trigger_detection_settings, field)

static const struct trigger_key keys[] = {
	{ "on", TRIGGER_WORDS, AT(on), 0, 0 },
	{ "per-hour", TRIGGER_NUMBER, AT(per_hour), 1, 3600 },
	{ "poll-ms", TRIGGER_NUMBER, AT(poll_ms), 100, 60000 },
};

const struct trigger_kind trigger_detection = {
	.name = "detection",
	.settings_bytes = sizeof(struct trigger_detection_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.check = check,
	.run = run,
};
