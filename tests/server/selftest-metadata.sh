# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2153
# Part of selftest.sh: the metadata services.

# EC2.
meta=$METADATA_URL
curled "no token" "0 401" "$meta/latest/meta-data/instance-id"
curled "a token without its life" "0 400" -X PUT "$meta/latest/api/token"
curled "a token" "0 200" -X PUT "$meta/latest/api/token" \
	-H 'X-aws-ec2-metadata-token-ttl-seconds: 60'
imds=(-H "X-aws-ec2-metadata-token: $(cat "$tmp/body")")
base=$meta/latest/meta-data/iam/security-credentials/
curled "role" "0 200" "${imds[@]}" "$base"
curled "credentials" "0 200" "${imds[@]}" "$base$(cat "$tmp/body")"

# from_json FIELD: of the body.
from_json() {
	python3 -c "import json,sys; print(json.load(open('$tmp/body'))['$1'])"
}
# take_keys NAME: the keys in the body are good in the store.
take_keys() {
	name=$(from_json AccessKeyId) secret=$(from_json SecretAccessKey)
	token=$(from_json Token)
	is "keys of $1" "$(session put "/evidence/$AGENT_PREFIX$1" \
		"$tmp/data")" 200
}
is "code" "$(from_json Code)" Success
take_keys ec2
identity=$meta/latest/dynamic/instance-identity
curl -sf "${imds[@]}" "$identity/document" >"$tmp/document"
for kind in pkcs7:ec2-dsa rsa2048:ec2-rsa2048; do
	{
		echo "-----BEGIN PKCS7-----"
		curl -sf "${imds[@]}" "$identity/${kind%:*}"
		printf '\n-----END PKCS7-----\n'
	} >"$tmp/signed"
	openssl smime -verify -in "$tmp/signed" -inform PEM -noverify \
		-certfile "$IDENTITY/${kind#*:}.pem" -out "$tmp/out" 2>"$tmp/err" ||
		fail "$kind: $(cat "$tmp/err")"
	cmp "$tmp/document" "$tmp/out" || fail "$kind signs another document"
	checks=$((checks + 1))
done
curl -sf "${imds[@]}" "$identity/signature" | base64 -d >"$tmp/signature"
openssl x509 -in "$IDENTITY/ec2-rsa.pem" -noout -pubkey >"$tmp/public"
is "signature" "$(openssl dgst -sha256 -verify "$tmp/public" \
	-signature "$tmp/signature" "$tmp/document")" "Verified OK"

# ECS and EKS.
curled "ECS" "0 200" "$meta$ECS_PATH"
take_keys ecs
curled "EKS" "0 401" "$meta$EKS_PATH"
curled "EKS" "0 200" "$meta$EKS_PATH" -H "Authorization: $EKS_TOKEN"
take_keys eks

# Azure.
url="$meta/metadata/identity/oauth2/token?api-version=2018-02-01"
url+='&resource=https%3A%2F%2Fstorage.azure.com%2F'
curled "no Metadata: true" "0 400" "$url"
curled "a token" "0 200" -H Metadata:true "$url"
curled "it is good" "0 201" -T "$tmp/data" -H 'x-ms-blob-type: BlockBlob' \
	-H 'x-ms-version: 2021-12-02' \
	-H "Authorization: Bearer $(from_json access_token)" \
	"$AZURE_URL/$AZURE_ACCOUNT/evidence/${AGENT_PREFIX}managed"
url="$meta/metadata/attested/document?api-version=2020-09-01&nonce=1234567890"
curled "attested" "0 200" -H Metadata:true "$url"
from_json signature | base64 -d >"$tmp/signed"
openssl smime -verify -in "$tmp/signed" -inform DER -purpose any \
	-CAfile "$IDENTITY/azure-ca.pem" -out "$tmp/out" 2>"$tmp/err" ||
	fail "attested: $(cat "$tmp/err")"
grep -q '"nonce": "1234567890"' "$tmp/out" || fail "another nonce"
curled "instance" "0 200" -H Metadata:true \
	"$meta/metadata/instance?api-version=2021-02-01"

# GCE.
url="$meta/computeMetadata/v1/instance/service-accounts/default"
curled "no flavor" "0 403" "$url/identity?audience=capture-1&format=full"
curled "identity" "0 200" -H 'Metadata-Flavor: Google' \
	"$url/identity?audience=capture-1&format=full"
grep -qi '^metadata-flavor: google' "$tmp/head" || fail "no flavor comes back"
openssl x509 -in "$IDENTITY/gce.pem" -noout -pubkey >"$tmp/public"
python3 - "$tmp" <<'EOT'
import base64, json, sys
tmp = sys.argv[1]
head, claims, signature = open(tmp + "/body").read().split(".")
def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
open(tmp + "/signature", "wb").write(decode(signature))
open(tmp + "/signed", "w").write(head + "." + claims)
assert json.loads(decode(head))["alg"] == "RS256"
assert json.loads(decode(claims))["aud"] == "capture-1"
assert json.loads(decode(claims))["google"]["compute_engine"]["instance_id"]
EOT
is "its signature" "$(openssl dgst -sha256 -verify "$tmp/public" \
	-signature "$tmp/signature" "$tmp/signed")" "Verified OK"
curled "a token" "0 200" -H 'Metadata-Flavor: Google' "$url/token"
is "its kind" "$(from_json token_type)" Bearer
