#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The custody report: what it says is so by the tools that it names, and the
# commands in it are run as they stand there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
mkdir "$tmp/dest"
new_key a
expect 3 "$BIN/icecore_fake" capture --case 'c' --to "$tmp/dest" --name cap \
	-r "$recipient" --collect memory --cloud none
dir=$(echo "$tmp"/dest/c/*/cap)

# report DIRECTORY [option ...]: in $tmp/report, which is never written over.
report() {
	rm -f "$tmp/report"
	expect "$want" "$BIN/icelab" verify --report "$tmp/report" "$@"
}
# has TEXT: the report has it.
has() {
	# Statements go over several lines.
	tr -s ' \n' ' ' <"$tmp/report" | grep -qF -- "$1" || fail "the report has no '$1'"
	checks=$((checks + 1))
}

want=3
report "$dir"
is "its mode" "$(stat -c %a "$tmp/report")" 600
has "verdict: complete with gaps"
has "Case c, capture cap, taken by icecore"
has "Valid: 2 of 2."
has "That key was compared with none"
has "no time stamp of a third party"
has "There is no identity document of a cloud."
has "What differs from what was signed: 0"
has "The content of the segments was not read"

# Numbered from 1 without a hole.
grep -oE '^ *[0-9]+\. ' "$tmp/report" | tr -d ' .' >"$tmp/numbers"
seq "$(wc -l <"$tmp/numbers")" | cmp - "$tmp/numbers" || fail "its numbers"

# Every command in it.
sed -n 's/^ *\$ //p' "$tmp/report" >"$tmp/commands"
[ "$(grep -c 'openssl pkeyutl' "$tmp/commands")" = 2 ] || fail "its commands"
# shellcheck disable=SC1091 # they are made above
(cd "$dir" && TMPDIR=$tmp && export TMPDIR && . "$tmp/commands") \
	>"$tmp/ran" 2>&1 || fail "a command fails: $(cat "$tmp/ran")"
is "signatures by openssl" \
	"$(grep -c 'Signature Verified Successfully' "$tmp/ran")" 2
grep -E '^[0-9a-f]{64}  (manifest|segment)-' "$tmp/report" >"$tmp/sums"
is "objects" "$(wc -l <"$tmp/sums")" "$(find "$dir" -type f | wc -l)"
(cd "$dir" && sha256sum --quiet -c "$tmp/sums") || fail "its sums"
chmod -R u+w "$dir"

# The same but for its last line.
cp "$tmp/report" "$tmp/first"
report "$dir"
cmp <(sed '$d' "$tmp/first") <(sed '$d' "$tmp/report") || fail "not the same"

# The same facts as JSON, beside what there was before.
expect 3 "$BIN/icelab" verify --json "$dir"
python3 - "$tmp/out" <<'CHECK' || fail "its JSON"
import json, sys
j = json.load(open(sys.argv[1]))
c = j["custody"]
assert c["case"] == "c" and c["capture"] == j["capture"] == "cap"
assert c["signed_by"] == j["signed_by"] and len(c["segments"]) == j["segments"]
assert [m["state"] for m in c["manifests"]] == ["valid", "valid"]
assert c["manifests"][1]["previous_sha256"] == c["manifests"][0]["sha256"]
assert c["ending"]["outcome"] == "complete" and c["kinds"]["memory_extent"] > 0
assert c["expected_signer"] is None and c["damage"] == []
CHECK
expect 2 "$BIN/icelab" verify --json --report - "$dir"
expect 1 "$BIN/icelab" verify --report "$tmp/report" "$dir"
says "File exists"

# Another key, and a segment that is not as it was.
want=1
report --signed-by "$(printf '%064d' 0)" "$dir"
has "That key was compared with the one that the examiner gave: 000"
has "verdict: damaged"
printf x >>"$dir/segment-000000.age"
report "$dir"
has "segment-000000.age"
has "missing: 0; different: 1"
rm "$dir/manifest-000001.pb"
want=3
report "$dir"
has "There is no valid final manifest"
has "Segments that no valid manifest lists, and nobody vouches for: "
done_testing
