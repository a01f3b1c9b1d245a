#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Captures into nginx by PUT, with a client's certificate and with a token; and
# whom the agent does not talk to: a server whose certificate or key is not the
# one that is trusted, and anybody in clear.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

# refused NAME TEXT [option ...]: exit 1, says it, and repeats no secret; $url.
refused() {
	take "$1" 1 --to "$url" "${@:3}"
	taken "$1" "$2"
	! grep -qF -e "$BEARER" -e "${BEARER_PUT:0:16}" "$tmp/$1.err" \
		"$tmp/$1.json" || fail "$1: a token is repeated"
}
# nothing DIR: no object is there.
nothing() {
	is "what is in $1" "$(find "$1" -type f 2>/dev/null)" ""
}

start_server nginx nginx
ca=(--ca-file "$CA_FILE")
bearer put "$BEARER_PUT"
bearer all "$BEARER"
bearer wrong 0123456789abcdef

url=$MTLS_URL/case
mtls=("${ca[@]}" --client-cert "$CLIENT_CERT" --client-key "$CLIENT_KEY")
took=$(date +%s%N)
take mtls 3 --to "$url" "${mtls[@]}"
took=$((($(date +%s%N) - took) / 1000000))
pulled mtls "${mtls[@]}"
printf '# client certificate: %d MiB in %d ms\n' "$mib" "$took"
before=$(find "$NGINX_FILES" -type f -exec sha256sum {} + | sort)
take mtls 1 --to "$url" "${mtls[@]}"
taken mtls "manifest-000000.pb: status 412"
is "the files after that" "$(find "$NGINX_FILES" -type f -exec sha256sum {} + |
	sort)" "$before"
refused no-certificate "status 400" "${ca[@]}"
refused stranger "status 400" "${ca[@]}" \
	--client-cert "$tmp/nginx/tls/stranger.pem" \
	--client-key "$tmp/nginx/tls/stranger.key"
refused key-of-another "private key file" "${ca[@]}" \
	--client-cert "$CLIENT_CERT" --client-key "$tmp/nginx/tls/stranger.key"
refused no-file "client certificate" "${ca[@]}" \
	--client-cert "$tmp/none" --client-key "$CLIENT_KEY"

url=$BEARER_URL/token
take bearer 3 --to "$url" "${ca[@]}" --ticket "$tmp/put"
pulled bearer "${ca[@]}" --ticket "$tmp/all"
refused no-token "status 401" "${ca[@]}"
refused wrong-token "status 401" "${ca[@]}" --ticket "$tmp/wrong"
nothing "$NGINX_FILES/token/c/$host/wrong-token"
expect 3 "$BIN/icecore_fake" probe --to "$url" --case c "${ca[@]}" \
	--ticket "$tmp/put"
# Who may PUT there may do so twice.
is "warnings" "$(sed -n 's/^  \([a-z]*\) .*(warning: more than.*/\1/p' \
	"$tmp/out")" overwrite
expect 3 "$BIN/icecore_fake" probe --to "$url" --case c "${ca[@]}" \
	--ticket "$tmp/all"
is "warnings" "$(sed -n 's/^  \([a-z]*\) .*(warning: more than.*/\1/p' \
	"$tmp/out" | tr '\n' ' ')" "overwrite read delete "

# In clear, only on loopback: by its name, and by what the name leads to.
url=$PLAIN_URL/clear
take clear 3 --to "$url"
pulled clear
for url in http://192.0.2.1/x http://collector.test/x http://10.0.0.1:8080/x \
	http://169.254.169.254/x http://127.0.0.1.test/x http://localhost.test/x; do
	refused clear-elsewhere "http:// is for loopback only; use https://"
done
url=s3://bucket/x
refused clear-endpoint "http:// is for loopback only; use https://" \
	--endpoint http://192.0.2.1 --ticket "$tmp/put"

# Whose certificate it is: nothing is sent, and nothing waited for.
pin() {
	printf 'sha256//%s\n' "$(openssl x509 -in "$1" -noout -pubkey |
		openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary |
		base64)"
}
for cert in wrong-host expired other; do
	start_server store "$cert" --cert "$cert"
	bearer token "$BEARER"
	url=$HTTP_TLS_URL/x
	refused "$cert" "certificate" --ca-file "$CA_FILE" --ticket "$tmp/token"
	nothing "$STORE_OBJECTS/http"
	! grep -q '"method"' "$STORE_LOG" || fail "$cert: something was sent"
	sed -n "s/^icecore: /# $cert: /p" "$tmp/$cert.err"
done
refused no-ca "certificate" --ticket "$tmp/token"
refused bad-ca "ca" --ticket "$tmp/token" --ca-file "$0"

start_server store store
bearer token "$BEARER"
url=$HTTP_TLS_URL/x
refused wrong-pin "public key" --ca-file "$CA_FILE" --ticket "$tmp/token" \
	--pin "$(pin "$tmp/store/tls/client.pem")"
nothing "$STORE_OBJECTS/http"
! grep -q '"method"' "$STORE_LOG" || fail "wrong pin: something was sent"
take pinned 3 --to "$url" --ca-file "$CA_FILE" --ticket "$tmp/token" \
	--pin "$(pin "$tmp/store/tls/server.pem")"
pulled pinned --ca-file "$CA_FILE" --ticket "$tmp/token"
stored pinned
printf '# the right pin: %s\n' "$found"
# The certificate of the client is what this one knows it by.
take known 3 --to "$HTTP_MTLS_URL/y" --ca-file "$CA_FILE" \
	--client-cert "$CLIENT_CERT" --client-key "$CLIENT_KEY"
stored known

# Sent elsewhere: it does not go there, with or without what it carries.
fault '[{"do": "redirect:307", "match": "PUT .*/redirected/"},
	{"do": "redirect:301", "match": "PUT .*/moved/segment"}]'
refused redirected "status 307: the store sends us elsewhere" \
	--ca-file "$CA_FILE" --ticket "$tmp/token"
refused moved "status 301: the store sends us elsewhere" \
	--ca-file "$CA_FILE" --ticket "$tmp/token"
! grep -q '"kind": "elsewhere"' "$STORE_LOG" || fail "it went there"
stored moved
done_testing
