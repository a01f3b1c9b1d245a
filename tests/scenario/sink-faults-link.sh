#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A link that loses one packet in a hundred, and one that is cut in the middle
# of a PUT, as by a swapped security group, and joined again; in network
# namespaces of the test's own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"
if [ "$(id -u)" != 0 ]; then
	echo "only root makes network namespaces"
	exit 77
fi

loss=$server/loss.sh
link=$tmp/link
start_server loss link 1
servers+=("store $tmp/store")
"$loss" server "$link" "$server/store.sh" start "$tmp/store" \
	--bind "$LOSS_SERVER"
# shellcheck source=/dev/null # the store writes it
. "$tmp/store/env"
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
tls=(--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
s3=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --ticket "$tmp/agent" "${tls[@]}")

# What is run by take and by pulled is run at the other end of the link.
real=$BIN
mkdir "$tmp/bin"
for program in icecore_fake icelab; do
	printf '#!/bin/sh\nexec "%s" client "%s" "%s" "$@"\n' "$loss" "$link" \
		"$real/$program" >"$tmp/bin/$program"
	chmod +x "$tmp/bin/$program"
done
BIN=$tmp/bin

milli() {
	echo $(($(date +%s%N) / 1000000))
}

start=$(milli)
take loss 3 "${s3[@]}"
took=$(($(milli) - start))
stored loss
row loss
"$loss" counters "$link" | while read -r end passed dropped _; do
	printf '# at the %s: %d packets arrived, %d did not\n' "$end" \
		"$passed" "$dropped"
	[ "$dropped" -gt 0 ] || fail "no packet was lost"
done
printf '# %s MiB of memory in %d ms\n' "$mib" "$took"
pulled loss --ticket "$tmp/owner" "${tls[@]}"

# segments NAME: how many the store has.
segments() {
	find "$STORE_OBJECTS" -path "*/$1/segment-*" | wc -l
}
has_segments() {
	[ "$(segments "$1")" -ge "$2" ]
}
said() {
	grep -qs "$2" "$tmp/$1.err"
}

# cut NAME [option ...]: cut in the middle, until it is noticed and $hook was
# called; then joined.
cut_off() {
	local name=$1 cut joined

	fault '[{"match": "^PUT ", "do": "slow:3000000"}]'
	take "$name" 3 "${s3[@]}" "${@:2}" &
	pids=($!)
	wait_for 30 has_segments "$name" 2
	cut=$(milli)
	"$loss" cut "$link"
	wait_for 60 said "$name" "the sink is away"
	printf '# %s: cut, noticed after %d ms\n' "$name" $(($(milli) - cut))
	$hook "$name"
	joined=$(milli)
	"$loss" join "$link"
	fault '[]'
	reap
	printf '# %s: complete %d ms after the link was joined\n' "$name" \
		$(($(milli) - joined))
	stored "$name"
	row "$name"
}

mib=64
# Without a spool: it waits.
hook=:
cut_off cut
taken cut "the capture waits"
is "outcome" "$(result cut outcome)" "complete with gaps"
pulled cut --ticket "$tmp/owner" "${tls[@]}"

# With one: it goes on there, until it is through.
mkdir "$tmp/spool"
until_spooled() {
	wait_for 60 compgen -G "$tmp/spool/c/*/$1/manifest-*" >/dev/null
}
hook=until_spooled
cut_off spool --spool "$tmp/spool"
taken spool "then the spool takes over"
is "outcome" "$(result spool outcome)" "complete, but partly in the spool"
printf '# spool: %s objects there\n' "$(result spool spooled_objects)"
expect 0 "$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}" --remove
is "what is left of the spool" "$(find "$tmp/spool" -type f)" ""
stored spool
pulled spool --ticket "$tmp/owner" "${tls[@]}"
done_testing
