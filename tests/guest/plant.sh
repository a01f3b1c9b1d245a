#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# "plant check" is what other tests trust: it must find what is there, miss what
# is not, and refuse what is broken.  Needs no guest.  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
plant=$(guest_build plant)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-plant.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

# expect STATUS TEXT IMAGE ARGUMENT...
expect() {
	local want=$1 text=$2 image=$3 got=0
	shift 3
	"$plant" check "$tmp/report" "$tmp/$image" "$@" >"$tmp/log" 2>&1 || got=$?
	n=$((n + 1))
	if [ $got -eq "$want" ]; then
		echo "ok $n - $text: $got"
	else
		echo "not ok $n - $text: $got, expected $want"
		sed 's/^/# /' "$tmp/log"
		failed=1
	fi
}

"$plant" forge "$tmp/report" "$tmp/lime"
size=$(stat -c %s "$tmp/lime")
secret=$((size - 16 * 4096))

expect 0 'all pages are there' lime
expect 1 'a kind that should be absent is there' lime --absent secret
expect 1 'another is' lime --absent anon
expect 1 'a LiME image is not a raw one' lime --raw

# the secret pages become zeros, then all but one stretch of one of them
cp "$tmp/lime" "$tmp/zeroed"
dd if=/dev/zero of="$tmp/zeroed" bs=1 seek="$secret" count=$((16 * 4096)) \
	conv=notrunc status=none
expect 0 'a kind that should be absent is' zeroed --absent secret
expect 1 'a kind that is absent is missed' zeroed
cp "$tmp/zeroed" "$tmp/stretch"
dd if="$tmp/lime" of="$tmp/stretch" bs=1 skip=$((secret + 5008)) count=200 \
	seek=$((secret + 5008)) conv=notrunc status=none
expect 1 'a part of a page is found' stretch --absent secret
cp "$tmp/zeroed" "$tmp/moved"
dd if="$tmp/lime" of="$tmp/moved" bs=1 skip="$secret" count=4096 \
	seek=$((secret + 24 + 8192)) conv=notrunc status=none
expect 1 'a page that is not where pages begin is found' moved --absent secret

# one byte, two pages changed places, one byte less, one more
cp "$tmp/lime" "$tmp/byte"
printf x | dd of="$tmp/byte" bs=1 seek=$((32 + 4711)) conv=notrunc status=none
expect 1 'a wrong byte is seen' byte
cp "$tmp/lime" "$tmp/swapped"
dd if="$tmp/lime" of="$tmp/swapped" bs=1 skip=32 count=4096 \
	seek=$((32 + 4096)) conv=notrunc status=none
expect 1 'a page in the place of another is seen' swapped
head -c -1 "$tmp/lime" >"$tmp/short"
expect 1 'an image that is cut short is refused' short
{ cat "$tmp/lime"; echo; } >"$tmp/long"
expect 1 'an image with a tail is refused' long

# the same pages at their addresses, mostly holes
for range in 32:64:1 $((64 + 64 * 4096)):64:256 $secret:16:1048576; do
	IFS=: read -r from pages to <<<"$range"
	dd if="$tmp/lime" of="$tmp/raw" bs=4096 iflag=skip_bytes skip="$from" \
		count="$pages" seek="$to" conv=notrunc status=none
done
expect 0 'a padded image of 4 GiB' raw --raw
expect 1 'the same, searched' raw --raw --absent secret
: >"$tmp/raw"
truncate -s 64G "$tmp/raw"
expect 0 'nothing in 64 GiB of nothing' raw --raw --absent anon \
	--absent tmpfs --absent secret
echo "1..$n"
exit $failed
