// SPDX-License-Identifier: Apache-2.0
/* What processes say of themselves in /proc: cgroups, the system call they wait
 * in, and the auxiliary vector. */
#undef NDEBUG
#include <assert.h>

#include "base/err.h"
#include "coredump/cgroup.h"
#include "coredump/program.h"
#include "coredump/registers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	struct thread_registers t;
	struct cgroup_place at;
	struct err e = { "" };
	uint64_t entry;

	assert(text);
	memcpy(text, data, size);
	text[size] = 0;
	if (registers_proc(&t, text, size))
		assert(t.from == REGISTERS_PROC && size && text[0] != ' ');
	if (cgroup_parse(&at, text, &e) == 0) {
		assert(at.path > text && at.path + strlen(at.path) <= text + size);
		assert(cgroup_is_within(at.path, at.path));
	} else {
		assert(e.msg[0]);
	}
	(void)program_entry(&entry, data, size);
	return 0;
}
