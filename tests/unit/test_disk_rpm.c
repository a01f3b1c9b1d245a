// SPDX-License-Identifier: Apache-2.0
/* Headers and databases of rpm that lie: each is refused with a sentence, and
 * nothing outside of it is read. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/io.h"
#include "disk/rpm_db.h"
#include "disk/rpm_header.h"
#include "unit/unit.h"

enum { ENTRY_BYTES = 16, DATA = 64 };

/* A header of some entries, each with what is at ${data}. */
struct made {
	uint8_t blob[4096];
	size_t entries;
	size_t data;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *entry_at(struct made *m, size_t i)
{
	return m->blob + 8 + i * ENTRY_BYTES;
}

/* Data of all entries begins behind DATA of them. */
static void add(struct made *m, uint32_t tag, uint32_t type, uint32_t count,
	const void *bytes, size_t len)
{
	uint8_t *entry = entry_at(m, m->entries++);

	put32(entry, tag);
	put32(entry + 4, type);
	put32(entry + 8, (uint32_t)m->data);
	put32(entry + 12, count);
	memcpy(m->blob + 8 + DATA * ENTRY_BYTES + m->data, bytes, len);
	m->data += len;
	put32(m->blob, DATA);
	put32(m->blob + 4, (uint32_t)m->data);
}

#define STRING(m, tag, text)	 add(m, tag, 6, 1, text, sizeof(text))
#define STRINGS(m, tag, n, text) add(m, tag, 8, n, text, sizeof(text))

static void make(struct made *m)
{
	static const uint8_t indexes[] = { 0, 0, 0, 1, 0, 0, 0, 0 };

	*m = (struct made){ .entries = 0 };
	STRING(m, 1000, "name");
	STRING(m, 1001, "1");
	STRINGS(m, 1117, 2, "a\0b");
	STRINGS(m, 1118, 2, "/x/\0/y/");
	add(m, 1116, 4, 2, indexes, sizeof(indexes));
}

static size_t len_of(const struct made *m)
{
	return 8 + DATA * ENTRY_BYTES + m->data;
}

static void test_files(void **state)
{
	struct rpm_header h;
	struct rpm_files files;
	struct rpm_file f;
	struct err e = { 0 };
	struct made m;

	(void)state;
	make(&m);
	assert_ok(rpm_header_parse(&h, m.blob, len_of(&m), &e), &e);
	assert_int_equal(h.files, 2);
	assert_int_equal(h.algorithm, RPM_MD5);
	assert_true(slice_is(h.name, "name"));
	assert_ok(rpm_files_begin(&files, &h, &e), &e);
	assert_true(rpm_files_next(&files, &f));
	assert_true(slice_is(f.directory, "/y/") && slice_is(f.name, "a"));
	assert_true(rpm_files_next(&files, &f));
	assert_true(slice_is(f.directory, "/x/") && slice_is(f.name, "b"));
	assert_false(rpm_files_next(&files, &f));
	rpm_files_end(&files);
	assert_int_equal(rpm_header_intact(m.blob, len_of(&m)), -ENODATA);
}

static void check_bad(const struct made *m, size_t len, const char *why)
{
	struct rpm_header h;
	struct err e = { 0 };

	assert_err(rpm_header_parse(&h, m->blob, len, &e), -EBADMSG, &e, why);
}

static void test_bad_headers(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	check_bad(&m, 7, "too short");
	check_bad(&m, len_of(&m) - 1, "does not fit");
	put32(m.blob, 1 << 20);
	check_bad(&m, len_of(&m), "does not fit");
	make(&m);
	put32(entry_at(&m, 0) + 4, 4);
	check_bad(&m, len_of(&m), "tag 1000 has type 4");
	make(&m);
	put32(entry_at(&m, 4) + 12, 3);
	check_bad(&m, len_of(&m), "leads out of its header");
	make(&m);
	put32(entry_at(&m, 4) + 12, 1);
	check_bad(&m, len_of(&m), "2 files, and 1 of what they are");
	make(&m);
	put32(entry_at(&m, 4), 9999);
	check_bad(&m, len_of(&m), "files without directories");
	make(&m);
	put32(entry_at(&m, 0), 9999);
	check_bad(&m, len_of(&m), "no name");
	make(&m);
	put32(entry_at(&m, 2) + 12, RPM_FILES_MAX + 1);
	check_bad(&m, len_of(&m), "more files than there can be");
}

/* Names, or directories, that end before their count says. */
static void test_short_strings(void **state)
{
	struct rpm_header h;
	struct rpm_files files;
	struct rpm_file f;
	struct err e = { 0 };
	struct made m;

	(void)state;
	make(&m);
	put32(entry_at(&m, 3) + 8, (uint32_t)m.data - 4);
	assert_ok(rpm_header_parse(&h, m.blob, len_of(&m), &e), &e);
	/* Four NULs of the indexes: empty directories, and no third one. */
	h.dir_names.count = 2;
	h.dir_names.len = 1;
	assert_err(rpm_files_begin(&files, &h, &e), -EBADMSG, &e, "end too soon");
	make(&m);
	assert_ok(rpm_header_parse(&h, m.blob, len_of(&m), &e), &e);
	h.base_names.len = 3;
	assert_ok(rpm_files_begin(&files, &h, &e), &e);
	assert_true(rpm_files_next(&files, &f));
	assert_false(rpm_files_next(&files, &f));
	rpm_files_end(&files);
	h.dir_names.count = 3;
	assert_err(rpm_files_begin(&files, &h, &e), -EBADMSG, &e,
		"more directories than files");
}

static int see(void *arg, const uint8_t *blob, size_t len, struct err *e)
{
	(void)blob;
	(void)e;
	*(size_t *)arg += len;
	return 0;
}

static void check_database(
	enum rpm_db_kind kind, const void *bytes, size_t len, const char *why)
{
	int fd = memfd_create("rpm", MFD_CLOEXEC);
	size_t seen = 0;
	struct err e = { 0 };

	assert_true(fd >= 0);
	assert_ok(io_write(fd, bytes, len, &e), &e);
	assert_err(rpm_db_read(kind, fd, see, &seen, &e), -EBADMSG, &e, why);
	(void)close(fd);
}

static void test_bad_databases(void **state)
{
	static uint8_t db[8192];
	int null = io_open(AT_FDCWD, "/dev/null", O_RDONLY, 0, NULL);
	struct err e = { 0 };

	(void)state;
	assert_string_equal(rpm_db_name(RPM_DB_NDB), "Packages.db");
	assert_err(rpm_db_read(RPM_DB_BDB, null, see, NULL, &e), -EBADMSG, &e,
		"no regular file");
	(void)close(null);
	for (int kind = 0; kind < RPM_DB_KINDS; kind++) {
		check_database((enum rpm_db_kind)kind, "", 0, "");
		check_database((enum rpm_db_kind)kind, db, sizeof(db), "");
	}
	memcpy(db, "RpmP\0\0\0\0\1\0\0\0\0\0\0\0", 16);
	check_database(RPM_DB_NDB, db, sizeof(db), "0 pages of slots");
	db[12] = 1;
	check_database(RPM_DB_NDB, db, sizeof(db), "no slot");
	for (size_t at = 32; at < 4096; at += 16)
		memcpy(db + at, "Slot", 4);
	memcpy(db + 32 + 4, "\1\0\0\0\0\1\0\0\377\377\0\0", 12);
	check_database(RPM_DB_NDB, db, sizeof(db), "out of its database");
	memcpy(db + 32 + 4, "\1\0\0\0\0\1\0\0\4\0\0\0", 12);
	check_database(RPM_DB_NDB, db, sizeof(db), "no package in its place");
	memset(db, 0, sizeof(db));
	memcpy(db + 12, "\x61\x15\x06\0\x09\0\0\0\0\2\0\0\0\x08", 14);
	db[512 + 25] = 13;
	db[512 + 20] = 255;
	check_database(RPM_DB_BDB, db, sizeof(db), "page 1 has 255 items");
	db[512 + 20] = 2;
	check_database(RPM_DB_BDB, db, sizeof(db), "items out of it");
	/* A key of number 1; a value whose chain leads to itself. */
	memcpy(db + 512 + 26, "\xfb\1\xef\1", 4);
	memcpy(db + 512 + 0x1fb, "\1\1\0\0\0", 5);
	memcpy(db + 512 + 0x1ef, "\3\0\0\0\1\0\0\0\0\4\0\0", 12);
	check_database(RPM_DB_BDB, db, sizeof(db), "is no part of it");
	db[21] = 3;
	check_database(RPM_DB_BDB, db, sizeof(db), "with pages of");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_short_strings),
		cmocka_unit_test(test_bad_databases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
