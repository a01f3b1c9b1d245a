#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""isf_check.py ISF CONFIG ELF PS-BEFORE PS-AFTER: read a symbol file, its
configuration and a memory image as Volatility would, with nothing of icelab's.

The file obeys the schema beside this script; every type that it names is
there, no field lies outside its struct.  Then the image: the note, the banner
at its symbol through the page tables, and the list of tasks, which must have
every process that ps told of before and after the capture.  Prints a line for
each check, as guest_judge wants it."""
import base64
import json
import lzma
import mmap
import os
import struct
import sys

import fastjsonschema

failed = 0


def check(text, ok, detail=""):
    global failed
    print(("ok - " if ok else "not ok - ") + text)
    if detail and not ok:
        print("# " + str(detail)[:300])
    failed += not ok


class Image:
    """An ELF core by physical addresses, and by virtual ones through CR3."""

    def __init__(self, path, dtb):
        self.file = open(path, "rb")
        self.map = mmap.mmap(self.file.fileno(), 0, prot=mmap.PROT_READ)
        head = struct.unpack_from("<16sHHIQQQIHHHHHH", self.map, 0)
        self.ident, self.type, self.machine = head[0], head[1], head[2]
        self.dtb, self.loads, self.note = dtb, [], b""
        for i in range(head[10]):
            p = struct.unpack_from("<IIQQQQQQ", self.map, head[5] + 56 * i)
            if p[0] == 1:
                self.loads.append((p[4], p[4] + p[5], p[2], p[3], p[6]))
            elif p[0] == 4:
                self.note = self.map[p[2]:p[2] + p[5]]

    def physical(self, at, n):
        for start, end, offset, _, _ in self.loads:
            if start <= at and at + n <= end:
                return self.map[offset + at - start:offset + at - start + n]
        raise LookupError(hex(at))

    def translate(self, at):
        table = self.dtb
        for shift in (39, 30, 21, 12):
            entry = struct.unpack("<Q", self.physical(
                table + (at >> shift & 511) * 8, 8))[0]
            if not entry & 1:
                raise LookupError(hex(at))
            table = entry & 0xffffffffff000
            if shift == 12 or entry & 0x80:
                mask = (1 << shift) - 1
                return table & ~mask | at & mask

    def read(self, at, n):
        out = b""
        while n:
            k = min(n, 4096 - at % 4096)
            out += self.physical(self.translate(at), k)
            at, n = at + k, n - k
        return out

    def u64(self, at):
        return struct.unpack("<Q", self.read(at, 8))[0]


def references(isf):
    """Every type that something names, with where."""
    def walk(t, where):
        while True:
            kind = t["kind"]
            if kind in ("pointer", "array"):
                t = t["subtype"]
            elif kind == "bitfield":
                t = t["type"]
            else:
                if kind != "function":
                    yield kind, t["name"], where
                return
    for name, u in isf["user_types"].items():
        for field, f in u["fields"].items():
            yield from walk(f["type"], name + "." + field)
    for name, s in isf["symbols"].items():
        if "type" in s:
            yield from walk(s["type"], name)
    for name, e in isf["enums"].items():
        yield "base", e["base"], name


def size(isf, t):
    kind = t["kind"]
    if kind == "pointer":
        return 8
    if kind == "array":
        return t["count"] * size(isf, t["subtype"])
    if kind == "bitfield":
        return size(isf, t["type"])
    if kind == "function":
        return 0
    table = {"base": "base_types", "enum": "enums"}.get(kind, "user_types")
    return isf[table][t["name"]]["size"]


def check_types(isf):
    missing, kinds = [], {"base": "base_types", "enum": "enums"}
    for kind, name, where in references(isf):
        table = isf[kinds.get(kind, "user_types")]
        if name not in table:
            missing.append((kind, name, where))
    check("every type that is named is there", not missing, missing[:5])
    outside = [
        (n, f) for n, u in isf["user_types"].items() if u["size"]
        for f, v in u["fields"].items()
        if v["offset"] + size(isf, v["type"]) > u["size"]]
    check("no field lies outside its struct", not outside, outside[:5])
    check("no field of a bit field is longer than its type", not [
        1 for u in isf["user_types"].values() for v in u["fields"].values()
        if v["type"]["kind"] == "bitfield" and v["type"]["bit_position"] +
        v["type"]["bit_length"] > 8 * size(isf, v["type"])])
    for name in ("init_task", "modules", "prb", "tk_core", "sys_call_table",
                 "idt_table", "iomem_resource", "runqueues"):
        check("symbol %s has a type" % name,
              "type" in isf["symbols"].get(name, {}))
    check("types of modules are there", any(
        "overlay" in n or n.startswith("ovl_") for n in isf["user_types"]))


def tasks(isf, image, shift):
    task = isf["user_types"]["task_struct"]["fields"]
    head = isf["symbols"]["init_task"]["address"] + shift + \
        task["tasks"]["offset"]
    at, seen = image.u64(head), {}
    while at != head and len(seen) < 4096:
        base = at - task["tasks"]["offset"]
        pid = struct.unpack("<i", image.read(
            base + task["pid"]["offset"], 4))[0]
        comm = image.read(base + task["comm"]["offset"], 16)
        seen[pid] = comm.split(b"\0")[0].decode()
        at = image.u64(at)
    return seen


def ps(path):
    rows = [line.split(None, 2) for line in open(path)][1:]
    return {int(pid): comm.strip() for pid, _, comm in rows}


def check_image(isf, config, path, before, after):
    shift = config["kernel.layer_name.kernel_virtual_offset"]
    image = Image(path, config["kernel.layer_name.page_map_offset"])
    check("the image is an ELF64 core of x86-64",
          image.ident[:7] == b"\x7fELF\x02\x01\x01" and
          image.type == 4 and image.machine == 62)
    check("its note is VMCOREINFO", image.note[12:22] == b"VMCOREINFO" and
          b"OSRELEASE=" in image.note, image.note[:64])
    banner = base64.b64decode(isf["symbols"]["linux_banner"]["constant_data"])
    there = image.read(isf["symbols"]["linux_banner"]["address"] + shift,
                       len(banner))
    check("the banner is where its symbol says", there == banner, there)
    direct = image.u64(isf["symbols"]["page_offset_base"]["address"] + shift)
    text = isf["symbols"]["_text"]["address"] + shift & -4096
    kernel = [x for x in image.loads if x[3] == text]
    check("one range is the kernel's image, by its own address",
          len(kernel) == 1 and image.translate(text) == kernel[0][0], kernel)
    check("each other has its address in the direct map", all(
        x[3] == x[0] + direct for x in image.loads if x not in kernel))
    check("no range lies over another", all(
        a[1] <= b[0] for a, b in zip(image.loads, image.loads[1:])))
    check("pages begin where pages begin in the file", all(
        offset % 4096 == start % 4096 for start, _, offset, _, _ in image.loads))
    seen = tasks(isf, image, shift)
    want = {p: c for p, c in before.items() if after.get(p) == c}
    # Of a worker ps tells its work, too, which is not in its comm.
    wrong = {p: c for p, c in want.items()
             if not seen.get(p) or not c.startswith(seen[p])}
    check("the list of tasks has the %d processes of ps" % len(want),
          len(want) > 20 and not wrong, wrong)
    check("and no other but what came and went", len(set(seen) - set(before) -
          set(after)) <= 3, set(seen) - set(before) - set(after))


def main():
    isf_path, config_path, elf, before, after = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    isf = json.load(lzma.open(isf_path))
    with open(os.path.join(here, "isf.schema.json")) as f:
        validate = fastjsonschema.compile(json.load(f))
    try:
        validate(isf)
        check("the symbol file obeys the schema", True)
    except fastjsonschema.JsonSchemaException as e:
        check("the symbol file obeys the schema", False, e)
    check_types(isf)
    check_image(isf, json.load(open(config_path)), elf, ps(before), ps(after))
    sys.exit(failed != 0)


main()
