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
	[RULE_FILE_HIDDEN_FROM_PROC] = { "file.hidden-from-proc", SEV(CRITICAL),
		"T1564", "a file is open that /proc does not tell" },
	[RULE_SOCKET_HIDDEN_FROM_LISTS] = { "socket.hidden-from-lists",
		SEV(CRITICAL), "T1014",
		"there is a socket that is missing from the kernel's own lists" },
	[RULE_SOCKET_HIDDEN_FROM_PROC] = { "socket.hidden-from-proc",
		SEV(CRITICAL), "T1564",
		"there is a socket that /proc/net does not tell" },
	[RULE_SOCKET_HIDDEN_FROM_DIAG] = { "socket.hidden-from-diag",
		SEV(CRITICAL), "T1564",
		"there is a socket that sock_diag does not tell" },
	[RULE_NETLINK_REWRITTEN] = { "netlink.reply-rewritten", SEV(CRITICAL),
		"T1014", "an answer of netlink is not as the kernel makes it" },
	[RULE_PACKET_FILTER_MAGIC] = { "socket.packet-filter-magic", SEV(HIGH),
		"T1205.002",
		"a filter on a socket waits for a magic number in the data of packets" },
	[RULE_INTERFACE_PROMISCUOUS] = { "interface.promiscuous", SEV(LOW),
		"T1040", "an interface takes the packets of others, too" },
};

const struct rule *rule_of(enum rule_id id)
{
	assert(id < RULES);
	return &rules[id];
}
