/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of rules: what each says, how bad that is, and which technique of
 * MITRE ATT&CK it is a sign of.
 */
#ifndef COLLECT_RULES_H
#define COLLECT_RULES_H

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

/* In the order of the table in rules.c. */
enum rule_id {
	RULE_KERNEL_THREAD_LOOKALIKE,
	RULE_EXE_MEMFD,
	RULE_EXE_DELETED,
	RULE_CODE_CHANGED,
	RULE_CODE_IN_MEMFD,
	RULE_STACK_OR_HEAP_EXECUTABLE,
	RULE_MAPPING_HIDDEN,
	RULE_TASK_HIDDEN_FROM_PROC,
	RULE_TASK_HIDDEN_FROM_KERNEL_LIST,
	RULE_MODULE_HIDDEN,
	RULE_MODULE_ONLY_IN_KALLSYMS,
	RULE_DIRENTS_REWRITTEN,
	RULE_HOOK_SYSCALL_TABLE,
	RULE_HOOK_SYSCALL_DISPATCHER,
	RULE_HOOK_FUNCTION_START,
	RULE_HOOK_FTRACE,
	RULE_HOOK_KPROBE,
	RULE_HOOK_TRACEPOINT,
	RULE_HOOK_OPERATIONS,
	RULE_HOOK_NETFILTER,
	RULE_HOOK_LSM,
	RULE_BPF_HIDDEN,
	RULE_BPF_WRITES_USER_MEMORY,
	RULE_BPF_OVERRIDES_RETURN,
	RULE_CORE_PATTERN,
	RULE_USERMODE_HELPER,
	RULE_LOGIN_CHANGED,
	RULE_SETUID_CHANGED,
	RULE_KMOD_CHANGED,
	RULE_CODE_CHANGED_ON_DISK,
	RULE_SCRIPT_CHANGED,
	RULE_DATA_CHANGED,
	RULE_CODE_MISSING,
	RULE_LOGIN_UNOWNED,
	RULE_SETUID_UNOWNED,
	RULE_KMOD_UNOWNED,
	RULE_CODE_UNOWNED,
	RULE_CODE_LOCAL,
	RULE_CODE_TEMPORARY,
	RULES,
};

struct rule {
	const char *id; /* KIND.WHAT */
	Icecore__V1__Severity severity;
	const char *technique;
	const char *sentence; /* one, without its full stop */
};

/*
 * rule_of(id):
 * Its line of the table.
 */
const struct rule *rule_of(enum rule_id id);

#endif
