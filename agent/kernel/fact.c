// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "kernel/fact.h"

#define SYSCTL(name)                                                           \
	{                                                                      \
		name, "/proc/sys/" name, FACT_PLAIN                            \
	}

const struct fact_place fact_places[] = {
	{ "tainted", "/proc/sys/kernel/tainted", FACT_TAINT },
	{ "core_pattern", "/proc/sys/kernel/core_pattern", FACT_CORE_PATTERN },
	{ "modprobe", "/proc/sys/kernel/modprobe", FACT_HELPER },
	{ "uevent_helper", "/sys/kernel/uevent_helper", FACT_HELPER },
	{ "poweroff_cmd", "/proc/sys/kernel/poweroff_cmd", FACT_HELPER },
	{ "cmdline", "/proc/cmdline", FACT_PLAIN },
	{ "version", "/proc/version", FACT_PLAIN },
	{ "lockdown", "/sys/kernel/security/lockdown", FACT_PLAIN },
	{ "lsm", "/sys/kernel/security/lsm", FACT_PLAIN },
	{ "secure_boot",
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		FACT_PLAIN },
	{ "keys", "/proc/keys", FACT_PLAIN },
	{ "clocksource",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
		FACT_PLAIN },
	{ "filesystems", "/proc/filesystems", FACT_PLAIN },
	{ "binfmt_misc", "/proc/sys/fs/binfmt_misc/status", FACT_PLAIN },
	{ "vmallocinfo", "/proc/vmallocinfo", FACT_PLAIN },
	{ "enabled_functions", "/sys/kernel/tracing/enabled_functions",
		FACT_PLAIN },
	{ "touched_functions", "/sys/kernel/tracing/touched_functions",
		FACT_PLAIN },
	{ "kprobe_events", "/sys/kernel/tracing/kprobe_events", FACT_PLAIN },
	{ "uprobe_events", "/sys/kernel/tracing/uprobe_events", FACT_PLAIN },
	{ "kprobes", "/sys/kernel/debug/kprobes/list", FACT_PLAIN },
	SYSCTL("kernel/modules_disabled"),
	SYSCTL("kernel/kexec_load_disabled"),
	SYSCTL("kernel/kptr_restrict"),
	SYSCTL("kernel/dmesg_restrict"),
	SYSCTL("kernel/perf_event_paranoid"),
	SYSCTL("kernel/unprivileged_bpf_disabled"),
	SYSCTL("kernel/randomize_va_space"),
	SYSCTL("kernel/ftrace_enabled"),
	SYSCTL("kernel/sysrq"),
	SYSCTL("kernel/io_uring_disabled"),
	SYSCTL("kernel/unprivileged_userns_clone"),
	SYSCTL("kernel/yama/ptrace_scope"),
	SYSCTL("kernel/usermodehelper/bset"),
	SYSCTL("user/max_user_namespaces"),
	SYSCTL("fs/suid_dumpable"),
	SYSCTL("fs/protected_symlinks"),
	SYSCTL("fs/protected_hardlinks"),
	SYSCTL("vm/mmap_min_addr"),
	SYSCTL("vm/unprivileged_userfaultfd"),
	SYSCTL("net/core/bpf_jit_enable"),
	SYSCTL("net/core/bpf_jit_harden"),
	SYSCTL("net/ipv4/ip_forward"),
	SYSCTL("net/ipv6/conf/all/forwarding"),
	{ 0 },
};

/* Without what lies behind the first line, and blanks at its end. */
static size_t line_bytes(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	len = end ? (size_t)(end - text) : len;
	while (len && (text[len - 1] == ' ' || text[len - 1] == 0))
		len--;
	return len;
}

size_t fact_taint(const char *ret[FACT_MEANINGS_MAX], const char *text, size_t len)
{
	static const char *const bits[] = { "proprietary module",
		"module was force loaded", "unsupported processor",
		"module was force unloaded", "machine check", "bad page",
		"requested by user space", "died", "ACPI table overridden",
		"warning", "staging driver", "firmware bug worked around",
		"out-of-tree module", "unsigned module", "soft lockup",
		"live patched", "auxiliary", "struct randomization",
		"in-kernel test" };
	char digits[24];
	uint64_t v = 0;
	size_t n = 0;

	(void)snprintf(digits, sizeof(digits), "%.*s",
		(int)(len < sizeof(digits) ? line_bytes(text, len) : 0), text);
	if (num_u64(&v, digits, NULL) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (v >> i & 1)
			ret[n++] = bits[i];
	return n;
}

int fact_program(char ret[FACT_PATH_CHARS], enum fact_role role,
	const char *text, size_t len)
{
	size_t n = 0;

	len = line_bytes(text, len);
	if (role == FACT_CORE_PATTERN) {
		if (!len || text[0] != '|')
			return -ENOENT;
		text++;
		len--;
	} else if (role != FACT_HELPER) {
		return -ENOENT;
	}
	while (n < len && text[n] != ' ' && text[n] != 0)
		n++;
	if (!n || text[0] != '/' || n >= FACT_PATH_CHARS)
		return -ENOENT;
	memcpy(ret, text, n);
	ret[n] = 0;
	return 0;
}

const char *fact_program_trouble(const char *path)
{
	char part[FACT_PATH_CHARS];
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	/* The program itself, and each directory that it lies in. */
	for (size_t n = strlen(path); n && n < sizeof(part); n--) {
		if (path[n] && path[n] != '/')
			continue;
		memcpy(part, path, n);
		part[n] = 0;
		if (stat(part, &st) < 0)
			return NULL;
		if (st.st_uid != 0)
			return "its owner is not root";
		if (st.st_mode & 022 && !(st.st_mode & S_ISVTX))
			return "others than its owner may write to it";
	}
	return NULL;
}
