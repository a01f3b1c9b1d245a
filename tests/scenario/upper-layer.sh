#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One process whose root is an overlay, as a container's: the files that came
# after its image are in the evidence, byte for byte, and those of the image are
# not; nothing outside is followed.  In a mount namespace of the test's own.
set -euo pipefail
if [ "$(id -u)" != 0 ]; then
	echo "only root mounts"
	exit 77
fi
if [ "${ICECORE_TEST_NAMESPACE-}" != yes ]; then
	ICECORE_TEST_NAMESPACE=yes exec unshare --mount "$0" "$@"
fi
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
new_key forensic

mkdir -p "$tmp/top/lower/bin" "$tmp/top/upper" "$tmp/top/work" \
	"$tmp/top/root" "$tmp/to"
cp /bin/busybox "$tmp/top/lower/bin/busybox"
echo "of the image" >"$tmp/top/lower/image"
echo "to be removed" >"$tmp/top/lower/removed"
if ! mount -t overlay none -o "lowerdir=$tmp/top/lower,upperdir=$tmp/top/upper,workdir=$tmp/top/work" \
	"$tmp/top/root"; then
	echo "no overlay over this file system"
	exit 77
fi
root=$tmp/top/root
mkdir -p "$root/a/b c/d" "$root/var/log"
head -c 300000 /dev/urandom >"$root/a/b c/d/dropped"
echo "attacker was here" >"$root/var/log/trace"
echo "changed" >>"$root/image"
rm "$root/removed"
ln -s /etc/shadow "$root/link"
mkfifo "$root/fifo"
chroot "$root" /bin/busybox sleep 600 &
pid=$!
trap 'kill -KILL $pid; wait; umount "$tmp/top/root"; rm -rf "$tmp"' EXIT
wait_for 10 sh -c "grep -q ' / / ' /proc/$pid/mountinfo"

status=0
"$BIN/icecore" capture --pid "$pid" --collect binary --case c --name layer \
	--to "$tmp/to" -r "$recipient" --cloud none >"$tmp/out" 2>"$tmp/err" ||
	status=$?
case $status in
0 | 3) ;;
*) fail "status $status" ;;
esac
evidence=$(echo "$tmp"/to/c/*/layer)
expect "$status" "$BIN/icelab" extract "$evidence" -i "$tmp/forensic.key" -o "$tmp/x"
has() {
	[ -e "$tmp/x/binaries/$(sha256sum <"$1" | cut -d ' ' -f 1)" ]
}
for file in "a/b c/d/dropped" var/log/trace image; do
	has "$root/$file" || fail "$file is not in the evidence"
	checks=$((checks + 1))
done
! has "$tmp/top/lower/removed" || fail "a file of the image is there"
! has /etc/shadow || fail "a link was followed"
"$BIN/icelab" show "$evidence" -i "$tmp/forensic.key" --kind binary \
	--format jsonl >"$tmp/shown"
is "files of the layer" "$(grep -c LAYER "$tmp/shown")" 3
grep -q '/a/b c/d/dropped' "$tmp/shown" || fail "no path"
done_testing
