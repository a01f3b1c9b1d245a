// SPDX-License-Identifier: Apache-2.0
/* The first byte says what follows: the header of a package, or a database in
 * one of its forms.  What comes out lies in what went in. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/io.h"
#include "disk/rpm_db.h"
#include "disk/rpm_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *begin, *end;

static void check(struct slice s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	assert(!s.len || (p >= begin && p + s.len < end && p[s.len] == 0));
}

static int see(void *arg, const uint8_t *blob, size_t len, struct err *e)
{
	struct rpm_header h;
	struct rpm_files files;
	struct rpm_file f;
	uint32_t n = 0;
	int r = rpm_header_parse(&h, blob, len, e);

	(void)arg;
	begin = blob;
	end = blob + len;
	(void)rpm_header_intact(blob, len);
	if (r < 0) {
		assert(r == -EBADMSG);
		return 0;
	}
	check(h.name);
	check(h.version);
	check(h.architecture);
	if (rpm_files_begin(&files, &h, e) < 0)
		return 0;
	while (rpm_files_next(&files, &f)) {
		check(f.directory);
		check(f.name);
		check(f.digest);
		n++;
	}
	assert(n <= h.files);
	rpm_files_end(&files);
	return 0;
}

static void read_database(enum rpm_db_kind kind, const uint8_t *data, size_t size)
{
	AUTO_CLOSE int fd = memfd_create("rpm", MFD_CLOEXEC);
	struct err e = { "" };
	int r;

	assert(fd >= 0 && io_write(fd, data, size, &e) == 0);
	r = rpm_db_read(kind, fd, see, NULL, &e);
	assert(r == 0 || ((r == -EBADMSG || r == -ENOMEM) && e.msg[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE uint8_t *copy = malloc(size ? size : 1);
	struct err e = { "" };

	assert(copy);
	if (!size)
		return 0;
	memcpy(copy, data + 1, size - 1);
	switch (data[0]) {
	case 's':
		read_database(RPM_DB_SQLITE, copy, size - 1);
		break;
	case 'n':
		read_database(RPM_DB_NDB, copy, size - 1);
		break;
	case 'b':
		read_database(RPM_DB_BDB, copy, size - 1);
		break;
	default:
		(void)see(NULL, copy, size - 1, &e);
	}
	return 0;
}
