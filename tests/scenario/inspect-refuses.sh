#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What icelab inspect says where it cannot look: of evidence without a kernel,
# without memory, for another key, and without room for the memory.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

new_key other
new_key ours
mkdir "$tmp/dest" "$tmp/scratch"
expect 3 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" --name memory \
	-r "$recipient" --collect memory
expect 0 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" --name none \
	-r "$recipient" --collect process
memory=$(echo "$tmp"/dest/c/*/memory)
none=$(echo "$tmp"/dest/c/*/none)

inspect() {
	"$BIN/icelab" inspect --scratch "$tmp/scratch" "$@"
}

expect 2 inspect "$memory"
says "usage: icelab inspect"
expect 2 inspect "$memory" -i "$tmp/ours.key" --kind nothing
expect 2 inspect "$memory" -i "$tmp/ours.key" --format yaml
expect 0 inspect --help
expect 1 inspect "$memory" -i "$tmp/other.key"
says "sealed for other recipients"
expect 1 inspect "$tmp/nothing" -i "$tmp/ours.key"
says "No such file or directory"
expect 1 inspect "$none" -i "$tmp/ours.key"
says "the evidence has no memory"
expect 1 inspect "$memory" -i "$tmp/ours.key"
says "the evidence has no types of its kernel"
expect 1 "$BIN/icelab" inspect "$memory" -i "$tmp/ours.key" \
	--scratch "$tmp/nothing"
says "$tmp/nothing"
is "the scratch directory" "$(ls -A "$tmp/scratch")" ""
done_testing
