#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# nginx as the tests start it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/nginx
stop_servers() {
	"$here/nginx.sh" stop "$dir"
}
"$here/nginx.sh" start "$dir"
# shellcheck source=/dev/null # nginx.sh writes it
. "$dir/env"
head -c 64000000 /dev/urandom >"$tmp/data"
tls=(--cacert "$CA_FILE")

stored() {
	cmp "$tmp/data" "$NGINX_FILES/$1" || fail "$1 is not stored"
	checks=$((checks + 1))
}
client=("${tls[@]}" --cert "$CLIENT_CERT" --key "$CLIENT_KEY")
curled "put" "0 201" "${client[@]}" -T "$tmp/data" "$MTLS_URL/a/b/1"
stored a/b/1
curled "if not there" "0 412" "${client[@]}" -T "$tmp/data" \
	-H 'If-None-Match: *' "$MTLS_URL/a/b/1"
curled "if not there" "0 201" "${client[@]}" -T "$tmp/data" \
	-H 'If-None-Match: *' "$MTLS_URL/a/b/2"
stored a/b/2
curled "over it" "0 204" "${client[@]}" -T "$tmp/data" "$MTLS_URL/a/b/1"
curled "get" "0 200" "${client[@]}" "$MTLS_URL/a/b/1"
curled "no certificate" "0 400" "${tls[@]}" -T "$0" "$MTLS_URL/a/3"
curled "a stranger's" "0 400" "${tls[@]}" -T "$0" \
	--cert "$dir/tls/stranger.pem" --key "$dir/tls/stranger.key" \
	"$MTLS_URL/a/3"
curled "unknown authority" "60 000" "$MTLS_URL/a/1"

token=(-H "Authorization: Bearer $BEARER_PUT")
curled "with a token" "0 201" "${tls[@]}" "${token[@]}" -T "$tmp/data" \
	"$BEARER_URL/t/1"
stored t/1
curled "it may not read" "0 403" "${tls[@]}" "${token[@]}" "$BEARER_URL/t/1"
curled "nor delete" "0 403" "${tls[@]}" "${token[@]}" -X DELETE \
	"$BEARER_URL/t/1"
curled "another token" "0 401" "${tls[@]}" -H "Authorization: Bearer x" \
	-T "$0" "$BEARER_URL/t/2"
curled "no token" "0 401" "${tls[@]}" -T "$0" "$BEARER_URL/t/2"
curled "the other" "0 200" "${tls[@]}" -H "Authorization: Bearer $BEARER" \
	"$BEARER_URL/t/1"
[ ! -e "$NGINX_FILES/t/2" ] || fail "a bad request was stored"
curled "plain" "0 201" -T "$tmp/data" "$PLAIN_URL/p/1"
stored p/1
is "left behind" "$(find "$dir/body" -type f)" ""
pid=$(cat "$NGINX_PID")
stop_servers
ended "$pid" || fail "process $pid is still there"
done_testing
