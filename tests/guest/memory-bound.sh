#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# memory-bound.sh KERNEL PROGRAMS [MODULE]
#
# The most resident memory that "icecore capture" of the directory PROGRAMS
# ever has, with two workers, through each source, in a guest of 1 GiB and one
# of 4 GiB that run KERNEL (6.1 or 6.12): 64 MiB at most.  The destination is
# slower than the workers, so all buffers fill up and the compression is dense.
# MODULE is build/*/kmod/RELEASE/icecore.ko, the newest there is, if it is not
# given.  Prints TAP; fails when a check fails, when fewer checks ran than there
# are, or a guest died.  BOUND=1G or 4G: that guest alone.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: memory-bound.sh KERNEL PROGRAMS [MODULE]"
kernel=$1 programs=$2 module=${3:-}
guest_kernel "$kernel"
[ -n "$module" ] || module=$(guest_module "$guest_release")
[ -r "$module" ] || die "no module for $guest_release (build the target kmod)"
checks=18
[ -z "${BOUND:-}" ] || checks=9

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-bound.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
check() {
	text=$1
	shift
	if "$@"; then
		echo "ok - $text"
	else
		echo "not ok - $text"
		failed=1
	fi
}

failed=0
mkdir /mnt
mount -t ext4 /dev/vda /mnt
dd if=/dev/urandom of=/tmp/noise bs=1M count="$NOISE_MIB" 2>/dev/null
for source in bpf kcore kmod; do
	want=0
	[ $source != kcore ] || want=3
	maxrss /run/rss icecore capture --case bound --to /mnt \
		--name $source --source $source --module /icecore.ko \
		-r "$RECIPIENT" 2>/run/err
	check "$MEMORY, $source: the capture ends with $want" [ $? -eq $want ]
	sed 's/^/# /' /run/err
	check "$MEMORY, $source: evidence of $NOISE_MIB MiB and more" \
		[ "$(du -sm /mnt | cut -f1)" -gt "$NOISE_MIB" ]
	echo "# $MEMORY, $source: $(cat /run/rss) KiB"
	check "$MEMORY, $source: 65536 KiB at most" \
		[ "$(cat /run/rss)" -le 65536 ]
	rm -rf /mnt/bound
done
exit $failed
SCRIPT

# run MEMORY NOISE_MIB
run() {
	rm -f "$tmp/img"
	truncate -s $(($2 + 300))M "$tmp/img"
	mke2fs -q -t ext4 -O ^has_journal "$tmp/img"
	"$guest_dir/boot.sh" --kernel "$kernel" --memory "$1" --timeout 240 \
		--disk "$tmp/img,throttling.bps-write=12000000" \
		--env "MEMORY=$1" --env "NOISE_MIB=$2" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" \
		--add "$module:/icecore.ko" --add "$(guest_build maxrss):/bin/" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
}

status=0
{
	[ "${BOUND:-1G}" != 1G ] || run 1G 200
	[ "${BOUND:-4G}" != 4G ] || run 4G 16
} | guest_judge "$checks" || status=$?
exit "$status"
