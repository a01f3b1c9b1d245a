// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/kernel-page-flags.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/io.h"
#include "memory/block.h"
#include "base/kallsyms.h"
#include "memory/pageflag.h"
#include "memory/source_internal.h"
#include "unit/unit.h"

enum { BLOCK = 128 << 20 };

static char top[] = "/tmp/icecore-source.XXXXXX";

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int remove_one(
	const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_top(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of ${name} in our directory, until the next call. */
static const char *at(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void put(const char *name, const void *data, size_t len)
{
	struct err e = { 0 };
	AUTO_CLOSE int fd = io_open(
		AT_FDCWD, at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600, &e);

	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, data, len, &e), 0);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void test_names(void **state)
{
	static const char *const names[] = { "kmod", "bpf", "kcore", "devmem" };

	(void)state;
	for (int i = 0; i < SOURCE_KINDS; i++) {
		assert_int_equal(source_kind_find(names[i]), SOURCE_KMOD + i);
		assert_string_equal(source_kind_name(SOURCE_KMOD + i), names[i]);
	}
	assert_int_equal(source_kind_find("mem"), 0);
	assert_int_equal(source_kind_find(""), 0);
	assert_string_equal(source_kind_name(0), "unknown");
	assert_string_equal(page_status_name(PAGE_DATA), "data");
	assert_string_equal(page_status_name(PAGE_INTERRUPTED), "interrupted");
	assert_string_equal(page_status_name(0), "unknown");
	assert_string_equal(page_status_name(15), "unknown");
	assert_string_equal(page_status_name(255), "unknown");
	assert_true(page_is_known(PAGE_ZERO_DOUBTFUL));
	assert_false(page_is_known(PAGE_HWPOISON));
	assert_false(page_is_known(0));
}

static void test_read_bytes(void **state)
{
	const size_t batch = SOURCE_BATCH_BYTES;

	(void)state;
	assert_int_equal(source_read_bytes(0, 1), 1);
	assert_int_equal(source_read_bytes(0, 10 * batch), batch);
	assert_int_equal(source_read_bytes(batch - 1, 10 * batch), 1);
	assert_int_equal(source_read_bytes(0x1000, 10 * batch), batch - 0x1000);
	assert_int_equal(
		source_read_bytes(UINT64_MAX - 0xfff, UINT64_MAX), 0xfff);
	assert_int_equal(source_pages(0, 1), 1);
	assert_int_equal(source_pages(0xfff, 2), 2);
	assert_int_equal(source_pages(0x1000, batch), SOURCE_BATCH_PAGES);
}

static void test_bad_config(void **state)
{
	struct source_config config = { .readers = 0 };
	struct source *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(source_open(&s, SOURCE_KMOD, &config, &e), -EINVAL);
	assert_string_equal(e.msg, "0 readers of memory");
	config.readers = SOURCE_READERS_MAX + 1;
	assert_int_equal(source_open(&s, SOURCE_KMOD, &config, &e), -EINVAL);
	config.readers = 1;
	assert_int_equal(source_open(&s, 5, &config, &e), -EINVAL);
	assert_string_equal(e.msg, "no source of kind 5");
	assert_null(s);
	source_close(s);
	source_reader_close(NULL);
}

/* In a process that has given up its capabilities. */
static void open_without_caps(int fd)
{
	struct source_config config = { .readers = 1 };
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct source *s = NULL;
	struct err e = { 0 };

	if (syscall(SYS_capset, &head, none) < 0)
		_exit(2);
	if (source_open(&s, SOURCE_BPF, &config, &e) != -EPERM ||
		io_write(fd, e.msg, strlen(e.msg), NULL) < 0)
		_exit(1);
	_exit(0);
}

static void test_no_caps(void **state)
{
	char got[ERR_MSG_BYTES] = "";
	int fds[2], status;
	struct err e;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		open_without_caps(fds[1]);
	(void)close(fds[1]);
	assert_true(io_read(fds[0], got, sizeof(got) - 1, &e) >= 0);
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(
		got, "CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) are missing");
}

static void make_block(const char *name, const char *state)
{
	char file[64];

	assert_int_equal(mkdir(at(name), 0700), 0);
	(void)snprintf(file, sizeof(file), "%s/state", name);
	put_text(file, state);
}

static void test_blocks(void **state)
{
	AUTO_RANGES struct ranges rs = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(blocks_load_offline(&rs, at("none"), &e), 0);
	assert_int_equal(rs.n, 0);
	assert_int_equal(mkdir(at("memory"), 0700), 0);
	assert_int_equal(blocks_load_offline(&rs, at("memory"), &e), -ENOENT);
	put_text("memory/block_size_bytes", "8000000\n");
	put_text("memory/auto_online_blocks", "offline\n");
	make_block("memory/memory0", "online\n");
	make_block("memory/memory33", "offline\n");
	make_block("memory/memory34", "going-offline\n");
	make_block("memory/memory40", "offline\n");
	assert_int_equal(mkdir(at("memory/memory41"), 0700), 0);
	assert_int_equal(blocks_load_offline(&rs, at("memory"), &e), 0);
	assert_int_equal(rs.n, 2);
	assert_int_equal(rs.v[0].start, 33ULL * BLOCK);
	assert_int_equal(rs.v[0].end, 35ULL * BLOCK);
	assert_int_equal(rs.v[1].start, 40ULL * BLOCK);
	assert_int_equal(rs.v[1].end, 41ULL * BLOCK);
}

static void test_bad_blocks(void **state)
{
	static const char *const sizes[] = { "", "x", "0", "8000000x", "1000",
		"fffffffffffffffff" };
	AUTO_RANGES struct ranges rs = { 0 };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		put_text("memory/block_size_bytes", sizes[i]);
		assert_int_equal(
			blocks_load_offline(&rs, at("memory"), &e), -EBADMSG);
	}
	put_text("memory/block_size_bytes", "8000000\n");
	make_block("memory/memory99999999999999", "offline\n");
	assert_int_equal(blocks_load_offline(&rs, at("memory"), &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "memory99999999999999 is out of bounds"));
	make_block("memory/memoryx", "offline\n");
	assert_true(blocks_load_offline(&rs, at("memory"), &e) < 0);
	assert_int_equal(rs.n, 0);
}

static void test_pageflags(void **state)
{
	const uint64_t flags[] = { 0, 1ULL << KPF_HWPOISON, 1ULL << KPF_OFFLINE,
		1ULL << KPF_NOPAGE, 1ULL << KPF_BUDDY, 1ULL << KPF_ZERO_PAGE };
	const uint8_t trouble[] = { 0, PAGE_HWPOISON, PAGE_OFFLINE,
		PAGE_OFFLINE, 0, 0, 0, 0 };
	uint64_t got[8];
	int fd;

	(void)state;
	put("flags", flags, sizeof(flags));
	fd = pageflags_open(at("flags"));
	assert_true(fd >= 0);
	/* Two of them are behind the end of the file. */
	pageflags_load(fd, got, 0, ARRAY_LEN(got));
	for (size_t i = 0; i < ARRAY_LEN(got); i++) {
		assert_int_equal(pageflags_trouble(got[i]), trouble[i]);
		assert_int_equal(pageflags_empty(got[i]), i == 4 || i == 5);
	}
	pageflags_load(fd, got, SOURCE_PAGE_BYTES, 1);
	assert_int_equal(got[0], flags[1]);
	(void)close(fd);
	assert_true(pageflags_open(at("none")) < 0);
	pageflags_load(-1, got, 0, ARRAY_LEN(got));
	for (size_t i = 0; i < ARRAY_LEN(got); i++)
		assert_int_equal(got[i], 0);
}

static void test_kallsyms(void **state)
{
	struct kallsyms_symbol s[] = { { .name = "page_offset_base" },
		{ .name = "vmemmap_base" }, { .name = "other" } };
	struct err e = { 0 };

	(void)state;
	put_text("kallsyms", "0000000000000000 A fixed_percpu_data\n"
			     "ffffffffaf06e3c0 D page_offset_base_x\n"
			     "ffffffffae7545a8 D page_offset_base\n"
			     "ffffffffae754598 d vmemmap_base\n"
			     "ffffffffc0000000 d page_offset_base\n"
			     "ffffffffc0001000 d other\t[rootkit]\n");
	assert_int_equal(kallsyms_find(s, ARRAY_LEN(s), at("kallsyms"), &e), 0);
	assert_int_equal(s[0].address, 0xffffffffae7545a8);
	assert_int_equal(s[1].address, 0xffffffffae754598);
	assert_int_equal(s[2].address, 0);
	put_text("kallsyms", "ffffffffaf06e3c0\n");
	assert_int_equal(
		kallsyms_find(s, ARRAY_LEN(s), at("kallsyms"), &e), -EBADMSG);
	assert_string_equal(e.msg, "kallsyms: no symbol: 'ffffffffaf06e3c0'");
	assert_int_equal(kallsyms_find(s, ARRAY_LEN(s), at("none"), &e), -ENOENT);
}

/* Symbols that lie across the ends of what is read at once. */
static void test_long_kallsyms(void **state)
{
	static char text[300000];
	struct kallsyms_symbol s[] = { { .name = "the_last" } };
	struct err e = { 0 };
	size_t len = 0;

	(void)state;
	for (int i = 0; len < sizeof(text) - 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"ffffffff%08x T name_%d\n", i, i);
	len += (size_t)snprintf(text + len, sizeof(text) - len,
		"ffffffffae7545a8 D the_last\n");
	put("kallsyms", text, len);
	assert_int_equal(kallsyms_find(s, 1, at("kallsyms"), &e), 0);
	assert_int_equal(s[0].address, 0xffffffffae7545a8);
	memset(text, 'x', sizeof(text));
	put("kallsyms", text, sizeof(text));
	assert_int_equal(kallsyms_find(s, 1, at("kallsyms"), &e), -EFBIG);
}

/* A file of five pages and a half, each filled with its number. */
static int open_pages(void)
{
	static uint8_t pages[5 * SOURCE_PAGE_BYTES + SOURCE_PAGE_BYTES / 2];
	struct err e;
	int fd;

	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = (uint8_t)(i / SOURCE_PAGE_BYTES + 1);
	put("pages", pages, sizeof(pages));
	fd = io_open(AT_FDCWD, at("pages"), O_RDONLY, 0, &e);
	assert_true(fd >= 0);
	return fd;
}

static void test_pread(void **state)
{
	const uint64_t base = 0x40000, page = SOURCE_PAGE_BYTES;
	struct source_reader r = { .base = base, .fd = open_pages() };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(source_buffer_open(&r, 0, &e), 0);
	assert_int_equal((uintptr_t)r.data % SOURCE_PAGE_BYTES, 0);
	memset(r.status, 0, SOURCE_BATCH_PAGES);
	memset(r.data, 0xee, SOURCE_BATCH_BYTES);
	r.status[2] = PAGE_HWPOISON;
	/* From the middle of page 0 to behind the file's end. */
	assert_int_equal(
		source_pread(&r, -base, base + 0x800, base + 7 * page, &e), 0);
	assert_int_equal(r.status[0], PAGE_DATA);
	assert_int_equal(r.data[0x7ff], 0xee);
	assert_int_equal(r.data[0x800], 1);
	assert_int_equal(r.status[1], PAGE_DATA);
	assert_int_equal(r.data[2 * page - 1], 2);
	assert_int_equal(r.status[2], PAGE_HWPOISON);
	assert_int_equal(r.data[2 * page], 0xee);
	assert_int_equal(r.data[3 * page - 1], 0xee);
	assert_int_equal(r.status[3], PAGE_DATA);
	assert_int_equal(r.data[3 * page], 4);
	assert_int_equal(r.status[4], PAGE_DATA);
	assert_int_equal(r.status[5], PAGE_FAULT);
	assert_int_equal(r.status[6], PAGE_FAULT);
	assert_int_equal(r.status[7], 0);
	source_buffer_close(&r);
}

static void test_pread_refused(void **state)
{
	struct source_reader r = { .fd = -1 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(source_buffer_open(&r, 0, &e), 0);
	memset(r.status, 0, SOURCE_BATCH_PAGES);
	assert_int_equal(source_pread(&r, 0, 0, 0x2000, &e), -EBADF);
	assert_string_equal(e.msg, "read at 0: Bad file descriptor");
	source_buffer_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_read_bytes),
		cmocka_unit_test(test_bad_config),
		cmocka_unit_test(test_no_caps),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_bad_blocks),
		cmocka_unit_test(test_pageflags),
		cmocka_unit_test(test_kallsyms),
		cmocka_unit_test(test_long_kallsyms),
		cmocka_unit_test(test_pread),
		cmocka_unit_test(test_pread_refused),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
