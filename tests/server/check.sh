# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the self-tests of the servers: $tmp, which goes away at the end
# after stop_servers, and what compares.  $here is this directory.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-server.XXXXXX")
checks=0

stop_servers() {
	:
}

cleanup() {
	stop_servers
	rm -rf "$tmp"
}
trap cleanup EXIT

fail() {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

# is WHAT GOT WANT
is() {
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
	checks=$((checks + 1))
}

# curled WHAT WANT [curl option ...]: curl's exit status and the HTTP status are
# WANT, a pattern such as "0 200"; the body is in $tmp/body, the headers in
# $tmp/head.
curled() {
	local what=$1 want=$2 got exit=0

	shift 2
	got=$(curl -s -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' \
		--max-time 20 "$@") || exit=$?
	# shellcheck disable=SC2053 # a pattern
	[[ "$exit $got" == $want ]] || fail "$what is '$exit $got', not '$want'"
	checks=$((checks + 1))
}

# code: what an error in XML says that it is.
code() {
	tr -d '\n' <"$tmp/body" | sed -n 's/.*<Code>\([^<]*\).*/\1/p'
}

done_testing() {
	printf '%d checks passed\n' "$checks"
}
