// SPDX-License-Identifier: Apache-2.0
/* /proc/PID/maps, and the verdicts. */
#include <errno.h>

#include "base/buf.h"
#include "base/num.h"
#include "live/maps.h"
#include "unit/unit.h"

static const struct {
	const char *line;
	uint32_t flags;
	int checked;
} lines[] = {
	{ "55d0-55d8 r--p 00000000 fe:01 123   /usr/bin/cat", 0, 0 },
	{ "55d8-55e0 r-xp 00002000 fe:01 123   /usr/bin/cat", 0, 1 },
	{ "1000-2000 rw-p 00000000 00:00 0 ", 0, 0 },
	{ "1000-2000 rw-p 00000000 00:00 0", 0, 0 },
	{ "1000-2000 r-xp 00000000 00:00 0 ", MAPPING_ANON_EXEC, 0 },
	{ "1000-2000 rwxp 00000000 00:00 0 ", MAPPING_ANON_EXEC | MAPPING_RWX, 0 },
	{ "1000-2000 rwxp 00000000 fe:01 5 /tmp/x", MAPPING_RWX, 1 },
	{ "1000-2000 rwxs 00000000 fe:01 5 /tmp/x", MAPPING_RWX, 0 },
	{ "7ff0-7fff rw-p 00000000 00:00 0  [stack]", 0, 0 },
	{ "7ff0-7fff rwxp 00000000 00:00 0  [stack]",
		MAPPING_ANON_EXEC | MAPPING_RWX | MAPPING_EXEC_STACK, 0 },
	{ "7ff0-7fff r-xp 00000000 00:00 0  [heap]",
		MAPPING_ANON_EXEC | MAPPING_EXEC_HEAP, 0 },
	{ "7ff0-7fff r-xp 00000000 00:00 0  [vdso]", 0, 0 },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]",
		0, 0 },
	{ "1000-2000 r-xp 00000000 00:01 9 /memfd:a b (deleted)",
		MAPPING_MEMFD | MAPPING_DELETED, 1 },
	{ "1000-2000 r--p 00000000 fe:01 9 /tmp/new\\012line (deleted)",
		MAPPING_DELETED, 0 },
	/* A name that looks like one of the kernel's is a file's. */
	{ "1000-2000 r-xp 00000000 fe:01 9 [vdso]", 0, 1 },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct maps ms = { 0 };
		struct err e = { 0 };
		char text[256];

		(void)snprintf(text, sizeof(text), "%s\n", lines[i].line);
		assert_ok(maps_parse(&ms, text, strlen(text), &e), &e);
		assert_int_equal(ms.n, 1);
		assert_int_equal(ms.v[0].flags, lines[i].flags);
		assert_int_equal(maps_is_checked(&ms.v[0]), lines[i].checked);
		maps_done(&ms);
	}
}

static void test_fields(void **state)
{
	static const char text[] =
		"55d8c6b2e000-55d8c6b30000 r-xs 0000000000abc000 103:0f 4711    /a b\n"
		"7ffc000-7ffd000 rw-p 00000000 00:00 0 \n"
		"the last line is cut o";
	struct maps ms = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(maps_parse(&ms, text, sizeof(text) - 1, &e), &e);
	assert_int_equal(ms.n, 2);
	assert_int_equal(ms.v[0].start, 0x55d8c6b2e000);
	assert_int_equal(ms.v[0].end, 0x55d8c6b30000);
	assert_string_equal(ms.v[0].protection, "r-xs");
	assert_int_equal(ms.v[0].offset, 0xabc000);
	assert_int_equal(ms.v[0].major, 0x103);
	assert_int_equal(ms.v[0].minor, 0xf);
	assert_int_equal(ms.v[0].inode, 4711);
	assert_int_equal(ms.v[0].path_len, 4);
	assert_memory_equal(ms.v[0].path, "/a b", 4);
	assert_int_equal(ms.v[1].path_len, 0);
	/* And again into the same. */
	assert_ok(maps_parse(&ms, "", 0, &e), &e);
	assert_int_equal(ms.n, 0);
	maps_done(&ms);
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "\n", "x\n", "1000\n", "1000-\n",
		"1000-2000\n", "2000-1000 r-xp 0 0:0 0\n",
		"1000-1000 r-xp 0 0:0 0\n", "1000-2000 r-xz 0 0:0 0\n",
		"1000-2000 r-x\n", "1000-2000 r-xp 0 0 0\n",
		"1000-2000 r-xp 0 100000000:0 0\n", "1000-2000 r-xp 0 0:0 x\n",
		"10000000000000000-2 r-xp 0 0:0 0\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct maps ms = { 0 };
		struct err e = { 0 };

		assert_err(maps_parse(&ms, bad[i], strlen(bad[i]), &e),
			-EBADMSG, &e, "no mapping");
		maps_done(&ms);
	}
}

static void test_long_path(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct maps ms = { 0 };
	struct err e = { 0 };
	static char path[MAPS_PATH_BYTES + 2];

	(void)state;
	memset(path, 'x', MAPS_PATH_BYTES + 1);
	buf_init(&b, 1 << 20);
	assert_ok(buf_text(&b, &e, "1-2 r-xp 0 0:0 1 %s\n", path), &e);
	assert_int_equal(maps_parse(&ms, (char *)b.data, b.len, &e), -EBADMSG);
	maps_done(&ms);
}

static void test_many(void **state)
{
	static const char line[] = "1-2 r-xp 0 0:0 0\n";
	AUTO_BUF struct buf b = { 0 };
	struct maps ms = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&b, MAPS_TEXT_BYTES);
	for (int i = 0; i < MAPS_MAX; i++)
		assert_ok(buf_append(&b, line, sizeof(line) - 1, &e), &e);
	assert_int_equal(maps_parse(&ms, (char *)b.data, b.len, &e), 0);
	assert_int_equal(ms.n, MAPS_MAX);
	assert_ok(buf_append(&b, line, sizeof(line) - 1, &e), &e);
	assert_int_equal(maps_parse(&ms, (char *)b.data, b.len, &e), 1);
	assert_int_equal(ms.n, MAPS_MAX);
	maps_done(&ms);
}

static void test_changed(void **state)
{
	static const uint64_t entries[] = {
		0, /* not there */
		1ULL << 63 | 1ULL << 61, /* the file's */
		1ULL << 63, /* its own */
		1ULL << 62, /* its own, swapped */
		1ULL << 62 | 1ULL << 61, /* shared memory, swapped */
		1ULL << 55, /* soft-dirty is of no concern */
	};
	uint8_t text[sizeof(entries) + 3] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		num_put_le64(text + 8 * i, entries[i]);
	assert_int_equal(maps_changed(text, sizeof(text)), 2);
	assert_int_equal(maps_changed(text, 0), 0);
	assert_int_equal(maps_changed(text, 23), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
