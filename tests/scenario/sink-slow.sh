#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A sink that is slower than memory: the readers wait, and resident memory is
# the same whether little or much is read, and within the bound.  The memory
# that is read is made up as it is read: it takes none itself.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
tls=(--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
s3=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --ticket "$tmp/agent" "${tls[@]}")
# take runs it through what measures.
programs=$(cd "$BIN" && pwd)
export RSS=$tmp/rss
mkdir "$tmp/bin"
# shellcheck disable=SC2016 # they are for the script that is written
printf '#!/bin/sh\nexec python3 "%s/max_rss.py" "$RSS" "%s" "$@"\n' \
	"$(cd "$(dirname "$0")" && pwd)" "$programs/icecore_fake" \
	>"$tmp/bin/icecore_fake"
chmod +x "$tmp/bin/icecore_fake"
ln -s "$programs/icelab" "$tmp/bin/icelab"
BIN=$tmp/bin

# measure NAME MIB BYTES-PER-SECOND-OF-A-CONNECTION BOUND-MIB [option ...]
measure() {
	local name=$1 rule="[]"

	mib=$2
	[ "$3" = 0 ] || rule="[{\"match\": \"segment-\", \"do\": \"slow:$3\"}]"
	fault "$rule"
	take "$name" 3 "${s3[@]}" --max-memory "$4MiB" \
		"${@:5}"
	mv "$RSS" "$tmp/$name.rss"
	printf '# %-14s %4d MiB read in %5.1f s, at most %5d KiB resident of %d\n' \
		"$name" "$mib" "$(result "$name" seconds)" \
		"$(cat "$tmp/$name.rss")" $(($4 << 10))
	[ "$(cat "$tmp/$name.rss")" -le $(($4 << 10)) ] ||
		fail "$name: over its bound"
	is "retries of $name" "$(result "$name" retries)" 0
	stored "$name"
}
measure fast 64 0 64
measure slow 64 4000000 64
measure fast-large 256 0 64
measure slow-large 256 8000000 64
measure slow-small 64 4000000 42
# Four times as much to read is held in no more memory.
a=$(cat "$tmp/slow.rss") b=$(cat "$tmp/slow-large.rss")
((b < a + a / 10 + 2048)) || fail "it grows: $a KiB, then $b KiB"
pulled slow --ticket "$tmp/owner" "${tls[@]}"

done_testing
