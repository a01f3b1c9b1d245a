#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
inspect-check.py OUT LAB

OUT has what the guest's /proc told of itself (stat.NAME, net.NAME, maps.NAME,
pid), LAB what icelab inspect (NAME.jsonl) and icelab show (NAME.live) say of the
captures NAME: "clean", and "hidden", in which the process of OUT/pid is in no
list.  Prints a line for each comparison.
"""
import json
import re
import sys

OUT, LAB = sys.argv[1:]


def check(text, good, *more):
    print(("ok - " if good else "not ok - ") + text)
    for line in more if not good else ():
        print("#", line)


def lines(name):
    with open(f"{LAB}/{name}") as f:
        for line in f:
            yield from json.loads(line).items()


def text_of(value):
    return value or ""


def processes(name):
    """(pid, ppid, comm) of each, by /proc/PID/stat."""
    found = set()
    with open(f"{OUT}/stat.{name}") as f:
        for line in f:
            m = re.match(r"(\d+) \((.*)\) . (\d+) ", line)
            found.add((int(m[1]), int(m[3]), m[2]))
    return found


hidden = int(open(f"{OUT}/pid").read())
kinds = {}
for name in "clean", "hidden":
    kinds[name] = {}
    for kind, value in lines(f"{name}.jsonl"):
        kinds[name].setdefault(kind, []).append(value)


def same_process(a, b):
    """/proc appends what a worker of the kernel works for, and it changes."""
    return a[:2] == b[:2] and (
        a[2] == b[2] or (a[2].startswith("kworker/") and b[2].startswith("kworker/"))
    )


for name in "clean", "hidden":
    tasks = [t for t in kinds[name]["task"] if t["tid"] == t["pid"] and t["pid"]]
    memory = {(t["pid"], t["ppid"], text_of(t["comm"])) for t in tasks}
    own = {t[0] for t in memory if t[2] == "icecore"}
    memory = {t for t in memory if t[0] not in own}
    told = processes(name)
    if name == "hidden":
        check(
            "hidden: the process is in memory, by the slab",
            any(t["pid"] == hidden and "slab" in t["seen_by"] for t in tasks),
        )
        memory = {t for t in memory if t[0] != hidden}
    # A worker of the kernel comes and goes as there is work.
    more = [t for t in memory if not any(same_process(u, t) for u in told)]
    less = [t for t in told if not any(same_process(t, u) for u in memory)]
    more = [t for t in more if not t[2].startswith("kworker/")]
    less = [t for t in less if not t[2].startswith("kworker/")]
    check(
        f"{name}: {len(memory)} processes in memory are those of /proc",
        not more and not less and len(memory) > 40,
        f"more: {more}",
        f"less: {less}",
    )
    with open(f"{OUT}/maps.{name}") as f:
        maps = [line.split(None, 5) for line in f]
    pid = [
        t["pid"] for t in tasks if text_of(t["comm"]) == "nc"
        or text_of(t["comm"]) == "busybox" and t.get("exe")
    ]
    want = [(m[0], m[1], m[5].strip() if len(m) > 5 else "") for m in maps]
    good = False
    for p in pid:
        got = [
            (
                f'{int(m["start"]):08x}-{int(m["end"]):08x}',
                m["protection"],
                text_of(m.get("path")),
            )
            for m in kinds[name]["mapping"]
            if m["pid"] == p
        ]
        good |= len(got) == len(want) and all(
            g[:2] == w[:2] and (g[2] == w[2] or w[2].startswith("["))
            for g, w in zip(got, want)
        )
    check(f"{name}: {len(want)} mappings in memory are those of /proc", good, want)
    sockets = {int(s["inode"]): s for s in kinds[name]["socket"] if "inode" in s}
    with open(f"{OUT}/net.{name}") as f:
        rows = [line.split() for line in f if ":" in line.split()[0]]
    rows = [r for r in rows if r[0] != "sl"]
    good = [
        int(r[9]) in sockets
        and sockets[int(r[9])]["local_port"] == int(r[1].split(":")[1], 16)
        and sockets[int(r[9])]["local_address"] == "127.0.0.1"
        for r in rows
    ]
    check(
        f"{name}: {len(rows)} sockets of /proc are in memory",
        all(good) and len(rows) >= 2,
        rows,
        list(sockets),
    )
    check(
        f"{name}: nothing is missing from memory",
        "gap" not in kinds[name],
        *kinds[name].get("gap", []),
    )

check(
    "clean: no finding",
    "finding" not in kinds["clean"],
    *kinds["clean"].get("finding", []),
)
live = {p["pid"] for kind, p in lines("hidden.live")}
check("hidden: the live picture has no such process", hidden not in live and live)
findings = sorted(
    (f["rule"], f["evidence"][0].get("pid", 0)) for f in kinds["hidden"]["finding"]
)
check(
    "hidden: the process, the module and what it hooks are found, and no more",
    findings
    == sorted(
        [
            ("task.hidden-from-snapshot", hidden),
            ("module.hidden", 0),
            ("hook.operations", 0),
            ("hook.operations", 0),
        ]
    ),
    findings,
)
smear = kinds["hidden"]["smear"][0]
check(
    f'hidden: {smear["links"]} links of tasks, {smear["torn_links"]} torn',
    int(smear["links"]) > 40 and int(smear["torn_links"]) < 3,
    smear,
)
