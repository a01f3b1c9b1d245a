#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# live.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL (6.1 or 6.12) builds a world that is known: world.c
# makes it and writes what it made.  icecore of the directory PROGRAMS takes it
# three times: with all witnesses, without the iterator, and without
# environments.  Here icelab reads the evidence, and live-check.py compares it
# with what was made, field by field.  Prints TAP; fails when a check fails, when fewer checks
# ran than there are, or the guest died.
#
# shellcheck disable=SC2317 # check calls the functions
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: live.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=1200

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-live.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
# capture NAME STATUS [OPTION...]
capture() {
	name=$1
	want=$2
	shift 2
	${as:-} icecore capture --case live --to /out --name "$name" -r "$RECIPIENT" \
		--cloud none --collect process "$@" 2>/run/err
	status=$?
	sed 's/^/# /' /run/err
	check "$name: status $want" [ $status -eq "$want" ]
}
no_bpf() {
	bpftool prog show >/run/progs
	[ $? -eq 0 ] && ! grep -E 'live_|tasks_|vma_' /run/progs
}
world /out/world.json >/run/world.out 2>&1 &
wait_for [ -s /out/world.json ]
check "the world is there" [ $? -eq 0 ]
sed 's/^/# /' /run/world.out
# With gaps: an environment of 300,000 bytes is cut, a process is stuck.
capture all 3
capture proc 3 --no-iterator
capture bare 0 --no-environ
# Less than root has: each time something is missing, and said.
less() {
	drop=$1
	shift
	as="/usr/bin/setpriv --bounding-set=$drop --inh-caps=$drop ${group:-}" \
		capture "$@"
}
less -bpf,-sys_admin nobpf 3
mount -t tmpfs none /sys/kernel/btf
capture nobtf 3
umount /sys/kernel/btf
# Root's group sees all even so.
mount -o remount,hidepid=2 /proc
group="--regid 65534 --clear-groups"
less -sys_ptrace hidepid 3
less -sys_ptrace,-bpf,-sys_admin hidden 3
mount -o remount,hidepid=0 /proc
check "no BPF program of ours stays" no_bpf
check "the kernel complained of nothing" clean_log
exit $failed
SCRIPT

show() {
	"$programs/icelab" show "$out/live/guest/$1" -i "$tmp/key" \
		--format jsonl --kind "$2"
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 120 --out "$out" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" \
		--add /usr/bin/setpriv:/usr/bin/setpriv \
		--add "$(command -v bpftool):/bin/bpftool" \
		--try-module fuse --module overlay \
		--add "$(guest_build world):/bin/world" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	for name in all proc bare nobpf nobtf hidepid hidden; do
		for kind in process mapping live_view gap finding; do
			show "$name" "$kind" >"$tmp/$name.$kind" ||
				[ $? -eq 3 ] ||
				echo "not ok - show $name $kind: status $?"
		done
	done
	"$guest_dir/live-check.py" "$out/world.json" "$tmp" ||
		echo "not ok - live-check.py: status $?"
} | guest_judge "$checks"
