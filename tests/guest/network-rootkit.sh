#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# network-rootkit.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL hides a listening socket from sock_diag as a rootkit
# does: hide_net.bpf.c rewrites the answers in the memory of who reads them.
# icecore of the directory PROGRAMS finds the socket by its other witnesses and
# says that it was hidden, and that an answer was rewritten.  Without the rootkit
# it says neither.  Prints TAP.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: network-rootkit.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=9

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-rootkit.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")
clang -target bpf -g -O2 -D__TARGET_ARCH_x86 \
	-idirafter "/usr/include/$(cc -print-multiarch)" \
	-c "$guest_dir/hide_net.bpf.c" -o "$tmp/hide_net.o" ||
	die "cannot build hide_net.bpf.c"
${CC:-cc} -O2 -Wall -Wextra -Werror -o "$tmp/load" \
	"$guest_dir/hide_net_load.c" -lbpf || die "cannot build hide_net_load.c"

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
capture() {
	icecore capture --case rootkit --to /out --name "$1" -r "$RECIPIENT" \
		--cloud none --collect network 2>/run/err
	status=$?
	sed 's/^/# /' /run/err
	check "$1: status 0" [ $status -eq 0 ]
}
network_world /out/world.json >/run/world.out 2>&1 &
wait_for [ -s /out/world.json ]
check "the world is there" [ $? -eq 0 ]
sed 's/^/# /' /run/world.out
capture clean
load /hide_net.o /run/loaded >/run/load 2>&1 &
wait_for [ -s /run/loaded ]
check "the rootkit is loaded" [ $? -eq 0 ]
sed 's/^/# /' /run/load
capture infected
exit $failed
SCRIPT

# findings NAME RULE: how many there are
findings() {
	{ "$programs/icelab" show "$out/rootkit/guest/$1" -i "$tmp/key" \
		--format jsonl --kind finding 2>/dev/null || :; } |
		grep -c "\"$2\"" || :
}

told() {
	local n

	n=$(findings "$1" "$2")
	if [ "$n" -ge "$3" ] && [ "$n" -le "$4" ]; then
		echo "ok - $1: $2: $n"
	else
		echo "not ok - $1: $2: $n, not $3 to $4"
	fi
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 120 --out "$out" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--module vsock --module dummy --module tcp_diag \
		--add "$tmp/hide_net.o:/hide_net.o" \
		--add "$tmp/load:/bin/load" \
		--add "$(command -v ip):/bin/ip" \
		--add "$programs/icecore:/bin/icecore" \
		--add "$(guest_build network_world):/bin/network_world" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	for rule in socket.hidden-from-diag netlink.reply-rewritten; do
		told clean "$rule" 0 0
		told infected "$rule" 1 8
	done
	"$programs/icelab" show "$out/rootkit/guest/infected" -i "$tmp/key" \
		--format jsonl --kind socket >"$tmp/sockets" || :
	# The listener or a connection to it: the first of an answer has none
	# before it that could cover it.
	if grep '"local_port": *4242' "$tmp/sockets" |
		grep '"seen_by": *3' >/dev/null; then
		echo "ok - infected: the socket is told all the same"
	else
		echo "not ok - infected: the socket is told all the same"
		grep 4242 "$tmp/sockets" | cut -c1-400 | sed 's/^/# /'
	fi
} | guest_judge "$checks"
