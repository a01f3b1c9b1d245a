// SPDX-License-Identifier: Apache-2.0
/* Texts of the kernel and its memory, whatever they hold: the first byte says
 * as what the rest is taken. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/kallsyms.h"
#include "kernel/bpf_object.h"
#include "kernel/fact.h"
#include "kernel/module.h"
#include "kernel/peek_internal.h"
#include "kernel/session.h"
#include "kernel/symbols.h"
#include "kernel/walk.h"
#include "kernel/x86.h"
#include "unit/fake_peek.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_kallsyms(const uint8_t *data, size_t size)
{
	char line[KALLSYMS_LINE_BYTES] = "";
	struct kallsyms_line l;
	struct err e = { "" };
	int r;

	memcpy(line, data, size < sizeof(line) ? size : sizeof(line) - 1);
	r = kallsyms_parse(&l, line, &e);
	assert(r == 0 || (r == -EBADMSG && e.msg[0]));
	if (r == 0)
		assert(l.name >= line && l.name < line + sizeof(line));
}

static void take_modules(const uint8_t *data, size_t size)
{
	struct kmodules ms;
	struct err e = { "" };

	assert(kmodules_init(&ms, &e) == 0);
	(void)kmodules_parse(&ms, (const char *)data, size);
	for (size_t i = 0; i < ms.n; i++) {
		assert(ms.v[i].name[0] &&
			memchr(ms.v[i].name, 0, sizeof(ms.v[i].name)));
		assert(ms.v[i].views == KMODULE_BY_PROC);
	}
	kmodules_done(&ms);
}

static void take_code(const uint8_t *data, size_t size)
{
	size_t at = 0;
	struct x86 x;

	while (x86_decode(&x, data + at, size - at)) {
		assert(x.len && x.len <= X86_BYTES_MAX && x.len <= size - at);
		at += x.len;
	}
}

static void take_texts(const uint8_t *data, size_t size)
{
	static const struct bpf_object_helpers h = {
		.imm = { 1 }, .flag = { 1 }, .n = 1
	};
	const char *meaning[FACT_MEANINGS_MAX];
	struct peek_segment segments[8];
	char program[FACT_PATH_CHARS];
	enum bpf_object_kind kind;
	struct session s;
	uint32_t id;

	assert(fact_taint(meaning, (const char *)data, size) <= FACT_MEANINGS_MAX);
	if (fact_program(program, FACT_CORE_PATTERN, (const char *)data, size) ==
		0)
		assert(program[0] == '/');
	if (bpf_object_fdinfo(&kind, &id, (const char *)data, size) == 0)
		assert(kind >= BPF_OBJECT_PROG && kind <= BPF_OBJECT_LINK);
	assert(bpf_object_calls(&h, data, size) <= 1);
	assert(peek_segments(segments, 8, data, size / 56) <= 8);
	if (size < SESSION_BYTES)
		return;
	session_decode(&s, data);
	assert(strlen(s.user) < sizeof(s.user));
	assert(strlen(s.host) < sizeof(s.host));
}

static int see(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	(void)index;
	(void)at;
	/* A walk that goes round is fuzzed faster when it ends early. */
	return --*(int *)arg ? 0 : err_set(e, -ECANCELED, "enough");
}

static void take_memory(const uint8_t *data, size_t size)
{
	static const struct walk_xarray_layout layout = { 8, 0, 40 };
	static const struct kmodule_layout l = { .list = 8,
		.name = 24,
		.parts = { 0x60 },
		.part_bytes = { 0x68 },
		.parts_n = 1,
		.kobject_entry = 8,
		.kobject_mod = 0x30,
		.tree_root = 8,
		.tree_node = 8,
		.has_tree = true };
	struct symbol wanted[] = { { "mod_tree", FAKE_PEEK_BASE, 0 },
		{ "module_kset", FAKE_PEEK_BASE + 64, 0 },
		{ "modules", FAKE_PEEK_BASE + 128, 0 } };
	const struct symbols symbols = { .wanted = wanted, .wanted_n = 3 };
	static int (*const walks[])(struct peek *, uint64_t, walk_see *, void *,
		struct err *) = { walk_list, walk_hlist, walk_tree };
	struct kmodules ms;
	struct fake_peek peek;
	struct err e = { "" };
	int left;

	fake_peek_init(&peek, data, size);
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		left = 512;
		(void)!walks[i](&peek.base, FAKE_PEEK_BASE, see, &left, &e);
	}
	left = 512;
	(void)!walk_xarray(&peek.base, FAKE_PEEK_BASE, &layout, see, &left, &e);
	assert(kmodules_init(&ms, &e) == 0);
	kmodules_walk(&ms, &peek.base, &l, &symbols);
	for (size_t i = 0; i < ms.n; i++)
		assert(memchr(ms.v[i].name, 0, sizeof(ms.v[i].name)));
	kmodules_done(&ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const takes[])(const uint8_t *data, size_t size) = {
		take_kallsyms, take_modules, take_code, take_texts, take_memory
	};

	if (size)
		takes[data[0] % ARRAY_LEN(takes)](data + 1, size - 1);
	return 0;
}
