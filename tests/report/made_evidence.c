// SPDX-License-Identifier: Apache-2.0
/*
 * made_evidence KEY DIR many|hostile: a capture that no host made, sealed for
 * the key file KEY below DIR, as DIR/case/host/made.
 *
 *	many     20,000 processes, 200,000 events, 5,000 sockets
 *	hostile  names and texts that want to be markup, script or another text
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/err.h"
#include "lab/lab.h"
#include "sink/sink.h"
#include "stream/courier.h"
#include "stream/stream.h"
#include "stream/writer.h"

enum {
	PROCESSES = 20000,
	EVENTS = 200000,
	EVENTS_AT_ONCE = 500,
	SOCKETS = 5000,
	SOCKETS_AT_ONCE = 500,
	LONG_BYTES = 900000, /* of an argument: the head of a record has 1 MiB */
	PAGE = 4096,
	EXTENT_PAGES = 16,
	EXTENTS = 64,
	START_NS = 1000000, /* between two processes */
};

static struct err e;

#define MUST(call)                                                             \
	do {                                                                   \
		if ((call) < 0) {                                              \
			(void)fprintf(stderr, "made_evidence: %s\n", e.msg);   \
			exit(1);                                               \
		}                                                              \
	} while (0)

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static uint64_t start_of(uint32_t pid)
{
	return (uint64_t)pid * START_NS;
}

static void put(struct writer *w, Icecore__V1__Record *m)
{
	struct record r = { m, NULL, 0 };

	MUST(writer_put(w, &r, &e));
}

#define RECORD(field, BODY, message)                                           \
	{                                                                      \
		.base = PROTOBUF_C_MESSAGE_INIT(                               \
			&icecore__v1__record__descriptor),                     \
		.body_case = ICECORE__V1__RECORD__BODY_##BODY,                 \
		.field = (message)                                             \
	}

/* What the names of a process are. */
struct names {
	ProtobufCBinaryData comm, exe, cwd, argv[3];
	size_t argc;
};

static void put_process(
	struct writer *w, uint32_t pid, uint32_t ppid, const struct names *n)
{
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Thread t = ICECORE__V1__THREAD__INIT, *threads[] = { &t };
	Icecore__V1__Credentials c = ICECORE__V1__CREDENTIALS__INIT;
	Icecore__V1__Namespaces ns = ICECORE__V1__NAMESPACES__INIT;
	Icecore__V1__HeldFile exe = ICECORE__V1__HELD_FILE__INIT;
	Icecore__V1__Record m = RECORD(process, PROCESS, &p);
	ProtobufCBinaryData argv[3] = { n->argv[0], n->argv[1], n->argv[2] };

	p.has_pid = p.has_ppid = p.has_start_boot_ns = p.has_seen_by = 1;
	p.pid = pid;
	p.ppid = ppid;
	p.start_boot_ns = start_of(pid);
	p.seen_by = 7;
	p.exe = &exe;
	exe.has_path = 1;
	exe.path = n->exe;
	p.has_cwd = 1;
	p.cwd = n->cwd;
	p.argv = argv;
	p.n_argv = n->argc;
	p.threads = threads;
	p.n_threads = 1;
	t.has_tid = t.has_comm = 1;
	t.tid = pid;
	t.comm = n->comm;
	t.state = "S";
	t.credentials = &c;
	t.namespaces = &ns;
	c.has_uid = c.has_euid = 1;
	c.uid = c.euid = pid % 7 ? 1000 : 0;
	ns.has_net = 1;
	ns.net = 4026531840u;
	put(w, &m);
}

static void put_processes(struct writer *w)
{
	for (uint32_t pid = 1; pid <= PROCESSES; pid++) {
		char comm[16], exe[64], arg[96];
		struct names n = { .argc = 3 };

		(void)snprintf(comm, sizeof(comm), "worker-%u", pid);
		(void)snprintf(exe, sizeof(exe), "/usr/lib/service/%u/worker",
			pid % 97);
		(void)snprintf(arg, sizeof(arg),
			"--shard=%u --listen=unix:/run/service/%u.sock", pid,
			pid % 97);
		n.comm = bytes(comm);
		n.exe = n.argv[0] = bytes(exe);
		n.cwd = bytes("/srv");
		n.argv[1] = bytes(arg);
		n.argv[2] = bytes(pid == 12345 ? "--needle" : "--quiet");
		put_process(w, pid, pid == 1 ? 0 : 1 + (pid - 2) / 5, &n);
	}
}

static void fill_event(Icecore__V1__Event *ev, Icecore__V1__EventExec *x,
	Icecore__V1__EventNet *net, unsigned i)
{
	static const Icecore__V1__EventKind kinds[] = {
		ICECORE__V1__EVENT_KIND__EVENT_KIND_EXEC,
		ICECORE__V1__EVENT_KIND__EVENT_KIND_EXIT,
		ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_CONNECT,
		ICECORE__V1__EVENT_KIND__EVENT_KIND_MEMFD,
	};

	icecore__v1__event__init(ev);
	ev->has_boot_ns = ev->has_kind = ev->has_pid = ev->has_ppid = 1;
	ev->has_uid = ev->has_comm = ev->has_start_boot_ns = 1;
	ev->boot_ns = 30000000000ULL + (uint64_t)i * 100000;
	ev->kind = kinds[i % 100 ? i % 3 : 3];
	ev->pid = 1 + i * 7919u % PROCESSES;
	ev->ppid = 1;
	ev->start_boot_ns = start_of(ev->pid);
	ev->comm = bytes("worker");
	if (i % 3 == 0) {
		icecore__v1__event_exec__init(x);
		x->has_filename = 1;
		x->filename = bytes("/usr/lib/service/worker --with some "
				    "arguments of the usual length");
		ev->what_case = ICECORE__V1__EVENT__WHAT_EXEC;
		ev->exec = x;
	} else if (i % 3 == 2) {
		icecore__v1__event_net__init(net);
		net->local = "192.0.2.1";
		net->remote = "198.51.100.77";
		net->has_local_port = net->has_remote_port = 1;
		net->local_port = 1024 + i % 60000;
		net->remote_port = 443;
		ev->what_case = ICECORE__V1__EVENT__WHAT_NET;
		ev->net = net;
	}
}

static void put_events(struct writer *w)
{
	static Icecore__V1__Event v[EVENTS_AT_ONCE], *list[EVENTS_AT_ONCE];
	static Icecore__V1__EventExec x[EVENTS_AT_ONCE];
	static Icecore__V1__EventNet net[EVENTS_AT_ONCE];
	Icecore__V1__Events events = ICECORE__V1__EVENTS__INIT;
	Icecore__V1__Record m = RECORD(events, EVENTS, &events);

	for (unsigned at = 0; at < EVENTS; at += EVENTS_AT_ONCE) {
		for (unsigned i = 0; i < EVENTS_AT_ONCE; i++) {
			fill_event(&v[i], &x[i], &net[i], at + i);
			list[i] = &v[i];
		}
		events.events = list;
		events.n_events = EVENTS_AT_ONCE;
		put(w, &m);
	}
}

static void put_sockets(struct writer *w)
{
	static Icecore__V1__Socket v[SOCKETS_AT_ONCE], *list[SOCKETS_AT_ONCE];
	static Icecore__V1__SocketOwner owner[SOCKETS_AT_ONCE],
		*owners[SOCKETS_AT_ONCE];
	static Icecore__V1__TcpInfo tcp[SOCKETS_AT_ONCE];
	static char remote[SOCKETS_AT_ONCE][32];
	Icecore__V1__Sockets s = ICECORE__V1__SOCKETS__INIT;
	Icecore__V1__Record m = RECORD(sockets, SOCKETS, &s);

	for (unsigned at = 0; at < SOCKETS; at += SOCKETS_AT_ONCE) {
		for (unsigned i = 0; i < SOCKETS_AT_ONCE; i++) {
			icecore__v1__socket__init(&v[i]);
			icecore__v1__socket_owner__init(&owner[i]);
			icecore__v1__tcp_info__init(&tcp[i]);
			(void)snprintf(remote[i], sizeof(remote[i]),
				"198.51.100.%u", i % 256);
			owner[i].has_pid = owner[i].has_fd = 1;
			owner[i].pid = 1 + (at + i) % PROCESSES;
			owner[i].fd = 3;
			owners[i] = &owner[i];
			tcp[i].has_bytes_sent = tcp[i].has_bytes_received = 1;
			tcp[i].bytes_sent = (uint64_t)i * 1000;
			tcp[i].bytes_received = at;
			v[i].has_family = v[i].has_type = v[i].has_protocol = 1;
			v[i].family = AF_INET;
			v[i].type = SOCK_STREAM;
			v[i].protocol = 6;
			v[i].state = "ESTABLISHED";
			v[i].local_address = "192.0.2.1";
			v[i].remote_address = remote[i];
			v[i].has_local_port = v[i].has_remote_port = 1;
			v[i].local_port = 1024 + at + i;
			v[i].remote_port = 443;
			v[i].tcp = &tcp[i];
			v[i].owners = &owners[i];
			v[i].n_owners = 1;
			list[i] = &v[i];
		}
		s.has_netns = 1;
		s.netns = 4026531840u;
		s.sockets = list;
		s.n_sockets = SOCKETS_AT_ONCE;
		put(w, &m);
	}
}

static void put_finding(struct writer *w, const char *sentence,
	const char *detail, uint32_t pid)
{
	Icecore__V1__Finding f = ICECORE__V1__FINDING__INIT;
	Icecore__V1__RecordRef ref = ICECORE__V1__RECORD_REF__INIT,
			       *refs[] = { &ref };
	Icecore__V1__Record m = RECORD(finding, FINDING, &f);

	f.rule = "made.finding";
	f.has_severity = 1;
	f.severity = ICECORE__V1__SEVERITY__SEVERITY_HIGH;
	f.sentence = (char *)(uintptr_t)sentence;
	f.has_detail = 1;
	f.detail = bytes(detail);
	f.technique = "T1059";
	ref.kind = "process";
	ref.has_pid = ref.has_start_boot_ns = ref.has_name = 1;
	ref.pid = pid;
	ref.start_boot_ns = start_of(pid);
	ref.name = bytes(detail);
	f.evidence = refs;
	f.n_evidence = 1;
	put(w, &m);
}

/* Pages of data, zero, and others, and one gap, over the System RAM. */
static void put_memory(struct writer *w)
{
	static uint8_t data[PAGE];
	Icecore__V1__PageRun one = ICECORE__V1__PAGE_RUN__INIT,
			     rest = ICECORE__V1__PAGE_RUN__INIT;
	Icecore__V1__PageRun *runs[] = { &one, &rest };
	Icecore__V1__MemoryExtent x = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__Record m = RECORD(memory_extent, MEMORY_EXTENT, &x);
	struct iovec bulk = { data, sizeof(data) };
	struct record r = { &m, &bulk, 1 };

	memset(data, 0x5a, sizeof(data));
	one.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA;
	one.bytes = PAGE;
	rest.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO;
	rest.bytes = (EXTENT_PAGES - 1) * PAGE;
	x.runs = runs;
	x.n_runs = 2;
	x.source = ICECORE__V1__MEMORY_SOURCE__MEMORY_SOURCE_BPF;
	for (uint64_t i = 0; i < EXTENTS; i++) {
		x.start = 0x100000 + i * EXTENT_PAGES * PAGE;
		x.read_start_ns = 40000000000ULL + i * 1000000;
		x.read_end_ns = x.read_start_ns + 500000;
		MUST(writer_put(w, &r, &e));
	}
}

static void put_gap(struct writer *w, const char *what, const char *reason)
{
	Icecore__V1__Gap g = ICECORE__V1__GAP__INIT;

	g.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	g.what = (char *)(uintptr_t)what;
	g.reason = (char *)(uintptr_t)reason;
	MUST(writer_gap(w, &g, &e));
}

static void put_many(struct writer *w)
{
	put_processes(w);
	put_sockets(w);
	put_events(w);
	for (uint32_t i = 0; i < 40; i++)
		put_finding(w, "a made process does what no process should",
			"made", 100 + i * 13);
	put_gap(w, "argv of 77", "over its budget");
	put_memory(w);
}

static const char *const hostile[] = {
	"<script>alert(1)</script>",
	"</script><script>alert(2)</script>",
	"<!--<script>",
	"]]><img src=x onerror=alert(3)>",
	"\xe2\x80\xaegpj.exe\xe2\x81\xa6",
	"line\xe2\x80\xa8separator\xe2\x80\xa9",
	"\xff\xfe\xc0\xafinvalid",
	"\"'`${alert(4)}\\u003cb\\n",
	"javascript:alert(5)",
	"\\x3cscript\\x3e \\+99999",
	"__proto__",
	"\x1b]0;title\x07\r\n\t",
	"constructor",
	"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
};

static void put_binary(struct writer *w, const char *text, uint32_t pid)
{
	Icecore__V1__Binary b = ICECORE__V1__BINARY__INIT;
	Icecore__V1__BinaryReason why = ICECORE__V1__BINARY_REASON__INIT,
				  *reasons[] = { &why };
	Icecore__V1__BinaryUse use = ICECORE__V1__BINARY_USE__INIT,
			       *uses[] = { &use };
	Icecore__V1__Record m = RECORD(binary, BINARY, &b);
	ProtobufCBinaryData path = bytes(text);

	b.paths = &path;
	b.n_paths = 1;
	b.has_score = 1;
	b.score = 80;
	why.rule = why.sentence = (char *)(uintptr_t)text;
	why.has_weight = 1;
	why.weight = 80;
	b.reasons = reasons;
	b.n_reasons = 1;
	use.has_pid = use.has_start_boot_ns = use.has_how = 1;
	use.pid = pid;
	use.start_boot_ns = start_of(pid);
	use.how = ICECORE__V1__BINARY_HOW__BINARY_HOW_EXE;
	b.uses = uses;
	b.n_uses = 1;
	put(w, &m);
}

static void put_module(struct writer *w, const char *text)
{
	Icecore__V1__KernelModule k = ICECORE__V1__KERNEL_MODULE__INIT;
	Icecore__V1__Record m = RECORD(kernel_module, KERNEL_MODULE, &k);

	k.has_name = k.has_seen_by = k.has_asked = 1;
	k.name = bytes(text);
	k.seen_by = 1;
	k.asked = 127;
	put(w, &m);
}

static void put_event(struct writer *w, const char *text, uint32_t pid)
{
	Icecore__V1__EventExec x = ICECORE__V1__EVENT_EXEC__INIT;
	Icecore__V1__Event ev = ICECORE__V1__EVENT__INIT, *list[] = { &ev };
	Icecore__V1__Events events = ICECORE__V1__EVENTS__INIT;
	Icecore__V1__Record m = RECORD(events, EVENTS, &events);

	ev.has_boot_ns = ev.has_kind = ev.has_pid = ev.has_comm = 1;
	ev.boot_ns = start_of(pid);
	ev.kind = ICECORE__V1__EVENT_KIND__EVENT_KIND_EXEC;
	ev.pid = pid;
	ev.comm = bytes(text);
	ev.what_case = ICECORE__V1__EVENT__WHAT_EXEC;
	ev.exec = &x;
	x.has_filename = 1;
	x.filename = bytes(text);
	events.events = list;
	events.n_events = 1;
	put(w, &m);
}

/* A NUL inside, a very long argument, and an ancestor that is a descendant. */
static void put_odd_processes(struct writer *w)
{
	static char big[LONG_BYTES + 1];
	struct names n = { .comm = { 3, (uint8_t *)(uintptr_t) "a\0b" },
		.exe = bytes("/bin/nul"),
		.cwd = bytes("/"),
		.argc = 3 };

	memset(big, 'A', LONG_BYTES);
	memcpy(big, "<b>long</b>", 11);
	n.argv[0] = bytes("/bin/long");
	n.argv[1] = bytes(big);
	n.argv[2] = bytes("");
	put_process(w, 500, 501, &n);
	put_process(w, 501, 500, &n);
}

static void put_hostile(struct writer *w)
{
	for (uint32_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const char *s = hostile[i];
		struct names n = { bytes(s), bytes(s), bytes(s),
			{ bytes(s), bytes(s), bytes(s) }, 3 };

		put_process(w, 100 + i, 1, &n);
		put_binary(w, s, 100 + i);
		put_module(w, s);
		put_event(w, s, 100 + i);
		put_finding(w, s, s, 100 + i);
		put_gap(w, s, s);
	}
	put_odd_processes(w);
	put_memory(w);
}

static void make(const char *dir, const struct age_recipient *to,
	void (*fill)(struct writer *w), const char *case_name)
{
	const struct sink_place place = {
		.case_name = "case", .host = "host", .capture = "made"
	};
	struct courier_config courier = { .patience_ns = COURIER_FOREVER };
	Icecore__V1__Beginning b = ICECORE__V1__BEGINNING__INIT;
	Icecore__V1__Host host = ICECORE__V1__HOST__INIT;
	Icecore__V1__Clock clock = ICECORE__V1__CLOCK__INIT;
	Icecore__V1__Range ram = ICECORE__V1__RANGE__INIT, *rams[] = { &ram };
	struct stream_config config = { .recipients = to,
		.recipients_n = 1,
		.capture_id = "made",
		.buffers = 2,
		.uploaders = 1,
		.level = 1 };
	struct stream *s = NULL;
	struct writer *w = NULL;

	MUST(sink_open(&courier.sink, dir, &place, NULL, &e));
	MUST(courier_new(&config.courier, &courier, &e));
	b.case_name = (char *)(uintptr_t)case_name;
	b.trigger = b.case_name;
	b.host = &host;
	host.name = b.case_name;
	b.clock = &clock;
	clock.realtime_ns = 1767225600000000000ULL;
	clock.boottime_ns = clock.monotonic_ns = 50000000000ULL;
	ram.start = 0x100000;
	ram.end = ram.start + EXTENTS * EXTENT_PAGES * PAGE;
	b.system_ram = rams;
	b.n_system_ram = 1;
	MUST(stream_open(&s, &config, &b, &e));
	MUST(stream_writer(&w, s, &e));
	fill(w);
	MUST(writer_close(w, &e));
	MUST(stream_finish(s, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE, "", &e));
	stream_free(s);
	courier_free(config.courier);
	sink_close(courier.sink);
}

int main(int argc, char **argv)
{
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	bool many = argc == 4 && strcmp(argv[3], "many") == 0;

	if (argc != 4 || (!many && strcmp(argv[3], "hostile") != 0)) {
		(void)fputs(
			"usage: made_evidence KEY DIR many|hostile\n", stderr);
		return 2;
	}
	MUST(lab_keys_load(&keys, argv[1], &e));
	make(argv[2], &keys.v[0].recipient, many ? put_many : put_hostile,
		many ? "many" : hostile[0]);
	return 0;
}
