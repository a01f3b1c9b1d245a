#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# loss.sh start DIR [PERCENT]: two network namespaces with a link between them
# on which PERCENT (1 to 100; 1) of the packets are lost, each way; nothing of
# the host's own network is in them.  As root.
# loss.sh server DIR COMMAND ...: run it where LOSS_SERVER is an address, such
# as store.sh start with --bind.
# loss.sh client DIR COMMAND ...: run it at the other end.
# loss.sh counters DIR: for each end a line "server|client PASSED DROPPED BYTES"
# of what arrived there.
# loss.sh cut DIR, loss.sh join DIR: lose everything; and only PERCENT again.
# The counters start anew.
# loss.sh stop DIR: no namespaces any more.
#
# DIR/env: LOSS_SERVER, LOSS_CLIENT: addresses.
#
# By nftables, since not every kernel has netem.  A packet is one segment: else
# one loss would be that of 64 KiB.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
what=${1:?usage: loss.sh start|server|client|counters|cut|join|stop DIR}
dir=${2:?usage: loss.sh $what DIR}

in_end() {
	local end=$1

	shift
	ip netns exec "$(cat "$dir/name")-$end" "$@"
}

# lose END PER_MILLE: from now on, of what arrives there.
lose() {
	in_end "$1" nft -f - <<-EOT
		table inet loss
		delete table inet loss
		table inet loss {
			counter passed { }
			counter dropped { }
			chain in {
				type filter hook prerouting priority -300
				iifname != "wire" accept
				numgen random mod 1000 <= $(($2 - 1)) counter name "dropped" drop
				counter name "passed"
			}
		}
	EOT
}

make_end() {
	local end=$1 address=$2

	in_end "$end" ip link set lo up
	in_end "$end" ip address add "$address/24" dev wire
	in_end "$end" ip link set wire gso_max_segs 1 up
	lose "$end" "$((percent * 10))"
}

start() {
	local name end client=${LOSS_SERVER%.*}.2

	mkdir -p "$dir"
	name=icecore-$$-$RANDOM
	echo "$name" >"$dir/name"
	echo "$percent" >"$dir/percent"
	ip netns add "$name-server"
	ip netns add "$name-client"
	ip -n "$name-client" link add wire type veth \
		peer name wire netns "$name-server"
	make_end server "$LOSS_SERVER"
	make_end client "$client"
	for end in server client; do
		until_true 10 has_carrier "$end" || die "the link stays down"
	done
	printf 'LOSS_SERVER=%s\nLOSS_CLIENT=%s\n' "$LOSS_SERVER" "$client" \
		>"$dir/env"
}

has_carrier() {
	in_end "$1" ip link show wire | grep -q LOWER_UP
}

counters() {
	local end

	for end in server client; do
		in_end "$end" nft list counters table inet loss | awk -v end="$end" '
			$1 == "counter" { name = $2 }
			$1 == "packets" { packets[name] = $2; bytes[name] = $4 }
			END { print end, packets["passed"], packets["dropped"], \
				bytes["passed"] }'
	done
}

stop() {
	local end

	[ -f "$dir/name" ] || return 0
	for end in server client; do
		ip netns delete "$(cat "$dir/name")-$end" 2>/dev/null || :
	done
	rm -f "$dir/name"
}

shift 2
case $what in
start)
	percent=${1:-1}
	start
	;;
server | client) in_end "$what" "$@" ;;
counters) counters ;;
cut)
	lose server 1000
	lose client 1000
	;;
join)
	percent=$(cat "$dir/percent")
	lose server "$((percent * 10))"
	lose client "$((percent * 10))"
	;;
stop) stop ;;
*) die "no such command: $what" ;;
esac
