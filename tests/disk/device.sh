#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# device.sh DIRECTORY-OF-PROGRAMS
#
# Images of disks as an attacker's host leaves them when it is switched off: ext4,
# xfs and btrfs whose logs are full, so that mounting them as usual would write to
# them.  icecore mounts them by itself, as their fstab says, finds what was planted
# on each, shows nothing that only a replayed log has, and leaves every byte and
# this system as they were.  Then what must be refused, and what is a gap.
if [ "${1:-}" != --inside ]; then
	exec unshare --mount "$0" --inside "$@"
fi
shift
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
. "$here/device_lib.sh"

for type in ext4 xfs btrfs; do
	modprobe -q "$type" 2>/dev/null || :
	grep -qw "$type" /proc/filesystems || { echo "no $type here"; exit 77; }
done

# populate DEVICE FILL [SUBVOLUME ...]: made, filled and cleanly unmounted.
populate() {
	mount "$1" "$tmp/at"
	shift
	"$@"
	umount "$tmp/at"
}

# late FILE: it is in the log, and nowhere else for some seconds.
late() {
	echo late >"$1"
	sync "$1"
}

### A GPT disk: ESP, ext4 root, xfs /var, btrfs with subvolumes, swap.
make_disk() {
	truncate -s 760M "$1"
	sfdisk -q "$1" <<-'EOT'
		label: gpt
		size=16MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
		size=64MiB, name=the-root
		size=310MiB
		size=128MiB
		size=16MiB, type=swap
		size=1MiB, type=21686148-6449-6E6F-744E-656564454649
		size=32MiB
		size=16MiB
	EOT
	stretch "$1" 1
	mkfs.vfat -i 1234abcd "$loop" >/dev/null
	stretch "$1" 2
	mkfs.ext4 -q -L rootfs "$loop"
	populate "$loop" fill_root "$tmp/at"
	mount "$loop" "$tmp/at"
	cat >"$tmp/at/etc/fstab" <<-'EOT'
		# what mounts what
		LABEL=rootfs / ext4 errors=remount-ro 0 1
		/dev/disk/by-label/homes /home/deep btrfs subvol=@home,nofail 0 2
		LABEL=homes /home btrfs subvol=/@,nofail 0 2
		LABEL=var\040fs /var xfs defaults 0 2
		UUID=1234-ABCD /boot/efi vfat umask=0077 0 1
		/dev/nvme0n1p7 /boot ext4 defaults 0 2
		LABEL=elsewhere /srv ext4 defaults 0 2
		LABEL=homes /usr/escape btrfs subvol=@home 0 2
		LABEL=homes /usr/file btrfs subvol=@home 0 2
		/dev/sda9 /opt ext4 defaults 0 2
		UUID=00000000-0000-0000-0000-000000000000 none swap sw 0 0
		tmpfs /tmp tmpfs defaults 0 0
		server:/export /mnt nfs defaults 0 0
		/home /usr/bin none bind 0 0
	EOT
	echo '* * * * * root /tmp/planted-root' >"$tmp/at/etc/cron.d/planted"
	ln -s "../../../../../..$tmp/outside" "$tmp/at/usr/escape"
	: >"$tmp/at/usr/file"
	umount "$tmp/at"
	stretch "$1" 3
	mkfs.xfs -q -L 'var fs' "$loop"
	populate "$loop" fill_var "$tmp/at"
	stretch "$1" 5
	mkswap "$loop" >/dev/null
	stretch "$1" 7
	mkfs.ext4 -q -O ^has_journal "$loop"
	populate "$loop" mkdir "$tmp/at/efi"
	stretch "$1" 8
	printf 'LUKS\272\276\0\2' | dd of="$loop" conv=notrunc status=none
	head -c 1048576 /dev/urandom | dd of="$loop" bs=1M seek=1 conv=notrunc status=none
	stretch "$1" 4
	mkfs.btrfs -q -L homes "$loop" >/dev/null
	mount "$loop" "$tmp/at"
	btrfs -q subvolume create "$tmp/at/@"
	btrfs -q subvolume create "$tmp/at/@home"
	mkdir "$tmp/at/@/deep"
	fill_home "$tmp/at/@home"
	umount "$tmp/at"
	losetup -d "${loops[@]}"
	loops=()
}

# in_use IMAGE: as it is when its host is switched off in the middle.
in_use() {
	local root var homes

	stretch "$1" 2 && root=$loop
	stretch "$1" 3 && var=$loop
	stretch "$1" 4 && homes=$loop
	mount -t tmpfs at "$tmp/at"
	mkdir "$tmp/at"/{root,var,homes}
	mount "$root" "$tmp/at/root"
	mount "$var" "$tmp/at/var"
	mount "$homes" "$tmp/at/homes"
	late "$tmp/at/root/late"
	late "$tmp/at/var/late"
	late "$tmp/at/homes/@home/late"
	cp --sparse=always "$1" "$1.copy"
	umount -R "$tmp/at"
	losetup -d "${loops[@]}"
	loops=()
	mv "$1.copy" "$1"
	stretch "$1" 2
	dumpe2fs -h "$loop" 2>/dev/null | grep -q needs_recovery ||
		fail "the journal of ext4 is not dirty"
	stretch "$1" 3
	xfs_logprint -t "$loop" 2>&1 | grep -q 'state: <DIRTY>' ||
		fail "the log of xfs is not dirty"
	stretch "$1" 4
	btrfs inspect-internal dump-super "$loop" |
		grep -q '^log_root[[:space:]]*0$' && fail "the log of btrfs is empty"
	losetup -d "${loops[@]}"
	loops=()
	checks=$((checks + 3))
}

make_disk "$disk/gpt.img"
in_use "$disk/gpt.img"
mkdir "$tmp/outside"
seal "$disk/gpt.img"
is "the list" "$("$BIN/icecore" triage --device "$disk/gpt.img" --list |
	awk 'NR > 1 { print $2, $3 }' | paste -sd ' ')" \
	"p1 vfat p2 ext4 p3 xfs p4 btrfs p5 swap p6 - p7 ext4 p8 crypto_LUKS"

efi="- file systems of type vfat: No such device" efi_gaps=1
modprobe -q vfat 2>/dev/null || :
! grep -qw vfat /proc/filesystems || efi="/boot/efi -" efi_gaps=0

triage_device 3 --device "$disk/gpt.img"
is "the volumes" "$(volumes)" "1 vfat $efi
2 ext4 / -
3 xfs /var -
4 btrfs /home:/@,/home/deep:@home -
5 swap - swap, which is not looked into
6 - - a boot loader's
7 ext4 /boot -
8 crypto_LUKS - encrypted (LUKS)"
is "what was planted" "$(found)" "T1053.003 /etc/cron.d/planted
T1053.003 /var/spool/cron/crontabs/root
T1098.004 /home/deep/.ssh/authorized_keys"
is "what only a log has" "$(paths | grep late || :)" ""
is "the host" "$(basename "$(dirname "$evidence")")" disk-host
is "logs that are told as not replayed" \
	"$(show volume | grep -c '"log_dirty":true')" 1
is "gaps of the fstab" "$(show gap | python3 -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)["gap"]["what"])
' | grep -c fstab)" $((5 + efi_gaps))
"$BIN/icelab" export "$evidence" -i "$tmp/key" --format jsonl -o "$tmp/lines" \
	2>/dev/null || [ $? = 3 ]
is "volumes that are exported" "$(grep -c '"volume"\|disk_volume' "$tmp/lines")" 8
show volume | grep -q 'norecovery,nouuid' || fail "xfs without norecovery"
show volume | grep -q 'noload' || fail "ext4 without noload"
show volume | grep -q 'nologreplay' || fail "btrfs without nologreplay"
checks=$((checks + 3))

### btrfs as the root, no table of partitions.
truncate -s 128M "$disk/btrfs.img"
mkfs.btrfs -q "$disk/btrfs.img" >/dev/null
mount -o loop "$disk/btrfs.img" "$tmp/at"
btrfs -q subvolume create "$tmp/at/@rootfs"
fill_root "$tmp/at/@rootfs"
fill_var "$tmp/at/@rootfs/var"
echo "UUID=$(blkid -s UUID -o value "$disk/btrfs.img") / btrfs subvol=@rootfs 0 0" \
	>"$tmp/at/@rootfs/etc/fstab"
umount "$tmp/at"
seal "$disk/btrfs.img"
triage_device 0 --device "$disk/btrfs.img"
is "the volumes of btrfs" "$(volumes)" "0 btrfs /:@rootfs -"
is "what was planted on btrfs" "$(found)" "T1053.003 /var/spool/cron/crontabs/root"

### Two roots: which one must be said.
got=0
"$BIN/icecore" triage --device "$disk/gpt.img" --device "$disk/btrfs.img" \
	--case c --to "$tmp/out" -r "$recipient" 2>"$tmp/err" || got=$?
is "the status with two roots" "$got" 1
grep -q "2 volumes look like a root.*gpt.img p2.*btrfs.img" "$tmp/err" ||
	fail "two roots are not told"
triage_device 3 --device "$disk/gpt.img" --device "$disk/btrfs.img" \
	--root-volume rootfs
sealed "by two devices"
is "the root that was chosen" "$(volumes | grep ' /[: ]')" "2 ext4 / -"
checks=$((checks + 2))

### What this system writes to is refused.
cp "$disk/btrfs.img" "$disk/mounted.img"
mount -o loop "$disk/mounted.img" "$tmp/at"
got=0
"$BIN/icecore" triage --device "$disk/mounted.img" --case c --to "$tmp/out" \
	-r "$recipient" 2>"$tmp/err" || got=$?
is "the status of one that is mounted" "$got" 1
grep -q "mounted writable at $tmp/at" "$tmp/err" || fail "it is not told where"
umount "$tmp/at"
for options in "--root / --device x" "--list" "--root-volume x --root /"; do
	got=0
	# shellcheck disable=SC2086 # they are words
	"$BIN/icecore" triage $options --case c --to "$tmp/out" -r "$recipient" \
		2>"$tmp/err" || got=$?
	is "the status of $options" "$got" 2
done

### Nothing of a root: an error, and all of it undone.
truncate -s 16M "$disk/empty.img"
mkfs.ext4 -q "$disk/empty.img"
triage_device 1 --device "$disk/empty.img"
grep -q 'no volume looks like a root' "$tmp/err" || fail "no root is not told"

### Ended by a signal while all is mounted, and killed: the same.
mkfifo "$tmp/hold"
for signal in TERM KILL; do
	state >"$tmp/state-before"
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	# It waits for whoever writes its authorities, which it reads after it
	# mounted everything.
	"$BIN/icecore" triage --device "$disk/gpt.img" --case c --to "$tmp/out" \
		-r "$recipient" --tsa http://127.0.0.1:9/ \
		--tsa-ca "$tmp/hold" 2>"$tmp/err" &
	pid=$!
	until [ "$(losetup -a | grep -c gpt.img)" = 5 ]; do
		kill -0 "$pid" 2>/dev/null || fail "it mounted nothing"
	done
	kill -s "$signal" "$pid"
	[ "$signal" = KILL ] || : >"$tmp/hold"
	got=0
	wait "$pid" || got=$?
	[ "$got" -ne 0 ] || fail "SIG$signal did not end it"
	# The kernel clears what a killed process had, when it comes to it.
	for _ in $(seq 500); do
		state >"$tmp/state-after"
		! cmp -s "$tmp/state-before" "$tmp/state-after" || break
	done
	diff "$tmp/state-before" "$tmp/state-after" ||
		fail "something was left behind after SIG$signal"
	checks=$((checks + 1))
done
sealed "by a signal"
done_testing
