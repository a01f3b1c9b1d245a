#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# device.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL (6.1 or 6.12) makes a group of logical volumes over two
# disks with LVM's own tools: one in a stretch, one in two pieces, one striped, one
# mirrored, one of a type that is not read.  icecore of the directory PROGRAMS
# triages the disks by --device; what was planted is found on each, the disks are
# as they were, no mapping or loop device is left.  Prints TAP; fails when a check
# fails, when fewer checks ran than there are, or the guest died.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -eq 2 ] || die "usage: device.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=22

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-device.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
recipient=$("$programs/icelab" keygen -o "$tmp/key")
truncate -s 56M "$tmp/a.img"
truncate -s 24M "$tmp/b.img"

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
config='devices { filter=["a|^/dev/vd|","r|.*|"] use_devicesfile=0 scan_lvs=0 }
	activation { udev_sync=0 udev_rules=0 monitoring=0 }
	global { use_lvmpolld=0 }'
lv() {
	command=$1
	shift
	/sbin/lvm "$command" --config "$config" "$@" >/run/lvm.log 2>&1 ||
		{ sed 's/^/# /' /run/lvm.log; return 1; }
}
make_volumes() {
	lv pvcreate /dev/vda /dev/vdb &&
		lv vgcreate -s 1m sus-pect /dev/vda /dev/vdb &&
		lv lvcreate -L 16m -n root sus-pect /dev/vda &&
		lv lvcreate -L 10m -n var sus-pect /dev/vda &&
		lv lvcreate -L 1m -n between sus-pect /dev/vda &&
		lv lvextend -L +6m sus-pect/var /dev/vda &&
		lv lvcreate -i 2 -I 64k -L 16m -n home sus-pect &&
		lv lvcreate --type mirror -m 1 --mirrorlog core --nosync \
			-y -L 4m -n srv sus-pect &&
		lv lvcreate --type raid1 -m 1 --nosync -y -L 2m -n raid sus-pect &&
		lv lvchange -an sus-pect/raid # it writes whenever it likes
}
fill() {
	for name in root var home srv; do
		/sbin/mke2fs -q -t ext4 /dev/sus-pect/$name || return 1
	done
	mkdir /root
	mount -t ext4 /dev/sus-pect/root /root || return 1
	mkdir -p /root/etc/cron.d /root/usr /root/var /root/home /root/srv
	mount -t ext4 /dev/sus-pect/var /root/var &&
		mount -t ext4 /dev/sus-pect/home /root/home &&
		mount -t ext4 /dev/sus-pect/srv /root/srv || return 1
	mkdir -p /root/var/lib/dpkg /root/var/spool/cron/crontabs /root/home/u/.ssh
	echo disk-host >/root/etc/hostname
	echo ID=debian >/root/etc/os-release
	cat >/root/etc/fstab <<-'EOT'
		/dev/mapper/sus--pect-root / ext4 errors=remount-ro 0 1
		/dev/sus-pect/var /var ext4 defaults 0 2
		/dev/mapper/sus--pect-home /home ext4 defaults 0 2
		/dev/sus-pect/srv /srv ext4 defaults 0 2
		/dev/mapper/sus--pect-swap none swap sw 0 0
	EOT
	printf 'Package: p\nStatus: install ok installed\n' >/root/var/lib/dpkg/status
	echo '* * * * * root /tmp/planted' >/root/etc/cron.d/planted
	echo '* * * * * /dev/shm/planted' >/root/var/spool/cron/crontabs/root
	echo 'command="/x" ssh-rsa A planted' >/root/home/u/.ssh/authorized_keys
	echo here >/root/srv/in-a-mirror
	# In both pieces of /var, and executable, so that it is digested.
	dd if=/dev/urandom of=/root/var/large bs=1M count=11 2>/dev/null
	chmod 755 /root/var/large
}
sums() {
	sha256sum /dev/vda /dev/vdb
}
state() {
	cat /proc/mounts
	ls /sys/block
	ls -d /sys/block/loop*/loop 2>/dev/null
}
# triage NAME STATUS [OPTION...]
triage() {
	name=$1
	want=$2
	shift 2
	state >/run/before
	icecore triage --case device --to /out --name "$name" -r "$RECIPIENT" \
		"$@" 2>/run/err
	status=$?
	[ $status -eq "$want" ] || sed 's/^/# /' /run/err
	state >/run/after
	check "$name ends with $want" [ $status -eq "$want" ]
	check "$name leaves nothing behind" cmp -s /run/before /run/after
	diff /run/before /run/after | sed 's/^/# /'
}
has_mapping() {
	ls /sys/block | grep -q '^dm-'
}
as_before() {
	state >/run/after
	cmp -s /run/before /run/after
}
# It waits for its authorities, which it reads after it mounted everything.
killed() {
	mkfifo /run/hold
	state >/run/before
	icecore triage --case device --to /out --name killed -r "$RECIPIENT" \
		--device /dev/vda --device /dev/vdb --tsa http://127.0.0.1:9/ \
		--tsa-ca /run/hold 2>/run/err &
	pid=$!
	wait_for has_mapping || return 1
	kill -9 $pid
	wait $pid
	wait_for as_before
}
check "the volumes are made" make_volumes
check "they are filled" fill
sha256sum </root/var/large >/out/large
triage mounted 1 --device /dev/vda --device /dev/vdb
check "what is mounted is refused" grep -q 'mounted writable at /root' /run/err
umount /root/srv /root/home /root/var /root
sync
sums >/run/sums
triage active 3 --device /dev/vda --device /dev/vdb
check "they are let go" lv vgchange -an sus-pect
triage both 3 --device /dev/vda --device /dev/vdb
triage one 3 --device /dev/vda
icecore triage --list --device /dev/vda --device /dev/vdb >/out/list 2>/run/err
check "what a killed one had goes with it" killed
sums >/run/sums-after
check "the disks are as they were" cmp /run/sums /run/sums-after
check "the kernel complained of nothing" clean_log
exit $failed
SCRIPT

judge() {
	local evidence got
	cat
	. "$guest_dir/checks.sh"
	show() { # CAPTURE KIND [option ...]
		"$programs/icelab" show "$tmp/out/device/disk-host/$1" -i "$tmp/key" \
			--kind "${@:2}" 2>/dev/null || [ $? = 3 ]
	}
	# shellcheck disable=SC2317 # check calls it
	is_whole() {
		show both disk-file --format jsonl | python3 -c '
import json, sys
want = open(sys.argv[1]).read().split()[0]
for line in sys.stdin:
    f = json.loads(line)["disk-file"]
    if f["path"] == "/var/large":
        sys.exit(f.get("sha256") != want)
sys.exit(1)' "$tmp/out/large"
	}
	for evidence in active both; do
		got=$(show $evidence finding)
		check "$evidence: a line on each volume is found" \
			[ "$(grep -cE '/etc/cron.d/planted|/var/spool/cron/crontabs/root|/home/u/.ssh/authorized_keys' <<<"$got")" -ge 3 ]
	done
	check "both: the mirror is read" grep -q /srv/in-a-mirror <(show both disk-file)
	check "both: two pieces, mounted" \
		grep -qE 'sus-pect/var /var' <(show both volume)
	check "both: what lies in two pieces is whole" is_whole
	check "both: what is not read is told" \
		grep -q 'sus-pect/raid .*raid1, which is not read' <(show both volume)
	check "one: the disk that is away is told" \
		grep -q 'sus-pect/home .*which is not there' <(show one volume)
}

status=0
"$guest_dir/boot.sh" --kernel "$kernel" --script "$tmp/script" --timeout 150 \
	--module loop --module ext4 --module dm-mod --module dm-mirror \
	--module dm-raid --module raid1 \
	--disk "$tmp/a.img" --disk "$tmp/b.img" \
	--add "$programs/icecore:/bin/icecore" \
	--add "$(command -v lvm):/sbin/lvm" --add "$(command -v mke2fs):/sbin/mke2fs" \
	--add /etc/mke2fs.conf:/etc/mke2fs.conf \
	--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
	--out "$tmp/out" >"$tmp/console" || status=$?
grep -E '^(ok|not ok|#) ' "$tmp/console" | judge | guest_judge "$checks"
[ "$status" -eq 0 ] || { tail -n 30 "$tmp/console"; die "the guest said $status"; }
