#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Captures into Microsoft's emulator of Azure's blobs, over TLS, with a shared
# access signature that can but create: nothing is read, replaced or deleted
# with it.  And what a lost answer leads to, here and as Azure says it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server azurite azurite --tls
at=azure://$AZURE_ACCOUNT/$CONTAINER
own=(--endpoint "$AZURE_URL/$AZURE_ACCOUNT" --ca-file "$CA_FILE")
# sas NAME PERMISSIONS [option ...]: a ticket.
sas() {
	with azurite "$server/sas.py" "${@:3}" "$CONTAINER" "$2" >"$tmp/$1"
}
sas create c
sas read rl

# In, and back by the right to read.
take one 3 --to "$at/case" --ticket "$tmp/create" "${own[@]}"
is "where" "$(result one location)" "$at/case/c/$host/one"
expect 0 "$BIN/icelab" pull "$at/case/c/$host/one" "$tmp/one" \
	--ticket "$tmp/read" "${own[@]}"
whole "$tmp/one"
for f in "$tmp/one/"*; do
	curl -sf --cacert "$CA_FILE" -o "$tmp/blob" -H 'x-ms-version: 2021-12-02' \
		"$AZURE_URL/$AZURE_ACCOUNT/$CONTAINER/case/c/$host/one/${f##*/}?$READ_SAS"
	cmp "$f" "$tmp/blob" || fail "$f is not what lies there"
	checks=$((checks + 1))
done

# The name is taken: refused at the first object, and nothing changes.
take one 1 --to "$at/case" --ticket "$tmp/create" "${own[@]}"
taken one "manifest-000000.pb: status 403"
sas more cw
take one 1 --to "$at/case" --ticket "$tmp/more" "${own[@]}"
taken one "manifest-000000.pb: status 409 BlobAlreadyExists"
expect 0 "$BIN/icelab" pull "$at/case/c/$host/one" "$tmp/again" \
	--ticket "$tmp/read" "${own[@]}"
diff -r "$tmp/one" "$tmp/again" || fail "something was replaced"
# What may create may not read.
expect 1 "$BIN/icelab" pull "$at/case/c/$host/one" "$tmp/nothing" \
	--ticket "$tmp/create" "${own[@]}"
says "manifest-000000.pb: status 403 AuthorizationPermissionMismatch"
is "what was pulled" "$(find "$tmp/nothing" -type f)" ""

# What a signature may do is told before memory is touched.
rights() {
	expect "$2" "$BIN/icecore_fake" probe --to "$at/case" --case c \
		--ticket "$tmp/$1" "${own[@]}" --json
	is "rights of $1" "$(python3 -c 'import json,sys; print(*json.load(
		sys.stdin)["destination"]["rights"].values())' <"$tmp/out")" "$3"
}
rights create 0 "allowed refused refused refused refused"
rights more 3 "allowed allowed refused refused refused"
sas all racwdl
rights all 3 "allowed allowed allowed allowed allowed"
sas late c --seconds -5
rights read 1 "refused not asked not asked not asked not asked"
expect 1 "$BIN/icecore_fake" probe --to "$at/case" --case c \
	--ticket "$tmp/late" "${own[@]}"
grep -q "the ticket's time is over" "$tmp/out" || fail "not for its age"
sed 's/sig=[^&]*/sig=AAAA/' "$tmp/create" >"$tmp/forged"
take forged 1 --to "$at/case" --ticket "$tmp/forged" "${own[@]}"
taken forged "manifest-000000.pb: status 403"

# An answer is lost.  Azurite cannot be told from a signature whose rights were
# taken away: that is no success, but said, or the spool's.
start_server azurite clear
own=(--endpoint "" --ticket "$tmp/create-clear") # by a proxy
with clear "$server/sas.py" "$CONTAINER" c >"$tmp/create-clear"
with clear "$server/sas.py" "$CONTAINER" rl >"$tmp/read-clear"
# lossy N: lose the answer to the Nth request.
lossy() {
	rm -f "$tmp/port"
	python3 "$(dirname "$0")/lossy_proxy.py" "$tmp/port" \
		"${AZURE_URL#http://}" "$1" &
	proxy=$!
	pids+=("$proxy")
	wait_for 10 test -s "$tmp/port"
	own[1]=http://127.0.0.1:$(cat "$tmp/port")/$AZURE_ACCOUNT
}
hint="may have stored it"
lossy 3
take lost 1 --to "$at/case" "${own[@]}"
taken lost "AuthorizationPermissionMismatch"
taken lost "$hint"
mkdir "$tmp/spool"
lossy 3
take spooled 3 --to "$at/case" "${own[@]}" --spool "$tmp/spool"
is "outcome" "$(result spooled outcome)" "complete, but partly in the spool"
taken spooled "the sink refuses, the spool takes over"
taken spooled "$hint"
# What is there and what is in the spool is all of it; what is in both is the
# same.
expect 3 "$BIN/icelab" pull "$at/case/c/$host/spooled" "$tmp/both" \
	--ticket "$tmp/read-clear" --endpoint "${own[1]}"
says "no final manifest"
for f in "$tmp/spool/c/$host/spooled/"*; do
	[ ! -e "$tmp/both/${f##*/}" ] || cmp "$f" "$tmp/both/${f##*/}" ||
		fail "$f is another at the sink"
	cp -f "$f" "$tmp/both"
done
whole "$tmp/both"

# Azure says of itself that it would be an overwrite: then it is there, and it
# is counted once.
start_server store store
fault '[{"match": "/case/c/[^/]*/azure/segment-", "times": 2,
	"do": "lost-reply"}]'
with store "$server/sas.py" evidence c >"$tmp/azure"
with store "$server/sas.py" evidence rl >"$tmp/azure-read"
take azure 3 --to "azure://$AZURE_ACCOUNT/evidence/case" \
	--ticket "$tmp/azure" --endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" \
	--ca-file "$CA_FILE"
taken azure "puts tried again"
grep -q '"UnauthorizedBlobOverwrite".*/azure/segment-' "$STORE_LOG" ||
	fail "nothing was there already"
is "outcome" "$(result azure outcome)" "complete with gaps"
pulled azure --ticket "$tmp/azure-read" \
	--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" --ca-file "$CA_FILE"
stored azure
printf '# azure, two lost answers: %s\n' "$found"
grep -q '"error": "UnauthorizedBlobOverwrite"' "$STORE_LOG" ||
	fail "no overwrite was refused"
# But not for who never sent it.
take azure 1 --to "azure://$AZURE_ACCOUNT/evidence/case" \
	--ticket "$tmp/azure" --endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" \
	--ca-file "$CA_FILE"
taken azure "status 403 UnauthorizedBlobOverwrite"
! grep -q '"stored": "overwrite"' "$STORE_LOG" || fail "it was overwritten"
done_testing
