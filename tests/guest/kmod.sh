#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kmod.sh KERNEL [MODULE [boot.sh option ...]]
#
# Test /dev/icecore in one boot of KERNEL (6.1 or 6.12), with MODULE or else
# build/*/kmod/RELEASE/icecore.ko, the newest there is.  Prints TAP; fails when
# a check fails, when fewer checks ran than there are, or the guest died.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -ge 1 ] || die "usage: kmod.sh KERNEL [MODULE [boot.sh option ...]]"
guest_kernel "$1"
module=${2:-}
[ -n "$module" ] || module=$(find "$guest_top/build" -path "*/kmod/$guest_release/icecore.ko" \
	-printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d' ' -f2-)
[ -r "$module" ] || die "no module for $guest_release (build the target kmod)"
kernel=$1
shift $(($# < 2 ? $# : 2))

# Without memory failure handling (6.1's cloud kernel) no page can be poisoned.
checks=147
poison=no
if guest_has_module hwpoison_inject; then
	poison=yes
	checks=$((checks + 11))
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-kmod.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

programs=()
for name in plant devread devholes devsignal devpages devtasks; do
	programs+=(--add "$(guest_build $name):/bin/")
done

# RAM that is nested in /proc/iomem, in two ways.  192 MiB of virtio-mem: one
# memory block whole, one of which 64 MiB are offline; both are for movable
# memory only, so plant's pages go there.  And 256 MiB of emulated persistent
# memory, half of which the test gives to the system.
status=0
"$guest_dir/boot.sh" --kernel "$kernel" --timeout 120 \
	--memory 1G,maxmem=2G \
	--qemu -object --qemu memory-backend-ram,id=nested,size=512M \
	--qemu -device \
	--qemu virtio-mem-pci,memdev=nested,requested-size=192M \
	--append 'memhp_default_state=online_movable memmap=256M!512M' \
	--module virtio_mem --module nd_e820 --module device_dax \
	--module dax_pmem --module kmem --try-module hwpoison_inject \
	--out "$tmp/out" --out-size 1200 --env "POISON=$poison" \
	--add "$module:/icecore.ko" --add /usr/bin/dd:/usr/local/bin/ \
	"${programs[@]}" \
	--script "$guest_dir/kmod-test.sh" "$@" |
	guest_judge "$checks" || status=$?
exit "$status"
