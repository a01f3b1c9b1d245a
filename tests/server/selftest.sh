#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The store that the sinks are tested against refuses what the clouds refuse,
# and takes what they take; by curl, and by a signer of the tests' own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/store
stop_servers() {
	"$here/store.sh" stop "$dir"
}
"$here/store.sh" start "$dir" --sts-seconds 20
set -a
# shellcheck source=/dev/null # the store writes it
. "$dir/env"
set +a
s3=$here/s3.py
head -c 3000000 /dev/urandom >"$tmp/data"
sum=$(sha256sum "$tmp/data" | cut -d' ' -f1)
other=$(sha256sum "$0" | cut -d' ' -f1)

# last FIELD: of the log's last line.
last() {
	tail -n 1 "$STORE_LOG" | python3 -c \
		"import json,sys; print(json.load(sys.stdin).get('$1'))"
}

# signed_curl [curl option ...]: curl's own Signature Version 4.
signed_curl() {
	local what=$1 want=$2

	shift 2
	curled "$what" "$want" --aws-sigv4 aws:amz:us-east-1:s3 \
		--user "$S3_ACCESS_KEY:$S3_SECRET_KEY" "$@"
}

# S3: the signature in the header.
signed_curl "put by curl" "0 200" -T "$tmp/data" \
	-H "x-amz-content-sha256: $sum" "$S3_URL/evidence/a/1"
cmp "$tmp/data" "$STORE_OBJECTS/evidence/a/1" || fail "other bytes are stored"
is "what the log says" "$(last stored) $(last length) $(last sha256)" \
	"new 3000000 $sum"
signed_curl "put over it" "0 200" -T "$tmp/data" \
	-H "x-amz-content-sha256: $sum" "$S3_URL/evidence/a/1"
is "what the log says" "$(last stored)" overwrite
signed_curl "wrong hash" "0 400" -T "$tmp/data" \
	-H "x-amz-content-sha256: $other" "$S3_URL/evidence/a/2"
is "its code" "$(code)" XAmzContentSHA256Mismatch
signed_curl "no hash" "0 400" -T "$tmp/data" "$S3_URL/evidence/a/2"
signed_curl "unsigned payload" "0 403" -T "$tmp/data" \
	-H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "$S3_URL/evidence/a/2"
curled "nobody" "0 403" -T "$tmp/data" "$S3_URL/evidence/a/2"
S3_SECRET_KEY=wrong signed_curl "wrong key" "0 403" -T "$tmp/data" \
	-H "x-amz-content-sha256: $sum" "$S3_URL/evidence/a/2"
is "its code" "$(code)" SignatureDoesNotMatch
signed_curl "chunked" "0 411" -T - -H "x-amz-content-sha256: $sum" \
	"$S3_URL/evidence/a/2" <"$tmp/data"
[ ! -e "$STORE_OBJECTS/evidence/a/2" ] || fail "a bad request was stored"

put() {
	is "$1" "$("$s3" put "$2" "$tmp/data" "${@:4}")" "$3"
}
put "put with checksums" /evidence/b/1 200
put "if it is not there" /evidence/b/2 200 -H 'if-none-match: *'
put "if it is not there" /evidence/b/2 "412 PreconditionFailed" \
	-H 'if-none-match: *'
put "wrong md5" /evidence/b/3 "400 BadDigest" -H 'content-md5: AAAAAAAAAAAAAAAAAAAAAA=='
put "bad md5" /evidence/b/3 "400 InvalidDigest" -H 'content-md5: AA=='
put "wrong sha256" /evidence/b/3 "400 BadDigest" -H \
	'x-amz-checksum-sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
put "bad sha256" /evidence/b/3 "400 InvalidRequest" -H 'x-amz-checksum-sha256: AA'
put "a strange name" '/evidence/b/%C3%A9%20%2B%3D%26~(x)' 200
cmp "$tmp/data" "$STORE_OBJECTS/evidence/b/é +=&~(x)" || fail "another name"
put "a way out" /evidence/../x "400 InvalidArgument"
put "no bucket" /nowhere/x "404 NoSuchBucket"
is "virtual host" "$(S3_URL=http://evidence.localhost:$S3_PORT \
	"$s3" put /v/1 "$tmp/data")" 200
cmp "$tmp/data" "$STORE_OBJECTS/evidence/v/1" || fail "other bytes are stored"
is "TLS" "$(S3_URL=$S3_TLS_URL "$s3" put /evidence/t "$tmp/data")" 200
is "clock 20 min behind" "$("$s3" --skew -1200 put /evidence/c "$tmp/data")" \
	"403 RequestTimeTooSkewed"
is "clock 10 min behind" "$("$s3" --skew -600 put /evidence/c "$tmp/data")" 200
is "region" "$(S3_REGION=eu-west-1 "$s3" put /evidence/d "$tmp/data")" \
	"400 AuthorizationHeaderMalformed"

# A header that nobody signed.
url=$("$s3" presign PUT /evidence/p/1 600 -H 'if-none-match: *')
curled "presigned" "0 200" -T "$tmp/data" -H 'If-None-Match: *' "$url"
curled "a replay" "0 412" -T "$tmp/data" -H 'If-None-Match: *' "$url"
curled "a replay without it" "0 403" -T "$tmp/data" "$url"
curled "an unsigned header" "0 403" -T "$tmp/data" -H 'If-None-Match: *' \
	-H 'x-amz-meta-a: b' "$url"
is "its code" "$(code)" AccessDenied
grep -q '<HeadersNotSigned>x-amz-meta-a<' "$tmp/body" || fail "no header named"
curled "another name" "0 403" -T "$tmp/data" -H 'If-None-Match: *' \
	"${url/p\/1/p/2}"
curled "another method" "0 403" "$url"
! grep -qE 'Signature=[0-9a-f]{8}' "$STORE_LOG" || fail "a signature in the log"
url=$("$s3" --skew -700 presign PUT /evidence/p/3 600)
curled "expired" "0 403" -T "$tmp/data" "$url"
grep -q 'Request has expired' "$tmp/body" || fail "not for its age"

# What a key may do.
agent() {
	S3_ACCESS_KEY=$AGENT_ACCESS_KEY S3_SECRET_KEY=$AGENT_SECRET_KEY "$s3" "$@"
}
temp() {
	S3_ACCESS_KEY=$TEMP_ACCESS_KEY S3_SECRET_KEY=$TEMP_SECRET_KEY \
		S3_TOKEN=$TEMP_TOKEN "$s3" "$@"
}
old() {
	S3_ACCESS_KEY=$OLD_ACCESS_KEY S3_SECRET_KEY=$OLD_SECRET_KEY \
		S3_TOKEN=$OLD_TOKEN "$s3" "$@"
}
for who in agent temp; do
	in=/evidence/$AGENT_PREFIX$who
	is "$who puts" "$($who put "$in" "$tmp/data")" 200
	is "$who elsewhere" "$($who put /evidence/case/x "$tmp/data")" \
		"403 AccessDenied"
	is "$who reads" "$($who request GET "$in")" "403 AccessDenied"
	is "$who deletes" "$($who request DELETE "$in")" "403 AccessDenied"
	is "$who lists" "$($who request GET '/evidence?list-type=2')" \
		"403 AccessDenied"
done
is "without its token" "$(TEMP_TOKEN='' temp put "$in" "$tmp/data")" \
	"403 InvalidAccessKeyId"
is "with another token" "$(TEMP_TOKEN=$OLD_TOKEN temp put "$in" "$tmp/data")" \
	"400 InvalidToken"
is "expired" "$(old put "$in" "$tmp/data")" "400 ExpiredToken"
sed 's/1000000000/9000000000/' "$STORE_KEYS" >"$tmp/keys"
mv "$tmp/keys" "$STORE_KEYS"
is "made longer" "$(old put "$in" "$tmp/data")" 200

# Reading.
is "get" "$("$s3" get evidence a/1 "$tmp/got")" 200
cmp "$tmp/data" "$tmp/got" || fail "other bytes come back"
is "a range" "$("$s3" request GET /evidence/a/1 -H 'range: bytes=10-19' \
	-o "$tmp/got")" 206
cmp <(tail -c +11 "$tmp/data" | head -c 10) "$tmp/got" || fail "another range"
is "head" "$("$s3" request HEAD /evidence/a/1)" 200
is "what is not there" "$("$s3" request GET /evidence/none)" "404 NoSuchKey"
is "list" "$("$s3" request GET '/evidence?list-type=2&prefix=b%2F&max-keys=2' \
	-o "$tmp/list")" 200
grep -q '<Key>b/1</Key>.*<Key>b/2</Key>' "$tmp/list" || fail "not both listed"
token=$(sed -n 's/.*<NextContinuationToken>\([^<]*\).*/\1/p' "$tmp/list")
is "the next page" "$("$s3" request GET \
	"/evidence?continuation-token=${token//=/%3D}&list-type=2&prefix=b%2F" \
	-o "$tmp/list")" 200
grep -q '<KeyCount>1<' "$tmp/list" || fail "another page"
is "delete" "$("$s3" request DELETE /evidence/t)" 204
[ ! -e "$STORE_OBJECTS/evidence/t" ] || fail "it is still there"

# POST policies.
"$s3" policy evidence case/post/ 600 3000000 >"$tmp/ticket"
post() {
	is "$1" "$("$s3" post "${@:3}")" "$2"
}
post "post" 204 "$tmp/ticket" case/post/1 "$tmp/data"
cmp "$tmp/data" "$STORE_OBJECTS/evidence/case/post/1" || fail "other bytes"
post "another prefix" "403 AccessDenied" "$tmp/ticket" case/x "$tmp/data"
post "one more field" "403 AccessDenied" "$tmp/ticket" case/post/2 "$tmp/data" \
	-F acl=public-read
post "an ignored field" 204 "$tmp/ticket" case/post/3 "$tmp/data" \
	-F x-ignore-me=1
post "wrong md5" "400 BadDigest" "$tmp/ticket" case/post/4 "$tmp/data" \
	-F Content-MD5=AAAAAAAAAAAAAAAAAAAAAA==
cat "$tmp/data" "$0" >"$tmp/long"
post "too long" "400 EntityTooLarge" "$tmp/ticket" case/post/4 "$tmp/long"
sed "s/\"policy\": \"ey/&J/" "$tmp/ticket" >"$tmp/forged"
post "forged" "403 SignatureDoesNotMatch" "$tmp/forged" case/post/4 "$tmp/data"
"$s3" policy evidence case/post/ -10 3000000 >"$tmp/late"
post "expired" "403 AccessDenied" "$tmp/late" case/post/4 "$tmp/data"
"$s3" policy other case/post/ 600 3000000 |
	sed 's|/other"|/evidence"|' >"$tmp/bucket"
post "another bucket" "403 AccessDenied" "$tmp/bucket" case/post/4 "$tmp/data"
[ ! -e "$STORE_OBJECTS/evidence/case/post/4" ] || fail "a bad form was stored"

# Google.
gs() {
	S3_URL=$GS_URL S3_ACCESS_KEY=$GS_ACCESS_KEY S3_SECRET_KEY=$GS_SECRET_KEY \
		S3_REGION=auto "$s3" --goog "$@"
}
none='x-goog-if-generation-match: 0'
is "gs" "$(gs request PUT /evidence/g/1 -d "$tmp/data" -H "$none")" 200
is "gs again" "$(gs request PUT /evidence/g/1 -d "$tmp/data" -H "$none")" \
	"412 PreconditionFailed"
is "gs, mixed" "$(gs put /evidence/g/2 "$tmp/data")" "400 ExcessHeaderValues"
is "gs, signed by another" "$(GS_SECRET_KEY=x gs request GET /evidence/g/1)" \
	"403 SignatureDoesNotMatch"
is "gs, as AWS" "$(S3_URL=$GS_URL "$s3" request GET /evidence/g/1)" \
	"400 ExcessHeaderValues"
curled "gs presigned" "0 200" "$(gs presign GET /evidence/g/1 60)"
cmp "$tmp/data" "$tmp/body" || fail "other bytes come back"
gs policy evidence g/ 600 3000000 >"$tmp/ticket"
is "gs, a form" "$(gs post "$tmp/ticket" g/post "$tmp/data")" 204

. "$here/selftest-dialects.sh"

# Many at once.
head -c $((8 << 20)) /dev/zero >"$tmp/eight"
sum=$(sha256sum "$tmp/eight" | cut -d' ' -f1)
config=()
for i in $(seq 64); do
	config+=(-T "$tmp/eight" "$S3_URL/evidence/many/$i")
done
start=$(date +%s%N)
curl -sf --no-progress-meter --parallel --parallel-immediate --parallel-max 8 \
	-H "x-amz-content-sha256: $sum" \
	--aws-sigv4 aws:amz:us-east-1:s3 \
	--user "$S3_ACCESS_KEY:$S3_SECRET_KEY" "${config[@]}"
took=$((($(date +%s%N) - start) / 1000000))
is "objects" "$(find "$STORE_OBJECTS/evidence/many" -size 16384 | wc -l)" 64
printf '# 64 objects of 8 MiB on 8 connections: %d MiB/s\n' \
	$((64 * 8 * 1000 / took))
done_testing
