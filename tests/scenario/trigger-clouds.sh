#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A tag, an attribute, a label or an annotation changes, and evidence is in the
# store by itself, whole: each cloud's source from end to end, into Ceph, and how
# long it took.  Metadata that is throttled or garbage is no trigger.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server radosgw ceph
new_key forensic
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
run=$tmp/run
mkdir "$run" "$run"/{ec2,azure,gce,kubernetes}

# serve NAME: an emulator that ends when this test does; its URL is in $url.
serve() {
	mkfifo "$tmp/$1.in"
	python3 "$server/$1.py" <"$tmp/$1.in" >"$tmp/$1.port" &
	pids+=("$!")
	# shellcheck disable=SC2034 # open until this test ends, which ends it
	exec {hold}>"$tmp/$1.in"
	wait_for 20 grep -q . "$tmp/$1.port"
	url=http://127.0.0.1:$(head -n 1 "$tmp/$1.port")
}

# change URL JSON: what the emulator says from now on.
change() {
	curl -sf --max-time 10 -X PUT --data "$2" "$1/control" >/dev/null ||
		fail "the emulator does not take $2"
}

# objects CASE: what is there of it.
objects() {
	with ceph "$server/s3.py" versions "$LOCKED" "${AGENT_PREFIX%/}/$1/"
}
any_object() {
	objects "$1" >"$tmp/objects" && grep -q manifest-000000 "$tmp/objects"
}

field() {
	"$BIN/icecore_fake" status --socket "$run/$1.sock" --json 2>/dev/null |
		python3 -c 'import json, sys
v = json.load(sys.stdin)
for key in sys.argv[1:]:
    v = next(s for s in v if s["name"] == key) if isinstance(v, list) else v[key]
print(v)' "${@:2}" 2>/dev/null
}
# has KIND WANT KEY ...: a field of status.
has() {
	[ "$(field "$1" "${@:3}")" = "$2" ]
}

# begin KIND LINE ...: a watch with that source.
begin() {
	local kind=$1

	cat >"$tmp/$kind.conf" <<-EOT
		[capture]
		case = $kind
		to = s3://$LOCKED/${AGENT_PREFIX%/}
		ticket = $tmp/agent
		endpoint = $S3_TLS_URL
		ca-file = $CA_FILE
		recipient = $recipient
		cloud = none
		collect = memory
		[recorder]
		off = yes
		[watch]
		state = $run/$kind/state.json
		[trigger socket]
		path = $run/$kind.sock
		[trigger $kind]
	EOT
	printf '%s\n' "${@:2}" >>"$tmp/$kind.conf"
	expect 0 "$BIN/icecore_fake" watch --config "$tmp/$kind.conf" --check
	FAKE_MIB=8 "$BIN/icecore_fake" watch --config "$tmp/$kind.conf" \
		2>"$tmp/$kind.err" &
	pids+=("$!")
}
# watch KIND LINE ...: the same, and it sees what it looks for.
watch() {
	begin "$@"
	wait_for 60 has "$1" waiting sources "$1" state
}

milli() {
	echo $(($(date +%s%N) / 1000000))
}

# arrives KIND URL JSON REASON: that change is a trigger, and what comes of it
# is in the store.
arrives() {
	local kind=$1 began first last capture

	began=$(milli)
	change "$2" "$3"
	wait_for 60 any_object "$kind"
	first=$(milli)
	wait_for 60 has "$kind" 1 counters captures
	last=$(milli)
	printf '# %-10s first object seen in the store after %d ms (aim 3000), all of it after %d ms (aim 5000)\n' \
		"$kind" "$((first - began))" "$((last - began))"
	grep -q "triggered source=$kind .*$4" "$tmp/$kind.err" ||
		fail "$kind: $(grep triggered "$tmp/$kind.err")"
	capture=$(field "$kind" captures | grep -o "'capture': '[^']*'" | cut -d "'" -f 4)
	rm -rf "$tmp/back"
	expect 0 "$BIN/icelab" pull \
		"s3://$LOCKED/${AGENT_PREFIX%/}/$kind/$host/$capture" "$tmp/back" \
		--ticket "$tmp/owner" --endpoint "$S3_TLS_URL" --ca-file "$CA_FILE"
	expect 3 "$BIN/icelab" verify "$tmp/back"
	# It is still there, looked at again and again, and that is no other one.
	is "captures of $kind" "$(field "$kind" counters captures)" 1
}

# A stream of a cluster in which nothing happens, for a minute, without bookmarks.
serve kubernetes
kubernetes=$url
echo secret >"$tmp/token"
change "$kubernetes" '{"put": ["nodes", "node-1", {"metadata": {}}]}'
watch kubernetes "api = $kubernetes" "token-file = $tmp/token" 'node = node-1'
silent_since=$(milli)

serve imds
imds=$url
change "$imds" '{"mode": "throttle"}'
begin ec2 "metadata = $imds" 'isolation-group = sg-0bbb'
wait_for 60 has ec2 away sources ec2 state
change "$imds" '{"mode": "html"}'
wait_for 60 has ec2 away sources ec2 state
change "$imds" '{"mode": "ok"}'
wait_for 60 has ec2 waiting sources ec2 state
# Each of its parts, which back off by themselves.
wait_for 60 has ec2 '' sources ec2 text
arrives ec2 "$imds" '{"groups": {"0e:49:61:0f:c3:11": ["sg-0aaa", "sg-0bbb"]}}' sg-0bbb
watch azure "metadata = $imds"
arrives azure "$imds" '{"taglist": {"icecore": "case 7"}}' 'case 7'
watch gce "metadata = $imds"
arrives gce "$imds" '{"attributes": {"icecore": "case 8"}}' 'case 8'
a_minute() {
	[ "$(($(milli) - silent_since))" -gt 61000 ]
}
wait_for 70 a_minute
is "the silent stream" "$(field kubernetes sources kubernetes state)" waiting
arrives kubernetes "$kubernetes" '{"put": ["nodes", "node-1", {"metadata":
	{"annotations": {"icecore.dev/capture": "case 9"}}}]}' 'case 9'
# It flaps: that is still the same trigger.
for _ in $(seq 10); do
	change "$kubernetes" '{"put": ["nodes", "node-1", {"metadata": {}}]}'
	change "$kubernetes" '{"put": ["nodes", "node-1", {"metadata":
		{"annotations": {"icecore.dev/capture": "case 9"}}}]}'
done
flapped() {
	[ "$(field kubernetes counters again)" -gt 0 ]
}
wait_for 20 flapped
is "captures of what flaps" "$(field kubernetes counters captures)" 1
is "triggers of what flaps" "$(field kubernetes counters triggers)" 1
done_testing
