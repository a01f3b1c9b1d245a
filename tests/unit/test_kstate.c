// SPDX-License-Identifier: Apache-2.0
/* Instructions, BPF helpers, facts, sessions and ELF segments of kcore. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <utmp.h>

#include "kernel/bpf_object.h"
#include "kernel/fact.h"
#include "kernel/hook.h"
#include "kernel/peek_internal.h"
#include "kernel/session.h"
#include "kernel/x86.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static void test_x86(void **state)
{
	static const struct {
		const char *code;
		size_t len;
		int64_t distance;
		bool leaves;
	} known[] = {
		{ "\xf3\x0f\x1e\xfa", 4, 0, false }, /* endbr64 */
		{ "\x55", 1, 0, false },
		{ "\x48\x89\xe5", 3, 0, false },
		{ "\x0f\x1f\x44\x00\x00", 5, 0, false },
		{ "\x66\x0f\x1f\x84\x00\x00\x00\x00\x00", 9, 0, false },
		{ "\x0f\x1f\x00", 3, 0, false },
		{ "\x81\xfe\x34\x01\x00\x00", 6, 0, false },
		{ "\x83\xfe\x10", 3, 0, false },
		{ "\x66\x81\xfe\x34\x01", 5, 0, false },
		{ "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10, 0, false },
		{ "\x48\x8b\x04\x25\x00\x00\x00\x00", 8, 0, false },
		{ "\xe8\x10\x00\x00\x00", 5, 16, true },
		{ "\xe9\xf0\xff\xff\xff", 5, -16, true },
		{ "\x0f\x84\x00\x01\x00\x00", 6, 256, true },
		{ "\x74\xfe", 2, -2, true },
		{ "\xc3", 1, 0, false },
		{ "\xcc", 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const uint8_t *code = (const uint8_t *)known[i].code;
		struct x86 x;

		assert_true(x86_decode(&x, code, known[i].len));
		assert_int_equal(x.len, known[i].len);
		assert_int_equal(x.leaves, known[i].leaves);
		assert_int_equal(x.distance, known[i].distance);
		for (size_t len = 0; len < known[i].len; len++)
			assert_false(x86_decode(&x, code, len) &&
				     x.len == known[i].len);
	}
	for (int i = 0; i < 3; i++) {
		struct x86 x;

		assert_false(x86_decode(
			&x, (const uint8_t *)&"\x0f\xff\xf4\x62"[i], 1));
	}
}

static void test_helpers(void **state)
{
	static const struct bpf_object_helpers h = { .imm = { 0x1234, -8 },
		.flag = { BPF_OBJECT_WRITES_USER, BPF_OBJECT_SENDS_SIGNAL },
		.n = 2 };
	uint8_t code[40] = { 0 };

	(void)state;
	assert_int_equal(bpf_object_calls(&h, code, sizeof(code)), 0);
	code[8] = 0x85;
	code[12] = 0x34;
	code[13] = 0x12;
	assert_int_equal(bpf_object_calls(&h, code, sizeof(code)),
		BPF_OBJECT_WRITES_USER);
	assert_int_equal(bpf_object_calls(&h, code, 12), 0);
	code[9] = 0x10; /* a call of another function of the program */
	assert_int_equal(bpf_object_calls(&h, code, sizeof(code)), 0);
	code[32] = 0x85;
	memset(code + 36, 0xff, 4);
	code[36] = 0xf8;
	assert_int_equal(bpf_object_calls(&h, code, sizeof(code)),
		BPF_OBJECT_SENDS_SIGNAL);
}

static void test_fdinfo(void **state)
{
	static const struct {
		const char *text;
		enum bpf_object_kind kind;
		uint32_t id;
	} good[] = {
		{ "pos:\t0\nprog_type:\t5\nprog_id:\t77\n", BPF_OBJECT_PROG, 77 },
		{ "map_id:\t4294967295", BPF_OBJECT_MAP, 4294967295 },
		{ "link_type:\titer\nlink_id:\t3\nprog_id:\t77\n",
			BPF_OBJECT_LINK, 3 },
	};
	static const char *const bad[] = { "", "prog_id:\t", "prog_id:\tx\n",
		"xprog_id:\t1\n", "prog_id:\t4294967296\n", "prog_id: 1\n" };
	enum bpf_object_kind kind;
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(bpf_object_fdinfo(&kind, &id, good[i].text,
					 strlen(good[i].text)),
			0);
		assert_int_equal(kind, good[i].kind);
		assert_int_equal(id, good[i].id);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			bpf_object_fdinfo(&kind, &id, bad[i], strlen(bad[i])),
			-ENOENT);
}

static void test_compare(void **state)
{
	struct bpf_objects first = { .asked = 3 }, second = { .asked = 3 };
	struct err e = { 0 };

	(void)state;
	bpf_object_get(&first, BPF_OBJECT_PROG, 1, &e)->views = 3;
	bpf_object_get(&first, BPF_OBJECT_PROG, 2, &e)->views = 2;
	bpf_object_get(&first, BPF_OBJECT_MAP, 2, &e)->views = 1;
	assert_int_equal(bpf_objects_compare(&first, NULL), 2);
	bpf_object_get(&second, BPF_OBJECT_PROG, 2, &e)->views = 2;
	bpf_object_get(&second, BPF_OBJECT_MAP, 2, &e)->views = 3;
	bpf_object_get(&second, BPF_OBJECT_MAP, 3, &e)->views = 2;
	assert_int_equal(bpf_objects_compare(&second, &first), 1);
	assert_int_equal(second.v[0].missing, BPF_OBJECT_BY_SYSCALL);
	bpf_objects_done(&first);
	bpf_objects_done(&second);
}

static void test_facts(void **state)
{
	static const struct {
		enum fact_role role;
		const char *text;
		const char *program;
	} programs[] = {
		{ FACT_CORE_PATTERN, "core\n", NULL },
		{ FACT_CORE_PATTERN, "|/usr/lib/dump %P %u\n", "/usr/lib/dump" },
		{ FACT_CORE_PATTERN, "|dump\n", NULL },
		{ FACT_CORE_PATTERN, "|", NULL },
		{ FACT_HELPER, "/sbin/modprobe\n", "/sbin/modprobe" },
		{ FACT_HELPER, "\n", NULL },
		{ FACT_PLAIN, "/sbin/modprobe\n", NULL },
	};
	const char *meaning[FACT_MEANINGS_MAX];
	char program[FACT_PATH_CHARS];

	(void)state;
	assert_int_equal(fact_taint(meaning, "12289\n", 6), 3);
	assert_string_equal(meaning[0], "proprietary module");
	assert_string_equal(meaning[2], "unsigned module");
	assert_int_equal(fact_taint(meaning, "x\n", 2), 0);
	assert_int_equal(fact_taint(meaning, "18446744073709551615", 20), 19);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		const char *text = programs[i].text;
		int r = fact_program(
			program, programs[i].role, text, strlen(text));

		assert_int_equal(r, programs[i].program ? 0 : -ENOENT);
		if (r == 0)
			assert_string_equal(program, programs[i].program);
	}
}

static void test_trouble(void **state)
{
	char dir[SCRATCH_CHARS], path[SCRATCH_CHARS];

	(void)state;
	assert_null(fact_program_trouble("/none"));
	scratch_new(dir);
	scratch_path(path, dir, "dump");
	scratch_write(dir, "dump", "", 0);
	if (geteuid() == 0) {
		assert_int_equal(chmod(dir, 0755), 0);
		assert_int_equal(chmod(path, 0755), 0);
		assert_null(fact_program_trouble(path));
		assert_int_equal(chmod(path, 0775), 0);
		assert_non_null(
			strstr(fact_program_trouble(path), "may write to it"));
		assert_int_equal(chmod(path, 0755), 0);
		assert_int_equal(chown(path, 65534, 0), 0);
	}
	assert_string_equal(fact_program_trouble(path), "its owner is not root");
	scratch_remove(dir);
}

static void test_session(void **state)
{
	struct utmp u = { .ut_type = USER_PROCESS, .ut_pid = 4711 };
	struct session s;

	(void)state;
	assert_int_equal(sizeof(u), SESSION_BYTES);
	memset(u.ut_user, 'u', sizeof(u.ut_user));
	memcpy(u.ut_line, "pts/0", 5);
	memcpy(u.ut_host, "198.51.100.7", 12);
	u.ut_tv.tv_sec = 1800000000;
	u.ut_tv.tv_usec = 5;
	u.ut_addr_v6[0] = 0x076433c6;
	session_decode(&s, (const uint8_t *)&u);
	assert_int_equal(s.type, USER_PROCESS);
	assert_int_equal(s.pid, 4711);
	assert_int_equal(strlen(s.user), 32);
	assert_string_equal(s.line, "pts/0");
	assert_string_equal(s.host, "198.51.100.7");
	assert_int_equal(s.time_ns, 1800000000000005000);
	assert_int_equal(s.address_len, 4);
	assert_int_equal(s.address[0], 198);
	u.ut_addr_v6[3] = 1;
	session_decode(&s, (const uint8_t *)&u);
	assert_int_equal(s.address_len, 16);
}

static void test_segments(void **state)
{
	Elf64_Phdr h[] = {
		{ .p_type = PT_NOTE, .p_vaddr = 1ULL << 63, .p_memsz = 1 },
		{ .p_type = PT_LOAD, .p_vaddr = 4096, .p_memsz = 4096 },
		{ .p_type = PT_LOAD, .p_vaddr = -4096ULL, .p_memsz = 8192 },
		{ .p_type = PT_LOAD,
			.p_vaddr = 1ULL << 63,
			.p_offset = 64,
			.p_memsz = 4096 },
	};
	struct peek_segment s[4];

	(void)state;
	assert_int_equal(peek_segments(s, 4, (uint8_t *)h, ARRAY_LEN(h)), 1);
	assert_int_equal(s[0].start, 1ULL << 63);
	assert_int_equal(s[0].end, (1ULL << 63) + 4096);
	assert_int_equal(s[0].offset, 64);
	assert_int_equal(peek_segments(s, 0, (uint8_t *)h, ARRAY_LEN(h)), 0);
}

static void test_foreign(void **state)
{
	static const struct {
		enum hook_place place;
		enum text_region region;
		bool foreign;
	} cases[] = {
		{ HOOK_SYSCALL_TABLE, TEXT_CORE, false },
		{ HOOK_SYSCALL_TABLE, TEXT_MODULE, true },
		{ HOOK_SYSCALL_TABLE, TEXT_UNKNOWN, true },
		{ HOOK_NETFILTER, TEXT_MODULE, false },
		{ HOOK_NETFILTER, TEXT_HIDDEN_MODULE, true },
		{ HOOK_NETFILTER, TEXT_BPF, false },
		{ HOOK_PROC, TEXT_MODULE, false },
		{ HOOK_PROC, TEXT_UNKNOWN, true },
		{ HOOK_FTRACE, TEXT_TRAMPOLINE, false },
		{ HOOK_FTRACE, TEXT_MODULE, true },
		{ HOOK_OPERATIONS, TEXT_DATA, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct hook h = { .place = cases[i].place,
			.region = cases[i].region };

		assert_int_equal(hook_is_foreign(&h), cases[i].foreign);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86),
		cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_fdinfo),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
