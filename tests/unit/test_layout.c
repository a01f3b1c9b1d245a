// SPDX-License-Identifier: Apache-2.0
/* BTF that somebody made: where it is cut off, and where it goes round. */
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "kernel/layout.h"
#include "unit/fake_image.h"
#include "unit/unit.h"

static void test_members(void **state)
{
	AUTO_FREE uint8_t *btf = NULL;
	struct layout *l = NULL;
	struct err e = { 0 };
	uint32_t at = 0;
	size_t len;

	(void)state;
	btf = fake_image_types(&len);
	assert_ok(layout_open_bytes(&l, btf, len, &e), &e);
	assert_ok(layout_offset(l, &at, "net", "unx.table.buckets", &e), &e);
	assert_int_equal(at, 32);
	assert_ok(layout_size(l, &at, "task_struct", &e), &e);
	assert_int_equal(at, FAKE_TASK_BYTES);
	assert_err(layout_offset(l, &at, "net", "unx.table.nothing", &e),
		-ENOENT, &e, "unx.table.nothing");
	layout_close(l);
}

/* Wherever it ends it is no BTF, or is read as far as it goes. */
static void test_cut(void **state)
{
	AUTO_FREE uint8_t *btf = NULL;
	size_t len, good = 0;

	(void)state;
	btf = fake_image_types(&len);
	for (size_t n = 0; n < len; n++) {
		AUTO_FREE uint8_t *part = malloc(n + 1);
		struct layout *l = NULL;
		struct err e = { 0 };
		int r;

		memcpy(part, btf, n);
		r = layout_open_bytes(&l, part, n, &e);
		assert_true(r == 0 || (r == -EBADMSG && e.msg[0]));
		good += r == 0;
		layout_close(l);
	}
	assert_int_equal(good, 0);
}

static void test_header(void **state)
{
	static const struct {
		size_t at;
		uint32_t v;
	} bad[] = { { 0, 0x9feb0000 }, { 0, 0xeb9f }, { 4, 0 }, { 4, 25 },
		{ 4, UINT32_MAX }, { 8, UINT32_MAX }, { 12, UINT32_MAX },
		{ 16, UINT32_MAX - 3 }, { 20, 0 }, { 20, 1 << 30 } };
	AUTO_FREE uint8_t *btf = NULL;
	size_t len;

	(void)state;
	btf = fake_image_types(&len);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO_FREE uint8_t *copy = malloc(len);
		struct layout *l = NULL;
		struct err e = { 0 };

		memcpy(copy, btf, len);
		memcpy(copy + bad[i].at, &bad[i].v, sizeof(bad[i].v));
		if (layout_open_bytes(&l, copy, len, &e) != -EBADMSG)
			fail_msg("%u at %zu is taken", bad[i].v, bad[i].at);
		assert_true(e.msg[0]);
	}
}

static struct layout *open_btf(struct btf *btf)
{
	struct layout *l = NULL;
	struct err e = { 0 };
	uint32_t len = 0;
	const void *raw = btf__raw_data(btf, &len);

	assert_non_null(raw);
	assert_ok(layout_open_bytes(&l, raw, len, &e), &e);
	btf__free(btf);
	return l;
}

/* Types that lead to themselves are not there. */
static void test_round(void **state)
{
	struct btf *btf = btf__new_empty();
	struct layout *l;
	uint32_t at;

	(void)state;
	assert_int_equal(btf__add_typedef(btf, "self", 1), 1);
	assert_int_equal(btf__add_array(btf, 2, 2, 4), 2);
	assert_int_equal(btf__add_struct(btf, "s", 64), 3);
	assert_int_equal(btf__add_field(btf, "t", 1, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "a", 2, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "", 3, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "far", 77, 0, 0), 0);
	l = open_btf(btf);
	assert_int_equal(layout_offset(l, &at, "s", "t", NULL), -ENOENT);
	assert_int_equal(layout_offset(l, &at, "s", "a.b", NULL), -ENOENT);
	assert_int_equal(layout_offset(l, &at, "s", "none", NULL), -ENOENT);
	assert_int_equal(layout_offset(l, &at, "s", "far", NULL), -ENOENT);
	layout_close(l);
}

/* Members without a name, of structures of such: a question has an end. */
static void test_wide(void **state)
{
	struct btf *btf = btf__new_empty();
	struct layout *l;
	uint32_t at;

	(void)state;
	assert_int_equal(btf__add_struct(btf, "wide", 8), 1);
	for (int i = 0; i < 60000; i++)
		assert_int_equal(btf__add_field(btf, "", 1, 0, 0), 0);
	l = open_btf(btf);
	assert_int_equal(layout_offset(l, &at, "wide", "none", NULL), -ENOENT);
	layout_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
