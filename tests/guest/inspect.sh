#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# inspect.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL (6.1, or 6.12 with five levels of page tables), in
# which a module takes a process off every list and table that leads to it, and
# itself off the list of modules (rootkit/rootkit.c).  The live picture that
# icecore of the directory PROGRAMS takes has no such process; icelab inspect
# of the same directory must find it in the memory of the same capture, and
# beside it the processes and mappings that the guest's own /proc told and the
# sockets that network_world.c made, in three network namespaces.  In a capture from before it must find nothing.  KEEP names a directory that takes
# the evidence.  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: inspect.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=25
guest_kernel "$kernel"
rootkit=$(guest_rootkit "$guest_release")
[ -n "$rootkit" ] || die "no icetest.ko for $guest_release (target rootkit)"
cpu=max,-erms,-fsrm levels=5
if [ "$kernel" = 6.1 ]; then
	cpu=$cpu,-la57 levels=4
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-inspect.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
work=${KEEP:-$tmp}
mkdir -p "$work" "$tmp/scratch"
out=$work/out
recipient=$("$programs/icelab" keygen -o "$work/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
busybox ip link set lo up
sleep 1000 &
echo $! >/out/pid
network_world /out/world.json >/dev/null 2>&1 &
echo $! >/out/world.pid
wait_for [ -s /out/world.json ]
check "the world of sockets is there" [ $? -eq 0 ]
capture() {
	icecore capture --case inspect --to /out --name "$1" -r "$RECIPIENT" \
		--cloud none --source bpf \
		--collect kernel,process,network,integrity,memory 2>/run/err
	status=$?
	sed 's/^/# /' /run/err
	check "capture $1: status 0" [ $status -eq 0 ]
}
# By the shell alone, without a process of its own.
truth() {
	for stat in /proc/[0-9]*/stat; do
		read -r line <"$stat" && echo "$line"
	done >"/out/stat.$1"
	cat "/proc/$(cat /out/world.pid)/maps" >"/out/maps.$1"
}
truth clean
capture clean
lookup=0x$(sed -n 's/ T kallsyms_lookup_name$//p' /proc/kallsyms)
insmod /icetest.ko lookup="$lookup" hide_pid="$(cat /out/pid)" hide_all=1 \
	hook_seq=1 hide_list=1
check "the module is in" [ $? -eq 0 ]
not_listed() { ! ls /proc | grep -qx "$1"; }
check "its process is not in /proc" not_listed "$(cat /out/pid)"
truth hidden
capture hidden
exit $failed
SCRIPT

lab() {
	"$programs/icelab" "$@"
}

# inspect NAME [OPTION...]: into $tmp/NAME; its status.
inspect() {
	local name=$1

	shift
	lab inspect "$out/inspect/guest/$name" -i "$work/key" \
		--scratch "$tmp/scratch" "$@" 2>"$tmp/$name.err"
}

# everything NAME: as JSON lines into $tmp/NAME.jsonl; 3 when a list was torn.
everything() {
	local got=0

	inspect "$1" --format jsonl >"$tmp/$1.jsonl" || got=$?
	sed 's/^/# /' "$tmp/$1.err"
	if [ $got -eq 0 ] || { [ $got -eq 3 ] && grep -q '^{"gap":' "$tmp/$1.jsonl"; }; then
		echo "ok - inspect $1: status $got"
	else
		echo "not ok - inspect $1: status $got"
	fi
}

# told NAME TEXT: the summary says it, or why there is none.
told() {
	inspect "$1" >"$tmp/$1.txt" || [ $? -ne 2 ]
	cat "$tmp/$1.err" >>"$tmp/$1.txt"
	sed 's/^/# /' "$tmp/$1.txt"
	if grep -qE "$2" "$tmp/$1.txt"; then
		echo "ok - the summary of $1 says '$2'"
	else
		echo "not ok - the summary of $1 says no '$2'"
	fi
}

# page NAME [OPTION...]: the report of the capture with the rootkit.
page() {
	local name=$1 got=0

	shift
	lab report "$out/inspect/guest/hidden" -i "$work/key" \
		-o "$tmp/$name.html" --scratch "$tmp/scratch" "$@" \
		2>"$tmp/$name.err" || got=$?
	[ $got -eq 0 ] || [ $got -eq 3 ]
}

# reported: who hides is in the page by the walk of the memory, and by it only.
reported() {
	if page walked --inspect && page again --inspect && page live &&
		cmp "$tmp/walked.html" "$tmp/again.html" &&
		grep -q '"task.hidden-from-snapshot"' "$tmp/walked.html" &&
		grep -qE '^\[[0-9]+,[0-9]+,[0-9]+,null,null,65536,' \
			"$tmp/walked.html" &&
		! grep -q '"task.hidden-from-snapshot"' "$tmp/live.html"; then
		echo "ok - the report has who hides"
	else
		sed 's/^/# /' "$tmp/walked.err"
		echo "not ok - the report has who hides"
	fi
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 200 --out "$out" \
		--out-size 500 --memory 256 --cpu "$cpu" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" \
		--module vsock --module dummy \
		--add "$(guest_build network_world):/bin/network_world" \
		--add "$rootkit:/icetest.ko" --script "$tmp/script" ||
		echo "not ok - the guest: status $?"
	everything clean
	everything hidden
	for name in clean hidden; do
		lab show "$out/inspect/guest/$name" -i "$work/key" \
			--kind process --format jsonl >"$tmp/$name.live" \
			2>/dev/null
	done
	"$guest_dir/inspect-check.py" "$out" "$tmp" ||
		echo "not ok - inspect-check.py: status $?"
	told hidden "$levels levels of page tables"
	told clean "^no findings"
	reported
	if [ -z "$(ls -A "$tmp/scratch")" ]; then
		echo "ok - nothing is left in the scratch directory"
	else
		echo "not ok - something is left in the scratch directory"
	fi
	# Without its largest segment the rest is read, and the hole is told.
	# shellcheck disable=SC2012 # names of ours
	rm "$(ls -S "$out"/inspect/guest/clean/segment-* | head -n 1)"
	told clean "MiB missing|not in the capture|has no "
} | guest_judge "$checks"
