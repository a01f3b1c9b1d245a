# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# What bench.sh runs in the guest: /dev/vda is an ext4 to write to, /dev/vdb
# what the memory is filled with, RECIPIENT a public key, ROUNDS how often, and
# PART "all" or "resident", which is one capture by each source.  Prints
#
#	bench  NAME  FIGURE ...
#
# for bench.sh to sum up.
#
# The emulator interprets vector instructions one by one, which no machine
# does.  OpenSSL is told to leave them: its plain code is 4 to 9 times as fast
# here, and still far from what any processor does.
set -eu

say() {
	printf 'bench\t%s\t%s\n' "$1" "$2"
}

# The pages that are free become zeros, as they were at the beginning: a
# writer's page cache is not what the next one reads.
reset_memory() {
	local free

	sync
	free=$(awk '$1 == "MemFree:" { print int($2 / 1100) - 80 }' /proc/meminfo)
	[ "$free" -le 0 ] || dd if=/dev/zero of=/free/zeros bs=1M \
		count="$free" 2>/dev/null || :
	rm -f /free/zeros
}

# read_memory SOURCE THREADS
read_memory() {
	local source=$1

	[ "$source" != idle ] || source=kmod
	say "read $1 $2" "$(bench_memory "$source" "$2")"
}

# write_clear SOURCE: an image by two threads and O_DIRECT
write_clear() {
	reset_memory
	say "clear $1" "$(bench_run bench_memory "$1" 2 /mnt/image)"
	rm /mnt/image
}

# write_lime NAME
write_lime() {
	[ -e /lime.ko ] || return 0
	reset_memory
	say "$1" "$(bench_run insmod /lime.ko path=/mnt/image format=lime)"
	rmmod lime
	say lime-size "$(stat -c %s /mnt/image)"
	rm /mnt/image
}

# capture NAME SOURCE [OPTION ...]
capture() {
	local name=$1 source=$2
	shift 2

	reset_memory
	mkdir /mnt/evidence
	say "$name $source" "$(bench_run icecore capture --case bench \
		--to /mnt/evidence --recipient "$RECIPIENT" --source "$source" \
		--quiet "$@" || [ $? -eq 3 ])"
	say "sealed $name $source" "$(du -sk /mnt/evidence | cut -f1)"
	rm -r /mnt/evidence
}

mkdir /mnt /free
mount -t tmpfs -o size=100% none /free
mount -t ext4 /dev/vda /mnt
insmod /icecore.ko
export OPENSSL_ia32cap=0:0
if [ "$PART" = all ]; then
	# the disk's first use is not timed
	bench_memory kmod 2 /mnt/image >/dev/null
	rm /mnt/image
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		reset_memory
		read_memory idle 1
		write_lime idle-lime
		capture idle kmod
		capture idle bpf
	done
fi
dd if=/dev/vdb of=/tmp/fill bs=1M 2>/dev/null
reset_memory
round=0
while [ $round -lt "$ROUNDS" ]; do
	round=$((round + 1))
	if [ "$PART" = all ]; then
		read_memory pread 1
		for source in kmod bpf kcore; do
			read_memory $source 1
			read_memory $source 2
		done
		for source in kmod bpf kcore; do
			write_clear $source
		done
		write_lime lime
	fi
	for source in kmod bpf kcore; do
		capture capture $source
	done
	if [ "$PART" = all ]; then
		capture fastest kmod --level -7
		capture fixed kmod --level -1
	fi
done
if [ "$PART" = all ]; then
	(
		unset OPENSSL_ia32cap
		capture vectors kmod
	)
fi
if [ "$PART" = all ] && [ -n "${STAGES:-}" ]; then
	# shellcheck disable=SC2086 # words
	bench_stages --mib 64 --rounds 3 --zeros 12 $STAGES
fi
