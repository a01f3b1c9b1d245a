// SPDX-License-Identifier: Apache-2.0
/* What the parsers of /proc/PID/stat and status make of anything. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>

#include "base/err.h"
#include "live/procfs.h"

enum { HZ = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read of a stat that is written again is the same. */
static void round_trip(const struct live_task *t)
{
	struct live_task again = { 0 };
	struct err e = { "" };
	char text[512];
	int n = snprintf(text, sizeof(text),
		"1 (%s) %c %u %u %u 0 -1 %u 0 0 0 0 %llu %llu 0 0 0 0 0 0 %llu 0 0",
		t->comm, t->state, t->ppid, t->pgid, t->session,
		t->is_kthread ? 0x200000 : 0,
		(unsigned long long)t->user_ns / 10000000,
		(unsigned long long)t->system_ns / 10000000,
		(unsigned long long)t->start_boot_ns / 10000000);

	assert(n > 0 && procfs_stat(&again, text, (size_t)n, HZ, &e) == 0);
	assert(strcmp(again.comm, t->comm) == 0);
	assert(again.state == t->state && again.ppid == t->ppid);
	assert(again.pgid == t->pgid && again.session == t->session);
	assert(again.is_kthread == t->is_kthread);
	assert(again.start_boot_ns == t->start_boot_ns);
	assert(again.user_ns == t->user_ns && again.system_ns == t->system_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* At its very end, so that the sanitizer sees one byte too many. */
	AUTO_FREE char *text = malloc(size ? size : 1);
	static uint32_t groups[PROCFS_GROUPS_MAX];
	struct live_task t = { 0 };
	struct err e = { "" };
	int64_t number;
	int r;

	assert(text);
	memcpy(text, data, size);
	r = procfs_stat(&t, text, size, HZ, &e);
	assert(r == 0 || (r == -EBADMSG && e.msg[0]));
	assert(t.comm[sizeof(t.comm) - 1] == 0);
	assert(t.tty[sizeof(t.tty) - 1] == 0);
	if (r == 0)
		round_trip(&t);
	procfs_status(&t, text, size);
	(void)procfs_groups(groups, text, size);
	r = procfs_number(&number, text, size);
	assert(r == 0 || r == -EBADMSG);
	return 0;
}
