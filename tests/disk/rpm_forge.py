#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rpm_forge.py DATABASE OLD NEW: replace OLD by NEW in each header of an SQLite
database of rpm, and make the header's own SHA-256 agree again, as somebody who
changed a package's program would; signatures stay as they were."""
import hashlib
import sqlite3
import struct
import sys

MAGIC = bytes.fromhex("8eade80100000000")


def digest(blob):
    n, _ = struct.unpack(">II", blob[:8])
    entries, data = blob[8:8 + 16 * n], blob[8 + 16 * n:]
    offset = struct.unpack(">IIII", entries[:16])[2]
    back = -struct.unpack(">IIiI", data[offset:offset + 16])[2]
    head = struct.pack(">II", back // 16, offset + 16)
    return hashlib.sha256(
        MAGIC + head + entries[:back] + data[:offset + 16]).hexdigest().encode()


path, old, new = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
assert len(old) == len(new)
with sqlite3.connect(path) as db:
    for key, blob in list(db.execute("select hnum, blob from Packages")):
        was = digest(blob)
        assert blob.count(was) == 1
        forged = blob.replace(old, new)
        forged = forged.replace(was, digest(forged))
        assert forged != blob
        db.execute("update Packages set blob = ? where hnum = ?", (forged, key))
db.close()
