// SPDX-License-Identifier: Apache-2.0
/* Packed files, and the archives of an initramfs. */
#include <errno.h>
#include <sys/mman.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "disk/initramfs.h"
#include "disk/unpack.h"
#include "unit/unit.h"

enum { TEXT_BYTES = 300 << 10, PACKED_BYTES = 512 << 10 };

static uint8_t text[TEXT_BYTES], packed[PACKED_BYTES], got[TEXT_BYTES + 1];

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("packed", 0);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	return fd;
}

static size_t pack_gzip(void)
{
	z_stream z = { .next_in = text,
		.avail_in = TEXT_BYTES,
		.next_out = packed,
		.avail_out = PACKED_BYTES };

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return z.total_out;
}

static size_t pack_zstd(void)
{
	size_t n = ZSTD_compress(packed, PACKED_BYTES, text, TEXT_BYTES, 1);

	assert_false(ZSTD_isError(n));
	return n;
}

static size_t pack_xz(void)
{
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL,
				 text, TEXT_BYTES, packed, &n, PACKED_BYTES),
		LZMA_OK);
	return n;
}

static size_t pack_nothing(void)
{
	memcpy(packed, text, TEXT_BYTES);
	return TEXT_BYTES;
}

static ssize_t unpack_all(int fd, uint64_t offset, struct err *e)
{
	struct unpack *u = NULL;
	int r = unpack_open(&u, fd, offset, e);
	ssize_t n = r;

	if (r == 0)
		n = unpack_read(u, got, sizeof(got), e);
	if (r == 0 && n >= 0 && (size_t)n < sizeof(got))
		assert_int_equal(unpack_read(u, got, 1, e), 0);
	unpack_close(u);
	return n;
}

static void test_formats(void **state)
{
	size_t (*const packers[])(
		void) = { pack_gzip, pack_zstd, pack_xz, pack_nothing };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (uint8_t)(i * i >> 8 ^ i / 3);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t n = packers[i]();
		int fd = file_of(packed, n), cut = file_of(packed, n - 9);
		ssize_t len = unpack_all(fd, 0, &e);

		assert_int_equal(len, TEXT_BYTES);
		assert_memory_equal(got, text, TEXT_BYTES);
		if (packers[i] != pack_nothing)
			assert_int_equal(unpack_all(cut, 0, &e), -EBADMSG);
		/* One behind the other, as logs that were joined. */
		if (packers[i] == pack_gzip || packers[i] == pack_zstd) {
			assert_int_equal(pwrite(fd, packed, n, (off_t)n), n);
			assert_int_equal(unpack_all(fd, 0, &e), sizeof(got));
			assert_int_equal(unpack_all(fd, n, &e), TEXT_BYTES);
		}
		(void)close(fd);
		(void)close(cut);
	}
}

static void test_known_formats(void **state)
{
	static const char *const magics[] = { "BZh91AY", "\x04\x22\x4d\x18" };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		int fd = file_of(magics[i], strlen(magics[i]));

		assert_int_equal(unpack_all(fd, 0, &e), -ENOTSUP);
		assert_non_null(strstr(e.msg, "packed by "));
		(void)close(fd);
	}
}

/* An entry in the newc form. */
static void add(
	struct buf *b, const char *name, unsigned mode, const char *content)
{
	struct err e = { 0 };
	size_t size = strlen(content);

	assert_ok(buf_text(b, &e,
			  "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x"
			  "%08zx%08x%s",
			  1, mode, 0, 0, 1, 0, size, 0, 0, 0, 0,
			  strlen(name) + 1, 0, name),
		&e);
	assert_ok(buf_append(b, "", 1, &e), &e);
	while (b->len % 4)
		assert_ok(buf_append(b, "", 1, &e), &e);
	assert_ok(buf_append(b, content, size, &e), &e);
	while (b->len % 4)
		assert_ok(buf_append(b, "", 1, &e), &e);
}

static int see(void *arg, const struct initramfs_file *f, struct err *e)
{
	return buf_text(arg, e, "%s %o %d %02x\n", f->name, f->mode,
		f->content.content, f->content.sum[0]);
}

static int read_it(const struct buf *image, struct buf *seen, struct err *e)
{
	int fd = file_of(image->data, image->len), r;

	seen->len = 0;
	r = initramfs_read(fd, DIGEST_MD5, see, seen, e);
	(void)close(fd);
	return r;
}

static void test_initramfs(void **state)
{
	AUTO_BUF struct buf image = { 0 };
	AUTO_BUF struct buf main_part = { 0 };
	AUTO_BUF struct buf seen = { 0 };
	struct err e = { 0 };
	size_t early, n;

	(void)state;
	buf_init(&image, 1 << 20);
	buf_init(&main_part, 1 << 20);
	buf_init(&seen, 1 << 16);
	/* Microcode as it is, zeros, and the rest packed. */
	add(&image, "kernel", 040755, "");
	add(&image, "kernel/ucode", 0100644, "content");
	add(&image, "TRAILER!!!", 0, "");
	while (image.len % 512)
		assert_ok(buf_append(&image, "", 1, &e), &e);
	early = image.len;
	add(&main_part, "init", 0100755, "#!/bin/sh\n");
	add(&main_part, "TRAILER!!!", 0, "");
	add(&main_part, "bin/x", 0100755, "\177ELF");
	add(&main_part, "TRAILER!!!", 0, "");
	n = ZSTD_compress(packed, PACKED_BYTES, main_part.data, main_part.len, 3);
	assert_false(ZSTD_isError(n));
	assert_ok(buf_append(&image, packed, n, &e), &e);
	assert_ok(read_it(&image, &seen, &e), &e);
	assert_string_equal(buf_string(&seen, &e),
		"kernel/ucode 100644 0 9a\ninit 100755 2 3e\n"
		"bin/x 100755 1 d1\n");
	/* Cut in what is packed; what came before was seen. */
	image.len -= 5;
	assert_int_equal(read_it(&image, &seen, &e), -EBADMSG);
	assert_memory_equal(seen.data, "kernel/ucode", 12);
	/* Behind the first something else. */
	image.len = early;
	assert_ok(buf_append(&image,
			  "garbage, long enough to be a header"
			  "........................................"
			  "........................................",
			  115, &e),
		&e);
	assert_int_equal(read_it(&image, &seen, &e), -EBADMSG);
	image.len = 60;
	assert_int_equal(read_it(&image, &seen, &e), -EBADMSG);
	image.len = 0;
	assert_int_equal(read_it(&image, &seen, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_known_formats),
		cmocka_unit_test(test_initramfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
