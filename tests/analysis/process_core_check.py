#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""process_core_check.py CORE PROGRAM: what the core of a process has of its
program's read-only parts is as the static PROGRAM has it, byte for byte, and
its writable parts are there.  Prints a line for each check."""
import struct
import sys


def loads(path):
    data = open(path, "rb").read()
    head = struct.unpack_from("<16sHHIQQQIHHHHHH", data, 0)
    rows = [struct.unpack_from("<IIQQQQQQ", data, head[5] + 56 * i)
            for i in range(head[10])]
    return data, [r for r in rows if r[0] == 1]


def main():
    core, parts = loads(sys.argv[1])
    program, segments = loads(sys.argv[2])
    same = other = writable = 0
    for _, flags, offset, vaddr, _, filesz, _, _ in parts:
        writable += flags & 2 and filesz
        for s in segments:
            # Whole pages of segments that nobody writes to.
            low, high = max(vaddr, s[3]), min(vaddr + filesz, s[3] + s[5])
            if flags & 2 or s[1] & 2 or low >= high:
                continue
            got = core[offset + low - vaddr:offset + high - vaddr]
            want = program[s[2] + low - s[3]:s[2] + high - s[3]]
            same += got == want and len(got)
            other += got != want
    ok = same > 100000 and writable > 4096 and not other
    print("%sok - the core of a process: %d bytes as in its program, %d of "
          "its own" % ("" if ok else "not ", same, writable))
    sys.exit(not ok)


main()
