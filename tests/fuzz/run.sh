#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh TARGET MAKE_SEEDS NAME SEEDS [libFuzzer option ...]
#
# Run a fuzz target over its seeds: those in SEEDS, if there are any, and those
# that MAKE_SEEDS makes for NAME.  With options, fuzz from there.
set -euo pipefail

target=$1 make_seeds=$2 name=$3 seeds=$4
shift 4
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-fuzz.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/corpus"
"$make_seeds" "$name" "$tmp/corpus"
[ ! -d "$seeds" ] || cp "$seeds"/* "$tmp/corpus/"
cd "$tmp"
if [ $# -gt 0 ]; then
	"$target" "$@" corpus
else
	"$target" corpus/*
fi
