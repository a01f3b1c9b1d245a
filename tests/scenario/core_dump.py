#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""core_dump.py SIGNAL READY COMMAND ...: does a crash of it leave a core?

Runs COMMAND with no limit on cores, sends SIGNAL once the shell pattern READY
matches a file, and prints "core" or "no core", as the kernel says.
"""

import glob
import os
import resource
import signal
import subprocess
import sys
import time


def main():
    number = signal.Signals["SIG" + sys.argv[1]]
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    child = subprocess.Popen(sys.argv[3:])
    end = time.monotonic() + 30
    while not glob.glob(sys.argv[2]) and time.monotonic() < end:
        time.sleep(0.02)
    child.send_signal(number)
    _, status = os.waitpid(child.pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != number:
        raise SystemExit("it did not end by that signal: %d" % status)
    print("core" if os.WCOREDUMP(status) else "no core")


if __name__ == "__main__":
    main()
