# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the servers of this directory, and by the tests that use them.
#
# Each server: NAME.sh start DIR [options] brings it up on free ports of
# 127.0.0.1, waits until it answers, and leaves DIR/env, shell assignments that
# a test can source; NAME.sh stop DIR ends it by its process id and waits.
# Whatever it writes lies below DIR.

# Scripts of python leave nothing in the tree.
export PYTHONDONTWRITEBYTECODE=1

# The server's side of a lossy link (loss.sh), a guest's way to this host, and
# the host here.
LOSS_SERVER=10.213.0.1
SERVER_NAMES="DNS:localhost,DNS:*.localhost,IP:127.0.0.1,IP:10.0.2.2"
SERVER_NAMES+=",IP:$LOSS_SERVER"

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# free_ports COUNT: so many ports of 127.0.0.1 that nobody listens on, all held
# at once while they are chosen; below those that the kernel gives to clients.
free_ports() {
	python3 - "$1" <<-'EOT'
		import random, socket, sys

		held = []
		while len(held) < int(sys.argv[1]):
		    s = socket.socket()
		    try:
		        s.bind(("127.0.0.1", random.randrange(12000, 32000)))
		    except OSError:
		        continue
		    held.append(s)
		print(*(s.getsockname()[1] for s in held))
	EOT
}

# until_true SECONDS COMMAND ...: wait until it succeeds; 1 if it never does.
until_true() {
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# ended PID: it is no more, or only waits to be reaped.
ended() {
	local state

	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
	[ "$state" = Z ] || [ -z "$state" ]
}

# stop_pid FILE [SECONDS]: end the process in FILE, the hard way if it does not
# go; no complaint if it is gone already.
stop_pid() {
	local pid

	[ -s "$1" ] || return 0
	pid=$(cat "$1")
	kill "$pid" 2>/dev/null || :
	until_true "${2:-10}" ended "$pid" || {
		kill -KILL "$pid" 2>/dev/null || :
		until_true 10 ended "$pid" || die "process $pid does not end"
	}
	rm -f "$1"
}

# answers URL [curl option ...]: there is HTTP, whatever its status.
answers() {
	curl -sk -o /dev/null --max-time 5 "$@"
}

# new_key FILE: an EC key.
new_key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

# sign_cert DIR CA NAME SUBJECT EXTENSIONS [openssl x509 option ...]:
# DIR/NAME.key and DIR/NAME.pem, signed by DIR/CA.pem.
sign_cert() {
	local dir=$1 ca=$2 name=$3 subject=$4 extensions=$5

	shift 5
	new_key "$dir/$name.key"
	openssl req -new -key "$dir/$name.key" -subj "$subject" |
		openssl x509 -req -CA "$dir/$ca.pem" -CAkey "$dir/$ca.key" \
			-set_serial "0x$(openssl rand -hex 8)" -days 2 "$@" \
			-extfile <(printf '%b' "$extensions") \
			-out "$dir/$name.pem" 2>/dev/null
}

# make_ca DIR: a throw-away ca.pem; what it signed for the server: server.pem,
# wrong-host.pem (another name), expired.pem; for a client: client.pem; and of
# another authority, other-ca.pem, the certificates other.pem and stranger.pem
# (a client).  Each has its key beside it; *-both.pem have both in one file.
make_ca() {
	local dir=$1 ca name
	local server="extendedKeyUsage=serverAuth\nsubjectAltName="

	mkdir -p "$dir"
	for ca in ca other-ca; do
		new_key "$dir/$ca.key"
		openssl req -x509 -new -key "$dir/$ca.key" -days 2 \
			-subj "/CN=icecore test $ca" -out "$dir/$ca.pem" \
			-addext keyUsage=critical,keyCertSign,cRLSign
	done
	sign_cert "$dir" ca server /CN=localhost "$server$SERVER_NAMES\n"
	sign_cert "$dir" ca wrong-host /CN=elsewhere "${server}DNS:elsewhere.test\n"
	sign_cert "$dir" other-ca other /CN=localhost "$server$SERVER_NAMES\n"
	sign_cert "$dir" ca client /CN=client "extendedKeyUsage=clientAuth\n"
	sign_cert "$dir" other-ca stranger /CN=client \
		"extendedKeyUsage=clientAuth\n"
	sign_expired "$dir" "$server$SERVER_NAMES\n"
	for name in server client; do
		cat "$dir/$name.key" "$dir/$name.pem" >"$dir/$name-both.pem"
	done
}

# sign_expired DIR EXTENSIONS: a certificate of last year; of openssl 3.0 only
# "ca" takes dates.
sign_expired() {
	local dir=$1

	new_key "$dir/expired.key"
	mkdir "$dir/expired.d"
	: >"$dir/expired.d/index"
	cat >"$dir/expired.d/cnf" <<-EOT
		[ca]
		default_ca = c
		[c]
		database = $dir/expired.d/index
		new_certs_dir = $dir/expired.d
		rand_serial = yes
		default_md = sha256
		policy = any
		[any]
		commonName = supplied
		[ext]
		$(printf '%b' "$2")
	EOT
	openssl req -new -key "$dir/expired.key" -subj /CN=localhost |
		openssl ca -batch -config "$dir/expired.d/cnf" -extensions ext \
			-cert "$dir/ca.pem" -keyfile "$dir/ca.key" -notext \
			-startdate 20200101000000Z -enddate 20200201000000Z \
			-in /dev/stdin -out "$dir/expired.pem" 2>/dev/null
	rm -r "$dir/expired.d"
}
