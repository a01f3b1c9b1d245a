#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""store_log.py LOG OBJECTS CAPTURE: what happened to a capture at the store.

No object was overwritten, none lies under two names, each has the bytes that
its log line says, and every try of a name had the same bytes, as far as they
came.  Prints "objects N tries N again N resend SECONDS", the last the longest
from a try that failed to the one that arrived; or what is wrong.
"""

import hashlib
import json
import pathlib
import re
import sys


def wrong(*what):
    print(*what)
    raise SystemExit(1)


def read_log(path, capture):
    """{object name: [entry, ...]}"""
    tries = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            entry = json.loads(line)
            if entry.get("method") not in ("PUT", "POST"):
                continue
            where = entry.get("key") or entry["path"].partition("?")[0]
            found = re.search("(?:^|/)c/[^/]+/%s/([^/]+)$" %
                              re.escape(capture), where)
            if found:
                tries.setdefault(found.group(1), []).append(entry)
    return tries


def check_try(entry, name, data):
    """That what was sent is that object, or the beginning of it."""
    if entry.get("stored") == "overwrite":
        wrong(name, "was overwritten")
    sha256 = entry.get("object_sha256") or entry["sha256"]
    if entry["method"] == "POST" and "object_sha256" not in entry:
        return
    length = entry.get("object_bytes", entry["length"])
    # Of a connection that broke off the hash is not known.
    if sha256 and hashlib.sha256(data[:length]).hexdigest() != sha256:
        wrong(name, "was sent with other bytes:", json.dumps(entry))


def main():
    log, objects, capture = sys.argv[1:]
    tries = read_log(log, capture)
    names = {}
    resend = 0.0
    count = 0
    files = list(pathlib.Path(objects).glob("**/c/*/%s/*" % capture))
    for path in files:
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in names:
            wrong(path.name, "and", names[sha256], "are the same")
        names[sha256] = path.name
        mine = tries.pop(path.name, None)
        if not mine:
            wrong(path.name, "was never sent")
        for entry in mine:
            check_try(entry, path.name, data)
        if sum(entry.get("stored") == "new" for entry in mine) != 1:
            wrong(path.name, "was not stored exactly once")
        count += len(mine)
        resend = max(resend, mine[-1]["mono"] - mine[0]["mono"])
    lost = {name: [entry["status"] for entry in mine]
            for name, mine in tries.items()}
    if any(200 <= (status or 0) < 300 for s in lost.values() for status in s):
        wrong("acknowledged and not there:", lost)
    print("objects %d tries %d again %d resend %.1f" % (
        len(files), count, count - len(files), resend))


if __name__ == "__main__":
    main()
