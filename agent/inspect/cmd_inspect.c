// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include "inspect/captured.h"
#include "inspect/task.h"
#include "lab/lab.h"
#include "lab/parallel.h"
#include "lab/records.h"
#include "lab/reader.h"
int cmd_inspect(int argc, char **argv)
{
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	struct err e = { 0 };
	struct reader *r = NULL;
	struct captured *c = NULL;
	struct tasks ts;
	struct ram_options o = { .scratch = "/tmp", .keys = &keys, .threads = parallel_threads() };
	int rc = lab_keys_load(&keys, argv[3], &e);
	(void)argc;
	if (rc == 0) rc = records_open(&r, argv[1], &keys, &e);
	if (rc == 0) rc = captured_open(&c, r, &o, &e);
	if (rc == 0) rc = tasks_see(&ts, c, &e);
	if (rc < 0) return lab_failed(&e);
	tasks_compare(&ts);
	for (int i = 0; i < TASK_VIEWS; i++)
		printf("view %s: %d %s\n", task_view_name(1U << i), ts.asked >> i & 1, ts.why[i].msg);
	printf("ended %"PRIu64"\n", ts.ended);
	for (size_t i = 0; i < ts.n; i++) {
		char exe[TASK_PATH_CHARS];
		task_exe(exe, c, &ts.v[i]);
		printf("%u %u %u %s %c views %#x missing %#x %"PRIu64" %s %u\n", ts.v[i].pid, ts.v[i].tid, ts.v[i].ppid, ts.v[i].comm, task_state(&ts.v[i]), ts.v[i].views, ts.v[i].missing, ts.v[i].start_boot_ns, exe, task_netns(c, &ts.v[i]));
	}
	for (int i = 0; i < SUBJECTS; i++)
		printf("%s: pages %"PRIu64" missing %"PRIu64" unmapped %"PRIu64" %"PRIu64"..%"PRIu64"\n", subject_name(i), c->peek->windows[i].pages, c->peek->windows[i].missing, c->peek->windows[i].unmapped, c->peek->windows[i].first_ns, c->peek->windows[i].last_ns);
	return 0;
}
