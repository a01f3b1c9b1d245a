#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A thousand agents are triggered at once and send to one Ceph: their starts are
# spread by jitter, and nothing is lost.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"
agents=${FLEET:-1000} jitter_ms=${FLEET_JITTER_MS:-20000}

start_server radosgw ceph
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
mkdir "$tmp/fleet"
ulimit -n 20000
"$BIN/fleet" "$agents" "$jitter_ms" "$tmp/fleet" \
	"s3://$LOCKED/${AGENT_PREFIX%/}" "$S3_URL" "$tmp/agent" \
	>"$tmp/captures" || fail "the fleet"
is "captures" "$(wc -l <"$tmp/captures")" "$agents"
with ceph "$server/s3.py" versions "$LOCKED" "${AGENT_PREFIX%/}/fleet-" \
	>"$tmp/objects"
python3 - "$tmp/captures" "$tmp/objects" "$jitter_ms" <<-'EOT' || fail "the store"
	import collections, re, sys
	objects = collections.defaultdict(dict)
	for line in open(sys.argv[2]):
	    key, _version, size = line.split()
	    case, _host, capture, name = key.split("/")[-4:]
	    assert name not in objects[case, capture], key
	    objects[case, capture][name] = int(size)
	begun, took, sealed = [], [], 0
	for line in open(sys.argv[1]):
	    case, capture, outcome, segments, size, asked, began, done = line.split()
	    assert outcome == "captured", line
	    there = objects.pop((case, capture))
	    held = [n for n in there if n.startswith("segment-")]
	    assert len(held) == int(segments) > 0, line
	    assert sum(there[n] for n in held) == int(size), line
	    assert "manifest-000000.pb" in there and len(there) - len(held) >= 2
	    begun.append(int(began) - int(asked))
	    took.append(int(done) - int(began))
	    sealed += int(size)
	assert not objects, list(objects)[:3]
	begun.sort(), took.sort()
	n, jitter = len(begun), int(sys.argv[3])
	tenths = collections.Counter(min(9, b * 10 // jitter) for b in begun)
	print("# %d agents: begun after %d, %d, %d ms (first, median, last); "
	      "in tenths of the jitter: %s" % (n, begun[0], begun[n // 2],
	      begun[-1], " ".join(str(tenths[i]) for i in range(10))))
	print("# a capture took %d, %d, %d ms (least, median, most); %d bytes "
	      "sealed, none lost" % (took[0], took[n // 2], took[-1], sealed))
	# Even: no tenth has three times its share.
	assert max(tenths.values()) < 3 * n / 10 or n < 100
EOT
done_testing
