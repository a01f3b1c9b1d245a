#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The lossy link of the tests: about one packet in a hundred does not arrive,
# by the kernel's counters, and what is sent over it arrives all the same.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/link
store=$tmp/store
stop_servers() {
	"$here/store.sh" stop "$store"
	"$here/loss.sh" stop "$dir"
}
if [ "$(id -u)" != 0 ]; then
	echo "only root makes network namespaces"
	exit 77
fi
"$here/loss.sh" start "$dir" 1
# shellcheck source=/dev/null # loss.sh writes it
. "$dir/env"
"$here/loss.sh" server "$dir" "$here/store.sh" start "$store" \
	--bind "$LOSS_SERVER"
# shellcheck source=/dev/null # store.sh writes it
. "$store/env"
head -c $((32 << 20)) /dev/urandom >"$tmp/data"

# put NAME WANT [curl option ...]: from the other end, with TLS.
put() {
	local got exit=0

	got=$("$here/loss.sh" client "$dir" curl -s -o /dev/null \
		-w '%{http_code}' --cacert "$CA_FILE" -T "$tmp/data" \
		-H "Authorization: Bearer $BEARER" "${@:3}" \
		"$HTTP_TLS_URL/$1") || exit=$?
	is "$1" "$exit $got" "$2"
}

start=$(date +%s%N)
put 1 "0 201" --max-time 60
put 2 "0 201" --max-time 60
took=$((($(date +%s%N) - start) / 1000000))
for name in 1 2; do
	cmp "$tmp/data" "$STORE_OBJECTS/http/$name" || fail "other bytes arrive"
done
"$here/loss.sh" counters "$dir" >"$tmp/counters"
while read -r end passed dropped bytes; do
	per_mille=$((dropped * 1000 / (passed + dropped)))
	printf '# at the %s: %d packets of %d bytes arrived, %d did not: %d.%d %%\n' \
		"$end" "$passed" "$((bytes / passed))" "$dropped" \
		"$((per_mille / 10))" "$((per_mille % 10))"
	((per_mille >= 5 && per_mille <= 20)) || fail "$per_mille of 1000 lost"
	((bytes / passed <= 1500)) || fail "packets of many segments"
	checks=$((checks + 2))
done <"$tmp/counters"
is "ends" "$(cut -d' ' -f1 "$tmp/counters" | tr '\n' ' ')" "server client "
printf '# 64 MiB in %d ms\n' "$took"

"$here/loss.sh" cut "$dir"
put 3 "28 000" --max-time 1
"$here/loss.sh" join "$dir"
put 3 "0 201" --max-time 60
name=$(cat "$dir/name")
stop_servers
is "namespaces left" "$(ip netns list | grep -c "$name" || :)" 0
done_testing
