# shellcheck shell=sh disable=SC2317 # check calls the functions
# SPDX-License-Identifier: Apache-2.0
# Runs in the guest of sources.sh.

. /checks.sh
failed=0

# ladder FILE: the probe says FILE's lines.
ladder() {
	memread probe --module /icecore.ko >/tmp/ladder || return 1
	sed 's/^/# /' /tmp/ladder
	cmp /tmp/ladder "$1"
}

if [ "$LOCKDOWN" != none ]; then
	grep -q "\[$LOCKDOWN\]" /sys/kernel/security/lockdown || exit 1
	check "the ladder under lockdown=$LOCKDOWN" ladder /expected
	check "no module is left" no_module
	exit $failed
fi

block_bytes=$((128 << 20))

block_state() {
	cat "/sys/devices/system/memory/memory$(($1 / block_bytes))/state"
}

both_blocks_online() {
	find_nested || return 1
	[ $((nested_end - nested_start)) -eq $((2 * block_bytes)) ] || return 1
	[ "$(block_state "$nested_start")" = online ] &&
		[ "$(block_state $((nested_start + block_bytes)))" = online ]
}

ram_bytes() {
	total=0
	ranges=$(sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM.*/0x\1 0x\2/p' \
		/proc/iomem)
	while read -r first last; do
		total=$((total + last - first + 1))
	done <<-RANGES
		$ranges
	RANGES
	echo "$total"
}

# iomem_range NAME: START-LAST
iomem_range() {
	sed -n "s/^ *\([0-9a-f]*-[0-9a-f]*\) : $1\$/\1/p" /proc/iomem
}

# addresses KIND REPORT: one to a line.
addresses() {
	awk -v kind="$1" '$1 == kind { print $4 }' "$2"
}

read_source() {
	memread read "$1" --module /icecore.ko --runs "/tmp/$1.runs" \
		--pages /tmp/pages --hash "$(iomem_range 'Kernel code')" \
		--lime /out/lime >"/tmp/$1" || return 1
	grep -v '^page ' "/tmp/$1" | sed 's/^/# /'
}

covers_all() {
	grep -q "^$1 bytes $(ram_bytes) of $(ram_bytes)\$" "/tmp/$1"
}

# has KIND STATUS COUNT
has() {
	grep -q "^$1 $2 $3\$" "/tmp/$1"
}

# only KIND STATUS...: no other status is among its pages.
only() {
	name=$1
	shift
	awk '{ print $3 }' "/tmp/$name.runs" | sort -u >/tmp/words
	while read -r word; do
		case " $* " in
		*" $word "*) ;;
		*)
			echo "# unexpected: $(grep -m 1 " $word\$" "/tmp/$name.runs")"
			return 1
			;;
		esac
	done </tmp/words
}

# all_are KIND STATUS LIST: each page of LIST, a file.
all_are() {
	n=0
	while read -r address; do
		grep -q "^page $address $2 " "/tmp/$1" || {
			echo "# $(grep "^page $address " "/tmp/$1")"
			return 1
		}
		n=$((n + 1))
	done <"$3"
	[ "$n" -gt 0 ]
}

# is_run KIND STATUS START END
is_run() {
	awk -v status="$2" -v start="$3" -v end="$4" '
		$2 > start && $1 < end {
			from = $1 > start ? $1 : start
			to = $2 < end ? $2 : end
			if ($3 == status)
				bytes += to - from
		}
		END { exit bytes != end - start }' "/tmp/$1.runs"
}

same_hash() {
	[ "$(sed -n 's/^[a-z]* hash //p' /tmp/kmod /tmp/bpf /tmp/kcore |
		sort | uniq -c | awk '{ print $1 }')" = 3 ]
}

# The page where RAM ends inside of it, of which kcore has nothing.
partial_pages() {
	n=0
	ranges=$(sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM.*/0x\1 0x\2/p' \
		/proc/iomem)
	while read -r first last; do
		[ $((first & 4095)) -eq 0 ] || n=$((n + 1))
		[ $(((last + 1) & 4095)) -eq 0 ] || n=$((n + 1))
	done <<-RANGES
		$ranges
	RANGES
	echo $n
}

hidden_symbols() {
	echo 2 >/proc/sys/kernel/kptr_restrict
	memread probe | grep '^bpf: ' >/tmp/hidden
	echo 0 >/proc/sys/kernel/kptr_restrict
	sed 's/^/# /' /tmp/hidden
	grep -qxF "bpf: kernel.kptr_restrict is 2, which hides page_offset_base and vmemmap_base" /tmp/hidden
}

# The module's file claims to be for another kernel.
wrong_kernel() {
	sed 's/vermagic=[0-9]\([^ ]*\) SMP/vermagic=9\1 XMP/' /icecore.ko >/tmp/wrong.ko
	memread probe --module /tmp/wrong.ko | grep '^kmod: ' >/tmp/wrong
	sed 's/^/# /' /tmp/wrong
	release=$(uname -r)
	grep -qxF "kmod: module /tmp/wrong.ko is for kernel 9${release#?}, this is $release (build it for this one)" /tmp/wrong
}

agree() {
	memread parallel "$1" --module /icecore.ko \
		--hash "$(iomem_range 'Kernel code')" >/tmp/parallel 2>&1
	result=$?
	sed 's/^/# /' /tmp/parallel
	return "$result"
}

hidden_iomem() {
	su -s /bin/sh nobody -c 'memread probe' 2>&1 | sed 's/^/# /' >/tmp/hidden
	cat /tmp/hidden
	grep -q 'the kernel hides the addresses' /tmp/hidden
}

check "virtio-mem gave two memory blocks" wait_for both_blocks_online
check "the ladder" ladder /expected
check "no module is left" no_module
check "helper and kallsyms find the same maps" memread symbols
check "kptr_restrict=2 is told" hidden_symbols
check "an unprivileged user is told" hidden_iomem

check "a module for another kernel is told" wrong_kernel
for kind in bpf kcore kmod; do
	check "$kind: readers at once agree" agree $kind
done

# Locked pages may move, but planted ones must not.
echo 0 >/proc/sys/vm/compact_unevictable_allowed
check "plant" plant make /tmp/report
addresses secret /tmp/report >/tmp/secret
: >/tmp/poisoned
cp /tmp/report /tmp/readable
if [ "$POISON" = yes ]; then
	addresses anon /tmp/report | head -n 1 >/tmp/poisoned
	grep -v " $(cat /tmp/poisoned)\$" /tmp/report >/tmp/readable
	check "the page is poisoned" sh -c \
		"echo $((0x$(cat /tmp/poisoned) / 4096)) >/sys/kernel/debug/hwpoison/corrupt-pfn"
fi
cat /tmp/secret /tmp/poisoned >/tmp/pages

# kmod last: what its image has of the secret pages stays in the page cache.
for kind in bpf kcore kmod; do
	check "$kind reads all System RAM" read_source $kind
	check "$kind knows of as many bytes as /proc/iomem" covers_all $kind
	check "$kind: unplugged memory is offline" \
		is_run $kind offline "$offline_start" "$nested_end"
	[ "$POISON" = no ] ||
		check "$kind: the poisoned page" all_are $kind hwpoison /tmp/poisoned
	absent='--absent secret'
	[ $kind != kmod ] || absent=''
	# shellcheck disable=SC2086 # two words or none
	check "$kind: planted pages are at their addresses" \
		plant check /tmp/readable /out/lime $absent
	rm -f /out/lime
done
check "kmod: secret pages are there" all_are kmod private-map /tmp/secret
check "bpf: secret pages are refused" all_are bpf no-direct-map /tmp/secret
check "kcore: secret pages are doubtful" all_are kcore zero-doubtful /tmp/secret
check "kmod has no other gaps" only kmod data private-map offline hwpoison
check "bpf has no other gaps" only bpf data no-direct-map offline hwpoison
check "bpf misses the secret pages only" has bpf no-direct-map "$(wc -l </tmp/secret)"
check "kcore has no other gaps" \
	only kcore data zero-doubtful not-mapped offline hwpoison
check "kcore lacks only what is no whole page" has kcore not-mapped "$(partial_pages)"
check "the kernel's code is the same in all" same_hash
check "no module is left" no_module

block=$((nested_start + block_bytes))
check "a block goes offline" sh -c \
	"echo offline >/sys/devices/system/memory/memory$((block / block_bytes))/state"
insmod /icecore.ko
for kind in kmod bpf kcore; do
	check "$kind reads without the block" sh -c \
		"memread read $kind --runs /tmp/$kind.runs | sed 's/^/# /'"
	check "$kind: the block is offline" is_run $kind offline "$block" \
		$((block + block_bytes))
done
check "a module that was there stays" grep -q '^icecore ' /proc/modules
check "and can go" rmmod icecore
check "the log is clean" clean_log
exit $failed
