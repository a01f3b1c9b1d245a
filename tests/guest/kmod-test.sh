# shellcheck shell=sh disable=SC2317 # check calls the functions
# SPDX-License-Identifier: Apache-2.0
# Runs in the guest of kmod.sh.

. /checks.sh
failed=0

refuse() {
	! "$@" 2>/dev/null
}

# run COMMAND...: a program that prints checks of its own.
run() {
	"$@" || failed=1
}

both_blocks_online() {
	find_nested || return 1
	[ $((nested_end - nested_start)) -eq $((256 << 20)) ] || return 1
	for at in $nested_start $((nested_start + (128 << 20))); do
		[ "$(cat "/sys/devices/system/memory/memory$((at >> 27))/state")" \
			= online ] || return 1
	done
}

# Make the persistent memory a dax device and that system memory, "System RAM
# (kmem)" in "dax0.0" in "Persistent Memory (legacy)".
give_pmem() {
	nd=/sys/bus/nd/devices/$(cat /sys/bus/nd/devices/region0/dax_seed)
	echo namespace0.0 >"$nd/namespace"
	echo ram >"$nd/mode"
	echo 12345678-1234-1234-1234-123456789abc >"$nd/uuid"
	echo "${nd##*/}" >/sys/bus/nd/drivers/dax_pmem/bind
	dax=$(ls /sys/bus/dax/devices)
	echo "$dax" >/sys/bus/dax/drivers/device_dax/unbind
	echo "$dax" >/sys/bus/dax/drivers/kmem/new_id
	grep -q '^    .* : System RAM (kmem)$' /proc/iomem
}

planted_in_nested() {
	n=0
	while read -r kind _ _ address; do
		address=$(printf '%d' "0x$address")
		[ "$kind" = anon ] && [ "$address" -ge "$nested_start" ] &&
			[ "$address" -lt "$nested_end" ] && n=$((n + 1))
	done </tmp/report
	echo "# $n planted pages are in virtio-mem"
	[ "$n" -gt 0 ]
}

# The image ends where virtio-mem's memory is not in use.
dd_image() {
	/usr/local/bin/dd if=/dev/icecore of=/out/ram.raw bs=1M conv=sparse \
		count=$((offline_start >> 20)) 2>/tmp/dd || { cat /tmp/dd; return 1; }
	tail -n 1 /tmp/dd | sed 's/^/# /'
	[ "$(stat -c %s /out/ram.raw)" -eq "$offline_start" ]
}

# dd ends with an error at byte $1 of physical memory, and has all before it.
dd_stops() {
	from=$(($1 - 3000000))
	/usr/local/bin/dd if=/dev/icecore bs=1M iflag=skip_bytes skip="$from" \
		2>/tmp/dd >/out/part && return 1
	grep -q 'Input/output error' /tmp/dd || return 1
	[ "$(stat -c %s /out/part)" -eq 3000000 ]
}

check "virtio-mem gave two memory blocks" wait_for both_blocks_online
check "a dax device gave its memory to the system" give_pmem
check "the module loads" insmod /icecore.ko
check "mode and owner" [ "$(stat -c '%a %u %g' /dev/icecore)" = "400 0 0" ]
run devread open
run devread seek
run devread misuse
run devholes "$offline_start" "$nested_end"
run devsignal
run devtasks

check "plant" plant make /tmp/report
check "some planted pages are in nested RAM" planted_in_nested
run devpages planted /tmp/report
check "dd makes an image" dd_image
check "all planted pages are in the image" \
	plant check /tmp/report /out/ram.raw --raw
rm -f /out/ram.raw

run devpages churn

exec 3</dev/icecore
check "rmmod refuses while the device is open" refuse rmmod icecore
exec 3<&-
check "rmmod works when it is closed" rmmod icecore
check "the device is gone" [ ! -e /dev/icecore ]
check "the module loads again" insmod /icecore.ko

run devpages offline "$offline_start" "$nested_end"
check "dd stops where pages are offline" dd_stops "$offline_start"
block=$(((nested_start >> 27) + 1))
check "a block of virtio-mem goes offline" \
	sh -c "echo offline >/sys/devices/system/memory/memory$block/state"
run devpages offline $((nested_start + (128 << 20))) "$nested_end"

if [ "$POISON" = yes ]; then
	run devpages poison >/tmp/poison
	cat /tmp/poison
	check "dd stops at the poisoned page" \
		dd_stops "$(sed -n 's/^poisoned //p' /tmp/poison)"
fi

check "rmmod at the end" rmmod icecore
check "the log is clean" clean_log
check "no taint but out-of-tree and unsigned" clean_taint
exit $failed
