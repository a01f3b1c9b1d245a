# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2153
# Part of selftest.sh: Azure, a plain collector, STS, and the metadata services.

# Azure.
sas=$here/sas.py
blob=(-H 'x-ms-blob-type: BlockBlob' -H 'x-ms-version: 2021-12-02')
az=$AZURE_URL/$AZURE_ACCOUNT/evidence
# azure WHAT WANT CODE [curl option ...]
azure() {
	curled "$1" "0 $2" "${blob[@]}" "${@:4}"
	is "$1: x-ms-error-code" "$(sed -n 's/^x-ms-error-code: \(.*\)\r/\1/p' \
		"$tmp/head")" "$3"
	[ -z "$3" ] || is "$1: code" "$(code)" "$3"
}
q=$("$sas" evidence c)
azure "put" 201 "" -T "$tmp/data" -H 'If-None-Match: *' "$az/z/1?$q"
cmp "$tmp/data" "$STORE_OBJECTS/evidence/z/1" || fail "other bytes are stored"
azure "a replay" 403 UnauthorizedBlobOverwrite -T "$tmp/data" "$az/z/1?$q"
azure "read" 403 AuthorizationPermissionMismatch "$az/z/1?$q"
azure "delete" 403 AuthorizationPermissionMismatch -X DELETE "$az/z/1?$q"
azure "list" 403 AuthorizationPermissionMismatch \
	"$az?restype=container&comp=list&$q"
azure "a block" 403 AuthorizationPermissionMismatch -T "$tmp/data" \
	"$az/z/2?comp=block&blockid=AAAA&$q"
azure "another container" 403 AuthenticationFailed -T "$tmp/data" \
	"$AZURE_URL/$AZURE_ACCOUNT/http/z?$q"
azure "more than it holds" 403 AuthenticationFailed -T "$tmp/data" \
	"$az/z/2?${q/sp=c/sp=cw}"
azure "writable, not there" 409 BlobAlreadyExists -T "$tmp/data" \
	-H 'If-None-Match: *' "$az/z/1?$("$sas" evidence cw)"
azure "writable" 201 "" -T "$tmp/data" "$az/z/1?$("$sas" evidence w)"
q=$("$sas" evidence c z/3)
azure "one blob" 201 "" -T "$tmp/data" "$az/z/3?$q"
azure "another blob" 403 AuthenticationFailed -T "$tmp/data" "$az/z/4?$q"
azure "expired" 403 AuthenticationFailed -T "$tmp/data" \
	"$az/z/4?$("$sas" --seconds -5 evidence c)"
azure "https only" 403 AuthorizationProtocolMismatch -T "$tmp/data" \
	"$az/z/4?$("$sas" --protocol https evidence c)"
azure "https" 201 "" -T "$tmp/data" --cacert "$CA_FILE" \
	"$AZURE_TLS_URL/$AZURE_ACCOUNT/evidence/z/4?$("$sas" --protocol https \
		evidence c)"
for version in 2015-04-05 2018-11-09 2020-12-06; do
	azure "sv=$version" 201 "" -T "$tmp/data" \
		"$az/z/$version?$("$sas" --version "$version" evidence c)"
done
q=$("$sas" evidence c)
azure "wrong md5" 400 Md5Mismatch -T "$tmp/data" \
	-H 'Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==' "$az/z/5?$q"
azure "nobody" 401 NoAuthenticationInformation -T "$tmp/data" "$az/z/5"
azure "a bearer" 201 "" -T "$tmp/data" -H "Authorization: Bearer $BEARER_PUT" \
	"$az/${AGENT_PREFIX}z"
azure "a bearer elsewhere" 403 AuthorizationPermissionMismatch \
	-T "$tmp/data" -H "Authorization: Bearer $BEARER_PUT" "$az/z/5"
azure "no such bearer" 401 InvalidAuthenticationInfo -T "$tmp/data" \
	-H "Authorization: Bearer x" "$az/z/5"
blob=(-H 'x-ms-version: 2021-12-02')
azure "no type" 400 MissingRequiredHeader -T "$tmp/data" "$az/z/5?$q"
blob=(-H 'x-ms-blob-type: BlockBlob')
azure "no version" 400 MissingRequiredHeader -T "$tmp/data" "$az/z/5?$q"
[ ! -e "$STORE_OBJECTS/evidence/z/5" ] || fail "a bad request was stored"

# A plain collector.
curled "nobody" "0 401" -T "$tmp/data" "$HTTP_URL/h/1"
bearer=(-H "Authorization: Bearer $BEARER")
curled "put" "0 201" -T "$tmp/data" "${bearer[@]}" "$HTTP_URL/h/1"
cmp "$tmp/data" "$STORE_OBJECTS/http/h/1" || fail "other bytes are stored"
curled "not there" "0 412" -T "$tmp/data" "${bearer[@]}" \
	-H 'If-None-Match: *' "$HTTP_URL/h/1"
curled "over it" "0 204" -T "$tmp/data" "${bearer[@]}" "$HTTP_URL/h/1"
curled "get" "0 200" "${bearer[@]}" "$HTTP_URL/h/1"
cmp "$tmp/data" "$tmp/body" || fail "other bytes come back"
bearer=(-H "Authorization: Bearer $BEARER_PUT")
curled "may only put" "0 403" "${bearer[@]}" "$HTTP_URL/h/1"
curled "may only put there" "0 403" -T "$tmp/data" "${bearer[@]}" \
	"$HTTP_URL/h/2"
client=(--cacert "$CA_FILE" --cert "$CLIENT_CERT" --key "$CLIENT_KEY")
curled "a certificate" "0 201" -T "$tmp/data" "${client[@]}" \
	"$HTTP_MTLS_URL/h/3"
stranger=(--cacert "$CA_FILE" --cert "$dir/tls/stranger.pem"
	--key "$dir/tls/stranger.key")
# TLS 1.3 tells a client only after it began to send.
! curl -sf -T "$tmp/data" "${stranger[@]}" "$HTTP_MTLS_URL/h/4" ||
	fail "a stranger's certificate was taken"
! curl -sf -T "$tmp/data" --cacert "$CA_FILE" "$HTTP_MTLS_URL/h/4" ||
	fail "no certificate was asked for"
[ ! -e "$STORE_OBJECTS/http/h/4" ] || fail "a stranger's object was stored"
curled "unknown authority" "60 000" "$HTTP_TLS_URL/h/1"

# STS: keys that the store takes, until they expire.
web=(--data Version=2011-06-15 --data RoleArn=arn:aws:iam::1:role/r
	--data RoleSessionName=s --data Action=AssumeRoleWithWebIdentity)
curled "STS" "0 200" "${web[@]}" --data "WebIdentityToken=$BEARER_PUT" \
	"$STS_URL/"
element() {
	sed -n "s/.*<$1>\([^<]*\).*/\1/p" "$tmp/body"
}
session() {
	S3_ACCESS_KEY=$name S3_SECRET_KEY=$secret S3_TOKEN=$token "$s3" "$@"
}
name=$(element AccessKeyId) secret=$(element SecretAccessKey)
token=$(element SessionToken)
is "with its keys" "$(session put "/evidence/${AGENT_PREFIX}sts" \
	"$tmp/data")" 200
is "elsewhere" "$(session put /evidence/sts "$tmp/data")" "403 AccessDenied"
curled "a bad token" "0 400" "${web[@]}" --data WebIdentityToken=x "$STS_URL/"
is "its code" "$(code)" InvalidIdentityToken
session_expired() {
	[ "$(session put "/evidence/${AGENT_PREFIX}sts" "$tmp/data")" = \
		"400 ExpiredToken" ]
}
until_true 30 session_expired || fail "STS keys do not expire"

. "$here/selftest-metadata.sh"
