# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# In the guest: what the test scripts share; boot.sh puts it at /checks.sh.

# check TEXT COMMAND...: a line of TAP without its number; sets failed.
check() {
	text=$1
	shift
	if "$@"; then
		echo "ok - $text"
	else
		echo "not ok - $text"
		# shellcheck disable=SC2034 # for the script
		failed=1
	fi
}

# wait_for COMMAND...: until it succeeds, 60 s at most.
wait_for() {
	i=0
	until "$@"; do
		i=$((i + 1))
		[ "$i" -lt 3000 ] || return 1
		usleep 20000
	done
}

no_module() {
	! grep -q '^icecore ' /proc/modules
}

# The kernel complained of nothing; /run is no place that a capture may touch.
clean_log() {
	dmesg >/run/dmesg
	! grep -E 'WARNING|BUG|Oops|Call Trace|lockdep|protection fault|stall' \
		/run/dmesg
}

# Out of tree (4096) and unsigned (8192) is all there is to say.
clean_taint() {
	taint=$(cat /proc/sys/kernel/tainted)
	echo "# tainted: $taint"
	[ $((taint & ~12288)) -eq 0 ]
}

# find_nested: where virtio-mem is: nested_start, nested_end and the start of
# what is offline, offline_start.
find_nested() {
	nested=$(sed -n 's/^ *\(.*\)-\(.*\) : System RAM (virtio_mem)$/\1 \2/p' \
		/proc/iomem)
	[ -n "$nested" ] || return 1
	nested_start=$(printf '%d' "0x$(echo "$nested" | sed -n '1s/ .*//p')")
	nested_end=$(printf '%d' "0x$(echo "$nested" | sed -n '$s/.* //p')")
	nested_end=$((nested_end + 1))
	# shellcheck disable=SC2034 # for the script
	offline_start=$((nested_start + (192 << 20)))
}
