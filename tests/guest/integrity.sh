#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# integrity.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL (6.1 or 6.12) is looked at by icecore of the directory
# PROGRAMS ten times as it is, ten times while it forks as fast as it can, and
# then with a module in it that does what rootkits do (rootkit/rootkit.c).  Here
# icelab reads the evidence: no finding of the first twenty, and of the last all
# that were made.  Prints TAP; fails when a check fails, when fewer checks ran
# than there are, or the guest died.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: integrity.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
rounds=${INTEGRITY_ROUNDS:-10}
checks=$((4 * rounds + 48))
guest_kernel "$kernel"
rootkit=$(find "$guest_top/build" -path "*/rootkit/$guest_release/icetest.ko" \
	-printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
[ -n "$rootkit" ] || die "no icetest.ko for $guest_release (target rootkit)"

hider=$(find "$guest_top/build" -name hide_dirents -type f -perm -1 \
	-printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-integrity.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
no_icetest() {
	! grep -q icetest /proc/modules && [ ! -e /sys/module/icetest ]
}
# Its own /proc/PID it has looked at already, and that stays.
no_process() {
	! kill -0 "$1" 2>/dev/null && ! ls /proc | grep -qx "$1"
}
hides_name() {
	[ -e /tmp/icetest-hidden ] && ! ls /tmp | grep -q icetest
}
# capture NAME STATUS [OPTION...]
capture() {
	name=$1
	want=$2
	shift 2
	start=$(cut -d' ' -f1 /proc/uptime)
	icecore capture --case integrity --to /out --name "$name" -r "$RECIPIENT" \
		--cloud none --collect "$collect" "$@" 2>/run/err
	status=$?
	echo "# $name: from $start to $(cut -d' ' -f1 /proc/uptime)"
	[ $status -eq "$want" ] || sed 's/^/# /' /run/err
	check "$name: status $want" [ $status -eq "$want" ]
}
# The whole live picture, first.
collect=process,file,network,integrity
i=0
while [ $i -lt "$ROUNDS" ]; do
	capture clean-$i 0
	i=$((i + 1))
done
comes_and_goes() {
	while [ -e /run/busy ]; do
		rmmod loop
		insmod /lib/modules/loop.ko
	done
}
touch /run/busy
forks /run/busy &
comes_and_goes &
before=$(awk '$1 == "processes" { print $2 }' /proc/stat) from=$(cut -d. -f1 /proc/uptime)
i=0
while [ $i -lt "$ROUNDS" ]; do
	capture busy-$i 0
	i=$((i + 1))
done
after=$(awk '$1 == "processes" { print $2 }' /proc/stat) to=$(cut -d. -f1 /proc/uptime)
echo "# $(((after - before) / (to - from + 1))) forks a second"
rm /run/busy
wait
collect=integrity
capture kcore 0 --no-peek-bpf
capture blind 3 --no-peek-bpf --no-peek-kcore
echo 2 >/proc/sys/kernel/kptr_restrict
capture nameless 3
echo 0 >/proc/sys/kernel/kptr_restrict
check "the kernel complained of nothing" clean_log
sleep 1000 &
lookup=0x$(sed -n 's/ T kallsyms_lookup_name$//p' /proc/kallsyms)
insmod /icetest.ko lookup="$lookup" hide_list=1 hide_sysfs=1 hide_pid=$! \
	hide_proc=1 hide_idr=1 hook_seq=1 hook_syscall=62 hook_dispatcher=1 \
	hook_netfilter=1 hook_kprobe=1 hook_ftrace=1 \
	hook_start=1
check "the module is in" [ $? -eq 0 ]
check "and nobody tells" no_icetest
check "nor of the process" no_process $!
capture rooted 0
capture rooted-kcore 0 --no-peek-bpf
touch /tmp/a /tmp/icetest-hidden /tmp/z
hide_dirents >/run/hidden &
wait_for grep -q hidden /run/hidden
check "a BPF program hides a name" hides_name
capture rewritten 0
insmod /icetest.ko lookup="$lookup" hide_list=1 hide_sysfs=1 hide_tree=1
check "another is in, on no list at all" [ $? -eq 0 ]
capture vanished 0
exit $failed
SCRIPT

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 560 --out "$out" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--env "ROUNDS=$rounds" --try-module nf_tables --try-module loop \
		--try-module tun --try-module veth \
		--add "$programs/icecore:/bin/icecore" --add "$rootkit:/icetest.ko" --add "$(guest_build forks):/bin/forks" \
		--add "$hider:/bin/hide_dirents" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	for dir in "$out"/integrity/guest/*; do
		"$programs/icelab" show "$dir" -i "$tmp/key" --format jsonl \
			>"$tmp/${dir##*/}.jsonl" || [ $? -eq 3 ] ||
			echo "not ok - show ${dir##*/}: status $?"
	done
	"$guest_dir/integrity-check.py" "$tmp" "$rounds" ||
		echo "not ok - integrity-check.py: status $?"
} | guest_judge "$checks"
