#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# azurite.sh start DIR [--tls]: Microsoft's emulator of Azure's blobs, which
# ./dev deps puts into build/azurite, with TLS if asked for.
# azurite.sh stop DIR: end it.
#
# DIR/env: AZURE_URL, AZURE_ACCOUNT (the URL of a container is
# AZURE_URL/AZURE_ACCOUNT/CONTAINER), AZURE_KEY (sas.py takes both from the
# environment), CONTAINER, CREATE_SAS (a query: create only), READ_SAS (read and
# list), CA_FILE, AZURITE_PID.
#
# What it does not do as Azure does: it has no immutability, ignores sip, and
# has other codes for a replay (AuthorizationPermissionMismatch, of Azure
# UnauthorizedBlobOverwrite) and a wrong MD5 (InvalidOperation, Md5Mismatch).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
main=${AZURITE:-$here/../../build/azurite}/node_modules/azurite/dist/src/blob/main.js
what=${1:?usage: azurite.sh start|stop DIR}
dir=${2:?usage: azurite.sh $what DIR}

make_container() {
	local got

	got=$(curl -s --cacert "$dir/tls/ca.pem" -o "$dir/made" -X PUT -d '' \
		-w '%{http_code}' -H 'x-ms-version: 2021-12-02' \
		"$url/$AZURE_ACCOUNT/evidence?restype=container&$("$here/sas.py" \
			--account)")
	[ "$got" = 201 ] || die "no container, $got: $(cat "$dir/made")"
}

start() {
	local options=() scheme=http port url

	[ -f "$main" ] || die "azurite is not installed: ./dev deps"
	mkdir -p "$dir/data"
	dir=$(cd "$dir" && pwd)
	make_ca "$dir/tls"
	if [ "${1:-}" = --tls ]; then
		scheme=https
		options=(--cert "$dir/tls/server.pem" --key "$dir/tls/server.key")
	fi
	port=$(free_ports 1)
	url=$scheme://127.0.0.1:$port
	export AZURE_ACCOUNT=testaccount AZURE_KEY
	AZURE_KEY=$(openssl rand -base64 64 | tr -d '\n')
	AZURITE_ACCOUNTS=$AZURE_ACCOUNT:$AZURE_KEY node "$main" \
		--blobHost 127.0.0.1 --blobPort "$port" --location "$dir/data" \
		--silent --disableTelemetry "${options[@]}" \
		>"$dir/out" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	until_true 30 answers "$url/" ||
		die "azurite does not answer: $(tail -n 5 "$dir/out")"
	make_container
	cat >"$dir/env" <<-EOT
		AZURE_URL=$url
		AZURE_ACCOUNT=$AZURE_ACCOUNT
		AZURE_KEY='$AZURE_KEY'
		CONTAINER=evidence
		CREATE_SAS='$("$here/sas.py" evidence c)'
		READ_SAS='$("$here/sas.py" evidence rl)'
		CA_FILE='$dir/tls/ca.pem'
		AZURITE_PID='$dir/pid'
	EOT
}

shift 2
case $what in
start) start "$@" ;;
stop) stop_pid "$dir/pid" ;;
*) die "no such command: $what" ;;
esac
