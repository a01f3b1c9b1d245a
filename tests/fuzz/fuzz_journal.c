// SPDX-License-Identifier: Apache-2.0
/* Whatever a journal holds, its entries and their fields come to an end. */
#undef NDEBUG
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "trace/journal_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct looking {
	struct journald_file *j;
	uint64_t entries;
	uint64_t most;
};

static int see_field(void *arg, const char *name, size_t name_len,
	const char *value, size_t value_len, struct err *e)
{
	(void)arg;
	(void)e;
	assert(name_len + 1 + value_len <= JOURNAL_FIELD_BYTES);
	assert(name[name_len] == '=' && value == name + name_len + 1);
	return 0;
}

static int see_entry(void *arg, const struct journald_entry *entry, struct err *e)
{
	struct looking *k = arg;
	int r;

	assert(++k->entries <= k->most);
	r = journald_fields(k->j, entry, see_field, k, e);
	assert(r == 0 || r == 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct looking k = { NULL, 0, size / 64 };
	struct err e = { 0 };
	int fd = memfd_create("journal", 0);

	assert(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (journald_open(&k.j, fd, size, &e) == 0) {
		assert(journald_entries(k.j, 0, see_entry, &k, &e) <= 0);
		journald_close(k.j);
	}
	(void)close(fd);
	return 0;
}
