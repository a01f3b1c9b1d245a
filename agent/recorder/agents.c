// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "bpf/recorder.h"
#include "recorder/agents.h"

static const char *const names[] = {
	"icecore",
	"auditd",
	"aide",
	"amazon-guarddut",
	"aws-guardduty-a",
	"cbagentd",
	"cbdaemon",
	"clamd",
	"ds_agent",
	"ds_am",
	"elastic-agent",
	"elastic-endpoin",
	"falco",
	"falcon-sensor",
	"falcond",
	"fail2ban-server",
	"filebeat",
	"fluent-bit",
	"fluentd",
	"journald",
	"kunai",
	"mdatp",
	"mdatp_audisp_pl",
	"nessusd",
	"ossec-analysisd",
	"ossec-logcollec",
	"ossec-syscheckd",
	"osqueryd",
	"qualys-cloud-ag",
	"rsyslogd",
	"s1-agent",
	"samhain",
	"sentinelone-age",
	"suricata",
	"sysdig",
	"sysmon",
	"syslog-ng",
	"systemd-journal",
	"taniumclient",
	"TaniumClient",
	"telemetryd_v2",
	"tetragon",
	"tracee",
	"velociraptor",
	"vector",
	"wazuh-agentd",
	"wazuh-execd",
	"wazuh-logcollec",
	"wazuh-modulesd",
	"wazuh-syscheckd",
	"wdavdaemon",
	"xagt",
	"zeek",
};

_Static_assert(ARRAY_LEN(names) <= RECORDER_AGENTS_MAX, "room for all");

int agents_name(struct bpf_object *o, struct err *e)
{
	struct bpf_map *m = bpf_object__find_map_by_name(o, "recorder_agents");
	uint8_t yes = 1;

	for (size_t i = 0; m && i < ARRAY_LEN(names); i++) {
		char key[RECORDER_COMM_BYTES] = { 0 };
		size_t len = strnlen(names[i], sizeof(key) - 1);

		memcpy(key, names[i], len);
		if (bpf_map__update_elem(m, key, sizeof(key), &yes, sizeof(yes),
			    BPF_ANY) < 0)
			return err_sys(e, "name %s", names[i]);
	}
	return 0;
}
