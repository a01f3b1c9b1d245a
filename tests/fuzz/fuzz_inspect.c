// SPDX-License-Identifier: Apache-2.0
/*
 * A captured kernel, whatever is in it.  The first byte says as what the rest
 * is taken: as BTF, as page tables, or as changes of a made-up kernel's memory,
 * ten bytes each: where, and what; what begins with 0xfe is an address in it.
 */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "inspect/compare.h"
#include "inspect/smear.h"
#include "inspect/socket.h"
#include "inspect/space.h"
#include "kernel/layout.h"
#include "unit/inspect_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_types(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "tasks", "mm_mt.ma_root",
		"ipv4.tcp_death_row.hashinfo", "a.b.c.d" };
	static const char *const types[] = { "task_struct", "mm_struct", "net",
		"s" };
	struct layout *l = NULL;
	struct err e = { "" };
	uint32_t at;
	int r = layout_open_bytes(&l, data, size, &e);

	assert(r == 0 || (r == -EBADMSG && e.msg[0]));
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(paths); i++) {
		int found = layout_offset(l, &at, types[i], paths[i], &e);

		assert(found == 0 || found == -ENOENT);
		found = layout_count(l, &at, types[i], paths[i], &e);
		assert(found == 0 || found == -ENOENT);
		found = layout_size(l, &at, types[i], &e);
		assert(found == 0 || found == -ENOENT);
	}
	layout_close(l);
}

struct bytes {
	struct physical physical; /* first */
	const uint8_t *data;
	size_t len;
};

static int read_bytes(struct physical *m, void *ret, uint64_t paddr, size_t len)
{
	const struct bytes *b = (struct bytes *)(void *)m;

	if (paddr > b->len || len > b->len - paddr)
		return -ENODATA;
	memcpy(ret, b->data + paddr, len);
	return 0;
}

static int see_page(
	void *arg, uint64_t vaddr, const struct translated *at, struct err *e)
{
	uint64_t *last = arg;

	(void)e;
	assert(vaddr >> 63 == 0 && (!*last || vaddr > *last));
	assert(vaddr % at->page_bytes == 0 && at->paddr % at->page_bytes == 0);
	*last = vaddr;
	return 0;
}

static void take_tables(const uint8_t *data, size_t size)
{
	static const struct kernel_files shapes[] = {
		{ .arch = KERNEL_ARCH_X86_64, .dtb = 4096 },
		{ .arch = KERNEL_ARCH_X86_64, .la57 = true, .dtb = 4096 },
		{ .arch = KERNEL_ARCH_ARM64,
			.page_bytes = 4096,
			.va_bits = 48,
			.dtb = 4096 },
		{ .arch = KERNEL_ARCH_ARM64,
			.page_bytes = 16384,
			.va_bits = 47,
			.dtb = 16384 },
		{ .arch = KERNEL_ARCH_ARM64,
			.page_bytes = 65536,
			.va_bits = 52,
			.dtb = 8192 },
	};
	struct bytes b = { { .read = read_bytes }, data, size };

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct err e = { "" };
		struct translate t;
		struct translated at;
		uint64_t left = 1 << 16, last = 0;
		int r;

		assert(translate_init(&t, &b.physical, &shapes[i], &e) == 0);
		for (uint64_t vaddr = 0x1234; vaddr >> 62 == 0; vaddr <<= 1) {
			r = translate_at(&t, &at, t.root, vaddr);
			assert(r == 0 || r == -ENOENT || r == -ENODATA ||
				r == -EFAULT);
			(void)!translate_at(&t, &at, t.root, ~vaddr);
		}
		r = translate_each(&t, t.root, &left, see_page, &last, &e);
		assert(r >= 0 || r == -E2BIG);
	}
}

static int see_space(void *arg, const struct space *s, struct err *e)
{
	struct verdicts *vs = arg;
	const struct snapshot none = { 0 };

	(void)e;
	for (size_t i = 1; i < s->areas_n; i++)
		assert(s->areas[i].start >= s->areas[i - 1].end);
	return compare_space(vs, NULL, s, &none, e);
}

static void look(struct world *w)
{
	struct captured *c = &w->image.captured;
	struct snapshot live = { 0 };
	struct verdicts vs = { 0 };
	struct churn churn = { 0 };
	struct sockets_seen ss;
	struct tasks ts;
	struct smear smear;
	struct err e = { "" };

	assert(tasks_see(&ts, c, &e) == 0);
	(void)tasks_compare(&ts);
	assert(compare_tasks(&vs, &churn, c, &ts, &live, &e) == 0);
	for (size_t i = 0; i < ts.n; i++) {
		char path[TASK_PATH_CHARS];

		assert(memchr(ts.v[i].comm, 0, sizeof(ts.v[i].comm)));
		task_exe(path, c, &ts.v[i]);
		assert(memchr(path, 0, sizeof(path)));
		(void)task_netns(c, &ts.v[i]);
		(void)task_state(&ts.v[i]);
	}
	assert(sockets_see(&ss, c, &e) == 0);
	assert(spaces_each(c, &ts, 0, see_space, &vs, &e) == 0);
	assert(smear_see(&smear, c, &ts, &e) == 0);
	sockets_seen_done(&ss);
	tasks_done(&ts);
	verdicts_done(&vs);
}

static void take_memory(const uint8_t *data, size_t size)
{
	static struct world w;
	static uint8_t kept[FAKE_IMAGE_BYTES];
	static int made;
	struct peek_image *p;

	if (!made) {
		world_init(&w);
		memcpy(kept, w.data, sizeof(kept));
		made = 1;
	}
	memcpy(w.data, kept, sizeof(kept));
	for (; size >= 10; data += 10, size -= 10) {
		uint64_t v = num_le64(data + 2);

		if (v >> 56 == 0xfe)
			v = VA(v % FAKE_IMAGE_BYTES);
		fake_image_put(&w.image,
			FAKE_IMAGE_TABLES +
				8ULL * num_le16(data) %
					(FAKE_IMAGE_BYTES - FAKE_IMAGE_TABLES),
			v);
	}
	p = w.image.captured.peek;
	memset(p->windows, 0, sizeof(p->windows));
	p->gaps_n = 0;
	/* A walk that goes round is fuzzed faster when it ends early. */
	for (int i = 0; i < SUBJECTS; i++)
		p->windows[i].reads = PEEK_IMAGE_READS_MAX - 20000;
	look(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const takes[])(const uint8_t *data,
		size_t size) = { take_types, take_tables, take_memory };

	if (size)
		takes[data[0] % ARRAY_LEN(takes)](data + 1, size - 1);
	return 0;
}
