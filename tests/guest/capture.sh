#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# capture.sh KERNEL PROGRAMS [MODULE]
#
# From end to end: in a guest that runs KERNEL (6.1 or 6.12), icecore of the
# directory PROGRAMS takes evidence through each source, is ended in the middle,
# and is refused; here, icelab of the same directory reads that evidence, and
# what comes out is compared with what the guest said of itself.  Then two
# boots under lockdown.  MODULE is build/*/kmod/RELEASE/icecore.ko, the newest
# there is, if it is not given; one for another kernel must be there, too.
# Prints TAP; fails when a check fails, when fewer checks ran than there are,
# or a guest died.
#
# shellcheck disable=SC2317 # check calls the functions
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: capture.sh KERNEL PROGRAMS [MODULE]"
kernel=$1 programs=$2 module=${3:-}
other=6.1
[ "$kernel" != 6.1 ] || other=6.12
guest_kernel "$other"
wrong=$(guest_module "$guest_release")
wrong_release=$guest_release
guest_kernel "$kernel"
[ -n "$module" ] || module=$(guest_module "$guest_release")
for file in "$module" "$wrong" "$programs/icecore" "$programs/icelab"; do
	[ -r "$file" ] || die "no '$file' (build all and the target kmod)"
done
checks=124

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-capture.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
evidence=$out/e2e/guest
recipient=$("$programs/icelab" keygen -o "$tmp/key")

# check TEXT COMMAND...: what it says becomes comments.
check() {
	local text=$1

	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text"
	fi
	sed 's/^/# /' "$tmp/said"
}

# status WANT COMMAND...
status() {
	local want=$1 got=0

	shift
	"$@" || got=$?
	[ "$got" -eq "$want" ] || echo "status $got, not $want"
	[ "$got" -eq "$want" ]
}

lab() {
	"$programs/icelab" "$@"
}

look() {
	"$guest_dir/capture-check.py" "$@"
}

# verdict NAME STATUS WORDS: what verify says.
verdict() {
	status "$2" lab verify --json "$evidence/$1" >"$tmp/verdict" &&
		grep -qF "\"verdict\": \"$3\"" "$tmp/verdict"
}

extract() {
	local name=$1 want=$2

	shift 2
	status "$want" lab extract "$evidence/$name" -i "$tmp/key" \
		-o "$tmp/$name" --memory lime "$@"
}

# tried NAME SOURCE...: the memory map says "kmod: REASON" or "bpf: opens".
tried() {
	local name=$1

	shift
	lab show "$evidence/$name" -i "$tmp/key" --kind memory_map \
		--format jsonl >"$tmp/map" 2>/dev/null || :
	look tried "$tmp/map" "$@"
}

# --- the guests ---

# boot LOCKDOWN [boot.sh option ...]: the expected ladder is on stdin.  With
# OPENSSL_ia32cap=0 libcrypto uses no vector instructions: emulated ones take
# several times as long.
boot() {
	local lockdown=$1

	shift
	cat >"$tmp/expected"
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 180 \
		--out "$out" --out-size 1000 \
		--env "LOCKDOWN=$lockdown" --env "RECIPIENT=$recipient" \
		--env OPENSSL_ia32cap=0 --add "$programs/icecore:/bin/icecore" \
		--add "$tmp/expected:/expected" --add "$module:/icecore.ko" \
		--script "$guest_dir/capture-test.sh" "$@" ||
		echo "not ok - the guest with lockdown=$lockdown: status $?"
}

boot_plain() {
	mkdir "$tmp/small"
	truncate -s 24M "$tmp/small.img"
	mke2fs -q -t ext4 -O ^has_journal "$tmp/small.img"
	boot none --add "$wrong:/wrong.ko" --env "WRONG_RELEASE=$wrong_release" \
		--add "$(guest_build plant):/bin/" \
		--add /usr/bin/find:/usr/local/bin/ --disk "$tmp/small.img" <<-'LADDER'
			kmod true
			bpf true
			kcore true
			devmem false /dev/mem gives no RAM (CONFIG_STRICT_DEVMEM)
			exit 0
		LADDER
}

boot_integrity() {
	boot integrity --append 'lsm=lockdown,capability lockdown=integrity' <<-'LADDER'
		kmod false kernel lockdown is integrity: module /icecore.ko must be signed with a key that this kernel trusts
		bpf true
		kcore true
		devmem false kernel lockdown is integrity, which closes /dev/mem
		exit 0
	LADDER
}

boot_confidentiality() {
	boot confidentiality \
		--append 'lsm=lockdown,capability lockdown=confidentiality' <<-'LADDER'
			kmod false kernel lockdown is confidentiality: module /icecore.ko must be signed with a key that this kernel trusts
			bpf false kernel lockdown is confidentiality, which keeps BPF from reading the kernel
			kcore false kernel lockdown is confidentiality, which closes /proc/kcore
			devmem false kernel lockdown is confidentiality, which closes /dev/mem
			exit 1
		LADDER
}

# --- the evidence ---

# read_full SOURCE STATUS VERDICT [plant option ...]
read_full() {
	local source=$1 want=$2 words=$3

	shift 3
	check "$source: verify says $words" verdict "$source" "$want" "$words"
	check "$source: extract" extract "$source" "$want"
	check "$source: extents and gaps are System RAM" \
		look coverage "$out/iomem" "$tmp/$source"
	check "$source: exactly these gaps" \
		look gaps "$source" "$out/iomem" "$tmp/$source" "$out/report"
	check "$source: planted pages are at their addresses" \
		"$(guest_build plant)" check "$out/report" \
		"$tmp/$source/memory.lime" "$@"
	check "$source: the memory map" tried "$source" "$source: opens"
}

# read_cut NAME SOURCE...: of a capture that a signal ended in order.
read_cut() {
	local name=$1

	shift
	check "$name: verify says partial" verdict "$name" 3 partial
	check "$name: extract" extract "$name" 3
	check "$name: extents and gaps are System RAM" \
		look coverage "$out/iomem" "$tmp/$name" interrupted
	check "$name: the memory map" tried "$name" "$@"
	rm -rf "${tmp:?}/$name"
}

# What the manifests vouch for, and nothing of the rest.
read_broken() {
	check "$1: verify says partial" verdict "$1" "$2" partial
	check "$1: extract" extract "$1" "$2" --vouched-only
	check "$1: there is memory, the rest is missing" \
		look coverage "$out/iomem" "$tmp/$1" missing
	rm -rf "${tmp:?}/$1"
}

read_all() {
	local no_module='kmod: no /dev/icecore and no module to load (give --module)'

	read_full bpf 3 'complete with gaps' --absent secret
	read_full kcore 3 'complete with gaps' --absent secret
	read_full kmod 0 complete
	check "what cannot change is the same in all images" \
		look same "$out/iomem" "$out/kallsyms" "$out/report" \
		"$tmp/bpf" "$tmp/kcore" "$tmp/kmod"
	check "chosen: extract" status 0 lab extract "$evidence/chosen" \
		-i "$tmp/key" -o "$tmp/chosen"
	check "chosen: the secret pages are in the core" \
		look hidden "$out/report" "$tmp/kmod" "$tmp/chosen"
	rm -rf "$tmp/bpf" "$tmp/kcore" "$tmp/kmod" "$tmp/chosen"
	read_cut auto-module 'kmod: opens'
	read_cut auto-none "$no_module" 'bpf: opens'
	read_cut auto-wrong "kmod: module /wrong.ko is for kernel $wrong_release, this is $guest_release (build it for this one)" \
		'bpf: opens'
	read_cut auto-hidden "$no_module" \
		'bpf: kernel.kptr_restrict is 2, which hides page_offset_base and vmemmap_base' \
		'kcore: opens'
	read_cut auto-loaded 'kmod: opens'
	read_broken killed 3
	read_broken disk 3
}

verdict_status=0
{
	boot_plain
	read_all
	rm -rf "$out"
	boot_integrity
	rm -rf "$out"
	boot_confidentiality
} | guest_judge "$checks" || verdict_status=$?
exit "$verdict_status"
