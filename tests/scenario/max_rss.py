#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""max_rss.py FILE COMMAND ...: run it, and write its largest resident memory
in KiB, as the kernel counted it, to FILE; ends as it does."""

import resource
import subprocess
import sys


def main():
    status = subprocess.call(sys.argv[2:])
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write("%d\n" % usage.ru_maxrss)
    sys.exit(status)


if __name__ == "__main__":
    main()
