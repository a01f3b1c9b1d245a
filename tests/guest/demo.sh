#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh BUILD
#
# A tour: a guest holds a secret in memory that has no direct map; its memory
# is captured through our module, leaves it sealed, is verified and extracted
# here, and the secret is found.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
build=$(cd "${1:?usage: demo.sh BUILD}" && pwd)
PATH=$build/agent:$PATH

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-demo.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
bold=$(tput bold 2>/dev/null || :) plain=$(tput sgr0 2>/dev/null || :)

step() {
	printf '\n%s# %s%s\n' "$bold" "$*" "$plain"
}

# show COMMAND ...: print it, then run it.  Statuses 0 and 3 (gaps) are fine.
show() {
	local status=0

	printf '%s$ %s%s\n' "$bold" "${*//"$tmp"\//}" "$plain"
	"$@" || status=$?
	[ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
}

guest_kernel 6.12

step "The forensic account makes a key pair; only the public half leaves it."
show icelab keygen -o "$tmp/forensic.key"
recipient=$(sed -n 's/^# public key: //p' "$tmp/forensic.key")

step "A guest boots Debian's $guest_release; a process hides a secret in memfd_secret."
cat >"$tmp/script" <<-'GUEST'
	hostname suspect
	plant make /out/report 16 >/dev/null || exit 1
	echo; echo '$ icecore probe --module /icecore.ko'
	icecore probe --module /icecore.ko
	echo; echo '$ icecore capture --case demo --to /out --recipient age1... --module /icecore.ko'
	icecore capture --case demo --to /out --name one \
		--recipient "$RECIPIENT" --module /icecore.ko
GUEST
"$guest_dir/boot.sh" --kernel 6.12 --memory 512 --timeout 180 \
	--add "$build/agent/icecore:/bin/" --env "RECIPIENT=$recipient" \
	--add "$(guest_build plant):/bin/" \
	--add "$build/kmod/$guest_release/icecore.ko:/icecore.ko" \
	--out "$tmp/out" --out-size 600 --script "$tmp/script" >"$tmp/console" || {
	status=$?
	tail -n 20 "$tmp/console"
	exit "$status"
}
sed -n '/icecore probe/,$p' "$tmp/console" | tr -d '\r' |
	sed 's/.*\x1b\[K//' | grep -v '^icecore-guest:\|^\[ '
evidence=$(echo "$tmp"/out/demo/*/one)

step "Here, without any key: is it whole, and is it what the guest sealed?"
show icelab verify "$evidence"

step "With the key: a LiME image, what is not in it, and the kernel's own types."
show icelab extract "$evidence" -i "$tmp/forensic.key" -o "$tmp/x"
(cd "$tmp/x" && find . -type f -printf '%10s  %P\n' | sort -k2)

step "The hidden pages are in the image, at the addresses that the guest saw."
show "$(guest_build plant)" check "$tmp/out/report" "$tmp/x/memory.lime"
python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))["private_map"]
print("read through a private mapping:", ", ".join(x["start"] + "-" + x["end"] for x in r))
' "$tmp/x/memory.gaps.json"

step "The same evidence with nothing of ours: age, zstd, protoc."
segment=$(find "$evidence" -name 'segment-*' | sort | head -n 1)
printf '%s$ age -d -i forensic.key %s | zstd -dc | head -c 64 | od -t x1z%s\n' "$bold" \
	"${segment##*/}" "$plain"
age -d -i "$tmp/forensic.key" "$segment" | zstd -dc 2>/dev/null |
	head -c 64 | od -A x -t x1z || :

step "One flipped byte is seen, and named."
chmod u+w "$segment"
printf 'X' | dd of="$segment" bs=1 seek=12345 conv=notrunc status=none
printf '%s$ icelab verify%s\n' "$bold" "$plain"
icelab verify "$evidence" && exit 1
printf '\nThat was it. ./dev test runs everything; README.md says more.\n'
