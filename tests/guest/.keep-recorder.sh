#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# recorder.sh KERNEL PROGRAMS TESTS
#
# In a guest that runs KERNEL (6.1 or 6.12), icecore watch of the directory
# PROGRAMS records what deeds.c does, is triggered, and captures; here icelab
# reads what happened.  Then unit/recorder of the directory TESTS, which compares
# what was taken byte for byte.  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -ge 3 ] || die "usage: recorder.sh KERNEL PROGRAMS TESTS"
kernel=$1 programs=$2 tests=$3
tmp=/tmp/rep/recorder; mkdir -p $tmp
:
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
chmod 1777 /tmp
links() {
	ls /proc/*/fd -l 2>/dev/null | grep -c 'anon_inode:bpf_link'
}
check "no link of BPF before" [ "$(links)" -eq 0 ]
icecore watch --case by-default --to /out -r "$RECIPIENT" --cloud none \
	--collect kernel,event,binary 2>/run/err &
watch=$!
wait_for grep -q watching /run/err
check "the watch is there" [ $? -eq 0 ]
sed 's/^/# /' /run/err
check "links while it runs" [ "$(links)" -gt 10 ]
sha256sum </bin/deeds >/out/sum
/bin/deeds >/out/deeds
check "the deeds were done" [ $? -eq 0 ]
rmmod loop
insmod /lib/modules/loop.ko
icecore trigger --case recorder --reason 'the "alarm"' >/out/answer
status=$?
echo "# status $status"
check "triggered: complete, or with gaps" [ $status -eq 0 -o $status -eq 3 ]
check "nobody else may ask" test ! -r /run/icecore/watch.sock -o \
	"$(stat -c %a /run/icecore/watch.sock)" = 600
icecore trigger --case again >/run/again
status=$?
check "triggered again" [ $status -eq 0 -o $status -eq 3 ]
kill -TERM $watch
wait $watch
check "the watch ended in order" [ $? -eq 0 ]
check "and its socket with it" [ ! -e /run/icecore/watch.sock ]
check "no link of BPF stays" [ "$(links)" -eq 0 ]
icecore capture --case recorder --name with-recorder --to /out -r "$RECIPIENT" \
	--cloud none --collect kernel,event --recorder 2>/run/err
check "capture --recorder: status 0" [ $? -eq 0 ]
/bin/test_recorder >/run/unit 2>&1
check "unit/recorder, byte for byte" [ $? -eq 0 ]
sed 's/^/# /' /run/unit
check "the kernel complained of nothing" clean_log
exit $failed
SCRIPT

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 120 --out "$out" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" \
		--add "$(guest_build deeds):/bin/deeds" --add /bin/true:/bin/true \
		--add "$tests/test_recorder:/bin/test_recorder" \
		--try-module loop --script "$tmp/script" ||
		echo "not ok - the guest: status $?"
	dir=$(echo "$out"/recorder/guest/2*)
	grep -q "\"location\":\"/out/recorder/guest/${dir##*/}\"" \
		"$out/answer" && echo "ok - the answer names the evidence" ||
		echo "not ok - the answer names the evidence"
	"$programs/icelab" show "$dir" -i "$tmp/key" --format jsonl \
		>"$tmp/events.jsonl" || echo "not ok - show: status $?"
	"$programs/icelab" extract "$dir" -i "$tmp/key" -o "$tmp/extracted" \
		--memory none >"$tmp/extract" 2>&1 ||
		echo "not ok - extract: status $?"
	sum=$(cut -d' ' -f1 "$out/sum")
	sha256sum "$tmp/extracted/binaries/$sum" | grep -q "^$sum " &&
		echo "ok - what ran and vanished is there, byte for byte" ||
		echo "not ok - what ran and vanished is there, byte for byte"
	"$programs/icelab" show "$dir" -i "$tmp/key" --kind binary \
		>"$tmp/binaries" || echo "not ok - show: status $?"
	for reason in 'memfd(80)' '/tmp/vanishing temporary-place(50)'; do
		grep -qF "$reason" "$tmp/binaries" &&
			echo "ok - what vanished: $reason" ||
			echo "not ok - what vanished: $reason"
	done
	awk '$NF ~ "/bin/icecore" && $1 == 0 { n++ } END { exit n != 1 }' \
		"$tmp/binaries" && echo "ok - the agent is not suspicious" ||
		echo "not ok - the agent is not suspicious"
	"$guest_dir/recorder-check.py" "$tmp/events.jsonl" "$out/deeds" ||
		echo "not ok - recorder-check.py: status $?"
	"$programs/icelab" show "$out/recorder/guest/with-recorder" \
		-i "$tmp/key" --kind event >"$tmp/short" &&
		grep -q BPF_ATTACH "$tmp/short" && echo "ok - events of a capture" ||
		echo "not ok - events of a capture"
} | guest_judge 67
