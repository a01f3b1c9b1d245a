#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Connections that break off, fall silent, or lose what was answered: each is
# noticed in seconds, and the same bytes are sent again, under the same name,
# and stored once.  All at the same time, against one store.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
keys gs "$GS_ACCESS_KEY" "$GS_SECRET_KEY"
bearer put "$BEARER_PUT"
bearer all "$BEARER"
with store "$server/s3.py" policy evidence "$AGENT_PREFIX" 900 $((16 << 20)) \
	>"$tmp/post"
ca=(--ca-file "$CA_FILE")
s3=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --endpoint "$S3_TLS_URL" "${ca[@]}")
faults=(
	reset '"reset-mid-body", "times": 3'
	lost '"lost-reply", "times": 3'
	lost-in-order '"lost-reply:close", "times": 3'
	stall '"stall", "times": 1'
	mute '"mute", "times": 1'
	lost-post '"lost-reply", "times": 1'
	lost-gs '"lost-reply", "times": 2'
	reset-https '"reset-mid-body", "times": 2'
	lost-https '"lost-reply", "times": 2'
	slow '"slow:1000000", "times": 2'
)
# Half-open: accepted, and then nothing, not even a handshake; this one
# matches no name but a kind of listener, so that has one capture only.
rules='{"match": "azure", "do": "half-open", "times": 1}'
for ((i = 0; i < ${#faults[@]}; i += 2)); do
	name=${faults[i]} where=segment-
	# A form's key is in its body.
	[ "$name" != lost-post ] || where='^POST '
	[ "$name" = lost-post ] || where="/$name/segment-"
	rules+=",{\"match\": \"$where\", \"do\": ${faults[i + 1]}}"
done
fault "[$rules]"

# begin NAME [option ...]: in the background.
begin() {
	take "$1" 3 "${@:2}" &
	pids+=($!)
}
with store "$server/sas.py" evidence c >"$tmp/azure"
start=$SECONDS
for name in reset lost lost-in-order stall mute slow; do
	begin "$name" "${s3[@]}" --ticket "$tmp/agent"
done
begin lost-gs --to "gs://evidence/gs" --endpoint "$GS_TLS_URL" "${ca[@]}" \
	--ticket "$tmp/gs"
begin half-open --to "azure://$AZURE_ACCOUNT/evidence/az" "${ca[@]}" \
	--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" --ticket "$tmp/azure"
for name in reset-https lost-https; do
	begin "$name" --to "$HTTP_TLS_URL/${AGENT_PREFIX%/}" "${ca[@]}" \
		--ticket "$tmp/put"
done
reap
printf '# all of these in %d s\n' $((SECONDS - start))

table_head
for name in reset lost lost-in-order stall mute half-open lost-gs \
	reset-https lost-https; do
	survived "$name"
done
for name in lost lost-in-order mute lost-gs lost-https; do
	grep -q "/$name/segment-.*\"stored\": \"exists\"" "$STORE_LOG" ||
		fail "$name: it was not there already"
	checks=$((checks + 1))
done
# What is sent and not taken is noticed after 10 s, as a handshake that does not
# come; an answer that does not come after 15 s at libcurl's average of speed.
for name in stall:9-16 mute:14-25 half-open:9-14; do
	python3 - "$tmp/${name%%:*}.err" "${name#*:}" <<-'EOT' || fail "$name"
		import re, sys
		low, high = map(float, sys.argv[2].split("-"))
		seen = re.search(r"away after ([0-9.]+) s", open(sys.argv[1]).read())
		sys.exit(not low <= float(seen.group(1)) <= high)
	EOT
done
# Slow is no fault, as long as something comes.
is "retries of slow" "$(result slow retries)" 0
stored slow
row slow
for name in stall lost reset slow; do
	pulled "$name" --ticket "$tmp/owner" --endpoint "$S3_TLS_URL" "${ca[@]}"
done
pulled lost-https --ticket "$tmp/all" "${ca[@]}"

# A form has no condition: if the answer is lost, the same bytes are put again
# over the same name, which a bucket with object lock keeps as two versions.
take lost-post 3 "${s3[@]}" --ticket "$tmp/post" --endpoint "$S3_URL"
found=$(grep -c '"key": "[^"]*/lost-post/' "$STORE_LOG")
row lost-post
pulled lost-post --ticket "$tmp/owner" --endpoint "$S3_URL"
python3 - "$STORE_LOG" <<-'EOT' || fail "a form was sent with other bytes"
	import json, sys
	sent = {}
	for e in map(json.loads, open(sys.argv[1])):
	    if e.get("method") == "POST" and "/lost-post/" in e.get("key", ""):
	        sent.setdefault(e["key"], []).append(e["object_sha256"])
	sys.exit(not any(len(s) > 1 for s in sent.values()) or
	         any(len(set(s)) > 1 for s in sent.values()))
EOT
done_testing
