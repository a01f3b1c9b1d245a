// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of the kernel floor fails once, over files
 * and memory that are made up. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/dirents.h"
#include "base/io.h"
#include "kernel/bpf_object.h"
#include "kernel/layout.h"
#include "kernel/module.h"
#include "kernel/symbols.h"
#include "kernel/walk.h"
#include "unit/fake_peek.h"
#include "unit/fault.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"

static char dir[SCRATCH_CHARS], kallsyms[SCRATCH_CHARS], modules[SCRATCH_CHARS];

static int names(struct err *e)
{
	struct symbol wanted[] = { { .name = "one" } };
	AUTO_SYMBOLS struct symbols s = { .wanted = wanted, .wanted_n = 1 };
	struct symbol_at at = { .address = 0xffffffff81000000 };
	int r = symbols_scan(&s, kallsyms, e);

	return r < 0 ? r : symbols_name(&at, 1, kallsyms, e);
}

static int read_names(struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, e);
	struct dirents_seen seen;

	return fd < 0 ? fd : dirents_read(&seen, fd, NULL, NULL, e);
}

/* A view that fails is said, and no error. */
static int views(struct err *e)
{
	const struct kmodule_places places = { .proc = modules, .sysfs = dir };
	AUTO_KMODULES struct kmodules ms = { 0 };
	int r = kmodules_init(&ms, e);

	if (r == 0)
		r = kmodules_see(&ms, &places, e);
	for (int i = 0; r == 0 && i < KMODULE_VIEWS; i++)
		if (!(ms.asked >> i & 1) && i != 2)
			assert_true(ms.why[i].msg[0]);
	return r;
}

static int see(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	(void)at;
	return bpf_object_get(arg, BPF_OBJECT_PROG, (uint32_t)index, e)
		       ? 0
		       : -ENOMEM;
}

static int objects(struct err *e)
{
	static const struct walk_xarray_layout layout = { 0, 0, 40 };
	static uint8_t memory[1024];
	const uint64_t node = FAKE_PEEK_BASE + 0x100 + 2;
	const uint64_t entry = FAKE_PEEK_BASE;
	struct bpf_objects os = { 0 };
	struct fake_peek peek;
	int r;

	fake_peek_init(&peek, memory, sizeof(memory));
	memcpy(memory, &node, sizeof(node));
	for (size_t i = 0; i < 64; i++)
		memcpy(memory + 0x100 + 40 + i * 8, &entry, sizeof(entry));
	r = walk_xarray(&peek.base, FAKE_PEEK_BASE, &layout, see, &os, e);
	if (r == 0)
		assert_int_equal(os.n, 64);
	bpf_objects_done(&os);
	return r;
}

static void torture(void **state)
{
	(void)state;
	assert_true(torture_run("symbols", names).errors > 0);
	assert_true(torture_run("directory", read_names).errors > 0);
	assert_true(torture_run("modules", views).calls > 0);
	assert_true(torture_run("objects", objects).errors > 0);
}

int main(void)
{
	static const char line[] = "ffffffff81000000 T one\n";
	const struct CMUnitTest tests[] = { cmocka_unit_test(torture) };
	int r;

	fault_hooks();
	scratch_new(dir);
	scratch_path(kallsyms, dir, "kallsyms");
	scratch_path(modules, dir, "modules");
	scratch_write(dir, "kallsyms", line, sizeof(line) - 1);
	scratch_write(dir, "modules", "a 4096 0 - Live 0x0\n", 20);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_remove(dir);
	return r;
}
