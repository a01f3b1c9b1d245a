#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hidden.sh KERNEL PROGRAMS
#
# Two guests that run KERNEL (6.1 or 6.12), each with a process that a module
# hides (rootkit/rootkit.c): from the names in /proc, or from the table of ids.
# icecore of the directory PROGRAMS must say which one, by whom it is told and
# by whom it is not, and nothing of anybody else; before, nothing at all (that
# a busy guest has no finding either, integrity.sh shows).  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: hidden.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=22
guest_kernel "$kernel"
rootkit=$(guest_rootkit "$guest_release")
[ -n "$rootkit" ] || die "no icetest.ko for $guest_release (target rootkit)"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-hidden.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
# capture NAME [OPTION...]
capture() {
	name=$1
	shift
	icecore capture --case hidden --to /out --name "$name" -r "$RECIPIENT" \
		--cloud none --collect process "$@" 2>/run/err
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' /run/err
	check "$name: status 0" [ $status -eq 0 ]
}
capture before
sleep 1000 &
echo $! >/out/pid
lookup=0x$(sed -n 's/ T kallsyms_lookup_name$//p' /proc/kallsyms)
insmod /icetest.ko lookup="$lookup" hide_pid=$! "$HOW=1"
check "the module is in" [ $? -eq 0 ]
not_listed() { ! ls /proc | grep -qx "$1"; }
check "its process is not in /proc" not_listed $!
capture hidden
capture blind --no-iterator
insmod /icecore.ko
check "icecore's own module is in" [ $? -eq 0 ]
capture module --no-iterator
exit $failed
SCRIPT

# of HOW CAPTURE: "RULE PID by DETAIL", a line for each finding
findings() {
	"$programs/icelab" show "$tmp/$1/hidden/guest/$2" -i "$tmp/key" \
		--kind finding --format jsonl | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    print(f["rule"], f["evidence"][0]["pid"], f["detail"])'
}

# same TEXT GOT WANT
same() {
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		printf 'not ok - %s\n# got %s\n# want %s\n' "$1" "$2" "$3"
	fi
}

look() {
	local how=$1 pid

	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 200 --out "$tmp/$how" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--env "HOW=$how" --add "$programs/icecore:/bin/icecore" \
		--add "$(guest_module "$guest_release"):/icecore.ko" \
		--add "$rootkit:/icetest.ko" --script "$tmp/script" ||
		echo "not ok - the guest: status $?"
	pid=$(cat "$tmp/$how/pid")
	same "$how: no finding before" "$(findings "$how" before)" ""
	same "$how: the process is found" "$(findings "$how" hidden |
		sed 's/, scheduler//')" "${found[$how]//PID/$pid}"
	same "$how: by the module" "$(findings "$how" module)" \
		"${module[$how]//PID/$pid}"
	same "$how: without BPF" "$(findings "$how" blind)" \
		"${blind[$how]//PID/$pid}"
}

# And where there is no BPF, with icecore's module.
declare -A module=(
	[hide_proc]="task.hidden-from-proc PID seen by probe, module; not by proc"
	[hide_idr]="task.hidden-from-proc PID seen by module; not by proc"
)
declare -A found=(
	[hide_proc]="task.hidden-from-proc PID seen by iterator, list, probe; not by proc"
	[hide_idr]="task.hidden-from-lists PID seen by list; not by iterator, proc"
)
# Who is in no table of ids takes no signal either.
declare -A blind=(
	[hide_proc]="task.hidden-from-proc PID seen by probe; not by proc"
	[hide_idr]=""
)
{
	look hide_proc
	look hide_idr
} | guest_judge "$checks"
