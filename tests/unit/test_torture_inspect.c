// SPDX-License-Identifier: Apache-2.0
/* Every allocation of the inspect floor fails once, over memory that is made
 * up. */
#include <errno.h>

#include "inspect/compare.h"
#include "inspect/socket.h"
#include "inspect/space.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "unit/fault.h"
#include "unit/inspect_world.h"
#include "unit/torture.h"

static struct world w;

static int see_space(void *arg, const struct space *s, struct err *e)
{
	const struct snapshot none = { 0 };

	return compare_space(arg, &w.image.captured, s, &none, e);
}

/* What is there is seen, or what cannot be is told. */
static int walk(struct err *e)
{
	struct captured *c = &w.image.captured;
	struct snapshot live = { 0 };
	struct verdicts vs = { 0 };
	struct churn churn = { 0 };
	struct sockets_seen ss = { 0 };
	struct tasks ts = { 0 };
	int r = tasks_see(&ts, c, e);

	if (r == 0) {
		assert_true(ts.n == 4 || ts.asked != (1 << TASK_VIEWS) - 1);
		(void)tasks_compare(&ts);
		r = compare_tasks(&vs, &churn, c, &ts, &live, e);
	}
	if (r == 0)
		r = sockets_see(&ss, c, e);
	if (r == 0)
		r = spaces_each(c, &ts, 0, see_space, &vs, e);
	sockets_seen_done(&ss);
	tasks_done(&ts);
	verdicts_done(&vs);
	return r;
}

static uint8_t *types;
static size_t types_len;

static int make(struct err *e)
{
	struct kstate *state = NULL;
	struct peek_image *peek = NULL;
	int r = kstate_new(&state, "/dev/null", e);

	if (r == 0)
		r = layout_open_bytes(&state->layout, types, types_len, e);
	if (r == 0)
		r = symbols_scan(&state->symbols, state->kallsyms, e);
	if (r == 0)
		r = peek_image_new(&peek, &w.image.physical,
			&w.image.captured.translate, e);
	if (r == 0)
		peek_close(&peek->base);
	kstate_close(state);
	return r;
}

static void torture(void **state)
{
	(void)state;
	assert_true(torture_run("walks", walk).errors > 0);
	assert_true(torture_run("a captured kernel", make).errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(torture) };
	int r;

	fault_hooks();
	types = fake_image_types(&types_len);
	world_init(&w);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	world_done(&w);
	free(types);
	return r;
}
