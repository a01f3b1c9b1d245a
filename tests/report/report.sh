#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# report.sh PROGRAMS page|hostile|large
#
# A report of made evidence, opened by a headless Chromium from its file.  The
# pictures that are taken are left in report-pictures beside PROGRAMS.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../scenario/lib.sh"
what=${2:?usage: report.sh PROGRAMS page|hostile|large}
evidence=$tmp/case/host/made
pictures=$(realpath "$BIN")/../report-pictures
mkdir -p "$pictures"
"$BIN/icelab" keygen -o "$tmp/key" >/dev/null
case $what in
hostile) kind=hostile ;;
*) kind=many ;;
esac
"$BIN/made_evidence" "$tmp/key" "$tmp" "$kind"

start=$(date +%s%N)
expect 3 "$BIN/icelab" report "$evidence" -i "$tmp/key" -o "$tmp/report.html"
printf 'report of %s: %d ms, %d bytes\n' "$kind" \
	$((($(date +%s%N) - start) / 1000000)) "$(stat -c %s "$tmp/report.html")"
is "its mode" "$(stat -c %a "$tmp/report.html")" 600
if [ "$what" != large ]; then
	# The same evidence, the same page; and never over another one.
	expect 3 "$BIN/icelab" report "$evidence" -i "$tmp/key" -o -
	cmp "$tmp/out" "$tmp/report.html" || fail "the page is not the same"
	expect 1 "$BIN/icelab" report "$evidence" -i "$tmp/key" \
		-o "$tmp/report.html"
	expect 3 "$BIN/icelab" report "$evidence" -i "$tmp/key" --no-memory \
		-o "$tmp/listed.html"
	grep -q '{"read":false,"map":{"cellBytes":4096,"ramBytes":4194304' \
		"$tmp/listed.html" || fail "no map of the manifests"
	expect 2 "$BIN/icelab" report "$evidence" -i "$tmp/key"
else
	expect 3 "$here/../scenario/max_rss.py" "$tmp/rss" "$BIN/icelab" report \
		"$evidence" -i "$tmp/key" -o "$tmp/again.html"
	peak=$(<"$tmp/rss")
	printf 'resident: %s KiB\n' "$peak"
	[ "$peak" -lt $((256 << 10)) ] || fail "more than 256 MiB"
fi
timeout 120 node "$here/$what.mjs" "$tmp/report.html" "$pictures" ||
	fail "the page"
checks=$((checks + 1))
done_testing
