#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Evidence is opened without our programs, by age, zstd and protoc; and ours
# open what those made.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Keys: theirs are good for us, ours for them.
new_key ours
is "age-keygen on our key" "$(age-keygen -y "$tmp/ours.key")" "$recipient"
is "mode of the key" "$(stat -c %a "$tmp/ours.key")" 600
age-keygen -o "$tmp/theirs.key" 2>"$tmp/err"
theirs=$(age-keygen -y "$tmp/theirs.key")
expect 1 "$BIN/icelab" keygen -o "$tmp/ours.key"
says "File exists"

# One capture for both keys.
mkdir "$tmp/dest"
expect 3 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" --name cap \
	-r "$recipient" -r "$theirs" --collect memory
dir=$(echo "$tmp"/dest/c/*/cap)

# decode FILE: records one after the other, by protoc, as text.
decode() {
	perl -e '
		use strict; use warnings; local $/; binmode STDIN;
		my $in = <STDIN>; my ($at, $n) = (0, 0);
		while ($at < length $in) {
			my ($len, $shift, $byte) = (0, 0);
			do {
				$byte = ord substr $in, $at++, 1;
				$len |= ($byte & 127) << $shift;
				$shift += 7;
			} while ($byte & 128);
			open my $f, ">", sprintf "%s.%06d", $ARGV[0], $n++ or die;
			print $f substr $in, $at, $len;
			$at += $len;
		}' "$tmp/record" <"$1"
	for f in "$tmp"/record.*; do
		protoc --decode=icecore.v1.Record -I "$PROTO" \
			icecore/v1/record.proto <"$f" || return
	done
	rm -f "$tmp"/record.*
}

for key in ours theirs; do
	total=0
	for s in "$dir"/segment-*.age; do
		expect 0 age -d -i "$tmp/$key.key" -o "$tmp/plain.zst" "$s"
		expect 0 zstd -dqf "$tmp/plain.zst" -o "$tmp/plain"
		total=$((total + $(stat -c %s "$tmp/plain")))
		rm "$tmp/plain.zst"
	done
	[ "$total" -gt 1000000 ] || fail "only $total bytes of records"
done
decode "$tmp/plain" >"$tmp/text"
grep -q '^segment_header {' "$tmp/text" || fail "no header"
grep -q 'capture_id: "cap"' "$tmp/text" || fail "no capture id"
grep -q 'source: MEMORY_SOURCE_KMOD' "$tmp/text" || fail "no extent"
expect 0 protoc --decode=icecore.v1.SignedManifest -I "$PROTO" \
	icecore/v1/manifest.proto <"$dir/manifest-000000.pb"

# sha256sum agrees with the manifests, by way of protoc.
sha=$(sha256sum "$dir/segment-000000.age" | cut -d' ' -f1)
"$BIN/icelab" show "$dir" -i "$tmp/ours.key" >"$tmp/out" 2>"$tmp/err" || [ $? = 3 ]
python3 - "$dir" "$sha" <<-'PY' || fail "the manifest has another SHA-256"
	import pathlib, sys
	found = any(bytes.fromhex(sys.argv[2]) in p.read_bytes()
	            for p in pathlib.Path(sys.argv[1]).glob("manifest-*.pb"))
	sys.exit(0 if found else 1)
PY

# The other way: segment 0 made again by zstd (another level, with a checksum)
# and age.  The chain sees that it is another object; what is in it comes out.
expect 0 age -d -i "$tmp/ours.key" -o "$tmp/plain.zst" "$dir/segment-000000.age"
zstd -dqf "$tmp/plain.zst" -o "$tmp/plain"
cp -r "$dir" "$tmp/remade"
rm "$tmp/remade"/segment-* "$tmp/remade"/manifest-000001.pb
find "$tmp/remade" -name 'manifest-*' ! -name 'manifest-000000.pb' -delete
zstd -19 -q --check "$tmp/plain" -c | age -r "$theirs" -r "$recipient" \
	>"$tmp/remade/segment-000000.age"
expect 3 "$BIN/icelab" extract "$tmp/remade" -i "$tmp/ours.key" -o "$tmp/x"
says "vouched for by no signature"
[ "$(stat -c %s "$tmp/x/memory.lime")" -gt 1000000 ] || fail "no image"

# Armor is no part of the format.
age -a -r "$recipient" -o "$tmp/remade/armored" "$PROTO/FORMAT.md"
mv -f "$tmp/remade/armored" "$tmp/remade/segment-000000.age"
expect 1 "$BIN/icelab" extract "$tmp/remade" -i "$tmp/ours.key" -o "$tmp/y"
says "not an age v1 file"
done_testing
