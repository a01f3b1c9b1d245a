// SPDX-License-Identifier: Apache-2.0
/*
 * The program loads on the kernel that runs the test, and refuses what it
 * must; its types are where C says they are.  Nothing here reads any of the
 * kernel's memory.
 */
#include <errno.h>
#include <string.h>

#include "kernel/layout.h"
#include "kernel/peek.h"
#include "unit/unit.h"

static void test_refusals(void **state)
{
	struct peek *p = NULL;
	struct err e = { 0 };
	uint64_t v = 7;

	(void)state;
	if (geteuid() != 0 || access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	assert_ok(peek_open(&p, PEEK_BPF, &e), &e);
	assert_string_equal(p->ops->name, "bpf");
	/* User space, a wrap, and what no processor has. */
	assert_int_equal(peek_u64(p, &v, (uint64_t)(uintptr_t)&v), -EFAULT);
	assert_int_equal(peek_u64(p, &v, UINT64_MAX - 3), -EFAULT);
	assert_int_equal(peek_u64(p, &v, 1ULL << 63), -EFAULT);
	assert_int_equal(p->ops->read(p, &v, 4096, sizeof(v)), -EFAULT);
	assert_int_equal(v, 7);
	peek_close(p);
	peek_close(NULL);
}

struct members {
	unsigned n;
	uint32_t show;
};

static int see(void *arg, const char *name, uint32_t offset, struct err *e)
{
	struct members *m = arg;

	(void)e;
	m->n++;
	if (strcmp(name, "show") == 0)
		m->show = offset;
	return 0;
}

static void test_layout(void **state)
{
	struct members m = { 0 };
	struct layout *l = NULL;
	uint32_t v = 1, ops = 0, fop = 0;
	struct err e = { 0 };

	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	assert_ok(layout_open(&l, &e), &e);
	assert_ok(layout_offset(l, &v, "list_head", "next", &e), &e);
	assert_int_equal(v, 0);
	assert_ok(layout_offset(l, &v, "list_head", "prev", &e), &e);
	assert_int_equal(v, 8);
	assert_ok(layout_size(l, &v, "list_head", &e), &e);
	assert_int_equal(v, 16);
	/* In an anonymous union, and below a member. */
	assert_ok(layout_offset(l, &ops, "inode", "i_op", &e), &e);
	assert_ok(layout_offset(l, &fop, "inode", "i_fop", &e), &e);
	assert_true(fop > ops);
	assert_ok(layout_offset(l, &v, "super_block", "s_list.prev", &e), &e);
	assert_err(layout_offset(l, &v, "inode", "none", &e), -ENOENT, &e,
		"no struct inode with none");
	assert_err(layout_offset(l, &v, "inode", "i_ino.none", &e), -ENOENT, &e,
		"no struct");
	assert_err(layout_size(l, &v, "none", &e), -ENOENT, &e, "no struct none");
	assert_ok(layout_count(l, &v, "xa_node", "slots", &e), &e);
	assert_int_equal(v, 64);
	assert_err(layout_count(l, &v, "inode", "i_ino", &e), -ENOENT, &e,
		"no struct");
	assert_ok(layout_functions(l, "seq_operations", see, &m, &e), &e);
	assert_int_equal(m.n, 4);
	assert_int_equal(m.show, 24);
	layout_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
