// SPDX-License-Identifier: Apache-2.0
/* Code that was written over: the dispatcher of system calls, and the first
 * bytes of functions that rootkits like. */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "kernel/hook_internal.h"
#include "kernel/x86.h"

enum {
	CODE_BYTES = 64 << 10, /* of one function */
	START_BYTES = 32,
	SYSCALLS_MAX = 1024,
};

static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };

/* The table goes as far as the next symbol. */
static int walk_table(struct hook_walk *w, const char *name, struct err *e)
{
	const struct symbol *s = symbols_find(&w->state->symbols, name);
	AUTO_FREE uint64_t *table = calloc(SYSCALLS_MAX, sizeof(*table));
	size_t n;
	int r = 0;

	if (!table)
		return err_set(e, -ENOMEM, "no memory for system calls");
	n = (s->end - s->address) / sizeof(*table);
	if (!s->end || n > SYSCALLS_MAX)
		n = SYSCALLS_MAX;
	if (peek_read(w->state->peek, table, s->address, n * sizeof(*table)) < 0)
		return err_set(e, -EFAULT, "nothing at %s", name);
	for (size_t i = 0; r == 0 && i < n; i++) {
		char slot[HOOK_SLOT_CHARS];

		(void)snprintf(slot, sizeof(slot), "%s[%zu]", name, i);
		r = hook_add(
			w, slot, s->address + i * sizeof(*table), table[i], e);
	}
	return r;
}

int hook_walk_syscalls(struct hook_walk *w, struct err *e)
{
	static const char *const names[] = { "sys_call_table",
		"ia32_sys_call_table", "x32_sys_call_table" };
	int r = hook_symbol(w, names[0], e) ? 0 : -ENOENT;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(names); i++)
		if (symbols_address(&w->state->symbols, names[i]))
			r = walk_table(w, names[i], e);
	return r;
}

/* Every call and jump of a function that leaves it. */
static int walk_function(struct hook_walk *w, const char *name, struct err *e)
{
	const struct symbol *s = symbols_find(&w->state->symbols, name);
	size_t len = s->end - s->address, at = 0;
	AUTO_FREE uint8_t *code = calloc(1, CODE_BYTES);
	int r = 0;

	if (!code)
		return err_set(e, -ENOMEM, "no memory for code");
	if (!s->end || len > CODE_BYTES)
		len = CODE_BYTES;
	if (peek_read(w->state->peek, code, s->address, len) < 0)
		return err_set(e, -EFAULT, "nothing at %s", name);
	while (r == 0 && at < len) {
		uint64_t here = s->address + at, target;
		char slot[HOOK_SLOT_CHARS];
		struct x86 x;

		if (!x86_decode(&x, code + at, len - at))
			return err_set(e, -EOPNOTSUPP,
				"%s: an instruction that is not known at +%zu of %zu",
				name, at, len);
		at += x.len;
		target = here + x.len + (uint64_t)x.distance;
		if (!x.leaves || target - s->address < len)
			continue;
		(void)snprintf(slot, sizeof(slot), "%s+%#zx", name, at - x.len);
		r = hook_add(w, slot, here, target, e);
	}
	return r;
}

/* x64_sys_call() came with 6.9, and to the stable kernels with it:
 * 1e3ad78334a6 ("x86/syscall: Don't force use of indirect calls for system
 * calls").  Before it the table was all there is. */
int hook_walk_dispatcher(struct hook_walk *w, struct err *e)
{
	static const char *const names[] = { "x64_sys_call", "ia32_sys_call",
		"x32_sys_call" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(names); i++)
		if (symbols_address(&w->state->symbols, names[i]))
			r = walk_function(w, names[i], e);
	return r;
}

static const char *const starts[] = { "__x64_sys_getdents64",
	"__x64_sys_getdents", "__x64_sys_kill", "__x64_sys_read",
	"__x64_sys_openat", "__x64_sys_bpf", "__x64_sys_init_module",
	"__x64_sys_finit_module", "__x64_sys_execve", "__x64_sys_recvmsg",
	"do_syscall_64", "x64_sys_call", "filldir64", "filldir", "iterate_dir",
	"tcp4_seq_show", "tcp6_seq_show", "udp4_seq_show", "udp6_seq_show",
	"unix_seq_show", "proc_pid_readdir", "proc_readdir_de", "m_show",
	"s_show", "vfs_read", "vfs_statx", "ip_rcv", "packet_rcv",
	"tpacket_rcv", "commit_creds", "audit_log_start", "find_task_by_vpid",
	"find_ge_pid", "next_tgid", "sock_diag_rcv_msg", "inet_sk_diag_fill",
	"tty_read", "input_event" };

/*
 * ftrace writes a call of its own, or five bytes of nothing, behind endbr; a
 * jump there is nobody's of the kernel.  A breakpoint is a kprobe's, or is
 * there while ftrace writes.
 */
static int walk_start(struct hook_walk *w, const char *name, struct err *e)
{
	uint64_t at = symbols_address(&w->state->symbols, name), target = 0;
	uint8_t code[START_BYTES];
	size_t skip = 0;
	struct x86 x;

	if (peek_read(w->state->peek, code, at, sizeof(code)) < 0)
		return err_set(e, -EFAULT, "nothing at %s", name);
	if (memcmp(code, endbr, sizeof(endbr)) == 0)
		skip = sizeof(endbr);
	/* jmp or call, and jmp to an absolute address that lies behind it */
	if (x86_decode(&x, code + skip, sizeof(code) - skip) && x.leaves)
		target = at + skip + x.len + (uint64_t)x.distance;
	else if (code[skip] == 0x48 && code[skip + 1] == 0xb8 &&
		 code[skip + 10] == 0xff)
		memcpy(&target, code + skip + 2, sizeof(target));
	else if (code[skip] == 0xff && code[skip + 1] == 0x25 &&
		 num_le32(code + skip + 2) == 0)
		memcpy(&target, code + skip + 6, sizeof(target));
	return hook_add(w, name, at + skip, target, e);
}

const char *hook_start_symbol(size_t i)
{
	return i < ARRAY_LEN(starts) ? starts[i] : NULL;
}

int hook_walk_starts(struct hook_walk *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(starts); i++)
		if (symbols_address(&w->state->symbols, starts[i]))
			r = walk_start(w, starts[i], e);
	return r;
}
