#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# binary.sh KERNEL PROGRAMS
#
# In a guest that runs KERNEL (6.1 or 6.12) there are programs of the kind that
# attackers run (binary_world.c).  icecore of the directory PROGRAMS takes what
# runs; here icelab extracts it, and each of them has to be there byte for byte
# with its reasons, a library with the process it is preloaded into, and the
# guest's own programs have to have none.  Prints TAP; fails when a check
# fails, when fewer checks ran than there are, or the guest died.
#
# shellcheck disable=SC2317 # check calls the functions
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: binary.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=80

tmp=/tmp/rep/binary; mkdir -p $tmp
:
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")
cat >"$tmp/hook.c" <<'HOOK'
int readdir(void);
int readdir(void) { return 0; }
int readdir64(void);
int readdir64(void) { return 0; }
HOOK
${CC:-cc} -shared -fPIC -nostdlib -o "$tmp/hook.so" "$tmp/hook.c"

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
world=/bin/binary_world
# The root is a file system in memory: what is on none lies elsewhere.
mkdir -p /opt /disk
mount -t ext4 /dev/vda /disk
$world pack /disk/packed
cp $world /disk/gone
cp $world /disk/miner
printf "stratum+tcp://%%s mining.subscribe" >>/disk/miner
cp /hook.so /tmp/hook.so
cp $world /disk/clean
cp $world /disk/hollowed
cp $world /disk/big
dd if=/dev/urandom of=/run/some bs=64k count=1 2>/dev/null
for i in 1 2 3 4 5 6 7 8; do
	cat /run/some /run/some /run/some /run/some /run/some /run/some /run/some \
		/run/some
done >/run/noise
cat /run/noise >>/run/some
for i in 1 2 3 4 5 6 7 8; do
	cat /run/some
done >/run/noise
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	cat /run/noise /run/noise /run/noise /run/noise /run/noise
done >>/disk/big
mkdir -p /overlay/image /overlay/all
mount -t tmpfs none /overlay/all
mkdir /overlay/all/upper /overlay/all/work /overlay/merged
mount -t overlay none /overlay/merged -o \
	lowerdir=/overlay/image,upperdir=/overlay/all/upper,workdir=/overlay/all/work
cp $world /overlay/merged/added
printf '#!/bin/sh\nwhile :; do /bin/sleep 1; done\n' >/tmp/evil.sh
{
	sha256sum $world /disk/hollowed /disk/packed /disk/gone /disk/miner /disk/big \
		/overlay/merged/added /tmp/hook.so /tmp/evil.sh /bin/dash
} >/out/sums
$world memfd $world never &
/disk/gone never &
/disk/big never &
/disk/packed &
/disk/clean never &
/disk/miner busy &
miner=$!
hollow /out/payload /disk/hollowed never &
/overlay/merged/added never &
/bin/dash /tmp/evil.sh &
LD_PRELOAD=/tmp/hook.so /bin/dash /tmp/evil.sh &
$world shell 4444 &
is_running() {
	for exe in /proc/[0-9]*/exe; do
		readlink "$exe"
	done >/run/exes
	for name in /memfd:payload /disk/gone /disk/big /disk/packed \
		/disk/clean /disk/miner /disk/hollowed /overlay/merged/added; do
		grep -q "^$name" /run/exes || return 1
	done
}
is_connected() {
	for fd in /proc/[0-9]*/fd; do
		[ "$(readlink "$fd/0" | cut -c1-7)" = "socket:" ] &&
			readlink "${fd%/fd}/exe" | grep -q /bin/ &&
			! readlink "${fd%/fd}/exe" | grep -q world && return 0
	done
	return 1
}
wait_for is_running
check "the world runs" [ $? -eq 0 ]
wait_for [ -s /out/payload ]
wait_for is_connected
check "the shell is connected" [ $? -eq 0 ]
rm /disk/gone /disk/big
# Until a processor was the miner's for so long.
has_mined() {
	[ "$(cut -d' ' -f14 "/proc/$miner/stat")" -gt 220 ]
}
wait_for has_mined
free_before=$(awk '/^Cached:/ { print $2 }' /proc/meminfo)
maxrss /run/rss icecore capture --case bin --to /out --name all -r "$RECIPIENT" \
	--cloud none --collect process,binary 2>/run/err
status=$?
sed 's/^/# /' /run/err
check "status 0" [ $status -eq 0 ]
free_after=$(awk '/^Cached:/ { print $2 }' /proc/meminfo)
echo "# resident memory: $(cat /run/rss) KiB"
echo "# page cache: $free_before before, $free_after after (KiB)"
check "the kernel complained of nothing" clean_log
exit $failed
SCRIPT
truncate -s 400M "$tmp/disk"
mke2fs -q -t ext4 -m 0 -O ^has_journal "$tmp/disk"

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 120 --out "$out" \
		--out-size 400 --memory 1024 --disk "$tmp/disk" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" --module overlay \
		--add "$(guest_build binary_world):/bin/binary_world" \
		--add "$(guest_build hollow):/bin/hollow" \
		--add "$(guest_build maxrss):/bin/maxrss" \
		--add "$tmp/hook.so:/hook.so" --add /bin/dash:/bin/dash \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	evidence=$out/bin/guest/all
	"$programs/icelab" show "$evidence" -i "$tmp/key" --kind binary \
		>"$tmp/table" || echo "not ok - show: status $?"
	sed 's/^/# /' "$tmp/table"
	"$programs/icelab" show "$evidence" -i "$tmp/key" --kind binary \
		--format jsonl >"$tmp/binaries" || echo "not ok - show: status $?"
	"$programs/icelab" show "$evidence" -i "$tmp/key" --kind finding \
		--format jsonl >"$tmp/findings" || echo "not ok - show: status $?"
	"$programs/icelab" extract "$evidence" -i "$tmp/key" -o "$tmp/extracted" \
		--memory none 2>&1 | sed 's/^/# /'
	cat >"$tmp/rules" <<-'RULES'
		rule miner : bad { strings: $a = "stratum+tcp://" condition: $a }
		rule elf { condition: uint32(0) == 0x464c457f }
	RULES
	TMPDIR=$tmp "$programs/icelab" scan "$evidence" -i "$tmp/key" \
		--rules "$tmp/rules" >"$tmp/matches" 2>"$tmp/scan.err" ||
		echo "not ok - scan: status $?"
	sed 's/^/# /' "$tmp/matches" "$tmp/scan.err"
	[ -z "$(find "$tmp" -name 'icelab-scan.*')" ] ||
		echo "not ok - scan leaves files behind"
	"$guest_dir/binary-check.py" "$out/sums" "$tmp" "$out/payload" ||
		echo "not ok - binary-check.py: status $?"
} | guest_judge "$checks"
