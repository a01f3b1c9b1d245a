// SPDX-License-Identifier: Apache-2.0
/* What container engines, kubelet and cloud agents start. */
#include <stddef.h>

#include "disk/place_internal.h"

const struct place places_container[] = {
	{ "static-pod", "T1543.005", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/kubernetes/manifests/*",
			"/var/lib/rancher/{k3s,rke2}/server/manifests/*",
			"/var/lib/rancher/{k3s,rke2}/agent/pod-manifests/*",
			"/etc/kubelet.d/*",
			"/etc/origin/node/pods/*",
			NULL,
		} },
	{ "kubelet", "T1543.005", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/var/lib/kubelet/{config.yaml,kubeadm-flags.env}",
			"/etc/kubernetes/kubelet*",
			"/etc/rancher/{k3s,rke2}/config.yaml",
			NULL,
		} },
	{ "cni", "T1543", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/cni/net.d/*",
			NULL,
		} },
	{ "cni", "T1543", PLACE_OPAQUE, PLACE_ANYBODY,
		PATTERNS{
			"/opt/cni/bin/*",
			NULL,
		} },
	{ "container-engine", "T1543.005", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/containerd/*.toml",
			"/etc/containerd/conf.d/*",
			"/etc/docker/daemon.json",
			"/etc/crio/crio.conf",
			"/etc/crio/crio.conf.d/*",
			"/etc/containers/*.conf",
			"/etc/containers/*.conf.d/*",
			NULL,
		} },
	{ "container-hook", "T1543.005", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/usr/share}/containers/oci/hooks.d/*",
			"/etc/nri/**",
			"/opt/nri/**",
			"{/etc,/usr/lib}/docker/plugins/*",
			"/run/docker/plugins/*",
			NULL,
		} },
	{ "quadlet", "T1543.005", PLACE_UNIT, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/usr/share}/containers/systemd/**",
			"{/root,/home/*}/.config/containers/systemd/**",
			NULL,
		} },
	{ "container", "T1610", PLACE_CODE, PLACE_EVERYWHERE,
		PATTERNS{
			"/var/lib/docker/containers/*/hostconfig.json",
			NULL,
		} },
	{ "cloud-init", "T1037", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/cloud/cloud.cfg",
			"/etc/cloud/cloud.cfg.d/*",
			"/var/lib/cloud/seed/**",
			NULL,
		} },
	{ "cloud-init", "T1037", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/var/lib/cloud/scripts/per-{boot,instance,once}/*",
			NULL,
		} },
	{ "cloud-init", "T1037", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/var/lib/cloud/instances/*/{user-data.txt,vendor-data.txt}",
			"/var/lib/cloud/instances/*/scripts/*",
			NULL,
		} },
	{ "agent-script", "T1651", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/var/lib/amazon/ssm/*/document/orchestration/**/_script.sh",
			"/var/lib/waagent/{custom-script,run-command}/download/*/*",
			"/var/lib/waagent/run-command-handler/**/script.sh",
			NULL,
		} },
	{ NULL, NULL, PLACE_FILE, PLACE_ANYBODY, NULL },
};
