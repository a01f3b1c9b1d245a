#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A ticket is seen by the store and by nobody else: it is in no argument, no
# environment, no message, no object, no spool and no core, and what is wrong
# with one is said without a word of it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store
ca=(--ca-file "$CA_FILE")
at=s3://$BUCKET/${AGENT_PREFIX%/}
s3=(--to "$at" --endpoint "$S3_TLS_URL" "${ca[@]}")
segments=("manifest-00000"{0..1}.pb "segment-00000"{0..9}.age)

# The tickets, and of each what nobody may see, a line each in NAME.secret.
keys keys "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
echo "$AGENT_SECRET_KEY" >"$tmp/keys.secret"
keys session "$TEMP_ACCESS_KEY" "$TEMP_SECRET_KEY" "$TEMP_TOKEN"
printf '%s\n' "$TEMP_SECRET_KEY" "$TEMP_TOKEN" >"$tmp/session.secret"
with store "$server/s3.py" policy evidence "$AGENT_PREFIX" 600 $((16 << 20)) |
	sed "s|$S3_URL|$S3_TLS_URL|" >"$tmp/post"
python3 -c 'import json,sys; f=json.load(open(sys.argv[1]))["fields"]
print(f["policy"], next(v for n, v in f.items() if "ignature" in n), sep="\n")' \
	"$tmp/post" >"$tmp/post.secret"
for object in "${segments[@]}"; do
	printf '%s %s\n' "$object" "$(with store env "S3_URL=$S3_TLS_URL" \
		"$server/s3.py" presign PUT \
		"/evidence/${AGENT_PREFIX}c/$host/presigned/$object" 600 \
		-H 'if-none-match: *')"
done | python3 -c 'import json,sys; print(json.dumps({"presigned":
	dict(line.split() for line in sys.stdin)}))' >"$tmp/presigned"
grep -o 'X-Amz-Signature=[0-9a-f]*' "$tmp/presigned" | cut -d= -f2 \
	>"$tmp/presigned.secret"
with store "$server/sas.py" evidence c >"$tmp/sas"
sed 's/.*sig=\([^&]*\).*/\1/' "$tmp/sas" >"$tmp/sas.secret"
bearer bearer "$BEARER_PUT"
echo "$BEARER_PUT" >"$tmp/bearer.secret"
echo "$BEARER_PUT" >"$tmp/web-token"
echo "$BEARER_PUT" >"$tmp/web.secret"
keys gs "$GS_ACCESS_KEY" "$GS_SECRET_KEY"
echo "$GS_SECRET_KEY" >"$tmp/gs.secret"

# unseen NAME FILE|DIR ...: nothing of the ticket is there.
unseen() {
	local name=$1

	shift
	[ -s "$tmp/$name.secret" ] || fail "$name: no secret to look for"
	! grep -rlaFf "$tmp/$name.secret" "$@" >"$tmp/err" ||
		fail "$name is seen in $(cat "$tmp/err")"
	checks=$((checks + 1))
}
# run NAME OPTION ...: with a sink that is away for every other segment, so
# that the spool and each message about a retry are made, too; its arguments
# and its environment are looked at while it runs.
run() {
	local name=$1 pid

	shift
	mkdir "$tmp/spool-$name"
	fault "[{\"match\": \"/$name/segment-000000\", \"do\": \"500\",
		\"times\": 2}, {\"match\": \"/$name/segment-000001\",
		\"do\": \"403 AccessDenied\"}, {\"match\": \"^PUT \",
		\"do\": \"slow:9000000\"}]"
	FAKE_MIB=$mib "$BIN/icecore_fake" capture --case c --name "$name" \
		-r "$recipient" --collect memory --json "$@" \
		--spool "$tmp/spool-$name" \
		>"$tmp/$name.json" 2>"$tmp/$name.err" <&0 &
	pid=$!
	pids+=("$pid")
	wait_for 20 compgen -G "$STORE_OBJECTS/*/**/c/*/$name/manifest*" >/dev/null
	cat "/proc/$pid/cmdline" "/proc/$pid/environ" >"$tmp/$name.proc" ||
		fail "$name ended too early"
	grep -qa icecore_fake "$tmp/$name.proc" || fail "no arguments"
	# Its threads' names and what it has open; some may end just now.
	cat /proc/"$pid"/task/*/comm >>"$tmp/$name.proc" 2>/dev/null || :
	find /proc/"$pid"/fd -printf '%l\n' >>"$tmp/$name.proc" 2>/dev/null || :
	wait "$pid" || [ $? = 3 ] || fail "$name: $(cat "$tmp/$name.err")"
	unseen "$name" "$tmp/$name.proc" "$tmp/$name.err" "$tmp/$name.json" \
		"$tmp/spool-$name"
}
shopt -s globstar
run keys "${s3[@]}" --ticket "$tmp/keys"
run session "${s3[@]}" --ticket "$tmp/session"
run post "${s3[@]}" --ticket "$tmp/post"
run presigned "${s3[@]}" --ticket "$tmp/presigned"
run sas --to "azure://$AZURE_ACCOUNT/evidence/az" "${ca[@]}" \
	--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" --ticket "$tmp/sas"
run bearer --to "$HTTP_TLS_URL/${AGENT_PREFIX%/}" "${ca[@]}" \
	--ticket-fd 9 9<"$tmp/bearer"
run gs --to "gs://evidence/gs" --endpoint "$GS_TLS_URL" "${ca[@]}" \
	--ticket - <"$tmp/gs"
AWS_ROLE_ARN=arn:aws:iam::123456789012:role/capture \
	AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/web-token \
	AWS_ENDPOINT_URL_STS=$STS_TLS_URL \
	run web "${s3[@]}" --role web-identity
fault '[]'
# Nor in what the store was given to keep, nor in a journal, nor sealed.
cat "$tmp"/*.secret >"$tmp/every.secret"
unseen every "$STORE_OBJECTS"
expect 0 "$BIN/icecore_fake" push "$tmp/spool-keys" "${s3[@]}" \
	--ticket "$tmp/keys"
[ -s "$tmp/spool-keys/c/$host/keys/.sent" ] || fail "no journal"
unseen every "$tmp/spool-keys" "$tmp/err" "$tmp/out" "$STORE_OBJECTS"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
expect 0 "$BIN/icelab" pull "$at/c/$host/keys" "$tmp/pulled" \
	--endpoint "$S3_TLS_URL" "${ca[@]}" --ticket "$tmp/owner"
for f in "$tmp/pulled/"segment-*; do
	age -d -i "$tmp/lab.key" "$f" | zstd -dq >"$tmp/plain"
	unseen every "$tmp/plain"
done
rm "$tmp/plain"

# A crash leaves no core, for whoever could read it.
mkdir "$tmp/crash" "$tmp/dest"
core() (
	cd "$tmp/crash" && python3 "$OLDPWD/core_dump.py" "$@" \
		>"$tmp/core" 2>"$tmp/err"
	cat "$tmp/core"
)
programs=$(cd "$BIN" && pwd)
cd "$(dirname "$0")"
fault '[{"match": "segment-", "do": "stall"}]'
printf '# of another program: %s\n' "$(core ABRT "$tmp" sleep 100)"
for signal in SEGV ABRT QUIT; do
	is "after SIG$signal" "$(core "$signal" \
		"$STORE_OBJECTS/*/*/*/c/*/$signal/manifest*" \
		"$programs/icecore_fake" capture --case c --name "$signal" \
		-r "$recipient" --collect memory "${s3[@]}" \
		--ticket "$tmp/keys")" "no core"
	unseen every "$tmp/crash"
done
fault '[]'
cd "$OLDPWD"
. "$(dirname "${BASH_SOURCE[0]}")/sink_secrets_bad.sh"
done_testing
