#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# disk.sh PROGRAMS ROUNDS: whole disks: icecore triage of a Debian as debootstrap makes it and of a large one (tests/disk/tree.sh and
# large.sh), next to "dpkg --root --verify" and to find with sha256sum of the
# same files.  All with a warm cache, in turn, medians of ROUNDS.  Fails when a
# clean tree has a finding above info, or when triage touched a file.
set -euo pipefail
export LC_ALL=C
disk_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../disk" && pwd)
programs=$(cd "${1:?usage: disk.sh PROGRAMS ROUNDS}" && pwd)
rounds=${2:-3}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-disk-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

die() {
	printf 'disk.sh: %s\n' "$*" >&2
	exit 1
}

# timed NAME COMMAND...: "NAME SECONDS KIB" into runs.
timed() {
	local name=$1

	shift
	/usr/bin/time -f "$name %e %M" -o "$tmp/runs" -a "$@" \
		>"$tmp/stdout" 2>"$tmp/err" || true
}

# What a triage might touch, of every hundredth file.
stamps() {
	find "$1" -printf '%p %i %m %U %G %s %A@ %T@ %C@\n' | awk 'NR % 100 == 1'
}

triage() {
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	stamps "$2" >"$tmp/before"
	timed "$1-triage" "$programs/icecore" triage --root "$2" --case bench \
		--to "$tmp/out" --name one --allow-writable -r "$recipient"
	evidence=$(echo "$tmp"/out/bench/*/one)
	[ -d "$evidence" ] || { cat "$tmp/err" >&2; die "triage of $2 failed"; }
	stamps "$2" >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after" || die "triage changed $2"
}

findings() {
	"$programs/icelab" show "$evidence" -i "$tmp/key" --kind finding \
		--format jsonl 2>/dev/null | python3 -c '
import json, sys
print(sum(json.loads(line)["finding"]["severity"] != "SEVERITY_INFO"
          for line in sys.stdin))'
}

# Into the page cache, which triage takes its files out of again.
warm() {
	find "$1" -xdev -type f -print0 | xargs -0 -n 500 -P 2 cat >/dev/null
}

measure() {
	local name=$1 tree=$2

	for ((i = 0; i < rounds; i++)); do
		warm "$tree"
		triage "$name" "$tree"
		warm "$tree"
		timed "$name-dpkg" dpkg --root "$tree" --verify
		warm "$tree"
		timed "$name-find" sh -c "find '$tree' -xdev -type f -print0 |
			xargs -0 -n 500 -P 2 sha256sum"
	done
	printf '%s %s %s %s\n' "$name" "$(find "$tree" -xdev -type f | wc -l)" \
		"$(du -sxm "$tree" | cut -f1)" "$(findings)" >>"$tmp/trees"
}

recipient=$("$programs/icelab" keygen -o "$tmp/key" 2>/dev/null)
measure small "$("$disk_dir/tree.sh")"
measure large "$("$disk_dir/large.sh")"
python3 - "$tmp/runs" "$tmp/trees" <<'PYTHON'
import statistics
import sys

runs = {}
for line in open(sys.argv[1]):
    name, seconds, kib = line.rsplit(None, 2)
    runs.setdefault(name, []).append((float(seconds), int(kib)))


def median(name, i=0):
    return statistics.median(run[i] for run in runs[name])


print("%-6s %8s %7s %9s %9s %15s %16s %9s" % ("tree", "files", "MiB",
      "findings", "triage s", "dpkg --verify s", "find+sha256sum s", "peak KiB"))
bad = 0
for line in open(sys.argv[2]):
    name, files, mib, findings = line.split()
    bad += int(findings)
    print("%-6s %8s %7s %9s %9.1f %15.1f %16.1f %9d" % (
        name, files, mib, findings, median(name + "-triage"),
        median(name + "-dpkg"), median(name + "-find"),
        median(name + "-triage", 1)))
sys.exit(bad != 0)
PYTHON
