// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's own state, by as many views as there are, and where they do not
 * agree.  It runs while the host does: what comes or goes meanwhile must not
 * look like a lie, so each difference is looked at again before it is one.
 */
#include <errno.h>

#include "base/err.h"
#include "collect/collector_internal.h"
#include "collect/integrity_internal.h"
#include "kernel/state.h"
#include "stream/writer.h"

int integrity_gap(struct integrity *it, const char *what, const char *reason,
	struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)reason;
	return writer_gap(it->w, &gap, e);
}

/* One gap for all that hangs on the kernel's memory. */
static int put_blindness(struct integrity *it, struct err *e)
{
	const struct kstate *s = it->state;
	struct err why = { 0 };
	int r = 0;

	if (!s->peek) {
		(void)err_set(&why, -EPERM, "bpf: %.300s; kcore: %.300s",
			s->peek_why[PEEK_BPF].msg, s->peek_why[PEEK_KCORE].msg);
		r = integrity_gap(it, "the kernel's memory", why.msg, e);
	}
	if (r == 0 && !s->layout)
		r = integrity_gap(it, "the kernel's types", s->layout_why.msg, e);
	if (r == 0 && (!s->symbols.lines || s->symbols.hidden))
		r = integrity_gap(it, "the kernel's symbols",
			s->symbols_why.msg[0]
				? s->symbols_why.msg
				: "all addresses are 0 (kernel.kptr_restrict)",
			e);
	return r;
}

static const struct {
	const char *name;
	int (*run)(struct integrity *it, struct err *e);
} parts[] = {
	{ "modules", integrity_modules },
	{ "hooks", integrity_hooks },
	{ "BPF objects", integrity_bpf },
	{ "directories", integrity_directories },
	{ "facts", integrity_facts },
	{ "mounts", integrity_mounts },
	{ "sessions", integrity_sessions },
};

static unsigned ways(unsigned leave_out)
{
	unsigned without = 0;

	if (leave_out & COLLECT_NO_PEEK_BPF)
		without |= KSTATE_WITHOUT_BPF;
	if (leave_out & COLLECT_NO_PEEK_KCORE)
		without |= KSTATE_WITHOUT_KCORE;
	return without;
}

static int integrity_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct integrity it = { .env = env, .w = w };
	int r = kstate_open(&it.state, ways(env->leave_out), e);

	if (r == 0)
		r = kstate_modules(it.state, e);
	if (r == 0)
		r = put_blindness(&it, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(parts); i++) {
		if (*env->interrupted) {
			r = integrity_gap(&it, parts[i].name, "interrupted", e);
			r = r < 0 ? r : 1;
			break;
		}
		r = parts[i].run(&it, e);
	}
	kstate_close(it.state);
	return r;
}

const struct collector collector_integrity = {
	.name = "integrity",
	.title = "the kernel's own state, and where views of it differ",
	.run = integrity_run,
};
