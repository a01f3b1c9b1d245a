# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scenarios: BIN is the directory with icelab and icecore_fake,
# which is icecore over memory that is made up.  Each has a directory $tmp.

BIN=${1:?usage: ${0##*/} DIRECTORY-OF-PROGRAMS}
# shellcheck disable=SC2034 # for the scenarios
PROTO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../proto" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-scenario.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
checks=0

fail() {
	printf 'FAILED: %s\n' "$*" >&2
	[ ! -s "$tmp/err" ] || sed 's/^/  | /' "$tmp/err" >&2
	exit 1
}

# expect STATUS COMMAND ...: run it; its output is in $tmp/out and $tmp/err.
expect() {
	local want=$1 got=0

	shift
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || fail "status $got, not $want: $*"
	checks=$((checks + 1))
}

# says TEXT: the last command said it on stderr.
says() {
	grep -qF -- "$1" "$tmp/err" || fail "it does not say '$1'"
	checks=$((checks + 1))
}

# is WHAT GOT WANT
is() {
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
	checks=$((checks + 1))
}

# wait_for SECONDS COMMAND ...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "timed out: $*"
		sleep 0.05
	done
}

done_testing() {
	printf '%d checks passed\n' "$checks"
}

# new_key NAME: $tmp/NAME.key, and its recipient in $recipient.
new_key() {
	# shellcheck disable=SC2034 # for the caller
	recipient=$("$BIN/icelab" keygen -o "$tmp/$1.key")
}
