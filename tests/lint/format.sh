#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# format.sh [--fix]: clang-format-14 is the judge; shellcheck of the scripts;
# each file, those of Python too, has its SPDX tag, and is not too long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t sources < <(git ls-files 'agent/*.[ch]' 'bpf/*.[ch]' 'kmod/*.[ch]' \
	'tests/*.[ch]')
mapfile -t scripts < <(git ls-files '*.sh' dev .ci/run)
mapfile -t python < <(git ls-files '*.py')
bad=0

if [ "${1:-}" = --fix ]; then
	exec clang-format-14 -i "${sources[@]}"
fi
clang-format-14 --dry-run -Werror "${sources[@]}" || bad=1
shellcheck -x -P SCRIPTDIR "${scripts[@]}" || bad=1
for f in "${sources[@]}" "${scripts[@]}" "${python[@]}"; do
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier:' ||
		{ echo "$f: no SPDX tag"; bad=1; }
	[ "$(wc -l <"$f")" -le 450 ] || { echo "$f: over 450 lines"; bad=1; }
done
exit "$bad"
