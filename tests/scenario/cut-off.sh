#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A capture is ended in the middle: by a signal in order, by kill -9 at once.
# What was acknowledged verifies and extracts, and is reported as partial.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

new_key a
mkdir "$tmp/dest"

# begin NAME: a long capture in the background, $pid, whose manifest 2 stands.
begin() {
	FAKE_MIB=4000 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" \
		--name "$1" --collect memory -r "$recipient" \
		--manifest-every 0 2>"$tmp/err" &
	pid=$!
	wait_for 60 compgen -G "$tmp/dest/c/*/$1/manifest-000002.pb" >/dev/null
	dir=$(echo "$tmp"/dest/c/*/"$1")
}

for signal in INT TERM; do
	begin "sig$signal"
	kill -"$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	is "status after SIG$signal" "$status" 3
	says "interrupted"
	expect 3 "$BIN/icelab" verify --json "$dir"
	says "the capture ended early: interrupted"
	is "verdict" "$(python3 -c \
		'import json,sys;j=json.load(sys.stdin);print(j["verdict"],j["final"])' \
		<"$tmp/out")" "partial True"
	is "temporary files" "$(find "$dir" -name '.*.tmp')" ""
	expect 3 "$BIN/icelab" extract "$dir" -i "$tmp/a.key" -o "$tmp/x$signal"
	grep -q '"status": "interrupted"' "$tmp/x$signal/memory.gaps.json" ||
		fail "the rest is no gap"
	rm -rf "$tmp/x$signal"
done

begin killed
kill -KILL "$pid"
wait "$pid" 2>/dev/null || :
expect 3 "$BIN/icelab" verify --json "$dir"
says "no final manifest; good up to manifest-"
is "verdict" "$(python3 -c \
	'import json,sys;j=json.load(sys.stdin);print(j["verdict"],j["final"])' \
	<"$tmp/out")" "partial False"
expect 3 "$BIN/icelab" extract "$dir" -i "$tmp/a.key" -o "$tmp/x" --vouched-only
[ "$(stat -c %s "$tmp/x/memory.lime")" -gt 1000000 ] || fail "no image"

# Somebody else signs it all again: only who knows the key sees that.
key=$(sed -n 's/^signed by //p' "$tmp/err")
expect 3 "$BIN/icelab" verify "$dir"
key=$(sed -n 's/^signed by //p' "$tmp/err")
expect 3 "$BIN/icelab" verify --signed-by "$key" "$dir"
expect 1 "$BIN/icelab" verify --signed-by "${key//[0-4]/9}" "$dir"
says "damage: manifests: signed by $key"

# One flipped byte, by the program's own words and status; of a segment that a
# manifest lists, which the last ones need not be.
listed=$(grep -aho 'segment-[0-9]*\.age' "$dir"/manifest-*.pb | sed -n 1p)
printf '\377' | dd of="$dir/$listed" bs=1 seek=5000 conv=notrunc 2>/dev/null
expect 1 "$BIN/icelab" verify "$dir"
says "damage: $listed: its SHA-256 is not the one in manifest"
expect 1 "$BIN/icelab" extract "$dir" -i "$tmp/a.key" -o "$tmp/z"
[ "$(stat -c %s "$tmp/z/memory.lime")" -gt 1000000 ] || fail "nothing came out"
new_key b
expect 1 "$BIN/icelab" extract "$dir" -i "$tmp/b.key" -o "$tmp/w"
says "sealed for other recipients"
expect 2 "$BIN/icelab" extract "$dir" -o "$tmp/w"
expect 1 "$BIN/icelab" extract "$dir" -i /dev/null -o "$tmp/w"
says "no AGE-SECRET-KEY"
done_testing
