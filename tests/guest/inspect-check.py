#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
inspect-check.py OUT LAB

OUT has what the guest's /proc told of itself (stat.NAME, maps.NAME, of the
process world.pid), and what network_world.c made (world.json), LAB what icelab inspect (NAME.jsonl) and icelab show (NAME.live) say of the
captures NAME: "clean", and "hidden", in which the process of OUT/pid is
in no list.  Prints a line for each comparison.
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


PASSING = "kworker/", "ext4lazyinit"
KINDS = {"tcp", "udp", "unix", "other", "quiet"}


def is_there(made, sockets):
    """One of world.json, in its network namespace, with its ports and name."""
    s = sockets.get(made["inode"])
    return (
        s is not None
        and s["netns"] == made["netns"]
        and all(s[k] == made[k] for k in ("local_port", "remote_port") if k in made)
        and s.get("name") == made.get("name")
        and ("listen" not in made["kind"] or s["state"] == "LISTEN")
    )


with open(f"{OUT}/world.json") as f:
    world = json.load(f)
world_pid = int(open(f"{OUT}/world.pid").read())
hidden = int(open(f"{OUT}/pid").read())
kinds = {}
for name in "clean", "hidden":
    kinds[name] = {}
    for kind, value in lines(f"{name}.jsonl"):
        kinds[name].setdefault(kind, []).append(value)


def same_process(told, t):
    """/proc knows longer names of the kernel's threads, and appends what a
    worker works for, which changes."""
    return told[:2] == t[:2] and (
        told[2] == t[2]
        or (len(t[2]) == 15 and told[2].startswith(t[2]))
        or (told[2].startswith("kworker/") and t[2].startswith("kworker/"))
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
    # A worker of the kernel comes and goes as there is work, and once a new
    # file system is laid out its thread ends.
    more = [t for t in memory if not any(same_process(u, t) for u in told)]
    less = [t for t in told if not any(same_process(t, u) for u in memory)]
    more = [t for t in more if not t[2].startswith(PASSING)]
    less = [t for t in less if not t[2].startswith(PASSING)]
    check(
        f"{name}: {len(memory)} processes in memory are those of /proc",
        not more and not less and len(memory) > 40,
        f"more: {more}",
        f"less: {less}",
    )
    with open(f"{OUT}/maps.{name}") as f:
        maps = [line.split(None, 5) for line in f]
    want = [(m[0], m[1], m[5].strip() if len(m) > 5 else "") for m in maps]
    got = [
        (
            f'{int(m["start"]):08x}-{int(m["end"]):08x}',
            m["protection"],
            text_of(m.get("path")),
        )
        for m in kinds[name]["mapping"]
        if m["pid"] == world_pid
    ]
    # What the kernel makes for itself, such as the stack, has no file.
    good = len(got) == len(want) and all(
        g[:2] == w[:2] and g[2] == (w[2] if w[2].startswith("/") else "")
        for g, w in zip(got, want)
    )
    check(
        f"{name}: {len(want)} mappings in memory are those of /proc",
        good and len(want) > 5,
        got,
        want,
    )
    sockets = {int(s["inode"]): s for s in kinds[name]["socket"] if "inode" in s}
    made = [w for w in world if w.get("kind", "").split("-")[0] in KINDS]
    wrong = [w for w in made if not is_there(w, sockets)]
    check(
        f"{name}: {len(made)} sockets that were made are in memory",
        not wrong and len(made) > 8,
        wrong,
        sockets,
    )
    # A list that changed while memory was read need not come back to its head.
    gaps = [g for g in kinds[name].get("gap", []) if "links from" not in g["reason"]]
    check(f"{name}: nothing is missing from memory", not gaps, *gaps)

check(
    "clean: no finding",
    "finding" not in kinds["clean"],
    *kinds["clean"].get("finding", []),
)
live = {p["pid"] for kind, p in lines("hidden.live") if kind == "process"}
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
