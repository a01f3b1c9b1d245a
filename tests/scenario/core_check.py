#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""core_check.py CORE DIR [frozen]: is the memory in CORE what the victim wrote to DIR?

Reads the ELF core by its program headers alone.  Prints one line for each
region; with "frozen" the two counters must be equal to within one.
"""

import struct
import sys


def loads(core):
    """[(address, bytes in the file, offset, bytes in memory)], and the type."""
    head = struct.unpack_from("<16sHHIQQQIHHHHHH", core)
    phoff, shoff, phnum = head[5], head[6], head[10]
    if phnum == 0xFFFF:
        phnum = struct.unpack_from("<I", core, shoff + 44)[0]
    found = []
    for i in range(phnum):
        kind, _, offset, vaddr, _, filesz, memsz, _ = struct.unpack_from(
            "<IIQQQQQQ", core, phoff + 56 * i)
        if kind == 1:
            found.append((vaddr, filesz, offset, memsz))
    return found, head[1]


def read(core, parts, address, length):
    """The bytes there; None where the core does not have all of them."""
    out = b""
    while len(out) < length:
        at = address + len(out)
        part = next((p for p in parts if p[0] <= at < p[0] + p[1]), None)
        if part is None:
            return None
        n = min(part[0] + part[1] - at, length - len(out))
        start = part[2] + at - part[0]
        out += core[start:start + n]
    return out


def main():
    core = open(sys.argv[1], "rb").read()
    where = sys.argv[2]
    parts, kind = loads(core)
    good = kind == 4
    print("type", kind)
    for line in open(where + "/regions"):
        name, address, rest = line.split()
        if name == "count":
            first = read(core, parts, int(address, 16), 8)
            second = read(core, parts, int(rest, 16), 8)
            ahead = (int.from_bytes(first, "little")
                     - int.from_bytes(second, "little"))
            print("counters differ by", ahead)
            if "frozen" in sys.argv[3:] and ahead not in (0, 1):
                good = False
            continue
        want = open(where + "/" + name, "rb").read()
        got = read(core, parts, int(address, 16), int(rest))
        same = got == want
        print(name, "same" if same else
              "not there" if got is None else "different")
        good &= same
    sys.exit(not good)


if __name__ == "__main__":
    main()
