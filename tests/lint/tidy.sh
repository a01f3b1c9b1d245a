#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tidy.sh BUILD: clang-tidy over the agent, by the compile database of BUILD.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:?usage: tidy.sh BUILD}

found=$(find agent -name '*.c' -print0 |
	xargs -0 -P "$(nproc)" -n 4 clang-tidy-14 -p "$build" --quiet \
		-extra-arg=-Wno-unknown-warning-option 2>/dev/null |
	grep -E 'warning:|error:' -A 4 || :)
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
