#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""exports_check.py DIR TRUTH: what icelab export wrote into DIR, a file named
after each format, read by nothing of icelab's, and compared with what the guest
said of itself before (0) and after (1) the capture in TRUTH.  Prints a line for
each check, as guest_judge wants it."""
import datetime
import json
import os
import re
import sys
import tarfile
import uuid

import fastjsonschema

failed = 0
here = os.path.dirname(os.path.abspath(__file__))


def check(text, ok, detail=""):
    global failed
    print(("ok - " if ok else "not ok - ") + text)
    if detail and not ok:
        print("# " + str(detail)[:400])
    failed += not ok


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        return [json.loads(line) for line in f.read().split("\n")[:-1]]


def check_schema(name, path):
    with open(os.path.join(here, name + ".schema.json")) as f:
        validate = fastjsonschema.compile(json.load(f))
    events, wrong = lines(path), []
    for event in events:
        try:
            validate(event)
        except fastjsonschema.JsonSchemaException as e:
            wrong.append((str(e), event))
    check("%s: %d documents obey the schema" % (name, len(events)),
          len(events) > 50 and not wrong, wrong[:2])
    return events


def check_jsonl(path):
    kinds = {}
    for record in lines(path):
        kind = next(k for k in record if k != "segment")
        kinds[kind] = kinds.get(kind, 0) + 1
    want = ("process", "process_maps", "sockets", "memory_extent", "file",
            "kernel_module", "kernel_image", "net_namespace", "segment_header")
    check("jsonl: %d records of %d kinds" % (sum(kinds.values()), len(kinds)),
          all(k in kinds for k in want), kinds)


def check_timesketch(path):
    bad, rows = [], lines(path)
    for row in rows:
        at = re.fullmatch(r"(.*)\.(\d{9})Z", row.get("datetime", ""))
        if not at or not row.get("message") or not row.get("timestamp_desc"):
            bad.append(row)
            continue
        s = datetime.datetime.strptime(at[1], "%Y-%m-%dT%H:%M:%S").replace(
            tzinfo=datetime.timezone.utc)
        if int(s.timestamp()) * 10**6 + int(at[2]) // 1000 != row["timestamp"]:
            bad.append(row)
    check("timesketch: %d lines by its rules" % len(rows),
          len(rows) > 50 and not bad, bad[:2])


def check_bodyfile(path):
    bad, rows = [], open(path).read().split("\n")[:-1]
    for row in rows:
        f = row.split("|")
        if len(f) != 11 or not re.fullmatch("0|[0-9a-f]{32}", f[0]) or \
                not re.fullmatch("[-rdlcbps]/[-rdlcbps]([-r][-w][-xsStT]){3}",
                                 f[3]) or \
                not all(re.fullmatch("-?[0-9]+", x) for x in f[2:3] + f[4:]):
            bad.append(row)
    check("bodyfile: %d rows of 11 fields" % len(rows), rows and not bad, bad)
    gone = [r for r in rows if "/run/gone-program" in r.split("|")[1]]
    check("bodyfile: the program that was deleted, with its mode",
          gone and gone[0].split("|")[3] == "r/rrwxr-xr-x", rows)


def check_stix(path):
    bundle = json.load(open(path))
    objects = bundle.get("objects", [])
    ids = {o["id"] for o in objects}
    wrong = [o for o in objects if o["type"] != "indicator" or
             o["spec_version"] != "2.1" or o["pattern_type"] != "stix" or
             uuid.UUID(o["id"].split("--")[1]).version != 5 or
             not re.fullmatch(r"\[(file:hashes\.'SHA-256' = '[0-9a-f]{64}'|"
                              r"ipv[46]-addr:value = '[0-9a-f.:]+'|"
                              r"domain-name:value = '[-\w.]+')\]", o["pattern"])
             or not all(k in o for k in ("created", "modified", "valid_from"))]
    check("stix: a bundle of %d indicators" % len(objects),
          bundle["type"] == "bundle" and uuid.UUID(
              bundle["id"].split("--")[1]) and objects and not wrong and
          len(ids) == len(objects), wrong[:2])
    check("stix: the address that was spoken with", any(
        o["pattern"] == "[ipv4-addr:value = '203.0.113.5']" for o in objects),
        [o["pattern"] for o in objects])
    check("stix: the deleted program, by its hash", any(
        "SHA-256" in o["pattern"] and "gone-program" in o["name"]
        for o in objects), [o["name"] for o in objects])


def steady(truth, pid, name):
    """What the guest said both times."""
    try:
        a, b = (open("%s/proc%d/%s/%s" % (truth, i, pid, name), "rb").read()
                for i in (0, 1))
    except FileNotFoundError:
        return None
    return a if a == b else None


def fields_of(text):
    return dict(line.split(b":\t", 1) for line in text.split(b"\n")
                if b":\t" in line)


def check_proc(tar, truth):
    names = tar.getnames()
    check("tar: %d entries, none leads out" % len(names), len(names) > 200 and
          not [n for n in names if n.startswith("/") or ".." in n.split("/")])
    pids = [n.split("/")[2] for n in names
            if re.fullmatch(r"\[root\]/proc/\d+/stat", n)]
    counts, wrong = {}, []

    def same(pid, what, got, want):
        counts[what] = counts.get(what, 0) + 1
        if got != want:
            wrong.append((pid, what, got, want))

    for pid in pids:
        def made(name, pid=pid):
            try:
                f = tar.extractfile("[root]/proc/%s/%s" % (pid, name))
            except KeyError:
                return None
            return f.read()
        for name in ("cmdline", "maps"):
            want = steady(truth, pid, name)
            if want:
                same(pid, name, made(name), want)
        # The name of a kernel's thread is longer there than its comm is.
        kernel = not steady(truth, pid, "cmdline")
        comm = steady(truth, pid, "comm")
        if comm and not kernel:
            same(pid, "comm", made("comm"), comm)
        want, got = steady(truth, pid, "status"), made("status")
        if want and not kernel:
            want, got = fields_of(want), fields_of(got)
            for key in (b"Name", b"State", b"Tgid", b"Pid", b"PPid",
                        b"TracerPid", b"Uid", b"Gid", b"Groups", b"Threads",
                        b"CapInh", b"CapPrm", b"CapEff", b"CapBnd", b"CapAmb",
                        b"NoNewPrivs", b"Seccomp"):
                same(pid, "status." + key.decode(), got.get(key), want.get(key))
        want, got = steady(truth, pid, "stat"), made("stat")
        if want and not kernel:
            want, got = (x.rsplit(b") ", 1)[1].split() for x in (want, got))
            same(pid, "stat: fields", len(got), len(want))
            for key, i in (("state", 0), ("ppid", 1), ("pgrp", 2),
                           ("session", 3), ("threads", 17), ("start", 19)):
                same(pid, "stat." + key, got[i], want[i])
    check("tar: %d values of %d kinds are the guest's own" % (
        sum(counts.values()), len(counts)), len(counts) > 24 and
        min(counts.values()) > 3 and not wrong, wrong[:4] or counts)


def net_rows(text, table):
    rows = {}
    for line in text.decode().split("\n")[1:]:
        f = line.split()
        if table == "unix" and len(f) > 6:
            rows[f[6]] = (f[4], f[5], f[3], f[7:] or None)
        elif table != "unix" and len(f) > 9:
            rows[f[9]] = (f[1], f[2], f[3], f[7])
    return rows


def check_net(tar, truth):
    total = 0
    for table in ("tcp", "tcp6", "udp", "udp6", "unix"):
        real = [net_rows(open("%s/net%d.%s" % (truth, i, table), "rb").read(),
                         table) for i in (0, 1)]
        want = {k: v for k, v in real[0].items() if real[1].get(k) == v}
        made = net_rows(tar.extractfile("[root]/proc/net/" + table).read(),
                        table)
        wrong = {k: (made.get(k), v) for k, v in want.items()
                 if made.get(k) != v}
        total += len(want)
        check("tar: net/%s has the guest's %d sockets" % (table, len(want)),
              not wrong, wrong)
    check("tar: %d sockets were compared" % total, total >= 6, total)


def main():
    exports, truth = sys.argv[1:]
    check_jsonl(exports + "/jsonl")
    ecs = check_schema("ecs", exports + "/ecs")
    check("ecs: a process with its command line", any(
        d.get("process", {}).get("command_line") == "sleep 1002" for d in ecs))
    ocsf = check_schema("ocsf", exports + "/ocsf")
    check("ocsf: ids agree", all(
        d["type_uid"] == 100 * d["class_uid"] + d["activity_id"] and
        d["category_uid"] == d["class_uid"] // 1000 for d in ocsf))
    check_timesketch(exports + "/timesketch")
    check_bodyfile(exports + "/bodyfile")
    check_stix(exports + "/stix")
    with tarfile.open(exports + "/tar") as tar:
        check_proc(tar, truth)
        check_net(tar, truth)
    sys.exit(failed != 0)


main()
