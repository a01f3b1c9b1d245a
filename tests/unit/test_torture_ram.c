// SPDX-License-Identifier: Apache-2.0
/* Every call fails once as the memory of a capture is laid out. */
#include <errno.h>

#include "base/log.h"
#include "inspect/ram.h"
#include "unit/evidence.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];

static int read_memory(struct err *e)
{
	const struct ram_options options = {
		.scratch = top, .keys = &keys, .threads = 2
	};
	struct reader *r = NULL;
	struct ram *ram = NULL;
	uint8_t byte;
	int rc = reader_open(&r, dir, e);

	if (rc == 0)
		rc = reader_check(r, 1, e);
	if (rc == 0)
		rc = ram_open(&ram, r, &options, e);
	if (rc == 0) {
		struct physical *m = ram_physical(ram);

		/* A segment that could not be read is told, its bytes are not. */
		assert_true(m->read(m, &byte, 0x100001, 1) < 0 ||
			    byte == fake_byte(0x100001));
		ram_close(ram);
	}
	reader_close(r);
	return rc;
}

static void torture(void **state)
{
	(void)state;
	assert_true(torture_run("captured memory", read_memory).errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(torture) };
	static atomic_bool interrupted;
	struct capture_plan plan;
	struct capture_result res;
	struct err e = { 0 };
	int r;

	fault_hooks();
	log_set_level(LOG_ERR);
	scratch_new(top);
	evidence_fake_host(2);
	if (age_identity_new(&keys.v[0], &e) < 0)
		return 1;
	keys.n = 1;
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	if (capture_run(&res, &plan, &e) < 0)
		return 1;
	evidence_dir(dir, top);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_remove(top);
	return r;
}
