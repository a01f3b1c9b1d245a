#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# recorder.sh PROGRAMS [ROUNDS]: what the flight recorder costs.  A fork+exec
# loop, a loop of TCP connections with a request each, and one of requests over
# one connection, with and without it in turn, and the median of the ratios; what it costs when nothing happens; and MINUTE seconds (60) at
# 5,000 executions and then 20,000 connections a second, or as many as this
# machine makes, with what was counted and its memory at both ends.  What it
# records stays in its memory and goes with it.
set -euo pipefail
export LC_ALL=C
programs=${1:?usage: recorder.sh PROGRAMS [ROUNDS]}
rounds=${2:-9}
minute=${MINUTE:-60}
bench=$programs/../tests/bench
tmp=$(mktemp -d /dev/shm/icecore-recorder.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
load=$bench/bench_load

begin() {
	coproc recorder { exec "$bench/bench_recorder" >"$tmp/said" 2>"$tmp/err"; }
	until grep -qs cpu-us "$tmp/said"; do
		# shellcheck disable=SC2154 # coproc sets it
		kill -0 "$recorder_PID" 2>/dev/null || {
			cat "$tmp/err" >&2
			exit 1
		}
		sleep 0.05
	done
}

end() {
	local pid=$recorder_PID fd=${recorder[1]}

	exec {fd}>&-
	wait "$pid" || exit 1
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# ratio FIELD FILE: the median of with / without, and the medians of both.
ratio() {
	awk -v f="$1" '{ print $(f + 6) * 2 / ($f + $(f + 3)) }' "$2" | median
	awk -v f="$1" '{ print $(f + 6) }' "$2" | median
	awk -v f="$1" '{ print ($f + $(f + 3)) / 2 }' "$2" | median
}

for what in fork tcp request; do
	: >"$tmp/turns"
	for ((i = 0; i < rounds; i++)); do
		without=$("$load" "$what" 1)
		begin
		with=$("$load" "$what" 1)
		end
		echo "$without $("$load" "$what" 1) $with" >>"$tmp/turns"
	done
	ratio 2 "$tmp/turns" | paste -s | awk -v what="$what" '{
		printf "%s loop, time: %.3f times as long with the recorder (%.0f ns, without %.0f)\n",
			what, $1, $2, $3 }'
	ratio 3 "$tmp/turns" | paste -s | awk -v what="$what" '{
		printf "%s loop, processor: %.3f times (%.0f ns, without %.0f)\n",
			what, $1, $2, $3 }'
done

# What begins a line of what was said, the last of it.
last() {
	grep "^$1 " "$tmp/said" | tail -n 1 | cut -d' ' -f"$2"
}

ask() {
	local lines

	lines=$(wc -l <"$tmp/said")
	echo >&"${recorder[1]}"
	until [ "$(wc -l <"$tmp/said")" -gt "$lines" ]; do
		sleep 0.01
	done
}

resident() {
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$recorder_PID/status"
}

begin
ask
before=$(last cpu-us 2)
sleep 10
ask
printf 'idle: %.3f %% of one core\n' \
	"$(awk -v a="$before" -v b="$(last cpu-us 2)" \
		'BEGIN { print (b - a) / 1e5 }')"
end

# Each makes half of it.
load_both() {
	"$load" "$1" "$2" $(($3 / 2)) &
	"$load" "$1" "$2" $(($3 / 2))
	wait $!
}

# rate WHAT RATE KIND...: a minute, and the kinds that it should be counted as.
rate() {
	local what=$1 want=$2 kind turns

	shift 2
	begin
	ask
	before=$(resident)
	# The ring fills first: it is memory as it is used.
	load_both "$what" 10 "$want" >"$tmp/warm"
	ask
	full=$(resident)
	load_both "$what" "$minute" "$want" >"$tmp/turns"
	ask
	turns=$(awk '{ n += $1 } END { print n }' "$tmp/turns" "$tmp/warm")
	printf '%s: %d turns (%d a second), resident KiB %d, after 10 s %d, at the end %d\n' \
		"$what" "$turns" \
		"$(awk -v s="$minute" '{ n += $1 } END { print int(n / s) }' \
			"$tmp/turns")" \
		"$before" "$full" "$(resident)"
	end
	for kind in "$@"; do
		awk -v kind="$kind" -v turns="$turns" '$1 == kind {
			exact = ($2 == $3 + $4)
			printf "  %s: happened %d, recorded %d, lost %d: %s; %d more than the turns\n",
				kind, $2, $3, $4, exact ? "exact" : "NOT EXACT", $2 - turns
			bad = bad || !exact
		} END { exit bad }' "$tmp/said"
	done
	grep '^missed' "$tmp/said" | sed 's/^/  /'
}
rate fork 5000 exec fork exit
rate tcp 20000 tcp_connect tcp_accept tcp_close
