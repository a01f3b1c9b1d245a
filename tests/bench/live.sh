#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# live.sh PROGRAMS ROUNDS: the live picture of a host with 10,000 processes,
# 50,000 sockets and 200,000 mappings, which are made in namespaces of their
# own: how long it takes, how much memory, and how fast each witness is.
# Medians of ROUNDS.
set -euo pipefail
export LC_ALL=C
programs=${1:?usage: live.sh PROGRAMS ROUNDS}
rounds=${2:-3}
processes=${PROCESSES:-10000} own_mappings=0 sockets=${SOCKETS:-50000}
collectors=${COLLECT:-process,file,network}

if [ "${IN_NAMESPACES:-}" != yes ]; then
	tmp=$(mktemp -d /dev/shm/icecore-live.XXXXXX)
	trap 'rm -rf "$tmp"' EXIT
	IN_NAMESPACES=yes TMP=$tmp unshare --pid --fork --kill-child --mount \
		--net --ipc --mount-proc "$0" "$@"
	exit
fi

tmp=$TMP
recipient=$("$programs/icelab" keygen -o "$tmp/key")
"$programs/../tests/bench/bench_crowd" "$tmp/ready" "$processes" \
	"$own_mappings" "$sockets" &
crowd=$!
until [ -e "$tmp/ready" ]; do
	kill -0 "$crowd" || exit 1
	sleep 0.05
done

# Its own lines of the view: SPAN-US TASKS WITNESS
witnesses() {
	{
		"$programs/icelab" show "$tmp/live/$host/$1" -i "$tmp/key" \
			--kind live_view --format jsonl || [ $? -eq 3 ]
	} | python3 -c '
import json, sys
view = json.load(sys.stdin)["live_view"]
for w in view["witnesses"] + [dict(view["mappings"], witness="WITNESS_MAPPINGS")]:
    if w["worked"] and int(w.get("last_ns", 0)):
        span = (int(w["last_ns"]) - int(w["first_ns"])) / 1000
        print("%d %s %s" % (span, w["tasks"], w["witness"][8:].lower()))
    elif not w["worked"]:
        print("# no %s: %s" % (w["witness"], w["reason"]), file=sys.stderr)'
}

host=$(uname -n)
for ((i = 0; i < rounds; i++)); do
	"$programs/../tests/bench/bench_run" "$programs/icecore" capture \
		--case live --to "$tmp" --name "round-$i" -r "$recipient" \
		--cloud none --collect "$collectors" >>"$tmp/runs" 2>"$tmp/err" ||
		[ $? -eq 3 ] || {
		cat "$tmp/err" >&2
		exit 1
	}
	witnesses "round-$i" >>"$tmp/witnesses"
done
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
awk '{ print $1 * 1000 }' "$tmp/runs" | median |
	xargs printf 'whole capture, ms          %8.0f\n'
awk '{ print $3 }' "$tmp/runs" | median |
	xargs printf 'peak resident, KiB         %8d\n'
for name in iterator list proc probe mappings; do
	tasks=$(awk -v n="$name" '$3 == n { print $2 }' "$tmp/witnesses" | median)
	span=$(awk -v n="$name" '$3 == n { print $1 }' "$tmp/witnesses" | median)
	[ -n "$span" ] || continue
	awk -v n="$name" -v t="$tasks" -v s="$span" 'BEGIN {
		printf "%-8s first to last, us %9d: %d, %.2f us each\n",
			n, s, t, s / (t ? t : 1) }'
done
