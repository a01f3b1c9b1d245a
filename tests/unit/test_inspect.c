// SPDX-License-Identifier: Apache-2.0
/* Tasks of a made-up kernel by each view, what is missing from some, and what
 * is said of them beside a live picture. */
#include <errno.h>

#include "inspect/compare.h"
#include "inspect/smear.h"
#include "unit/inspect_world.h"

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

static const struct task *find(const struct tasks *ts, uint64_t paddr)
{
	for (size_t i = 0; i < ts->n; i++)
		if (ts->v[i].at == VA(paddr))
			return &ts->v[i];
	return NULL;
}

static void see(struct tasks *ts)
{
	struct err e = { 0 };

	assert_ok(tasks_see(ts, &w.image.captured, &e), &e);
}

static void test_views(void **state)
{
	enum { ALL = (1 << TASK_VIEWS) - 1 };
	const struct task *t;
	struct tasks ts;

	(void)state;
	see(&ts);
	for (int i = 0; i < TASK_VIEWS; i++)
		assert_string_equal(ts.why[i].msg, "");
	assert_int_equal(ts.asked, ALL);
	assert_int_equal(ts.n, 4);
	assert_int_equal(ts.ended, 1);
	t = find(&ts, w.good);
	assert_int_equal(t->views, ALL);
	assert_int_equal(t->pid, 1);
	assert_true(t->leader);
	assert_string_equal(t->comm, "good");
	assert_int_equal(t->start_boot_ns, 1000000000);
	t = find(&ts, w.thread);
	assert_int_equal(t->views,
		TASK_BY_THREADS | TASK_BY_IDS | TASK_BY_CGROUPS | TASK_BY_SLAB);
	assert_int_equal(t->pid, 1);
	assert_int_equal(t->tid, 2);
	t = find(&ts, w.evil);
	assert_int_equal(t->views, TASK_BY_THREADS | TASK_BY_SLAB);
	assert_null(find(&ts, w.ended));
	assert_int_equal(tasks_compare(&ts), 1);
	assert_int_equal(t->missing,
		TASK_BY_LIST | TASK_BY_IDS | TASK_BY_CHILDREN | TASK_BY_CGROUPS);
	tasks_done(&ts);
}

/* Against a live picture that has the others. */
static void test_hidden(void **state)
{
	struct snapshot_task live[] = {
		{ .tid = 1, .pid = 1, .start_boot_ns = 1000000000 },
		{ .tid = 2, .pid = 1, .start_boot_ns = 2000000000 },
		{ .tid = 9, .pid = 9, .start_boot_ns = 1500000000 },
	};
	struct snapshot s = { .tasks = live,
		.tasks_n = ARRAY_LEN(live),
		.own_pid = 77,
		.first_boot_ns = 5000000000 };
	struct verdicts vs = { 0 };
	struct churn churn = { 0 };
	struct tasks ts;
	struct err e = { 0 };

	(void)state;
	see(&ts);
	(void)tasks_compare(&ts);
	assert_ok(compare_tasks(&vs, &churn, &w.image.captured, &ts, &s, &e), &e);
	assert_int_equal(vs.n, 1);
	assert_string_equal(vs.v[0].rule->id, "task.hidden-from-snapshot");
	assert_int_equal(vs.v[0].ref.pid, 3);
	assert_string_equal(vs.v[0].name, "evil");
	assert_non_null(strstr(vs.v[0].detail,
		"in memory by threads, slab; not by list, ids, children, cgroups"));
	assert_int_equal(churn.ended, 1);
	assert_int_equal(churn.began, 0);
	verdicts_done(&vs);
	/* What began after the live picture, and the agent's own. */
	s.first_boot_ns = 2500000000;
	churn = (struct churn){ 0 };
	assert_ok(compare_tasks(&vs, &churn, &w.image.captured, &ts, &s, &e), &e);
	assert_int_equal(vs.n, 0);
	assert_int_equal(churn.began, 1);
	/* Without a live picture the lists are all there is. */
	s.tasks_n = 0;
	assert_ok(compare_tasks(&vs, &churn, &w.image.captured, &ts, &s, &e), &e);
	assert_int_equal(vs.n, 1);
	assert_string_equal(vs.v[0].rule->id, "task.hidden-from-lists");
	verdicts_done(&vs);
	tasks_done(&ts);
}

/* Whoever hides need not look as what lives: two signs of it are enough. */
static void test_disguised(void **state)
{
	static const char *const signs[] = { "usage", "sighand", "thread_pid" };
	struct tasks ts;

	(void)state;
	fake_image_put32(&w.image, W_STACK, 0);
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		put_member(&w, w.evil, "task_struct", signs[i], 0);
		see(&ts);
		assert_true(!find(&ts, w.evil) == (i > 0));
		tasks_done(&ts);
	}
}

/* A list that never comes back is left, and what was on it is seen. */
static void test_loop(void **state)
{
	struct tasks ts;

	(void)state;
	fake_image_put(&w.image, w.good + w.tasks, VA(w.good + w.tasks));
	see(&ts);
	assert_int_equal(ts.asked & TASK_BY_LIST, 0);
	assert_non_null(strstr(ts.why[0].msg, "links"));
	assert_int_equal(find(&ts, w.good)->views & TASK_BY_LIST, TASK_BY_LIST);
	/* A view that broke off lacks nobody. */
	assert_int_equal(tasks_compare(&ts), 1);
	assert_int_equal(find(&ts, w.evil)->missing & TASK_BY_LIST, 0);
	tasks_done(&ts);
}

static void test_dangling(void **state)
{
	struct peek_image *p = w.image.captured.peek;
	struct tasks ts;

	(void)state;
	/* Of the direct map, and not in the capture. */
	fake_image_put(&w.image, w.good + w.tasks, VA(FAKE_IMAGE_BYTES + 0x8000));
	/* No address at all. */
	fake_image_put(&w.image, w.good + w.children, 0x1234);
	see(&ts);
	assert_int_equal(ts.asked & (TASK_BY_LIST | TASK_BY_CHILDREN), 0);
	assert_true(ts.asked & TASK_BY_IDS);
	assert_true(p->gaps_n >= 1);
	assert_int_equal(p->gaps[0].subject, SUBJECT_TASKS);
	assert_in_range(p->gaps[0].paddr, FAKE_IMAGE_BYTES + 0x7e00,
		FAKE_IMAGE_BYTES + 0x8200);
	assert_int_equal(p->gaps[0].vaddr, VA(p->gaps[0].paddr));
	assert_int_equal(p->windows[SUBJECT_TASKS].missing, p->gaps_n);
	tasks_done(&ts);
}

static void test_times(void **state)
{
	const struct peek_window *window =
		&w.image.captured.peek->windows[SUBJECT_TASKS];
	struct tasks ts;
	struct smear smear;
	struct err e = { 0 };

	(void)state;
	see(&ts);
	assert_true(window->pages > 4);
	assert_true(window->first_ns >= 1000 + W_SLAB);
	assert_int_equal(window->last_ns, 2000 + W_PAGES);
	assert_ok(smear_see(&smear, &w.image.captured, &ts, &e), &e);
	assert_int_equal(smear.links, 2);
	assert_int_equal(smear.torn, 0);
	fake_image_put(&w.image, W_INIT + w.tasks + 8, VA(w.evil + w.tasks));
	assert_ok(smear_see(&smear, &w.image.captured, &ts, &e), &e);
	assert_int_equal(smear.torn, 1);
	tasks_done(&ts);
}

static void test_no_symbols(void **state)
{
	static const char *const names[] = { "init_task", "init_pid_ns",
		"css_set_table", "runqueues", "task_struct_cachep" };
	struct tasks ts;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		fake_image_symbol(&w.image, names[i], 0, 0);
	see(&ts);
	assert_int_equal(ts.n, 0);
	assert_int_equal(ts.asked, TASK_BY_CHILDREN | TASK_BY_THREADS);
	assert_string_equal(ts.why[0].msg, "no symbol init_task");
	assert_string_equal(ts.why[6].msg, "no cache of tasks");
	tasks_done(&ts);
}

static void test_states(void **state)
{
	static const struct {
		struct task t;
		char letter;
		bool ending;
	} cases[] = {
		{ { .state = 0 }, 'R', false },
		{ { .state = 1 }, 'S', false },
		{ { .state = 2 }, 'D', false },
		{ { .state = 4 }, 'T', false },
		{ { .state = 8 }, 't', false },
		{ { .exit_state = 32 }, 'Z', true },
		{ { .exit_state = 16 }, 'X', true },
		{ { .state = 0x402, .flags = 0x200000 }, 'I', false },
		{ { .state = 0, .flags = 4 }, 'R', true },
		{ { .state = 0x80 }, 'R', true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(task_state(&cases[i].t), cases[i].letter);
		assert_int_equal(task_is_ending(&cases[i].t), cases[i].ending);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_views, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hidden, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_disguised, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dangling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_no_symbols, set_up, tear_down),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
