// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "unit/fault.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"

/* LeakSanitizer is slow: it looks now and then, and in the end. */
enum { LEAKS_EVERY = 16 };

/* A server closes its end of a connection a moment after we did ours. */
static bool fds_go_back_to(int fds)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; i < 2000; i++) {
		if (scratch_open_fds() <= fds)
			return true;
		(void)nanosleep(&nap, NULL);
	}
	return false;
}

struct torture torture_run(const char *what, torture_operation *op)
{
	struct torture t = { 0 };
	struct err e = { 0 };
	int fds = scratch_open_fds(), first = op(&e);

	/* Libraries keep something for good at the first time. */
	if (!fds_go_back_to(fds))
		fds = scratch_open_fds();
	for (; t.calls < TORTURE_CALLS_MAX; t.calls++) {
		const char *call;
		int r;

		memset(&e, 0, sizeof(e));
		fault_arm(t.calls);
		r = op(&e);
		call = fault_disarm();
		if (!call)
			break;
		if (r < 0 && !e.msg[0])
			fail_msg("%s: %s: no sentence", what, call);
		if (!fds_go_back_to(fds))
			fail_msg("%s: %s: a descriptor stayed open", what, call);
		if (r < 0 && t.calls % LEAKS_EVERY == 0 && fault_leaks())
			fail_msg("%s: %s: a leak", what, call);
		t.errors += r < 0;
		t.bad += r == -EBADMSG;
	}
	if (fault_leaks())
		fail_msg("%s: a leak", what);
	print_message("%s: %ld calls failed in turn, %ld of them told, %ld as bad; "
		      "without: %d\n",
		what, t.calls, t.errors, t.bad, first);
	assert_in_range(t.calls, 1, TORTURE_CALLS_MAX - 1);
	return t;
}
