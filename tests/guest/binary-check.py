#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""binary-check.py SUMS DIR: compare what icelab showed and extracted in DIR of
the capture of binary.sh with the sums of the files that were there, and with
the reasons that each has to have.  Prints TAP without numbers."""
import hashlib
import json
import os
import stat
import sys

THRESHOLD = 50
# The end of a path, the file that it is a copy of, and its reasons.
WANTED = [
    ("/memfd:payload (deleted)", "/bin/binary_world", {"memfd"}),
    ("/disk/gone (deleted)", "/disk/gone", {"deleted"}),
    ("/disk/big (deleted)", "/disk/big", {"deleted"}),
    ("/disk/packed", "/disk/packed",
     {"packer", "packed", "wx-segment", "no-sections"}),
    ("/disk/hollowed", "/disk/hollowed", {"replaced"}),
    ("/disk/miner", "/disk/miner", {"miner", "miner-busy"}),
    ("/overlay/merged/added", "/overlay/merged/added", {"upper-layer"}),
    ("/tmp/hook.so", "/tmp/hook.so",
     {"temporary-place", "preloaded", "libc-hooks"}),
    ("/tmp/evil.sh", "/tmp/evil.sh", {"temporary-place"}),
    ("/bin/busybox", None, {"reverse-shell"}),
]
# Not above the threshold, whatever else they are.
QUIET = ["/bin/dash", "/init", "/disk/clean", "/libc.so.6"]


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good and detail:
        print(f"# {str(detail)[:600]}")


def lines(path, kind):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line)[kind] for line in f]


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def find(binaries, end):
    return [b for b in binaries
            if any(p.endswith(end) for p in b.get("paths", []))]


def check_content(name, binary, want, directory):
    path = f"{directory}/extracted/binaries/{binary['sha256']}"
    ok(binary["sha256"] == want, f"{name}: its hash is that of the file",
       (binary["sha256"], want))
    ok(binary["content"].endswith("WHOLE"), f"{name}: its content is whole",
       binary["content"])
    ok(os.path.exists(path) and sha256(path) == want,
       f"{name}: it was extracted byte for byte")
    ok(os.path.exists(path) and
       stat.S_IMODE(os.stat(path).st_mode) == 0o400,
       f"{name}: nobody can run it")
    ok(os.path.exists(path + ".json"), f"{name}: it is described")


def check_hollowed(directory, payload, findings):
    """What was put in the place of a program is there, and said."""
    with open(payload, "rb") as f:
        want = f.read()
    code = f"{directory}/extracted/code"
    found = [name for name in os.listdir(code) if name.endswith(".memory")
             and open(f"{code}/{name}", "rb").read() == want]
    ok(len(found) == 1, "what runs in the hollowed process is told", len(found))
    ok(any(f["rule"] == "process.program-replaced" for f in findings),
       "and that it is not its program")


def main():
    sums, directory, payload = sys.argv[1:]
    with open(sums, encoding="utf-8") as f:
        sums = {line.split()[1]: line.split()[0] for line in f}
    binaries = lines(f"{directory}/binaries", "binary")
    findings = lines(f"{directory}/findings", "finding")
    told = [r.get("name", "") for f in findings for r in f["evidence"]]
    scores = [b["score"] for b in binaries]
    ok(scores == sorted(scores, reverse=True), "they are ranked", scores)
    for end, original, reasons in WANTED:
        found = find(binaries, end)
        ok(len(found) == 1, f"{end}: it is told once", len(found))
        if len(found) != 1:
            continue
        binary = found[0]
        got = {r["rule"] for r in binary.get("reasons", [])}
        ok(reasons <= got, f"{end}: its reasons", (reasons, got))
        if original and reasons:
            check_content(end, binary, sums[original], directory)
        if binary["score"] >= THRESHOLD:
            path = end.removesuffix(" (deleted)")
            ok(any(t.endswith(path) for t in told), f"{end}: it is a finding",
               told)
    check_hollowed(directory, payload, findings)
    with open(f"{directory}/matches", encoding="utf-8") as f:
        matches = [line.split()[:2] for line in f]
    miner = f"binary:{sums['/disk/miner']}"
    ok([m[0] for m in matches if m[1].endswith(":miner")] == [miner],
       "YARA finds the miner, and nothing else", matches)
    ok(len([m for m in matches if m[1].endswith(":elf")]) >= 5,
       "YARA sees the programs", matches)
    for end in QUIET:
        for binary in find(binaries, end):
            ok(binary["score"] == 0, f"{end}: it has no reason",
               binary.get("reasons"))


main()
