#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# analysis.sh KERNEL PROGRAMS
#
# From a guest that runs KERNEL (6.1 or 6.12) to what an analyst opens: the
# symbol file, Volatility's configuration and the ELF image, read by programs
# that know nothing of icelab (tests/analysis).  icecore and icelab are those of
# the directory PROGRAMS.  KEEP names a directory that takes the evidence and
# what it is compared with; DEBUG one that has vmlinux-RELEASE with debugging
# information, which then drgn reads as well.  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: analysis.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=57
guest_kernel "$kernel"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-analysis.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
work=${KEEP:-$tmp}
out=$work/out
mkdir -p "$work"
evidence=$out/analysis/guest/all
analysis=$guest_top/tests/analysis
debug=()
[ -z "${DEBUG:-}" ] || debug=("$DEBUG/vmlinux-$guest_release" "$out/ps0"
	"$out/ps1" "$out/modules1")
recipient=$("$programs/icelab" keygen -o "$work/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
busybox ip link set lo up
busybox ip address add 203.0.113.5/32 dev lo
sleep 1000 &
# With an end of input nc would turn in circles.
sleep 1006 | busybox nc -l -p 4321 >/dev/null 2>&1 &
sleep 1006 | busybox nc -l -p 4322 >/dev/null 2>&1 &
listening() { grep -q ":$1 .* 0A" /proc/net/tcp /proc/net/tcp6; }
wait_for listening 10E2 || exit 1
network_world /out/network.json >/run/network.out 2>&1 &
wait_for [ -s /out/network.json ] || exit 1
sleep 1004 | busybox nc 203.0.113.5 4322 >/dev/null 2>&1 &
busybox syslogd -O /run/log
mkdir /run/gone-program
cp /bin/busybox /run/gone-program/sleep
/run/gone-program/sleep 1005 &
sh -c 'exec 3<>/run/open; sleep 1001' &
rm -f /run/gone
( exec 4>/run/gone; rm /run/gone; exec sleep 1002 ) &
truth() {
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
connected() { grep -q " 057100CB:10E2 01 " /proc/net/tcp; }
wait_for connected || exit 1
rm /run/gone-program/sleep
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

lab() {
	"$programs/icelab" "$@"
}

# A socket of a namespace that no process is in has no place below /proc.
may_have_gaps() {
	"$@" || [ $? -eq 3 ]
}

# say TEXT COMMAND...
say() {
	local text=$1

	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text: status $?"
	fi
	sed 's/^/# /' "$tmp/said"
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 200 --memory 384 \
		--out "$out" --out-size 600 --env "RECIPIENT=$recipient" \
		--env OPENSSL_ia32cap=0 --add "$programs/icecore:/bin/icecore" \
		${CPU:+--cpu "$CPU"} \
		--add "$(guest_build network_world):/bin/network_world" \
		--module vsock --module dummy --module nf_tables \
		--module overlay --script "$tmp/script" ||
		echo "not ok - the guest: status $?"
	say "verify" lab verify "$evidence"
	say "export isf" lab export "$evidence" -i "$work/key" --format isf \
		-o "$work/image"
	say "extract elf" lab extract "$evidence" -i "$work/key" \
		-o "$work/image" --memory elf
	say "extract the first process" lab extract "$evidence" \
		-i "$work/key" -o "$work/one" --pid 1
	"$analysis/process_core_check.py" "$work/one/cores/1.core" \
		"$(guest_build init)" || echo "not ok - its core: status $?"
	"$analysis/isf_check.py" "$work/image/linux/$guest_release.json.xz" \
		"$work/image/volatility.json" "$work/image/memory.elf" \
		"$out/ps0" "$out/ps1" || echo "not ok - isf_check.py: status $?"
	mkdir "$work/exports"
	for format in jsonl ecs ocsf timesketch bodyfile tar stix; do
		gaps=()
		[ "$format" != tar ] || gaps=(may_have_gaps)
		say "export $format" "${gaps[@]}" lab export "$evidence" -i "$work/key" \
			--format "$format" -o "$work/exports/$format"
	done
	"$analysis/exports_check.py" "$work/exports" "$out" ||
		echo "not ok - exports_check.py: status $?"
	"$analysis/drgn_check.py" "$work/image/memory.elf" \
		"$work/image/files/proc/kallsyms" \
		"$work/image/files/proc/version" "${debug[@]}" ||
		echo "not ok - drgn_check.py: status $?"
} | guest_judge "$checks"
