/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a test makes, through a whole capture of the collector binary
 * that is told of no others, and the records that come out. */
#ifndef UNIT_BINARY_FIXTURE_H
#define UNIT_BINARY_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "collect/collector.h"
#include "lab/extract.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "live/procfs.h"
#include "unit/evidence.h"
#include "unit/fake_live.h"
#include "unit/unit.h"

enum { RECORDS_MAX = 256, PROCESSES_MAX = 8, PATH_CHARS = 320 };

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS], out[SCRATCH_CHARS];
static atomic_bool interrupted;
static struct capture_plan plan;
static struct capture_result res;
static struct live_task tasks[PROCESSES_MAX];
static size_t tasks_n;
static Icecore__V1__Record *records[RECORDS_MAX];
static size_t records_n;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	scratch_new(top);
	scratch_new(out);
	evidence_dir(dir, top);
	evidence_fake_host(1);
	keys.n = 1;
	interrupted = false;
	tasks_n = 0;
	memset(tasks, 0, sizeof(tasks));
	fake_live = (struct fake_live){
		.refuses = FAKE_LIVE_REFUSES | LIVE_BY_ITERATOR, .proc = tasks
	};
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	plan.collectors[0] = collector_find("binary");
	plan.collectors_n = 1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < tasks_n; i++) {
		(void)kill((pid_t)tasks[i].pid, SIGKILL);
		(void)waitpid((pid_t)tasks[i].pid, NULL, 0);
	}
	for (size_t i = 0; i < records_n; i++)
		record_free(records[i]);
	records_n = 0;
	scratch_remove(top);
	scratch_remove(out);
	return 0;
}

/* Tell the collector of this process. */
static void tell(pid_t pid)
{
	char path[64];
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	struct live_task *t = &tasks[tasks_n++];

	t->pid = t->tid = (uint32_t)pid;
	buf_init(&b, 4096);
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	assert_ok(io_slurp(AT_FDCWD, path, &b, &e), &e);
	assert_ok(procfs_stat(t, (const char *)b.data, b.len,
			  (unsigned)sysconf(_SC_CLK_TCK), &e),
		&e);
	fake_live.proc_n = tasks_n;
}

/* Run ${run} in a child, which says when it is ready, and tell of it. */
static pid_t spawn(void (*run)(int ready))
{
	int fds[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(fds[0]);
		run(fds[1]);
		_exit(1);
	}
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	(void)close(fds[0]);
	tell(pid);
	return pid;
}

static void ready_and_stay(int ready)
{
	if (write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static int keep(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	(void)arg;
	assert_in_range(records_n, 0, RECORDS_MAX - 1);
	assert_ok(record_decode(&records[records_n++], buf, len, e), e);
	return 0;
}

/* Capture, keep the records, and extract below ${out}. */
static void take(void)
{
	struct extract_options options = {
		.memory = -1, .threads = 1, .keys = &keys
	};
	struct extract_result extracted;
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_ok(reader_open(&r, dir, &e), &e);
	evidence_read(r, &keys, keep, NULL);
	options.outfd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(extract_run(&extracted, r, &options, &e), &e);
	extract_done(&extracted);
	(void)close(options.outfd);
	reader_close(r);
}

/* The binary that has a path which ends in ${end}; NULL = none. */
static const Icecore__V1__Binary *find(const char *end)
{
	for (size_t i = 0; i < records_n; i++) {
		const Icecore__V1__Binary *b = records[i]->binary;

		if (records[i]->body_case != ICECORE__V1__RECORD__BODY_BINARY)
			continue;
		for (size_t k = 0; k < b->n_paths; k++)
			if (b->paths[k].len >= strlen(end) &&
				memcmp(b->paths[k].data + b->paths[k].len -
						strlen(end),
					end, strlen(end)) == 0)
				return b;
	}
	return NULL;
}

/* The reason of the gap that speaks of ${what}; NULL = none. */
static const char *find_gap(const char *what)
{
	for (size_t i = 0; i < records_n; i++)
		if (records[i]->body_case == ICECORE__V1__RECORD__BODY_GAP &&
			strstr(records[i]->gap->what, what))
			return records[i]->gap->reason;
	return NULL;
}

static bool has_reason(const Icecore__V1__Binary *b, const char *rule)
{
	for (size_t i = 0; i < b->n_reasons; i++)
		if (strcmp(b->reasons[i]->rule, rule) == 0)
			return true;
	return false;
}

/* Where its content was extracted to. */
static void extracted(char ret[PATH_CHARS], const Icecore__V1__Binary *b)
{
	size_t n = (size_t)snprintf(ret, PATH_CHARS, "%s/binaries/", out);

	for (size_t i = 0; i < b->content_id.len; i++)
		n += (size_t)snprintf(
			ret + n, PATH_CHARS - n, "%02x", b->content_id.data[i]);
}

/* A program of this machine, byte for byte, at ${to}. */
static void copy_program(int to, const char *from)
{
	AUTO_CLOSE int fd = open(from, O_RDONLY | O_CLOEXEC);
	static uint8_t piece[1 << 16];
	struct err e = { 0 };
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		assert_ok(io_write(to, piece, (size_t)n, &e), &e);
}

static void assert_same_content(const char *a, const char *b)
{
	static uint8_t x[1 << 16], y[1 << 16];
	AUTO_CLOSE int f = open(a, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int g = open(b, O_RDONLY | O_CLOEXEC);
	ssize_t n, m;

	assert_true(f >= 0 && g >= 0);
	do {
		n = io_read(f, x, sizeof(x), NULL);
		m = io_read(g, y, sizeof(y), NULL);
		assert_int_equal(n, m);
		assert_memory_equal(x, y, n);
	} while (n > 0);
}

static void run_memfd(int ready)
{
	char *argv[] = { (char *)"memfd", (char *)"60", NULL };
	int fd = memfd_create("evil", MFD_CLOEXEC);

	copy_program(fd, "/bin/sleep");
	if (write(ready, "x", 1) == 1)
		(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
}

/* It says that it is ready before it is: until it runs what it was to run. */
static void wait_for_exe(pid_t pid, const char *part)
{
	char link[64], path[PATH_CHARS];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	do {
		n = readlink(link, path, sizeof(path) - 1);
		assert_true(n > 0);
		path[n] = 0;
	} while (!strstr(path, part));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
