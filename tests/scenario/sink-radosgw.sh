#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Captures into Ceph's S3 gateway, over TLS, with object lock: by keys, by a
# POST policy, by presigned PUTs and by a session of STS.  What lies there is
# what the manifests say, stays there, and none of the tickets can do more.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server radosgw ceph
s3=$server/s3.py
tls=(--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
# The host in a presigned URL is signed, too: made for the TLS port.
owner() {
	local url=$S3_URL

	[ "$1" != presign ] || url=$S3_TLS_URL
	with ceph env "S3_URL=$url" "$s3" "$@"
}
# agent COMMAND ...: of s3.py, with the keys that can but put.
agent() (
	S3_ACCESS_KEY=$AGENT_ACCESS_KEY S3_SECRET_KEY=$AGENT_SECRET_KEY \
		S3_URL=$S3_URL "$s3" "$@"
)

# fetched NAME PREFIX [BUCKET]: the capture is pulled by ours; and by the tests'
# own client, whose bytes have the SHA-256 that the manifests say.
fetched() {
	local bucket=${3:-$LOCKED} at=$2/c/$host/$1 key version n=0

	pulled "$1" "${tls[@]}" --ticket "$tmp/owner"
	mkdir "$tmp/by-s3"
	while read -r key version _; do
		is "get $key" "$(owner get "$bucket" "$key" \
			"$tmp/by-s3/${key##*/}" --version="$version")" 200
		n=$((n + 1))
	done < <(owner versions "$bucket" "$at/")
	python3 - "$tmp/by-s3" <<-'EOT' || fail "$1: not as in its manifests"
		import hashlib, pathlib, sys
		top = pathlib.Path(sys.argv[1])
		text = b"".join(p.read_bytes() for p in top.glob("manifest-*"))
		found = sorted(top.glob("segment-*"))
		print("# %d segments compared with %d bytes of manifests" % (
		    len(found), len(text)))
		sys.exit(not found or any(
		    p.name.encode() not in text or
		    hashlib.sha256(p.read_bytes()).digest() not in text
		    for p in found))
	EOT
	is "objects, each once" "$n" "$(find "$tmp/by-s3" -type f | wc -l)"
	rm -r "$tmp/by-s3"
}

# probed TICKET PREFIX STATUS OVERWRITE: what the agent says of the ticket.
probed() {
	expect "$3" "$BIN/icecore_fake" probe --to "s3://$LOCKED/$2" --case c \
		--ticket "$tmp/$1" "${tls[@]}" --json
	python3 -c 'import json,sys; d=json.load(sys.stdin)["destination"]; \
		print(d["works"], d["tls"][:5], *d["rights"].values(), sep="|")' \
		<"$tmp/out" >"$tmp/rights"
	is "rights of $1" "$(cat "$tmp/rights")" \
		"True|TLSv1|allowed|$4|refused|refused|refused"
}

kept="adds a version, the old one is kept"

# elsewhere TICKET: another prefix is refused, clearly, and nothing is there.
elsewhere() {
	take "$1-elsewhere" 1 --to "s3://$LOCKED/case/other" \
		--ticket "$tmp/$1" "${tls[@]}"
	taken "$1-elsewhere" "403"
	taken "$1-elsewhere" "manifest-000000.pb"
	is "what is elsewhere" "$(owner versions "$LOCKED" case/other/)" ""
}

# By keys that a bucket policy lets put below one prefix.
take keys 3 --to "s3://$LOCKED/${AGENT_PREFIX%/}" --ticket "$tmp/agent" "${tls[@]}"
fetched keys "${AGENT_PREFIX%/}"
probed agent "${AGENT_PREFIX%/}" 0 "$kept"
elsewhere agent
key=${AGENT_PREFIX}c/$host/keys/segment-000000.age
version=$(owner versions "$LOCKED" "$key" | cut -d' ' -f2)

# Object lock: neither the owner nor who bypasses can delete the version; a put
# over it adds another, and the first can still be read.
owner get "$LOCKED" "$key" "$tmp/first" >/dev/null
for how in "" --bypass; do
	is "the owner deletes it $how" "$(owner delete-version $how -- "$LOCKED" \
		"$key" "$version")" "403 AccessDenied"
done
is "the agent deletes it" "$(agent delete-version -- "$LOCKED" "$key" \
	"$version")" "403 AccessDenied"
is "the agent reads it" "$(agent request GET "/$LOCKED/$key")" \
	"403 AccessDenied"
is "the agent lists" "$(agent request GET "/$LOCKED?list-type=2")" \
	"403 AccessDenied"
is "the owner puts over it" "$(owner put "/$LOCKED/$key" "$0")" 200
is "the first version" "$(owner get "$LOCKED" "$key" "$tmp/again" \
	--version="$version")" 200
cmp "$tmp/first" "$tmp/again" || fail "another first version"
# Over a manifest, too, and a delete marker over another object: whoever pulls
# gets what fits the chain, and is told.
is "the owner puts over a manifest" "$(owner put \
	"/$LOCKED/${key%/*}/manifest-000000.pb" "$0")" 200
is "the owner deletes" "$(owner request DELETE \
	"/$LOCKED/${key%/*}/manifest-000001.pb")" 204
expect 0 "$BIN/icelab" pull "$(result keys location)" "$tmp/tampered" \
	--ticket "$tmp/owner" "${tls[@]}" --json
says "lie over 3 objects"
expect 3 "$BIN/icelab" verify "$tmp/tampered"
says "complete with gaps"
cmp "$tmp/first" "$tmp/tampered/${key##*/}" || fail "not the first version"

# By a POST policy, one document.
owner policy "$LOCKED" case/post/ 900 $((16 << 20)) |
	sed "s|$S3_URL|$S3_TLS_URL|" >"$tmp/post"
take post 3 --to "s3://$LOCKED/case/post" --ticket "$tmp/post" "${tls[@]}"
fetched post case/post
# That a form made a version Ceph does not say, so it is a warning.
probed post case/post 3 allowed
elsewhere post

# By a session that STS cut down to one prefix, as the aws command prints it.
owner assume-role "$ROLE" "$LOCKED" case/sts/ 900 >"$tmp/session"
(
	# shellcheck source=/dev/null # just written
	. "$tmp/session"
	printf '{"Credentials": {"AccessKeyId": "%s", "SecretAccessKey": "%s",
		"SessionToken": "%s", "Expiration": "%s"}, "AssumedRoleUser":
		{"Arn": "%s/capture"}}' "$S3_ACCESS_KEY" "$S3_SECRET_KEY" \
		"$S3_TOKEN" "$EXPIRATION" "$ROLE" >"$tmp/sts"
)
take sts 3 --to "s3://$LOCKED/case/sts" --ticket "$tmp/sts" "${tls[@]}"
fetched sts case/sts
probed sts case/sts 0 "$kept"
elsewhere sts

# presigned BUCKET PREFIX NAME OBJECT ...: a ticket of single-use PUTs.
presigned() {
	local bucket=$1 at=$2/c/$host/$3 object sep='{"presigned": {'

	shift 3
	for object in "$@"; do
		printf '%s"%s": "%s"' "$sep" "$object" "$(owner presign PUT \
			"/$bucket/$at/$object" 900 -H 'if-none-match: *' |
			sed "s|$S3_URL|$S3_TLS_URL|")"
		sep=', '
	done
	printf '}}\n'
}

# By presigned PUTs where each is good once: again it is refused.
mapfile -t all < <(seq -f 'segment-%06g.age' 0 9)
presigned "$PLAIN" case/pre once manifest-00000{0,1}.pb "${all[@]}" >"$tmp/pre"
take once 3 --to "s3://$PLAIN/case/pre" --ticket "$tmp/pre" "${tls[@]}"
expect 0 "$BIN/icelab" pull "$(result once location)" "$tmp/before" \
	--ticket "$tmp/owner" "${tls[@]}"
whole "$tmp/before"
cp "$tmp/once.json" "$tmp/once.location"
take once 1 --to "s3://$PLAIN/case/pre" --ticket "$tmp/pre" "${tls[@]}"
taken once "412"
expect 0 "$BIN/icelab" pull "s3://$PLAIN/case/pre/c/$host/once" "$tmp/after" \
	--ticket "$tmp/owner" "${tls[@]}"
diff -r "$tmp/before" "$tmp/after" || fail "something was replaced"
take pre-elsewhere 1 --to "s3://$PLAIN/case/other" --ticket "$tmp/pre" "${tls[@]}"
taken pre-elsewhere "presigned URL is not that of"
is "what is elsewhere" "$(owner versions "$PLAIN" case/other/)" ""

# And where the URLs run out in the middle: the next ticket comes on the same
# descriptor, some time later; then by the file's being replaced.
presigned "$LOCKED" case/pre pipe manifest-000000.pb "${all[@]:0:2}" >"$tmp/one"
presigned "$LOCKED" case/pre pipe manifest-000001.pb "${all[@]:2}" >"$tmp/two"
needs_ticket() {
	grep -qs "a new ticket is needed" "$tmp/$1.err"
}
mkfifo "$tmp/fifo"
take pipe 3 --to "s3://$LOCKED/case/pre" --ticket-fd 7 "${tls[@]}" \
	7<"$tmp/fifo" &
pids=($!)
exec 8>"$tmp/fifo"
cat "$tmp/one" >&8
wait_for 30 needs_ticket pipe
cat "$tmp/two" >&8
reap
exec 8>&-
taken pipe "the ticket has no presigned URL for"
fetched pipe case/pre

presigned "$LOCKED" case/pre file manifest-000000.pb "${all[@]:0:2}" >"$tmp/pre"
presigned "$LOCKED" case/pre file manifest-000001.pb "${all[@]:2}" >"$tmp/two"
take file 3 --to "s3://$LOCKED/case/pre" --ticket "$tmp/pre" "${tls[@]}" &
pids=($!)
wait_for 30 needs_ticket file
mv "$tmp/two" "$tmp/pre"
reap
fetched file case/pre
done_testing
