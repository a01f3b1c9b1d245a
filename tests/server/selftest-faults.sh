#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the store does wrong on purpose is seen by curl as it is meant; what it
# stored of it, and what its log says, too.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/store
stop_servers() {
	"$here/store.sh" stop "$dir"
}
"$here/store.sh" start "$dir"
# shellcheck source=/dev/null # the store writes it
. "$dir/env"
head -c 8000000 /dev/urandom >"$tmp/data"
count=0

# fault RULE: only that one, from now on.
fault() {
	"$here/store.sh" fault "$dir" "[{\"match\": \"^PUT \", \"do\": $1}]"
}

# put WANT [curl option ...]: one object of a new name, $key; see curled.
put() {
	local want=$1

	shift
	count=$((count + 1))
	key=k/$count
	curled "$want at put $count" "$want" -T "$tmp/data" \
		-H "Authorization: Bearer $BEARER" "$@" "$HTTP_URL/$key"
}

stored() {
	cmp "$tmp/data" "$STORE_OBJECTS/http/$key" || fail "$key is not stored"
	checks=$((checks + 1))
}
not_stored() {
	[ ! -e "$STORE_OBJECTS/http/$key" ] || fail "$key is stored"
	checks=$((checks + 1))
}

# logged FIELD: of the last line about this key, which may be about to come.
logged() {
	until_true 10 grep -q "\"/$key\"" "$STORE_LOG" || fail "no log of $key"
	grep "\"/$key\"" "$STORE_LOG" | tail -n 1 | python3 -c \
		"import json,sys; print(json.load(sys.stdin)['$1'])"
}

# Statuses, skipped, counted, and what a rule does not match.
"$here/store.sh" fault "$dir" '[{"match": "^PUT /k/", "skip": 1, "times": 2,
	"do": "503 SlowDown", "retry_after": 7}]'
put "0 201"
for _ in 1 2; do
	put "0 503"
	not_stored
	grep -q '^Retry-After: 7' "$tmp/head" || fail "no Retry-After"
done
put "0 201"
stored
fault '"408"'
put "0 408"
fault '"400 ExpiredToken"'
curled "as S3" "0 400" -T "$tmp/data" "$S3_URL/evidence/x"
is "its code" "$(code)" ExpiredToken
curled "as Azure" "0 400" -T "$tmp/data" "$AZURE_URL/$AZURE_ACCOUNT/evidence/x"
is "its code" "$(code)" ExpiredToken

# The connection.
fault '"reset-mid-body"'
put "5[56] *"
not_stored
is "read of it" "$(logged length) $(logged status)" "4000000 None"
fault '"lost-reply"'
put "5[56] *"
stored
is "in the log" "$(logged stored) $(logged status) $(logged fault)" \
	"new None lost-reply"
fault '"lost-reply:close"'
put "52 *"
stored
fault '"stall"'
put "28 *" --max-time 1
not_stored
is "read of it" "$(logged length)" 4000000
fault '"mute"'
put "28 *" --max-time 2
stored
"$here/store.sh" fault "$dir" '[{"match": "http", "do": "half-open"}]'
put "28 *" --max-time 1
not_stored
grep -q '"fault": "half-open"' "$STORE_LOG" || fail "no log of half-open"
"$here/store.sh" fault "$dir" '[{"match": "http", "do": "half-open"}]'
curled "half-open TLS" "28 000" --max-time 1 "$HTTP_TLS_URL/"
fault '"slow:4000000"'
start=$(date +%s%N)
put "0 201"
took=$((($(date +%s%N) - start) / 1000000))
[ "$took" -ge 1800 ] || fail "not slow: $took ms"
stored

# What is answered.
fault '"redirect:307"'
put "0 307"
is "elsewhere" "$(sed -n 's/^Location: \(.*\)\r/\1/p' "$tmp/head")" \
	"$ELSEWHERE_URL/stolen"
put "0 200" -L
grep -q '"kind": "elsewhere".*"path": "/stolen"' "$STORE_LOG" ||
	fail "the visit elsewhere is not in the log"
not_stored
fault '"redirect:301", "to": "http://127.0.0.1:1/"'
put "0 301"
# A curl has its own limits, of one header and, since 8.3, of all.
fault '"huge-headers", "status": 503'
put "@(27|100) 503"
fault '"huge-headers:many", "status": 503'
put "@(0|56) 503"
[ "$(wc -l <"$tmp/head")" -gt 4000 ] || fail "not many headers"
fault '"huge-body"'
put "28 400" --max-time 1
fault '"lying-length"'
put "18 400"
fault '"garbage"'
put "1 *"
for kind in empty truncated nested entities external control long-code \
	not-xml two-codes; do
	fault "\"bad-xml:$kind\", \"status\": 500"
	put "0 500"
	not_stored
	python3 - "$here" "$kind" "$tmp/body" <<-'EOT'
		import sys
		sys.path.insert(0, sys.argv[1])
		import store_faults
		body = open(sys.argv[3], "rb").read() if sys.argv[2] != "empty" else b""
		assert body == store_faults.BAD_XML[sys.argv[2]], sys.argv[2]
	EOT
done

# It goes, and comes back on the same ports with what it had.
"$here/store.sh" fault "$dir" '[]'
put "0 201"
"$here/store.sh" down "$dir"
count=$((count - 1))
put "7 000"
stored
"$here/store.sh" up "$dir"
count=$((count - 1))
put "0 412" -H 'If-None-Match: *'
stop_servers

# Certificates that are not what they should be, and a clock that is wrong.
for cert in wrong-host expired other; do
	"$here/store.sh" start "$dir-$cert" --cert "$cert" --clock -1200
	# shellcheck source=/dev/null # the store writes it
	. "$dir-$cert/env"
	curled "certificate $cert" "60 000" --cacert "$CA_FILE" "$S3_TLS_URL/"
	"$here/store.sh" stop "$dir-$cert"
done
"$here/store.sh" start "$dir" --clock -1200 --need-checksum
set -a
# shellcheck source=/dev/null # the store writes it
. "$dir/env"
set +a
is "its clock" "$("$here/s3.py" put /evidence/x "$tmp/data")" \
	"403 RequestTimeTooSkewed"
is "by its clock" "$("$here/s3.py" --skew -1200 put /evidence/x "$tmp/data")" \
	200
is "no checksum" "$("$here/s3.py" --skew -1200 request PUT /evidence/y \
	-d "$tmp/data")" "400 InvalidRequest"
curl -sI "$S3_URL/" >"$tmp/head"
seen=$(date -d "$(sed -n 's/^Date: //p' "$tmp/head" | tr -d '\r')" +%s)
late=$(($(date +%s) - seen))
((late >= 1195 && late <= 1205)) || fail "Date is $late s behind"
done_testing
