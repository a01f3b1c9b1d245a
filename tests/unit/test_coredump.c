// SPDX-License-Identifier: Apache-2.0
/*
 * Whose memory to take, standing still, registers and entry points as text:
 * over a /proc and cgroups that are made up.
 */
#include <elf.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/num.h"
#include "coredump/cgroup.h"
#include "coredump/choose.h"
#include "coredump/program.h"
#include "coredump/freeze.h"
#include "coredump/registers.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static const char id[] =
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static char top[SCRATCH_CHARS], proc[SCRATCH_CHARS], cgroups[SCRATCH_CHARS];

static void make_dir(const char *base, const char *name)
{
	char path[SCRATCH_CHARS];

	scratch_path(path, base, name);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
}

static void make_process(const char *pid, const char *cgroup)
{
	char name[64];

	make_dir(proc, pid);
	(void)snprintf(name, sizeof(name), "%s/cgroup", pid);
	scratch_write(proc, name, cgroup, strlen(cgroup));
}

static int set_up(void **state)
{
	char cgroup[512];

	(void)state;
	scratch_new(top);
	make_dir(top, "proc");
	make_dir(top, "cg");
	scratch_path(proc, top, "proc");
	scratch_path(cgroups, top, "cg");
	make_process("self", "0::/agent\n");
	make_process("5", "0::/system.slice/ssh.service\n");
	(void)snprintf(cgroup, sizeof(cgroup), "0::/docker/%s\n", id);
	make_process("70", cgroup);
	make_process("7", cgroup);
	(void)snprintf(cgroup, sizeof(cgroup),
		"0::/kubepods/burstable/pod01234567-89ab-cdef-0123-456789abcdef/"
		"%s\n",
		id);
	make_process("9", cgroup);
	make_dir(proc, "1");
	make_dir(proc, "1/root");
	make_dir(proc, "1/root/var");
	make_dir(proc, "1/root/var/log");
	make_dir(proc, "1/root/var/log/pods");
	make_dir(proc, "1/root/var/log/pods/"
		       "shop_cart-0_01234567-89ab-cdef-0123-456789abcdef");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static void check_chosen(const struct choice *c, size_t n, const uint32_t *want)
{
	AUTO_CHOSEN struct chosen chosen = { 0 };
	struct err e = { 0 };

	assert_ok(choose(&chosen, c, proc, &e), &e);
	assert_int_equal(chosen.n, n);
	assert_memory_equal(chosen.pids, want, n * sizeof(*want));
}

static void test_choose(void **state)
{
	struct choice c = { .pids = { 70, 5 }, .pids_n = 2 };

	(void)state;
	assert_true(choice_is_empty(&(struct choice){ .pids_n = 0 }));
	check_chosen(&c, 2, (uint32_t[]){ 5, 70 });
	c = (struct choice){ .containers = { "01234567" }, .containers_n = 1 };
	check_chosen(&c, 3, (uint32_t[]){ 7, 9, 70 });
	c = (struct choice){ .containers = { id }, .containers_n = 1 };
	check_chosen(&c, 3, (uint32_t[]){ 7, 9, 70 });
	c = (struct choice){ .pods = { "cart-0" }, .pods_n = 1 };
	check_chosen(&c, 1, (uint32_t[]){ 9 });
	c = (struct choice){ .pods = { "shop/cart-0" }, .pods_n = 1 };
	check_chosen(&c, 1, (uint32_t[]){ 9 });
	c = (struct choice){ .pods = { "01234567-89ab-cdef-0123-456789abcdef" },
		.pods_n = 1,
		.pids = { 5 },
		.pids_n = 1 };
	check_chosen(&c, 2, (uint32_t[]){ 5, 9 });
}

static void check_refused(const struct choice *c, const char *why)
{
	struct chosen chosen = { 0 };
	struct err e = { 0 };

	assert_err(choose(&chosen, c, proc, &e), -ESRCH, &e, why);
	assert_null(chosen.pids);
}

static void test_choose_nobody(void **state)
{
	(void)state;
	check_refused(&(struct choice){ .pids = { 6 }, .pids_n = 1 },
		"there is no process 6");
	/* Less than is needed to mean one. */
	check_refused(
		&(struct choice){ .containers = { "0123" }, .containers_n = 1 },
		"no process runs in a container '0123'");
	check_refused(&(struct choice){ .pods = { "office/cart-0" }, .pods_n = 1 },
		"no process runs in a pod 'office/cart-0'");
}

static void check_cgroup(const char *text, int is_v1, const char *want)
{
	AUTO_FREE char *copy = strdup(text);
	struct cgroup_place at;
	struct err e = { 0 };
	int r = cgroup_parse(&at, copy, &e);

	if (!want) {
		assert_err(r, -ENOENT, &e, "not below ours");
		return;
	}
	assert_ok(r, &e);
	assert_string_equal(at.path, want);
	assert_int_equal(at.is_v1, is_v1);
}

static void test_cgroup(void **state)
{
	(void)state;
	check_cgroup("0::/a/b\n", 0, "a/b");
	check_cgroup("0::/\n", 0, "");
	check_cgroup("5:memory:/m\n3:freezer:/f\n0::/u\n", 1, "f");
	check_cgroup("0::/u\n3:freezer:/f", 1, "f");
	check_cgroup("3:freezer:/\n0::/u\n", 0, "u");
	check_cgroup("3:freezer:/\n0::/\n", 0, "");
	check_cgroup("0::/../x\n", 0, NULL);
	check_cgroup("0::/..\n", 0, NULL);
	check_cgroup("0::/..x\n", 0, "..x");
	check_cgroup("nonsense\n::\n:\n0::relative\n", 0, NULL);
	check_cgroup("", 0, NULL);
	assert_true(cgroup_is_within("a/b", "a"));
	assert_true(cgroup_is_within("a", "a"));
	assert_true(cgroup_is_within("a", ""));
	assert_false(cgroup_is_within("ab", "a"));
}

/* Files that say yes: ->events is what they say. */
static void make_cgroup(const char *name, const char *events)
{
	char path[64];

	make_dir(cgroups, name);
	(void)snprintf(path, sizeof(path), "%s/cgroup.freeze", name);
	scratch_write(cgroups, path, "0", 1);
	(void)snprintf(path, sizeof(path), "%s/cgroup.events", name);
	scratch_write(cgroups, path, events, strlen(events));
}

static void check_freeze(int code, const char *why)
{
	struct freeze_config config = { proc, cgroups, 5 };
	struct freeze *f = NULL;
	uint32_t pid = 5;
	struct err e = { 0 };

	assert_err(freeze_begin(&f, &pid, 1, &config, &e), code, &e, why);
	assert_null(f);
}

static void test_freeze_refused(void **state)
{
	(void)state;
	make_process("5", "0::/agent\n");
	check_freeze(-EBUSY, "shares its cgroup '/agent' with the agent");
	make_process("5", "0::/\n");
	check_freeze(-EBUSY, "with all others");
	make_process("5", "junk\n");
	check_freeze(-ENOENT, "not below ours");
	make_process("5", "0::/nowhere\n");
	check_freeze(-ENOENT, "nowhere");
	make_process("5", "0::/half\n");
	make_dir(cgroups, "half");
	check_freeze(-ENOENT, "cgroup.freeze");
	/* It never says that it stands still. */
	make_process("5", "0::/deaf\n");
	make_cgroup("deaf", "populated 1\nfrozen 0\n");
	check_freeze(-ETIMEDOUT, "not all processes stood still");
	assert_false(freeze_holds(NULL));
}

static void check_file(const char *name, const char *want)
{
	size_t len;
	AUTO_FREE uint8_t *got = scratch_read(cgroups, name, &len);

	assert_int_equal(len, strlen(want));
	assert_memory_equal(got, want, len);
}

/* What somebody else froze is left as it is. */
static void test_freeze_of_others(void **state)
{
	struct freeze_config config = { proc, cgroups, 5 };
	struct freeze *f = NULL;
	uint32_t pid = 5;
	struct err e = { 0 };

	(void)state;
	make_process("5", "0::/paused\n");
	make_cgroup("paused", "frozen 1\n");
	assert_ok(freeze_begin(&f, &pid, 1, &config, &e), &e);
	assert_true(freeze_holds(f));
	check_file("paused/cgroup.freeze", "0");
	assert_ok(freeze_end(f, &e), &e);
	check_file("paused/cgroup.freeze", "0");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_ok(freeze_end(NULL, &e), &e);
}

static void test_registers_text(void **state)
{
	static const char *const bad[] = { "running\n", "", "-1", "-1 0x1",
		"-1 0x1 0x2 0x3\n", "0 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
		"-1 0x1 0x2 junk", "-1 0x 0x2\n", "-1 12 13\n",
		"-1 0x11112222333344445 0x2\n" };
	static const char wait[] = "202 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffe10 "
				   "0x7f20ab\n";
	struct thread_registers t;
	size_t words, found = 0;

	(void)state;
	assert_int_not_equal(registers_machine(&words), EM_NONE);
	assert_true(words == REGS_X86_WORDS || words == REGS_ARM64_WORDS);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(registers_proc(&t, bad[i], strlen(bad[i])));
	assert_true(registers_proc(&t, wait, sizeof(wait) - 1));
	assert_int_equal(t.from, REGISTERS_PROC);
	for (size_t i = 0; i < words; i++)
		found += t.general[i] == 0x7ffe10 || t.general[i] == 0x7f20ab;
	assert_int_equal(found, 2);
	assert_true(registers_proc(&t, "-1 0x7ffe10 0x7f20ab", 20));
	assert_false(registers_of(&t, NULL, 1, 1));
}

static void test_entry(void **state)
{
	uint8_t auxv[48] = { 0 };
	uint64_t entry = 0;

	(void)state;
	num_put_le64(auxv, AT_PAGESZ);
	num_put_le64(auxv + 16, AT_ENTRY);
	num_put_le64(auxv + 24, 0x401000);
	assert_true(program_entry(&entry, auxv, sizeof(auxv)));
	assert_int_equal(entry, 0x401000);
	assert_false(program_entry(&entry, auxv, 31));
	num_put_le64(auxv, AT_NULL);
	assert_false(program_entry(&entry, auxv, sizeof(auxv)));
	assert_false(program_entry(&entry, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_choose, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_choose_nobody, set_up, tear_down),
		cmocka_unit_test(test_cgroup),
		cmocka_unit_test_setup_teardown(
			test_freeze_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_freeze_of_others, set_up, tear_down),
		cmocka_unit_test(test_registers_text),
		cmocka_unit_test(test_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
