// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "base/err.h"
#include "base/io.h"
#include "unit/made_kernel.h"
#include "unit/unit.h"

static void keep(struct kernel_bytes *to, const struct btf *btf)
{
	__u32 len = 0;
	const void *raw = btf__raw_data(btf, &len);

	assert_non_null(raw);
	to->data = malloc(len);
	assert_non_null(to->data);
	memcpy(to->data, raw, len);
	to->len = len;
}

/* struct list_head { *next, *prev }, task_struct with a bit field, and such */
static struct btf *make_vmlinux(void)
{
	struct btf *b = btf__new_empty();
	int i32, u64, chars, comm, list, ptr, unnamed, state, anonymous;

	assert_non_null(b);
	i32 = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	u64 = btf__add_int(b, "long unsigned int", 8, 0);
	chars = btf__add_int(b, "char", 1, BTF_INT_SIGNED);
	comm = btf__add_array(b, i32, chars, 16);
	list = btf__add_struct(b, "list_head", 16);
	ptr = list + 1;
	assert_int_equal(btf__add_field(b, "next", ptr, 0, 0), 0);
	assert_int_equal(btf__add_field(b, "prev", ptr, 64, 0), 0);
	assert_int_equal(btf__add_ptr(b, list), ptr);
	state = btf__add_enum(b, "state", 4);
	assert_int_equal(btf__add_enum_value(b, "RUNS", 0), 0);
	assert_int_equal(btf__add_enum_value(b, "SLEEPS", 1), 0);
	unnamed = btf__add_union(b, NULL, 8);
	assert_int_equal(btf__add_field(b, "at", u64, 0, 0), 0);
	anonymous = btf__add_struct(b, NULL, 16);
	assert_int_equal(btf__add_field(b, "seq", u64, 0, 0), 0);
	assert_int_equal(btf__add_field(b, "timekeeper", u64, 64, 0), 0);
	assert_true(btf__add_typedef(b, "word_t", unnamed) > 0);
	assert_true(btf__add_struct(b, "task_struct", 54) > 0);
	assert_int_equal(btf__add_field(b, "tasks", list, 0, 0), 0);
	assert_int_equal(btf__add_field(b, "comm", comm, 128, 0), 0);
	assert_int_equal(btf__add_field(b, "", unnamed, 256, 0), 0);
	assert_int_equal(btf__add_field(b, "pid", i32, 320, 0), 0);
	/* In the last two bytes, where no int fits. */
	assert_int_equal(btf__add_field(b, "on", i32, 416, 3), 0);
	assert_int_equal(btf__add_field(b, "how", state, 352, 2), 0);
	assert_true(btf__add_fwd(b, "nowhere", BTF_FWD_STRUCT) > 0);
	assert_true(btf__add_fwd(b, "task_struct", BTF_FWD_STRUCT) > 0);
	assert_true(btf__add_struct(b, "list_head", 8) > 0);
	assert_true(btf__add_var(b, "runqueues", BTF_VAR_STATIC, anonymous) > 0);
	return b;
}

static struct btf *make_toy(struct btf *base)
{
	struct btf *b = btf__new_empty_split(base);

	assert_non_null(b);
	assert_true(btf__add_struct(b, "toy", 8) > 0);
	assert_int_equal(btf__add_field(b, "u", 2, 0, 0), 0);
	assert_true(btf__add_struct(b, "task_struct", 8) > 0);
	assert_int_equal(btf__add_field(b, "v", 2, 0, 0), 0);
	return b;
}

struct kernel_files *made_kernel(const char *kallsyms)
{
	struct kernel_files *k = calloc(1, sizeof(*k));
	struct btf *vmlinux = make_vmlinux(), *toy = make_toy(vmlinux);
	struct err e = { 0 };

	assert_non_null(k);
	keep(&k->btf, vmlinux);
	k->modules = calloc(1, sizeof(*k->modules));
	assert_non_null(k->modules);
	k->modules_n = 1;
	(void)snprintf(k->modules[0].name, KERNEL_NAME_CHARS, "toy");
	keep(&k->modules[0].btf, toy);
	btf__free(toy);
	btf__free(vmlinux);
	k->arch = KERNEL_ARCH_X86_64;
	(void)snprintf(k->banner, sizeof(k->banner), "Linux version 9.9\n");
	k->fd = memfd_create("kallsyms", MFD_CLOEXEC);
	assert_true(k->fd >= 0);
	assert_ok(io_write(k->fd, kallsyms, strlen(kallsyms), &e), &e);
	(void)snprintf(
		k->kallsyms, sizeof(k->kallsyms), "/proc/self/fd/%d", k->fd);
	return k;
}
