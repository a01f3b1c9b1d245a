#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rpm_forms.py SQLITE ndb|bdb OUT: the packages of rpm's own database in another form.

ndb is written after lib/backend/ndb/rpmpkg.c of rpm; bdb is text for db_load,
so that Berkeley DB itself makes the file.
"""

import sqlite3
import struct
import sys
import zlib


def blobs(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return list(db.execute("SELECT hnum, blob FROM Packages ORDER BY hnum"))


def ndb(packages):
    page, block = 4096, 16
    slots = bytearray(struct.pack("<4sIII", b"RpmP", 0, 1, 1) + bytes(16))
    data = bytearray(page)
    for number, blob in packages:
        length = (16 + len(blob) + 12 + block - 1) // block * block
        body = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        body += bytes(length - len(body) - 12)
        body += struct.pack("<II4s", zlib.adler32(body), len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, len(data) // block,
                             length // block)
        data += body
    while len(slots) < page:
        slots += struct.pack("<4sIII", b"Slot", 0, 0, 0)
    return bytes(slots) + bytes(data[page:])


def bdb(packages):
    lines = ["VERSION=3", "format=bytevalue", "type=hash", "db_pagesize=4096",
             "HEADER=END", " 00000000", " %08x" % 0x01000000]
    for number, blob in packages:
        lines += [" " + struct.pack("<I", number).hex(), " " + blob.hex()]
    return ("\n".join(lines + ["DATA=END", ""])).encode()


def main():
    form = {"ndb": ndb, "bdb": bdb}[sys.argv[2]]
    with open(sys.argv[3], "wb") as out:
        out.write(form(blobs(sys.argv[1])))


if __name__ == "__main__":
    main()
