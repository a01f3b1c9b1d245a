#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# upload.sh PROGRAMS ROUNDS: how fast icecore push sends 384 MiB of segments to
# servers on loopback, next to curl -T of the same files to the same server,
# over one connection and over four.  Client and server share this machine;
# icecore also hashes every object, signs the requests to S3 and asks that
# nothing be overwritten.  Medians.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=${1:?usage: upload.sh PROGRAMS ROUNDS}
rounds=${2:-3}
segments=48 mib=384
tmp=$(mktemp -d /dev/shm/icecore-upload.XXXXXX)
servers=()
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	local name

	for name in "${servers[@]}"; do
		"$here/../server/$name.sh" stop "$tmp/$name" >/dev/null 2>&1 || :
	done
	rm -rf "$tmp"
}
trap cleanup EXIT

capture=$tmp/spool/case/host/capture
mkdir -p "$capture"
for ((i = 0; i < segments; i++)); do
	head -c 8M /dev/urandom >"$capture/segment-$(printf %06d "$i").age"
done
files=$(printf '%s,' "$capture"/*.age)
files="{${files%,}}"

start() {
	servers+=("$1")
	"$here/../server/$1.sh" start "$tmp/$1" >"$tmp/$1.log" 2>&1 || {
		tail -n 5 "$tmp/$1.log" >&2
		exit 1
	}
	# shellcheck disable=SC1090,SC1091
	. "$tmp/$1/env"
}

# timed NAME COMMAND ...: "NAME SECONDS" into $tmp/times
timed() {
	local name=$1 from to

	shift
	from=$(date +%s%N)
	"$@" >"$tmp/out" 2>&1 || {
		echo "$name failed" >&2
		tail -n 3 "$tmp/out" >&2
		exit 1
	}
	to=$(date +%s%N)
	printf '%s %d\n' "$name" $(((to - from) / 1000000)) >>"$tmp/times"
}

# both NAME PLACE CURL-OPTION ... -- PUSH-OPTION ...: each way in turn, EMPTY
# (a function) before each.
both() {
	local name=$1 place=$2 options=()

	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	empty
	timed "$name curl" curl -sSf "${options[@]}" -T "$files" "$place/a/"
	empty
	timed "$name curl4" curl -sSf -Z --parallel-max 4 "${options[@]}" \
		-T "$files" "$place/b/"
	empty
	rm -f "$capture/.sent"
	timed "$name push" "$programs/icecore" push "$tmp/spool" "$@"
}

start nginx
empty() {
	rm -rf "${NGINX_FILES:?}"/*
}
for ((round = 0; round < rounds; round++)); do
	both http "$PLAIN_URL" -- --to "$PLAIN_URL/c"
	both https "$MTLS_URL" --cacert "$CA_FILE" --cert "$CLIENT_CERT" \
		--key "$CLIENT_KEY" -- --to "$MTLS_URL/c" --ca-file "$CA_FILE" \
		--client-cert "$CLIENT_CERT" --client-key "$CLIENT_KEY"
done

echo "# Upload of $mib MiB in $segments objects to nginx on loopback, MiB/s"
echo
echo "          curl -T   curl -T x4   icecore push   of curl -T   of x4"
sort -k1,2 -k3n "$tmp/times" | awk -v mib="$mib" '
	{ v[$1, $2, ++n[$1, $2]] = $3; seen[$1] }
	function median(s, w,   k) {
		k = n[s, w]
		return mib * 1000 / v[s, w, int((k + 1) / 2)]
	}
	END {
		for (s in seen)
			printf "%-8s %8.0f %12.0f %14.0f %10.0f %% %6.0f %%\n", s,
				median(s, "curl"), median(s, "curl4"),
				median(s, "push"),
				100 * median(s, "push") / median(s, "curl"),
				100 * median(s, "push") / median(s, "curl4")
	}'
