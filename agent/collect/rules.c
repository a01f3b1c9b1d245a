// SPDX-License-Identifier: Apache-2.0
#include <assert.h>

#include "collect/rules.h"

#define SEV(name) ICECORE__V1__SEVERITY__SEVERITY_##name

static const struct rule rules[RULES] = {
	[RULE_KERNEL_THREAD_LOOKALIKE] = { "process.kernel-thread-lookalike",
		SEV(HIGH), "T1036.004",
		"a process of a user's calls itself like a kernel thread" },
	[RULE_EXE_MEMFD] = { "process.exe-memfd", SEV(HIGH), "T1620",
		"a process runs from a file that was only ever in memory" },
	[RULE_EXE_DELETED] = { "process.exe-deleted", SEV(MEDIUM), "T1070.004",
		"a process runs from a file that was deleted" },
	[RULE_CODE_CHANGED] = { "mapping.code-changed", SEV(HIGH), "T1055",
		"code in memory is not as in its file" },
	[RULE_CODE_IN_MEMFD] = { "mapping.code-memfd", SEV(HIGH), "T1620",
		"code was mapped from a file that was only ever in memory" },
	[RULE_STACK_OR_HEAP_EXECUTABLE] = { "mapping.stack-or-heap-executable",
		SEV(MEDIUM), "T1055", "stack or heap of a process is executable" },
	[RULE_MAPPING_HIDDEN] = { "mapping.hidden-from-proc", SEV(CRITICAL),
		"T1564",
		"memory of a process is mapped that /proc does not tell" },
	[RULE_TASK_HIDDEN_FROM_PROC] = { "task.hidden-from-proc", SEV(CRITICAL),
		"T1564", "a task runs that /proc does not tell" },
	[RULE_TASK_HIDDEN_FROM_KERNEL_LIST] = { "task.hidden-from-lists",
		SEV(CRITICAL), "T1014",
		"a task runs that is missing from the kernel's own lists" },
	[RULE_MODULE_HIDDEN] = { "module.hidden", SEV(CRITICAL), "T1014",
		"a kernel module is not told of everywhere it has to be" },
	[RULE_MODULE_ONLY_IN_KALLSYMS] = { "module.only-in-kallsyms",
		SEV(CRITICAL), "T1014",
		"a kernel module has symbols, and is in no list of modules" },
	[RULE_DIRENTS_REWRITTEN] = { "directory.rewritten", SEV(CRITICAL),
		"T1564.001",
		"the names of a directory were changed on their way to the reader" },
	[RULE_HOOK_SYSCALL_TABLE] = { "hook.syscall-table", SEV(CRITICAL),
		"T1014", "a system call does not go to the kernel's own code" },
	[RULE_HOOK_SYSCALL_DISPATCHER] = { "hook.syscall-dispatcher",
		SEV(CRITICAL), "T1014",
		"the dispatcher of system calls leaves the kernel's own code" },
	[RULE_HOOK_FUNCTION_START] = { "hook.function-start", SEV(CRITICAL),
		"T1014",
		"a function of the kernel begins with a jump out of its code" },
	[RULE_HOOK_FTRACE] = { "hook.ftrace-foreign", SEV(HIGH), "T1014",
		"ftrace calls code that is not the kernel's own" },
	[RULE_HOOK_KPROBE] = { "hook.kprobe-foreign", SEV(HIGH), "T1014",
		"a kprobe calls code that is not the kernel's own" },
	[RULE_HOOK_TRACEPOINT] = { "hook.tracepoint-unknown", SEV(HIGH),
		"T1014", "a tracepoint calls code that is nobody's" },
	[RULE_HOOK_OPERATIONS] = { "hook.operations", SEV(CRITICAL), "T1014",
		"a file of /proc is served by code that is not its own" },
	[RULE_HOOK_NETFILTER] = { "hook.netfilter-unknown", SEV(CRITICAL),
		"T1205.002", "netfilter calls code that is nobody's" },
	[RULE_HOOK_LSM] = { "hook.lsm-foreign", SEV(CRITICAL), "T1014",
		"a security hook calls code that is not the kernel's own" },
	[RULE_BPF_HIDDEN] = { "bpf.hidden-from-enumeration", SEV(CRITICAL),
		"T1014", "a BPF object is not told by who enumerates them" },
	[RULE_BPF_WRITES_USER_MEMORY] = { "bpf.writes-user-memory", SEV(HIGH),
		"T1014", "a BPF program can rewrite the memory of processes" },
	[RULE_BPF_OVERRIDES_RETURN] = { "bpf.overrides-return", SEV(HIGH),
		"T1014", "a BPF program can change what the kernel returns" },
	[RULE_CORE_PATTERN] = { "fact.core-pattern", SEV(HIGH), "T1546",
		"a crash runs a program that others than root can replace" },
	[RULE_USERMODE_HELPER] = { "fact.usermode-helper", SEV(HIGH), "T1546",
		"the kernel runs a program that others than root can replace" },
};

const struct rule *rule_of(enum rule_id id)
{
	assert(id < RULES);
	return &rules[id];
}
