#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Azurite as the tests start it: a SAS to create with does nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/azurite
stop_servers() {
	"$here/azurite.sh" stop "$dir"
	"$here/azurite.sh" stop "$dir-tls"
}
"$here/azurite.sh" start "$dir"
set -a
# shellcheck source=/dev/null # azurite.sh writes it
. "$dir/env"
set +a
head -c 3000000 /dev/urandom >"$tmp/data"
sas=$here/sas.py

# azure WHAT STATUS CODE [curl option ...]
azure() {
	curled "$1" "0 $2" -H 'x-ms-blob-type: BlockBlob' \
		-H 'x-ms-version: 2021-12-02' "${@:4}"
	is "$1: x-ms-error-code" "$(sed -n 's/^x-ms-error-code: \(.*\)\r/\1/p' \
		"$tmp/head")" "$3"
}
at=$AZURE_URL/$AZURE_ACCOUNT/$CONTAINER
md5=$(openssl dgst -md5 -binary "$tmp/data" | base64)
azure "put" 201 "" -T "$tmp/data" -H 'If-None-Match: *' \
	-H "Content-MD5: $md5" "$at/a/1?$CREATE_SAS"
azure "read" 200 "" "$at/a/1?$READ_SAS"
cmp "$tmp/data" "$tmp/body" || fail "other bytes come back"
azure "list" 200 "" "$at?restype=container&comp=list&$READ_SAS"
grep -q '<Name>a/1</Name>' "$tmp/body" || fail "it is not listed"

denied=AuthorizationPermissionMismatch
azure "a replay" 403 $denied -T "$tmp/data" \
	"$at/a/1?$CREATE_SAS"
azure "wrong md5" 400 InvalidOperation -T "$tmp/data" \
	-H 'Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==' "$at/a/2?$CREATE_SAS"
azure "there already" 409 BlobAlreadyExists -T "$tmp/data" \
	-H 'If-None-Match: *' "$at/a/1?$("$sas" evidence cw)"
azure "create reads" 403 $denied "$at/a/1?$CREATE_SAS"
azure "create deletes" 403 $denied -X DELETE "$at/a/1?$CREATE_SAS"
azure "create lists" 403 $denied "$at?restype=container&comp=list&$CREATE_SAS"
azure "a block" 403 $denied -T "$tmp/data" \
	"$at/a/2?comp=block&blockid=AAAA&$CREATE_SAS"
azure "read puts" 403 $denied -T "$tmp/data" "$at/a/2?$READ_SAS"
azure "expired" 403 AuthorizationFailure -T "$tmp/data" \
	"$at/a/2?$("$sas" --seconds -5 evidence c)"
one=$("$sas" evidence c a/3)
azure "one blob" 201 "" -T "$tmp/data" "$at/a/3?$one"
azure "another blob" 403 AuthorizationFailure -T "$tmp/data" "$at/a/4?$one"
azure "more than it holds" 403 AuthorizationFailure -T "$tmp/data" \
	"$at/a/4?${CREATE_SAS/sp=c/sp=w}"

"$here/azurite.sh" start "$dir-tls" --tls
# shellcheck source=/dev/null # azurite.sh writes it
. "$dir-tls/env"
at=$AZURE_URL/$AZURE_ACCOUNT/$CONTAINER
azure "TLS" 201 "" --cacert "$CA_FILE" -T "$tmp/data" "$at/a/1?$CREATE_SAS"
curled "unknown authority" "60 000" "$at/a/1?$READ_SAS"
done_testing
