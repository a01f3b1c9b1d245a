// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of the trace floor fails once, on logs that
 * this test makes. */
#include "base/buf.h"
#include "base/io.h"
#include "trace/trace.h"
#include "unit/disk_tree.h"
#include "unit/fault.h"
#include "unit/torture.h"

static char top[SCRATCH_CHARS];

static int see_event(void *arg, const struct trace_event *v, struct err *e)
{
	(void)arg;
	(void)v;
	(void)e;
	return 0;
}

static int see_odd(void *arg, enum trace_oddity what, const char *path,
	const char *detail, struct err *e)
{
	(void)arg;
	(void)what;
	(void)path;
	(void)detail;
	(void)e;
	return 0;
}

static int look(struct err *e)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	struct tree_misses m = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = &m };
	struct picture p;
	const struct trace_config trace = { .picture = &p,
		.miss = tree_miss,
		.event = see_event,
		.odd = see_odd,
		.arg = &m };
	int r = picture_take(&p, &config, e);

	if (r < 0)
		return r;
	r = trace_run(&trace, e);
	picture_done(&p);
	return r;
}

/* The seed of a journal. */
static void put_journal(void)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	buf_init(&b, 1 << 20);
	assert_ok(io_slurp(AT_FDCWD, FUZZ_SEEDS "/journal/zstd", &b, &e), &e);
	tree_mkdir(top, "var/log/journal/m");
	scratch_write(top, "var/log/journal/m/system.journal", b.data, b.len);
}

static void trace(void **state)
{
	char record[384] = { 7 };

	(void)state;
	scratch_new(top);
	put_journal();
	tree_mkdir(top, "root");
	tree_mkdir(top, "var/lib/docker/containers/a");
	scratch_write(top, "var/log/wtmp", record, sizeof(record));
	tree_write(top, "var/log/auth.log", "Nov 13 02:13:20 box sshd[1]: x\n");
	tree_write(top, "root/.bash_history", "history -c\n");
	tree_write(top, "var/lib/docker/containers/a/a-json.log",
		"{\"log\":\"x\",\"time\":\"2025-11-13T02:13:20Z\"}\n");
	assert_true(torture_run("trace", look).calls > 20);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trace),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
