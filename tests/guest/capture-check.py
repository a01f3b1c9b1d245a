#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""capture-check.py COMMAND ...: look at what "icelab extract" wrote to DIR.

coverage IOMEM DIR [interrupted|missing]
    The ranges of DIR/memory.lime and the gaps do not overlap, and are System
    RAM of IOMEM, to the byte.  The gaps are those that the host told; with
    "interrupted" some, and with "missing" what the manifests lack.
gaps SOURCE IOMEM DIR REPORT
    The gaps and the lists of pages are those that SOURCE must have with the
    pages that REPORT of plant lists; pages of doubtful zeros are zeros.
same IOMEM KALLSYMS REPORT DIR...
    The kernel's text and the planted pages but the secret ones are the same.
tried JSONL LINE...
    The only memory map of JSONL has these sources: "NAME: opens", "NAME: WHY".
"""
import glob
import hashlib
import json
import mmap
import struct
import sys

PAGE = 4096
LIME_HEADER = struct.Struct("<IIQQQ")
LIME_MAGIC = 0x4C694D45


def fail(text):
    sys.exit(f"capture-check: {text}")


def show(ranges):
    text = ", ".join(f"{a:#x}-{b:#x}" for a, b in ranges[:8])
    return text + (f" and {len(ranges) - 8} more" if len(ranges) > 8 else "")


def merge(ranges):
    """Sorted, neighbours as one; an overlap is an error."""
    merged = []
    for start, end in sorted(ranges):
        if start >= end:
            fail(f"no range: {start:#x}-{end:#x}")
        if merged and merged[-1][1] > start:
            fail(f"{start:#x}-{end:#x} is there twice")
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def size(ranges):
    return sum(end - start for start, end in ranges)


def resources(path, name):
    """[start, end) of each line of iomem with that name, at any depth."""
    found = []
    for line in open(path):
        where, _, what = line.strip().partition(" : ")
        if what == name:
            first, last = (int(x, 16) for x in where.split("-"))
            found.append((first, last + 1))
    if not found:
        fail(f"no {name} in {path}")
    return found


class Image:
    def __init__(self, path):
        self.ranges = []
        file = open(f"{path}/memory.lime", "rb")
        self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        at = 0
        while at < len(self.bytes):
            magic, version, first, last, _ = LIME_HEADER.unpack_from(
                self.bytes, at)
            at += LIME_HEADER.size
            if (magic, version) != (LIME_MAGIC, 1) or last < first:
                fail(f"no LiME header at {at - LIME_HEADER.size}")
            self.ranges.append((first, last + 1, at))
            at += last - first + 1
        if at != len(self.bytes):
            fail(f"the image ends at {len(self.bytes)}, not {at}")

    def covered(self):
        return [(start, end) for start, end, _ in self.ranges]

    def read(self, start, end):
        for first, last, at in self.ranges:
            if first <= start and end <= last:
                return self.bytes[at + start - first:at + end - first]
        fail(f"{start:#x}-{end:#x} is not in the image")


def load_gaps(path):
    return json.load(open(f"{path}/memory.gaps.json"))


def ranges_of(rows):
    return [(int(r["start"], 16), int(r["end"], 16)) for r in rows]


def pages_of(ranges):
    pages = []
    for start, end in ranges:
        if start % PAGE or end % PAGE:
            fail(f"not whole pages: {start:#x}-{end:#x}")
        pages += range(start, end, PAGE)
    return sorted(pages)


def planted(report, *kinds):
    rows = (line.split() for line in open(report))
    pages = sorted(int(r[3], 16) for r in rows if r[0] in kinds)
    if not pages:
        fail(f"nothing planted in {report}")
    return pages


def expect(what, got, want):
    if got != want:
        odd = sorted(set(got) ^ set(want))
        fail(f"{what}: {len(got)}, not {len(want)}; differ in "
             + " ".join(hex(x) if isinstance(x, int) else str(x)
                        for x in odd[:8]))
    print(f"{what}: {len(got)}, as expected")


def coverage(iomem, path, ending=None):
    ram = merge(resources(iomem, "System RAM"))
    covered = Image(path).covered()
    j = load_gaps(path)
    missing = ranges_of(j["missing" if ending == "missing" else "gaps"])
    if merge(covered + missing) != ram:
        fail(f"extents and gaps are {show(merge(covered + missing))}, "
             f"System RAM is {show(ram)}")
    if j["memory_bytes"] != size(covered):
        fail(f"{j['memory_bytes']} bytes of memory, {size(covered)} in the "
             "image")
    cut = [g for g in j["gaps"] if g["status"] == "interrupted"]
    if (ending == "interrupted") != bool(cut):
        fail(f"{len(cut)} gaps are interrupted")
    if ending and not (covered and missing):
        fail("nothing is covered, or nothing is missing")
    print(f"{len(covered)} ranges of {size(covered)} bytes and "
          f"{len(missing)} gaps of {size(missing)} bytes are the "
          f"{size(ram)} bytes of System RAM")


def partial_pages(ram):
    """What is no whole page at either end of a range."""
    parts = []
    for start, end in ram:
        if start % PAGE:
            parts.append((start, min(end, start - start % PAGE + PAGE)))
        if end % PAGE:
            parts.append((max(start, end - end % PAGE), end))
    return parts


def gaps(source, iomem, path, report):
    j = load_gaps(path)
    secret = planted(report, "secret")
    statuses = {g["status"] for g in j["gaps"]}
    lost = ranges_of(j["gaps"])
    expect("sources of gaps", sorted({g["source"] for g in j["gaps"]}),
           [source] if lost else [])
    expect("other gaps", j["other_gaps"], [])
    doubtful = ranges_of(j["zero_doubtful"])
    if source == "kcore":
        partial = partial_pages(resources(iomem, "System RAM"))
        expect("bytes of partial pages", [hex(x) for r in lost for x in r],
               [hex(x) for r in partial for x in r])
        expect("statuses", sorted(statuses), ["not-mapped"])
        image = Image(path)
        for start, end in doubtful:
            if any(image.read(start, end)):
                fail(f"doubtful zeros at {start:#x} are no zeros")
        print(f"{size(doubtful)} bytes of doubtful zeros are zeros")
        expect("secret pages in doubt",
               [p for p in secret
                if any(s <= p < e for s, e in doubtful)], secret)
    else:
        expect("doubtful zeros", doubtful, [])
        expect("statuses", sorted(statuses),
               ["no-direct-map"] if source == "bpf" else [])
        expect("pages in gaps", pages_of(lost),
               secret if source == "bpf" else [])
    expect("pages through a private mapping",
           pages_of(ranges_of(j["private_map"])),
           secret if source == "kmod" else [])


def text_range(iomem, kallsyms):
    """Physical _stext to _etext."""
    symbols = {name: int(address, 16) for address, _, name in
               (line.split() for line in open(kallsyms))}
    (start, end), = resources(iomem, "Kernel code")
    offset = start - symbols["_text"]
    text = symbols["_stext"] + offset, symbols["_etext"] + offset
    if not start <= text[0] < text[1] <= end:
        fail(f"text {show([text])} is not in Kernel code "
             f"{show([(start, end)])}")
    return text


def same(iomem, kallsyms, report, *paths):
    images = [Image(p) for p in paths]
    start, end = text_range(iomem, kallsyms)
    ranges = [(start, end)]
    ranges += [(p, p + PAGE) for p in planted(report, "anon", "tmpfs")]
    for r in ranges:
        first = images[0].read(*r)
        for image, path in zip(images[1:], paths[1:]):
            other = image.read(*r)
            if other != first:
                at = next(i for i in range(len(first))
                          if first[i] != other[i])
                fail(f"{r[0] + at:#x} differs in {path}")
    text = hashlib.sha256(images[0].read(start, end)).hexdigest()
    print(f"{end - start} bytes of text at {start:#x}, sha256 {text}, and "
          f"{len(ranges) - 1} planted pages in {len(images)} images")


def hidden(report, image, cores):
    """The secret pages of the image are in the core of their process."""
    pages = planted(report, "secret")
    image = Image(image)
    core = open(glob.glob(f"{cores}/cores/*.core")[0], "rb").read()
    for page in pages:
        if core.find(image.read(page, page + PAGE)) < 0:
            fail(f"the page at {page:#x} is not in the core")
    print(f"{len(pages)} pages")


def tried(path, *lines):
    maps = [json.loads(line)["memory_map"] for line in open(path)]
    if len(maps) != 1:
        fail(f"{len(maps)} memory maps")
    got = [s["source"].removeprefix("MEMORY_SOURCE_").lower() + ": "
           + ("opens" if s["opened"] else s["reason"])
           for s in maps[0]["sources"]]
    for line in got:
        print(line)
    if got != list(lines):
        fail(f"not what was expected: {list(lines)}")


def main():
    commands = {f.__name__: f for f in (coverage, gaps, hidden, same, tried)}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        commands[sys.argv[1]](*sys.argv[2:])
    except (OSError, ValueError, KeyError) as e:
        fail(f"{type(e).__name__}: {e}")
    return 0


sys.exit(main())
