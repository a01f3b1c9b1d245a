// SPDX-License-Identifier: Apache-2.0
/* Contents of binaries as they are written: in any order, checked, and never
 * outside. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "evidence/hash.h"
#include "lab/contents.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char top[SCRATCH_CHARS];
static struct contents *c;
static int outfd;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	outfd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(contents_new(&c, outfd, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	contents_free(c);
	(void)close(outfd);
	scratch_remove(top);
	return 0;
}

static int put(const uint8_t *id, uint64_t offset, const void *p, size_t len,
	int64_t size, struct err *e)
{
	Icecore__V1__BinaryData d = ICECORE__V1__BINARY_DATA__INIT;

	d.has_content_id = d.has_offset = d.has_data = 1;
	d.content_id = (ProtobufCBinaryData){ 32, (uint8_t *)(uintptr_t)id };
	d.offset = offset;
	d.data = (ProtobufCBinaryData){ len, (uint8_t *)(uintptr_t)p };
	if (size >= 0) {
		d.has_last = d.last = d.has_size_bytes = 1;
		d.size_bytes = (uint64_t)size;
	}
	return contents_put(c, &d, e);
}

static void whole_and_not(void **state)
{
	static const char text[] = "hello\0\0\0world";
	struct contents_result res;
	char dir[SCRATCH_CHARS];
	uint8_t id[HASH_BYTES], other[HASH_BYTES] = { 7 };
	struct err e = { 0 };

	(void)state;
	assert_ok(hash_bytes(id, text, 13, &e), &e);
	/* The last first; what lies between is zeros. */
	assert_ok(put(id, 8, text + 8, 5, -1, &e), &e);
	assert_ok(put(id, 13, NULL, 0, 13, &e), &e);
	assert_ok(put(id, 0, text, 5, -1, &e), &e);
	/* One that is not what it is called, and one without its end. */
	assert_ok(put(other, 0, text, 5, 5, &e), &e);
	other[0]++;
	assert_ok(put(other, 0, text, 5, -1, &e), &e);
	assert_ok(contents_finish(c, &res, &e), &e);
	assert_int_equal(res.whole, 1);
	assert_int_equal(res.not_whole, 2);
	scratch_path(dir, top, "binaries");
	assert_int_equal(scratch_count(dir, ""), 3);
	assert_int_equal(scratch_count(dir, ".part"), 2);
}

static void impossible(void **state)
{
	uint8_t id[HASH_BYTES] = { 1 };
	struct err e = { 0 };

	(void)state;
	assert_err(put(id, UINT64_MAX, "x", 1, -1, &e), -EINVAL, &e,
		"impossible piece");
	assert_err(put(id, 1ULL << 63, "x", 1, -1, &e), -EINVAL, &e,
		"impossible piece");
	assert_int_equal(scratch_count(top, ""), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_and_not),
		TEST(impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
