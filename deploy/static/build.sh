#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh: icecore as one static file, build/static/agent/icecore, and its path
# on stdout.  The first time takes a minute, the next ones nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

mkdir -p "$top/build"
exec 9>"$top/build/.static.lock"
flock 9
"$here/libcurl.sh" >&2
cd "$top"
{
	cmake --preset static && cmake --build --preset static
} >build/static.log 2>&1 || {
	tail -n 20 build/static.log >&2
	exit 1
}
echo "$top/build/static/agent/icecore"
