#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A host is isolated in the middle of a capture: all egress but the evidence
# endpoint is cut.  The capture completes; the loss is a trigger by itself; and
# when the endpoint is cut too, what was taken is spooled, and pushed later.  In
# network namespaces of the test's own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"
PATH=$PATH:/usr/sbin:/sbin
if [ "$(id -u)" != 0 ]; then
	echo "only root makes network namespaces"
	exit 77
fi

loss=$server/loss.sh
link=$tmp/link
start_server loss link 1
servers+=("store $tmp/store")
# Each becomes the command, so that what runs in the background is its child.
name=$(cat "$link/name")
at_server() {
	ip netns exec "$name-server" "$@"
}
at_client() {
	ip netns exec "$name-client" "$@"
}
at_server "$server/store.sh" start "$tmp/store" --bind "$LOSS_SERVER"
# shellcheck source=/dev/null # the store writes it
. "$tmp/store/env"
new_key forensic
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
port=${S3_TLS_URL##*:}
# What else a host reaches.
internet=${LOSS_SERVER%.*}.3
at_server ip address add "$internet/24" dev wire
ip netns exec "$name-server" python3 -c 'import socket, sys
s = socket.create_server((sys.argv[1], 8080), backlog=64)
while True: s.accept()[0].close()' "$internet" &
pids+=($!)

mkdir "$tmp/spool" "$tmp/run"
cat >"$tmp/conf" <<-EOT
	[capture]
	case = standby
	to = s3://$BUCKET/${AGENT_PREFIX%/}
	ticket = $tmp/agent
	endpoint = $S3_TLS_URL
	ca-file = $CA_FILE
	spool = $tmp/spool
	recipient = $recipient
	cloud = none
	collect = memory
	[recorder]
	off = yes
	[watch]
	state = $tmp/run/state.json
	[trigger socket]
	path = $tmp/run/watch.sock
	[trigger route]
	reachable = $internet:8080
	evidence = $LOSS_SERVER:$port
	poll-ms = 300
	timeout-ms = 900
	rounds = 2
EOT
start_watch() {
	FAKE_MIB=96 ip netns exec "$name-client" "$BIN/icecore_fake" watch \
		--config "$tmp/conf" 2>>"$tmp/watch.err" &
	watch=$!
	pids+=("$watch")
	wait_for 60 route '1 of 1 reached'
}

# route TEXT: the source says so.
route() {
	"$BIN/icecore_fake" status --socket "$tmp/run/watch.sock" 2>/dev/null |
		grep -q "route .*$1"
}

trigger() {
	"$BIN/icecore_fake" trigger --socket "$tmp/run/watch.sock" --case "$1" \
		>"$tmp/$1.json"
}

segments() {
	find "$STORE_OBJECTS" -path "*/$1/*/segment-*" | wc -l
}
has_segments() {
	[ "$(segments "$1")" -ge "$2" ]
}

# reaches ADDRESS PORT
reaches() {
	at_client timeout 2 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null
}

# As a security group does that is swapped: what is not allowed goes nowhere,
# and nobody is told.
isolate() {
	at_server nft -f - <<-EOT
		table inet isolation {
			chain in {
				type filter hook prerouting priority -200
				iifname != "wire" accept
				ip daddr $LOSS_SERVER tcp dport $port accept
				meta l4proto { tcp, udp, icmp } drop
			}
		}
	EOT
}
end_isolation() {
	at_server nft delete table inet isolation
}

# arrived NAME: the capture of that JSON is in the store, whole.
arrived() {
	rm -rf "$tmp/back"
	at_client "$BIN/icelab" pull \
		"s3://$BUCKET/${AGENT_PREFIX%/}/$1/$host/$(result "$1" capture)" "$tmp/back" \
		--ticket "$tmp/owner" --endpoint "$S3_TLS_URL" \
		--ca-file "$CA_FILE" >/dev/null 2>"$tmp/err" || fail "pull $1"
	expect 3 "$BIN/icelab" verify "$tmp/back"
}

milli() {
	echo $(($(date +%s%N) / 1000000))
}

start_watch
wait_for 10 reaches "$internet" 8080
trigger INC-1 &
asked=$!
wait_for 120 has_segments INC-1 2
before=$(segments INC-1)
isolate
cut=$(milli)
! reaches "$internet" 8080 || fail "it is not isolated"
! at_client timeout 2 ping -c 1 -W 1 "$internet" >/dev/null 2>&1 ||
	fail "it is not isolated"
reaches "$LOSS_SERVER" "$port" || fail "the evidence's path is cut"
status=0
wait "$asked" || status=$?
is "status of the capture" "$status" 3
after=$(segments INC-1)
[ "$after" -gt "$before" ] || fail "the capture was over before the isolation"
arrived INC-1
printf '# %d of %d segments after the isolation\n' "$((after - before))" "$after"

# The isolation is a trigger.
by_itself() {
	has_segments standby 1
}
wait_for 120 by_itself
printf '# captured by itself %d ms after the isolation, looking every 300 ms\n' \
	"$(($(milli) - cut))"
idle() {
	"$BIN/icecore_fake" status --socket "$tmp/run/watch.sock" 2>/dev/null |
		head -n 1 | grep -q waiting
}
wait_for 120 idle
grep -q 'triggered source=route case=standby reason="isolated' \
	"$tmp/watch.err" || fail "the route is no trigger"
end_isolation
wait_for 60 route '1 of 1 reached'

# The endpoint, too: into the spool, and pushed when there is a path again.
"$loss" cut "$link"
trigger INC-2 &
asked=$!
wait_for 60 route 'neither'
status=0
wait "$asked" || status=$?
is "status of the capture in the spool" "$status" 3
[ "$(result INC-2 spooled_objects)" -gt 0 ] || fail "nothing was spooled"
is "segments that arrived" "$(segments INC-2)" 0
kill -TERM "$watch"
wait "$watch" || fail "SIGTERM: status $?"
"$loss" join "$link"
at_client "$BIN/icecore_fake" push "$tmp/spool" --remove \
	--to "s3://$BUCKET/${AGENT_PREFIX%/}" --ticket "$tmp/agent" \
	--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE" 2>"$tmp/err" || fail "push"
arrived INC-2
done_testing
