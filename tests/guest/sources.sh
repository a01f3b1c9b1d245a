#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# sources.sh KERNEL MEMREAD [MODULE]
#
# Read the memory of a guest that runs KERNEL (6.1 or 6.12) through each source
# with MEMREAD, the program, and compare; then boot it twice under lockdown and
# look at the reasons.  MODULE is build/*/kmod/RELEASE/icecore.ko, the newest
# there is, if it is not given.  Prints TAP; fails when a check fails, when
# fewer checks ran than there are, or a guest died.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -ge 2 ] || die "usage: sources.sh KERNEL MEMREAD [MODULE]"
kernel=$1 memread=$2 module=${3:-}
guest_kernel "$kernel"
[ -n "$module" ] || module=$(find "$guest_top/build" -path "*/kmod/$guest_release/icecore.ko" \
	-printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d' ' -f2-)
[ -r "$module" ] || die "no module for $guest_release (build the target kmod)"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-sources.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# Without memory failure handling (6.1's cloud kernel) no page can be poisoned.
checks=47 poison=no
if guest_has_module hwpoison_inject; then
	poison=yes
	checks=$((checks + 4))
fi

# boot LOCKDOWN [boot.sh option ...]: the expected ladder is on stdin.
boot() {
	local lockdown=$1

	shift
	cat >"$tmp/expected"
	"$guest_dir/boot.sh" --kernel "$kernel" --env "LOCKDOWN=$lockdown" \
		--env "POISON=$poison" --add "$tmp/expected:/expected" \
		--add "$module:/icecore.ko" --add "$memread:/bin/memread" \
		--add "$(guest_build plant):/bin/" \
		--script "$guest_dir/sources-test.sh" "$@" || return
}

# 192 MiB of virtio-mem: one memory block whole, one of which 64 MiB are
# offline, both for movable memory, so that one can go offline.
boot_plain() {
	boot none --memory 512M,maxmem=2G --timeout 180 \
		--qemu -object --qemu memory-backend-ram,id=nested,size=512M \
		--qemu -device \
		--qemu virtio-mem-pci,memdev=nested,requested-size=192M \
		--append memhp_default_state=online_movable \
		--module virtio_mem --try-module hwpoison_inject \
		--out "$tmp/out" --out-size 900 <<-'LADDER'
			kmod: opens
			bpf: opens
			kcore: opens
			devmem: /dev/mem gives no RAM (CONFIG_STRICT_DEVMEM)
		LADDER
}

boot_integrity() {
	boot integrity --append 'lsm=lockdown,capability lockdown=integrity' <<-'LADDER'
		kmod: kernel lockdown is integrity: module /icecore.ko must be signed with a key that this kernel trusts
		bpf: opens
		kcore: opens
		devmem: kernel lockdown is integrity, which closes /dev/mem
	LADDER
}

boot_confidentiality() {
	boot confidentiality \
		--append 'lsm=lockdown,capability lockdown=confidentiality' <<-'LADDER'
			kmod: kernel lockdown is confidentiality: module /icecore.ko must be signed with a key that this kernel trusts
			bpf: kernel lockdown is confidentiality, which keeps BPF from reading the kernel
			kcore: kernel lockdown is confidentiality, which closes /proc/kcore
			devmem: kernel lockdown is confidentiality, which closes /dev/mem
		LADDER
}

# run LOCKDOWN: one guest; one that fails is a failed check.
run() {
	case $1 in
	none) boot_plain ;;
	integrity) boot_integrity ;;
	confidentiality) boot_confidentiality ;;
	esac || echo "not ok - the guest with lockdown=$1: status $?"
}

status=0
{
	run none
	run integrity
	run confidentiality
} | guest_judge "$checks" || status=$?
exit "$status"
