// SPDX-License-Identifier: Apache-2.0
/* Each rule over one record: when it speaks, and when it does not. */
#include <errno.h>

#include "collect/finding.h"
#include "collect/judge.h"
#include "live/maps.h"
#include "stream/writer.h"
#include "unit/unit.h"

enum { PUT_MAX = 16 };

/* What was written after the record itself. */
static char rules[PUT_MAX][64];
static size_t puts_n;
static uint64_t last_id;
static size_t last_refs;
static size_t fail_at = PUT_MAX;

int writer_put(struct writer *w, const struct record *r, struct err *e)
{
	const Icecore__V1__Finding *f = r->message->finding;

	(void)w;
	assert_in_range(puts_n, 0, PUT_MAX - 1);
	rules[puts_n][0] = 0;
	if (r->message->body_case == ICECORE__V1__RECORD__BODY_FINDING) {
		(void)snprintf(rules[puts_n], sizeof(rules[0]), "%s", f->rule);
		assert_true(f->n_evidence > 0);
		assert_non_null(f->evidence[0]->kind);
		last_id = f->evidence[0]->id;
		last_refs = f->n_evidence;
	}
	if (puts_n == fail_at)
		return err_set(e, -EIO, "the sink is full");
	puts_n++;
	return 0;
}

static void check(const Icecore__V1__Record *m, const char *want)
{
	struct err e = { 0 };
	char got[256] = "";
	size_t at = 0;

	puts_n = 0;
	assert_int_equal(judge_put(NULL, m, &e), 0);
	assert_string_equal(rules[0], "");
	for (size_t i = 1; i < puts_n; i++)
		at += (size_t)snprintf(
			got + at, sizeof(got) - at, "%s ", rules[i]);
	assert_string_equal(got, want);
}

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static void check_process(const char *comm, const char *argv0, int kthread,
	const Icecore__V1__HeldFile *exe, const char *want)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Thread t = ICECORE__V1__THREAD__INIT, *threads = &t;
	ProtobufCBinaryData argv = bytes(argv0 ? argv0 : "");

	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	m.process = &p;
	p.pid = t.tid = 42;
	p.threads = &threads;
	p.n_threads = 1;
	p.argv = &argv;
	p.n_argv = argv0 != NULL;
	p.exe = (Icecore__V1__HeldFile *)(uintptr_t)exe;
	t.comm = bytes(comm);
	t.has_kernel_thread = 1;
	t.kernel_thread = kthread;
	check(&m, want);
}

static void test_process_rules(void **state)
{
	Icecore__V1__HeldFile exe = ICECORE__V1__HELD_FILE__INIT;
	static const char lookalike[] = "process.kernel-thread-lookalike ";

	(void)state;
	check_process("bash", "-bash", 0, &exe, "");
	check_process("kworker/0:1", NULL, 1, NULL, "");
	check_process("kworker/0:1", NULL, 0, NULL, ""); /* it ended */
	check_process("kworker/0:1", "x", 0, &exe, lookalike);
	check_process("x", "[kthreadd]", 0, &exe, lookalike);
	check_process("x", "[ready", 0, &exe, "");
	check_process("ksoftirqd", "x", 0, &exe, "");
	exe.deleted = 1;
	check_process("x", "x", 0, &exe, "process.exe-deleted ");
	exe.memfd = 1;
	check_process("x", "x", 0, &exe, "process.exe-memfd ");
}

static void check_mapping(uint32_t flags, const char *protection, const char *want)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__ProcessMaps p = ICECORE__V1__PROCESS_MAPS__INIT;
	Icecore__V1__Mapping v[3], *vp[3];

	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_MAPS;
	m.process_maps = &p;
	for (int i = 0; i < 3; i++) {
		icecore__v1__mapping__init(&v[i]);
		v[i].protection = "r-xp";
		v[i].start = 0x1000u * (unsigned)i;
		vp[i] = &v[i];
	}
	v[1].flags = v[2].flags = flags;
	v[1].protection = v[2].protection = (char *)(uintptr_t)protection;
	p.mappings = vp;
	p.n_mappings = 3;
	check(&m, want);
}

static void test_mapping_rules(void **state)
{
	(void)state;
	check_mapping(0, "r-xp", "");
	check_mapping(MAPPING_RWX | MAPPING_ANON_EXEC, "rwxp", "");
	check_mapping(MAPPING_MEMFD, "r--p", "");
	check_mapping(MAPPING_MEMFD, "r-xp", "mapping.code-memfd ");
	assert_int_equal(last_id, 0x1000);
	check_mapping(MAPPING_EXEC_STACK, "rwxp",
		"mapping.stack-or-heap-executable ");
	check_mapping(MAPPING_EXEC_HEAP | MAPPING_MEMFD, "rwxp",
		"mapping.code-memfd mapping.stack-or-heap-executable ");
}

/* Every line of the table says everything, and no two the same. */
static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < RULES; i++) {
		const struct rule *r = rule_of((enum rule_id)i);

		assert_non_null(r->id);
		assert_non_null(strchr(r->id, '.'));
		assert_true(r->severity >= ICECORE__V1__SEVERITY__SEVERITY_INFO);
		assert_int_equal(r->technique[0], 'T');
		assert_true(strlen(r->sentence) > 10);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
				r->id, rule_of((enum rule_id)k)->id);
	}
}

static void test_limits(void **state)
{
	struct finding_ref refs[FINDING_REFS_MAX + 5] = { 0 };
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refs); i++)
		refs[i].kind = ICECORE__V1__RECORD__BODY_PROCESS;
	puts_n = 0;
	assert_int_equal(finding_put(NULL, RULE_EXE_MEMFD, refs,
				 ARRAY_LEN(refs), NULL, &e),
		0);
	assert_int_equal(last_refs, FINDING_REFS_MAX);
	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	m.process = &p;
	puts_n = fail_at = 0;
	assert_err(judge_put(NULL, &m, &e), -EIO, &e, "full");
	fail_at = PUT_MAX;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process_rules),
		cmocka_unit_test(test_mapping_rules),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
