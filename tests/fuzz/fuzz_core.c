// SPDX-License-Identifier: Apache-2.0
/* Records of the memory of processes, one behind the other with their lengths,
 * become core files whose headers hold. */
#undef NDEBUG
#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "evidence/record.h"
#include "lab/core_file.h"
#include "lab/core_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 64 };

static int see(struct core *c, const Icecore__V1__Record *m)
{
	struct err e = { "" };
	int r = 0;

	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_CORE)
		r = core_describe(c, m->process_core, &e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_PAGES)
		r = core_pages(c, m->process_pages, &e);
	assert(r == 0 || (r == -EBADMSG && e.msg[0]));
	return r;
}

static int see_all(struct core *c, const uint8_t *data, size_t size)
{
	int r = 0;

	for (int i = 0; r == 0 && i < RECORDS_MAX; i++) {
		Icecore__V1__Record *m = NULL;
		size_t len;
		int n = record_length(&len, data, size);

		if (n <= 0 || len > size - (size_t)n)
			break;
		if (record_decode(&m, data + n, len, NULL) == 0)
			r = see(c, m);
		record_free(m);
		data += (size_t)n + len;
		size -= (size_t)n + len;
	}
	return r;
}

/* No part reaches behind the end of the file. */
static void check(int dir, const char *name)
{
	AUTO_CLOSE int fd = io_open(dir, name, O_RDONLY, 0, NULL);
	Elf64_Ehdr h;
	struct stat st;

	assert(fd >= 0 && fstat(fd, &st) == 0);
	assert(io_pread(fd, &h, sizeof(h), 0, NULL) == sizeof(h));
	for (unsigned i = 0; i < h.e_phnum && h.e_phnum < PN_XNUM; i++) {
		Elf64_Phdr p;

		assert(io_pread(fd, &p, sizeof(p), h.e_phoff + i * sizeof(p),
			       NULL) == sizeof(p));
		assert(p.p_offset <= (uint64_t)st.st_size);
		assert(p.p_filesz <= (uint64_t)st.st_size - p.p_offset);
		assert(p.p_type == PT_NOTE || p.p_filesz <= p.p_memsz);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CLOSE int dir =
		io_open(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0, NULL);
	struct core_file *f = NULL;
	struct core c = { 0 };
	struct err e = { "" };
	int r = see_all(&c, data, size);

	if (r == 0 && c.described)
		r = core_sort(&c, &e);
	if (r == 0 && c.described) {
		(void)unlinkat(dir, "core", 0);
		r = core_file_create(&f, dir, "core", &c, &e);
		assert(r == 0 || e.msg[0]);
		if (r == 0)
			check(dir, "core");
	}
	core_file_close(f);
	core_done(&c);
	return 0;
}
