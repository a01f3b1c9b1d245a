#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""live-check.py WORLD DIR: compare what icelab showed of the captures all, proc
and bare, in DIR, with the world that world.c says it made.  Prints TAP without
numbers."""
import json
import re
import sys

ITERATOR, PROC, LIST, SCHEDULER = 1, 2, 4, 8
# What the rules say of the world, and of nothing else in the guest.
FINDINGS = {
    ("process.kernel-thread-lookalike", "lookalike"),
    ("process.kernel-thread-lookalike", "rewritten"),
    ("process.exe-deleted", "deleted"),
    ("process.exe-memfd", "memfd"),
    ("mapping.code-changed", "memory"),
    ("mapping.code-memfd", "memory"),
    ("mapping.code-memfd", "memfd"),
}


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good and detail:
        print(f"# {str(detail)[:600]}")


def same(text, got, want):
    ok(got == want, text, f"got {got!r}, want {want!r}")


def raw(text):
    """The bytes that icelab escaped."""
    if text is None:
        return None
    out = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]),
                 text.encode())
    return out


def lines(path, kind):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line)[kind] for line in f]


class Capture:
    def __init__(self, directory, name):
        self.name = name
        self.gaps = lines(f"{directory}/{name}.gap", "gap")
        self.findings = lines(f"{directory}/{name}.finding", "finding")
        self.views = lines(f"{directory}/{name}.live_view", "live_view")
        self.mappings = {}
        for m in lines(f"{directory}/{name}.mapping", "mapping"):
            self.mappings.setdefault(m["pid"], []).append(m)
        self.by_pid = {}
        for p in lines(f"{directory}/{name}.process", "process"):
            ok(p["pid"] not in self.by_pid or p.get("continued"),
               f"{name}: process {p['pid']} is told once") \
                if p["pid"] in self.by_pid else None
            self.by_pid.setdefault(p["pid"], p)

    def told(self, pid):
        return self.by_pid.get(pid)


def leader(p):
    return next(t for t in p["threads"] if t["tid"] == p["pid"])


def check_ids(where, w, p, iterator):
    t = leader(p)
    same(f"{where}: ppid, pgid, session",
         (p["ppid"], p["pgid"], p["session"]),
         (w["ppid"], w["pgid"], w["session"]))
    if iterator:
        same(f"{where}: real parent", p["real_ppid"], w["ppid"])
    same(f"{where}: seen by", p["seen_by"] & ~SCHEDULER,
         ITERATOR | PROC | LIST if iterator else PROC)
    if "state" in w:
        same(f"{where}: state", t["state"], w["state"])
    if w.get("state") == "Z":
        return
    same(f"{where}: namespaces", t["namespaces"], w["namespaces"])
    exe = p["exe"]
    same(f"{where}: exe's inode and device",
         (exe["inode"], exe["device_major"], exe["device_minor"]),
         (w["exe_inode"], w["exe_major"], w["exe_minor"]))
    same(f"{where}: exe is deleted", exe["deleted"], w.get("deleted", False))
    same(f"{where}: exe is a memfd", exe["memfd"], w.get("memfd", False))
    if iterator and "layer" in w:
        same(f"{where}: layer", exe.get("overlay_layer"), w["layer"])
    if "exe_path" in w:
        same(f"{where}: exe's path", raw(exe["path"]).hex(), w["exe_path"])
    else:
        same(f"{where}: exe's path", exe["path"], "/bin/world")
    same(f"{where}: no kernel thread", t["kernel_thread"], False)


def check_credentials(where, w, p):
    c = leader(p)["credentials"]
    same(f"{where}: uids", [c[k] for k in ("uid", "euid", "suid", "fsuid")],
         w["uids"])
    same(f"{where}: gids", [c[k] for k in ("gid", "egid", "sgid", "fsgid")],
         w["gids"])
    same(f"{where}: groups", sorted(p["groups"]), w["groups"])
    same(f"{where}: effective", c["cap_effective"], w["cap_effective"])
    same(f"{where}: permitted", c["cap_permitted"], w["cap_permitted"])
    same(f"{where}: bounding", int(c["cap_bounding"]) >> w["bounding_lacks"] & 1,
         0)
    same(f"{where}: no_new_privs", c["no_new_privs"], True)


def check_threads(where, w, p):
    names = sorted(t["comm"] for t in p["threads"])
    same(f"{where}: names of threads", names,
         sorted(["world"] + [f"thread-{i}" for i in range(1, w["threads"])]))


def check_container(where, w, p, iterator):
    same(f"{where}: cgroup", p["cgroup"], w["cgroup"])
    if iterator and "cgroup_id" in w:
        same(f"{where}: cgroup id", int(leader(p)["cgroup_id"]),
             w["cgroup_id"])
    c = p["container"]
    same(f"{where}: container", c["id"], w["container"])
    same(f"{where}: runtime", c.get("runtime", ""), w["runtime"])
    same(f"{where}: pod", c.get("pod_uid"), w.get("pod"))
    # All of them have one id, whose container's log says the pod's name.
    same(f"{where}: called", (c.get("pod_namespace"), c.get("pod_name"),
                              c.get("container_name")),
         ("web", "front-1", "proxy"))
    same(f"{where}: id in its own namespace", leader(p)["namespace_tid"],
         w["namespace_tid"])


def check_fields(where, w, p):
    """What no other process says."""
    t = leader(p)
    start = int(t["start_boot_ns"])
    # /proc tells it in steps of 10 ms.
    ok(w["start"][0] - 10**7 <= start <= w["start"][1],
       f"{where}: its start", (start, w["start"]))
    same(f"{where}: the process started with it", p["start_boot_ns"],
         t["start_boot_ns"])
    same(f"{where}: loginuid", t["credentials"]["loginuid"], w["loginuid"])
    same(f"{where}: oom_score_adj", p["oom_score_adj"], w["oom_score_adj"])
    ok(p["oom_score"] >= 0, f"{where}: oom_score", p.get("oom_score"))
    same(f"{where}: terminal", p["tty"], w["tty"])
    ok(int(p["rss_bytes"]) >= w["rss_bytes"], f"{where}: resident memory",
       p["rss_bytes"])
    used = int(t["user_ns"]) + int(t["system_ns"])
    ok(used >= w["cpu_ns"] // 2, f"{where}: time on the processor", used)
    same(f"{where}: state", t["state"], "S")
    ok("pause" in p["wchan"], f"{where}: what it waits in", p["wchan"])
    if "lsm" in w:
        same(f"{where}: label", raw(p["lsm_label"]).hex(), w["lsm"])


def check_strings(where, w, p, capture):
    if "environment_bytes" in w:
        want = w["environment_bytes"] if capture.name != "bare" else []
        same(f"{where}: environment", [len(raw(s)) for s in p["environment"]],
             want)
        if want:
            same(f"{where}: its last string", raw(p["environment"][-1]).hex(),
                 w["last_environment"])
    if "environment_cut" in w and capture.name != "bare":
        same(f"{where}: environment is cut", p.get("environment_cut"), True)
        kept = sum(len(raw(s)) + 1 for s in p["environment"])
        ok(kept >= 256 << 10, f"{where}: as much as is kept", kept)
        what = [g["what"] for g in capture.gaps]
        ok(f"environment of process {p['pid']}" in what,
           f"{where}: and that is a gap", what)
    if "argv0" in w:
        same(f"{where}: arguments", [raw(s).hex() for s in p["argv"]],
             [w["argv0"]])
    if "no_arguments" in w:
        same(f"{where}: no arguments", p.get("argv", []), [])
    if "argv_bytes" in w:
        got = [len(raw(s)) for s in p["argv"]]
        got[2] = None
        same(f"{where}: arguments", got, w["argv_bytes"])


def check_mappings(where, w, mappings):
    """Every odd one, and of the rest of the process none."""
    by_start = {int(m["start"]): m for m in mappings}
    for want in w["mappings"]:
        m = by_start.get(want["start"], {})
        got = {"start": int(m.get("start", 0)), "end": int(m.get("end", 0)),
               "protection": m.get("protection"), "flags": m.get("flags"),
               "changed": int(m.get("changed_pages", 0))}
        if "path" in m:
            got["path"] = m["path"]
        same(f"{where}: mapping {want['protection']} of "
             f"{want.get('path', 'no file')}", got, want)
    mine = {m["start"] for m in w["mappings"]}
    odd = [m for m in mappings if int(m["start"]) not in mine and m["flags"]]
    ok(not odd, f"{where}: no other mapping is odd", odd)
    ok(any(m.get("path") == "/bin/world" and m["protection"] == "r-xp"
           for m in mappings), f"{where}: its own code is told")


def check_process(w, capture, iterator):
    where = f"{capture.name}: {w['name']}"
    p = capture.told(w["pid"])
    ok(p is not None, f"{where} is told")
    if p is None:
        return
    check_ids(where, w, p, iterator)
    if "comm" in w:
        same(f"{where}: name", raw(leader(p)["comm"]).hex(), w["comm"])
    for key in ("cwd", "root"):
        if key in w:
            same(f"{where}: {key}", raw(p[key]).hex(), w[key])
    if "uids" in w:
        check_credentials(where, w, p)
    if "loginuid" in w:
        check_fields(where, w, p)
    if "seccomp" in w:
        same(f"{where}: seccomp", leader(p)["credentials"]["seccomp"],
             w["seccomp"])
    if "threads" in w:
        check_threads(where, w, p)
    if "cgroup" in w:
        check_container(where, w, p, iterator)
    if "mappings" in w:
        check_mappings(where, w, capture.mappings.get(w["pid"], []))
    check_strings(where, w, p, capture)


def check_view(capture, iterator):
    ok(len(capture.views) == 1, f"{capture.name}: one view")
    for w in capture.views[0]["witnesses"]:
        name = w["witness"][len("WITNESS_"):].lower()
        print(f"# {capture.name}: {name}: {w.get('reason', 'opens')}")
        same(f"{capture.name}: {name} worked", w["worked"],
             name != "module" and (iterator or name in ("proc", "probe")))
        if w["worked"]:
            n = int(w["tasks"])
            span = (int(w.get("last_ns", 0)) - int(w.get("first_ns", 0))) / 1000
            print(f"# {capture.name}: {name}: {n} tasks in {span:.0f} us, "
                  f"{span / max(n, 1):.2f} us each")
            same(f"{capture.name}: {name} lost none", w["lost"], 0)
            ok(w["touched"], f"{capture.name}: {name} says what it touched")
    same(f"{capture.name}: witnesses", len(capture.views[0]["witnesses"]), 6)
    me = capture.told(capture.views[0]["own_pid"])
    ok(me and leader(me)["comm"] == "icecore", f"{capture.name}: it tells itself")


def check_kernel_threads(capture):
    t = leader(capture.told(2))
    same(f"{capture.name}: kthreadd", (t["comm"], t["kernel_thread"]),
         ("kthreadd", True))
    ok(not capture.told(2).get("argv") and "exe" not in capture.told(2),
       f"{capture.name}: it has neither arguments nor a file")


def check_alike(a, b):
    """What both witnesses tell of what did not change is the same."""
    pids = sorted(set(a.by_pid) & set(b.by_pid))
    moving = {"seen_by", "seen_ns", "user_ns", "system_ns", "start_boot_ns",
              "state", "cgroup_id"}
    different = []
    for pid in pids:
        x, y = a.by_pid[pid], b.by_pid[pid]
        tx = {t["tid"]: t for t in x["threads"]}
        ty = {t["tid"]: t for t in y["threads"]}
        for tid in set(tx) & set(ty):
            # A workqueue's thread is called after what it does, by /proc only.
            skip = moving | ({"comm", "namespaces"}
                             if tx[tid]["kernel_thread"] else set())
            for key in (set(tx[tid]) | set(ty[tid])) - skip:
                if tx[tid].get(key) != ty[tid].get(key):
                    different.append((pid, tid, key, tx[tid].get(key),
                                      ty[tid].get(key)))
    ok(len(pids) > 20, "both captures tell most processes", len(pids))
    ok(not different, "by the iterator or without it: the same", different[:4])


def check_findings(capture, world):
    names = {w["pid"]: w["name"] for w in world}
    got = {(f["rule"], names.get(f["evidence"][0].get("pid"), f["evidence"]))
           for f in capture.findings}
    same(f"{capture.name}: findings", sorted(got), sorted(FINDINGS))
    ok(all(f["severity"] and f["sentence"] and f["technique"].startswith("T")
           and f["evidence"] for f in capture.findings),
       f"{capture.name}: each tells what, how bad, and by which records")


def check_less(directory):
    """Captures by who may do less: what is missing is said, nobody is called
    hidden for it, and what can be told is."""
    for name, worked, part in (
            ("nobpf", {"PROC", "PROBE"}, "does not let this process load BPF"),
            ("nobtf", {"PROC", "PROBE"}, "kernel without CONFIG_DEBUG_INFO_BTF"),
            ("hidepid", {"SCHEDULER", "ITERATOR", "LIST", "PROC", "PROBE"},
             "(hidepid)"),
            ("hidden", {"PROC", "PROBE"}, "(hidepid)")):
        c = Capture(directory, name)
        by = {w["witness"][len("WITNESS_"):]: w
              for w in c.views[0]["witnesses"]}
        same(f"{name}: who worked", {k for k, w in by.items() if w["worked"]},
             worked)
        ok(any(part in w.get("reason", "") for w in by.values()),
           f"{name}: and why not", by)
        hidden = [f for f in c.findings if f["rule"].startswith("task.")]
        ok(not hidden, f"{name}: nobody is called hidden", hidden)
        ok(len(c.by_pid) > 20 or name == "hidden", f"{name}: tells most",
           len(c.by_pid))
        gaps = [g["what"] for g in c.gaps]
        same(f"{name}: a gap", "processes" in gaps, name.startswith("hid"))


def main():
    world_path, directory = sys.argv[1:]
    with open(world_path, encoding="utf-8") as f:
        world = json.load(f)
    captures = {name: Capture(directory, name)
                for name in ("all", "proc", "bare")}
    for name, capture in captures.items():
        iterator = name != "proc"
        check_view(capture, iterator)
        check_kernel_threads(capture)
        check_findings(capture, world)
        for w in world:
            check_process(w, capture, iterator)
    check_less(directory)
    ok(not any(p.get("environment") for p in captures["bare"].by_pid.values()),
       "bare: no environment at all")
    same("bare: no gap", captures["bare"].gaps, [])
    check_alike(captures["all"], captures["proc"])


main()
