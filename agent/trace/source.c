// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "trace/trace_internal.h"

#define PATTERNS (const char *const[])
#define HOMES	 "~" /* see trace_homes() */

const struct trace_source trace_sources[] = {
	{ "journal",
		PATTERNS{ "/{var,run}/log/journal/*/*.journal",
			"/{var,run}/log/journal/*/*.journal~", NULL },
		NULL, NULL, trace_journal },
	{ "wtmp", PATTERNS{ "/var/log/wtmp*", NULL }, NULL, NULL, trace_utmp },
	{ "btmp", PATTERNS{ "/var/log/btmp*", NULL }, NULL, NULL, trace_utmp },
	{ "utmp", PATTERNS{ "/{var/,}run/utmp", NULL }, NULL, NULL, trace_utmp },
	{ "lastlog", PATTERNS{ "/var/log/lastlog", NULL }, NULL, NULL,
		trace_lastlog },
	/* Anybody may fill the others: who logged in has room of its own. */
	{ "syslog", PATTERNS{ "/var/log/@(auth.log|secure)?([.-]*)", NULL },
		trace_syslog, NULL, NULL },
	{ "syslog",
		PATTERNS{ "/var/log/@(syslog|messages|kern.log|"
			  "cron|cron.log|daemon.log|user.log|debug)?([.-]*)",
			NULL },
		trace_syslog, NULL, NULL },
	{ "audit", PATTERNS{ "/var/log/audit/audit.log*", NULL }, trace_audit,
		trace_audit_end, NULL },
	{ "history",
		PATTERNS{ HOMES "/.@(bash|zsh|ksh|sh|ash|python|mysql|psql|sqlite|"
				"node_repl|rediscli|lua)_history",
			HOMES "/.@(history|zhistory)",
			HOMES "/.local/share/fish/fish_history", NULL },
		trace_history, NULL, NULL },
	{ "dpkg", PATTERNS{ "/var/log/dpkg.log*", NULL }, trace_dated, NULL,
		NULL },
	{ "apt", PATTERNS{ "/var/log/apt/history.log*", NULL }, trace_apt, NULL,
		NULL },
	{ "dnf", PATTERNS{ "/var/log/@(yum|dnf|dnf.rpm|dnf5).log*", NULL },
		trace_dated, NULL, NULL },
	{ "cloud-init", PATTERNS{ "/var/log/cloud-init.log*", NULL },
		trace_dated, NULL, NULL },
	{ "agent",
		PATTERNS{ "/var/log/waagent.log*", "/var/log/amazon/ssm/*.log*",
			NULL },
		trace_dated, NULL, NULL },
	{ "container", PATTERNS{ "/var/log/pods/*/*/*.log*", NULL }, trace_cri,
		NULL, NULL },
	{ "container",
		PATTERNS{ "/var/lib/docker/containers/*/*-json.log*", NULL },
		trace_docker, NULL, NULL },
	{ 0 },
};
