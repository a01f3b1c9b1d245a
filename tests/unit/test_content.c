// SPDX-License-Identifier: Apache-2.0
/* Files by descriptor: holes, limits, what is no file, what changes, and the
 * page cache, which stays as it was. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/io.h"
#include "binary/content.h"
#include "binary/regular.h"
#include "binary/slow.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum {
	WAIT_NS = 2000000000,
	FILE_BYTES = 3 << 20,
	HOLE_AT = 1 << 20,
	TRIES = 8
};

static char top[SCRATCH_CHARS], path[SCRATCH_CHARS];
static struct slow *slow;
static uint8_t data[FILE_BYTES];

/* What was seen of it. */
struct seen {
	uint64_t bytes;
	uint64_t first_hole; /* where the first one began; 0 = none */
	const char *change; /* this file, in the middle */
};

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	scratch_path(path, top, "file");
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 2654435761U >> 13);
	assert_ok(slow_new(&slow, WAIT_NS, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	slow_free(slow);
	scratch_remove(top);
	return 0;
}

static int see(
	void *arg, uint64_t offset, const uint8_t *p, size_t len, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	assert_memory_equal(p, data + offset, len);
	if (offset != s->bytes && !s->first_hole)
		s->first_hole = s->bytes;
	s->bytes += len;
	if (s->change) {
		int fd = open(s->change, O_WRONLY | O_APPEND | O_CLOEXEC);

		assert_int_equal(write(fd, "more", 4), 4);
		(void)close(fd);
		s->change = NULL;
	}
	return 0;
}

static int look(struct err *e)
{
	struct stat st;

	return slow_look(slow, AT_FDCWD, path, &st, e);
}

static int read_it(struct content *c, struct seen *s, uint64_t max, struct err *e)
{
	struct content_config config = {
		.slow = slow, .see = see, .arg = s, .max_bytes = max
	};
	AUTO_CLOSE int held = look(e);

	assert_true(held >= 0);
	return content_read(c, held, &config, e);
}

static void whole(void **state)
{
	uint8_t sum[CONTENT_SHA256_BYTES];
	struct seen s = { 0 };
	struct content c;
	struct err e = { 0 };

	(void)state;
	for (size_t cut = 0; cut < 3; cut++) {
		size_t len = sizeof(data) - cut * 4095;

		s = (struct seen){ 0 };
		scratch_write(top, "file", data, len);
		assert_ok(read_it(&c, &s, 0, &e), &e);
		assert_int_equal(c.size_bytes, len);
		assert_int_equal(s.bytes, len);
		assert_int_equal(c.data_bytes, len);
		assert_true(c.hashed && !c.cut && !c.changed);
		assert_int_equal(
			EVP_Digest(data, len, sum, NULL, EVP_sha256(), NULL), 1);
		assert_memory_equal(c.sha256, sum, sizeof(sum));
	}
	scratch_write(top, "file", "", 0);
	s = (struct seen){ 0 };
	assert_ok(read_it(&c, &s, 0, &e), &e);
	assert_true(c.hashed && !c.size_bytes);
}

static void holes(void **state)
{
	uint8_t sum[CONTENT_SHA256_BYTES];
	struct seen s = { 0 };
	struct content c;
	struct err e = { 0 };
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	memset(data + HOLE_AT, 0, HOLE_AT);
	assert_ok(io_pwrite(fd, data, HOLE_AT, 0, &e), &e);
	assert_ok(io_pwrite(fd, data + 2 * HOLE_AT, HOLE_AT, 2 * HOLE_AT, &e),
		&e);
	assert_ok(read_it(&c, &s, 0, &e), &e);
	assert_true(c.hashed);
	assert_int_equal(c.size_bytes, FILE_BYTES);
	assert_int_equal(c.data_bytes, s.bytes);
	assert_int_equal(s.first_hole, HOLE_AT);
	assert_int_equal(s.bytes, 2 * HOLE_AT);
	assert_int_equal(
		EVP_Digest(data, FILE_BYTES, sum, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(c.sha256, sum, sizeof(sum));
	/* A tail that is all hole. */
	assert_int_equal(ftruncate(fd, HOLE_AT), 0);
	assert_int_equal(ftruncate(fd, 2 * HOLE_AT), 0);
	s = (struct seen){ 0 };
	assert_ok(read_it(&c, &s, 0, &e), &e);
	assert_int_equal(c.end, 2 * HOLE_AT);
	assert_int_equal(
		EVP_Digest(data, 2 * HOLE_AT, sum, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(c.sha256, sum, sizeof(sum));
}

static void limits(void **state)
{
	atomic_bool interrupted = true;
	struct content_config config = { .slow = slow,
		.interrupted = &interrupted };
	struct seen s = { 0 };
	struct content c;
	struct err e = { 0 };
	AUTO_CLOSE int held = -1;

	(void)state;
	scratch_write(top, "file", data, sizeof(data));
	assert_ok(read_it(&c, &s, 300000, &e), &e);
	assert_true(c.cut && !c.hashed && !c.changed);
	assert_int_equal(c.data_bytes, 300000);
	assert_int_equal(s.bytes, 300000);
	held = look(&e);
	assert_err(
		content_read(&c, held, &config, &e), -EINTR, &e, "interrupted");
	assert_false(c.hashed);
}

static void changes(void **state)
{
	struct seen s = { .change = path };
	struct content c;
	struct err e = { 0 };

	(void)state;
	scratch_write(top, "file", data, sizeof(data));
	assert_ok(read_it(&c, &s, 0, &e), &e);
	assert_true(c.changed);
	assert_int_equal(c.size_bytes, sizeof(data));
}

static void no_files(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_err(look(&e), -EINVAL, &e, "no regular file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_err(look(&e), -EINVAL, &e, "no regular file");
	assert_int_equal(rmdir(path), 0);
	assert_err(look(&e), -ENOENT, &e, "file");
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_err(look(&e), -EINVAL, &e, "no regular file");
}

static size_t cached(size_t len)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t pages = len / 4096, n = 0;
	AUTO_FREE unsigned char *v = malloc(pages);
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);

	assert_true(p != MAP_FAILED && v);
	assert_int_equal(mincore(p, len, v), 0);
	for (size_t i = 0; i < pages; i++)
		n += v[i] & 1;
	(void)munmap(p, len);
	return n;
}

/* Read all of it when a third is in the page cache; whether that is as it was.
 * -1: no file system for that way of reading. */
static int stays(unsigned how)
{
	AUTO_CLOSE int fd = -1, held = -1, reading = -1;
	const uint8_t *p;
	struct err e = { 0 };
	size_t before;

	scratch_write(top, "file", data, sizeof(data));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
	assert_int_equal(read(fd, data, HOLE_AT), HOLE_AT);
	before = cached(sizeof(data));
	held = look(&e);
	reading = slow_open(slow, held, how, &e);
	if (reading < 0 && how)
		return -1;
	assert_true(reading >= 0);
	for (uint64_t at = 0; at < sizeof(data); at += SLOW_PIECE_BYTES)
		assert_int_equal(
			slow_read(slow, &p, reading, at, SLOW_PIECE_BYTES, &e),
			SLOW_PIECE_BYTES);
	return cached(sizeof(data)) == before;
}

/* The kernel may let go of a page by itself, but not each time. */
static void page_cache(void **state)
{
	(void)state;
	for (unsigned how = 0; how <= REGULAR_DIRECT; how++) {
		int good = 0;

		for (int i = 0; !good && i < TRIES; i++)
			good = stays(how);
		assert_int_not_equal(good, 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole),
		TEST(holes),
		TEST(limits),
		TEST(changes),
		TEST(no_files),
		TEST(page_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
