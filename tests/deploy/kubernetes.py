#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kubernetes.py MANIFESTS NAME TS CONFIG CHART: check what the schema cannot know
of rendered manifests, and write them as TypeScript for its types, and the
configuration in them."""
import json
import re
import sys

import yaml

TYPES = {"Namespace": "core/v1", "ConfigMap": "core/v1", "ServiceAccount": "core/v1",
         "DaemonSet": "apps/v1", "Job": "batch/v1", "ClusterRole": "rbac/v1",
         "ClusterRoleBinding": "rbac/v1"}
CAPABILITIES = {"BPF", "PERFMON", "SYS_ADMIN", "SYS_PTRACE", "SYS_RAWIO", "SYSLOG",
                "DAC_READ_SEARCH", "FOWNER", "NET_ADMIN"}


def verbs_of(objects):
    got = set()
    for o in objects:
        if o["kind"] != "ClusterRole":
            continue
        for rule in o["rules"]:
            assert rule["apiGroups"] == [""], rule
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    assert "*" not in resource + verb
                    got.add((o["metadata"]["name"], resource, verb))
    return got


def verbs_told(chart):
    """The table of README.md: each with a reason."""
    told = set()
    with open(chart + "/README.md", encoding="utf-8") as f:
        for line in f:
            m = re.fullmatch(r"\| (icecore[a-z-]*) \| (\w+) \| (\w+) \| (.{10,}) \|", line.strip())
            if m:
                told.add(m.groups()[:3])
    return told


def pod_of(o):
    return o["spec"]["template"]["spec"]


def check_pod(o):
    spec = pod_of(o)
    assert spec["hostPID"] and spec["hostNetwork"]
    assert spec["dnsPolicy"] == "ClusterFirstWithHostNet"
    assert spec["tolerations"] == [{"operator": "Exists"}]
    volumes = {v["name"] for v in spec["volumes"]}
    for c in spec["containers"] + spec.get("initContainers", []):
        assert re.search(r"@sha256:[0-9a-f]{64}$", c["image"])
        assert c["securityContext"]["privileged"] == (o["kind"] == "Job")
        assert c["securityContext"]["readOnlyRootFilesystem"]
        assert "limits" in c["resources"] and "requests" in c["resources"]
        assert {m["name"] for m in c.get("volumeMounts", [])} <= volumes
        assert not any(p for p in c.get("ports", []))


def unit_capabilities(chart):
    with open(chart + "/../systemd/icecore.service", encoding="utf-8") as f:
        text = f.read()
    found = re.findall(r"^CapabilityBoundingSet=(.*)$", text, re.M)
    return {w[4:] for w in " ".join(found).split()}


def check_daemonset(o, chart):
    spec = pod_of(o)
    assert spec["priorityClassName"] == "system-node-critical"
    labels = o["spec"]["selector"]["matchLabels"]
    assert labels.items() <= o["spec"]["template"]["metadata"]["labels"].items()
    main, = spec["containers"]
    capabilities = main["securityContext"]["capabilities"]
    assert capabilities["drop"] == ["ALL"]
    assert set(capabilities["add"]) == CAPABILITIES == unit_capabilities(chart)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert "icecore status" in " ".join(main[probe]["exec"]["command"]), probe


def main():
    manifests, name, ts, config, chart = sys.argv[1:]
    with open(manifests, encoding="utf-8") as f:
        objects = [o for o in yaml.safe_load_all(f) if o]
    kinds = sorted(o["kind"] for o in objects)
    assert len({(o["kind"], o["metadata"]["name"]) for o in objects}) == len(objects)
    namespace = [o for o in objects if o["kind"] == "Namespace"][0]["metadata"]["name"]
    imports, text = set(), []
    for i, o in enumerate(objects):
        kind = o["kind"]
        assert o["metadata"].get("namespace", namespace) == namespace
        if kind == "SecurityContextConstraints":
            assert not o["allowPrivilegedContainer"]
            assert set(o["allowedCapabilities"]) == CAPABILITIES
            assert o["users"] == ["system:serviceaccount:%s:icecore" % namespace]
            continue
        imports.add('import { %s } from "kubernetes-types/%s";' % (kind, TYPES[kind]))
        text.append("export const o%d: %s = %s;" % (i, kind, json.dumps(o)))
        if kind in ("DaemonSet", "Job"):
            check_pod(o)
        if kind == "DaemonSet":
            check_daemonset(o, chart)
        if kind == "ConfigMap":
            with open(config, "w", encoding="utf-8") as f:
                f.write(o["data"]["icecore.conf"])
    told, got = verbs_told(chart), verbs_of(objects)
    wanted = told if name == "report" else {t for t in told if t[0] == "icecore"}
    assert got == wanted, got ^ wanted
    assert ("Job" in kinds) == (name == "job")
    assert ("SecurityContextConstraints" in kinds) == (name == "openshift")
    with open(ts, "w", encoding="utf-8") as f:
        f.write("\n".join(sorted(imports) + text) + "\n")
    print("# %s: %d objects, %d verbs" % (name, len(objects), len(got)))


if __name__ == "__main__":
    main()
