#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench.sh [disk | guest | lab | live | native | recorder | upload] [--kernel 6.12 | 6.1] [--rounds N] [--build DIR]
#
# What the agent does in a second, and what others do.  "native" measures the
# stages of a capture on made-up memory, here; "upload" sends segments to a
# server on loopback, next to curl; "live" takes the live picture of 10,000
# processes in namespaces of their own; "recorder" is what the flight recorder
# costs those who work; "lab" is what an analyst waits for;
# "disk" is the triage of whole disks, for which it installs 2,000 packages once;
# "guest" measures whole captures
# in a guest of 1 GiB under QEMU's emulator, next to LiME and to a reader of
# /proc/kcore in 4 KiB steps, and the agent's resident memory in guests of 1
# and 4 GiB.  Without a word: all.  Every figure is the median of the rounds,
# which take all programs in turn.  Only ratios within a run mean something.
#
# DIR (build/release) must hold the programs and the module: "cmake --preset
# release -DBUILD_KMOD=ON", targets all and kmod.  LiME is Debian's package
# lime-forensics-dkms, compiled here for the guest's kernel.
set -euo pipefail
export LC_ALL=C
bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bench_dir/../guest/lib.sh"

what=all kernel=6.12 rounds=3 build=$guest_top/build/release
while [ $# -gt 0 ]; do
	case $1 in
	disk | guest | lab | live | native | recorder | upload) what=$1 ;;
	--kernel | --rounds | --build)
		[ $# -ge 2 ] || die "$1 needs a value"
		declare "${1#--}=$2"
		shift
		;;
	*) die "unknown word '$1'" ;;
	esac
	shift
done
bin=$build/tests/bench
[ -x "$bin/bench_stages" ] || die "no $bin/bench_stages (build the target all)"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-bench.XXXXXX")
# In memory, so that it is the guest that is measured.
disk=$(mktemp /dev/shm/icecore-bench.XXXXXX)
trap 'rm -rf "$tmp" "$disk"' EXIT

# What memory is made of: our sources, objects and programs, and the libraries
# that those use.
mapfile -t files < <(
	cd "$guest_top"
	find agent bpf kmod proto tests -name '*.[ch]'
	find "$build" -name '*.a' -o -name 'icecore*' -type f -perm -u+x
	ldd "$build/agent/icecore" | grep -o '/[^ ]*'
)
for i in "${!files[@]}"; do
	[[ ${files[i]} == /* ]] || files[i]=$guest_top/${files[i]}
done
mapfile -t files < <(printf '%s\n' "${files[@]}" | sort -u)

native() {
	local mix level

	echo "# Stages on this machine: one core each, sink: none"
	echo
	for mix in 'busy 12' 'idle 82'; do
		for level in -1 3; do
			echo "${mix% *}, level $level"
			timeout 600 "$bin/bench_stages" --mib 512 \
				--rounds "$rounds" --zeros "${mix#* }" \
				--level $level "${files[@]}"
		done
	done
}

# build_lime: print the path of lime.ko for the guest's kernel, or nothing.
build_lime() {
	local dir=$build/bench/lime-$guest_release source
	local headers=/lib/modules/$guest_release/build

	if [ ! -e "$dir/lime.ko" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download \
			lime-forensics-dkms) >"$dir/log" 2>&1 || return 0
		dpkg -x "$dir"/*.deb "$dir/package"
		source=("$dir"/package/usr/src/lime-forensics-*)
		cp "${source[0]}"/* "$dir"
		make -C "$headers" M="$dir" modules >>"$dir/log" 2>&1 || return 0
	fi
	echo "$dir/lime.ko"
}

# fill_image: 200 MiB of what processes and the page cache hold.
fill_image() {
	while cat "${files[@]}" && head -c 2M /dev/zero; do
		:
	done 2>/dev/null | head -c 200M >"$tmp/fill" || :
	truncate -s 200M "$tmp/fill"
}

# boot PART ROUNDS MEMORY OPTION...: the lines that guest.sh says
boot() {
	local part=$1 times=$2 memory=$3
	shift 3

	rm -f "$disk"
	fallocate -l 4G "$disk"
	mke2fs -q -t ext4 -m 0 "$disk" -E \
		nodiscard,lazy_itable_init=0,lazy_journal_init=0
	"$guest_dir/boot.sh" --kernel "$kernel" --memory "$memory" \
		--timeout 900 --disk "$disk" --disk-ro "$tmp/fill" \
		--module ext4 --add "$bin/bench_memory:/bin/" \
		--add "$bin/bench_run:/bin/" \
		--add "$build/agent/icecore:/bin/" \
		--add "$module:/icecore.ko" --env "RECIPIENT=$recipient" \
		--env "ROUNDS=$times" --env "PART=$part" \
		"$@" --script "$bench_dir/guest.sh"
}

# boot_logged LOG ARGUMENT...: boot, with the console in LOG
boot_logged() {
	local log=$tmp/$1
	shift

	boot "$@" >"$log" || {
		tail -n 40 "$log" >&2
		die "the guest failed: $*"
	}
}

guest() {
	local lime extra=()

	guest_kernel "$kernel"
	module=$build/kmod/$guest_release/icecore.ko
	[ -r "$module" ] || die "no $module (build the target kmod)"
	PATH=$PATH:/usr/sbin:/sbin
	"$build/agent/icelab" keygen -o "$tmp/key" >"$tmp/public" 2>&1
	recipient=$(grep -o 'age1[0-9a-z]*' "$tmp/public" | head -n 1)
	fill_image
	lime=$(build_lime)
	if [ -n "$lime" ]; then
		extra+=(--add "$lime:/lime.ko")
	else
		echo "LiME does not compile for $guest_release (see $build/bench)"
	fi
	extra+=(--add "$bin/bench_stages:/bin/" --env \
		'STAGES=/bin/icecore /bin/busybox /icecore.ko /bin/bench_stages')
	boot_logged log4 resident 1 4096
	boot_logged log all "$rounds" 1024 "${extra[@]}"
	awk -F '\t' -f "$bench_dir/tables.awk" -v release="$guest_release" \
		"$tmp/log" "$tmp/log4"
	echo "Stages in the guest, 64 MiB of made-up memory:"
	sed -n '/^memory of/,/^pipeline, two/p' "$tmp/log"
}

case $what in
all | native) native ;;&
all | live) "$bench_dir/live.sh" "$build/agent" "$rounds" ;;&
all | recorder) "$bench_dir/recorder.sh" "$build/agent" "$((rounds * 3))" ;;&
all | upload) "$bench_dir/upload.sh" "$build/agent" "$rounds" ;;&
all | disk) "$bench_dir/disk.sh" "$build/agent" "$rounds" ;;&
all | lab)
	fill_image
	"$bench_dir/lab.sh" "$build/agent" "$rounds" "$tmp/fill"
	;;&
all | guest) guest ;;
esac
