#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# floors.sh BUILD: a file of agent/ includes only from the floors that its own
# may use, and of the others' private headers none; icelab holds no source and
# no sink, icecore nothing that opens what it sealed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:?usage: floors.sh BUILD}
bad=0

# A floor, or one header of it.
declare -A may=(
	[base]="base"
	[evidence]="base evidence proto"
	[memory]="base memory bpf kmod"
	[live]="base live bpf kmod"
	[kernel]="base kernel bpf proto live/iterate.h live/timed.h"
	[disk]="base disk evidence/text.h"
	[trace]="base disk kernel/session.h trace"
	[volume]="base volume disk/root.h disk/slice.h"
	[binary]="base binary disk live/hand.h"
	[recorder]="base bpf live/iterate.h live/timed.h binary/taken.h recorder"
	[coredump]="base bpf live coredump"
	[trigger]="base bpf/recorder.h cloud/metadata.h cloud/time.h evidence/order.h recorder/recorder.h trigger"
	[watch]="base evidence/order.h recorder/recorder.h trigger stream/push.h watch"
	[net]="base net bpf live/iterate.h live/timed.h"
	[cloud]="base cloud"
	[sink]="base cloud sink"
	[lab]="base evidence cloud lab proto"
	[symbols]="base evidence lab symbols proto"
	[export]="base evidence inspect lab symbols export proto"
	[report]="base evidence inspect lab report proto"
	[inspect]="base evidence inspect kernel lab proto symbols"
	[stream]="base evidence cloud sink stream proto"
	[collect]="base bpf/recorder.h binary coredump disk recorder trace/trace.h kernel memory live net proto collect volume/volume.h evidence/finding.h evidence/record.h evidence/rules.h stream/writer.h"
	[capture]="base binary coredump disk recorder evidence memory live cloud sink stream collect capture proto"
	[cmd]="base volume/volume.h watch binary coredump disk recorder trigger evidence memory live cloud sink stream collect capture cmd proto"
)

complain() {
	printf '%s\n' "$*"
	bad=1
}

floor_of() {
	case $1 in
	icecore/v1/*) echo proto ;;
	uapi/*) echo kmod ;;
	*/*) echo "${1%%/*}" ;;
	*) echo bpf ;; # memory.h, memory.skel.h
	esac
}

count=0
while IFS=: read -r file include; do
	own=${file#agent/}
	own=${own%%/*}
	to=$(floor_of "$include")
	count=$((count + 1))
	case " ${may[$own]:-} " in
	*" $to "* | *" $include "*) ;;
	*) complain "$file includes $include" ;;
	esac
	case $include in
	*_internal.h) [ "$own" = "$to" ] || complain "$file includes $include" ;;
	esac
done < <(grep -roE '^#include "[^"]+"' agent --include='*.[ch]' |
	sed -E 's/#include "([^"]+)"/\1/')
[ "$count" -gt 100 ] || complain "only $count includes seen"

# holds PROGRAM SYMBOL: the program has that function of ours.
holds() {
	nm "$build/agent/$1" | grep " [tT] $2\$" >/dev/null
}
holds icelab age_opener_new || complain "icelab opens nothing"
holds icecore source_open || complain "icecore reads nothing"
for symbol in source_open sink_open stream_open capture_run peek_open \
	peek_bpf_open peek_kcore_open; do
	! holds icelab "$symbol" || complain "icelab holds $symbol"
done
for symbol in age_opener_new segment_read age_unwrap; do
	! holds icecore "$symbol" || complain "icecore holds $symbol"
done

# Who opens a capture has entered the sandbox (lab/sandbox.h).
opens=0
while read -r file; do
	opens=$((opens + 1))
	grep -q 'lab_confine(' "$file" ||
		complain "$file opens evidence outside the sandbox"
done < <(grep -rlE '\b(records|reader)_open\(' agent --include='*.c' |
	grep -vE 'agent/lab/(reader|records)[a-z_]*\.c|agent/(memory|collect)/')
[ "$opens" -ge 7 ] || complain "only $opens commands open evidence"
exit "$bad"
