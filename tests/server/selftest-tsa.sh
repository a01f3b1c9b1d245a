#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The time-stamping authority of the tests, verified by openssl.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/tsa
stop_servers() {
	"$here/tsa.sh" stop "$dir"
}
"$here/tsa.sh" start "$dir"
# shellcheck source=/dev/null # tsa.sh writes it
. "$dir/env"
openssl ts -query -data "$0" -sha256 -cert -out "$tmp/query" 2>/dev/null

# ask HOW WANT [curl option ...]: the reply is in $tmp/body.
ask() {
	curled "$1" "$2" --data-binary "@$tmp/query" \
		-H 'Content-Type: application/timestamp-query' "${@:3}" \
		"$TSA_URL/$1"
}
# verified HOW: what openssl says of the reply to $tmp/query.
verified() {
	openssl ts -verify -queryfile "$tmp/query" -in "$tmp/body" \
		-CAfile "$TSA_CA" -untrusted "$TSA_CERT" >"$tmp/out" 2>&1
}
# refused HOW WHY
refused() {
	ask "$1" "0 200"
	! verified || fail "$1 verifies"
	grep -q "$2" "$tmp/out" || fail "$1 is refused otherwise: $(<"$tmp/out")"
	checks=$((checks + 1))
}

ask ok "0 200"
verified || fail "it does not verify: $(<"$tmp/out")"
grep -qi '^content-type: application/timestamp-reply' "$tmp/head" ||
	fail "another type"
openssl ts -query -data "$0" -sha512 -no_nonce -out "$tmp/query" 2>/dev/null
ask ok "0 200"
verified || fail "without nonce and certificate it does not verify" \
	"$(<"$tmp/out")"
openssl ts -query -data "$0" -sha256 -cert -out "$tmp/query" 2>/dev/null
refused reject "status code: rejection"
refused wrong-nonce "nonce mismatch"
refused wrong-imprint "message imprint mismatch"
refused other-signer "certificate verify error"
refused truncated "Verification: FAILED"
refused garbage "Verification: FAILED"
refused empty "Verification: FAILED"
ask error "0 503"
ask stall "28 000" --max-time 1
ask nonsense "0 404"
curled "not a query" "0 400" -d x "$TSA_URL/ok"
pid=$(cat "$TSA_PID")
stop_servers
ended "$pid" || fail "process $pid is still there"
done_testing
