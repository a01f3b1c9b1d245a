#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""drgn_check.py ELF KALLSYMS VERSION [VMLINUX PS-BEFORE PS-AFTER MODULES]:
open the image in drgn.  Without debugging information it must find its way by
the note and the page tables: the banner, by its address.  With it, tasks as
ps told of them, modules as /proc/modules had them, and a stack of each task
that sleeps.  Prints a line for each check, as guest_judge wants it."""
import sys

import drgn
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.pid import for_each_task

failed = 0


def check(text, ok, detail=""):
    global failed
    print(("ok - drgn: " if ok else "not ok - drgn: ") + text)
    if detail and not ok:
        print("# " + str(detail)[:300])
    failed += not ok


def ps(path):
    rows = [line.split(None, 2) for line in open(path)][1:]
    return {int(pid): comm.strip() for pid, _, comm in rows}


def check_debug(prog, vmlinux, before, after, modules):
    prog.load_debug_info([vmlinux])
    tasks = {t.pid.value_(): t for t in for_each_task(prog)}
    first, last = ps(before), ps(after)
    want = {p: c for p, c in first.items() if last.get(p) == c}
    wrong = {p: c for p, c in want.items() if p not in tasks or
             not c.startswith(tasks[p].comm.string_().decode())}
    check("the %d processes of ps" % len(want), not wrong, wrong)
    there = {m.name.string_().decode() for m in list_for_each_entry(
        "struct module", prog["modules"].address_of_(), "list")}
    told = {line.split()[0] for line in open(modules)}
    check("the %d modules" % len(told), there == told, there ^ told)
    stacks = 0
    try:
        for task in tasks.values():
            stacks += len(prog.stack_trace(task)) > 2
    except Exception as e:  # pylint: disable=broad-except
        # Debian's drgn is older than the unwinding tables of 6.4 and later.
        print("# stacks: %s" % e)
        return
    check("%d stacks" % stacks, stacks > 20)


def main():
    elf, kallsyms, version, *debug = sys.argv[1:]
    prog = drgn.Program()
    prog.set_core_dump(elf)
    check("it is a kernel of x86-64", prog.platform.arch ==
          drgn.Architecture.X86_64 and
          bool(prog.flags & drgn.ProgramFlags.IS_LINUX_KERNEL))
    at = next(int(line.split()[0], 16) for line in open(kallsyms)
              if line.split()[2] == "linux_banner")
    want = open(version, "rb").read()
    got = prog.read(at, len(want))
    check("the banner through note and page tables", got == want, got)
    if debug:
        check_debug(prog, *debug)
    sys.exit(failed != 0)


main()
