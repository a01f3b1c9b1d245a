// SPDX-License-Identifier: Apache-2.0
/* The memory of a made-up host, captured, sealed, and read at any address. */
#include <errno.h>
#include <fcntl.h>

#include "base/log.h"
#include "inspect/ram.h"
#include "unit/evidence.h"
#include "unit/unit.h"

enum { MIB = 9 };

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static atomic_bool interrupted;

static int set_up(void **state)
{
	struct capture_plan plan;
	struct capture_result res;
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	scratch_new(top);
	evidence_fake_host(MIB);
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	keys.n = 1;
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	assert_ok(capture_run(&res, &plan, &e), &e);
	evidence_dir(dir, top);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static struct ram *open_ram(struct reader **r, unsigned threads)
{
	const struct ram_options options = {
		.scratch = top, .keys = &keys, .threads = threads
	};
	struct ram *ram = NULL;
	struct err e = { 0 };

	assert_ok(reader_open(r, dir, &e), &e);
	assert_ok(reader_check(*r, 1, &e), &e);
	assert_ok(ram_open(&ram, *r, &options, &e), &e);
	return ram;
}

/* Every byte is as it was made up, what is missing is not told as zero. */
static void check(struct ram *ram)
{
	const uint64_t ends[] = { fake.ram[0].start, fake.ram[0].end,
		fake.ram[1].start, fake.ram[1].end };
	struct physical *m = ram_physical(ram);
	uint8_t got[4096];

	for (int i = 0; i < 2; i++)
		for (uint64_t at = ends[2 * i]; at < ends[2 * i + 1]; at += 512) {
			bool poisoned = at >= 0x105000 && at < 0x106000;
			size_t len = 512;

			if (len > ends[2 * i + 1] - at)
				len = (size_t)(ends[2 * i + 1] - at);
			assert_int_equal(m->read(m, got, at, len),
				poisoned ? -ENODATA : 0);
			for (size_t k = 0; !poisoned && k < len; k++)
				if (got[k] != fake_byte(at + k))
					fail_msg("%#llx: %u",
						(unsigned long long)at + k,
						got[k]);
		}
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		uint64_t outside = i & 1 ? ends[i] : ends[i] - 1;

		assert_int_equal(m->read(m, got, outside, 1), -ENODATA);
		assert_int_equal(m->read(m, got, ends[i] - 8, 16), -ENODATA);
	}
	assert_int_equal(m->read(m, got, UINT64_MAX - 3, 8), -ENODATA);
	/* Over the end of a page, and into one that is missing. */
	assert_int_equal(m->read(m, got, 0x103ffe, 4), 0);
	assert_int_equal(got[3], fake_byte(0x104001));
	assert_int_equal(m->read(m, got, 0x104ffe, 4), -ENODATA);
}

static void test_read(void **state)
{
	struct reader *r = NULL;

	(void)state;
	for (unsigned threads = 1; threads <= 3; threads += 2) {
		struct ram *ram = open_ram(&r, threads);
		const struct ram_totals *t = ram_totals(ram);
		uint64_t first = 0, last = 0;
		struct physical *m = ram_physical(ram);

		check(ram);
		assert_int_equal(t->missing_bytes, 4096);
		assert_int_equal(t->twice_bytes, 0);
		assert_int_equal(t->unvouched_bytes, 0);
		assert_true(t->data_bytes && t->data_bytes < t->known_bytes);
		assert_int_equal(m->when(m, &first, &last, 0x108000), 0);
		assert_true(first && first <= last);
		assert_in_range(first, t->first_ns, t->last_ns);
		assert_int_equal(m->when(m, &first, &last, 0x105000), -ENODATA);
		ram_close(ram);
		reader_close(r);
	}
	/* Nothing is left in the scratch directory but the case. */
	assert_int_equal(scratch_count(top, ""), 1);
}

/* Without manifests nobody vouches, and all is read nevertheless. */
static void test_unvouched(void **state)
{
	char path[SCRATCH_CHARS];
	struct reader *r = NULL;
	struct ram *ram;

	(void)state;
	scratch_path(path, dir, "manifest-000001.pb");
	assert_int_equal(unlink(path), 0);
	ram = open_ram(&r, 2);
	assert_int_equal(
		ram_totals(ram)->unvouched_bytes, ram_totals(ram)->known_bytes);
	check(ram);
	ram_close(ram);
	reader_close(r);
}

static void test_no_room(void **state)
{
	const struct ram_options options = {
		.scratch = "/proc/self/no such directory", .keys = &keys
	};
	struct ram *ram = NULL;
	struct reader *r = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(reader_open(&r, dir, &e), &e);
	assert_ok(reader_check(r, 1, &e), &e);
	assert_err(ram_open(&ram, r, &options, &e), -ENOENT, &e, "no such");
	reader_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unvouched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
