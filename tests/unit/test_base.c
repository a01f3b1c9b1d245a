// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/json.h"
#include "base/num.h"
#include "base/range.h"
#include "unit/unit.h"

static void err_says_what_and_where(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, -EPERM, "line\n%d\x1b", 7), -EPERM);
	assert_string_equal(e.msg, "line?7?");
	assert_int_equal(err_wrap(&e, -EPERM, "collector %s", "x"), -EPERM);
	assert_string_equal(e.msg, "collector x: line?7?");
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "open %s", "/x"), -ENOENT);
	assert_string_equal(e.msg, "open /x: No such file or directory");
	errno = 0;
	assert_int_equal(err_sys(&e, "x"), -EIO);
	assert_int_equal(err_set(NULL, -EIO, "nobody hears"), -EIO);
	assert_int_equal(err_wrap(NULL, -EIO, "nobody hears"), -EIO);
}

static void err_is_never_too_long(void **state)
{
	char big[3 * ERR_MSG_BYTES];
	struct err e = { 0 };

	(void)state;
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	(void)err_set(&e, -EIO, "%s", big);
	assert_int_equal(strlen(e.msg), ERR_MSG_BYTES - 1);
	(void)err_wrap(&e, -EIO, "%s", big);
	assert_in_range(strlen(e.msg), 800, ERR_MSG_BYTES - 1);
}

static void buf_stops_at_its_maximum(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	uint8_t *room;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_append(&b, "12345", 5, &e), 0);
	assert_int_equal(buf_text(&b, &e, "%d", 678), 0);
	assert_int_equal(b.len, 8);
	assert_string_equal(buf_string(&b, &e), "12345678");
	assert_err(buf_append(&b, "abc", 3, &e), -EFBIG, &e, "10 bytes");
	assert_int_equal(b.len, 8);
	assert_int_equal(buf_reserve(&b, &room, 2, &e), 0);
	b.len += 2;
	assert_null(buf_string(&b, &e));
}

static void numbers_are_strict(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "01", "0x",
		"0xg", "1x", "18446744073709551616", "0x10000000000000000" };
	struct err e = { 0 };
	uint64_t v = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_true(num_u64(&v, bad[i], &e) < 0);
	assert_int_equal(num_u64(&v, "0", &e), 0);
	assert_int_equal(v, 0);
	assert_int_equal(num_u64(&v, "18446744073709551615", &e), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(num_u64(&v, "0xfF", &e), 0);
	assert_int_equal(v, 255);
	assert_int_equal(num_bytes(&v, "64MiB", &e), 0);
	assert_int_equal(v, 64 << 20);
	assert_int_equal(num_bytes(&v, "3G", &e), 0);
	assert_true(v == 3ULL << 30);
	assert_true(num_bytes(&v, "64Mi", &e) < 0);
	assert_true(num_bytes(&v, "-1M", &e) < 0);
	assert_err(num_bytes(&v, "99999999T", &e), -ERANGE, &e, "too large");
	assert_int_equal(num_hex(&v, "00ff-"), 4);
	assert_int_equal(v, 255);
	assert_int_equal(num_hex(&v, "00112233445566778"), -ERANGE);
}

static void little_endian(void **state)
{
	uint8_t b[8];

	(void)state;
	num_put_le64(b, 0x1122334455667788);
	assert_int_equal(b[0], 0x88);
	assert_int_equal(b[7], 0x11);
	assert_true(num_le64(b) == 0x1122334455667788);
	assert_int_equal(num_le32(b), 0x55667788);
}

static void slurp_is_bounded(void **state)
{
	int fd = memfd_create("slurp", 0);
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	char path[64];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, "0123456789", 10, &e), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	buf_init(&b, 10);
	assert_ok(io_slurp(AT_FDCWD, path, &b, &e), &e);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "0123456789", 10);
	buf_done(&b);
	buf_init(&b, 9);
	assert_err(io_slurp(AT_FDCWD, path, &b, &e), -EFBIG, &e, "9 bytes");
	(void)close(fd);
}

static void io_reads_to_the_end(void **state)
{
	AUTO_CLOSE int fd = memfd_create("io", 0);
	struct err e = { 0 };
	char buf[16];

	(void)state;
	assert_int_equal(io_pwrite(fd, "abcdef", 6, 2, &e), 0);
	assert_int_equal(io_pread(fd, buf, sizeof(buf), 0, &e), 8);
	assert_memory_equal(buf, "\0\0abcdef", 8);
	assert_int_equal(io_read(fd, buf, 3, &e), 3);
	assert_int_equal(io_read(fd, buf, sizeof(buf), &e), 5);
	assert_int_equal(io_fsync(fd, &e), 0);
	assert_err(io_read(-1, buf, 1, &e), -EBADF, &e, "read");
	assert_err(io_write(-1, buf, 1, &e), -EBADF, &e, "write");
	assert_err(io_pread(-1, buf, 1, 0, &e), -EBADF, &e, "read at");
	assert_err(io_pwrite(-1, buf, 1, 9, &e), -EBADF, &e, "at 0x9");
	assert_err(io_fsync(-1, &e), -EBADF, &e, "fsync");
	assert_err(io_open(AT_FDCWD, "/nonexistent/x", O_RDONLY, 0, &e),
		-ENOENT, &e, "/nonexistent/x");
}

static void descriptors_are_close_on_exec(void **state)
{
	struct err e = { 0 };
	AUTO_CLOSE int fd = io_open(AT_FDCWD, "/dev/null", O_RDONLY, 0, &e);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void json_keeps_64_bits(void **state)
{
	AUTO_JSON json_t *j = json_hex(0xffffffffffffffff);
	struct err e = { 0 };

	(void)state;
	assert_string_equal(json_string_value(j), "0xffffffffffffffff");
	assert_err(json_print(1, NULL, &e), -ENOMEM, &e, "memory");
}

static void json_text_is_any_text(void **state)
{
	AUTO_JSON json_t *good = json_text("caf\xc3\xa9");
	AUTO_JSON json_t *cut = json_text("caf\xc3");
	json_t *list = json_append(json_array(), json_text("x"));

	(void)state;
	assert_string_equal(json_string_value(good), "caf\xc3\xa9");
	assert_string_equal(json_string_value(cut), "caf?");
	assert_int_equal(json_array_size(list), 1);
	/* What cannot be added takes the list with it. */
	assert_null(json_append(list, NULL));
	assert_null(json_append(NULL, json_text("x")));
}

static void add(struct ranges *rs, uint64_t start, uint64_t end)
{
	struct err e = { 0 };

	assert_ok(ranges_add(rs, (struct range){ start, end }, &e), &e);
}

static void json_decodes_objects(void **state)
{
	static const char *const bad[] = { "", "[]", "1", "{", "{}x",
		"{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}" };
	json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(json_decode(&j, bad[i], strlen(bad[i]), &e),
			-EBADMSG, &e, "not a JSON object");
	assert_err(json_decode(&j, NULL, 0, &e), -EBADMSG, &e, "JSON");
	assert_null(j);
	assert_ok(json_decode(&j, "{\"a\":1} ", 8, &e), &e);
	assert_int_equal(json_integer_value(json_object_get(j, "a")), 1);
	json_decref(j);
}

static void ranges_unite(void **state)
{
	AUTO_RANGES struct ranges rs = { 0 };
	struct err e = { 0 };

	(void)state;
	add(&rs, 10, 20);
	add(&rs, 40, 50);
	add(&rs, 30, 30);
	assert_int_equal(rs.n, 2);
	add(&rs, 20, 25);
	assert_int_equal(rs.n, 2);
	assert_int_equal(rs.v[0].end, 25);
	add(&rs, 5, 10);
	add(&rs, 24, 41);
	assert_int_equal(rs.n, 1);
	assert_int_equal(rs.v[0].start, 5);
	assert_int_equal(rs.v[0].end, 50);
	add(&rs, 0, 4);
	add(&rs, UINT64_MAX - 1, UINT64_MAX);
	assert_int_equal(rs.n, 3);
	assert_int_equal(ranges_bytes(&rs), 4 + 45 + 1);
	assert_err(ranges_add(&rs, (struct range){ 2, 1 }, &e), -EINVAL, &e,
		"ends before");
}

static void ranges_are_found(void **state)
{
	AUTO_RANGES struct ranges rs = { 0 };

	(void)state;
	add(&rs, 10, 20);
	add(&rs, 30, 40);
	assert_ptr_equal(ranges_find(&rs, 0), &rs.v[0]);
	assert_ptr_equal(ranges_find(&rs, 10), &rs.v[0]);
	assert_ptr_equal(ranges_find(&rs, 19), &rs.v[0]);
	assert_ptr_equal(ranges_find(&rs, 20), &rs.v[1]);
	assert_ptr_equal(ranges_find(&rs, 39), &rs.v[1]);
	assert_null(ranges_find(&rs, 40));
}

/* Against a table of single bytes. */
static void ranges_subtract_like_sets(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		AUTO_RANGES struct ranges a = { 0 };
		AUTO_RANGES struct ranges b = { 0 };
		AUTO_RANGES struct ranges d = { 0 };
		char in[64] = { 0 };
		struct err e = { 0 };

		for (int i = 0; i < 8; i++) {
			uint64_t start, end;

			seed = seed * 1103515245 + 12345;
			start = seed >> 8 & 31;
			end = start + (seed >> 16 & 15);
			add(i & 1 ? &a : &b, start, end);
			for (uint64_t k = start; k < end; k++)
				in[k] |= (char)(i & 1 ? 1 : 2);
		}
		assert_ok(ranges_subtract(&d, &a, &b, &e), &e);
		for (uint64_t k = 0; k < 64; k++) {
			const struct range *r = ranges_find(&d, k);

			assert_int_equal(r && r->start <= k, in[k] == 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_says_what_and_where),
		cmocka_unit_test(err_is_never_too_long),
		cmocka_unit_test(buf_stops_at_its_maximum),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(little_endian),
		cmocka_unit_test(slurp_is_bounded),
		cmocka_unit_test(io_reads_to_the_end),
		cmocka_unit_test(descriptors_are_close_on_exec),
		cmocka_unit_test(json_keeps_64_bits),
		cmocka_unit_test(json_text_is_any_text),
		cmocka_unit_test(json_decodes_objects),
		cmocka_unit_test(ranges_unite),
		cmocka_unit_test(ranges_are_found),
		cmocka_unit_test(ranges_subtract_like_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
