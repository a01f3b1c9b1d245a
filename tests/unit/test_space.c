// SPDX-License-Identifier: Apache-2.0
/* The memory, the code and the registers of a child of this test. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/io.h"
#include "coredump/code.h"
#include "coredump/registers.h"
#include "coredump/space.h"
#include "live/maps.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { PAGES = 8, PATIENCE_MS = 20000 };

static char dir[SCRATCH_CHARS];
static size_t page;
static uint8_t *plain, *hidden, *filed, *code, *stuck;
static int proc;
static pid_t child;
static int ready[2];

static uint8_t *map(int prot, int flags, int fd)
{
	uint8_t *p = mmap(NULL, PAGES * page, prot, flags, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void make_stuck(void)
{
	struct uffdio_register reg = { { (uintptr_t)stuck, PAGES * page },
		UFFDIO_REGISTER_MODE_MISSING, 0 };
	struct uffdio_api api = { UFFD_API, 0, 0 };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 ||
		ioctl(fd, UFFDIO_REGISTER, &reg) < 0)
		_exit(1);
}

static void run_child(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	memset(plain + page, 'p', page);
	memset(hidden, 'h', PAGES * page);
	(void)mprotect(hidden, PAGES * page, PROT_NONE);
	(void)mprotect(code, PAGES * page, PROT_READ | PROT_WRITE);
	memcpy(code + page + 10, "hook", 4);
	*(volatile uint8_t *)(code + 3 * page) = 'f';
	(void)mprotect(code, PAGES * page, PROT_READ | PROT_EXEC);
	make_stuck();
	(void)!write(ready[1], "r", 1);
	for (;;)
		(void)pause();
}

/* The mappings are made before the fork: both sides know where they are. */
static int set_up(void **state)
{
	uint8_t text[PAGES * 4096];
	char path[SCRATCH_CHARS], c;
	struct err e = { 0 };
	int fd;

	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	scratch_new(dir);
	memset(text, 'f', sizeof(text));
	/* The last page is cut short. */
	scratch_write(dir, "file", text, (PAGES - 1) * page + 5);
	scratch_path(path, dir, "file");
	fd = io_open(AT_FDCWD, path, O_RDWR, 0, &e);
	assert_ok(fd, &e);
	plain = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	hidden = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	stuck = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	filed = map(PROT_READ, MAP_PRIVATE, fd);
	code = map(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
	(void)close(fd);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_child();
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	proc = io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, &e);
	assert_ok(proc, &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(proc);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	scratch_remove(dir);
	return 0;
}

static struct mapping mapping_of(const uint8_t *p, const char *path)
{
	struct mapping m = { .start = (uintptr_t)p,
		.end = (uintptr_t)p + PAGES * page,
		.inode = path ? 1 : 0,
		.path = path,
		.path_len = path ? (uint32_t)strlen(path) : 0 };

	return m;
}

static struct space *open_child(void)
{
	struct space *s = NULL;
	struct err e = { 0 };

	assert_ok(space_open(&s, proc, (uint32_t)child, &e), &e);
	return s;
}

static void check_run(struct space *s, const struct mapping *m, uint64_t at,
	int status, uint64_t end)
{
	struct space_run run;
	struct err e = { 0 };

	assert_ok(space_scan(s, &run, m, at, &e), &e);
	assert_int_equal(run.status, status);
	assert_int_equal(run.end, end);
}

/* By PAGEMAP_SCAN where the kernel has it; guests with 6.1 have it not. */
static void test_scan(void **state)
{
	struct space *s = open_child();
	struct mapping m = mapping_of(plain, NULL);
	struct space_run run;
	struct err e = { 0 };

	(void)state;
	check_run(s, &m, m.start, SPACE_ZERO, m.start + page);
	check_run(s, &m, m.start + page, 0, m.start + 2 * page);
	check_run(s, &m, m.start + 2 * page, SPACE_ZERO, m.end);
	m = mapping_of(filed, "/file");
	check_run(s, &m, m.start, SPACE_IN_FILE, m.end);
	m = mapping_of(plain, "/dev/mem");
	check_run(s, &m, m.start, SPACE_DEVICE, m.end);
	m = mapping_of(plain, "/dev/shm/x");
	check_run(s, &m, m.start + page, 0, m.start + 2 * page);
	m = mapping_of(plain, "[vdso]");
	check_run(s, &m, m.start, 0, m.end);
	assert_err(space_scan(s, &run, &m, m.end, &e), -EINVAL, &e,
		"out of its mapping");
	assert_true(space_is_left_out(
		&(struct mapping){ .path = "[vvar]", .path_len = 6 }));
	assert_false(space_is_left_out(&m));
	space_close(s);
}

static void test_read(void **state)
{
	struct space *s = open_child();
	struct space_batch b;
	struct err e = { 0 };

	(void)state;
	assert_ok(space_read(s, &b, (uintptr_t)plain, 3 * page, &e), &e);
	assert_int_equal(b.pages, 3);
	assert_int_equal(b.v[0].status, SPACE_ZERO);
	assert_int_equal(b.v[1].status, SPACE_DATA);
	assert_int_equal(b.v[1].by, SPACE_BY_READV);
	assert_int_equal(b.v[2].status, SPACE_ZERO);
	assert_memory_equal(b.data + page, "pppp", 4);
	assert_true(b.start_ns <= b.end_ns);
	/* Not even its process may. */
	assert_ok(space_read(s, &b, (uintptr_t)hidden, 2 * page, &e), &e);
	assert_int_equal(b.v[1].status, SPACE_DATA);
	assert_int_equal(b.v[1].by, SPACE_BY_MEM);
	assert_memory_equal(b.data + page, "hhhh", 4);
	/* Nothing is there. */
	assert_ok(space_read(s, &b, page, page, &e), &e);
	assert_int_equal(b.v[0].status, SPACE_FAULT);
	space_close(s);
	assert_int_equal(space_open(&s, proc, 0x7ffffff0, &e), -ESRCH);
}

/* The handler of this page never comes; the next ones are read even so, by
 * another thread. */
static void test_never_answers(void **state)
{
	struct space *s = open_child();
	struct space_batch b;
	struct err e = { 0 };

	(void)state;
	assert_ok(space_read(s, &b, (uintptr_t)stuck, page, &e), &e);
	assert_int_equal(b.v[0].status, SPACE_TIMEOUT);
	assert_ok(space_read(s, &b, (uintptr_t)plain + page, page, &e), &e);
	assert_int_equal(b.v[0].status, SPACE_DATA);
	space_close(s);
}

/* Of one that is gone nothing is said to be zero, or anything else. */
static void test_gone(void **state)
{
	struct mapping m = mapping_of(plain, NULL);
	struct space *s = NULL;
	struct space_batch b;
	struct space_run run;
	struct err e = { 0 };
	pid_t brief = fork();

	(void)state;
	assert_true(brief >= 0);
	while (brief == 0)
		(void)pause();
	assert_ok(space_open(&s, proc, (uint32_t)brief, &e), &e);
	assert_int_equal(kill(brief, SIGKILL), 0);
	assert_int_equal(waitpid(brief, NULL, 0), brief);
	assert_err(space_scan(s, &run, &m, m.start, &e), -ESRCH, &e, "ended");
	assert_err(space_read(s, &b, m.start, page, &e), -ESRCH, &e, "ended");
	space_close(s);
}

struct pages {
	size_t n;
	uint64_t address[PAGES];
	size_t differing[PAGES];
	size_t file_len;
};

static int see(void *arg, const struct code_page *p, struct err *e)
{
	struct pages *got = arg;

	(void)e;
	assert_true(got->n < PAGES);
	got->address[got->n] = p->address;
	got->differing[got->n++] = p->differing;
	got->file_len = p->file_len;
	if (p->file_len)
		assert_memory_equal(p->memory + p->first, "hook", 4);
	return 0;
}

static void test_code(void **state)
{
	struct mapping m = mapping_of(code, "/file");
	struct pages got = { 0 };
	struct code_seen seen;
	struct err e = { 0 };

	(void)state;
	assert_ok(code_compare(&seen, proc, (uint32_t)child, &m, see, &got, &e),
		&e);
	assert_int_equal(seen.file_result, 0);
	assert_int_equal(seen.own, 2);
	assert_int_equal(seen.same, 1);
	assert_int_equal(seen.differing, 1);
	assert_int_equal(seen.unread, 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.address[0], (uintptr_t)code + page);
	assert_int_equal(got.differing[0], 4);
	/* No file is mapped there under that range. */
	m.start += page;
	got = (struct pages){ 0 };
	assert_ok(code_compare(&seen, proc, (uint32_t)child, &m, see, &got, &e),
		&e);
	assert_int_equal(seen.file_result, -ENOENT);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.file_len, 0);
	assert_ok(code_compare(&seen, proc, 0x7ffffff0, &m, see, &got, &e), &e);
	assert_int_equal(seen.own, 0);
}

static void test_registers(void **state)
{
	struct thread_registers t;
	struct registers *r = NULL;
	uint32_t pid = (uint32_t)child;
	struct err e = { 0 };
	bool has_stack = false;
	size_t words;

	(void)state;
	if (geteuid() != 0)
		skip();
	/* It waits in pause() by now, or will. */
	for (int i = 0; i < PATIENCE_MS && !has_stack; i++) {
		registers_free(r);
		assert_ok(registers_see(&r, &pid, 1, &e), &e);
		assert_true(registers_of(&t, r, pid, pid));
		(void)registers_machine(&words);
		for (size_t k = 0; k < words; k++)
			has_stack |= t.general[k] > (uintptr_t)&t - (8 << 20) &&
				     t.general[k] < (uintptr_t)&t + (8 << 20);
		(void)poll(NULL, 0, 1);
	}
	assert_true(has_stack);
	assert_int_equal(t.from, REGISTERS_KERNEL);
	assert_false(registers_of(&t, r, pid, pid + 1));
	registers_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_never_answers),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_registers),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
