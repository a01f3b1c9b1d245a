// SPDX-License-Identifier: Apache-2.0
/*
 * The programs load on the kernel that runs the test, and refuse what they
 * must.  None of the requests here reads any memory.
 */
#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "bpf/memory.h"
#include "memory.skel.h"
#include "unit/unit.h"

static int quiet(enum libbpf_print_level level, const char *text, va_list ap)
{
	(void)level;
	(void)text;
	(void)ap;
	return 0;
}

static void destroyp(struct memory_bpf **skel)
{
	memory_bpf__destroy(*skel);
}

/* NULL where this process may not load programs. */
static struct memory_bpf *load(void)
{
	struct memory_bpf *skel;

	(void)libbpf_set_print(quiet);
	if (geteuid() != 0 || access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		return NULL;
	skel = memory_bpf__open();
	assert_non_null(skel);
	assert_int_equal(memory_bpf__load(skel), 0);
	return skel;
}

static unsigned run_read(const struct memory_bpf *skel, uint64_t paddr,
	uint32_t len, uint32_t slot)
{
	struct memory_request request = {
		.paddr = paddr, .len = len, .slot = slot
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &request,
		.ctx_size_in = sizeof(request));

	assert_int_equal(bpf_prog_test_run_opts(
				 bpf_program__fd(skel->progs.memory_read), &opts),
		0);
	return opts.retval;
}

static void test_bounds(void **state)
{
	CLEANUP(destroyp) struct memory_bpf *skel = load();

	(void)state;
	if (!skel)
		skip();
	assert_int_equal(run_read(skel, 0, 0, 0), MEMORY_OK);
	assert_int_equal(run_read(skel, 0, 0, 1), MEMORY_BAD_REQUEST);
	assert_int_equal(run_read(skel, 0, MEMORY_SLOT_BYTES + 1, 0),
		MEMORY_BAD_REQUEST);
	assert_int_equal(
		run_read(skel, 1, MEMORY_SLOT_BYTES, 0), MEMORY_BAD_REQUEST);
	assert_int_equal(run_read(skel, 0, UINT32_MAX, 0), MEMORY_BAD_REQUEST);
	/* The end wraps. */
	assert_int_equal(
		run_read(skel, UINT64_MAX, UINT32_MAX, 0), MEMORY_BAD_REQUEST);
}

/*
 * A bitmap that cannot be read, as address 8 cannot: no page of it may be
 * touched.  The direct map and vmemmap are there neither.
 */
static void test_unaccepted(void **state)
{
	CLEANUP(destroyp) struct memory_bpf *skel = load();
	struct memory_slot *slot;

	(void)state;
	if (!skel)
		skip();
	skel->bss->memory_layout = (struct memory_layout){
		.unaccepted_bitmap = 8,
		.unaccepted_start = 4 << 20,
		.unaccepted_units = 1,
		.unaccepted_unit_bytes = 2 << 20,
	};
	slot = mmap(NULL, sizeof(*slot), PROT_READ, MAP_SHARED,
		bpf_map__fd(skel->maps.memory_slots), 0);
	assert_ptr_not_equal(slot, MAP_FAILED);
	assert_int_equal(
		run_read(skel, 4 << 20, MEMORY_SLOT_BYTES, 0), MEMORY_OK);
	for (int i = 0; i < MEMORY_SLOT_PAGES; i++)
		assert_int_equal(slot->status[i], MEMORY_PAGE_UNACCEPTED);
	/* What is not in the table is not unaccepted: vmemmap is asked. */
	assert_int_equal(
		run_read(skel, 6 << 20, MEMORY_SLOT_BYTES, 0), MEMORY_OK);
	for (int i = 0; i < MEMORY_SLOT_PAGES; i++)
		assert_int_equal(slot->status[i], MEMORY_PAGE_NOT_MAPPED);
	assert_int_equal(munmap(slot, sizeof(*slot)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_unaccepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
