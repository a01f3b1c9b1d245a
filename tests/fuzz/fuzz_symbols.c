// SPDX-License-Identifier: Apache-2.0
/* A kernel's types, symbols and numbers, whatever they are: the first four
 * bytes say how long the types of vmlinux and of a module are, the next how
 * long vmcoreinfo, the rest is kallsyms. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/vmcoreinfo.h"
#include "symbols/isf_internal.h"
#include "symbols/kernel_files.h"
#include "symbols/numbers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	uint64_t bytes;
	int depth;
};

/* JSON as far as brackets tell. */
static int take(void *arg, const void *buf, size_t len, struct err *e)
{
	const char *p = buf;
	struct text *t = arg;

	(void)e;
	for (size_t i = 0; i < len; i++) {
		assert((uint8_t)p[i] >= 0x20);
		t->depth += p[i] == '{' || p[i] == '[';
		t->depth -= p[i] == '}' || p[i] == ']';
	}
	t->bytes += len;
	return 0;
}

static struct kernel_bytes cut(const uint8_t **p, size_t *left, size_t want)
{
	struct kernel_bytes b = { (uint8_t *)(uintptr_t)*p,
		want < *left ? want : *left };

	*p += b.len;
	*left -= b.len;
	return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_module_btf module = { .name = "fuzzed" };
	struct kernel_files k = { .arch = KERNEL_ARCH_X86_64,
		.modules = &module,
		.modules_n = 1,
		.banner = "Linux\n" };
	const struct buf none = { 0 };
	struct isf_result res;
	struct text text = { 0 };
	const char *note = NULL;
	size_t note_len = 0;
	struct err e = { "" };
	int r;

	if (size < 6)
		return 0;
	k.btf.len = num_le16(data);
	module.btf.len = num_le16(data + 2);
	k.vmcoreinfo.len = num_le16(data + 4);
	data += 6;
	size -= 6;
	k.btf = cut(&data, &size, k.btf.len);
	module.btf = cut(&data, &size, module.btf.len);
	k.vmcoreinfo = cut(&data, &size, k.vmcoreinfo.len);
	if (vmcoreinfo_note(
		    &note, &note_len, k.vmcoreinfo.data, k.vmcoreinfo.len) == 0)
		assert(note_len <= k.vmcoreinfo.len);
	kernel_files_numbers(&k);
	k.fd = memfd_create("kallsyms", MFD_CLOEXEC);
	assert(k.fd >= 0);
	assert(io_write(k.fd, data, size, &e) == 0);
	(void)snprintf(k.kallsyms, sizeof(k.kallsyms), "/proc/self/fd/%d", k.fd);
	r = numbers_by_texts(&k, &none, &none, &e);
	assert(r == 0);
	r = isf_put(&res, &k, take, &text, &e);
	assert(r < 0 ? e.msg[0] != 0 : text.bytes > 2);
	(void)close(k.fd);
	return 0;
}
