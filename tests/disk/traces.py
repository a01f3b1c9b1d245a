#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""traces.py ROOT: logs of every kind below ROOT, of two boots that agree with
each other.  traces.py ROOT WHAT: one of them changed afterwards."""
import os
import struct
import subprocess
import sys
import uuid

T0 = 1763000000  # 2025-11-13T02:13:20Z
BOOTS = [(T0, "a" * 32), (T0 + 7200, "b" * 32)]
MACHINE = "0123456789abcdef0123456789abcdef"
REMOTE = "/lib/systemd/systemd-journal-remote"
ROOT = sys.argv[1]
JOURNAL = "var/log/journal/%s/system.journal" % MACHINE


def write(path, data, mode="wb"):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode) as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    os.utime(path, (T0 + 20000, T0 + 20000))


def utmp(kind, pid, line, user, host, seconds, address=(0, 0, 0, 0)):
    return struct.pack("<hxxi32s4s32s256shhiii4i20x", kind, pid, line, b"",
                       user, host, 0, 0, 0, seconds, 0, *address)


def entry(seconds, boot, since_boot, fields):
    lines = ["__REALTIME_TIMESTAMP=%d" % (seconds * 1000000),
             "__MONOTONIC_TIMESTAMP=%d" % (since_boot * 1000000),
             "_BOOT_ID=%s" % boot, "_MACHINE_ID=%s" % MACHINE]
    return "\n".join(lines + ["%s=%s" % f for f in fields]) + "\n\n"


def journal(back=0):
    text = ""
    for start, boot in BOOTS:
        for i in range(60):
            at = start + 30 * i - (back if i > 30 else 0)
            text += entry(at, boot, 30 * i, [
                ("MESSAGE", "message %d %s" % (i, "x" * (2000 if i == 5 else 1))),
                ("SYSLOG_IDENTIFIER", "daemon"), ("_PID", str(100 + i)),
                ("_UID", "0"), ("_HOSTNAME", "box"),
                ("_SYSTEMD_UNIT", "daemon.service")])
    path = os.path.join(ROOT, JOURNAL)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([REMOTE, "-o", path, "-"], input=text.encode(), check=True,
                   stderr=subprocess.DEVNULL)


def entries(data):
    """Offsets of the entries of a journal, by walking its objects."""
    at = struct.unpack_from("<Q", data, 88)[0]
    end = struct.unpack_from("<Q", data, 136)[0]
    while at <= end:
        size = struct.unpack_from("<Q", data, at + 8)[0]
        if data[at] == 3:
            yield at
        at += (size + 7) & ~7


def make():
    journal()
    write("var/log/wtmp", b"".join(
        utmp(2, 0, b"~", b"reboot", b"6.1", start) +
        utmp(7, 500, b"pts/0", b"root", b"192.0.2.7", start + 600,
             (0x070200c0, 0, 0, 0)) +
        utmp(8, 500, b"pts/0", b"", b"", start + 900)
        for start, _ in BOOTS))
    write("var/log/btmp", utmp(6, 501, b"ssh:notty", b"admin", b"192.0.2.8",
                               T0 + 100))
    write("var/log/lastlog", struct.pack("<I32s256s", BOOTS[1][0] + 600,
                                         b"pts/0", b"192.0.2.7"))
    write("var/log/auth.log",
          "Nov 13 02:20:00 box sshd[500]: Failed password for root from 192.0.2.7 port 1 ssh2\n"
          "Nov 13 02:23:20 box sshd[500]: Accepted publickey for root from 192.0.2.7 port 1 ssh2\n")
    write("var/log/syslog", "2025-11-13T03:00:00.25+01:00 box cron[7]: ran\n")
    subprocess.run(["gzip", "-fk", os.path.join(ROOT, "var/log/syslog")], check=True)
    os.rename(os.path.join(ROOT, "var/log/syslog.gz"),
              os.path.join(ROOT, "var/log/syslog.2.gz"))
    write("var/log/audit/audit.log", "".join(
        "type=SYSCALL msg=audit(%d.%03d:%d): arch=c000003e\n" % (T0 + i, i, 10 + i)
        for i in range(200)))
    write("root/.bash_history", "#%d\nls\n#%d\nuptime\n" % (T0 + 700, T0 + 800))
    write("home/u/.zsh_history", ": %d:0;make\n" % (T0 + 750))
    write("home/v/.bash_history", "id\n")
    write("var/log/dpkg.log", "2025-11-13 02:30:00 install a:amd64 <none> 1\n")
    write("var/log/apt/history.log", "\nStart-Date: 2025-11-13  02:30:00\n"
          "Commandline: apt install a\nEnd-Date: 2025-11-13  02:30:01\n")
    write("var/log/dnf.rpm.log", "2025-11-13T02:31:00+0000 SUBDEBUG Installed: b\n")
    write("var/log/cloud-init.log", "2025-11-13 02:14:00,5 - util.py[DEBUG]: x\n")
    write("var/log/pods/n_p_1/c/0.log",
          "2025-11-13T02:40:00.5Z stdout F from a pod\n")
    write("var/lib/docker/containers/aa/aa-json.log",
          '{"log":"from a container\\n","stream":"stderr","time":"2025-11-13T02:41:00Z"}\n')
    write("etc/passwd", "root:x:0:0::/root:/bin/sh\n")


def change(what):
    path = os.path.join(ROOT, JOURNAL)
    if what == "journal-hole":
        data = bytearray(open(path, "rb").read())
        for i, at in enumerate(entries(data)):
            if i >= 70:
                number = struct.unpack_from("<Q", data, at + 16)[0]
                struct.pack_into("<Q", data, at + 16, number + 5)
        write(JOURNAL, bytes(data))
    elif what == "journal-rewind":
        journal(back=3600)
    elif what == "journal-cut":
        os.truncate(path, os.path.getsize(path) // 2)
    elif what == "boot-missing":
        write("var/log/wtmp", utmp(2, 0, b"~", b"reboot", b"6.1", T0 + 3600), "ab")
    elif what == "wtmp-zeros":
        write("var/log/wtmp", bytes(384), "ab")
    elif what == "wtmp-cut":
        os.truncate(os.path.join(ROOT, "var/log/wtmp"), 384 * 6 - 100)
    elif what == "wtmp-login":
        data = open(os.path.join(ROOT, "var/log/wtmp"), "rb").read()
        write("var/log/wtmp", data[:384 * 4] + data[384 * 5:])
    elif what == "audit-hole":
        lines = open(os.path.join(ROOT, "var/log/audit/audit.log")).readlines()
        write("var/log/audit/audit.log", "".join(lines[:20] + lines[180:]))
    elif what == "guessed":
        write("var/log/auth.log", "".join(
            "Nov 13 02:21:%02d box sshd[6]: Failed password for root from 192.0.2.9 port 1 ssh2\n"
            % i for i in range(12)) +
            "Nov 13 02:22:00 box sshd[6]: Accepted password for root from 192.0.2.9 port 1 ssh2\n")
    else:
        assert False, what


make()
for one in sys.argv[2:]:
    change(one)
