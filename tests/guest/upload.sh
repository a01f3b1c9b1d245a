#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# upload.sh KERNEL PROGRAMS [MODULE]
#
# The whole way: a guest that runs KERNEL (6.1 or 6.12) and hides a secret sends
# its memory through its own network, over TLS, to Ceph's S3 gateway here, with
# another account's keys that can only add; then with a session's keys, and
# every hundredth packet lost.  Here
# icelab pulls both captures, verifies and extracts them, and the secret is
# found.  Resident memory stays at its bound, though the sink is slower than
# memory.  MODULE as in capture.sh.  Prints TAP; fails when a check fails, when
# fewer checks ran than there are, or the guest died.
#
# shellcheck disable=SC2317 # check calls the functions
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: upload.sh KERNEL PROGRAMS [MODULE]"
kernel=$1 programs=$2 module=${3:-}
guest_kernel "$kernel"
[ -n "$module" ] || module=$(guest_module "$guest_release")
[ -r "$module" ] || die "no module for $guest_release (build the target kmod)"
guest_has_module sch_netem || die "kernel $guest_release has no sch_netem"
checks=17

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-upload.XXXXXX")
server=$guest_top/tests/server/radosgw.sh
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	"$server" stop "$tmp/rgw" >/dev/null 2>&1 || :
	rm -rf "$tmp"
}
trap cleanup EXIT
recipient=$("$programs/icelab" keygen -o "$tmp/key")
"$server" start "$tmp/rgw" >"$tmp/rgw.log" 2>&1 || {
	tail -n 5 "$tmp/rgw.log" >&2
	die "radosgw does not start"
}
# shellcheck disable=SC1091
. "$tmp/rgw/env"
mkdir "$tmp/in"
cp "$CA_FILE" "$tmp/in/ca.pem"
printf '{"AccessKeyId": "%s", "SecretAccessKey": "%s"}\n' "$AGENT_ACCESS_KEY" \
	"$AGENT_SECRET_KEY" >"$tmp/in/clean"
(
	set -a
	# shellcheck disable=SC1091
	. "$tmp/rgw/env"
	"$guest_top/tests/server/s3.py" assume-role "$ROLE" "$LOCKED" lossy/ 900
) >"$tmp/session"
(
	# shellcheck disable=SC1091
	. "$tmp/session"
	printf '{"Credentials": {"AccessKeyId": "%s", "SecretAccessKey": "%s", ' \
		"$S3_ACCESS_KEY" "$S3_SECRET_KEY"
	printf '"SessionToken": "%s"}}\n' "$S3_TOKEN"
) >"$tmp/in/lossy"

cat >"$tmp/script" <<'SCRIPT'
hostname guest
failed=0
check() {
	text=$1
	shift
	if "$@"; then
		echo "ok - $text"
	else
		echo "not ok - $text"
		failed=1
	fi
}

# capture NAME PREFIX [OPTION]: its status, and what it had resident
capture() {
	maxrss /run/rss icecore capture --case case --to "$TO/$2" $3 \
		--endpoint "$ENDPOINT" --ca-file /in/ca.pem \
		--ticket "/in/$1" --name "$1" --module /icecore.ko \
		-r "$RECIPIENT" 2>/run/err
	status=$?
	tr '\r' '\n' </run/err | sed 's/^/# /'
	check "$1: the capture is complete" [ $status -eq 0 ]
	echo "# $1: $(cat /run/rss) KiB resident"
	check "$1: 65536 KiB at most" [ "$(cat /run/rss)" -le 65536 ]
}

dd if=/dev/urandom of=/tmp/noise bs=1M count=120 2>/dev/null
plant make /out/report 16 >/dev/null
check "a secret is planted" [ $? -eq 0 ]
icecore probe --to "$TO/lossy" --endpoint "$ENDPOINT" --ca-file /in/ca.pem \
	--ticket /in/lossy --module /icecore.ko >/run/probe
echo "# status $?"
sed 's/^/# /' /run/probe
check "probe: TLS, and the right to add" grep -q 'add  *allowed' /run/probe
check "probe: no right to read" grep -q 'read  *refused' /run/probe
capture clean "$PREFIX" --bucket-owner-control
/bin/tc qdisc add dev eth0 root netem loss 1%
check "every hundredth packet is to be lost" [ $? -eq 0 ]
capture lossy lossy
/bin/tc -s qdisc show dev eth0 | sed 's/^/# /'
dropped=$(/bin/tc -s qdisc show dev eth0 |
	sed -n 's/.*dropped \([0-9]*\),.*/\1/p')
check "and some were: $dropped" [ "$dropped" -gt 10 ]
exit $failed
SCRIPT

# fetched NAME PREFIX: pulled by who may read, verified, extracted, and searched
fetched() {
	local url dir=$tmp/$1

	printf '{"AccessKeyId": "%s", "SecretAccessKey": "%s"}\n' \
		"$S3_ACCESS_KEY" "$S3_SECRET_KEY" >"$tmp/owner"
	url=s3://$LOCKED/$2/case/guest/$1
	check "$1: pulled" "$programs/icelab" pull "$url" "$dir" \
		--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE" \
		--ticket "$tmp/owner"
	check "$1: verified" "$programs/icelab" verify "$dir"
	check "$1: extracted" "$programs/icelab" extract "$dir" \
		-i "$tmp/key" -o "$dir.x"
	check "$1: the secret is in the image" "$(guest_build plant)" check \
		"$tmp/out/report" "$dir.x/memory.lime"
	rm -rf "$dir.x"
}

check() {
	local text=$1

	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text"
	fi
	sed 's/^/# /' "$tmp/said"
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --memory 512 --timeout 300 \
		--net restrict=off --module sch_netem \
		--env "TO=s3://$LOCKED" --env "PREFIX=${AGENT_PREFIX%/}" \
		--env "ENDPOINT=https://10.0.2.2:${S3_TLS_URL##*:}" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" --add "$tmp/in:/in" \
		--add "$module:/icecore.ko" --add "$(guest_build maxrss):/bin/" \
		--add "$(guest_build plant):/bin/" \
		--add "$(command -v tc):/bin/tc" --out "$tmp/out" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	fetched clean "${AGENT_PREFIX%/}"
	fetched lossy lossy
} | tr -d '\r' | guest_judge "$checks"
