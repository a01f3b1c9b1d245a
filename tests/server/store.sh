#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# store.sh start DIR [OPTION ...]: an object store that verifies, logs and fails
# on demand (store.py), with listeners for each dialect, plain and with TLS.
#   --cert NAME       the certificate of make_ca to show: server (if not given),
#                     wrong-host, expired, other
#   --bind ADDRESS    instead of 127.0.0.1
#   --clock SECONDS   how far its clock is off
#   --sts-seconds N   how long temporary keys live, 3600 if not given
#   --region NAME     us-east-1 if not given (gs: any will do)
#   --need-checksum   a PUT without a checksum is refused, as by object lock
# store.sh stop DIR: end it.  store.sh down DIR, store.sh up DIR: end it, and
# bring it back on the same ports, with what it stored.
# store.sh fault DIR 'RULES': what to do wrong from now on, a JSON list as
# store_faults.py has it; [] for nothing.
#
# DIR/env: S3_URL, S3_TLS_URL, GS_URL, GS_TLS_URL, AZURE_URL, AZURE_TLS_URL,
# HTTP_URL, HTTP_TLS_URL, HTTP_MTLS_URL, STS_URL, METADATA_URL, ELSEWHERE_URL
# (each with a PORT), CA_FILE, CLIENT_CERT, CLIENT_KEY, BUCKET; the owner's
# S3_ACCESS_KEY and S3_SECRET_KEY; AGENT_ACCESS_KEY and AGENT_SECRET_KEY, which
# may only put below AGENT_PREFIX; TEMP_ACCESS_KEY, TEMP_SECRET_KEY and
# TEMP_TOKEN, the same; OLD_..., expired; GS_ACCESS_KEY, GS_SECRET_KEY;
# AZURE_ACCOUNT, AZURE_KEY; BEARER (all rights) and BEARER_PUT; STORE_LOG,
# STORE_OBJECTS, STORE_KEYS (a JSON file; a change of it counts at once),
# STORE_PID; ECS_PATH, EKS_PATH, EKS_TOKEN, IDENTITY (a directory of
# certificates, see store_sign.py).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
what=${1:?usage: store.sh start|stop|down|up|fault DIR}
dir=${2:?usage: store.sh $what DIR}

# write_keys: the keys file, and their shell assignments.
write_keys() {
	local prefix=case/agent/ bearer bearer_put secret token old_token account

	bearer=$(openssl rand -hex 16)
	bearer_put=$(openssl rand -hex 16)
	secret=$(openssl rand -hex 20)
	token=$(openssl rand -base64 150 | tr -d '\n')
	old_token=$(openssl rand -base64 150 | tr -d '\n')
	account=$(openssl rand -base64 64 | tr -d '\n')
	cat >"$dir/keys" <<-EOT
		{"keys": {
		  "TESTOWNER": {"secret": "$secret"},
		  "GOOGTESTOWNER": {"secret": "g$secret"},
		  "TESTAGENT": {"secret": "a$secret", "prefix": "$prefix",
		    "actions": ["PutObject"]},
		  "TESTTEMP": {"secret": "t$secret", "prefix": "$prefix",
		    "token": "$token", "actions": ["PutObject"]},
		  "TESTOLD": {"secret": "o$secret", "prefix": "$prefix",
		    "token": "$old_token", "actions": ["PutObject"],
		    "expires": 1000000000}},
		"tokens": {
		  "$bearer": {},
		  "$bearer_put": {"prefix": "$prefix", "actions": ["PutObject"]},
		  "metadata": {"prefix": "$prefix", "actions": ["PutObject"]},
		  "cert:client": {}},
		"accounts": {"testaccount": "$account"}}
	EOT
	cat <<-EOT
		S3_ACCESS_KEY=TESTOWNER
		S3_SECRET_KEY=$secret
		GS_ACCESS_KEY=GOOGTESTOWNER
		GS_SECRET_KEY=g$secret
		AGENT_ACCESS_KEY=TESTAGENT
		AGENT_SECRET_KEY=a$secret
		AGENT_PREFIX=$prefix
		TEMP_ACCESS_KEY=TESTTEMP
		TEMP_SECRET_KEY=t$secret
		TEMP_TOKEN='$token'
		OLD_ACCESS_KEY=TESTOLD
		OLD_SECRET_KEY=o$secret
		OLD_TOKEN='$old_token'
		BEARER=$bearer
		BEARER_PUT=$bearer_put
		AZURE_ACCOUNT=testaccount
		AZURE_KEY='$account'
	EOT
}

write_env() {
	cat "$dir/ports"
	write_keys
	cat <<-EOT
		CA_FILE='$dir/tls/ca.pem'
		CLIENT_CERT='$dir/tls/client.pem'
		CLIENT_KEY='$dir/tls/client.key'
		BUCKET=evidence
		STORE_LOG='$dir/log'
		STORE_OBJECTS='$dir/objects'
		STORE_KEYS='$dir/keys'
		STORE_PID='$dir/pid'
		ECS_PATH=/v2/credentials/11111111-2222-3333-4444-555555555555
		EKS_PATH=/v1/credentials
		EKS_TOKEN=pod-identity-token
		IDENTITY='$dir/identity'
	EOT
}

# launch ARGUMENT ...: run it and wait for its ports.
launch() {
	rm -f "$dir/ports"
	python3 "$here/store.py" "$@" >"$dir/out" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	until_true 30 test -s "$dir/ports" ||
		die "the store did not start: $(tail -n 5 "$dir/out")"
}

start() {
	local cert=server bind=127.0.0.1 listen=() more=() item

	while [ $# -gt 0 ]; do
		case $1 in
		--cert) cert=$2 ;;
		--bind) bind=$2 ;;
		--need-checksum)
			more+=("$1")
			shift
			continue
			;;
		*) more+=("$1" "$2") ;;
		esac
		shift 2
	done
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	make_ca "$dir/tls"
	for item in elsewhere s3 s3+tls gs gs+tls azure azure+tls http http+tls \
		http+mtls sts sts+tls metadata; do
		listen+=(--listen "$item")
	done
	echo '[]' >"$dir/faults"
	: >"$dir/log"
	more+=(--dir "$dir" --bind "$bind" --keys "$dir/keys"
		--tls "$dir/tls/$cert.pem" "$dir/tls/$cert.key"
		--client-ca "$dir/tls/ca.pem")
	printf '%s\0' "${more[@]}" >"$dir/options"
	launch "${more[@]}" "${listen[@]}"
	write_env >"$dir/env"
	cp "$dir/ports" "$dir/ports.first"
}

up() {
	local more listen=() name port

	mapfile -d '' more <"$dir/options"
	while IFS='=' read -r name port; do
		name=${name%_PORT}
		name=${name,,}
		listen+=(--listen "${name/_/+}:$port")
	done < <(grep _PORT= "$dir/ports.first")
	launch "${more[@]}" "${listen[@]}"
}

shift 2
case $what in
start) start "$@" ;;
stop | down) stop_pid "$dir/pid" ;;
up) up ;;
fault)
	# Renamed, so that no request sees half of it.
	printf '%s\n' "${1:?RULES}" >"$dir/faults.new"
	mv "$dir/faults.new" "$dir/faults"
	;;
*) die "no such command: $what" ;;
esac
