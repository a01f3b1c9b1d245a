#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What can go wrong when a capture begins or in its middle: one clear line, the
# right status, nothing half-written under a final name.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

new_key a
mkdir "$tmp/dest"
capture=("$BIN/icecore_fake" capture --case c --collect memory -r "$recipient")

expect 2 "$BIN/icecore_fake"
expect 2 "$BIN/icecore_fake" nonsense
expect 0 "$BIN/icecore_fake" --help
expect 0 "$BIN/icecore_fake" version
expect 0 "$BIN/icecore_fake" capture --help
expect 2 "$BIN/icecore_fake" capture --to "$tmp/dest" -r "$recipient"
says "no case given"
expect 2 "$BIN/icecore_fake" capture --case c -r "$recipient"
says "no destination given"
expect 2 "$BIN/icecore_fake" capture --case c --to "$tmp/dest"
says "no recipient given"
expect 2 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" -r age1xyz
says "not an age recipient (age1...): 'age1xyz'"
expect 2 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" \
	-r "$(tail -n 1 "$tmp/a.key")"
says "not an age recipient"
echo "# comment" >"$tmp/recipients"
expect 2 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" -R "$tmp/recipients"
says "no recipient given"
expect 2 "${capture[@]}" --to "$tmp/dest" --source magic
says "no source 'magic'"
expect 2 "${capture[@]}" --to "$tmp/dest" --max-memory 1MiB
says "at least"
expect 2 "${capture[@]}" --to "$tmp/dest" --level 99
expect 2 "${capture[@]}" --to "$tmp/dest" --collect tea
says "no collector 'tea'"
expect 2 "${capture[@]}" --to "$tmp/dest" stray
says "what is 'stray'"
expect 1 "${capture[@]}" --to /nonexistent
says "destination: open /nonexistent: No such file or directory"
expect 1 "${capture[@]}" --to ftp://bucket/x
says "no way to write to 'ftp://'"
expect 1 "${capture[@]}" --to "$tmp/dest" --name ../up
expect 1 "${capture[@]}" --to "$tmp/dest" --source bpf
says "memory: source bpf: bpf is not here"
is "what was left in the destination" "$(find "$tmp/dest" -mindepth 1)" ""

# The same name twice.
echo "$recipient" >>"$tmp/recipients"
expect 3 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" --name one \
	--collect memory -R "$tmp/recipients" --json
is "outcome" "$(python3 -c 'import json,sys;print(json.load(sys.stdin)["outcome"])' \
	<"$tmp/out")" "complete with gaps"
before=$(find "$tmp/dest" -type f -exec sha256sum {} +)
expect 1 "${capture[@]}" --to "$tmp/dest" --name one
says "capture one exists already"
is "the evidence after that" "$(find "$tmp/dest" -type f -exec sha256sum {} +)" "$before"

if [ "$(id -u)" = 0 ]; then
	# A destination that cannot be written.
	mkdir -m 0755 "$tmp/root"
	chmod 0755 "$tmp"
	expect 1 setpriv --reuid=65534 --regid=65534 --clear-groups \
		"${capture[@]}" --to "$tmp/root"
	says "mkdir c in $tmp/root: Permission denied"

	# A disk that fills up: what was acknowledged is signed for.
	mkdir "$tmp/small"
	mount -t tmpfs -o size=13m none "$tmp/small"
	trap 'umount "$tmp/small" 2>/dev/null || :; rm -rf "$tmp"' EXIT
	expect 1 "${capture[@]}" --to "$tmp/small" --name full
	says "icecore: segment-00000"
	says "No space left on device"
	dir=$(echo "$tmp"/small/c/*/full)
	is "temporary files" "$(find "$dir" -name '.*.tmp')" ""
	expect 3 "$BIN/icelab" verify "$dir"
	says "partial"
	expect 3 "$BIN/icelab" extract "$dir" -i "$tmp/a.key" -o "$tmp/full"
	umount "$tmp/small"
fi

# A file system that is only readable, and one that is a file.
expect 1 "${capture[@]}" --to /dev/null
says "destination"
done_testing
