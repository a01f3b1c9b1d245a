#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hostile.sh DIRECTORY-OF-PROGRAMS
#
# A tree made to mislead, beside a secret that nothing may lead to: links out of
# it, loops, names that are no text, what is no file, a file of 1 TB, and a
# database that points outside.  It ends, tells gaps, and has none of the secret.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

root=$tmp/root
mkdir -p "$root"/{etc/cron.d,etc/ssh,usr/bin,usr/lib,var/lib/dpkg/info,home/u,tmp} \
	"$tmp/outside"
echo '* * * * * root SECRET-OUTSIDE /tmp/x' >"$tmp/outside/secret"
chmod 755 "$tmp/outside/secret"
mkfifo "$tmp/outside/fifo"

cd "$root"
ln -s ../../../outside/secret etc/cron.d/up
ln -s "$tmp/outside/secret" etc/cron.d/absolute
ln -s /proc/self/root"$tmp/outside/secret" etc/cron.d/magic
ln -s loop etc/cron.d/loop
ln -s ../cron.d etc/cron.d/directory
ln -s / usr/lib/all
ln -s "$tmp/outside" home/v
mkfifo etc/crontab
mkfifo usr/bin/fifo
mknod usr/bin/null c 1 3
mknod etc/ssh/sshd_config b 7 0
truncate -s 1T usr/bin/huge
truncate -s 1T etc/ld.so.preload
chmod 755 usr/bin/huge
python3 - <<'PY'
import os
for c in range(1, 256):
    if bytes([c]) not in (b"/", b"."):
        open(b"home/u/" + bytes([c]), "w").close()
os.mkdir("home/many")
for i in range(20000):
    open("home/many/%d" % i, "w").close()
PY
printf 'Package: p\nStatus: install ok installed\nArchitecture: ../../../../..%s\n\nPackage: ../../../../../..%s\nStatus: install ok installed\n\nPackage: %s\nStatus: install ok installed\n\n\000\377\n' \
	"$tmp" "$tmp" "$(head -c 100000 /dev/zero | tr '\0' a)" \
	>var/lib/dpkg/status
printf '/../../outside/secret\n/usr/lib/all/../../outside/secret\n/home/v/secret\n/usr/lib/all/usr/lib/all/usr/bin/fifo\n' \
	>var/lib/dpkg/info/p.list
printf 'd41d8cd98f00b204e9800998ecf8427e  ../../outside/secret\nd41d8cd98f00b204e9800998ecf8427e  usr/lib/all/usr/bin/fifo\n' \
	>var/lib/dpkg/info/p.md5sums
ln -s "$tmp/outside/secret" var/lib/dpkg/info/p.conffiles
ln -s "$tmp/outside/secret" var/lib/dpkg/diversions
cd /

begin=$SECONDS
triage 3 "$root"
[ $((SECONDS - begin)) -lt 60 ] || fail "it took $((SECONDS - begin)) s"
[ -p "$tmp/outside/fifo" ] || fail "the pipe outside is gone"

show gap >"$tmp/gaps"
show disk-file >"$tmp/files"
"$BIN/icelab" show "$evidence" -i "$tmp/key" --format jsonl \
	>"$tmp/all" 2>/dev/null || :
! grep -q SECRET-OUTSIDE "$tmp/all" || fail "what is outside came in"
for what in /usr/bin/huge /etc/ld.so.preload /var/lib/dpkg; do
	grep -qF "$what" "$tmp/gaps" || fail "no gap for $what"
	checks=$((checks + 1))
done
is "files" "$(wc -l <"$tmp/files")" "$(find "$root" -printf x | wc -c)"
is "the 1 TB file's digest" "$(grep -F '"/usr/bin/huge"' "$tmp/files" |
	grep -c sha256 || :)" 0
grep -qF '"/home/u/\\xff"' "$tmp/files" || fail "a name that is no text is lost"

# A directory that is none of a disk, and one that is mounted writable.
got=0
"$BIN/icecore" triage --root "$root" --case c --to "$tmp/out" \
	-r "$recipient" 2>"$tmp/err" || got=$?
is "status for a writable mount" "$got" 1
grep -q 'mounted writable' "$tmp/err" || fail "it does not say why"
got=0
"$BIN/icecore" triage --case c --to "$tmp/out" -r "$recipient" \
	2>"$tmp/err" || got=$?
is "status without --root" "$got" 2
done_testing
