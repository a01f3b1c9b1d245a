#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A store that answers with errors, or with what is no answer.  What will pass
# is tried again with the same bytes; what will not is a clear error; and what
# a hostile server writes gets neither into the terminal nor into our memory.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store --need-checksum
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
tls=(--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
to=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --ticket "$tmp/agent" "${tls[@]}")

# What passes: each for one capture, by its name.
passing=(
	slowdown '"503 SlowDown", "times": 8, "retry_after": 2'
	error500 '"500 InternalError", "times": 3'
	error429 '"429 TooManyRequests", "times": 2'
	error408 '"408 RequestTimeout", "times": 1'
	timeout400 '"400 RequestTimeout", "times": 1'
	lying '"lying-length", "status": 503, "times": 2'
	lying200 '"lying-length", "status": 200, "times": 2'
	garbage '"garbage", "times": 2'
	header503 '"huge-headers", "status": 503, "times": 2'
	headers503 '"huge-headers:many", "status": 503, "times": 2'
	body503 '"huge-body", "status": 503, "times": 2'
)
kinds=(empty truncated nested entities external control long-code not-xml
	two-codes)
for kind in "${kinds[@]}"; do
	passing+=("xml-$kind" "\"bad-xml:$kind\", \"status\": 500, \"times\": 1")
done
# What does not: the same with a status that says so.
fatal=(
	huge-header '"huge-headers"'
	huge-many '"huge-headers:many", "status": 200'
	huge-body '"huge-body"'
	notimpl '"501 NotImplemented"'
	redirect '"redirect:307"'
	moved '"redirect:301", "to": "http://127.0.0.1:1/"'
	nosuchbucket '"404 NoSuchBucket"'
	denied '"403 AccessDenied"'
)
for kind in "${kinds[@]}"; do
	fatal+=("die-$kind" "\"bad-xml:$kind\", \"status\": 400")
done
rules=
for ((i = 0; i < ${#passing[@]}; i += 2)); do
	rules+=",{\"match\": \"/${passing[i]}/segment-\", \"do\": ${passing[i + 1]}}"
done
for ((i = 0; i < ${#fatal[@]}; i += 2)); do
	rules+=",{\"match\": \"/${fatal[i]}/segment-000001\", \"do\": ${fatal[i + 1]}}"
done
fault "[${rules#,}]"

table_head
for ((i = 0; i < ${#passing[@]}; i += 2)); do
	name=${passing[i]}
	take "$name" 3 "${to[@]}"
	survived "$name"
done
# Retry-After is what it waits at least.
python3 -c 'import sys; sys.exit(not 2 <= float(sys.argv[1]))' \
	"$(result slowdown away_seconds)" || fail "slowdown: too soon"
pulled slowdown --ticket "$tmp/owner" "${tls[@]}"
pulled lying200 --ticket "$tmp/owner" "${tls[@]}"

printf '# what will not pass\n'
for ((i = 0; i < ${#fatal[@]}; i += 2)); do
	name=${fatal[i]}
	take "$name" 1 "${to[@]}"
	taken "$name" "icecore: segment-000001.age: "
	! LC_ALL=C grep -qP '[^\t\n\x20-\x7e]' "$tmp/$name.err" ||
		fail "$name: bytes of the server's on the terminal"
	[ "$(stat -c %s "$tmp/$name.err")" -lt 2000 ] || fail "$name: too much said"
	! grep -q root: "$tmp/$name.err" || fail "$name: a file is in it"
	stored "$name"
	printf '# %-16s %s\n' "$name" \
		"$(sed -n 's/^icecore: segment-000001.age: //p' "$tmp/$name.err")"
done
taken huge-header "the answer is too large"
taken huge-body "the answer is too large"
taken notimpl "status 501 NotImplemented"
taken redirect "the store sends us elsewhere"
! grep -q '"kind": "elsewhere"' "$STORE_LOG" || fail "it went elsewhere"
# What was acknowledged before is there, and signed for as failed.
expect 0 "$BIN/icelab" pull "s3://$BUCKET/${AGENT_PREFIX}c/$host/denied" \
	"$tmp/partial" --ticket "$tmp/owner" "${tls[@]}"
expect 3 "$BIN/icelab" verify "$tmp/partial"
says "partial"
says "AccessDenied"

# With a spool nothing is lost, whatever the answer: it goes on there.
mkdir "$tmp/spool"
fault '[{"match": "/hostile/segment-000001", "do": "huge-body"}]'
take hostile 3 "${to[@]}" --spool "$tmp/spool"
taken hostile "the sink refuses, the spool takes over"
stored hostile
fault '[]'
expect 0 "$BIN/icecore_fake" push "$tmp/spool" "${to[@]}"
stored hostile
pulled hostile --ticket "$tmp/owner" "${tls[@]}"
done_testing
