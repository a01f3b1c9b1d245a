// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of what keeps events and executables, and of
 * a trigger's request, fails once. */
#include <string.h>

#include "bpf/recorder.h"
#include "recorder/cgroup.h"
#include "recorder/ring.h"
#include "recorder/take.h"
#include "trigger/request.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int keep(struct err *e)
{
	struct recorder_head h = { .bytes = sizeof(h), .kind = RECORDER_EXIT };
	struct ring *r = NULL;
	int done = ring_new(&r, RING_MIN_BYTES, e);

	for (int i = 0; done == 0 && i < 2000; i++)
		ring_put(r, &h, sizeof(h));
	ring_free(r);
	return done;
}

static int meet(struct err *e)
{
	struct cgroups *c = NULL;
	int done = cgroups_new(&c, e);

	for (uint64_t id = 1; done == 0 && id < 5; id++)
		cgroups_meet(c, id);
	cgroups_free(c);
	return done;
}

static int take_one(struct err *e)
{
	static struct recorder_page p = { .inode = 5, .size = 100 };
	struct take *t = NULL;
	int done = take_new(&t, e);

	if (done == 0)
		take_page(t, &p, sizeof(p));
	if (done == 0 && take_list(t)->n != 1)
		done = err_set(e, -1, "it is not in the list");
	take_free(t);
	return done;
}

static int ask(struct err *e)
{
	static const char text[] = "{\"case\": \"C\", \"reason\": \"r\"}";
	struct trigger_request rq;

	return trigger_request_decode(&rq, text, sizeof(text) - 1, e);
}

static void ring(void **state)
{
	(void)state;
	assert_true(torture_run("ring", keep).errors > 0);
}

static void cgroup(void **state)
{
	(void)state;
	assert_true(torture_run("cgroup", meet).errors > 0);
}

static void take(void **state)
{
	(void)state;
	assert_true(torture_run("take", take_one).errors > 0);
}

static void trigger(void **state)
{
	(void)state;
	assert_true(torture_run("trigger", ask).errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring),
		cmocka_unit_test(cgroup),
		cmocka_unit_test(take),
		cmocka_unit_test(trigger),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
