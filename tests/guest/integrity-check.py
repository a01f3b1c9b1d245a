#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""integrity-check.py DIR ROUNDS: what icelab showed of the captures in DIR
against what the guest did.  Prints TAP without numbers."""
import json
import sys

ALL_VIEWS = 127
PLAIN_VIEWS = 7
ROOTED = {"module.hidden", "hook.syscall-table", "hook.operations", "hook.ftrace-foreign",
          "hook.kprobe-foreign", "hook.syscall-dispatcher",
          "hook.function-start", "hook.netfilter-unknown"}


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good and detail:
        print(f"# {str(detail)[:1500]}")


class Capture:
    def __init__(self, directory, name):
        self.name = name
        self.records = {}
        with open(f"{directory}/{name}.jsonl", encoding="utf-8") as f:
            for line in f:
                r = json.loads(line)
                kind = next(k for k in r if k != "segment")
                self.records.setdefault(kind, []).append(r[kind])

    def kind(self, name):
        return self.records.get(name, [])


def check_clean(c):
    dump(c)
    ok(not c.kind("finding"), f"{c.name}: no finding", c.kind("finding"))


def check_modules(c, asked):
    modules = c.kind("kernel_module")
    ok(len(modules) > 3, f"{c.name}: there are modules", len(modules))
    bad = [m for m in modules if m["asked"] != asked or
           (m["seen_by"] | 4) != asked]
    ok(not bad, f"{c.name}: all views tell of each", bad)


def dump(c):
    for f in c.kind("finding"):
        print("#", f["rule"], f.get("detail"), [e.get("name") for e in f["evidence"]][:6])
    for g in c.kind("gap"):
        print("# gap", g["what"], g["reason"])


def check_rooted(c):
    dump(c)
    rules = {f["rule"] for f in c.kind("finding")}
    for rule in sorted(ROOTED):
        ok(rule in rules, f"{c.name}: {rule}", sorted(rules))
    ok(rules <= ROOTED, f"{c.name}: and nothing else", sorted(rules - ROOTED))
    hidden = [m for m in c.kind("kernel_module") if m["name"] == "icetest"]
    ok(len(hidden) == 1 and hidden[0]["seen_by"] & 59 == 16,
       f"{c.name}: of the lists the tree alone has the module", hidden)
    for f in c.kind("finding"):
        if f["rule"] == "module.hidden":
            names = [e["name"] for e in f["evidence"]]
            ok(names == ["icetest"], f"{c.name}: it is named", names)


def check_rewritten(c):
    dump(c)
    rules = {f["rule"] for f in c.kind("finding")} - ROOTED
    ok(rules == {"directory.rewritten", "bpf.writes-user-memory"},
       "rewritten: what a BPF program rewrites, and that it can", rules)
    facts = [f for f in c.kind("kernel_fact") if f["path"] == "/tmp"]
    ok(len(facts) == 1 and facts[0]["meaning"] == ["icetest-hidden"],
       "rewritten: the hidden name is told", facts)
    progs = [o for o in c.kind("bpf_object") if o.get("name") == "hide_leave"]
    ok(len(progs) == 1 and progs[0]["helpers"] == 1 and
       progs[0]["seen_by"] == 7 and len(progs[0]["owner_pids"]) == 1,
       "rewritten: the program, what it calls, and who holds it", progs)


def check_vanished(c):
    dump(c)
    orphans = [m for m in c.kind("kernel_module") if m["seen_by"] == 64]
    ok(orphans and all(m["name"].startswith("[0x") for m in orphans),
       "vanished: memory of a module that no list has", orphans)
    named = {e["name"] for f in c.kind("finding")
             if f["rule"] == "module.hidden" for e in f["evidence"]}
    ok(named == {"icetest"} | {m["name"] for m in orphans},
       "vanished: a finding for each", named)


def main():
    directory, rounds = sys.argv[1], int(sys.argv[2])
    for kind in ("clean", "busy"):
        for i in range(rounds):
            check_clean(Capture(directory, f"{kind}-{i}"))
    for name in ("clean-0", "kcore"):
        c = Capture(directory, name)
        check_modules(c, ALL_VIEWS)
        check_clean(c)
    blind = Capture(directory, "blind")
    check_clean(blind)
    ok(any(g["what"] == "the kernel's memory" for g in blind.kind("gap")),
       "blind: a gap says so", blind.kind("gap"))
    nameless = Capture(directory, "nameless")
    check_clean(nameless)
    check_modules(nameless, PLAIN_VIEWS)
    ok([g["what"] for g in nameless.kind("gap")][:1] == ["the kernel's symbols"],
       "nameless: a gap says so", nameless.kind("gap"))
    check_rewritten(Capture(directory, "rewritten"))
    check_vanished(Capture(directory, "vanished"))
    for name in ("rooted", "rooted-kcore"):
        check_rooted(Capture(directory, name))


main()
