// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "capture/identity.h"
#include "collect/collector.h"
#include "unit/evidence.h"
#include "unit/unit.h"

void evidence_fake_host(unsigned mib)
{
	fake = (struct fake_memory){
		.ram = { { 0x1000, 0x9fc00 },
			{ 0x100000, 0x100000 + ((uint64_t)mib << 20) + 0x123 } },
		.ram_n = 2,
		.kinds_open = 1 << SOURCE_KMOD | 1 << SOURCE_KCORE,
		.pages = { { 0x105000, 0x106000, PAGE_HWPOISON },
			{ 0x107000, 0x109000, PAGE_PRIVATE_MAP } },
		.pages_n = 2,
	};
}

void evidence_plan(struct capture_plan *plan, const char *top,
	const struct age_identity *me, atomic_bool *interrupted)
{
	*plan = (struct capture_plan){
		.case_name = "case",
		.trigger = "test",
		.destination = top,
		.name = "cap",
		.recipients = &me->recipient,
		.recipients_n = 1,
		.collectors = { collector_find("memory") },
		.collectors_n = 1,
		.workers = 1,
		.level = -1,
		.manifest_ns = 10000000000,
		.interrupted = interrupted,
	};
}

void evidence_dir(char ret[SCRATCH_CHARS], const char *top)
{
	struct identity id;
	struct err e = { 0 };

	assert_ok(identity_load(&id, &e), &e);
	assert_true(snprintf(ret, SCRATCH_CHARS, "%s/case/%s/cap", top,
			    id.name) < SCRATCH_CHARS);
}

void evidence_take(char top[SCRATCH_CHARS], char dir[SCRATCH_CHARS],
	struct lab_keys *keys, atomic_bool *interrupted)
{
	struct capture_result res = { 0 };
	struct capture_plan plan;
	struct err e = { 0 };

	keys->n = 1;
	assert_ok(age_identity_new(&keys->v[0], &e), &e);
	scratch_new(top);
	evidence_dir(dir, top);
	evidence_fake_host(1);
	evidence_plan(&plan, top, &keys->v[0], interrupted);
	plan.manifest_ns = 0;
	assert_ok(capture_run(&res, &plan, &e), &e);
}

void evidence_read(struct reader *r, const struct lab_keys *keys,
	segment_record_fn *see, void *arg)
{
	AUTO_BUF struct buf sealed = { 0 };
	struct err e = { 0 };

	assert_ok(reader_check(r, 1, &e), &e);
	assert_int_equal(r->findings_n, 0);
	buf_init(&sealed, SEGMENT_BYTES + 1);
	for (size_t i = 0; i < r->segments_n; i++) {
		assert_ok(reader_load(r, &r->segments[i], &sealed, &e), &e);
		assert_ok(segment_read(sealed.data, sealed.len, keys->v,
				  keys->n, see, arg, &e),
			&e);
	}
}
