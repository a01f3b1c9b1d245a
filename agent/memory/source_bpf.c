// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "bpf/memory.h"
#include "memory.skel.h"
#include "base/kallsyms.h"
#include "memory/lockdown.h"
#include "memory/source_internal.h"

enum { LOG_BYTES = 64 << 10 };

static const char btf_path[] = "/sys/kernel/btf/vmlinux";

struct bpf_source {
	struct source base;
	struct memory_bpf *skel;
	struct memory_slot *slots; /* one for each reader */
	int read_fd;
};

struct bpf_reader {
	struct source_reader base;
	uint32_t slot;
};

_Static_assert((int)MEMORY_SLOT_BYTES == (int)SOURCE_BATCH_BYTES, "batch");
_Static_assert((int)MEMORY_PAGE_BYTES == (int)SOURCE_PAGE_BYTES, "page");
_Static_assert((int)MEMORY_PAGE_DATA == (int)PAGE_DATA, "status");
_Static_assert((int)MEMORY_PAGE_HWPOISON == (int)PAGE_HWPOISON, "status");
_Static_assert((int)MEMORY_PAGE_OFFLINE == (int)PAGE_OFFLINE, "status");
_Static_assert((int)MEMORY_PAGE_UNACCEPTED == (int)PAGE_UNACCEPTED, "status");
_Static_assert(
	(int)MEMORY_PAGE_NO_DIRECT_MAP == (int)PAGE_NO_DIRECT_MAP, "status");
_Static_assert((int)MEMORY_PAGE_NOT_MAPPED == (int)PAGE_NOT_MAPPED, "status");

static int has_cap(const struct __user_cap_data_struct *data, unsigned cap)
{
	return data[cap / 32].effective >> cap % 32 & 1;
}

static int check_caps(struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return err_sys(e, "capabilities");
	if (has_cap(data, CAP_SYS_ADMIN) ||
		(has_cap(data, CAP_BPF) && has_cap(data, CAP_PERFMON)))
		return 0;
	return err_set(e, -EPERM,
		"CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) are missing");
}

static int check_btf(struct err *e)
{
	if (access(btf_path, R_OK) == 0)
		return 0;
	return err_set(e, -errno,
		"no %s (kernel without CONFIG_DEBUG_INFO_BTF)", btf_path);
}

/* The last line of the verifier's log but its statistics. */
static const char *last_line(char *log)
{
	const char *found = "";
	char *line = log, *next;

	for (; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (*line && strncmp(line, "processed ", 10) != 0)
			found = line;
	}
	return found;
}

static int load_refusal(int code, char *log, struct err *e)
{
	const char *line = last_line(log);

	if (lockdown_level() == LOCKDOWN_CONFIDENTIALITY)
		return err_set(e, -EPERM,
			"kernel lockdown is confidentiality, which keeps BPF from reading the kernel");
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) == 0)
		return err_set(e, -EOPNOTSUPP,
			"the kernel has no BPF_PROG_TYPE_SYSCALL (needs Linux 5.14)");
	if (code == -EPERM)
		return err_set(e, code,
			"the kernel does not let this process load BPF programs");
	errno = -code;
	return err_sys(
		e, "load the BPF program%s%.200s", *line ? ": " : "", line);
}

static int load(struct bpf_source *b, struct err *e)
{
	AUTO_FREE char *log = calloc(1, LOG_BYTES);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		.kernel_log_size = LOG_BYTES);
	libbpf_print_fn_t print;
	int r;

	if (!log)
		return err_set(e, -ENOMEM, "no memory for a log");
	print = libbpf_set_print(NULL);
	b->skel = memory_bpf__open_opts(&opts);
	r = b->skel ? 0 : -errno;
	if (r == 0)
		r = bpf_map__set_max_entries(
			b->skel->maps.memory_slots, b->base.config.readers);
	if (r == 0)
		r = memory_bpf__load(b->skel);
	if (r < 0)
		r = load_refusal(r, log, e);
	(void)libbpf_set_print(print);
	return r;
}

/* Run a program; what it returned, or a negative errno. */
static int run(int fd, void *ctx, size_t len, struct err *e)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = ctx,
		.ctx_size_in = (uint32_t)len);

	if (bpf_prog_test_run_opts(fd, &opts) < 0)
		return err_sys(e, "run the BPF program");
	return (int)opts.retval;
}

static int symbols_hidden(struct err *e)
{
	AUTO_CLOSE int fd = io_open(
		AT_FDCWD, "/proc/sys/kernel/kptr_restrict", O_RDONLY, 0, NULL);
	char c = 0;

	if (fd >= 0 && io_read(fd, &c, 1, NULL) == 1 && c == '2')
		return err_set(e, -EPERM,
			"kernel.kptr_restrict is 2, which hides page_offset_base and vmemmap_base");
	return err_set(e, -ENOENT,
		"page_offset_base and vmemmap_base are not in kallsyms (CONFIG_KALLSYMS_ALL, CONFIG_DYNAMIC_MEMORY_LAYOUT)");
}

/* For kernels before 5.16, where the program cannot look them up. */
static int find_symbols(struct bpf_source *b, struct err *e)
{
	struct kallsyms_symbol symbols[] = {
		{ .name = "page_offset_base" },
		{ .name = "vmemmap_base" },
	};
	int r = kallsyms_find(symbols, ARRAY_LEN(symbols), "/proc/kallsyms", e);

	if (r < 0)
		return r;
	if (!symbols[0].address || !symbols[1].address)
		return symbols_hidden(e);
	b->skel->bss->memory_symbols = (struct memory_symbols){
		.page_offset_base = symbols[0].address,
		.vmemmap_base = symbols[1].address,
	};
	return 0;
}

static int run_locate(const struct bpf_source *b, struct err *e)
{
	return run(bpf_program__fd(b->skel->progs.memory_locate), NULL, 0, e);
}

static int locate(struct bpf_source *b, struct err *e)
{
	int r = run_locate(b, e);

	if (r == MEMORY_NO_SYMBOLS) {
		r = find_symbols(b, e);
		if (r == 0)
			r = run_locate(b, e);
	}
	if (r <= 0)
		return r;
	if (r == MEMORY_NO_SYMBOLS)
		return symbols_hidden(e);
	if (r == MEMORY_NO_ARCH)
		return err_set(e, -EOPNOTSUPP,
			"the direct map of this processor is not known");
	return err_set(e, -EBADMSG,
		"the kernel's memory layout makes no sense (%d)", r);
}

static size_t slots_bytes(const struct bpf_source *b)
{
	return b->base.config.readers * sizeof(*b->slots);
}

static int bpf_open(struct source *s, struct err *e)
{
	struct bpf_source *b = (struct bpf_source *)s;
	void *p;
	int r = check_caps(e);

	if (r == 0)
		r = check_btf(e);
	if (r == 0)
		r = load(b, e);
	if (r == 0)
		r = locate(b, e);
	if (r < 0)
		return r;
	p = mmap(NULL, slots_bytes(b), PROT_READ | PROT_WRITE, MAP_SHARED,
		bpf_map__fd(b->skel->maps.memory_slots), 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	b->slots = p;
	b->read_fd = bpf_program__fd(b->skel->progs.memory_read);
	return 0;
}

static void bpf_close(struct source *s)
{
	struct bpf_source *b = (struct bpf_source *)s;

	if (b->slots)
		(void)munmap(b->slots, slots_bytes(b));
	memory_bpf__destroy(b->skel);
}

static int bpf_reader_open(struct source_reader *r, unsigned index, struct err *e)
{
	const struct bpf_source *b = (struct bpf_source *)r->source;

	(void)e;
	((struct bpf_reader *)r)->slot = index;
	r->data = b->slots[index].data;
	r->status = b->slots[index].status;
	return 0;
}

/* The slot is the source's. */
static void bpf_reader_close(struct source_reader *r)
{
	(void)r;
}

static int bpf_read(
	struct source_reader *r, uint64_t paddr, size_t len, struct err *e)
{
	const struct bpf_source *b = (struct bpf_source *)r->source;
	struct memory_request request = {
		.paddr = paddr,
		.len = (uint32_t)len,
		.slot = ((struct bpf_reader *)r)->slot,
	};
	int result = run(b->read_fd, &request, sizeof(request), e);

	if (result > 0)
		return err_set(e, -EPROTO, "the BPF program says %d", result);
	return result;
}

const struct source_ops source_bpf_ops = {
	.name = "bpf",
	.source_bytes = sizeof(struct bpf_source),
	.reader_bytes = sizeof(struct bpf_reader),
	.kind = SOURCE_BPF,
	.open = bpf_open,
	.close = bpf_close,
	.reader_open = bpf_reader_open,
	.reader_close = bpf_reader_close,
	.read = bpf_read,
};
