// SPDX-License-Identifier: Apache-2.0
/* Modules by each view, where one lacks them, and whose code an address is. */
#include <errno.h>
#include <string.h>

#include "kernel/module.h"
#include "kernel/symbols.h"
#include "kernel/text.h"
#include "unit/fake_peek.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static const char proc[] =
	"loop 45056 2 - Live 0xffffffffc0201000\n"
	"evil 16384 0 - Live 0xffffffffc0301000 (OE)\n"
	"nf_tables 380928 7 nft_a,nft_b, Loading 0xffffffffc0401000 (E)\n"
	"old 4096 - - Live 0x0000000000000000\n";

static void test_proc(void **state)
{
	AUTO_KMODULES struct kmodules ms;
	struct err e = { 0 };

	(void)state;
	assert_ok(kmodules_init(&ms, &e), &e);
	assert_int_equal(kmodules_parse(&ms, proc, sizeof(proc) - 1), 0);
	assert_int_equal(ms.n, 4);
	assert_string_equal(ms.v[0].name, "loop");
	assert_int_equal(ms.v[0].bytes, 45056);
	assert_int_equal(ms.v[0].references, 2);
	assert_int_equal(ms.v[0].views, KMODULE_BY_PROC);
	assert_int_equal(ms.v[0].parts[0].start, 0xffffffffc0201000);
	assert_string_equal(ms.v[1].taints, "OE");
	assert_string_equal(ms.v[2].state, "Loading");
	assert_true(ms.v[2].passing);
	assert_int_equal(ms.v[3].references, -1);
}

static void test_bad_proc(void **state)
{
	static const char *const bad[] = { "\n", "a\n", "a 1 2 - Live\n",
		"a x 2 - Live 0x1\n", "a 1 2 - Live y\n",
		"a 99999999999999999999 2 - Live 0x1\n" };
	AUTO_KMODULES struct kmodules ms;
	struct err e = { 0 };

	(void)state;
	assert_ok(kmodules_init(&ms, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(kmodules_parse(&ms, bad[i], strlen(bad[i])), 1);
	assert_int_equal(ms.n, 0);
	for (int i = 0; i < KMODULES_MAX + 3; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "m%d", i);
		assert_true(!kmodules_get(&ms, name, strlen(name)) ==
			    (i >= KMODULES_MAX));
	}
	assert_int_equal(ms.lost, 3);
}

static struct kmodule *add(struct kmodules *ms, const char *name, unsigned views)
{
	struct kmodule *m = kmodules_get(ms, name, strlen(name));

	assert_non_null(m);
	m->views = views;
	return m;
}

static void test_compare(void **state)
{
	AUTO_KMODULES struct kmodules first, second;
	struct err e = { 0 };

	(void)state;
	assert_ok(kmodules_init(&first, &e), &e);
	assert_ok(kmodules_init(&second, &e), &e);
	first.asked = second.asked = KMODULE_BY_ALL | KMODULE_BY_KALLSYMS;
	(void)add(&first, "good", KMODULE_BY_ALL);
	(void)add(&first, "evil", KMODULE_BY_TREE);
	(void)add(&first, "comes", KMODULE_BY_LIST | KMODULE_BY_TREE);
	(void)add(&first, "goes", KMODULE_BY_KERNEL);
	add(&first, "loads", KMODULE_BY_LIST | KMODULE_BY_TREE)->passing = true;
	add(&first, "liar", KMODULE_BY_TREE)->passing = true;
	assert_int_equal(kmodules_compare(&first, NULL), 4);
	(void)add(&second, "good", KMODULE_BY_ALL);
	(void)add(&second, "evil", KMODULE_BY_TREE);
	(void)add(&second, "comes", KMODULE_BY_ALL);
	(void)add(&second, "new", KMODULE_BY_LIST);
	assert_int_equal(kmodules_compare(&second, &first), 1);
	assert_int_equal(second.v[1].missing, KMODULE_BY_ALL & ~KMODULE_BY_TREE);
	/* A view that did not answer lacks nothing. */
	second.asked = KMODULE_BY_TREE;
	assert_int_equal(kmodules_compare(&second, &first), 0);
}

static void put(uint8_t *memory, uint64_t offset, uint64_t v)
{
	memcpy(memory + offset, &v, sizeof(v));
}

/* The three lists in memory: the second module is on the tree alone. */
static void test_walk(void **state)
{
	static const struct kmodule_layout l = { .list = 8,
		.name = 24,
		.state = 0,
		.parts = { 0x60 },
		.part_bytes = { 0x68 },
		.parts_n = 1,
		.kset_list = 0,
		.kobject_entry = 8,
		.kobject_mod = 0x30,
		.tree_root = 8,
		.tree_node = 8,
		.tree_mod = 0,
		.has_tree = true };
	enum {
		HEAD = 0x100,
		TREE = 0x140,
		KSET = 0x180,
		ONE = 0x1000,
		TWO = 0x2000,
		NODE1 = 0x3000,
		NODE2 = 0x3100,
		KOBJ = 0x3200
	};
	struct symbol wanted[] = { { "mod_tree", FAKE_PEEK_BASE + TREE, 0 },
		{ "module_kset", FAKE_PEEK_BASE + KSET, 0 },
		{ "modules", FAKE_PEEK_BASE + HEAD, 0 } };
	const struct symbols symbols = { .wanted = wanted, .wanted_n = 3 };
	static uint8_t memory[FAKE_PEEK_BYTES];
	AUTO_KMODULES struct kmodules ms;
	const uint64_t base = FAKE_PEEK_BASE;
	struct fake_peek peek;
	struct err e = { 0 };

	(void)state;
	fake_peek_init(&peek, memory, sizeof(memory));
	put(memory, HEAD, base + ONE + 8);
	put(memory, ONE + 8, base + HEAD);
	memcpy(memory + ONE + 24, "one", 4);
	put(memory, ONE + 0x60, 0xffffffffc0001000);
	put(memory, ONE + 0x68, 4096);
	memcpy(memory + TWO + 24, "two", 4);
	put(memory, TREE + 8, base + NODE1 + 8);
	put(memory, NODE1, base + ONE);
	put(memory, NODE1 + 8 + 16, base + NODE2 + 8);
	put(memory, NODE2, base + TWO);
	put(memory, KSET, base + KSET + 0x10);
	put(memory, KSET + 0x10, base + KOBJ + 8);
	put(memory, KOBJ + 8, base + KSET + 0x10);
	put(memory, KOBJ + 0x30, base + ONE);
	assert_ok(kmodules_init(&ms, &e), &e);
	kmodules_walk(&ms, &peek.base, &l, &symbols);
	assert_int_equal(ms.asked, KMODULE_BY_KERNEL);
	assert_non_null(strstr(ms.why[6].msg, "no symbol"));
	assert_int_equal(ms.n, 2);
	assert_string_equal(ms.v[0].name, "one");
	assert_int_equal(ms.v[0].views, KMODULE_BY_KERNEL);
	assert_int_equal(ms.v[0].at, base + ONE);
	assert_int_equal(ms.v[0].parts[0].bytes, 4096);
	assert_string_equal(ms.v[1].name, "two");
	assert_int_equal(ms.v[1].views, KMODULE_BY_TREE);
	/* A list without an end: what was seen stays, the view did not answer. */
	put(memory, ONE + 8, base + ONE + 8);
	ms.asked = 0;
	kmodules_walk(&ms, &peek.base, &l, &symbols);
	assert_int_equal(ms.asked, KMODULE_BY_TREE | KMODULE_BY_KSET);
	assert_non_null(strstr(ms.why[3].msg, "links from"));
}

static const char kallsyms[] = "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t first\n"
			       "ffffffff81000100 T first_alias\n"
			       "ffffffff81000200 T second\n"
			       "ffffffff82000000 T _etext\n"
			       "ffffffff82100000 d modules\n"
			       "ffffffff82100010 D after\n"
			       "ffffffffc0201000 t a_init\t[alpha]\n"
			       "ffffffffc0201800 t a_exit\t[alpha]\n"
			       "ffffffffc0300000 t bpf_prog_1\t[bpf]\n";

static void test_symbols(void **state)
{
	struct symbol wanted[] = { { .name = "modules" }, { .name = "_stext" },
		{ .name = "none" } };
	AUTO_SYMBOLS struct symbols s = { .wanted = wanted, .wanted_n = 3 };
	struct symbol_at at[] = { { .address = 0xffffffffc0201900 },
		{ .address = 0xffffffff81000104 },
		{ .address = 0xffffffff810001ff },
		{ .address = 0xffffffff82100008 }, { .address = 16 },
		{ .address = 0xffffffffc0300000 } };
	char dir[SCRATCH_CHARS], path[SCRATCH_CHARS];
	struct err e = { 0 };

	(void)state;
	scratch_new(dir);
	scratch_path(path, dir, "kallsyms");
	scratch_write(dir, "kallsyms", kallsyms, sizeof(kallsyms) - 1);
	assert_ok(symbols_scan(&s, path, &e), &e);
	assert_int_equal(symbols_address(&s, "modules"), 0xffffffff82100000);
	assert_int_equal(symbols_find(&s, "modules")->end, 0xffffffff82100010);
	assert_int_equal(symbols_address(&s, "none"), 0);
	assert_false(s.hidden);
	assert_int_equal(s.modules_n, 2);
	assert_string_equal(s.modules[0].name, "alpha");
	assert_int_equal(s.modules[0].high, 0xffffffffc0201800);
	assert_ok(symbols_name(at, ARRAY_LEN(at), path, &e), &e);
	assert_string_equal(
		symbols_named(at, 6, 0xffffffff81000104)->name, "first_alias");
	assert_string_equal(
		symbols_named(at, 6, 0xffffffff810001ff)->name, "first_alias");
	assert_string_equal(
		symbols_named(at, 6, 0xffffffffc0201900)->name, "a_exit");
	assert_string_equal(
		symbols_named(at, 6, 0xffffffffc0201900)->module, "alpha");
	assert_int_equal(symbols_named(at, 6, 16)->base, 0);
	assert_null(symbols_named(at, 6, 17));
	scratch_write(dir, "kallsyms", "0000000000000000 T _stext\n", 26);
	assert_ok(symbols_scan(&s, path, &e), &e);
	assert_true(s.hidden);
	scratch_remove(dir);
}

static void test_text(void **state)
{
	AUTO_KMODULES struct kmodules ms;
	const struct text t = { .start = 0x1000,
		.end = 0x2000,
		.image_start = 0x1000,
		.image_end = 0x8000,
		.modules = &ms };
	static const struct {
		struct symbol_at at;
		enum text_region region;
	} cases[] = {
		{ { .address = 0x1000 }, TEXT_CORE },
		{ { .address = 0x1fff }, TEXT_CORE },
		{ { .address = 0x2000 }, TEXT_DATA },
		{ { .address = 0xa000 }, TEXT_MODULE },
		{ { .address = 0xafff }, TEXT_MODULE },
		{ { .address = 0xb000 }, TEXT_HIDDEN_MODULE },
		{ { .address = 0xc000 }, TEXT_UNKNOWN },
		{ { .address = 0xc000, .base = 0xc000, .module = "bpf" },
			TEXT_BPF },
		{ { .address = 0xc010, .base = 0xc000, .module = "__builtin__ftrace" },
			TEXT_TRAMPOLINE },
	};
	struct err e = { 0 };

	(void)state;
	assert_ok(kmodules_init(&ms, &e), &e);
	add(&ms, "good", 0)->parts[1] = (struct kmodule_part){ 0xa000, 0x1000 };
	add(&ms, "evil", 0)->parts[0] = (struct kmodule_part){ 0xb000, 0x1000 };
	ms.v[1].missing = KMODULE_BY_PROC;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kmodule *m;

		assert_int_equal(
			text_region(&t, &cases[i].at, &m), cases[i].region);
		assert_int_equal(m != NULL, i >= 3 && i <= 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proc),
		cmocka_unit_test(test_bad_proc),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
