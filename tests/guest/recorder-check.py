#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""recorder-check.py JSONL DEEDS: the events of deeds.c, each by whom, as lines
of TAP for guest_judge."""
import json
import sys


def check(what, ok):
    print("%s - %s" % ("ok" if ok else "not ok", what))


events = []
recorder = None
for line in open(sys.argv[1]):
    record = json.loads(line)
    if "event" in record:
        events.append(record["event"])
    for event in record.get("events", {}).get("events", []):
        events.append(event)
    recorder = record.get("recorder", recorder)
deeds = {}
for line in open(sys.argv[2]):
    name, pid, parent = line.split()
    deeds[name] = (int(pid), int(parent))


def of(kind, pid=None):
    return [
        e
        for e in events
        if e["kind"] == "EVENT_KIND_" + kind and pid in (None, e["pid"])
    ]


def comm(e):
    return e.get("comm")


def one(kind, deed, want, what):
    """One event of that kind by that process, which ${want} is true of."""
    pid, parent = deeds[deed]
    found = of(kind, pid)
    check(
        "%s: %s" % (deed, what),
        len(found) == 1
        and want(found[0])
        and found[0]["ppid"] == parent
        and comm(found[0]) == deed,
    )


for deed, (pid, parent) in sorted(deeds.items()):
    forks = [e for e in of("FORK", parent) if e["process"]["pid"] == pid]
    check("%s: its fork, once" % deed, len(forks) == 1)
    check(
        "%s: its end, once" % deed,
        [e["number"] for e in of("EXIT", pid)] == [0],
    )
one("MEMFD", "memfd", lambda e: e["memory"]["name"] == "fileless", "name")
memfd = of("EXEC", deeds["memfd"][0])
check(
    "memfd: executed, with arguments and parents",
    len(memfd) == 1
    and memfd[0]["exec"]["exe"] & 1
    and memfd[0]["exec"]["argv"] == ["fileless", "nothing"]
    and memfd[0]["exec"]["ancestors"][0]["pid"] == deeds["memfd"][1],
)
vanishing = of("EXEC", deeds["vanishing"][0])
check(
    "vanishing: executed by its name, in a place for all",
    len(vanishing) == 1
    and vanishing[0]["exec"]["filename"] == "/tmp/vanishing"
    and vanishing[0]["exec"]["exe"] & 8,
)
check(
    "vanishing: unlinks itself",
    [e["path"]["path"] for e in of("UNLINK", deeds["vanishing"][0])]
    in (["/tmp/vanishing"], ["/vanishing"])
    and of("UNLINK", deeds["vanishing"][0])[0]["path"]["flags"] & 1 == 1,
)
one("MPROTECT", "mprotect", lambda e: e["memory"]["protection"] & 4, "PROT_EXEC")
one("MMAP", "mmap", lambda e: e["memory"]["protection"] == 7, "PROT_EXEC")
one("PTRACE", "ptrace", lambda e: e["process"]["comm"] == "traced", "whom")
one(
    "KILL",
    "kill",
    lambda e: e["process"]["comm"] == "falco" and e["number"] == 9,
    "whom and how",
)
one("BPF_LOAD", "bpf_load", lambda e: e["code"]["name"] == "deed", "name")
one("CREDS", "creds", lambda e: e["uid"] == 0 and e["creds"]["euid"] == 65534, "ids")
tcp = deeds["tcp"][0]
check(
    "tcp: connect, with its port",
    [e["net"]["remote_port"] for e in of("TCP_CONNECT", tcp)] == [4444]
    and of("TCP_CONNECT", tcp)[0]["net"]["local_port"] > 0,
)
check(
    "tcp: accept, from that port",
    [e["net"]["remote_port"] for e in of("TCP_ACCEPT", tcp)]
    == [e["net"]["local_port"] for e in of("TCP_CONNECT", tcp)],
)
closed = {e["net"]["local_port"]: e["net"] for e in of("TCP_CLOSE", tcp)}
check(
    "tcp: both ends closed, with bytes and time",
    len(closed) == 2
    and int(closed[4444]["received_bytes"]) in (1000, 1001)
    and any(int(n["sent_bytes"]) == 1000 for n in closed.values())
    and all(int(n["open_ns"]) > 0 for n in closed.values()),
)
udp = deeds["udp"][0]
check(
    "udp: the first packet of each flow, once",
    sorted(e["net"]["remote_port"] for e in of("UDP_FLOW", udp)) == [53, 5555],
)
one("DNS", "udp", lambda e: e["net"]["question"] == "evil.example", "question")
one(
    "MOUNT",
    "mount",
    lambda e: e["path"]["type"] == "tmpfs"
    and e["path"]["source"] == "deed"
    and e["path"]["path"].endswith("/deed-mount"),
    "what and where",
)
one(
    "NAMESPACE",
    "namespace",
    lambda e: e["namespaces"]["before"]["net"] != e["namespaces"]["after"]["net"]
    and e["namespaces"]["before"]["mnt"] == e["namespaces"]["after"]["mnt"],
    "network, and not mounts",
)
check("module: by name", "loop" in [e["code"]["name"] for e in of("MODULE")])
check("bpf: links of the recorder itself", len(of("BPF_ATTACH")) > 0)
counts = recorder["counts"]
check(
    "recorded + lost = happened, of every kind",
    all(
        int(c["happened"]) == int(c["recorded"]) + int(c["lost"]) for c in counts
    ),
)
check(
    "written is what was recorded",
    all(int(c["written"]) == int(c["recorded"]) for c in counts),
)
check("nothing was lost", all(int(c["lost"]) == 0 for c in counts))
check("every program is there", all("way" in p for p in recorder["programs"]
      if p["name"] != "inet_sock_set_state"))
check("executables were taken", int(recorder["taken"]) >= 2)
