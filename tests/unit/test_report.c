// SPDX-License-Identifier: Apache-2.0
/* Rows of a report, its map of memory, and that no text becomes markup. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "inspect/inspection.h"
#include "report/inspected.h"
#include "report/memory_map.h"
#include "report/model.h"
#include "report/write.h"
#include "unit/unit.h"

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static void check(struct row *t, const char *want)
{
	struct err e = { 0 };

	assert_string_equal(buf_string(&t->out, &e), want);
}

static void test_cells(void **state)
{
	const uint8_t hash[] = { 0x00, 0xff };
	const ProtobufCBinaryData raw = { 2, (uint8_t *)(uintptr_t)hash };
	const ProtobufCBinaryData none = { 0, NULL };
	ProtobufCBinaryData list[] = { bytes("a"), bytes("") };
	struct row t;
	struct err e = { 0 };

	(void)state;
	row_init(&t, 10, 4096);
	assert_true(row_begin(&t, &e));
	row_u64(&t, 1, (1ULL << 53) - 1);
	row_u64(&t, 1, (1ULL << 53) * 2);
	row_u64(&t, 0, 5);
	row_us(&t, 1, 1999);
	row_sign(&t, 1, -7);
	row_sign(&t, 1, INT64_MIN);
	row_sign(&t, 0, -1);
	row_address(&t, 1, 0xffULL << 56);
	row_hex(&t, &raw);
	row_hex(&t, &none);
	row_text(&t, &none);
	row_string(&t, NULL);
	row_texts(&t, 2, list);
	row_texts(&t, 0, NULL);
	assert_int_equal(row_end(&t), 0);
	assert_true(row_begin(&t, &e));
	row_open(&t);
	row_u64(&t, 1, 1);
	row_open(&t);
	row_close(&t);
	row_close(&t);
	assert_int_equal(row_end(&t), 0);
	check(&t, "[9007199254740991,\"18014398509481984\",null,1,-7,"
		  "\"-9223372036854775808\",null,\"0xff00000000000000\","
		  "\"00ff\",null,null,null,[\"a\",\"\"],[]],\n[[1,[]]]");
	row_done(&t);
}

static void test_text(void **state)
{
	char longest[ROW_TEXT_BYTES + 3];
	struct row t;
	struct err e = { 0 };
	char *text;

	(void)state;
	row_init(&t, 10, 1 << 20);
	assert_true(row_begin(&t, &e));
	row_string(&t, "\"q\" \\ \n \xe2\x80\xae \xff \xd7\xa9");
	assert_int_equal(row_end(&t), 0);
	check(&t, "[\"\\\"q\\\" \\\\x5c \\\\x0a \\\\xe2\\\\x80\\\\xae \\\\xff "
		  "\xd7\xa9\"]");
	/* The last character that would be cut in two is left out. */
	memset(longest, 'a', sizeof(longest));
	longest[ROW_TEXT_BYTES - 1] = '\xd7';
	longest[ROW_TEXT_BYTES] = '\xa9';
	longest[sizeof(longest) - 1] = 0;
	assert_true(row_begin(&t, &e));
	row_string(&t, longest);
	assert_int_equal(row_end(&t), 0);
	text = buf_string(&t.out, &e);
	assert_non_null(text);
	assert_string_equal(text + t.out.len - 8, "aa\\\\+3\"]");
	row_done(&t);
}

/* What has no room is counted, and nothing behind it is let in. */
static void test_limits(void **state)
{
	struct row t;
	struct err e = { 0 };

	(void)state;
	row_init(&t, 2, 4096);
	for (int i = 0; i < 5; i++) {
		if (!row_begin(&t, &e))
			continue;
		row_u64(&t, 1, (uint64_t)i);
		assert_int_equal(row_end(&t), 0);
	}
	assert_int_equal(t.rows, 2);
	assert_int_equal(t.total, 5);
	check(&t, "[0],\n[1]");
	row_done(&t);

	row_init(&t, 10, 64);
	for (int i = 0; i < 5; i++) {
		if (!row_begin(&t, &e))
			continue;
		row_string(&t, i == 1 ? "a text that does not fit into what "
					"is left of sixty-four bytes"
				      : "short");
		assert_int_equal(row_end(&t), 0);
	}
	assert_int_equal(t.rows, 1);
	assert_int_equal(t.total, 5);
	check(&t, "[\"short\"]");
	row_done(&t);
}

static void test_guard(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	const char json[] = "[\"</script><!--&\"]";

	(void)state;
	buf_init(&b, 4096);
	assert_ok(row_guard(&b, NULL, 0, &e), &e);
	assert_ok(row_guard(&b, json, strlen(json), &e), &e);
	assert_string_equal(buf_string(&b, &e),
		"[\"\\u003c/script\\u003e\\u003c!--\\u0026\"]");
}

static void add_extent(struct memory_map *m, uint64_t start, unsigned pages,
	Icecore__V1__PageStatus status, uint64_t at)
{
	static uint8_t data[16 * 4096];
	Icecore__V1__PageRun run = ICECORE__V1__PAGE_RUN__INIT,
			     *runs[] = { &run };
	Icecore__V1__MemoryExtent x = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__Record r = ICECORE__V1__RECORD__INIT;
	struct err e = { 0 };

	r.body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	r.memory_extent = &x;
	x.start = start;
	x.source = ICECORE__V1__MEMORY_SOURCE__MEMORY_SOURCE_KCORE;
	x.read_start_ns = at;
	x.read_end_ns = at + 5000;
	x.runs = runs;
	x.n_runs = 1;
	run.status = status;
	run.bytes = pages * 4096ULL;
	if (status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA)
		x.data = (ProtobufCBinaryData){ pages * 4096, data };
	assert_ok(memory_map_add(m, &r, &e), &e);
}

static void test_map(void **state)
{
	AUTO_RANGES struct ranges ram = { 0 };
	AUTO_BUF struct buf json = { 0 };
	struct memory_map m;
	struct err e = { 0 };

	(void)state;
	assert_ok(ranges_add(&ram, (struct range){ 0x1000, 0x3000 }, &e), &e);
	assert_ok(ranges_add(&ram, (struct range){ 0x10000, 0x12000 }, &e), &e);
	assert_ok(memory_map_init(&m, &ram, &e), &e);
	assert_int_equal(m.n, 4);
	/* From before the first range to into the second. */
	add_extent(&m, 0, 16, ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO, 9000);
	add_extent(&m, 0x10000, 1, ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA,
		20000);
	memory_map_hold(
		&m, (struct range){ 0x11000, 0x20000 }, MEMORY_MAP_MISSING);
	buf_init(&json, 4096);
	assert_ok(memory_map_json(&m, &json, &e), &e);
	assert_string_equal(buf_string(&json, &e),
		"{\"cellBytes\":4096,\"ramBytes\":16384,\"ranges\":"
		"[[\"0x1000\",8192],[\"0x10000\",8192]],\"cells\":"
		"[[0,1,0,0,0,3,9,14],\n[0,1,0,0,0,3,9,14],\n"
		"[1,0,0,0,0,3,20,25],\n[0,0,0,0,1,0,0,0]]}");
	memory_map_done(&m);
}

static void test_empty_map(void **state)
{
	const struct ranges none = { 0 };
	struct memory_map m;
	struct err e = { 0 };

	(void)state;
	assert_ok(memory_map_init(&m, &none, &e), &e);
	add_extent(&m, 0, 1, ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO, 1);
	assert_int_equal(m.n, 0);
	memory_map_done(&m);
}

/* A report of one process whose name wants to end the element of its data. */
static void test_write(void **state)
{
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Record r = ICECORE__V1__RECORD__INIT;
	ProtobufCBinaryData argv[] = { bytes("</script><script>x") };
	const struct ranges none = { 0 };
	AUTO_BUF struct buf page = { 0 };
	AUTO_JSON json_t *custody = NULL;
	struct memory_map map;
	struct model model;
	struct write_data data = { .model = &model, .memory = &map };
	struct err e = { 0 };
	uint8_t *room = NULL;
	off_t len;
	int fd = memfd_create("page", MFD_CLOEXEC), scripts = 0;

	(void)state;
	assert_ok(fd, &e);
	r.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	r.process = &p;
	p.argv = argv;
	p.n_argv = 1;
	model_init(&model);
	assert_ok(memory_map_init(&map, &none, &e), &e);
	assert_ok(model_add(&model, &r, &e), &e);
	custody = json_pack("{s:s}", "case", "</script>");
	data.custody = custody;
	assert_ok(write_report(fd, &data, &e), &e);
	len = lseek(fd, 0, SEEK_END);
	buf_init(&page, 8 << 20);
	assert_ok(buf_reserve(&page, &room, (size_t)len, &e), &e);
	assert_int_equal(pread(fd, room, (size_t)len, 0), len);
	page.len = (size_t)len;
	for (char *s = buf_string(&page, &e); s && (s = strstr(s, "</script"));
		s++)
		scripts++;
	/* custody, memory, the tables, and the page's own. */
	assert_int_equal(scripts, (int)model.n + 3);
	assert_non_null(strstr(buf_string(&page, &e),
		"\\u003c/script\\u003e\\u003cscript\\u003ex"));
	data.custody = NULL;
	assert_err(write_report(fd, &data, &e), -ENOMEM, &e, "");
	memory_map_done(&map);
	model_done(&model);
	(void)close(fd);
}

/* A finding of the captured memory brings the process that it speaks of. */
static void test_inspected(void **state)
{
	static const struct rule rule = { .id = "memory.hidden",
		.severity = ICECORE__V1__SEVERITY__SEVERITY_CRITICAL,
		.sentence = "it hides" };
	struct task tasks[] = {
		{ .pid = 7, .tid = 8, .start_boot_ns = 5000, .comm = "no" },
		{ .pid = 7,
			.tid = 7,
			.ppid = 1,
			.uid = 33,
			.start_boot_ns = 5000,
			.leader = true,
			.comm = "hidden" },
	};
	struct verdict verdicts[] = {
		{ .rule = &rule,
			.ref = { .kind = ICECORE__V1__RECORD__BODY_PROCESS,
				.pid = 7,
				.start_boot_ns = 5000 },
			.detail = "in the slab only" },
		{ .rule = &rule,
			.ref = { .kind = ICECORE__V1__RECORD__BODY_PROCESS,
				.pid = 9,
				.start_boot_ns = 1 } },
		{ .rule = &rule,
			.ref = { .kind = ICECORE__V1__RECORD__BODY_KERNEL_MODULE },
			.name = "rootkit" },
	};
	const struct inspection in = { .tasks = { .v = tasks, .n = 2 },
		.verdicts = { .v = verdicts, .n = 3 },
		.has_gaps = true };
	struct model model;
	struct err e = { 0 };

	(void)state;
	model_init(&model);
	assert_ok(inspected_add(&model, &in, &e), &e);
	assert_int_equal(model_rows(&model, "finding")->rows, 3);
	assert_non_null(strstr(buf_string(&model_rows(&model, "finding")->out, &e),
		"[5,\"memory.hidden\",null,\"it hides\",\"in the slab only\","
		"[[\"process\",7,5,"));
	assert_non_null(strstr(
		buf_string(&model_rows(&model, "finding")->out, &e), "rootkit"));
	assert_int_equal(model_rows(&model, "process")->rows, 1);
	assert_non_null(
		strstr(buf_string(&model_rows(&model, "process")->out, &e),
			"\"hidden\""));
	check(model_rows(&model, "inspected"), "[2,0,3,0,1]");
	assert_null(model_rows(&model, "no such"));
	model_done(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_empty_map),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_inspected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
