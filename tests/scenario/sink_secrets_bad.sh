# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Part of sink-secrets.sh: what is wrong with a ticket or a URL is said, and
# nothing of it repeated.

canary=S3CR3Tc4n4ry
echo "$canary" >"$tmp/canary.secret"

# bad WHAT STATUS TEXT [option ...]: ends so, says it, and no more.
bad() {
	local what=$1 got=0

	FAKE_MIB=1 "$BIN/icecore_fake" capture --case c -r "$recipient" \
		--collect memory --json "${@:4}" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$2" ] || fail "$what: status $got, not $2"
	grep -qF -- "$3" "$tmp/err" || fail "$what: it does not say '$3'"
	! grep -qF -e "$canary" "$tmp/err" "$tmp/out" ||
		fail "$what: it repeats the secret"
	[ "$(stat -c %s "$tmp/err")" -lt 1500 ] || fail "$what: too much said"
	checks=$((checks + 1))
}

# Each line of the file is a ticket that is none: what it is, then its text.
python3 - "$canary" >"$tmp/tickets" <<-'EOT'
	import base64, json, sys
	c = sys.argv[1]
	keys = {"AccessKeyId": "AKIA" + c, "SecretAccessKey": c}
	policy = base64.b64encode(json.dumps({"note": c}).encode()).decode()
	late = "2020-01-31T00:00:00Z"
	bad = {
	    "empty": "", "blanks": "   ", "a number": "17", "null": "null",
	    "true": "true", "an array": json.dumps([c]), "text": json.dumps(c),
	    "no JSON": c, "half": '{"AccessKeyId": "A", "SecretAccessKey": "' + c,
	    "unquoted": "{AccessKeyId: %s}" % c, "ini": "aws_secret_access_key=" + c,
	    "xml": "<Credentials><SecretAccessKey>%s</SecretAccessKey>" % c,
	    "twice": '{"bearer": "%s", "bearer": "%s"}' % (c, c),
	    "deep": "[" * 5000 + c, "nothing of it": json.dumps({"a": c}),
	    "no secret": json.dumps({"AccessKeyId": c}),
	    "secret alone": json.dumps({"SecretAccessKey": c}),
	    "a list as secret": json.dumps({**keys, "SecretAccessKey": [c]}),
	    "blank secret": json.dumps({**keys, "SecretAccessKey": c + " x"}),
	    "new line": json.dumps({**keys, "SecretAccessKey": c + "\n"}),
	    "header": json.dumps({"bearer": c + "\r\nX-Evil: 1"}),
	    "control": json.dumps({"bearer": c + "\u001b[2J"}),
	    "not ASCII": json.dumps({"bearer": c + "\u00e9"}),
	    "NUL": json.dumps({"bearer": c + "\u0000"}),
	    "empty token": json.dumps({"bearer": ""}),
	    "long": json.dumps({"bearer": c * 4000}),
	    "long secret": json.dumps({**keys, "SecretAccessKey": c * 20}),
	    "no time": json.dumps({**keys, "SessionToken": c, "Expiration": c}),
	    "no policy": json.dumps({"url": "https://x/y", "fields": {"a": c}}),
	    "no base64": json.dumps({"url": "https://x/evidence",
	                             "fields": {"policy": "!" + c + "*&"}}),
	    "no expiration": json.dumps({"url": "https://x/evidence",
	                                 "fields": {"policy": policy}}),
	    "fields": json.dumps({"url": "https://x", "fields": {}}),
	    "many fields": json.dumps({"url": "https://x", "fields": {
	        c + str(i): c for i in range(100)}}),
	    "numbers": json.dumps({"url": "https://x", "fields": {"policy": 1}}),
	    "no presigned": json.dumps({"presigned": {}}),
	    "unsigned": json.dumps({"presigned": {"segment-000000.age":
	                                          "https://h/" + c}}),
	    "no URL": json.dumps({"presigned": {"segment-000000.age": 5}}),
	    "no sig": "sv=2021-12-02&se=%s&%s" % (late, c),
	    "no sv": "sp=c&sig=" + c, "no se": "sv=2021&se=%s&sig=x" % c,
	    "Azure JSON": json.dumps({"sas": c}),
	    "Google JSON": json.dumps({"type": "service_account",
	                               "private_key": c}),
	}
	for what, text in bad.items():
	    print(what + "\t" + text.replace("\n", " "))
EOT
while IFS=$'\t' read -r what text; do
	printf '%s' "$text" >"$tmp/bad"
	bad "$what" 1 "ticket" "${s3[@]}" --ticket "$tmp/bad"
	bad "$what, by descriptor" 1 "destination: " "${s3[@]}" --ticket-fd 9 \
		9<"$tmp/bad"
done <"$tmp/tickets"
printf '# %d tickets that are none\n' "$(wc -l <"$tmp/tickets")"
head -c 5000000 /dev/zero | tr '\0' a >"$tmp/bad"
bad "5 MiB" 1 "ticket" "${s3[@]}" --ticket "$tmp/bad"
bad "5 MiB, by descriptor" 1 "destination: " "${s3[@]}" --ticket-fd 9 9<"$tmp/bad"
bad "a directory" 1 "ticket $tmp/dest" "${s3[@]}" --ticket "$tmp/dest"
bad "no descriptor" 1 "ticket" "${s3[@]}" --ticket-fd 99
bad "no number" 2 "no descriptor" "${s3[@]}" --ticket-fd x
# A ticket in the place of its file is in the arguments, but in no message.
bad "a ticket as a file" 2 "a file, not the ticket itself" "${s3[@]}" \
	--ticket "{\"bearer\": \"$canary\"}"
bad "a signature as a file" 2 "a file, not the ticket itself" "${s3[@]}" \
	--ticket "sv=2021-12-02&sp=c&sig=$canary"

# For another store, or another object.
presign="https://127.0.0.1:1/evidence/x?X-Amz-Signature=$canary"
echo "{\"presigned\": {\"manifest-000000.pb\": \"$presign\"}}" >"$tmp/bad"
bad "another's URL" 1 "presigned URL is not that of" "${s3[@]}" \
	--ticket "$tmp/bad"
echo "{\"presigned\": {\"manifest-000000.pb\": \"gopher://x/?$canary\"}}" \
	>"$tmp/bad"
bad "another scheme" 1 "manifest-000000.pb" "${s3[@]}" --ticket "$tmp/bad"
sed "s|\"url\": \"[^\"]*\"|\"url\": \"https://h/$canary\"|" "$tmp/post" >"$tmp/bad"
bad "another bucket" 1 "is for another bucket" "${s3[@]}" --ticket "$tmp/bad"
sed "s|\"url\": \"[^\"]*\"|\"url\": \"ftp://h/evidence?$canary\"|" "$tmp/post" \
	>"$tmp/bad"
bad "a form's scheme" 1 "manifest-000000.pb" "${s3[@]}" --ticket "$tmp/bad"
echo "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"$canary\"}" >"$tmp/bad"
bad "a wrong key" 1 "status 403 InvalidAccessKeyId" "${s3[@]}" \
	--ticket "$tmp/bad"
bad "a key for azure" 1 "is no ticket for this kind of store" \
	--to "azure://$AZURE_ACCOUNT/evidence/x" --ticket "$tmp/bad"
sed "s/sig=[^&]*/sig=$canary/" "$tmp/sas" >"$tmp/bad"
bad "a forged signature" 1 "status 403" "${ca[@]}" --ticket "$tmp/bad" \
	--to "azure://$AZURE_ACCOUNT/evidence/x" \
	--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT"

# URLs: what is secret in one is not repeated.
count=0
while read -r text url; do
	bad "$url" 1 "${text//_/ }" --to "$url" --ticket "$tmp/keys"
	count=$((count + 1))
done <<-EOT
	no_way_to_write user:$canary@s3://bucket/x
	destination https://user:$canary@127.0.0.1/x
	destination https://127.0.0.1/x?sig=$canary
	destination https://127.0.0.1/x#$canary
	destination https://127.0.0.1:$canary/x
	destination https://[$canary/x
	destination https://127.0.0.1/../$canary
	destination https://127.0.0.1/%2e%2e/$canary
	destination s3://
	destination s3://b
	destination s3://$canary@bucket/x
	destination s3://bucket/x?X-Amz-Signature=$canary
	destination s3://bucket//$canary
	destination gs://bucket/x?$canary
	destination azure://account
	destination azure://account/container?sig=$canary
	destination azure://a:$canary@account/container
	destination http://user:$canary@127.0.0.1/x
	no_way_to_write ftp://user:$canary@host/x
	no_way_to_write S3://bucket/$canary
EOT
printf '# %d URLs that are none\n' "$count"
for url in "https://user:$canary@127.0.0.1" "https://127.0.0.1?$canary" \
	"https://127.0.0.1/$canary" "ftp://$canary@127.0.0.1" "$canary"; do
	bad "endpoint $url" 1 "destination" --to "$at" --ticket "$tmp/keys" \
		--endpoint "$url"
done
bad "proxy" 2 "a proxy is http://" "${s3[@]}" --ticket "$tmp/keys" \
	--proxy "ftp://user:$canary@127.0.0.1:1"
expect 1 "$BIN/icecore_fake" probe --to "$at" --ticket "$tmp/keys" \
	--proxy "http://user:$canary@127.0.0.1:1"
! grep -q "$canary" "$tmp/out" "$tmp/err" || fail "a proxy's password"
bad "metadata" 1 "role ec2" "${s3[@]}" --role ec2 \
	--metadata "http://user:$canary@127.0.0.1:1"
# What is in the environment is no ticket.
AWS_ACCESS_KEY_ID=$AGENT_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$AGENT_SECRET_KEY \
	bad "the environment" 1 "role ec2: " "${s3[@]}" \
	--metadata http://127.0.0.1:1
# Where a token is asked for, and a stranger answers.
AWS_ROLE_ARN=x AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/canary.secret \
	AWS_ENDPOINT_URL_STS=$STS_TLS_URL \
	bad "a token STS does not know" 1 "InvalidIdentityToken" "${s3[@]}" \
	--role web-identity
AWS_ROLE_ARN=x AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/canary.secret \
	AWS_ENDPOINT_URL_STS=http://192.0.2.1 \
	bad "STS in clear" 1 "http:// is for loopback only" "${s3[@]}" \
	--role web-identity
AWS_CONTAINER_CREDENTIALS_FULL_URI=http://192.0.2.1/x \
	AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$tmp/canary.secret \
	bad "a container's in clear" 1 "http:// is for loopback only" "${s3[@]}" \
	--role container
