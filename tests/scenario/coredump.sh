#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The memory of chosen processes: of one that this test made, by its id and by
# its container, moving and standing still; the core is compared byte for byte
# with what the process says it wrote, and opened by gdb.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
here=$(dirname "${BASH_SOURCE[0]}")
cgroups=/sys/fs/cgroup
[ -e $cgroups/cgroup.controllers ] || cgroups=$cgroups/unified
id=$(printf '%064d' "$$")
cgroup=$cgroups/icecore-test-$$
mkdir -p "$cgroup/docker-$id.scope" 2>/dev/null ||
	{ echo "no cgroup can be made"; exit 77; }

mkdir "$tmp/victim" "$tmp/dest"
"$BIN/core_victim" "$tmp/victim" &
victim=$!
finish() {
	kill -9 "$victim" 2>/dev/null || true
	wait "$victim" 2>/dev/null || true
	rmdir "$cgroup/docker-$id.scope" "$cgroup" || true
	rm -rf "$tmp"
}
trap finish EXIT
echo "$victim" >"$cgroup/docker-$id.scope/cgroup.procs"
wait_for 20 test -e "$tmp/victim/regions"

new_key a
# capture NAME STATUS OPTION...
capture() {
	local name=$1 status=$2

	shift 2
	expect "$status" "$BIN/icecore" capture --case c --to "$tmp/dest" \
		--name "$name" -r "$recipient" --cloud none "$@"
}
evidence() {
	printf '%s\n' "$tmp"/dest/c/*/"$1"
}
extract() {
	expect 0 "$BIN/icelab" extract "$(evidence "$1")" -i "$tmp/a.key" \
		-o "$tmp/$1"
}
same_memory() {
	expect 0 "$here/core_check.py" "$tmp/$1/cores/$victim.core" \
		"$tmp/victim" "${@:2}"
}
finds() {
	"$BIN/icelab" show "$(evidence "$1")" -i "$tmp/a.key" --kind "$2" \
		--format jsonl 2>/dev/null
}

capture moving 0 --pid "$victim"
extract moving
same_memory moving
is "who it is" "$(ls "$tmp/moving/cores")" "$victim.core
$victim.json"
finds moving code_change >"$tmp/changes"
is "changed pages" "$(wc -l <"$tmp/changes")" 1
python3 - "$tmp/changes" <<'EOT' || fail "the changed page is not as it was made"
import json, sys, base64
change = json.load(open(sys.argv[1]))["code_change"]
assert change["differing_bytes"] == 7, change["differing_bytes"]
assert change["first_difference"] == 100
assert change["file_offset"] == 4096
assert change["of"]["path"].endswith("code-file")
EOT
finds moving finding | grep -q '"mapping.code-changed"' ||
	fail "no finding of changed code"
cmp -s -n 7 -i 100:0 "$tmp"/moving/code/*.memory <(printf patched) ||
	fail "the changed page was not extracted"
is "the page as its file has it" \
	"$(tr -d '\0' <"$(echo "$tmp"/moving/code/*.file)" | wc -c)" 0
gdb -batch -ex 'thread apply all bt' -ex 'p victim_marker' \
	"$BIN/core_victim" "$tmp/moving/cores/$victim.core" >"$tmp/gdb" 2>&1 ||
	fail "gdb does not open the core: $(tail -n 3 "$tmp/gdb")"
for text in victim_waits_here 'victim_waits_in_thread (arg' 'main (argc=2' \
	marker-in-data; do
	grep -qF "$text" "$tmp/gdb" || fail "gdb does not see '$text'"
	checks=$((checks + 1))
done

# Standing still, and on its way again afterwards.
capture frozen 0 --container "${id:0:60}" --freeze=20
extract frozen
same_memory frozen frozen
grep -q '"frozen": true' "$tmp/frozen/cores/$victim.json" ||
	fail "it did not stand still"
grep -q 'frozen 0' "$cgroup/docker-$id.scope/cgroup.events" ||
	fail "it is still frozen"

# Without BPF the registers are /proc's, and those of who runs are missing.
capture proc 3 --pid "$victim" --no-iterator --collect core
expect 3 "$BIN/icelab" extract "$(evidence proc)" -i "$tmp/a.key" -o "$tmp/proc"
same_memory proc
gdb -batch -ex bt "$BIN/core_victim" "$tmp/proc/cores/$victim.core" 2>&1 |
	grep -qF pause || fail "gdb does not see where the thread waits"

# What cannot be.
capture none 1 --pid 4194304
says "there is no process 4194304"
capture none 1 --container "ffffffff${id:8:50}"
says "no process runs in a container"
capture none 1 --pod shop/nobody
says "no process runs in a pod 'shop/nobody'"
expect 2 "$BIN/icecore" capture --case c --to "$tmp/dest" -r "$recipient" \
	--freeze
says "--freeze goes with"
expect 2 "$BIN/icecore" capture --case c --to "$tmp/dest" -r "$recipient" \
	--pid 0
says "no process id"
expect 2 "$BIN/icecore" capture --case c --to "$tmp/dest" -r "$recipient" \
	--pid 1 --freeze=0
# Who shares the agent's cgroup is not frozen, and is taken even so.
sleep 60 &
other=$!
capture shared 3 --pid "$other" --freeze --collect core
says "they do not stand still"
kill "$other"
is "what was left" "$(find "$tmp/dest" -name '*none*')" ""
done_testing
