#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# boot.sh --script FILE [option ...]
#
# Boot a kernel of kernels.sh under QEMU's emulator with an initramfs that is
# made on the spot, run FILE in it with busybox sh as root, show its console on
# stdout and return FILE's exit status.
#
#	--kernel SHORT     which kernel: 6.1 or 6.12 (default)
#	--memory SIZE      what qemu's -m takes; MiB when it is a number (512)
#	--cpu MODEL        default: max,-erms,-fsrm,-la57 (emulated ERMS is slow)
#	--machine TYPE     default: q35
#	--append WORDS     more kernel command line
#	--module NAME      load this module of the kernel first, and what it needs
#	--try-module NAME  the same where the kernel has it
#	--add SRC:DEST     put a file or directory into the guest, with the
#	                   libraries that it is linked to
#	--env NAME=VALUE   for the script
#	--disk IMAGE       virtio disk, raw; the first is /dev/vda
#	--disk-ro IMAGE    the same, read-only
#	--out DIR          an empty ext4 is mounted at /out; when the guest is off
#	                   its content is copied into DIR, whatever the status
#	--out-size MiB     size of that file system (64)
#	--systemd IMAGE    boot the system of IMAGE, an ext4, instead, with memory
#	                   laid over it, so that IMAGE stays as it is; FILE runs
#	                   in it, by its own sh, and --add goes there
#	--net OPTIONS      a network card with qemu's user network, for example
#	                   "restrict=on" or "hostfwd=tcp::5000-:80"; the guest is
#	                   10.0.2.15, the host 10.0.2.2
#	--qemu WORD        one more word for qemu; repeat it
#	--timeout S        seconds until the guest is stopped (60)
#
# Every option but --script may be left out.  /bin/busybox, /proc, /sys, /dev,
# /tmp, /run, debugfs, tracefs, securityfs, bpffs and cgroup2 are there, and
# /checks.sh with what the scripts of this directory share.  The
# shell prefers busybox's own commands: call another one by its path.  A kernel
# oops is a panic, and a panic ends the guest.
#
# Exit status: that of the script; 124 the time was up; 125 the guest ended
# without a status (a panic, for example); 126 it could not be built or set up.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

kernel=6.12 memory=512 cpu=max,-erms,-fsrm,-la57 machine=q35
append='' script='' out='' out_size=64 net='' timeout=60 system=''
modules=() try_modules=() adds=() envs=() disks=() qemu_words=()

while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || die "$1 needs a value"
	case $1 in
	--kernel) kernel=$2 ;;
	--memory) memory=$2 ;;
	--cpu) cpu=$2 ;;
	--machine) machine=$2 ;;
	--append) append+=" $2" ;;
	--module) modules+=("$2") ;;
	--try-module) try_modules+=("$2") ;;
	--add) adds+=("$2") ;;
	--env) envs+=("$2") ;;
	--disk) disks+=("$2") ;;
	--disk-ro) disks+=("$2,readonly=on") ;;
	--systemd)
		system=$2
		disks=("$2,readonly=on" "${disks[@]}")
		;;
	--out) out=$2 ;;
	--out-size) out_size=$2 ;;
	--net) net=$2 ;;
	--qemu) qemu_words+=("$2") ;;
	--script) script=$2 ;;
	--timeout) timeout=$2 ;;
	*) die "unknown option $1" ;;
	esac
	shift 2
done
[ -r "$script" ] || die "--script: cannot read '$script'"
guest_kernel "$kernel"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-guest.XXXXXX")
qemu_pid=''
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	[ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
root=$tmp/root
added=$root${system:+/added} # where --add goes

# add_libraries FILE: copy what FILE is linked to, at the same paths.
add_libraries() {
	local lib

	[ "$(head -c 4 "$1" | tail -c 3)" = ELF ] || return 0
	# ldd fails for what is not dynamic, which needs no library
	ldd "$1" 2>/dev/null | grep -o '/[^ ]*' | while read -r lib; do
		[ -e "$root$lib" ] || install -D "$lib" "$root$lib"
	done || :
}

add() {
	local src=${1%%:*} dest=${1#*:} file

	[ -e "$src" ] || die "--add: no $src"
	[[ $dest == /* ]] || die "--add: '$1' is not SRC:/DEST"
	[[ $dest != */ ]] || dest+=${src##*/}
	mkdir -p "$added${dest%/*}"
	cp -rLT --preserve=mode,timestamps "$src" "$added$dest"
	# A system has its own.
	[ -z "$system" ] || return 0
	while read -r -d '' file; do
		add_libraries "$file"
	done < <(find "$root$dest" -type f -print0)
}

# add_module NAME: NAME and what it needs, in the order of loading.
add_module() {
	local name=${1//-/_} row path dest

	if grep -q "/${name//_/[-_]}\.ko\$" "$guest_modules/modules.builtin"; then
		return 0
	fi
	row=$(awk -v name="$name" '{
		path = $1; sub(/:$/, "", path)
		base = path; sub(/.*\//, "", base); sub(/\.ko(\.xz)?$/, "", base)
		gsub(/-/, "_", base)
		if (base == name) {
			for (i = NF; i > 1; i--)
				print $i
			print path
			exit
		}
	}' "$guest_modules/modules.dep")
	[ -n "$row" ] || die "kernel $guest_release has no module $1"
	for path in $row; do
		dest=${path%.xz}
		dest=/lib/modules/${dest##*/}
		[ ! -e "$root$dest" ] || continue
		mkdir -p "$root/lib/modules"
		case $path in
		*.xz) xz -dc "$guest_modules/$path" >"$root$dest" ;;
		*) cp "$guest_modules/$path" "$root$dest" ;;
		esac
		printf '%s\n' "$dest" >>"$root/etc/modules"
	done
}

# add_system: the system of /dev/vda is the root, and FILE one of its services.
# systemd goes into the next root with what is mounted already.
add_system() {
	local units=$added/etc/systemd/system

	add_module ext4
	add_module overlay
	append+=" systemd.unit=guest-test.service systemd.show_status=no"
	: >"$root/etc/switch-root"
	mkdir -p "$units" "$root/new" "$root/memory" "$root/system"
	cp "$script" "$added/test"
	cp "$guest_dir/checks.sh" "$added/checks.sh"
	printf '%s\n' "${envs[@]}" >"$added/etc/guest-environment"
	cat >"$units/guest-test.service" <<-'UNIT'
		[Unit]
		After=systemd-tmpfiles-setup.service

		[Service]
		Type=oneshot
		EnvironmentFile=/etc/guest-environment
		Environment=HOME=/root
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/console
		ExecStart=/bin/sh /guest-test
	UNIT
	cat >"$added/guest-test" <<-'SCRIPT'
		sh /test
		status=$?
		[ ! -d /out ] || umount /out || status=126
		sync
		echo
		echo "icecore-guest: exit $status"
		exec systemctl poweroff -ff
	SCRIPT
	cat >>"$root/etc/rc" <<-'RC'
		mount -t ext4 -o ro,noload /dev/vda /system &&
			mount -t tmpfs -o size=80% memory /memory &&
			mkdir /memory/upper /memory/work &&
			mount -t overlay -o \
				lowerdir=/system,upperdir=/memory/upper,workdir=/memory/work \
				system /new &&
			cp -a /added/. /new/ || exit 1
		for dir in proc sys dev run ${out:+out}; do
			mkdir -p /new/$dir
			mount --move /$dir /new/$dir || exit 1
		done
	RC
}

make_root() {
	local word

	mkdir -p "$root"/{bin,dev,etc,out,proc,run,sbin,sys,tmp}
	cp "$(guest_build init)" "$root/init"
	cp -L "$(command -v busybox)" "$root/bin/busybox"
	cp "$script" "$root/test"
	cp "$guest_dir/checks.sh" "$root/checks.sh"
	: >"$root/etc/modules"
	printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' \
		>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	printf '%s\n' "${envs[@]}" >"$root/etc/environment"
	echo 'ip link set lo up' >"$root/etc/rc"
	for word in "${adds[@]}"; do
		add "$word"
	done
	if [ ${#disks[@]} -gt 0 ]; then
		add_module virtio_pci
		add_module virtio_blk
	fi
	if [ -n "$net" ]; then
		add_module virtio_pci
		add_module virtio_net
		cat >>"$root/etc/rc" <<-'RC'
			ip link set eth0 up
			ip addr add 10.0.2.15/24 dev eth0
			ip route add default via 10.0.2.2
		RC
	fi
	if [ -n "$out" ]; then
		: >"$root/etc/out"
		cat >>"$root/etc/rc" <<-'RC'
			for disk in /sys/block/vd*; do
				[ "$(cat $disk/serial)" = icecore-out ] || continue
				mount -t ext4 /dev/${disk##*/} /out && out=there
			done
			[ "$out" ] || exit 1
		RC
	fi
	[ -z "$system" ] || add_system
	for word in "${modules[@]}"; do
		add_module "$word"
	done
	for word in "${try_modules[@]}"; do
		! guest_has_module "$word" || add_module "$word"
	done
	(cd "$root" && find . -mindepth 1 -print0 |
		cpio --null --quiet -o -H newc -R 0:0) | gzip -1 >"$tmp/initrd"
}

# The disk of /out comes last and is found by its serial number, so that the
# script's own disks keep their names.
make_out() {
	mkdir -p "$out"
	truncate -s "${out_size}M" "$tmp/out.img"
	mke2fs -q -t ext4 -m 0 -O ^has_journal -E lazy_itable_init=0 \
		"$tmp/out.img" || die "cannot make a file system for --out"
}

run_qemu() {
	local words=() i=0 disk serial

	for disk in "${disks[@]}"; do
		serial=disk$i
		[ "$disk" != "$tmp/out.img" ] || serial=icecore-out
		words+=(-drive "if=none,id=disk$i,format=raw,cache=unsafe,file=$disk"
			-device "virtio-blk-pci,drive=disk$i,serial=$serial")
		i=$((i + 1))
	done
	if [ -n "$net" ]; then
		words+=(-nic "user,model=virtio-net-pci,$net")
	else
		words+=(-nic none)
	fi
	rm -f "$tmp/serial"
	mkfifo "$tmp/serial"
	sed -u 's/\r//g' <"$tmp/serial" | tee "$tmp/console" &
	timeout --kill-after=5 "$timeout" qemu-system-x86_64 \
		-machine "$machine" -accel tcg,thread=multi -cpu "$cpu" -smp 2 \
		-m "$memory" -display none -monitor none -serial stdio \
		-no-reboot -no-user-config -nodefaults \
		-kernel "$guest_vmlinuz" -initrd "$tmp/initrd" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic secretmem.enable=1$append" \
		"${words[@]}" "${qemu_words[@]}" \
		</dev/null >"$tmp/serial" 2>&1 &
	qemu_pid=$!
	qemu_status=0
	wait "$qemu_pid" || qemu_status=$?
	qemu_pid=''
	wait
}

if [ -n "$out" ]; then
	make_out
	disks+=("$tmp/out.img")
fi
make_root
run_qemu
# A kernel that patches itself may trip over the emulator, before the first
# program runs and so before anything that is tested.
if ! grep -q '^icecore-guest: exit' "$tmp/console" &&
	grep -q 'Oops: int3' "$tmp/console" &&
	grep -q 'PID: 1 Comm: swapper/0 ' "$tmp/console"; then
	echo "boot.sh: the kernel fell at boot; once more" >&2
	run_qemu
fi

# debugfs tells of errors on stderr only.  Not being root is none: the files then
# have another owner.
out_errors=''
if [ -n "$out" ]; then
	out_errors=$(debugfs -R "rdump / \"$out\"" "$tmp/out.img" 2>&1 >/dev/null |
		sed -e 1d -e '/while changing ownership/d')
	rmdir "$out/lost+found" 2>/dev/null || :
fi
status=$(sed -n 's/^icecore-guest: exit \([0-9]*\)$/\1/p' "$tmp/console" |
	tail -n 1)
if [ "$qemu_status" -eq 124 ] || [ "$qemu_status" -eq 137 ]; then
	echo "boot.sh: stopped after $timeout s" >&2
	exit 124
fi
if [ -z "$status" ]; then
	echo "boot.sh: the guest ended without a status (qemu: $qemu_status)" >&2
	exit 125
fi
if [ -n "$out_errors" ]; then
	echo "boot.sh: cannot bring /out back: $out_errors" >&2
	exit 126
fi
exit "$status"
