#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# lab.sh PROGRAMS ROUNDS FILL: what an analyst waits for, on a capture of a
# guest of 4 GiB whose memory holds copies of the file FILL, of 200 MiB, and
# random bytes: icelab extract, export, inspect and report on one processor and
# on two, next to "age -d | zstd -d" of the same segments on one.  Medians of
# ROUNDS, all programs in turn; everything lies in memory.
# EVIDENCE and KEY name a capture that is there already.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"
programs=${1:?usage: lab.sh PROGRAMS ROUNDS FILL}
rounds=${2:-3} fill=${3:-}
tmp=$(mktemp -d /dev/shm/icecore-lab.XXXXXX)
trap 'rm -rf "$tmp"' EXIT

make_evidence() {
	local recipient

	recipient=$("$programs/icelab" keygen -o "$tmp/key" 2>/dev/null)
	cat >"$tmp/script" <<-'SCRIPT'
		hostname guest
		mkdir /fill
		mount -t tmpfs -o size=3500m none /fill
		for i in $(seq 1 14); do
			cat /dev/vda >"/fill/$i" || break
		done
		head -c 314572800 /dev/urandom >/fill/random
		icecore capture --case bench --to /out --name all \
			-r "$RECIPIENT" --cloud none --quiet || exit
	SCRIPT
	"$guest_dir/boot.sh" --kernel 6.12 --memory 4096 --timeout 900 \
		--out "$tmp/out" --out-size 3600 --disk-ro "$fill" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--add "$programs/icecore:/bin/icecore" \
		--script "$tmp/script" >"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		die "the guest failed"
	}
	evidence=$tmp/out/bench/guest/all key=$tmp/key
}

if [ -n "${EVIDENCE:-}" ]; then
	evidence=$EVIDENCE key=$KEY
else
	make_evidence
fi

# timed NAME CPUS COMMAND...: "NAME SECONDS KIB" into runs
timed() {
	local name=$1 cpus=$2

	shift 2
	/usr/bin/time -f "$name %e %M" -o "$tmp/runs" -a \
		taskset -c "$cpus" "$@" >/dev/null 2>"$tmp/err" ||
		[ $? -eq 3 ] || {
		cat "$tmp/err" >&2
		die "$name failed"
	}
}

cat >"$tmp/peer" <<'PEER'
#!/bin/bash
for segment in "$1"/segment-*.age; do
	age -d -i "$2" "$segment" | zstd -qdc
done
PEER
chmod +x "$tmp/peer"
plain=$("$tmp/peer" "$evidence" "$key" | wc -c)

for ((i = 0; i < rounds; i++)); do
	timed peer 0 "$tmp/peer" "$evidence" "$key"
	for cpus in 0 0,1; do
		name=${cpus//,/}
		timed "extract-$name" "$cpus" "$programs/icelab" extract \
			"$evidence" -i "$key" -o "$tmp/x" --memory elf
		rm -rf "$tmp/x"
		timed "inspect-$name" "$cpus" "$programs/icelab" inspect \
			"$evidence" -i "$key" --scratch "$tmp"
		timed "jsonl-$name" "$cpus" "$programs/icelab" export \
			"$evidence" -i "$key" --format jsonl -o "$tmp/jsonl"
		rm "$tmp/jsonl"
		timed "isf-$name" "$cpus" "$programs/icelab" export \
			"$evidence" -i "$key" --format isf -o "$tmp/isf"
		rm -r "$tmp/isf"
		timed "report-$name" "$cpus" "$programs/icelab" report \
			"$evidence" -i "$key" -o "$tmp/report"
		rm "$tmp/report"
	done
done

python3 - "$tmp/runs" "$plain" <<'PYTHON'
import statistics
import sys

runs, plain = {}, int(sys.argv[2]) / 2**20
for line in open(sys.argv[1]):
    name, seconds, kib = line.split()
    runs.setdefault(name, []).append((float(seconds), int(kib)))


def median(name, i=0):
    return statistics.median(run[i] for run in runs[name])


peer = plain / median("peer")
print("%.0f MiB of records; age -d | zstd -d: %.0f MiB/s on one processor"
      % (plain, peer))
print("%-10s %12s %8s %12s %8s %10s" % ("icelab", "MiB/s on one", "of peer",
      "MiB/s on two", "times", "peak KiB"))
for name in ("extract", "inspect", "jsonl", "report"):
    one, two = (plain / median("%s-%s" % (name, n)) for n in ("0", "01"))
    peak = max(median("%s-%s" % (name, n), 1) for n in ("0", "01"))
    print("%-10s %12.0f %7.0f%% %12.0f %8.2f %10.0f" % (
        name, one, 100 * one / peer, two, two / one, peak))
print("%-10s %12.2f s on one, %.2f s on two, %.0f KiB" % (
    "isf", median("isf-0"), median("isf-01"), median("isf-01", 1)))
PYTHON
