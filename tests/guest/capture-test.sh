# shellcheck shell=sh disable=SC2317 # check calls the functions
# SPDX-License-Identifier: Apache-2.0
# Runs in the guest of capture.sh, which looks at the evidence afterwards.

. /checks.sh
failed=0
host=guest
evidence=/out/e2e/$host
log=/out/log
# What the test itself writes; not a trace of a capture.
own=/run/own

# --- captures ---

# capture NAME STATUS OPTION...: it ends with that.
capture() {
	name=$1 want=$2
	shift 2
	icecore capture --case e2e --to /out --name "$name" -r "$RECIPIENT" \
		--json "$@" >"$log/$name.json" 2>"$log/$name.err"
	got=$?
	[ "$got" -eq "$want" ] || {
		echo "# $name: status $got, not $want"
		sed 's/^/# /' "$log/$name.err"
		return 1
	}
}

# begin NAME OPTION...: in the background, $pid, until manifest 2 stands.
begin() {
	name=$1
	shift
	icecore capture --case e2e --to /out --name "$name" -r "$RECIPIENT" \
		--json --manifest-every 0 "$@" \
		>"$log/$name.json" 2>"$log/$name.err" &
	pid=$!
	wait_for begun
	[ -e "$evidence/$name/manifest-000002.pb" ]
}

# Or it ended.
begun() {
	[ -e "$evidence/$name/manifest-000002.pb" ] || [ -s "$log/$name.json" ]
}

# end SIGNAL STATUS: of the one that was begun.
end() {
	kill -"$1" "$pid"
	wait "$pid"
	got=$?
	[ "$got" -eq "$2" ] || {
		echo "# status $got after SIG$1, not $2"
		sed 's/^/# /' "$log/$name.err"
		return 1
	}
}

# interrupted NAME SOURCE: it said so.
interrupted() {
	grep -q '"outcome": "interrupted"' "$log/$1.json" &&
		grep -q "\"memory_source\": \"$2\"" "$log/$1.json"
}

# says NAME LINE: one of its lines on stderr.
says() {
	grep -qxF "$2" "$log/$1.err" || {
		sed 's/^/# /' "$log/$1.err"
		return 1
	}
}

# only_says NAME LINE: nothing else on stderr, and nothing is left of it.
only_says() {
	[ "$(cat "$log/$1.err")" = "$2" ] || {
		sed 's/^/# /' "$log/$1.err"
		return 1
	}
	[ ! -e "$evidence/$1" ]
}

# --- what a capture must leave alone ---

# Settings, modules, sockets, mounts, and what BPF file systems hold.
state() {
	# What the kernel itself changes, and tainted, which has its own check.
	grep -rs . /proc/sys/kernel /proc/sys/vm /proc/sys/net |
		grep -vE '^/proc/sys/kernel/(random/|ns_last_pid|tainted|pty/nr|perf_event_max_sample_rate)' |
		sort
	cut -d' ' -f1,2,5 /proc/modules | sort
	cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 \
		/proc/net/raw /proc/net/raw6 /proc/net/packet /proc/net/unix
	cat /proc/mounts
	find /sys/fs/bpf
}

same_state() {
	state >"$own/after"
	diff "$own/before" "$own/after" >"$own/diff" || {
		sed 's/^/# /' "$own/diff"
		return 1
	}
	echo "# $(wc -l <"$own/after") settings, modules and sockets compared"
}

# A device node, and the times of a terminal, come and go.  busybox's find
# compares whole seconds.
no_files() {
	/usr/local/bin/find / \( -path /out -o -path /proc -o -path /sys -o -path "$own" \) \
		-prune -o -cnewer "$own/marker" ! -type c ! -path /dev -print \
		>"$own/files"
	sed 's/^/# file: /' "$own/files"
	[ ! -s "$own/files" ]
}

cached_kib() {
	sed -n 's/^Cached: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# full SOURCE STATUS OPTION...: all of memory, and what it left behind.
full() {
	source=$1 want=$2
	shift 2
	state >"$own/before"
	: >"$own/marker"
	cached=$(cached_kib)
	check "$source: a capture ends with $want" \
		capture "$source" "$want" --source "$source" "$@"
	cached=$(($(cached_kib) - cached))
	sed -n 's/^\(info\|warning\): \([0-9c].*\)/# \2/p' "$log/$source.err"
	echo "# $source: Cached grew by $cached KiB"
	check "$source: the page cache is left alone" [ "${cached#-}" -lt 2048 ]
	check "$source: no file outside of the destination" no_files
	check "$source: the system is as it was" same_state
}

no_socket() {
	ls -l "/proc/$pid/fd" >"$own/fds" || return 1
	grep -q -- '-> /out' "$own/fds" && ! grep -q socket: "$own/fds"
}

# --- the parts ---

# ladder FILE: "probe --json" says what FILE does, and ends with its status.
ladder() {
	icecore probe --json --module /icecore.ko >"$own/probe"
	got=$?
	sed -n 's/^ *"source": "\(.*\)",$/\1/p;
		s/^ *"works": \(.*\),$/\1/p;
		s/^ *"reason": \("\(.*\)"\)$/\2/p' "$own/probe" |
		sed 'N;N;s/\n/ /g;s/ $//' >"$own/ladder"
	echo "exit $got" >>"$own/ladder"
	sed 's/^/# /' "$own/ladder"
	cmp "$own/ladder" "$1"
}

refusals() {
	release=$(uname -r)
	wrong="module /wrong.ko is for kernel $WRONG_RELEASE, this is $release (build it for this one)"

	check "a module for another kernel: status 1" \
		capture wrong 1 --source kmod --module /wrong.ko
	check "a module for another kernel: one line, nothing left" \
		only_says wrong "icecore: memory: source kmod: $wrong"

	# The program is there for everybody, the destination is nobody's own.
	mkdir /out/nobody
	chown nobody /out/nobody
	su -s /bin/sh nobody -c "icecore capture --case e2e --to /out/nobody \
		--name nobody -r $RECIPIENT" 2>"$log/nobody.err"
	check "an unprivileged user: status 1" [ $? -eq 1 ]
	check "an unprivileged user: one line" only_says nobody \
		"icecore: memory: iomem: the kernel hides the addresses (CAP_SYS_ADMIN is missing)"
	check "an unprivileged user: nothing left" \
		[ -z "$(find /out/nobody -mindepth 1)" ]
}

full_disk() {
	mkdir /mnt
	mount -t ext4 /dev/vda /mnt
	icecore capture --case e2e --to /mnt --name disk -r "$RECIPIENT" --quiet \
		--module /icecore.ko --manifest-every 0 2>"$log/disk.err"
	check "a full disk: status 1" [ $? -eq 1 ]
	sed 's/^/# /' "$log/disk.err"
	check "a full disk: one line with the file" \
		grep -qE '^icecore: segment-0000[0-9]{2}\.age: write: No space left on device$' \
		"$log/disk.err"
	check "a full disk: no other line" [ "$(wc -l <"$log/disk.err")" -eq 1 ]
	check "a full disk: no temporary file" \
		[ -z "$(find /mnt/e2e -name '.*')" ]
	check "a full disk: the module is unloaded" no_module
	cp -r "/mnt/e2e/$host/disk" "$evidence/disk"
	umount /mnt
}

signals() {
	check "auto takes the module" begin auto-module --module /icecore.ko
	check "no socket is open as memory is read" wait_for no_socket
	check "SIGINT: status 3" end INT 3
	check "SIGINT: kmod, interrupted" interrupted auto-module kmod
	check "SIGINT: the module is unloaded" no_module

	check "auto without a module" begin auto-none
	check "no socket is open as memory is read" wait_for no_socket
	check "SIGTERM: status 3" end TERM 3
	check "SIGTERM: bpf, interrupted" interrupted auto-none bpf
	check "the module's refusal is told" says auto-none \
		'warning: memory source refused name=kmod reason="no /dev/icecore and no module to load (give --module)"'

	check "auto with a module for another kernel" \
		begin auto-wrong --module /wrong.ko
	check "SIGINT: status 3" end INT 3
	check "SIGINT: bpf, interrupted" interrupted auto-wrong bpf
	check "the module's refusal is told" says auto-wrong \
		"warning: memory source refused name=kmod reason=\"$wrong\""

	echo 2 >/proc/sys/kernel/kptr_restrict
	check "auto with hidden symbols" begin auto-hidden
	check "no socket is open as memory is read" wait_for no_socket
	check "SIGTERM: status 3" end TERM 3
	echo 0 >/proc/sys/kernel/kptr_restrict
	check "SIGTERM: kcore, interrupted" interrupted auto-hidden kcore
	check "bpf's refusal is told" says auto-hidden \
		'warning: memory source refused name=bpf reason="kernel.kptr_restrict is 2, which hides page_offset_base and vmemmap_base"'

	insmod /icecore.ko
	check "auto with a module that was there" begin auto-loaded
	check "SIGTERM: status 3" end TERM 3
	check "SIGTERM: kmod, interrupted" interrupted auto-loaded kmod
	check "the module stays" grep -q '^icecore ' /proc/modules
	check "with --module it stays, too" begin stays --module /icecore.ko
	check "SIGINT: status 3" end INT 3
	check "the module stays" grep -q '^icecore ' /proc/modules
	check "the ladder with the module" ladder /expected
	check "the module stays" grep -q '^icecore ' /proc/modules
	check "rmmod" rmmod icecore

	check "a capture to be killed" begin killed --source kmod \
		--module /icecore.ko
	check "SIGKILL: status 137" end KILL 137
	check "SIGKILL leaves the module behind" grep -q '^icecore ' /proc/modules
	check "rmmod" rmmod icecore
}

# Nothing can be unloaded any more, in this boot.
left_behind() {
	check "a capture with --module" begin left --module /icecore.ko
	echo 1 >/proc/sys/kernel/modules_disabled
	check "SIGINT: status 3" end INT 3
	check "a module that cannot be unloaded is told" says left \
		'warning: the host is not as it was: unload module icecore: Operation not permitted'
}

under_lockdown() {
	grep -q "\[$LOCKDOWN\]" /sys/kernel/security/lockdown || exit 1
	check "the ladder under lockdown=$LOCKDOWN" ladder /expected
	if [ "$LOCKDOWN" = integrity ]; then
		check "auto goes through bpf" begin integrity \
			--module /icecore.ko
		check "SIGTERM: status 3" end TERM 3
		check "SIGTERM: bpf, interrupted" interrupted integrity bpf
		check "the module's refusal is told" says integrity \
			"warning: memory source refused name=kmod reason=\"$(sed -n 's/^kmod false //p' /expected)\""
	else
		check "auto fails" \
			capture confidentiality 1 --module /icecore.ko
		reasons=$(sed -n 's/^\([a-z]*\) false /\1: /p' /expected |
			sed ':a;N;$!ba;s/\n/; /g')
		check "all reasons are on one line, nothing left" \
			only_says confidentiality \
			"icecore: memory: no source of memory: $reasons"
	fi
	check "no module is left" no_module
	check "the log is clean" clean_log
	exit $failed
}

hostname $host
mkdir -p "$own" "$log"
[ "$LOCKDOWN" = none ] || under_lockdown

# Locked pages may move, but planted ones must not.
echo 0 >/proc/sys/vm/compact_unevictable_allowed
plant_pages() {
	plant make /out/report >"$own/planted"
}
check "plant" plant_pages
cat /proc/iomem >/out/iomem
grep -E ' _(s|e)?text$' /proc/kallsyms >/out/kallsyms

check "the ladder" ladder /expected
check "no module is left" no_module
# kmod last, for the secret pages in its buffers.
full bpf 3
full kcore 3
full kmod 0 --module /icecore.ko
# Memory of one process that not even it may give: where it really lies.
chosen() {
	icecore capture --case e2e --to /out --name chosen --cloud none \
		-r "$RECIPIENT" --module /icecore.ko --collect core \
		--pid "$(sed -n 's/^plant: ready //p' "$own/planted")" \
		2>"$log/chosen.err"
}
check "a capture of one process" chosen
check "RAM is where it was" cmp /proc/iomem /out/iomem
refusals
full_disk
signals
left_behind
check "the log is clean" clean_log
check "no taint but out-of-tree and unsigned" clean_taint
exit $failed
