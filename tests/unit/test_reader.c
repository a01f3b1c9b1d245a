// SPDX-License-Identifier: Apache-2.0
/* Evidence that was damaged in every way: what is wrong is named, and what is
 * not damaged still comes out. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "lab/extract.h"
#include "unit/evidence.h"
#include "unit/unit.h"

static struct lab_keys keys;
static char top[SCRATCH_CHARS], made[SCRATCH_CHARS]; /* the good capture */
static char dir[SCRATCH_CHARS]; /* its copy, to damage */

/* Small segments would be one: force several with several collectors' worth
 * of noise, and a manifest after each. */
static void make_capture(const char *where, unsigned mib)
{
	static atomic_bool interrupted;
	struct capture_plan plan;
	struct capture_result res;
	struct err e = { 0 };

	evidence_fake_host(mib);
	evidence_plan(&plan, where, &keys.v[0], &interrupted);
	plan.manifest_ns = 0;
	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_true(res.segments >= 3);
}

static int set_up_all(void **state)
{
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	keys.n = 1;
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	scratch_new(top);
	make_capture(top, 26);
	evidence_dir(made, top);
	return 0;
}

static int tear_down_all(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(dir);
	scratch_copy(dir, made);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static struct reader *check(void)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(reader_open(&r, dir, &e), &e);
	assert_ok(reader_check(r, 2, &e), &e);
	return r;
}

static bool told(const struct reader *r, const char *object, const char *what)
{
	for (size_t i = 0; i < r->findings_n; i++)
		if (strstr(r->findings[i].text, object) &&
			strstr(r->findings[i].text, what))
			return true;
	return false;
}

static void expect_finding(const char *object, const char *what)
{
	struct reader *r = check();

	if (!told(r, object, what)) {
		for (size_t i = 0; i < r->findings_n; i++)
			print_message("%s\n", r->findings[i].text);
		fail_msg("no finding '%s ... %s'", object, what);
	}
	assert_string_equal(lab_verdict(r), "damaged");
	reader_close(r);
}

/* The same for a manifest: its findings are there before segments are read. */
static void expect_in_chain(const char *manifest)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(reader_open(&r, dir, &e), &e);
	if (!told(r, manifest, ""))
		fail_msg("no finding about %s", manifest);
	reader_close(r);
}

/* How much memory comes out; the image is compared byte by byte. */
static uint64_t extract(bool vouched_only, size_t *unvouched)
{
	char out[SCRATCH_CHARS];
	struct extract_result x = { 0 };
	struct reader *r = check();
	struct err e = { 0 };
	uint64_t bytes;
	AUTO_CLOSE int fd = -1;
	struct extract_options o = { .memory = IMAGE_RAW,
		.vouched_only = vouched_only,
		.threads = 2,
		.keys = &keys };

	scratch_new(out);
	fd = open(out, O_DIRECTORY | O_RDONLY);
	o.outfd = fd;
	assert_ok(extract_run(&x, r, &o, &e), &e);
	bytes = x.memory_bytes;
	if (bytes) {
		size_t len;
		uint8_t *image = scratch_read(out, "memory.raw", &len);

		for (size_t a = 0; a < len; a++)
			if (image[a] && image[a] != fake_byte(a))
				fail_msg("byte %#zx is wrong", a);
		free(image);
	}
	if (unvouched)
		*unvouched = x.unvouched_n;
	extract_done(&x);
	reader_close(r);
	scratch_remove(out);
	return bytes;
}

static void undamaged(void **state)
{
	struct reader *r = check();

	(void)state;
	assert_int_equal(r->findings_n, 0);
	assert_string_equal(lab_verdict(r), "complete with gaps");
	assert_true(r->segments_n >= 3);
	assert_true(r->manifests_n >= 3);
	reader_close(r);
	assert_true(extract(false, NULL) > 26 << 20);
}

static void flip(const char *name, size_t at)
{
	size_t len;
	uint8_t *buf = scratch_read(made, name, &len);

	buf[at % len] ^= 1;
	scratch_write(dir, name, buf, len);
	free(buf);
}

static void restore(const char *name)
{
	size_t len;
	uint8_t *buf = scratch_read(made, name, &len);

	scratch_write(dir, name, buf, len);
	free(buf);
}

/* Each byte of a manifest, and bytes all over a segment. */
static void one_flipped_byte(void **state)
{
	static const char *const names[] = { "manifest-000000.pb",
		"manifest-000001.pb", "segment-000001.age" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len, step;

		free(scratch_read(made, names[i], &len));
		step = len > 4096 ? len / 37 : 1;
		for (size_t at = 0; at < len; at += step) {
			flip(names[i], at);
			if (names[i][0] == 'm')
				expect_in_chain(names[i]);
			else
				expect_finding(names[i], "");
		}
		restore(names[i]);
	}
}

static void last_manifest(char ret[MANIFEST_NAME_CHARS])
{
	manifest_name(ret, (unsigned)scratch_count(made, "manifest-") - 1);
}

/* The final manifest has no successor that would tell. */
static void flipped_byte_at_the_end(void **state)
{
	char name[MANIFEST_NAME_CHARS];
	size_t len;

	(void)state;
	last_manifest(name);
	free(scratch_read(made, name, &len));
	for (size_t at = 0; at < len; at++) {
		flip(name, at);
		expect_in_chain(name);
	}
}

static void undamaged_segments_still_come_out(void **state)
{
	uint64_t whole = extract(false, NULL), left;
	size_t unvouched = 0;

	(void)state;
	flip("segment-000001.age", 100000);
	left = extract(false, &unvouched);
	assert_in_range(left, whole - (17 << 20), whole - (1 << 20));
	assert_int_equal(unvouched, 0);
	restore("segment-000001.age");
	/* Segments that a broken manifest listed are there, but marked. */
	flip("manifest-000001.pb", 9999999);
	assert_int_equal(extract(false, &unvouched), whole);
	assert_true(unvouched > 0);
	assert_true(extract(true, &unvouched) < whole);
	assert_int_equal(unvouched, 0);
}

static void missing_objects(void **state)
{
	char path[SCRATCH_CHARS];

	(void)state;
	scratch_path(path, dir, "segment-000002.age");
	assert_int_equal(unlink(path), 0);
	expect_finding("segment-000002.age", "missing");
	restore("segment-000002.age");
	scratch_path(path, dir, "manifest-000001.pb");
	assert_int_equal(unlink(path), 0);
	expect_finding("manifest-000001.pb", "missing");
	assert_true(extract(false, NULL) > 0);
	scratch_path(path, dir, "manifest-000000.pb");
	assert_int_equal(unlink(path), 0);
	expect_finding("manifest-000000.pb", "missing");
}

static void swap(const char *a, const char *b)
{
	size_t a_len, b_len;
	uint8_t *a_buf = scratch_read(made, a, &a_len);
	uint8_t *b_buf = scratch_read(made, b, &b_len);

	scratch_write(dir, a, b_buf, b_len);
	scratch_write(dir, b, a_buf, a_len);
	free(a_buf);
	free(b_buf);
}

static void swapped_objects(void **state)
{
	(void)state;
	swap("segment-000000.age", "segment-000001.age");
	expect_finding("segment-000000.age", "");
	expect_finding("segment-000001.age", "");
	restore("segment-000000.age");
	restore("segment-000001.age");
	swap("manifest-000001.pb", "manifest-000002.pb");
	expect_finding("manifest-000001.pb", "another name");
	expect_finding("manifest-000002.pb", "another name");
}

static void truncated_tail(void **state)
{
	char last[MANIFEST_NAME_CHARS];
	size_t len;
	uint8_t *buf = scratch_read(made, "segment-000001.age", &len);

	(void)state;
	scratch_write(dir, "segment-000001.age", buf, len - 1);
	expect_finding("segment-000001.age", "bytes, manifest");
	scratch_write(dir, "segment-000001.age", buf, 0);
	expect_finding("segment-000001.age", "has 0 bytes");
	free(buf);
	restore("segment-000001.age");
	last_manifest(last);
	buf = scratch_read(made, last, &len);
	scratch_write(dir, last, buf, len / 2);
	free(buf);
	expect_finding(last, "");
}

/* More than a segment may have: not read into memory. */
static void oversized_segment(void **state)
{
	char path[SCRATCH_CHARS];

	(void)state;
	scratch_path(path, dir, "segment-000001.age");
	assert_int_equal(truncate(path, 1LL << 40), 0);
	expect_finding("segment-000001.age", "larger than");
}

static void manifest_of_another_capture(void **state)
{
	char other_top[SCRATCH_CHARS], other[SCRATCH_CHARS];
	size_t len;
	uint8_t *buf;

	(void)state;
	scratch_new(other_top);
	make_capture(other_top, 26);
	evidence_dir(other, other_top);
	for (unsigned i = 0; i < 3; i++) {
		char name[MANIFEST_NAME_CHARS];

		manifest_name(name, i);
		buf = scratch_read(other, name, &len);
		scratch_write(dir, name, buf, len);
		free(buf);
		expect_finding(name, "signed by another key");
		assert_true(extract(false, NULL) > 0);
		restore(name);
	}
	scratch_remove(other_top);
}

/* A stranger's segment beside a capture that is complete. */
static void segment_that_nobody_lists(void **state)
{
	size_t len;
	uint8_t *buf = scratch_read(made, "segment-000001.age", &len);

	(void)state;
	scratch_write(dir, "segment-000777.age", buf, len);
	free(buf);
	expect_finding("segment-000777.age", "in no manifest");
	/* Its seal says that it is another one: it stays out. */
	assert_true(extract(false, NULL) > 26 << 20);
}

/* As after kill -9: no final manifest, later segments not listed yet. */
static void cut_off_in_the_middle(void **state)
{
	int n = scratch_count(made, "manifest-");
	char path[SCRATCH_CHARS], name[MANIFEST_NAME_CHARS];
	struct reader *r;
	uint64_t all, vouched;
	size_t unvouched;

	(void)state;
	for (int i = 2; i < n; i++) {
		manifest_name(name, (unsigned)i);
		scratch_path(path, dir, name);
		assert_int_equal(unlink(path), 0);
	}
	scratch_write(dir, ".segment-000009.age.tmp", "half", 4);
	r = check();
	assert_int_equal(r->findings_n, 0);
	assert_string_equal(lab_verdict(r), "partial");
	assert_true(r->unlisted > 0);
	assert_int_equal(r->leftovers, 1);
	reader_close(r);
	all = extract(false, &unvouched);
	assert_true(unvouched > 0);
	vouched = extract(true, &unvouched);
	assert_true(vouched > 0 && vouched < all);
}

static void no_capture(void **state)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	(void)state;
	assert_err(reader_open(&r, "/nonexistent", &e), -ENOENT, &e,
		"/nonexistent");
	assert_err(reader_open(&r, "/proc", &e), -ENOENT, &e, "not a capture");
}

static void wrong_key(void **state)
{
	struct extract_result x = { 0 };
	struct lab_keys others = { .n = 1 };
	struct reader *r = check();
	struct extract_options o = {
		.outfd = -1, .memory = IMAGE_RAW, .threads = 1, .keys = &others
	};
	struct err e = { 0 };

	(void)state;
	assert_ok(age_identity_new(&others.v[0], &e), &e);
	assert_err(extract_run(&x, r, &o, &e), -ENOKEY, &e, "other recipients");
	extract_done(&x);
	reader_close(r);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(undamaged),
		T(one_flipped_byte),
		T(flipped_byte_at_the_end),
		T(undamaged_segments_still_come_out),
		T(missing_objects),
		T(swapped_objects),
		T(truncated_tail),
		T(oversized_segment),
		T(manifest_of_another_capture),
		T(segment_that_nobody_lists),
		T(cut_off_in_the_middle),
		cmocka_unit_test(no_capture),
		T(wrong_key),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
