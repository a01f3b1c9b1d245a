#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""network-check.py WORLD DIR: compare what icelab showed of the captures bare,
all, proc and nodiag, in DIR, with what network_world.c says it made.  Prints
TAP without numbers."""
import json
import sys

O_CLOEXEC = 0o2000000
ITERATOR, PROC, DIAG = 1, 2, 4
NO_PROC = {"vsock"}
NO_ITERATOR = {"raw", "packet", "vsock"}  # but by the files of processes


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good and detail:
        print(f"# {str(detail)[:600]}")


def same(text, got, want):
    ok(got == want, text, f"got {got!r}, want {want!r}")


def lines(path, kind):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line)[kind] for line in f]


def check_file(where, w, f, iterator):
    same(f"{where}: kind", f["kind"], f"FILE_KIND_{w['kind']}")
    same(f"{where}: seen by", f["seen_by"], 3 if iterator else PROC)
    same(f"{where}: inode and device",
         (f["inode"], f["device_major"], f["device_minor"]),
         (w["inode"], w["major"], w["minor"]))
    same(f"{where}: position", f["position"], w["position"])
    flags = w["flags"] | (O_CLOEXEC if w["cloexec"] else 0)
    same(f"{where}: flags", f["flags"], flags)
    if "path" in w:
        same(f"{where}: path", f["path"], w["path"])
        same(f"{where}: deleted", f["deleted"],
             w["path"].startswith("/") and w["path"].endswith(" (deleted)"))


def check_owner(where, w, s):
    if w["kind"] == "quiet-listen":
        same(f"{where}: nobody has it", s["holder"], "SOCKET_HOLDER_NOBODY")
    else:
        ok({"pid": w["pid"], "fd": w["fd"]} in s["owners"],
           f"{where}: owner", s.get("owners"))
        same(f"{where}: holder", s["holder"], "SOCKET_HOLDER_PROCESS")


def check_seen(where, w, s, witnesses):
    kind = w["kind"].split("-")[0]
    kind = {"other": "tcp", "quiet": "tcp"}.get(kind, kind)
    want = witnesses
    if kind in NO_PROC:
        want &= ~PROC
    same(f"{where}: seen by", s["seen_by"], want)


def check_socket(where, w, s, witnesses):
    check_owner(where, w, s)
    check_seen(where, w, s, witnesses)
    for key in ("local_port", "remote_port", "groups", "protocol"):
        if key in w:
            same(f"{where}: {key}", s[key], w[key])
    if "name" in w and not (witnesses == PROC and "x00" in w["name"]):
        same(f"{where}: name", s["name"], w["name"])
    if "peer" in w and witnesses & ~PROC:
        same(f"{where}: peer", s["peer_inode"], w["peer"])
    if "received" in w and witnesses & ~PROC:
        same(f"{where}: bytes", (s["tcp"]["bytes_received"],
                                 s["tcp"]["bytes_acked"]),
             (w["received"], w["acked"]))
    if "listen" in w["kind"] or w["kind"] == "vsock":
        same(f"{where}: state", s["state"], "LISTEN")
        ok(s.get("listening"), f"{where}: listening")
    if w["kind"] in ("tcp-client", "tcp-server"):
        same(f"{where}: state", s["state"], "ESTABLISHED")
        same(f"{where}: addresses",
             (s["local_address"], s["remote_address"]),
             ("127.0.0.1", "127.0.0.1"))
    if "magic" in w and witnesses & ~PROC:
        text = s["filter"]["text"]
        ok(w["magic"] in text.replace("\\x0a", "\n"), f"{where}: filter", text)
        same(f"{where}: code", s["filter"]["code"]["bytes"], 72)


def check_time_wait(where, w, sockets):
    found = [s for s in sockets if s["state"] == "TIME_WAIT"
             and {s["local_port"], s["remote_port"]} ==
             {w["local_port"], w["wait_port"]}]
    same(f"{where}: TIME_WAIT, once", len(found), 1)
    for s in found:
        same(f"{where}: an orphan", s["holder"], "SOCKET_HOLDER_ORPHAN")


def check_namespaces(where, world, spaces, sockets):
    by_inode = {n["netns"]: n for n in spaces}
    ok(len(spaces) == 3 and all(n["entered"] for n in spaces),
       f"{where}: three namespaces, all entered", spaces)
    quiet = next(w["netns"] for w in world if w.get("kind") == "quiet-listen")
    same(f"{where}: one without a process", by_inode[quiet]["processes"], 0)
    same(f"{where}: and where it is mounted", by_inode[quiet].get("path"),
         "/run/netns/quiet")
    if where != "proc":
        ok(all(n["found_by"] & 16 for n in spaces),
           f"{where}: the kernel's list has them all", spaces)
    own = [n for n in spaces if n["own"]]
    same(f"{where}: one is the agent's", len(own), 1)
    ok(any(s.get("own") for s in sockets) or where in ("bare", "nodiag"),
       f"{where}: the agent's own socket is marked")


def check_config(where, world, links, routes):
    other = next(w["netns"] for w in world if w.get("kind") == "other-listen")
    watched = [x for x in links if x["netns"] == other
               and x["name"] == "watched"]
    same(f"{where}: the dummy is there", len(watched), 1)
    ok(watched and watched[0]["promiscuity"] == 1 and
       watched[0]["kind"] == "dummy", f"{where}: and promiscuous", watched)
    found = [r for r in routes if r["netns"] == other and r["table"] == 77]
    same(f"{where}: the route of another table",
         [(r["destination"], r["prefix"], r["gateway"]) for r in found],
         [("198.51.100.0", 24, "192.0.2.1")])


def check_rules(where, world, rules):
    netns = next(w["netns"] for w in world if w.get("kind") == "udp")
    raw = [r["raw"] for r in rules if r["netns"] == netns
           and r["kind"] == "NET_RULES_KIND_NFT"]
    same(f"{where}: rules of nf_tables", len(raw), 1)
    ok(raw and b"watched".hex() in raw[0], f"{where}: the table in them", raw)


def check_findings(where, findings, filters):
    rules = sorted(f["rule"] for f in findings)
    want = ["interface.promiscuous"]
    if filters:
        want.append("socket.packet-filter-magic")
    same(f"{where}: findings", rules, want)


def main():
    world_path, directory = sys.argv[1:]
    with open(world_path, encoding="utf-8") as f:
        world = json.load(f)
    witnesses = {"bare": ITERATOR | PROC, "all": ITERATOR | PROC | DIAG,
                 "proc": PROC | DIAG, "nodiag": ITERATOR | PROC}
    for name, mask in witnesses.items():
        got = {kind: lines(f"{directory}/{name}.{kind}", kind) for kind in
               ("file", "socket", "netns", "link", "route", "net_rules",
                "finding", "gap")}
        files = {(x["pid"], x["fd"]): x for x in got["file"]}
        sockets = {(x["netns"], x.get("inode")): x for x in got["socket"]}
        for w in world:
            where = f"{name}: {w['what']} {w.get('kind')}"
            if w["what"] == "file":
                f = files.get((w["pid"], w["fd"]))
                ok(f, f"{where}: is told")
                if f:
                    check_file(where, w, f, mask & ITERATOR)
            if w["what"] == "socket":
                s = sockets.get((w["netns"], w["inode"]))
                ok(s, f"{where}: is told")
                if not s:
                    continue
                some = mask
                if w["kind"] in NO_ITERATOR and mask & ITERATOR == 0:
                    some = mask & ~ITERATOR
                check_socket(where, w, s, some)
                if w["kind"] == "tcp-time-wait":
                    check_time_wait(where, w, got["socket"])
        check_namespaces(name, world, got["netns"], got["socket"])
        check_config(name, world, got["link"], got["route"])
        check_rules(name, world, got["net_rules"])
        check_findings(name, got["finding"], True)
        same(f"{name}: no gap", got["gap"], [])


main()
