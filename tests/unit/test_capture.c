// SPDX-License-Identifier: Apache-2.0
/* A whole capture of made-up memory, and the image that comes out again. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/num.h"
#include "lab/extract.h"
#include "unit/evidence.h"
#include "unit/unit.h"

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS], out[SCRATCH_CHARS];
static atomic_bool interrupted;
static struct capture_plan plan;
static struct capture_result res;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	scratch_new(top);
	scratch_new(out);
	evidence_dir(dir, top);
	evidence_fake_host(5);
	keys.n = 1;
	interrupted = false;
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(fake.open_sources, 0);
	assert_int_equal(fake.open_readers, 0);
	scratch_remove(top);
	scratch_remove(out);
	return 0;
}

static struct reader *check(void)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(reader_open(&r, dir, &e), &e);
	assert_ok(reader_check(r, 2, &e), &e);
	for (size_t i = 0; i < r->findings_n; i++)
		print_message("%s\n", r->findings[i].text);
	return r;
}

static void extract(struct reader *r, struct extract_result *x, int format)
{
	AUTO_CLOSE int fd = open(out, O_DIRECTORY | O_RDONLY);
	struct extract_options o = {
		.outfd = fd, .memory = format, .threads = 2, .keys = &keys
	};
	struct err e = { 0 };

	assert_ok(extract_run(x, r, &o, &e), &e);
	assert_ok(extract_write_gaps(x, r, &o, &e), &e);
}

/* Every byte of a LiME image against what the made-up memory holds, and the
 * headers against ${memory}. */
static void compare_lime(const struct ranges *memory)
{
	size_t len, at = 0, n = 0;
	uint8_t *image = scratch_read(out, "memory.lime", &len);

	while (at < len) {
		uint64_t first = num_le64(image + at + 8);
		uint64_t last = num_le64(image + at + 16);

		assert_true(n < memory->n);
		assert_int_equal(num_le32(image + at), 0x4c694d45);
		assert_int_equal(num_le32(image + at + 4), 1);
		assert_int_equal(first, memory->v[n].start);
		assert_int_equal(last + 1, memory->v[n].end);
		assert_int_equal(num_le64(image + at + 24), 0);
		at += 32;
		for (uint64_t a = first; a <= last; a++, at++)
			if (image[at] != fake_byte(a))
				fail_msg("byte %#lx is %02x", (long)a, image[at]);
		n++;
	}
	assert_int_equal(n, memory->n);
	free(image);
}

static void whole_way(void **state)
{
	AUTO_RANGES struct ranges memory = { 0 };
	struct extract_result x;
	struct err e = { 0 };
	struct reader *r;
	uint64_t ram = 0x9fc00 - 0x1000 + (5 << 20) + 0x123;

	(void)state;
	plan.workers = 2;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(res.outcome, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE);
	assert_int_equal(res.memory_bytes, ram - 0x1000);
	assert_int_equal(res.memory_gap_bytes, 0x1000);
	assert_int_equal(res.gaps, 1);
	assert_string_equal(res.source, "kmod");
	r = check();
	assert_string_equal(lab_verdict(r), "complete with gaps");
	extract(r, &x, IMAGE_LIME);
	assert_int_equal(x.memory_bytes, ram - 0x1000);
	assert_int_equal(x.missing.n, 1);
	assert_int_equal(x.missing.v[0].start, 0x105000);
	assert_int_equal(x.missing.v[0].end, 0x106000);
	assert_int_equal(ranges_bytes(&x.private_map), 0x2000);
	assert_int_equal(x.gaps_n, 1);
	assert_int_equal(x.gaps[0].page_status, PAGE_HWPOISON);
	assert_ok(reader_coverage(r, &memory, NULL, &e), &e);
	assert_int_equal(memory.n, 3);
	compare_lime(&memory);
	extract_done(&x);
	reader_close(r);
}

static void raw_image(void **state)
{
	struct extract_result x;
	struct err e = { 0 };
	struct reader *r;
	uint8_t *image;
	size_t len;

	(void)state;
	assert_ok(capture_run(&res, &plan, &e), &e);
	r = check();
	extract(r, &x, IMAGE_RAW);
	image = scratch_read(out, "memory.raw", &len);
	assert_int_equal(len, fake.ram[1].end);
	for (uint64_t a = 0; a < len; a++) {
		int ram = (a >= fake.ram[0].start && a < fake.ram[0].end) ||
			  a >= fake.ram[1].start;

		ram = ram && !(a >= 0x105000 && a < 0x106000);
		if (image[a] != (ram ? fake_byte(a) : 0))
			fail_msg("byte %#lx is %02x", (long)a, image[a]);
	}
	free(image);
	extract_done(&x);
	reader_close(r);
}

/* kmod breaks in the middle: kcore reads the rest, and the extents say so. */
static void falls_back_in_the_middle(void **state)
{
	AUTO_RANGES struct ranges memory = { 0 };
	struct extract_result x;
	struct err e = { 0 };
	struct reader *r;

	(void)state;
	fake.fails_at[SOURCE_KMOD] = 0x300000;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(res.memory_gap_bytes, 0x1000);
	r = check();
	extract(r, &x, IMAGE_LIME);
	assert_ok(reader_coverage(r, &memory, NULL, &e), &e);
	compare_lime(&memory);
	extract_done(&x);
	reader_close(r);
}

/* No source is left: what is unread is a gap with the reason, no zeros. */
static void nobody_reads_the_rest(void **state)
{
	struct extract_result x;
	struct err e = { 0 };
	struct reader *r;

	(void)state;
	fake.fails_at[SOURCE_KMOD] = 0x300000;
	fake.fails_at[SOURCE_KCORE] = 0x400000;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(
		res.memory_gap_bytes, 0x1000 + fake.ram[1].end - 0x400000);
	r = check();
	extract(r, &x, IMAGE_LIME);
	assert_int_equal(x.gaps_n, 2);
	assert_int_equal(x.gaps[1].range.start, 0x400000);
	assert_int_equal(x.gaps[1].page_status, PAGE_FAULT);
	assert_string_equal(x.gaps[1].text, "kcore broke");
	extract_done(&x);
	reader_close(r);
}

static void one_source_does_not_fall_back(void **state)
{
	struct err e = { 0 };

	(void)state;
	plan.source = SOURCE_KMOD;
	fake.fails_at[SOURCE_KMOD] = 0x300000;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(
		res.memory_gap_bytes, 0x1000 + fake.ram[1].end - 0x300000);
	scratch_remove(top);
	assert_int_equal(mkdir(top, 0700), 0);
	plan.source = SOURCE_BPF;
	assert_err(capture_run(&res, &plan, &e), -ENODEV, &e,
		"memory: source bpf: bpf is not here");
	assert_int_equal(scratch_count(top, ""), 0);
}

static void interrupted_in_order(void **state)
{
	struct extract_result x;
	struct err e = { 0 };
	struct reader *r;

	(void)state;
	fake.interrupt_after = 6;
	fake.interrupt = &interrupted;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_int_equal(res.outcome, ICECORE__V1__OUTCOME__OUTCOME_INTERRUPTED);
	r = check();
	assert_string_equal(lab_verdict(r), "partial");
	assert_non_null(r->ending);
	extract(r, &x, IMAGE_LIME);
	assert_true(x.memory_bytes > 0);
	assert_int_equal(x.memory_bytes + ranges_bytes(&x.missing),
		0x9fc00 - 0x1000 + (5 << 20) + 0x123);
	assert_int_equal(x.gaps[x.gaps_n - 1].page_status, PAGE_INTERRUPTED);
	extract_done(&x);
	reader_close(r);
}

static void refusals_leave_nothing(void **state)
{
	struct err e = { 0 };

	(void)state;
	fake.kinds_open = 0;
	assert_err(capture_run(&res, &plan, &e), -ENODEV, &e, "memory: no");
	assert_int_equal(scratch_count(top, ""), 0);
	fake.ram_n = 0;
	assert_err(capture_run(&res, &plan, &e), -EPERM, &e, "hidden");
	assert_int_equal(scratch_count(top, ""), 0);
	plan.case_name = "../x";
	assert_err(capture_run(&res, &plan, &e), -EINVAL, &e, "case '../x'");
	plan.case_name = "case";
	plan.destination = "/nonexistent";
	assert_err(capture_run(&res, &plan, &e), -ENOENT, &e, "/nonexistent");
}

static void workers_fit_into_memory(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(capture_workers(64 << 20, 8, &e), 2);
	assert_int_equal(capture_workers(64 << 20, 1, &e), 1);
	assert_int_equal(capture_workers(1ULL << 30, 64, &e), 16);
	assert_err(capture_workers(16 << 20, 8, &e), -EINVAL, &e, "42 MiB");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(whole_way),
		T(raw_image),
		T(falls_back_in_the_middle),
		T(nobody_reads_the_rest),
		T(one_source_does_not_fall_back),
		T(interrupted_in_order),
		T(refusals_leave_nothing),
		T(workers_fit_into_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
