// SPDX-License-Identifier: Apache-2.0
/*
 * The memory of chosen processes, with what a debugger needs beside it:
 * registers of each thread, mappings, and what the kernel told the program
 * when it began.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/io.h"
#include "collect/collector_internal.h"
#include "collect/core_pages.h"
#include "collect/maps_record.h"
#include "collect/set.h"
#include "coredump/choose.h"
#include "coredump/freeze.h"
#include "coredump/registers.h"
#include "live/detail.h"
#include "live/source.h"
#include "live/timed.h"
#include "stream/writer.h"

enum {
	THREADS_OF_RECORD = 1024,
	AUXV_BYTES = 4096,
	SYSCALL_BYTES = 512,
	ARGUMENTS_KEPT = 80, /* as in NT_PRPSINFO */
};

_Static_assert((int)REGISTERS_PROC ==
		       (int)ICECORE__V1__REGISTERS_FROM__REGISTERS_FROM_PROC,
	"numbers are those of the format");

struct dump {
	const struct collect_env *env;
	struct writer *w;
	struct live_config config;
	struct live_tasks tasks;
	struct registers *registers; /* NULL = the iterator was refused */
	struct timed *timed;
	struct detail detail;
	struct maps_record *maps;
	struct core_pages *pages;
	int proc;
	struct thread_registers seen[THREADS_OF_RECORD];
	Icecore__V1__ThreadRegisters thread[THREADS_OF_RECORD];
	Icecore__V1__ThreadRegisters *threads[THREADS_OF_RECORD];
};

static int put_gap(
	struct dump *d, const char *what, const char *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)why;
	return writer_gap(d->w, &gap, e);
}

/* The threads of those that are chosen. */
static int look(struct dump *d, struct err *e)
{
	bool no_bpf = d->env->leave_out & COLLECT_NO_ITERATOR;
	struct live_source *source = NULL;
	struct live_seen seen = { 0 };
	struct err why = { 0 };
	int r = -EPERM;

	if (!no_bpf)
		r = live_open(&source, LIVE_BY_ITERATOR, &d->config, &why);
	if (r < 0)
		r = live_open(&source, LIVE_BY_PROC, &d->config, e);
	if (r == 0)
		r = live_see_tasks(source, &d->tasks, &seen, e);
	live_close(source);
	live_tasks_sort(&d->tasks);
	if (r < 0)
		return r;
	if (no_bpf)
		r = err_set(&why, -EPERM, "left out");
	else
		r = registers_see(
			&d->registers, d->config.pids, d->config.pids_n, &why);
	return r < 0 ? put_gap(d, "registers of threads that ran", why.msg, e)
		     : 0;
}

static void see_registers(
	struct dump *d, struct thread_registers *ret, const struct live_task *t)
{
	AUTO_BUF struct buf b = { 0 };
	char path[64];

	*ret = (struct thread_registers){ .tid = t->tid };
	if (registers_of(ret, d->registers, t->pid, t->tid))
		return;
	(void)snprintf(path, sizeof(path), "%u/task/%u/syscall", t->pid, t->tid);
	buf_init(&b, SYSCALL_BYTES);
	if (timed_read(d->timed, d->proc, path, 0, &b, NULL) == 0)
		(void)registers_proc(ret, (const char *)b.data, b.len);
	ret->tid = t->tid;
}

static void fill_thread(struct dump *d, size_t i, const struct live_task *t)
{
	Icecore__V1__ThreadRegisters *m = &d->thread[i];
	const struct thread_registers *seen = &d->seen[i];
	size_t words;

	(void)registers_machine(&words);
	see_registers(d, &d->seen[i], t);
	icecore__v1__thread_registers__init(m);
	SET(m, tid, t->tid);
	SET(m, comm, set_bytes(t->comm, strnlen(t->comm, sizeof(t->comm))));
	d->threads[i] = m;
	if (!seen->from)
		return;
	SET(m, general, set_bytes(seen->general, words * sizeof(uint64_t)));
	SET(m, from, (Icecore__V1__RegistersFrom)seen->from);
	SET(m, running, seen->running);
}

/* What only the first record of a process has. */
static void fill_first(struct dump *d, Icecore__V1__ProcessCore *m,
	const struct live_task *t, const struct buf *auxv, char state[2])
{
	const struct buf *argv = &d->detail.argv;
	size_t words;

	SET(m, machine, registers_machine(&words));
	SET(m, page_bytes, (uint32_t)sysconf(_SC_PAGESIZE));
	SET(m, comm, set_bytes(t->comm, strnlen(t->comm, sizeof(t->comm))));
	if (argv->len)
		SET(m, arguments,
			set_bytes(argv->data, argv->len < ARGUMENTS_KEPT
						      ? argv->len
						      : ARGUMENTS_KEPT));
	state[0] = t->state;
	m->state = state;
	SET(m, ppid, t->ppid);
	SET(m, pgid, t->pgid);
	SET(m, session, t->session);
	SET(m, uid, t->uid[LIVE_ID_REAL]);
	SET(m, gid, t->gid[LIVE_ID_REAL]);
	if (auxv->len)
		SET(m, auxv, set_bytes(auxv->data, auxv->len));
	SET(m, frozen, freeze_holds(d->env->freeze));
}

static int put_core(struct dump *d, Icecore__V1__ProcessCore *m,
	const struct live_task *leader, struct err *e)
{
	Icecore__V1__Record out = ICECORE__V1__RECORD__INIT;

	SET(m, pid, leader->pid);
	SET(m, start_boot_ns, leader->start_boot_ns);
	out.body_case = ICECORE__V1__RECORD__BODY_PROCESS_CORE;
	out.process_core = m;
	return writer_put(d->w, &(struct record){ .message = &out }, e);
}

/* As many records as its threads and its mappings need. */
static int put_cores(struct dump *d, const struct live_task *leader,
	const struct live_task *tasks, size_t n, struct err *e)
{
	AUTO_BUF struct buf auxv = { 0 };
	size_t at = 0, map = 0;
	char path[32], state[2] = "";
	int r = 0;

	(void)snprintf(path, sizeof(path), "%u/auxv", leader->pid);
	buf_init(&auxv, AUXV_BYTES);
	/* A core is of use without it. */
	if (timed_read(d->timed, d->proc, path, 0, &auxv, NULL) < 0)
		auxv.len = 0;
	while (r == 0 && (at < n || map < d->detail.maps.n)) {
		Icecore__V1__ProcessCore m = ICECORE__V1__PROCESS_CORE__INIT;
		const Icecore__V1__ProcessMaps *maps =
			maps_record_make(d->maps, leader, &d->detail.maps, map);

		if (at || map)
			SET(&m, continued, 1);
		else
			fill_first(d, &m, leader, &auxv, state);
		m.mappings = maps->mappings;
		m.n_mappings = maps->n_mappings;
		map += maps->n_mappings;
		for (; m.n_threads < THREADS_OF_RECORD && at < n; at++)
			fill_thread(d, m.n_threads++, &tasks[at]);
		m.threads = d->threads;
		r = put_core(d, &m, leader, e);
	}
	return r;
}

static int put_process(
	struct dump *d, const struct live_task *tasks, size_t n, struct err *e)
{
	const struct live_task *leader = tasks;
	char what[48];
	int r;

	for (size_t i = 0; i < n; i++)
		if (tasks[i].tid == tasks[i].pid)
			leader = &tasks[i];
	if (leader->is_kthread)
		return 0;
	(void)snprintf(what, sizeof(what), "memory of process %u", leader->pid);
	r = detail_read(&d->detail, d->timed, d->proc, leader, DETAIL_MAPS, e);
	if (r < 0)
		return r;
	if (d->detail.gone || !d->detail.maps.n)
		return put_gap(d, what,
			d->detail.gone ? "it ended" : "its mappings are not told",
			e);
	if (!d->detail.maps_told)
		r = put_gap(d, what, "not all of its mappings are told", e);
	if (r == 0)
		r = put_cores(d, leader, tasks, n, e);
	return r < 0 ? r
		     : core_pages_put(
			       d->pages, d->proc, leader, &d->detail.maps, e);
}

/* Chosen, and gone before it was looked at; both lists ascend. */
static int put_ended(struct dump *d, struct err *e)
{
	const struct live_tasks *ts = &d->tasks;
	char what[48];
	int r = 0;

	for (size_t i = 0, at = 0; r == 0 && i < d->config.pids_n; i++) {
		uint32_t pid = d->config.pids[i];

		while (at < ts->n && ts->v[at].pid < pid)
			at++;
		if (at < ts->n && ts->v[at].pid == pid)
			continue;
		(void)snprintf(what, sizeof(what), "memory of process %u", pid);
		r = put_gap(d, what, "it ended", e);
	}
	return r;
}

static int put_processes(struct dump *d, struct err *e)
{
	const struct live_tasks *ts = &d->tasks;
	int r = put_ended(d, e);

	for (size_t at = 0, end; r == 0 && at < ts->n; at = end) {
		for (end = at + 1;
			end < ts->n && ts->v[end].pid == ts->v[at].pid;)
			end++;
		r = put_process(d, ts->v + at, end - at, e);
	}
	return r;
}

static int prepare(struct dump *d, struct err *e)
{
	int r = maps_record_new(&d->maps, e);

	detail_init(&d->detail);
	d->proc = io_open(AT_FDCWD, d->config.proc ? d->config.proc : "/proc",
		O_RDONLY | O_DIRECTORY, 0, e);
	if (r == 0 && d->proc < 0)
		r = d->proc;
	if (r == 0)
		r = timed_new(&d->timed, DETAIL_WAIT_NS, e);
	return r < 0 ? r : core_pages_new(&d->pages, d->env, d->w, e);
}

static void release(struct dump *d)
{
	live_tasks_done(&d->tasks);
	registers_free(d->registers);
	timed_free(d->timed);
	detail_done(&d->detail);
	maps_record_free(d->maps);
	core_pages_free(d->pages);
	if (d->proc >= 0)
		(void)close(d->proc);
	free(d);
}

/* All memory there is has everybody's: it is for the few that are chosen. */
static int core_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct dump *d;
	int r;

	if (!env->live->pids_n)
		return 0;
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_set(e, -ENOMEM, "no memory for processes");
	d->env = env;
	d->w = w;
	d->config = *env->live;
	d->proc = -1;
	r = prepare(d, e);
	if (r == 0)
		r = look(d, e);
	if (r == 0)
		r = put_processes(d, e);
	if (r == 0 && env->freeze && !freeze_holds(env->freeze))
		r = put_gap(d, "processes that stand still",
			"the time was over before the end", e);
	release(d);
	return r;
}

const struct collector collector_core = {
	.name = "core",
	.title = "memory of chosen processes",
	.run = core_run,
};
