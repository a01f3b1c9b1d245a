// SPDX-License-Identifier: Apache-2.0
/* Physical volumes and groups of LVM2 that are right, and those that lie. */
#include <errno.h>
#include <sys/mman.h>

#include "base/io.h"
#include "unit/lvm_fixture.h"
#include "unit/unit.h"
#include "volume/lvm_group.h"

enum { PHYSICAL_BYTES = 8 << 20, EXTENT = 8 * 512, PE_START = 2048 * 512 };

#define SEGMENT(i, start, count, rest)                                         \
	"segment" #i " { start_extent = " #start " extent_count = " #count     \
	" " rest " } "
#define LINEAR(pv, at)                                                         \
	"type = \"striped\" stripe_count = 1 stripes = [\"" pv "\", " #at "]"
#define LOGICAL(name, segments)                                                \
	name " { status = [\"READ\", \"VISIBLE\"] " segments "} "
#define GROUP(logical)                                                             \
	"g { seqno = 7 extent_size = 8 physical_volumes { "                        \
	"pv0 { id = \"AAAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAAAA\" pe_start = 2048 } " \
	"pv1 { id = \"BBBBBB-BBBB-BBBB-BBBB-BBBB-BBBB-BBBBBB\" pe_start = 2048 } " \
	"} logical_volumes { " logical "} } version = 1 # the end"

static struct lvm_place places[] = {
	{ .device = 3, .start_bytes = 1 << 20, .bytes = PHYSICAL_BYTES },
	{ .device = 4, .bytes = PHYSICAL_BYTES },
};

static void set_places(void)
{
	memset(places[0].id, 'A', LVM_ID_CHARS - 1);
	memset(places[1].id, 'B', LVM_ID_CHARS - 1);
}

/* The map of the first volume of a group. */
static int map_first(
	struct map *ret, const char *text, size_t places_n, struct err *e)
{
	struct lvm_group g;
	int r = lvm_group_open(&g, slice_of(text), e);
	uint32_t at;

	*ret = (struct map){ 0 };
	if (r < 0)
		return r;
	g.places = places;
	g.places_n = places_n;
	at = lvm_group_next(&g, 0);
	assert_true(at);
	r = lvm_group_map(ret, &g, at, e);
	lvm_group_done(&g);
	return r;
}

static void maps(void **state)
{
	struct err e = { 0 };
	struct map m;

	(void)state;
	set_places();
	/* What follows itself is one piece. */
	assert_ok(map_first(&m,
			  GROUP(LOGICAL("lv",
				  SEGMENT(1, 0, 2, LINEAR("pv0", 5))
					  SEGMENT(2, 2, 3, LINEAR("pv0", 7)))),
			  2, &e),
		&e);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.bytes, 5 * EXTENT);
	assert_int_equal(m.v[0].stripes[0].device, 3);
	assert_int_equal(m.v[0].stripes[0].start_bytes,
		(1 << 20) + PE_START + 5 * EXTENT);
	map_done(&m);
	assert_ok(map_first(&m,
			  GROUP(LOGICAL("lv",
				  SEGMENT(1, 0, 2, LINEAR("pv0", 5))
					  SEGMENT(2, 2, 1, LINEAR("pv1", 0)))),
			  2, &e),
		&e);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.v[1].stripes[0].device, 4);
	assert_int_equal(m.v[1].stripes[0].start_bytes, PE_START);
	map_done(&m);
	assert_ok(map_first(&m,
			  GROUP(LOGICAL("lv",
				  SEGMENT(1, 0, 4,
					  "type = \"striped\" stripe_count = 2 "
					  "stripe_size = 8 stripes = "
					  "[\"pv0\", 1, \"pv1\", 2]"))),
			  2, &e),
		&e);
	assert_int_equal(m.v[0].stripes_n, 2);
	assert_int_equal(m.v[0].chunk_bytes, EXTENT);
	assert_int_equal(m.v[0].stripes[1].start_bytes, PE_START + 2 * EXTENT);
	map_done(&m);
}

static void mirror(void **state)
{
	static const char leg[] = GROUP(LOGICAL("lv",
		SEGMENT(1, 0, 2,
			"type = \"mirror\" mirrors = [\"leg\", 1]")) "leg { " SEGMENT(1,
		0, 4, LINEAR("pv1", 9)) "} ");
	static const char itself[] = GROUP(LOGICAL("lv",
		SEGMENT(1, 0, 2, "type = \"mirror\" mirrors = [\"lv\", 0]")));
	struct err e = { 0 };
	struct map m;

	(void)state;
	set_places();
	assert_ok(map_first(&m, leg, 2, &e), &e);
	assert_int_equal(m.bytes, 2 * EXTENT);
	assert_int_equal(m.v[0].stripes[0].start_bytes, PE_START + 10 * EXTENT);
	map_done(&m);
	assert_err(map_first(&m, itself, 2, &e), -EBADMSG, &e, "in each other");
}

/* Many mirrors of a volume of many segments would never end. */
static void bomb(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	struct map m;

	(void)state;
	set_places();
	buf_init(&b, 4 << 20);
	assert_ok(buf_text(&b, &e,
			  "g { extent_size = 8 logical_volumes { lv { status = "
			  "[\"VISIBLE\"]"),
		&e);
	for (int i = 0; i < 1000; i++)
		assert_ok(buf_text(&b, &e,
				  " segment { start_extent = %d extent_count = 1 "
				  "type = \"mirror\" mirrors = [\"b\", 0] }",
				  i),
			&e);
	assert_ok(buf_text(&b, &e, " } b {"), &e);
	for (int i = 0; i < 1000; i++)
		assert_ok(buf_text(&b, &e,
				  " segment { start_extent = %d extent_count = 1 "
				  "type = \"striped\" stripe_count = 1 stripes = "
				  "[\"pv0\", %d] }",
				  i, i * 2 % 7),
			&e);
	assert_ok(buf_text(&b, &e,
			  " } } physical_volumes { pv0 { id = "
			  "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" } } }"),
		&e);
	assert_err(map_first(&m, buf_string(&b, &e), 2, &e), -E2BIG, &e,
		"more than");
}

static void lies(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} cases[] = {
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 1, "type = \"raid1\""))),
			-ENOTSUP, "type raid1" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 1, LINEAR("pv1", 0)))),
			-ENODEV, "BBBBBB" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 1, LINEAR("pv2", 0)))),
			-EBADMSG, "no physical volume" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 9999, LINEAR("pv0", 0)))),
			-EBADMSG, "past the end" },
		{ GROUP(LOGICAL("lv",
			  SEGMENT(1, 0, 1, LINEAR("pv0", 18446744073709551615)))),
			-EBADMSG, "past all ends" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 1, 1, LINEAR("pv0", 0)))),
			-EBADMSG, "a hole" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 0, LINEAR("pv0", 0)))),
			-EBADMSG, "a hole" },
		{ GROUP(LOGICAL("lv", "")), -EBADMSG, "no segments" },
		{ GROUP(LOGICAL("lv", SEGMENT(1, 0, 1, "type = \"striped\""))),
			-EBADMSG, "stripes that are none" },
		{ GROUP(LOGICAL("lv",
			  SEGMENT(1, 0, 2,
				  "type = \"striped\" stripe_count = 2 stripe_size = 0 "
				  "stripes = [\"pv0\", 0, \"pv0\", 9]"))),
			-EBADMSG, "stripes that are none" },
		{ "a = 1", -EBADMSG, "no group" },
		{ "g {", -EBADMSG, "without an end" },
		{ "g { a = \"x }", -EBADMSG, "without an end" },
		{ "g }", -EBADMSG, "no value" },
		{ "= 3", -EBADMSG, "no name" },
		{ "a{a{a{a{a{a{a{a{a{", -EBADMSG, "too deep" },
	};
	struct map m;

	(void)state;
	set_places();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };

		assert_err(map_first(&m, cases[i].text, 1, &e), cases[i].code,
			&e, cases[i].part);
	}
}

static int read_head(struct lvm_physical *ret, const uint8_t *head, size_t len,
	struct err *e)
{
	AUTO_CLOSE int fd = memfd_create("physical", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_ok(io_write(fd, head, len, e), e);
	return lvm_read(ret, fd, 0, PHYSICAL_BYTES, e);
}

static void physical(void **state)
{
	static const char text[] = "g { seqno = 1 }";
	static uint8_t head[LVM_HEAD_BYTES];
	struct err e = { 0 };
	struct lvm_physical p;

	(void)state;
	for (int wraps = 0; wraps < 2; wraps++) {
		lvm_make(head, 'A', text, sizeof(text) - 1,
			wraps ? LVM_AREA_BYTES - 5 : LVM_TEXT_AT);
		assert_ok(read_head(&p, head, sizeof(head), &e), &e);
		assert_int_equal(p.text.len, sizeof(text) - 1);
		assert_memory_equal(p.text.data, text, sizeof(text) - 1);
		assert_string_equal(p.id, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
		lvm_physical_done(&p);
	}
	num_put_le64(head + LVM_AREA_AT + 40, 0); /* no text, as vgextend may */
	lvm_checksums(head);
	assert_ok(read_head(&p, head, sizeof(head), &e), &e);
	assert_int_equal(p.text.len, 0);
	lvm_physical_done(&p);
}

static void physical_lies(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		int sums; /* made again */
		const char *part;
	} cases[] = {
		{ LVM_LABEL_AT + 32, 1, 0, "no label" },
		{ LVM_LABEL_AT + 20, 600, 1, "no label" },
		{ LVM_AREA_AT + 24, 1, 1, "damaged metadata area" },
		{ LVM_AREA_AT + 32, 1ULL << 60, 1, "damaged metadata area" },
		{ LVM_AREA_AT + 100, 1, 0, "damaged metadata area" },
		{ LVM_AREA_AT + 40, 1ULL << 40, 1, "not in its area" },
		{ LVM_AREA_AT + 48, 1ULL << 40, 1, "not in its area" },
		{ LVM_AREA_AT + 48, 5, 1, "wrong checksum" },
		{ LVM_LABEL_AT + 104, 1ULL << 60, 1, "past the end" },
	};
	static uint8_t head[LVM_HEAD_BYTES];
	struct lvm_physical p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };

		lvm_make(head, 'A', "g {}", 4, LVM_TEXT_AT);
		num_put_le64(head + cases[i].at, cases[i].value);
		if (cases[i].sums)
			lvm_checksums(head);
		assert_err(read_head(&p, head, sizeof(head), &e), -EBADMSG, &e,
			cases[i].part);
	}
	for (size_t len = 0; len < sizeof(head); len += 1999) {
		struct err e = { 0 };

		lvm_make(head, 'A', "g {}", 4, LVM_TEXT_AT);
		if (len < LVM_AREA_AT + 516)
			assert_err(read_head(&p, head, len, &e), -EBADMSG, &e,
				"ends before");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps),
		cmocka_unit_test(mirror),
		cmocka_unit_test(bomb),
		cmocka_unit_test(lies),
		cmocka_unit_test(physical),
		cmocka_unit_test(physical_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
