// SPDX-License-Identifier: Apache-2.0
/*
 * Processes and their threads: first by an iterator, which takes so little
 * time that it is nearly one moment, then by /proc, which also tells what lies
 * in the processes' own memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "collect/collector_internal.h"
#include "collect/finding.h"
#include "collect/judge.h"
#include "collect/process_code.h"
#include "collect/process_maps.h"
#include "collect/process_record.h"
#include "collect/sources.h"
#include "collect/witness.h"
#include "live/ahead.h"
#include "live/crossview.h"
#include "live/source.h"
#include "stream/writer.h"

/* In the order in which they are asked, and told. */
enum { SCHEDULER, ITERATOR, LIST, MODULE, PROC, PROBE, WITNESSES };

enum { WHAT_CHARS = 64 };

struct snapshot {
	const struct collect_env *env;
	struct live_config config;
	struct writer *w;
	struct live_tasks tasks;
	struct live_tasks hidden;
	uint32_t worked; /* enum live_witness, those that see all */
	struct witness witnesses[WITNESSES];
	struct pods pods;
	struct process_record *record;
	struct process_maps *maps;
	struct process_code code;
	struct ahead *ahead;
	struct detail *detail; /* of the process that is written, ahead's */
	int proc; /* -1: there is none */
};

static int put_gap(
	struct snapshot *s, const char *what, const char *reason, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)reason;
	return writer_gap(s->w, &gap, e);
}

/* By BPF, and so left out with the iterator. */
static bool is_left_out(const struct snapshot *s, enum live_witness kind)
{
	const uint32_t by_bpf =
		LIVE_BY_ITERATOR | LIVE_BY_LIST | LIVE_BY_SCHEDULER;

	return s->env->leave_out & COLLECT_NO_ITERATOR && kind & by_bpf;
}

/* What a witness that cannot be asked says is in the view, and no error
 * while there is another. */
static void open_witness(
	struct snapshot *s, struct witness *w, struct live_source **ret)
{
	if (is_left_out(s, w->kind))
		w->result = err_set(&w->why, -EPERM, "left out");
	else
		w->result = live_open(ret, w->kind, &s->config, &w->why);
}

static void ask(struct snapshot *s, struct witness *w, struct live_source *source)
{
	if (w->result == 0)
		w->result = live_see_tasks(source, &s->tasks, &w->seen, &w->why);
	live_close(source);
	if (w->result == 0 && !w->seen.lost && !w->seen.partial)
		s->worked |= w->kind;
	live_tasks_sort(&s->tasks);
}

/* The scheduler is watched while the others are asked. */
static int look(struct snapshot *s, struct err *e)
{
	static const enum live_witness kinds[WITNESSES] = {
		[SCHEDULER] = LIVE_BY_SCHEDULER,
		[ITERATOR] = LIVE_BY_ITERATOR,
		[LIST] = LIVE_BY_LIST,
		[MODULE] = LIVE_BY_MODULE,
		[PROC] = LIVE_BY_PROC,
		[PROBE] = LIVE_BY_PROBE,
	};
	struct live_source *scheduler = NULL;
	bool any = false;

	for (int i = 0; i < WITNESSES; i++)
		s->witnesses[i].kind = kinds[i];
	open_witness(s, &s->witnesses[SCHEDULER], &scheduler);
	for (int i = ITERATOR; i < WITNESSES; i++) {
		struct live_source *source = NULL;

		/* Those that nobody else tells. */
		if (i == PROBE)
			ask(s, &s->witnesses[SCHEDULER], scheduler);
		open_witness(s, &s->witnesses[i], &source);
		ask(s, &s->witnesses[i], source);
	}
	for (int i = 0; i < WITNESSES; i++) {
		if (s->witnesses[i].result == -ENOMEM)
			return err_set(e, -ENOMEM, "%s", s->witnesses[i].why.msg);
		any |= s->witnesses[i].result == 0 &&
		       kinds[i] & CROSSVIEW_COMPLETE;
	}
	if (!any)
		return err_set(e, s->witnesses[PROC].result, "%s; %s",
			s->witnesses[ITERATOR].why.msg,
			s->witnesses[PROC].why.msg);
	return crossview_tasks(&s->hidden, &s->tasks, s->worked, &s->config, e);
}

static int put_view(struct snapshot *s, struct err *e)
{
	Icecore__V1__WitnessTried tried[WITNESSES], *tried_p[WITNESSES];
	Icecore__V1__WitnessTried mappings;
	Icecore__V1__LiveView view = ICECORE__V1__LIVE_VIEW__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	for (int i = 0; i < WITNESSES; i++) {
		tried_p[i] = &tried[i];
		witness_make(&tried[i], &s->witnesses[i]);
	}
	process_maps_view(s->maps, &mappings);
	view.mappings = &mappings;
	view.witnesses = tried_p;
	view.n_witnesses = WITNESSES;
	view.has_clock_realtime_ns = view.has_clock_monotonic_ns = 1;
	view.has_clock_boottime_ns = view.has_own_pid = 1;
	view.clock_realtime_ns = clock_ns(CLOCK_REALTIME);
	view.clock_monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	view.clock_boottime_ns = clock_ns(CLOCK_BOOTTIME);
	view.own_pid = (uint32_t)getpid();
	m.body_case = ICECORE__V1__RECORD__BODY_LIVE_VIEW;
	m.live_view = &view;
	return writer_put(s->w, &(struct record){ .message = &m }, e);
}

static int put_losses(struct snapshot *s, struct err *e)
{
	const char *partial = s->witnesses[PROC].seen.partial;
	struct err why = { 0 };
	int r = partial ? put_gap(s, "processes", partial, e) : 0;

	if (r < 0 || !s->tasks.lost)
		return r;
	(void)err_set(&why, -EFBIG, "%llu sightings past %d tasks",
		(unsigned long long)s->tasks.lost, LIVE_TASKS_MAX);
	return put_gap(s, "tasks", why.msg, e);
}

static int put_misses(struct snapshot *s, uint32_t pid, struct err *e)
{
	const struct detail *d = s->detail;
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->misses_n; i++) {
		char what[WHAT_CHARS];

		(void)snprintf(what, sizeof(what), "%s of process %u",
			d->misses[i].what, pid);
		r = put_gap(s, what, d->misses[i].why.msg, e);
	}
	return r;
}

static int put_record(struct snapshot *s, const struct live_task *tasks,
	size_t n, struct detail *d, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	m.process = (Icecore__V1__Process *)(uintptr_t)process_record_make(
		s->record, tasks, n, d);
	return judge_put(s->w, &m, e);
}

/* The leader among ${n} tasks of one process, or the first. */
static const struct live_task *leader_of(const struct live_task *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tasks[i].tid == tasks[i].pid)
			return &tasks[i];
	return tasks;
}

static int put_process(struct snapshot *s, const struct live_task *tasks,
	size_t n, struct err *e)
{
	const struct live_task *leader = leader_of(tasks, n);
	struct detail *d = NULL;
	int r = ahead_take(&d, s->ahead, e);

	s->detail = d;

	for (size_t at = 0; r == 0 && at < n; at += PROCESS_THREADS_MAX) {
		size_t some = n - at < PROCESS_THREADS_MAX ? n - at
							   : PROCESS_THREADS_MAX;

		r = put_record(s, tasks + at, some, at ? NULL : d, e);
	}
	if (r == 0)
		r = process_maps_put(s->maps, leader, d, e);
	if (r == 0)
		r = process_code_put(&s->code, leader, d, e);
	return r < 0 ? r : put_misses(s, leader->pid, e);
}

/* The end of the tasks that are of the same process as the one at ${at}. */
static size_t end_of(const struct live_tasks *ts, size_t at)
{
	size_t end = at + 1;

	while (end < ts->n && ts->v[end].pid == ts->v[at].pid)
		end++;
	return end;
}

static int put_processes(struct snapshot *s, struct err *e)
{
	const struct live_tasks *ts = &s->tasks;
	size_t at = 0, asked = 0;

	while (at < ts->n) {
		size_t end = end_of(ts, at);
		int r;

		if (*s->env->interrupted) {
			r = put_gap(s, "processes", "interrupted", e);
			return r < 0 ? r : 1;
		}
		while (asked < ts->n) {
			size_t next = end_of(ts, asked);

			if (!ahead_ask(s->ahead,
				    leader_of(ts->v + asked, next - asked)))
				break;
			asked = next;
		}
		r = put_process(s, ts->v + at, end - at, e);
		if (r < 0)
			return r;
		at = end;
	}
	return 0;
}

/* "seen by iterator, list; not by proc" */
static void describe(char *ret, size_t bytes, const struct snapshot *s,
	const struct live_task *t)
{
	static const char *const names[] = { "iterator", "proc", "list",
		"scheduler", "probe", "module" };
	const uint32_t sets[] = { t->seen_by, crossview_missing(t, s->worked) };
	size_t at = 0;

	for (size_t k = 0; k < ARRAY_LEN(sets); k++) {
		const char *comma = k ? "; not by " : "seen by ";

		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			if (!(sets[k] >> i & 1))
				continue;
			at += (size_t)snprintf(
				ret + at, bytes - at, "%s%s", comma, names[i]);
			comma = ", ";
		}
	}
}

static int put_hidden(struct snapshot *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->hidden.n; i++) {
		const struct live_task *t = &s->hidden.v[i];
		uint32_t missing = crossview_missing(t, s->worked);
		struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_PROCESS,
			.pid = t->pid,
			.tid = t->tid,
			.start_boot_ns = t->start_boot_ns,
			.name = t->comm[0] ? t->comm : NULL,
		};
		char detail[FINDING_DETAIL_BYTES] = "";

		describe(detail, sizeof(detail), s, t);
		r = finding_put(s->w,
			missing & ~(uint32_t)LIVE_BY_PROC
				? RULE_TASK_HIDDEN_FROM_KERNEL_LIST
				: RULE_TASK_HIDDEN_FROM_PROC,
			&ref, 1, detail, e);
	}
	return r;
}

static int prepare(struct snapshot *s, struct err *e)
{
	const char *proc = s->env->live->proc;
	unsigned want = s->env->leave_out & COLLECT_NO_ENVIRONMENT
				? DETAIL_MAPS
				: DETAIL_MAPS | DETAIL_ENVIRONMENT;
	int r;

	/* Without it the details are not told; the witness says why. */
	s->proc = io_open(AT_FDCWD, proc ? proc : "/proc",
		O_RDONLY | O_DIRECTORY, 0, NULL);
	s->code = (struct process_code){ .w = s->w, .proc = s->proc };
	r = s->proc < 0 ? 0 : pods_read(&s->pods, s->proc, e);
	if (r == 0)
		r = process_record_new(&s->record, &s->pods, e);
	if (r == 0)
		r = process_maps_new(&s->maps, s->env, s->w, e);
	return r < 0 ? r : ahead_new(&s->ahead, s->proc, want, e);
}

static void release(struct snapshot *s)
{
	live_tasks_done(&s->tasks);
	live_tasks_done(&s->hidden);
	process_record_free(s->record);
	process_maps_free(s->maps);
	ahead_free(s->ahead);
	pods_done(&s->pods);
	if (s->proc >= 0)
		(void)close(s->proc);
}

/* The device of the module has one opener: the source of memory, if it is. */
static void share_module(struct snapshot *s)
{
	struct source *source = NULL;
	struct err why = { 0 };

	if (s->env->sources && sources_get(s->env->sources, 0, &source, &why) == 0)
		s->config.module = source_module_fd(source) + 1;
}

static int process_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct snapshot s = {
		.env = env, .config = *env->live, .w = w, .proc = -1
	};
	int r;

	share_module(&s);
	r = look(&s, e);
	if (r == 0)
		r = prepare(&s, e);
	if (r == 0)
		r = put_view(&s, e);
	if (r == 0)
		r = put_losses(&s, e);
	if (r == 0)
		r = put_processes(&s, e);
	if (r == 0)
		r = process_code_finish(&s.code, e);
	if (r == 0)
		r = put_hidden(&s, e);
	if (r == 0)
		r = process_maps_finish(s.maps, s.proc, e);
	release(&s);
	return r;
}

const struct collector collector_process = {
	.name = "process",
	.title = "processes, threads, mappings",
	.run = process_run,
};
