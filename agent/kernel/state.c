// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>

#include "kernel/hook.h"
#include "kernel/layout.h"
#include "kernel/state_internal.h"

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

void kstate_want(struct kstate *s, const char *name)
{
	assert(s->symbols.wanted_n < KSTATE_WANTED_MAX);
	s->wanted[s->symbols.wanted_n++].name = name;
}

int kstate_new(struct kstate **ret, const char *kallsyms, struct err *e)
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
	s->kallsyms = kallsyms;
	s->symbols.wanted = s->wanted;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		kstate_want(s, wanted[i]);
	for (size_t i = 0; hook_operations_symbol(i); i++)
		kstate_want(s, hook_operations_symbol(i));
	for (size_t i = 0; hook_start_symbol(i); i++)
		kstate_want(s, hook_start_symbol(i));
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

void kstate_scan(struct kstate *s)
{
	for (size_t n = 0; n < s->symbols.wanted_n; n++)
		s->wanted[n].address = s->wanted[n].end = 0;
	if (symbols_scan(&s->symbols, s->kallsyms, &s->symbols_why) < 0)
		s->symbols.lines = 0;
}

int kstate_captured_modules(struct kstate *s, struct err *e)
{
	const struct kmodule_places places = {
		.symbols = &s->symbols,
		.peek = s->peek,
		.layout = s->layout,
	};
	int r;

	kstate_scan(s);
	r = kmodules_see(&s->modules, &places, e);
	if (r == 0)
		(void)kmodules_compare(&s->modules, NULL);
	text_init(&s->text, &s->symbols, &s->modules);
	return r;
}
