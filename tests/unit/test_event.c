// SPDX-License-Identifier: Apache-2.0
/* Records as the programs write them, and what becomes of them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "bpf/recorder.h"
#include "collect/event_record.h"
#include "unit/unit.h"

enum { CAP = 64 << 10 };

static struct {
	_Alignas(8) uint8_t bytes[CAP];
	size_t len;
} raw;
static struct event_batch *batch;

static struct recorder_head head_of(uint32_t kind, size_t bytes)
{
	return (struct recorder_head){ .boot_ns = 5000,
		.start_boot_ns = 4000,
		.kind = kind,
		.bytes = (uint32_t)bytes,
		.pid = 42,
		.tid = 43,
		.ppid = 1,
		.uid = 1000,
		.euid = 0,
		.comm = "bash" };
}

static void put(const void *record, size_t bytes)
{
	memcpy(raw.bytes + raw.len, record, bytes);
	raw.len += (bytes + 7) & ~(size_t)7;
}

static const Icecore__V1__Event *only(void)
{
	const Icecore__V1__Events *m = event_batch_message(batch);

	assert_int_equal(event_batch_fill(batch, raw.bytes, raw.len), raw.len);
	assert_int_equal(m->n_events, 1);
	assert_int_equal(m->events[0]->pid, 42);
	assert_int_equal(m->events[0]->uid, 1000);
	assert_memory_equal(m->events[0]->comm.data, "bash", 4);
	return m->events[0];
}

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	memset(&raw, 0, sizeof(raw));
	assert_ok(event_batch_new(&batch, NULL, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	event_batch_free(batch);
	return 0;
}

static void exec(void **state)
{
	static const char args[] = "sh\0-c\0x y";
	struct recorder_exec x = { .inode = 7, .exe = RECORDER_EXE_MEMFD };
	const Icecore__V1__Event *ev;
	size_t bytes;

	(void)state;
	x.filename_bytes = (uint16_t)(sizeof("/bin/sh"));
	x.args_bytes = sizeof(args);
	x.args_all_bytes = 9999;
	x.ancestors_n = 2;
	x.ancestors[0] = (struct recorder_ancestor){ 41, "sshd" };
	x.ancestors[1] = (struct recorder_ancestor){ 1, "init" };
	memcpy(x.text, "/bin/sh", sizeof("/bin/sh"));
	memcpy(x.text + sizeof("/bin/sh"), args, sizeof(args));
	bytes = offsetof(struct recorder_exec, text) + x.filename_bytes +
		x.args_bytes;
	x.head = head_of(RECORDER_EXEC, bytes);
	put(&x, bytes);
	ev = only();
	assert_int_equal(ev->what_case, ICECORE__V1__EVENT__WHAT_EXEC);
	assert_int_equal(ev->exec->filename.len, strlen("/bin/sh"));
	assert_int_equal(ev->exec->n_argv, 3);
	assert_int_equal(ev->exec->argv[2].len, 3);
	assert_memory_equal(ev->exec->argv[2].data, "x y", 3);
	assert_int_equal(ev->exec->argv_bytes, 9999);
	assert_int_equal(ev->exec->n_ancestors, 2);
	assert_int_equal(ev->exec->ancestors[0]->pid, 41);
	assert_int_equal(ev->exec->exe, ICECORE__V1__EVENT_EXE__EVENT_EXE_MEMFD);
}

static void path(void **state)
{
	static const char parts[] = "evil\0bin\0opt";
	struct recorder_path p = { .parts = 3, .flags = RECORDER_RUNS_SELF };
	const Icecore__V1__Event *ev;

	(void)state;
	p.head = head_of(RECORDER_UNLINK, sizeof(p));
	p.path_bytes = sizeof(parts);
	memcpy(p.path, parts, sizeof(parts));
	put(&p, sizeof(p));
	ev = only();
	assert_int_equal(ev->path->path.len, strlen("/opt/bin/evil"));
	assert_memory_equal(ev->path->path.data, "/opt/bin/evil", 13);
	assert_false(ev->path->has_path_cut);
}

static void net(void **state)
{
	static const uint8_t ask[] = "\0\0\1\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1";
	struct recorder_dns d = { .net = { .family = AF_INET,
					  .remote_port = 53,
					  .message_bytes = sizeof(ask) - 1 } };
	const Icecore__V1__Event *ev;

	(void)state;
	d.net.head = head_of(RECORDER_DNS, sizeof(d));
	memcpy(d.net.remote, "\x7f\0\0\1", 4);
	memcpy(d.message, ask, sizeof(ask));
	put(&d, sizeof(d));
	ev = only();
	assert_string_equal(ev->net->remote, "127.0.0.1");
	assert_int_equal(ev->net->remote_port, 53);
	assert_string_equal(ev->net->question, "a.bc");
	assert_int_equal(ev->net->question_type, 1);
}

static void others(void **state)
{
	struct recorder_target t = { .pid = 77, .number = 9, .comm = "falco" };
	struct recorder_exit x = { .code = 256 };
	struct recorder_namespace n = { .after = { 1, 2, 3, 4, 5, 6 } };
	const Icecore__V1__Events *m = event_batch_message(batch);

	(void)state;
	t.head = head_of(RECORDER_KILL, sizeof(t));
	x.head = head_of(RECORDER_EXIT, sizeof(x));
	n.head = head_of(RECORDER_NAMESPACE, sizeof(n));
	put(&t, sizeof(t));
	put(&x, sizeof(x));
	put(&n, sizeof(n));
	assert_int_equal(event_batch_fill(batch, raw.bytes, raw.len), raw.len);
	assert_int_equal(m->n_events, 3);
	assert_int_equal(m->events[0]->process->pid, 77);
	assert_int_equal(m->events[0]->number, 9);
	assert_int_equal(m->events[1]->number, 256);
	assert_int_equal(m->events[1]->what_case, 0);
	assert_int_equal(m->events[2]->namespaces->after->net, 3);
}

/* What is too short for its kind is left out, what is none ends it. */
static void broken(void **state)
{
	struct recorder_head h = head_of(RECORDER_EXEC, sizeof(h));
	struct recorder_exit x = { .code = 1 };
	const Icecore__V1__Events *m = event_batch_message(batch);

	(void)state;
	x.head = head_of(RECORDER_EXIT, sizeof(x));
	put(&h, sizeof(h));
	put(&x, sizeof(x));
	h.bytes = 3;
	put(&h, sizeof(h));
	assert_int_equal(event_batch_fill(batch, raw.bytes, raw.len),
		raw.len - sizeof(h));
	assert_int_equal(m->n_events, 1);
	assert_int_equal(
		m->events[0]->kind, ICECORE__V1__EVENT_KIND__EVENT_KIND_EXIT);
}

/* More than a batch has room for: the rest is left. */
static void many(void **state)
{
	struct recorder_exit x = { .code = 1 };
	const Icecore__V1__Events *m = event_batch_message(batch);
	size_t n;

	(void)state;
	x.head = head_of(RECORDER_EXIT, sizeof(x));
	for (int i = 0; i < EVENT_BATCH + 5; i++)
		put(&x, sizeof(x));
	n = event_batch_fill(batch, raw.bytes, raw.len);
	assert_int_equal(n, EVENT_BATCH * sizeof(x));
	assert_int_equal(m->n_events, EVENT_BATCH);
	assert_int_equal(event_batch_fill(batch, raw.bytes + n, raw.len - n),
		raw.len - n);
	assert_int_equal(m->n_events, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(exec, set_up, tear_down),
		cmocka_unit_test_setup_teardown(path, set_up, tear_down),
		cmocka_unit_test_setup_teardown(net, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
