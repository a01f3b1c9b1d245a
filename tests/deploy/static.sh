#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # lib.sh sets tmp; the inner shell expands
#
# The static build: one file that needs nothing, in an empty root and from a
# memfd; it captures to a directory and over TLS to a store.  What it captures is
# itself: its process namespace holds no one else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/sink_lib.sh"

[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
agent=$("$top/deploy/static/build.sh")

# One file.
readelf -lW "$agent" >"$tmp/segments"
grep -q LOAD "$tmp/segments" || fail "no program header"
! grep -Eq 'INTERP|DYNAMIC' "$tmp/segments" || fail "it wants an interpreter"
printf '# %s bytes\n' "$(stat -c %s "$agent")"

root=$tmp/root
mkdir -p "$root"/{proc,out,etc}
cp "$agent" "$root/icecore"
new_key forensic
# alone COMMAND ...: in a process namespace of its own, in $root, with nothing
# but /proc of that namespace; may not use BPF, which would see more.
alone() {
	unshare --pid --fork --mount --kill-child \
		sh -c 'mount -t proc proc "$1/proc" && shift &&
			exec setpriv --bounding-set=-all,+sys_ptrace,+sys_chroot \
				chroot "$@"' sh "$root" "$root" "$@"
}
expect 0 alone /icecore version
grep -q '^icecore [0-9]' "$tmp/out" || fail "no version"
expect 1 alone /icecore probe --json
python3 -m json.tool <"$tmp/out" >/dev/null || fail "probe: no JSON"

capture=(capture --case c --recipient "$recipient" --cloud none
	--collect process --no-environ --json)
expect 0 alone /icecore "${capture[@]}" --name plain --to /out
expect 0 "$BIN/icelab" verify "$(echo "$root"/out/c/*/plain)"
"$BIN/icelab" show "$(echo "$root"/out/c/*/plain)" -i "$tmp/forensic.key" \
	--kind process --format jsonl >"$tmp/shown" 2>/dev/null || [ $? = 3 ]
is "processes" "$(grep -c '"pid"' "$tmp/shown")" 1

# Names by c-ares, TLS by what is inside, authorities where the host has them.
start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
cp "$tmp/agent" "$root/ticket"
port=${S3_TLS_URL##*:}
to=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --endpoint "https://localhost:$port"
	--ticket /ticket)
echo '127.0.0.1 localhost' >"$root/etc/hosts"
expect 1 alone /icecore "${capture[@]}" --name stranger "${to[@]}" --deadline 10
says "certificate"
mkdir -p "$root/etc/pki/tls/certs"
cp "$CA_FILE" "$root/etc/pki/tls/certs/ca-bundle.crt"
expect 0 alone /icecore "${capture[@]}" --name stored "${to[@]}"
host=$(sed -n 's|.*/c/\([^/]*\)/stored.*|\1|p' "$tmp/out" | head -n 1)
expect 0 "$BIN/icelab" pull "s3://$BUCKET/${AGENT_PREFIX%/}/c/$host/stored" \
	"$tmp/back" --ticket "$tmp/owner" --endpoint "$S3_TLS_URL" \
	--ca-file "$CA_FILE"
expect 0 "$BIN/icelab" verify "$tmp/back"

# From memory alone, as the launchers do it.
python3 - "$agent" >"$tmp/out" <<-'EOT'
	import os, sys

	fd = os.memfd_create("icecore", 0)
	with open(sys.argv[1], "rb") as f:
	    os.write(fd, f.read())
	os.execve(fd, ["icecore", "version"], {})
EOT
grep -q '^icecore [0-9]' "$tmp/out" || fail "it does not run from a memfd"
done_testing
