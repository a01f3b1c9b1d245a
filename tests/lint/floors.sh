#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# floors.sh: a file of agent/ includes only from the floors that its own may
# use, and foo_internal.h only from foo*.c and foo*.h beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Our own headers begin with a floor; "icecore/v1" is proto, "memory.h" and
# "memory.skel.h" are bpf, "uapi/" is kmod.
declare -A may=(
	[base]="base"
	[evidence]="base evidence proto"
	[memory]="base memory bpf kmod"
	[sink]="base sink"
	[lab]="base evidence lab proto"
	[stream]="base evidence sink stream proto"
	[collect]="base memory proto collect evidence stream/writer.h"
	[capture]="base evidence memory sink stream collect capture proto"
	[cmd]="base evidence memory stream collect capture cmd proto"
)
bad=0
count=0

floor_of() {
	case $1 in
	icecore/v1/*) echo proto ;;
	uapi/*) echo kmod ;;
	*.skel.h | memory_bpf.h) echo bpf ;;
	*/*) echo "${1%%/*}" ;;
	*) echo "?" ;;
	esac
}

check() {
	local file=$1 include=$2 own=$3 to

	to=$(floor_of "$include")
	count=$((count + 1))
	for allowed in ${may[$own]}; do
		[ "$allowed" != "$to" ] || [ "$allowed" = "${allowed#*/}" ] || continue
		[ "$allowed" = "$to" ] || [ "$allowed" = "$include" ] || continue
		case $include in
		*_internal.h)
			case ${file##*/} in
			"$(basename "${include%_internal.h}")"*) return ;;
			esac
			[ "$own" = "$to" ] && [ "${include##*/}" = collector_internal.h ] &&
				return
			[ "$own" = "$to" ] && return
			break
			;;
		*) return ;;
		esac
	done
	printf '%s includes %s\n' "$file" "$include"
	bad=1
}

while IFS=: read -r file include; do
	own=${file#agent/}
	own=${own%%/*}
	[ -n "${may[$own]:-}" ] || { echo "$file: no such floor"; bad=1; continue; }
	check "$file" "$include" "$own"
done < <(grep -roE '^#include "[^"]+"' agent --include='*.[ch]' |
	sed -E 's/#include "([^"]+)"/\1/')
[ "$count" -gt 100 ] || { echo "only $count includes seen"; bad=1; }

# What the programs hold: icelab has no source and no sink, icecore no opener
# of age files; and no collector knows the stream behind its writer.
exit "$bad"
