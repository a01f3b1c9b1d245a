// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "recorder/recorder.h"
#include "watch/watch_internal.h"

enum { METRICS_BYTES = 64 << 10 };

static json_t *source_json(const struct feed_line *l)
{
	return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "name", l->name,
		"state", feed_state_name(l->state), "text", json_text(l->text),
		"rung", (json_int_t)l->rung, "refused", (json_int_t)l->refused,
		"dropped", (json_int_t)l->dropped);
}

static bool degraded(
	const struct watch *w, const struct feed_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lines[i].state == FEED_UNUSABLE || lines[i].dropped)
			return true;
	return w->last_failed || w->state_unsaved;
}

static json_t *recorder_json(struct recorder *recorder)
{
	struct recorder_state s;
	uint64_t recorded = 0, lost = 0;
	size_t missing = 0;

	if (!recorder)
		return json_null();
	recorder_state(recorder, &s);
	for (unsigned i = 0; i < RECORDER_KINDS; i++) {
		recorded += s.counts[i].recorded;
		lost += s.counts[i].lost;
	}
	for (size_t i = 0; i < s.programs_n; i++)
		missing += s.programs[i].is_missing != 0;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "recorded",
		(json_int_t)recorded, "lost", (json_int_t)lost, "ring_bytes",
		(json_int_t)s.ring_bytes, "ring_used_bytes",
		(json_int_t)s.ring_used_bytes, "executables_held",
		(json_int_t)s.taken, "programs", (json_int_t)s.programs_n,
		"not_watched", (json_int_t)missing);
}

static json_t *running_json(const struct watch *w)
{
	const struct watch_progress *p = &w->progress;
	char why[STATE_TEXT_CHARS];

	if (!w->running)
		return json_null();
	job_tell(w->running, why, sizeof(why));
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:f}", "case",
		json_text(w->running->case_name), "plan",
		json_text(w->running->plan), "pod", json_text(w->running->pod),
		"trigger", json_text(why), "memory_total_bytes",
		(json_int_t)p->memory_total_bytes, "memory_done_bytes",
		(json_int_t)p->memory_done_bytes, "sealed_bytes",
		(json_int_t)p->sealed_bytes, "seconds",
		(double)p->elapsed_ns / 1e9);
}

static json_t *spool_json(struct resend *resend)
{
	struct resend_state s;

	if (!resend)
		return json_null();
	resend_state(resend, &s);
	return json_pack("{s:I, s:I, s:o}", "sent_again", (json_int_t)s.sent,
		"left", (json_int_t)s.left, "error", json_text(s.error));
}

static json_t *counters_json(const struct watch_counters *c)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "captures",
		(json_int_t)c->captures, "failed", (json_int_t)c->failed,
		"with_gaps", (json_int_t)c->gaps, "triggers",
		(json_int_t)c->triggers, "joined", (json_int_t)c->joined,
		"again", (json_int_t)c->again, "refused", (json_int_t)c->refused);
}

int watch_status(void *arg, struct buf *ret, struct err *e)
{
	struct watch *w = arg;
	struct feed_line lines[BELL_FEEDS_MAX];
	json_t *sources = json_array();
	size_t n;
	json_t *j;
	int r;

	(void)pthread_mutex_lock(&w->lock);
	n = bell_lines(w->bell, lines);
	for (size_t i = 0; i < n; i++)
		sources = json_append(sources, source_json(&lines[i]));
	j = json_pack("{s:s, s:b, s:s, s:s, s:I, s:o, s:I, s:o, s:o, s:o, s:o, "
		      "s:O, s:O}",
		"state", w->running ? "capturing" : "waiting", "degraded",
		degraded(w, lines, n), "version", ICECORE_VERSION,
		"configuration", w->config->file, "began_realtime_ns",
		(json_int_t)w->began_realtime_ns, "capture", running_json(w),
		"queued", (json_int_t)w->jobs.n, "sources", sources, "recorder",
		recorder_json(w->recorder), "spool", spool_json(w->resend),
		"counters", counters_json(&w->counters), "captures",
		state_notes(w->state, STATE_CAPTURES), "refusals",
		state_notes(w->state, STATE_REFUSALS));
	r = json_encode(ret, j, JSON_COMPACT, e);
	json_decref(j);
	(void)pthread_mutex_unlock(&w->lock);
	return r;
}

struct metric {
	const char *name, *type, *help;
	uint64_t value;
};

static int put_metric(struct buf *ret, const struct metric *m, struct err *e)
{
	return buf_text(ret, e,
		"# HELP icecore_%s %s\n# TYPE icecore_%s %s\nicecore_%s "
		"%" PRIu64 "\n",
		m->name, m->help, m->name, m->type, m->name, m->value);
}

static int put_sources(
	struct buf *ret, const struct feed_line *lines, size_t n, struct err *e)
{
	int r = buf_text(ret, e,
		"# HELP icecore_source_up 1 where the trigger source sees what "
		"it looks for\n# TYPE icecore_source_up gauge\n");

	for (size_t i = 0; r == 0 && i < n; i++)
		r = buf_text(ret, e, "icecore_source_up{source=\"%s\"} %d\n",
			lines[i].name, lines[i].state == FEED_WAITING);
	return r;
}

static int put_recorder(struct buf *ret, struct recorder *recorder, struct err *e)
{
	struct recorder_state s;
	int r;

	if (!recorder)
		return 0;
	recorder_state(recorder, &s);
	r = buf_text(ret, e,
		"# HELP icecore_recorder_events_total events that happened, by "
		"what became of them\n"
		"# TYPE icecore_recorder_events_total counter\n");
	for (unsigned i = 0; r == 0 && i < RECORDER_KINDS; i++)
		if (s.counts[i].happened)
			r = buf_text(ret, e,
				"icecore_recorder_events_total{kind=\"%s\","
				"became=\"recorded\"} %" PRIu64 "\n"
				"icecore_recorder_events_total{kind=\"%s\","
				"became=\"lost\"} %" PRIu64 "\n",
				recorder_kind_name(i), s.counts[i].recorded,
				recorder_kind_name(i), s.counts[i].lost);
	return r;
}

static int put_all(struct watch *w, struct buf *ret, struct err *e)
{
	struct feed_line lines[BELL_FEEDS_MAX];
	size_t n = bell_lines(w->bell, lines);
	const struct watch_counters *c = &w->counters;
	const struct metric all[] = {
		{ "up", "gauge", "1 while the watch runs", 1 },
		{ "degraded", "gauge", "1 where icecore status says why",
			degraded(w, lines, n) },
		{ "capturing", "gauge", "1 while a capture runs",
			w->running != NULL },
		{ "queued", "gauge", "captures that wait", w->jobs.n },
		{ "captures_total", "counter", "captures made", c->captures },
		{ "captures_failed_total", "counter", "of them, failed",
			c->failed },
		{ "captures_gaps_total", "counter", "of them, with gaps",
			c->gaps },
		{ "triggers_total", "counter", "triggers, each once",
			c->triggers },
		{ "triggers_joined_total", "counter",
			"of them, joined to a capture", c->joined },
		{ "triggers_refused_total", "counter", "triggers refused",
			c->refused },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(all); i++)
		r = put_metric(ret, &all[i], e);
	if (r == 0)
		r = put_sources(ret, lines, n, e);
	return r < 0 ? r : put_recorder(ret, w->recorder, e);
}

void watch_metrics(struct watch *w)
{
	AUTO_BUF struct buf text = { 0 };
	struct err why = { 0 };
	int r;

	if (!w->config->metrics)
		return;
	buf_init(&text, METRICS_BYTES);
	(void)pthread_mutex_lock(&w->lock);
	r = put_all(w, &text, &why);
	(void)pthread_mutex_unlock(&w->lock);
	if (r == 0)
		r = io_replace(
			w->config->metrics, text.data, text.len, 0644, &why);
	if (r < 0)
		watch_say(w, "no metrics: %s", why.msg);
}
