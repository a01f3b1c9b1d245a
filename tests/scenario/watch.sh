#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# icecore watch by its configuration: what is wrong is told by its line; a
# trigger of each local kind is one capture, whole and verified; orders are
# obeyed once; SIGHUP, kill -9 in the middle of a capture, a store that is away.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

new_key forensic
run=$tmp/run
socket=(--socket "$run/watch.sock")
public=$("$BIN/icelab" order --new-key "$tmp/order.key")
is "mode of the order key" "$(stat -c %a "$tmp/order.key")" 600
expect 1 "$BIN/icelab" order --new-key "$tmp/order.key"
says "File exists"

# What is wrong, each line of it.
cat >"$tmp/bad.conf" <<-EOT
	foo = bar
	[capture]
	case = standby
	to = $tmp/out
	recipient = age1bad
	level = 99
	nosuch = 1
	no-environ = maybe
	[plan quick]
	collect = process,nothing
	[plan quick]
	[watch]
	jitter-ms = x
	state = $run/state.json
	state = 2
	[trigger path]
	[trigger nosuch]
	[trigger route]
	reachable = localhost
	plan = none
	[orders]
	key = 12
	[wat]
	junk
	$(head -c 300 /dev/zero | tr '\0' x) = 1
EOT
expect 2 "$BIN/icecore_fake" watch --config "$tmp/bad.conf" --check
for text in '1: what comes before' '5: not an age recipient' "6: level '99'" \
	"7: [capture] has no 'nosuch'" "8: no-environ: 'maybe'" \
	"10: no collector 'nothing'" '11: a second section' "13: jitter-ms: 'x'" \
	"15: 'state' is given twice" '16: [trigger path]: no path' \
	"17: no trigger source 'nosuch'" "18: [trigger route]: 'localhost'" \
	'20: there is no [plan none]' '22: key: not 64' '23: no section' \
	'24: neither [section]' '25: the line is too long'; do
	says "bad.conf:$text"
done
is "errors told" "$(wc -l <"$tmp/err")" 17
expect 2 "$BIN/icecore_fake" watch --config "$tmp/bad.conf"
expect 1 "$BIN/icecore_fake" watch --config "$tmp/nosuch" --check
expect 2 "$BIN/icecore_fake" watch --check
printf '[capture]\nto = /x\nrecipient = %s\n' "$recipient" >"$tmp/less.conf"
expect 2 "$BIN/icecore_fake" watch --config "$tmp/less.conf" --check
says "less.conf:1: no case given"

# One that is right; nothing of this host is recorded or taken.  Memory that is
# made up has gaps, so a capture ends with status 3.
# configure FILE DESTINATION [line ...]
configure() {
	cat >"$1" <<-EOT
		[capture]
		case = standby
		to = $2
		recipient = $recipient
		cloud = none
		collect = memory
		[recorder]
		off = yes
		[watch]
		state = $run/state.json
		metrics = $run/icecore.prom
		name = web-7
		[plan quick]
		level = 1
		[orders]
		key = $public
		[trigger socket]
		path = $run/watch.sock
		[trigger path]
		path = $tmp/drop
	EOT
	printf '%s\n' "${@:3}" >>"$1"
}
mkdir "$tmp/to" "$tmp/drop"
configure "$tmp/good.conf" "$tmp/to"
expect 0 "$BIN/icecore_fake" watch --config "$tmp/good.conf" --check

# start_watch [MIB]: $watch is its pid, what it says is in $tmp/watch.err.
start_watch() {
	FAKE_MIB=${1:-8} "$BIN/icecore_fake" watch --config "$tmp/good.conf" \
		2>"$tmp/watch.err" &
	watch=$!
	pids+=("$watch")
	wait_for 60 grep -qs 'watching sources=2' "$tmp/watch.err"
	wait_for 60 status waiting
}

# status WORD: the watch says that it is so.
status() {
	"$BIN/icecore_fake" status "${socket[@]}" 2>/dev/null | head -n 1 |
		grep -q "$1"
}

# field NAME ...: of status --json.
field() {
	"$BIN/icecore_fake" status "${socket[@]}" --json |
		python3 -c 'import json, sys
v = json.load(sys.stdin)
for key in sys.argv[1:]: v = v[key]
print(v)' "$@"
}

# captures N: so many were made.
captures() {
	[ "$(field counters captures)" = "$1" ]
}

expect 1 "$BIN/icecore_fake" status "${socket[@]}"
says "no watch"
start_watch
expect 3 "$BIN/icecore_fake" trigger "${socket[@]}" --case INC-1 --reason 'by hand'
location=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["location"])' "$tmp/out")
# shellcheck disable=SC2012 # one name
is "case of the first" "$(dirname "$(dirname "$location")")" "$tmp/to/INC-1"
expect 3 "$BIN/icelab" verify "$location"
echo 'SG swapped' >"$tmp/drop/isolate"
wait_for 60 captures 2
touch -r "$tmp/drop/isolate" "$tmp/drop/isolate"
is "the file's case" "$(find "$tmp/to/standby" -name 'manifest-000000.pb' | wc -l)" 1
manifest=$(find "$tmp/to/standby" -name 'manifest-000000.pb')
grep -q 'isolate: SG swapped' "$manifest" || fail "the trigger is not in manifest 0"
order=$("$BIN/icelab" order --key "$tmp/order.key" --host WEB-7 --case INC-9 \
	--plan quick)
expect 3 "$BIN/icecore_fake" trigger "${socket[@]}" --order "$order"
grep -q '/INC-9/' "$tmp/out" || fail "the order's case is not used"
signed=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["location"])' "$tmp/out")
expect 3 "$BIN/icelab" show "$signed" -i "$tmp/forensic.key" --kind trigger \
	--format jsonl
cp "$tmp/out" "$tmp/trigger"
grep -qF "$order" "$tmp/trigger" || fail "the order is not in the evidence"
expect 1 "$BIN/icecore_fake" trigger "${socket[@]}" --order "$order"
grep -q 'used before' "$tmp/out" || fail "a replay was obeyed"
other=$("$BIN/icelab" order --key "$tmp/order.key" --host web-8 --case INC-9)
expect 1 "$BIN/icecore_fake" trigger "${socket[@]}" --order "$other"
grep -q 'another host' "$tmp/out" || fail "an order for another was obeyed"
expect 1 "$BIN/icecore_fake" trigger "${socket[@]}" --order "ico1.$(head -c 600 /dev/zero | tr '\0' A)"
expect 2 "$BIN/icecore_fake" trigger "${socket[@]}" --order "ico1.$(head -c 2000 /dev/zero | tr '\0' A)"
is refusals "$(field counters refused)" 3
is "status" "$(field state) $(field degraded)" "waiting False"
expect 0 "$BIN/icecore_fake" status "${socket[@]}"
grep -q 'case INC-9: complete with gaps' "$tmp/out" || fail "status does not tell"
python3 - "$run/icecore.prom" <<-'EOT'
	import re, sys
	lines = open(sys.argv[1]).read().split("\n")
	values = {}
	for line in lines:
	    if line and not line.startswith("#"):
	        m = re.fullmatch(r'(icecore_[a-z_]+(?:\{[^}]*\})?) ([0-9]+)', line)
	        assert m, line
	        values[m[1]] = int(m[2])
	assert values["icecore_up"] == 1 and values["icecore_captures_total"] == 3, values
	assert values['icecore_source_up{source="path"}'] == 1, values
EOT

# A second watch, and a configuration that went wrong.
expect 1 "$BIN/icecore_fake" watch --config "$tmp/good.conf"
says "another watch runs"
echo '[oops]' >>"$tmp/good.conf"
kill -HUP "$watch"
wait_for 60 grep -q 'not reloaded: .*oops' "$tmp/watch.err"
configure "$tmp/good.conf" "$tmp/to" '[plan slow]' 'level = 3'
kill -HUP "$watch"
wait_for 60 grep -q ': reloaded' "$tmp/watch.err"
wait_for 60 status waiting
expect 3 "$BIN/icecore_fake" trigger "${socket[@]}" --case INC-2
# What was obeyed is not obeyed again: the file is still there.
is "captures" "$(field counters captures)" 4
kill -TERM "$watch"
wait "$watch" || fail "SIGTERM: status $?"
[ ! -e "$run/watch.sock" ] || fail "the socket is left"

# Killed in the middle of a capture, to a store that takes nothing for now: the
# next watch takes up what was not finished, and the spool.
start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
mkdir "$tmp/spool"
"$server/store.sh" down "$tmp/store"
configure "$tmp/good.conf" "s3://$BUCKET/${AGENT_PREFIX%/}"
sed -i "s|^cloud = none|&\nticket = $tmp/agent\nendpoint = $S3_TLS_URL\nca-file = $CA_FILE\nspool = $tmp/spool|" \
	"$tmp/good.conf"
expect 0 "$BIN/icecore_fake" watch --config "$tmp/good.conf" --check
start_watch 64
rm "$tmp/drop/isolate"
echo again >"$tmp/drop/killed"
wait_for 60 status capturing
kill -KILL "$watch"
wait "$watch" 2>/dev/null || :
rm "$tmp/drop/killed"
is "what is remembered" "$(grep -c '"stage": "runs"' "$run/state.json")" 1
"$server/store.sh" up "$tmp/store"
start_watch 64
wait_for 120 captures 1
grep -q 'triggered source=path' "$tmp/watch.err" || fail "it was not taken up"
"$server/store.sh" down "$tmp/store"
# A whole capture into the spool; the store comes back, and has it.
"$BIN/icecore_fake" trigger "${socket[@]}" --case away >"$tmp/away.json" &
asked=$!
pids+=("$asked")
wait_for 120 sh -c "ls '$tmp'/spool/away/*/*/manifest-000000.pb >/dev/null 2>&1"
status=0
wait "$asked" || status=$?
is "status of a capture in the spool" "$status" 3
"$server/store.sh" up "$tmp/store"
name=$(result away capture)
there() {
	[ -z "$(ls -A "$tmp/spool/away" 2>/dev/null)" ] &&
		"$BIN/icelab" pull "s3://$BUCKET/${AGENT_PREFIX%/}/away/$host/$name" \
			"$tmp/back" --ticket "$tmp/owner" \
			--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE" 2>/dev/null
}
wait_for 150 there
expect 3 "$BIN/icelab" verify "$tmp/back"
kill -TERM "$watch"
wait "$watch" || fail "SIGTERM: status $?"
done_testing
