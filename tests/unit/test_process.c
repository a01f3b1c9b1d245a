// SPDX-License-Identifier: Apache-2.0
/* Made-up tasks through a whole capture, and the records that come out. */
#include "unit/process_fixture.h"

/* The thread that only the iterator tells. */
static void check_hidden(const Icecore__V1__Finding *f)
{
	assert_string_equal(f->rule, "task.hidden-from-proc");
	assert_bytes(&f->detail, "seen by iterator; not by proc");
	assert_int_equal(f->n_evidence, 1);
	assert_string_equal(f->evidence[0]->kind, "process");
	assert_int_equal(f->evidence[0]->pid, 42);
	assert_int_equal(f->evidence[0]->tid, 43);
	assert_bytes(&f->evidence[0]->name, "name\n\xff");
}

static void test_fields(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	struct live_task by_proc = make_task(42, 42);
	const Icecore__V1__Process *p;
	const Icecore__V1__Thread *t;

	(void)state;
	write_proc("stat", stat, sizeof(stat) - 1);
	write_proc("cmdline", "./a\0-b\nc\0\0\0", 11);
	write_proc("environ", "X=1\0", 4);
	tasks[0] = make_task(42, 42);
	tasks[0].present = LIVE_HAS_IDS | LIVE_HAS_EXE | LIVE_HAS_NLINK |
			   LIVE_HAS_STATE | LIVE_HAS_OOM_ADJ;
	tasks[0].uid[LIVE_ID_EFFECTIVE] = 7;
	tasks[0].exe_inode = 99;
	tasks[0].state = 'S';
	tasks[0].oom_score_adj = -998;
	tasks[0].ns[LIVE_NS_NET] = 5;
	tasks[1] = make_task(42, 43);
	fake_live.iterator = tasks;
	fake_live.iterator_n = 2;
	by_proc.seen_by = LIVE_BY_PROC;
	fake_live.proc = &by_proc;
	fake_live.proc_n = 1;
	take();
	assert_int_equal(res.outcome, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE);
	assert_int_equal(res.gaps, 0);
	assert_int_equal(processes_n, 1);
	p = processes[0]->process;
	assert_int_equal(p->pid, 42);
	assert_int_equal(p->seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
	assert_int_equal(p->n_argv, 2);
	assert_bytes(&p->argv[0], "./a");
	assert_bytes(&p->argv[1], "-b\nc");
	assert_int_equal(p->n_environment, 1);
	assert_true(p->exe->deleted);
	assert_int_equal(p->exe->inode, 99);
	assert_false(p->exe->has_path);
	assert_int_equal(p->oom_score_adj, -998);
	assert_false(p->has_rss_bytes);
	assert_false(p->has_tty);
	assert_null(p->container);
	assert_int_equal(p->n_threads, 2);
	t = p->threads[0];
	assert_bytes(&t->comm, "name\n\xff");
	assert_string_equal(t->state, "S");
	assert_int_equal(t->credentials->euid, 7);
	assert_false(t->credentials->has_cap_effective);
	assert_int_equal(t->namespaces->net, 5);
	assert_false(t->namespaces->has_mnt);
	assert_int_equal(p->threads[1]->seen_by, LIVE_BY_ITERATOR);
	assert_null(p->threads[1]->credentials);
	assert_int_equal(view->live_view->n_witnesses, WITNESSES);
	assert_true(view->live_view->witnesses[ITERATOR]->worked);
	assert_int_equal(view->live_view->witnesses[ITERATOR]->tasks, 2);
	assert_int_equal(findings_n, 2);
	assert_string_equal(findings[0]->finding->rule, "process.exe-deleted");
	check_hidden(findings[1]->finding);
}

static void test_no_environment(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";

	(void)state;
	write_proc("stat", stat, sizeof(stat) - 1);
	write_proc("environ", "SECRET=1\0", 9);
	tasks[0] = make_task(42, 42);
	fake_live.iterator = tasks;
	fake_live.iterator_n = 1;
	plan.leave_out = COLLECT_NO_ENVIRONMENT;
	take();
	assert_int_equal(processes[0]->process->n_environment, 0);
	assert_int_equal(res.gaps, 0);
}

/* More strings than a record may have, and more bytes than are read. */
static void test_cut(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	size_t len = DETAIL_ENVIRON_BYTES + 1;
	char *text = calloc(1, len);

	(void)state;
	assert_non_null(text);
	text[2 * PROCESS_STRINGS_MAX] = 'x';
	write_proc("stat", stat, sizeof(stat) - 1);
	write_proc("cmdline", text, 2 * PROCESS_STRINGS_MAX + 1);
	memset(text, 'y', len);
	write_proc("environ", text, len);
	free(text);
	tasks[0] = make_task(42, 42);
	fake_live.iterator = tasks;
	fake_live.iterator_n = 1;
	take();
	assert_int_equal(processes[0]->process->n_argv, PROCESS_STRINGS_MAX);
	assert_true(processes[0]->process->argv_cut);
	assert_true(processes[0]->process->environment_cut);
	assert_int_equal(processes[0]->process->environment[0].len,
		DETAIL_ENVIRON_BYTES);
	assert_int_equal(gaps_n, 2);
	assert_string_equal(gaps[0]->gap->what, "environment of process 42");
	assert_string_equal(gaps[1]->gap->what, "arguments of process 42");
	assert_int_equal(
		gaps[0]->gap->kind, ICECORE__V1__GAP_KIND__GAP_KIND_LIVE);
}

static void test_many_threads(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		tasks[i] = make_task(100, 100 + i);
	fake_live.proc = tasks;
	fake_live.proc_n = MANY;
	fake_live.refuses |= LIVE_BY_ITERATOR;
	take();
	assert_int_equal(processes_n, 2);
	assert_int_equal(processes[0]->process->n_threads, PROCESS_THREADS_MAX);
	assert_false(processes[0]->process->has_continued);
	assert_int_equal(
		processes[1]->process->n_threads, MANY - PROCESS_THREADS_MAX);
	assert_true(processes[1]->process->continued);
	assert_int_equal(processes[1]->process->pid, 100);
}

/* One witness is enough, and the view says what the other said. */
static void test_one_witness(void **state)
{
	(void)state;
	tasks[0] = make_task(1, 1);
	fake_live.proc = tasks;
	fake_live.proc_n = 1;
	fake_live.refuses |= LIVE_BY_ITERATOR;
	take();
	assert_int_equal(processes_n, 1);
	assert_false(view->live_view->witnesses[ITERATOR]->worked);
	assert_string_equal(view->live_view->witnesses[ITERATOR]->reason,
		"witness 1 refuses");
	assert_true(view->live_view->witnesses[PROC]->worked);
	assert_int_equal(res.gaps, 0);
}

static void test_left_out(void **state)
{
	(void)state;
	tasks[0] = make_task(1, 1);
	fake_live.iterator = fake_live.proc = tasks;
	fake_live.iterator_n = fake_live.proc_n = 1;
	plan.leave_out = COLLECT_NO_ITERATOR;
	take();
	assert_false(view->live_view->witnesses[ITERATOR]->worked);
	assert_string_equal(
		view->live_view->witnesses[ITERATOR]->reason, "left out");
}

static void test_no_witness(void **state)
{
	struct err e = { 0 };

	(void)state;
	fake_live.refuses |= LIVE_BY_ITERATOR | LIVE_BY_PROC;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(res.outcome, ICECORE__V1__OUTCOME__OUTCOME_FAILED);
	assert_int_equal(res.gaps, 1);
}

static void test_lost(void **state)
{
	size_t n = LIVE_TASKS_MAX + 2;
	struct live_task *many = calloc(n, sizeof(*many));

	(void)state;
	assert_non_null(many);
	for (uint32_t i = 0; i < n; i++)
		many[i] = make_task(7, i + 1);
	fake_live.proc = many;
	fake_live.proc_n = n;
	fake_live.refuses |= LIVE_BY_ITERATOR;
	interrupted = false;
	take();
	free(many);
	assert_int_equal(gaps_n, 1);
	assert_string_equal(gaps[0]->gap->what, "tasks");
	assert_non_null(strstr(gaps[0]->gap->reason, "2 sightings"));
}

static void test_interrupted(void **state)
{
	(void)state;
	tasks[0] = make_task(1, 1);
	fake_live.proc = tasks;
	fake_live.proc_n = 1;
	interrupted = true;
	take();
	assert_int_equal(processes_n, 0);
	assert_int_equal(gaps_n, 1);
	assert_string_equal(gaps[0]->gap->reason, "interrupted");
	assert_int_equal(res.outcome, ICECORE__V1__OUTCOME__OUTCOME_INTERRUPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_no_environment),
		TEST(test_cut),
		TEST(test_many_threads),
		TEST(test_one_witness),
		TEST(test_left_out),
		TEST(test_no_witness),
		TEST(test_lost),
		TEST(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
