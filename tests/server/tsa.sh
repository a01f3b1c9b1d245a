#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tsa.sh start DIR: a time-stamping authority (RFC 3161) over HTTP.
# tsa.sh stop DIR: end it.
#
# DIR/env: TSA_URL, to which is added what it shall do: /ok, /reject,
# /wrong-nonce, /wrong-imprint, /other-signer, /truncated, /garbage, /empty,
# /error (503), /stall; TSA_CA, the CA of all but /other-signer; TSA_CERT, what
# signs; TSA_PID.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
what=${1:?usage: tsa.sh start|stop DIR}
dir=${2:?usage: tsa.sh $what DIR}

# section NAME SIGNER DIGESTS
section() {
	cat <<-EOT
		[$1]
		serial = $dir/serial
		signer_cert = $dir/tls/$2.pem
		signer_key = $dir/tls/$2.key
		signer_digest = sha256
		default_policy = 1.3.6.1.4.1.13762.3
		digests = $3
		accuracy = secs:1
		ess_cert_id_chain = no
		ess_cert_id_alg = sha256
	EOT
}

start() {
	local usage="extendedKeyUsage=critical,timeStamping\n"

	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	make_ca "$dir/tls"
	sign_cert "$dir/tls" ca tsa "/CN=icecore test TSA" "$usage"
	sign_cert "$dir/tls" other-ca other-tsa "/CN=icecore test TSA" "$usage"
	echo 1000 >"$dir/serial"
	{
		section good tsa "sha256, sha384, sha512"
		section reject tsa md5
		section other other-tsa sha256
	} >"$dir/cnf"
	python3 "$here/tsa.py" "$dir" >"$dir/out" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	until_true 30 test -s "$dir/port" ||
		die "the authority did not start: $(tail -n 5 "$dir/out")"
	cat >"$dir/env" <<-EOT
		TSA_URL=http://127.0.0.1:$(cat "$dir/port")
		TSA_CA='$dir/tls/ca.pem'
		TSA_CERT='$dir/tls/tsa.pem'
		TSA_PID='$dir/pid'
	EOT
}

case $what in
start) start ;;
stop) stop_pid "$dir/pid" ;;
*) die "no such command: $what" ;;
esac
