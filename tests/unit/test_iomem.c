// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/buf.h"
#include "memory/iomem.h"
#include "unit/unit.h"

struct expect {
	const char *text;
	size_t n;
	struct range v[3];
};

static const struct expect good[] = {
	/* The last byte of a range belongs to it. */
	{ "00001000-0009fbff : System RAM\n", 1, { { 0x1000, 0x9fc00 } } },
	{ "00000000-00000000 : Reserved\n00000001-00000001 : System RAM\n", 1,
		{ { 1, 2 } } },
	/* Without the last line feed. */
	{ "0-fff : System RAM", 1, { { 0, 0x1000 } } },
	/* What the firmware split is one range again. */
	{ "00100000-3fffffff : System RAM\n40000000-4fffffff : System RAM\n", 1,
		{ { 0x100000, 0x50000000 } } },
	/* Children of RAM are no more RAM than their parent. */
	{ "00100000-3ffdffff : System RAM\n"
	  "  2c600000-2d5fffff : Kernel code\n"
	  "  2e200000-2e472c7f : Kernel data\n"
	  "fec00000-fec003ff : IOAPIC 0\n",
		1, { { 0x100000, 0x3ffe0000 } } },
	/* virtio-mem and persistent memory that is used as RAM. */
	{ "00001000-0009ffff : System RAM\n"
	  "100000000-17fffffff : virtio0\n"
	  "  100000000-107ffffff : System RAM (virtio_mem)\n"
	  "  110000000-117ffffff : System RAM (virtio_mem)\n",
		3,
		{ { 0x1000, 0xa0000 }, { 0x100000000, 0x108000000 },
			{ 0x110000000, 0x118000000 } } },
	{ "1000-1fff : System RAM\n"
	  "240000000-43fffffff : Persistent Memory\n"
	  "  240000000-43fffffff : namespace0.0\n"
	  "    240000000-43fffffff : dax0.0\n"
	  "      248000000-43fffffff : System RAM (kmem)\n",
		2, { { 0x1000, 0x2000 }, { 0x248000000, 0x440000000 } } },
	/* Only that name. */
	{ "0-fff : System RAM\n"
	  "1000-1fff : System RAM hole\n"
	  "2000-2fff : System ROM\n"
	  "3000-3fff : Hidden System RAM\n"
	  "4000-4fff : System RAM (\n"
	  "5000-5fff : \n",
		1, { { 0, 0x1000 } } },
	/* To the last byte of the address space but one. */
	{ "fffffffffffff000-fffffffffffffffe : System RAM\n", 1,
		{ { 0xfffffffffffff000, UINT64_MAX } } },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		AUTO_RANGES struct ranges rs = { 0 };
		struct err e = { 0 };

		assert_int_equal(ranges_parse_iomem(&rs, good[i].text, &e), 0);
		assert_int_equal(rs.n, good[i].n);
		for (size_t j = 0; j < rs.n; j++) {
			assert_int_equal(rs.v[j].start, good[i].v[j].start);
			assert_int_equal(rs.v[j].end, good[i].v[j].end);
		}
	}
}

static const struct {
	const char *text;
	int code;
	const char *message;
} bad[] = {
	{ "", -ENOENT, "iomem: no System RAM" },
	{ "0-fff : Reserved\n", -ENOENT, "iomem: no System RAM" },
	{ "00000000-00000000 : System RAM\n"
	  "  00000000-00000000 : Kernel code\n"
	  "00000000-00000000 : System RAM\n",
		-EPERM,
		"iomem: the kernel hides the addresses (CAP_SYS_ADMIN is missing)" },
	{ "\n", -EBADMSG, "iomem: no resource: ''" },
	{ "garbage\n", -EBADMSG, "iomem: no resource: 'garbage'" },
	{ "1000-1fff: System RAM\n", -EBADMSG,
		"iomem: no resource: '1000-1fff: System RAM'" },
	{ "1000 : System RAM\n", -EBADMSG,
		"iomem: no resource: '1000 : System RAM'" },
	{ "1000-1fff :\n : System RAM\n", -EBADMSG,
		"iomem: no resource: '1000-1fff :'" },
	{ "-1fff : System RAM\n", -EBADMSG,
		"iomem: no resource: '-1fff : System RAM'" },
	{ "2000-1fff : System RAM\n", -EBADMSG,
		"iomem: no resource: '2000-1fff : System RAM'" },
	{ "0-ffffffffffffffff : System RAM\n", -EBADMSG,
		"iomem: no resource: '0-ffffffffffffffff : System RAM'" },
	{ "0-10000000000000000 : System RAM\n", -EBADMSG,
		"iomem: no resource: '0-10000000000000000 : System RAM'" },
	{ "\t1000-1fff : System RAM\n", -EBADMSG,
		"iomem: no resource: '?1000-1fff : System RAM'" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct ranges rs = { 0 };
		struct err e = { 0 };

		assert_int_equal(
			ranges_parse_iomem(&rs, bad[i].text, &e), bad[i].code);
		assert_string_equal(e.msg, bad[i].message);
		assert_null(rs.v);
	}
}

/* As many ranges as the largest text can hold, in descending order. */
static void test_huge(void **state)
{
	AUTO_RANGES struct ranges rs = { 0 };
	AUTO_BUF struct buf text;
	struct err e = { 0 };
	unsigned n = 0;

	(void)state;
	buf_init(&text, IOMEM_BYTES);
	for (unsigned i = 40000; i > 0; i--, n++)
		if (buf_text(&text, &e, "%x000-%xfff : System RAM\n", 2 * i,
			    2 * i) < 0)
			break;
	assert_int_equal(ranges_parse_iomem(&rs, buf_string(&text, &e), &e), 0);
	assert_int_equal(rs.n, n);
	assert_int_equal(ranges_bytes(&rs), (uint64_t)n * 0x1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
