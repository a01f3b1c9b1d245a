#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# icecore probe --to: for each kind of store and ticket whether evidence gets
# there, and what else the ticket allows; and what stands in the way, in words.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
keys gs "$GS_ACCESS_KEY" "$GS_SECRET_KEY"
keys old "$OLD_ACCESS_KEY" "$OLD_SECRET_KEY" "$OLD_TOKEN"
keys temp "$TEMP_ACCESS_KEY" "$TEMP_SECRET_KEY" "$TEMP_TOKEN"
keys wrong "$AGENT_ACCESS_KEY" 0123456789abcdef0123456789abcdef
bearer put "$BEARER_PUT"
bearer all "$BEARER"
with store "$server/sas.py" evidence c >"$tmp/sas"
with store "$server/sas.py" evidence racwdl >"$tmp/sas-all"
with store "$server/s3.py" policy evidence "$AGENT_PREFIX" 600 10000 |
	sed "s|$S3_URL|$S3_TLS_URL|" >"$tmp/post"

# probe NAME STATUS WORKS "RIGHTS" TICKET-NAME DEST [option ...]: rights in the
# order add, overwrite, read, list, delete: a(llowed), r(efused), u(nknown),
# n(ot asked).
probe() {
	expect "$2" "$BIN/icecore_fake" probe --to "$6" --case c --json \
		--ca-file "$CA_FILE" "${@:7}"
	is "$1" "$(python3 -c 'import json,sys; d=json.load(sys.stdin)["destination"]
print(d["works"], "".join(v[0] for v in d["rights"].values()), d["ticket"],
	"excess" if d["excess"] else "no excess", d["tls"][:7])' <"$tmp/out")" \
		"$3 $4 $5"
	printf '# %-12s %s %s\n' "$1" "$2" "$4"
}
tls=TLSv1.3
s3=(--endpoint "$S3_TLS_URL")
gs=(--endpoint "$GS_TLS_URL")
azure=(--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT")
at=s3://$BUCKET/${AGENT_PREFIX%/}
probe agent 3 True aarrr "keys excess $tls" "$at" "${s3[@]}" --ticket "$tmp/agent"
probe temp 3 True aarrr "keys excess $tls" "$at" "${s3[@]}" --ticket "$tmp/temp"
probe owner 3 True aaaaa "keys excess $tls" "$at" "${s3[@]}" --ticket "$tmp/owner"
probe post 3 True aarrr "POST policy excess $tls" "$at" "${s3[@]}" \
	--ticket "$tmp/post"
probe gs 3 True aaaaa "keys excess $tls" "gs://$BUCKET/g" "${gs[@]}" \
	--ticket "$tmp/gs"
probe sas 0 True arrrr "shared access signature no excess $tls" \
	"azure://$AZURE_ACCOUNT/evidence/p" "${azure[@]}" --ticket "$tmp/sas"
probe sas-all 3 True aaaaa "shared access signature excess $tls" \
	"azure://$AZURE_ACCOUNT/evidence/p" "${azure[@]}" --ticket "$tmp/sas-all"
probe bearer 3 True aarrr "bearer token excess $tls" \
	"$HTTP_TLS_URL/${AGENT_PREFIX%/}" --ticket "$tmp/put"
probe bearer-all 3 True aaaua "bearer token excess $tls" \
	"$HTTP_TLS_URL/x" --ticket "$tmp/all"
probe mtls 3 True aaaua "none excess $tls" "$HTTP_MTLS_URL/x" \
	--client-cert "$CLIENT_CERT" --client-key "$CLIENT_KEY"
probe clear 3 True aarrr "keys excess " "$at" --endpoint "$S3_URL" \
	--ticket "$tmp/agent"
probe ec2 3 True aarrr "keys excess $tls" "$at" "${s3[@]}" --role ec2 \
	--metadata "$METADATA_URL"

# It is what the machine's own programs read: the whole of stdout is JSON.
python3 -c 'import json,sys; json.load(sys.stdin)' <"$tmp/out"
# Where one object may be put once: it is refused a second time.
is "objects that were left" "$(find "$STORE_OBJECTS" -name probe.txt |
	grep -vc "/[gx]/" || :)" 7

# What stands in the way.
blocked() {
	expect 1 "$BIN/icecore_fake" probe --to "$2" --case c \
		--ca-file "$CA_FILE" "${@:4}"
	grep "no way" "$tmp/out" >"$tmp/way" || fail "$1: no word of it"
	grep -qF -- "$3" "$tmp/way" || fail "$1: not '$3': $(cat "$tmp/way")"
	checks=$((checks + 1))
	printf '# %-12s %s\n' "$1" "$(sed 's/ *no way *//' "$tmp/way")"
}
blocked elsewhere "s3://$BUCKET/other" "status 403 AccessDenied" "${s3[@]}" \
	--ticket "$tmp/agent"
blocked bucket "s3://nobody/x" "status 404 NoSuchBucket" "${s3[@]}" \
	--ticket "$tmp/owner"
blocked wrong "$at" "status 403 SignatureDoesNotMatch" "${s3[@]}" \
	--ticket "$tmp/wrong"
blocked expired "$at" "status 400 ExpiredToken" "${s3[@]}" --ticket "$tmp/old"
blocked region "$at" "AuthorizationHeaderMalformed" "${s3[@]}" \
	--ticket "$tmp/agent" --region eu-central-1
blocked no-ticket "$at" "ticket $tmp/none: " "${s3[@]}" --ticket "$tmp/none"
blocked other-kind "$at" "is no ticket for this kind of store" "${s3[@]}" \
	--ticket "$tmp/sas"
blocked nobody "$at" "Failed to connect" --endpoint https://127.0.0.1:1 \
	--ticket "$tmp/agent"
blocked not-tls "$at" "SSL" --endpoint "https://127.0.0.1:$S3_PORT" \
	--ticket "$tmp/agent"
blocked metadata "$at" "role ec2: " "${s3[@]}" --role ec2 \
	--metadata http://127.0.0.1:1
blocked directory "$tmp/none" "No such file or directory"
expect 0 "$BIN/icecore_fake" probe --to "$tmp"
is "what the directory has" "$(find "$tmp" -maxdepth 1 -name 'probe*')" ""
fault '[{"do": "503 SlowDown"}]'
blocked slowdown "$at" "status 503 SlowDown" "${s3[@]}" --ticket "$tmp/agent"
fault '[{"do": "redirect:307"}]'
blocked redirect "$at" "sends us elsewhere" "${s3[@]}" --ticket "$tmp/agent"
fault '[{"do": "lying-length", "match": "^GET"}, {"do": "garbage",
	"match": "^DELETE"}, {"do": "500", "match": "^PUT", "skip": 1}]'
probe unknown 0 True auuuu "keys no excess $tls" "$at" "${s3[@]}" \
	--ticket "$tmp/agent"
fault '[]'

# Usage.
expect 2 "$BIN/icecore_fake" probe --to
expect 2 "$BIN/icecore_fake" probe --role none
expect 1 "$BIN/icecore_fake" probe --to "$tmp" --case ../x
done_testing
