// SPDX-License-Identifier: Apache-2.0
/*
 * Every call fails once while a symbol file and each format for other tools is
 * made: an error with a sentence, no descriptor, no leak; and what is made in
 * spite of it is what is made without.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "symbols/isf_internal.h"
#include "unit/evidence.h"
#include "unit/fault.h"
#include "unit/made_kernel.h"
#include "unit/torture.h"
#include "unit/unit.h"

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static atomic_bool interrupted;
static struct kernel_files *kernel;
static const struct export_format *format; /* under test */
static size_t bytes; /* of the first, which is whole */

static int set_up(void **state)
{
	(void)state;
	log_set_level((enum log_level) - 1);
	evidence_take(top, dir, &keys, &interrupted);
	kernel = made_kernel("ffffffff82000000 T _text\n"
			     "ffffffff82001000 D init_task\n"
			     "ffffffff82002000 D tk_core\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kernel_files_free(kernel);
	scratch_remove(top);
	return 0;
}

static void expect_same(size_t has)
{
	if (!bytes)
		bytes = has;
	assert_int_equal(has, bytes);
}

static int append(void *arg, const void *p, size_t len, struct err *e)
{
	return buf_append(arg, p, len, e);
}

static int make_isf(struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	struct isf_result res = { 0 };
	int r;

	buf_init(&text, 1 << 20);
	r = isf_put(&res, kernel, append, &text, e);
	/* Types of a module that cannot be kept are told as refused. */
	if (r == 0 && !res.refused)
		expect_same(text.len);
	return r;
}

static void test_isf(void **state)
{
	struct torture t;

	(void)state;
	bytes = 0;
	t = torture_run("a symbol file", make_isf);
	assert_true(t.calls > 8 && t.errors > 8);
}

/* A format over the evidence of the made-up host. */
static int make_format(struct err *e)
{
	AUTO_CLOSE int fd = memfd_create("export", MFD_CLOEXEC);
	struct export_job job = { .keys = &keys, .out = "-", .fd = fd };
	struct reader *r = NULL;
	int rc = reader_open(&r, dir, e);

	if (rc == 0)
		rc = reader_check(r, 1, e);
	job.r = r;
	if (rc == 0)
		rc = format->map
			     ? lines_items(&job, format->map, format->unit, e)
			     : format->run(&job, e);
	/* What cannot be read is told as damage, and is another export. */
	if (rc == 0 && !r->findings_n)
		expect_same((size_t)lseek(fd, 0, SEEK_END));
	reader_close(r);
	return rc;
}

static void test_formats(void **state)
{
	(void)state;
	for (format = export_formats; format->name; format++) {
		struct torture t;

		/* The others differ by their maps alone, which follow; every
		 * record as JSON takes its time. */
		if (format->is_directory || strcmp(format->name, "jsonl") == 0 ||
			(format->map && strcmp(format->name, "bodyfile") != 0))
			continue;
		bytes = 0;
		t = torture_run(format->name, make_format);
		assert_true(t.calls > 50 && t.errors > 20);
	}
}

static ProtobufCBinaryData text(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

/* What a map makes of the items that the made-up host does not have. */
static int map_items(struct err *e)
{
	static const struct item_host host = { "c", "cap", "h", "m", "k", "a",
		1, 1 };
	Icecore__V1__Process process = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Container container = ICECORE__V1__CONTAINER__INIT;
	Icecore__V1__Socket socket = ICECORE__V1__SOCKET__INIT;
	Icecore__V1__Finding finding = ICECORE__V1__FINDING__INIT;
	Icecore__V1__Binary binary = ICECORE__V1__BINARY__INIT;
	ProtobufCBinaryData words[] = { text("a"), text("b") };
	const struct item items[] = {
		{ .kind = ITEM_PROCESS, .host = &host, .process = &process },
		{ .kind = ITEM_SOCKET, .host = &host, .socket = &socket },
		{ .kind = ITEM_FINDING, .host = &host, .finding = &finding },
		{ .kind = ITEM_BINARY, .host = &host, .binary = &binary },
	};
	struct lines l;
	int r;

	process.argv = words;
	process.n_argv = 2;
	process.container = &container;
	container.id = container.pod_name = "x";
	socket.local_address = socket.remote_address = "192.0.2.1";
	finding.rule = finding.technique = "x";
	binary.paths = words;
	binary.n_paths = 2;
	r = lines_init(&l, -1, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(items); i++) {
		struct item it = items[i];

		it.time_ns = 1;
		it.time_means = "x";
		r = format->map(&l, &it, e);
	}
	if (r == 0)
		expect_same(l.len);
	lines_done(&l);
	return r;
}

static void test_maps(void **state)
{
	(void)state;
	for (format = export_formats; format->name; format++) {
		struct torture t;

		if (!format->map)
			continue;
		bytes = 0;
		t = torture_run(format->name, map_items);
		assert_true(t.calls > 2 && t.errors > t.calls / 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isf),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_maps),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
