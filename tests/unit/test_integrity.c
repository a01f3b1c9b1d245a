// SPDX-License-Identifier: Apache-2.0
/* A made-up kernel's state through a whole capture, and what comes out. */
#include <errno.h>

#include "base/log.h"
#include "collect/collector.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "unit/evidence.h"
#include "unit/fake_kernel.h"
#include "unit/unit.h"

enum { KEPT_MAX = 16 };

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static atomic_bool interrupted;
static struct capture_plan plan;

static struct kept {
	Icecore__V1__Record *v[KEPT_MAX];
	size_t n;
} modules, objects, findings, gaps, facts;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	scratch_new(top);
	evidence_dir(dir, top);
	evidence_fake_host(1);
	keys.n = 1;
	fake_kernel = (struct fake_kernel){ .modules_asked = KMODULE_BY_ALL,
		.objects_asked = 7 };
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	plan.collectors[0] = collector_find("integrity");
	return 0;
}

static void drop(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		record_free(k->v[i]);
	k->n = 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(fake_kernel.open, 0);
	drop(&modules);
	drop(&objects);
	drop(&findings);
	drop(&gaps);
	drop(&facts);
	scratch_remove(top);
	return 0;
}

static int keep(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	static const struct {
		Icecore__V1__Record__BodyCase body;
		struct kept *to;
	} where[] = {
		{ ICECORE__V1__RECORD__BODY_KERNEL_MODULE, &modules },
		{ ICECORE__V1__RECORD__BODY_BPF_OBJECT, &objects },
		{ ICECORE__V1__RECORD__BODY_FINDING, &findings },
		{ ICECORE__V1__RECORD__BODY_GAP, &gaps },
		{ ICECORE__V1__RECORD__BODY_KERNEL_FACT, &facts },
	};
	Icecore__V1__Record *m = NULL;

	(void)arg;
	assert_ok(record_decode(&m, buf, len, e), e);
	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		if (where[i].body == m->body_case && where[i].to->n < KEPT_MAX) {
			where[i].to->v[where[i].to->n++] = m;
			return 0;
		}
	record_free(m);
	return 0;
}

static void take(void)
{
	struct capture_result res;
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_ok(reader_open(&r, dir, &e), &e);
	evidence_read(r, &keys, keep, NULL);
	reader_close(r);
}

static const Icecore__V1__Finding *finding(const char *rule)
{
	for (size_t i = 0; i < findings.n; i++)
		if (strcmp(findings.v[i]->finding->rule, rule) == 0)
			return findings.v[i]->finding;
	fail_msg("no finding %s", rule);
	return NULL;
}

/* What cannot be looked at is said, once for each. */
static void test_blind(void **state)
{
	(void)state;
	plan.leave_out = COLLECT_NO_PEEK_BPF;
	take();
	assert_true(gaps.n >= 3);
	assert_string_equal(gaps.v[0]->gap->what, "the kernel's memory");
	assert_string_equal(
		gaps.v[0]->gap->reason, "bpf: without 1; kcore: kcore refuses");
	assert_string_equal(gaps.v[1]->gap->what, "the kernel's types");
	assert_string_equal(gaps.v[2]->gap->what, "the kernel's symbols");
	assert_int_equal(modules.n, 0);
	assert_true(facts.n > 3);
	assert_string_equal(facts.v[0]->kernel_fact->name, "tainted");
}

static void test_modules(void **state)
{
	static const struct kmodule made[] = {
		{ .name = "good",
			.views = KMODULE_BY_ALL,
			.references = -1,
			.bytes = 4096,
			.state = "Live" },
		{ .name = "evil",
			.views = KMODULE_BY_TREE,
			.at = 0xffffffffc0001000,
			.references = 2,
			.parts = { { 0xffffffffc0000000, 8192 } } },
		{ .name = "ghost", .views = KMODULE_BY_KALLSYMS },
	};
	const Icecore__V1__KernelModule *m;
	const Icecore__V1__Finding *f;

	(void)state;
	fake_kernel.modules = made;
	fake_kernel.modules_n = ARRAY_LEN(made);
	take();
	assert_int_equal(modules.n, 3);
	m = modules.v[0]->kernel_module;
	assert_memory_equal(m->name.data, "good", 4);
	assert_int_equal(m->seen_by, KMODULE_BY_ALL);
	assert_int_equal(m->asked, KMODULE_BY_ALL);
	assert_false(m->has_references);
	assert_false(m->has_address);
	assert_false(m->has_taints);
	m = modules.v[1]->kernel_module;
	assert_int_equal(m->references, 2);
	assert_int_equal(m->n_parts, 1);
	assert_int_equal(m->parts[0]->bytes, 8192);
	f = finding("module.hidden");
	assert_int_equal(f->n_evidence, 1);
	assert_string_equal(f->evidence[0]->kind, "kernel_module");
	assert_int_equal(f->evidence[0]->id, 0xffffffffc0001000);
	assert_memory_equal(f->detail.data,
		"told by tree; not by proc, sysfs, list, kset", f->detail.len);
	f = finding("module.only-in-kallsyms");
	assert_memory_equal(f->evidence[0]->name.data, "ghost", 5);
	assert_int_equal(findings.n, 2);
}

static void test_bpf(void **state)
{
	static uint8_t code[] = { 0x95, 0, 0, 0, 0, 0, 0, 0 };
	static const struct bpf_object made[] = {
		{ .kind = BPF_OBJECT_PROG, .id = 1, .views = 7, .type = 5 },
		{ .kind = BPF_OBJECT_PROG,
			.id = 2,
			.views = 7,
			.name = "writes",
			.helpers = BPF_OBJECT_WRITES_USER |
				   BPF_OBJECT_OVERRIDES_RETURN,
			.owners = { 4711 },
			.owners_n = 1,
			.code = code,
			.code_bytes = sizeof(code) },
		{ .kind = BPF_OBJECT_MAP,
			.id = 3,
			.views = 2,
			.missing = BPF_OBJECT_BY_SYSCALL },
		{ .kind = BPF_OBJECT_LINK, .id = 4, .views = 3, .prog_id = 2 },
	};
	const Icecore__V1__BpfObject *o;
	const Icecore__V1__Finding *f;

	(void)state;
	fake_kernel.objects = made;
	fake_kernel.objects_n = ARRAY_LEN(made);
	take();
	assert_int_equal(objects.n, 4);
	o = objects.v[1]->bpf_object;
	assert_int_equal(o->helpers, 3);
	assert_int_equal(o->owner_pids[0], 4711);
	assert_int_equal(o->instructions.len, sizeof(code));
	assert_false(o->has_prog_id);
	assert_int_equal(objects.v[3]->bpf_object->prog_id, 2);
	assert_false(objects.v[2]->bpf_object->has_tag);
	f = finding("bpf.hidden-from-enumeration");
	assert_int_equal(f->evidence[0]->id, 3);
	assert_int_equal(
		finding("bpf.writes-user-memory")->evidence[0]->pid, 4711);
	assert_int_equal(finding("bpf.overrides-return")->evidence[0]->id, 2);
	assert_int_equal(findings.n, 3);
}

static void test_interrupted(void **state)
{
	(void)state;
	interrupted = true;
	take();
	assert_int_equal(facts.n, 0);
	assert_true(gaps.n > 0);
	interrupted = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_blind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_modules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bpf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_interrupted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
