#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# headers.sh BUILD: every header of agent/ compiles alone, and twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:?usage: headers.sh BUILD}
bad=0

for h in agent/*/*.h; do
	name=${h#agent/}
	printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-Wno-unused-function -fsyntax-only -I. -Iagent -Ikmod \
			-isystem "$build/proto" -isystem "$build/bpf" -x c - ||
		{ echo "$h does not stand alone"; bad=1; }
done
exit "$bad"
