// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>

#include "kernel/hook.h"
#include "kernel/layout.h"
#include "kernel/state.h"

static const char kallsyms_path[] = "/proc/kallsyms";

/* Everything that is walked, or compared with. */
static const char *const wanted[] = {
	"_text",
	"_stext",
	"_etext",
	"_end",
	"modules",
	"mod_tree",
	"module_kset",
	"vmap_area_list",
	"vmap_nodes",
	"nr_vmap_nodes",
	"load_module",
	"move_module",
	"layout_and_allocate",
	"module_memory_alloc",
	"sys_call_table",
	"ia32_sys_call_table",
	"x32_sys_call_table",
	"ia32_sys_call",
	"x32_sys_call",
	"ftrace_ops_list",
	"ftrace_list_end",
	"kprobe_table",
	"__start___tracepoints_ptrs",
	"__stop___tracepoints_ptrs",
	"security_hook_heads",
	"static_calls_table",
	"super_blocks",
	"proc_root",
	"init_net",
	"net_namespace_list",
	"prog_idr",
	"map_idr",
	"link_idr",
	"__bpf_call_base",
	"bpf_probe_write_user",
	"bpf_override_return",
	"bpf_send_signal",
	"bpf_send_signal_thread",
};

static void want(struct kstate *s, const char *name)
{
	assert(s->symbols.wanted_n < KSTATE_WANTED_MAX);
	s->wanted[s->symbols.wanted_n++].name = name;
}

static void open_peek(struct kstate *s, unsigned without)
{
	for (int kind = 0; kind < PEEK_KINDS && !s->peek; kind++) {
		struct err *why = &s->peek_why[kind];

		if (without >> kind & 1)
			(void)err_set(why, -EPERM, "left out");
		else if (peek_open(&s->peek, kind, why) < 0)
			s->peek = NULL;
	}
}

int kstate_open(struct kstate **ret, unsigned without, struct err *e)
{
	struct kstate *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for the kernel's state");
	r = kmodules_init(&s->modules, e);
	if (r < 0) {
		kstate_close(s);
		return r;
	}
	s->symbols.wanted = s->wanted;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		want(s, wanted[i]);
	for (size_t i = 0; hook_operations_symbol(i); i++)
		want(s, hook_operations_symbol(i));
	for (size_t i = 0; hook_start_symbol(i); i++)
		want(s, hook_start_symbol(i));
	open_peek(s, without);
	if (layout_open(&s->layout, &s->layout_why) < 0)
		s->layout = NULL;
	*ret = s;
	return 0;
}

void kstate_close(struct kstate *s)
{
	if (!s)
		return;
	peek_close(s->peek);
	layout_close(s->layout);
	symbols_done(&s->symbols);
	kmodules_done(&s->modules);
	free(s);
}

/* What was seen goes to ${before}, whose room is seen into next. */
static int keep(struct kmodules *before, struct kmodules *now, struct err *e)
{
	struct kmodules was = *before;
	int r = was.v ? 0 : kmodules_init(&was, e);

	if (r < 0)
		return r;
	*before = *now;
	*now = was;
	return 0;
}

int kstate_modules(struct kstate *s, struct err *e)
{
	const struct kmodule_places places = {
		.proc = "/proc/modules",
		.sysfs = "/sys/module",
		.symbols = &s->symbols,
		.peek = s->peek,
		.layout = s->layout,
	};
	struct kmodules before = { 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < KSTATE_TRIES; i++) {
		for (size_t n = 0; n < s->symbols.wanted_n; n++)
			s->wanted[n].address = s->wanted[n].end = 0;
		if (symbols_scan(&s->symbols, kallsyms_path, &s->symbols_why) < 0)
			s->symbols.lines = 0;
		r = kmodules_see(&s->modules, &places, e);
		if (r < 0 || !kmodules_compare(&s->modules, i ? &before : NULL))
			break;
		if (i + 1 < KSTATE_TRIES)
			r = keep(&before, &s->modules, e);
	}
	kmodules_done(&before);
	text_init(&s->text, &s->symbols, &s->modules);
	return r;
}
