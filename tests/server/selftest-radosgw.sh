#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# radosgw as the tests start it: object lock holds, and each kind of ticket is
# good for putting below its prefix, and for nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
dir=$tmp/ceph
stop_servers() {
	"$here/radosgw.sh" stop "$dir"
}
"$here/radosgw.sh" start "$dir"
set -a
# shellcheck source=/dev/null # radosgw.sh writes it
. "$dir/env"
set +a
s3=$here/s3.py
head -c 3000000 /dev/urandom >"$tmp/data"
head -c 3000 /dev/urandom >"$tmp/other"

put() {
	is "$1" "$("$s3" put "$2" "$tmp/data" "${@:4}")" "$3"
}

# What the gateway itself checks.
put "put" /plain/a/1 200
put "if it is not there" /plain/a/1 "412 PreconditionFailed" \
	-H 'if-none-match: *'
put "wrong md5" /plain/a/2 "400 BadDigest" \
	-H 'content-md5: AAAAAAAAAAAAAAAAAAAAAA=='
is "TLS" "$(S3_URL=$S3_TLS_URL "$s3" put /plain/a/3 "$tmp/data")" 200
curled "unknown authority" "60 000" "$S3_TLS_URL/"
is "signed by another" "$(S3_SECRET_KEY=x "$s3" request GET /plain/a/1)" \
	"403 AccessDenied"
is "get" "$("$s3" get plain a/1 "$tmp/got")" 200
cmp "$tmp/data" "$tmp/got" || fail "other bytes come back"

# Object lock: a second write is a new version, and none can be deleted.
put "put, locked" /evidence/l/1 200
is "a second" "$("$s3" put /evidence/l/1 "$tmp/other")" 200
"$s3" versions evidence l/ >"$tmp/versions"
is "versions" "$(cut -d' ' -f1,3 "$tmp/versions")" $'l/1 3000\nl/1 3000000'
while read -r key version size; do
	for how in "" --bypass; do
		is "delete a version $how" "$("$s3" delete-version $how -- \
			evidence "$key" "$version")" "403 AccessDenied"
	done
	is "read it" "$("$s3" get evidence "$key" "$tmp/got" \
		--version="$version")" 200
	is "its size" "$(stat -c %s "$tmp/got")" "$size"
done <"$tmp/versions"
cat >"$tmp/shorter" <<-'EOT'
	<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2020-01-01T00:00:00Z
	</RetainUntilDate></Retention>
EOT
is "retain it for less" "$("$s3" request PUT \
	"/evidence/l/1?retention=&versionId=$version" -d "$tmp/shorter" |
	cut -c 1)" 4
is "what is plain can be deleted" "$("$s3" request DELETE /plain/a/3)" 204

# refused WHO COMMAND ...: it can but put, below the prefix.
refused() {
	local who=$1 path

	shift
	is "$who elsewhere" "$("$@" put "/evidence/case/x" "$tmp/data")" \
		"403 AccessDenied"
	for path in GET:/evidence/l/1 DELETE:/evidence/l/1 \
		'GET:/evidence?list-type=2' 'GET:/evidence?versions=' \
		"DELETE:/evidence/l/1?versionId=$version"; do
		is "$who: $path" "$("$@" request "${path%%:*}" "${path#*:}")" \
			"403 AccessDenied"
	done
}

# Long-lived keys of a user with a bucket policy.
agent() {
	S3_ACCESS_KEY=$AGENT_ACCESS_KEY S3_SECRET_KEY=$AGENT_SECRET_KEY "$s3" "$@"
}
in=/evidence/${AGENT_PREFIX}1
is "agent puts" "$(agent put "$in" "$tmp/data")" 200
refused agent agent

# STS.
"$s3" assume-role "$ROLE" evidence case/sts/ 900 >"$tmp/session"
session() (
	set -a
	# shellcheck source=/dev/null # just written
	. "$tmp/session"
	exec "$s3" "$@"
)
is "session puts" "$(session put /evidence/case/sts/1 "$tmp/data")" 200
is "session reads what it put" "$(session request GET /evidence/case/sts/1)" \
	"403 AccessDenied"
refused session session
sed -i '/TOKEN/d' "$tmp/session"
is "without its token" "$(session put /evidence/case/sts/2 "$tmp/data" |
	cut -c 1-3)" 403

# POST policy.
"$s3" policy evidence case/post/ 600 3000000 >"$tmp/ticket"
is "post" "$("$s3" post "$tmp/ticket" case/post/1 "$tmp/data")" 204
is "get it" "$("$s3" get evidence case/post/1 "$tmp/got")" 200
cmp "$tmp/data" "$tmp/got" || fail "other bytes come back"
is "elsewhere" "$("$s3" post "$tmp/ticket" case/x "$tmp/data")" \
	"403 AccessDenied"
cat "$tmp/data" "$tmp/other" >"$tmp/long"
is "too long" "$("$s3" post "$tmp/ticket" case/post/2 "$tmp/long")" \
	"400 EntityTooLarge"

# Presigned, good for one write where there are no versions.
url=$("$s3" presign PUT /plain/p/1 600 -H 'if-none-match: *')
curled "presigned" "0 200" -T "$tmp/data" -H 'If-None-Match: *' "$url"
curled "a replay" "0 412" -T "$tmp/data" -H 'If-None-Match: *' "$url"
curled "a replay without it" "0 403" -T "$tmp/data" "$url"
curled "another name" "0 403" -T "$tmp/data" -H 'If-None-Match: *' \
	"${url/p\/1/p/2}"
curled "another method" "0 403" "$url"
curled "delete" "0 403" -X DELETE "$url"

# It is gone when it is said to be stopped.
pid=$(cat "$RADOSGW_PID")
stop_servers
ended "$pid" || fail "process $pid is still there"
done_testing
