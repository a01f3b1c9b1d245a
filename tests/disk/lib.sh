# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the tests of whole disks.  BIN is the directory with icecore and
# icelab; each has a directory $tmp, and looks at no tree but its own.

BIN=$(cd "${1:?usage: ${0##*/} DIRECTORY-OF-PROGRAMS}" && pwd)
# shellcheck disable=SC2034 # for the tests
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-disk.XXXXXX")
trap 'rm -rf --one-file-system "$tmp"' EXIT
recipient=$("$BIN/icelab" keygen -o "$tmp/key")
checks=0

fail() {
	printf 'FAILED: %s\n' "$*" >&2
	[ ! -s "$tmp/err" ] || sed 's/^/  | /' "$tmp/err" >&2
	exit 1
}

# is WHAT GOT WANT
is() {
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
	checks=$((checks + 1))
}

# triage STATUS ROOT [option ...]: into $evidence.
triage() {
	local want=$1 root=$2 got=0

	shift 2
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	"$BIN/icecore" triage --root "$root" --case c --to "$tmp/out" \
		--name one --allow-writable -r "$recipient" "$@" \
		>"$tmp/stdout" 2>"$tmp/err" || got=$?
	[ "$got" = "$want" ] || fail "status $got, not $want: triage $root"
	evidence=$(echo "$tmp"/out/c/*/one)
	checks=$((checks + 1))
}

# show KIND: records as JSON lines.
show() {
	"$BIN/icelab" show "$evidence" -i "$tmp/key" --kind "$1" \
		--format jsonl 2>/dev/null || [ $? = 3 ]
}

done_testing() {
	printf '%d checks passed\n' "$checks"
}
