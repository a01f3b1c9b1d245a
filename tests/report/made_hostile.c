// SPDX-License-Identifier: Apache-2.0
/* Names of a host that want to be markup, script, or another text. */
#include "report/made.h"

/* Of an argument: the head of a record has 1 MiB. */
enum { LONG_BYTES = 900000 };

const char made_hostile_name[] = "<script>alert(1)</script>";

static const char *const hostile[] = {
	made_hostile_name,
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
	ProtobufCBinaryData path = made_bytes(text);

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
	use.start_boot_ns = made_start(pid);
	use.how = ICECORE__V1__BINARY_HOW__BINARY_HOW_EXE;
	b.uses = uses;
	b.n_uses = 1;
	made_put(w, &m);
}

static void put_module(struct writer *w, const char *text)
{
	Icecore__V1__KernelModule k = ICECORE__V1__KERNEL_MODULE__INIT;
	Icecore__V1__Record m = RECORD(kernel_module, KERNEL_MODULE, &k);

	k.has_name = k.has_seen_by = k.has_asked = 1;
	k.name = made_bytes(text);
	k.seen_by = 1;
	k.asked = 127;
	made_put(w, &m);
}

static void put_event(struct writer *w, const char *text, uint32_t pid)
{
	Icecore__V1__EventExec x = ICECORE__V1__EVENT_EXEC__INIT;
	Icecore__V1__Event ev = ICECORE__V1__EVENT__INIT, *list[] = { &ev };
	Icecore__V1__Events events = ICECORE__V1__EVENTS__INIT;
	Icecore__V1__Record m = RECORD(events, EVENTS, &events);

	ev.has_boot_ns = ev.has_kind = ev.has_pid = ev.has_comm = 1;
	ev.boot_ns = made_start(pid);
	ev.kind = ICECORE__V1__EVENT_KIND__EVENT_KIND_EXEC;
	ev.pid = pid;
	ev.comm = made_bytes(text);
	ev.what_case = ICECORE__V1__EVENT__WHAT_EXEC;
	ev.exec = &x;
	x.has_filename = 1;
	x.filename = made_bytes(text);
	events.events = list;
	events.n_events = 1;
	made_put(w, &m);
}

/* A NUL inside, a very long argument, and an ancestor that is a descendant. */
static void put_odd_processes(struct writer *w)
{
	static char big[LONG_BYTES + 1];
	struct names n = { .comm = { 3, (uint8_t *)(uintptr_t) "a\0b" },
		.exe = made_bytes("/bin/nul"),
		.cwd = made_bytes("/"),
		.argc = 3 };

	memset(big, 'A', LONG_BYTES);
	memcpy(big, "<b>long</b>", 11);
	n.argv[0] = made_bytes("/bin/long");
	n.argv[1] = made_bytes(big);
	n.argv[2] = made_bytes("");
	made_process(w, 500, 501, &n);
	made_process(w, 501, 500, &n);
}

void made_hostile(struct writer *w)
{
	for (uint32_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const char *s = hostile[i];
		struct names n = { made_bytes(s), made_bytes(s), made_bytes(s),
			{ made_bytes(s), made_bytes(s), made_bytes(s) }, 3 };

		made_process(w, 100 + i, 1, &n);
		put_binary(w, s, 100 + i);
		put_module(w, s);
		put_event(w, s, 100 + i);
		made_finding(w, s, s, 100 + i);
		made_gap(w, s, s);
	}
	put_odd_processes(w);
	made_memory(w);
}
