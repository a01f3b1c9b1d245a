# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced, after lib.sh, by the tests of icecore triage --device: images of disks,
# and what must be as it was afterwards.

# shellcheck disable=SC2154,SC2034 # tmp and recipient are of lib.sh, evidence for it

PATH=$PATH:/usr/sbin:/sbin
disk=$tmp/disk
mkdir "$disk" "$tmp/at"
loops=()

# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	umount -q -R "$tmp/at" || :
	[ ${#loops[@]} -eq 0 ] || losetup -d "${loops[@]}" 2>/dev/null || :
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

# stretch IMAGE PARTITION: a loop device over it, $loop.
stretch() {
	local start size

	read -r start size < <(sfdisk -J "$1" | python3 -c '
import json, sys
p = json.load(sys.stdin)["partitiontable"]["partitions"][int(sys.argv[1]) - 1]
print(p["start"] * 512, p["size"] * 512)' "$2")
	loop=$(losetup -f --show -o "$start" --sizelimit "$size" "$1")
	loops+=("$loop")
}

# What a host has for icecore to see it as one; a line of cron in /var.
fill_root() {
	mkdir -p "$1"/{etc/cron.d,usr/bin,var,home,boot/efi,root/.ssh}
	echo 'ID=debian' >"$1/etc/os-release"
	echo disk-host >"$1/etc/hostname"
}
fill_var() {
	mkdir -p "$1"/{lib/dpkg/info,spool/cron/crontabs,log}
	printf 'Package: p\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n' \
		>"$1/lib/dpkg/status"
	echo '* * * * * /dev/shm/planted' >"$1/spool/cron/crontabs/root"
}
fill_home() {
	mkdir -p "$1/.ssh"
	echo 'command="/x" ssh-rsa A planted' >"$1/.ssh/authorized_keys"
}

# state: mounts, loop devices and mappings of this system.
state() {
	sort /proc/self/mounts
	losetup -a | sort
	ls /sys/block
}

# seal IMAGE ...: these are as they shall stay.
seal() {
	sha256sum "$@" >>"$tmp/sums"
}

sealed() {
	sha256sum --quiet -c "$tmp/sums" || fail "an image was changed: $*"
}

# triage_device STATUS [option ...]: into $evidence; nothing is left behind.
triage_device() {
	local want=$1 got=0

	shift
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	state >"$tmp/state-before"
	"$BIN/icecore" triage --case c --to "$tmp/out" --name one \
		-r "$recipient" "$@" >"$tmp/stdout" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || fail "status $got, not $want: triage $*"
	state >"$tmp/state-after"
	diff "$tmp/state-before" "$tmp/state-after" ||
		fail "something was left behind: $*"
	evidence=$(echo "$tmp"/out/c/*/one)
	checks=$((checks + 2))
}

# volumes: each as "partition-or-logical type where,... why".
volumes() {
	show volume | python3 -c '
import base64, json, sys
def text(v):
    return v if v is None or isinstance(v, str) else str(v)
for line in sys.stdin:
    v = json.loads(line)["volume"]
    where = ",".join(m["where"] + (":" + m["subvolume"] if "subvolume" in m else "")
                     for m in v.get("mounts", []))
    print(v.get("logical") or v.get("partition", 0), v.get("type", "-"),
          where or "-", v.get("why_not", "-"))
'
}

# found: the findings above info, as "technique place".
found() {
	show finding | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    if f["severity"] != "SEVERITY_INFO":
        print(f["technique"], f["evidence"][0]["name"])
' | sort -u
}

paths() {
	show disk-file | python3 -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)["disk-file"]["path"])
'
}
