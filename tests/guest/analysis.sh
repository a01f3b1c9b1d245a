#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# analysis.sh KERNEL PROGRAMS
#
# From a guest that runs KERNEL (6.1 or 6.12), with processes, sockets and a
# process that the rootkit hides from all that the live picture is made of, to
# what an analyst opens: the symbol file and the ELF core in drgn and crash,
# inspect's lists against the guest's own ps, each export against the guest's
# own files.  icecore and icelab are those of the directory PROGRAMS.  KEEP
# names a directory that takes the evidence and what it was compared with.
# Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: analysis.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=3
guest_kernel "$kernel"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-analysis.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
work=${KEEP:-$tmp}
out=$work/out
mkdir -p "$work"
recipient=$("$programs/icelab" keygen -o "$work/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
busybox ip link set lo up
sleep 1000 &
busybox nc -l -p 4321 -s 127.0.0.1 >/dev/null 2>&1 &
sh -c 'exec 3<>/run/open; sleep 1001' &
rm -f /run/gone
( exec 4>/run/gone; rm /run/gone; exec sleep 1002 ) &
truth() {
	cat /proc/version /proc/iomem >/out/version.iomem
	busybox ps -o pid,ppid,comm >"/out/ps$1"
	mkdir "/out/proc$1"
	for d in /proc/[0-9]*; do
		for f in stat status cmdline maps comm; do
			mkdir -p "/out/proc$1/${d##*/}"
			cat "$d/$f" >"/out/proc$1/${d##*/}/$f" 2>/dev/null
		done
	done
	for f in tcp tcp6 udp udp6 unix; do
		cat "/proc/net/$f" >"/out/net$1.$f" 2>/dev/null
	done
	cat /proc/modules >"/out/modules$1"
	cat /proc/mounts >"/out/mounts$1"
}
busybox sleep 1003 &
truth 0
icecore capture --case analysis --to /out --name all -r "$RECIPIENT" \
	--cloud none ${RECORDER:-} 2>/run/err
status=$?
sed 's/^/# /' /run/err
check "capture: status 0" [ $status -eq 0 ]
truth 1
echo $! >/out/pid
check "the log is clean" clean_log
exit $failed
SCRIPT

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 200 --memory 384 \
		--out "$out" --out-size 600 --env "RECIPIENT=$recipient" \
		--env OPENSSL_ia32cap=0 --add "$programs/icecore:/bin/icecore" \
		${CPU:+--cpu "$CPU"} \
		--module overlay --script "$tmp/script" ||
		echo "not ok - the guest: status $?"
	if "$programs/icelab" verify "$out/analysis/guest/all" 2>"$tmp/verify"; then
		echo "ok - verified"
	else
		echo "not ok - verify"
	fi
	sed 's/^/# /' "$tmp/verify"
} | guest_judge "$checks"
