#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# inspect.sh KERNEL PROGRAMS [DIRECTORY]
#
# A guest that runs KERNEL (6.1 or 6.12), in which a module takes a process off
# every list and table that leads to it, and hooks system calls
# (rootkit/rootkit.c).  The live picture that icecore of the directory PROGRAMS
# takes has no such process; icelab inspect of the same directory must find it
# in the memory of the same capture, and in it the processes that the guest's
# own /proc told.  Prints TAP.  With DIRECTORY the evidence stays there.
#
# shellcheck disable=SC2317 # check calls the functions
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: inspect.sh KERNEL PROGRAMS [DIRECTORY]"
kernel=$1 programs=$2 keep=${3:-}
checks=19
guest_kernel "$kernel"
rootkit=$(guest_rootkit "$guest_release")
[ -n "$rootkit" ] || die "no icetest.ko for $guest_release (target rootkit)"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-inspect.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=${keep:-$tmp/out}
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
ip link set lo up
sleep 1000 &
echo $! >/out/pid
nc -l -p 4711 >/dev/null &
listening() { cat /proc/net/tcp* | grep -q ":1267 "; }
until listening; do :; done
lookup=0x$(sed -n 's/ T kallsyms_lookup_name$//p' /proc/kallsyms)
insmod /icetest.ko lookup="$lookup" hide_pid="$(cat /out/pid)" hide_all=1 \
	hook_seq=1 hide_list=1
check "the module is in" [ $? -eq 0 ]
# What /proc tells: pid, parent, name.
for stat in /proc/[0-9]*/stat; do
	sed 's/^\([0-9]*\) (\(.*\)) [A-Z] \([0-9]*\) .*/\1 \3 \2/' "$stat"
done 2>/dev/null | sort -n >/out/ps
cat /proc/"$(pidof -s nc)"/maps >/out/maps
pidof -s nc >/out/maps-pid
icecore capture --case inspect --to /out --name one -r "$RECIPIENT" \
	--cloud none --source "${SOURCE:-bpf}" \
	--collect kernel,process,network,integrity,memory 2>/run/err
status=$?
sed 's/^/# /' /run/err
check "the capture ends with 0 or 3" [ $status -eq 0 -o $status -eq 3 ]
exit $failed
SCRIPT

"$guest_dir/boot.sh" --kernel "$kernel" --timeout 200 --out "$out" \
	--out-size 400 --memory 256 --env "RECIPIENT=$recipient" \
	--env OPENSSL_ia32cap=0 --add "$programs/icecore:/bin/icecore" \
	--add "$rootkit:/icetest.ko" --script "$tmp/script" \
	${BOOT_CPU:+--cpu "$BOOT_CPU"} >"$tmp/console" ||
	echo "not ok - the guest: status $?"
cat "$tmp/console"
cp "$tmp/key" "$out/key"
