// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "watch/watch_internal.h"

/* Of the trigger of the node, which follows that of a pod. */
static const char node_suffix[] = " +node";

static uint64_t now_seconds(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000000000;
}

/* Where the trigger of the source is from, as the state names it. */
static void refuse(struct watch *w, struct feed *feed, const char *source,
	const struct trigger_event *ev, const char *why)
{
	json_t *note = json_pack("{s:s, s:o, s:o, s:I}", "source", source,
		"key", json_text(ev->key), "why", json_text(why), "realtime_ns",
		(json_int_t)clock_ns(CLOCK_REALTIME));
	json_t *j = json_pack(
		"{s:s, s:o}", "outcome", "refused", "error", json_text(why));
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;

	w->counters.refused++;
	watch_say(w, "refused source=%s key=\"%s\" reason=\"%s\"", source,
		ev->key, why);
	if (note)
		state_note(w->state, STATE_REFUSALS, note);
	if (feed)
		feed_answer(feed, ev->key, TRIGGER_REFUSED, text);
	free(text);
	json_decref(j);
}

static bool has_plan(const struct watch *w, const char *name)
{
	for (size_t i = 0; i < w->config->plans_n; i++)
		if (strcmp(w->config->plans[i], name) == 0)
			return true;
	return false;
}

/* What a signed order says more than a trigger may. */
static int obey(struct watch *w, struct job *j, const struct trigger_event *ev,
	bool used_before, struct err *e)
{
	const struct watch_config *c = w->config;
	int r = order_open(
		&j->order, ev->order, c->order_keys, c->order_keys_n, e);

	if (r == 0)
		r = order_check(
			&j->order, now_seconds(), c->names, c->names_n, e);
	if (r == 0 && j->order.plan[0] && !has_plan(w, j->order.plan))
		r = err_set(e, -ENOENT,
			"the order wants the plan '%s', which "
			"this host has not",
			j->order.plan);
	/* The last, since what is refused for another reason is not used. */
	if (r == 0 && !used_before &&
		!state_use_order(w->state, j->order.id, j->order.not_after,
			now_seconds()))
		r = err_set(e, -EALREADY, "the order was used before");
	if (r < 0)
		return r;
	if (j->order.case_name[0])
		(void)snprintf(j->case_name, sizeof(j->case_name), "%s",
			j->order.case_name);
	if (j->order.plan[0])
		(void)snprintf(j->plan, sizeof(j->plan), "%s", j->order.plan);
	return 0;
}

static uint64_t jitter_ns(const struct watch *w)
{
	uint32_t chance = 0;

	if (!w->config->jitter_ms ||
		RAND_bytes((uint8_t *)&chance, sizeof(chance)) != 1)
		return 0;
	return chance % (w->config->jitter_ms + 1) * 1000000ULL;
}

static void fill_job(struct watch *w, struct job *j, struct feed *feed,
	const char *source, const struct trigger_event *ev)
{
	const struct watch_source *from =
		feed ? watch_sources_of(w->sources, feed) : NULL;
	const char *plan = from && from->plan ? from->plan : "";

	if (ev->flags & TRIGGER_LAST_GASP && has_plan(w, WATCH_LAST_GASP))
		plan = WATCH_LAST_GASP;
	(void)snprintf(j->plan, sizeof(j->plan), "%s", plan);
	(void)snprintf(j->case_name, sizeof(j->case_name), "%s",
		ev->flags & TRIGGER_MAY_NAME_CASE && ev->case_name[0]
			? ev->case_name
			: w->config->case_name);
	(void)snprintf(j->pod, sizeof(j->pod), "%s", ev->pod);
	j->host_goes_ns =
		ev->flags & TRIGGER_LAST_GASP ? ev->gone_realtime_ns : 0;
	j->not_before_ns = clock_ns(CLOCK_MONOTONIC) +
			   (ev->flags & TRIGGER_LAST_GASP ? 0 : jitter_ns(w));
	j->causes[0] = (struct job_cause){ .feed = feed, .event = *ev };
	(void)snprintf(
		j->causes[0].source, sizeof(j->causes[0].source), "%s", source);
	j->causes_n = 1;
}

static void tell_queued(const struct job *j)
{
	if (j->causes[0].feed)
		feed_answer(j->causes[0].feed, j->causes[0].event.key,
			TRIGGER_QUEUED, NULL);
}

/* It came while the capture that it wants was running: that one has it. */
static bool came_late(struct watch *w, const struct job *j)
{
	const struct job *last = &w->last;
	uint64_t seen = j->causes[0].event.seen_realtime_ns;

	return last->ended_realtime_ns && job_same(last, j) &&
	       seen >= last->begun_realtime_ns &&
	       seen <= last->ended_realtime_ns;
}

/* ${t} waits: make a job of it, or refuse it. */
static void begin(struct watch *w, struct state_trigger *t, struct feed *feed,
	bool used_before)
{
	AUTO_FREE struct job *j = calloc(1, sizeof(*j));
	struct err why = { 0 };
	int r;

	if (!j)
		return;
	fill_job(w, j, feed, t->source, &t->event);
	r = t->event.order[0] ? obey(w, j, &t->event, used_before, &why) : 0;
	if (r == 0 && came_late(w, j)) {
		w->counters.joined++;
		watch_finish(w, j, buf_string(&w->last_answer, NULL));
		return;
	}
	if (r == 0) {
		size_t before = w->jobs.n;

		r = jobs_add(&w->jobs, j, &why);
		w->counters.joined += r == 0 && w->jobs.n == before;
	}
	if (r < 0) {
		t->stage = STATE_FINISHED;
		refuse(w, feed, t->source, &t->event, why.msg);
		return;
	}
	watch_say(w, "triggered source=%s case=%s%s%s reason=\"%s\"", t->source,
		j->case_name, j->pod[0] ? " pod=" : "", j->pod, t->event.reason);
	tell_queued(j);
}

/* First the pod, then the node that it runs on: a trigger each, so that a
 * restart in between forgets neither. */
static void add_node(struct watch *w, struct feed *feed, const char *source,
	const struct trigger_event *ev)
{
	struct trigger_event node = *ev;
	struct state_trigger *t;
	size_t room = sizeof(node.key) - sizeof(node_suffix);

	node.pod[0] = 0;
	/* It was looked at with the pod's; once is enough. */
	(void)snprintf(node.key, sizeof(node.key), "%.*s%s", (int)room, ev->key,
		node_suffix);
	t = state_find(w->state, source, node.key);
	if (!t)
		t = state_add(w->state, source, &node);
	if (!t)
		return;
	t->stage = STATE_WAITS;
	begin(w, t, feed, true);
}

static void ring(struct watch *w, const struct bell_message *m)
{
	const char *source = feed_name(m->feed);
	const struct trigger_event *ev = &m->event;
	struct state_trigger *t = state_find(w->state, source, ev->key);
	uint64_t again_ns = w->config->again_after_seconds * 1000000000ULL;

	if (t && (!t->gone_realtime_ns ||
			 ev->seen_realtime_ns < t->gone_realtime_ns + again_ns)) {
		w->counters.again++;
		t->gone_realtime_ns = 0;
		return;
	}
	if (t)
		*t = (struct state_trigger){ .event = *ev };
	else
		t = state_add(w->state, source, ev);
	w->counters.triggers++;
	if (!t) {
		refuse(w, m->feed, source, ev, "too many triggers wait");
		return;
	}
	(void)snprintf(t->source, sizeof(t->source), "%s", source);
	begin(w, t, m->feed, false);
	t = state_find(w->state, source, ev->key);
	if (t && t->stage != STATE_FINISHED && ev->pod[0])
		add_node(w, m->feed, source, ev);
}

void watch_intake(struct watch *w, const struct bell_message *m)
{
	struct state_trigger *t =
		state_find(w->state, feed_name(m->feed), m->event.key);

	switch (m->what) {
	case BELL_RING:
		ring(w, m);
		break;
	case BELL_GONE:
		if (t && !t->gone_realtime_ns)
			t->gone_realtime_ns = m->event.seen_realtime_ns;
		break;
	case BELL_REFUSE:
		refuse(w, m->feed, feed_name(m->feed), &m->event,
			m->event.reason);
		break;
	}
}

void watch_take_up(struct watch *w)
{
	struct state_trigger *t;

	for (size_t i = 0; (t = state_at(w->state, i)); i++)
		if (t->stage != STATE_FINISHED) {
			t->stage = STATE_WAITS;
			begin(w, t, watch_sources_find(w->sources, t->source),
				true);
		}
}

void watch_finish(struct watch *w, const struct job *job, const char *answer)
{
	for (size_t i = 0; i < job->causes_n; i++) {
		const struct job_cause *c = &job->causes[i];
		struct state_trigger *t =
			state_find(w->state, c->source, c->event.key);

		if (t)
			t->stage = STATE_FINISHED;
		if (c->feed)
			feed_answer(c->feed, c->event.key, TRIGGER_DONE, answer);
	}
}

void watch_save(struct watch *w)
{
	struct err why = { 0 };
	bool failed = state_save(w->state, &why) < 0;

	if (failed && !w->state_unsaved)
		watch_say(w, "not saved: %s", why.msg);
	w->state_unsaved = failed;
}
