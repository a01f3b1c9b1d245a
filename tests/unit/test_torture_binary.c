// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of the binary floor fails once, on files
 * that this test makes. */
#include "binary/content.h"
#include "binary/elf_traits.h"
#include "binary/measure.h"
#include "binary/owner.h"
#include "base/io.h"
#include "binary/slow.h"
#include "unit/disk_tree.h"
#include "unit/fault.h"
#include "unit/torture.h"

enum { WAIT_NS = 2000000000 };

static char top[SCRATCH_CHARS];

static int see(
	void *arg, uint64_t offset, const uint8_t *p, size_t len, struct err *e)
{
	(void)e;
	measure_see(arg, offset, p, len);
	return 0;
}

static int read_content(struct err *e)
{
	AUTO_CLOSE int held = -1;
	struct content_config config = { .see = see };
	struct measure *m = NULL;
	struct slow *slow = NULL;
	struct content c;
	struct stat st;
	char path[SCRATCH_CHARS];
	int r = slow_new(&slow, WAIT_NS, e);

	scratch_path(path, top, "usr/bin/x");
	if (r == 0)
		r = measure_new(&m, 7, e);
	config.slow = slow;
	config.arg = m;
	if (r == 0)
		held = r = slow_look(slow, AT_FDCWD, path, &st, e);
	if (r >= 0)
		r = content_read(&c, held, &config, e);
	measure_free(m);
	slow_free(slow);
	return r < 0 ? r : 0;
}

static ssize_t read_seed(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	return io_pread(*(int *)arg, buf, len, offset, e);
}

static int read_elf(struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, SEEDS "/lib", O_RDONLY, 0, e);
	struct elf_traits t;
	int r = fd < 0 ? fd
		       : elf_traits_read(&t, (uint64_t)lseek(fd, 0, SEEK_END),
				 read_seed, &fd, e);

	if (r < 0)
		return r;
	/* libelf says no more than that it is no ELF file. */
	if (r == 0)
		elf_traits_done(&t);
	return 0;
}

static int find_owner(struct err *e)
{
	struct owner v = { .path = "/usr/bin/x" };
	AUTO_CLOSE int root = io_open(AT_FDCWD, top, O_PATH | O_DIRECTORY, 0, e);
	int r = root < 0 ? root : owner_find(&v, 1, root, e);

	return r < 0 ? r : 0;
}

static int find_owner_timed(struct err *e)
{
	struct owner v = { .path = "/usr/bin/x" };
	AUTO_CLOSE int root = io_open(AT_FDCWD, top, O_PATH | O_DIRECTORY, 0, e);
	int r = root < 0 ? root
			 : owner_find_timed(&v, 1, root, 10000000000ULL, e);

	return r < 0 ? r : 0;
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	tree_mkdir(top, "var/lib/dpkg/info");
	tree_mkdir(top, "usr/bin");
	tree_write(top, "var/lib/dpkg/diversions", "/a\n/usr/bin/x\n:\n");
	tree_write(top, "var/lib/dpkg/info/p.list", "/usr/bin/x\n/usr/bin/y\n");
	tree_write(top, "var/lib/dpkg/info/p.md5sums",
		"d41d8cd98f00b204e9800998ecf8427e  usr/bin/x\n");
	tree_write(top, "usr/bin/x", "content");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static void content(void **state)
{
	(void)state;
	assert_true(torture_run("content", read_content).errors > 5);
}

static void elf(void **state)
{
	(void)state;
	assert_true(torture_run("elf", read_elf).errors > 0);
}

static void owner(void **state)
{
	(void)state;
	assert_true(torture_run("owner", find_owner).errors > 5);
	assert_true(torture_run("owner, timed", find_owner_timed).errors > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content),
		cmocka_unit_test(elf),
		cmocka_unit_test(owner),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
