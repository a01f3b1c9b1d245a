// SPDX-License-Identifier: Apache-2.0
/* Rows, filters and the tree of icelab show. */
#include "base/buf.h"
#include "base/err.h"
#include "lab/show_filter.h"
#include "lab/show_table.h"
#include "lab/show_tree.h"
#include "unit/unit.h"

/* A process as evidence has it; everything it borrows is static. */
struct made {
	Icecore__V1__Record record;
	Icecore__V1__Process process;
	Icecore__V1__Thread thread, *threads[1];
	Icecore__V1__Credentials credentials;
	Icecore__V1__Namespaces namespaces;
	Icecore__V1__Container container;
	ProtobufCBinaryData argv[1];
};

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static struct made *make(struct made *m, uint32_t pid, uint32_t ppid)
{
	icecore__v1__record__init(&m->record);
	icecore__v1__process__init(&m->process);
	icecore__v1__thread__init(&m->thread);
	icecore__v1__credentials__init(&m->credentials);
	icecore__v1__namespaces__init(&m->namespaces);
	icecore__v1__container__init(&m->container);
	m->record.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	m->record.process = &m->process;
	m->process.has_pid = m->process.has_ppid = 1;
	m->process.pid = pid;
	m->process.ppid = ppid;
	m->process.has_start_boot_ns = 1;
	m->process.start_boot_ns = 1500000000;
	m->process.seen_by = 3;
	m->threads[0] = &m->thread;
	m->process.threads = m->threads;
	m->process.n_threads = 1;
	m->thread.has_tid = 1;
	m->thread.tid = pid;
	m->thread.comm = bytes("sh\n");
	m->thread.state = "S";
	m->thread.credentials = &m->credentials;
	m->credentials.has_uid = 1;
	m->credentials.uid = 33;
	m->thread.namespaces = &m->namespaces;
	m->namespaces.has_net = 1;
	m->namespaces.net = 4026531840u;
	m->argv[0] = bytes("-sh");
	m->process.argv = m->argv;
	m->process.n_argv = 1;
	return m;
}

static void add_container(struct made *m, const char *id, const char *uid)
{
	m->process.container = &m->container;
	m->container.id = (char *)(uintptr_t)id;
	m->container.pod_uid = (char *)(uintptr_t)uid;
}

static void check_row(const char *kind, const struct made *m, const char *want)
{
	const struct show_table *t = show_table_find(kind);
	AUTO_BUF struct buf line = { 0 };
	struct err e = { 0 };

	assert_non_null(t);
	assert_int_equal(show_table_rows(t, &m->record), 1);
	buf_init(&line, 4096);
	assert_int_equal(t->row(&line, &m->record, 0, &e), 0);
	assert_string_equal(buf_string(&line, &e), want);
}

static void test_rows(void **state)
{
	struct made m;

	(void)state;
	make(&m, 42, 1);
	add_container(&m, "0123456789abcdef", NULL);
	check_row("process", &m,
		"     42       1      33 S    1       1.50 ip   0123456789ab sh\\x0a           -sh");
	m.process.has_ppid = 0;
	m.credentials.has_uid = 0;
	m.process.seen_by = 2;
	m.process.container = NULL;
	m.process.n_argv = 0;
	check_row("process", &m,
		"     42       -       - S    1       1.50 -p                sh\\x0a           ");
	check_row("thread", &m,
		"     42      42       - S          - --   -                      - 4026531840 sh\\x0a");
	m.process.continued = 1;
	assert_int_equal(
		show_table_rows(show_table_find("process"), &m.record), 0);
	assert_null(show_table_find("no-such"));
}

static void test_mapping_row(void **state)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__ProcessMaps maps = ICECORE__V1__PROCESS_MAPS__INIT;
	Icecore__V1__Mapping v = ICECORE__V1__MAPPING__INIT, *vp = &v;
	const struct show_table *t = show_table_find("mapping");
	AUTO_BUF struct buf line = { 0 };
	AUTO_JSON json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_MAPS;
	m.process_maps = &maps;
	maps.has_pid = 1;
	maps.pid = 7;
	maps.n_mappings = 1;
	maps.mappings = &vp;
	v.start = 0x1000;
	v.end = 0x3000;
	v.protection = "rwxp";
	v.flags = 1 | 2;
	buf_init(&line, 4096);
	assert_int_equal(t->row(&line, &m, 0, &e), 0);
	assert_string_equal(buf_string(&line, &e),
		"      7 0000000000001000-0000000000003000 rwxp anon-exec,rwx        ");
	j = show_table_json(t, &m, 0);
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(j, "mapping"), "pid")),
		7);
}

static void test_finding_row(void **state)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Finding f = ICECORE__V1__FINDING__INIT;
	Icecore__V1__RecordRef ref = ICECORE__V1__RECORD_REF__INIT, *refp = &ref;
	AUTO_BUF struct buf line = { 0 };
	struct show_filter filter;
	struct err e = { 0 };

	(void)state;
	m.body_case = ICECORE__V1__RECORD__BODY_FINDING;
	m.finding = &f;
	f.rule = "process.exe-memfd";
	f.has_severity = 1;
	f.severity = ICECORE__V1__SEVERITY__SEVERITY_HIGH;
	f.technique = "T1620";
	f.sentence = "it runs";
	f.has_detail = 1;
	f.detail = bytes("x\x1b");
	f.n_evidence = 1;
	f.evidence = &refp;
	ref.kind = "process";
	ref.has_pid = 1;
	ref.pid = 9;
	ref.has_name = 1;
	ref.name = bytes("a\n");
	buf_init(&line, 4096);
	assert_int_equal(show_table_find("finding")->row(&line, &m, 0, &e), 0);
	assert_string_equal(buf_string(&line, &e),
		"high     T1620     process.exe-memfd                it runs (x\\x1b) <- process 9 a\\x0a ");
	show_filter_init(&filter);
	filter.pid = 9;
	assert_true(show_filter_passes(&filter, &f.base, &f.base));
	filter.pid = 10;
	assert_false(show_filter_passes(&filter, &f.base, &f.base));
}

static bool passes(struct show_filter *f, const struct made *m)
{
	struct err e = { 0 };

	assert_int_equal(show_filter_see(f, &m->record, &e), 0);
	return show_filter_passes(f, &m->process.base, &m->process.base);
}

static void test_filters(void **state)
{
	struct show_filter f;
	struct made a, b;

	(void)state;
	make(&a, 42, 1);
	make(&b, 43, 42);
	add_container(&a, "0123456789abcdef", "uid-1");
	a.container.pod_namespace = "web";
	a.container.pod_name = "front";
	b.namespaces.net = 5;
	show_filter_init(&f);
	assert_true(passes(&f, &a));
	f.pid = 43;
	assert_false(passes(&f, &a));
	assert_true(passes(&f, &b));
	f.pid = UINT64_MAX;
	f.netns = 5;
	assert_false(passes(&f, &a));
	assert_true(passes(&f, &b));
	assert_true(show_filter_passes(&f, &b.process.base, &b.thread.base));
	f.netns = UINT64_MAX;
	f.container = "01234";
	assert_true(passes(&f, &a));
	assert_false(passes(&f, &b));
	f.container = "1";
	show_filter_done(&f);
	assert_false(passes(&f, &a));
	f.container = NULL;
	f.pod = "uid-1";
	assert_true(passes(&f, &a));
	show_filter_done(&f);
	f.pod = "web/front";
	assert_true(passes(&f, &a));
	show_filter_done(&f);
	f.pod = "we/front";
	assert_false(passes(&f, &a));
	show_filter_done(&f);
}

/* They come before the processes of their container. */
static void test_event_filters(void **state)
{
	Icecore__V1__Container c = ICECORE__V1__CONTAINER__INIT;
	Icecore__V1__Events body = ICECORE__V1__EVENTS__INIT;
	Icecore__V1__Event ev = ICECORE__V1__EVENT__INIT;
	struct show_filter f;

	(void)state;
	c.id = "0123456789abcdef";
	ev.has_pid = 1;
	ev.pid = 7;
	show_filter_init(&f);
	f.pid = 7;
	assert_true(show_filter_passes(&f, &body.base, &ev.base));
	f.container = "0123";
	assert_false(show_filter_passes(&f, &body.base, &ev.base));
	ev.container = &c;
	assert_true(show_filter_passes(&f, &body.base, &ev.base));
	f.container = "123";
	assert_false(show_filter_passes(&f, &body.base, &ev.base));
	f.container = NULL;
	f.pid = 8;
	assert_false(show_filter_passes(&f, &body.base, &ev.base));
}

static int collect_line(void *arg, const struct buf *line, struct err *e)
{
	struct buf *all = arg;
	int r = buf_append(all, line->data, line->len, e);

	return r < 0 ? r : buf_text(all, e, "\n");
}

/* PID:PPID pairs; the lines' ids with their depth. */
static void check_tree(const uint32_t (*pids)[2], size_t n, const char *want)
{
	AUTO_BUF struct buf all = { 0 }, got = { 0 };
	struct show_tree t;
	struct err e = { 0 };
	struct made m;
	char *line, *save;

	buf_init(&all, 1 << 20);
	buf_init(&got, 1 << 20);
	show_tree_init(&t);
	for (size_t i = 0; i < n; i++) {
		make(&m, pids[i][0], pids[i][1]);
		assert_int_equal(show_tree_add(&t, &m.process, &e), 0);
	}
	assert_int_equal(show_tree_print(&t, collect_line, &all, &e), 0);
	show_tree_done(&t);
	for (line = strtok_r(buf_string(&all, &e), "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		const char *name = strstr(line, "sh\\x0a");
		const char *none = strstr(line, "ip   ") + 5 + 13;

		assert_non_null(name);
		assert_int_equal(buf_text(&got, &e, "%d.%d ",
					 (int)strtol(line, NULL, 10),
					 (int)(name - none) / 2),
			0);
	}
	assert_string_equal(buf_string(&got, &e), want);
}

static void test_tree(void **state)
{
	static const uint32_t plain[][2] = { { 7, 3 }, { 1, 0 }, { 3, 1 },
		{ 9, 1 }, { 2, 0 }, { 8, 3 }, { 11, 9 }, { 20, 19 } };
	static const uint32_t loop[][2] = { { 1, 0 }, { 5, 6 }, { 6, 5 },
		{ 7, 7 }, { 8, 6 } };

	(void)state;
	check_tree(plain, ARRAY_LEN(plain), "1.0 3.1 7.2 8.2 9.1 11.2 2.0 20.0 ");
	check_tree(loop, ARRAY_LEN(loop), "1.0 7.0 5.0 6.1 8.2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_mapping_row),
		cmocka_unit_test(test_finding_row),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_event_filters),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
